"""What every kernel offers: a matrix between two sets of materials, and its gradient.

A kernel is split into what never changes during a fit, its *geometry* (distances, inner products),
and what is cheap to redo for each setting of its hyperparameters. The geometry of a block of cells
is computed once per table; an optimiser then evaluates it a hundred times.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hokan.descriptors.features import MaterialFeatures

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class LogNormalPrior:
    """Prior of a positive quantity: its logarithm is normal.

    Parameters
    ----------
    median : float
        Median of the quantity itself.
    spread : float
        Standard deviation of its natural logarithm.
    """

    median: float
    spread: float

    @property
    def log_mean(self) -> float:
        """Mean of the logarithm."""
        return float(np.log(self.median))


class Kernel(ABC):
    """Covariance between materials, up to a variance that the model multiplies it with.

    Attributes
    ----------
    name : str
        Name used in saved models and in what is told to the user.
    variance_prior : LogNormalPrior or None
        Prior of the variance of this component, in standardised units; ``None`` fixes it at 1.
    hyperparameter_priors : tuple of LogNormalPrior
        One per hyperparameter (lengthscales); empty for a kernel without any.
    """

    name: str
    variance_prior: LogNormalPrior | None
    hyperparameter_priors: tuple[LogNormalPrior, ...] = ()

    @abstractmethod
    def geometry(self, left: MaterialFeatures, right: MaterialFeatures) -> FloatArray:
        """Return what does not depend on hyperparameters.

        Returns
        -------
        ndarray of shape (n_left, n_right) or (k, n_left, n_right)
        """

    @abstractmethod
    def matrix(self, geometry: FloatArray, log_hyperparameters: FloatArray) -> FloatArray:
        """Return the kernel matrix, shape (n_left, n_right), of a geometry."""

    @abstractmethod
    def diagonal(self, features: MaterialFeatures) -> FloatArray:
        """Return the kernel of each material with itself, shape (n,)."""

    def gradient(
        self,
        geometry: FloatArray,
        log_hyperparameters: FloatArray,
        matrix: FloatArray,
        weights: FloatArray,
    ) -> FloatArray:
        """Return ``sum(weights * d matrix / d log_hyperparameter)`` for each hyperparameter.

        Parameters
        ----------
        geometry, log_hyperparameters
            As given to :meth:`matrix`.
        matrix : ndarray of shape (n_left, n_right)
            What :meth:`matrix` returned for them.
        weights : ndarray of shape (n_left, n_right)
            Derivative of the objective with respect to each entry of the matrix.
        """
        return np.zeros(0)
