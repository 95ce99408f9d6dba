"""A site does to a Gaussian what its limit does: truncate it."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from truncation import ends

from hokan.inference.sites import Sites, find_sites, sites_for

AT_MOST, AT_LEAST = -1, 1
both_sides = pytest.mark.parametrize("side", [AT_MOST, AT_LEAST])


def site(mean: float, variance: float, side: int, limit: float) -> Sites:
    arrays = (np.array([number]) for number in (mean, variance))
    return sites_for(*arrays, *ends(np.array([side]), np.array([limit])))


def between(lower: np.ndarray, upper: np.ndarray):
    return lambda mean, variance: sites_for(mean, variance, lower, upper)


def moments_with_site(mean: float, variance: float, side: int, limit: float) -> tuple[float, float]:
    """Mean and variance of a Gaussian after the observation that stands for its limit."""
    found = site(mean, variance, side, limit)
    combined = found.combined(np.array([mean]), np.array([variance]))
    return float(combined[0][0]), float(combined[1][0])


def truncated(mean: float, variance: float, side: int, limit: float) -> tuple[float, float]:
    deviation = np.sqrt(variance)
    end = (limit - mean) / deviation
    ends = (-np.inf, end) if side == AT_MOST else (end, np.inf)
    found = scipy.stats.truncnorm(*ends, loc=mean, scale=deviation)
    return float(found.mean()), float(found.var())


@both_sides
@settings(deadline=None)
@given(
    mean=st.floats(-5, 5),
    variance=st.floats(0.01, 20),
    # In standard deviations; beyond 5 on the allowed side the site is too vague to matter.
    distance=st.floats(-15, 5),
)
def test_moments_are_those_of_the_truncated_gaussian(side, mean, variance, distance):
    limit = mean - side * distance * np.sqrt(variance)
    expected = truncated(mean, variance, side, limit)
    found = moments_with_site(mean, variance, side, limit)
    assert found[0] == pytest.approx(expected[0], abs=1e-3 * np.sqrt(variance))
    # A site is never vaguer than 1e4, which takes 0.1 % of a variance of 10.
    assert found[1] == pytest.approx(expected[1], rel=4e-3)


@both_sides
@settings(deadline=None)
@given(
    mean=st.floats(-100, 100),
    variance=st.floats(1e-12, 1e6),
    limit=st.floats(-100, 100),
)
def test_a_limit_moves_a_cell_to_its_allowed_side_and_lowers_the_variance(
    side, mean, variance, limit
):
    found = moments_with_site(mean, variance, side, limit)
    slack = 1e-6 * (1.0 + abs(mean) + abs(limit))
    assert side * (found[0] - limit) >= -slack
    assert side * (found[0] - mean) >= -slack
    assert 0.0 < found[1] <= variance


@both_sides
@pytest.mark.parametrize("distance", [-1e8, -1e4, -300, -50.001, -49.999, -30, 30, 300, 1e8])
def test_extreme_tails_stay_finite(side, distance):
    found = site(0.0, 1.0, side, -side * distance)
    assert np.isfinite(found.mean).all()
    assert (found.variance > 0).all()
    mean, variance = moments_with_site(0.0, 1.0, side, -side * distance)
    if distance > 0:  # far on the allowed side: the limit says nothing
        assert (mean, variance) == pytest.approx((0.0, 1.0), abs=1e-3)
    else:  # far beyond it: the cell lies at the limit, an exponential tail past it
        past = side * (mean + side * distance)
        assert past == pytest.approx(1 / -distance, rel=1e-2, abs=1e-15 * abs(distance))


@both_sides
def test_the_far_tail_has_no_jump(side):
    near, far = (moments_with_site(0.0, 1.0, side, side * end) for end in (49.9999, 50.0001))
    assert far[0] - near[0] == pytest.approx(side * 2e-4, rel=1e-3)
    assert far[1] == pytest.approx(near[1], rel=1e-4)


def test_a_cell_known_exactly_gives_a_finite_site():
    found = site(3.0, 0.0, AT_MOST, 0.0)
    assert np.isfinite(found.mean).all()
    assert (found.variance > 0).all()


def test_no_cells_have_no_sites():
    nothing = np.empty(0)
    found = sites_for(nothing, nothing, nothing, nothing)
    same = find_sites(found, lambda _: (nothing, nothing), between(nothing, nothing))
    assert same.mean.shape == (0,)


def test_one_cell_is_found_whatever_the_start():
    limits = np.array([-np.inf]), np.array([0.3])
    prior = np.array([0.8]), np.array([1.5])
    exact = sites_for(*prior, *limits)
    for start in (Sites(np.array([40.0]), np.array([1e-6])), Sites(np.zeros(1), np.array([1e4]))):
        found = find_sites(start, lambda _: prior, between(*limits))
        assert found.mean == pytest.approx(exact.mean, rel=1e-3)
        assert found.variance == pytest.approx(exact.variance, rel=1e-3)


def test_cells_that_overshoot_together_are_still_found():
    """Two all but equal cells beyond their limits: whole steps count the limit twice."""
    covariance = np.array([[1.0, 0.9999], [0.9999, 1.0]])
    expected = np.array([2.0, 2.0])
    limits = np.full(2, -np.inf), np.zeros(2)

    def from_others(sites: Sites) -> tuple[np.ndarray, np.ndarray]:
        inverse = np.linalg.inv(covariance + np.diag(sites.variance))
        variance = 1.0 / np.diag(inverse)
        surprise = inverse @ (sites.mean - expected)
        return sites.mean - surprise * variance, variance - sites.variance

    found = find_sites(Sites(np.zeros(2), np.ones(2)), from_others, between(*limits))
    mean, variance = from_others(found)
    wanted = sites_for(mean, variance, *limits)
    moments = found.combined(mean, variance), wanted.combined(mean, variance)
    np.testing.assert_allclose(moments[0], moments[1], rtol=1e-3)
    draws = np.random.default_rng(0).multivariate_normal(expected, covariance, 400_000)
    inside = draws[(draws < 0).all(axis=1)]
    assert len(inside) > 5000
    np.testing.assert_allclose(moments[0][0], inside.mean(axis=0), rtol=0.05)
