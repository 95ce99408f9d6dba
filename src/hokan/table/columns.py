"""Deciding what each column of a table is.

What the user names comes first; then names that carry a meaning (``formula``, ``P__error``,
``P__std`` beside a column ``P``, ``id``); then what the cells hold. Every decision is kept with
its reason, as a :class:`ColumnReading`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from hokan.errors import TableError
from hokan.table.cells import CellKind, Cells, read_cells
from hokan.table.messages import how_to_ignore, list_names, plural, quoted
from hokan.table.numbers import parse_numbers
from hokan.table.options import ReadingOptions

Role = Literal["property", "measurement error", "composition", "descriptor", "ignored", "carried"]

COMPOSITION_NAMES = (
    "formula",
    "composition",
    "chemical_formula",
    "reduced_formula",
    "pretty_formula",
)
"""Names, in any case, that make a text column the composition column; the first found is taken."""

ERROR_SUFFIX = "__error"
FILL_SUFFIXES = ("__std", "__lower", "__upper")
"""What ``hokan fill`` appends to a property's name for its error bar columns."""

_IDENTIFIERS = frozenset(
    ("", "id", "index", "idx", "level_0", "row", "row_id", "unnamed: 0", "__index_level_0__")
)
_FEW_LEVELS = 20


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


def column_names(frame: pd.DataFrame, source: str) -> tuple[str, ...]:
    """Return the column names as text.

    Raises
    ------
    TableError
        If the columns have several levels, or two have the same name.
    """
    if isinstance(frame.columns, pd.MultiIndex):
        raise TableError(
            f"{source}: the columns have {frame.columns.nlevels} levels; give each column one "
            "name, for example by joining the levels with an underscore."
        )
    names = tuple(str(label) for label in frame.columns)
    refuse_duplicates(names, source)
    return names


def refuse_duplicates(names: Sequence[str], source: str) -> None:
    """Refuse two columns of the same name.

    Raises
    ------
    TableError
        Naming the first such pair and where the columns stand.
    """
    if len(set(names)) == len(names):
        return
    first: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
        if name in first:
            named = f"have the name {quoted(name)}" if name else "have no name"
            raise TableError(
                f"{source}: columns {first[name]} and {number} both {named}; give every column a "
                "name of its own."
            )
        first[name] = number


def decide_roles(
    frame: pd.DataFrame, names: Sequence[str], options: ReadingOptions, source: str
) -> dict[str, Decision]:
    """Give every column its role, in column order.

    Parameters
    ----------
    frame
        The table.
    names
        Its column names as text.
    options
        What the user said, already checked against the names.
    source
        Name of the table for messages.

    Raises
    ------
    TableError
        If the composition is in the index, or a ``P__error`` column has no column ``P``.
    """
    series = {name: frame.iloc[:, position] for position, name in enumerate(names)}
    decided: dict[str, Decision] = {}
    for name in options.ignore:
        decided[name] = Decision("ignored", "left out on request; carried through unchanged")
    for name in options.descriptors:
        cells = read_cells(series[name], name, as_numbers=True)
        decided[name] = Decision("descriptor", "named as a descriptor", cells)
    for name in options.properties or ():
        if name in series:
            cells = read_cells(series[name], name, as_numbers=True)
            decided[name] = Decision("property", "named as a property", cells)
    _decide_composition(frame, series, decided, options, source)
    # By length, so that a column comes before those named after it.
    for name in sorted(names, key=len):
        base = _base_of(name, names)
        if base is not None:
            companion = _decide_companion(series[name], name, base, decided, source)
            if companion is not None:
                decided[name] = companion
        elif name not in decided and name.endswith(ERROR_SUFFIX):
            absent = name.removesuffix(ERROR_SUFFIX)
            raise TableError(
                f"{source}: column {quoted(name)} gives measurement errors for a column "
                f"{quoted(absent)}, which the table does not have. Rename one of the two, or leave "
                f"the column out with {how_to_ignore(name)}."
            )
        if name not in decided:
            decided[name] = _decide_by_cells(read_cells(series[name], name), name, options)
    return {name: decided[name] for name in names}


