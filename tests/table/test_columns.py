"""How each column is read, and that it is told."""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from hokan.errors import TableError
from hokan.table import ColumnReading, PropertyTable

NUMBERS = [1.0, 2.0, np.nan, 4.0]
FORMULAS = ["Fe", "NaCl", "MgO", "Si"]


def read(columns: dict[str, object], **options: object) -> PropertyTable:
    return PropertyTable.from_frame(pd.DataFrame(columns), **options)  # type: ignore[arg-type]


def reading(table: PropertyTable, name: str) -> ColumnReading:
    return {reading.name: reading for reading in table.readings}[name]


def test_a_plain_table_is_read_by_names_and_cells() -> None:
    table = read({"formula": FORMULAS, "gap_eV": NUMBERS, "note": ["a", "b", "c", "d"]})
    assert [reading.role for reading in table.readings] == ["composition", "property", "carried"]
    assert table.compositions == tuple(FORMULAS)
    assert table.composition_column == "formula"
    assert table.property_names == ("gap_eV",)
    assert table.units == {"gap_eV": "eV"}
    assert reading(table, "gap_eV") == ColumnReading(
        "gap_eV", "property", "eV", 3, "numbers; known in 3 of 4 rows"
    )
    assert "text" in reading(table, "note").reason


@pytest.mark.parametrize("name", ["formula", "Formula", "COMPOSITION", "pretty_formula"])
def test_the_composition_is_found_by_name(name: str) -> None:
    table = read({"gap": NUMBERS, name: FORMULAS})
    assert table.composition_column == name


def test_of_two_composition_columns_formula_is_preferred_and_said() -> None:
    table = read({"composition": FORMULAS, "formula": FORMULAS, "gap": NUMBERS})
    assert table.composition_column == "formula"
    assert "preferred to 'composition'" in reading(table, "formula").reason
    assert reading(table, "composition").role == "carried"
    assert "'formula' is the one used" in reading(table, "composition").reason


def test_a_named_composition_is_used_and_must_exist() -> None:
    table = read({"material": FORMULAS, "gap": NUMBERS}, composition="material")
    assert table.composition_column == "material"
    with pytest.raises(TableError, match=r"no column 'materail'.*Did you mean 'material'"):
        read({"material": FORMULAS, "gap": NUMBERS}, composition="materail")


def test_a_numeric_column_called_composition_holds_no_formulas() -> None:
    table = read({"composition": [0.1, 0.2, 0.3, 0.4], "gap": NUMBERS})
    assert table.compositions is None
    assert reading(table, "composition").role == "property"


def test_the_formula_nan_is_a_formula() -> None:
    table = read({"formula": ["NaN", "InN"], "gap": [1.0, 2.0]})
    assert table.compositions == ("NaN", "InN")


def test_a_table_without_composition_is_fine() -> None:
    table = read({"a": NUMBERS, "b": NUMBERS})
    assert table.compositions is None
    assert table.composition_column is None
    assert table.descriptors is None


@pytest.mark.parametrize("empty", [None, "", "  ", np.nan])
def test_rows_without_composition_are_listed(empty: object) -> None:
    with pytest.raises(TableError, match=r"rows 2 and 3: .*'formula' is empty in 2 rows"):
        read({"formula": ["Fe", empty, empty, "Si"], "gap": NUMBERS})


def test_a_composition_that_is_no_text_is_refused() -> None:
    with pytest.raises(TableError, match=r"row 2: .*'formula' holds '26' of type int"):
        read({"formula": ["Fe", 26, "MgO", "Si"], "gap": NUMBERS})


def test_formulas_in_the_index_are_not_lost_silently() -> None:
    frame = pd.DataFrame({"formula": FORMULAS, "gap": NUMBERS}).set_index("formula")
    with pytest.raises(TableError, match="reset_index"):
        PropertyTable.from_frame(frame)


