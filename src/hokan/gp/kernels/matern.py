"""The Matern-5/2 kernel with one lengthscale per descriptor: for few, smooth descriptors."""

from __future__ import annotations

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels.base import FloatArray, Kernel, LogNormalPrior

_ROOT5 = np.sqrt(5.0)


class MaternKernel(Kernel):
    """``(1 + sqrt5 r + 5 r^2 / 3) exp(-sqrt5 r)`` with ``r^2 = sum_k (x_k - x'_k)^2 / l_k^2``.

    For descriptors that the user knows to act smoothly (temperature, pressure, a design variable),
    few enough that each can have its own lengthscale.

    Parameters
    ----------
    n_descriptors : int
        Number of standardised descriptors.

    Source: Rasmussen & Williams (2006), eq. 4.17.
    """

    name = "matern"
    variance_prior = LogNormalPrior(median=0.5, spread=1.5)

    def __init__(self, n_descriptors: int) -> None:
        self.n_descriptors = n_descriptors
        median = float(np.sqrt(n_descriptors))
        self.hyperparameter_priors = (LogNormalPrior(median, 1.0),) * n_descriptors

    def geometry(self, left: MaterialFeatures, right: MaterialFeatures) -> FloatArray:
        """Return squared differences, shape (n_descriptors, n_left, n_right)."""
        difference = left.standardised.T[:, :, None] - right.standardised.T[:, None, :]
        return np.square(difference, out=difference)

    def _scaled_distance(self, geometry: FloatArray, log_lengthscales: FloatArray) -> FloatArray:
        squared = np.tensordot(np.exp(-2.0 * log_lengthscales), geometry, axes=1)
        return np.asarray(_ROOT5 * np.sqrt(squared))

    def matrix(self, geometry: FloatArray, log_hyperparameters: FloatArray) -> FloatArray:
        """Return the kernel matrix."""
        scaled = self._scaled_distance(geometry, log_hyperparameters)
        return (1.0 + scaled + scaled**2 / 3.0) * np.exp(-scaled)

    def diagonal(self, features: MaterialFeatures) -> FloatArray:
        """Return ones."""
        return np.ones(len(features))

    def gradient(
        self,
        geometry: FloatArray,
        log_hyperparameters: FloatArray,
        matrix: FloatArray,
        weights: FloatArray,
    ) -> FloatArray:
        """Return the derivative with respect to each ``log l_k``."""
        scaled = self._scaled_distance(geometry, log_hyperparameters)
        # d k / d (r^2) = -(5/6) (1 + sqrt5 r) exp(-sqrt5 r), and d r^2 / d log l_k = -2 D_k / l_k^2
        common = weights * (1.0 + scaled) * np.exp(-scaled)
        sums = np.tensordot(geometry, common, axes=2)
        return np.asarray((5.0 / 3.0) * np.exp(-2.0 * log_hyperparameters) * sums)
