"""A standardised table as inference sees it: numbers, holes and noise; no names, no units."""

from __future__ import annotations

from dataclasses import dataclass

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
class Cells:
    """Values in standardised transformed units, property after property in graph order.

    Attributes
    ----------
    values : ndarray of shape (n, p)
        NaN where unknown. Where only a limit is known: the value that stands for it.
    noise_variance : ndarray of shape (n, p)
        Variance of the measurement error of each value; 0 where none is given. Where only a limit
        is known: this and the variance of what stands for it.
    features : MaterialFeatures
        Descriptors of the n rows.
    limits : Limits, optional
        None where every known value is a value.
    """

    values: FloatArray
    noise_variance: FloatArray
    features: MaterialFeatures
    limits: Limits | None = None

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
        )

    @property
    def site_variance(self) -> FloatArray:
        """Variance of what stands for limits, without measurement error; 0 elsewhere, (n, p)."""
        if self.limits is None:
            return np.zeros(self.values.shape)
        return np.where(self.limits.here, self.noise_variance - self.limits.noise_variance, 0.0)

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
