"""How near the values put into holes are to those that were there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hokan.evaluation import scores
from hokan.evaluation.imputation_studies.drawing import StudiedTable

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

#: What is told of each part, besides the time it took.
CELL_SCORES = ("error", "crps", "coverage", "width", "impossible")
#: With fewer draws, the range of all of them covers less than 90 %.
FEWEST_FOR_INTERVALS = 19


def possible_draws(
    studied: StudiedTable, draws: FloatArray, known: FloatArray
) -> tuple[FloatArray, BoolArray]:
    """Return draws as they are judged, and which of them no material could have.

    Parameters
    ----------
    studied : StudiedTable
        The scales.
    draws : ndarray of shape (m, n, n_scored)
        Completed tables on the raw scale.
    known : ndarray of shape (n, n_scored)
        What the method saw, on the raw scale.

    Returns
    -------
    standardised : ndarray of shape (m, n, n_scored)
        Where a positive property was given a value of 0 or less, the smallest known value stands in
        its place: the nearest that can be.
    impossible : ndarray of shape (m, n, n_scored)
        True there.
    """
    found = studied.standardised(draws)
    impossible = np.isnan(found) & ~np.isnan(draws)
    smallest = np.nanmin(studied.standardised(known), axis=0)
    return np.where(impossible, smallest, found), impossible


def cell_scores(
    truth: FloatArray, draws: FloatArray, impossible: BoolArray, level: float
) -> dict[str, float]:
    """Score hidden cells by the draws of their values.

    Parameters
    ----------
    truth : ndarray of shape (n, n_scored)
        As they are judged; NaN where nothing was hidden.
    draws : ndarray of shape (m, n, n_scored)
        On the same scale; of a single imputation m = 1.
    impossible : ndarray of shape (m, n, n_scored)
        Which draws were replaced.
    level : float
        Probability of the intervals.

    Returns
    -------
    dict
        ``error``: mean absolute difference of the median from the truth; ``crps``: continuous
        ranked probability score; ``coverage`` and ``width`` of the intervals between quantiles of
        the draws, NaN for fewer than :data:`FEWEST_FOR_INTERVALS` draws; ``impossible``: share of
        values that no material can have. All means over hidden cells, in standard deviations.
    """
    hidden = ~np.isnan(truth)
    result = dict.fromkeys(CELL_SCORES, float("nan"))
    result["impossible"] = float(impossible[:, hidden].mean())
    result["error"] = scores.mean_absolute_error(truth, np.median(draws, axis=0))
    if len(draws) < 2:
        result["crps"] = result["error"]  # of a distribution that is a point
        return result
    result["crps"] = scores.sample_crps(truth, draws)
    if len(draws) >= FEWEST_FOR_INTERVALS:
        tail = 0.5 - 0.5 * level
        # At (m + 1) q: of m + 1 exchangeable values, draws and truth, the truth is then inside with
        # this probability, however few draws there are (nearly, where it falls between two).
        lower, upper = np.quantile(draws, [tail, 1.0 - tail], axis=0, method="weibull")
        result["coverage"] = scores.interval_coverage(truth, lower, upper)
        result["width"] = scores.mean_interval_width(lower, upper, hidden)
    return result
