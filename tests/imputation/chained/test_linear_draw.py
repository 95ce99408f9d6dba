"""A drawn linear regression has the posterior of the textbook."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hokan.imputation.chained.linear_draw import draw_linear


@pytest.fixture(scope="module")
def regression():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((30, 3)) * [1.0, 10.0, 0.1] + [0.0, 5.0, -2.0]
    return X, 2.0 + X @ [1.0, -0.2, 3.0] + 0.5 * rng.standard_normal(30)


@pytest.fixture(scope="module")
def draws(regression):
    rng = np.random.default_rng(1)
    return [draw_linear(*regression, rng) for _ in range(4000)]


def least_squares(X, y):
    """Return coefficients (intercept first), inverse of X'X and residual sum of squares."""
    D = np.column_stack([np.ones(len(X)), X])
    coefficients, rest, *_ = np.linalg.lstsq(D, y)
    return coefficients, np.linalg.inv(D.T @ D), float(rest[0])


def test_most_probable_coefficients_are_those_of_least_squares(regression, draws):
    coefficients, *_ = least_squares(*regression)
    model = draws[0]
    np.testing.assert_allclose(model.coefficients, coefficients[1:], rtol=1e-3)
    assert model.expected(np.zeros((1, 3)))[0] == pytest.approx(coefficients[0], rel=1e-3)


def test_residual_variance_is_scaled_inverse_chi_squared(regression, draws):
    *_, rest = least_squares(*regression)
    ratios = [rest / model.drawn_sigma**2 for model in draws]
    assert stats.kstest(ratios, stats.chi2(30 - 4).cdf).pvalue > 0.01


def test_a_drawn_prediction_is_student_t_around_least_squares(regression, draws):
    """Any linear combination of the coefficients is; here, predictions in three places."""
    coefficients, inverse, rest = least_squares(*regression)
    for place in ([0.0, 0.0, 0.0], [1.0, 5.0, -2.0], [-3.0, 40.0, 1.0]):
        direction = np.array([1.0, *place])
        spread = np.sqrt(rest / 26 * direction @ inverse @ direction)
        found = [model.drawn(np.array([place]))[0] for model in draws]
        expected = stats.t(26, loc=direction @ coefficients, scale=spread)
        assert stats.kstest(found, expected.cdf).pvalue > 0.01


def test_without_columns_it_is_the_mean_and_its_uncertainty():
    y = np.array([1.0, 2.0, 4.0, 9.0])
    rng = np.random.default_rng(2)
    found = [draw_linear(np.empty((4, 0)), y, rng).drawn(np.empty((1, 0)))[0] for _ in range(4000)]
    expected = stats.t(3, loc=4.0, scale=y.std(ddof=1) / 2)
    assert stats.kstest(found, expected.cdf).pvalue > 0.01


def test_constant_columns_and_copies_change_nothing(regression):
    X, y = regression
    plain = draw_linear(X, y, np.random.default_rng(3))
    more = np.column_stack([X, np.full(30, 7.0)])
    constant = draw_linear(more, y, np.random.default_rng(3))
    np.testing.assert_allclose(constant.expected(more), plain.expected(X), atol=1e-4)
    assert constant.coefficients[3] == constant.drawn_coefficients[3] == 0.0
    copied = np.column_stack([X, X[:, 0]])
    both = draw_linear(copied, y, np.random.default_rng(3))
    np.testing.assert_allclose(both.expected(copied), plain.expected(X), atol=1e-3)
    assert np.abs(both.drawn_coefficients[[0, 3]]).max() < 5.0


def test_more_columns_than_rows_predict_sensibly():
    rng = np.random.default_rng(4)
    X = rng.standard_normal((20, 60))
    y = X[:, 0] + 0.1 * rng.standard_normal(20)
    there = rng.standard_normal((50, 60))
    drawn = np.array([draw_linear(X, y, rng).drawn(there) for _ in range(200)])
    assert np.abs(drawn).max() < 20.0
    assert drawn.std(axis=0).mean() > 0.1
