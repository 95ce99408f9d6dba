"""A function of one table, applied to all and pooled: what it may return, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from sklearn.linear_model import LinearRegression

from hokan.errors import HokanError
from hokan.imputation import Imputations, ImputedColumn
from hokan.imputation.pooling import (
    Estimates,
    cross_validated_estimate,
    pool,
    pool_analyses,
    pool_results,
)

TABLES = [
    pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [2.0, 4.5, hole, 8.0]})
    for hole in (5.0, 6.0, 7.5)
]


def means(table: pd.DataFrame) -> pd.Series:
    return table.mean()


def spreads(table: pd.DataFrame) -> pd.Series:
    return table.var() / len(table)


EXPECTED = pool([means(t) for t in TABLES], [spreads(t) for t in TABLES], names=["x", "y"])


class TestWhatAnAnalysisMayReturn:
    @pytest.mark.parametrize(
        "analysis",
        [
            lambda t: (means(t), spreads(t)),
            lambda t: (means(t), spreads(t)[["y", "x"]]),
            lambda t: (dict(means(t)), dict(spreads(t))),
            lambda t: (dict(means(t)), spreads(t).to_numpy()),
            lambda t: (means(t), np.diag(spreads(t))),
            lambda t: (means(t), pd.DataFrame(np.diag(spreads(t)), ["x", "y"], ["x", "y"])),
            lambda t: Estimates(means(t).to_numpy(), spreads(t), ("x", "y")),
        ],
        ids=["series", "other order", "dicts", "mixed", "matrix", "frame", "Estimates"],
    )
    def test_each_form_gives_the_same(self, analysis: Any) -> None:
        pooled = pool_analyses(TABLES, analysis)
        pd.testing.assert_frame_equal(pooled.to_frame(), EXPECTED.to_frame())

    def test_arrays_and_single_numbers(self) -> None:
        arrays = pool_analyses(
            TABLES, lambda t: (means(t).to_numpy(), spreads(t).to_numpy()), names=["x", "y"]
        )
        pd.testing.assert_frame_equal(arrays.to_frame(), EXPECTED.to_frame())
        number = pool_analyses(TABLES, lambda t: (t["y"].mean(), t["y"].var() / 4))
        assert number.std_error[0] == EXPECTED.std_error[1]

    def test_covariances_follow_names_into_another_order(self) -> None:
        def analysis(table: pd.DataFrame) -> Any:
            covariance = pd.DataFrame([[4.0, 1.0], [1.0, 9.0]], ["a", "b"], ["a", "b"])
            shift = table["y"].mean()
            if table is TABLES[1]:
                return pd.Series({"b": 2.0 + shift, "a": 1.0}), covariance
            return pd.Series({"a": 1.0, "b": 2.0 + shift}), covariance.loc[["b", "a"], ["b", "a"]]

        pooled = pool_analyses(TABLES, analysis)
        assert pooled.names == ("a", "b")
        assert pooled.estimate[0] == 1.0
        assert pooled.within_variance.tolist() == [4.0, 9.0]
        assert pooled.within_covariance is not None
        assert pooled.within_covariance[0, 1] == 1.0

    def test_models_of_statsmodels_with_all_they_know(self) -> None:
        fits = [sm.OLS(t["y"], sm.add_constant(t["x"])).fit() for t in TABLES]
        pooled = pool_results(fits)
        assert pooled.names == ("const", "x")
        assert pooled.complete_degrees_of_freedom == 2
        np.testing.assert_allclose(
            pooled.within_covariance, np.mean([fit.cov_params() for fit in fits], axis=0)
        )

    def test_models_of_statsmodels_fitted_to_arrays(self) -> None:
        fits = [sm.OLS(t["y"].to_numpy(), sm.add_constant(t["x"].to_numpy())).fit() for t in TABLES]
        assert pool_results(fits).names == ("const", "x1")

    def test_they_are_known_by_what_they_have(self) -> None:
        class Fitted:
            params = np.array([1.0, 2.0])

            def cov_params(self) -> np.ndarray:
                return np.eye(2)

        pooled = pool_results([Fitted(), Fitted()])
        assert pooled.estimate.tolist() == [1.0, 2.0]
        assert pooled.complete_degrees_of_freedom == np.inf

    def test_imputations_are_tables_to_loop_over(self) -> None:
        holes = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [2.0, 4.5, np.nan, 8.0]})
        column = ImputedColumn(np.array([2]), np.array([[5.0], [6.0], [7.5]]))
        imputations = Imputations(holes, {"y": column}, [0, 1, 2], [0, 0, 0])
        pooled = pool_analyses(imputations, lambda t: (means(t), spreads(t)))
        pd.testing.assert_frame_equal(pooled.to_frame(), EXPECTED.to_frame())


class TestDegreesOfFreedom:
    def test_the_fewest_that_are_told_are_taken(self) -> None:
        told = [9.0, 7.0, None]
        results = [Estimates(k, 1.0, complete_degrees_of_freedom=d) for k, d in enumerate(told)]
        assert pool_results(results).complete_degrees_of_freedom == 7.0

    def test_those_given_come_first(self) -> None:
        results = [Estimates(k, 1.0, complete_degrees_of_freedom=9.0) for k in range(3)]
        pooled = pool_results(results, complete_degrees_of_freedom=5)
        assert pooled.complete_degrees_of_freedom == 5.0


class TestCrossValidation:
    def test_folds_share_training_rows(self) -> None:
        scores = [0.5, 0.6, 0.7, 0.8, 0.9]
        estimate = cross_validated_estimate(scores)
        assert estimate.estimates == pytest.approx(0.7)
        assert estimate.variances == pytest.approx((1 / 5 + 1 / 4) * 0.025)
        assert estimate.complete_degrees_of_freedom == 4
        assert pool_results([estimate, estimate]).names == ("score",)

    def test_repeated_splits_tell_their_share(self) -> None:
        estimate = cross_validated_estimate([0.5, 0.7], test_share=0.2, name="R²")
        assert estimate.variances == pytest.approx((1 / 2 + 1 / 4) * 0.02)
        assert estimate.names == ("R²",)

    @pytest.mark.parametrize(("scores", "share"), [([0.5], None), ([0.5, 0.6], 1.0)])
    def test_bad_input_is_refused(self, scores: list[float], share: float | None) -> None:
        with pytest.raises(HokanError):
            cross_validated_estimate(scores, test_share=share)


class TestRefused:
    @pytest.mark.parametrize(
        ("analysis", "message"),
        [
            (lambda t: 3.0, "imputation 1 returned float; expected a pair"),
            (lambda t: LinearRegression(), "does not know the rows it was fitted to"),
            (lambda t: ("a", 1.0), "estimates of imputation 1 must be numbers"),
            (lambda t: ([[1.0]], [1.0]), r"have shape \(1, 1\)"),
            (lambda t: ([1.0, 2.0], [1.0]), r"2 estimates and variances of shape \(1,\)"),
            (lambda t: ({"a": 1.0}, {"b": 1.0}), r"called \['a'\] and the variances \['b'\]"),
            (
                lambda t: (pd.Series({"a": 1.0}), pd.DataFrame([[1.0]], ["b"], ["b"])),
                r"the variances \['b'\]",
            ),
            (lambda t: Estimates([1.0], [1.0], ("a", "b")), "1 estimates and 2 names"),
            (lambda t: (t["y"].mean(), np.nan), "variance of 'estimate' in imputation 1 is nan"),
        ],
    )
    def test_other_results(self, analysis: Any, message: str) -> None:
        with pytest.raises(HokanError, match=message):
            pool_analyses(TABLES, analysis)

    def test_other_quantities_in_some_tables(self) -> None:
        results = [({"a": 1.0, "b": 1.0}, [1, 1]), ({"a": 1.0, "c": 1.0}, [1, 1])]
        message = r"imputation 2 .* without \['b'\], with \['c'\]"
        with pytest.raises(HokanError, match=message):
            pool_results(results)

    def test_other_numbers_of_quantities(self) -> None:
        message = "imputation 1 gave 1 estimates without names, that of imputation 2 2 estimates"
        with pytest.raises(HokanError, match=message):
            pool_results([(1.0, 1.0), ([1.0, 2.0], [1.0, 1.0])])

    def test_one_table(self) -> None:
        with pytest.raises(HokanError, match="at least 2 imputations, found 1"):
            pool_analyses(TABLES[:1], lambda t: (means(t), spreads(t)))

    def test_coefficients_in_a_table(self) -> None:
        class Fitted:
            params = np.ones((2, 2))

            def cov_params(self) -> np.ndarray:
                return np.eye(4)

        with pytest.raises(HokanError, match=r"coefficients of shape \(2, 2\)"):
            pool_results([Fitted(), Fitted()])

    def test_an_error_of_the_analysis_is_passed_on_with_its_place(self) -> None:
        def analysis(table: pd.DataFrame) -> Any:
            if table["y"].iloc[2] > 7:
                raise ZeroDivisionError("too much")
            return means(table), spreads(table)

        with pytest.raises(ZeroDivisionError, match="too much") as caught:
            pool_analyses(TABLES, analysis)
        assert caught.value.__notes__ == ["This was in the analysis of imputation 3."]
