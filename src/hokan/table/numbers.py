"""Texts that are numbers, and texts that should have been.

A cell of a numeric column holds a number as ``float`` reads it (``-1.5``, ``+3``, ``1e3``), or
nothing, or ``nan``. Everything else, ``12,5`` or ``> 3000`` or ``n/a``, is refused with a hint,
because any guess at it would be a guess at somebody's data.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from enum import Enum

import numpy as np

from hokan.table.units import is_unit

_DIGITS = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
_NUMBER = rf"[+-]?{_DIGITS}(?:[eE][+-]?[0-9]+)?"

_UNKNOWN_MARKS = frozenset(
    (
        *("n/a", "na", "n.a.", "n.a", "<na>", "#n/a", "none", "null", "nil", "unknown", "missing"),
        *("tbd", "tba", "nd", "n.d.", "nd.", "n.r.", "not available", "not measured", "no data"),
        *("not reported", "-", "--", "---", "–", "—", "−", "?", "??", "...", "…", "*", ".", "/"),
        *("_", "x"),
    )
)
_APPROXIMATELY = r"(?:[~≈≃∼≅]|(?:ca|approx|circa|about|c)\.?(?=[\s0-9]))"
_LIMIT = re.compile(
    rf"(?:[<>≤≥≪≫]=?|=[<>]|(?:less|more|greater) than|below|above|up to|at least|at most)"
    rf"\s*{_NUMBER}(?:\s*\S{{1,10}})?",
    re.IGNORECASE,
)


class TextKind(Enum):
    """What a cell's text is, seen from a numeric column."""

    NUMBER = "a number"
    ALMOST = "written as people write numbers, but not a number"
    UNKNOWN_MARK = "a mark for an unknown value"
    OTHER = "some other text"


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


def text_kind(text: str) -> TextKind:
    """Say what a cell's text is: a number, almost one, a mark for unknown, or something else."""
    if parse_number(text) is not None:
        return TextKind.NUMBER
    stripped = text.strip()
    if stripped.casefold() in _UNKNOWN_MARKS:
        return TextKind.UNKNOWN_MARK
    return TextKind.ALMOST if _explain_almost(stripped) else TextKind.OTHER


def explain_text(text: str, column: str) -> str:
    """Say what is wrong with a text in a numeric column, and what to write instead.

    Parameters
    ----------
    text
        A cell's text that :func:`parse_number` does not take.
    column
        Name of the cell's column, for advice on where else a piece of information belongs.

    Returns
    -------
    str
        The end of a sentence that begins with the text.
    """
    stripped = text.strip()
    if stripped.casefold() in _UNKNOWN_MARKS:
        return "is not a number; where the value is unknown, leave the cell empty"
    if re.fullmatch(r"#[A-Z0-9/]+[!?]?", stripped):
        return "is an error of the spreadsheet; correct its formula or leave the cell empty"
    if explained := _explain_almost(stripped):
        return explained.replace("{column}", column)
    if explained := _explain_doubtful(stripped, column):
        return explained
    return "is not a number; write a number or leave the cell empty"


def explain_infinite(text: str) -> str:
    """Say what is wrong with a text that reads as an infinite number."""
    if any(character.isdigit() for character in text):
        return "is too large for a double-precision number (about 1.8e308); change the unit"
    return "is infinite; write a finite number or leave the cell empty"


def _explain_almost(text: str) -> str | None:
    """Explain a text that was surely meant as a number; ``{column}`` stands for its column."""
    if _LIMIT.fullmatch(text):
        return (
            "is a limit, and limits are not supported yet; leave the cell empty, and keep the "
            "limit in another column if you need it"
        )
    if match := re.fullmatch(rf"{_APPROXIMATELY}\s*({_NUMBER})", text, re.IGNORECASE):
        return (
            f"is not a number; write {match[1]}, and how uncertain it is "
            "in a column '{column}__error'"
        )
    if match := re.fullmatch(rf"([+-]?{_DIGITS})\s?\(([0-9]+)\)", text):
        error = _error_of_last_digits(match[1], match[2])
        return f"holds its error; write {match[1]} here and {error} in a column '{{column}}__error'"
    if match := re.fullmatch(rf"({_NUMBER})\s*(?:±|\+/-|\+-)\s*({_NUMBER})", text):
        return (
            f"holds its error; write {match[1]} here and {match[2]} in a column '{{column}}__error'"
        )
    if explained := _explain_spelling(text):
        return explained
    if match := re.fullmatch(rf"({_NUMBER})\s*%", text):
        return f"has a percent sign; write {match[1]} and put [%] in the column name"
    match = re.fullmatch(rf"({_NUMBER})(\s*)(\S.*)", text)
    # "2H" and "1T" are polytypes, not henries and teslas.
    if match and is_unit(match[3]) and (match[2] or len(match[3]) > 1):
        return _explain_unit(match[1], match[3])
    return None


