"""The Gaussian observation that does to a cell what its limits, or a doubtful value, do.

Given everything else, a cell of which only limits are known has a truncated Gaussian, and one with
a value that may be wrong a mixture of Gaussians. A site is the Gaussian observation that gives the
cell the mean and variance of these. Where several cells have sites, each depends on the others:
they are found together, sweep after sweep.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hokan.gp.kernels import FloatArray
from hokan.inference.truncation import truncated_moments

#: A site this vague says nothing: a limit far from everything that the cell could be.
_MOST_VARIANCE = 1e4
_LEAST_VARIANCE = 1e-8
#: Of a cell given all but its own limits; where it is known exactly, rounding can leave less.
_LEAST_CELL_VARIANCE = 1e-12

#: Sites move this share of the way at first (all move at once, so that full steps can overshoot),
#: and half of it after each sweep that made matters worse.
_FIRST_SHARE, _LEAST_SHARE = 0.8, 0.05
_MOST_SWEEPS = 60
#: Sites are found where every cell's mean, in its standard deviations, and variance, as a
#: fraction, agree so far with those that it should have.
_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Sites:
    """Gaussian observations that stand for something else, arrays of one shape.

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

    def combined(self, mean: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and variance of cells, known so far as given, after these observations."""
        precision = 1.0 / variance + 1.0 / self.variance
        return (mean / variance + self.mean / self.variance) / precision, 1.0 / precision


def sites_for(
    mean: FloatArray, variance: FloatArray, lower: FloatArray, upper: FloatArray
) -> Sites:
    """Return the sites that give Gaussians the moments they have between their limits.

    Parameters
    ----------
    mean, variance : ndarray
        Of what is known of each cell from everything but its limits.
    lower, upper : ndarray
        Limits, -inf and inf where there is none.
    """
    variance = np.maximum(variance, _LEAST_CELL_VARIANCE)
    wanted, left = truncated_moments(mean, variance, lower, upper)
    return site_towards(mean, variance, wanted, left)


def site_towards(
    mean: FloatArray, variance: FloatArray, wanted: FloatArray, left: FloatArray
) -> Sites:
    """Return the sites that give Gaussians a mean, and leave a share of their variance.

    A share above 1, which no observation leaves, gives the vaguest of sites: only the mean is then
    as wanted.
    """
    left = np.clip(left, 1e-12, 1.0 - 1e-12)
    # 1 / (left v) - 1 / v, and the mean that moves the cell where it should be.
    site_variance = np.clip(variance * left / (1.0 - left), _LEAST_VARIANCE, _MOST_VARIANCE)
    return Sites(wanted + (wanted - mean) * site_variance / variance, site_variance)


def find_sites(
    start: Sites,
    from_others: Callable[[Sites], tuple[FloatArray, FloatArray]],
    wanted_for: Callable[[FloatArray, FloatArray], Sites],
) -> Sites:
    """Return the sites at which every cell has the moments that it should have.

    Parameters
    ----------
    start : Sites
        Where to begin; of limits, what is found does not depend on it.
    from_others : callable
        Returns mean and variance of each cell given all but its own site.
    wanted_for : callable
        Returns the sites that suit such means and variances, as :func:`sites_for` does.
    """
    sites, share, before = start, _FIRST_SHARE, np.inf
    for _ in range(_MOST_SWEEPS):
        mean, variance = from_others(sites)
        variance = np.maximum(variance, _LEAST_CELL_VARIANCE)
        wanted = wanted_for(mean, variance)
        mismatch = _mismatch(sites.combined(mean, variance), wanted.combined(mean, variance))
        sites = sites.towards(wanted, share)
        if mismatch < _TOLERANCE:
            break
        if mismatch > before:
            share = max(share / 2.0, _LEAST_SHARE)
        before = mismatch
    return sites


def _mismatch(found: tuple[FloatArray, FloatArray], wanted: tuple[FloatArray, FloatArray]) -> float:
    moved = np.abs(found[0] - wanted[0]) / np.sqrt(wanted[1])
    scaled = np.abs(found[1] / wanted[1] - 1.0)
    return float(max(moved.max(initial=0.0), scaled.max(initial=0.0)))
