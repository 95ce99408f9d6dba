"""Whether the units in a formula go together: like is added to like, exponents are numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from hokan.errors import GraphError
from hokan.graph.formula.expression import (
    Call,
    Name,
    Negative,
    Node,
    Power,
    Product,
    Sum,
    parts_of,
)
from hokan.graph.formula.formula import Formula
from hokan.graph.formula.open_units import OpenUnit, Unknowns
from hokan.graph.formula.power_law import fixed_number
from hokan.graph.formula.units import Unit, parse_unit
from hokan.graph.formula.writing import write, write_name

_PURE = OpenUnit()


def check_units(
    formula: Formula, units: Mapping[str, str | None], result_unit: str | None
) -> list[str]:
    """Check that a formula adds, compares and results in quantities of the right kind.

    Parts of a sum, and of ``min`` and ``max``, are quantities of one kind; exponents and what
    ``exp``, ``log`` and ``log10`` are taken of are pure numbers. A constant to be fitted has
    whatever unit makes this so, the same wherever it stands; a number written out has none, except
    that 0 is 0 in every unit.

    Parameters
    ----------
    formula : Formula
    units : mapping from names to units
        Of parents, and of constants where they are to have a unit. A name that is missing, has
        None, or a unit that is not understood is left open.
    result_unit : str or None
        Of the property the formula gives. None: left open.

    Returns
    -------
    list of str
        What could not be checked and what deserves a look, as sentences: units not known or not
        understood; quantities of one kind in different units (values are never converted, so the
        formula itself has to); temperatures in °C, whose ratios mean nothing.

    Raises
    ------
    GraphError
        If no units of the open names make the formula right: with the two parts that disagree and
        what they are.
    """
    checker = _Checker(formula, units)
    found = checker.part(formula.root)
    if result_unit is not None:
        checker.check_result(found, result_unit)
    return checker.notes


@dataclass(frozen=True)
class _Part:
    """What is known of a part of the formula.

    Attributes
    ----------
    text : str
    unit : OpenUnit
    magnitude : float or None
        Common logarithm of the size of its unit in base units, where it is a product of powers of
        columns and of nothing else.
    label : str
        Its unit as the table writes it, if it is a single column.
    """

    text: str
    unit: OpenUnit
    magnitude: float | None = None
    label: str = ""


class _Checker:
    def __init__(self, formula: Formula, units: Mapping[str, str | None]) -> None:
        self.formula = formula
        self.unknowns = Unknowns()
        self.notes: list[str] = []
        self._powers: dict[str, OpenUnit] = {}
        self.names = {
            name: self._named(name, units.get(name), is_constant=name in formula.constants)
            for name in (*formula.names, *formula.constants)
        }

    def _named(self, name: str, text: str | None, *, is_constant: bool) -> _Part:
        written = write_name(name)
        unit = self._read(name, text, is_silent=is_constant)
        if unit is None:
            return _Part(written, self.unknowns.new(written))
        magnitude = None if is_constant else math.log10(unit.size)
        return _Part(written, OpenUnit(unit.dimension), magnitude, unit.text)

    def _read(self, name: str, text: str | None, *, is_silent: bool = False) -> Unit | None:
        if text is None:
            if not is_silent:
                self._note(f"the unit of {name!r} is not known, so it is not checked")
            return None
        unit = parse_unit(text)
        if unit is None:
            self._note(f"the unit {text!r} of {name!r} is not understood, so it is not checked")
        elif unit.has_other_zero:
            self._note(
                f"{name!r} is in {text}, which does not start at absolute zero: products, ratios "
                "and powers need K"
            )
        return unit

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    def check_result(self, found: _Part, text: str) -> None:
        unit = self._read("the result", text)
        if unit is None:
            return
        if not self.unknowns.make_equal(found.unit, OpenUnit(unit.dimension)):
            raise self._error(
                f"it gives {self._words(found)}, and the property is "
                f"{unit.dimension.in_words()} ({text})"
            )
        magnitude = math.log10(unit.size)
        if found.magnitude is not None and not _same(found.magnitude, magnitude):
            ratio = 10.0 ** min(found.magnitude - magnitude, 300.0)
            self._note(
                f"the formula {self.formula} gives its result in units of {ratio:g} "
                f"{text}, and the property is in {text}: values are not converted, so the formula "
                "has to"
            )

    # --- every kind of expression --------------------------------------------------------------

    def part(self, node: Node) -> _Part:
        """Return what is known of a part, after checking what is below it."""
        text = write(node)
        number = fixed_number(node) if not isinstance(node, Name) else None
        if number is not None:
            # 0 is 0 in every unit; a factor of 1 leaves the size of units alone.
            unit = self.unknowns.new(text) if number == 0 else _PURE
            return _Part(text, unit, 0.0 if number == 1 else None)
        match node:
            case Name(name):
                return self.names[name]
            case Negative(inner):
                below = self.part(inner)
                return _Part(text, below.unit, below.magnitude)
            case Sum() | Call("min") | Call("max") | Call("abs"):
                return self._alike(text, [self.part(each) for each in parts_of(node)])
            case Product(parts):
                return self._product(text, [(sign, self.part(each)) for sign, each in parts])
            case Power(base, exponent):
                return self._power(text, base, exponent)
            case Call("sqrt", (inner,)):
                return _raised(text, self.part(inner), Fraction(1, 2))
            case Call(function, (inner,)):
                self._must_be_pure(self.part(inner), f"the argument of {function}")
        return _Part(text, _PURE)

    def _alike(self, text: str, parts: list[_Part]) -> _Part:
        first = parts[0]
        for other in parts[1:]:
            if not self.unknowns.make_equal(first.unit, other.unit):
                raise self._error(
                    f"{self._words(first, named=True)}, and {self._words(other, named=True)}"
                    f"{_hint(first, other)}"
                )
            if None not in (first.magnitude, other.magnitude) and not _same(
                first.magnitude, other.magnitude
            ):
                self._note(
                    f"{first.text} and {other.text} are of one kind in different units"
                    f"{_labels(first, other)}: values are not converted, so the formula has to"
                )
        # 0 says nothing about the unit it stands beside.
        telling = next((part for part in parts if part.magnitude is not None), first)
        return _Part(text, first.unit, telling.magnitude)

    def _product(self, text: str, parts: list[tuple[str, _Part]]) -> _Part:
        unit = _PURE
        magnitude: float | None = 0.0
        for sign, part in parts:
            power = 1 if sign == "*" else -1
            unit = unit.times(part.unit, Fraction(power))
            if magnitude is not None:
                magnitude = None if part.magnitude is None else magnitude + power * part.magnitude
        return _Part(text, unit, magnitude)

    def _power(self, text: str, base: Node, exponent: Node) -> _Part:
        below = self.part(base)
        number = fixed_number(exponent)
        if number is not None:
            return _raised(text, below, simple_fraction(number))
        self._must_be_pure(self.part(exponent), "an exponent")
        unit = self.unknowns.resolved(below.unit)
        if unit == _PURE:
            return _Part(text, _PURE)
        if not unit.unknown:
            self._note(f"the unit of {text} depends on its exponent, so it is not checked")
        return _Part(text, self._by_exponent(text))

    def _by_exponent(self, text: str) -> OpenUnit:
        """Return the unknown unit of a power, the same wherever this power stands."""
        if text not in self._powers:
            self._powers[text] = self.unknowns.new(text)
        return self._powers[text]

    # --- messages -----------------------------------------------------------------------------

    def _must_be_pure(self, part: _Part, what: str) -> None:
        if not self.unknowns.make_equal(part.unit, _PURE):
            raise self._error(
                f"{what} is a pure number, and {self._words(part, named=True)}; divide it by a "
                "constant, which is then fitted and takes its unit"
            )

    def _words(self, part: _Part, *, named: bool = False) -> str:
        unit = self.unknowns.resolved(part.unit)
        words = unit.in_words()
        if part.label:
            words += f" ({part.label})"
        elif not unit.unknown and not unit.known.is_none and words[:2] in ("a ", "an"):
            words += f" ({unit.known.in_base_units()})"
        return f"{part.text} is {words}" if named else words

    def _error(self, problem: str) -> GraphError:
        return GraphError(f"the units of the formula {self.formula} disagree: {problem}")


def simple_fraction(number: float) -> Fraction:
    """Return the fraction an exponent stands for: 2/3 for 0.667, 333/1000 for none of them.

    A number within 0.001 of a fraction with a denominator up to 12 is taken for it.
    """
    simple = Fraction(number).limit_denominator(12)
    if abs(simple - Fraction(number)) <= Fraction(1, 1000):
        return simple
    return Fraction(number).limit_denominator(1000)


def _raised(text: str, part: _Part, power: Fraction) -> _Part:
    magnitude = None if part.magnitude is None else part.magnitude * float(power)
    return _Part(text, _PURE.times(part.unit, power), magnitude)


def _same(one: float | None, two: float | None) -> bool:
    return one is not None and two is not None and abs(one - two) < 1e-6


def _labels(one: _Part, two: _Part) -> str:
    return f" ({one.label} and {two.label})" if one.label and two.label else ""


def _hint(*parts: _Part) -> str:
    if any(_is_number(part) for part in parts):
        return (
            "; a number has no unit: write a name in its place, a constant that is then fitted "
            "and has one"
        )
    return ""


def _is_number(part: _Part) -> bool:
    try:
        float(part.text)
    except ValueError:
        return False
    return True
