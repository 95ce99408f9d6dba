"""The same analysis on every completed table, and the results as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from hokan.errors import HokanError
from hokan.imputation.pooling.pooled_estimates import PooledEstimates
from hokan.imputation.pooling.results import ReadEstimates, read_estimates
from hokan.imputation.pooling.rubin import pool


def pool_analyses(
    imputations: Iterable[pd.DataFrame],
    analysis: Callable[[pd.DataFrame], Any],
    *,
    complete_degrees_of_freedom: float | None = None,
    names: Sequence[str] | None = None,
    level: float = 0.95,
) -> PooledEstimates:
    """Analyse every completed table, and pool what comes out by Rubin's rules.

    Parameters
    ----------
    imputations : iterable of DataFrame
        The completed tables, such as :class:`hokan.imputation.Imputations`.
    analysis : callable
        Takes a completed table and returns estimates with their variances: as a pair ``(estimates,
        variances)`` of numbers, arrays, dicts or Series (variances also as a covariance matrix), as
        :class:`Estimates`, as a fitted model of statsmodels, or as what
        :func:`linear_model_estimates` and :func:`cross_validated_estimate` return.
    complete_degrees_of_freedom, names, level
        As in :func:`pool`. Degrees of freedom and names that are not given are taken from the
        analyses, if they tell them; of degrees of freedom that differ, the fewest.

    Returns
    -------
    PooledEstimates

    Raises
    ------
    HokanError
        If an analysis returns something else, or other quantities than the first one; as
        :func:`pool`. An error in the analysis itself is passed on, with the imputation it was in.
    """
    results = []
    for number, table in enumerate(imputations, start=1):
        try:
            results.append(analysis(table))
        except Exception as error:
            error.add_note(f"This was in the analysis of imputation {number}.")
            raise
    return pool_results(
        results,
        complete_degrees_of_freedom=complete_degrees_of_freedom,
        names=names,
        level=level,
    )


def pool_results(
    results: Iterable[Any],
    *,
    complete_degrees_of_freedom: float | None = None,
    names: Sequence[str] | None = None,
    level: float = 0.95,
) -> PooledEstimates:
    """Pool results that are there already, one per completed table; see :func:`pool_analyses`."""
    read = [read_estimates(result, number) for number, result in enumerate(results, start=1)]
    if len(read) < 2:
        raise HokanError(f"pooling needs the analyses of at least 2 imputations, found {len(read)}")
    in_order = [read[0], *(_in_order_of(read[0], r, n) for n, r in enumerate(read[1:], start=2))]
    if complete_degrees_of_freedom is None:
        told = [one.complete_degrees_of_freedom for one in in_order]
        known = [degrees for degrees in told if degrees is not None]
        complete_degrees_of_freedom = min(known) if known else None
    # One matrix among lists of variances: covariances are then not known for all.
    variances = [one.variances for one in in_order]
    if len({part.ndim for part in variances}) > 1:
        variances = [part if part.ndim == 1 else np.diag(part) for part in variances]
    return pool(
        np.array([one.estimates for one in in_order]),
        np.array(variances),
        complete_degrees_of_freedom=complete_degrees_of_freedom,
        names=read[0].names if names is None else names,
        level=level,
    )


def _in_order_of(first: ReadEstimates, other: ReadEstimates, number: int) -> ReadEstimates:
    """Return estimates in the order of the first table's, or say how they differ from them."""
    if first.names is None or other.names is None:
        if len(first.estimates) == len(other.estimates) and first.names == other.names:
            return other
        raise HokanError(
            f"the analysis of imputation 1 gave {_told(first)}, that of imputation {number} "
            f"{_told(other)}; pooling needs the same quantities from every completed table"
        )
    if set(first.names) != set(other.names) or len(first.names) != len(other.names):
        lacking = [name for name in first.names if name not in other.names]
        further = [name for name in other.names if name not in first.names]
        raise HokanError(
            f"the analysis of imputation {number} differs from that of imputation 1: without "
            f"{lacking}, with {further}; pooling needs the same quantities from every completed "
            "table. Perhaps a level of a category occurs in some of them only"
        )
    order = [other.names.index(name) for name in first.names]
    variances = other.variances
    return ReadEstimates(
        first.names,
        other.estimates[order],
        variances[order] if variances.ndim == 1 else variances[np.ix_(order, order)],
        other.complete_degrees_of_freedom,
    )


def _told(one: ReadEstimates) -> str:
    if one.names is None:
        return f"{len(one.estimates)} estimates without names"
    return f"the estimates {list(one.names)}"
