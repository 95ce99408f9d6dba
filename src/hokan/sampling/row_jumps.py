"""Moves between the humps of single cells of new materials: as in training, many rows side by side.

A cell with a child whose link bends is proposed from its conditional density on a grid, as in
:mod:`hokan.sampling.jumps`; here every property of a row has a Gaussian of its own around what its
parents say, so that a cell's own model is that of its row alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hokan.gp.kernels import FloatArray
from hokan.inference.truncation import log_probability_between
from hokan.sampling.node import Node

#: Candidates per cell, and how far they reach in standard deviations of the cell's own model.
_CANDIDATES, _REACH = 31, 4.5
#: Where a residual changes by fewer standard deviations from one step of the grid to the next, its
#: density in the middle stands for all of the step.
_LEAST_CHANGE = 0.1
#: Least width of the grid, where limits are closer to each other or shut all of it out.
_LEAST_WIDTH = 1e-9


@dataclass(frozen=True)
class RowJumps:
    """What can be said of one cell of every row given the others.

    Attributes
    ----------
    nodes : tuple of Node
    part : tuple of int
        Properties that take part, parents first.
    means, variances : ndarray of shape (p, n, s)
        Of what each property adds to its parents.
    directions : ndarray of shape (n, m)
    weights : list of ndarray of shape (r, s)
    free : tuple of int
        Drawn properties of which nothing is known: they may move along.
    bounds : mapping of int to (ndarray (n,), ndarray (n,))
        Limits of properties that have some.
    """

    nodes: tuple[Node, ...]
    part: tuple[int, ...]
    means: FloatArray
    variances: FloatArray
    directions: FloatArray
    weights: list[FloatArray]
    free: tuple[int, ...]
    bounds: Mapping[int, tuple[FloatArray, FloatArray]]

    def bent(self, drawn: tuple[int, ...]) -> tuple[int, ...]:
        """Return the drawn properties with a child, taking part, whose link is no straight line."""
        parents = {
            parent
            for j in self.part
            for link in self.nodes[j].links
            if link.kind != "linear"
            for parent in link.parents
        }
        return tuple(k for k in drawn if k in parents)

    def sweep(
        self,
        tables: FloatArray,
        cells: tuple[int, ...],
        random_state: np.random.Generator,
        *,
        together: bool,
        always: bool,
    ) -> FloatArray:
        """Propose cells anew, one property after the other; return tables (p, n, s).

        Parameters
        ----------
        tables : ndarray of shape (p, n, s)
        cells : tuple of int
            Properties proposed; without measured values.
        random_state : Generator
        together : bool
            Whether free descendants move along, keeping their distance from what parents say.
        always : bool
            Whether proposals are always taken: for a start, as good as the grid is fine. Else the
            density is left as it is.
        """
        for k in cells:
            tables = self._proposed(tables, k, random_state, together, always)
        return tables

    def kinds_of_moves(self, cells: tuple[int, ...]) -> tuple[bool, ...]:
        """Return whether to move free descendants along: both ways, where cells have some."""
        along = any(j in self.free for k in cells for j in self._below(k))
        return (True, False) if along else (False,)

    def _below(self, k: int) -> list[int]:
        """Return the descendants of a property that take part, parents first."""
        found: list[int] = []
        for j in self.part:
            if any(parent == k or parent in found for parent in self.nodes[j].parents):
                found.append(j)
        return found

    def _proposed(
        self,
        tables: FloatArray,
        k: int,
        random_state: np.random.Generator,
        together: bool,
        always: bool,
    ) -> FloatArray:
        move = self._move_of(tables, k, together)
        middle, variance = move.middle, self.variances[k]
        low, high = middle - _REACH * np.sqrt(variance), middle + _REACH * np.sqrt(variance)
        if k in self.bounds:
            lower, upper = (limit[:, None] for limit in self.bounds[k])
            low, high = np.clip(low, lower, upper), np.clip(high, lower, upper)
        width = (high - low) / _CANDIDATES
        possible = width > _LEAST_WIDTH
        width = np.maximum(width, _LEAST_WIDTH)

        def log_density(values: FloatArray, residuals: Mapping[int, FloatArray]) -> FloatArray:
            total = -0.5 * (values - middle) ** 2 / variance
            for j, residual in residuals.items():
                total = total - 0.5 * residual**2 / self.variances[j]
            return np.asarray(total)

        grid = np.array([low + (g + 0.5) * width for g in range(_CANDIDATES)])
        found = [move.to(values)[1] for values in grid]
        log_mass = -0.5 * (grid - middle) ** 2 / variance
        for j in found[0]:
            log_mass += _log_mean_density(np.array([each[j] for each in found]), self.variances[j])
        log_mass -= log_mass.max(axis=0)
        cumulative = np.cumsum(np.exp(log_mass), axis=0)
        uniform = random_state.uniform(size=middle.shape)
        chosen = np.minimum((cumulative < uniform * cumulative[-1]).sum(axis=0), _CANDIDATES - 1)
        proposed = low + (chosen + random_state.uniform(size=middle.shape)) * width
        proposed = np.where(possible, proposed, tables[k])
        cells, residuals = move.to(proposed)
        taken = possible
        if not always:
            now = np.floor((tables[k] - low) / width).astype(np.int64)
            inside = (now >= 0) & (now < _CANDIDATES)
            now = np.clip(now, 0, _CANDIDATES - 1)
            log_ratio = log_density(proposed, residuals)
            log_ratio -= log_density(tables[k], move.to(tables[k])[1])
            log_ratio += np.take_along_axis(log_mass, now[None], axis=0)[0]
            log_ratio -= np.take_along_axis(log_mass, chosen[None], axis=0)[0]
            accepted = np.log(random_state.uniform(size=middle.shape)) < log_ratio
            taken = possible & inside & accepted
        result = tables.copy()
        for j, values in cells.items():
            result[j] = np.where(taken, values, tables[j])
        return result

    def _move_of(self, tables: FloatArray, k: int, together: bool) -> _Move:
        own = self.nodes[k]
        links = own.links_at(tables, self.directions)
        middle = own.total(links, self.weights[k], tables[k].shape) + self.means[k]
        below = self._below(k)
        now = {
            j: [
                link.at([tables[parent] for parent in link.parents], self.directions).value(
                    self.weights[j][part]
                )
                for link, part in zip(self.nodes[j].links, self.nodes[j].weight_slices, strict=True)
            ]
            for j in below
        }
        along = tuple(j for j in below if together and j in self.free)
        return _Move(self, tables, k, middle, now, along)


@dataclass(frozen=True)
class _Move:
    """One cell of every row, and what follows from another value of it.

    Attributes
    ----------
    jumps : RowJumps
    tables : ndarray of shape (p, n, s)
    k : int
        The property.
    middle : ndarray of shape (n, s)
        What its own model says of it.
    now : dict of int to list of ndarray of shape (n, s)
        What every link of each descendant gives.
    along : tuple of int
        Descendants that move along.
    """

    jumps: RowJumps
    tables: FloatArray
    k: int
    middle: FloatArray
    now: dict[int, list[FloatArray]]
    along: tuple[int, ...]

    def to(self, values: FloatArray) -> tuple[dict[int, FloatArray], dict[int, FloatArray]]:
        """Return the cells that change, and the residuals of descendants that stay, (n, s) each."""
        jumps, tables = self.jumps, self.tables
        cells, residuals = {self.k: values}, {}
        for j, now in self.now.items():
            node = jumps.nodes[j]
            before, change = np.zeros_like(values), np.zeros_like(values)
            for link, part, given in zip(node.links, node.weight_slices, now, strict=True):
                before += given
                if any(parent in cells for parent in link.parents):
                    moved = [cells.get(parent, tables[parent]) for parent in link.parents]
                    found = link.at(moved, jumps.directions).value(jumps.weights[j][part])
                    change += found - given
            if j in self.along:
                cells[j] = tables[j] + change
            else:
                residuals[j] = tables[j] - before - change - jumps.means[j]
        return cells, residuals


def _log_mean_density(residuals: FloatArray, variance: FloatArray) -> FloatArray:
    """Return the log density of residuals, its mean over each step of a grid, up to a constant.

    Between steps a residual may change by more than its standard deviation: at the middle of a step
    its density then says nothing of the step.

    Parameters
    ----------
    residuals : ndarray of shape (g, n, s)
        In the middle of every step; taken to be straight within.
    variance : ndarray of shape (n, s)
    """
    deviation = np.sqrt(variance)
    change = np.abs(np.gradient(residuals, axis=0))
    wide = change > _LEAST_CHANGE * deviation
    change = np.where(wide, change, deviation)
    low, high = residuals - 0.5 * change, residuals + 0.5 * change
    within = log_probability_between(np.zeros_like(residuals), variance[None], low, high)
    mean = within - np.log(change / deviation) + 0.5 * np.log(2.0 * np.pi)
    return np.asarray(np.where(wide, mean, -0.5 * residuals**2 / variance))
