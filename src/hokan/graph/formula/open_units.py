"""Units that are not known yet, and what formulas say about them.

The unit of a fitted constant follows from the rest of its formula. What is asked of units are
equalities of products of powers, which are linear in the exponents, so that an unknown is solved
for as soon as one is found and put in wherever it stands (dimension inference: A. J. Kennedy,
Programming Languages and Dimensions, thesis, Cambridge 1996; with fractions for exponents).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from hokan.graph.formula.dimensions import NONE, Dimension

# What the unit is of, as it is written, and a number that keeps apart what is written alike.
Unknown = tuple[str, int]


@dataclass(frozen=True)
class OpenUnit:
    """A known dimension times powers of unknown ones.

    Attributes
    ----------
    known : Dimension
    unknown : dict
        Powers of the unknowns, none of them 0.
    """

    known: Dimension = NONE
    unknown: dict[Unknown, Fraction] = field(default_factory=dict)

    def times(self, other: OpenUnit, power: Fraction) -> OpenUnit:
        """Return this unit times another to a power."""
        unknown = dict(self.unknown)
        for name, exponent in other.unknown.items():
            unknown[name] = unknown.get(name, Fraction(0)) + exponent * power
        return OpenUnit(
            self.known * other.known**power,
            {name: exponent for name, exponent in unknown.items() if exponent},
        )

    def in_words(self) -> str:
        """Return it for people: ``"a temperature times the unit of c"``."""
        factors = [
            f"the unit of {what}" + (f" to the power {power}" if power != 1 else "")
            for (what, _), power in self.unknown.items()
        ]
        if not self.known.is_none or not factors:
            factors.insert(0, self.known.in_words())
        return " times ".join(factors)


class Unknowns:
    """The unknown dimensions of one formula, solved for one after the other."""

    def __init__(self) -> None:
        self._solved: dict[Unknown, OpenUnit] = {}
        self._count = 0

    def new(self, what: str) -> OpenUnit:
        """Return an unknown unit.

        Parameters
        ----------
        what : str
            What it is the unit of, for messages.
        """
        self._count += 1
        return OpenUnit(NONE, {(what, self._count): Fraction(1)})

    def resolved(self, unit: OpenUnit) -> OpenUnit:
        """Return a unit with all that has been found out put in."""
        result = OpenUnit(unit.known)
        for name, power in unit.unknown.items():
            solution = self._solved.get(name)
            found = OpenUnit(NONE, {name: Fraction(1)}) if solution is None else solution
            result = result.times(found, power)
        return result

    def make_equal(self, one: OpenUnit, two: OpenUnit) -> bool:
        """Solve for an unknown that makes two units equal; False if there is none."""
        rest = self.resolved(one.times(two, Fraction(-1)))
        if not rest.unknown:
            return rest.known.is_none
        # Of rest = known · name**power · others = 1, the unit of the name.
        name, power = next(iter(rest.unknown.items()))
        others = {other: exponent for other, exponent in rest.unknown.items() if other != name}
        self._solved[name] = OpenUnit().times(OpenUnit(rest.known, others), -1 / power)
        self._solved = {solved: self.resolved(unit) for solved, unit in self._solved.items()}
        return True
