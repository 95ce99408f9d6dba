"""Values of which only a limit is known, against brute force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from problems import chain_mask, make_layout, random_features, random_parameters
from scipy.stats import multivariate_normal, norm
from truncation import Truncated, one_sided, truncate

from hokan.inference.cells import Cells
from hokan.inference.conditioning import condition
from hokan.inference.joint import JointLikelihood
from hokan.inference.joint_posterior import JointPosterior
from hokan.inference.limits import propagate, with_first_sites
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.inference.recursive_posterior import RecursivePosterior

N_ROWS, N_PROPERTIES = 4, 3


def limited_cells(
    rng: np.random.Generator, error: float = 0.0, sides: tuple[int, ...] = (-1, -1, 1)
) -> Cells:
    """Twelve cells, two of them holes, three with a limit in different properties and rows."""
    shape = (N_ROWS, N_PROPERTIES)
    values = 0.5 * rng.standard_normal(shape)
    values[0, 2] = values[3, 0] = np.nan
    side = np.zeros(shape, dtype=np.int8)
    side[[0, 0, 2], [0, 1, 2]] = sides
    limit = np.zeros(shape)
    limit[0, 1] = 0.2
    noise = np.where(side != 0, error**2, 0.0)
    values = np.where(side != 0, limit, values)
    return Cells(values, noise, random_features(rng, N_ROWS), one_sided(side, limit, noise))


def problem(
    seed: int, error: float = 0.0, *, learned: bool = False, sides: tuple[int, ...] = (-1, -1, 1)
) -> tuple[Cells, ParameterLayout, HierarchyParameters]:
    rng = np.random.default_rng(seed)
    cells = limited_cells(rng, error, sides)
    learn = np.full(N_PROPERTIES, True) if learned else None
    layout = make_layout(chain_mask(N_PROPERTIES), learn_noise=learn)
    parameters = random_parameters(rng, layout)
    if learned:
        parameters = replace(parameters, noise_variances=np.array([0.1, 0.05, 0.2]))
    return cells, layout, parameters


def prior_covariance(
    cells: Cells, layout: ParameterLayout, parameters: HierarchyParameters
) -> np.ndarray:
    """Covariance of all cells of a table, property after property, without noise."""
    zeros = np.zeros(cells.values.shape)
    complete = Cells(zeros, zeros, cells.features)
    upper, _ = JointLikelihood(complete, layout).covariance(
        replace(parameters, noise_variances=np.zeros(N_PROPERTIES))
    )
    return np.triu(upper) + np.triu(upper, 1).T


def brute_force(
    cells: Cells, layout: ParameterLayout, parameters: HierarchyParameters
) -> tuple[Truncated, float]:
    """Moments of all cells, property after property, and the log evidence."""
    covariance = prior_covariance(cells, layout, parameters)
    noise = (cells.noise_variance + parameters.noise_variances).T.ravel()
    values = cells.values.T.ravel()
    lower, upper = cells.limits.lower.T.ravel(), cells.limits.upper.T.ravel()
    limited = cells.limits.here.T.ravel()
    known = np.isfinite(values) & ~limited
    inner = covariance[np.ix_(known, known)] + np.diag(noise[known])
    gain = np.linalg.solve(inner, covariance[known]).T
    mean = gain @ values[known]
    found = truncate(
        mean,
        covariance - gain @ covariance[known],
        np.flatnonzero(limited),
        noise[limited],
        lower[limited],
        upper[limited],
    )
    evidence = multivariate_normal(np.zeros(known.sum()), inner).logpdf(values[known])
    return found, float(evidence) + found.log_probability


def log_evidence(cells: Cells, layout: ParameterLayout, parameters: HierarchyParameters) -> float:
    """Log evidence of expectation propagation; Rasmussen & Williams (2006), eq. 3.65."""
    placed = propagate(with_first_sites(cells), layout, parameters)
    value, _ = JointLikelihood(placed, layout).value_and_gradient(parameters)
    left_out = condition(placed, layout, parameters).leave_one_out()
    here = placed.limits.here
    mean, variance = left_out.mean[here], left_out.variance[here]
    lower, upper = placed.limits.lower[here], placed.limits.upper[here]
    inside = norm.cdf(upper, mean, np.sqrt(variance)) - norm.cdf(lower, mean, np.sqrt(variance))
    both = variance + placed.site_variance[here]
    norms = np.log(inside) + 0.5 * np.log(2.0 * np.pi * both)
    return float(-value + (norms + 0.5 * (mean - placed.values[here]) ** 2 / both).sum())


@pytest.mark.parametrize("learned", [False, True], ids=["", "learned noise"])
@pytest.mark.parametrize("error", [0.0, 0.5], ids=["", "given error"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_cells_have_the_moments_of_the_truncated_gaussian(seed, error, learned):
    cells, layout, parameters = problem(seed, error, learned=learned)
    exact, _ = brute_force(cells, layout, parameters)
    placed = propagate(with_first_sites(cells), layout, parameters)
    found = condition(placed, layout, parameters).training_cells()
    mean, deviation = found.mean.T.ravel(), np.sqrt(found.variance.T.ravel())
    uncertain = deviation > 0
    assert uncertain.sum() == (12 if learned else 5)
    np.testing.assert_allclose(deviation[uncertain], exact.deviation[uncertain], rtol=0.05)
    moved = np.abs(mean - exact.mean)[uncertain] / exact.deviation[uncertain]
    assert moved.max() < 0.05
    # What would be found without the limits is something else.
    free = replace(cells, values=np.where(cells.limits.here, np.nan, cells.values), limits=None)
    without = condition(free, layout, parameters).training_cells()
    assert np.abs(without.mean - found.mean).max() > 0.3


@pytest.mark.parametrize("error", [0.0, 0.5], ids=["", "given error"])
def test_intervals_and_single_limits_together(error):
    cells, layout, parameters = problem(2, error)
    upper = cells.limits.upper.copy()
    upper[2, 2], lower = 0.7, cells.limits.lower.copy()
    lower[0, 0] = -0.4
    cells = replace(cells, limits=replace(cells.limits, lower=lower, upper=upper))
    assert (np.isfinite(lower) & np.isfinite(upper)).sum() == 2
    exact, evidence = brute_force(cells, layout, parameters)
    placed = propagate(with_first_sites(cells), layout, parameters)
    found = condition(placed, layout, parameters).training_cells()
    mean, deviation = found.mean.T.ravel(), np.sqrt(found.variance.T.ravel())
    uncertain = deviation > 0
    np.testing.assert_allclose(deviation[uncertain], exact.deviation[uncertain], rtol=0.05)
    assert (np.abs(mean - exact.mean)[uncertain] / exact.deviation[uncertain]).max() < 0.05
    assert log_evidence(cells, layout, parameters) == pytest.approx(evidence, abs=0.03)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_evidence_is_that_of_the_values_and_limits(seed):
    cells, layout, parameters = problem(seed, 0.3)
    _, exact = brute_force(cells, layout, parameters)
    assert log_evidence(cells, layout, parameters) == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize("learned", [False, True], ids=["", "learned noise"])
def test_at_fixed_sites_the_gaussian_evidence_has_the_gradient_of_the_true_one(learned):
    """This is what allows parameters and sites to take turns."""
    cells, layout, parameters = problem(4, 0.3, learned=learned)
    placed = propagate(with_first_sites(cells), layout, parameters)
    _, slopes = JointLikelihood(placed, layout).value_and_gradient(parameters)
    vector, gradient = layout.pack(parameters), -layout.arrange(slopes)
    step = 1e-3
    numerical = [
        (
            log_evidence(cells, layout, layout.unpack(vector + step * direction))
            - log_evidence(cells, layout, layout.unpack(vector - step * direction))
        )
        / (2 * step)
        for direction in np.eye(len(vector))
    ]
    assert np.abs(numerical).max() > 0.3
    np.testing.assert_allclose(gradient, numerical, atol=2e-3)


def test_what_is_found_does_not_depend_on_where_it_began():
    cells, layout, parameters = problem(5)
    here = cells.limits.here
    results = []
    for mean, variance in ((0.0, 1.0), (-5.0, 0.01), (7.0, 100.0)):
        start = replace(
            cells,
            values=np.where(here, mean, cells.values),
            noise_variance=np.where(here, variance, cells.noise_variance),
        )
        results.append(propagate(start, layout, parameters))
    for other in results[1:]:
        np.testing.assert_allclose(other.values, results[0].values, rtol=1e-2)
        np.testing.assert_allclose(other.noise_variance, results[0].noise_variance, rtol=1e-2)


def test_cells_without_limits_are_left_alone():
    cells, layout, parameters = problem(6, 0.4)
    placed = propagate(with_first_sites(cells), layout, parameters)
    elsewhere = ~cells.limits.here
    np.testing.assert_array_equal(placed.values[elsewhere], cells.values[elsewhere])
    np.testing.assert_array_equal(placed.noise_variance[elsewhere], cells.noise_variance[elsewhere])
    assert placed.limits is cells.limits
    assert (placed.noise_variance > cells.limits.noise_variance)[~elsewhere].all()


def test_without_limits_there_is_nothing_to_do():
    cells, layout, parameters = problem(7)
    free = replace(cells, limits=None)
    assert with_first_sites(free) is free
    assert propagate(free, layout, parameters) is free
    # Rows drawn from a table with limits need not have any.
    some = cells.rows(np.array([1, 3]))
    assert propagate(with_first_sites(some), layout, parameters) is not None


def test_a_table_of_limits_alone():
    rng = np.random.default_rng(8)
    side, zeros = np.full((6, 1), -1, dtype=np.int8), np.zeros((6, 1))
    cells = Cells(zeros, zeros, random_features(rng, 6), one_sided(side, zeros, zeros))
    layout = make_layout(chain_mask(1))
    parameters = random_parameters(rng, layout)
    placed = propagate(with_first_sites(cells), layout, parameters)
    found = condition(placed, layout, parameters)
    assert (found.training_cells().mean < 0).all()


def test_limits_of_a_property_on_which_nothing_depends_are_nested_data():
    """The recursive and the joint posterior agree, leave-one-out predictions included."""
    rng = np.random.default_rng(11)
    shape = (8, 2)
    values = rng.standard_normal(shape)
    side = np.zeros(shape, dtype=np.int8)
    side[:4, 1] = -1
    zeros = np.zeros(shape)
    cells = Cells(
        np.where(side, 0.0, values), zeros, random_features(rng, 8), one_sided(side, zeros, zeros)
    )
    layout = make_layout(chain_mask(2))
    parameters = random_parameters(rng, layout)
    placed = propagate(with_first_sites(cells), layout, parameters)
    recursive, joint = (
        kind(placed, layout, parameters) for kind in (RecursivePosterior, JointPosterior)
    )
    assert isinstance(condition(placed, layout, parameters), RecursivePosterior)
    for name in ("training_cells", "leave_one_out"):
        one, other = getattr(recursive, name)(), getattr(joint, name)()
        np.testing.assert_allclose(one.mean, other.mean, atol=1e-6)
        np.testing.assert_allclose(one.variance, other.variance, atol=1e-6)


def test_two_hundred_limits_are_found():
    rng = np.random.default_rng(9)
    shape = (150, 2)
    layout = make_layout(chain_mask(2))
    parameters = random_parameters(rng, layout)
    values = 0.3 * rng.standard_normal(shape)
    side = np.zeros(shape, dtype=np.int8)
    side.ravel()[rng.permutation(values.size)[:200]] = -1
    zeros = np.zeros(shape)
    limits = one_sided(side, zeros, zeros)
    cells = Cells(np.where(side, 0.0, values), zeros, random_features(rng, len(values)), limits)
    once = propagate(with_first_sites(cells), layout, parameters)
    twice = propagate(once, layout, parameters)
    first, second = (condition(c, layout, parameters).training_cells() for c in (once, twice))
    np.testing.assert_allclose(second.mean, first.mean, atol=2e-3)
    assert (first.mean[limits.here] < 0).all()
