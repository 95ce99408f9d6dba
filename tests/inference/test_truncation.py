"""Gaussians between limits have the moments and quantiles of truncated Gaussians."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.inference.sites import sites_for
from hokan.inference.truncation import truncated_moments, truncated_quantile


def arrays(*numbers: float) -> tuple[np.ndarray, ...]:
    return tuple(np.array([number]) for number in numbers)


def moments(mean: float, variance: float, lower: float, upper: float) -> tuple[float, float]:
    found, left = truncated_moments(*arrays(mean, variance, lower, upper))
    return float(found[0]), float(left[0]) * variance


def by_quadrature(a: float, b: float) -> tuple[float, float]:
    """Mean and variance of a standard Gaussian between a and b, seen from the nearer end."""
    near = a if abs(a) < abs(b) or np.isinf(b) else b
    nearest = float(np.clip(0.0, a, b))

    def density(x: float) -> float:
        return float(np.exp(0.5 * (nearest - x) * (nearest + x)))

    low, high = max(a, nearest - 12), min(b, nearest + 12)
    if a > 0:
        high = min(high, nearest + 40 / nearest)
    if b < 0:
        low = max(low, nearest + 40 / nearest)
    precise = {"epsabs": 0, "epsrel": 1e-11, "limit": 200}
    mass = scipy.integrate.quad(density, low, high, **precise)[0]
    first = scipy.integrate.quad(lambda x: density(x) * (x - near), low, high, **precise)[0] / mass
    second = scipy.integrate.quad(
        lambda x: density(x) * (x - near - first) ** 2, low, high, **precise
    )[0]
    return near + first, second / mass


INTERVALS = [
    (-1.0, 2.0),
    (-0.001, 0.001),
    (3.0, 3.01),
    (5.0, 9.0),
    (-9.0, -5.0),
    (30.0, 30.5),
    (-7.0, 0.5),
    (-40.0, 40.0),
    (12.0, np.inf),
    (-np.inf, -12.0),
    (-np.inf, 1.0),
]


@pytest.mark.parametrize(("a", "b"), INTERVALS)
def test_moments_of_intervals_by_quadrature(a, b):
    mean, variance = by_quadrature(a, b)
    found = moments(0.0, 1.0, a, b)
    assert found[0] == pytest.approx(mean, rel=1e-9, abs=1e-12)
    assert found[1] == pytest.approx(variance, rel=1e-7)


@settings(deadline=None)
@given(
    mean=st.floats(-5, 5),
    deviation=st.floats(0.1, 4),
    a=st.floats(-6, 4),
    width=st.floats(0.3, 8),
)
def test_moments_are_those_of_scipy_where_it_is_accurate(mean, deviation, a, width):
    expected = scipy.stats.truncnorm(a, a + width, loc=mean, scale=deviation)
    ends = mean + a * deviation, mean + (a + width) * deviation
    found = moments(mean, deviation**2, *ends)
    assert found[0] == pytest.approx(expected.mean(), abs=1e-7 * deviation)
    assert found[1] == pytest.approx(expected.var(), rel=1e-5)


@settings(deadline=None)
@given(
    mean=st.floats(-1e3, 1e3),
    variance=st.floats(1e-6, 1e6),
    lower=st.floats(-1e3, 1e3),
    width=st.floats(0, 1e3),
)
def test_an_interval_keeps_its_cell_inside_and_takes_variance_away(mean, variance, lower, width):
    upper = lower + width
    found, left = moments(mean, variance, lower, upper)
    slack = 1e-9 * (1.0 + abs(lower) + abs(mean) + np.sqrt(variance))
    assert lower - slack <= found <= upper + slack
    assert 0.0 <= left <= variance * (1 + 1e-9)
    assert left <= (width**2 / 4) * (1 + 1e-6)
    mirrored = moments(-mean, variance, -upper, -lower)
    assert mirrored[0] == pytest.approx(-found, abs=slack)
    assert mirrored[1] == pytest.approx(left, rel=1e-6, abs=1e-300)


def test_limits_far_from_everything_say_nothing():
    for lower, upper in ((-1e8, np.inf), (-np.inf, 1e8), (-1e8, 1e8), (-np.inf, np.inf)):
        assert moments(2.0, 9.0, lower, upper) == pytest.approx((2.0, 9.0))


def test_a_narrow_interval_is_a_value():
    found = sites_for(*arrays(0.3, 1.7, 1.0, 1.2))
    assert found.mean[0] == pytest.approx(1.1, abs=2e-3)
    assert found.variance[0] == pytest.approx(0.2**2 / 12, rel=1e-2)


@pytest.mark.parametrize(("a", "b"), [*INTERVALS, (-np.inf, np.inf), (8.0, np.inf)])
def test_quantiles_are_those_of_scipy(a, b):
    shares = np.array([0.0, 0.001, 0.05, 0.3, 0.5, 0.9, 0.95, 0.999, 1.0])
    mean, deviation = 1.5, 0.7
    ends = np.array([mean + a * deviation]), np.array([mean + b * deviation])
    found = truncated_quantile(shares[:, None], *arrays(mean, deviation**2), *ends)[:, 0]
    expected = scipy.stats.truncnorm(a, b, loc=mean, scale=deviation).ppf(shares)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


@settings(deadline=None)
@given(
    mean=st.floats(-1e3, 1e3),
    variance=st.floats(0, 1e6),
    lower=st.floats(-1e3, 1e3),
    width=st.floats(0, 1e3),
)
def test_quantiles_increase_and_stay_inside(mean, variance, lower, width):
    shares = np.linspace(0, 1, 11)[:, None]
    found = truncated_quantile(shares, *arrays(mean, variance, lower, lower + width))
    assert np.isfinite(found).all()
    assert (np.diff(found, axis=0) >= -1e-9 * (1 + abs(mean) + abs(lower))).all()
    assert (found >= lower).all()
    assert (found <= lower + width).all()
