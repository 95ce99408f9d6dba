"""A formula: how one property follows from others, written as people write it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hokan.errors import GraphError
from hokan.graph.formula.evaluation import Program
from hokan.graph.formula.expression import Node, names_in, with_names
from hokan.graph.formula.parsing import parse
from hokan.graph.formula.power_law import PowerLaw, power_law
from hokan.graph.formula.writing import write
from hokan.graph.wording import did_you_mean

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Formula:
    """An expression in parents and constants; made by :meth:`parse`.

    Written with numbers, names, ``+ - * /``, ``**`` (or ``^``) for powers, parentheses, and the
    functions ``sqrt``, ``exp``, ``log`` (natural), ``log10``, ``abs``, ``min`` and ``max``; ``pi``
    is the number. Names that are no plain words stand in backquotes or quotes, doubled where they
    are part of the name. Powers bind before a minus sign, as in mathematics and in Python:
    ``-a**2`` is ``-(a**2)``.

    Attributes
    ----------
    root : Node
        The expression.
    names : tuple of str
        The parents it uses, in the order of first use.
    constants : tuple of str
        The constants to be fitted, in the order of first use.

    Examples
    --------
    >>> lindemann = Formula.parse(
    ...     "c * molar_mass * theta_K^2 * `volume [Å^3]`^(2/3)",
    ...     parents=("molar_mass", "theta_K", "volume [Å^3]"),
    ... )
    >>> lindemann.constants
    ('c',)
    >>> print(lindemann)
    c * molar_mass * theta_K**2 * `volume [Å^3]`**(2 / 3)
    """

    root: Node
    names: tuple[str, ...]
    constants: tuple[str, ...]

    @classmethod
    def parse(cls, text: str, parents: Iterable[str] | None = None) -> Formula:
        """Read a formula. The text is never run as code.

        Parameters
        ----------
        text : str
        parents : iterable of str, optional
            The names that stand for parents; it may have more than the formula uses. All other
            names are constants to be fitted. None: every name is a parent.

        Raises
        ------
        GraphError
            If the text is no formula: what is wrong, and a caret under the place.
        """
        root = parse(text)
        known = None if parents is None else set(parents)
        found = names_in(root)
        return cls(
            root,
            names=tuple(name for name in found if known is None or name in known),
            constants=tuple(name for name in found if known is not None and name not in known),
        )

    def __str__(self) -> str:
        """Return the formula in one canonical form, which parses to an equal one."""
        return write(self.root)

    def renamed(self, names: Mapping[str, str]) -> Formula:
        """Return the same formula with other names, such as those of a table's columns.

        Parameters
        ----------
        names : mapping from names or constants of this formula to new names
            Those it does not mention stay.

        Raises
        ------
        GraphError
            If it mentions a name the formula does not have, or two names would become one.
        """
        own = (*self.names, *self.constants)
        for name in names:
            if name not in own:
                raise GraphError(
                    f"the formula {self} has no name {name!r}{did_you_mean(name, own)}"
                )
        new = {name: names.get(name, name) for name in own}
        if len(set(new.values())) < len(own):
            raise GraphError(f"two names of the formula {self} would become one: {new}")
        return Formula(
            with_names(self.root, new),
            tuple(new[name] for name in self.names),
            tuple(new[name] for name in self.constants),
        )

    @cached_property
    def _program(self) -> Program:
        return Program.of(self.root)

    def value(
        self,
        values: Mapping[str, ArrayLike],
        constants: Mapping[str, ArrayLike] | None = None,
    ) -> FloatArray:
        """Return what the formula gives, row by row.

        Parameters
        ----------
        values : mapping from every parent it uses to its values, raw scale
            Of one shape or of shapes that broadcast; names it does not use are ignored.
        constants : mapping from every constant to its value
            Arrays too, where rows or draws have constants of their own.

        Returns
        -------
        ndarray
            In the common shape. NaN where an input is NaN, and where the result is not a finite
            number (the root of a negative number, a division by zero); there is no warning.

        Raises
        ------
        GraphError
            If a value or a constant is missing.
        """
        return self._program.value(self._inputs(values, constants))

    def value_and_derivatives(
        self,
        values: Mapping[str, ArrayLike],
        constants: Mapping[str, ArrayLike] | None = None,
    ) -> tuple[FloatArray, dict[str, FloatArray], dict[str, FloatArray]]:
        """Return value, derivative by each parent and derivative by each constant, row by row.

        Parameters
        ----------
        values, constants : mapping
            As for :meth:`value`.

        Returns
        -------
        value : ndarray
        by_name, by_constant : dict of str to ndarray
            For all of `names` and `constants`, in the shape of the value: also by a constant there
            is a derivative for each row. NaN where the value is NaN or a derivative is not finite
            (of ``sqrt`` at 0). At a kink, ``abs`` at 0 has 0, and of equal arguments of ``min`` and
            ``max`` the first counts.

        Raises
        ------
        GraphError
            If a value or a constant is missing.
        """
        value, derivatives = self._program.value_and_derivatives(self._inputs(values, constants))
        return (
            value,
            {name: derivatives[name] for name in self.names},
            {name: derivatives[name] for name in self.constants},
        )

    def as_power_law(self) -> PowerLaw | None:
        """Return the formula as a product of powers, or None if it is none.

        A power law is linear between logarithms, with known coefficients: the exponents. It holds
        where parents and constants are positive. A formula with a fitted exponent, ``c * a**n``,
        is none: its coefficients are not known, which is what a linear link between logarithms has.
        """
        return power_law(self.root, self.names, (*self.names, *self.constants))

    def _inputs(
        self, values: Mapping[str, ArrayLike], constants: Mapping[str, ArrayLike] | None
    ) -> dict[str, ArrayLike]:
        constants = constants or {}
        inputs: dict[str, ArrayLike] = {}
        for names, given, what in (
            (self.names, values, "value of the parent"),
            (self.constants, constants, "value of the constant"),
        ):
            for name in names:
                if name not in given:
                    raise GraphError(
                        f"the formula {self} needs a {what} {name!r}{did_you_mean(name, given)}"
                    )
                inputs[name] = given[name]
        return inputs
