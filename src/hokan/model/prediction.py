"""Predicted cells on the raw scale."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtr
from scipy.stats import norm

from hokan.errors import HokanError
from hokan.gp.kernels import FloatArray
from hokan.graph import StandardisedTransform


@dataclass(frozen=True)
class CellPrediction:
    """Predictions of cells on the raw scale, each array of shape (n, p).

    Attributes
    ----------
    median : ndarray
        The value to use.
    std : ndarray
        Standard deviation.
    lower, upper : ndarray
        Ends of the central interval.
    level : float
        Probability that the interval is meant to hold.
    zero : ndarray, optional
        Probability that the value lies exactly at the floor of its property (a band gap of 0); NaN
        where there is no floor, and absent where no property has one.
    categories : dict of str to ndarray of shape (n, levels)
        Probability of each level of each category of the model, levels in its order.
    """

    median: FloatArray
    std: FloatArray
    lower: FloatArray
    upper: FloatArray
    level: float
    zero: FloatArray | None = None
    categories: dict[str, FloatArray] = field(default_factory=dict)


def check_level(level: float) -> None:
    """Refuse an interval probability outside (0, 1)."""
    if not 0.0 < level < 1.0:
        raise HokanError(f"level must lie between 0 and 1, as 0.9 does; found {level!r}")


def to_raw_scale(
    mean: FloatArray,
    variance: FloatArray,
    transforms: tuple[StandardisedTransform, ...],
    level: float,
) -> CellPrediction:
    """Turn Gaussians in standardised transformed units into raw medians and intervals.

    Transforms increase, so quantiles pass through them; standard deviations are those of the raw
    value. NaN passes through.
    """
    check_level(level)
    reach = norm.ppf(0.5 + 0.5 * level) * np.sqrt(variance)
    arrays = [np.full(mean.shape, np.nan) for _ in range(5)]
    median, std, lower, upper, zero = arrays
    for j, transform in enumerate(transforms):
        median[:, j] = transform.inverse(mean[:, j])
        lower[:, j] = transform.inverse(mean[:, j] - reach[:, j])
        upper[:, j] = transform.inverse(mean[:, j] + reach[:, j])
        _, std[:, j] = transform.moments(mean[:, j], variance[:, j])
        if transform.floor is not None:
            zero[:, j] = _probability_below(transform.floor, mean[:, j], variance[:, j])
    return CellPrediction(median, std, lower, upper, level, zero)


def _probability_below(floor: float, mean: FloatArray, variance: FloatArray) -> FloatArray:
    """Return the probability that Gaussians lie at a floor or below it."""
    spread = np.sqrt(np.maximum(variance, np.finfo(np.float64).tiny))
    return np.asarray(ndtr(np.clip((floor - mean) / spread, -40.0, 40.0)))


def in_columns(
    prediction: CellPrediction, names: tuple[str, ...], columns: tuple[str, ...]
) -> CellPrediction:
    """Rearrange a prediction of some properties to a table's columns.

    Parameters
    ----------
    prediction : CellPrediction
        One column for each of ``names``.
    names : tuple of str
        Properties predicted.
    columns : tuple of str
        Properties wanted, in order; NaN for those that were not predicted.
    """
    places = [columns.index(name) for name in names if name in columns]
    sources = [j for j, name in enumerate(names) if name in columns]

    def rearranged(array: FloatArray) -> FloatArray:
        result = np.full((len(array), len(columns)), np.nan)
        result[:, places] = array[:, sources]
        return result

    return CellPrediction(
        rearranged(prediction.median),
        rearranged(prediction.std),
        rearranged(prediction.lower),
        rearranged(prediction.upper),
        prediction.level,
        None if prediction.zero is None else rearranged(prediction.zero),
        prediction.categories,
    )
