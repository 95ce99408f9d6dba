"""Gaussians over the properties of single rows, and conditioning them on what is known there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hokan.gp.kernels import FloatArray


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
