"""A forest's donors are the known values in a row's leaves, all trees together."""

from __future__ import annotations

import numpy as np
from scipy import stats

from hokan.imputation.chained.forest import Forest


def test_donors_come_from_the_leaves_as_often_as_they_are_there():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((80, 3))
    y = np.arange(80.0)
    forest = Forest().fit_draw(X, y, rng)
    wanted = rng.standard_normal((1, 3))
    expected = np.zeros(80)
    for each in forest.trees:  # by brute force
        scaled = (np.vstack([X, wanted]) - forest.centre) / forest.scale
        leaf = each.tree.apply(scaled.astype(np.float32))
        expected[leaf[:80] == leaf[80]] += 1
    drawn = forest.impute(np.repeat(wanted, 20000, axis=0), rng)
    counts = np.bincount(drawn.astype(int), minlength=80)
    assert set(np.flatnonzero(counts)) <= set(np.flatnonzero(expected))
    there = expected > 0
    share = expected[there] / expected.sum()
    assert stats.chisquare(counts[there], 20000 * share).pvalue > 0.001


def test_follows_what_is_not_linear():
    rng = np.random.default_rng(1)
    X = rng.uniform(-2, 2, (400, 2))
    y = X[:, 0] ** 2
    wanted = rng.uniform(-2, 2, (200, 2))
    drawn = np.mean([Forest().fit_draw(X, y, rng).impute(wanted, rng) for _ in range(20)], axis=0)
    assert np.corrcoef(drawn, wanted[:, 0] ** 2)[0, 1] > 0.95


def test_huge_and_tiny_numbers_are_no_trouble():
    rng = np.random.default_rng(2)
    X = np.column_stack([1e100 * rng.standard_normal(50), 1e12 + rng.standard_normal(50)])
    y = np.sign(X[:, 1] - 1e12)
    drawn = Forest().fit_draw(X, y, rng).impute(X, rng)
    assert (drawn == y).mean() > 0.7
