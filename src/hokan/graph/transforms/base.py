"""What every transform promises, and what all of them share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hokan.errors import TableError

FloatArray = NDArray[np.float64]

#: The smallest and the largest positive number of full precision.
SMALLEST = float(np.finfo(np.float64).tiny)
LARGEST = float(np.finfo(np.float64).max)


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
            raise TableError(f"{plain_number(first)} {self._complaint(first)}")
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
            f"{source}, row {rows[0] + 1}, column {column!r}: {plain_number(first)} "
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


def broadcast(mean: ArrayLike, variance: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return both as arrays of one shape."""
    m, v = np.broadcast_arrays(
        np.asarray(mean, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    )
    return m, v


def plain_number(value: float) -> str:
    """Write a number as people do: 12 rather than 12.0."""
    return f"{value:.15g}"


def _other_rows(rows: Sequence[int], shown: int = 4) -> str:
    if not rows:
        return ""
    listed = ", ".join(str(row + 1) for row in rows[:shown])
    rest = f" and {len(rows) - shown} more" if len(rows) > shown else ""
    return f" (also row{'s' if len(rows) > 1 else ''} {listed}{rest})"
