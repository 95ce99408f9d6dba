"""How many imputations are enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import norm

from hokan.errors import HokanError

#: Simulation error of an estimate, over its standard error, that changes no conclusion (White et
#: al. 2011, section 7).
_SMALL_ERROR = 0.1


@dataclass(frozen=True, eq=False)
class EnoughImputations:
    """How many imputations an analysis needs.

    Attributes
    ----------
    table : DataFrame
        A line for each estimate: ``estimate``, ``fraction_missing`` (information),
        ``fraction_upper`` (upper end of its confidence interval), ``for_standard_error`` (von
        Hippel's number), ``for_power`` (that of White et al.), ``needed`` (the larger one), and,
        where the variances are given, ``simulation_error`` of the estimate and
        ``simulation_share``, the same over its standard error.
    n_imputations : int
        That there are.
    needed : int
        For all estimates.
    enough : bool
        Whether there are so many.
    verdict : str
        The same for people.
    """

    table: pd.DataFrame
    n_imputations: int
    needed: int
    enough: bool
    verdict: str


def how_many(
    fraction_missing: npt.ArrayLike,
    n_imputations: int,
    *,
    between: npt.ArrayLike | None = None,
    standard_error: npt.ArrayLike | None = None,
    names: Sequence[str] | None = None,
    coefficient_of_variation: float = 0.05,
    confidence: float = 0.95,
) -> EnoughImputations:
    """Tell from pooled results how many imputations are enough.

    Two answers, of which the larger counts. So that a second set of imputations would give nearly
    the same standard errors, 1 + ½ (γ / cv)² are needed, where γ is the fraction of missing
    information and cv the coefficient of variation that standard errors may have. γ is itself
    uncertain after a few imputations: the upper end of its confidence interval is taken, with
    standard error √(2/m) on the logit scale (P. T. von Hippel, Sociological Methods & Research 49,
    699 (2020), the second of whose two stages this is; O. Harel, Statistical Methodology 4, 75
    (2007)). So that little power is lost, at least 100 γ (I. R. White, P. Royston and A. M. Wood,
    Statistics in Medicine 30, 377 (2011), section 7).

    Parameters
    ----------
    fraction_missing : array-like of shape (k,), or float
        Fractions of missing information of the estimates, 0 to 1.
    n_imputations : int
        That they were found with, 2 or more.
    between, standard_error : array-like of shape (k,), optional
        Variances between imputations, and total standard errors of the pooled estimates.
    names : sequence of str of length k, optional
        Of the estimates; by default numbers from 1.
    coefficient_of_variation : float
        Of standard errors over sets of imputations: 0.05 keeps their second digit nearly.
    confidence : float
        Of the interval of the fractions.

    Raises
    ------
    HokanError
        If a number is out of range, or lengths differ.

    Examples
    --------
    >>> how_many(0.3, 5).needed
    73
    >>> how_many(0.3, 73).needed
    30
    """
    gamma = np.atleast_1d(np.asarray(fraction_missing, dtype=np.float64))
    _check(gamma, n_imputations, coefficient_of_variation, confidence)
    labels = [str(k) for k in range(1, len(gamma) + 1)] if names is None else list(names)
    upper = _upper_end(gamma, n_imputations, confidence)
    for_error = 1.0 + 0.5 * (upper / coefficient_of_variation) ** 2
    columns: dict[str, npt.ArrayLike] = {
        "estimate": labels,
        "fraction_missing": gamma,
        "fraction_upper": upper,
        "for_standard_error": _whole(for_error),
        "for_power": _whole(100.0 * gamma),
        "needed": np.maximum(np.maximum(_whole(for_error), _whole(100.0 * gamma)), 2),
    }
    if between is not None:
        error = np.sqrt(np.atleast_1d(np.asarray(between, dtype=np.float64)) / n_imputations)
        columns["simulation_error"] = error
        if standard_error is not None:
            columns["simulation_share"] = error / np.atleast_1d(
                np.asarray(standard_error, dtype=np.float64)
            )
    if len({np.shape(values) for values in columns.values()}) > 1:
        raise HokanError(
            f"expected names, variances and standard errors of {len(gamma)} estimates, found "
            + ", ".join(f"{len(np.atleast_1d(v))} of {k}" for k, v in columns.items())
        )
    table = pd.DataFrame(columns)
    needed = int(table["needed"].max())
    enough = needed <= n_imputations
    return EnoughImputations(
        table, int(n_imputations), needed, enough, _verdict(table, n_imputations, needed)
    )


def _check(gamma: npt.NDArray[np.float64], m: int, cv: float, confidence: float) -> None:
    if gamma.ndim != 1 or not len(gamma) or not ((gamma >= 0.0) & (gamma <= 1.0)).all():
        raise HokanError(
            "fraction_missing: expected fractions of missing information, each between 0 and 1; "
            f"found {gamma.tolist()}"
        )
    if m < 2:
        raise HokanError(
            f"n_imputations: expected 2 or more; found {m}. With one, nothing tells how much "
            "imputations differ"
        )
    if not cv > 0.0:
        raise HokanError(f"coefficient_of_variation: expected a number above 0; found {cv}")
    if not 0.0 < confidence < 1.0:
        raise HokanError(f"confidence: expected a number between 0 and 1; found {confidence}")


def _upper_end(
    gamma: npt.NDArray[np.float64], m: int, confidence: float
) -> npt.NDArray[np.float64]:
    z = norm.ppf(0.5 + 0.5 * confidence)
    return np.asarray(expit(logit(gamma) + z * np.sqrt(2.0 / m)))


def _whole(values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Round up; 30.000000000000004 is 30."""
    return np.ceil(values - 1e-6).astype(np.int64)


def _verdict(table: pd.DataFrame, m: int, needed: int) -> str:
    worst = table.iloc[int(table["needed"].to_numpy().argmax())]
    why = (
        f"{worst['estimate']} misses {100.0 * worst['fraction_missing']:.0f} % of its information "
        f"(perhaps {100.0 * worst['fraction_upper']:.0f} %)"
    )
    told = (
        f"{m} imputations are enough: {needed} would do; {why}."
        if needed <= m
        else f"{m} imputations are too few for standard errors that come out alike each time: "
        f"take {needed}; {why}."
    )
    if "simulation_share" in table:
        share = float(table["simulation_share"].max())
        if share > _SMALL_ERROR:
            told += (
                f" Estimates themselves move by up to {100.0 * share:.0f} % of their standard "
                "error when imputed again."
            )
    return told
