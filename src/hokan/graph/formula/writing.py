"""The one way of writing an expression that every other is brought to."""

from __future__ import annotations

from hokan.graph.formula.expression import (
    FUNCTIONS,
    Call,
    Name,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Sum,
)
from hokan.graph.formula.tokens import BARE_NAME

# How tightly each kind of expression holds together.
_SUM, _PRODUCT, _NEGATIVE, _POWER, _ATOM = range(5)


def write(node: Node) -> str:
    """Return a text that parses to this expression, with no parentheses but those it needs."""
    match node:
        case Number(value):
            return repr(value).removesuffix(".0")
        case Name(name):
            return write_name(name)
        case Negative(part):
            return f"-{_within(part, _NEGATIVE)}"
        case Sum(parts):
            return _joined([(f" {sign} ", _within(part, _PRODUCT)) for sign, part in parts])
        case Product(parts):
            return _joined([(f" {sign} ", _within(part, _NEGATIVE)) for sign, part in parts])
        case Power(base, exponent):
            return f"{_within(base, _ATOM)}**{_within(exponent, _NEGATIVE)}"
        case Call(function, arguments):
            return f"{function}({', '.join(map(write, arguments))})"


def write_name(name: str) -> str:
    """Write a name as it stands in a formula: in backquotes unless it is one plain word."""
    if BARE_NAME.fullmatch(name) and name not in FUNCTIONS and name not in ("pi", "π"):
        return name
    return "`" + name.replace("`", "``") + "`"


def _joined(parts: list[tuple[str, str]]) -> str:
    return parts[0][1] + "".join(sign + part for sign, part in parts[1:])


def _within(part: Node, loosest: int) -> str:
    text = write(part)
    return f"({text})" if _tightness(part) < loosest else text


def _tightness(node: Node) -> int:
    match node:
        case Sum():
            return _SUM
        case Product():
            return _PRODUCT
        case Negative():
            return _NEGATIVE
        case Power():
            return _POWER
        case _:
            return _ATOM
