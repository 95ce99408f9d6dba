"""A product of one Matern-5/2 kernel per descriptor: for smooth functions that mix them freely."""

from __future__ import annotations

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels.base import FloatArray
from hokan.gp.kernels.scaled_distance import LengthscaleKernel

_ROOT5 = np.sqrt(5.0)


class ProductMaternKernel(LengthscaleKernel):
    """``prod_k (1 + s_k + s_k^2 / 3) exp(-s_k)`` with ``s_k = sqrt5 |x_k - x'_k| / l_k``.

    Where the kernel of one distance (:class:`MaternKernel`) takes a change in two descriptors as
    one step, this one takes it as two; sums of functions of one descriptor each, and products of
    them, are then less of a surprise.

    Source: the correlation of Sacks, Welch, Mitchell & Wynn (1989), a product over inputs, with the
    Matern-5/2 of Rasmussen & Williams (2006), eq. 4.17.
    """

    name = "product matern"

    def geometry(self, left: MaterialFeatures, right: MaterialFeatures) -> FloatArray:
        """Return ``sqrt5`` times absolute differences, shape (n_descriptors, n_left, n_right)."""
        difference = left.standardised.T[:, :, None] - right.standardised.T[:, None, :]
        np.abs(difference, out=difference)
        return np.multiply(difference, _ROOT5, out=difference)

    def matrix(self, geometry: FloatArray, log_hyperparameters: FloatArray) -> FloatArray:
        """Return the kernel matrix."""
        scales = np.exp(-log_hyperparameters)
        result = np.exp(np.tensordot(-scales, geometry, axes=1))
        for scale, difference in zip(scales, geometry, strict=True):
            scaled = scale * difference
            result *= 1.0 + scaled * (1.0 + scaled / 3.0)
        return np.asarray(result)

    def gradient(
        self,
        geometry: FloatArray,
        log_hyperparameters: FloatArray,
        matrix: FloatArray,
        weights: FloatArray,
    ) -> FloatArray:
        """Return the derivative with respect to each ``log l_k``."""
        common = weights * matrix
        found = np.empty(self.n_descriptors)
        for k, scale in enumerate(np.exp(-log_hyperparameters)):
            scaled = scale * geometry[k]
            # d log of the factor / d log l = s^2 (1 + s) / (3 + 3 s + s^2)
            squared = scaled * scaled
            ratio = squared * (1.0 + scaled) / (3.0 + 3.0 * scaled + squared)
            found[k] = np.einsum("ij,ij->", common, ratio)
        return found