def test_descriptors_are_numbers_known_in_every_row() -> None:
    table = read(
        {"x": [1, 2, 3, 4], "flag": [True, False, True, True], "gap": NUMBERS},
        descriptors=["flag", "x"],
    )
    assert table.property_names == ("gap",)
    assert table.descriptors is not None
    expected = pd.DataFrame({"x": [1.0, 2, 3, 4], "flag": [1.0, 0, 1, 1]})
    pd.testing.assert_frame_equal(table.descriptors, expected)


def test_descriptors_with_holes_are_refused_with_the_way_out() -> None:
    with pytest.raises(TableError, match=r"row 3: the descriptor 'x' .*make the column a property"):
        read({"x": NUMBERS, "gap": NUMBERS}, descriptors="x")


def test_descriptors_of_text_are_refused() -> None:
    with pytest.raises(TableError, match=r"'fcc' is not a number"):
        read({"lattice": ["fcc", "bcc", "fcc", "hcp"], "gap": NUMBERS}, descriptors=["lattice"])


def test_ignored_columns_are_not_looked_at() -> None:
    table = read({"gap": NUMBERS, "bad": [np.inf, 1, 2, "x"]}, ignore=["bad"])
    assert table.property_names == ("gap",)
    assert reading(table, "bad").role == "ignored"
    assert reading(table, "bad").observed == 4


def test_only_the_properties_asked_for_are_properties() -> None:
    table = read({"a": NUMBERS, "b": NUMBERS, "b__error": [0.1] * 4}, properties=["a"])
    assert table.property_names == ("a",)
    assert reading(table, "b").role == "carried"
    assert "not among the properties asked for" in reading(table, "b").reason
    assert reading(table, "b__error").role == "carried"


@pytest.mark.parametrize(
    "option", ["composition", "descriptors", "ignore", "properties", "units", "categories"]
)
def test_options_must_name_columns_that_exist(option: str) -> None:
    value: object = {"units": {"gup": "eV"}, "composition": "gup"}.get(option, ["gup"])
    with pytest.raises(TableError, match=r"^the table: .*'gup'.* Did you mean 'gap'"):
        read({"gap": NUMBERS}, **{option: value})


def test_one_column_has_one_role() -> None:
    with pytest.raises(TableError, match="'x' was named both as a descriptor and as a column"):
        read({"x": NUMBERS, "gap": NUMBERS}, descriptors=["x"], ignore=["x"])


def test_given_units_override_those_read_from_names() -> None:
    table = read({"gap_eV": NUMBERS, "tm_K": NUMBERS}, units={"gap_eV": "hartree"})
    assert table.units == {"gap_eV": "hartree", "tm_K": "K"}
    assert reading(table, "gap_eV").unit == "hartree"


def test_measurement_errors_belong_to_their_property() -> None:
    table = read({"gap_eV__error": [0.1, np.nan, 0.3, 0.0], "gap_eV": NUMBERS, "b": NUMBERS})
    assert table.property_names == ("gap_eV", "b")
    np.testing.assert_array_equal(
        table.measurement_error, [[0.1, 0.0], [0.0, 0.0], [0.3, 0.0], [0.0, 0.0]]
    )
    told = reading(table, "gap_eV__error")
    assert told.role == "measurement error"
    assert told.unit == "eV"
    assert told.observed == 3
    assert "given for 2 of its 3 values" in told.reason
    assert "unused in 1 row" in told.reason


def test_negative_measurement_errors_are_refused() -> None:
    with pytest.raises(TableError, match=r"row 2, column 'gap__error': .* negative"):
        read({"gap": NUMBERS, "gap__error": [0.1, -0.1, 0.1, 0.1]})


def test_errors_of_an_absent_column_are_refused() -> None:
    with pytest.raises(TableError, match=r"'gap__error' .*'gap', which the table does not have"):
        read({"gap__error": NUMBERS, "other": NUMBERS})
    table = read({"gap__error": NUMBERS, "other": NUMBERS}, ignore=["gap__error"])
    assert table.property_names == ("other",)


def test_columns_of_an_ignored_column_are_ignored_with_it() -> None:
    table = read(
        {"gap": NUMBERS, "gap__error": ["x"] * 4, "gap__std": NUMBERS, "b": NUMBERS}, ignore=["gap"]
    )
    assert table.property_names == ("b",)
    assert reading(table, "gap__error").role == reading(table, "gap__std").role == "ignored"


