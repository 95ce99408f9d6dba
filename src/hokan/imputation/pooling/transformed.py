"""Pooling of statistics that are far from normal, on a scale where they are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from hokan.errors import HokanError
from hokan.imputation.pooling.checking import FloatArray
from hokan.imputation.pooling.pooled_estimates import PooledEstimates
from hokan.imputation.pooling.rubin import pool


@dataclass(frozen=True, eq=False)
class PooledShares:
    """Pooled correlations or shares of explained variance, each with an interval.

    Attributes
    ----------
    names : tuple of str
    estimate, lower, upper : ndarray of shape (q,)
        On the scale of the statistic; intervals have probability ``fisher_z.level``.
    fisher_z : PooledEstimates
        The same on Fisher's scale ``artanh``, on which they were pooled: standard errors, degrees
        of freedom, fraction of missing information, p-values.
    """

    names: tuple[str, ...]
    estimate: FloatArray
    lower: FloatArray
    upper: FloatArray
    fisher_z: PooledEstimates

    def to_frame(self) -> pd.DataFrame:
        """Return a table, one row per quantity.

        Returns
        -------
        DataFrame
            Index ``term``; columns ``estimate``, ``lower``, ``upper``, ``df``, ``p_value``,
            ``fraction_missing_information``.
        """
        pooled = self.fisher_z
        return pd.DataFrame(
            {
                "estimate": self.estimate,
                "lower": self.lower,
                "upper": self.upper,
                "df": pooled.degrees_of_freedom,
                "p_value": pooled.p_value,
                "fraction_missing_information": pooled.fraction_missing_information,
            },
            index=pd.Index(self.names, name="term"),
        )

    def __repr__(self) -> str:
        shown = self.to_frame().to_string(float_format=lambda x: f"{x:.4g}", index_names=False)
        m, level = self.fisher_z.n_imputations, self.fisher_z.level
        return f"Pooled over {m} imputations; intervals of {level:.0%}\n{shown}"


def pool_correlation(
    correlations: npt.ArrayLike | pd.DataFrame,
    n_rows: npt.ArrayLike,
    *,
    names: Sequence[str] | None = None,
    level: float = 0.95,
) -> PooledShares:
    """Pool Pearson correlations on Fisher's scale, where their variance is ``1 / (n - 3)``.

    van Buuren (2018), section 5.2.2; R. A. Fisher, Metron 1, 3 (1921).

    Parameters
    ----------
    correlations : array_like of shape (m, q) or (m,), or DataFrame
        Between -1 and 1, one line per completed table.
    n_rows : int, or array_like of shape (m,)
        Rows of the completed tables.
    names : sequence of str of length q, optional
    level : float, optional
        Probability of the intervals.

    Raises
    ------
    HokanError
        If a correlation is not between -1 and 1, or a table has fewer than 4 rows; as :func:`pool`.
    """
    pooled = _pool_on_fisher_scale(correlations, n_rows, -1.0, "correlation", names, level)
    ends = pooled.interval()
    return PooledShares(
        pooled.names, np.tanh(pooled.estimate), np.tanh(ends[0]), np.tanh(ends[1]), pooled
    )


def pool_r_squared(
    r_squared: npt.ArrayLike | pd.DataFrame,
    n_rows: npt.ArrayLike,
    *,
    names: Sequence[str] | None = None,
    level: float = 0.95,
) -> PooledShares:
    """Pool shares of explained variance R², on Fisher's scale of their square roots.

    As ``pool.r.squared`` of mice (O. Harel, J. Appl. Stat. 36, 1109 (2009)), but for the intervals:
    mice takes 1.96 standard errors; here Student's t has the degrees of freedom of the pooled
    value, and a lower end below 0 is 0.

    Parameters
    ----------
    r_squared : array_like of shape (m, q) or (m,), or DataFrame
        Between 0 and 1, one line per completed table. Adjusted ones will do if none is negative.
    n_rows : int, or array_like of shape (m,)
        Rows of the completed tables.
    names : sequence of str of length q, optional
    level : float, optional
        Probability of the intervals.

    Raises
    ------
    HokanError
        If a share is not between 0 and 1, or a table has fewer than 4 rows; as :func:`pool`.
    """
    shares = _between(r_squared, 0.0, "share of explained variance")
    if names is None and isinstance(r_squared, pd.DataFrame):
        names = [str(column) for column in r_squared.columns]
    pooled = _pool_on_fisher_scale(np.sqrt(shares), n_rows, 0.0, "root", names, level)
    lower, upper = (np.tanh(np.maximum(end, 0.0)) ** 2 for end in pooled.interval())
    return PooledShares(pooled.names, np.tanh(pooled.estimate) ** 2, lower, upper, pooled)


def _pool_on_fisher_scale(
    values: npt.ArrayLike | pd.DataFrame,
    n_rows: npt.ArrayLike,
    least: float,
    what: str,
    names: Sequence[str] | None,
    level: float,
) -> PooledEstimates:
    checked = _between(values, least, what)
    if names is None and isinstance(values, pd.DataFrame):
        names = [str(column) for column in values.columns]
    rows = np.asarray(n_rows, dtype=np.float64)
    if rows.shape not in {(), (len(checked),)} or not (rows > 3).all():
        raise HokanError(
            f"n_rows must be the number of rows, 4 or more, one for all {len(checked)} completed "
            f"tables or one for each; found {rows.tolist()}"
        )
    columns = checked.reshape(len(checked), -1)
    variances = np.broadcast_to((1.0 / (rows - 3.0)).reshape(-1, 1), columns.shape)
    return pool(np.arctanh(columns), variances, names=names, level=level)


def _between(values: npt.ArrayLike | pd.DataFrame, least: float, what: str) -> FloatArray:
    """Return the values as an array; those at the limits would be infinite on Fisher's scale."""
    checked = np.asarray(values, dtype=np.float64)
    if checked.ndim not in (1, 2) or checked.size == 0:
        raise HokanError(
            f"expected one {what} per completed table, or a line of several; found shape "
            f"{checked.shape}"
        )
    wrong = np.argwhere(~((checked >= least) & (np.abs(checked) < 1.0)))
    if len(wrong):
        raise HokanError(
            f"the {what} in imputation {wrong[0][0] + 1} is {checked[tuple(wrong[0])]:g}, expected "
            f"a number from {least:g} to 1, below 1"
        )
    return checked
