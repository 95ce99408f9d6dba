"""Positive properties whose errors are relative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hokan.graph.transforms.base import LARGEST, SMALLEST, FloatArray, Transform, broadcast

# The range of exponents whose exponential is a normal, finite number.
_LOG_SMALLEST = float(np.log(SMALLEST))
_LOG_LARGEST = float(np.nextafter(np.log(LARGEST), 0.0))


@dataclass(frozen=True)
class Log(Transform):
    """T(y) = ln y, for positive properties whose errors are relative."""

    name: ClassVar[str] = "log"

    @property
    def domain(self) -> str:
        """The raw values the transform takes, in words."""
        return "positive values"

    def _inside(self, raw: FloatArray) -> NDArray[np.bool_]:
        return raw > 0

    def _forward(self, raw: FloatArray) -> FloatArray:
        return np.log(raw)

    def inverse(self, transformed: ArrayLike) -> FloatArray:
        """Return exp of the transformed values, kept positive and finite."""
        return _finite_exp(np.asarray(transformed, dtype=np.float64))

    def derivative(self, raw: ArrayLike) -> FloatArray:
        """Return dT/dy = 1/y at raw values."""
        # Values below the smallest normal number would overflow here.
        return np.asarray(1.0 / np.maximum(np.asarray(raw, dtype=np.float64), SMALLEST))

    def moments(self, mean: ArrayLike, variance: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return the mean and standard deviation of the log-normal distribution, in closed form.

        With m and v the mean and variance of ln y, the mean of y is exp(m + v/2) and its standard
        deviation exp(m + v/2) sqrt(exp(v) − 1).
        """
        m, v = broadcast(mean, variance)
        log_mean = m + v / 2
        # ln(exp(v) - 1) without overflow for large v and without cancellation for small v.
        with np.errstate(divide="ignore"):
            log_excess = v + np.log(-np.expm1(-v))
        log_std = log_mean + log_excess / 2
        std = np.where(v == 0, 0.0, _finite_exp(log_std))
        return _finite_exp(log_mean), std


def _finite_exp(exponent: FloatArray) -> FloatArray:
    return np.exp(np.clip(exponent, _LOG_SMALLEST, _LOG_LARGEST))
