"""One model on m completed tables: predictions, error bars, probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import BayesianRidge, LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from hokan.errors import HokanError
from hokan.imputation.pooling import PooledClassifier, PooledRegressor

RNG = np.random.default_rng(1)
TRUTH = pd.DataFrame(RNG.normal(size=(50, 2)), columns=["a", "b"])
TRUTH["y"] = TRUTH["a"] - TRUTH["b"] + 0.1 * RNG.normal(size=50)
TABLES = [TRUTH.assign(b=TRUTH["b"] + 0.3 * RNG.normal(size=50)) for _ in range(4)]
NEW = pd.DataFrame(RNG.normal(size=(7, 2)), columns=["a", "b"])
NEW_TABLES = [NEW.assign(b=NEW["b"] + 0.3 * RNG.normal(size=7)) for _ in range(4)]


def each_fit(model: Any) -> list[Any]:
    return [clone(model).fit(t[["a", "b"]], t["y"]) for t in TABLES]


class TestRegressor:
    def test_it_predicts_the_mean_of_the_models(self) -> None:
        pooled = PooledRegressor(LinearRegression()).fit(TABLES, "y")
        expected = [model.predict(NEW) for model in each_fit(LinearRegression())]
        np.testing.assert_allclose(pooled.predict_each(NEW), expected)
        np.testing.assert_allclose(pooled.predict(NEW), np.mean(expected, axis=0))

    @pytest.mark.parametrize("rows", [NEW, NEW_TABLES], ids=["complete", "imputed"])
    def test_variances_add_as_rubin_has_it(self, rows: Any) -> None:
        pooled = PooledRegressor(BayesianRidge()).fit(TABLES, "y")
        mean, std = pooled.predict(rows, return_std=True)
        each = rows if isinstance(rows, list) else [rows] * 4
        parts = [
            model.predict(part, return_std=True)
            for model, part in zip(each_fit(BayesianRidge()), each, strict=True)
        ]
        means, own = np.array([p[0] for p in parts]), np.array([p[1] for p in parts])
        np.testing.assert_allclose(mean, means.mean(axis=0))
        expected = np.mean(own**2, axis=0) + 1.25 * means.var(axis=0, ddof=1)
        np.testing.assert_allclose(std**2, expected)
        assert (std > np.sqrt(np.mean(own**2, axis=0))).all()

    def test_new_rows_with_holes_are_less_certain(self) -> None:
        pooled = PooledRegressor().fit(TABLES, "y")
        _, complete = pooled.predict(NEW, return_std=True)
        _, imputed = pooled.predict(NEW_TABLES, return_std=True)
        assert (imputed > complete).all()

    def test_equal_tables_are_one_table(self) -> None:
        pooled = PooledRegressor(BayesianRidge()).fit([TRUTH] * 3, "y")
        single = BayesianRidge().fit(TRUTH[["a", "b"]], TRUTH["y"])
        for found, expected in zip(
            pooled.predict(NEW, return_std=True), single.predict(NEW, return_std=True), strict=True
        ):
            np.testing.assert_allclose(found, expected)

    @pytest.mark.parametrize(
        "model",
        [
            GaussianProcessRegressor(RBF(2.0) + WhiteKernel(0.1), optimizer=None),
            make_pipeline(StandardScaler(), BayesianRidge()),
        ],
        ids=["Gaussian process", "pipeline"],
    )
    def test_other_models_with_standard_deviations(self, model: Any) -> None:
        mean, std = PooledRegressor(model).fit(TABLES, "y").predict(NEW, return_std=True)
        assert mean.shape == std.shape == (7,)
        assert (std > 0.0).all()

    def test_models_without_them_are_refused(self) -> None:
        for model in (KNeighborsRegressor(), make_pipeline(StandardScaler(), LinearRegression())):
            pooled = PooledRegressor(model).fit(TABLES, "y")
            assert np.isfinite(pooled.predict(NEW)).all()
            with pytest.raises(HokanError, match="gives no standard deviations"):
                pooled.predict(NEW, return_std=True)

    def test_targets_may_be_given_apart(self) -> None:
        features = [table[["a", "b"]] for table in TABLES]
        by_name = PooledRegressor(LinearRegression()).fit(TABLES, "y").predict(NEW)
        for y in (TRUTH["y"], TRUTH["y"].to_numpy(), [TRUTH["y"]] * 4, np.array([TRUTH["y"]] * 4)):
            apart = PooledRegressor(LinearRegression()).fit(features, y)
            np.testing.assert_array_equal(apart.predict(NEW), by_name)
        arrays = PooledRegressor(LinearRegression())
        arrays.fit(np.array([part.to_numpy() for part in features]), TRUTH["y"])
        np.testing.assert_allclose(arrays.predict(NEW.to_numpy()), by_name)

    def test_weights_are_passed_on(self) -> None:
        weights = np.arange(50) + 1.0
        pooled = PooledRegressor(LinearRegression()).fit([TRUTH] * 2, "y", sample_weight=weights)
        single = LinearRegression().fit(TRUTH[["a", "b"]], TRUTH["y"], sample_weight=weights)
        np.testing.assert_allclose(pooled.predict(NEW), single.predict(NEW))


class TestManners:
    def test_it_is_a_scikit_learn_estimator(self) -> None:
        pooled = PooledRegressor(BayesianRidge(tol=0.1))
        copy = clone(pooled)
        assert copy.estimator is not pooled.estimator
        assert copy.get_params()["estimator__tol"] == 0.1
        fitted = copy.fit(TABLES, "y")
        assert fitted is copy
        assert (fitted.n_imputations_, fitted.n_features_in_) == (4, 2)
        assert list(fitted.feature_names_in_) == ["a", "b"]
        assert 0.9 < fitted.score(TRUTH, TRUTH["y"]) <= 1.0

    def test_columns_are_found_by_name(self) -> None:
        pooled = PooledRegressor().fit(TABLES, "y")
        shuffled = NEW.assign(further=1.0)[["further", "b", "a"]]
        np.testing.assert_array_equal(pooled.predict(shuffled), pooled.predict(NEW))

    def test_it_must_be_fitted(self) -> None:
        with pytest.raises(NotFittedError):
            PooledRegressor().predict(NEW)

    def test_the_given_model_is_left_alone(self) -> None:
        model = BayesianRidge()
        PooledRegressor(model).fit(TABLES, "y")
        assert not hasattr(model, "coef_")


class TestClassifier:
    TABLES = tuple(
        table.drop(columns="y").assign(kind=np.where(table["y"] > 0, "metal", "insulator"))
        for table in TABLES
    )

    def test_probabilities_are_averaged(self) -> None:
        pooled = PooledClassifier().fit(self.TABLES, "kind")
        each = [
            LogisticRegression(max_iter=1000).fit(t[["a", "b"]], t["kind"]).predict_proba(NEW)
            for t in self.TABLES
        ]
        np.testing.assert_allclose(pooled.predict_proba(NEW), np.mean(each, axis=0))
        expected = pooled.classes_[np.argmax(np.mean(each, axis=0), axis=1)]
        assert pooled.predict(NEW).tolist() == expected.tolist()
        assert list(pooled.classes_) == ["insulator", "metal"]

    def test_a_class_that_one_table_lacks_is_improbable_there(self) -> None:
        other = self.TABLES[0].copy()
        other.loc[:9, "kind"] = "semimetal"
        pooled = PooledClassifier().fit([self.TABLES[0], other], "kind")
        each = pooled.predict_proba_each(NEW)
        assert list(pooled.classes_) == ["insulator", "metal", "semimetal"]
        assert (each[0, :, 2] == 0.0).all()
        np.testing.assert_allclose(pooled.predict_proba(NEW).sum(axis=1), 1.0)

    def test_it_needs_probabilities(self) -> None:
        with pytest.raises(HokanError, match="LinearSVC gives no probabilities"):
            PooledClassifier(LinearSVC()).fit(self.TABLES, "kind")


class TestRefused:
    @pytest.mark.parametrize(
        ("tables", "y", "message"),
        [
            (TRUTH, "y", "expected several completed tables, found one"),
            (TRUTH.to_numpy(), "y", "expected several completed tables, found one"),
            ([], "y", "found none"),
            (TABLES, "z", "there is no column 'z'"),
            ([TRUTH.to_numpy()] * 2, "y", "arrays have no column 'y'"),
            ([TRUTH, TRUTH[["y", "a", "b"]]], "y", "imputations 1 and 2 differ in their columns"),
            ([np.ones((4, 2)), np.ones((4, 3))], np.ones(4), "have 2 and 3 columns"),
            (TABLES, TRUTH["y"][:5], r"each of 50 rows in imputation 1, found shape \(5,\)"),
            (TABLES, [TRUTH["y"]] * 3, "each of 4 tables, found 3"),
            ([[1.0, 2.0]], "y", "with rows and columns"),
        ],
    )
    def test_what_cannot_be_fitted(self, tables: Any, y: Any, message: str) -> None:
        with pytest.raises(HokanError, match=message):
            PooledRegressor().fit(tables, y)

    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            (NEW_TABLES[:3], "fitted to 4 completed tables and there are 3"),
            (NEW[["a"]], r"lack the columns \['b'\]"),
            (np.ones((3, 5)), "have 5 columns"),
            ([*NEW_TABLES[:3], NEW_TABLES[3][:2]], "differ in length"),
        ],
    )
    def test_what_cannot_be_predicted(self, rows: Any, message: str) -> None:
        with pytest.raises(HokanError, match=message):
            PooledRegressor().fit(TABLES, "y").predict(rows)

    def test_weights_that_the_model_does_not_take(self) -> None:
        with pytest.raises(HokanError, match="takes no sample_weight"):
            PooledRegressor(KNeighborsRegressor()).fit(TABLES, "y", sample_weight=np.ones(50))
