"""Columns of kinds, such as crystal systems: which they are, how they are read and filled."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.errors import TableError
from hokan.table import PropertyTable, filled_frame, read_table, write_frame

NAN = np.nan
N = 20
CUBIC = ["cubic", " hexagonal", "cubic ", None] * 5


def read(columns: dict[str, object], **options: object) -> PropertyTable:
    frame = pd.DataFrame({"gap": np.arange(float(N)), **columns})
    return PropertyTable.from_frame(frame, **options)  # type: ignore[arg-type]


def reading(table: PropertyTable, name: str) -> tuple[str, str]:
    return {r.name: (r.role, r.reason) for r in table.readings}[name]


class TestWhichColumnsAre:
    def test_text_that_repeats_few_levels(self) -> None:
        table = read({"system": CUBIC})
        assert table.property_names == ("gap",)
        assert table.category_names == ("system",)
        assert table.category_levels == {"system": ("cubic", "hexagonal")}
        np.testing.assert_array_equal(table.category_codes[:, 0], [0, 1, 0, -1] * 5)
        assert table.category_codes.dtype == np.int64
        assert reading(table, "system") == (
            "category",
            "text with 2 levels: cubic (10), hexagonal (5); known in 15 of 20 rows",
        )
        assert table.columns_with_role("carried") == ()
        assert "system: 15 known, 2 levels" in repr(table)
        with pytest.raises(ValueError, match="read-only"):
            table.category_codes[0, 0] = 1

    @pytest.mark.parametrize(
        ("cells", "levels"),
        [
            (["b", "a"] * 10, ("a", "b")),
            ([True, False] * 10, ("false", "true")),
            (["True", "FALSE", " true", "false"] * 5, ("false", "true")),
            (pd.array([True, False, None, True] * 5, dtype="boolean"), ("false", "true")),
            (pd.Categorical(["y", "x"] * 10, categories=["y", "x", "z"]), ("x", "y")),
            (pd.Categorical([10, 9] * 10), ("9", "10")),
            (["2H", "3R"] * 10, ("2H", "3R")),
            (pd.array(["a", "b"] * 10, dtype="string"), ("a", "b")),
            (["Na", "none", "x", "Nd"] * 5, ("Na", "Nd", "none", "x")),
            (["+", "-"] * 10, ("+", "-")),
        ],
    )
    def test_whatever_the_type_of_the_cells(self, cells: object, levels: tuple[str, ...]) -> None:
        table = read({"kind": cells})
        assert table.category_levels == {"kind": levels}

    @pytest.mark.parametrize(
        "name",
        ["source", "Reference", "gap_ref", "doi", "comment", "notes", "batch id", "name", "date"],
    )
    def test_references_and_notes_are_not(self, name: str) -> None:
        table = read({name: ["a", "b"] * 10})
        assert reading(table, name) == (
            "carried",
            "text, by its name a reference or a note; carried through unused",
        )

    @pytest.mark.parametrize(
        "cells",
        [
            ["a"] * N,
            ["a"] * 16 + ["b"] * 4,
            ["a", "b", "c", "d", "e"] * 4,
            [f"{k}x" for k in range(N)],
            [datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)] * 10,
            [1, 2] * 10,
            [None] * N,
        ],
    )
    def test_too_few_too_many_and_too_rare_levels_are_not(self, cells: list[object]) -> None:
        assert read({"kind": cells}, allow_empty_properties=True).category_names == ()

    def test_up_to_twelve_levels_are(self) -> None:
        for n_levels, names in ((12, ("kind",)), (13, ())):
            kinds = [f"k{row % n_levels}" for row in range(100)]
            frame = pd.DataFrame({"gap": np.arange(100.0), "kind": kinds})
            assert PropertyTable.from_frame(frame).category_names == names

    def test_the_composition_is_not(self) -> None:
        table = read({"formula": ["SiO2", "GeO2"] * 10})
        assert table.category_names == ()
        assert table.composition_column == "formula"

    def test_marks_for_unknown_are_no_levels_and_told(self) -> None:
        table = read({"kind": ["a", "b", "n/a", "Unknown", "-"] * 4}, categories=["kind"])
        np.testing.assert_array_equal(table.category_codes[:5, 0], [0, 1, -1, -1, -1])
        told = reading(read({"kind": ["a", "b", "a", "b", "n/a"] * 4}), "kind")[1]
        assert "known in 16 of 20 rows; 'n/a' taken as not known" in told

    def test_whole_numbers_that_may_be_labels_get_a_hint(self) -> None:
        role, told = reading(read({"group": [225, 194] * 10}), "group")
        assert role == "property"
        assert "only 2 different whole numbers: if they are labels" in told
        assert "labels" not in reading(read({}), "gap")[1]


class TestAsked:
    def test_they_are_those_named_and_no_others(self) -> None:
        columns = {"a": ["x", "y"] * 10, "b": ["x", "y"] * 10, "group": [225.0, 9.0, NAN, 9] * 5}
        table = read(columns, categories=["group", "a"])
        assert table.category_levels == {"a": ("x", "y"), "group": ("9", "225")}
        assert table.property_names == ("gap",)
        assert reading(table, "b")[0] == "carried"
        assert "not among the categories asked for" in reading(table, "b")[1]
        assert read(columns, categories=[]).category_names == ()
        assert read(columns, categories="a").category_names == ("a",)

    def test_among_properties_they_must_be_named(self) -> None:
        columns = {"a": ["x", "y"] * 10, "b": ["x", "y"] * 10}
        table = read(columns, properties=["gap", "a"])
        assert table.category_names == ("a",)
        assert table.property_names == ("gap",)
        assert read(columns, properties=["gap"]).category_names == ()
        both = read(columns, properties=["gap", "a"], categories=["a", "b"])
        assert both.category_names == ("a", "b")

    def test_a_property_asked_for_stays_one_if_some_cell_is_like_a_number(self) -> None:
        with pytest.raises(TableError, match="row 1, column 'kind': 'low' is not a number"):
            read({"kind": ["low", "high", "low", "5 K"] * 5}, properties=["kind"])

    def test_levels_can_be_given_for_rows_that_lack_some(self) -> None:
        levels = {"system": ["hexagonal", "cubic", "trigonal"]}
        table = read({"system": CUBIC}, categories=levels)
        assert table.category_levels == {"system": ("hexagonal", "cubic", "trigonal")}
        np.testing.assert_array_equal(table.category_codes[:4, 0], [1, 0, 1, -1])
        with pytest.raises(TableError, match=r"row 2, column 'system': .* found 'cubik'. Did you"):
            read({"system": ["cubic", "cubik"] + CUBIC[:1] * 18}, categories={"system": ["cubic"]})
        with pytest.raises(TableError, match="list of different texts"):
            read({"system": CUBIC}, categories={"system": "cubic"})

    @pytest.mark.parametrize(
        ("cells", "message"),
        [
            (["a"] * N, r"all its known cells \(20\) say 'a'"),
            ([None] * N, "no cell names a level"),
            ([f"{k}x" for k in range(N)], "its 20 known cells are all different"),
            ([[1]] * N, "neither text, numbers, dates nor true/false"),
        ],
    )
    def test_what_teaches_nothing_is_refused(self, cells: list[object], message: str) -> None:
        with pytest.raises(TableError, match=rf"column 'kind': was named as a category.*{message}"):
            read({"kind": cells}, categories=["kind"])

    def test_new_rows_may_lack_it(self) -> None:
        table = read({"kind": [None] * N}, categories=["kind"], allow_empty_properties=True)
        assert (table.category_codes == -1).all()
        table = read({}, categories=["kind"], allow_empty_properties=True)
        assert table.category_names == ()
        assert table.category_codes.shape == (N, 0)

    def test_a_column_has_one_role(self) -> None:
        with pytest.raises(TableError, match="named both as a column to ignore and as a category"):
            read({"kind": CUBIC}, categories=["kind"], ignore=["kind"])


def test_rows_keep_their_levels() -> None:
    table = read({"system": CUBIC}).select([1, 3, 1])
    np.testing.assert_array_equal(table.category_codes[:, 0], [1, -1, 1])
    assert table.category_levels == {"system": ("cubic", "hexagonal")}
    changed = table.with_values(np.zeros((3, 1)))
    np.testing.assert_array_equal(changed.category_codes, table.category_codes)


def fill(table: PropertyTable, **chances: list[float]) -> pd.DataFrame:
    arrays = (np.full(table.values.shape, value) for value in (7.0, 0.5, 6.0, 8.0))
    given = {name: np.tile(row, (table.n_rows, 1)) for name, row in chances.items()}
    return filled_frame(table, *arrays, categories=given)


class TestFilling:
    def test_holes_get_the_most_probable_level_and_the_probabilities_follow(self) -> None:
        filled = fill(read({"system": CUBIC}), system=[0.25, 0.75])
        assert filled.columns.tolist()[-3:] == [
            *("system__probability", "system__probability_cubic"),
            "system__probability_hexagonal",
        ]
        assert filled["system"].tolist()[:4] == ["cubic", " hexagonal", "cubic ", "hexagonal"]
        for name, value in (("", 0.75), ("_cubic", 0.25), ("_hexagonal", 0.75)):
            expected = [NAN, NAN, NAN, value] * 5
            np.testing.assert_array_equal(filled["system__probability" + name], expected)

    def test_a_category_without_result_stays(self) -> None:
        table = read({"system": CUBIC, "other": CUBIC})
        filled = fill(table, system=[NAN, NAN])
        assert filled["system"].tolist() == CUBIC
        assert filled["other"].tolist() == CUBIC
        assert filled["system__probability"].isna().all()
        assert "other__probability" not in filled

    @pytest.mark.parametrize(
        ("cells", "filled_with"),
        [
            (pd.array([True, False, None, False] * 5, dtype="boolean"), True),
            (["TRUE", "False", None, "False"] * 5, "TRUE"),
            (pd.Categorical([9, 10, None, 9] * 5), 10),
            (pd.array(["a", "b", None, "a"] * 5, dtype="string"), "b"),
            ([True, False, None, False] * 5, True),
        ],
    )
    def test_cells_keep_their_type(self, cells: object, filled_with: object) -> None:
        table = read({"kind": cells})
        filled = fill(table, kind=[0.1, 0.9])["kind"]
        assert filled.tolist()[2] == filled_with
        assert filled.dtype == table.frame["kind"].dtype
        known = table.frame["kind"].notna()
        assert filled[known].tolist() == table.frame["kind"][known].tolist()

    def test_numbers_named_as_levels(self) -> None:
        table = read({"group": [225.0, 9.0, NAN, 9] * 5}, categories=["group"])
        assert fill(table, group=[0.1, 0.9])["group"].tolist()[:4] == [225, 9, 225, 9]

    def test_what_does_not_fit_is_refused(self) -> None:
        table = read({"system": CUBIC})
        with pytest.raises(TableError, match=r"'sistem' is no category here\. Did you mean"):
            fill(table, sistem=[0.5, 0.5])
        with pytest.raises(TableError, match=r"probabilities of 'system' of shape \(20, 2\)"):
            fill(table, system=[0.5, 0.3, 0.2])

    @pytest.mark.parametrize("suffix", [".csv", ".parquet"])
    def test_a_filled_file_is_read_and_filled_again(self, tmp_path: Path, suffix: str) -> None:
        table = read({"system": CUBIC})
        write_frame(fill(table, system=[0.25, 0.75]), tmp_path / f"filled{suffix}")
        again = read_table(tmp_path / f"filled{suffix}")
        assert again.property_names == ("gap",)
        assert again.category_names == ("system",)
        assert (again.category_codes >= 0).all()
        assert "5 of them filled in earlier" in reading(again, "system")[1]
        assert reading(again, "system__probability_cubic") == (
            "ignored",
            "probabilities of 'system' from an earlier fill; replaced when it is filled again",
        )
        second = fill(again, system=[0.5, 0.5])
        assert second.columns.tolist() == fill(table, system=[0.5, 0.5]).columns.tolist()
        # Of a level that nobody has any more, nothing stale is left.
        rid = again.frame.assign(system=["cubic", "trigonal"] * 10)
        third = fill(PropertyTable.from_frame(rid), system=[0.5, 0.5])
        assert third["system__probability_hexagonal"].isna().all()

    def test_a_number_called_like_a_probability_is_a_property(self) -> None:
        table = read({"gap__probability": np.arange(N) / N})
        assert table.property_names == ("gap", "gap__probability")

    @settings(deadline=None, max_examples=60)
    @given(
        st.lists(st.none() | st.sampled_from(["a", " a", "b ", "c", "n/a"]), min_size=1), st.data()
    )
    def test_known_cells_never_change(self, cells: list[str | None], data: st.DataObject) -> None:
        frame = pd.DataFrame({"gap": np.arange(float(len(cells))), "kind": cells})
        options = {"categories": ["kind"], "allow_empty_properties": True}
        table = PropertyTable.from_frame(frame, **options)  # type: ignore[arg-type]
        levels = table.category_levels["kind"]
        chance = st.floats(0, 1)
        row = st.lists(chance, min_size=len(levels), max_size=len(levels))
        chances = np.array(
            data.draw(st.lists(row, min_size=len(cells), max_size=len(cells)))
        ).reshape(len(cells), len(levels))
        empty = np.full(table.values.shape, NAN)
        if not levels:
            return
        filled = filled_frame(table, *([empty] * 4), categories={"kind": chances})
        for cell, after, code, probable in zip(
            cells, filled["kind"], table.category_codes[:, 0], chances, strict=True
        ):
            if code >= 0:
                assert after == cell
                assert levels[code] == str(cell).strip()
            else:
                assert after == levels[int(np.argmax(probable))]
