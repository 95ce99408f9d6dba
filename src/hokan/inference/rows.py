"""Gaussians over the properties of single rows, and conditioning them on what is known there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hokan.gp.kernels import FloatArray
from hokan.inference.cells import Limits
from hokan.inference.sites import Sites, find_sites, sites_for

#: Least variance of a cell after its site, and least precision it can have without: rounding can
#: leave less, where the row is known all but exactly.
_LEAST_VARIANCE = 1e-12
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

        Parameters and errors as in :meth:`with_sites`.
        """
        return self.given(*self.with_sites(values, noise_variance, limits))

    def with_sites(
        self, values: FloatArray, noise_variance: FloatArray, limits: Limits | None
    ) -> tuple[FloatArray, FloatArray]:
        """Return values and noise variances with what stands for limits.

        Parameters
        ----------
        values, noise_variance
            As in :meth:`given`; not read where there is a limit.
        limits : Limits or None
            By expectation propagation within each row, see :mod:`hokan.inference.limits`.
        """
        if limits is None or not limits.here.any():
            return values, noise_variance
        here = limits.here
        lower, upper, error = limits.lower[here], limits.upper[here], limits.noise_variance[here]
        prior = self.given(np.where(here, np.nan, values), noise_variance)

        def given_sites(sites: Sites) -> RowDistribution:
            observed, noise = np.full(here.shape, np.nan), np.zeros(here.shape)
            observed[here], noise[here] = sites.mean, sites.variance + error
            return prior.given(observed, noise)

        def from_others(sites: Sites) -> tuple[FloatArray, FloatArray]:
            found = given_sites(sites)
            variance = np.maximum(found.variance[here], _LEAST_VARIANCE)
            noise = sites.variance + error
            precision = np.maximum(1.0 / variance - 1.0 / noise, _LEAST_PRECISION)
            weighted = found.mean[here] / variance - sites.mean / noise
            return weighted / precision, 1.0 / precision + error

        start = sites_for(prior.mean[here], prior.variance[here] + error, lower, upper)
        sites = find_sites(start, from_others, lower, upper)
        placed, noise = values.copy(), noise_variance.copy()
        placed[here], noise[here] = sites.mean, sites.variance + error
        return placed, noise

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
