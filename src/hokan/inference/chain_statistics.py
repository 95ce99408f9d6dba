"""What several chains tell of each quantity: R-hat, effective sample size, standard errors.

All of it after A. Vehtari, A. Gelman, D. Simpson, B. Carpenter and P.-C. Bürkner,
"Rank-normalization, folding, and localization: an improved R-hat for assessing convergence of
MCMC", Bayesian Analysis 16, 667 (2021), below called V21. Functions take draws of shape
``(chains, draws, ...)`` and judge each of the quantities ``...`` by itself.

What all functions do with unusual draws:

- Fewer than four draws a chain say nothing: every result is NaN.
- A quantity with a draw that is not a finite number has NaN for every result.
- A quantity that has one value in all draws of all chains needs no more draws: its R-hat is 1, its
  effective sample size is the number of draws, its standard errors are 0.
- Chains that each stay at a value of their own have an infinite R-hat.
- One chain is judged by its two halves.

All raise :class:`~hokan.errors.HokanError` where draws have fewer than two dimensions.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr, ndtri
from scipy.stats import rankdata

from hokan.errors import HokanError
from hokan.inference.effective_size import effective_size

FloatArray = NDArray[np.float64]

#: Of a shorter chain nothing is said.
FEWEST_DRAWS = 4
#: Tails are what lies beyond these quantiles (V21, section 4.3).
TAIL_PROBABILITIES = (0.05, 0.95)
# Numbers treated at a time: enough for the speed of arrays, few enough to need little memory.
_BLOCK = 1_000_000


def r_hat(draws: npt.ArrayLike) -> FloatArray:
    """Return how much the chains disagree: rank-normalised split R-hat.

    The square root of the variance of all draws over that within chains, 1 where chains agree. It
    is computed of normal scores of the ranks, which finds chains that differ in location even where
    variances are infinite, and of the distances from the median ("folded"), which finds chains that
    differ in spread; the greater counts (V21, sections 4.1 and 4.2). Chains are cut
    into halves, so that one that drifts disagrees with itself.

    Parameters
    ----------
    draws : array_like of shape (chains, draws, ...)
        In the order drawn, warm-up left out.

    Returns
    -------
    ndarray of shape (...)
    """
    return _of_each_quantity(draws, lambda x: _r_hats(_split(x), _scores(_split(x))), 1.0)


def bulk_effective_sample_size(draws: npt.ArrayLike) -> FloatArray:
    """Return how many independent draws would tell as much of the middle of the distribution.

    Of normal scores of the ranks, chains cut into halves (V21, section 4.1).

    Parameters
    ----------
    draws : array_like of shape (chains, draws, ...)

    Returns
    -------
    ndarray of shape (...)
    """
    return _of_each_quantity(draws, lambda x: effective_size(_scores(_split(x))), None)


def tail_effective_sample_size(draws: npt.ArrayLike) -> FloatArray:
    """Return how many independent draws would tell as much of the tails.

    The smaller one of the 5 % and the 95 % quantile's (V21, section 4.3): it is what the ends of a
    90 % interval rest on.

    Parameters
    ----------
    draws : array_like of shape (chains, draws, ...)

    Returns
    -------
    ndarray of shape (...)
    """
    return _of_each_quantity(draws, _tail_size, None)


def mean_effective_sample_size(draws: npt.ArrayLike) -> FloatArray:
    """Return how many independent draws would tell the mean as well; no ranks are taken.

    Parameters
    ----------
    draws : array_like of shape (chains, draws, ...)

    Returns
    -------
    ndarray of shape (...)
    """
    return _of_each_quantity(draws, lambda x: effective_size(_split(x)), None)


def standard_error_of_mean(draws: npt.ArrayLike) -> FloatArray:
    """Return the Monte Carlo standard error of the mean, in the quantity's unit.

    The standard deviation of the draws over the root of :func:`mean_effective_sample_size`.

    Parameters
    ----------
    draws : array_like of shape (chains, draws, ...)

    Returns
    -------
    ndarray of shape (...)
    """

    def error(x: FloatArray) -> FloatArray:
        spread = np.std(x, axis=(1, 2), ddof=1)
        return np.asarray(spread / np.sqrt(effective_size(_split(x))))

    return _of_each_quantity(draws, error, 0.0)


def standard_error_of_quantile(draws: npt.ArrayLike, probability: float) -> FloatArray:
    """Return the Monte Carlo standard error of a quantile, in the quantity's unit.

    Half the distance between the draws at the ends of a 68 % interval of the quantile's rank, which
    is taken from the beta distribution with the quantile's own effective sample size (V21, section
    4.4).

    Parameters
    ----------
    draws : array_like of shape (chains, draws, ...)
    probability : float
        Of the quantile, between 0 and 1; 0.5: the median.

    Returns
    -------
    ndarray of shape (...)

    Raises
    ------
    HokanError
        If there are fewer than two dimensions, or the probability is not between 0 and 1.
    """
    if not 0.0 < probability < 1.0:
        raise HokanError(f"probability must be between 0 and 1, found {probability!r}")

    def error(x: FloatArray) -> FloatArray:
        ordered = np.sort(x.reshape(len(x), -1), axis=1)
        size = _quantile_size(x, probability)
        n = ordered.shape[1]
        ends = [
            n * betaincinv(size * probability + 1.0, size * (1.0 - probability) + 1.0, share) - 1.0
            for share in ndtr([-1.0, 1.0])
        ]
        low = np.maximum(np.floor(ends[0]), 0).astype(np.intp)
        high = np.minimum(np.ceil(ends[1]), n - 1).astype(np.intp)
        each = np.arange(len(x))
        return np.asarray(0.5 * (ordered[each, high] - ordered[each, low]))

    return _of_each_quantity(draws, error, 0.0)


def judge(draws: npt.ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return R-hat, bulk and tail effective sample size at once, ranking the draws only once.

    Parameters
    ----------
    draws : array_like of shape (chains, draws, ...)

    Returns
    -------
    r_hat, bulk, tail : ndarray of shape (...)
        As :func:`r_hat`, :func:`bulk_effective_sample_size` and
        :func:`tail_effective_sample_size` return them.
    """
    chains = as_draws(draws)
    n = float(chains.shape[0] * chains.shape[1])

    def all_three(x: FloatArray) -> FloatArray:
        halves = _split(x)
        scores = _scores(halves)
        return np.stack([_r_hats(halves, scores), effective_size(scores), _tail_size(x)], axis=-1)

    r, bulk, tail = np.moveaxis(_of_each_quantity(chains, all_three, (1.0, n, n)), -1, 0)
    return r, bulk, tail


