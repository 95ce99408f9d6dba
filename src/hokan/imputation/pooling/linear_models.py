"""Estimates and covariances of scikit-learn's linear models, which do not give them themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit
from sklearn.linear_model import (
    ARDRegression,
    BayesianRidge,
    LinearRegression,
    LogisticRegression,
)
from sklearn.utils.validation import check_is_fitted

from hokan.errors import HokanError
from hokan.imputation.pooling.checking import FloatArray
from hokan.imputation.pooling.results import Estimates

#: Coefficients may be off the maximum of the likelihood by this share of their standard errors.
OFF_THE_MAXIMUM = 1e-2
#: Columns of length 1 are taken to depend on each other if a singular value is below this.
SMALLEST_SINGULAR_VALUE = 1e-9

INTERCEPT = "intercept"


def linear_model_estimates(fitted: Any, X: npt.ArrayLike | pd.DataFrame, y: Any) -> Estimates:
    """Return the coefficients of a fitted scikit-learn model, with their covariances.

    - ``LinearRegression``: covariances of least squares, ``s² (DᵀD)⁻¹`` with D the columns of X and
      one of ones, and ``s²`` the residual sum of squares over n - k, the complete-data degrees of
      freedom.
    - ``LogisticRegression`` of two classes without a penalty (``C=np.inf``): the inverse of the
      Fisher information, ``(Dᵀ diag(p (1 - p)) D)⁻¹``; degrees of freedom n - k, as in mice.
    - ``BayesianRidge``, ``ARDRegression``: the posterior mean and covariance of the coefficients,
      and of the intercept under a flat prior, given the precisions at the values found. What is not
      in it: that the precisions are uncertain (so errors are somewhat too small for few rows), and
      that coefficients are shrunk on purpose (so intervals are the model's beliefs, not confidence
      intervals). Coefficients that ARDRegression has pruned are 0 with variance 0. There are no
      complete-data degrees of freedom: the reference is normal.

    Parameters
    ----------
    fitted : estimator
        Fitted to X and y without sample weights.
    X : array_like or DataFrame of shape (n, d)
    y : array_like of shape (n,)

    Raises
    ------
    HokanError
        If the model is another one, has a penalty or constraints, was fitted to other rows or with
        weights, has not converged, or if columns of X depend on each other.
    """
    kind = type(fitted).__name__
    known = (LinearRegression, LogisticRegression, BayesianRidge, ARDRegression)
    if not isinstance(fitted, known):
        raise HokanError(_unknown(kind))
    check_is_fitted(fitted)
    columns, names = _columns(fitted, X)
    target = np.asarray(y)
    if target.shape != (len(columns),):
        raise HokanError(f"expected y of shape {(len(columns),)}, found {target.shape}")
    if fitted.fit_intercept:
        columns = np.column_stack([np.ones(len(columns)), columns])
        names = (INTERCEPT, *names)
    if isinstance(fitted, LogisticRegression):
        return _logistic(fitted, columns, target, names)
    if isinstance(fitted, LinearRegression):
        return _least_squares(fitted, columns, target.astype(np.float64), names)
    return _posterior(fitted, columns, target.astype(np.float64), names)


def _least_squares(fitted: Any, D: FloatArray, y: FloatArray, names: tuple[str, ...]) -> Estimates:
    if fitted.positive:
        raise HokanError(
            "LinearRegression(positive=True) has no covariances: some of its coefficients lie at "
            "their limit 0. Use positive=False, or bootstrap within the analysis"
        )
    coefficients = _coefficients(fitted, D.shape[1])
    n, k = D.shape
    if n <= k:
        raise HokanError(
            f"{n} rows leave no degrees of freedom for {k} coefficients; use fewer columns"
        )
    inverse = _inverse_of_gram(D, names)
    residual = y - D @ coefficients
    covariance = inverse * float(residual @ residual) / (n - k)
    step = inverse @ (D.T @ residual)
    # An exact fit has residuals of rounding errors only, and steps of their size.
    rounding = 1e-9 * (np.abs(coefficients) + np.sqrt(np.diag(inverse)) * np.abs(y).max())
    _check_maximum(step, np.sqrt(np.diag(covariance)) + rounding, names, "LinearRegression")
    return Estimates(coefficients, covariance, names, float(n - k))


def _logistic(fitted: Any, D: FloatArray, y: Any, names: tuple[str, ...]) -> Estimates:
    if len(fitted.classes_) != 2:
        raise HokanError(
            f"LogisticRegression of {len(fitted.classes_)} classes: covariances are given for two "
            "only; use MNLogit of statsmodels and return (estimates, covariances)"
        )
    if not (getattr(fitted, "penalty", "l2") is None or np.isinf(fitted.C)):
        raise HokanError(
            f"LogisticRegression with a penalty (C={fitted.C:g}) shrinks its coefficients, and the "
            "Fisher information says nothing about them; fit it with C=np.inf and a small tol"
        )
    if fitted.class_weight is not None:
        raise HokanError("LogisticRegression with class_weight has no covariances; leave it out")
    coefficients = _coefficients(fitted, D.shape[1])
    n, k = D.shape
    if n <= k:
        raise HokanError(
            f"{n} rows leave no degrees of freedom for {k} coefficients; use fewer columns"
        )
    is_second, log_odds = y == fitted.classes_[1], D @ coefficients
    if (np.where(is_second, log_odds, -log_odds) > 0.0).all():
        raise HokanError(
            "the two classes are separated perfectly by the columns, and the coefficients have no "
            "maximum of the likelihood; use fewer columns"
        )
    probability = expit(log_odds)
    weight = probability * (1.0 - probability)
    covariance = _inverse_of_gram(np.sqrt(weight)[:, None] * D, names)
    step = covariance @ (D.T @ (is_second - probability))
    _check_maximum(step, np.sqrt(np.diag(covariance)), names, "LogisticRegression")
    return Estimates(coefficients, covariance, names, float(n - k))


def _posterior(fitted: Any, D: FloatArray, y: FloatArray, names: tuple[str, ...]) -> Estimates:
    kind = type(fitted).__name__
    coefficients = _coefficients(fitted, D.shape[1])
    d = len(fitted.coef_)
    kept = np.ones(d, dtype=bool)
    if isinstance(fitted, ARDRegression):
        kept = fitted.lambda_ < fitted.threshold_lambda
    spread = np.zeros((d, d))
    spread[np.ix_(kept, kept)] = fitted.sigma_
    if not fitted.fit_intercept:
        return Estimates(coefficients, spread, names)
    residual = y - D @ coefficients
    if abs(residual.mean()) > 1e-6 * (np.abs(y).max() + np.abs(residual).max()):
        raise HokanError(
            f"the residuals of {kind} have the mean {residual.mean():g}, not 0: it was fitted to "
            "other rows than X and y, or with sample weights"
        )
    # The model holds for centred columns, with a mean of y of variance 1 / (n alpha).
    centre = D[:, 1:].mean(axis=0)
    cross = -spread @ centre
    constant = centre @ spread @ centre + 1.0 / (len(y) * fitted.alpha_)
    covariance = np.block([[np.array([[constant]]), cross[None, :]], [cross[:, None], spread]])
    return Estimates(coefficients, covariance, names)


def _columns(fitted: Any, X: npt.ArrayLike | pd.DataFrame) -> tuple[FloatArray, tuple[str, ...]]:
    columns = np.asarray(X, dtype=np.float64)
    if columns.ndim != 2 or columns.shape[1] != fitted.n_features_in_:
        raise HokanError(
            f"{type(fitted).__name__} was fitted to {fitted.n_features_in_} columns; found X of "
            f"shape {columns.shape}"
        )
    if not np.isfinite(columns).all():
        row, place = np.argwhere(~np.isfinite(columns))[0]
        raise HokanError(f"X has no number in row {row + 1}, column {place + 1}")
    told = getattr(fitted, "feature_names_in_", None)
    if told is None and isinstance(X, pd.DataFrame):
        told = X.columns
    names = [f"x{place}" for place in range(columns.shape[1])] if told is None else told
    return columns, tuple(str(name) for name in names)


def _coefficients(fitted: Any, k: int) -> FloatArray:
    slopes = np.ravel(np.asarray(fitted.coef_, dtype=np.float64))
    if fitted.fit_intercept:
        slopes = np.concatenate([np.ravel(np.asarray(fitted.intercept_, np.float64)), slopes])
    if len(slopes) != k:
        raise HokanError(
            f"{type(fitted).__name__} predicts several targets at once; fit one model for each"
        )
    return slopes


def _inverse_of_gram(A: FloatArray, names: tuple[str, ...]) -> FloatArray:
    """Return (AᵀA)⁻¹, or say that the columns of A depend on each other."""
    lengths = np.sqrt(np.einsum("ij,ij->j", A, A))
    if (lengths > 0.0).all():
        _, singular, rotation = np.linalg.svd(A / lengths, full_matrices=False)
        if singular[-1] > SMALLEST_SINGULAR_VALUE:
            root = rotation.T / singular
            return np.asarray(root @ root.T / np.outer(lengths, lengths))
    raise HokanError(
        f"the columns {list(names)} depend on each other linearly (or one is 0 throughout), so "
        "that their coefficients cannot be told apart; leave some of them out"
    )


def _check_maximum(step: FloatArray, error: FloatArray, names: tuple[str, ...], kind: str) -> None:
    off = np.abs(step) / error
    worst = int(np.argmax(off))
    if off[worst] > OFF_THE_MAXIMUM:
        raise HokanError(
            f"the coefficient of {names[worst]!r} is {off[worst]:.2g} standard errors away from "
            f"the one that fits X and y best: {kind} was fitted to other rows, or with sample "
            "weights, or has not converged (give it a smaller tol and a larger max_iter)"
        )


def _unknown(kind: str) -> str:
    advice = "return (estimates, variances) yourself, for instance from a bootstrap"
    if kind == "Pipeline":
        advice = "pass its last step, and X as it reaches that step"
    elif any(word in kind for word in ("Ridge", "Lasso", "ElasticNet", "SGD")):
        advice = (
            "its penalty shrinks the coefficients, and they have no standard errors; use "
            "BayesianRidge or LinearRegression, or bootstrap within the analysis"
        )
    return (
        f"no covariances are known for {kind}; expected LinearRegression, BayesianRidge, "
        f"ARDRegression or LogisticRegression without a penalty. For {kind}: {advice}"
    )
