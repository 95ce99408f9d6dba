"""Properties that no material lies below, and at which many may lie: band gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from hokan.graph.transforms.base import LARGEST, FloatArray, Transform, broadcast, plain_number

#: So many standard deviations from the floor, a value is certainly on its side of it.
_CERTAIN = 38.0


@dataclass(frozen=True)
class Floored(Transform):
    """T(y) = y above a floor, where a value at the floor stands for anything at or below it.

    The latent quantity may take any value; what is observed of it is max(floor, latent), as a
    metal's band gap is observed as 0 (Tobin, Econometrica 26, 1958).

    Parameters
    ----------
    floor : float
        On the raw scale.
    """

    floor: float
    name: ClassVar[str] = "identity"

    @property
    def domain(self) -> str:
        """The raw values the transform takes, in words."""
        return f"values of at least {plain_number(self.floor)}"

    def _inside(self, raw: FloatArray) -> NDArray[np.bool_]:
        return raw >= self.floor

    def _forward(self, raw: FloatArray) -> FloatArray:
        return raw.copy()

    def _complaint(self, value: float) -> str:
        if not np.isfinite(value):
            return super()._complaint(value)
        return (
            f"lies below the floor of {plain_number(self.floor)}; correct the value or give "
            'another floor (floor = "none": there is none)'
        )

    def inverse(self, transformed: ArrayLike) -> FloatArray:
        """Return observed values of latent ones: never below the floor."""
        return np.clip(np.asarray(transformed, dtype=np.float64), self.floor, LARGEST)

    def derivative(self, raw: ArrayLike) -> FloatArray:
        """Return dT/dy = 1 at raw values (NaN at holes)."""
        return np.where(np.isnan(np.asarray(raw, dtype=np.float64)), np.nan, 1.0)

    def at_floor(self, raw: ArrayLike) -> NDArray[np.bool_]:
        """Mark the values that lie at the floor."""
        return np.asarray(np.asarray(raw, dtype=np.float64) <= self.floor)

    def moments(self, mean: ArrayLike, variance: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of max(floor, latent), in closed form.

        With s the standard deviation of the latent value and a = (mean - floor)/s, the part above
        the floor has mean s (a Phi(a) + phi(a)) and mean square s^2 ((a^2 + 1) Phi(a) + a phi(a));
        written so that nothing large cancels.
        """
        m, v = broadcast(mean, variance)
        s = np.sqrt(v)
        above = m - self.floor
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            a = np.where(s > 0, above / s, np.where(np.isnan(above), np.nan, _CERTAIN))
        a = np.clip(a, -_CERTAIN, _CERTAIN)
        density, up, down = np.exp(-0.5 * a**2) / np.sqrt(2.0 * np.pi), ndtr(a), ndtr(-a)
        excess = np.maximum(above, 0.0) + s * np.maximum(density - np.abs(a) * ndtr(-np.abs(a)), 0)
        share = up + a**2 * up * down - a * density * (up - down) - density**2
        return self.floor + excess, s * np.sqrt(np.maximum(share, 0.0))
