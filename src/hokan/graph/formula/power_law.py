"""Formulas that are products of powers: on logarithmic scales they are linear, slopes known."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from hokan.graph.formula.evaluation import Program
from hokan.graph.formula.expression import Call, Name, Negative, Node, Number, Power, Product


@dataclass(frozen=True)
class PowerLaw:
    """A product of a number, constants to be fitted and powers of parents.

    ``log(value) = log(coefficient) + Σ power · log(constant) + Σ exponent · log(parent)``.

    Attributes
    ----------
    coefficient : float
        The number, positive.
    exponents : dict of str to float
        Of every parent the formula uses, in the order of first use.
    constant_powers : dict of str to float
        Of every constant. What they amount to is one unknown intercept on the logarithmic scale.
    """

    coefficient: float
    exponents: dict[str, float]
    constant_powers: dict[str, float]

    @property
    def prefactor(self) -> str | None:
        """The constant that can be solved for from the intercept: there is one if there is one.

        None if there is no constant, or if there are several, of which only their product counts.
        """
        names = [name for name, power in self.constant_powers.items() if power != 0]
        return names[0] if len(names) == 1 else None


def power_law(node: Node, parents: Collection[str], names: Collection[str]) -> PowerLaw | None:
    """Return an expression as a power law, or None if it is none.

    Parameters
    ----------
    node : Node
    parents : collection of str
        The names that stand for parents; of the others, constants are made.
    names : collection of str
        All names, in the order wanted.

    Returns
    -------
    PowerLaw or None
        Valid where all parents and constants are positive. None where the expression adds, where
        its number is not positive, and where an exponent is fitted (``c * a**n``): that is linear
        in logarithms too, but with a free slope, which is what a linear link is.
    """
    found = _factors(node)
    if found is None or not 0 < found[0] < math.inf:
        return None
    coefficient, powers = found
    return PowerLaw(
        coefficient,
        {name: powers[name] for name in names if name in parents},
        {name: powers[name] for name in names if name not in parents},
    )


def _factors(node: Node) -> tuple[float, dict[str, float]] | None:
    """Return number and powers whose product an expression is, or None if it is no product."""
    match node:
        case Name(name):
            return 1.0, {name: 1.0}
        case Number(value):
            return value, {}
        case Product(parts):
            return _product([(part, 1.0 if sign == "*" else -1.0) for sign, part in parts])
        case Call("sqrt", (part,)):
            return _product([(part, 0.5)])
        case Power(base, exponent):
            fixed = fixed_number(exponent)
            return None if fixed is None else _product([(base, fixed)])
        case Negative(part):
            inner = _factors(part)
            return None if inner is None else (-inner[0], inner[1])
        case _:
            number = fixed_number(node)
            return None if number is None else (number, {})


def _product(parts: list[tuple[Node, float]]) -> tuple[float, dict[str, float]] | None:
    """Multiply parts, each to its power."""
    coefficient, powers = 1.0, dict[str, float]()
    for part, power in parts:
        found = _factors(part)
        if found is None:
            return None
        number, of_part = found
        # A power that is no whole number is only defined for what is positive.
        if number == 0 or (number < 0 and not power.is_integer()):
            return None
        try:
            coefficient *= number**power
        except OverflowError:
            return None
        for name, exponent in of_part.items():
            powers[name] = powers.get(name, 0.0) + power * exponent
    return coefficient, powers


def fixed_number(node: Node) -> float | None:
    """Return the finite number an expression without names is worth, else None."""
    value = Program.of(node).number()
    return value if value is not None and math.isfinite(value) else None
