"""Texts that are numbers.

A cell of a numeric column holds a number as ``float`` reads it (``-1.5``, ``+3``, ``1e3``), or
nothing, or ``nan``. A property may also hold a limit (:mod:`hokan.table.limit_texts`). Everything
else, ``12,5`` or ``n/a``, is refused with a hint (:mod:`hokan.table.hints`), because any guess at
it would be a guess at somebody's data.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

DIGITS = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
"""Pattern of a number without sign and exponent."""
NUMBER = rf"[+-]?{DIGITS}(?:[eE][+-]?[0-9]+)?"
"""Pattern of a finite number as ``float`` reads it."""


def parse_number(text: str) -> float | None:
    """Read one cell's text.

    Parameters
    ----------
    text
        A cell's text; white space around it does not count.

    Returns
    -------
    float or None
        The nearest double to the number written, ``nan`` for an empty cell or ``nan``, an infinity
        for ``inf`` and for what is too large for a double, None for what is no number.
    """
    stripped = text.strip()
    if not stripped:
        return math.nan
    # float would also take "1_000" and digits of other scripts.
    if "_" in stripped or not stripped.isascii():
        return None
    try:
        return float(stripped)
    except ValueError:
        return None


def parse_numbers(texts: Sequence[str]) -> np.ndarray | None:
    """Read a whole column of texts at once.

    Parameters
    ----------
    texts
        The cells' texts, of length n.

    Returns
    -------
    np.ndarray of shape (n,) or None
        What :func:`parse_number` gives for each, or None as soon as one is no number.
    """
    joined = "".join(texts)
    if "_" not in joined and joined.isascii():
        try:
            return np.array([float(text) if text else math.nan for text in texts], dtype=np.float64)
        except ValueError:
            pass  # perhaps only a cell of blanks
    values = np.empty(len(texts))
    for row, text in enumerate(texts):
        value = parse_number(text)
        if value is None:
            return None
        values[row] = value
    return values
