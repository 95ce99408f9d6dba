"""The quick way through formulas that leave no doubt: ``LiFePO4``, ``Fe0.95O``, ``Ca(OH)2``.

Nearly all formulas in a large table are of this kind. Everything else goes to the careful parser in
``formula.py``, and where both can read a formula they agree.
"""

from __future__ import annotations

import re

from hokan.descriptors.elements import ELEMENT_INDEX

_NUMBER = r"[0-9]{1,15}(?:\.[0-9]{1,15})?"
_ELEMENT = rf"[A-Z][a-z]?(?:{_NUMBER})?"
# A bracket without a number is left out: (III) is an oxidation state.
_is_plain = re.compile(rf"(?:{_ELEMENT}|\((?:{_ELEMENT})+\){_NUMBER})+").fullmatch
_symbols_and_amounts = re.compile(r"([A-Z][a-z]?|[()])([0-9.]*)").findall
_HYDROGEN = ELEMENT_INDEX["H"]


def read_plain(text: str) -> tuple[list[int], list[float]] | None:
    """Read a formula of elements, positive amounts, and round brackets that do not nest.

    Returns
    -------
    tuple of two lists, or None
        Index of each element (in ``ELEMENT_SYMBOLS``) and its amount, in the order written; an
        element written twice appears twice. None if the formula needs the careful parser: other
        notation, an unknown symbol, a zero, or a dot that may join two formulas.
    """
    if _is_plain(text) is None:
        return None
    elements: list[int] = []
    amounts: list[float] = []
    opened = 0
    for symbol, number in _symbols_and_amounts(text):
        amount = float(number) if number else 1.0
        if symbol in ELEMENT_INDEX:
            elements.append(ELEMENT_INDEX[symbol])
            amounts.append(amount)
        elif symbol == "(":
            opened = len(amounts)
        elif symbol == ")":
            amounts[opened:] = [inner * amount for inner in amounts[opened:]]
        else:
            return None
    if 0.0 in amounts:
        return None
    # A dot can only join when hydrogen (water, ammonia) or a repeated element follows it.
    if "." in text and (_HYDROGEN in elements or len(set(elements)) < len(elements)):
        return None
    return elements, amounts
