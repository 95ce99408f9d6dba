"""Values known only to lie on one side of a number, or between two.

They stand in a property's own column as text (``> 3000``), or beside it in columns ``P__lower`` and
``P__upper``. Where a value is known, it counts and a limit beside it does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hokan.errors import TableError
from hokan.table.cells import CellKind, Cells
from hokan.table.messages import list_rows, plural, quoted

LOWER_SUFFIX, UPPER_SUFFIX = "__lower", "__upper"


@dataclass(frozen=True)
class PropertyLimits:
    """The limits of one property.

    Each array has shape (n,), float64 on the raw scale, nan where there is none.
    """

    lower: np.ndarray
    upper: np.ndarray

    @property
    def here(self) -> np.ndarray:
        """Shape (n,), True where there is a limit."""
        here: np.ndarray = ~(np.isnan(self.lower) & np.isnan(self.upper))
        return here

    def describe(self) -> str:
        """Tell how many limits of which kind there are, for example ``"2 at least, 1 at most"``."""
        below, above = ~np.isnan(self.lower), ~np.isnan(self.upper)
        counts = {
            "at least": below & ~above,
            "at most": above & ~below,
            "between two numbers": below & above,
        }
        return ", ".join(f"{rows.sum()} {kind}" for kind, rows in counts.items() if rows.any())


def limits_in_cells(cells: Cells) -> PropertyLimits:
    """Return the limits that stand in a property's own column."""
    lower, upper = np.full((2, len(cells.present)), np.nan)
    for limit in cells.limits:
        lower[limit.row], upper[limit.row] = limit.lower, limit.upper
    return PropertyLimits(lower, upper)


def join_limits(
    name: str, cells: Cells, lower: Cells | None, upper: Cells | None, source: str
) -> PropertyLimits:
    """Put together what a property's own column and its limit columns say.

    Parameters
    ----------
    name
        The property.
    cells
        Its column.
    lower, upper
        Its columns ``P__lower`` and ``P__upper``, if it has them as limits.
    source
        Name of the table for messages.

    Returns
    -------
    PropertyLimits
        Where a limit is given twice, the narrower one; none where the value itself is known.

    Raises
    ------
    TableError
        If a limit column holds true/false, or a lower limit is not below the upper one, also where
        the value is known.
    """
    in_cells = limits_in_cells(cells)
    sides = []
    for beside, suffix, narrower, written in (
        (lower, LOWER_SUFFIX, np.fmax, in_cells.lower),
        (upper, UPPER_SUFFIX, np.fmin, in_cells.upper),
    ):
        if beside is None:
            sides.append(written)
            continue
        if beside.kind is CellKind.BOOLEAN or beside.values is None:
            raise TableError(
                f"{source}, column {quoted(name + suffix)}: holds true/false; limits of "
                f"{quoted(name)} are numbers in the same unit."
            )
        sides.append(narrower(written, beside.values))
    refuse_crossed(PropertyLimits(*sides), name, source, may_be_equal=True)
    unknown = ~cells.present
    joined = PropertyLimits(*(np.where(unknown, side, np.nan) for side in sides))
    refuse_crossed(joined, name, source)
    return joined


def refuse_crossed(
    limits: PropertyLimits, name: str, source: str, *, may_be_equal: bool = False
) -> None:
    """Refuse a lower limit that is not below the upper one, or, if they may be equal, above it.

    Raises
    ------
    TableError
        Naming rows and column.
    """
    faults = [(limits.lower > limits.upper, "is above the upper one")]
    if not may_be_equal:
        faults.append((limits.lower == limits.upper, "is the upper one too; write it as a value"))
    for wrong, told in faults:
        rows = np.flatnonzero(wrong).tolist()
        if rows:
            lower, upper = limits.lower[rows[0]], limits.upper[rows[0]]
            raise TableError(
                f"{source}, {list_rows(rows)}, column {quoted(name)}: the lower limit {told} "
                f"(the first: {lower:g} and {upper:g}). A value is at least its lower limit and at "
                "most its upper one; leave a limit out where it is not known."
            )


def describe_limit_column(
    base: str, given: np.ndarray, used: np.ndarray, contradicted: np.ndarray
) -> str:
    """Tell what a column ``P__lower`` or ``P__upper`` was used for.

    Parameters
    ----------
    base
        The property.
    given, used, contradicted
        Each of shape (n,): where the column holds a limit, where it is used, and where the known
        value lies on the wrong side of it.
    """
    told = f"used in {plural(int(used.sum()), 'row')}"
    idle = int((given & ~used).sum())
    if idle:
        told += f"; unused in {plural(idle, 'row')} where {quoted(base)} has a value, which counts"
    if contradicted.any():
        rows = np.flatnonzero(contradicted).tolist()
        told += f" (on the wrong side of the limit in {list_rows(rows)}: look it up)"
    return told
