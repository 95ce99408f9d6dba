"""Rubin's rules: the results of m analyses become one, with an honest standard error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy.typing as npt
import pandas as pd

from hokan.imputation.pooling.checking import (
    FloatArray,
    check_degrees_of_freedom,
    check_level,
    checked_results,
)
from hokan.imputation.pooling.pooled_estimates import PooledEstimates


def pool(
    estimates: npt.ArrayLike | pd.DataFrame,
    variances: npt.ArrayLike | pd.DataFrame,
    *,
    complete_degrees_of_freedom: float | None = None,
    names: Sequence[str] | None = None,
    level: float = 0.95,
) -> PooledEstimates:
    """Pool the results of m analyses by Rubin's rules.

    Parameters
    ----------
    estimates : array_like of shape (m, q) or (m,), or DataFrame
        One line per completed table. Estimates whose sampling distribution is far from normal
        (correlations, shares, ratios) are better pooled on a scale where it is not; see
        :func:`pool_correlation`, :func:`pool_r_squared`.
    variances : array_like of shape (m, q), (m,) or (m, q, q), or DataFrame
        Squares of the standard errors, or full covariance matrices.
    complete_degrees_of_freedom : float, optional
        Those of one analysis, for a regression its rows minus its coefficients. If not given,
        infinite, which is right only for large tables or known variances.
    names : sequence of str of length q, optional
        What the quantities are called; the columns of ``estimates`` if it is a DataFrame.
    level : float, optional
        Probability of the intervals.

    Returns
    -------
    PooledEstimates

    Raises
    ------
    HokanError
        If there is only one line, shapes do not fit, or a number is not finite or a variance
        negative; the message says in which imputation, counted from 1, and for which quantity.
    """
    if names is None and isinstance(estimates, pd.DataFrame):
        names = [str(column) for column in estimates.columns]
    checked = checked_results(estimates, variances, names)
    m = len(checked.estimates)
    # From the first line on, so that m equal lines have exactly that mean and no variance.
    mean, between = _mean_and_variance(checked.estimates)
    within, _ = _mean_and_variance(checked.variances)
    within_covariance = between_covariance = None
    if checked.covariances is not None:
        within_covariance, _ = _mean_and_variance(checked.covariances)
        deviations = checked.estimates - mean
        between_covariance = deviations.T @ deviations / (m - 1)
    return PooledEstimates(
        checked.names,
        mean,
        within,
        between,
        m,
        check_degrees_of_freedom(complete_degrees_of_freedom),
        check_level(level),
        within_covariance,
        between_covariance,
    )


def _mean_and_variance(lines: FloatArray) -> tuple[FloatArray, FloatArray]:
    shifted = lines - lines[0]
    return lines[0] + shifted.mean(axis=0), shifted.var(axis=0, ddof=1)
