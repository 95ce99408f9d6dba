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

# The kinds of numbers, as error messages call them.
_FULL_SIZE, _SUBSCRIPT, _FRACTION = "a number of full size", "a subscript", "a fraction"

_TOKEN = re.compile(
    r"(?P<open_sub>(?i:<sub>))|(?P<close_sub>(?i:</sub>))"
    r"|(?P<open_sup>(?i:<sup>))|(?P<close_sup>(?i:</sup>))"
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
    """Collects characters and minds where numbers of two kinds meet."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.characters: list[str] = []
        self.positions: list[int] = []
        self.kinds: list[str] = []

    def write(self, characters: str, position: int, kind: str = _FULL_SIZE) -> None:
        for character in characters:
            if character in "0123456789":
                self._mind_kinds(position, kind)
            self.characters.append(character)
            self.positions.append(position)
            self.kinds.append(kind)

    def _mind_kinds(self, position: int, kind: str) -> None:
        """Refuse SO₄5H₂O (was a dot lost?), and let the dots of SO₄.5H₂O and SO4.½H2O join."""
        dot = self.characters[-1:] == ["."]
        before = self.characters[:-1] if dot else self.characters
        if not before or not before[-1].isdigit() or self.kinds[len(before) - 1] == kind:
            return
        if dot and (kind == _FRACTION or self.kinds[len(before) - 1] == _SUBSCRIPT):
            self.characters[-1] = JOIN
            return
        raise formula_error(
            self.text,
            position,
            f"{kind} stands right beside {self.kinds[len(before) - 1]}, so it is unclear what it "
            "counts. Write '·' between joined formulas (CuSO₄·5H₂O), and 1.5 for 1½.",
        )


def normalise(text: str) -> Notation:
    """Bring a formula to one spelling.

    Raises
    ------
    FormulaError
        If a subscript, a number of full size or a fraction such as ½ directly meet.
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
                    writer.write(character, start + offset, _SUBSCRIPT)
            case "dot":
                writer.write(JOIN, position)
            case "above":
                writer.write("^{", position)
                for offset, character in enumerate(token[0].translate(_SUPERSCRIPTS)):
                    # Digits above the line never continue a number on the line.
                    writer.write(character, position + offset)
                writer.write("}", token.end() - 1)
            case _:
                kind = _SUBSCRIPT if in_subscript else _FULL_SIZE
                _write_one(writer, token[0], position, kind)
    return Notation(text, "".join(writer.characters), (*writer.positions, len(text)))


def _write_one(writer: _Writer, character: str, position: int, kind: str) -> None:
    if "！" <= character <= "～":  # full-width forms of ASCII
        character = chr(ord(character) - 0xFEE0)
    if character in _SUBSCRIPTS:
        writer.write(_SUBSCRIPTS[character], position, _SUBSCRIPT)
    elif character in _VULGAR_FRACTIONS:
        writer.write(_VULGAR_FRACTIONS[character], position, _FRACTION)
    elif character.isspace():
        writer.write(" ", position)
    else:
        writer.write(_PLAIN.get(character, character), position, kind)
