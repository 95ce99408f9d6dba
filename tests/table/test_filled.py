"""A filled table: holes filled, observed cells unchanged, error bars beside."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hokan.errors import TableError
from hokan.table import PropertyTable, filled_frame, read_table, write_frame

NAN = np.nan


def constant(table: PropertyTable, value: float) -> np.ndarray:
    return np.full(table.values.shape, value)


def fill(table: PropertyTable, median: float = 7.0) -> pd.DataFrame:
    arrays = (constant(table, value) for value in (median, 0.5, median - 1, median + 1))
    return filled_frame(table, *arrays)


def test_the_layout() -> None:
    frame = pd.DataFrame(
        {"b": [1.0, NAN, 3.0], "formula": ["Fe", "Si", "MgO"], "a": [1, 2, 3]}, index=[5, 5, 9]
    )
    result = fill(PropertyTable.from_frame(frame))
    expected = pd.DataFrame(
        {
            "b": [1.0, 7.0, 3.0],
            "formula": ["Fe", "Si", "MgO"],
            "a": [1, 2, 3],
            "b__std": [NAN, 0.5, NAN],
            "b__lower": [NAN, 6.0, NAN],
            "b__upper": [NAN, 8.0, NAN],
            "a__std": [NAN] * 3,
            "a__lower": [NAN] * 3,
            "a__upper": [NAN] * 3,
        },
        index=[5, 5, 9],
    )
    pd.testing.assert_frame_equal(result, expected)


def test_filling_again_replaces_error_bars_where_they_stand() -> None:
    frame = pd.DataFrame({"a__std": [9.0, 9.0, 9.0], "a": [1.0, NAN, 3.0], "b": [1.0, 2.0, 3.0]})
    result = fill(PropertyTable.from_frame(frame, ignore=["b"]))
    assert result.columns.tolist() == ["a__std", "a", "b", "a__lower", "a__upper"]
    np.testing.assert_array_equal(result["a__std"], [NAN, 0.5, NAN])


def test_a_filled_table_can_be_read_and_filled_again(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("formula,a,b\nFe,1,2\nSi,,3\nMgO,3,\n")
    table = read_table(tmp_path / "in.csv")
    write_frame(fill(table), tmp_path / "filled.csv", like=table)
    again = read_table(tmp_path / "filled.csv")
    assert again.property_names == ("a", "b")
    assert fill(again).columns.tolist() == fill(table).columns.tolist()
    assert "1 of them filled in earlier" in again.readings[1].reason


def test_hidden_cells_are_holes() -> None:
    table = PropertyTable.from_frame(pd.DataFrame({"a": [1, 2, 3]}))
    values = np.array(table.values)
    values[1] = NAN
    assert fill(table.with_values(values))["a"].tolist() == [1.0, 7.0, 3.0]


def test_numbers_held_as_text_become_numbers() -> None:
    table = PropertyTable.from_frame(pd.DataFrame({"a": ["1", "2"], "b": ["1", None]}), ignore="b")
    result = fill(table)
    assert result["a"].tolist() == [1.0, 2.0]
    assert result["b"].tolist() == ["1", None]


def test_a_hole_without_prediction_stays() -> None:
    table = PropertyTable.from_frame(pd.DataFrame({"a": [1.0, NAN, 3.0]}))
    assert np.isnan(fill(table, NAN)["a"][1])


def test_arrays_must_fit_the_table() -> None:
    table = PropertyTable.from_frame(pd.DataFrame({"a": [1.0, NAN, 3.0]}))
    good = constant(table, 1.0)
    with pytest.raises(TableError, match=r"expected lower of shape \(3, 1\), found \(1, 3\)"):
        filled_frame(table, good, good, good.T, good)


def test_many_properties_make_no_fragmented_frame() -> None:
    table = PropertyTable.from_frame(pd.DataFrame(np.arange(240.0).reshape(2, 120)))
    assert fill(table).shape == (2, 480)


FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TABLES = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=5),
    elements=st.one_of(FLOATS, st.just(NAN)),
)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_observed_cells_never_change_whatever_the_holes(
    tmp_path_factory: pytest.TempPathFactory, suffix: str
) -> None:
    folder = tmp_path_factory.mktemp("fill")

    @settings(deadline=None, max_examples=60)
    @given(TABLES, st.randoms(use_true_random=False))
    def check(values: np.ndarray, random: object) -> None:
        names = [f"p{k}" for k in range(values.shape[1])]
        random.shuffle(names)  # type: ignore[attr-defined]
        frame = pd.DataFrame(values, columns=names)
        write_frame(frame, folder / f"in{suffix}")
        table = read_table(folder / f"in{suffix}", allow_empty_properties=True)
        assert table.property_names == tuple(names)
        write_frame(fill(table, 0.125), folder / f"filled{suffix}", like=table)
        again = read_table(folder / f"filled{suffix}", allow_empty_properties=True)
        assert again.property_names == tuple(names)
        # tobytes: also the sign of zero is kept.
        observed = ~np.isnan(values)
        assert again.values[observed].tobytes() == values[observed].tobytes()
        assert np.all(again.values[~observed] == 0.125)
        for column, name in enumerate(names):
            spread = pd.to_numeric(again.frame[name + "__std"]).to_numpy(dtype=float)
            np.testing.assert_array_equal(spread, np.where(observed[:, column], NAN, 0.5))

    check()


def test_the_probability_of_the_floor_stands_after_the_interval_where_it_is_told() -> None:
    frame = pd.DataFrame({"a": [1.0, NAN, 3.0], "b": [1.0, 2.0, NAN]})
    table = PropertyTable.from_frame(frame)
    zero = np.column_stack([np.full(3, 0.25), np.full(3, NAN)])
    arrays = [constant(table, value) for value in (7.0, 0.5, 6.0, 8.0)]
    result = filled_frame(table, *arrays, zero=zero)
    assert result.columns.tolist() == [
        *("a", "b", "a__std", "a__lower", "a__upper", "a__zero"),
        *("b__std", "b__lower", "b__upper"),
    ]
    np.testing.assert_array_equal(result["a__zero"], [NAN, 0.25, NAN])
    again = PropertyTable.from_frame(result)
    assert again.property_names == ("a", "b")
    told = {reading.name: reading for reading in again.readings}["a__zero"]
    assert told.role == "ignored"
    assert "probability to be exactly at the floor of 'a' from an earlier fill" in told.reason
    # What an earlier fill said of cells that are known now would be wrong in a second one.
    assert fill(again)["a__zero"].isna().all()
    with pytest.raises(TableError, match=r"expected zero of shape \(3, 2\), found \(2, 3\)"):
        filled_frame(table, *arrays, zero=zero.T)
