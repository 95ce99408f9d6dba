"""What is hidden, what stays, and that no composition is on both sides."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hokan.errors import TableError
from hokan.evaluation import (
    composition_groups,
    hide_after_split,
    hide_cells,
    hide_property,
    hide_random_cells,
    split_rows,
)
from hokan.table import PropertyTable

FORMULAS = ["NaCl", "Cl2Na2", "SiO2", "SiO2", "O4Si2", "MgO", "CaO", "Fe2O3", "Al2O3", "ZnS"]


def make_table(formulas=FORMULAS, holes=0.2, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(len(formulas), 3))
    values[rng.random(values.shape) < holes] = np.nan
    values[:2] = [[1.0, 2.0, 3.0], [1.5, 2.5, 3.5]]
    columns = dict(zip("abc", values.T, strict=True))
    return PropertyTable.from_frame(pd.DataFrame({"formula": formulas} | columns))


def test_hidden_cells_become_holes_and_nothing_else_changes():
    table = make_table()
    mask = np.zeros(table.values.shape, dtype=bool)
    mask[0, 1] = mask[5, 2] = True
    found = hide_cells(table, mask)
    assert np.isnan(found.table.values[found.hidden]).all()
    np.testing.assert_array_equal(found.table.values[~found.hidden], table.values[~found.hidden])
    np.testing.assert_array_equal(found.truth[found.hidden], table.values[found.hidden])
    assert np.isnan(found.truth[~found.hidden]).all()
    assert found.table.frame["b"].isna()[0]


def test_a_hole_cannot_be_hidden():
    table = make_table()
    found = hide_cells(table, np.ones(table.values.shape, dtype=bool))
    np.testing.assert_array_equal(found.hidden, table.observed)


def test_a_mask_of_another_shape_is_refused():
    with pytest.raises(TableError, match=r"shape \(10, 3\).*found \(3,\)"):
        hide_cells(make_table(), [True, False, True])


def test_hiding_a_property_leaves_the_others():
    table = make_table(holes=0.0)
    found = hide_property(table, "b", [1, 4])
    assert np.argwhere(found.hidden).tolist() == [[1, 1], [4, 1]]
    by_mask = hide_property(table, "b", np.isin(np.arange(10), [1, 4]))
    np.testing.assert_array_equal(by_mask.hidden, found.hidden)
    assert not hide_property(table, "b", []).hidden.any()


def test_an_unknown_property_is_refused_with_what_there_is():
    with pytest.raises(TableError, match="no property 'd'; there are 'a', 'b', 'c'"):
        hide_property(make_table(), "d", [0])


def test_groups_are_compositions_however_they_are_written():
    groups = composition_groups(make_table())
    assert groups[0] == groups[1]
    assert groups[2] == groups[3] == groups[4]
    assert len(set(groups.tolist())) == 7


def test_groups_without_composition_are_equal_descriptors_or_single_rows():
    frame = pd.DataFrame({"x": [1.0, 1.0, 2.0], "a": [1.0, 2.0, 3.0]})
    described = PropertyTable.from_frame(frame, descriptors=["x"])
    assert composition_groups(described).tolist() == [0, 0, 1]
    assert composition_groups(PropertyTable.from_frame(frame[["a"]])).tolist() == [0, 1, 2]


compositions = st.lists(st.sampled_from([*FORMULAS, "NiO", "TiO2"]), min_size=16, max_size=40)


@given(formulas=compositions, share=st.floats(0.05, 0.5), seed=st.integers(0, 1000))
@settings(deadline=None)
def test_random_cells_never_leak_between_equal_compositions(formulas, share, seed):
    table = make_table(formulas)
    try:
        found = hide_random_cells(table, share, seed)
    except TableError:  # no such split; refusals have tests of their own
        assume(False)
    groups = composition_groups(table)
    for column in range(3):
        hidden = set(groups[found.hidden[:, column]].tolist())
        left = set(groups[found.table.observed[:, column]].tolist())
        assert not hidden & left
    known = int(table.observed.sum())
    largest = int(np.bincount(groups).max())
    assert round(share * known) <= found.hidden.sum() < round(share * known) + largest
    assert (found.table.observed.sum(axis=0) >= 2).all()


@given(formulas=compositions, n_known=st.integers(2, 6), n_hidden=st.integers(1, 6))
@settings(deadline=None)
def test_splits_are_exact_and_never_leak(formulas, n_known, n_hidden):
    table = make_table(formulas, holes=0.1)
    try:
        known, hidden = split_rows(table, "a", n_known, n_hidden, random_state=1)
    except TableError:  # no such split; refusals have tests of their own
        assume(False)
    assert (len(known), len(hidden)) == (n_known, n_hidden)
    assert table.observed[np.concatenate([known, hidden]), 0].all()
    groups = composition_groups(table)
    assert not set(groups[known].tolist()) & set(groups[hidden].tolist())


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    formulas = [f"Fe{k}O{k + 1}" for k in range(1, 60)]
    table = make_table(formulas)
    first, again, other = (split_rows(table, "a", 10, 20, seed)[1] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert first.tolist() != other.tolist()
    once, twice, else_ = (hide_random_cells(table, 0.3, seed).hidden for seed in (3, 3, 4))
    np.testing.assert_array_equal(once, twice)
    assert (once != else_).any()


def test_a_split_table_has_its_rows_in_order_and_one_property_hidden():
    formulas = [f"Fe{k}O{k + 1}" for k in range(1, 60)]
    table = make_table(formulas, holes=0.0)
    found = hide_after_split(table, "b", 10, 20, random_state=0)
    assert found.table.n_rows == 30
    assert found.hidden.sum(axis=0).tolist() == [0, 20, 0]
    order = [formulas.index(formula) for formula in found.table.compositions]
    assert order == sorted(order)


def test_too_many_rows_are_refused_with_what_there_is():
    with pytest.raises(TableError, match=r"'a' is known in 10 rows, and a split.*needs 12"):
        split_rows(make_table(holes=0.0), "a", 6, 6, 0)
    with pytest.raises(TableError, match="at least 2 known"):
        split_rows(make_table(), "a", 1, 3, 0)


def test_too_few_compositions_are_refused():
    table = make_table(["NaCl"] * 4 + ["SiO2"] * 4, holes=0.0)
    with pytest.raises(TableError, match="too few different compositions"):
        split_rows(table, "a", 3, 5, 0)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.2])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(TableError, match="between 0 and 1"):
        hide_random_cells(make_table(), share, 0)


def test_hiding_nearly_everything_is_refused():
    with pytest.raises(TableError, match="fewer than two values"):
        hide_random_cells(make_table(holes=0.0), 0.95, 0)
