"""Protocols: which cells to hide, so that a model can be tried on values that are known.

Rows of equal composition (polymorphs, or one compound listed twice) always go to the same side: a
hidden value would be too easy to guess with that of its twin in view. Every protocol gives the same
answer for the same seed.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from hokan.descriptors import reduced_formula_key
from hokan.errors import TableError
from hokan.table import PropertyTable

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Holdout:
    """A table with some known cells hidden.

    Attributes
    ----------
    table : PropertyTable
        What a method may see: hidden cells are holes.
    hidden : ndarray of shape (n, p) of bool
        Which cells were hidden.
    truth : ndarray of shape (n, p)
        Their values on the raw scale; NaN everywhere else.
    """

    table: PropertyTable
    hidden: BoolArray
    truth: FloatArray


def hide_cells(table: PropertyTable, cells: npt.ArrayLike) -> Holdout:
    """Hide chosen cells.

    Parameters
    ----------
    table : PropertyTable
        Of n rows and p properties.
    cells : array_like of shape (n, p) of bool
        Cells to hide. Those that are holes already are no part of the holdout.

    Raises
    ------
    TableError
        If the shape differs from the table's.
    """
    wanted = np.asarray(cells, dtype=np.bool_)
    if wanted.shape != table.values.shape:
        raise TableError(
            f"{table.source}: expected a mask of shape {table.values.shape} of the cells to hide, "
            f"found {wanted.shape}."
        )
    hidden = wanted & table.observed
    truth = np.where(hidden, table.values, np.nan)
    remaining = np.where(hidden, np.nan, table.values)
    return Holdout(table.with_values(remaining), hidden, truth)


def hide_property(table: PropertyTable, property_name: str, rows: npt.ArrayLike) -> Holdout:
    """Hide one property in chosen rows; everything else stays in view.

    Parameters
    ----------
    table : PropertyTable
        Where to hide.
    property_name : str
        What to hide.
    rows : array_like
        Positions of rows counted from 0, or a boolean mask of length n.

    Raises
    ------
    TableError
        If the table has no such property.
    IndexError
        If a position is outside the table or a mask has another length.
    """
    cells = np.zeros(table.values.shape, dtype=np.bool_)
    rows = np.asarray(rows)
    if rows.size:
        cells[rows, _column(table, property_name)] = True
    return hide_cells(table, cells)


def hide_random_cells(table: PropertyTable, share: float, random_state: int) -> Holdout:
    """Hide a share of all known cells, drawn at random.

    Of each property, the values of all rows of equal composition are hidden or left together. Each
    property keeps at least two values, and the share is met to within one composition.

    Parameters
    ----------
    table : PropertyTable
        Where to hide.
    share : float
        Between 0 and 1.
    random_state : int
        Seed.

    Raises
    ------
    TableError
        If the share is not between 0 and 1, or so large that a property would keep fewer than two
        values.
    """
    if not 0.0 < share < 1.0:
        raise TableError(f"the share of cells to hide must be between 0 and 1, found {share!r}.")
    rng = np.random.default_rng(random_state)
    groups = composition_groups(table)
    observed = table.observed
    target = round(share * int(observed.sum()))
    left = observed.sum(axis=0)
    units = np.unique(
        np.column_stack([groups[np.nonzero(observed)[0]], np.nonzero(observed)[1]]), axis=0
    )
    hidden = np.zeros(observed.shape, dtype=np.bool_)
    total = 0
    for group, column in rng.permutation(units):
        if total >= target:
            break
        together = (groups == group) & observed[:, column]
        count = int(together.sum())
        if left[column] - count < 2:
            continue
        hidden[together, column] = True
        left[column] -= count
        total += count
    if total < target:
        raise TableError(
            f"{table.source}: hiding {share:.0%} of {int(observed.sum())} known cells would leave "
            "a property with fewer than two values; hide a smaller share."
        )
    return hide_cells(table, hidden)


def split_rows(
    table: PropertyTable, property_name: str, n_known: int, n_hidden: int, random_state: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Draw rows in which a property stays known and others in which it is to be hidden.

    Only rows in which the property is known are drawn. No composition is on both sides.

    Parameters
    ----------
    table : PropertyTable
        To draw from.
    property_name : str
        The property.
    n_known, n_hidden : int
        How many rows to draw for either side; both are met exactly.
    random_state : int
        Seed.

    Returns
    -------
    known, hidden : ndarray of int
        Positions of rows counted from 0, in increasing order.

    Raises
    ------
    TableError
        If the table has no such property, or not enough rows in which it is known.
    """
    if n_known < 2 or n_hidden < 1:
        raise TableError(
            "a split needs at least 2 known and 1 hidden value, "
            f"found n_known = {n_known} and n_hidden = {n_hidden}."
        )
    candidates = np.flatnonzero(table.observed[:, _column(table, property_name)])
    if len(candidates) < n_known + n_hidden:
        raise TableError(
            f"{table.source}: {property_name!r} is known in {len(candidates)} rows, and a split "
            f"into {n_known} known and {n_hidden} hidden needs {n_known + n_hidden}."
        )
    rng = np.random.default_rng(random_state)
    groups = composition_groups(table)[candidates]
    members = {int(group): candidates[groups == group] for group in np.unique(groups)}
    waiting = [members[int(group)] for group in rng.permutation(np.unique(groups))]
    sides: list[NDArray[np.intp]] = []
    for wanted in (n_known, n_hidden):
        taken, waiting = _take(waiting, wanted)
        if sum(map(len, taken)) < wanted:
            raise TableError(
                f"{table.source}: too few different compositions to split {property_name!r} into "
                f"{n_known} known and {n_hidden} hidden rows with no composition on both sides; "
                "ask for fewer rows."
            )
        sides.append(np.sort(np.concatenate(taken)))
    return sides[0], sides[1]


def hide_after_split(
    table: PropertyTable, property_name: str, n_known: int, n_hidden: int, random_state: int
) -> Holdout:
    """Draw ``n_known + n_hidden`` rows with :func:`split_rows` and hide the property in the latter.

    The holdout's table has these rows only, in their original order, other columns as they are.
    """
    known, hidden = split_rows(table, property_name, n_known, n_hidden, random_state)
    rows = np.sort(np.concatenate([known, hidden]))
    return hide_property(table.select(rows), property_name, np.isin(rows, hidden))


def composition_groups(table: PropertyTable) -> NDArray[np.intp]:
    """Return a number for each row, equal for rows of equal composition and only for these.

    Shape (n,). A table without compositions is grouped by its descriptor columns, if it has any;
    with neither, every row is by itself.
    """
    keys: Sequence[Hashable]
    if table.compositions is not None:
        keys = [reduced_formula_key(formula) for formula in table.compositions]
    elif table.descriptors is not None:
        keys = list(table.descriptors.itertuples(index=False, name=None))
    else:
        keys = range(table.n_rows)
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.intp)


def _take(
    groups: list[NDArray[np.intp]], wanted: int
) -> tuple[list[NDArray[np.intp]], list[NDArray[np.intp]]]:
    """Take groups in order while they fit into what is wanted; return them and the rest."""
    taken, rest, missing = [], [], wanted
    for group in groups:
        if len(group) <= missing:
            taken.append(group)
            missing -= len(group)
        else:
            rest.append(group)
    return taken, rest


def _column(table: PropertyTable, property_name: str) -> int:
    if property_name not in table.property_names:
        raise TableError(
            f"{table.source}: no property {property_name!r}; there are "
            f"{', '.join(map(repr, table.property_names))}."
        )
    return table.property_names.index(property_name)
