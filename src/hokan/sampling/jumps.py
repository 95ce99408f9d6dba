"""Moves between the humps of single cells.

Where a link turns back, a known child can belong to two values of its parent, far apart: motion
that follows a slope hardly ever gets from one to the other. Here each such cell is proposed anew
from its own conditional density, taken on a grid: what the cell's own model says given everything
else, times what each child says of it (both leave-one-out forms, Rasmussen and Williams 2006,
section 5.4.2). Proposals do not depend on where the cell is, and the Metropolis-Hastings ratio
corrects for the grid, so that the density is left as it is (an independence sampler; Tierney,
Annals of Statistics 22, 1994).

In every second sweep, descendants that are drawn freely move along with the cell, each keeping its
distance from what its parents say of it: else a cell whose children are unknown too could not leave
its hump without them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hokan.gp.kernels import FloatArray
from hokan.sampling.energy import Energy

#: Candidates per cell, and how far they reach in standard deviations of the cell's own model.
_CANDIDATES, _REACH = 41, 4.5
#: This share of proposals comes from a wide Gaussian instead, in standard deviations of the cell's
#: own model: also what lies beyond the grid can be proposed, and can be left.
_FAR_SHARE, _FAR_SPREAD = 0.05, 3.0
#: A hump counts if the density falls to less than half of it on the way to the highest one, and
#: if its peak is at least this share of the highest.
_SMALLEST_HUMP = 0.005


@dataclass(frozen=True)
class _Row:
    """What happens to a row when one of its cells takes other values.

    Attributes
    ----------
    log_density : ndarray of shape (g, c)
        Conditional log density of the values, up to a constant.
    moved : dict of int to ndarray of shape (g, c)
        Other cells that move along, by property.
    residuals : dict of int to ndarray of shape (g, c)
        By how much the residuals of properties change.
    """

    log_density: FloatArray
    moved: dict[int, FloatArray]
    residuals: dict[int, FloatArray]


class Jumps:
    """Sweeps over the cells that can have several humps.

    Parameters
    ----------
    energy : Energy
    order : tuple of int
        Every parent before its children.
    random_state : Generator
    only : set of (int, int), optional
        Row and property of the drawn cells to look at; by default all that have a child whose
        link turns back.

    Attributes
    ----------
    humped : set of (int, int)
        Row and property of cells that were seen with several humps.
    """

    def __init__(
        self,
        energy: Energy,
        order: tuple[int, ...],
        random_state: np.random.Generator,
        only: set[tuple[int, int]] | None = None,
    ) -> None:
        self._energy = energy
        self._random_state = random_state
        self._only = only
        self.humped: set[tuple[int, int]] = set()
        unknowns = energy.hierarchy.unknowns
        n, p = unknowns.shape
        self._place = np.full((p, n), -1)
        for j, rows in enumerate(unknowns.rows):
            self._place[j, rows] = np.arange(len(rows))
        self._free = np.zeros((p, n), dtype=bool)
        self._free[unknowns.drawn_properties, unknowns.drawn_rows] = unknowns.free
        self._below = {
            k: [j for j in order if j != k and _descends(energy, j, k)] for k in range(p)
        }

    def _candidates(self, state: FloatArray) -> list[int]:
        """Return the drawn cells to propose anew."""
        energy, unknowns = self._energy, self._energy.hierarchy.unknowns
        found = np.zeros(unknowns.n_drawn, dtype=bool)
        if self._only is not None:
            rows, properties = unknowns.drawn_rows.tolist(), unknowns.drawn_properties.tolist()
            cells = zip(rows, properties, strict=True)
            found[:] = [cell in self._only for cell in cells]
        else:
            for j, node in enumerate(energy.hierarchy.nodes):
                weights = state[energy.weight_slices[j]]
                for link, part in zip(node.links, node.weight_slices, strict=True):
                    if link.turns_back(weights[part]):
                        here = self._place[j, unknowns.drawn_rows] >= 0
                        found |= here & np.isin(unknowns.drawn_properties, link.parents)
        # What is measured, error included, is no part of the conditional densities here.
        found[unknowns.measured] = False
        found[unknowns.softly_limited] = False
        return [int(number) for number in np.flatnonzero(found)]

    def sweep(self, state: FloatArray, *, together: bool) -> FloatArray:
        """Return the states (d, c) after every such cell was proposed once.

        Parameters
        ----------
        state : ndarray of shape (d, c)
        together : bool
            Whether free descendants move along.
        """
        numbers = self._candidates(state)
        if not numbers:
            return state
        energy = self._energy
        unknowns = energy.hierarchy.unknowns
        cells = unknowns.bounds.to_cells(state[: unknowns.n_drawn])
        tables = unknowns.complete(cells)
        forces = [
            energy.residual_and_force(j, tables, state[part])[2]
            for j, part in enumerate(energy.weight_slices)
        ]
        before = tables.copy()
        for number in numbers:
            self._propose(state, tables, forces, number, together)
        if np.array_equal(before, tables):
            return state
        state = state.copy()
        moved = (tables != before)[unknowns.drawn_properties, unknowns.drawn_rows]
        new = unknowns.bounds.to_free(tables[unknowns.drawn_properties, unknowns.drawn_rows])
        state[: unknowns.n_drawn] = np.where(moved, new, state[: unknowns.n_drawn])
        return state

    def _propose(
        self,
        state: FloatArray,
        tables: FloatArray,
        forces: list[FloatArray],
        number: int,
        together: bool,
    ) -> None:
        energy, random_state = self._energy, self._random_state
        unknowns = energy.hierarchy.unknowns
        row, k = int(unknowns.drawn_rows[number]), int(unknowns.drawn_properties[number])
        place = self._place[k, row]
        precision = energy.precisions[k][place, place]
        now = tables[k, row].copy()
        middle = now - forces[k][place] / precision
        reach = _REACH / np.sqrt(precision)
        limits = unknowns.bounds.lower[number], unknowns.bounds.upper[number]
        low = np.clip(middle - reach, *limits)
        width = (np.clip(middle + reach, *limits) - low) / _CANDIDATES
        if (width <= 0).any():
            return
        candidates = low + (np.arange(_CANDIDATES)[:, None] + 0.5) * width
        log_density = self._with(candidates, state, tables, forces, row, k, together).log_density
        log_share = log_density - log_density.max(axis=0)
        share = np.exp(log_share)
        if _several_humps(share):
            self.humped.add((row, k))
        proposed = self._chosen(share, low, width)
        far = random_state.uniform(size=len(now)) < _FAR_SHARE
        spread = _FAR_SPREAD / np.sqrt(precision)
        wide = middle + spread * random_state.standard_normal(len(now))
        proposed = np.where(far, wide, proposed)
        pair = np.array([proposed, now])
        log_proposal = _log_proposal(pair, share, low, width, middle, spread)
        exact = self._with(pair, state, tables, forces, row, k, together)
        log_ratio = exact.log_density[0] - exact.log_density[1] + log_proposal[1] - log_proposal[0]
        accepted = (limits[0] < proposed) & (proposed < limits[1])
        accepted &= np.log(random_state.uniform(size=len(now))) < log_ratio
        if not accepted.any():
            return
        tables[k, row] = np.where(accepted, proposed, now)
        for j, values in exact.moved.items():
            tables[j, row] = np.where(accepted, values[0], tables[j, row])
        changes = {k: proposed - now} | {j: r[0] for j, r in exact.residuals.items()}
        for j, change in changes.items():
            column = energy.precisions[j][:, [self._place[j, row]]]
            forces[j] += column * np.where(accepted, change, 0.0)

    def _chosen(self, share: FloatArray, low: FloatArray, width: FloatArray) -> FloatArray:
        """Draw from densities on a grid (g, c): a bin by its share, and a place within it."""
        chains = share.shape[1]
        cumulative = np.cumsum(share, axis=0)
        wanted = self._random_state.uniform(size=chains) * cumulative[-1]
        chosen = np.minimum((cumulative < wanted).sum(axis=0), len(share) - 1)
        return np.asarray(low + (chosen + self._random_state.uniform(size=chains)) * width)

    def _with(
        self,
        values: FloatArray,
        state: FloatArray,
        tables: FloatArray,
        forces: list[FloatArray],
        row: int,
        k: int,
        together: bool,
    ) -> _Row:
        """Return what happens where cell k of a row takes the values (g, c)."""
        energy = self._energy
        change = values - tables[k, row]
        here = self._place[k, row]
        log_density = -change * (forces[k][here] + 0.5 * energy.precisions[k][here, here] * change)
        moved = {k: values}
        residuals: dict[int, FloatArray] = {}
        directions = np.repeat(energy.hierarchy.directions[[row]], len(values) + 1, axis=0)
        for j in self._below[k]:
            here = self._place[j, row]
            if here < 0:
                continue
            node = energy.hierarchy.nodes[j]
            weights = state[energy.weight_slices[j]]
            change = np.zeros_like(values)
            for link, part in zip(node.links, node.weight_slices, strict=True):
                if any(parent in moved for parent in link.parents):
                    parents = [
                        np.concatenate([moved.get(parent, still), tables[parent, row][None]])
                        for parent in link.parents
                        for still in [np.broadcast_to(tables[parent, row], values.shape)]
                    ]
                    found = link.at(parents, directions).value(weights[part])
                    change += found[:-1] - found[-1]
            if together and self._free[j, row]:
                moved[j] = tables[j, row] + change
                continue
            residuals[j] = -change
            pull = forces[j][here] - 0.5 * energy.precisions[j][here, here] * change
            log_density += change * pull
        del moved[k]
        return _Row(log_density, moved, residuals)


def _descends(energy: Energy, j: int, k: int) -> bool:
    """Whether property j has k among its ancestors."""
    parents = energy.hierarchy.nodes[j].parents
    return k in parents or any(_descends(energy, parent, k) for parent in parents)


def _log_proposal(
    values: FloatArray,
    share: FloatArray,
    low: FloatArray,
    width: FloatArray,
    middle: FloatArray,
    spread: FloatArray,
) -> FloatArray:
    """Return the log density with which values (g, c) are proposed."""
    bins = np.floor((values - low) / width)
    inside = (bins >= 0) & (bins < len(share))
    at = np.clip(bins, 0, len(share) - 1).astype(np.int64)
    on_grid = share[at, np.arange(share.shape[1])] / (share.sum(axis=0) * width)
    distance = (values - middle) / spread
    log_far = -0.5 * distance**2 - np.log(spread * np.sqrt(2.0 * np.pi)) + np.log(_FAR_SHARE)
    with np.errstate(divide="ignore"):
        log_near = np.log(np.where(inside, (1.0 - _FAR_SHARE) * on_grid, 0.0))
    return np.asarray(np.logaddexp(log_near, log_far))


def _several_humps(share: FloatArray) -> bool:
    """Whether a density on a grid (g, c) has a second hump, in any chain."""
    for column in share.T:
        from_left = np.maximum.accumulate(column)
        from_right = np.maximum.accumulate(column[::-1])[::-1]
        # Between two humps, the lower of what is highest on either side stands above the valley.
        lower = np.minimum(from_left, from_right)
        if ((lower > _SMALLEST_HUMP) & (column < 0.5 * lower)).any():
            return True
    return False