def _decide_composition(
    frame: pd.DataFrame,
    series: dict[str, pd.Series],
    decided: dict[str, Decision],
    options: ReadingOptions,
    source: str,
) -> None:
    """Add the composition column, if there is one, and the columns passed over for it."""
    if options.composition is not None:
        decided[options.composition] = Decision("composition", "named as the composition column")
        return
    found = [
        name
        for wanted in COMPOSITION_NAMES
        for name in series
        if name.strip().casefold() == wanted
        and name not in decided
        and not _all_finite_numbers(series[name])
    ]
    if found:
        chosen, *others = found
        preferred = f", preferred to {list_names(others)}" if others else ""
        decided[chosen] = Decision("composition", f"found by its name{preferred}")
        for other in others:
            reason = f"looks like a composition too, but {quoted(chosen)} is the one used"
            decided[other] = Decision("carried", reason)
        return
    for level in frame.index.names:
        if str(level).strip().casefold() in COMPOSITION_NAMES:
            raise TableError(
                f"{source}: {quoted(level)} is in the index of the DataFrame, where it is not "
                "read; make it a column with frame.reset_index()."
            )


def _decide_companion(
    series: pd.Series, name: str, base: str, decided: dict[str, Decision], source: str
) -> Decision | None:
    """Decide a column named after another: its measurement error, or its error bar once filled."""
    explicit = decided.get(name)
    base_role = decided[base].role
    if name.endswith(ERROR_SUFFIX):
        if explicit is not None:
            return None
        if base_role == "property":
            cells = read_cells(series, name, as_numbers=True)
            return Decision("measurement error", f"measurement error of {quoted(base)}", cells)
        return Decision(
            "ignored" if base_role == "ignored" else "carried",
            f"measurement error of {quoted(base)}, which is not read as a property",
        )
    if base_role == "property":
        if explicit is not None and explicit.role != "ignored":
            raise TableError(
                f"{source}: the name {quoted(name)} is kept for the error bars of {quoted(base)}, "
                f"so it cannot be read as a {explicit.role}; rename the column."
            )
        return Decision(
            "ignored",
            f"error bars of {quoted(base)} from an earlier fill; replaced when it is filled again",
        )
    if explicit is not None:
        return None
    return Decision(
        "ignored" if base_role == "ignored" else "carried",
        f"error bars of {quoted(base)}, which is not read as a property",
    )


def _decide_by_cells(cells: Cells, name: str, options: ReadingOptions) -> Decision:
    """Decide a column that nobody named and whose name refers to no other."""
    unused = "categorical properties are not supported yet, so it is carried through unused"
    if cells.kind in (CellKind.NUMBER, CellKind.EMPTY):
        if _is_identifier(name, cells):
            return Decision("carried", "counts or names the rows; carried through unused")
        if not name.strip():
            return Decision("carried", "has no name; carried through unused")
        if options.properties is not None:
            reason = f"{cells.kind.value}, but not among the properties asked for"
            return Decision("carried", reason)
        return Decision("property", cells.kind.value, cells)
    if cells.kind is CellKind.TEXT:
        n_present = int(cells.present.sum())
        if cells.n_levels <= _FEW_LEVELS and 2 * cells.n_levels < n_present:
            different = plural(cells.n_levels, "different value")
            return Decision("carried", f"text with {different}; {unused}")
        return Decision("carried", "text; carried through unused")
    if cells.kind in (CellKind.BOOLEAN, CellKind.CATEGORY):
        return Decision("carried", f"{cells.kind.value}; {unused}")
    return Decision("carried", f"{cells.kind.value}; carried through unused")


def _base_of(name: str, names: Sequence[str]) -> str | None:
    """Return the column of the table that ``name`` is named after, as in ``P__error``."""
    for suffix in (ERROR_SUFFIX, *FILL_SUFFIXES):
        base = name.removesuffix(suffix)
        if base != name and base in names:
            return base
    return None


def _is_identifier(name: str, cells: Cells) -> bool:
    folded = name.strip().casefold()
    if folded not in _IDENTIFIERS and not folded.endswith("_id"):
        return False
    if cells.values is None or cells.bad:
        return False
    known = cells.values[~np.isnan(cells.values)]
    return bool(np.all(known == np.floor(known)))


def _all_finite_numbers(series: pd.Series) -> bool:
    """Say whether a column can hold no formulas because all its cells are numbers."""
    known = series.dropna()
    if known.empty:
        return False
    if pd.api.types.is_numeric_dtype(known.dtype):
        return True
    texts = known.astype(str).tolist()
    values = parse_numbers(texts)
    return values is not None and bool(np.isfinite(values).all())
