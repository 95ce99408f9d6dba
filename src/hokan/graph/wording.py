"""Words for messages about graphs: quotes as in a graph file, and near words."""

from __future__ import annotations

import difflib
from collections.abc import Collection


def did_you_mean(word: object, known: Collection[str]) -> str:
    """Return ``' (did you mean "…"?)'`` for the known words nearest to one not known, or ``''``.

    Parameters
    ----------
    word : object
        What was found; anything but a text has no near word.
    known : collection of str
        What it could have been.
    """
    near = near_words(word, known)
    return f" (did you mean {' or '.join(map(quoted, near))}?)" if near else ""


def near_words(word: object, known: Collection[str], *, cutoff: float = 0.6) -> list[str]:
    """Return up to two known words near to one not known, the nearest first.

    Parameters
    ----------
    word : object
        What was found; anything but a text has no near word.
    known : collection of str
        What it could have been.
    cutoff : float
        How alike, from 0 to 1 (the same), two words must be, capitals aside.
    """
    if not isinstance(word, str):
        return []
    by_folded: dict[str, str] = {}
    for candidate in known:
        by_folded.setdefault(candidate.casefold(), candidate)
    near = difflib.get_close_matches(word.casefold(), list(by_folded), n=2, cutoff=cutoff)
    return [by_folded[match] for match in near]


def quoted(value: object) -> str:
    """Write a text in double quotes, as in a graph file; other values as Python does."""
    return f'"{value}"' if isinstance(value, str) else repr(value)
