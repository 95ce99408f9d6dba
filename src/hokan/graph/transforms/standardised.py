"""A transform followed by a shift and a scale, learned from the known values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hokan.errors import GraphError, TableError
from hokan.graph.transforms.base import SMALLEST, FloatArray, Transform, broadcast, plain_number
from hokan.graph.transforms.floored import Floored

#: Values further from the median than so many standard deviations, as estimated from the half of
#: the values that lies on their side, are drawn in.
_REACH = 4.0
#: Median distance of a Gaussian from its centre, in standard deviations.
_MEDIAN_DISTANCE = 0.6745


def drawn_in(values: ArrayLike) -> FloatArray:
    """Draw values in that lie far from all others, to where their distance is still believed.

    Parameters
    ----------
    values : array_like of shape (n,)
        NaN stays NaN.

    Notes
    -----
    The median and, on each side, the median distance from it say how far values spread (Hampel
    1974): a skewed column keeps its tail. Of a Gaussian column, four standard deviations are
    reached by one value in 16 000, so that clean columns stay as they are.
    """
    result = np.array(values, dtype=np.float64)
    known = result[~np.isnan(result)]
    if not known.size:
        return result
    centre = float(np.median(known))
    distance = known - centre
    for sign in (-1.0, 1.0):
        side = sign * distance[sign * distance > 0]
        if not side.size or 2 * side.size < known.size - 1:
            continue  # many values are equal: the others are no minority in doubt
        reach = _REACH / _MEDIAN_DISTANCE * float(np.median(side))
        far = sign * (result - centre) > reach
        result[far] = centre + sign * reach
    return result


@dataclass(frozen=True)
class StandardisedTransform(Transform):
    """A transform followed by a shift and a scale: z = (T(y) − location)/scale.

    Parameters
    ----------
    transform : Transform
        T.
    location, scale : float
        In units of T(y); the scale is positive.

    Raises
    ------
    GraphError
        If the location is not finite or the scale not finite and positive.
    """

    transform: Transform
    location: float
    scale: float
    name: ClassVar[str] = "standardised"

    def __post_init__(self) -> None:
        if not (np.isfinite(self.location) and np.isfinite(self.scale) and self.scale > 0):
            raise GraphError(
                "a standardised transform needs a finite location and a finite, positive scale, "
                f"found {plain_number(self.location)} and {plain_number(self.scale)}"
            )

    @classmethod
    def fit(
        cls, transform: Transform, raw: ArrayLike, *, robust: bool = False
    ) -> StandardisedTransform:
        """Take location and scale from the observed values of one property.

        Parameters
        ----------
        transform : Transform
            Applied before standardising.
        raw : array_like of any shape
            Values on the raw scale; holes (NaN) are left out.
        robust : bool
            Whether some values may be grossly wrong: values far from the others then count as less
            far, see :func:`drawn_in`.

        Returns
        -------
        StandardisedTransform
            With the mean and the population standard deviation of the transformed values. Where
            all values agree to rounding, the scale is 1.

        Raises
        ------
        TableError
            If nothing is observed, or a value lies outside the domain of the transform.
        """
        values = np.asarray(raw, dtype=np.float64)
        observed = transform.forward(values[~np.isnan(values)])
        if observed.size == 0:
            raise TableError("a property with no observed value cannot be standardised")
        if robust:
            observed = drawn_in(observed)
        # Dividing by the largest magnitude first keeps the squares of huge values finite.
        largest = float(np.max(np.abs(observed))) or 1.0
        relative = observed / largest
        scale = float(np.std(relative))
        if scale <= 10 * np.finfo(np.float64).eps or scale * largest < SMALLEST:
            return cls(transform, float(np.mean(relative)) * largest, 1.0)
        return cls(transform, float(np.mean(relative)) * largest, scale * largest)

    @property
    def domain(self) -> str:
        """The raw values the transform takes, in words."""
        return self.transform.domain

    def _inside(self, raw: FloatArray) -> NDArray[np.bool_]:
        return self.transform._inside(raw)

    def _forward(self, raw: FloatArray) -> FloatArray:
        return (self.transform._forward(raw) - self.location) / self.scale

    def _complaint(self, value: float) -> str:
        return self.transform._complaint(value)

    def inverse(self, transformed: ArrayLike) -> FloatArray:
        """Return raw values of standardised ones."""
        with np.errstate(over="ignore"):  # the inverse makes infinities finite
            shifted = self.location + self.scale * np.asarray(transformed, dtype=np.float64)
        return self.transform.inverse(shifted)

    @property
    def floor(self) -> float | None:
        """Where the floor of the property lies, standardised; None where there is none."""
        if not isinstance(self.transform, Floored):
            return None
        return (self.transform.floor - self.location) / self.scale

    def at_floor(self, raw: ArrayLike) -> NDArray[np.bool_]:
        """Mark the values at the floor of the transform that is standardised."""
        return self.transform.at_floor(raw)

    def derivative(self, raw: ArrayLike) -> FloatArray:
        """Return dz/dy at raw values."""
        return self.transform.derivative(raw) / self.scale

    def moments(self, mean: ArrayLike, variance: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return the raw mean and standard deviation of a value that is Gaussian once standardised.

        Parameters and returns as in :meth:`Transform.moments`, on the standardised scale.
        """
        m, v = broadcast(mean, variance)
        return self.transform.moments(self.location + self.scale * m, self.scale**2 * v)
