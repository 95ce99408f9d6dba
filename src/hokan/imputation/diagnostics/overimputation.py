"""Each known value, predicted as if it were missing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri
from sklearn.base import clone

from hokan.errors import HokanError
from hokan.estimators import HierarchicalRegressor

FloatArray = NDArray[np.float64]

#: As HierarchicalRegressor.leave_one_out returns them.
_COLUMNS = ("row", "property", "observed", "predicted", "std", "lower", "upper", "surprise")


def overimpute(imputer: Any, *, level: float = 0.9) -> pd.DataFrame:
    """Predict each known value from all others, in closed form, with a fitted joint model.

    Parameters
    ----------
    imputer : MultipleImputer or HierarchicalRegressor
        Fitted.
    level : float
        Probability that an interval is meant to hold.

    Returns
    -------
    DataFrame
        As :meth:`hokan.HierarchicalRegressor.leave_one_out` returns it: a line for each known
        value, with ``row``, ``property``, ``observed``, ``predicted``, ``std``, ``lower``,
        ``upper`` and ``surprise``.

    Raises
    ------
    HokanError
        If the imputer has no joint model.
    """
    regressor = getattr(imputer, "regressor_", imputer)
    if not isinstance(regressor, HierarchicalRegressor):
        raise HokanError(
            f"{type(imputer).__name__} holds no fitted joint model, so that values cannot be left "
            "out in closed form; use overimpute_by_folds, which hides them and imputes again"
        )
    return regressor.leave_one_out(level=level)


def overimpute_by_folds(
    imputer: Any,
    table: pd.DataFrame,
    *,
    properties: Sequence[str] | None = None,
    n_folds: int = 5,
    n_imputations: int = 39,
    level: float = 0.9,
    random_state: int = 0,
) -> pd.DataFrame:
    """Hide a share of the known values at a time, impute again, and compare.

    Works for any imputer, and takes ``n_folds`` fits.

    Parameters
    ----------
    imputer : estimator
        With ``fit(table)`` and ``impute(m)``; it is cloned, and stays as it is.
    table : DataFrame
        With holes.
    properties : sequence of str
        Columns of numbers to hide values of; by default those that have holes.
    n_folds : int
        2 or more; of each property, a share of one in so many is hidden at a time.
    n_imputations : int
        Completed tables that a prediction is made of; for intervals of 90 % at least 19.
    level : float
        Probability that an interval is meant to hold. Its ends are draws: with k of m draws below
        the lower end, as many values as k in m + 1 are expected there.
    random_state : int
        Of the folds.

    Returns
    -------
    DataFrame
        As that of :func:`overimpute`; the prediction is the median of the draws, the surprise the
        normal score of the value among them.

    Raises
    ------
    HokanError
        If there is nothing to hide, or the numbers of folds or imputations do not do.
    """
    names = _to_hide(table, properties)
    fewest = math.ceil(2.0 / (1.0 - level) - 1e-9) - 1
    if n_folds < 2 or n_imputations < fewest:
        raise HokanError(
            f"expected 2 folds or more, and {fewest} imputations or more for intervals of "
            f"{100.0 * level:g} %; found {n_folds} and {n_imputations}"
        )
    random = np.random.default_rng(random_state)
    folds = {name: _folds(table[name], n_folds, random) for name in names}
    parts = []
    for fold in range(n_folds):
        hidden = table.astype(dict.fromkeys(names, np.float64))
        for name in names:
            hidden.loc[folds[name] == fold, name] = np.nan
        imputations = clone(imputer).fit(hidden).impute(n_imputations)
        for name in names:
            rows = np.flatnonzero(folds[name] == fold)
            if len(rows):
                column = imputations.columns[name]
                places = np.searchsorted(column.rows, rows)
                draws = column.values[:, places].astype(np.float64)
                parts.append(_judge(name, table, rows, draws, level))
    cells = pd.concat(parts, ignore_index=True)
    position = {name: place for place, name in enumerate(names)}
    order = cells.assign(place=cells["property"].map(position)).sort_values(
        ["place", "position"], kind="stable"
    )
    return order[list(_COLUMNS)].reset_index(drop=True)


def _to_hide(table: pd.DataFrame, properties: Sequence[str] | None) -> list[str]:
    numeric = [
        name
        for name in table.columns
        if pd.api.types.is_numeric_dtype(table[name].dtype) and table[name].notna().sum() > 2
    ]
    if properties is None:
        names = [name for name in numeric if table[name].isna().any()]
    else:
        names = list(properties)
        wrong = [name for name in names if name not in numeric]
        if wrong:
            raise HokanError(
                f"{', '.join(map(repr, wrong))}: expected columns of numbers, three of them known"
            )
    if not names:
        raise HokanError("the table has no column of numbers with holes; name the properties")
    return names


def _folds(column: pd.Series, n_folds: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Return the fold of every row, -1 where there is nothing to hide, of shape (n,)."""
    known = np.flatnonzero(column.notna().to_numpy())
    folds = np.full(len(column), -1, dtype=np.int64)
    folds[random.permutation(known)] = np.arange(len(known)) % n_folds
    return folds


def _judge(
    name: str, table: pd.DataFrame, rows: NDArray[np.int64], draws: FloatArray, level: float
) -> pd.DataFrame:
    """Compare known values with draws of shape (m, rows)."""
    observed = table[name].to_numpy(np.float64, na_value=np.nan)[rows]
    tail = 0.5 * (1.0 - level)
    # Plotting positions k / (m + 1): among m + 1 draws alike, each place is as likely.
    lower, median, upper = np.quantile(draws, [tail, 0.5, 1.0 - tail], axis=0, method="weibull")
    below = (draws < observed).sum(axis=0) + 0.5 * (draws == observed).sum(axis=0)
    return pd.DataFrame(
        {
            "position": rows,
            "row": table.index[rows],
            "property": name,
            "observed": observed,
            "predicted": median,
            "std": draws.std(axis=0, ddof=1),
            "lower": lower,
            "upper": upper,
            "surprise": ndtri((below + 0.5) / (len(draws) + 1.0)),
        }
    )


def summarise_overimputation(cells: pd.DataFrame, *, level: float = 0.9) -> pd.DataFrame:
    """Tell by property how well known values are predicted.

    Parameters
    ----------
    cells : DataFrame
        Of :func:`overimpute` or :func:`overimpute_by_folds`.
    level : float
        That of the intervals.

    Returns
    -------
    DataFrame
        A line for each property: ``property``, number of ``cells``, ``inside`` (share in their
        interval), ``median_error``, ``mean_surprise`` (0 without bias) and ``surprise_std`` (1
        where error bars are right), both in standard deviations of the prediction, and
        ``too_narrow``: intervals hold less often than they should, by more than five per cent and
        more than chance.
    """
    lines = []
    for name, of_property in cells.groupby("property", sort=False):
        inside = float(
            of_property["observed"].between(of_property["lower"], of_property["upper"]).mean()
        )
        chance = 3.0 * math.sqrt(level * (1.0 - level) / len(of_property))
        lines.append(
            {
                "property": name,
                "cells": len(of_property),
                "inside": inside,
                "median_error": float(
                    (of_property["predicted"] - of_property["observed"]).abs().median()
                ),
                "mean_surprise": float(of_property["surprise"].mean()),
                "surprise_std": float(of_property["surprise"].std()),
                "too_narrow": inside < level - max(0.05, chance),
            }
        )
    columns = ["property", "cells", "inside", "median_error"]
    return pd.DataFrame(lines, columns=[*columns, "mean_surprise", "surprise_std", "too_narrow"])
