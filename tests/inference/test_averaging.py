"""An average over parameter draws is the equal mixture of their posteriors."""

from __future__ import annotations

import numpy as np
import pytest
from problems import chain_mask, make_layout, random_cells, random_features, random_parameters

from hokan.gp.kernels import ConstantKernel, LaplacianKernel
from hokan.inference.averaged_posterior import AveragedPosterior
from hokan.inference.conditioning import condition
from hokan.inference.parameters import ParameterLayout


@pytest.fixture
def case():
    rng = np.random.default_rng(21)
    cells = random_cells(rng, 12, 3)
    layout = make_layout(chain_mask(3))
    draws = tuple(random_parameters(rng, layout) for _ in range(4))
    average = AveragedPosterior(cells, layout, draws[0], draws)
    return average, [condition(cells, layout, draw) for draw in draws], rng


def test_means_and_variances_are_those_of_the_mixture(case):
    average, members, _ = case
    for name in ("training_cells", "leave_one_out"):
        found = getattr(average, name)()
        parts = [getattr(member, name)() for member in members]
        means = np.array([part.mean for part in parts])
        second = np.mean([part.variance + part.mean**2 for part in parts], axis=0)
        np.testing.assert_allclose(found.mean, means.mean(axis=0), atol=1e-12)
        np.testing.assert_allclose(found.variance, second - means.mean(axis=0) ** 2, atol=1e-9)


def test_new_rows_add_the_covariance_between_draws(case):
    average, members, rng = case
    features = random_features(rng, 5)
    found = average.new_rows(features)
    parts = [member.new_rows(features) for member in members]
    means = np.array([part.mean for part in parts])
    for i in range(5):
        between = np.cov(means[:, i].T, bias=True)
        within = np.mean([part.covariance[i] for part in parts], axis=0)
        np.testing.assert_allclose(found.covariance[i], within + between, atol=1e-10)


def test_an_observed_cell_stays_exactly_what_it_is(case):
    average, _, _ = case
    found, known = average.training_cells(), average.cells.observed
    np.testing.assert_array_equal(found.mean[known], average.cells.values[known])
    np.testing.assert_array_equal(found.variance[known], 0.0)


def test_samples_have_the_mean_of_the_mixture(case):
    average, _, rng = case
    draws = average.sample_training_cells(20_000, rng)
    expected = average.training_cells()
    error = np.sqrt(expected.variance / len(draws))
    assert np.all(np.abs(draws.mean(axis=0) - expected.mean) <= 5 * error + 1e-12)


def test_no_draws_are_refused(case):
    average, _, _ = case
    with pytest.raises(ValueError, match="at least one draw"):
        AveragedPosterior(average.cells, average.layout, average.parameters, ())


def test_functions_without_noise_keep_the_means_of_the_most_probable_parameters():
    rng = np.random.default_rng(22)
    cells = random_cells(rng, 12, 2)
    mask, nothing = chain_mask(2), np.zeros((2, 2))
    kernels = (LaplacianKernel(), ConstantKernel())
    layout = ParameterLayout(mask, kernels, nothing, nothing + 1.0, material_variance_prior=None)
    best, *draws = (random_parameters(rng, layout) for _ in range(4))
    average = AveragedPosterior(cells, layout, best, tuple(draws))
    centre, features = condition(cells, layout, best), random_features(rng, 5)
    found = average.new_rows(features)
    np.testing.assert_allclose(found.mean, centre.new_rows(features).mean)
    parts = [condition(cells, layout, draw).new_rows(features) for draw in draws]
    spread = np.mean([part.variance + (part.mean - found.mean) ** 2 for part in parts], axis=0)
    np.testing.assert_allclose(found.variance, spread)
    np.testing.assert_allclose(average.training_cells().mean, centre.training_cells().mean)
    np.testing.assert_allclose(average.leave_one_out().mean, centre.leave_one_out().mean)
