"""The table itself: it never changes, and its parts agree."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest

from hokan.errors import TableError
from hokan.table import PropertyTable

NAN = np.nan


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "x": [1, 2, 3],
            "b_K": [1.0, NAN, 3.0],
            "formula": [" Fe", "Fe ", "MgO"],
            "a": [NAN, 5, 6],
            "b_K__error": [0.1, 0.2, NAN],
        },
        index=["r", "r", "s"],
    )


@pytest.fixture
def table(frame: pd.DataFrame) -> PropertyTable:
    return PropertyTable.from_frame(frame, descriptors=["x"])


def test_parts_agree(table: PropertyTable, frame: pd.DataFrame) -> None:
    assert (table.n_rows, table.n_properties, len(table)) == (3, 2, 3)
    assert table.property_names == ("b_K", "a")
    np.testing.assert_array_equal(table.values, [[1, NAN], [NAN, 5], [3, 6]])
    np.testing.assert_array_equal(table.observed, [[True, False], [False, True], [True, True]])
    np.testing.assert_array_equal(table.measurement_error, [[0.1, 0], [0.2, 0], [0, 0]])
    assert table.compositions == ("Fe", "Fe", "MgO")
    pd.testing.assert_frame_equal(table.frame, frame)
    assert [reading.name for reading in table.readings] == list(frame.columns)
    assert table.source == "the table"


def test_it_cannot_be_changed(table: PropertyTable, frame: pd.DataFrame) -> None:
    with pytest.raises(FrozenInstanceError):
        table.source = "other"  # type: ignore[misc]
    for array in (table.values, table.measurement_error, table.observed):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 0
    original = frame.copy()
    handed_out = table.frame
    descriptors = table.descriptors
    assert descriptors is not None
    for changed, column in ((frame, "b_K"), (handed_out, "b_K"), (descriptors, "x")):
        changed.loc[:, column] = 0.0
    table.units["b_K"] = "°C"
    pd.testing.assert_frame_equal(table.frame, original)
    assert table.units == {"b_K": "K", "a": None}
    assert table.descriptors is not None
    assert table.descriptors["x"].tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("rows", [[2, 0], np.array([2, 0]), [-1, 0]])
def test_select_takes_rows_in_order(table: PropertyTable, rows: list[int]) -> None:
    part = table.select(rows)
    np.testing.assert_array_equal(part.values, table.values[[2, 0]])
    np.testing.assert_array_equal(part.measurement_error, table.measurement_error[[2, 0]])
    assert part.compositions == ("MgO", "Fe")
    assert part.descriptors is not None
    assert part.descriptors["x"].tolist() == [3.0, 1.0]
    assert part.descriptors.index.tolist() == [0, 1]
    assert part.frame.index.tolist() == ["s", "r"]
    assert part.readings == table.readings
    assert not part.values.flags.writeable


def test_select_takes_masks_and_nothing(table: PropertyTable) -> None:
    assert table.select([False, True, False]).n_rows == 1
    assert table.select([]).n_rows == 0
    with pytest.raises(IndexError):
        table.select([3])
    with pytest.raises(IndexError):
        table.select([True])


def test_with_values_hides_cells_in_arrays_and_frame(table: PropertyTable) -> None:
    values = np.array(table.values)
    values[0, 0] = NAN
    hidden = table.with_values(values)
    np.testing.assert_array_equal(hidden.values, values)
    np.testing.assert_array_equal(hidden.frame["b_K"], values[:, 0])
    pd.testing.assert_frame_equal(hidden.frame.drop(columns="b_K"), table.frame.drop(columns="b_K"))
    values[:] = 0  # the table has its own copy
    assert hidden.values[2, 0] == 3.0
    assert table.values[0, 0] == 1.0


def test_with_values_refuses_wrong_shapes_and_infinities(table: PropertyTable) -> None:
    with pytest.raises(TableError, match=r"shape \(3, 2\), found \(2, 2\)"):
        table.with_values(np.zeros((2, 2)))
    values = np.array(table.values)
    values[1, 1] = np.inf
    with pytest.raises(TableError, match="row 2, column 'a'"):
        table.with_values(values)


def test_it_shows_what_is_in_it(table: PropertyTable) -> None:
    shown = repr(table)
    assert "3 rows, 2 properties, described by composition and 1 descriptor" in shown
    assert "b_K [K]: 2 known" in shown


def test_column_labels_need_not_be_text() -> None:
    table = PropertyTable.from_frame(pd.DataFrame([[1.0, 2.0], [3.0, NAN], [5.0, 6.0]]))
    assert table.property_names == ("0", "1")
    hidden = table.with_values(np.full((3, 2), 7.0))
    assert hidden.frame.columns.tolist() == [0, 1]
    assert hidden.frame[1].tolist() == [7.0] * 3