def test_error_bars_of_an_earlier_fill_are_ignored_and_the_filled_cells_counted() -> None:
    nan = np.nan
    table = read(
        {
            "gap": [1.0, 2.0, 3.0, 4.0],
            "gap__std": [nan, nan, 0.5, nan],
            "gap__lower": [nan, nan, 2.0, nan],
            "gap__upper": [nan, nan, 4.0, nan],
        }
    )
    assert table.property_names == ("gap",)
    for suffix in ("std", "lower", "upper"):
        told = reading(table, f"gap__{suffix}")
        assert told.role == "ignored"
        assert "earlier fill" in told.reason
    assert "1 of them filled in earlier" in reading(table, "gap").reason


def test_names_kept_for_error_bars_cannot_be_read_as_something_else() -> None:
    with pytest.raises(TableError, match="'gap__std' is kept for the error bars"):
        read({"gap": NUMBERS, "gap__std": NUMBERS}, properties=["gap", "gap__std"])
    with pytest.raises(TableError, match="'gap__std' is kept for the error bars"):
        read({"gap": NUMBERS, "gap__std": [1.0] * 4}, descriptors=["gap__std"])


def test_a_suffix_without_its_column_is_only_a_name() -> None:
    assert read({"limit__lower": NUMBERS}).property_names == ("limit__lower",)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["a", "b", "c", "d", "e"] * 4, "with 5 different values in 20 cells, too few of each"),
        (["a"] * 20, "text with a single different value; carried through unused"),
        (["a"] * 16 + ["b"] * 4, "all but one are too rare for a category"),
        ([True] * 20, "true/false with a single different value"),
        ([f"name {k}" for k in range(20)], "text with 20 different values; carried"),
        (pd.date_range("2020-01-01", periods=20), "dates"),
        (["2020-01-01", "2020-01-02T10:00:00Z"] * 10, "dates"),
        ([datetime.date(2020, 1, 1)] * 20, "dates"),
        ([[1], {"a": 1}] * 10, "several kinds"),
        ([1 + 2j] * 20, "several kinds"),
        (["n/a"] * 20, "text"),
    ],
)
def test_columns_that_are_not_numbers_are_carried_and_the_reason_told(
    cells: object, told: str
) -> None:
    table = read({"x": cells, "gap": np.arange(20.0)})
    assert table.property_names == ("gap",)
    assert reading(table, "x").role == "carried"
    assert told in reading(table, "x").reason
    assert reading(table, "x").observed == 20


@pytest.mark.parametrize("name", ["id", "ID", "index", "Unnamed: 0", "mp_id", ""])
def test_row_numbers_are_no_property(name: str) -> None:
    table = read({name: [1, 2, 3, 4], "gap": NUMBERS})
    assert reading(table, name).role == "carried"
    assert table.property_names == ("gap",)


def test_a_column_called_id_with_fractions_is_a_property() -> None:
    assert read({"id": [0.5, 1.5, 2.5, 3.5]}).property_names == ("id",)


@pytest.mark.parametrize(
    "cells",
    [
        pd.array([1, 2, None, 4], dtype="Int64"),
        pd.array([1, 2, None, 4], dtype="Float64"),
        pd.array([1, 2, None, 4], dtype="float32"),
        [1, 2.0, None, Decimal(4)],
        [1, "2", "", np.float64(4)],
        ["1", "2.0", None, "4e0"],
        ["1", " 2", "  ", "+4"],
        ["1", "2", "nan", "4"],
        pd.array(["1", "2", None, "4"], dtype="string"),
        pd.array([1, 2, None, 4], dtype=pd.ArrowDtype(__import__("pyarrow").float64())),
        pd.arrays.SparseArray([1.0, 2.0, np.nan, 4.0]),
    ],
)
def test_numbers_come_in_many_types(cells: object) -> None:
    table = read({"gap": cells})
    np.testing.assert_array_equal(table.values[:, 0], NUMBERS)
    assert reading(table, "gap").observed == 3


