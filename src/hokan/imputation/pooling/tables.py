"""Several completed tables as the inputs of a model: which columns, which rows, how many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from hokan.errors import HokanError


def features_and_target(tables: Iterable[Any], y: Any) -> list[tuple[Any, Any]]:
    """Return features and target of every completed table.

    Parameters
    ----------
    tables : iterable of DataFrame or array_like of shape (n, d)
    y : str, array_like of shape (n,) or (m, n)
        A column of the tables; or values, the same for all or a line per table.

    Returns
    -------
    list of (features, target)

    Raises
    ------
    HokanError
        If it is one table, there is none, they differ in shape or columns, or the target is not
        there.
    """
    if isinstance(tables, pd.DataFrame) or (isinstance(tables, np.ndarray) and tables.ndim < 3):
        raise HokanError(
            "expected several completed tables, found one; fit to Imputations, or a list of tables"
        )
    each = [_as_table(table) for table in tables]
    if not each:
        raise HokanError("expected several completed tables, found none")
    _check_alike(each)
    if isinstance(y, str):
        return [_split(table, y) for table in each]
    # Not a rectangle of numbers only: classes may be texts.
    lines = [np.asarray(line) for line in y] if _is_lines(y) else [np.asarray(y)] * len(each)
    if len(lines) != len(each):
        raise HokanError(
            f"expected a line of targets for each of {len(each)} tables, found {len(lines)}"
        )
    for number, (table, line) in enumerate(zip(each, lines, strict=True), start=1):
        if line.shape != (len(table),):
            raise HokanError(
                f"expected a target for each of {len(table)} rows in imputation {number}, found "
                f"shape {line.shape}"
            )
    return list(zip(each, lines, strict=True))


def is_several(X: Any) -> bool:
    """Return whether this is a sequence of tables, not one table."""
    if isinstance(X, np.ndarray):
        return X.ndim == 3
    if isinstance(X, pd.DataFrame) or not isinstance(X, Sequence) or len(X) == 0:
        return False
    return isinstance(X[0], pd.DataFrame) or np.ndim(X[0]) == 2


def tables_of_new_rows(
    X: Any, n_imputations: int, names: list[str] | None, n_features: int
) -> list[Any]:
    """Return the new rows for each of m models.

    Parameters
    ----------
    X : DataFrame or array_like of shape (n, d), or sequence of m of them
    n_imputations : int
        m.
    names : list of str or None
        Features; DataFrames may have further columns, and any order.
    n_features : int

    Raises
    ------
    HokanError
    """
    if not is_several(X):
        return [_features(_as_table(X), names, n_features, "the new rows")] * n_imputations
    if len(X) != n_imputations:
        raise HokanError(
            f"the model was fitted to {n_imputations} completed tables and there are {len(X)} of "
            f"new rows; model k predicts from table k, so impute new rows with m={n_imputations}"
        )
    each = [
        _features(_as_table(table), names, n_features, f"table {number} of new rows")
        for number, table in enumerate(X, start=1)
    ]
    if len({len(table) for table in each}) > 1:
        raise HokanError(f"the tables of new rows differ in length: {[len(t) for t in each]}")
    return each


def _as_table(table: Any) -> Any:
    if isinstance(table, pd.DataFrame):
        return table
    array = np.asarray(table)
    if array.ndim != 2:
        raise HokanError(f"expected a table, with rows and columns; found shape {array.shape}")
    return array


def _check_alike(tables: Sequence[Any]) -> None:
    first = tables[0]
    for number, table in enumerate(tables[1:], start=2):
        if isinstance(table, pd.DataFrame) != isinstance(first, pd.DataFrame) or (
            isinstance(table, pd.DataFrame) and list(table.columns) != list(first.columns)
        ):
            raise HokanError(f"imputations 1 and {number} differ in their columns")
        if table.shape[1] != first.shape[1]:
            raise HokanError(
                f"imputations 1 and {number} have {first.shape[1]} and {table.shape[1]} columns"
            )


def _split(table: Any, target: str) -> tuple[Any, Any]:
    if not isinstance(table, pd.DataFrame):
        raise HokanError(f"arrays have no column {target!r}; give the values of the target as y")
    if target not in table.columns:
        raise HokanError(
            f"there is no column {target!r} to predict; there are {list(table.columns)}"
        )
    return table.drop(columns=target), table[target].to_numpy()


def _is_lines(y: Any) -> bool:
    if isinstance(y, np.ndarray):
        return y.ndim == 2
    if isinstance(y, (pd.Series, pd.DataFrame)) or not isinstance(y, Sequence) or not len(y):
        return False
    return np.ndim(y[0]) == 1


def _features(table: Any, names: list[str] | None, n_features: int, what: str) -> Any:
    if isinstance(table, pd.DataFrame) and names is not None:
        by_text = {str(column): column for column in table.columns}
        lacking = [name for name in names if name not in by_text]
        if lacking:
            raise HokanError(f"{what} lack the columns {lacking} that the model was fitted to")
        return table[[by_text[name] for name in names]]
    if table.shape[1] != n_features:
        raise HokanError(
            f"{what} have {table.shape[1]} columns; the model was fitted to {n_features}"
        )
    return table
