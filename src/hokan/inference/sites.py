"""The Gaussian observation that does to a cell what a limit does.

Given everything else, a cell of which only a limit is known has a truncated Gaussian. A site is the
Gaussian observation that gives the cell the mean and variance of the truncated one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from hokan.gp.kernels import FloatArray

#: A site this vague says nothing: the limit is far from everything the cell could be.
_MOST_VARIANCE = 1e4
_LEAST_VARIANCE = 1e-8


@dataclass(frozen=True)
class Sites:
    """Gaussian observations that stand for limits, arrays of one shape.

    Attributes
    ----------
    mean, variance : ndarray
        In standardised transformed units.
    """

    mean: FloatArray
    variance: FloatArray

    def towards(self, other: Sites, share: float) -> Sites:
        """Return sites a share of the way to others, in natural parameters."""
        precision = (1.0 - share) / self.variance + share / other.variance
        weighted = (1.0 - share) * self.mean / self.variance + share * other.mean / other.variance
        return Sites(weighted / precision, 1.0 / precision)

    def change(self, other: Sites) -> float:
        """Return the largest change of a natural parameter between these sites and others."""
        precision = np.abs(1.0 / self.variance - 1.0 / other.variance)
        weighted = np.abs(self.mean / self.variance - other.mean / other.variance)
        return float(max(precision.max(initial=0.0), weighted.max(initial=0.0)))


def sites_for(
    mean: FloatArray, variance: FloatArray, side: NDArray[np.int8], limit: FloatArray
) -> Sites:
    """Return the sites that give Gaussians the moments they have beyond their limits.

    Parameters
    ----------
    mean, variance : ndarray
        Of what is known of each cell from everything but its limit.
    side : ndarray of int
        -1: at most the limit; 1: at least.
    limit : ndarray

    Notes
    -----
    With ``a`` the distance to the limit in standard deviations, positive on the allowed side, and
    ``h = phi(a) / Phi(a)``: the mean moves by ``h`` standard deviations away from the limit, and
    the variance falls by the factor ``1 - h (h + a)`` (Rasmussen & Williams 2006, eqs 3.85-3.87).
    """
    deviation = np.sqrt(variance)
    a = side * (mean - limit) / deviation
    h = np.exp(-0.5 * a**2 - 0.5 * np.log(2.0 * np.pi) - log_ndtr(a))
    left = np.clip(1.0 - h * (h + a), 1e-12, 1.0 - 1e-12)
    # 1 / (left v) - 1 / v, and the mean that moves the cell where it should be.
    site_variance = np.clip(variance * left / (1.0 - left), _LEAST_VARIANCE, _MOST_VARIANCE)
    moved = mean + side * h * deviation
    site_mean = moved + (moved - mean) * site_variance / variance
    return Sites(site_mean, site_variance)
