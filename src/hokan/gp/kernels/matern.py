"""The Matern-5/2 kernel with one lengthscale per descriptor: for few, smooth descriptors."""

from __future__ import annotations

import numpy as np

from hokan.gp.kernels.base import FloatArray
from hokan.gp.kernels.scaled_distance import ScaledDistanceKernel

_ROOT5 = np.sqrt(5.0)


class MaternKernel(ScaledDistanceKernel):
    """``(1 + sqrt5 r + 5 r^2 / 3) exp(-sqrt5 r)``: functions that are smooth, twice differentiable.

    Source: Rasmussen & Williams (2006), eq. 4.17.
    """

    name = "matern"

    def _of_squared_distance(self, squared: FloatArray) -> FloatArray:
        scaled = _ROOT5 * np.sqrt(squared)
        return np.asarray((1.0 + scaled + scaled**2 / 3.0) * np.exp(-scaled))

    def _minus_twice_slope(self, squared: FloatArray, matrix: FloatArray) -> FloatArray:
        scaled = _ROOT5 * np.sqrt(squared)
        return np.asarray((5.0 / 3.0) * (1.0 + scaled) * np.exp(-scaled))
