"""What each parameter of the estimator may be, in a form that can be told to people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np

from hokan.errors import HokanError


@dataclass(frozen=True)
class Constraint:
    """A condition on a parameter.

    Attributes
    ----------
    expected : str
        The condition in words, to follow "must be".
    holds : callable
        Whether a value meets it.
    """

    expected: str
    holds: Callable[[object], bool]

    def or_none(self) -> Constraint:
        """Return the same condition with None allowed too."""
        return Constraint(
            f"{self.expected}, or None", lambda value: value is None or self.holds(value)
        )


def instance_of(kind: type, expected: str) -> Constraint:
    """Require an object of a class."""
    return Constraint(expected, lambda value: isinstance(value, kind))


def one_of(*choices: str) -> Constraint:
    """Require one of some texts."""
    listed = ", ".join(repr(choice) for choice in choices[:-1])
    return Constraint(
        f"{listed} or {choices[-1]!r}",
        lambda value: isinstance(value, str) and value in choices,
    )


def whole_number(at_least: int) -> Constraint:
    """Require a whole number."""
    return Constraint(
        f"a whole number, {at_least} or more",
        lambda value: _is_number(value, Integral) and value >= at_least,  # type: ignore[operator]
    )


PROBABILITY = Constraint(
    "a number between 0 and 1, as 0.9",
    lambda value: _is_number(value, Real) and 0.0 < value < 1.0,  # type: ignore[operator]
)
TRUTH = Constraint("True or False", lambda value: isinstance(value, bool | np.bool_))
NAMES = Constraint(
    "a list of column names",
    lambda value: (
        isinstance(value, str)
        or (
            isinstance(value, Iterable)
            and not isinstance(value, Mapping)
            and iter(value) is not value  # an iterator would be empty at the second fit
            and all(isinstance(name, str) for name in value)
        )
    ),
)
NAMES_OR_LEVELS = Constraint(
    "a list of column names, or a dict from these to lists of levels",
    lambda value: (
        NAMES.holds(list(value)) and all(NAMES.holds(levels) for levels in value.values())
        if isinstance(value, Mapping)
        else NAMES.holds(value)
    ),
)
CALLABLE = Constraint("a function", callable)
SEED = Constraint(
    "a whole number, 0 or more, a numpy RandomState, or None",
    lambda value: (
        value is None or isinstance(value, np.random.RandomState) or whole_number(0).holds(value)
    ),
)


def check(owner: object, constraints: Mapping[str, Constraint]) -> None:
    """Refuse parameters that do not meet their conditions.

    Raises
    ------
    HokanError
        Naming the parameter, the condition and what was found.
    """
    for name, constraint in constraints.items():
        value = getattr(owner, name)
        if not constraint.holds(value):
            raise HokanError(
                f"{type(owner).__name__}: {name} must be {constraint.expected}; found {value!r}"
            )


def _is_number(value: object, kind: type) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool | np.bool_)
