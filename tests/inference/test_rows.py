"""What is known of a new row, values and limits, conditions its other properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from truncation import ends, one_sided, truncate

from hokan.inference.cells import Limits
from hokan.inference.rows import RowDistribution

COVARIANCE = np.array([[1.0, 0.8, 0.7], [0.8, 1.5, 0.9], [0.7, 0.9, 1.2]])
MEAN = np.array([0.5, 0.2, -0.3])


def rows(n_rows: int = 1) -> RowDistribution:
    return RowDistribution(np.tile(MEAN, (n_rows, 1)), np.tile(COVARIANCE, (n_rows, 1, 1)))


def limits(side: list[list[int]], value: float = 0.0, error: float = 0.0) -> Limits:
    sides = np.array(side, dtype=np.int8)
    return one_sided(sides, np.full(sides.shape, value), np.full(sides.shape, error**2))


def test_without_limits_nothing_differs():
    values, noise = np.array([[0.4, np.nan, 1.0]]), np.array([[0.1, 0.0, 0.0]])
    expected = rows().given(values, noise)
    for nothing in (None, limits([[0, 0, 0]])):
        found = rows().given_cells(values, noise, nothing)
        np.testing.assert_array_equal(found.mean, expected.mean)
        np.testing.assert_array_equal(found.covariance, expected.covariance)


@pytest.mark.parametrize("error", [0.0, 0.6])
@pytest.mark.parametrize("side", [[-1, 0, 0], [-1, 1, 0], [-1, -1, 0], [1, -1, 1]])
def test_moments_of_a_row_with_limits(side, error):
    known = limits([side], 0.1, error)
    values = np.where(known.here, 0.1, np.nan)
    found = rows().given_cells(values, np.zeros((1, 3)), known)
    here = np.flatnonzero(side)
    exact = truncate(
        MEAN, COVARIANCE, here, np.full(len(here), error**2), *ends(np.array(side)[here], 0.1)
    )
    np.testing.assert_allclose(np.sqrt(found.variance[0]), exact.deviation, rtol=0.05)
    np.testing.assert_allclose((found.mean[0] - exact.mean) / exact.deviation, 0.0, atol=0.05)


def test_an_interval_in_a_row():
    lower, upper = np.array([[-np.inf, 0.4, -np.inf]]), np.array([[np.inf, 0.9, np.inf]])
    known = Limits(lower, upper, np.zeros((1, 3)))
    found = rows().given_cells(np.where(known.here, 0.4, np.nan), np.zeros((1, 3)), known)
    exact = truncate(MEAN, COVARIANCE, np.array([1]), np.zeros(1), 0.4, 0.9)
    np.testing.assert_allclose(found.mean[0], exact.mean, atol=0.01)
    np.testing.assert_allclose(np.sqrt(found.variance[0]), exact.deviation, rtol=0.02)


def test_a_value_and_a_limit_in_one_row():
    known = limits([[-1, 0, 0]])
    values = np.array([[0.0, 1.3, np.nan]])
    noise = np.array([[0.0, 0.2, 0.0]])
    found = rows().given_cells(values, noise, known)
    after_value = rows().given(np.array([[np.nan, 1.3, np.nan]]), noise)
    exact = truncate(
        after_value.mean[0], after_value.covariance[0], np.array([0]), np.zeros(1), -np.inf, 0.0
    )
    np.testing.assert_allclose(found.mean[0], exact.mean, atol=0.01)
    np.testing.assert_allclose(np.sqrt(found.variance[0]), exact.deviation, rtol=0.02)


def test_rows_do_not_know_of_each_other():
    sides = [[-1, 0, 0], [0, 0, 0], [-1, 1, 0]]
    known = limits(sides)
    values = np.array([[0.0, 2.0, np.nan], [np.nan, np.nan, 0.5], [0.0, 0.0, np.nan]])
    together = rows(3).given_cells(values, np.zeros((3, 3)), known)
    for row in range(3):
        alone = rows().given_cells(values[[row]], np.zeros((1, 3)), limits([sides[row]]))
        np.testing.assert_allclose(together.mean[row], alone.mean[0], atol=1e-3)
        np.testing.assert_allclose(together.variance[row], alone.variance[0], atol=1e-3)


@pytest.mark.parametrize("mean", [-3.0, 0.0, 3.0])
def test_a_limit_on_what_is_known_exactly_changes_nothing_and_breaks_nothing(mean):
    """Another property, of which this one is a copy, has a value."""
    copies = RowDistribution(np.zeros((1, 2)), np.ones((1, 2, 2)))
    found = copies.given_cells(np.array([[mean, 0.0]]), np.zeros((1, 2)), limits([[0, -1]]))
    assert np.isfinite(found.mean).all()
    assert np.isfinite(found.covariance).all()
    np.testing.assert_allclose(found.mean, mean, atol=0.01)
    np.testing.assert_allclose(found.variance, 0.0, atol=1e-6)


@settings(deadline=None, max_examples=50)
@given(
    mean=st.lists(st.floats(-30, 30), min_size=3, max_size=3),
    side=st.lists(st.sampled_from([-1, 0, 1]), min_size=3, max_size=3),
    limit=st.floats(-10, 10),
)
def test_limits_are_kept_however_far_they_are(mean, side, limit):
    prior = RowDistribution(np.array([mean]), COVARIANCE[None])
    known = limits([side], limit)
    found = prior.given_cells(np.where(known.here, limit, np.nan), np.zeros((1, 3)), known)
    assert np.isfinite(found.mean).all()
    assert (found.variance > 0).all()
    assert (np.array(side) * (found.mean[0] - limit) >= -1e-3).all()
    # Limits only ever take variance away.
    assert (found.variance <= np.diag(COVARIANCE) + 1e-9).all()


def test_what_was_given_is_not_written_to():
    values, noise, known = np.array([[0.0, np.nan, 1.0]]), np.zeros((1, 3)), limits([[-1, 0, 0]])
    for array in (values, noise, known.lower, known.upper, known.noise_variance):
        array.flags.writeable = False
    rows().given_cells(values, noise, known)
