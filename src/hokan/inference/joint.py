"""The exact joint likelihood: every observed cell, whatever the pattern of holes.

With ``z = B z + f + e`` in every row and ``A = (I - B)^-1``, the covariance of two observed cells
(i, j) and (i', j') is ``sum_c W_c[j, j'] base_c(i, i')`` with ``W_c = A diag(q_c) A'``. The joint
likelihood is Gaussian for every pattern; one Cholesky factor, one inverse and a few passes over the
blocks give its value and all derivatives.
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


class JointLikelihood:
    """Negative log marginal likelihood of all observed cells, and its gradient.

    Parameters
    ----------
    cells : Cells
        The standardised table.
    layout : ParameterLayout
        Kernels and the arrangement of parameters.
    """

    def __init__(self, cells: Cells, layout: ParameterLayout) -> None:
        self.layout = layout
        self.order = CellOrder(cells)
        pairs = list(self.order.pairs())
        self.blocks = build_blocks(cells, self.order, layout.kernels, pairs)
        self._slices = layout.hyperparameter_slices()

    def covariance(
        self, parameters: HierarchyParameters
    ) -> tuple[FloatArray, list[tuple[FloatArray, ...]]]:
        """Return the covariance of the observed cells, and each block's kernel matrices.

        Returns
        -------
        covariance : ndarray of shape (N, N)
            C-ordered; only the blocks on and above the diagonal are filled.
        matrices : list of tuple of ndarray
            For each block, one kernel matrix per component.
        """
        weights = parameters.component_weights()
        covariance = np.empty((self.order.size, self.order.size))
        matrices = []
        for block in self.blocks:
            kernels = block.kernel_matrices(self.layout, parameters)
            target = covariance[block.rows, block.columns]
            weigh_block(target, kernels, weights[:, block.first, block.second], block.shared)
            matrices.append(kernels)
        diagonal = np.einsum("ii->i", covariance)
        diagonal += self.order.noise(parameters)
        return covariance, matrices

    def value_and_gradient(self, parameters: HierarchyParameters) -> tuple[float, LogParameters]:
        """Return the negative log marginal likelihood and its derivatives.

        Raises
        ------
        NotPositiveDefiniteError
            The parameters give no valid covariance.

        Notes
        -----
        Rasmussen & Williams (2006), eq. 5.9, summed block by block: with
        ``G = (C^-1 - alpha alpha') / 2`` and ``H_c[j, j'] = sum of G * base_c over block (j, j')``,
        ``d/d log q_mc = q_mc (A' H_c A)_mm`` and ``d/dB = 2 sum_c A' H_c W_c``.
        """
        covariance, matrices = self.covariance(parameters)
        cholesky_in_place(covariance)
        values = self.order.values
        alpha = solve_factored(covariance, values)
        value = 0.5 * values @ alpha + half_log_determinant(covariance)
        value += 0.5 * self.order.size * np.log(2.0 * np.pi)
        invert_in_place(covariance)
        subtract_outer_in_place(covariance, alpha)
        return float(value), self.gradient(parameters, covariance, matrices)

    def gradient(
        self,
        parameters: HierarchyParameters,
        twice_g: FloatArray,
        matrices: list[tuple[FloatArray, ...]],
    ) -> LogParameters:
        """Return the derivatives of an objective from those with respect to the covariance.

        Parameters
        ----------
        parameters : HierarchyParameters
        twice_g : ndarray of shape (N, N)
            Twice the derivative of the objective with respect to the covariance, symmetric; only
            its upper triangle is read.
        matrices : list of tuple of ndarray
            What :meth:`covariance` returned for the parameters.
        """
        n_components, n_properties = parameters.variances.shape
        sums = np.zeros((n_components, n_properties, n_properties))
        weights = parameters.component_weights()
        d_hyperparameters = np.zeros(self.layout.n_hyperparameters)
        for block, kernels in zip(self.blocks, matrices, strict=True):
            g = twice_g[block.rows, block.columns]
            if block.is_diagonal:
                g = folded_upper(g)
            first, second = block.first, block.second
            for c, (kernel, matrix, geometry, part) in enumerate(
                zip(self.layout.kernels, kernels, block.geometries, self._slices, strict=True)
            ):
                sums[c, first, second] = np.einsum("ij,ij->", g, matrix)
                if kernel.hyperparameter_priors:
                    d_hyperparameters[part] += weights[c, first, second] * kernel.gradient(
                        geometry, parameters.log_hyperparameters[part], matrix, g
                    )
            sums[-1, first, second] = g[block.shared].sum()
        # Off the diagonal each block was summed as 2G: half of it each to (j, k) and (k, j).
        sums = 0.5 * (sums + np.swapaxes(sums, 1, 2))
        mixing = parameters.mixing
        projected = np.einsum("jm,cjk,kn->cmn", mixing, sums, mixing)
        d_log_variances = parameters.variances * np.einsum("cmm->cm", projected)
        d_links = 2.0 * np.einsum("jm,cjk,ckn->mn", mixing, sums, weights)
        on_diagonal = np.bincount(
            self.order.property, 0.5 * np.diagonal(twice_g), minlength=n_properties
        )
        d_log_noise = parameters.noise_variances * on_diagonal
        return LogParameters(d_links, d_log_variances, d_log_noise, d_hyperparameters)
