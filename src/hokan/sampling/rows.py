"""New materials of which something is known: their unknown cells, given every draw of the rest.

For one draw of the training cells and weights, the properties of a new material are a chain of
regressions of its own: ``z_j = links + m_j + N(0, v_j)``. What is known of it upstream needs no
inference; unknown ancestors of known values are drawn by short chains, one for each material and
draw, all moved side by side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hokan.gp.kernels import FloatArray
from hokan.sampling.hamiltonian import SplitHamiltonian
from hokan.sampling.node import Node
from hokan.sampling.row_jumps import RowJumps
from hokan.sampling.unknowns import Bounds, soft_limits

_TURNS, _KICKS = 12, 3
#: Cells that may have several humps are proposed anew after these turns.
_JUMPS_AFTER = (5, 8)
_NEWTON_STEPS, _HALVINGS = 4, 4


@dataclass(frozen=True)
class RowProblem:
    """Rows with one pattern of known cells; b counts the pairs of a row and a draw, rows first.

    Attributes
    ----------
    nodes : tuple of Node
    part : tuple of int
        Properties that take part, parents first.
    drawn : tuple of int
        Those of them that are drawn.
    tables : ndarray of shape (p, n, s)
        Known cells; drawn ones are filled in.
    means, variances : ndarray of shape (p, n, s) and (p, n, s)
        Of what each property adds to its parents.
    directions : ndarray of shape (n, m)
    weights : list of ndarray of shape (r, s)
        Of every property.
    measured : dict of int to (ndarray (n,), ndarray (n,))
        Measured value and variance of its error, of drawn properties that have one.
    bounds : dict of int to (ndarray (n,), ndarray (n,))
        Limits of drawn properties that have some.
    soft : dict of int to (ndarray (n,), ndarray (n,), ndarray (n,))
        Limits of what was measured of drawn properties, and variance of its error.
    """

    nodes: tuple[Node, ...]
    part: tuple[int, ...]
    drawn: tuple[int, ...]
    tables: FloatArray
    means: FloatArray
    variances: FloatArray
    directions: FloatArray
    weights: list[FloatArray]
    measured: dict[int, tuple[FloatArray, FloatArray]]
    bounds: dict[int, tuple[FloatArray, FloatArray]]
    soft: dict[int, tuple[FloatArray, FloatArray, FloatArray]]

    def _bounds(self) -> Bounds:
        n, s = self.tables.shape[1:]
        lower, upper = np.full((len(self.drawn), n), -np.inf), np.full((len(self.drawn), n), np.inf)
        for number, j in enumerate(self.drawn):
            if j in self.bounds:
                lower[number], upper[number] = self.bounds[j]
        return Bounds(np.repeat(lower, s, axis=1).ravel(), np.repeat(upper, s, axis=1).ravel())

    def draw(self, random_state: np.random.Generator) -> FloatArray:
        """Return tables (p, n, s) with the drawn cells drawn."""
        bounds = self._bounds()
        shape = (len(self.drawn), *self.tables.shape[1:])

        def energy(state: FloatArray) -> tuple[FloatArray, FloatArray]:
            return self._value_and_gradient(state, bounds)

        def state_of(tables: FloatArray) -> FloatArray:
            cells = tables[list(self.drawn)].reshape(-1, 1)
            return bounds.to_free(cells).reshape(len(self.drawn), -1)

        def tables_of(state: FloatArray) -> FloatArray:
            tables = self.tables.copy()
            tables[list(self.drawn)] = bounds.to_cells(state.reshape(-1, 1)).reshape(shape)
            return tables

        jumps = self._jumps()
        unmeasured = tuple(j for j in self.drawn if j not in {*self.measured, *self.soft})
        bent = jumps.bent(unmeasured)
        tables = self.tables
        # Which hump a row is in is decided before anything follows a slope.
        kinds = jumps.kinds_of_moves(bent)
        for together in kinds:
            tables = jumps.sweep(tables, bent, random_state, together=together, always=True)
        state = self._most_probable(state_of(tables), bounds)
        reference = _RowReference.of_precision(state, self._curvature(state, bounds))
        start = reference.state(random_state.standard_normal(state.shape))
        chains = SplitHamiltonian(energy, reference, start, _KICKS, random_state)
        for number in range(_TURNS):
            chains.turn()
            chains.adapt()
            if bent and number in _JUMPS_AFTER[: len(kinds)]:
                together = kinds[_JUMPS_AFTER.index(number)]
                before = tables_of(chains.state)
                after = jumps.sweep(before, bent, random_state, together=together, always=False)
                stays = (before == after)[list(self.drawn)].reshape(chains.state.shape)
                chains.put(np.where(stays, chains.state, state_of(after)))
        return tables_of(chains.state)

    def _jumps(self) -> RowJumps:
        known = {*self.measured, *self.bounds, *self.soft}
        return RowJumps(
            self.nodes,
            self.part,
            self.means,
            self.variances,
            self.directions,
            self.weights,
            tuple(j for j in self.drawn if j not in known),
            self.bounds,
        )

    def _value_and_gradient(
        self, state: FloatArray, bounds: Bounds
    ) -> tuple[FloatArray, FloatArray]:
        shape = (len(self.drawn), *self.tables.shape[1:])
        free = state.reshape(-1, 1)
        tables = self.tables.copy()
        tables[list(self.drawn)] = bounds.to_cells(free).reshape(shape)
        value = np.zeros(self.tables.shape[1:])
        by_cell = np.zeros_like(tables)
        for j in self.part:
            node = self.nodes[j]
            links = node.links_at(tables, self.directions)
            residual = (
                tables[j] - node.total(links, self.weights[j], tables[j].shape) - self.means[j]
            )
            force = residual / self.variances[j]
            value += 0.5 * residual * force
            by_cell[j] += force
            for at, link, part in zip(links, node.links, node.weight_slices, strict=True):
                slopes = at.slopes(self.weights[j][part])
                for parent, slope in zip(link.parents, slopes, strict=True):
                    by_cell[parent] -= force * slope
        for j, (measured, variance) in self.measured.items():
            error = tables[j] - measured[:, None]
            value += 0.5 * error**2 / variance[:, None]
            by_cell[j] += error / variance[:, None]
        for j, (lower, upper, variance) in self.soft.items():
            energy, slope = soft_limits(
                tables[j], variance[:, None], lower[:, None], upper[:, None]
            )
            value += energy
            by_cell[j] += slope
        slope, log_slope, of_slope, _ = bounds.slopes(free)
        value -= log_slope.reshape(shape).sum(axis=0)
        gradient = by_cell[list(self.drawn)].reshape(-1, 1) * slope - of_slope
        return value.ravel(), gradient.reshape(state.shape)

    def _curvature(self, state: FloatArray, bounds: Bounds) -> FloatArray:
        """Return the Gauss-Newton curvature of every pair, shape (b, d, d)."""
        d = len(self.drawn)
        free = state.reshape(-1, 1)
        tables = self.tables.copy()
        tables[list(self.drawn)] = bounds.to_cells(free).reshape(d, *tables.shape[1:])
        total = np.zeros((d, d, *tables.shape[1:]))
        number = {j: place for place, j in enumerate(self.drawn)}
        for j in self.part:
            node = self.nodes[j]
            entering = {number[j]: np.ones(tables.shape[1:])} if j in number else {}
            links = node.links_at(tables, self.directions)
            for at, link, part in zip(links, node.links, node.weight_slices, strict=True):
                slopes = at.slopes(self.weights[j][part])
                for parent, slope in zip(link.parents, slopes, strict=True):
                    if parent in number:
                        entering[number[parent]] = -slope
            for a, left in entering.items():
                for b, right in entering.items():
                    total[a, b] += left * right / self.variances[j]
        for j, (_, variance) in self.measured.items():
            total[number[j], number[j]] += 1.0 / variance[:, None]
        for j, (_, _, variance) in self.soft.items():
            total[number[j], number[j]] += 1.0 / variance[:, None]
        slope, _, _, curvature = (each.reshape(d, -1) for each in bounds.slopes(free))
        total = total.reshape(d, d, -1) * slope[:, None] * slope[None]
        np.einsum("iib->ib", total)[:] += curvature
        return np.moveaxis(total, 2, 0)

    def _most_probable(self, state: FloatArray, bounds: Bounds) -> FloatArray:
        """Move every pair uphill by damped Gauss-Newton steps."""
        value, gradient = self._value_and_gradient(state, bounds)
        for _ in range(_NEWTON_STEPS):
            curvature = self._curvature(state, bounds)
            step = -np.linalg.solve(curvature, gradient.T[:, :, None])[:, :, 0].T
            share = np.ones(state.shape[1])
            for _ in range(_HALVINGS):
                tried, tried_gradient = self._value_and_gradient(state + share * step, bounds)
                worse = ~(tried <= value)
                if not worse.any():
                    break
                share = np.where(worse, 0.5 * share, share)
            better = tried <= value
            state = np.where(better, state + share * step, state)
            value = np.where(better, tried, value)
            gradient = np.where(better, tried_gradient, gradient)
        return state


@dataclass(frozen=True)
class _RowReference:
    """A small Gaussian for every pair; as :class:`~hokan.sampling.hamiltonian.Reference`.

    Attributes
    ----------
    centre : ndarray of shape (d, b)
    upper, inverse : ndarray of shape (b, d, d)
        Upper triangular factor of each precision, and its inverse.
    """

    centre: FloatArray
    upper: FloatArray
    inverse: FloatArray

    @classmethod
    def of_precision(cls, centre: FloatArray, precision: FloatArray) -> _RowReference:
        """Return the Gaussians of precision matrices (b, d, d)."""
        upper = np.swapaxes(np.linalg.cholesky(precision), 1, 2)
        return cls(centre, upper, np.linalg.inv(upper))

    def state(self, whitened: FloatArray) -> FloatArray:
        """Return states (d, b) of whitened ones."""
        return np.asarray(self.centre + np.einsum("bij,jb->ib", self.inverse, whitened))

    def whitened(self, state: FloatArray) -> FloatArray:
        """Return whitened states (d, b)."""
        return np.asarray(np.einsum("bij,jb->ib", self.upper, state - self.centre))

    def gradient(self, by_state: FloatArray) -> FloatArray:
        """Return derivatives with respect to whitened states (d, b)."""
        return np.asarray(np.einsum("bji,jb->ib", self.inverse, by_state))
