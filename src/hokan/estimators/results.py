"""From arrays of predicted cells to frames and scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_array, check_consistent_length

from hokan.errors import HokanError, TableError
from hokan.estimators.constraints import PROBABILITY
from hokan.gp.kernels import FloatArray
from hokan.model import CellPrediction, HierarchyModel, LeaveOneOut, in_columns
from hokan.model.categories import drawn_levels
from hokan.sampling.engine import SampledFit
from hokan.table import PropertyTable, filled_frame


def check_interval(level: float) -> float:
    """Return an interval's probability, refused outside (0, 1)."""
    if not PROBABILITY.holds(level):
        raise HokanError(f"level must be {PROBABILITY.expected}; found {level!r}")
    return float(level)


def describe_fit(model: HierarchyModel) -> str:
    """Tell how a fit went, in a sentence."""
    fit = model.fit
    if isinstance(fit, SampledFit):
        posterior = fit.posterior
        return (
            f"Drawn {posterior.n_draws} times by {posterior.convergence.n_chains} chains, "
            f"{fit.moves_per_draw} move(s) per draw, {fit.acceptance:.0%} accepted; largest R-hat "
            f"{posterior.convergence.largest_r_hat:.3f}."
        )
    ended = "converged" if fit.converged else "stopped at max_iterations"
    return (
        f"Parameters learned from {fit.n_cells_learned_from} values in {fit.n_evaluations} "
        f"evaluations ({ended}), log evidence {fit.log_evidence:.1f}."
    )


def values_known_exactly(
    found: CellPrediction, table: PropertyTable, model: HierarchyModel, names: tuple[str, ...]
) -> CellPrediction:
    """Let values that are known without error be their own predictions, to the last bit.

    Parameters
    ----------
    found : CellPrediction
        Columns as in ``names``.
    table : PropertyTable
        The rows predicted.
    model : HierarchyModel
        Knows the measurement errors that are not in the table: declared or learned.
    names : tuple of str
    """
    for j, name in enumerate(names):
        if name not in table.property_names or _has_errors_of_its_own(model, name):
            continue
        column = table.property_names.index(name)
        exact = table.observed[:, column] & (table.measurement_error[:, column] == 0)
        for array in (found.median, found.lower, found.upper):
            array[exact, j] = table.values[exact, column]
        found.std[exact, j] = 0.0
    return found


def within_limits(
    found: CellPrediction, table: PropertyTable, model: HierarchyModel, names: tuple[str, ...]
) -> CellPrediction:
    """Let predictions keep to limits to the last bit, which scales and back may lose.

    Parameters are as for :func:`values_known_exactly`.
    """
    for j, name in enumerate(names):
        if name not in table.property_names or name not in model.graph.names:
            continue
        column = table.property_names.index(name)
        # A limit with a measurement error is one on what was measured.
        hard = table.measurement_error[:, column] == 0
        hard &= not _has_errors_of_its_own(model, name)
        for limits, keep in ((table.lower_limits, np.fmax), (table.upper_limits, np.fmin)):
            limit = np.where(hard, limits[:, column], np.nan)
            for array in (found.median, found.lower, found.upper):
                array[:, j] = keep(array[:, j], limit)
    return found


def _has_errors_of_its_own(model: HierarchyModel, name: str) -> bool:
    declared = not isinstance(model.graph.find(name).measurement_error, str)
    return declared or bool(model.layout.learn_noise[model.graph.index(name)])


def completed_frames(
    table: PropertyTable, draws: FloatArray, model: HierarchyModel
) -> list[pd.DataFrame]:
    """Put draws of all cells into the holes of a table.

    Parameters
    ----------
    table : PropertyTable
    draws : ndarray of shape (n_samples, n, p)
        On the raw scale, columns as in the graph of the model.
    model : HierarchyModel
    """
    names = model.graph.names
    frames = []
    for draw in draws:
        values = table.values.copy()
        for j, name in enumerate(names):
            if name not in table.property_names:
                continue  # it stands for a category
            column = table.property_names.index(name)
            hole = ~table.observed[:, column]
            values[hole, column] = draw[hole, j]
        frame = table.with_values(values).frame
        levels = drawn_levels(draw, model.categories, names)
        for name, cells in _category_columns(table, levels).items():
            frame.isetitem(table.column_position(name), cells.array)
        frames.append(frame)
    return frames


