"""What is written is what was there: every bit, every text, and nothing left over."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.errors import MissingExtraError, OutputError, TableError
from hokan.table import PropertyTable, check_table_writable, read_table, write_frame

TEXT = (
    "id,formula,a,b,b__error,note\n"
    "007,Fe2O3,3.50,1e3,0.10,\n"
    '008," NaN",,+2,,"x, ""y"""\n'
    "009,MgO,0003,nan,.5,NaN\n"
)


def test_a_csv_file_comes_back_character_by_character(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(TEXT)
    table = read_table(tmp_path / "in.csv")
    write_frame(table.frame, tmp_path / "out.csv", like=table)
    assert (tmp_path / "out.csv").read_text() == TEXT.replace('" NaN"', " NaN")


def test_only_changed_cells_are_written_anew(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(TEXT)
    table = read_table(tmp_path / "in.csv")
    frame = table.frame
    frame["a"] = [3.5, 1 / 3, 4.0]
    frame["a__std"] = [np.nan, 0.5, np.nan]
    write_frame(frame, tmp_path / "out.csv", like=table)
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines == [
        "id,formula,a,b,b__error,note,a__std",
        "007,Fe2O3,3.50,1e3,0.10,,",
        f'008, NaN,{1 / 3!r},+2,,"x, ""y""",0.5',
        "009,MgO,4.0,nan,.5,NaN,",
    ]


def test_original_texts_follow_selected_rows(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(TEXT)
    part = read_table(tmp_path / "in.csv").select([2, 0])
    write_frame(part.frame, tmp_path / "out.csv", like=part)
    assert [line[:13] for line in (tmp_path / "out.csv").read_text().splitlines()[1:]] == [
        "009,MgO,0003,",
        "007,Fe2O3,3.5",
    ]
    with pytest.raises(TableError, match=r"has 1 rows, but .* has 2"):
        write_frame(part.frame.head(1), tmp_path / "other.csv", like=part)
    assert not (tmp_path / "other.csv").exists()


# Texts as they come in tables; a CSV cell cannot tell an empty text from no text.
CELL_TEXT = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=6),
    st.sampled_from(["a\rb", "\n", '"', "a,b", "a\tb", "=1+1", "\ufeff", " x ", "NaN", "007"]),
)
FLOATS = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.just(float("nan")))


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    n_rows = draw(st.integers(1, 6))
    columns: dict[str, object] = {}
    for name in ("a", "b"):
        columns[name] = draw(st.lists(FLOATS, min_size=n_rows, max_size=n_rows))
    texts = st.lists(st.none() | CELL_TEXT, min_size=n_rows, max_size=n_rows)
    columns["note"] = pd.Series(draw(texts), dtype=object)
    order = draw(st.permutations(list(columns)))
    return pd.DataFrame({name: columns[name] for name in order})


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
def test_any_table_survives_the_round_trip(
    tmp_path_factory: pytest.TempPathFactory, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("round_trip") / f"table{suffix}"

    @settings(deadline=None, max_examples=60)
    @given(frames())
    def check(frame: pd.DataFrame) -> None:
        write_frame(frame, path)
        table = read_table(path, ignore=["note"], allow_empty_properties=True)
        assert table.frame.columns.tolist() == frame.columns.tolist()
        for column, name in enumerate(table.property_names):
            np.testing.assert_array_equal(table.values[:, column], frame[name].to_numpy())
        notes = table.frame["note"]
        expected = frame["note"]
        assert notes.isna().tolist() == expected.isna().tolist()
        assert notes.dropna().tolist() == expected.dropna().tolist()
        write_frame(table.frame, path, like=table)
        again = read_table(path, ignore=["note"], allow_empty_properties=True)
        pd.testing.assert_frame_equal(again.frame, table.frame, check_exact=True)

    check()


def test_a_named_index_is_kept_and_numbering_is_not(tmp_path: Path) -> None:
    frame = pd.DataFrame({"gap": [1.0, 2.0]}, index=pd.Index(["Fe", "Si"], name="formula"))
    write_frame(frame, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "formula,gap\nFe,1.0\nSi,2.0\n"
    write_frame(frame.reset_index(drop=True).iloc[[1]], tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "gap\n2.0\n"
    with pytest.raises(OutputError, match="index is named like a column"):
        write_frame(frame.assign(formula=["a", "b"]), tmp_path / "out.csv")


def test_parquet_keeps_types_and_names_columns_by_text(tmp_path: Path) -> None:
    frame = pd.DataFrame({0: pd.array([1, None], dtype="Int64"), "k": pd.Categorical(["x", "y"])})
    frame.attrs = {"not": {1, 2}}
    write_frame(frame, tmp_path / "out.parquet")
    back = pd.read_parquet(tmp_path / "out.parquet")
    assert back.columns.tolist() == ["0", "k"]
    assert [str(dtype) for dtype in back.dtypes] == ["Int64", "category"]
    assert frame.columns.tolist() == [0, "k"]


def test_a_column_parquet_cannot_hold_is_named(tmp_path: Path) -> None:
    frame = pd.DataFrame({"gap": [1.0, 2.0], "mixed": ["x", 1]})
    with pytest.raises(OutputError, match=r"out\.parquet, column 'mixed': .*int, str.*CSV"):
        write_frame(frame, tmp_path / "out.parquet")
    assert list(tmp_path.iterdir()) == []
    write_frame(frame, tmp_path / "out.csv")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("out.xlsx", "spreadsheet"),
        ("out.txt", "ending in .csv"),
        ("out", "ending in .csv"),
        ("absent/out.csv", "no folder"),
    ],
)
def test_an_impossible_output_is_refused_before_and_at_writing(
    tmp_path: Path, name: str, message: str
) -> None:
    path = tmp_path / name
    with pytest.raises(OutputError, match=f"{path.name}: .*{message}"):
        check_table_writable(path)
    with pytest.raises(OutputError, match=f"{path.name}: .*{message}"):
        write_frame(pd.DataFrame({"a": [1.0]}), path)
    assert list(tmp_path.iterdir()) == []


def test_texts_that_are_no_unicode_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="UTF-8"):
        write_frame(pd.DataFrame({"a": ["\ud800"]}), tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []


def test_without_pyarrow_the_extra_is_named_before_long_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    check_table_writable(tmp_path / "out.csv")
    with pytest.raises(MissingExtraError, match=r"hokan\[parquet\]"):
        check_table_writable(tmp_path / "out.parquet")


def test_pyarrow_loads_only_for_parquet() -> None:
    import subprocess

    code = "import sys, hokan.table; sys.exit('pyarrow.parquet' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_table_without_texts_is_written_as_it_is(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1.0, 2.5], "b": [3, 4]})
    table = PropertyTable.from_frame(frame)
    write_frame(frame, tmp_path / "out.csv", like=table)
    assert (tmp_path / "out.csv").read_text() == "a,b\n1.0,3\n2.5,4\n"
