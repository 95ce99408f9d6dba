"""What kernels with one lengthscale per descriptor share."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels.base import FloatArray, Kernel, LogNormalPrior

_VARIANCE_PRIOR = LogNormalPrior(median=0.5, spread=1.5)


class LengthscaleKernel(Kernel):
    """A kernel with one lengthscale for each standardised descriptor.

    For descriptors that the user knows to act smoothly (temperature, pressure, a design variable),
    few enough that each can have its own lengthscale.

    Parameters
    ----------
    n_descriptors : int
        Number of standardised descriptors.
    variance_prior : LogNormalPrior
        Prior of the variance of this component.
    lengthscale_prior : LogNormalPrior, optional
        Prior of every lengthscale; by default of median ``sqrt(n_descriptors)``, the usual distance
        between materials, and spread 1.
    """

    def __init__(
        self,
        n_descriptors: int,
        variance_prior: LogNormalPrior = _VARIANCE_PRIOR,
        lengthscale_prior: LogNormalPrior | None = None,
    ) -> None:
        self.n_descriptors = n_descriptors
        self.variance_prior = variance_prior
        usual = LogNormalPrior(float(np.sqrt(n_descriptors)), 1.0)
        self.lengthscale_prior = lengthscale_prior or usual
        self.hyperparameter_priors = (self.lengthscale_prior,) * n_descriptors

    def diagonal(self, features: MaterialFeatures) -> FloatArray:
        """Return ones."""
        return np.ones(len(features))


class ScaledDistanceKernel(LengthscaleKernel):
    """A function of ``r^2 = sum_k (x_k - x'_k)^2 / l_k^2`` over standardised descriptors."""

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
