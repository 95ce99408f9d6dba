"""Predictions of a sampled model on the raw scale: quantiles of draws."""

from __future__ import annotations

import numpy as np

from hokan.gp.kernels import FloatArray
from hokan.graph import StandardisedTransform
from hokan.inference.posterior import CellDistribution
from hokan.inference.rows import RowDistribution
from hokan.model.prediction import CellPrediction, check_level
from hokan.sampling.posterior import SampledPosterior


def draws_to_raw_scale(
    draws: FloatArray, transforms: tuple[StandardisedTransform, ...], level: float
) -> CellPrediction:
    """Turn draws in standardised transformed units into raw medians and intervals.

    Parameters
    ----------
    draws : ndarray of shape (s, n, p)
    transforms : tuple of StandardisedTransform
    level : float
        Probability of the intervals.
    """
    check_level(level)
    ends = 0.5 - 0.5 * level, 0.5 + 0.5 * level
    lower, median, upper = np.quantile(draws, (ends[0], 0.5, ends[1]), axis=0)
    std = np.empty_like(median)
    zero = np.full(median.shape, np.nan)
    for j, transform in enumerate(transforms):
        raw = transform.inverse(draws[:, :, j])
        std[:, j] = raw.std(axis=0)
        if transform.floor is not None:
            zero[:, j] = (draws[:, :, j] <= transform.floor).mean(axis=0)
        for array in (lower, median, upper):
            array[:, j] = transform.inverse(array[:, j])
    return CellPrediction(median, std, lower, upper, level, zero)


def rows_of_draws(draws: FloatArray) -> RowDistribution:
    """Return Gaussians with the means and covariances of draws of rows, (s, n, p)."""
    mean = draws.mean(axis=0)
    apart = draws - mean
    return RowDistribution(mean, np.einsum("snj,snk->njk", apart, apart) / len(draws))


def left_out_of_draws(posterior: SampledPosterior) -> CellDistribution:
    """Predict each observed cell from all others, in standardised transformed units.

    Around every draw of the rest, what is said of the cell is taken to second order; the draws
    themselves have seen it, so that this is a little kinder than leaving it out would be.
    """
    mean, variance = posterior.expected_cells()
    cells = posterior.cells
    noise = cells.given_noise_variance + posterior.noise_variances
    spread = variance.mean(axis=2) + mean.var(axis=2) + noise
    known = cells.observed
    return CellDistribution(
        np.where(known, mean.mean(axis=2), np.nan), np.where(known, spread, np.nan)
    )
