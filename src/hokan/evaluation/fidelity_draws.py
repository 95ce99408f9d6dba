"""Which rows of a fidelity ladder are held out, and which values stay in view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hokan.errors import TableError
from hokan.evaluation.holdout import composition_groups
from hokan.table import MissingPattern, PropertyTable

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
RowArray = NDArray[np.intp]

#: Fewer values of a level than this teach nothing about it.
FEWEST_KNOWN = 2


@dataclass(frozen=True, eq=False)
class FidelityDraw:
    """One random draw of held-out rows and of holes.

    Attributes
    ----------
    table : PropertyTable
        The rows drawn; the top level is a hole in all of them.
    levels : tuple of str
        Properties of the table, from the cheapest to the most trusted.
    held_out : ndarray of shape (n,) of bool
        Rows in which the top level is to be found again.
    lower_known : ndarray of shape (n,) of bool
        Held-out rows in which the level below the top is known; in all other held-out rows, no
        level is.
    truth : ndarray of shape (n,)
        The top level where the whole table has it, NaN elsewhere.
    candidates : ndarray of int
        Rows that may keep their value at the top, in the order in which they get it: those of a
        smaller number are part of those of a larger one.
    """

    table: PropertyTable
    levels: tuple[str, ...]
    held_out: BoolArray
    lower_known: BoolArray
    truth: FloatArray
    candidates: RowArray

    def keep(self, n_known: int) -> tuple[PropertyTable, RowArray]:
        """Return what a method may see when so many values of the top are known.

        Returns
        -------
        table : PropertyTable
            Without the rows of which nothing is known and nothing asked.
        rows : ndarray of int
            Where its rows stand in this draw.
        """
        top = self.table.property_names.index(self.levels[-1])
        kept = self.candidates[:n_known]
        values = self.table.values.copy()
        values[kept, top] = self.truth[kept]
        rows = np.flatnonzero(self.held_out | ~np.isnan(values).all(axis=1))
        return self.table.with_values(values).select(rows), rows


def only_levels(table: PropertyTable, levels: Sequence[str]) -> PropertyTable:
    """Return the table with no other properties than the levels.

    Raises
    ------
    TableError
        If there are fewer than two levels, or one is not a property of the table or named twice.
    """
    MissingPattern.from_table(table).nesting(levels)  # refuses, with the names there are
    if len(levels) < 2:
        raise TableError(
            f"{table.source}: a ladder of fidelities has at least two levels, from the cheapest to "
            f"the most trusted; found only {levels[0]!r}."
        )
    errors = {f"{name}__error" for name in levels}
    others = [name for name in table.property_names if name not in levels]
    unwanted = [name for name in table.columns_with_role("measurement error") if name not in errors]
    return PropertyTable.from_frame(
        table.frame,
        composition=table.composition_column,
        descriptors=table.columns_with_role("descriptor"),
        ignore=[*table.columns_with_role("ignored"), *others, *unwanted],
        properties=tuple(levels),
        units={name: table.units[name] for name in levels},
        source=table.source,
    )


def how_many_fit(table: PropertyTable, levels: Sequence[str]) -> tuple[int, int]:
    """Return how many rows can be held out, and in how many the top level is known.

    A row can be held out where the top level and the one below it are known.
    """
    observed = table.observed[:, [table.property_names.index(name) for name in levels]]
    return int(observed[:, -2:].all(axis=1).sum()), int(observed[:, -1].sum())


def draw_fidelities(
    table: PropertyTable,
    levels: Sequence[str],
    n_hidden: int,
    most_known: int,
    *,
    shares: Mapping[str, float] | None = None,
    most_rows: int = 600,
    random_state: int | Sequence[int] = 0,
) -> FidelityDraw:
    """Hold out rows at the top of a ladder, and make holes below.

    Held-out rows are drawn from those in which the top level and the one below it are known; in one
    half of them (to within one composition) all levels below the top are hidden too. No composition
    is both held out and elsewhere.

    Parameters
    ----------
    table : PropertyTable
        Its properties are the levels.
    levels : sequence of str
        From the cheapest to the most trusted.
    n_hidden : int
        Rows to hold out.
    most_known : int
        Values of the top that must be left in other rows.
    shares : mapping of str to float, optional
        Share of the known values of a lower level that is kept, drawn at random level by level, so
        that what is left is not nested. The level below the top stays known in the held-out rows
        in which it is meant to be.
    most_rows : int
        Rows beside the held-out ones: the ``most_known`` first, then others, at random.
    random_state : int or sequence of int
        Seed.

    Raises
    ------
    TableError
        If there are too few rows.
    """
    rng = np.random.default_rng(random_state)
    columns = [table.property_names.index(name) for name in levels]
    observed = table.observed
    groups = composition_groups(table)
    eligible = observed[:, columns[-1]] & observed[:, columns[-2]]
    halves = _held_out_halves(groups, eligible, n_hidden, rng)
    held_out = np.sort(np.concatenate(halves))
    if len(held_out) < n_hidden:
        raise TableError(
            f"{table.source}: {n_hidden} rows were to be held out, and only {len(held_out)} can "
            f"be: in {int(eligible.sum())} rows both {levels[-1]!r} and {levels[-2]!r} are known, "
            "and rows of one composition stay together; hold out fewer."
        )
    apart = ~np.isin(groups, groups[held_out])
    candidates = rng.permutation(np.flatnonzero(apart & observed[:, columns[-1]]))
    if len(candidates) < most_known:
        raise TableError(
            f"{table.source}: {levels[-1]!r} was to be known in up to {most_known} rows, and "
            f"beside {n_hidden} held-out rows only {len(candidates)} have it; ask for fewer."
        )
    values = _with_holes(table.values, levels, columns, shares or {}, halves, rng)
    rows = _rows_to_keep(apart & observed.any(axis=1), candidates[:most_known], most_rows, rng)
    rows = np.sort(np.concatenate([rows, held_out]))
    place = np.full(table.n_rows, -1)
    place[rows] = np.arange(len(rows))
    truth = table.values[rows, columns[-1]].copy()
    values[:, columns[-1]] = np.nan
    return FidelityDraw(
        table=table.with_values(values).select(rows),
        levels=tuple(levels),
        held_out=np.isin(rows, held_out),
        lower_known=np.isin(rows, halves[0]),
        truth=truth,
        candidates=place[candidates[:most_known]],
    )


def _held_out_halves(
    groups: RowArray, eligible: BoolArray, wanted: int, rng: np.random.Generator
) -> tuple[RowArray, RowArray]:
    """Draw rows to hold out: those that keep their lower levels, and those that lose them."""
    halves: tuple[list[int], list[int]] = ([], [])
    waiting = rng.permutation(np.unique(groups[eligible]))
    for half, size in zip(halves, (wanted // 2, wanted - wanted // 2), strict=True):
        left = []
        for group in waiting:
            members = np.flatnonzero((groups == group) & eligible)
            if len(half) + len(members) <= size:
                half.extend(members.tolist())
            else:
                left.append(group)
        waiting = np.array(left, dtype=groups.dtype)
    return np.array(halves[0], dtype=np.intp), np.array(halves[1], dtype=np.intp)


def _with_holes(
    values: FloatArray,
    levels: Sequence[str],
    columns: list[int],
    shares: Mapping[str, float],
    halves: tuple[RowArray, RowArray],
    rng: np.random.Generator,
) -> FloatArray:
    values = values.copy()
    for level, column in zip(levels[:-1], columns[:-1], strict=True):
        known = ~np.isnan(values[:, column])
        if level == levels[-2]:
            known[halves[0]] = False  # not to be taken away
        may_go = rng.permutation(np.flatnonzero(known))
        kept = round(shares.get(level, 1.0) * len(may_go))
        values[may_go[kept:], column] = np.nan
        values[halves[1], column] = np.nan
    return values


def _rows_to_keep(
    allowed: BoolArray, first: RowArray, most_rows: int, rng: np.random.Generator
) -> RowArray:
    others = rng.permutation(np.setdiff1d(np.flatnonzero(allowed), first))
    return np.concatenate([first, others[: max(most_rows - len(first), 0)]])
