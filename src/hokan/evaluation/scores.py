"""How far predictions are from the truth, and how far their error bars can be trusted.

All scores are means over cells, on whatever scale the arrays are in: give raw values for an error
in the unit of the property, logarithms for a relative one. Lower is better, but for coverage, which
should equal the probability the intervals were made for.

Every function takes ``where``, a mask of the cells to score; by default those whose truth is not
NaN. A prediction that is NaN in a scored cell is refused, never skipped, so that no method gains by
predicting less.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray
from scipy.stats import norm

from hokan.errors import HokanError

FloatArray = NDArray[np.float64]


def mean_absolute_error(
    truth: npt.ArrayLike, predicted: npt.ArrayLike, where: npt.ArrayLike | None = None
) -> float:
    """Return the mean of ``|y - y_predicted|``.

    Parameters
    ----------
    truth, predicted : array_like of equal shape
        Raw or transformed values.
    where : array_like of bool, optional
        Cells to score.

    Raises
    ------
    HokanError
        If shapes differ, no cell is to be scored, or a scored cell is NaN.
    """
    y, p = _scored(where, truth=truth, predicted=predicted)
    return float(np.abs(y - p).mean())


def root_mean_square_error(
    truth: npt.ArrayLike, predicted: npt.ArrayLike, where: npt.ArrayLike | None = None
) -> float:
    """Return the square root of the mean of ``(y - y_predicted)^2``.

    Parameters and errors as in :func:`mean_absolute_error`.
    """
    y, p = _scored(where, truth=truth, predicted=predicted)
    return float(np.sqrt(np.mean((y - p) ** 2)))


def interval_coverage(
    truth: npt.ArrayLike,
    lower: npt.ArrayLike,
    upper: npt.ArrayLike,
    where: npt.ArrayLike | None = None,
) -> float:
    """Return the share of values inside their interval, ends included.

    The same on the raw scale and on any increasing transform of it.

    Parameters
    ----------
    truth, lower, upper : array_like of equal shape
        Values and ends of their intervals, on one scale.
    where : array_like of bool, optional
        Cells to score.

    Raises
    ------
    HokanError
        As in :func:`mean_absolute_error`.
    """
    y, low, high = _scored(where, truth=truth, lower=lower, upper=upper)
    return float(np.mean((low <= y) & (y <= high)))


def mean_interval_width(
    lower: npt.ArrayLike, upper: npt.ArrayLike, where: npt.ArrayLike | None = None
) -> float:
    """Return the mean of ``upper - lower``: of two methods that cover alike, the sharper is better.

    Parameters and errors as in :func:`interval_coverage`; by default cells with a ``lower`` that is
    not NaN are scored. See Gneiting, Balabdaoui & Raftery, J. R. Stat. Soc. B 69, 243 (2007).
    """
    low, high = _scored(where, lower=lower, upper=upper)
    return float(np.mean(high - low))


def gaussian_log_score(
    truth: npt.ArrayLike,
    mean: npt.ArrayLike,
    std: npt.ArrayLike,
    where: npt.ArrayLike | None = None,
) -> float:
    """Return the mean negative log density of the truth under Gaussian predictions, in nats.

    ``log(2 pi s^2) / 2 + (y - m)^2 / (2 s^2)``; Good, J. R. Stat. Soc. B 14, 107 (1952); Gneiting &
    Raftery, J. Am. Stat. Assoc. 102, 359 (2007), section 4.1. Predictions that are Gaussian on a
    transformed scale are to be scored there.

    Parameters
    ----------
    truth, mean, std : array_like of equal shape
        On the scale on which the predictions are Gaussian.
    where : array_like of bool, optional
        Cells to score.

    Raises
    ------
    HokanError
        As in :func:`mean_absolute_error`, or if a standard deviation is not positive.
    """
    y, m, s = _scored(where, truth=truth, mean=mean, std=std)
    _check_positive(s)
    return float(np.mean(0.5 * np.log(2.0 * np.pi) + np.log(s) + 0.5 * ((y - m) / s) ** 2))


def gaussian_crps(
    truth: npt.ArrayLike,
    mean: npt.ArrayLike,
    std: npt.ArrayLike,
    where: npt.ArrayLike | None = None,
) -> float:
    """Return the mean continuous ranked probability score of Gaussian predictions.

    With ``z = (y - m) / s``: ``s (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi))``; Gneiting &
    Raftery, J. Am. Stat. Assoc. 102, 359 (2007), eq. 21 with the sign reversed. In the unit of
    ``y``; equals the absolute error where ``s`` goes to 0.

    Parameters and errors as in :func:`gaussian_log_score`.
    """
    y, m, s = _scored(where, truth=truth, mean=mean, std=std)
    _check_positive(s)
    z = (y - m) / s
    return float(
        np.mean(s * (z * (2.0 * norm.cdf(z) - 1.0) + 2.0 * norm.pdf(z) - 1.0 / np.sqrt(np.pi)))
    )


def sample_crps(
    truth: npt.ArrayLike, samples: npt.ArrayLike, where: npt.ArrayLike | None = None
) -> float:
    """Return the mean continuous ranked probability score of predictions given as draws.

    ``E|X - y| - E|X - X'| / 2`` with X, X' independent draws (Gneiting & Raftery, J. Am. Stat.
    Assoc. 102, 359 (2007), eq. 20). The second mean is over pairs of different draws, which makes
    the estimate unbiased for any number of them (Zamo & Naveau, Math. Geosci. 50, 209 (2018)).

    Parameters
    ----------
    truth : array_like
        Raw or transformed values.
    samples : array_like of shape (n_samples, *truth.shape)
        At least two draws of every cell.
    where : array_like of bool, optional
        Cells to score.

    Raises
    ------
    HokanError
        As in :func:`mean_absolute_error`, or if there are fewer than two draws.
    """
    values, draws = np.asarray(truth, dtype=np.float64), np.asarray(samples, dtype=np.float64)
    if draws.ndim != values.ndim + 1 or draws.shape[1:] != values.shape or len(draws) < 2:
        raise HokanError(
            f"expected at least 2 samples of values of shape {values.shape}, that is an array of "
            f"shape (n_samples, *{values.shape}), found {draws.shape}"
        )
    mask = _mask(values, where)
    y, x = values[mask], np.sort(draws[:, mask], axis=0)
    _refuse_nan(truth=y, samples=x)
    n = len(x)
    # Sum of |x_i - x_j| over i < j, from sorted draws: each is the larger of i pairs and the
    # smaller of n - 1 - i.
    ranks = 2.0 * np.arange(n) - (n - 1.0)
    spread = ranks @ x / (0.5 * n * (n - 1.0))
    return float(np.mean(np.abs(x - y).mean(axis=0) - 0.5 * spread))


def quantile_crps(
    truth: npt.ArrayLike,
    quantiles: npt.ArrayLike,
    levels: npt.ArrayLike,
    where: npt.ArrayLike | None = None,
) -> float:
    """Return the mean continuous ranked probability score of predictions given as quantiles.

    The score is twice the integral over levels a of the quantile loss ``(1{y < q_a} - a)(q_a - y)``
    (Laio & Tamea, Hydrol. Earth Syst. Sci. 11, 1267 (2007); Gneiting & Ranjan, J. Bus. Econ. Stat.
    29, 411 (2011)), here by the trapezoidal rule between the levels given. The tails beyond the
    outermost levels are left out: use many levels that reach close to 0 and 1.

    Parameters
    ----------
    truth : array_like
        Raw or transformed values.
    quantiles : array_like of shape (n_levels, *truth.shape)
        Predicted quantiles of every cell.
    levels : array_like of shape (n_levels,)
        Their probabilities, increasing, between 0 and 1.
    where : array_like of bool, optional
        Cells to score.

    Raises
    ------
    HokanError
        As in :func:`mean_absolute_error`, or if there are fewer than two levels, or they do not
        increase.
    """
    values, q = np.asarray(truth, dtype=np.float64), np.asarray(quantiles, dtype=np.float64)
    a = np.asarray(levels, dtype=np.float64)
    if a.ndim != 1 or len(a) < 2 or not (np.diff(a) > 0).all() or a[0] <= 0 or a[-1] >= 1:
        raise HokanError("levels must be at least 2 increasing numbers between 0 and 1")
    if q.shape != (len(a), *values.shape):
        raise HokanError(f"expected quantiles of shape {(len(a), *values.shape)}, found {q.shape}")
    mask = _mask(values, where)
    y, q = values[mask], q[:, mask]
    _refuse_nan(truth=y, quantiles=q)
    loss = ((y < q) - a[:, None]) * (q - y)
    integral = 0.5 * np.diff(a) @ (loss[1:] + loss[:-1])
    return float(2.0 * integral.mean())


def _scored(where: npt.ArrayLike | None, **arrays: npt.ArrayLike) -> list[FloatArray]:
    """Return the scored cells of each array, after checking them; the first decides ``where``."""
    found = {name: np.asarray(array, dtype=np.float64) for name, array in arrays.items()}
    shapes = {name: array.shape for name, array in found.items()}
    if len(set(shapes.values())) > 1:
        raise HokanError(
            "expected arrays of one shape, found "
            + ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        )
    mask = _mask(next(iter(found.values())), where)
    cells = {name: array[mask] for name, array in found.items()}
    _refuse_nan(**cells)
    return list(cells.values())


def _mask(first: FloatArray, where: npt.ArrayLike | None) -> NDArray[np.bool_]:
    mask = ~np.isnan(first) if where is None else np.asarray(where, dtype=np.bool_)
    if mask.shape != first.shape:
        raise HokanError(f"expected a mask of shape {first.shape}, found {mask.shape}")
    if not mask.any():
        raise HokanError("there is no cell to score: every value is NaN or masked")
    return mask


def _refuse_nan(**cells: FloatArray) -> None:
    for name, values in cells.items():
        missing = int(np.isnan(values).sum())
        if missing:
            raise HokanError(f"{missing} of {values.size} values to score are NaN in {name}")


def _check_positive(std: FloatArray) -> None:
    if not (std > 0).all():
        raise HokanError("standard deviations must be positive to score a Gaussian")
