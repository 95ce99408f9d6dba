"""Values that may be grossly wrong: misread, in another unit, of another substance.

A value is right with probability ``1 - share``, and else off by a Gaussian error of one of two wide
standard deviations: a moderate one, for values of another phase or source, and a very wide one,
which reaches a value times ten on any scale. Given everything else, such a cell has a mixture of
Gaussians; a Gaussian observation (a site, see :mod:`hokan.inference.sites`) gives it the mixture's
mean and variance. A value in line with the rest has no site and counts in full.

Sources: Box & Tiao (1968), A Bayesian approach to some outlier problems; expectation propagation
for mixtures as in Minka (2001).
"""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp, softmax

from hokan.gp.kernels import FloatArray
from hokan.inference.sites import Sites, site_towards

#: Standard deviations of gross errors, in those of the property, and how they share the cases.
_SPREADS = np.array([2.0, 20.0])
_SHARES = np.array([0.5, 0.5])

#: A value less probably wrong than this is taken as right.
SUSPICION = 0.05
#: The share of wrong values where it is not given: its mean, how many values that is worth, and
#: the least and the most it may become.
USUAL_SHARE = 0.01
_PRIOR_VALUES = 200.0
_LEAST_SHARE, _MOST_SHARE = 0.001, 0.2


def wrong_probability(surprise: FloatArray, variance: FloatArray, share: FloatArray) -> FloatArray:
    """Return the probability that values are grossly wrong.

    Parameters
    ----------
    surprise : ndarray
        Values less what is expected of them from everything else, in standardised units.
    variance : ndarray
        Variance of what is expected, measurement error included.
    share : ndarray
        Prior probability.
    """
    return np.asarray(1.0 - _responsibilities(surprise, variance, share)[..., 0])


def sites_for_values(
    mean: FloatArray, variance: FloatArray, value: FloatArray, share: FloatArray
) -> Sites:
    """Return the sites that give cells the moments they have if their value may be wrong.

    Parameters
    ----------
    mean, variance : ndarray
        Of what is known of each cell, measurement error included, without its value.
    value : ndarray
        The value.
    share : ndarray
        Prior probability that it is wrong.
    """
    surprise = value - mean
    responsibility = _responsibilities(surprise, variance, share)
    errors = np.concatenate([[0.0], _SPREADS**2])
    gain = variance[..., None] / (variance[..., None] + errors)
    # Relative to the value, so that a mean all but at it loses no digits.
    means = -(1.0 - gain) * surprise[..., None]
    moved = np.einsum("...k,...k->...", responsibility, means)
    within = np.einsum("...k,...k->...", responsibility, gain * errors)
    between = np.einsum("...k,...k->...", responsibility, (means - moved[..., None]) ** 2)
    return site_towards(mean, variance, value + moved, (within + between) / variance)


def learned_share(probability: FloatArray) -> float:
    """Return the share of wrong values of a property from the probabilities of each being so."""
    expected = USUAL_SHARE * _PRIOR_VALUES + probability.sum()
    share = expected / (_PRIOR_VALUES + probability.size)
    return float(np.clip(share, _LEAST_SHARE, _MOST_SHARE))


def log_density(surprise: FloatArray, variance: FloatArray, share: FloatArray) -> FloatArray:
    """Return the log density of values that may be wrong; parameters as for their probability."""
    return np.asarray(logsumexp(_log_parts(surprise, variance, share), axis=-1))


def _responsibilities(surprise: FloatArray, variance: FloatArray, share: FloatArray) -> FloatArray:
    """Return the probabilities that a value is right, or wrong in each way, shape (..., 3)."""
    return np.asarray(softmax(_log_parts(surprise, variance, share), axis=-1))


def _log_parts(surprise: FloatArray, variance: FloatArray, share: FloatArray) -> FloatArray:
    """Return the logarithms of prior times density of each way, shape (..., 3)."""
    total = variance[..., None] + np.concatenate([[0.0], _SPREADS**2])
    with np.errstate(divide="ignore"):
        right, wrong = np.log1p(-share), np.log(share)
    prior = np.stack([right, *(wrong + np.log(part) for part in _SHARES)], axis=-1)
    return np.asarray(prior - 0.5 * (surprise[..., None] ** 2 / total + np.log(2 * np.pi * total)))
