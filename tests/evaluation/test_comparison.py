"""Comparing methods on the same hidden cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hokan.errors import HokanError, TableError
from hokan.evaluation import (
    METHODS,
    compare_on_hidden,
    hide_cells,
    hide_property,
    joint_model,
    score_methods,
)
from hokan.evaluation.comparison import without_unlearnable_properties
from hokan.model import CellPrediction
from hokan.table import PropertyTable

COLUMNS = ["method", "property", "n", "error", "error_log", "coverage", "width", "seconds"]


def linked_table(n=40, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    a = np.exp(x + 0.3 * rng.normal(size=n))
    b = 2.0 * np.log(a) + 0.05 * rng.normal(size=n)
    return PropertyTable.from_frame(pd.DataFrame({"x": x, "a": a, "b": b}), descriptors=["x"])


def oracle(table, targets, *, random_state, level):
    """Predict 2 everywhere, with an interval from 1 to 3."""
    full = np.full(table.values.shape, 2.0)
    return CellPrediction(full, np.ones_like(full), full - 1.0, full + 1.0, level)


def silent(table, targets, *, random_state, level):
    nothing = np.full(table.values.shape, np.nan)
    return CellPrediction(nothing, nothing, nothing, nothing, level)


def test_hokan_and_peers_in_one_tidy_table():
    heard = []
    methods = ("hokan", "extra trees on descriptors", "iterative imputer")
    found = compare_on_hidden(
        linked_table(), "b", n_known=20, n_hidden=15, methods=methods, progress=heard.append
    )
    assert found.columns.tolist() == COLUMNS
    assert found["method"].tolist() == heard == list(methods)
    assert (found["n"] == 15).all()
    assert (found["property"] == "b").all()
    assert found["error_log"].isna().all()  # b has negative values
    errors = found.set_index("method")["error"]
    assert errors["hokan"] < 0.5 * errors["extra trees on descriptors"]
    assert found["coverage"].between(0.5, 1.0).all()


def test_the_same_seed_gives_the_same_scores():
    first, again, other = (
        compare_on_hidden(
            linked_table(), "a", 20, 10, methods=["iterative imputer"], random_state=seed
        ).drop(columns="seconds")
        for seed in (0, 0, 1)
    )
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_scores_by_hand():
    values = np.array([[1.0, 5.0], [4.0, 6.0], [2.0, 7.0], [8.0, 9.0]])
    table = PropertyTable.from_frame(pd.DataFrame(values, columns=["a", "b"]))
    found = score_methods(hide_property(table, "a", [0, 1]), {"oracle": oracle, "silent": silent})
    row = found.iloc[0]
    assert row["n"] == 2
    assert row["error"] == pytest.approx(1.5)
    assert row["error_log"] == pytest.approx(np.log(2.0))
    assert row["coverage"] == 0.5
    assert row["width"] == 2.0
    assert found.iloc[1][["error", "error_log", "coverage", "width"]].isna().all()


def test_every_property_with_hidden_cells_gets_a_row():
    values = np.arange(1.0, 13.0).reshape(4, 3)
    table = PropertyTable.from_frame(pd.DataFrame(values, columns=["a", "b", "c"]))
    first = hide_property(table, "a", [0])
    both = hide_property(first.table, "c", [1, 2])
    assert score_methods(both, {"oracle": oracle})["property"].tolist() == ["c"]
    mask = np.zeros(values.shape, dtype=bool)
    mask[0, 0] = mask[1, 2] = True
    found = score_methods(hide_cells(table, mask), {"oracle": oracle})
    assert found["property"].tolist() == ["a", "c"]


def test_hokan_fills_columns_of_the_table_whatever_the_order_of_its_graph():
    table = linked_table()
    holdout = hide_property(table, "a", np.arange(10))  # now b is known better than a
    found = joint_model(holdout.table, holdout.hidden)
    error = np.abs(np.log(found.median[:10, 0]) - np.log(table.values[:10, 0])).mean()
    assert error < 0.2
    known = holdout.table.observed
    np.testing.assert_allclose(found.median[known], table.values[known])


def test_a_column_that_a_draw_leaves_empty_is_left_out():
    table = linked_table()
    frame = table.frame.assign(rare=np.nan, rare__error=0.1)
    frame.loc[[0, 1], "rare"] = [1.0, 2.0]
    whole = PropertyTable.from_frame(frame, descriptors=["x"])
    part = without_unlearnable_properties(whole.select(np.arange(1, 40)), keep="b")
    assert part.property_names == ("a", "b")
    np.testing.assert_array_equal(part.values, table.values[1:])
    np.testing.assert_array_equal(part.descriptors, table.descriptors[1:])
    found = compare_on_hidden(whole, "b", 10, 10, methods=["iterative imputer"], random_state=3)
    assert np.isfinite(found["error"]).all()


def test_an_unknown_method_or_property_is_refused_with_what_there_is():
    with pytest.raises(HokanError, match=r"no method 'magic'.*'hokan'"):
        compare_on_hidden(linked_table(), "b", 10, 10, methods=["magic"])
    with pytest.raises(TableError, match="no property 'q'"):
        compare_on_hidden(linked_table(), "q", 10, 10)
    assert "hokan" in METHODS
