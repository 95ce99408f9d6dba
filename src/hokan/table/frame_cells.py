"""Bringing the cells of a frame in line with values and limits that have changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hokan.table.limit_texts import format_limit, parse_limit


@dataclass(frozen=True)
class CellContents:
    """What the cells of one property say; each of shape (n,), nan where there is nothing."""

    values: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    def same_as(self, other: CellContents) -> np.ndarray:
        """Shape (n,), True where both say the same."""
        same = np.ones(len(self.values), dtype=bool)
        for mine, others in (
            (self.values, other.values),
            (self.lower, other.lower),
            (self.upper, other.upper),
        ):
            same &= (mine == others) | (np.isnan(mine) & np.isnan(others))
        return same

    @property
    def limited(self) -> np.ndarray:
        """Shape (n,), True where there is a limit."""
        limited: np.ndarray = ~(np.isnan(self.lower) & np.isnan(self.upper))
        return limited


def rewrite_property(
    frame: pd.DataFrame,
    position: int,
    beside: Sequence[int],
    before: CellContents,
    after: CellContents,
) -> None:
    """Write changed cells of a property into a frame, so that it would be read as they say.

    Parameters
    ----------
    frame
        Changed in place, but for columns without a change.
    position
        Where the property's column stands.
    beside
        Where the columns of its limits stand. In changed rows they are emptied: a limit is written
        into the property's own column, as text.
    before, after
        What the cells said and will say.
    """
    changed = ~after.same_as(before)
    if not changed.any():
        return
    for column in beside:
        limits = frame.iloc[:, column].astype(object).to_numpy(copy=True)
        limits[changed] = np.nan
        frame.isetitem(column, pd.to_numeric(pd.Series(limits)).to_numpy(dtype=np.float64))
    if not (after.limited.any() or before.limited.any()):
        frame.isetitem(position, after.values.copy())
        return
    cells = frame.iloc[:, position].astype(object).tolist()
    written = [
        _written(value, lower, upper) if is_changed else cell
        for cell, is_changed, value, lower, upper in zip(
            cells,
            changed.tolist(),
            after.values.tolist(),
            after.lower.tolist(),
            after.upper.tolist(),
            strict=True,
        )
    ]
    if any(isinstance(cell, str) and parse_limit(cell) is not None for cell in written):
        texts = [_as_text(cell) for cell in written]
        frame.isetitem(position, np.array(texts, dtype=object))
    else:
        frame.isetitem(position, after.values.copy())


def limit_texts(
    cells: pd.Series, limits: CellContents, beside: Sequence[tuple[float, float]] | None
) -> list[str | None]:
    """Return what a frame says of limits, one text per row, None where it says nothing.

    Parameters
    ----------
    cells
        The property's own column; its texts are kept as they are.
    limits
        What is known of the property.
    beside
        What its columns of limits hold, lower and upper, also where the value is known; None where
        it has no such columns.
    """
    told: list[str | None] = []
    for row, cell in enumerate(cells.astype(object).tolist()):
        lower, upper = float(limits.lower[row]), float(limits.upper[row])
        other = (math.nan, math.nan) if beside is None else beside[row]
        text = cell.strip() if isinstance(cell, str) and parse_limit(cell) is not None else None
        if text is not None and all(map(math.isnan, other)):
            told.append(text)
        elif not (math.isnan(lower) and math.isnan(upper)):
            told.append(format_limit(lower, upper))
        elif not all(map(math.isnan, other)):
            told.append(format_limit(*other))
        else:
            told.append(None)
    return told


def _written(value: float, lower: float, upper: float) -> float | str:
    if math.isnan(lower) and math.isnan(upper):
        return value
    return format_limit(lower, upper)


def _as_text(cell: object) -> str | None:
    """Write a cell of a column that holds limits, and so text, from which it is read back."""
    if isinstance(cell, str):
        return cell
    return None if pd.isna(cell) else repr(float(cell))  # type: ignore[arg-type, call-overload]
