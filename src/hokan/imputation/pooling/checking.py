"""What analyses of completed tables gave, checked: shapes, holes, names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from hokan.errors import HokanError

FloatArray = NDArray[np.float64]

#: Covariances may differ from their mirror images by this share of the standard errors' product.
ASYMMETRY = 1e-6


@dataclass(frozen=True)
class CheckedResults:
    """Estimates and variances of m analyses of q quantities, all finite.

    Attributes
    ----------
    names : tuple of str
    estimates, variances : ndarray of shape (m, q)
    covariances : ndarray of shape (m, q, q) or None
    """

    names: tuple[str, ...]
    estimates: FloatArray
    variances: FloatArray
    covariances: FloatArray | None


def checked_results(
    estimates: npt.ArrayLike, variances: npt.ArrayLike, names: Sequence[str] | None
) -> CheckedResults:
    """Return the results as arrays, or say what is wrong with them, and in which imputation.

    Parameters
    ----------
    estimates : array_like of shape (m, q) or (m,)
    variances : array_like of shape (m, q), (m,) or (m, q, q)
    names : sequence of str of length q, or None
        If None, ``estimate``, or ``estimate 1``, ``estimate 2``….

    Raises
    ------
    HokanError
    """
    values = _as_numbers(estimates, "estimates")
    spreads = _as_numbers(variances, "variances")
    if values.ndim not in (1, 2) or values.size == 0:
        raise HokanError(
            "expected estimates of shape (m, q), one line per completed table, or (m,) for one "
            f"quantity; found shape {values.shape}"
        )
    m = len(values)
    if m < 2:
        raise HokanError(
            "pooling needs the analyses of at least 2 imputations, found 1: one completed table "
            "cannot tell how uncertain the imputed values are; impute with m of 5 or more"
        )
    values = values.reshape(m, -1)
    q = values.shape[1]
    if spreads.shape not in {(m, q), (m, q, q)} and not (q == 1 and spreads.size == m):
        raise HokanError(
            f"for estimates of shape {values.shape} expected variances of the same shape, or "
            f"covariances of shape {(m, q, q)}; found shape {spreads.shape}"
        )
    checked_names = _checked_names(names, q)
    _refuse_holes(values, checked_names, "estimate")
    covariances = None
    if q == 1:
        covariances = spreads.reshape(m, 1, 1)
    elif spreads.ndim == 3:
        covariances = spreads
        _refuse_holes(spreads, checked_names, "covariance")
    diagonal = spreads.reshape(m, q) if covariances is None else _diagonal(covariances)
    _refuse_holes(diagonal, checked_names, "variance")
    wrong = np.argwhere(diagonal < 0.0)
    if len(wrong):
        line, place = wrong[0]
        raise HokanError(
            f"the variance of {checked_names[place]!r} in imputation {line + 1} is "
            f"{diagonal[line, place]:g}; variances are squares of standard errors, 0 or more"
        )
    if covariances is not None:
        covariances = _symmetric(covariances, diagonal)
    return CheckedResults(checked_names, values, diagonal, covariances)


def check_level(level: float) -> float:
    """Return the probability of an interval, or say that it is none."""
    if not 0.0 < level < 1.0:
        raise HokanError(
            f"level must be a probability between 0 and 1, such as 0.95; found {level}"
        )
    return float(level)


def check_degrees_of_freedom(degrees: float | None) -> float:
    """Return complete-data degrees of freedom, infinite for None."""
    if degrees is None:
        return np.inf
    if not degrees > 0.0:
        raise HokanError(
            "complete_degrees_of_freedom must be more than 0 (for a regression, rows minus "
            f"coefficients); found {degrees:g}: the analysis has too many coefficients for its rows"
        )
    return float(degrees)


def _as_numbers(values: npt.ArrayLike, what: str) -> FloatArray:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise HokanError(
            f"the {what} must be numbers, as many in each imputation; {error}"
        ) from error


def _checked_names(names: Sequence[str] | None, q: int) -> tuple[str, ...]:
    if names is None:
        return ("estimate",) if q == 1 else tuple(f"estimate {k + 1}" for k in range(q))
    found = (names,) if isinstance(names, str) else tuple(str(name) for name in names)
    if len(found) != q or len(set(found)) < q:
        raise HokanError(f"expected {q} different names, found {list(found)}")
    return found


def _refuse_holes(values: FloatArray, names: tuple[str, ...], what: str) -> None:
    wrong = np.argwhere(~np.isfinite(values))
    if not len(wrong):
        return
    line, *places = wrong[0]
    of = " and ".join(dict.fromkeys(repr(names[place]) for place in places))
    lines = len(np.unique(wrong[:, 0]))
    raise HokanError(
        f"the {what} of {of} in imputation {line + 1} is {values[tuple(wrong[0])]:g} "
        f"(imputations with such values: {lines} of {len(values)}); pooling needs a number from "
        "every completed table: look at that table and at what the analysis does with it"
    )


def _diagonal(covariances: FloatArray) -> FloatArray:
    return np.diagonal(covariances, axis1=1, axis2=2).copy()


def _symmetric(covariances: FloatArray, diagonal: FloatArray) -> FloatArray:
    mirrored = covariances.transpose(0, 2, 1)
    error = np.sqrt(diagonal)
    allowed = ASYMMETRY * error[:, :, None] * error[:, None, :]
    wrong = (np.abs(covariances - mirrored) > allowed).any(axis=(1, 2))
    if wrong.any():
        raise HokanError(
            f"the covariance matrix of imputation {int(np.argmax(wrong)) + 1} is not symmetric"
        )
    return 0.5 * (covariances + mirrored)
