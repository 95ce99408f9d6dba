"""The Gaussian observation that does to a cell what a limit does.

Given everything else, a cell of which only a limit is known has a truncated Gaussian. A site is the
Gaussian observation that gives the cell the mean and variance of the truncated one. Where several
cells have limits, each site depends on the others: they are found together, sweep after sweep.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfcx

from hokan.gp.kernels import FloatArray

#: A site this vague says nothing: the limit is far from everything the cell could be.
_MOST_VARIANCE = 1e4
_LEAST_VARIANCE = 1e-8
#: Of a cell given all but its own limit; where it is known exactly, rounding can leave less.
_LEAST_CELL_VARIANCE = 1e-12
#: Further beyond its limit than so many standard deviations, a truncated Gaussian is taken from
#: its asymptotic series: the exact form subtracts nearly equal numbers.
_FAR = 50.0

#: Sites move this share of the way at first (all move at once, so that full steps can overshoot),
#: and half of it after each sweep that made matters worse.
_FIRST_SHARE, _LEAST_SHARE = 0.8, 0.05
_MOST_SWEEPS = 60
#: Sites are found where every cell's mean, in its standard deviations, and variance, as a
#: fraction, agree so far with those that its limit asks for.
_TOLERANCE = 1e-4


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

    def combined(self, mean: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and variance of cells, known so far as given, after these observations."""
        precision = 1.0 / variance + 1.0 / self.variance
        return (mean / variance + self.mean / self.variance) / precision, 1.0 / precision


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
    variance = np.maximum(variance, _LEAST_CELL_VARIANCE)
    deviation = np.sqrt(variance)
    h, beyond, left = _truncated(side * (mean - limit) / deviation)
    left = np.clip(left, 1e-12, 1.0 - 1e-12)
    # 1 / (left v) - 1 / v, and the mean that moves the cell where it should be.
    site_variance = np.clip(variance * left / (1.0 - left), _LEAST_VARIANCE, _MOST_VARIANCE)
    moved = limit + side * beyond * deviation
    return Sites(moved + side * h * deviation * site_variance / variance, site_variance)


def _truncated(a: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return ``h``, ``h + a`` and ``1 - h (h + a)``, accurate for every ``a``.

    Far beyond the limit, with ``t = 1/a^2``: ``h + a = -(1 - 2t + 10t^2 - ...)/a`` and
    ``1 - h (h + a) = t - 6t^2 + 50t^3 - ...``, from the series of Mills' ratio (Abramowitz & Stegun
    26.2.12).
    """
    near = np.maximum(a, -_FAR)
    h = np.sqrt(2.0 / np.pi) / erfcx(-near / np.sqrt(2.0))
    inverse = 1.0 / np.maximum(-a, _FAR)
    t = inverse**2
    far_beyond = inverse * (1.0 - 2.0 * t + 10.0 * t**2)
    far = a < -_FAR
    return (
        np.where(far, far_beyond - a, h),
        np.where(far, far_beyond, h + near),
        np.where(far, t - 6.0 * t**2 + 50.0 * t**3, 1.0 - h * (h + near)),
    )


def find_sites(
    start: Sites,
    from_others: Callable[[Sites], tuple[FloatArray, FloatArray]],
    side: NDArray[np.int8],
    limit: FloatArray,
) -> Sites:
    """Return the sites at which every cell has the moments that its limit asks for.

    Parameters
    ----------
    start : Sites
        Where to begin; what is found does not depend on it.
    from_others : callable
        Returns mean and variance of each cell given all but its own site.
    side, limit
        As in :func:`sites_for`.
    """
    sites, share, before = start, _FIRST_SHARE, np.inf
    for _ in range(_MOST_SWEEPS):
        mean, variance = from_others(sites)
        variance = np.maximum(variance, _LEAST_CELL_VARIANCE)
        wanted = sites_for(mean, variance, side, limit)
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
