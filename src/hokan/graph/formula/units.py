"""Reading units as they stand in the names of columns: ``K``, ``kJ/mol``, ``W/(m K)``, ``Å^3``.

Units say what kind of quantity a number is, so that a formula can be checked; nothing is converted.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from hokan.graph.formula.dimensions import NONE, Dimension
from hokan.graph.formula.unit_words import size_of_word

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_TOKEN = re.compile(
    rf"""\s*(?:
        (?P<word>formula\ unit|(?:wt|at|mol)%|µ_B|[^\W\d_]+|[°Ω%]\w?)
        (?:\s*(?:\^|\*\*)\s*(?P<power>{_NUMBER}|\(\s*{_NUMBER}\s*(?:/\s*\d+\s*)?\))
          |(?P<attached>[+-]?\d+))?
        |(?P<scale>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)(?:\s*(?:\^|\*\*)\s*(?P<scale_power>[+-]?\d+))?
        |(?P<sign>[/·⋅×*.()])
    )""",
    re.VERBOSE,
)
# Words as written without a space below a line: W/mK is per metre and kelvin, not per millikelvin.
_JOINED_BELOW = {"mK": ("m", "K"), "molK": ("mol", "K"), "gK": ("g", "K"), "kgK": ("kg", "K")}


@dataclass(frozen=True)
class Unit:
    """A unit of measurement.

    Attributes
    ----------
    text : str
        As written.
    size : float
        In base units of the International System: 1e9 for GPa.
    dimension : Dimension
    has_other_zero : bool
        Whether its zero is not that of the quantity, as in °C, so that ratios mean nothing.
    """

    text: str
    size: float
    dimension: Dimension
    has_other_zero: bool = False


def parse_unit(text: str) -> Unit | None:
    """Read a unit.

    Parameters
    ----------
    text : str
        Words with powers (``m2``, ``m^2``, ``m²``, ``cm-3``, ``m^0.5``), multiplied by a space,
        ``·`` or ``*`` and divided by ``/`` or ``per``. All that follows a slash, up to the next
        one, is below the line, as it is meant in ``J/mol K`` and ``W/m K``.

    Returns
    -------
    Unit or None
        None if it is not understood, or has two meanings: ``A`` alone is an ampere or an ångström.
    """
    plain = re.sub(r"\bper\b", "/", text.replace("−", "-")).strip()
    plain = re.sub(
        r"(?<=\w)[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda found: f"^{found[0].translate(_RAISED)}", plain
    )
    if not plain or plain == "A":
        return None
    found = _Reader(plain).whole()
    if found is None:
        return None
    return Unit(text, *found, has_other_zero=plain in ("°C", "degC", "celsius", "Celsius"))


class _Reader:
    """Multiplies the words of one unit from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.depth = 0

    def whole(self) -> tuple[float, Dimension] | None:
        found = self._until_closed()
        return found if self.place == len(self.text) else None

    def _until_closed(self, *, below: bool = False) -> tuple[float, Dimension] | None:
        """Read up to the end or a closing parenthesis; None if something is not understood."""
        size, dimension, side, is_open = 1.0, NONE, 1, True
        while self.place < len(self.text):
            token = _TOKEN.match(self.text, self.place)
            if token is None:
                return None
            sign = token["sign"]
            if sign == ")":
                break
            self.place = token.end()
            if sign == "/":
                if is_open:
                    return None
                side, is_open = -1, True
                continue
            if sign not in (None, "("):
                continue
            is_below = below != (side < 0)
            part = self._in_parentheses(is_below) if sign else _one(token, is_below)
            if part is None:
                return None
            size *= part[0] ** side
            dimension = dimension * part[1] ** Fraction(side)
            is_open = False
        # A size beyond all measure is a text by mistake.
        return None if is_open or not 1e-150 < size < 1e150 else (size, dimension)

    def _in_parentheses(self, below: bool) -> tuple[float, Dimension] | None:
        self.depth += 1
        part = self._until_closed(below=below) if self.depth < 5 else None
        closing = _TOKEN.match(self.text, self.place)
        if part is None or closing is None or closing["sign"] != ")":
            return None
        self.place = closing.end()
        self.depth -= 1
        return part


def _one(token: re.Match[str], below: bool) -> tuple[float, Dimension] | None:
    """Return the size and kind of a word or number with its power."""
    if token["scale"]:
        scale, power = float(token["scale"]), int(token["scale_power"] or 1)
        return (scale**power, NONE) if scale and abs(math.log10(scale) * power) < 60 else None
    raised = _fraction(token["power"] or token["attached"] or "1")
    if raised is None or abs(raised) > 9:
        return None
    word = token["word"]
    # An A is an ångström where it is squared, cubed or below the line: A3, eV/A.
    if word == "A" and (below or raised != 1):
        word = "Å"
    size, dimension = 1.0, NONE
    for part in _JOINED_BELOW.get(word, (word,)) if below else (word,):
        found = size_of_word(part)
        if found is None:
            return None
        size *= found[0]
        dimension = dimension * found[1]
    return size ** float(raised), dimension**raised


def _fraction(text: str) -> Fraction | None:
    above, _, below = text.strip("()").replace(" ", "").partition("/")
    if below and int(below) == 0:
        return None
    return Fraction(above) / int(below or 1)
