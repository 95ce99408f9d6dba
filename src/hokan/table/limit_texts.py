"""Texts that are limits: ``> 3000``, ``at most 5``, ``3 to 5``.

A limit says on which side of a number a value lies, a range between which two. Only what can mean
nothing else is read: a number of its own, without unit, and of ranges those that cannot be a
difference, a date or a number with a lost sign.
"""

from __future__ import annotations

import math
import re

from hokan.table.numbers import DIGITS, NUMBER

Limit = tuple[float, float]
"""Lower and upper limit, nan where there is none."""

_LOWER = r"[>≥≫]=?|=>|(?:more|greater) than|above|at least"
_UPPER = r"[<≤≪]=?|=<|less than|below|up to|at most"
_ONE_SIDED = re.compile(rf"(?:(?P<lower>{_LOWER})|(?P<upper>{_UPPER}))\s*(?P<rest>.+)", re.I)
_SURELY_A_LIMIT = re.compile(rf"{NUMBER}(?:\s*\S{{1,10}})?")
_WITH_WORD = re.compile(rf"({NUMBER})\s+to\s+({NUMBER})", re.IGNORECASE)
# Beside a dash, a sign or an exponent would leave open what belongs to what.
_WITH_DASH = re.compile(rf"({DIGITS})(\s*[-–—]\s*)({DIGITS})")
_LEADING_ZERO = re.compile(r"0[0-9]")


def parse_limit(text: str) -> Limit | None:
    """Read a cell's text as a limit or a range.

    Parameters
    ----------
    text
        A cell's text; white space around it does not count.

    Returns
    -------
    tuple of two floats, or None
        Lower and upper limit, nan where there is none; infinite where a number is too large for a
        double. None for what is no limit, or may be something else.

    Examples
    --------
    >>> parse_limit("> 3000")
    (3000.0, nan)
    >>> parse_limit("3 – 5")
    (3.0, 5.0)
    >>> parse_limit("5-3") is None
    True
    """
    stripped = text.strip()
    if split := split_limit(stripped):
        sign, number = split
        if not re.fullmatch(NUMBER, number):
            return None
        return (float(number), math.nan) if sign == ">" else (math.nan, float(number))
    if match := _WITH_WORD.fullmatch(stripped):
        lower, upper = float(match[1]), float(match[2])
    elif match := _WITH_DASH.fullmatch(stripped):
        lower, upper = float(match[1]), float(match[3])
        if _LEADING_ZERO.match(match[1]) or _LEADING_ZERO.match(match[3]):
            return None  # 12-05 is rather a day of a month
        if match[2] == "-" and _decimals(match[1]) != _decimals(match[3]):
            return None  # 0.123-101 is how Fortran writes 0.123e-101
    else:
        return None
    return (lower, upper) if lower < upper else None


def split_limit(text: str) -> tuple[str, str] | None:
    """Split what begins like a limit and goes on with a number, perhaps with something behind it.

    Returns
    -------
    tuple of two str, or None
        ``">"`` or ``"<"``, and the rest of the text.
    """
    match = _ONE_SIDED.fullmatch(text.strip())
    if match is None or not _SURELY_A_LIMIT.fullmatch(match["rest"]):
        return None
    return (">" if match["lower"] else "<"), match["rest"]


def _decimals(number: str) -> int:
    return len(number.partition(".")[2])


def format_limit(lower: float, upper: float) -> str:
    """Write limits as a text that :func:`parse_limit` reads as the same to the last bit.

    Raises
    ------
    ValueError
        If neither is given.
    """
    if math.isnan(lower) and math.isnan(upper):
        raise ValueError("expected a lower or an upper limit, found neither")
    if math.isnan(upper):
        return f">= {float(lower)!r}"
    if math.isnan(lower):
        return f"<= {float(upper)!r}"
    return f"{float(lower)!r} to {float(upper)!r}"
