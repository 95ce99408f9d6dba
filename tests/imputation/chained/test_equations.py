"""Chained equations: known cells stay, the same seed gives the same tables, moments come back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hokan.errors import HokanError
from hokan.imputation.chained import CHAINED_METHODS, ChainedEquations

METHODS = list(CHAINED_METHODS)
every_method = pytest.mark.parametrize("method", METHODS)


def with_holes(n=60, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.multivariate_normal([1, 2, 3], 0.6 + 0.4 * np.eye(3), n)
    values[rng.random(values.shape) < 0.3] = np.nan
    return values, rng.standard_normal((n, 2))


@settings(max_examples=25, deadline=None)
@given(
    method=st.sampled_from(METHODS),
    values=hnp.arrays(
        float,
        hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6),
        elements=st.sampled_from([np.nan, 0.0, 1.0, -2.5, 1e6]),
    ),
)
def test_fills_every_hole_and_changes_no_known_cell(method, values):
    values[0, np.isnan(values).all(axis=0)] = 3.0
    (chain,) = ChainedEquations(method, n_rounds=2).run(values, n_chains=1)
    known = ~np.isnan(values)
    np.testing.assert_array_equal(chain.completed[known], values[known])
    assert np.isfinite(chain.completed).all()


@every_method
def test_same_seed_same_tables_in_one_process_or_two(method):
    values, predictors = with_holes(30)
    one, two = (
        ChainedEquations(method, n_rounds=2, seed=7, n_jobs=n_jobs).run(values, predictors, 3)
        for n_jobs in (1, 2)
    )
    for first, second in zip(one, two, strict=True):
        np.testing.assert_array_equal(first.completed, second.completed)
    other = ChainedEquations(method, n_rounds=2, seed=8).run(values, predictors, 1)[0]
    assert not np.array_equal(other.completed, one[0].completed)


def test_chains_differ_and_do_not_depend_on_how_many_there_are():
    values, _ = with_holes()
    equations = ChainedEquations(n_rounds=2)
    five = equations.run(values, n_chains=5)
    later = equations.run(values, n_chains=2, first=3)
    assert len({chain.completed.tobytes() for chain in five}) == 5
    for first, second in zip(five[3:], later, strict=True):
        np.testing.assert_array_equal(first.completed, second.completed)


@every_method
def test_moments_of_a_normal_distribution_come_back(method):
    """Holes depend on a column that is known: complete rows alone would be wrong."""
    rng = np.random.default_rng(1)
    covariance = np.array([[1.0, 0.8, 0.5], [0.8, 1.0, 0.6], [0.5, 0.6, 1.0]])
    whole = rng.multivariate_normal([0, 0, 0], covariance, 400)
    values = whole.copy()
    values[whole[:, 0] > rng.standard_normal(400) + 0.3, 1] = np.nan
    values[rng.random(400) < 0.3, 2] = np.nan
    assert abs(np.nanmean(values[:, 1]) - whole[:, 1].mean()) > 0.25
    chains = ChainedEquations(method, n_rounds=4).run(values, n_chains=4)
    completed = np.array([chain.completed for chain in chains])
    error = np.abs(completed.mean(axis=(0, 1)) - whole.mean(axis=0))
    assert error.max() < 0.12
    found = np.mean([np.cov(table.T) for table in completed], axis=0)
    np.testing.assert_allclose(found, np.cov(whole.T), atol=0.15)


@every_method
def test_imputations_are_proper(method):
    """The mean over chains varies by what is not known of the regression.

    One column with half its values known, no others: the completed mean has variance
    (1 - share) s^2 / n_known over imputations by drawing parameters, and (1 - share) s^2 / n by
    drawing the holes. Imputing around fixed parameters would give the second alone.
    """
    rng = np.random.default_rng(2)
    values = rng.standard_normal((40, 1))
    values[20:] = np.nan
    chains = ChainedEquations(method, n_rounds=1).run(values, n_chains=400)
    means = np.array([chain.completed[20:].mean() for chain in chains])
    expected = np.nanvar(values, ddof=1) * (1 / 20 + 1 / 20)
    assert means.var() / expected == pytest.approx(1.0, abs=0.25)


@every_method
def test_the_trace_ends_with_the_completed_table(method):
    values, predictors = with_holes(30)
    values[:, 0] = 1.0 + np.arange(30)
    (chain,) = ChainedEquations(method, n_rounds=3).run(values, predictors, 1)
    assert chain.means.shape == chain.stds.shape == (3, 3)
    assert np.isnan(chain.means[:, 0]).all()
    for column in (1, 2):
        imputed = chain.completed[np.isnan(values[:, column]), column]
        assert chain.means[-1, column] == pytest.approx(imputed.mean())
        assert chain.stds[-1, column] == pytest.approx(imputed.std())


@every_method
def test_new_rows_follow_what_was_learned_without_a_fit(method, monkeypatch):
    rng = np.random.default_rng(3)
    x = rng.uniform(-2, 2, 150)
    values = np.column_stack([x, 3 * x + 0.1 * rng.standard_normal(150), rng.random(150)])
    values[::4, 1] = np.nan
    (chain,) = ChainedEquations(method, n_rounds=2).run(values, n_chains=1)
    monkeypatch.setattr(CHAINED_METHODS[method], "fit_draw", None)
    new = np.array([[1.5, np.nan, 0.5], [-1.5, np.nan, np.nan], [np.nan, 3.0, 0.5]])
    drawn = np.array(
        [
            chain.complete(new, np.empty((3, 0)), 3, np.random.default_rng(seed))
            for seed in range(30)
        ]
    )
    np.testing.assert_array_equal(drawn[0][~np.isnan(new)], new[~np.isnan(new)])
    np.testing.assert_allclose(np.median(drawn, axis=0)[0, 1], 4.5, atol=0.7)
    np.testing.assert_allclose(np.median(drawn, axis=0)[1, 1], -4.5, atol=0.7)
    # Nothing was missing here in training; its regression is there all the same.
    np.testing.assert_allclose(np.median(drawn, axis=0)[2, 0], 1.0, atol=0.3)


@every_method
def test_more_predictors_than_rows_stay_within_reason(method):
    rng = np.random.default_rng(4)
    values, predictors = rng.standard_normal((20, 3)), rng.standard_normal((20, 40))
    values[rng.random(values.shape) < 0.3] = np.nan
    chains = ChainedEquations(method, n_rounds=4).run(values, predictors, 4)
    assert np.abs([chain.completed for chain in chains]).max() < 15.0


@pytest.mark.parametrize("method", ["predictive mean matching", "forest"])
def test_donors_are_known_values(method):
    values, _ = with_holes()
    values = np.round(values, 1)
    (chain,) = ChainedEquations(method, n_rounds=2).run(values, n_chains=1)
    for before, after in zip(values.T, chain.completed.T, strict=True):
        assert set(after) == set(before[~np.isnan(before)])


@pytest.mark.parametrize(
    ("values", "predictors", "message"),
    [
        ([[1.0, np.nan], [2.0, np.nan]], None, "column 2 has no known value"),
        ([[1.0], [np.inf]], None, "row 2, column 1 is infinite"),
        ([1.0, 2.0], None, r"at least one row and one column; found shape \(2,\)"),
        ([[1.0], [np.nan]], [[1.0]], "in 2 rows"),
        ([[1.0], [np.nan]], [[1.0], [np.nan]], "1 cells that are not finite"),
    ],
)
def test_says_what_is_wrong_with_a_table(values, predictors, message):
    with pytest.raises(HokanError, match=message):
        ChainedEquations().run(values, predictors)


def test_says_which_methods_there_are():
    with pytest.raises(HokanError, match=r"'forest'.*found 'magic'"):
        ChainedEquations("magic").run([[1.0], [np.nan]])


def test_progress_is_told_chain_by_chain():
    told = []
    ChainedEquations(n_rounds=1).run(
        with_holes()[0], n_chains=3, progress=lambda done, of: told.append((done, of))
    )
    assert told == [(1, 3), (2, 3), (3, 3)]
