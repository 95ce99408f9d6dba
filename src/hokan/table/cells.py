"""What the cells of one column are: numbers, text, true/false, dates, or a mixture."""

from __future__ import annotations

import datetime
import decimal
import math
import numbers
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import pandas as pd

from hokan.table.hints import TextKind, explain_infinite, explain_text, text_kind
from hokan.table.limit_texts import parse_limit
from hokan.table.messages import quoted
from hokan.table.numbers import parse_number, parse_numbers

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]+(?:Z|[+-][0-9:]+)?)?")
_TRUE_OR_FALSE = {"true": 1.0, "false": 0.0}


class CellKind(Enum):
    """What a column's cells are, taken together."""

    EMPTY = "empty"
    NUMBER = "numbers"
    BOOLEAN = "true/false"
    TEXT = "text"
    CATEGORY = "categories"
    DATE = "dates or times"
    OTHER = "values of several kinds"


@dataclass(frozen=True)
class BadCell:
    """A cell of a numeric column that is not a finite number."""

    row: int
    """Row position, counted from zero."""
    shown: str
    """The cell, quoted."""
    explanation: str
    """What is wrong with it and what to write instead."""


@dataclass(frozen=True)
class LimitCell:
    """A cell of a numeric column that says on which side of a number the value lies."""

    row: int
    """Row position, counted from zero."""
    text: str
    """The cell, without blanks around it."""
    lower: float
    """The value is at least this; nan where that is not said."""
    upper: float
    """The value is at most this; nan where that is not said."""


@dataclass(frozen=True)
class Cells:
    """One column, read."""

    kind: CellKind
    present: np.ndarray
    """Shape (n,), True where the cell holds something, in a numeric column other than a limit."""
    values: np.ndarray | None = None
    """Shape (n,) float64, nan for a hole; for numbers, empty columns and true/false (1 and 0)."""
    bad: tuple[BadCell, ...] = ()
    limits: tuple[LimitCell, ...] = ()
    """Limits among the numbers; their values are nan."""


def read_cells(series: pd.Series, column: str, *, as_numbers: bool = False) -> Cells:
    """Find out what a column's cells are.

    A column is numeric when more of its cells are numbers, or are written as people write numbers
    ("12,5", "> 3000"), than are anything else; marks such as "n/a" do not count either way. The
    cells of a numeric column that are neither finite numbers nor limits are listed as bad.

    Parameters
    ----------
    series
        The column, of any dtype.
    column
        Its name, for explanations.
    as_numbers
        Take the column as numeric whatever its cells look like, unless it is all true/false.
    """
    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype) and not as_numbers:
        return Cells(CellKind.CATEGORY, series.notna().to_numpy())
    if not isinstance(dtype, pd.CategoricalDtype):
        if pd.api.types.is_bool_dtype(dtype):
            flags = series.to_numpy(dtype=np.float64, na_value=np.nan)
            return Cells(CellKind.BOOLEAN, ~np.isnan(flags), flags)
        if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype):
            return _finite(series.to_numpy(dtype=np.float64, na_value=np.nan, copy=True))
        if pd.api.types.is_datetime64_any_dtype(dtype) or pd.api.types.is_timedelta64_dtype(dtype):
            return Cells(CellKind.DATE, series.notna().to_numpy())
    missing = series.isna().to_numpy()
    objects = series.astype(object).tolist()
    if all(isinstance(cell, str) for cell, hole in zip(objects, missing, strict=True) if not hole):
        texts = ["" if hole else cell for cell, hole in zip(objects, missing, strict=True)]
        values = parse_numbers(texts)
        if values is not None:
            return _finite(values, texts)
    return _read_objects(objects, missing, column, as_numbers=as_numbers)


def _finite(values: np.ndarray, texts: Sequence[str] | None = None) -> Cells:
    """Finish a column of numbers: infinite ones are bad cells."""
    infinite = np.flatnonzero(np.isinf(values))
    bad = []
    for row in infinite.tolist():
        shown = texts[row].strip() if texts is not None else str(values[row])
        bad.append(BadCell(row, quoted(shown), explain_infinite(shown)))
    values[infinite] = np.nan
    present = ~np.isnan(values)
    present[infinite] = True
    kind = CellKind.NUMBER if present.any() else CellKind.EMPTY
    return Cells(kind, present, values, tuple(bad))


