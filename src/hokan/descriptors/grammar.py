"""The grammar of formulas.

After ``notation.py`` has brought a formula to one spelling, and ``charges.py`` has taken off its
end, it is::

    mixture := part (JOIN part)*                               CuSO4·5H2O
    part    := [amount] unit+                                  5H2O
    unit    := (symbol | bracket) [charge] [amount] [charge]   Ca, (OH)2, Fe^{3+}2
    bracket := "(" mixture ")" | "[" mixture "]" | "{" mixture "}"
    amount  := 2 | 0.5 | 1/2

What a full stop means is decided in one place, :meth:`FormulaReader._amount`.
"""

from __future__ import annotations

import re

from hokan.descriptors.charges import end_of_charges, without_state_and_final_charge
from hokan.descriptors.elements import ELEMENT_INDEX, ELEMENT_SYMBOLS
from hokan.descriptors.formula_errors import formula_error, name_character, suggest_case
from hokan.descriptors.notation import JOIN, normalise
from hokan.errors import FormulaError

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_MAX_DEPTH = 50
_VARIABLES = "xyzuvwnmkpqαβγδεσ"

_SYMBOL = re.compile(r"[A-Z][a-z]?")
_MULTIPLIER = re.compile(r"(?P<over>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:/(?P<under>[0-9]+))?")
_AMOUNT = re.compile(r"(?P<whole>[0-9]*)(?P<dots>(?:\.[0-9]+)*)(?:/(?P<under>[0-9]+))?")
_BELOW_ONE = re.compile(r"(?<![0-9.])0+\.[0-9]")
_SOLVENT = r"(?:H2O|OH2|D2O|HDO|NH3|ND3)"
_ONLY_SOLVENT = re.compile(
    rf"\s*(?:{_SOLVENT}|\({_SOLVENT}\)|\[{_SOLVENT}\])\s*(?:$|[{JOIN}.)\]}}])"
)


