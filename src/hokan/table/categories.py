"""Columns whose cells name one of a few kinds, such as a crystal system.

A column becomes a category when it is asked for, or when its texts repeat so often that something
can be learned about each. Levels are texts, compared without the blanks around them.
"""

from __future__ import annotations

import datetime
import numbers
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hokan.errors import TableError
from hokan.table.messages import how_to_ignore, list_names, list_rows, perhaps_meant, plural, quoted
from hokan.table.numbers import parse_number

MOST_LEVELS = 12
"""A text column with more levels is a category only on request."""
CELLS_PER_LEVEL = 5
"""It needs so many known cells for each of its levels, and two levels with so many cells each."""

# Not among them: "na" and "nd" (sodium and neodymium), "none" and "x", which can be levels.
_UNKNOWN_MARKS = frozenset(
    (
        *("nan", "n/a", "n.a.", "#n/a", "<na>", "unknown", "missing", "not available", "no data"),
        *("not measured", "not reported", "tbd", "?", "??", "???", "--", "---", "...", "…", "–"),
        "—",
    )
)
_WORDS_OF_REFERENCES = frozenset(
    (
        *("source", "sources", "reference", "references", "ref", "refs", "doi", "citation", "url"),
        *("comment", "comments", "note", "notes", "remark", "remarks", "id", "ids", "link"),
        *("author", "authors", "journal", "title", "filename", "file", "path", "date", "time"),
    )
)
_SHOWN = 4


@dataclass(frozen=True)
class Category:
    """A column, read as a category."""

    levels: tuple[str, ...]
    """The k levels: numbers by size, texts by alphabet."""
    codes: np.ndarray
    """Shape (n,) int64, the position of each cell's level, -1 where it is not known."""
    marks: tuple[str, ...] = ()
    """Texts such as ``n/a`` that were taken as "not known"."""

    @property
    def known(self) -> np.ndarray:
        """Shape (n,), True where the level is known."""
        known: np.ndarray = self.codes >= 0
        return known

    @property
    def counts(self) -> np.ndarray:
        """Shape (k,), how many cells name each level."""
        return np.bincount(self.codes[self.known], minlength=len(self.levels))


def read_category(
    series: pd.Series, name: str, source: str, levels: Sequence[str] | None = None
) -> Category:
    """Read a column as a category.

    Parameters
    ----------
    series
        The column, of any dtype.
    name, source
        What messages call the column and the table.
    levels
        The levels and their order; by default those that are there.

    Raises
    ------
    TableError
        If ``levels`` is given and a cell holds another.
    """
    missing = series.isna().to_numpy()
    cells = zip(series.astype(object).tolist(), missing, strict=True)
    texts = ["" if hole else level_text(cell) for cell, hole in cells]
    marks = {text for text in texts if text.casefold() in _UNKNOWN_MARKS}
    if "-" in texts and "+" not in texts:  # else it is a sign
        marks.add("-")
    found = set(texts) - marks - {""}
    ordered = tuple(sorted(found, key=_by_number)) if levels is None else tuple(levels)
    position = {level: code for code, level in enumerate(ordered)}
    strangers = sorted(found - set(position))
    if strangers:
        rows = [row for row, text in enumerate(texts) if text in strangers]
        raise TableError(
            f"{source}, {list_rows(rows)}, column {quoted(name)}: expected one of the levels "
            f"{list_names(ordered)}, found {list_names(strangers, 5)}."
            f"{perhaps_meant(strangers[0], ordered)}"
        )
    codes = np.array([position.get(text, -1) for text in texts], dtype=np.int64)
    return Category(ordered, codes, tuple(sorted(mark for mark in marks if mark != "nan")))


def level_text(cell: object) -> str:
    """Return how a cell's level is called: its text, ``"true"`` or ``"false"``, or its number."""
    if isinstance(cell, bool | np.bool_):
        return "true" if cell else "false"
    if isinstance(cell, str):
        stripped = cell.strip()
        return stripped.casefold() if stripped.casefold() in ("true", "false") else stripped
    if isinstance(cell, numbers.Real):
        value = float(cell)
        return str(int(value)) if value.is_integer() else repr(value)
    return str(cell)


def can_be_levels(series: pd.Series) -> bool:
    """Say whether a column's cells are texts, numbers, dates or true/false, not lists and such."""
    kinds = str | bool | np.bool_ | numbers.Real | datetime.date | datetime.time | pd.Period
    return all(isinstance(cell, kinds) for cell in series.dropna().astype(object))


def why_not(name: str, category: Category) -> str | None:
    """Say why a column that nobody named is no category, or None if it is one."""
    n_levels, n_known = len(category.levels), int(category.known.sum())
    words = set(re.split(r"[^a-z]+", name.casefold()))
    if words & _WORDS_OF_REFERENCES or name.casefold() == "name":
        return "by its name a reference or a note"
    if n_levels < 2:
        return "with a single different value" if n_levels else "without a known value"
    different = f"with {plural(n_levels, 'different value')}"
    if CELLS_PER_LEVEL * n_levels > n_known:
        return different + (
            f" in {plural(n_known, 'cell')}, too few of each for a category"
            if n_levels <= MOST_LEVELS
            else ""
        )
    if n_levels > MOST_LEVELS:
        return f"{different}, too many for a category (at most {MOST_LEVELS})"
    if np.sort(category.counts)[-2] < CELLS_PER_LEVEL:
        return f"{different}, of which all but one are too rare for a category"
    return None


def check_category(name: str, category: Category, n_levels_given: bool, source: str) -> None:
    """Refuse a category, asked for by name, about which nothing can be learned.

    Raises
    ------
    TableError
        If no or one level is known, or every known cell has a level of its own.
    """
    n_known = int(category.known.sum())
    n_seen = int(np.count_nonzero(category.counts))
    start = f"{source}, column {quoted(name)}: was named as a category, but "
    leave_out = f"leave the column out with {how_to_ignore(name)}"
    if n_known == 0:
        raise TableError(f"{start}no cell names a level; add some, or {leave_out}.")
    if n_seen == 1:
        level = category.levels[int(np.argmax(category.counts))]
        raise TableError(
            f"{start}all its known cells ({n_known}) say {quoted(level)}; expected at least two "
            f"different levels; {leave_out}."
        )
    if n_seen == n_known and not n_levels_given:
        raise TableError(
            f"{start}its {n_known} known cells are all different, so nothing can be learned "
            f"about any of its levels; {leave_out}."
        )


def describe_category(category: Category) -> str:
    """Tell levels, how often they are seen, and which texts were taken as unknown."""
    counts = category.counts
    shown = np.argsort(-counts, kind="stable")[:_SHOWN].tolist()
    levels = ", ".join(f"{category.levels[code]} ({counts[code]})" for code in shown)
    more = len(category.levels) - len(shown)
    told = f"{plural(len(category.levels), 'level')}: {levels}"
    if more:
        told += f" and {more} more"
    told += f"; known in {int(category.known.sum())} of {plural(len(category.codes), 'row')}"
    if category.marks:
        told += f"; {list_names(category.marks)} taken as not known"
    return told


def _by_number(text: str) -> tuple[float, str]:
    number = parse_number(text)
    return (np.inf if number is None or np.isnan(number) else number, text)
