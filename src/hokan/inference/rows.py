"""Gaussians over the properties of single rows, and conditioning them on what is known there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hokan.gp.kernels import FloatArray
from hokan.inference.cells import DoubtfulValues, Limits
from hokan.inference.gross_errors import SUSPICION, wrong_probability
from hokan.inference.sites import Sites, find_sites
from hokan.inference.wanted_sites import sites_wanted

#: Least variance of a cell after its site, and least precision it can have without: rounding can
#: leave less, where the row is known all but exactly.
_LEAST_VARIANCE = 1e-12
_LEAST_PRECISION = 1e-8
#: Bad values of a row hide one another, so that suspects are searched for more than once.
_SEARCHES = 2


@dataclass(frozen=True)
class RowDistribution:
    """Independent p-variate Gaussians, one per row, in standardised transformed units.

    Attributes
    ----------
    mean : ndarray of shape (n, p)
    covariance : ndarray of shape (n, p, p)
    """

    mean: FloatArray
    covariance: FloatArray

    @property
    def variance(self) -> FloatArray:
        """Variance of every cell, shape (n, p)."""
        return np.asarray(np.maximum(np.einsum("njj->nj", self.covariance), 0.0))

    def given_cells(
        self, values: FloatArray, noise_variance: FloatArray, limits: Limits | None
    ) -> RowDistribution:
        """Condition every row on the values and the limits that are known in it.

        Parameters and errors as in :meth:`with_sites`.
        """
        return self.given(*self.with_sites(values, noise_variance, limits))

    def with_sites(
        self,
        values: FloatArray,
        noise_variance: FloatArray,
        limits: Limits | None,
        doubts: DoubtfulValues | None = None,
    ) -> tuple[FloatArray, FloatArray]:
        """Return values and noise variances with what stands for limits and doubtful values.

        By expectation propagation within each row, see :mod:`hokan.inference.limits`. A value that
        its descriptors and its row find implausible counts for less.

        Parameters
        ----------
        values, noise_variance
            As in :meth:`given`; not read where there is a limit.
        limits : Limits or None
            With all measurement error in their noise variance, given and learned.
        doubts : DoubtfulValues, optional
            Which values may be wrong; its suspects and noise variances are not read.
        """
        error = noise_variance
        here = np.zeros(values.shape, dtype=bool)
        if limits is not None:
            here |= limits.here
            error = np.where(here, limits.noise_variance, noise_variance)
        placed, noise = self._propagated(values, error, here, limits, doubts)
        for _ in range(_SEARCHES if doubts is not None else 0):
            mean, variance = self.leave_one_out(placed, noise)
            probability = _probability(doubts, mean, variance - (noise - error))
            new = (probability > SUSPICION) & ~here
            if not new.any():
                break
            here |= new
            placed, noise = self._propagated(values, error, here, limits, doubts)
        return placed, noise

    def _propagated(
        self,
        values: FloatArray,
        error: FloatArray,
        here: NDArray[np.bool_],
        limits: Limits | None,
        doubts: DoubtfulValues | None,
    ) -> tuple[FloatArray, FloatArray]:
        """Return values and noise variances with sites in some of the cells."""
        if not here.any():
            return values, error
        prior = self.given(np.where(here, np.nan, values), error)
        rows, columns = np.nonzero(here)
        wanted = sites_wanted(limits, doubts, (rows, columns))
        error_here = error[here]

        def given_sites(sites: Sites) -> RowDistribution:
            observed, noise = np.full(here.shape, np.nan), np.zeros(here.shape)
            observed[here], noise[here] = sites.mean, sites.variance + error_here
            return prior.given(observed, noise)

        def from_others(sites: Sites) -> tuple[FloatArray, FloatArray]:
            found = given_sites(sites)
            variance = np.maximum(found.variance[here], _LEAST_VARIANCE)
            noise = sites.variance + error_here
            precision = np.maximum(1.0 / variance - 1.0 / noise, _LEAST_PRECISION)
            weighted = found.mean[here] / variance - sites.mean / noise
            return weighted / precision, 1.0 / precision + error_here

        variance = np.maximum(prior.variance[here], _LEAST_VARIANCE) + error_here
        start = wanted(prior.mean[here], variance)
        sites = find_sites(start, from_others, wanted)
        placed, noise = values.copy(), error.copy()
        placed[here], noise[here] = sites.mean, sites.variance + error_here
        return placed, noise

    def leave_one_out(
        self, values: FloatArray, noise_variance: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Predict each known cell from its descriptors and the others of its row.

        Parameters as in :meth:`given`; returns mean and variance, noise included, of shape (n, p).
        """
        mean, variance = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
        for j in range(values.shape[1]):
            rows = np.flatnonzero(np.isfinite(values[:, j]))
            others = values[rows].copy()
            others[:, j] = np.nan
            found = RowDistribution(self.mean[rows], self.covariance[rows]).given(
                others, noise_variance[rows]
            )
            mean[rows, j] = found.mean[:, j]
            variance[rows, j] = found.variance[:, j] + noise_variance[rows, j]
        return mean, variance

    def given(self, values: FloatArray, noise_variance: FloatArray) -> RowDistribution:
        """Condition every row on the cells that are known in it.

        Parameters
        ----------
        values : ndarray of shape (n, p)
            Known values, NaN where unknown.
        noise_variance : ndarray of shape (n, p)
            Variance of their measurement errors.

        Notes
        -----
        Rows are handled together by pattern of known cells (Rasmussen & Williams 2006, eq. A.6).
        """
        mean, covariance = self.mean.copy(), self.covariance.copy()
        known = np.isfinite(values)
        patterns, membership = np.unique(known, axis=0, return_inverse=True)
        for number, pattern in enumerate(patterns):
            if not pattern.any():
                continue
            rows = np.flatnonzero(membership.ravel() == number)
            columns = np.flatnonzero(pattern)
            block = self.covariance[rows][:, columns[:, None], columns]
            noise = noise_variance[rows][:, columns]
            block = block + noise[:, :, None] * np.eye(len(columns))
            cross = self.covariance[rows][:, :, columns]
            gain = np.swapaxes(np.linalg.solve(block, np.swapaxes(cross, 1, 2)), 1, 2)
            surprise = values[rows][:, columns] - self.mean[rows][:, columns]
            mean[rows] += np.einsum("njk,nk->nj", gain, surprise)
            covariance[rows] -= np.einsum("njk,nlk->njl", gain, cross)
        return RowDistribution(mean, covariance)


def _probability(
    doubts: DoubtfulValues | None, mean: FloatArray, variance: FloatArray
) -> FloatArray:
    """Return the probability that each value is wrong, 0 where there is none that may be."""
    probability = np.zeros(mean.shape)
    if doubts is None:
        return probability
    here = np.isfinite(doubts.values) & np.isfinite(mean)
    share = np.broadcast_to(doubts.share, mean.shape)[here]
    spread = np.maximum(variance[here], _LEAST_VARIANCE)
    probability[here] = wrong_probability(doubts.values[here] - mean[here], spread, share)
    return probability
