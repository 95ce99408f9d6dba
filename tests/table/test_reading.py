"""Files: what is read, and how what cannot be read is explained."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hokan.errors import MissingExtraError, TableError
from hokan.table import PropertyTable, read_table


@pytest.fixture
def read(tmp_path: Path):
    def read(content: str | bytes, name: str = "alloys.csv", **options: object) -> PropertyTable:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(path, **options)  # type: ignore[arg-type]

    return read


def test_a_csv_file_is_read_to_the_last_bit_and_texts_are_left_alone(read) -> None:
    table = read(
        "id,formula,tm_K,tm_K__error,x,note\n"
        '007,Fe2O3,0.1,1e-3,1,"a, ""b""\n c"\n'
        "008, NaN ,2.50,,2,NaN\n"
        "009,MgO,nan,,3,\n"
        "010,Si,123456789.123456789,+5,4,  \n",
        descriptors=["x"],
    )
    assert table.source.endswith("alloys.csv")
    assert table.compositions == ("Fe2O3", "NaN", "MgO", "Si")
    np.testing.assert_array_equal(table.values[:, 0], [0.1, 2.5, np.nan, 123456789.123456789])
    np.testing.assert_array_equal(table.measurement_error[:, 0], [1e-3, 0, 0, 5])
    frame = table.frame
    assert frame["id"].tolist() == ["007", "008", "009", "010"]
    assert frame["formula"].tolist() == ["Fe2O3", " NaN ", "MgO", "Si"]
    assert frame["note"].tolist() == ['a, "b"\n c', "NaN", None, "  "]
    assert [str(dtype) for dtype in frame[["tm_K", "tm_K__error", "x"]].dtypes] == ["float64"] * 3


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_endings_byte_order_mark_and_header_blanks_do_not_matter(
    read, ending: str, mark: str
) -> None:
    lines = [mark + "formula, gap_eV ", "Fe,1", "Si,2", "", ""]
    table = read(ending.join(lines))
    assert table.property_names == ("gap_eV",)
    assert table.values[:, 0].tolist() == [1.0, 2.0]


def test_a_tsv_file_is_separated_by_tabs(read) -> None:
    assert read("formula\tgap\nFe\t1\nSi\t2\n", "alloys.tsv").values[:, 0].tolist() == [1.0, 2.0]


def test_a_nameless_first_column_is_the_row_number(read) -> None:
    table = read(",gap\n0,1\n1,2\n")
    assert table.readings[0].role == "carried"
    assert table.frame.columns.tolist() == ["", "gap"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf\n \n", "the file is empty"),
        ("a,b\n", "holds a header and no rows"),
        ("a,b\n\n\n", "holds a header and no rows"),
        ("\na,b\n1,2\n", "line 1 is blank"),
        (",\n1,2\n", "line 1 is blank"),
        ("a,b,a\n1,2,3\n", "columns 1 and 3 both have the name 'a'"),
        ("a,,\n1,2,3\n", "columns 2 and 3 both have no name"),
        ("a,b\n1,2\n1,2,5,3\n", r"row 2 \(line 3\) has 4 cells .* 2 columns.*decimal point"),
        ("a,b\n1,2\n3\n", r"row 2 \(line 3\) has 1 cell .*2 columns.*comma for every empty cell"),
        ("a,b\n1,2\n\n3,4\n", "line 3 is blank"),
        ("a;b\n1,5;2\n", "semicolon.*separated by a comma"),
        ("a\tb\n1\t2\n", "tab.*name the file .tsv"),
        ("1.5,2.5\n3.5,4.5\n", "line 1 holds the number 1.5 where a column name was expected"),
        ('a,b\n1,"2\n', r"line 2 cannot be read: a quote \(\"\) is opened and never closed"),
        ('a,b\n1,"2"x\n', "line 2 cannot be read: the quotes"),
        ("formula,a\nFe,1\nµ,2\n".encode("latin-1"), r"line 3 is not UTF-8 .*0xb5"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"PAR1rest", "Parquet"),
        (b"\x1f\x8brest", "compressed"),
        (b"a,b\n1,\x002\n", "not a text file"),
        ("formula,a\nFe,1\n,2\n", "row 2: the composition column 'formula' is empty in 1 row"),
        ("a,b\n1,12;5\n2,1\n3,2\n", "row 1, column 'b': '12;5' is not a number"),
        ('a,b\n1,"12,5"\n2,1\n3,2\n', "row 1, column 'b': '12,5' has a decimal comma"),
        ("a,b\n1,n/a\n2,1\n3,2\n", "row 1, column 'b': 'n/a' is not a number; where the value"),
        ("a,b\n1,> 3000 K\n2,1\n3,2\n", "row 1, column 'b': '> 3000 K' is a limit with a unit"),
        ("a,b\n1,1e999\n2,1\n3,2\n", "row 1, column 'b': '1e999' is too large"),
        ("a,b\n1,-inf\n2,1\n3,2\n", "row 1, column 'b': '-inf' is infinite"),
        ("a,b\n1,\n2,\n3,\n", "column 'b': has no known value"),
        ("a,b\n1,5\n2,5\n3,\n", "column 'b': has the same value"),
    ],
)
def test_bad_files_are_refused_by_name_and_place(read, content: str | bytes, message: str) -> None:
    with pytest.raises(TableError, match=rf"(?s)^\S*alloys\.csv(:|,) ?.*{message}"):
        read(content)


def test_files_that_cannot_be_opened_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "folder.parquet").mkdir()
    for name, message in {
        "absent.csv": "no such file",
        "absent.parquet": "no such file",
        "folder.csv": "is a folder",
        "folder.parquet": "is a folder",
        "table.xlsx": "expected a file ending in .csv",
        "table": "expected a file ending in .csv",
    }.items():
        with pytest.raises(TableError, match=f"{name}: .*{message}"):
            read_table(tmp_path / name)


def test_options_reach_the_table(read) -> None:
    table = read(
        "m,a,b,c,d\nFe,1,2,3,n/a\nSi,2,3,4,5\n",
        composition="m",
        descriptors=["a"],
        ignore=["d"],
        properties=["b"],
        units={"b": "eV"},
    )
    roles = [reading.role for reading in table.readings]
    assert roles == ["composition", "descriptor", "property", "carried", "ignored"]
    assert table.units == {"b": "eV"}
    assert read("formula\nFe\n", allow_empty_properties=True).n_properties == 0


@pytest.fixture
def parquet(tmp_path: Path):
    def read(frame: pd.DataFrame, **options: object) -> PropertyTable:
        path = tmp_path / "alloys.parquet"
        frame.to_parquet(path)
        return read_table(path, **options)  # type: ignore[arg-type]

    return read


def test_a_parquet_file_is_read_with_its_types(parquet) -> None:
    frame = pd.DataFrame(
        {
            "formula": ["Fe", "Si", "MgO"],
            "a": pd.array([1, None, 3], dtype="Int64"),
            "b": [0.1, np.nan, 0.3],
            "when": pd.date_range("2020-01-01", periods=3),
            "kind": pd.Categorical(["x", "y", "x"]),
        }
    )
    table = parquet(frame)
    assert table.property_names == ("a", "b")
    np.testing.assert_array_equal(table.values, [[1, 0.1], [np.nan, np.nan], [3, 0.3]])
    pd.testing.assert_frame_equal(table.frame, frame)


def test_a_named_index_in_parquet_is_a_column(parquet) -> None:
    frame = pd.DataFrame({"formula": ["Fe", "Si"], "gap": [1.0, 2.0]}).set_index("formula")
    table = parquet(frame)
    assert table.compositions == ("Fe", "Si")
    assert table.frame.columns.tolist() == ["formula", "gap"]


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "alloys.parquet"
    path.write_bytes(b"PAR1 and then nothing of use PAR1")
    with pytest.raises(TableError, match=r"alloys\.parquet: is not a readable Parquet file"):
        read_table(path)


def test_duplicate_names_in_parquet_are_refused(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "alloys.parquet"
    pq.write_table(pa.table([[1.0], [2.0]], names=["a", "a"]), path)
    with pytest.raises(TableError, match="columns 1 and 2 both have the name 'a'"):
        read_table(path)


def test_without_pyarrow_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"hokan\[parquet\]"):
        read_table(tmp_path / "alloys.parquet")


def test_a_long_table_is_no_trouble(read) -> None:
    # A guard against quadratic work, not a benchmark: about 0.3 s on one core.
    row = "s{0},Fe{0}O,{0}.5,{0}e-3,,{0}.25\n"
    content = "name,formula,a,b,c,d\n" + "".join(map(row.format, range(1, 20_001)))
    content += "last,Fe,1,2,3,4\nlast,Fe,1,2,4,4\n"
    start = time.perf_counter()
    table = read(content)
    assert time.perf_counter() - start < 10
    assert table.n_rows == 20_002
