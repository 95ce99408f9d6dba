"""Gaussians over the properties of single rows, and conditioning them on what is known there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hokan.gp.kernels import FloatArray
from hokan.inference.cells import Limits
from hokan.inference.sites import sites_for

#: Limits within a row: sweeps at most, the share of each step taken, and when to stop.
_SWEEPS = 30
_DAMPING = 0.8
_TOLERANCE = 1e-4
#: Of a cell given all but its own limit; rounding can leave less.
_LEAST_PRECISION = 1e-8


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

        Parameters
        ----------
        values, noise_variance
            As in :meth:`given`; not read where there is a limit.
        limits : Limits or None
            By expectation propagation within each row, see :mod:`hokan.inference.limits`.
        """
        if limits is None or not limits.here.any():
            return self.given(values, noise_variance)
        here = limits.here
        side, limit = limits.side[here], limits.value[here]
        prior = self.given(np.where(here, np.nan, values), noise_variance)
        sites = sites_for(prior.mean[here], prior.variance[here], side, limit)
        values, noise_variance = values.copy(), noise_variance.copy()
        for _ in range(_SWEEPS):
            values[here], noise_variance[here] = sites.mean, sites.variance
            found = self.given(values, noise_variance)
            precision = np.maximum(
                1.0 / found.variance[here] - 1.0 / sites.variance, _LEAST_PRECISION
            )
            weighted = found.mean[here] / found.variance[here] - sites.mean / sites.variance
            wanted = sites_for(weighted / precision, 1.0 / precision, side, limit)
            change = wanted.change(sites)
            sites = sites.towards(wanted, _DAMPING)
            if change < _TOLERANCE:
                break
        return found

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
