"""The usual ways fill what they are asked for, on the right scale, from what they may see."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hokan.evaluation import hide_property, peers
from hokan.graph import Identity
from hokan.table import PropertyTable

PEERS = [
    peers.extra_trees_on_descriptors,
    peers.extra_trees_on_descriptors_and_properties,
    peers.iterative_imputer,
    peers.iterative_imputer_with_extra_trees,
]


@pytest.fixture(autouse=True)
def _few_trees(monkeypatch):
    monkeypatch.setattr(peers, "N_TREES", 20)
    monkeypatch.setattr(peers, "N_TREES_IN_IMPUTER", 10)


def oxide_table(n=60, seed=0):
    """Properties that follow the composition; the second follows the first closely."""
    rng = np.random.default_rng(seed)
    metals = np.array(["Li", "Na", "K", "Mg", "Ca", "Sr", "Ti", "Zr", "Al", "Ga", "Fe", "Zn"])
    formulas, sizes = [], []
    for k in range(n):
        first, second = rng.choice(len(metals), 2, replace=False)
        formulas.append(f"{metals[first]}{1 + k % 3}{metals[second]}O{2 + k // 12}")
        sizes.append(first + 0.5 * second + 0.3 * (k % 3))
    first_property = np.exp(0.3 * np.array(sizes) + 0.2 * rng.standard_normal(n))
    second_property = np.log(first_property) - 1.5 + 0.05 * rng.standard_normal(n)
    frame = pd.DataFrame({"formula": formulas, "a": first_property, "b": second_property})
    return PropertyTable.from_frame(frame)


@pytest.fixture
def holdout():
    return hide_property(oxide_table(), "b", np.arange(0, 60, 2))


@pytest.mark.parametrize("peer", PEERS)
def test_predicts_the_targets_and_nothing_else(peer, holdout):
    found = peer(holdout.table, holdout.hidden, random_state=1, level=0.9)
    assert np.isfinite(found.median[holdout.hidden]).all()
    assert np.isnan(found.median[~holdout.hidden]).all()


@pytest.mark.parametrize("peer", PEERS)
def test_does_better_than_the_mean(peer, holdout):
    truth = holdout.truth[holdout.hidden]
    predicted = peer(holdout.table, holdout.hidden).median[holdout.hidden]
    by_mean = np.abs(truth - np.nanmean(holdout.table.values[:, 1])).mean()
    assert np.abs(truth - predicted).mean() < 0.8 * by_mean


@pytest.mark.parametrize("peer", PEERS)
def test_the_same_seed_gives_the_same_answer(peer, holdout):
    first, again = (peer(holdout.table, holdout.hidden, random_state=4).median for _ in range(2))
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("peer", PEERS)
def test_positive_properties_stay_positive(peer):
    holdout = hide_property(oxide_table(), "a", np.arange(20))
    assert (peer(holdout.table, holdout.hidden).median[holdout.hidden] > 0).all()


@pytest.mark.parametrize("peer", [PEERS[1], PEERS[2], PEERS[3]])
def test_a_close_relative_helps(peer, holdout):
    truth = holdout.truth[holdout.hidden]
    alone = peers.extra_trees_on_descriptors(holdout.table, holdout.hidden).median[holdout.hidden]
    with_relative = peer(holdout.table, holdout.hidden).median[holdout.hidden]
    assert np.abs(truth - with_relative).mean() < 0.8 * np.abs(truth - alone).mean()


@pytest.mark.parametrize("peer", PEERS)
def test_hidden_values_cannot_matter(peer):
    table = oxide_table()
    rows = np.arange(0, 60, 2)
    holdout = hide_property(table, "b", rows)
    changed = table.values.copy()
    changed[rows, 1] += 100.0
    other = hide_property(table.with_values(changed), "b", rows)
    np.testing.assert_array_equal(
        peer(holdout.table, holdout.hidden).median, peer(other.table, other.hidden).median
    )


@pytest.mark.parametrize("peer", PEERS[:3])
def test_intervals_cover_about_as_often_as_they_say(peer):
    inside = []
    for seed in range(4):
        holdout = hide_property(oxide_table(seed=seed), "b", np.arange(0, 60, 2))
        found = peer(holdout.table, holdout.hidden, level=0.9)
        here = holdout.hidden
        assert (found.lower[here] < found.upper[here]).all()
        truth = holdout.truth[here]
        inside.append((found.lower[here] <= truth) & (truth <= found.upper[here]))
    assert 0.75 <= np.mean(inside) <= 1.0


def test_trees_without_a_level_and_imputed_trees_have_no_interval(holdout):
    for found in (
        peers.extra_trees_on_descriptors(holdout.table, holdout.hidden),
        peers.iterative_imputer_with_extra_trees(holdout.table, holdout.hidden, level=0.9),
    ):
        assert np.isnan(found.lower).all()
        assert np.isnan(found.upper).all()


def test_leaving_out_complete_columns_changes_no_imputed_value(holdout):
    short = holdout.table.select(np.arange(30))
    targets = holdout.hidden[:30]
    lazy, thorough = (
        peers.iterative_imputer(short, targets, skip_complete=skip, fractions=False).median
        for skip in (True, False)
    )
    np.testing.assert_allclose(lazy, thorough, rtol=1e-9)


def test_a_given_scale_is_used():
    holdout = hide_property(oxide_table(), "a", np.arange(20))
    usual, raw = (
        peers.extra_trees_on_descriptors(holdout.table, holdout.hidden, transforms=transforms)
        for transforms in (None, [Identity(), Identity()])
    )
    # Trees average: logarithms give geometric means, which lie below arithmetic ones.
    assert usual.median[holdout.hidden].mean() < 0.97 * raw.median[holdout.hidden].mean()


def test_without_descriptors_trees_on_descriptors_predict_nothing():
    frame = pd.DataFrame({"a": np.arange(1.0, 21.0), "b": np.arange(20.0) ** 2})
    table = PropertyTable.from_frame(frame)
    holdout = hide_property(table, "b", [3, 4])
    alone = peers.extra_trees_on_descriptors(holdout.table, holdout.hidden)
    assert np.isnan(alone.median).all()
    both = peers.extra_trees_on_descriptors_and_properties(holdout.table, holdout.hidden)
    assert np.isfinite(both.median[holdout.hidden]).all()
