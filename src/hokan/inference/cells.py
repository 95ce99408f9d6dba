"""A standardised table as inference sees it: numbers, holes and noise; no names, no units."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels import FloatArray


@dataclass(frozen=True)
class Limits:
    """Cells of which only limits are known: one, or two that make an interval.

    Attributes
    ----------
    lower, upper : ndarray of shape (n, p)
        The quantity is at least ``lower`` and at most ``upper``; -inf and inf where there is no
        such limit.
    noise_variance : ndarray of shape (n, p)
        Variance of the measurement error given for the quantity: what is limited is their sum.
        Read only where there is a limit.
    """

    lower: FloatArray
    upper: FloatArray
    noise_variance: FloatArray

    @property
    def here(self) -> NDArray[np.bool_]:
        """Which cells have a limit, shape (n, p)."""
        return np.isfinite(self.lower) | np.isfinite(self.upper)

    def rows(self, index: NDArray[np.int64]) -> Limits:
        """Return some of the rows."""
        return Limits(self.lower[index], self.upper[index], self.noise_variance[index])


@dataclass(frozen=True)
class DoubtfulValues:
    """Values any of which may be grossly wrong, and those that look so.

    Attributes
    ----------
    values, noise_variance : ndarray of shape (n, p)
        As given, NaN and anything where there is no such value; those of suspects differ in the
        cells of the table.
    suspect : ndarray of shape (n, p) of bool
        Values so far from what the others say that something vaguer stands for them.
    share : ndarray of shape (p,)
        Probability that a value of a property is wrong, before it is compared with others; 0 where
        none is.
    learned : ndarray of shape (p,) of bool
        Where that share follows the values.
    """

    values: FloatArray
    noise_variance: FloatArray
    suspect: NDArray[np.bool_]
    share: FloatArray
    learned: NDArray[np.bool_]

    def rows(self, index: NDArray[np.int64]) -> DoubtfulValues:
        """Return some of the rows."""
        return replace(
            self,
            values=self.values[index],
            noise_variance=self.noise_variance[index],
            suspect=self.suspect[index],
        )


@dataclass(frozen=True)
class Cells:
    """Values in standardised transformed units, property after property in graph order.

    Attributes
    ----------
    values : ndarray of shape (n, p)
        NaN where unknown. Where only limits are known, and of suspects: what stands for them.
    noise_variance : ndarray of shape (n, p)
        Variance of the measurement error of each value; 0 where none is given. Where only limits
        are known, and of suspects: this and the variance of what stands for them.
    features : MaterialFeatures
        Descriptors of the n rows.
    limits : Limits, optional
        None where every known value is a value.
    doubts : DoubtfulValues, optional
        None where every value is taken as right.
    """

    values: FloatArray
    noise_variance: FloatArray
    features: MaterialFeatures
    limits: Limits | None = None
    doubts: DoubtfulValues | None = None

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Which cells are known, shape (n, p)."""
        return np.isfinite(self.values)

    @property
    def n_observed(self) -> int:
        """Number of known cells."""
        return int(self.observed.sum())

    def rows_of(self, j: int) -> NDArray[np.int64]:
        """Rows where property j is known."""
        return np.flatnonzero(np.isfinite(self.values[:, j]))

    def rows(self, index: NDArray[np.int64]) -> Cells:
        """Return some of the rows."""
        return Cells(
            self.values[index],
            self.noise_variance[index],
            self.features.rows(index),
            None if self.limits is None else self.limits.rows(index),
            None if self.doubts is None else self.doubts.rows(index),
        )

    @property
    def with_sites(self) -> NDArray[np.bool_]:
        """Cells in which something else stands for what is known, shape (n, p)."""
        here = np.zeros(self.values.shape, dtype=bool)
        if self.limits is not None:
            here |= self.limits.here
        if self.doubts is not None:
            here |= self.doubts.suspect
        return here

    @property
    def given_noise_variance(self) -> FloatArray:
        """Variance of measurement errors, without what stands for limits and suspects, (n, p)."""
        noise = self.noise_variance
        if self.limits is not None:
            noise = np.where(self.limits.here, self.limits.noise_variance, noise)
        if self.doubts is not None:
            noise = np.where(self.doubts.suspect, self.doubts.noise_variance, noise)
        return noise

    @property
    def site_variance(self) -> FloatArray:
        """Variance of what stands for limits and suspects, without measurement error, (n, p)."""
        return np.where(self.with_sites, self.noise_variance - self.given_noise_variance, 0.0)

    def is_nested(
        self, parent_mask: NDArray[np.bool_], learn_noise: NDArray[np.bool_] | None = None
    ) -> bool:
        """Whether every known cell has all its parents known, without measurement error.

        Then, and only then, the likelihood factorises into one regression per property.
        """
        observed = self.observed
        for j, parents in enumerate(parent_mask):
            if not observed[observed[:, j]][:, parents].all():
                return False
        has_children = parent_mask.any(axis=0)
        if learn_noise is not None and (learn_noise & has_children).any():
            return False
        return not (self.noise_variance[:, has_children][observed[:, has_children]] > 0).any()
