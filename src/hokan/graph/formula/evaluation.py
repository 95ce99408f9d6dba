"""Values and derivatives of an expression, over many rows at once.

An expression is laid out once as a list of steps, each an operation on earlier ones; equal parts
become one step, and parts made of numbers alone become a number. Derivatives come from one pass
back over the steps (reverse-mode differentiation: Griewank & Walther, Evaluating Derivatives,
2nd ed., SIAM 2008, ch. 3), so that they cost a few times the value, however many names there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hokan.graph.formula.expression import (
    Call,
    Name,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Sum,
)

FloatArray = NDArray[np.float64]
# Of NumPy arrays; results are arrays too, or plain numbers where they are the same in every row.
_Operation = Callable[..., Any]


def _power(base: FloatArray, exponent: FloatArray) -> FloatArray:
    # NumPy has NaN**0 = 1 and 1**NaN = 1; here a hole stays a hole.
    hole = np.isnan(base) | np.isnan(exponent)
    return np.where(hole, np.nan, np.power(base, exponent))


def _power_by_base(base: FloatArray, exponent: FloatArray, power: FloatArray) -> FloatArray:
    return np.where(exponent == 0, 0.0, exponent * np.power(base, exponent - 1))


def _power_by_exponent(base: FloatArray, exponent: FloatArray, power: FloatArray) -> FloatArray:
    return np.where((base == 0) & (exponent > 0), 0.0, power * np.log(base))


# The value of an operation, and its derivative by each operand as a function of the operands and
# the value. Where two arguments of min or max are equal, the first one counts.
_OPERATIONS: dict[str, tuple[_Operation, tuple[_Operation, ...]]] = {
    "+": (np.add, (lambda a, b, v: 1.0, lambda a, b, v: 1.0)),
    "-": (np.subtract, (lambda a, b, v: 1.0, lambda a, b, v: -1.0)),
    "*": (np.multiply, (lambda a, b, v: b, lambda a, b, v: a)),
    "/": (np.divide, (lambda a, b, v: 1 / b, lambda a, b, v: -v / b)),
    "**": (_power, (_power_by_base, _power_by_exponent)),
    "min": (np.minimum, (lambda a, b, v: 1.0 * (a <= b), lambda a, b, v: 1.0 * (a > b))),
    "max": (np.maximum, (lambda a, b, v: 1.0 * (a >= b), lambda a, b, v: 1.0 * (a < b))),
    "negative": (np.negative, (lambda a, v: -1.0,)),
    "sqrt": (np.sqrt, (lambda a, v: 0.5 / v,)),
    "exp": (np.exp, (lambda a, v: v,)),
    "log": (np.log, (lambda a, v: 1 / a,)),
    "log10": (np.log10, (lambda a, v: 1 / (a * np.log(10)),)),
    "abs": (np.abs, (lambda a, v: np.sign(a),)),
}


@dataclass(frozen=True)
class _Step:
    """A number, a name, or an operation on earlier steps."""

    operation: str
    operands: tuple[int, ...] = ()
    number: float = np.nan
    name: str = ""


@dataclass
class Program:
    """An expression laid out as steps, each after those it needs.

    Attributes
    ----------
    steps : list of step
    root : int
        The step that is the value of the whole.
    """

    steps: list[_Step] = field(default_factory=list)
    root: int = 0
    _known: dict[_Step | Node, int] = field(default_factory=dict)

    @classmethod
    def of(cls, node: Node) -> Program:
        """Lay out an expression."""
        program = cls()
        program.root = program._lay(node)
        return program

    def _lay(self, node: Node) -> int:
        if node not in self._known:
            self._known[node] = self._lay_new(node)
        return self._known[node]

    def _lay_new(self, node: Node) -> int:
        match node:
            case Number(value):
                return self._number(value)
            case Name(name):
                return self._add(_Step("name", name=name))
            case Negative(part):
                return self._apply("negative", self._lay(part))
            case Power(base, exponent):
                return self._apply("**", self._lay(base), self._lay(exponent))
            case Sum(parts) | Product(parts):
                result = self._lay(parts[0][1])
                for sign, part in parts[1:]:
                    result = self._apply(sign, result, self._lay(part))
                return result
            case Call(function, arguments):
                result = self._lay(arguments[0])
                if len(arguments) == 1:
                    return self._apply(function, result)
                for argument in arguments[1:]:
                    result = self._apply(function, result, self._lay(argument))
                return result

    def _number(self, value: float) -> int:
        # NaN is no key: it differs from itself. It only comes from numbers outside a domain.
        step = _Step("number", number=value)
        return self._append(step) if np.isnan(value) else self._add(step)

    def _apply(self, operation: str, *operands: int) -> int:
        below = [self.steps[each] for each in operands]
        if all(each.operation == "number" for each in below):
            with np.errstate(all="ignore"):
                value, _ = _OPERATIONS[operation]
                return self._number(float(value(*(np.float64(each.number) for each in below))))
        return self._add(_Step(operation, operands))

    def _add(self, step: _Step) -> int:
        if step not in self._known:
            self._known[step] = self._append(step)
        return self._known[step]

    def _append(self, step: _Step) -> int:
        self.steps.append(step)
        return len(self.steps) - 1

    # --- running it ---------------------------------------------------------------------------

    def number(self) -> float | None:
        """Return what an expression without names is worth; None for one with names."""
        root = self.steps[self.root]
        return root.number if root.operation == "number" else None

    def value(self, inputs: Mapping[str, ArrayLike]) -> FloatArray:
        """Return the value in the common shape of the inputs; NaN where it is not finite."""
        with np.errstate(all="ignore"):
            value = self._forward(_arrays(inputs))[self.root]
        return _finite(value, _shape(inputs))

    def value_and_derivatives(
        self, inputs: Mapping[str, ArrayLike]
    ) -> tuple[FloatArray, dict[str, FloatArray]]:
        """Return the value and its derivative by each input, row by row.

        All in the common shape of the inputs, NaN where not finite or where the value is not.
        """
        shape = _shape(inputs)
        with np.errstate(all="ignore"):
            values = self._forward(_arrays(inputs))
            slopes = self._backward(values)
        value = _finite(values[self.root], shape)
        defined = np.isfinite(value)
        derivatives = {name: np.where(defined, 0.0, np.nan) for name in inputs}
        for step, slope in zip(self.steps, slopes, strict=True):
            if step.operation == "name" and slope is not None:
                derivatives[step.name] = np.where(defined, _finite(slope, shape), np.nan)
        return value, derivatives

    def _forward(self, inputs: Mapping[str, FloatArray]) -> list[FloatArray]:
        values: list[FloatArray] = []
        for step in self.steps:
            if step.operation == "number":
                values.append(np.asarray(step.number))
            elif step.operation == "name":
                values.append(inputs[step.name])
            else:
                value, _ = _OPERATIONS[step.operation]
                values.append(value(*(values[each] for each in step.operands)))
        return values

    def _backward(self, values: list[FloatArray]) -> list[FloatArray | None]:
        """Return the derivative of the root by every step; None where it does not depend on it."""
        slopes: list[FloatArray | None] = [None] * len(self.steps)
        slopes[self.root] = np.asarray(1.0)
        for position in range(len(self.steps) - 1, -1, -1):
            step, slope = self.steps[position], slopes[position]
            if slope is None or not step.operands:
                continue
            _, partials = _OPERATIONS[step.operation]
            operands = [values[each] for each in step.operands]
            for below, partial in zip(step.operands, partials, strict=True):
                if self.steps[below].operation == "number":
                    continue
                before = slopes[below]
                part = slope * partial(*operands, values[position])
                slopes[below] = part if before is None else before + part
        return slopes


def _arrays(inputs: Mapping[str, ArrayLike]) -> dict[str, FloatArray]:
    return {name: np.asarray(given, dtype=np.float64) for name, given in inputs.items()}


def _shape(inputs: Mapping[str, ArrayLike]) -> tuple[int, ...]:
    return np.broadcast_shapes(*(np.shape(given) for given in inputs.values()))


def _finite(values: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    return np.where(np.isfinite(values), np.broadcast_to(values, shape), np.nan)
