"""The many ways to type a formula, brought to one.

Subscripts (Unicode, HTML, LaTeX), superscripts, full-width characters, the various dots, dashes and
spaces become plain ASCII and one middle dot, so that the grammar in ``formula.py`` has to know one
spelling of each. Every character remembers where it stood, for error messages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hokan.descriptors.formula_errors import formula_error

JOIN = "·"

_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_PLAIN = (
    dict.fromkeys("·⋅•∙・･‧*", JOIN)
    | dict.fromkeys("−–—‐‑‒﹣", "-")
    | dict.fromkeys("⁄∕", "/")
    # zero-width space, joiners, word joiner, byte-order mark, soft hyphen, LaTeX's $
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad$", "")
)
_VULGAR_FRACTIONS = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4"}

_TOKEN = re.compile(
    r"(?P<open_sub>(?i:<sub>))|(?P<close_sub>(?i:</sub>))|(?P<open_sup>(?i:<sup>))|(?P<close_sup>(?i:</sup>))"
    r"|_\{(?P<braced>[0-9./]*)\}|_(?P<below>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<dot>\\cdot)"
    r"|(?P<above>[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+)"
    r"|(?P<one>.)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Notation:
    """A formula in one spelling.

    Attributes
    ----------
    text : str
        The formula as the user wrote it.
    characters : str
        The formula in ASCII and middle dots; charges written above the line are ``^{2-}``.
    positions : tuple of int
        For each of `characters`, and for their end, the index into `text` it comes from.
    """

    text: str
    characters: str
    positions: tuple[int, ...]


class _Writer:
    """Collects characters and minds where a subscript meets a number of full size."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.characters: list[str] = []
        self.positions: list[int] = []
        self.below: list[bool] = []

    def write(self, characters: str, position: int, below: bool = False) -> None:
        for character in characters:
            if character in "0123456789":
                self._mind_levels(position, below)
            self.characters.append(character)
            self.positions.append(position)
            self.below.append(below)

    def _mind_levels(self, position: int, below: bool) -> None:
        """Refuse SO₄5H₂O (was a dot lost?), and see that the dot of SO₄.5H₂O joins."""
        dot = self.characters[-1:] == ["."]
        previous = -2 if dot else -1
        if len(self.characters) < -previous or not self.characters[previous].isdigit():
            return
        if self.below[previous] == below:
            return
        if dot and self.below[previous]:
            self.characters[-1] = JOIN
            return
        raise formula_error(
            self.text,
            position,
            "a subscript and a number of full size stand side by side, so it is unclear what the "
            "second one counts. Write '·' between joined formulas (CuSO₄·5H₂O).",
        )


def normalise(text: str) -> Notation:
    """Bring a formula to one spelling.

    Raises
    ------
    FormulaError
        If a subscript directly meets a number of full size, or a digit a fraction such as ½.
    """
    writer = _Writer(text)
    in_subscript = False
    for token in _TOKEN.finditer(text):
        position = token.start()
        match token.lastgroup:
            case "open_sub" | "close_sub":
                in_subscript = token.lastgroup == "open_sub"
            case "open_sup":
                writer.write("^{", position)
            case "close_sup":
                writer.write("}", position)
            case "braced" | "below":
                start = token.start(token.lastgroup)
                for offset, character in enumerate(token[token.lastgroup]):
                    writer.write(character, start + offset, below=True)
            case "dot":
                writer.write(JOIN, position)
            case "above":
                writer.write("^{", position)
                for offset, character in enumerate(token[0].translate(_SUPERSCRIPTS)):
                    # Digits above the line never continue a number on the line.
                    writer.write(character, position + offset)
                writer.write("}", token.end() - 1)
            case _:
                _write_one(writer, token[0], position, in_subscript)
    return Notation(text, "".join(writer.characters), (*writer.positions, len(text)))


def _write_one(writer: _Writer, character: str, position: int, in_subscript: bool) -> None:
    if "！" <= character <= "～":  # full-width forms of ASCII
        character = chr(ord(character) - 0xFEE0)
    if character in _SUBSCRIPTS:
        writer.write(_SUBSCRIPTS[character], position, below=True)
    elif character in _VULGAR_FRACTIONS:
        if writer.characters and writer.characters[-1].isdigit():
            raise formula_error(
                writer.text, position, f"'{character}' follows a digit. Write a decimal: 1.5."
            )
        writer.write(_VULGAR_FRACTIONS[character], position, in_subscript)
    elif character.isspace():
        writer.write(" ", position)
    else:
        writer.write(_PLAIN.get(character, character), position, in_subscript)
