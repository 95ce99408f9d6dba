"""Properties modelled as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hokan.graph.transforms.base import LARGEST, FloatArray, Transform, broadcast


@dataclass(frozen=True)
class Identity(Transform):
    """T(y) = y, for properties that may take any value."""

    name: ClassVar[str] = "identity"

    @property
    def domain(self) -> str:
        """The raw values the transform takes, in words."""
        return "finite values"

    def _inside(self, raw: FloatArray) -> NDArray[np.bool_]:
        return np.ones(raw.shape, dtype=np.bool_)

    def _forward(self, raw: FloatArray) -> FloatArray:
        return raw.copy()

    def inverse(self, transformed: ArrayLike) -> FloatArray:
        """Return raw values of transformed ones: the same numbers, infinities made finite."""
        return np.clip(np.asarray(transformed, dtype=np.float64), -LARGEST, LARGEST)

    def derivative(self, raw: ArrayLike) -> FloatArray:
        """Return dT/dy = 1 at raw values (NaN at holes)."""
        return np.where(np.isnan(np.asarray(raw, dtype=np.float64)), np.nan, 1.0)

    def moments(self, mean: ArrayLike, variance: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return the mean and the square root of the variance."""
        m, v = broadcast(mean, variance)
        return m.copy(), np.sqrt(v)
