"""What to say about a formula that cannot be read."""

from __future__ import annotations

import re
import unicodedata

from hokan.descriptors.elements import ELEMENT_INDEX, ELEMENT_SYMBOLS
from hokan.errors import FormulaError

_WIDTH = 60  # longest stretch of a formula shown in a message

# Rarely meant: noble gases, and elements without a stable isotope except thorium and uranium.
_RARE = frozenset({"He", "Ne", "Ar", "Kr", "Xe", "Tc", "Pm", "D", "T"}) | (
    frozenset(ELEMENT_SYMBOLS[83:]) - frozenset({"Th", "U"})
)


def formula_error(text: str, position: int, problem: str) -> FormulaError:
    """Return the error for a formula, with the place where reading stopped.

    Parameters
    ----------
    text : str
        The formula as the user wrote it.
    position : int
        Index into `text`, counted from 0; told to the user counted from 1.
    problem : str
        What was expected, what was found, and what to do.
    """
    shown = "".join(
        character if character.isprintable() else " " if character.isspace() else "\ufffd"
        for character in text
    )
    column = position
    if len(shown) > _WIDTH:
        start = min(max(0, position - _WIDTH // 2), len(shown) - _WIDTH)
        end = start + _WIDTH
        before, after = "…" * (start > 0), "…" * (end < len(shown))
        shown = before + shown[start:end] + after
        column = position - start + len(before)
    return FormulaError(
        f"Cannot read the formula '{shown}' at character {position + 1}: {problem}\n"
        f"    {shown}\n"
        f"    {' ' * column}^"
    )


def name_character(character: str) -> str:
    """Name a character so that look-alikes can be told apart: 'О' (CYRILLIC CAPITAL LETTER O)."""
    if character.isascii() and character.isprintable():
        return f"'{character}'"
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    return f"'{character}' ({name})" if character.isprintable() else name


def suggest_case(text: str) -> str:
    """Return a sentence proposing the formula with its capitals mended, or an empty string.

    The letters are cut into element symbols without regard to case; among all ways to do so, the
    one with the fewest and least exotic symbols is proposed (``LIFEPO4`` gives ``LiFePO4``).
    """
    if len(text) > _WIDTH or not text.isascii():
        return ""
    mended = re.sub("[A-Za-z]+", lambda letters: _cut_into_symbols(letters[0]), text)
    # A run that cannot be cut comes back empty.
    if mended == text or sum(map(str.isalpha, mended)) != sum(map(str.isalpha, text)):
        return ""
    return f" Capitals matter: did you mean {mended}?"


def _cut_into_symbols(letters: str) -> str:
    """Cut a run of letters into element symbols at the lowest cost; empty if impossible."""
    best: list[tuple[int, str] | None] = [(0, "")]
    for end in range(1, len(letters) + 1):
        choices = []
        for length in (1, 2):
            symbol = letters[max(0, end - length) : end].capitalize()
            head = best[end - length] if end >= length else None
            if head is not None and symbol in ELEMENT_INDEX:
                choices.append((head[0] + (10 if symbol in _RARE else 1), head[1] + symbol))
        best.append(min(choices) if choices else None)
    last = best[-1]
    return "" if last is None else last[1]
