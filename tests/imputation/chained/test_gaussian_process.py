"""The Gaussian process draws what scikit-learn's would predict, with learned hyperparameters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (
    ConstantKernel,
    DotProduct,
    Matern,
    WhiteKernel,
)

from hokan.imputation.chained import gaussian_process
from hokan.imputation.chained.gaussian_process import DrawnGaussianProcess, GaussianProcess
from hokan.imputation.chained.gaussian_process_evidence import Evidence, Hyperparameters

PARAMETERS = Hyperparameters(0.6, 0.8, 0.3, np.array([0.7, 1.5]))


def other_library(parameters):
    kernel = (
        ConstantKernel(1.0)
        + ConstantKernel(parameters.slope**2) * DotProduct(0.0, "fixed")
        + ConstantKernel(parameters.signal**2) * Matern(parameters.lengthscales, nu=2.5)
        + WhiteKernel(parameters.noise**2)
    )
    return GaussianProcessRegressor(kernel, optimizer=None, alpha=0.0)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 2))
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    y = X[:, 0] + np.sin(2 * X[:, 1]) + 0.2 * rng.standard_normal(40)
    return X, (y - y.mean()) / y.std(), rng.standard_normal((6, 2))


def test_mean_and_covariance_of_draws_are_those_of_scikit_learn(data):
    X, y, wanted = data
    centre, scale = np.array([10.0, -1.0]), np.array([2.0, 0.1])
    process = DrawnGaussianProcess(centre, scale, X, 100.0, 5.0, y, PARAMETERS)
    rng = np.random.default_rng(1)
    drawn = np.array([process.impute(centre + scale * wanted, rng) for _ in range(8000)])
    mean, covariance = other_library(PARAMETERS).fit(X, y).predict(wanted, return_cov=True)
    spread = 5.0 * np.sqrt(np.diag(covariance))
    np.testing.assert_array_less(
        np.abs(drawn.mean(axis=0) - 100.0 - 5.0 * mean), 4 * spread / np.sqrt(8000)
    )
    scaled = np.cov(drawn.T) / np.outer(spread, spread)
    np.testing.assert_allclose(scaled, 25 * covariance / np.outer(spread, spread), atol=0.06)


def test_rows_drawn_in_blocks_have_the_same_distribution(data, monkeypatch):
    X, y, wanted = data
    monkeypatch.setattr(gaussian_process, "BLOCK", 4)
    process = DrawnGaussianProcess(np.zeros(2), np.ones(2), X, 0.0, 1.0, y, PARAMETERS)
    rng = np.random.default_rng(2)
    drawn = np.array([process.impute(wanted, rng) for _ in range(4000)])
    mean, std = other_library(PARAMETERS).fit(X, y).predict(wanted, return_std=True)
    np.testing.assert_array_less(np.abs(drawn.mean(axis=0) - mean), 4 * std / np.sqrt(4000))
    np.testing.assert_allclose(drawn.std(axis=0), std, rtol=0.06)


def test_evidence_is_that_of_scikit_learn_times_the_prior(data):
    X, y, _ = data
    evidence = Evidence(X, y)
    vector = np.log([0.6, 0.8, 0.3, 0.7, 1.5])
    likelihood = other_library(PARAMETERS).fit(X, y).log_marginal_likelihood_value_
    standardised = (vector - evidence.prior_mean) / evidence.prior_spread
    expected = -likelihood - 0.5 * len(y) * np.log(2 * np.pi) + 0.5 * standardised @ standardised
    value, gradient = evidence(vector)
    assert value == pytest.approx(expected)
    numeric = approx_fprime(vector, lambda v: evidence(v)[0], 1e-6)
    np.testing.assert_allclose(gradient, numeric, rtol=1e-4, atol=1e-4)


def test_learns_noise_and_what_matters():
    rng = np.random.default_rng(3)
    X = rng.uniform(-2, 2, (150, 3))
    y = np.sin(3 * X[:, 1]) + 0.1 * rng.standard_normal(150)
    drawn = [regression.fit_draw(X, y, rng) for regression in [GaussianProcess()] for _ in range(4)]
    noise = [each.parameters.noise * each.spread for each in drawn]
    assert 0.08 < np.mean(noise) < 0.13
    assert len(set(noise)) == 4
    lengthscales = drawn[-1].parameters.lengthscales
    assert lengthscales[1] < 0.5 * min(lengthscales[[0, 2]])


def test_learns_at_the_first_and_fourth_visit_and_every_ten_from_there(monkeypatch):
    visits, times = [], []
    learn = GaussianProcess._learn

    def noted(self, *arguments):
        times.append("now")
        learn(self, *arguments)

    monkeypatch.setattr(GaussianProcess, "_learn", noted)
    rng = np.random.default_rng(4)
    X = rng.standard_normal((12, 1))
    regression = GaussianProcess()
    for visit in range(1, 31):
        before = len(times)
        regression.fit_draw(X, X[:, 0] + rng.standard_normal(12), rng)
        visits += [visit] * (len(times) - before)
    assert visits == [1, 4, 14, 24]