def as_draws(draws: npt.ArrayLike) -> FloatArray:
    """Return draws as an array of shape (chains, draws, ...).

    Raises
    ------
    HokanError
        If there are fewer than two dimensions, or no chain.
    """
    chains = np.asarray(draws, dtype=np.float64)
    if chains.ndim < 2 or chains.shape[0] == 0:
        raise HokanError(f"draws must have the shape (chains, draws, ...), found {chains.shape}")
    return chains


def is_constant(chains: FloatArray) -> NDArray[np.bool_]:
    """Return which quantities have one value in all draws, of shape (...); NaN is no value."""
    if chains.shape[1] == 0:
        return np.zeros(chains.shape[2:], dtype=np.bool_)
    return np.asarray((chains == chains[0, 0]).all(axis=(0, 1)))


def _of_each_quantity(
    draws: npt.ArrayLike,
    statistic: Callable[[FloatArray], FloatArray],
    of_constants: float | tuple[float, ...] | None,
) -> FloatArray:
    """Return a statistic of each quantity.

    Parameters
    ----------
    draws : array_like of shape (chains, draws, ...)
    statistic : callable
        Of finite draws that vary, of shape (quantities, chains, draws); returns an array of shape
        (quantities,) or (quantities, k).
    of_constants : float or tuple of k floats, optional
        What it is for a quantity that does not vary; None: the number of draws.

    Returns
    -------
    ndarray of shape (...) or (..., k)
    """
    chains = as_draws(draws)
    n_chains, n_draws, *shape = chains.shape
    constant = is_constant(chains).ravel()
    usable = np.isfinite(chains).all(axis=(0, 1)).ravel()
    usual = float(n_chains * n_draws) if of_constants is None else of_constants
    tail = np.shape(usual)
    results = np.full((constant.size, *tail), np.nan)
    if n_draws >= FEWEST_DRAWS:
        results[constant & usable] = usual
        columns = chains.reshape(n_chains, n_draws, -1)
        chosen = np.flatnonzero(usable & ~constant)
        step = max(_BLOCK // (n_chains * n_draws), 1)
        for start in range(0, len(chosen), step):
            block = chosen[start : start + step]
            together = np.ascontiguousarray(np.moveaxis(columns[:, :, block], 2, 0))
            results[block] = statistic(together)
    return results.reshape((*shape, *tail))


def _split(x: FloatArray) -> FloatArray:
    """Cut each chain into halves; of an odd number of draws the middle one is left out."""
    half = x.shape[2] // 2
    return np.concatenate([x[:, :, :half], x[:, :, -half:]], axis=1)


def _scores(x: FloatArray) -> FloatArray:
    """Return normal scores of the ranks among all draws (V21, section 4.1); ties share a rank."""
    n = x.shape[1] * x.shape[2]
    ranks = rankdata(x.reshape(len(x), n), axis=1)
    # Ranks are multiples of a half: few scores are computed, and looked up.
    table = ndtri((0.5 * np.arange(2 * n + 1) - 0.375) / (n + 0.25))
    return np.asarray(table[(2.0 * ranks).astype(np.intp)].reshape(x.shape))


def _r_hats(halves: FloatArray, scores: FloatArray) -> FloatArray:
    """Return the greater one of bulk and folded R-hat."""
    centre = np.median(halves.reshape(len(halves), -1), axis=1)
    folded = np.abs(halves - centre[:, None, None])
    return np.maximum(_plain_r_hat(scores), _plain_r_hat(_scores(folded)))


def _plain_r_hat(x: FloatArray) -> FloatArray:
    """Return R-hat of chains as they are (V21, section 3.1)."""
    n = x.shape[2]
    # Less the first draw, a chain that stays where it is has a variance of exactly zero.
    within = np.var(x - x[:, :, :1], axis=2, ddof=1).mean(axis=1)
    between = n * np.var(x.mean(axis=2), axis=1, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.sqrt((between / within + n - 1.0) / n)
    # All equal, as the folded draws of a quantity with two values half of the time each.
    ratio[(x == x[:, :1, :1]).all(axis=(1, 2))] = 1.0
    return np.asarray(ratio)


def _tail_size(x: FloatArray) -> FloatArray:
    low, high = (_quantile_size(x, probability) for probability in TAIL_PROBABILITIES)
    return np.minimum(low, high)


def _quantile_size(x: FloatArray, probability: float) -> FloatArray:
    """Return the effective sample size of the share of draws that do not exceed a quantile."""
    quantile = np.quantile(x.reshape(len(x), -1), probability, axis=1)
    return effective_size(_split((x <= quantile[:, None, None]).astype(np.float64)))
