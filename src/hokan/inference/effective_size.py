"""How many independent draws correlated ones are worth.

After Vehtari, Gelman, Simpson, Carpenter and Bürkner, Bayesian Analysis 16, 667 (2021), section
3.2, for many quantities at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

FloatArray = NDArray[np.float64]


def effective_size(x: FloatArray) -> FloatArray:
    """Return effective sample sizes from the autocorrelations of all chains together.

    Autocorrelations are summed in pairs of an even and the following odd lag, up to the first pair
    whose sum is negative, no pair counting more than the one before it: C. J. Geyer's initial
    monotone sequence, Statistical Science 7, 473 (1992). As in Stan, the even lag of the pair left
    out is added once if positive, which matters for chains that alternate, and no more than
    S log10 S effective draws are reported of S.

    Parameters
    ----------
    x : ndarray of shape (quantities, chains, draws)
        Finite; at least two draws.

    Returns
    -------
    ndarray of shape (quantities,)
        The number of draws where all are equal.
    """
    n_chains, n = x.shape[1:]
    means = x.mean(axis=2, keepdims=True)
    # Padded with zeros, so that the end of a chain is not taken to precede its beginning. Spectra
    # are averaged over chains before they are turned into covariances: one inverse instead of many.
    spectrum = fft.rfft(x - means, fft.next_fast_len(2 * n, real=True), axis=2)
    power = (spectrum.real**2 + spectrum.imag**2).mean(axis=1)
    covariance = fft.irfft(power, fft.next_fast_len(2 * n, real=True), axis=1)[:, :n] / n
    within = covariance[:, :1] * (n / (n - 1.0))
    total = covariance[:, :1] + np.var(means[:, :, 0], axis=1, ddof=1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = 1.0 - (within - covariance) / total
    correlation[:, 0] = 1.0

    n_pairs = max((n - 3) // 2, 0) + 1
    even = correlation[:, 0 : 2 * n_pairs : 2]
    pairs = even + correlation[:, 1 : 2 * n_pairs : 2]
    stops = pairs <= 0.0
    stops[:, -1] = True
    end = stops.argmax(axis=1)[:, None]
    sums = np.cumsum(np.minimum.accumulate(pairs, axis=1), axis=1)
    counted = np.where(end > 0, np.take_along_axis(sums, np.maximum(end - 1, 0), axis=1), 0.0)
    last = np.take_along_axis(even, end, axis=1)
    kept = (last > 0.0) | (np.take_along_axis(pairs, end, axis=1) >= 0.0)
    time = (2.0 * counted - 1.0 + np.where(kept, last, 0.0))[:, 0]
    size = n_chains * n
    sizes = size / np.maximum(time, 1.0 / np.log10(size))
    # Whether draws lie in a tail can be the same for all of them: then there is nothing to learn.
    sizes[(x == x[:, :1, :1]).all(axis=(1, 2))] = size
    return np.asarray(sizes)
