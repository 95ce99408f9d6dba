"""A formula's text cut into numbers, names and signs, and messages that point into it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from hokan.errors import GraphError

# The longest formula that is read. No law of physics comes near; a text by mistake does.
LARGEST_SIZE = 500

_SPACE = re.compile(r"\s*")
_NUMBER = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
BARE_NAME = re.compile(rf"[^\W\d{_SUPERSCRIPTS}][^\W{_SUPERSCRIPTS}]*")
_QUOTED = re.compile(r"`((?:[^`]|``)*)`|\"((?:[^\"]|\"\")*)\"|'((?:[^']|'')*)'")
_SIGNS = re.compile(r"\*\*|[-+*/^(),]|[−·⋅×]")
_SPELLED = {"^": "**", "−": "-", "·": "*", "⋅": "*", "×": "*"}
_WINDOW = 60


@dataclass(frozen=True)
class Token:
    """A piece of the text.

    Attributes
    ----------
    kind : {"number", "name", "sign", "end"}
    text : str
        Of a name what it stands for, without quotes; of a sign its plain spelling.
    start : int
        Place in the whole text.
    is_quoted : bool
        Whether a name stands in quotes, and so can be neither a function nor π.
    """

    kind: str
    text: str
    start: int
    is_quoted: bool = False


def tokens(text: str) -> list[Token]:
    """Cut a text into tokens; the last is of kind ``"end"``.

    Raises
    ------
    GraphError
        At a sign that has no place in a formula, a number beyond the range of numbers, or a text
        longer than any formula.
    """
    found: list[Token] = []
    place = _skip_space(text, 0)
    while place < len(text):
        if len(found) >= LARGEST_SIZE:
            raise error_at(
                text, place, f"is longer than {LARGEST_SIZE} numbers, names and signs: cut it"
            )
        token, end = _token_at(text, place)
        found.append(token)
        place = _skip_space(text, end)
    return [*found, Token("end", "", len(text))]


def _skip_space(text: str, place: int) -> int:
    space = _SPACE.match(text, place)
    return place if space is None else space.end()


def _token_at(text: str, place: int) -> tuple[Token, int]:
    if sign := _SIGNS.match(text, place):
        return Token("sign", _SPELLED.get(sign[0], sign[0]), place), sign.end()
    if number := _NUMBER.match(text, place):
        if not math.isfinite(float(number[0])):
            raise error_at(text, place, f"has a number too large to compute with, {number[0]}")
        if BARE_NAME.match(text, number.end()):
            raise error_at(
                text, number.end(), "has a name right after a number: write * between them"
            )
        return Token("number", number[0], place), number.end()
    if name := BARE_NAME.match(text, place):
        return Token("name", name[0], place), name.end()
    if quoted := _QUOTED.match(text, place):
        sign_used = text[place]
        name_meant = quoted[0][1:-1].replace(sign_used * 2, sign_used)
        if not name_meant:
            raise error_at(text, place, "has quotes with no name between them")
        return Token("name", name_meant, place, is_quoted=True), quoted.end()
    found = text[place]
    if found in "`\"'":
        raise error_at(text, place, f"has a {found} that is not closed by another")
    if found in _SUPERSCRIPTS:
        raise error_at(
            text, place, f"has a raised {found}: write powers with **, as in volume**(2/3)"
        )
    raise error_at(
        text,
        place,
        f"has a sign it cannot have, {found!r}; a name with other signs than letters, digits "
        "and _ is written in backquotes, `like this [K]`",
    )


def error_at(text: str, place: int, problem: str) -> GraphError:
    """Return an error with the line of the text and a caret under the place.

    Parameters
    ----------
    text : str
        The whole text.
    place : int
        Where in it, counted from 0; its length for the end.
    problem : str
        Continues "the formula …".
    """
    start = max(text.rfind("\n", 0, place) + 1, place - _WINDOW)
    newline = text.find("\n", place)
    end = min(len(text) if newline < 0 else newline, place + _WINDOW)
    line = "".join(sign if sign.isprintable() else " " for sign in text[start:end])
    return GraphError(f"the formula {problem}\n    {line}\n    {' ' * (place - start)}^")
