"""Columns named after another, as ``P__error`` after ``P``: errors, limits, what fills add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from hokan.errors import TableError
from hokan.table.cells import read_cells
from hokan.table.limits import LOWER_SUFFIX, UPPER_SUFFIX
from hokan.table.messages import quoted
from hokan.table.roles import (
    ERROR_SUFFIX,
    FILL_SUFFIXES,
    LIMIT_SUFFIX,
    PROBABILITY_SUFFIX,
    STD_SUFFIX,
    ZERO_SUFFIX,
    Decision,
    Role,
)

_OF_A_FILL = {
    ZERO_SUFFIX: "probability to be exactly at the floor",
    LIMIT_SUFFIX: "limits, as they were written,",
}


def base_of(name: str, names: Sequence[str]) -> str | None:
    """Return the column of the table that ``name`` is named after, as in ``P__error``."""
    for suffix in (ERROR_SUFFIX, *FILL_SUFFIXES):
        base = name.removesuffix(suffix)
        if base != name and base in names:
            return base
    # A level may be called like the suffix, and so may a part of the column's own name.
    end = name.find(PROBABILITY_SUFFIX)
    while end >= 0:
        ending = name[end + len(PROBABILITY_SUFFIX) :]
        if name[:end] in names and (not ending or ending.startswith("_")):
            return name[:end]
        end = name.find(PROBABILITY_SUFFIX, end + 1)
    return None


def decide_companion(
    series: Mapping[str, pd.Series],
    name: str,
    base: str,
    decided: Mapping[str, Decision],
    source: str,
) -> Decision | None:
    """Decide a column named after another.

    Parameters
    ----------
    series
        All columns.
    name, base
        The column, and the one it is named after.
    decided
        The columns decided so far, ``base`` among them.
    source
        Name of the table for messages.

    Returns
    -------
    Decision or None
        None where the name means nothing, or what the user said of the column stands.

    Raises
    ------
    TableError
        If the user wants it read as something it cannot be.
    """
    explicit = decided.get(name)
    base_role = decided[base].role
    if name.endswith(ERROR_SUFFIX):
        if explicit is not None:
            return None
        if base_role == "property":
            cells = read_cells(series[name], name, as_numbers=True)
            return Decision("measurement error", f"measurement error of {quoted(base)}", cells)
        return _left_alone(base, base_role, "measurement error of", "property")
    ending = name.removeprefix(base)
    of_category = ending.startswith(PROBABILITY_SUFFIX)
    if of_category and base_role == "property":
        return None
    if base_role == ("category" if of_category else "property"):
        is_limit = ending in (LOWER_SUFFIX, UPPER_SUFFIX) and base + STD_SUFFIX not in series
        if explicit is not None and explicit.role != "ignored":
            kept = "probabilities" if of_category else "error bars or limits"
            raise TableError(
                f"{source}: the name {quoted(name)} is kept for the {kept} of {quoted(base)}, "
                f"so it cannot be read as a {explicit.role}; rename the column."
            )
        if is_limit and explicit is not None:
            return None
        if is_limit:
            side = "lower" if ending == LOWER_SUFFIX else "upper"
            cells = read_cells(series[name], name, as_numbers=True)
            return Decision("limit", f"{side} limit of {quoted(base)}", cells)
        if ending == LIMIT_SUFFIX:
            return Decision(
                "ignored",
                f"limits of {quoted(base)} as they were written before an earlier fill; kept",
            )
        what = "probabilities" if of_category else _OF_A_FILL.get(ending, "error bars")
        return Decision(
            "ignored",
            f"{what} of {quoted(base)} from an earlier fill; replaced when it is filled again",
        )
    if explicit is not None:
        return None
    if of_category:
        return _left_alone(base, base_role, "probabilities of", "category")
    what = _OF_A_FILL.get(ending, "error bars")
    return _left_alone(base, base_role, f"{what} of", "property")


def _left_alone(base: str, base_role: Role, what: str, role: str) -> Decision:
    return Decision(
        "ignored" if base_role == "ignored" else "carried",
        f"{what} {quoted(base)}, which is not read as a {role}",
    )
