"""The likelihood of nested data: one Gaussian-process regression per property.

Where every known cell has all its parents known, and parents carry no measurement error, the joint
likelihood factorises (recursive cokriging; Kennedy & O'Hagan 2000, Le Gratiet & Garnier 2014):
property j is a regression of ``z_j - sum_k B_jk z_k`` on the descriptors. The answer is the same as
the joint one; the cost is that of the largest property instead of all of them together.
"""

from __future__ import annotations

import numpy as np

from hokan.gp.factorisation import (
    cholesky_in_place,
    folded_upper,
    half_log_determinant,
    invert_in_place,
    solve_factored,
    subtract_outer_in_place,
)
from hokan.gp.kernels import FloatArray
from hokan.inference.blocks import CellOrder, build_blocks, weigh_block
from hokan.inference.cells import Cells
from hokan.inference.parameters import HierarchyParameters, LogParameters, ParameterLayout


class RecursiveLikelihood:
    """Negative log marginal likelihood of nested data, and its gradient.

    Takes and returns what :class:`~hokan.inference.joint.JointLikelihood` does, and equals it.

    Parameters
    ----------
    cells : Cells
        A standardised table for which ``cells.is_nested(layout.parent_mask)``.
    layout : ParameterLayout
        Kernels and the arrangement of parameters.
    """

    def __init__(self, cells: Cells, layout: ParameterLayout) -> None:
        self.layout = layout
        self.cells = cells
        self.order = CellOrder(cells)
        known = [j for j, rows in enumerate(self.order.row_lists) if len(rows)]
        blocks = build_blocks(cells, self.order, layout.kernels, [(j, j) for j in known])
        self.blocks = dict(zip(known, blocks, strict=True))
        self._slices = layout.hyperparameter_slices()

    def residual(self, parameters: HierarchyParameters, j: int) -> FloatArray:
        """Return what the parents leave unexplained of property j where it is known."""
        rows = self.order.row_lists[j]
        parents = np.flatnonzero(self.layout.parent_mask[j])
        known = self.cells.values[rows]
        return np.asarray(known[:, j] - known[:, parents] @ parameters.links[j, parents])

    def covariance(
        self, parameters: HierarchyParameters, j: int
    ) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """Return the covariance of the residual of property j, and its kernel matrices."""
        block = self.blocks[j]
        kernels = block.kernel_matrices(self.layout, parameters)
        covariance = np.empty_like(kernels[0])
        weigh_block(covariance, kernels, parameters.variances[:, j], block.shared)
        diagonal = np.einsum("ii->i", covariance)
        diagonal += self.order.noise(parameters)[self.order.slices[j]]
        return covariance, kernels

    def value_and_gradient(self, parameters: HierarchyParameters) -> tuple[float, LogParameters]:
        """Return the negative log marginal likelihood and its derivatives.

        Raises
        ------
        NotPositiveDefiniteError
            The parameters give no valid covariance.
        """
        value = 0.5 * self.order.size * np.log(2.0 * np.pi)
        d_links = np.zeros_like(parameters.links)
        d_log_variances = np.zeros_like(parameters.variances)
        d_log_noise = np.zeros_like(parameters.noise_variances)
        d_hyperparameters = np.zeros(self.layout.n_hyperparameters)
        for j, block in self.blocks.items():
            covariance, kernels = self.covariance(parameters, j)
            cholesky_in_place(covariance)
            residual = self.residual(parameters, j)
            alpha = solve_factored(covariance, residual)
            value += 0.5 * residual @ alpha + half_log_determinant(covariance)
            parents = np.flatnonzero(self.layout.parent_mask[j])
            d_links[j, parents] = -alpha @ self.cells.values[self.order.row_lists[j]][:, parents]
            invert_in_place(covariance)
            subtract_outer_in_place(covariance, alpha)
            g = folded_upper(covariance)
            for c, (kernel, matrix, geometry, part) in enumerate(
                zip(self.layout.kernels, kernels, block.geometries, self._slices, strict=True)
            ):
                variance = parameters.variances[c, j]
                d_log_variances[c, j] = variance * np.einsum("ij,ij->", g, matrix)
                if kernel.hyperparameter_priors:
                    d_hyperparameters[part] += variance * kernel.gradient(
                        geometry, parameters.log_hyperparameters[part], matrix, g
                    )
            d_log_noise[j] = parameters.noise_variances[j] * np.trace(g)
            d_log_variances[-1, j] = parameters.variances[-1, j] * g[block.shared].sum()
        gradient = LogParameters(d_links, d_log_variances, d_log_noise, d_hyperparameters)
        return float(value), gradient
