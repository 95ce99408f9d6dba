"""Draws from Gaussians have their mean and covariance, also where these are singular."""

from __future__ import annotations

import numpy as np
import pytest

from hokan.inference.gaussian_draws import draw_gaussian, draw_gaussians


def covariance_of_rank(rank: int, size: int = 4) -> np.ndarray:
    root = np.random.default_rng(7).normal(size=(size, rank))
    return root @ root.T


@pytest.mark.parametrize("rank", [4, 2, 1])
def test_mean_and_covariance_are_right(rank):
    covariance = covariance_of_rank(rank)
    mean = np.array([1.0, -2.0, 0.5, 3.0])
    draws = draw_gaussian(mean, covariance, 100_000, np.random.default_rng(0))
    largest = covariance.max()
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=0.02 * np.sqrt(largest))
    np.testing.assert_allclose(np.cov(draws.T), covariance, atol=0.02 * largest)


def test_a_matrix_that_rounding_has_made_indefinite_is_taken_for_singular():
    covariance = covariance_of_rank(2) - 1e-7 * np.eye(4)
    draws = draw_gaussian(np.zeros(4), covariance, 50_000, np.random.default_rng(1))
    np.testing.assert_allclose(np.cov(draws.T), covariance_of_rank(2), atol=0.15)


def test_where_nothing_varies_the_mean_is_drawn():
    draws = draw_gaussian(np.array([1.0, 2.0]), np.zeros((2, 2)), 5, np.random.default_rng(2))
    np.testing.assert_array_equal(draws, np.tile([1.0, 2.0], (5, 1)))


def test_the_covariance_given_is_not_changed():
    covariance = covariance_of_rank(4)
    before = covariance.copy()
    draw_gaussian(np.zeros(4), covariance, 2, np.random.default_rng(3))
    np.testing.assert_array_equal(covariance, before)


def test_many_small_ones_are_drawn_each_by_itself():
    covariances = np.array([covariance_of_rank(rank) for rank in (4, 1)])
    means = np.array([[0.0, 1.0, 2.0, 3.0], [5.0, 5.0, 5.0, 5.0]])
    draws = draw_gaussians(means, covariances, 60_000, np.random.default_rng(4))
    assert draws.shape == (60_000, 2, 4)
    for number in range(2):
        largest = covariances[number].max()
        np.testing.assert_allclose(
            draws[:, number].mean(axis=0), means[number], atol=0.05 * largest
        )
        np.testing.assert_allclose(
            np.cov(draws[:, number].T), covariances[number], atol=0.03 * largest
        )
    between = np.corrcoef(draws[:, 0, 0], draws[:, 1, 0])[0, 1]
    assert abs(between) < 0.02