def zero_where_some_are(
    found: CellPrediction, table: PropertyTable, model: HierarchyModel, training: PropertyTable
) -> FloatArray | None:
    """Keep the probability of lying at the floor of properties with values known to do so."""
    if found.zero is None:
        return None
    zero = found.zero.copy()
    for column, name in enumerate(table.property_names):
        if name in model.graph.names:
            known = training.values[:, training.property_names.index(name)]
            transform = model.transforms[model.graph.index(name)]
            if transform.at_floor(known[np.isfinite(known)]).any():
                continue
        zero[:, column] = np.nan
    return zero


def level_frames(
    found: CellPrediction, model: HierarchyModel, index: pd.Index[Any]
) -> dict[str, pd.DataFrame]:
    """Return the probabilities of levels by category, a column for each level."""
    return {
        category.name: pd.DataFrame(
            found.categories[category.name], columns=list(category.levels), index=index
        )
        for category in model.categories
    }


def _category_columns(
    table: PropertyTable, levels: dict[str, FloatArray]
) -> dict[str, pd.Series[Any]]:
    """Return the columns of categories with the holes filled, of the types they had."""
    if not levels:
        return {}
    nothing = np.full(table.values.shape, np.nan)
    filled = filled_frame(table, *[nothing] * 4, categories=levels)
    return {name: filled.iloc[:, table.column_position(name)] for name in levels}


def each_known_cell(
    table: PropertyTable, found: LeaveOneOut, names: tuple[str, ...]
) -> pd.DataFrame:
    """List every known value beside its leave-one-out prediction, row after row.

    Parameters
    ----------
    table : PropertyTable
        The training table.
    found : LeaveOneOut
        Columns as in ``names``.
    names : tuple of str
    """
    modelled = tuple(name for name in table.property_names if name in names)
    prediction = in_columns(found.prediction, names, modelled)
    surprise = found.surprise[:, [names.index(name) for name in modelled]]
    observed = table.values[:, [table.property_names.index(name) for name in modelled]]
    rows, columns = np.nonzero(~np.isnan(observed))
    listed: dict[str, Any] = {"row": table.frame.index[rows]}
    if table.compositions is not None:
        listed[str(table.composition_column)] = [table.compositions[row] for row in rows]
    listed["property"] = [modelled[column] for column in columns]
    listed["observed"] = observed[rows, columns]
    listed["predicted"] = prediction.median[rows, columns]
    for name in ("std", "lower", "upper"):
        listed[name] = getattr(prediction, name)[rows, columns]
    listed["surprise"] = surprise[rows, columns]
    return pd.DataFrame(listed)


def mean_r2(y: object, predicted: FloatArray, names: tuple[str, ...]) -> float:
    """Return R² averaged over properties, of the values that are known.

    Parameters
    ----------
    y : array-like of shape (n,) or (n, p)
        NaN where unknown.
    predicted : ndarray of shape (n, p)
    names : tuple of str
        The p properties, for messages.
    """
    values = check_array(
        y, dtype=np.float64, ensure_2d=False, ensure_all_finite="allow-nan", input_name="y"
    )
    values = values.reshape(len(values), -1)
    check_consistent_length(values, predicted)
    if values.shape[1] != predicted.shape[1]:
        raise TableError(
            f"y: expected {predicted.shape[1]} columns ({', '.join(names)}), "
            f"found {values.shape[1]}"
        )
    scores = []
    for column, guess in zip(values.T, predicted.T, strict=True):
        known = ~np.isnan(column)
        if known.sum() >= 2:
            scores.append(r2_score(column[known], guess[known]))
    if not scores:
        raise TableError("R² needs at least two known values of some property; found fewer")
    return float(np.mean(scores))