def test_one_bad_cell_is_told_with_row_column_text_and_remedy() -> None:
    with pytest.raises(TableError) as caught:
        read({"gap": ["1", "12,5", "3", "4"]}, source="alloys.csv")
    message = str(caught.value)
    assert message.startswith("alloys.csv, row 2, column 'gap': '12,5' has a decimal comma")
    assert "write 12.5" in message
    assert "--ignore gap" in message


def test_many_bad_cells_are_counted_and_the_first_five_listed() -> None:
    cells = ["n/a", "> 30 K", "inf", "x", "1e999", "?", "??"] + [str(k) for k in range(10)]
    with pytest.raises(TableError) as caught:
        read({"gap": cells})
    message = str(caught.value)
    assert message.startswith("the table: 7 cells of numeric columns are not numbers")
    assert [f"row {k}" in message for k in range(1, 8)] == [True] * 5 + [False] * 2
    assert "and 2 more cells" in message


def test_marks_for_unknown_do_not_turn_a_numeric_column_into_text() -> None:
    with pytest.raises(TableError, match="row 1, column 'gap': 'n/a' is not a number; where"):
        read({"gap": ["n/a", "n/a", "n/a", "1"]})


@pytest.mark.parametrize(
    "cells",
    [[1.0, np.inf], [1.0, -np.inf], ["1", "inf"], [1, Decimal("1e999")], [1, "1e999"]],
)
def test_infinite_values_are_refused(cells: list[object]) -> None:
    with pytest.raises(TableError, match="row 2, column 'gap'"):
        read({"gap": cells})


def test_true_or_false_among_numbers_is_refused() -> None:
    with pytest.raises(TableError, match="'True' is true/false"):
        read({"gap": [1.0, 2.0, True]})


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([np.nan] * 4, "has no known value"),
        ([None] * 4, "has no known value"),
        (["", "", "", ""], "has no known value"),
        ([np.nan, 2.0, np.nan, np.nan], r"a single known value \(2 in row 2\)"),
        ([3.0, 3.0, np.nan, 3.0], r"the same value \(3\) in all its 3 known cells"),
    ],
)
def test_a_property_that_teaches_nothing_is_refused_unless_allowed(
    cells: list[object], message: str
) -> None:
    with pytest.raises(TableError, match=rf"column 'gap': .*{message}.*--ignore gap"):
        read({"gap": cells, "b": NUMBERS})
    table = read({"gap": cells, "b": NUMBERS}, allow_empty_properties=True)
    assert table.property_names == ("gap", "b")


def test_new_rows_may_lack_properties_altogether() -> None:
    with pytest.raises(TableError, match=r"(?s)no column is a property.*'formula': composition"):
        read({"formula": FORMULAS})
    table = read({"formula": FORMULAS}, properties=["gap"], allow_empty_properties=True)
    assert table.property_names == ()
    assert table.values.shape == table.measurement_error.shape == (4, 0)


def test_duplicate_names_are_refused_with_their_places() -> None:
    frame = pd.DataFrame([[1.0, 2.0, 3.0]], columns=["a", "b", "a"])
    with pytest.raises(TableError, match="columns 1 and 3 both have the name 'a'"):
        PropertyTable.from_frame(frame)
    with pytest.raises(TableError, match="columns 1 and 2 both have the name '1'"):
        PropertyTable.from_frame(pd.DataFrame([[1.0, 2.0]], columns=[1, "1"]))


def test_columns_of_several_levels_are_refused() -> None:
    columns = pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")])
    with pytest.raises(TableError, match="2 levels"):
        PropertyTable.from_frame(pd.DataFrame([[1.0, 2.0]], columns=columns))


def test_no_rows_and_no_frame_are_refused() -> None:
    with pytest.raises(TableError, match="no rows"):
        read({"gap": []})
    with pytest.raises(TableError, match="expected a pandas DataFrame, found list"):
        PropertyTable.from_frame([1, 2])  # type: ignore[arg-type]
