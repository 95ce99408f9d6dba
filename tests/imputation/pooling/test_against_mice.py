"""Given the same completed tables, pooled numbers are those of R mice 3.15.

The files in ``mice/`` were written by ``tools/make_mice_references.R`` with 17 digits.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from sklearn.linear_model import LinearRegression, LogisticRegression

from hokan.imputation.pooling import (
    PooledEstimates,
    linear_model_estimates,
    pool,
    pool_analyses,
    pool_r_squared,
)

FOLDER = Path(__file__).parent / "mice"

#: Analysis: file of completed tables, target, regressors.
ANALYSES = {
    "cholesterol": ("nhanes", "chl", ("age", "bmi")),
    "body_mass": ("nhanes", "bmi", ("age", "hyp", "chl")),
    "hypertension": ("nhanes2", "hyp", ("bmi", "chl")),
    "sleep": ("mammalsleep", "sws", ("bw", "odi")),
    "brain": ("mammalsleep", "brw", ("bw",)),
}
LOGISTIC = "hypertension"


def read(name: str) -> pd.DataFrame:
    # By default pandas reads numbers to 15 digits or so.
    return pd.read_csv(FOLDER / f"{name}.csv", float_precision="round_trip")


def completed_tables(analysis: str) -> list[pd.DataFrame]:
    long = read(ANALYSES[analysis][0])
    if "hyp" in long and long["hyp"].dtype == object:
        long["hyp"] = (long["hyp"] == "yes").astype(float)
    return [
        part.drop(columns="imputation").reset_index(drop=True)
        for _, part in long.groupby("imputation")
    ]


def design(table: pd.DataFrame, analysis: str) -> tuple[pd.DataFrame, np.ndarray]:
    _, target, regressors = ANALYSES[analysis]
    columns = table[list(regressors)].astype(float)
    columns.insert(0, "(Intercept)", 1.0)
    return columns, table[target].to_numpy(dtype=float)


def least_squares(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and their covariances."""
    Q, R = np.linalg.qr(X)
    coefficients = np.linalg.solve(R, Q.T @ y)
    residual = y - X @ coefficients
    inverse = np.linalg.inv(R)
    return coefficients, inverse @ inverse.T * (residual @ residual) / (len(y) - X.shape[1])


def logistic(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients at the maximum of the likelihood by Newton's method, and their covariances."""
    coefficients = np.zeros(X.shape[1])
    for _ in range(30):
        p = 1.0 / (1.0 + np.exp(-X @ coefficients))
        covariance = np.linalg.inv(X.T @ (X * (p * (1.0 - p))[:, None]))
        coefficients = coefficients + covariance @ (X.T @ (y - p))
    return coefficients, covariance


def by_hand(table: pd.DataFrame, analysis: str) -> tuple[pd.Series, pd.DataFrame]:
    columns, y = design(table, analysis)
    fit = logistic if analysis == LOGISTIC else least_squares
    coefficients, covariance = fit(columns.to_numpy(), y)
    names = columns.columns
    return pd.Series(coefficients, names), pd.DataFrame(covariance, names, names)


def r_squared(table: pd.DataFrame, analysis: str, adjusted: bool) -> float:
    columns, y = design(table, analysis)
    X = columns.to_numpy()
    residual = y - X @ least_squares(X, y)[0]
    left, all_ = residual @ residual, (y - y.mean()) @ (y - y.mean())
    n, k = X.shape
    return float(1.0 - (left / (n - k)) / (all_ / (n - 1)) if adjusted else 1.0 - left / all_)


#: Asked for is 1e-6.
CLOSE = {"rel": 1e-9, "abs": 1e-300}

#: Their columns, and ours.
COLUMNS = {
    "estimate": "estimate",
    "std.error": "std_error",
    "statistic": "statistic",
    "df": "df",
    "p.value": "p_value",
    "lower": "lower",
    "upper": "upper",
    "riv": "relative_increase",
    "lambda": "lambda",
    "fmi": "fraction_missing_information",
    "ubar": "within_variance",
    "b": "between_variance",
    "t": "total_variance",
}

POOLED = read("pooled")


def assert_as_mice(pooled: PooledEstimates, expected: pd.DataFrame, rel: float = 1e-9) -> None:
    found = pooled.to_frame()
    assert list(found.index) == list(expected["term"])
    assert pooled.n_imputations == expected["m"].iloc[0]
    for theirs, ours in COLUMNS.items():
        if theirs in expected:
            wanted = expected[theirs].to_numpy()
            assert found[ours].to_numpy() == pytest.approx(wanted, rel=rel, abs=1e-300), theirs


def expected_of(analysis: str) -> pd.DataFrame:
    return POOLED[POOLED["analysis"] == analysis]


class TestReferences:
    def test_they_are_of_the_version_told(self) -> None:
        assert "mice 3.15.0" in (FOLDER / "versions.txt").read_text(encoding="utf-8")

    def test_every_analysis_is_there(self) -> None:
        assert set(POOLED["analysis"]) == set(ANALYSES)
        assert len(completed_tables("cholesterol")) == 20
        assert not any(table.isna().any(axis=None) for table in completed_tables("cholesterol"))


class TestCoefficients:
    @pytest.mark.parametrize("analysis", ANALYSES)
    def test_fitted_by_hand(self, analysis: str) -> None:
        expected = expected_of(analysis)
        pooled = pool_analyses(
            completed_tables(analysis),
            lambda table: by_hand(table, analysis),
            complete_degrees_of_freedom=expected["dfcom"].iloc[0],
        )
        assert_as_mice(pooled, expected)

    @pytest.mark.parametrize("analysis", ANALYSES)
    def test_fitted_by_statsmodels_which_tells_degrees_of_freedom(self, analysis: str) -> None:
        def fitted(table: pd.DataFrame) -> Any:
            columns, y = design(table, analysis)
            if analysis == LOGISTIC:
                model = sm.GLM(y, columns, sm.families.Binomial())
                return model.fit(tol=1e-12, tol_criterion="params")
            return sm.OLS(y, columns).fit()

        expected = expected_of(analysis)
        pooled = pool_analyses(completed_tables(analysis), fitted)
        assert pooled.complete_degrees_of_freedom == expected["dfcom"].iloc[0]
        assert_as_mice(pooled, expected)

    @pytest.mark.parametrize("analysis", ANALYSES)
    def test_fitted_by_scikit_learn(self, analysis: str) -> None:
        def fitted(table: pd.DataFrame) -> Any:
            columns, y = design(table, analysis)
            X = columns.drop(columns="(Intercept)")
            if analysis == LOGISTIC:
                model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12)
                return linear_model_estimates(model.fit(X, y), X, y)
            return linear_model_estimates(LinearRegression().fit(X, y), X, y)

        expected = expected_of(analysis)
        names = expected["term"].tolist()
        pooled = pool_analyses(completed_tables(analysis), fitted, names=names)
        # scikit-learn stops when the likelihood is flat to rounding, not when the slope is.
        assert_as_mice(pooled, expected, rel=1e-6 if analysis == LOGISTIC else 1e-9)

    def test_of_an_endless_table(self) -> None:
        analysis = "cholesterol"
        pooled = pool_analyses(completed_tables(analysis), lambda table: by_hand(table, analysis))
        assert pooled.complete_degrees_of_freedom == np.inf
        assert_as_mice(pooled, read("pooled_endless"))