def _explain_spelling(text: str) -> str | None:
    """Explain commas, separators, signs and powers."""
    if match := re.fullmatch(r"([+-]?[0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]+)?", text):
        plain = text.replace(",", "")
        if text.count(",") == 1 and not match[2]:
            decimal = text.replace(",", ".")
            return f"has a comma; write {plain} if it parts thousands, {decimal} if it is decimal"
        return f"has commas between thousands; write {plain}"
    if re.fullmatch(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+", text):
        plain = text.replace(".", "").replace(",", ".")
        return f"has a decimal comma; use a point: write {plain}"
    if re.fullmatch(r"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]+)?", text):
        return f"has a decimal comma; use a point: write {text.replace(',', '.')}"
    separator = "[ '’\u00a0\u2009\u202f]"
    if re.fullmatch(rf"[+-]?[0-9]{{1,3}}(?:{separator}[0-9]{{3}})+(?:\.[0-9]+)?", text):
        return f"has a separator between thousands; write {re.sub(separator, '', text)}"
    if match := re.fullmatch(rf"[−–—]\s*({_DIGITS}(?:[eE][+\-−]?[0-9]+)?)", text):
        return f"has a minus sign that is not a hyphen; write -{match[1]}"
    power = r"(?:\^|\*\*)?\s*\{?([+\-−]?[0-9]+)\}?"
    if match := re.fullmatch(rf"([+-]?{_DIGITS})\s*[×x*·]\s*10\s*{power}", text):
        return f"is not a number; write {match[1]}e{match[2].replace('−', '-')}"
    if match := re.fullmatch(r"10(?:\^|\*\*)\{?([+\-−]?[0-9]+)\}?", text):
        return f"is not a number; write 1e{match[1].replace('−', '-')}"
    if match := re.fullmatch(rf"([+-]?{_DIGITS})[dD]([+-]?[0-9]+)", text):
        return f"is not a number; write {match[1]}e{match[2]}"
    return None


def _explain_doubtful(text: str, column: str) -> str | None:
    """Explain a text that may be a number or may be a label, such as ``5*``, ``[12]`` or ``2H``."""
    if match := re.fullmatch(rf"({_NUMBER})\s*(?:-|–|—|to|\.\.\.?|…)\s*{_NUMBER}", text):
        return (
            "is a range; write one number, for example the middle, with an error in a column "
            f"'{column}__error', or leave the cell empty"
        )
    if (match := re.fullmatch(rf"({_NUMBER})(\S)", text)) and is_unit(match[2]):
        return _explain_unit(match[1], match[2])
    if match := re.fullmatch(rf"({_NUMBER})\s*[*†‡§#?!]+", text):
        return f"has a mark; write {match[1]}"
    if match := re.fullmatch(rf"[(\[{{]\s*({_NUMBER})\s*[)\]}}]", text):
        return f"has brackets; write {match[1]}"
    if re.fullmatch(r"[+-]?[0-9]{1,3}(?:_[0-9]{3})+(?:\.[0-9]+)?", text):
        return f"has a separator between thousands; write {text.replace('_', '')}"
    return None


def _explain_unit(number: str, unit: str) -> str:
    return f"has a unit; write {number} and put [{unit}] in the column name"


def _error_of_last_digits(number: str, digits: str) -> str:
    """Scale the error of ``1.2(3)``, which counts in units of the last digit, to ``0.3``."""
    decimals = len(number.partition(".")[2])
    return f"{int(digits) * 10.0**-decimals:.{decimals}f}"
