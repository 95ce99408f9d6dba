"""Predictions of the exact joint model."""

from __future__ import annotations

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.factorisation import cholesky_in_place, invert_in_place, solve_factored, whiten
from hokan.gp.kernels import FloatArray
from hokan.inference.blocks import (
    CellOrder,
    IndexArray,
    gather,
    geometries_between,
    kernel_matrices,
    pairs_of_one_material,
    weigh_block,
)
from hokan.inference.cells import Cells
from hokan.inference.gaussian_draws import draw_gaussian
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.inference.posterior import CellDistribution
from hokan.inference.rows import RowDistribution

#: Cross-covariances are made for at most this many numbers at a time (128 MiB).
_CHUNK_NUMBERS = 2**24


class JointPosterior:
    """The joint Gaussian posterior of all cells given all observed ones.

    Parameters
    ----------
    cells : Cells
        The standardised training table.
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
        self._order = CellOrder(cells)
        self._weights = parameters.component_weights()
        self._factor = self._covariance()
        cholesky_in_place(self._factor)
        self._alpha = solve_factored(self._factor, self._order.values)

    def leave_one_out(self) -> CellDistribution:
        """Each observed cell from all others; Rasmussen & Williams (2006), eqs 5.10-5.12."""
        inverse = self._factor.copy()
        invert_in_place(inverse)
        precision = np.diagonal(inverse)
        shape = self.cells.values.shape
        mean, variance = np.full(shape, np.nan), np.full(shape, np.nan)
        where = self._order.row, self._order.property
        mean[where] = self._order.values - self._alpha / precision
        variance[where] = 1.0 / precision
        # What stands for a limit is no measurement: its noise is not a part of what is predicted.
        return CellDistribution(mean, variance - self.cells.site_variance)

    @property
    def noise_variances(self) -> FloatArray:
        """Variances of the measurement errors learned, shape (p,)."""
        return self.parameters.noise_variances

    @property
    def members(self) -> tuple[JointPosterior]:
        """Itself: no average over parameters is taken."""
        return (self,)

    def training_cells(self) -> CellDistribution:
        """Every cell of the training table given all observed ones."""
        mean = self.cells.values.copy()
        variance = np.zeros_like(mean)
        rows, columns = self._uncertain()
        for j in np.unique(columns):
            wanted = rows[columns == j]
            for part in _chunks(wanted, self._order.size):
                cross = self._cross(self.cells.features.rows(part), part, [j])[0]
                mean[part, j] = cross @ self._alpha
                explained = whiten(self._factor, cross.T)
                prior = self._prior(self.cells.features.rows(part))[:, j, j]
                variance[part, j] = prior - np.einsum("ij,ij->j", explained, explained)
        return CellDistribution(mean, np.maximum(variance, 0.0))

    def new_rows(self, features: MaterialFeatures) -> RowDistribution:
        """Predict new materials given the training table."""
        n_rows, n_properties = len(features), self.cells.values.shape[1]
        mean = np.empty((n_rows, n_properties))
        covariance = np.empty((n_rows, n_properties, n_properties))
        everything = list(range(n_properties))
        for part in _chunks(np.arange(n_rows), self._order.size * n_properties):
            chunk = features.rows(part)
            cross = self._cross(chunk, None, everything)
            mean[part] = (cross @ self._alpha).T
            flat = cross.reshape(-1, self._order.size)
            explained = whiten(self._factor, flat.T).reshape(-1, n_properties, len(part))
            covariance[part] = self._prior(chunk) - np.einsum(
                "ajn,akn->njk", explained, explained, optimize=True
            )
        return RowDistribution(mean, covariance)

    def sample_training_cells(
        self, n_samples: int, random_state: np.random.Generator
    ) -> FloatArray:
        """Draw completed tables jointly, shape (n_samples, n, p)."""
        draws = np.repeat(self.cells.values[None], n_samples, axis=0)
        rows, columns = self._uncertain()
        if not len(rows):
            return draws
        features = self.cells.features
        cross = np.empty((len(rows), self._order.size))
        for j in np.unique(columns):
            here = columns == j
            cross[here] = self._cross(features.rows(rows[here]), rows[here], [j])[0]
        explained = whiten(self._factor, cross.T)
        covariance = self._prior_between(rows, columns) - explained.T @ explained
        draws[:, rows, columns] = draw_gaussian(
            cross @ self._alpha, covariance, n_samples, random_state
        )
        return draws

    def _uncertain(self) -> tuple[IndexArray, IndexArray]:
        """Cells that are not known exactly: holes, and values with measurement error."""
        noise = self.cells.noise_variance + self.parameters.noise_variances
        rows, columns = np.nonzero(~self.cells.observed | (noise > 0))
        return rows.astype(np.int64), columns.astype(np.int64)

    def _prior(self, features: MaterialFeatures) -> FloatArray:
        """Prior covariance of the properties of each row, shape (n, p, p)."""
        diagonals = np.array(
            [kernel.diagonal(features) for kernel in self.layout.kernels] + [np.ones(len(features))]
        )
        return np.asarray(np.einsum("cn,cjk->njk", diagonals, self._weights))

    def _cross(
        self,
        features: MaterialFeatures,
        training_rows: IndexArray | None,
        properties: list[int],
    ) -> FloatArray:
        """Covariance of some properties of some rows with the observed cells.

        Parameters
        ----------
        features : MaterialFeatures
            Features of the rows.
        training_rows : ndarray or None
            Their numbers where they are rows of the training table.
        properties : list of int
            Properties wanted.

        Returns
        -------
        ndarray of shape (properties, rows, N)
        """
        order, table = self._order, self.cells.features
        cross = np.empty((len(properties), len(features), order.size))
        matrices = self._kernel_matrices(features, table)
        numbers = np.full(len(features), -1) if training_rows is None else training_rows
        for second, rows in enumerate(order.row_lists):
            columns = tuple(matrix[:, rows] for matrix in matrices)
            shared = pairs_of_one_material(features, table.rows(rows), numbers, rows)
            for place, j in enumerate(properties):
                target = cross[place][:, order.slices[second]]
                weigh_block(target, columns, self._weights[:, j, second], shared)
        return cross

    def _kernel_matrices(
        self, left: MaterialFeatures, right: MaterialFeatures
    ) -> tuple[FloatArray, ...]:
        geometries = geometries_between(self.layout.kernels, left, right)
        return kernel_matrices(self.layout, self.parameters, geometries)

    def _covariance(self) -> FloatArray:
        """Covariance of the observed cells, upper blocks only, shape (N, N)."""
        order, features = self._order, self.cells.features
        matrices = self._kernel_matrices(features, features)
        covariance = np.empty((order.size, order.size))
        for first, second in order.pairs():
            left, right = order.row_lists[first], order.row_lists[second]
            weigh_block(
                covariance[order.slices[first], order.slices[second]],
                tuple(gather(matrix, left, right) for matrix in matrices),
                self._weights[:, first, second],
                pairs_of_one_material(features.rows(left), features.rows(right), left, right),
            )
        np.einsum("ii->i", covariance)[:] += order.noise(self.parameters)
        return covariance

    def _prior_between(self, rows: IndexArray, columns: IndexArray) -> FloatArray:
        """Prior covariance between single cells of the training table, shape (m, m)."""
        features = self.cells.features.rows(rows)
        pair = columns[:, None], columns[None, :]
        covariance = np.zeros((len(rows), len(rows)))
        for weight, matrix in zip(
            self._weights, self._kernel_matrices(features, features), strict=False
        ):
            covariance += weight[pair] * matrix
        here, there = pairs_of_one_material(features, features, rows, rows)
        covariance[here, there] += self._weights[-1][columns[here], columns[there]]
        return covariance


def _chunks(rows: IndexArray, numbers_per_row: int) -> list[IndexArray]:
    """Split rows so that a matrix with that many numbers per row stays small."""
    size = max(1, _CHUNK_NUMBERS // max(numbers_per_row, 1))
    return [rows[start : start + size] for start in range(0, len(rows), size)]
