"""The squared-exponential kernel, one lengthscale per descriptor: for the smoothest functions."""

from __future__ import annotations

import numpy as np

from hokan.gp.kernels.base import FloatArray
from hokan.gp.kernels.scaled_distance import ScaledDistanceKernel


class SquaredExponentialKernel(ScaledDistanceKernel):
    """``exp(-r^2 / 2)``: functions with all derivatives, such as formulas and simulations have.

    Source: Rasmussen & Williams (2006), eq. 4.9.
    """

    name = "squared exponential"

    def _of_squared_distance(self, squared: FloatArray) -> FloatArray:
        np.multiply(squared, -0.5, out=squared)
        return np.exp(squared, out=squared)

    def _minus_twice_slope(self, squared: FloatArray, matrix: FloatArray) -> FloatArray:
        return matrix
