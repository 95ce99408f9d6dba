"""Which values of a property are hidden, so that rows with relatives known are told from others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hokan.errors import TableError
from hokan.evaluation.holdout import composition_groups
from hokan.table import PropertyTable

RowArray = NDArray[np.intp]

#: A row in which no relative is known.
NONE = "none"


@dataclass(frozen=True, eq=False)
class RelativesDraw:
    """One random draw of rows.

    Attributes
    ----------
    table : PropertyTable
        The held-out rows, then the candidates; the target is a hole in all of them.
    truth : ndarray of shape (n,)
        The target.
    kinds : ndarray of shape (n,) of str
        Which relatives are known in each row.
    n_hidden : int
        The first so many rows are held out.
    """

    table: PropertyTable
    target: str
    truth: NDArray[np.float64]
    kinds: NDArray[np.str_]
    n_hidden: int

    def keep(self, n_known: int) -> PropertyTable:
        """Return the table with the target known in the first so many candidates.

        Those of a smaller number are part of those of a larger one. All rows stay: what else is
        known of them is known all the same.
        """
        values = self.table.values.copy()
        column = self.table.property_names.index(self.target)
        known = slice(self.n_hidden, self.n_hidden + n_known)
        values[known, column] = self.truth[known]
        return self.table.with_values(values)


def kinds_of_rows(table: PropertyTable, relatives: Mapping[str, Sequence[str]]) -> NDArray[np.str_]:
    """Return which relatives are known in each row: the first kind of which one is, or "none".

    Parameters
    ----------
    table : PropertyTable
    relatives : mapping of str to sequence of str
        Kinds, and the properties that belong to each. Those the table lacks are passed over.

    Returns
    -------
    ndarray of shape (n,) of str
    """
    kinds = np.full(table.n_rows, NONE, dtype=f"<U{max(map(len, [NONE, *relatives]))}")
    for kind, names in reversed(list(relatives.items())):
        columns = [table.property_names.index(n) for n in names if n in table.property_names]
        kinds[table.observed[:, columns].any(axis=1)] = kind
    return kinds


def draw_by_relatives(
    table: PropertyTable,
    target: str,
    relatives: Mapping[str, Sequence[str]],
    n_hidden: int,
    most_known: int,
    random_state: int | Sequence[int] = 0,
) -> RelativesDraw:
    """Hold out values of a property, as many of each kind of row.

    Rows of all kinds take turns, among those held out and among those whose value may be kept, so
    that any number of known values has its share of each. No composition is on both sides.

    Parameters
    ----------
    table : PropertyTable
    target : str
        The property to hide.
    relatives : mapping of str to sequence of str
        See :func:`kinds_of_rows`. Kinds that no row has are passed over.
    n_hidden, most_known : int
        Rows to hold out, and rows whose value may be kept.
    random_state : int or sequence of int
        Seed.

    Raises
    ------
    TableError
        If the table lacks the property or has too few rows of some kind.
    """
    if target not in table.property_names:
        raise TableError(
            f"{table.source}: no property {target!r}; there are "
            f"{', '.join(map(repr, table.property_names))}."
        )
    column = table.property_names.index(target)
    kinds = kinds_of_rows(table, relatives)
    there = np.flatnonzero(table.observed[:, column])
    groups = composition_groups(table)
    rng = np.random.default_rng(random_state)
    waiting = {
        kind: rng.permutation(there[kinds[there] == kind]).tolist()
        for kind in (*relatives, NONE)
        if (kinds[there] == kind).any()
    }
    held_out = _take_turns(waiting, n_hidden)
    taken = set(groups[held_out].tolist())
    apart = {
        kind: [row for row in rows if groups[row] not in taken] for kind, rows in waiting.items()
    }
    candidates = _take_turns(apart, most_known)
    if len(held_out) < n_hidden or len(candidates) < most_known:
        counts = ", ".join(f"{kind}: {(kinds[there] == kind).sum()}" for kind in waiting)
        raise TableError(
            f"{table.source}: {n_hidden} values of {target!r} to hide and {most_known} to keep "
            f"were asked for, as many of each kind of row; that is too many (rows in which it is "
            f"known, by what else is: {counts}). Ask for fewer."
        )
    rows = np.array([*held_out, *candidates], dtype=np.intp)
    part = table.select(rows)
    values = part.values.copy()
    values[:, column] = np.nan
    return RelativesDraw(
        part.with_values(values), target, part.values[:, column].copy(), kinds[rows], n_hidden
    )


def _take_turns(waiting: Mapping[str, list[int]], wanted: int) -> list[int]:
    """Take one row of each kind in turn until there are enough, or one kind has run out."""
    taken = [row for turn in zip(*waiting.values(), strict=False) for row in turn][:wanted]
    left = set(taken)
    for rows in waiting.values():
        rows[:] = [row for row in rows if row not in left]
    return taken
