"""What is wrong with a text in a numeric column, and what to write instead."""

from __future__ import annotations

import re
from enum import Enum

from hokan.table.limit_texts import parse_limit, split_limit
from hokan.table.numbers import DIGITS, NUMBER, parse_number
from hokan.table.units import is_unit

_UNKNOWN_MARKS = frozenset(
    (
        *("n/a", "na", "n.a.", "n.a", "<na>", "#n/a", "none", "null", "nil", "unknown", "missing"),
        *("tbd", "tba", "nd", "n.d.", "nd.", "n.r.", "not available", "not measured", "no data"),
        *("not reported", "-", "--", "---", "–", "—", "−", "?", "??", "...", "…", "*", ".", "/"),
        *("_", "x"),
    )
)
_APPROXIMATELY = r"(?:[~≈≃∼≅]|(?:ca|approx|circa|about|c)\.?(?=[\s0-9]))"
_LIMIT_OUT_OF_PLACE = "is a limit, where only a number can be used"


class TextKind(Enum):
    """What a cell's text is, seen from a numeric column."""

    NUMBER = "a number"
    ALMOST = "written as people write numbers, but not a number"
    UNKNOWN_MARK = "a mark for an unknown value"
    OTHER = "some other text"


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
    if parse_limit(stripped) is not None:
        return _LIMIT_OUT_OF_PLACE
    if explained := _explain_doubtful(stripped):
        return explained
    return "is not a number; write a number or leave the cell empty"


def explain_infinite(text: str) -> str:
    """Say what is wrong with a text that reads as an infinite number."""
    if any(character.isdigit() for character in text):
        return "is too large for a double-precision number (about 1.8e308); change the unit"
    return "is infinite; write a finite number or leave the cell empty"


def _explain_almost(text: str) -> str | None:
    """Explain a text that was surely meant as a number; ``{column}`` stands for its column."""
    if explained := _explain_limit(text):
        return explained
    if match := re.fullmatch(rf"{_APPROXIMATELY}\s*({NUMBER})", text, re.IGNORECASE):
        return (
            f"is not a number; write {match[1]}, and how uncertain it is "
            "in a column '{column}__error'"
        )
    if match := re.fullmatch(rf"([+-]?{DIGITS})\s?\(([0-9]+)\)", text):
        error = _error_of_last_digits(match[1], match[2])
        return f"holds its error; write {match[1]} here and {error} in a column '{{column}}__error'"
    if match := re.fullmatch(rf"({NUMBER})\s*(?:±|\+/-|\+-)\s*({NUMBER})", text):
        return (
            f"holds its error; write {match[1]} here and {match[2]} in a column '{{column}}__error'"
        )
    if explained := _explain_spelling(text):
        return explained
    if match := re.fullmatch(rf"({NUMBER})\s*%", text):
        return f"has a percent sign; write {match[1]} and put [%] in the column name"
    match = re.fullmatch(rf"({NUMBER})(\s*)(\S.*)", text)
    # "2H" and "1T" are polytypes, not henries and teslas.
    if match and is_unit(match[3]) and (match[2] or len(match[3]) > 1):
        return _explain_unit(match[1], match[3])
    return None


def _explain_limit(text: str) -> str | None:
    """Explain a limit: one that cannot be read, or one that is no use where it stands."""
    if parse_limit(text) is not None:
        # A range is no reason to take a column for numbers: labels look like that too.
        return _LIMIT_OUT_OF_PLACE if split_limit(text) else None
    split = split_limit(text)
    if split is None:
        return None
    sign, rest = split
    if (match := re.fullmatch(rf"({NUMBER})\s*(\S+)", rest)) and is_unit(match[2]):
        return (
            f"is a limit with a unit; write {sign} {match[1]} and put [{match[2]}] in the column "
            "name"
        )
    if explained := _explain_spelling(rest):
        return f"is a limit, and its number {explained}"
    return f"is a limit that cannot be read; write it like {sign} 3000, with a number only"


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
    if match := re.fullmatch(rf"[−–—]\s*({DIGITS}(?:[eE][+\-−]?[0-9]+)?)", text):
        return f"has a minus sign that is not a hyphen; write -{match[1]}"
    power = r"(?:\^|\*\*)?\s*\{?([+\-−]?[0-9]+)\}?"
    if match := re.fullmatch(rf"([+-]?{DIGITS})\s*[×x*·]\s*10\s*{power}", text):
        return f"is not a number; write {match[1]}e{match[2].replace('−', '-')}"
    if match := re.fullmatch(r"10(?:\^|\*\*)\{?([+\-−]?[0-9]+)\}?", text):
        return f"is not a number; write 1e{match[1].replace('−', '-')}"
    if match := re.fullmatch(rf"([+-]?{DIGITS})[dD]([+-]?[0-9]+)", text):
        return f"is not a number; write {match[1]}e{match[2]}"
    return None


def _explain_doubtful(text: str) -> str | None:
    """Explain a text that may be a number or may be a label, such as ``5*``, ``[12]`` or ``2H``."""
    if match := re.fullmatch(rf"({NUMBER})\s*(?:-|–|—|to|\.\.\.?|…)\s*{NUMBER}", text):
        return (
            "looks like a range, but can mean something else; write it as '3 to 5', the lower end "
            "first, or leave the cell empty"
        )
    if (match := re.fullmatch(rf"({NUMBER})(\S)", text)) and is_unit(match[2]):
        return _explain_unit(match[1], match[2])
    if match := re.fullmatch(rf"({NUMBER})\s*[*†‡§#?!]+", text):
        return f"has a mark; write {match[1]}"
    if match := re.fullmatch(rf"[(\[{{]\s*({NUMBER})\s*[)\]}}]", text):
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
