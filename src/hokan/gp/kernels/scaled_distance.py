"""What kernels with one lengthscale per descriptor share: a sum of scaled squared differences."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels.base import FloatArray, Kernel, LogNormalPrior


class ScaledDistanceKernel(Kernel):
    """A function of ``r^2 = sum_k (x_k - x'_k)^2 / l_k^2`` over standardised descriptors.

    For descriptors that the user knows to act smoothly (temperature, pressure, a design variable),
    few enough that each can have its own lengthscale.

    Parameters
    ----------
    n_descriptors : int
        Number of standardised descriptors.
    """

    variance_prior = LogNormalPrior(median=0.5, spread=1.5)

    def __init__(self, n_descriptors: int) -> None:
        self.n_descriptors = n_descriptors
        median = float(np.sqrt(n_descriptors))
        self.hyperparameter_priors = (LogNormalPrior(median, 1.0),) * n_descriptors

    @abstractmethod
    def _of_squared_distance(self, squared: FloatArray) -> FloatArray:
        """Return the kernel of scaled squared distances; may write over them."""

    @abstractmethod
    def _minus_twice_slope(self, squared: FloatArray, matrix: FloatArray) -> FloatArray:
        """Return ``-2 dk / d(r^2)`` at scaled squared distances, where the kernel is ``matrix``."""

    def geometry(self, left: MaterialFeatures, right: MaterialFeatures) -> FloatArray:
        """Return squared differences, shape (n_descriptors, n_left, n_right)."""
        difference = left.standardised.T[:, :, None] - right.standardised.T[:, None, :]
        return np.square(difference, out=difference)

    def _squared_distance(self, geometry: FloatArray, log_lengthscales: FloatArray) -> FloatArray:
        return np.asarray(np.tensordot(np.exp(-2.0 * log_lengthscales), geometry, axes=1))

    def matrix(self, geometry: FloatArray, log_hyperparameters: FloatArray) -> FloatArray:
        """Return the kernel matrix."""
        return self._of_squared_distance(self._squared_distance(geometry, log_hyperparameters))

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
        squared = self._squared_distance(geometry, log_hyperparameters)
        # d r^2 / d log l_k = -2 (x_k - x'_k)^2 / l_k^2
        common = weights * self._minus_twice_slope(squared, matrix)
        sums = np.tensordot(geometry, common, axes=2)
        return np.asarray(np.exp(-2.0 * log_hyperparameters) * sums)
