"""Predictions of nested data: one Gaussian process per property, chained through the links."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.factorisation import cholesky_in_place, invert_in_place, solve_factored, whiten
from hokan.gp.kernels import FloatArray
from hokan.inference.blocks import (
    IndexArray,
    geometries_between,
    kernel_matrices,
    pairs_of_one_material,
    weigh_block,
)
from hokan.inference.cells import Cells
from hokan.inference.gaussian_draws import draw_gaussian
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.inference.posterior import CellDistribution
from hokan.inference.recursive import RecursiveLikelihood
from hokan.inference.rows import RowDistribution


class RecursivePosterior:
    """The posterior of nested data: equal to the joint one, at the cost of its largest property.

    Given the data, what each property adds to its parents, ``u_j = z_j - sum_k B_jk z_k``, is
    independent of what the others add; ``z = A u`` puts them together.

    Parameters
    ----------
    cells : Cells
        A standardised training table for which ``cells.is_nested(layout.parent_mask)``.
    layout : ParameterLayout
        Kernels and graph.
    parameters : HierarchyParameters
        Fitted parameters.
    """

    def __init__(
        self, cells: Cells, layout: ParameterLayout, parameters: HierarchyParameters
    ) -> None:
        self.cells = cells
        self.layout = layout
        self.parameters = parameters
        likelihood = RecursiveLikelihood(cells, layout)
        self._order = likelihood.order
        self._factors: dict[int, FloatArray] = {}
        self._alphas: dict[int, FloatArray] = {}
        self._residuals: dict[int, FloatArray] = {}
        for j in likelihood.blocks:
            factor, _ = likelihood.covariance(parameters, j)
            cholesky_in_place(factor)
            self._factors[j] = factor
            self._residuals[j] = likelihood.residual(parameters, j)
            self._alphas[j] = solve_factored(factor, self._residuals[j])

    @property
    def noise_variances(self) -> FloatArray:
        """Variances of the measurement errors learned, shape (p,)."""
        return self.parameters.noise_variances

    @property
    def members(self) -> tuple[RecursivePosterior]:
        """Itself: no average over parameters is taken."""
        return (self,)

    def leave_one_out(self) -> CellDistribution:
        """Each observed cell from all others.

        Leaving a cell out frees it in its own regression (Rasmussen & Williams 2006, eq. 5.12) and
        in that of each child known in its row, whose own left-out residual then measures it: a
        product of Gaussians.
        """
        shape = self.cells.values.shape
        left_out_mean, left_out_precision = np.full(shape, np.nan), np.zeros(shape)
        for j, factor in self._factors.items():
            inverse = factor.copy()
            invert_in_place(inverse)
            precision = np.diagonal(inverse)
            rows = self._order.row_lists[j]
            left_out_mean[rows, j] = self._residuals[j] - self._alphas[j] / precision
            left_out_precision[rows, j] = precision
        values, links = self.cells.values, self.parameters.links
        known = self.cells.observed
        complete = np.where(known, values, 0.0)
        from_parents = complete @ links.T
        precision_sum = left_out_precision.copy()
        weighted = left_out_precision * np.where(known, left_out_mean + from_parents, 0.0)
        for child, parent in zip(*np.nonzero(self.layout.parent_mask), strict=True):
            rows = self._order.row_lists[child]
            slope = links[child, parent]
            others = from_parents[rows, child] - slope * complete[rows, parent]
            share = slope * left_out_precision[rows, child]
            target = values[rows, child] - others - left_out_mean[rows, child]
            precision_sum[rows, parent] += slope * share
            weighted[rows, parent] += share * target
        with np.errstate(divide="ignore", invalid="ignore"):
            mean, variance = weighted / precision_sum, 1.0 / precision_sum
        # What stands for a limit is no measurement: its noise is not a part of what is predicted.
        variance -= self.cells.site_variance
        return CellDistribution(np.where(known, mean, np.nan), np.where(known, variance, np.nan))

    def _known_exactly(self) -> NDArray[np.bool_]:
        noise = self.cells.noise_variance + self.parameters.noise_variances
        return np.asarray(self.cells.observed & (noise == 0))

    def training_cells(self) -> CellDistribution:
        """Every cell of the training table given all observed ones."""
        rows = self._training_rows()
        known = self._known_exactly()
        return CellDistribution(
            np.where(known, self.cells.values, rows.mean), np.where(known, 0.0, rows.variance)
        )

    def new_rows(self, features: MaterialFeatures) -> RowDistribution:
        """Predict new materials given the training table."""
        n_rows, n_properties = len(features), self.cells.values.shape[1]
        mean, variance = np.zeros((n_rows, n_properties)), np.empty((n_rows, n_properties))
        nowhere = np.full(n_rows, -1)
        for j in range(n_properties):
            mean[:, j], variance[:, j] = self._own_part(features, nowhere, j)
        return self._chain(mean, variance)

    def sample_training_cells(
        self, n_samples: int, random_state: np.random.Generator
    ) -> FloatArray:
        """Draw completed tables jointly, shape (n_samples, n, p)."""
        table = self.cells.features
        known = self._known_exactly()
        draws = np.repeat(np.where(known, self.cells.values, 0.0)[None], n_samples, axis=0)
        for j in topological_order(self.layout.parent_mask):
            rows = np.flatnonzero(~known[:, j])
            if not len(rows):
                continue
            features = table.rows(rows)
            mean, covariance = self._own_part_jointly(features, rows, j)
            own = draw_gaussian(mean, covariance, n_samples, random_state)
            draws[:, rows, j] = own + draws[:, rows] @ self.parameters.links[j]
        return draws

    def _training_rows(self) -> RowDistribution:
        shape = self.cells.values.shape
        mean, variance = np.zeros(shape), np.zeros(shape)
        known = self._known_exactly()
        for j in range(shape[1]):
            rows = self._order.row_lists[j]
            if len(rows):
                mean[rows, j] = self._residuals[j]
            wanted = np.flatnonzero(~known[:, j])
            features = self.cells.features.rows(wanted)
            mean[wanted, j], variance[wanted, j] = self._own_part(features, wanted, j)
        return self._chain(mean, variance)

    def _chain(self, mean: FloatArray, variance: FloatArray) -> RowDistribution:
        """Turn what each property adds into the properties themselves: ``z = A u``."""
        mixing = self.parameters.mixing
        covariance = np.einsum("jm,nm,km->njk", mixing, variance, mixing)
        return RowDistribution(mean @ mixing.T, covariance)

    def _own_part(
        self, features: MaterialFeatures, rows: IndexArray, j: int
    ) -> tuple[FloatArray, FloatArray]:
        """Mean and variance of what property j adds in some rows, shapes (m,)."""
        diagonals = [kernel.diagonal(features) for kernel in self.layout.kernels]
        prior = self.parameters.variances[:, j] @ np.array([*diagonals, np.ones(len(features))])
        if j not in self._factors:
            return np.zeros(len(features)), prior
        cross = self._cross(features, rows, j)
        explained = whiten(self._factors[j], cross.T)
        variance = prior - np.einsum("ij,ij->j", explained, explained)
        return cross @ self._alphas[j], np.maximum(variance, 0.0)

    def _own_part_jointly(
        self, features: MaterialFeatures, rows: IndexArray, j: int
    ) -> tuple[FloatArray, FloatArray]:
        """Mean (m,) and covariance (m, m) of what property j adds in some rows."""
        prior = self._weighted(features, features, rows, rows, j)
        if j not in self._factors:
            return np.zeros(len(features)), prior
        cross = self._cross(features, rows, j)
        explained = whiten(self._factors[j], cross.T)
        return cross @ self._alphas[j], prior - explained.T @ explained

    def _cross(self, features: MaterialFeatures, rows: IndexArray, j: int) -> FloatArray:
        known = self._order.row_lists[j]
        return self._weighted(features, self.cells.features.rows(known), rows, known, j)

    def _weighted(
        self,
        left: MaterialFeatures,
        right: MaterialFeatures,
        left_rows: IndexArray,
        right_rows: IndexArray,
        j: int,
    ) -> FloatArray:
        """Covariance of what property j adds, between two lists of rows."""
        geometries = geometries_between(self.layout.kernels, left, right)
        matrices = kernel_matrices(self.layout, self.parameters, geometries)
        target = np.empty(matrices[0].shape)
        shared = pairs_of_one_material(left, right, left_rows, right_rows)
        weigh_block(target, matrices, self.parameters.variances[:, j], shared)
        return target


def topological_order(parent_mask: np.ndarray) -> list[int]:
    """Return property numbers with every parent before its children."""
    remaining = set(range(len(parent_mask)))
    order: list[int] = []
    while remaining:
        ready = [
            j for j in sorted(remaining) if not remaining & set(np.flatnonzero(parent_mask[j]))
        ]
        order += ready
        remaining -= set(ready)
    return order
