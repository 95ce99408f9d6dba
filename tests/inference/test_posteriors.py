"""Predictions of both engines against the textbook formulas, refits, and each other."""

from __future__ import annotations

import numpy as np
import pytest
from problems import chain_mask, make_layout, random_cells, random_features, random_parameters
from test_likelihoods import brute_force_covariance

from hokan.inference.cells import Cells
from hokan.inference.conditioning import condition
from hokan.inference.joint_posterior import JointPosterior
from hokan.inference.recursive_posterior import RecursivePosterior


def brute_force_missing(cells, layout, parameters):
    """Condition the full prior of all cells on the observed ones, in one dense formula."""
    observed = cells.observed.T.ravel()
    everything = Cells(np.zeros(cells.values.shape), np.zeros(cells.values.shape), cells.features)
    quiet = layout.unpack(layout.pack(parameters))
    prior, _ = brute_force_covariance(everything, layout, quiet)
    noise = np.diag(cells.noise_variance.T.ravel()[observed])
    cross = prior[np.ix_(~observed, observed)]
    gain = cross @ np.linalg.inv(prior[np.ix_(observed, observed)] + noise)
    mean = gain @ cells.values.T.ravel()[observed]
    return mean, prior[np.ix_(~observed, ~observed)] - gain @ cross.T


@pytest.mark.parametrize("repeated", [False, True])
def test_missing_cells_follow_the_conditional_gaussian(repeated):
    rng = np.random.default_rng(11)
    cells = random_cells(rng, 12, 3, noisy=True, repeated=repeated)
    layout = make_layout(chain_mask(3))
    parameters = random_parameters(rng, layout)
    mean, covariance = brute_force_missing(cells, layout, parameters)
    found = JointPosterior(cells, layout, parameters).training_cells()
    missing = ~cells.observed
    np.testing.assert_allclose(found.mean.T[missing.T], mean, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(found.variance.T[missing.T], np.diag(covariance), rtol=1e-6)


def test_joint_samples_have_the_posterior_mean_and_covariance():
    rng = np.random.default_rng(12)
    cells = random_cells(rng, 8, 3)
    layout = make_layout(chain_mask(3))
    parameters = random_parameters(rng, layout)
    mean, covariance = brute_force_missing(cells, layout, parameters)
    draws = JointPosterior(cells, layout, parameters).sample_training_cells(40_000, rng)
    missing = ~cells.observed
    flat = np.array([draw.T[missing.T] for draw in draws])
    standard_error = np.sqrt(np.diag(covariance) / len(draws))
    assert np.all(np.abs(flat.mean(axis=0) - mean) < 5 * standard_error)
    scale = np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    assert np.max(np.abs(np.cov(flat.T) - covariance) / scale) < 0.04
    assert np.all(draws[:, cells.observed] == cells.values[cells.observed])


def test_a_new_row_conditioned_on_its_known_cells_equals_adding_it_to_the_table():
    rng = np.random.default_rng(13)
    cells = random_cells(rng, 12, 3)
    layout = make_layout(chain_mask(3))
    parameters = random_parameters(rng, layout)
    features = random_features(rng, 4)
    values = np.array(
        [[0.3, np.nan, np.nan], [np.nan, 1.0, np.nan], [np.nan] * 3, [0.1, 0.2, np.nan]]
    )
    noise = np.where(np.isfinite(values), 0.05, 0.0)
    rows = JointPosterior(cells, layout, parameters).new_rows(features).given(values, noise)
    for i in range(len(values)):
        stacked = Cells(
            np.vstack([cells.values, values[i : i + 1]]),
            np.vstack([cells.noise_variance, noise[i : i + 1]]),
            stack(cells.features, features.rows(np.array([i]))),
        )
        added = JointPosterior(stacked, layout, parameters).training_cells()
        np.testing.assert_allclose(rows.mean[i], added.mean[-1], rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(rows.variance[i], added.variance[-1], rtol=1e-6, atol=1e-9)


def stack(first, second):
    names = first.__dataclass_fields__
    return type(first)(
        **{name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in names}
    )


@pytest.mark.parametrize("engine", ["joint", "recursive"])
def test_leave_one_out_equals_predicting_each_cell_from_a_table_without_it(engine):
    rng = np.random.default_rng(14)
    pattern = "nested" if engine == "recursive" else "random"
    cells = random_cells(rng, 10, 3, pattern=pattern, noisy=engine == "joint")
    layout = make_layout(chain_mask(3))
    parameters = random_parameters(rng, layout)
    posterior = condition(cells, layout, parameters)
    assert isinstance(posterior, RecursivePosterior if engine == "recursive" else JointPosterior)
    found = posterior.leave_one_out()
    assert np.array_equal(np.isfinite(found.mean), cells.observed)
    for i, j in zip(*np.nonzero(cells.observed), strict=True):
        values, noise = cells.values.copy(), cells.noise_variance.copy()
        values[i, j], noise[i, j] = np.nan, 0.0
        without = JointPosterior(Cells(values, noise, cells.features), layout, parameters)
        expected = without.training_cells()
        assert found.mean[i, j] == pytest.approx(expected.mean[i, j], rel=1e-6, abs=1e-8)
        assert found.variance[i, j] == pytest.approx(
            expected.variance[i, j] + cells.noise_variance[i, j], rel=1e-6
        )


def test_recursive_predictions_equal_joint_ones_on_nested_data():
    rng = np.random.default_rng(15)
    cells = random_cells(rng, 14, 3, pattern="nested")
    layout = make_layout(chain_mask(3))
    parameters = random_parameters(rng, layout)
    joint, recursive = (
        engine(cells, layout, parameters) for engine in (JointPosterior, RecursivePosterior)
    )
    for mine, theirs in [
        (recursive.training_cells(), joint.training_cells()),
        (recursive.leave_one_out(), joint.leave_one_out()),
    ]:
        np.testing.assert_allclose(mine.mean, theirs.mean, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(mine.variance, theirs.variance, rtol=1e-5, atol=1e-8)
    features = random_features(rng, 5)
    mine, theirs = recursive.new_rows(features), joint.new_rows(features)
    np.testing.assert_allclose(mine.mean, theirs.mean, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(mine.covariance, theirs.covariance, rtol=1e-5, atol=1e-7)
    many = 20_000
    draws = recursive.sample_training_cells(many, rng)
    expected = joint.training_cells()
    standard_error = np.sqrt(expected.variance / many)
    assert np.all(np.abs(draws.mean(axis=0) - expected.mean) <= 5 * standard_error + 1e-12)
    np.testing.assert_allclose(draws.var(axis=0), expected.variance, rtol=0.06, atol=1e-12)
