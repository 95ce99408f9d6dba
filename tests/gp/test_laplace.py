"""Laplace draws of a normal posterior have its mean and covariance."""

from __future__ import annotations

import numpy as np
import pytest

from hokan.gp.laplace import laplace_draws

PRECISION = np.array([[4.0, 1.0], [1.0, 2.0]])
MODE = np.array([0.5, -2.0])


def normal(x):
    shift = x - MODE
    return 0.5 * shift @ PRECISION @ shift, PRECISION @ shift


def test_many_draws_of_a_normal_have_its_mean_and_covariance():
    draws = np.array(
        laplace_draws(normal, MODE, np.array([10.0, 10.0]), 20_000, np.random.default_rng(0))
    )
    np.testing.assert_allclose(draws.mean(axis=0), MODE, atol=2e-3)
    np.testing.assert_allclose(np.cov(draws.T), np.linalg.inv(PRECISION), atol=0.02)


@pytest.mark.parametrize("n_draws", [2, 7, 8, 20])
def test_few_draws_have_the_mode_as_mean_and_the_right_variance_along_principal_directions(n_draws):
    draws = np.array(
        laplace_draws(normal, MODE, np.array([10.0, 10.0]), n_draws, np.random.default_rng(3))
    )
    np.testing.assert_allclose(draws.mean(axis=0), MODE, atol=1e-10)
    values, vectors = np.linalg.eigh(PRECISION)
    along = (draws - MODE) @ vectors
    np.testing.assert_allclose(np.mean(along**2, axis=0), 1.0 / values, rtol=1e-4)
    assert len(np.unique(draws.round(9), axis=0)) == n_draws


def test_no_direction_is_wider_than_the_widest_prior():
    flat = laplace_draws(
        lambda x: (0.0, np.zeros(2)), MODE, np.array([0.3, 0.5]), 5000, np.random.default_rng(1)
    )
    np.testing.assert_allclose(np.std(flat, axis=0), 0.5, rtol=0.05)


def test_an_odd_number_is_given_as_asked():
    assert len(laplace_draws(normal, MODE, np.ones(2), 3, np.random.default_rng(2))) == 3
