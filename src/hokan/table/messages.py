"""Small pieces of error messages: rows, quoted texts, names that were perhaps meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from hokan.errors import TableError

LISTED_AT_MOST = 5
"""How many offending rows or cells a message lists before it counts the rest."""


def list_rows(positions: Sequence[int]) -> str:
    """Name rows as the user counts them: position 0 is row 1, the first line after the header.

    Parameters
    ----------
    positions
        Row positions counted from zero, at least one.

    Returns
    -------
    str
        For example ``"row 3"`` or ``"rows 3, 4, 8, 9, 12 and 40 more"``.
    """
    numbers = [str(position + 1) for position in positions[:LISTED_AT_MOST]]
    more = len(positions) - len(numbers)
    if len(positions) == 1:
        return f"row {numbers[0]}"
    if more:
        return f"rows {', '.join(numbers)} and {more} more"
    return f"rows {', '.join(numbers[:-1])} and {numbers[-1]}"


def quoted(text: object, longest: int = 40) -> str:
    """Show a cell or a name between quotes, cut when it is long."""
    shown = str(text)
    if len(shown) > longest:
        shown = shown[: longest - 1] + "…"
    return repr(shown)


def list_names(names: Iterable[str], at_most: int = 20) -> str:
    """List quoted names, counting those beyond ``at_most``."""
    shown = [quoted(name) for name in names]
    more = len(shown) - at_most
    return ", ".join(shown[:at_most]) + (f" and {more} more" if more > 0 else "")


def plural(count: int, singular: str, plural_form: str | None = None) -> str:
    """Return the count with its noun, as in ``"1 cell"`` or ``"3 cells"``."""
    noun = singular if count == 1 else (plural_form or singular + "s")
    return f"{count} {noun}"


def perhaps_meant(name: str, names: Sequence[str]) -> str:
    """Return ``' Did you mean …?'`` with the names nearest to one that is not there, or ``''``."""
    by_folded = {known.casefold(): known for known in names}
    close = [
        by_folded[match]
        for match in get_close_matches(name.casefold(), list(by_folded), cutoff=0.6)
    ]
    return f" Did you mean {' or '.join(quoted(match) for match in close)}?" if close else ""


def require_column(source: str, name: str, names: Sequence[str], asked_as: str) -> None:
    """Refuse a column name that the table lacks, with the names perhaps meant.

    Raises
    ------
    TableError
        If ``name`` is not among ``names``.
    """
    if name in names:
        return
    raise TableError(
        f"{source}: there is no column {quoted(name)}, which was named as {asked_as}."
        f"{perhaps_meant(name, names)} "
        f"The columns are: {list_names(names)}."
    )


def how_to_ignore(name: str) -> str:
    """Say how a column is left out, on the command line and in Python."""
    return f"--ignore {name} (in Python: ignore=[{name!r}])"
