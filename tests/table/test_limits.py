"""Values known only as limits: read, kept beside values, and written back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.errors import TableError
from hokan.table import PropertyTable, filled_frame, nested_subset, read_table, write_frame
from hokan.table.limit_texts import parse_limit

NAN = np.nan


def read(columns: dict[str, object], **options: object) -> PropertyTable:
    return PropertyTable.from_frame(pd.DataFrame(columns), **options)  # type: ignore[arg-type]


def reason(table: PropertyTable, name: str) -> str:
    return {reading.name: reading.reason for reading in table.readings}[name]


def role(table: PropertyTable, name: str) -> str:
    return {reading.name: reading.role for reading in table.readings}[name]


def fill(table: PropertyTable, median: float = 7.0) -> pd.DataFrame:
    arrays = (np.full(table.values.shape, value) for value in (median, 0.5, 6.0, 8.0))
    return filled_frame(table, *arrays)


class TestCells:
    def test_a_limit_is_a_hole_with_a_side(self) -> None:
        table = read({"gap": ["1.5", "> 3", None, "<= 0.5", "2 to 4", "2.5"]})
        np.testing.assert_array_equal(table.values[:, 0], [1.5, NAN, NAN, NAN, NAN, 2.5])
        np.testing.assert_array_equal(table.lower_limits[:, 0], [NAN, 3, NAN, NAN, 2, NAN])
        np.testing.assert_array_equal(table.upper_limits[:, 0], [NAN, NAN, NAN, 0.5, 4, NAN])
        assert table.has_limits[:, 0].tolist() == [False, True, False, True, True, False]
        assert table.observed[:, 0].tolist() == [True, False, False, False, False, True]
        assert table.readings[0].observed == 2
        assert (
            "known in 2 of 6 rows, a limit in 3 more (1 at least, 1 at most, 1 between two"
            in reason(table, "gap")
        )
        assert "gap: 2 known, 3 limits" in repr(table)
        for array in (table.lower_limits, table.upper_limits, table.has_limits):
            with pytest.raises(ValueError, match="read-only"):
                array[0, 0] = 1

    def test_a_table_without_limits_has_none(self) -> None:
        table = read({"a": [1.0, NAN], "b": [1.0, 2.0]}, allow_empty_properties=True)
        assert table.lower_limits.shape == table.upper_limits.shape == (2, 2)
        assert np.isnan(table.lower_limits).all()
        assert not table.has_limits.any()
        assert "limit" not in "".join(reading.reason for reading in table.readings)

    def test_limits_make_a_column_numeric_and_ranges_alone_do_not(self) -> None:
        mostly = read({"gap": ["> 1", "> 2", "> 3", "4", "5"]})
        assert mostly.has_limits.sum() == 3
        labels = read({"size": ["1-2", "3-5", "1-2", "7"], "gap": [1.0, 2.0, 3.0, 4.0]})
        assert role(labels, "size") == "carried"

    def test_other_texts_are_refused_as_before(self) -> None:
        with pytest.raises(TableError, match=r"row 2, column 'gap': '> 3 eV' is a limit with a un"):
            read({"gap": ["1", "> 3 eV", "3"]})
        with pytest.raises(TableError, match=r"row 2, column 'gap': '> 1e999' is too large"):
            read({"gap": ["1", "> 1e999", "3"]})

    def test_only_a_property_can_have_limits(self) -> None:
        gap = [1.0, 2.0, 3.0]
        with pytest.raises(
            TableError, match=r"row 2, column 'x': '> 3' is a limit, where only a n"
        ):
            read({"x": ["1", "> 3", "3"], "gap": gap}, descriptors=["x"])
        with pytest.raises(TableError, match=r"row 3, column 'gap__error': '<0.1' is a limit"):
            read({"gap": gap, "gap__error": ["0.1", "", "<0.1"]})
        with pytest.raises(TableError, match=r"row 1, column 'gap__lower': '1-2' is a limit"):
            read({"gap": gap, "gap__lower": ["1-2", "", "1"]})

    def test_limits_alone_teach_nothing(self) -> None:
        columns = {"gap": ["> 1", "> 2", None], "b": [1.0, 2.0, 3.0]}
        with pytest.raises(TableError, match=r"column 'gap': has no known value, only 2 limits"):
            read(columns)
        assert read(columns, allow_empty_properties=True).has_limits.sum() == 2


class TestColumns:
    def test_they_hold_where_the_value_is_not_known(self) -> None:
        table = read(
            {
                "gap": [1.0, NAN, NAN, NAN, 3.0],
                "gap__lower": [NAN, 2.0, 1.0, NAN, 2.5],
                "gap__upper": [NAN, NAN, 4.0, NAN, 2.9],
            }
        )
        assert table.property_names == ("gap",)
        np.testing.assert_array_equal(table.lower_limits[:, 0], [NAN, 2, 1, NAN, NAN])
        np.testing.assert_array_equal(table.upper_limits[:, 0], [NAN, NAN, 4, NAN, NAN])
        assert role(table, "gap__lower") == role(table, "gap__upper") == "limit"
        assert "used in 2 rows; unused in 1 row where 'gap' has a value" in reason(
            table, "gap__lower"
        )
        assert "wrong side" not in reason(table, "gap__lower")
        assert "on the wrong side of the limit in row 5" in reason(table, "gap__upper")

    def test_they_are_joined_with_those_in_cells(self) -> None:
        table = read(
            {
                "gap": ["1", "> 2", "> 2", "3", "> 2"],
                "gap__lower": [NAN, 1.0, 3.0, NAN, NAN],
                "gap__upper": [NAN, NAN, NAN, NAN, 5.0],
            }
        )
        np.testing.assert_array_equal(table.lower_limits[:, 0], [NAN, 2, 3, NAN, 2])
        np.testing.assert_array_equal(table.upper_limits[:, 0], [NAN, NAN, NAN, NAN, 5])

    def test_beside_std_they_are_error_bars_of_an_earlier_fill(self) -> None:
        table = read({"gap": [1.0, NAN, 3.0], "gap__lower": [NAN, 2, NAN], "gap__std": [NAN, 1, 2]})
        assert role(table, "gap__lower") == "ignored"
        assert not table.has_limits.any()

    def test_they_can_be_left_out(self) -> None:
        columns = {"gap": [1.0, NAN, 3.0], "gap__lower": [NAN, 2, NAN]}
        assert not read(columns, ignore=["gap__lower"]).has_limits.any()
        with pytest.raises(TableError, match="'gap__lower' is kept for the error bars or limits"):
            read(columns, descriptors=["gap__lower"])

    @pytest.mark.parametrize(
        ("lower", "upper", "message"),
        [
            ([5.0, NAN], [4.0, NAN], r"row 2, column 'gap': the lower limit is above"),
            ([NAN, 5.0], [NAN, 4.0], r"row 3, column 'gap': the lower limit is above"),
            ([4.0, NAN], [4.0, NAN], r"row 2, column 'gap': the lower limit is the upper one too"),
            (["x", "1"], [4.0, NAN], r"row 2, column 'gap__lower': 'x' is not a number"),
            ([NAN, NAN], [np.inf, NAN], r"row 2, column 'gap__upper': 'inf' is infinite"),
            ([True, False], [4.0, NAN], r"column 'gap__lower': holds true/false"),
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self, lower: list[object], upper: list[object], message: str
    ) -> None:
        with pytest.raises(TableError, match=message):
            read(
                {
                    "gap": [1.0, NAN, 3.0, 2.0],
                    "gap__lower": [None, *lower, None],
                    "gap__upper": [None, *upper, None],
                }
            )

    def test_errors_beside_limits_are_told(self) -> None:
        table = read({"gap": ["1", "> 2", "", "3"], "gap__error": [0.1, 0.2, 0.3, NAN]})
        assert "given for 1 of its 2 values and 1 limit; unused in 1 row" in reason(
            table, "gap__error"
        )
        np.testing.assert_array_equal(table.measurement_error[:, 0], [0.1, 0.2, 0.3, 0.0])


@pytest.fixture
def table() -> PropertyTable:
    return read(
        {
            "a": ["1.50", "> 3", None, "4"],
            "b": [1.0, NAN, 3.0, NAN],
            "b__lower": [NAN, 2.0, 5.0, NAN],
        },
    )


class TestOtherTables:
    def test_a_value_takes_the_place_of_a_limit_and_a_hole_leaves_it(
        self, table: PropertyTable
    ) -> None:
        values = np.array(table.values)
        values[1] = [3.5, NAN]
        changed = table.with_values(values)
        assert not changed.has_limits[:, 0].any()
        assert changed.has_limits[:, 1].tolist() == [False, True, False, False]
        assert changed.frame["a"].tolist()[:2] == [1.5, 3.5]
        assert changed.frame["b__lower"].tolist()[1] == 2.0
        assert table.has_limits[1, 0]

    def test_hiding_a_value_does_not_invent_a_limit(self, table: PropertyTable) -> None:
        values = np.array(table.values)
        values[2, 1] = NAN
        hidden = table.with_values(values)
        assert not hidden.has_limits[2].any()
        # Nor does the frame, read again, where the limit beside the value was unused before.
        again = PropertyTable.from_frame(hidden.frame, allow_empty_properties=True)
        np.testing.assert_array_equal(again.has_limits, hidden.has_limits)

    def test_limits_can_be_set_for_a_test(self, table: PropertyTable) -> None:
        values = np.array(table.values)
        values[3, 0] = NAN
        lower = np.full(values.shape, -np.inf)
        upper = np.full(values.shape, NAN)
        lower[3, 0], upper[1, 1] = 3.75, 9.5
        censored = table.with_values(values).with_limits(lower, upper)
        assert np.argwhere(censored.has_limits).tolist() == [[1, 1], [3, 0]]
        assert censored.lower_limits[3, 0] == 3.75
        assert censored.frame["a"].tolist() == ["1.50", None, None, ">= 3.75"]
        assert censored.frame["b"].tolist() == ["1.0", "<= 9.5", "3.0", None]
        np.testing.assert_array_equal(censored.frame["b__lower"], [NAN, NAN, 5.0, NAN])
        nothing = np.full(values.shape, NAN)
        free = censored.with_limits(nothing, nothing)
        assert not free.has_limits.any()
        assert free.frame["a"].dtype == np.float64

    @pytest.mark.parametrize(
        ("row", "lower", "upper", "message"),
        [
            (0, 1.0, NAN, "row 1, column 'b': a limit is given where the value is known"),
            (1, 2.0, 1.0, "row 2, column 'b': the lower limit is above the upper one"),
            (1, np.inf, NAN, "row 2, column 'b': a limit leaves no value possible"),
        ],
    )
    def test_limits_that_make_no_sense_are_refused(
        self, table: PropertyTable, row: int, lower: float, upper: float, message: str
    ) -> None:
        arrays = np.full((2, *table.values.shape), NAN)
        arrays[:, row, 1] = lower, upper
        with pytest.raises(TableError, match=message):
            table.with_limits(*arrays)
        with pytest.raises(TableError, match=r"lower limits of shape \(4, 2\), found \(2, 4\)"):
            table.with_limits(arrays[0].reshape(2, 4), arrays[1])

    def test_a_nested_part_has_no_limits(self, table: PropertyTable) -> None:
        nested = nested_subset(table, ["a"])
        assert not nested.has_limits[:, 0].any()
        assert nested.has_limits[:, 1].any()

    @settings(deadline=None, max_examples=60)
    @given(st.data())
    def test_rows_keep_their_limits_whatever_is_selected_and_hidden(
        self, data: st.DataObject
    ) -> None:
        cell = st.one_of(
            st.floats(-1e3, 1e3).map(repr),
            st.none(),
            st.floats(-1e3, 1e3).map(lambda x: f"> {x!r}"),
            st.floats(-1e3, 1e3).map(lambda x: f"at most {x!r}"),
            st.tuples(st.floats(-9, -1), st.floats(1, 9)).map(lambda x: f"{x[0]!r} to {x[1]!r}"),
        )
        cells = data.draw(st.lists(cell, min_size=2, max_size=7))
        options = {"properties": ["a"], "allow_empty_properties": True}
        table = read({"a": cells}, **options)
        expected = np.array([_limits_of(text) for text in cells])
        limits = np.column_stack([table.lower_limits, table.upper_limits])
        np.testing.assert_array_equal(limits, expected)
        rows = data.draw(st.lists(st.integers(0, len(cells) - 1), max_size=9))
        part = table.select(rows)
        np.testing.assert_array_equal(part.lower_limits[:, 0], expected[rows, 0])
        np.testing.assert_array_equal(part.upper_limits[:, 0], expected[rows, 1])
        new = np.where(
            data.draw(st.lists(st.booleans(), min_size=len(cells), max_size=len(cells))),
            np.arange(len(cells)),
            NAN,
        )[:, None]
        changed = table.with_values(new)
        known = ~np.isnan(new[:, 0])
        np.testing.assert_array_equal(changed.values, new)
        np.testing.assert_array_equal(
            changed.lower_limits[:, 0], np.where(known, NAN, expected[:, 0])
        )
        assert not (changed.has_limits & changed.observed).any()
        # The frame says the same as the arrays.
        again = PropertyTable.from_frame(changed.frame, **options)  # type: ignore[arg-type]
        np.testing.assert_array_equal(again.values, changed.values)
        np.testing.assert_array_equal(again.lower_limits, changed.lower_limits)
        np.testing.assert_array_equal(again.upper_limits, changed.upper_limits)


def _limits_of(text: str | None) -> tuple[float, float]:
    return (NAN, NAN) if text is None else parse_limit(text) or (NAN, NAN)


class TestFiles:
    TEXT = "formula,a,b,b__lower\nFe,1.50,1.0,\nSi,> 3,,2.0\nMgO,,3.00,5\nGe,4,,\nC,3 – 5,7,\n"

    def test_an_untouched_file_comes_back_character_by_character(self, tmp_path: Path) -> None:
        (tmp_path / "in.csv").write_text(self.TEXT, encoding="utf-8")
        table = read_table(tmp_path / "in.csv")
        assert table.has_limits.sum() == 3
        assert table.frame["b__lower"].dtype == np.float64
        write_frame(table.frame, tmp_path / "out.csv", like=table)
        assert (tmp_path / "out.csv").read_text(encoding="utf-8") == self.TEXT

    def test_the_estimate_takes_the_place_of_a_limit_which_is_kept_beside(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "in.csv").write_text(self.TEXT, encoding="utf-8")
        table = read_table(tmp_path / "in.csv")
        filled = fill(table)
        assert filled.columns.tolist() == [
            *("formula", "a", "b", "b__lower", "a__std", "a__lower", "a__upper", "a__limit"),
            *("b__std", "b__upper", "b__limit"),
        ]
        assert filled["a"].tolist() == [1.5, 7.0, 7.0, 4.0, 7.0]
        assert filled["a__limit"].tolist() == [None, "> 3", None, None, "3 – 5"]
        # What stood in b__lower gives way to error bars; all of it is kept, the unused too.
        assert filled["b__limit"].tolist() == [None, ">= 2.0", ">= 5.0", None, None]
        np.testing.assert_array_equal(filled["b__lower"], [NAN, 6.0, NAN, 6.0, NAN])
        write_frame(filled, tmp_path / "filled.csv", like=table)
        lines = (tmp_path / "filled.csv").read_text(encoding="utf-8").splitlines()
        assert lines[1].startswith("Fe,1.50,1.0,")
        assert lines[2].startswith("Si,7.0,7.0,6.0,0.5,6.0,8.0,> 3,")

    def test_a_filled_file_is_read_and_filled_again_and_the_limits_stay(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "in.csv").write_text(self.TEXT, encoding="utf-8")
        table = read_table(tmp_path / "in.csv")
        write_frame(fill(table), tmp_path / "filled.csv", like=table)
        again = read_table(tmp_path / "filled.csv")
        assert again.property_names == ("a", "b")
        assert not again.has_limits.any()
        assert "as they were written before an earlier fill; kept" in reason(again, "a__limit")
        second = fill(again)
        assert second.columns.tolist() == fill(table).columns.tolist()
        assert second["a__limit"].tolist() == [None, "> 3", None, None, "3 – 5"]

    def test_a_limit_without_estimate_stays_in_its_place(self, tmp_path: Path) -> None:
        (tmp_path / "in.csv").write_text(self.TEXT, encoding="utf-8")
        table = read_table(tmp_path / "in.csv")
        write_frame(fill(table, NAN), tmp_path / "out.csv", like=table)
        again = read_table(tmp_path / "out.csv")
        np.testing.assert_array_equal(again.lower_limits[:, 0], table.lower_limits[:, 0])

    def test_limits_in_a_parquet_file(self, tmp_path: Path) -> None:
        (tmp_path / "in.csv").write_text(self.TEXT, encoding="utf-8")
        table = read_table(tmp_path / "in.csv")
        write_frame(table.frame, tmp_path / "in.parquet")
        again = read_table(tmp_path / "in.parquet")
        np.testing.assert_array_equal(again.lower_limits, table.lower_limits)
        write_frame(fill(again), tmp_path / "out.parquet")
        assert read_table(tmp_path / "out.parquet").observed.all()

    def test_known_cells_and_written_limits_survive_a_fill_character_by_character(
        self, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        folder = tmp_path_factory.mktemp("fill")
        number = st.floats(allow_nan=False, allow_infinity=False).map(repr)
        spelled = st.sampled_from(["1.50", "+2", "007", "1E3", ".5"])
        limit = st.sampled_from(["> 3", "<=0.10", "at least 1e3", "3 – 5", "≥ 7.0", "1.0 to 2"])

        @settings(deadline=None, max_examples=60)
        @given(st.lists(st.one_of(number, spelled, limit, st.just("")), min_size=1, max_size=8))
        def check(cells: list[str]) -> None:
            lines = ["x,a", *(f"{row},{cell}" for row, cell in enumerate(cells))]
            (folder / "in.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
            table = read_table(
                folder / "in.csv", properties=["a"], ignore=["x"], allow_empty_properties=True
            )
            write_frame(fill(table, 0.125), folder / "out.csv", like=table)
            out = pd.read_csv(folder / "out.csv", dtype=str, keep_default_na=False)
            for row, cell in enumerate(cells):
                limited = bool(cell) and parse_limit(cell) is not None
                assert out["a"][row] == ("0.125" if limited or not cell else cell)
                if "a__limit" in out:
                    assert out["a__limit"][row] == (cell if limited else "")
                else:
                    assert not limited

        check()
