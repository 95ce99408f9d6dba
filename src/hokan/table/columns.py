"""Deciding what each column of a table is.

What the user names comes first; then names that carry a meaning (``formula``, ``P__error``,
``P__lower`` beside a column ``P``, ``id``); then what the cells hold. Every decision is kept with
its reason, as a :class:`ColumnReading`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hokan.errors import TableError
from hokan.table.categories import can_be_levels, check_category, read_category, why_not
from hokan.table.cells import CellKind, Cells, read_cells
from hokan.table.companions import base_of, decide_companion
from hokan.table.hints import TextKind, text_kind
from hokan.table.limit_texts import parse_limit
from hokan.table.messages import how_to_ignore, list_names, quoted
from hokan.table.numbers import parse_numbers
from hokan.table.options import ReadingOptions
from hokan.table.roles import ERROR_SUFFIX, Decision
from hokan.table.roles import FILL_SUFFIXES as FILL_SUFFIXES  # used beside the names below

COMPOSITION_NAMES = (
    "formula",
    "composition",
    "chemical_formula",
    "reduced_formula",
    "pretty_formula",
)
"""Names, in any case, that make a text column the composition column; the first found is taken."""

_IDENTIFIERS = frozenset(
    ("", "id", "index", "idx", "level_0", "row", "row_id", "unnamed: 0", "__index_level_0__")
)


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
        If the composition is in the index, a ``P__error`` column has no column ``P``, or nothing
        can be learned about a category asked for.
    """
    series = {name: frame.iloc[:, position] for position, name in enumerate(names)}
    decided: dict[str, Decision] = {}
    for name in options.ignore:
        decided[name] = Decision("ignored", "left out on request; carried through unchanged")
    for name in options.descriptors:
        cells = read_cells(series[name], name, as_numbers=True)
        decided[name] = Decision("descriptor", "named as a descriptor", cells)
    for name in options.categories or ():
        if name in series:
            decided[name] = _named_category(series[name], name, options, source)
    for name in options.properties or ():
        if name in decided:
            continue
        if name in series and _names_levels(series[name], name):
            decided[name] = _named_category(series[name], name, options, source)
        elif name in series:
            cells = read_cells(series[name], name, as_numbers=True)
            decided[name] = Decision("property", "named as a property", cells)
    _decide_composition(frame, series, decided, options, source)
    # By length, so that a column comes before those named after it.
    for name in sorted(names, key=len):
        base = base_of(name, names)
        if base is not None:
            companion = decide_companion(series, name, base, decided, source)
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
            cells = read_cells(series[name], name)
            decided[name] = _decide_by_cells(cells, series[name], name, options, source)
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


def _decide_by_cells(
    cells: Cells, series: pd.Series, name: str, options: ReadingOptions, source: str
) -> Decision:
    """Decide a column that nobody named and whose name refers to no other."""
    if cells.kind in (CellKind.NUMBER, CellKind.EMPTY):
        if _is_identifier(name, cells):
            return Decision("carried", "counts or names the rows; carried through unused")
        if not name.strip():
            return Decision("carried", "has no name; carried through unused")
        if options.properties is not None:
            reason = f"{cells.kind.value}, but not among the properties asked for"
            return Decision("carried", reason)
        return Decision("property", cells.kind.value, cells)
    reason = cells.kind.value
    if cells.kind in (CellKind.TEXT, CellKind.BOOLEAN, CellKind.CATEGORY):
        category = read_category(series, name, source)
        against = why_not(name, category)
        if against is not None:
            reason += f" {against}" if against.startswith("with") else f", {against}"
        elif options.properties is not None or options.categories is not None:
            reason += ", but not among the categories asked for"
        else:
            return Decision("category", reason, category=category)
    return Decision("carried", f"{reason}; carried through unused")


def _named_category(series: pd.Series, name: str, options: ReadingOptions, source: str) -> Decision:
    """Read a column that was asked for as a category.

    Raises
    ------
    TableError
        If its cells are no texts, a level is not among those given, or nothing can be learned.
    """
    if not can_be_levels(series):
        raise TableError(
            f"{source}, column {quoted(name)}: was named as a category, but holds values that are "
            "neither text, numbers, dates nor true/false; write the levels as text."
        )
    given = options.levels.get(name)
    category = read_category(series, name, source, given)
    if not options.allow_empty_properties:
        check_category(name, category, given is not None, source)
    return Decision("category", "named as a category", category=category)


def _names_levels(series: pd.Series, name: str) -> bool:
    """Say whether a column asked for as a property holds levels and nothing like a number."""
    cells = read_cells(series, name)
    if cells.kind is CellKind.TEXT:
        texts = {cell for cell in series.dropna() if cell.strip()}
        kinds = {TextKind.ALMOST if parse_limit(text) else text_kind(text) for text in texts}
        return TextKind.OTHER in kinds and not kinds & {TextKind.NUMBER, TextKind.ALMOST}
    return cells.kind in (CellKind.BOOLEAN, CellKind.CATEGORY)


def _is_identifier(name: str, cells: Cells) -> bool:
    folded = name.strip().casefold()
    if folded not in _IDENTIFIERS and not folded.endswith("_id"):
        return False
    if cells.values is None or cells.bad or cells.limits:
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
