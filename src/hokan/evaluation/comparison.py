"""Hokan and the usual ways on the same hidden cells."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hokan.errors import HokanError
from hokan.evaluation import peers, scores
from hokan.evaluation.holdout import Holdout, hide_property, split_rows
from hokan.model import CellPrediction, HierarchyModel, ModelOptions, in_columns
from hokan.table import PropertyTable

#: Called as ``method(table, targets, random_state=..., level=...)``: predict the cells of
#: ``targets`` from what is left in the table.
Method = Callable[..., CellPrediction]


def joint_model(
    table: PropertyTable,
    targets: NDArray[np.bool_],
    *,
    random_state: int = 0,
    level: float = 0.9,
    options: ModelOptions | None = None,
) -> CellPrediction:
    """Fill a table with hokan, every property linked to those known better.

    Parameters
    ----------
    table : PropertyTable
        What is known.
    targets : ndarray of shape (n, p) of bool
        Holes to predict; not used, as the model predicts all of them.
    random_state : int
        Seed; goes before that of ``options``.
    level : float
        Probability of the intervals.
    options : ModelOptions, optional
        Choices about the fit.

    Returns
    -------
    CellPrediction
        On the raw scale, columns as in the table. Intervals are for the material; measurement error
        is not in them.
    """
    chosen = replace(options or ModelOptions(), random_state=random_state)
    model = HierarchyModel.from_table(table, options=chosen)
    return in_columns(model.fill(level), model.graph.names, table.property_names)


#: The methods that can be compared by name.
METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "hokan": joint_model,
        "extra trees on descriptors": peers.extra_trees_on_descriptors,
        "extra trees on descriptors and properties": (
            peers.extra_trees_on_descriptors_and_properties
        ),
        "iterative imputer": peers.iterative_imputer,
        "iterative imputer with extra trees": peers.iterative_imputer_with_extra_trees,
    }
)


def compare_on_hidden(
    table: PropertyTable,
    property_name: str,
    n_known: int = 100,
    n_hidden: int = 300,
    methods: Sequence[str] | Mapping[str, Method] = (
        "hokan",
        "extra trees on descriptors",
        "iterative imputer",
    ),
    random_state: int = 0,
    progress: Callable[[str], None] | None = None,
    level: float = 0.9,
) -> pd.DataFrame:
    """Hide known values of one property and let several methods find them again.

    ``n_known + n_hidden`` rows in which the property is known are drawn; in ``n_hidden`` of them it
    is hidden, while their other columns stay in view. No composition is on both sides.

    Parameters
    ----------
    table : PropertyTable
        To draw rows from.
    property_name : str
        What to hide.
    n_known, n_hidden : int
        Rows in which it stays, and in which it is hidden.
    methods : sequence of str, or mapping of str to Method
        Names from :data:`METHODS`, or methods by name.
    random_state : int
        Seed of the draw and of every method.
    progress : callable, optional
        Called with the name of each method before it starts.
    level : float
        Probability of the intervals.

    Returns
    -------
    DataFrame
        As of :func:`score_methods`, one row per method.

    Raises
    ------
    TableError
        If the table has no such property or too few rows with it.
    HokanError
        If a method is not known.
    """
    chosen = _chosen(methods)
    known, hidden = split_rows(table, property_name, n_known, n_hidden, random_state)
    rows = np.sort(np.concatenate([known, hidden]))
    part = without_unlearnable_properties(table.select(rows), keep=property_name)
    holdout = hide_property(part, property_name, np.isin(rows, hidden))
    return score_methods(holdout, chosen, random_state, progress, level)


def score_methods(
    holdout: Holdout,
    methods: Sequence[str] | Mapping[str, Method],
    random_state: int = 0,
    progress: Callable[[str], None] | None = None,
    level: float = 0.9,
) -> pd.DataFrame:
    """Score several methods on the same hidden cells.

    Parameters
    ----------
    holdout : Holdout
        What is known and what is hidden.
    methods : sequence of str, or mapping of str to Method
        Names from :data:`METHODS`, or methods by name.
    random_state : int
        Seed of every method.
    progress : callable, optional
        Called with the name of each method before it starts.
    level : float
        Probability of the intervals.

    Returns
    -------
    DataFrame
        One row per method and property with hidden cells:

        - ``method``, ``property``, and ``n``, the number of cells scored;
        - ``error``: mean absolute error on the raw scale, in the property's unit;
        - ``error_log``: mean ``|ln(predicted / true)|``, NaN unless all values are positive;
        - ``coverage`` and ``width`` of the intervals, ``width`` on the raw scale; NaN where a
          method has none;
        - ``seconds``: time the method took for the whole table.
    """
    records = []
    for name, method in _chosen(methods).items():
        if progress is not None:
            progress(name)
        start = time.perf_counter()
        predicted = method(holdout.table, holdout.hidden, random_state=random_state, level=level)
        seconds = time.perf_counter() - start
        for column in np.flatnonzero(holdout.hidden.any(axis=0)):
            records.append(
                {
                    "method": name,
                    "property": holdout.table.property_names[column],
                    **_scores(holdout, predicted, int(column)),
                    "seconds": seconds,
                }
            )
    return pd.DataFrame(records)


def without_unlearnable_properties(table: PropertyTable, keep: str) -> PropertyTable:
    """Return the table without the properties that have fewer than two different known values.

    Drawing rows can leave a column like that, from which no method can learn.

    Parameters
    ----------
    table : PropertyTable
        A table.
    keep : str
        A property to keep in any case.
    """
    dropped = [
        name
        for name, values in zip(table.property_names, table.values.T, strict=True)
        if name != keep and len(np.unique(values[~np.isnan(values)])) < 2
    ]
    if not dropped:
        return table
    errors = [f"{name}__error" for name in dropped]
    present = [name for name in errors if name in table.columns_with_role("measurement error")]
    return PropertyTable.from_frame(
        table.frame,
        composition=table.composition_column,
        descriptors=table.columns_with_role("descriptor"),
        ignore=[*table.columns_with_role("ignored"), *dropped, *present],
        properties=[name for name in table.property_names if name not in dropped],
        units=table.units,
        source=table.source,
    )


def _chosen(methods: Sequence[str] | Mapping[str, Method]) -> Mapping[str, Method]:
    if isinstance(methods, Mapping):
        return methods
    for name in methods:
        if name not in METHODS:
            raise HokanError(
                f"no method {name!r} to compare; there are {', '.join(map(repr, METHODS))}"
            )
    return {name: METHODS[name] for name in methods}


def _scores(holdout: Holdout, predicted: CellPrediction, column: int) -> dict[str, float]:
    here = holdout.hidden[:, column]
    truth = holdout.truth[here, column]
    median, lower, upper = (
        array[here, column] for array in (predicted.median, predicted.lower, predicted.upper)
    )
    result: dict[str, float] = dict.fromkeys(
        ("n", "error", "error_log", "coverage", "width"), float("nan")
    )
    result["n"] = int(here.sum())
    if np.isnan(median).any():
        return result
    result["error"] = scores.mean_absolute_error(truth, median)
    if (truth > 0).all() and (median > 0).all():
        result["error_log"] = scores.mean_absolute_error(np.log(truth), np.log(median))
    if not (np.isnan(lower).any() or np.isnan(upper).any()):
        result["coverage"] = scores.interval_coverage(truth, lower, upper)
        result["width"] = scores.mean_interval_width(lower, upper)
    return result
