"""Means over repeats of a study of fidelities, and differences with their standard errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd


def summarise_fidelities(scores: pd.DataFrame) -> pd.DataFrame:
    """Return means over repeats, for each number of known values, kind of row and method.

    Parameters
    ----------
    scores : DataFrame
        As :func:`hokan.evaluation.study_fidelities` returns it.

    Returns
    -------
    DataFrame
        ``n_known``, ``lower``, ``method``, ``repeats`` (those in which the method could be fitted),
        ``error`` and its standard error ``error_se`` (NaN for a single repeat), ``coverage`` and
        ``coverage_se``, ``width``, ``seconds``, ``top_used``, ``dropped``.
    """
    grouped = scores.groupby(["n_known", "lower", "method"], sort=False)
    means = grouped[["error", "coverage", "width", "seconds", "top_used", "dropped"]].mean()
    means["repeats"] = grouped["error"].count()
    for name in ("error", "coverage"):
        means[f"{name}_se"] = grouped[name].std(ddof=1) / np.sqrt(means["repeats"])
    return means.reset_index()


def paired_differences(
    scores: pd.DataFrame,
    method: str,
    other: str,
    by: Sequence[str] = ("n_known", "lower"),
) -> pd.DataFrame:
    """Return by how much the error of one method differs from that of another.

    Both are scored on the same held-out rows of the same repeats, so their errors are compared
    repeat by repeat, where both could be fitted.

    Parameters
    ----------
    scores : DataFrame
        As :func:`hokan.evaluation.study_fidelities` returns it.
    method, other : str
        Names of methods.
    by : sequence of str
        ``("n_known", "lower")``, or ``("lower",)`` for means over the numbers of known values,
        where standard errors are over repeats all the same.

    Returns
    -------
    DataFrame
        The columns of ``by``, then ``difference`` (mean of the error of ``method`` minus that of
        ``other``; negative where ``method`` is better), its standard error ``standard_error`` and
        ``repeats``.
    """
    wide = scores.pivot(index=["n_known", "lower", "repeat"], columns="method", values="error")
    each = (wide[method] - wide[other]).dropna()
    return _over_repeats(each, by)


def gain_from_lower_levels(scores: pd.DataFrame, method: str) -> pd.DataFrame:
    """Return by how much knowing the lower levels of a row lowers a method's error.

    Returns
    -------
    DataFrame
        ``n_known``, then as :func:`paired_differences`: the error where the lower levels are known
        minus that where they are not, repeat by repeat. The rows differ, so this is noisier.
    """
    own = scores[scores["method"] == method]
    wide = own.pivot(index=["n_known", "repeat"], columns="lower", values="error")
    return _over_repeats((wide["known"] - wide["unknown"]).dropna(), ("n_known",))


def _over_repeats(each: pd.Series, by: Sequence[str]) -> pd.DataFrame:
    grouped = (
        each.groupby(level=[*by, "repeat"], sort=False).mean().groupby(level=list(by), sort=False)
    )
    count = grouped.count()
    return pd.DataFrame(
        {
            "difference": grouped.mean(),
            "standard_error": grouped.std(ddof=1) / np.sqrt(count),
            "repeats": count,
        }
    ).reset_index()
