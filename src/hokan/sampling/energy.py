"""How probable drawn cells and link weights are, and the slope of that.

The state of a chain is one vector: the drawn cells, each on a scale without limits, then the link
weights of every property. Many chains are handled side by side, a column each: the covariances are
read from memory once for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hokan.gp.factorisation import cholesky_in_place, invert_in_place
from hokan.gp.kernels import FloatArray
from hokan.sampling.node import AnyLinkAt, Node, NodeLikelihood, NodeParameters
from hokan.sampling.unknowns import Unknowns, soft_limits


@dataclass(frozen=True)
class Hierarchy:
    """The nodes of a graph at some parameters, and what is known of every material.

    Attributes
    ----------
    nodes : tuple of Node
        One per property.
    unknowns : Unknowns
    directions : ndarray of shape (n, m)
        Of the materials, for joint links.
    """

    nodes: tuple[Node, ...]
    unknowns: Unknowns
    directions: FloatArray

    def weight_slices(self) -> list[slice]:
        """Where the weights of every property stand in the state."""
        stops = self.unknowns.n_drawn + np.cumsum([node.n_weights for node in self.nodes])
        return [
            slice(int(stop) - node.n_weights, int(stop))
            for node, stop in zip(self.nodes, stops, strict=True)
        ]

    @property
    def size(self) -> int:
        """Length of the state."""
        return self.unknowns.n_drawn + sum(node.n_weights for node in self.nodes)


class Energy:
    """Minus the log density of states at some parameters.

    Parameters
    ----------
    hierarchy : Hierarchy
    likelihoods : list of NodeLikelihood
        One per property, over the rows where it takes part.
    parameters : list of NodeParameters
    """

    def __init__(
        self,
        hierarchy: Hierarchy,
        likelihoods: list[NodeLikelihood],
        parameters: list[NodeParameters],
    ) -> None:
        self.hierarchy = hierarchy
        self.parameters = parameters
        self.precisions = []
        for likelihood, node_parameters in zip(likelihoods, parameters, strict=True):
            self.precisions.append(_precision(likelihood, node_parameters))
        self._directions = [hierarchy.directions[rows] for rows in hierarchy.unknowns.rows]
        self.weight_slices = hierarchy.weight_slices()
        self.weight_means = [node.weight_mean for node in hierarchy.nodes]
        self.weight_precisions = [
            1.0 / node.weight_variance(found)[0]
            for node, found in zip(hierarchy.nodes, parameters, strict=True)
        ]

    @property
    def size(self) -> int:
        """Length of the state."""
        return self.hierarchy.size

    def residual_and_force(
        self, j: int, tables: FloatArray, weights: FloatArray
    ) -> tuple[list[AnyLinkAt], FloatArray, FloatArray]:
        """Return what a property has besides its links, and how hard its model pulls at it.

        Parameters
        ----------
        j : int
        tables : ndarray of shape (p, n, c)
            Complete rows.
        weights : ndarray of shape (r, c)
            Of the property's links.

        Returns
        -------
        links : list of LinkAt or FormulaLinkAt
            The property's, in the m rows where it takes part.
        residual, force : ndarray of shape (m, c)
            The residual ``r``, and ``A_j^-1 r``.
        """
        node, rows = self.hierarchy.nodes[j], self.hierarchy.unknowns.rows[j]
        values = tables[j][rows]
        links = node.links_at(tables[:, rows], self._directions[j])
        residual = values - node.total(links, weights, values.shape)
        return links, residual, self.precisions[j] @ residual

    def value_and_gradient(self, state: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return minus the log density of states (size, c), up to a constant, and its gradient.

        Returns
        -------
        value : ndarray of shape (c,)
        gradient : ndarray of shape (size, c)
        """
        unknowns = self.hierarchy.unknowns
        free = state[: unknowns.n_drawn]
        cells = unknowns.bounds.to_cells(free)
        tables = unknowns.complete(cells)
        by_cell = np.zeros_like(tables)
        gradient = np.empty_like(state)
        value = np.zeros(state.shape[1])
        for j, node in enumerate(self.hierarchy.nodes):
            rows, part = unknowns.rows[j], self.weight_slices[j]
            weights = state[part]
            links, residual, force = self.residual_and_force(j, tables, weights)
            value += 0.5 * np.einsum("nc,nc->c", residual, force)
            by_cell[j][rows] += force
            for at, link, within in zip(links, node.links, node.weight_slices, strict=True):
                for parent, slope in zip(link.parents, at.slopes(weights[within]), strict=True):
                    by_cell[parent][rows] -= force * slope
                gradient[part][within] = -at.project(weights[within], force)
            offset = weights - self.weight_means[j][:, None]
            pull = self.weight_precisions[j][:, None] * offset
            value += 0.5 * np.einsum("rc,rc->c", offset, pull)
            gradient[part] += pull
        of_cells = by_cell[unknowns.drawn_properties, unknowns.drawn_rows]
        value += self._measurements(cells, of_cells)
        slope, log_slope, of_slope, _ = unknowns.bounds.slopes(free)
        value -= log_slope.sum(axis=0)
        gradient[: unknowns.n_drawn] = of_cells * slope - of_slope
        return value, gradient

    def _measurements(self, cells: FloatArray, gradient: FloatArray) -> FloatArray:
        """Add what measured values say to the gradient by cell; return their energy (c,)."""
        unknowns = self.hierarchy.unknowns
        error = cells[unknowns.measured] - unknowns.measured_values[:, None]
        pull = error / unknowns.measured_variance[:, None]
        gradient[unknowns.measured] += pull
        value = 0.5 * np.einsum("nc,nc->c", error, pull)
        energy, of_soft = soft_limits(
            cells[unknowns.softly_limited],
            unknowns.soft_deviation[:, None] ** 2,
            unknowns.soft_lower[:, None],
            unknowns.soft_upper[:, None],
        )
        gradient[unknowns.softly_limited] += of_soft
        value = value + energy.sum(axis=0)
        return np.asarray(value)

    def curvature(self, state: FloatArray) -> FloatArray:
        """Return the Gauss-Newton curvature at one state (size,), shape (size, size).

        Of the second derivatives, those that bend links are left out, so that it is always
        positive definite.
        """
        unknowns = self.hierarchy.unknowns
        free = state[: unknowns.n_drawn, None]
        tables = unknowns.complete(unknowns.bounds.to_cells(free))
        number = np.full(tables.shape[:2], -1)
        number[unknowns.drawn_properties, unknowns.drawn_rows] = np.arange(unknowns.n_drawn)
        total = np.zeros((self.size, self.size))
        for j, node in enumerate(self.hierarchy.nodes):
            rows, part = unknowns.rows[j], self.weight_slices[j]
            precision = self.precisions[j]
            links = node.links_at(tables[:, rows], self._directions[j])
            weights = state[part, None]
            entering = [(number[j][rows], np.ones(len(rows)))]
            for at, link, within in zip(links, node.links, node.weight_slices, strict=True):
                for parent, slope in zip(link.parents, at.slopes(weights[within]), strict=True):
                    entering.append((number[parent][rows], -slope[:, 0]))
            place = np.concatenate([np.flatnonzero(cells >= 0) for cells, _ in entering])
            cell = np.concatenate([cells[cells >= 0] for cells, _ in entering])
            share = np.concatenate([shares[cells >= 0] for cells, shares in entering])
            total[np.ix_(cell, cell)] += precision[np.ix_(place, place)] * np.outer(share, share)
            _, basis = node.linearised(tables[:, rows, 0].T, self._directions[j], state[part])
            projected = precision @ basis
            cross = -share[:, None] * projected[place]
            total[cell, part] += cross
            total[part, cell] += cross.T
            total[part, part] += basis.T @ projected
            total[part, part] += np.diag(self.weight_precisions[j])
        diagonal = np.einsum("ii->i", total)
        diagonal[unknowns.measured] += 1.0 / unknowns.measured_variance
        diagonal[unknowns.softly_limited] += 1.0 / unknowns.soft_deviation**2
        slope, _, _, curvature = unknowns.bounds.slopes(free)
        scale = np.ones(self.size)
        scale[: unknowns.n_drawn] = slope[:, 0]
        total *= scale[:, None]
        total *= scale
        diagonal[: unknowns.n_drawn] += curvature[:, 0]
        return total


def _precision(likelihood: NodeLikelihood, parameters: NodeParameters) -> FloatArray:
    """Return the full inverse of ``A_j``."""
    inverse = likelihood.covariance(parameters)
    if not len(inverse):
        return inverse
    cholesky_in_place(inverse)
    invert_in_place(inverse)
    upper = np.triu(inverse, 1)
    result = upper + upper.T
    np.einsum("ii->i", result)[:] = np.diagonal(inverse)
    return np.asarray(result)
