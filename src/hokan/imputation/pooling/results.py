"""What an analysis of one completed table may return, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from hokan.errors import HokanError
from hokan.imputation.pooling.checking import FloatArray

#: In messages: what an analysis may return.
MAY_RETURN = (
    "a pair (estimates, variances) of numbers, arrays, dicts or Series, variances also as a "
    "covariance matrix; hokan.imputation.Estimates; a fitted statsmodels model; or, for "
    "scikit-learn, what linear_model_estimates(model, X, y) gives"
)


@dataclass(frozen=True, eq=False)
class Estimates:
    """What the analysis of one completed table says.

    Parameters
    ----------
    estimates : float, array_like of shape (q,), dict or Series
        Names are taken from a dict or Series.
    variances : float, array_like of shape (q,) or (q, q), dict, Series or DataFrame
        Squares of standard errors, or their covariance matrix. Where both are named, names count,
        not the order.
    names : tuple of str of length q, optional
        What the quantities are called, if they are not named otherwise.
    complete_degrees_of_freedom : float, optional
        Those of this analysis; not given for those with a normal reference.
    """

    estimates: npt.ArrayLike | Mapping[str, float]
    variances: npt.ArrayLike | Mapping[str, float] | pd.DataFrame
    names: tuple[str, ...] | None = None
    complete_degrees_of_freedom: float | None = None


@dataclass(frozen=True, eq=False)
class ReadEstimates:
    """The same as arrays.

    Attributes
    ----------
    names : tuple of str, or None
    estimates : ndarray of shape (q,)
    variances : ndarray of shape (q,) or (q, q)
    complete_degrees_of_freedom : float or None
    """

    names: tuple[str, ...] | None
    estimates: FloatArray
    variances: FloatArray
    complete_degrees_of_freedom: float | None


def read_estimates(result: Any, number: int) -> ReadEstimates:
    """Read what an analysis returned.

    Parameters
    ----------
    result
        See :class:`Estimates`; also a pair, or a fitted model of statsmodels, which is known by
        having ``params`` and ``cov_params()``.
    number : int
        Which imputation, counted from 1, for messages.

    Raises
    ------
    HokanError
        If the result is something else, or its parts do not fit together.
    """
    if not isinstance(result, Estimates):
        result = _as_estimates(result, number)
    names, estimates = _named(result.estimates, number, "estimates")
    if result.names is not None:
        if len(result.names) != len(estimates):
            raise HokanError(
                f"the analysis of imputation {number} gave {len(estimates)} estimates and "
                f"{len(result.names)} names"
            )
        names = tuple(str(name) for name in result.names)
    variances = _variances(result.variances, names, len(estimates), number)
    return ReadEstimates(names, estimates, variances, result.complete_degrees_of_freedom)


def _as_estimates(result: Any, number: int) -> Estimates:
    if callable(getattr(result, "cov_params", None)) and hasattr(result, "params"):
        return _from_statsmodels(result, number)
    if isinstance(result, tuple) and len(result) == 2:
        return Estimates(*result)
    found = type(result).__name__
    if callable(getattr(result, "predict", None)) and hasattr(result, "get_params"):
        found += ", a scikit-learn model, which does not know the rows it was fitted to"
    raise HokanError(f"the analysis of imputation {number} returned {found}; expected {MAY_RETURN}")


def _from_statsmodels(fitted: Any, number: int) -> Estimates:
    """Read a results object by what it has; statsmodels itself is not needed."""
    params = fitted.params
    if np.ndim(params) != 1:
        raise HokanError(
            f"the model of imputation {number} has coefficients of shape {np.shape(params)}; "
            "expected one list of them. Return (estimates, covariances) of those that are wanted"
        )
    names = None
    if isinstance(params, pd.Series):
        names = tuple(str(name) for name in params.index)
    else:
        told = getattr(getattr(fitted, "model", None), "exog_names", None)
        if told is not None and len(told) == len(params):
            names = tuple(str(name) for name in told)
    degrees = getattr(fitted, "df_resid", None)
    # The covariance has the order of the coefficients; its labels are left aside.
    covariance = np.asarray(fitted.cov_params(), dtype=np.float64)
    return Estimates(
        np.asarray(params, dtype=np.float64),
        covariance,
        names,
        None if degrees is None else float(degrees),
    )


def _named(values: Any, number: int, what: str) -> tuple[tuple[str, ...] | None, FloatArray]:
    names = None
    if isinstance(values, pd.Series):
        values = values.to_dict() if values.index.is_unique else values.to_numpy()
    if isinstance(values, Mapping):
        names = tuple(str(name) for name in values)
        values = list(values.values())
    try:
        array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise HokanError(f"the {what} of imputation {number} must be numbers; {error}") from error
    if array.ndim != 1 and what == "estimates":
        raise HokanError(
            f"the {what} of imputation {number} have shape {array.shape}; expected one number, or "
            "one list of them"
        )
    return names, array


def _variances(values: Any, names: tuple[str, ...] | None, q: int, number: int) -> FloatArray:
    if isinstance(values, pd.DataFrame):
        rows, columns = ([str(label) for label in axis] for axis in (values.index, values.columns))
        table = values.set_axis(rows, axis=0).set_axis(columns, axis=1)
        if names is not None and set(rows) == set(columns) == set(names):
            table = table.loc[list(names), list(names)]
        elif names is not None and rows != [str(place) for place in range(len(rows))]:
            raise _names_differ(names, rows, number)
        _, array = _named(table.to_numpy(), number, "variances")
    else:
        told, array = _named(values, number, "variances")
        if told is not None and names is not None:
            if set(told) != set(names):
                raise _names_differ(names, told, number)
            array = array[[told.index(name) for name in names]]
    if array.size == 1 == q:
        return array.reshape(1)
    if array.shape not in {(q,), (q, q)}:
        raise HokanError(
            f"the analysis of imputation {number} gave {q} estimates and variances of shape "
            f"{array.shape}; expected {(q,)}, or {(q, q)} for a covariance matrix"
        )
    return array


def _names_differ(names: Any, others: Any, number: int) -> HokanError:
    return HokanError(
        f"in imputation {number} the estimates are called {list(names)} and the variances "
        f"{list(others)}; they must be about the same quantities"
    )
