"""Chemical formulas as people write them, read into amounts of elements."""

from __future__ import annotations

import math
import reprlib

import numpy as np

from hokan.descriptors.elements import ELEMENT_SYMBOLS
from hokan.descriptors.formula_errors import formula_error
from hokan.descriptors.grammar import FormulaReader
from hokan.descriptors.plain_formula import read_plain
from hokan.errors import FormulaError

_LONGEST = 1000  # characters; longer than any formula


def parse_formula(text: str) -> dict[str, float]:
    """Read a chemical formula.

    Brackets ``() [] {}`` nest; amounts may be decimals (``Fe0.95O``) or fractions (``1/2``); a
    multiplier may lead (``2H2O``). Subscripts in Unicode, HTML or LaTeX are understood, D and T
    are hydrogen, and elements of zero amount are left out.

    Charges (``Na+``, ``SO4^2-``, ``SO4-2``, ``[Fe(CN)6]4-``, ``NH4(+)``, ``Fe³⁺``), oxidation
    states (``Fe(III)``) and the states ``(s)``, ``(l)``, ``(g)``, ``(aq)``, ``(cr)`` are dropped,
    as they do not change the composition. A digit before a final sign is a charge after a lone
    element (``Fe3+`` is one iron) and after brackets around all (``[Fe(CN)6]4-``), else an amount
    (``NO3-`` has three oxygens). Two digits (``SO42-``) are refused: write ``SO4^2-``.

    The signs ``·``, ``⋅``, ``•`` and ``*`` join formulas: ``CuSO4·5H2O``. So does a full stop,
    except where digits follow it directly, when it may be a decimal point:

    1. an amount below one (``Fe0.95O``) and a fraction that starts with 0 (``O3.05``) are decimals;
    2. the full stop joins if the rest of that part is n water or ammonia: ``CuSO4.5H2O`` is
       CuSO4·5H2O; of two full stops the first joins: ``CaSO4.0.5H2O`` is CaSO4·0.5H2O;
    3. else it is a decimal point (``Li1.2Mn0.54O2``, ``LiFe.5Mn.5PO4``);
    4. but where the element that would have the decimal amount comes again in the same part and
       no amount is below one (``Al2O3.2SiO2``), both readings are plausible, and the formula is
       refused: write ``Al2O3·2SiO2``.

    Parameters
    ----------
    text : str
        The formula.

    Returns
    -------
    dict of str to float
        Amount of each element per formula unit, as written (not reduced, not normalised), in
        order of first appearance; every amount is positive.

    Raises
    ------
    FormulaError
        If the text is not a formula; the message shows where and says what to do. Also for
        variables (``La1-xSrxMnO3``), for an element that does not exist, when all amounts are zero,
        and for anything that is not text.
    """
    if not isinstance(text, str):
        raise FormulaError(
            f"Expected a formula as text, such as 'LiFePO4', but found {_describe(text)}."
        )
    plain = read_plain(text)
    if plain is None:
        return parse_carefully(text)
    amounts: dict[str, float] = {}
    for element, amount in zip(*plain, strict=True):
        symbol = ELEMENT_SYMBOLS[element]
        amounts[symbol] = amounts.get(symbol, 0.0) + amount
    return amounts


def parse_carefully(text: str) -> dict[str, float]:
    """Read any formula by the full grammar: :func:`parse_formula` without its quick way."""
    if not text.strip():
        raise FormulaError("Expected a formula, such as 'LiFePO4', but found an empty text.")
    if len(text) > _LONGEST:
        raise FormulaError(
            f"Expected a formula, such as 'LiFePO4', but found a text of {len(text)} characters, "
            f"which begins {text[:30]!r}."
        )
    amounts = FormulaReader(text).read()
    total = sum(amounts.values())
    if not math.isfinite(total):
        raise formula_error(text, 0, "an amount is too large. Check the digits.")
    if total == 0.0:
        raise formula_error(text, 0, "every amount is zero. Give at least one positive amount.")
    return {symbol: amount for symbol, amount in amounts.items() if amount > 0.0}


def _describe(value: object) -> str:
    missing = value is None or type(value).__name__ in ("NAType", "NaTType")
    if missing or (isinstance(value, float | np.floating) and np.isnan(value)):
        return "a missing value"
    return f"{reprlib.repr(value)} ({type(value).__name__})"
