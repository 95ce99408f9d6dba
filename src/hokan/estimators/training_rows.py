"""Recognising rows of the training table, so that they are not taken for new materials."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hokan.gp.kernels import FloatArray
from hokan.model import CellPrediction, HierarchyModel, in_columns
from hokan.model.categories import ModelledCategory
from hokan.model.completing import CompletedDraws
from hokan.table import PropertyTable

_ARRAYS = ("median", "std", "lower", "upper", "zero")


def predict_cells(
    model: HierarchyModel, training: PropertyTable, table: PropertyTable, level: float
) -> CellPrediction:
    """Predict every cell of some rows, given what is known in them and in training.

    Parameters
    ----------
    model : HierarchyModel
    training : PropertyTable
        What the model was fitted to.
    table : PropertyTable
        Training rows, which are recognised, or new ones.
    level : float
        Probability of the intervals.

    Returns
    -------
    CellPrediction
        Columns in the order of the graph.
    """
    positions = training_positions(table, training, model.graph.names, model.categories)
    new = np.flatnonzero(positions < 0)
    if len(new) == table.n_rows:
        return model.predict(table, level)
    filled = model.fill(level)
    arrays = [name for name in _ARRAYS if getattr(filled, name) is not None]
    chances = {name: array[positions] for name, array in filled.categories.items()}
    found = replace(
        filled,
        **{name: getattr(filled, name)[positions] for name in arrays},
        categories=chances,
    )
    if len(new):
        fresh = model.predict(table.select(new), level)
        for name in arrays:
            getattr(found, name)[new] = getattr(fresh, name)
        for name, probabilities in chances.items():
            probabilities[new] = fresh.categories[name]
    return found


def complete_rows(
    model: HierarchyModel, training: PropertyTable, table: PropertyTable, n_draws: int, seed: int
) -> CompletedDraws:
    """Draw completed tables of some rows, given what is known in them and in training.

    Parameters
    ----------
    model, training, table
        As for :func:`predict_cells`.
    n_draws : int
        Number of tables.
    seed : int

    Returns
    -------
    CompletedDraws
        Columns in the order of the graph.
    """
    positions = training_positions(table, training, model.graph.names, model.categories)
    new = np.flatnonzero(positions < 0)
    if len(new) == table.n_rows:
        return model.completed(n_draws, table, seed)
    found = model.completed(n_draws, random_state=seed)
    values = found.values[:, positions]
    if len(new):
        values[:, new] = model.completed(n_draws, table.select(new), seed).values
    return replace(found, values=values)


def predict_from_others(
    model: HierarchyModel, training: PropertyTable, table: PropertyTable, names: tuple[str, ...]
) -> FloatArray:
    """Predict each known value from all others: of its row, and of all training rows but itself.

    Parameters
    ----------
    model, training, table
        As for :func:`predict_cells`; the table has all properties of the model.
    names : tuple of str
        Properties wanted.

    Returns
    -------
    ndarray of shape (n, p)
        Medians on the raw scale, NaN at holes.
    """
    predicted = np.full((table.n_rows, len(names)), np.nan)
    positions = training_positions(table, training, model.graph.names, model.categories)
    if (positions >= 0).any():
        left_out = in_columns(model.leave_one_out().prediction, model.graph.names, names)
        predicted[positions >= 0] = left_out.median[positions[positions >= 0]]
    new = np.flatnonzero(positions < 0)
    fresh = table.select(new)
    for j, name in enumerate(names):
        column = fresh.property_names.index(name)
        known = np.flatnonzero(fresh.observed[:, column])
        if len(known):
            hidden = fresh.values[known].copy()
            hidden[:, column] = np.nan
            found = model.predict(fresh.select(known).with_values(hidden))
            predicted[new[known], j] = found.median[:, model.graph.index(name)]
    return predicted


def training_positions(
    table: PropertyTable,
    training: PropertyTable,
    names: tuple[str, ...],
    categories: tuple[ModelledCategory, ...] = (),
) -> NDArray[np.int64]:
    """Return which training row each row of a table is, or -1.

    A row is a training row if it equals one in everything a model reads: composition as written,
    descriptors, the known values of its properties, their measurement errors and limits, and the
    levels of its categories. Of equal rows, the first there is the first here, and so on; any
    beyond those are new materials.

    Parameters
    ----------
    table, training : PropertyTable
        The table asked about, and the one the model was fitted to.
    names : tuple of str
        Properties of the model.
    categories : tuple of ModelledCategory
        Those of the model.

    Returns
    -------
    ndarray of shape (n,) of int
    """
    waiting: dict[Hashable, list[int]] = defaultdict(list)
    for position, key in enumerate(_row_keys(training, names, categories)):
        waiting[key].append(position)
    found = np.full(table.n_rows, -1, dtype=np.int64)
    for row, key in enumerate(_row_keys(table, names, categories)):
        if waiting.get(key):
            found[row] = waiting[key].pop(0)
    return found


def _row_keys(
    table: PropertyTable, names: tuple[str, ...], categories: tuple[ModelledCategory, ...]
) -> list[Hashable]:
    """Return what a model reads of each row, as bytes and a formula."""
    numbers = np.full((table.n_rows, 4 * len(names)), np.nan)
    for j, name in enumerate(names):
        if name in table.property_names:
            column = table.property_names.index(name)
            known = table.observed[:, column]
            limited = table.has_limits[:, column]
            numbers[:, 4 * j] = table.values[:, column]
            numbers[:, 4 * j + 1] = table.lower_limits[:, column]
            numbers[:, 4 * j + 2] = table.upper_limits[:, column]
            error = table.measurement_error[:, column]
            numbers[:, 4 * j + 3] = np.where(known | limited, error, np.nan)
    descriptors = table.descriptors
    if descriptors is not None:
        in_order = descriptors[sorted(descriptors.columns)].to_numpy(dtype=np.float64)
        numbers = np.column_stack([numbers, in_order])
    numbers = np.column_stack([numbers, *(known.codes_in(table) for known in categories)])
    # Adding zero turns -0.0 into 0.0, which equals it but has other bytes.
    numbers = np.ascontiguousarray(numbers + 0.0)
    formulas = table.compositions or ("",) * table.n_rows
    return [(formula, row.tobytes()) for formula, row in zip(formulas, numbers, strict=True)]
