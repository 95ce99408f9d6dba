"""The roles a column can have, and the endings of names that say what belongs to what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hokan.table.categories import Category
from hokan.table.cells import Cells
from hokan.table.limits import LOWER_SUFFIX, UPPER_SUFFIX

Role = Literal[
    "property",
    "measurement error",
    "limit",
    "category",
    "composition",
    "descriptor",
    "ignored",
    "carried",
]

ERROR_SUFFIX = "__error"
STD_SUFFIX, ZERO_SUFFIX, LIMIT_SUFFIX = "__std", "__zero", "__limit"
FILL_SUFFIXES = (STD_SUFFIX, LOWER_SUFFIX, UPPER_SUFFIX, ZERO_SUFFIX, LIMIT_SUFFIX)
"""What ``hokan fill`` appends to a property's name, for columns beside it."""
PROBABILITY_SUFFIX = "__probability"
"""What it appends to a category's name; then ``_LEVEL`` may follow."""


@dataclass(frozen=True)
class ColumnReading:
    """How one column was read, told to the user."""

    name: str
    role: Role
    unit: str | None
    observed: int
    """Number of cells that hold something."""
    reason: str
    """A short sentence for people."""


@dataclass(frozen=True)
class Decision:
    """The role of one column, with its cells where they were looked at."""

    role: Role
    reason: str
    cells: Cells | None = None
    category: Category | None = None