class FormulaReader:
    """Recursive descent over one formula; ``_at`` is the index of the next character."""

    def __init__(self, text: str) -> None:
        self._notation = normalise(text)
        self._characters = without_state_and_final_charge(self._notation).rstrip()
        self._at = 0

    def read(self) -> dict[str, float]:
        """Return the amount of each element, zeros included; FormulaError if that cannot be."""
        amounts = self._mixture(depth=0)
        if self._peek():
            raise self._unexpected()
        return amounts

    def _mixture(self, depth: int) -> dict[str, float]:
        total = self._part(depth)
        while self._peek() in (JOIN, "."):
            self._at += 1
            _add(total, self._part(depth), 1.0)
        return total

    def _part(self, depth: int) -> dict[str, float]:
        self._skip_spaces()
        multiplier = 1.0
        if match := _MULTIPLIER.match(self._characters, self._at):
            multiplier = self._number(match["over"], match["under"], match.end())
            self._skip_spaces()
        start = self._at
        total: dict[str, float] = {}
        while (character := self._peek()) and (character in _CLOSING or "A" <= character <= "Z"):
            symbol = None
            if character in _CLOSING:
                unit = self._bracket(depth)
            else:
                symbol = self._symbol()
                unit = {symbol: 1.0}
            self._skip_charges(after_element=symbol is not None)
            _add(total, unit, self._amount(symbol))
            self._skip_charges(after_element=symbol is not None)
            self._skip_spaces()
        if self._at == start:
            raise self._unexpected()
        return {symbol: amount * multiplier for symbol, amount in total.items()}

    def _bracket(self, depth: int) -> dict[str, float]:
        opened = self._at
        opening = self._characters[opened]
        if depth >= _MAX_DEPTH:
            raise self._error(f"brackets are nested deeper than {_MAX_DEPTH}.")
        self._at += 1
        amounts = self._mixture(depth + 1)
        found = self._peek()
        if found != _CLOSING[opening]:
            if found and found not in ")]}":
                raise self._unexpected()
            place = self._notation.positions[opened] + 1
            raise self._error(
                f"expected '{_CLOSING[opening]}' to close the '{opening}' at character {place}, "
                f"but {f'found {found!r}' if found else 'the formula ends'}."
            )
        self._at += 1
        return amounts

    def _symbol(self) -> str:
        match = _SYMBOL.match(self._characters, self._at)
        symbol = match[0] if match else ""
        if symbol not in ELEMENT_INDEX:
            if symbol[0] in ELEMENT_INDEX and symbol[1:] in _VARIABLES:
                self._at += 1
                raise self._unexpected()
            raise self._error(
                f"'{symbol}' is not an element.{suggest_case(self._notation.text)} Placeholders "
                "and names of groups (Me, Ln, X, Et) must be replaced by elements."
            )
        self._at += len(symbol)
        return ELEMENT_SYMBOLS[ELEMENT_INDEX[symbol]]  # hydrogen for D and T

    def _skip_charges(self, after_element: bool) -> None:
        self._at = end_of_charges(self._characters, self._at, after_element)
        if self._peek() == "^":
            raise self._error("expected a charge after '^', such as ^2- or ^{3+}.")

    def _amount(self, symbol: str | None) -> float:
        """Read the number after an element (`symbol`) or a bracket (None); 1 if there is none."""
        match = _AMOUNT.match(self._characters, self._at)
        if match is None or not (match["whole"] or match["dots"]):
            return 1.0
        whole, under = match["whole"], match["under"]
        _, *fractions = match["dots"].split(".")
        if not fractions:
            return self._number(whole, under, match.end())
        if len(fractions) > 2:
            raise self._error(f"'{match[0]}' is not a number. Write '{JOIN}' between formulas.")
        # 4.0.5H2O and 4.1/2H2O leave no choice; nor do 0.95 and 3.05.
        joins = len(fractions) == 2 or under is not None
        below_one = bool(whole) and not whole.strip("0")
        if not joins and not below_one and not fractions[0].startswith("0"):
            joins = _ONLY_SOLVENT.match(self._characters, match.end()) is not None
            if not joins and symbol is not None:
                self._refuse_if_ambiguous(symbol, f"{whole}.{fractions[0]}", match)
        if joins:
            return self._number(whole or "1", None, match.start("dots"))
        return self._number(f"{whole}.{fractions[0]}", None, match.end())

    def _refuse_if_ambiguous(self, symbol: str, decimal: str, match: re.Match[str]) -> None:
        """Refuse Al2O3.2SiO2, but not Li1.1(Ni0.8Li0.1)O2."""
        rest = self._characters[match.end() :].split(JOIN)[0]
        repeated = any(
            ELEMENT_INDEX.get(other) == ELEMENT_INDEX[symbol] for other in _SYMBOL.findall(rest)
        )
        if repeated and not _BELOW_ONE.search(self._characters):
            raise self._error(
                f"the '.' may be a decimal point ({symbol}{decimal}) or join two formulas. Write "
                f"'{JOIN}' or '*' to join them; for the decimal write ({symbol}){decimal}.",
                match.start("dots"),
            )

    def _number(self, over: str, under: str | None, end: int) -> float:
        divisor = float(under) if under else 1.0
        if divisor == 0.0:
            raise self._error(f"'{over}/{under}' divides by zero.")
        self._at = end
        return float(over) / divisor

    def _peek(self) -> str:
        return self._characters[self._at : self._at + 1]

    def _skip_spaces(self) -> None:
        while self._peek() == " ":
            self._at += 1

    def _error(self, problem: str, at: int | None = None) -> FormulaError:
        position = self._notation.positions[self._at if at is None else at]
        return formula_error(self._notation.text, position, problem)

    def _unexpected(self) -> FormulaError:
        """Say what stands here instead of an element or bracket, and what to do about it."""
        found = self._peek()
        after = self._characters[self._at + 1 : self._at + 2]
        if not found:
            return self._error("expected an element or a bracket, but the formula ends.")
        if self._at == 0 and after == "-":
            return self._error(
                f"leave out the label '{found}-'. Polymorphs have rows of their own, and may be "
                "named in another column."
            )
        if found in _VARIABLES and not after.islower():
            return self._variable(found)
        if found in "+-" and after and after in _VARIABLES:
            number = re.search(r"[0-9.]*$", self._characters[: self._at])
            return self._variable((number[0] if number else "") + found + after)
        if found in "+-":
            return self._error(
                f"'{found}' can only be a charge at the end. Write '{JOIN}' between formulas that "
                "belong together, a charge elsewhere as ^2+, and a difference as one number."
            )
        if found.isascii() and found.isalpha():
            return self._error(
                f"expected an element, which starts with a capital letter, but found '{found}'."
                f"{suggest_case(self._notation.text)}"
            )
        if found.isdigit() and self._characters[: self._at].endswith(" "):
            return self._error(
                "a space stands before the number, so it is unclear what it counts. Write it "
                f"directly after its element (O2), or '{JOIN}' before a new formula ({JOIN}2H2O)."
            )
        if found in ")]}":
            return self._error(f"'{found}' closes no bracket, or one with nothing in it.")
        if found == ",":
            return self._error(
                "',' is not understood. Write decimals with a point, and mixed sites with their "
                "amounts: (Mg0.5Fe0.5)SiO3."
            )
        return self._error(f"expected an element or a bracket, but found {name_character(found)}.")

    def _variable(self, name: str) -> FormulaError:
        return self._error(f"'{name}' is a variable amount. Write the formula with numbers.")


def _add(total: dict[str, float], amounts: dict[str, float], factor: float) -> None:
    for symbol, amount in amounts.items():
        total[symbol] = total.get(symbol, 0.0) + factor * amount
