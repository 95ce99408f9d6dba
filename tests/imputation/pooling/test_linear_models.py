"""Covariances of scikit-learn's linear models: those of statsmodels, or of the posterior."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from sklearn.linear_model import (
    ARDRegression,
    BayesianRidge,
    LinearRegression,
    LogisticRegression,
    Ridge,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hokan.errors import HokanError
from hokan.imputation.pooling import linear_model_estimates

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(60, 3)) * [1.0, 10.0, 0.1] + [0.0, 50.0, 1.0], columns=[*"abc"])
Y = 1.0 + X["a"] - 0.2 * X["b"] + RNG.normal(size=60)
CLASSES = np.where(X["a"] + RNG.logistic(size=60) > 0.0, "metal", "insulator")
FREE = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10)


@pytest.mark.parametrize("constant", [True, False])
class TestAgainstStatsmodels:
    def test_least_squares(self, constant: bool) -> None:
        model = LinearRegression(fit_intercept=constant).fit(X, Y)
        found = linear_model_estimates(model, X, Y)
        expected = sm.OLS(Y, sm.add_constant(X) if constant else X).fit()
        np.testing.assert_allclose(found.estimates, expected.params, rtol=1e-9)
        np.testing.assert_allclose(found.variances, expected.cov_params(), rtol=1e-8)
        assert found.complete_degrees_of_freedom == expected.df_resid
        assert found.names == (("intercept", *"abc") if constant else ("a", "b", "c"))

    def test_logistic_regression(self, constant: bool) -> None:
        model = FREE.set_params(fit_intercept=constant).fit(X, CLASSES)
        found = linear_model_estimates(model, X, CLASSES)
        columns = sm.add_constant(X) if constant else X
        expected = sm.Logit(CLASSES == "metal", columns).fit(disp=0, method="newton", tol=1e-12)
        np.testing.assert_allclose(found.estimates, expected.params, rtol=1e-6)
        np.testing.assert_allclose(found.variances, expected.cov_params(), rtol=1e-6)
        assert found.complete_degrees_of_freedom == expected.df_resid


class TestPosteriors:
    def test_of_bayesian_ridge_it_is_that_of_the_gaussian_model(self) -> None:
        """A constant with a flat prior beside coefficients of precision lambda, written out."""
        model = BayesianRidge().fit(X, Y)
        found = linear_model_estimates(model, X, Y)
        D = sm.add_constant(X).to_numpy()
        precision = model.alpha_ * D.T @ D + model.lambda_ * np.diag([0.0, 1.0, 1.0, 1.0])
        covariance = np.linalg.inv(precision)
        np.testing.assert_allclose(
            found.estimates, model.alpha_ * covariance @ (D.T @ Y), rtol=1e-8
        )
        np.testing.assert_allclose(found.variances, covariance, rtol=1e-7, atol=1e-12)
        assert found.complete_degrees_of_freedom is None

    def test_without_a_constant_it_is_that_of_the_model(self) -> None:
        model = BayesianRidge(fit_intercept=False).fit(X, Y)
        found = linear_model_estimates(model, X, Y)
        np.testing.assert_array_equal(found.variances, model.sigma_)

    def test_what_ard_prunes_has_no_variance(self) -> None:
        model = ARDRegression(threshold_lambda=1.0).fit(X[["a", "c"]], X["a"] * 3 + 0.1 * Y)
        found = linear_model_estimates(model, X[["a", "c"]], X["a"] * 3 + 0.1 * Y)
        variances = np.asarray(found.variances)
        pruned = model.lambda_ >= 1.0
        assert pruned.tolist() == [False, True]
        assert variances.shape == (3, 3)
        assert variances[2].tolist() == [0.0, 0.0, 0.0]
        assert variances[1, 1] == model.sigma_[0, 0]

    def test_other_rows_are_noticed(self) -> None:
        with pytest.raises(HokanError, match="other rows than X and y"):
            linear_model_estimates(BayesianRidge().fit(X[:40], Y[:40]), X, Y)


class TestArrays:
    def test_columns_have_the_names_of_scikit_learn(self) -> None:
        model = LinearRegression().fit(X.to_numpy(), Y)
        assert linear_model_estimates(model, X.to_numpy(), Y).names == (
            "intercept",
            "x0",
            "x1",
            "x2",
        )

    def test_an_exact_fit_has_no_errors(self) -> None:
        exact = 1.0 + 2.0 * X["a"]
        found = linear_model_estimates(LinearRegression().fit(X, exact), X, exact)
        np.testing.assert_allclose(found.estimates, [1.0, 2.0, 0.0, 0.0], atol=1e-10)
        assert np.abs(np.asarray(found.variances)).max() < 1e-20


class TestRefused:
    @pytest.mark.parametrize(
        ("model", "message"),
        [
            (Ridge(), "its penalty shrinks the coefficients"),
            (make_pipeline(StandardScaler(), LinearRegression()), "pass its last step"),
            (StandardScaler(), "no covariances are known for StandardScaler"),
            (LinearRegression(positive=True), "at their limit 0"),
        ],
    )
    def test_models_without_covariances(self, model: Any, message: str) -> None:
        with pytest.raises(HokanError, match=message):
            linear_model_estimates(model.fit(X, Y), X, Y)

    def test_a_penalty(self) -> None:
        with pytest.raises(HokanError, match=r"C=1\) shrinks"):
            linear_model_estimates(LogisticRegression(max_iter=5000).fit(X, CLASSES), X, CLASSES)

    def test_weights_of_classes(self) -> None:
        model = LogisticRegression(C=np.inf, class_weight="balanced", max_iter=5000)
        with pytest.raises(HokanError, match="class_weight"):
            linear_model_estimates(model.fit(X, CLASSES), X, CLASSES)

    def test_three_classes(self) -> None:
        three = np.arange(60) % 3
        model = LogisticRegression(C=np.inf, solver="newton-cg").fit(X, three)
        with pytest.raises(HokanError, match="of 3 classes"):
            linear_model_estimates(model, X, three)

    def test_classes_that_are_separated(self) -> None:
        sign = X["a"] > 0.0
        model = LogisticRegression(C=np.inf, max_iter=5000).fit(X[["a"]], sign)
        with pytest.raises(HokanError, match="separated perfectly"):
            linear_model_estimates(model, X[["a"]], sign)

    @pytest.mark.parametrize("weights", [True, False])
    def test_a_model_of_other_rows_or_with_weights(self, weights: bool) -> None:
        if weights:
            model = LinearRegression().fit(X, Y, sample_weight=np.arange(60) + 1.0)
        else:
            model = LinearRegression().fit(X[:30], Y[:30])
        with pytest.raises(HokanError, match="standard errors away from the one that fits"):
            linear_model_estimates(model, X, Y)

    def test_columns_that_depend_on_each_other(self) -> None:
        twice = X.assign(d=X["a"] + X["b"])
        with pytest.raises(HokanError, match="depend on each other"):
            linear_model_estimates(LinearRegression().fit(twice, Y), twice, Y)

    def test_too_few_rows(self) -> None:
        with pytest.raises(HokanError, match="4 rows leave no degrees of freedom"):
            linear_model_estimates(LinearRegression().fit(X[:4], Y[:4]), X[:4], Y[:4])

    def test_several_targets(self) -> None:
        model = LinearRegression().fit(X, np.column_stack([Y, Y]))
        with pytest.raises(HokanError, match="several targets"):
            linear_model_estimates(model, X, Y)

    @pytest.mark.parametrize(
        ("columns", "target", "message"),
        [
            (X[["a"]], Y, "was fitted to 3 columns"),
            (X, Y[:10], r"expected y of shape \(60,\)"),
            (X.mask(X["a"] > 1.0), Y, "X has no number in row"),
        ],
    )
    def test_what_does_not_fit(self, columns: Any, target: Any, message: str) -> None:
        with pytest.raises(HokanError, match=message):
            linear_model_estimates(LinearRegression().fit(X, Y), columns, target)