def _read_objects(
    objects: Sequence[object], missing: np.ndarray, column: str, *, as_numbers: bool
) -> Cells:
    """Read cells that are not all numbers, one by one."""
    present = np.array(
        [
            not hole and not (isinstance(cell, str) and not cell.strip())
            for cell, hole in zip(objects, missing, strict=True)
        ],
        dtype=bool,
    )
    known = [cell for cell, there in zip(objects, present, strict=True) if there]
    if all(_truth(cell) is not None for cell in known):
        truths = [
            _truth(cell) if there else None for cell, there in zip(objects, present, strict=True)
        ]
        flags = np.array([math.nan if truth is None else truth for truth in truths])
        return Cells(CellKind.BOOLEAN, present, flags)
    if as_numbers or _mostly_numbers(known):
        return _read_numbers(objects, present, column)
    if all(_is_date(cell) for cell in known):
        return Cells(CellKind.DATE, present)
    if all(isinstance(cell, str) for cell in known):
        return Cells(CellKind.TEXT, present)
    return Cells(CellKind.OTHER, present)


def _read_numbers(objects: Sequence[object], present: np.ndarray, column: str) -> Cells:
    values = np.full(len(objects), np.nan)
    bad: list[BadCell] = []
    limits: list[LimitCell] = []
    present = present.copy()
    for row in np.flatnonzero(present).tolist():
        cell = objects[row]
        value = _number(cell)
        limit = parse_limit(cell) if value is None and isinstance(cell, str) else None
        if limit is not None and isinstance(cell, str):
            if any(map(math.isinf, limit)):
                bad.append(BadCell(row, quoted(cell.strip()), explain_infinite(cell)))
            else:
                limits.append(LimitCell(row, cell.strip(), *limit))
                present[row] = False
        elif value is None:
            bad.append(BadCell(row, quoted(str(cell).strip()), _explain(cell, column)))
        elif math.isinf(value):
            bad.append(BadCell(row, quoted(str(cell).strip()), explain_infinite(str(cell))))
        elif math.isnan(value):
            present[row] = False
        else:
            values[row] = value
    return Cells(CellKind.NUMBER, present, values, tuple(bad), tuple(limits))


def _mostly_numbers(known: Sequence[object]) -> bool:
    numeric = other = 0
    kinds: dict[str, TextKind] = {}
    for cell in known:
        if isinstance(cell, str):
            kind = kinds.get(cell)
            if kind is None:
                kind = kinds[cell] = text_kind(cell)
            numeric += kind in (TextKind.NUMBER, TextKind.ALMOST)
            other += kind is TextKind.OTHER
        elif _number(cell) is not None:
            numeric += 1
        else:
            other += 1
    return numeric > other


def _number(cell: object) -> float | None:
    """Read one cell of any type as a float, or None."""
    if isinstance(cell, str):
        return parse_number(cell)
    if isinstance(cell, bool | np.bool_):
        return None
    if isinstance(cell, numbers.Real | decimal.Decimal):
        try:
            return float(cell)
        except OverflowError:
            return math.inf
    return None


def _truth(cell: object) -> float | None:
    if isinstance(cell, bool | np.bool_):
        return float(cell)
    return _TRUE_OR_FALSE.get(cell.strip().casefold()) if isinstance(cell, str) else None


def _is_date(cell: object) -> bool:
    if isinstance(cell, str):
        return _DATE.fullmatch(cell.strip()) is not None
    return isinstance(cell, datetime.date | datetime.time | datetime.timedelta | pd.Period)


def _explain(cell: object, column: str) -> str:
    if isinstance(cell, str):
        return explain_text(cell, column)
    if isinstance(cell, bool | np.bool_):
        return "is true/false, not a number; write a number or leave the cell empty"
    return f"is of type {type(cell).__name__}, not a number; write a number or leave it empty"
