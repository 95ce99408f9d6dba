"""What a formula is made of: numbers, names, sums, products, powers and functions.

Sums and products hold all their parts side by side, so that a long sum is no deep tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

# Functions and the least and greatest number of their arguments (None: any).
FUNCTIONS: dict[str, tuple[int, int | None]] = {
    "sqrt": (1, 1),
    "exp": (1, 1),
    "log": (1, 1),
    "log10": (1, 1),
    "abs": (1, 1),
    "min": (2, None),
    "max": (2, None),
}


@dataclass(frozen=True)
class Number:
    """A number, finite and not negative: a minus sign before it is a :class:`Negative`."""

    value: float


@dataclass(frozen=True)
class Name:
    """A name that stands for a parent or for a constant to be fitted."""

    name: str


@dataclass(frozen=True)
class Negative:
    """Minus a part."""

    part: Node


@dataclass(frozen=True)
class Sum:
    """Two or more parts, each added (``"+"``) or subtracted (``"-"``); the first is added."""

    parts: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Product:
    """Two or more parts that multiply (``"*"``) or divide (``"/"``); the first multiplies."""

    parts: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Power:
    """A base to an exponent."""

    base: Node
    exponent: Node


@dataclass(frozen=True)
class Call:
    """A function of :data:`FUNCTIONS` and its arguments."""

    function: str
    arguments: tuple[Node, ...]


Node = Number | Name | Negative | Sum | Product | Power | Call


def parts_of(node: Node) -> tuple[Node, ...]:
    """Return the parts directly below a node, in the order they are written."""
    match node:
        case Negative(part):
            return (part,)
        case Sum(parts) | Product(parts):
            return tuple(part for _, part in parts)
        case Power(base, exponent):
            return (base, exponent)
        case Call(_, arguments):
            return arguments
        case Number() | Name():
            return ()


def names_in(node: Node) -> tuple[str, ...]:
    """Return every name once, in the order of first use."""
    return tuple(dict.fromkeys(_walk_names(node)))


def _walk_names(node: Node) -> Iterator[str]:
    if isinstance(node, Name):
        yield node.name
    for part in parts_of(node):
        yield from _walk_names(part)


def with_names(node: Node, renamed: dict[str, str]) -> Node:
    """Return the same expression with names replaced; names not in `renamed` stay."""
    match node:
        case Number():
            return node
        case Name(name):
            return Name(renamed.get(name, name))
        case Negative(part):
            return Negative(with_names(part, renamed))
        case Sum(parts):
            return Sum(tuple((sign, with_names(part, renamed)) for sign, part in parts))
        case Product(parts):
            return Product(tuple((sign, with_names(part, renamed)) for sign, part in parts))
        case Power(base, exponent):
            return Power(with_names(base, renamed), with_names(exponent, renamed))
        case Call(function, arguments):
            return Call(function, tuple(with_names(each, renamed) for each in arguments))