@pytest.mark.parametrize("case", read("scalar_pooled").to_dict("records"), ids=lambda c: c["case"])
def test_single_numbers(case: dict[str, Any]) -> None:
    """Few and many imputations, hardly anything missing, hardly anything known."""
    inputs = read("scalar_inputs")
    lines = inputs[inputs["case"] == case["case"]]
    pooled = pool(lines["estimate"], lines["variance"], complete_degrees_of_freedom=case["dfcom"])
    assert pooled.estimate[0] == pytest.approx(case["qbar"], **CLOSE)
    assert pooled.within_variance[0] == pytest.approx(case["ubar"], **CLOSE)
    assert pooled.between_variance[0] == pytest.approx(case["b"], **CLOSE)
    assert pooled.total_variance[0] == pytest.approx(case["t"], **CLOSE)
    assert pooled.degrees_of_freedom[0] == pytest.approx(case["df"], **CLOSE)
    assert pooled.relative_increase[0] == pytest.approx(case["r"], **CLOSE)
    assert pooled.fraction_missing_information[0] == pytest.approx(case["fmi"], **CLOSE)


@pytest.mark.parametrize(
    "case", read("r_squared").to_dict("records"), ids=lambda c: f"{c['analysis']}-{c['adjusted']}"
)
def test_shares_of_explained_variance(case: dict[str, Any]) -> None:
    tables = completed_tables(case["analysis"])
    shares = [r_squared(table, case["analysis"], case["adjusted"] == "yes") for table in tables]
    pooled = pool_r_squared(shares, len(tables[0]))
    on_scale = pooled.fisher_z
    assert pooled.estimate[0] == pytest.approx(case["estimate"], **CLOSE)
    assert on_scale.fraction_missing_information[0] == pytest.approx(case["fmi"], **CLOSE)
    # mice takes 1.96 standard errors; ours are those of Student's t, hence a little wider.
    lower, upper = np.tanh(on_scale.estimate + np.array([-1.96, 1.96]) * on_scale.std_error) ** 2
    assert (lower, upper) == pytest.approx((case["lower"], case["upper"]), **CLOSE)
    assert pooled.lower[0] < case["lower"]
    assert pooled.upper[0] > case["upper"]


@pytest.mark.parametrize(
    "case",
    read("d1").to_dict("records"),
    ids=lambda c: f"{c['analysis']}-{c['terms']}-{c['m']}-{c['dfcom']}",
)
def test_several_coefficients_at_once(case: dict[str, Any]) -> None:
    analysis = case["analysis"]
    pooled = pool_analyses(
        completed_tables(analysis)[: case["m"]],
        lambda table: by_hand(table, analysis),
        complete_degrees_of_freedom=case["dfcom"],
    )
    test = pooled.wald_test(case["terms"].split())
    assert test.statistic == pytest.approx(case["F"], **CLOSE)
    assert test.degrees_of_freedom == pytest.approx((case["df1"], case["df2"]), **CLOSE)
    assert test.p_value == pytest.approx(case["p"], **CLOSE)
    assert test.relative_increase == pytest.approx(case["riv"], **CLOSE)
