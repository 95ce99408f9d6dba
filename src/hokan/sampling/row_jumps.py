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
from hokan.sampling.node import Node

#: Candidates per cell, and how far they reach in standard deviations of the cell's own model.
_CANDIDATES, _REACH = 31, 4.5
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
        tables = tables.copy()
        for k in cells:
            tables = self._proposed(tables, k, random_state, together, always)
        return tables

    def _total(self, j: int, tables: FloatArray) -> FloatArray:
        node = self.nodes[j]
        links = node.links_at(tables, self.directions)
        return node.total(links, self.weights[j], tables[j].shape)

    def _proposed(
        self,
        tables: FloatArray,
        k: int,
        random_state: np.random.Generator,
        together: bool,
        always: bool,
    ) -> FloatArray:
        below = self._below(k)
        totals = {j: self._total(j, tables) for j in below}
        middle = self._total(k, tables) + self.means[k]
        reach = _REACH * np.sqrt(self.variances[k])
        low, high = middle - reach, middle + reach
        if k in self.bounds:
            lower, upper = (limit[:, None] for limit in self.bounds[k])
            low, high = np.clip(low, lower, upper), np.clip(high, lower, upper)
        width = (high - low) / _CANDIDATES
        possible = width > _LEAST_WIDTH
        width = np.maximum(width, _LEAST_WIDTH)

        def moved_to(values: FloatArray) -> tuple[FloatArray, FloatArray]:
            """Return the rows with other values in cell k, and their log density."""
            moved = tables.copy()
            moved[k] = values
            log_density = -0.5 * (values - middle) ** 2 / self.variances[k]
            for j in below:
                total = self._total(j, moved)
                if together and j in self.free:
                    moved[j] = tables[j] + total - totals[j]
                    continue
                residual = tables[j] - total - self.means[j]
                log_density = log_density - 0.5 * residual**2 / self.variances[j]
            return moved, log_density

        candidates = [low + (g + 0.5) * width for g in range(_CANDIDATES)]
        on_grid = np.array([moved_to(values)[1] for values in candidates])
        log_share = on_grid - on_grid.max(axis=0)
        cumulative = np.cumsum(np.exp(log_share), axis=0)
        uniform = random_state.uniform(size=middle.shape)
        chosen = np.minimum((cumulative < uniform * cumulative[-1]).sum(axis=0), _CANDIDATES - 1)
        proposed = low + (chosen + random_state.uniform(size=middle.shape)) * width
        rows, there = moved_to(np.where(possible, proposed, tables[k]))
        if always:
            return np.asarray(np.where(possible, rows, tables))
        at_now = np.floor((tables[k] - low) / width).astype(np.int64)
        inside = (at_now >= 0) & (at_now < _CANDIDATES)
        at_now = np.clip(at_now, 0, _CANDIDATES - 1)
        log_ratio = there - moved_to(tables[k])[1]
        log_ratio += np.take_along_axis(log_share, at_now[None], axis=0)[0]
        log_ratio -= np.take_along_axis(log_share, chosen[None], axis=0)[0]
        accepted = np.log(random_state.uniform(size=middle.shape)) < log_ratio
        return np.asarray(np.where(possible & inside & accepted, rows, tables))

    def _below(self, k: int) -> list[int]:
        """Return the descendants of a property that take part, parents first."""
        found: list[int] = []
        for j in self.part:
            if any(parent == k or parent in found for parent in self.nodes[j].parents):
                found.append(j)
        return found
