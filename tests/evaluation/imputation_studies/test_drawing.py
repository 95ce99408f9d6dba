"""The tables that parts of a study work on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hokan.errors import TableError
from hokan.evaluation.imputation_studies import Part
from hokan.evaluation.imputation_studies.drawing import StudiedTable, only_properties
from hokan.table import PropertyTable


def wide_table() -> PropertyTable:
    """Compositions, a descriptor, a category, a note, measurement errors and limits."""
    rng = np.random.default_rng(0)
    n = 40
    frame = pd.DataFrame(
        {
            "formula": [f"Na{k}Cl{k + 1}" for k in range(1, n + 1)],
            "size": rng.normal(size=n),
            "kind": ["a", "b"] * (n // 2),
            "note": [f"note {k}" for k in range(n)],
            "melting_point": rng.uniform(300.0, 900.0, n),
            "melting_point__error": 5.0,
            "hardness": rng.uniform(1.0, 9.0, n),
            "hardness__lower": np.nan,
            "energy": rng.normal(size=n),
            "energy__error": 0.1,
        }
    )
    frame.loc[3, "hardness"], frame.loc[3, "hardness__lower"] = np.nan, 2.0
    return PropertyTable.from_frame(frame, descriptors=["size"])


def part(n_columns: int, n_rows: int = 20, repeat: int = 0) -> Part:
    return Part(repeat, "MCAR", 0.2, n_rows, n_columns, "mean", "log")


def test_chosen_properties_keep_their_errors_limits_and_what_describes_the_rows() -> None:
    found = only_properties(wide_table(), ("hardness", "melting_point"))
    assert found.property_names == ("hardness", "melting_point")
    assert found.category_names == ()
    assert found.compositions == wide_table().compositions
    assert list(found.descriptors.columns) == ["size"]
    assert found.measurement_error[:, 1].tolist() == [5.0] * 40
    assert found.lower_limits[3, 0] == 2.0
    assert not {"energy", "energy__error", "kind"}.intersection(found.frame.columns)


@pytest.mark.parametrize(
    ("names", "told"),
    [(("hardnes",), "no property 'hardnes'"), ((), "found none"), (("energy",) * 2, "different")],
)
def test_names_that_are_not_there_or_there_twice_are_refused(names, told) -> None:
    with pytest.raises(TableError, match=told):
        only_properties(wide_table(), names)


def test_rows_that_know_nothing_are_left_out_and_scales_are_those_of_the_whole_table() -> None:
    frame = pd.DataFrame({"a": [1.0, 10.0, np.nan, 100.0], "b": [-1.0, 2.0, np.nan, 5.0]})
    studied = StudiedTable.of(PropertyTable.from_frame(frame), ("b", "a"), 1)
    assert studied.table.n_rows == 3
    assert studied.scored == ("b",)
    np.testing.assert_allclose(
        studied.spreads, [np.std([-1.0, 2.0, 5.0]), np.std(np.log([1.0, 10.0, 100.0]))]
    )
    assert [type(t).__name__ for t in studied.scale_of(part(2))] == ["Identity", "Log"]


def test_a_repeat_has_the_same_rows_for_every_setting_and_another_one_has_others() -> None:
    studied = StudiedTable.of(wide_table(), ("hardness", "energy"), 2)
    rows = {
        key: set(studied.draw(part(*key), 0, 2.0).table.frame.index)
        for key in ((2, 20, 0), (2, 30, 0), (1, 20, 0), (2, 20, 1))
    }
    assert rows[2, 20, 0] == rows[1, 20, 0]
    assert rows[2, 20, 0] < rows[2, 30, 0]
    assert rows[2, 20, 1] != rows[2, 20, 0]
