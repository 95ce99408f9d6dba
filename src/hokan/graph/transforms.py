"""Monotone transforms between the raw scale of a property and the scale it is modelled on.

All transforms increase, so quantiles on the modelled scale become quantiles on the raw scale by
:meth:`Transform.inverse` alone. Holes (NaN) pass through every function unchanged.
"""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, ndtr

from hokan.errors import GraphError, TableError

if TYPE_CHECKING:
    from hokan.graph.property import Property

FloatArray = NDArray[np.float64]

_SMALLEST = float(np.finfo(np.float64).tiny)
_LARGEST = float(np.finfo(np.float64).max)
# The range of exponents whose exponential is a normal, finite number.
_LOG_SMALLEST = float(np.log(_SMALLEST))
_LOG_LARGEST = float(np.nextafter(np.log(_LARGEST), 0.0))

_QUADRATURE_NODES = 64


class Transform(ABC):
    """An increasing, differentiable map T from raw values y to transformed values T(y)."""

    name: ClassVar[str]

    @property
    @abstractmethod
    def domain(self) -> str:
        """The raw values the transform takes, in words: ``"positive values"``."""

    @abstractmethod
    def _inside(self, raw: FloatArray) -> NDArray[np.bool_]:
        """Mark the finite values that lie in the domain."""

    @abstractmethod
    def _forward(self, raw: FloatArray) -> FloatArray: ...

    @abstractmethod
    def inverse(self, transformed: ArrayLike) -> FloatArray:
        """Return raw values of transformed ones.

        The result always lies inside the domain: where the exact value is beyond the range of
        double precision, the nearest value in the domain that can be represented is returned.

        Parameters
        ----------
        transformed : array_like of any shape
            Values on the transformed scale; NaN stays NaN.

        Returns
        -------
        ndarray of the same shape
            Values on the raw scale.
        """

    @abstractmethod
    def derivative(self, raw: ArrayLike) -> FloatArray:
        """Return dT/dy, always positive, at raw values.

        A small error on the raw scale times this derivative is the error on the transformed scale.
        """

    @abstractmethod
    def moments(self, mean: ArrayLike, variance: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return the raw mean and standard deviation of a value that is Gaussian once transformed.

        Parameters
        ----------
        mean, variance : array_like, broadcast against each other
            Mean and (non-negative) variance of the Gaussian on the transformed scale.

        Returns
        -------
        mean, standard_deviation : ndarray
            Both on the raw scale, finite also where the exact moment is beyond double precision.
        """

    def forward(self, raw: ArrayLike) -> FloatArray:
        """Return transformed values of raw ones.

        Parameters
        ----------
        raw : array_like of any shape
            Values on the raw scale; NaN stays NaN.

        Returns
        -------
        ndarray of the same shape
            Values on the transformed scale.

        Raises
        ------
        TableError
            If a value lies outside the domain. :meth:`check` says in which row and column.
        """
        values = np.asarray(raw, dtype=np.float64)
        refused = self._refused(values)
        if refused.any():
            first = float(values[refused].flat[0])
            raise TableError(f"{_number(first)} {self._complaint(first)}")
        return self._forward(values)

    def log_derivative(self, raw: ArrayLike) -> FloatArray:
        """Return log(dT/dy) at raw values.

        Its sum over the observed values of a property is the Jacobian term that makes evidences
        comparable between transforms.
        """
        return np.log(self.derivative(raw))

    def log_abs_derivative(self, raw: ArrayLike) -> FloatArray:
        """Return log of the absolute derivative: :meth:`log_derivative`, as dT/dy > 0."""
        return self.log_derivative(raw)

    def at_floor(self, raw: ArrayLike) -> NDArray[np.bool_]:
        """Mark the values that stand for anything at or below them."""
        return np.zeros(np.shape(raw), dtype=np.bool_)

    def is_allowed(self, raw: ArrayLike) -> bool:
        """Tell whether every value that is not a hole lies in the domain."""
        return not self._refused(np.asarray(raw, dtype=np.float64)).any()

    def check(self, raw: ArrayLike, column: str, source: str = "the table") -> None:
        """Refuse a column with a value outside the domain.

        Parameters
        ----------
        raw : array_like of shape (n,)
            One column on the raw scale, NaN where there is a hole.
        column : str
            Its name, for the message.
        source : str
            Where it comes from, for the message: usually a file name.

        Raises
        ------
        TableError
            Naming the first offending rows, counted from 1 at the first line of data.
        """
        values = np.asarray(raw, dtype=np.float64)
        rows = np.flatnonzero(self._refused(values))
        if rows.size == 0:
            return
        first = float(values[rows[0]])
        raise TableError(
            f"{source}, row {rows[0] + 1}, column {column!r}: {_number(first)} "
            f"{self._complaint(first)}{_other_rows(rows[1:].tolist())}"
        )

    def _refused(self, values: FloatArray) -> NDArray[np.bool_]:
        # Comparisons with NaN and infinities are false, never a warning.
        return ~np.isnan(values) & ~(np.isfinite(values) & self._inside(values))

    def _complaint(self, value: float) -> str:
        if not np.isfinite(value):
            return "is not a finite number; correct the value or leave the cell empty"
        return (
            f"cannot be {self.name}-transformed, which needs {self.domain}; "
            'use transform = "identity" or correct the value'
        )


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
        return np.clip(np.asarray(transformed, dtype=np.float64), -_LARGEST, _LARGEST)

    def derivative(self, raw: ArrayLike) -> FloatArray:
        """Return dT/dy = 1 at raw values (NaN at holes)."""
        return np.where(np.isnan(np.asarray(raw, dtype=np.float64)), np.nan, 1.0)

    def moments(self, mean: ArrayLike, variance: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return the mean and the square root of the variance."""
        m, v = _pair(mean, variance)
        return m.copy(), np.sqrt(v)


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
        return f"values of at least {_number(self.floor)}"

    def _inside(self, raw: FloatArray) -> NDArray[np.bool_]:
        return raw >= self.floor

    def _forward(self, raw: FloatArray) -> FloatArray:
        return raw.copy()

    def _complaint(self, value: float) -> str:
        return (
            f"lies below the floor of {_number(self.floor)}; correct the value or give another "
            'floor (floor = "none": there is none)'
        )

    def inverse(self, transformed: ArrayLike) -> FloatArray:
        """Return observed values of latent ones: never below the floor."""
        return np.clip(np.asarray(transformed, dtype=np.float64), self.floor, _LARGEST)

    def derivative(self, raw: ArrayLike) -> FloatArray:
        """Return dT/dy = 1 at raw values (NaN at holes)."""
        return np.where(np.isnan(np.asarray(raw, dtype=np.float64)), np.nan, 1.0)

    def at_floor(self, raw: ArrayLike) -> NDArray[np.bool_]:
        """Mark the values that lie at the floor."""
        return np.asarray(np.asarray(raw, dtype=np.float64) <= self.floor)

    def moments(self, mean: ArrayLike, variance: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return mean and standard deviation of max(floor, latent), in closed form.

        With s the standard deviation of the latent value and a = (mean - floor)/s, the part above
        the floor has mean s (a Phi(a) + phi(a)) and mean square s^2 ((a^2 + 1) Phi(a) + a phi(a)).
        """
        m, v = _pair(mean, variance)
        s = np.sqrt(v)
        with np.errstate(divide="ignore", invalid="ignore"):
            a = np.where(s > 0, (m - self.floor) / s, 0.0)
        density, below = np.exp(-0.5 * a**2) / np.sqrt(2.0 * np.pi), ndtr(a)
        above = s * (a * below + density)
        square = v * ((a**2 + 1.0) * below + a * density)
        certain = np.maximum(m - self.floor, 0.0)
        excess = np.where(s > 0, above, certain)
        return self.floor + excess, np.where(
            s > 0, np.sqrt(np.maximum(square - above**2, 0.0)), 0.0
        )


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
        return np.asarray(1.0 / np.maximum(np.asarray(raw, dtype=np.float64), _SMALLEST))

    def moments(self, mean: ArrayLike, variance: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return the mean and standard deviation of the log-normal distribution, in closed form.

        With m and v the mean and variance of ln y, the mean of y is exp(m + v/2) and its standard
        deviation exp(m + v/2) sqrt(exp(v) − 1).
        """
        m, v = _pair(mean, variance)
        log_mean = m + v / 2
        # ln(exp(v) - 1) without overflow for large v and without cancellation for small v.
        with np.errstate(divide="ignore"):
            log_excess = v + np.log(-np.expm1(-v))
        log_std = log_mean + log_excess / 2
        std = np.where(v == 0, 0.0, _finite_exp(log_std))
        return _finite_exp(log_mean), std


@dataclass(frozen=True)
class Logit(Transform):
    """T(y) = ln((y − lower)/(upper − y)), for properties between two bounds.

    Parameters
    ----------
    lower, upper : float
        The bounds on the raw scale, themselves excluded.

    Raises
    ------
    GraphError
        If the bounds are not finite or not in increasing order.
    """

    lower: float
    upper: float
    name: ClassVar[str] = "logit"

    def __post_init__(self) -> None:
        if not (np.isfinite(self.lower) and np.isfinite(self.upper) and self.lower < self.upper):
            raise GraphError(
                'transform = "logit" needs two finite bounds with lower < upper, '
                f"found lower = {_number(self.lower)} and upper = {_number(self.upper)}"
            )

    @property
    def domain(self) -> str:
        """The raw values the transform takes, in words."""
        return f"values above {_number(self.lower)} and below {_number(self.upper)}"

    def _inside(self, raw: FloatArray) -> NDArray[np.bool_]:
        return (raw > self.lower) & (raw < self.upper)

    def _forward(self, raw: FloatArray) -> FloatArray:
        return np.log(raw - self.lower) - np.log(self.upper - raw)

    def inverse(self, transformed: ArrayLike) -> FloatArray:
        """Return raw values of transformed ones, kept strictly between the bounds."""
        raw = self._from_fraction(expit(np.asarray(transformed, dtype=np.float64)))
        return np.clip(
            raw,
            np.nextafter(self.lower, self.upper),
            np.nextafter(self.upper, self.lower),
        )

    def derivative(self, raw: ArrayLike) -> FloatArray:
        """Return dT/dy = 1/(y − lower) + 1/(upper − y) at raw values."""
        values = np.asarray(raw, dtype=np.float64)
        return np.asarray(1.0 / (values - self.lower) + 1.0 / (self.upper - values))

    def moments(self, mean: ArrayLike, variance: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return the raw mean and standard deviation, by 64-point Gauss–Hermite quadrature.

        There is no closed form. The error is below 1e-6 of the width of the domain while the
        standard deviation on the transformed scale is at most 3, and below 1 % of it beyond.
        """
        m, v = _pair(mean, variance)
        nodes, weights = _gauss_hermite(_QUADRATURE_NODES)
        fractions = expit(m[..., np.newaxis] + np.sqrt(v)[..., np.newaxis] * nodes)
        fraction_mean = np.asarray(fractions @ weights)
        spread = (fractions - fraction_mean[..., np.newaxis]) ** 2 @ weights
        # Halves, as upper - lower itself may overflow for extreme bounds.
        width = 2.0 * (self.upper / 2 - self.lower / 2)
        return self._from_fraction(fraction_mean), np.asarray(np.sqrt(spread) * width)

    def _from_fraction(self, fraction: FloatArray) -> FloatArray:
        return np.asarray(self.lower * (1.0 - fraction) + self.upper * fraction)


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
                f"found {_number(self.location)} and {_number(self.scale)}"
            )

    @classmethod
    def fit(cls, transform: Transform, raw: ArrayLike) -> StandardisedTransform:
        """Take location and scale from the observed values of one property.

        Parameters
        ----------
        transform : Transform
            Applied before standardising.
        raw : array_like of any shape
            Values on the raw scale; holes (NaN) are left out.

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
        # Dividing by the largest magnitude first keeps the squares of huge values finite.
        largest = float(np.max(np.abs(observed))) or 1.0
        relative = observed / largest
        scale = float(np.std(relative))
        if scale <= 10 * np.finfo(np.float64).eps or scale * largest < _SMALLEST:
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
        m, v = _pair(mean, variance)
        return self.transform.moments(self.location + self.scale * m, self.scale**2 * v)


def get_transform(declared: Property) -> Transform:
    """Return the transform a property asks for.

    Parameters
    ----------
    declared : Property
        With any transform but ``"auto"``, which is settled when a model is fitted.

    Returns
    -------
    Transform

    Raises
    ------
    GraphError
        If the transform is ``"auto"``.
    """
    if declared.transform == "identity":
        return Identity() if isinstance(declared.floor, str) else Floored(declared.floor)
    if declared.transform == "log":
        return Log()
    if declared.transform == "logit" and declared.lower is not None and declared.upper is not None:
        return Logit(declared.lower, declared.upper)
    raise GraphError(
        f'property {declared.name!r}: transform = "{declared.transform}" is chosen when a model is '
        'fitted; before that, name one: "identity", "log" or "logit"'
    )


def _pair(mean: ArrayLike, variance: ArrayLike) -> tuple[FloatArray, FloatArray]:
    m, v = np.broadcast_arrays(
        np.asarray(mean, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    )
    return m, v


def _finite_exp(exponent: FloatArray) -> FloatArray:
    return np.exp(np.clip(exponent, _LOG_SMALLEST, _LOG_LARGEST))


@functools.cache
def _gauss_hermite(count: int) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights for the expectation under a standard Gaussian."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    return nodes, weights / weights.sum()


def _number(value: float) -> str:
    """Write a number as people do: 12 rather than 12.0."""
    return f"{value:.15g}"


def _other_rows(rows: Sequence[int], shown: int = 4) -> str:
    if not rows:
        return ""
    listed = ", ".join(str(row + 1) for row in rows[:shown])
    rest = f" and {len(rows) - shown} more" if len(rows) > shown else ""
    return f" (also row{'s' if len(rows) > 1 else ''} {listed}{rest})"
