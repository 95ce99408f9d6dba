"""Charges, oxidation states and states of matter: found in formulas, and passed over.

None of them changes the composition. The one difficulty is a digit before a final sign, which may
be a charge (Fe3+) or an amount (NO3-); the rules are in the docstring of ``parse_formula``.
"""

from __future__ import annotations

import re

from hokan.descriptors.formula_errors import formula_error
from hokan.descriptors.notation import Notation

_SIGNED = r"(?:[+-][0-9]+|[0-9]*\.?[0-9]*(?:\++|-+))"
_CHARGE = re.compile(
    rf"\s*(?:\^(?:\{{\s*{_SIGNED}\s*\}}|\(\s*{_SIGNED}\s*\)|{_SIGNED})|\(\s*{_SIGNED}\s*\))"
)
# Fe(III): an oxidation state unless an amount follows, which makes it iodine or vanadium.
_OXIDATION_STATE = re.compile(r"\((?:I{1,3}|IV|VI{0,3})\)(?![0-9.])")
_STATE = re.compile(r"\s*\((?:s|l|g|aq|cr)\)\s*$")
_FINAL_SIGN = re.compile(r"\s*(?P<signs>\++|-+)(?P<after>[0-9]{0,2})$")
_FINAL_DIGITS = re.compile(r"(?P<space>\s*)(?P<digits>[0-9]+)$")
_LONE_ELEMENT = re.compile(r"\s*[A-Z][a-z]?")


def end_of_charges(characters: str, start: int, after_element: bool) -> int:
    """Return the index where the unmistakable charges that begin at `start` end.

    These are ``^2-``, ``^{3+}``, ``(+)`` and, after an element, oxidation states such as ``(III)``.
    """
    while True:
        match = _CHARGE.match(characters, start)
        if match is None and after_element:
            match = _OXIDATION_STATE.match(characters, start)
        if match is None:
            return start
        start = match.end()


def without_state_and_final_charge(notation: Notation) -> str:
    """Return the characters of a formula up to its state ``(aq)`` and its final charge ``2-``.

    Raises
    ------
    FormulaError
        If two or more digits stand before a final sign (``SO42-``).
    """
    body = _STATE.sub("", notation.characters.rstrip())
    sign = _FINAL_SIGN.search(body)
    # After '^' the charge is unmistakable, and end_of_charges knows it.
    if sign is None or sign.start() == 0 or re.search(r"\^[0-9.]*$", body[: sign.start()]):
        return body
    before_sign = body[: sign.start()]
    final = _FINAL_DIGITS.search(before_sign)
    if final is None or sign["after"] or len(sign["signs"]) > 1:
        return before_sign
    before_digits = before_sign[: final.start()]
    if final["space"] or _is_one_bracket(before_digits):
        return before_digits
    if before_digits.endswith((".", "/")):
        return before_sign
    if len(final["digits"]) > 1:
        digits, signs = final["digits"], sign["signs"]
        amount, charge = before_digits + digits[:-1], digits[-1] + signs
        raise formula_error(
            notation.text,
            notation.positions[final.start("digits")],
            f"the charge cannot be told from the amount in '{digits}{signs}'. Write "
            f"{amount}^{charge} or {before_digits}{digits}^{signs}, or leave the charge out.",
        )
    return before_digits if _LONE_ELEMENT.fullmatch(before_digits) else before_sign


def _is_one_bracket(text: str) -> bool:
    """Tell whether one pair of brackets encloses all of the text, as in [Fe(CN)6]."""
    text = text.strip()
    depth = 0
    for position, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0:
            return position > 0 and position == len(text) - 1
    return False
