"""Many formulas as one sparse table of amounts, and what follows from amounts alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hokan.descriptors.elements import ELEMENT_INDEX, ELEMENT_SYMBOLS, atomic_weights
from hokan.descriptors.formula import parse_formula
from hokan.descriptors.plain_formula import read_plain
from hokan.errors import FormulaError

_ROWS_NAMED = 10  # how many unreadable rows a message lists


@dataclass(frozen=True)
class Compositions:
    """The elements of n formulas, one entry per formula and element.

    Entries are sorted by formula and then by atomic number, so results do not depend on the order
    in which a formula names its elements. Every formula has at least one entry.

    Attributes
    ----------
    starts : ndarray of int, shape (n,)
        Index of the first entry of each formula.
    formula : ndarray of int, shape (entries,)
        To which formula an entry belongs.
    element : ndarray of int, shape (entries,)
        Index into ``ELEMENT_SYMBOLS``.
    amount : ndarray of float, shape (entries,)
        Atoms per formula unit as written; positive.
    """

    starts: NDArray[np.intp]
    formula: NDArray[np.intp]
    element: NDArray[np.intp]
    amount: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.starts)

    def totals(self) -> NDArray[np.float64]:
        """Return the number of atoms per formula unit, shape (n,)."""
        return self.sums(self.amount)

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up a value per entry, shape (entries,), for each formula, shape (n,)."""
        totals = np.bincount(self.formula, weights=values, minlength=len(self))
        return totals.astype(np.float64, copy=False)  # without any entry, bincount gives integers

    def fractions(self) -> NDArray[np.float64]:
        """Return each entry's amount as a fraction of its formula's atoms, shape (entries,)."""
        return self.amount / self.totals()[self.formula]


def read_compositions(formulas: Sequence[str]) -> Compositions:
    """Read many formulas.

    Parameters
    ----------
    formulas : sequence of str
        Formulas as in :func:`~hokan.descriptors.parse_formula`; a pandas Series or a NumPy array
        of text will do.

    Raises
    ------
    FormulaError
        If any formula cannot be read. The message gives the first such row, counted from 1, with
        the place in its formula, and lists the other rows.
    """
    if isinstance(formulas, str):
        raise FormulaError(
            f"Expected a sequence of formulas, but found one text, {formulas!r}. "
            f"Write [{formulas!r}] for a single formula."
        )
    elements: list[int] = []
    amounts: list[float] = []
    counts: list[int] = []
    problems: list[tuple[int, FormulaError]] = []
    for row, text in enumerate(formulas, start=1):
        plain = read_plain(text) if isinstance(text, str) else None
        if plain is None:
            try:
                parsed = parse_formula(text)
            except FormulaError as problem:
                problems.append((row, problem))
                continue
            plain = [ELEMENT_INDEX[symbol] for symbol in parsed], list(parsed.values())
        elements += plain[0]
        amounts += plain[1]
        counts.append(len(plain[0]))
    if problems:
        raise _row_error(problems)
    return _sorted_and_merged(
        np.repeat(np.arange(len(counts)), counts),
        np.array(elements, dtype=np.intp),
        np.array(amounts, dtype=np.float64),
        len(counts),
    )


def _row_error(problems: list[tuple[int, FormulaError]]) -> FormulaError:
    (first_row, first), *others = problems
    message = f"Row {first_row}: {first}"
    if others:
        rows = ", ".join(str(row) for row, _ in others[:_ROWS_NAMED])
        more = ", …" if len(others) > _ROWS_NAMED else ""
        plural = "s" if len(others) > 1 else ""
        message += f"\n{len(others)} more formula{plural} cannot be read: row{plural} {rows}{more}."
    return FormulaError(message)


def _sorted_and_merged(
    formula: NDArray[np.intp],
    element: NDArray[np.intp],
    amount: NDArray[np.float64],
    n: int,
) -> Compositions:
    """Sort entries by formula and element, and add up elements that a formula names twice."""
    key = formula * len(ELEMENT_SYMBOLS) + element
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    if len(first):
        amount = np.add.reduceat(amount[order], first)
    formula, element = np.divmod(key[first], len(ELEMENT_SYMBOLS))
    return Compositions(np.searchsorted(formula, np.arange(n)), formula, element, amount)


def weighted_statistics(
    values: NDArray[np.float64],
    fractions: NDArray[np.float64],
    starts: NDArray[np.intp],
    formula: NDArray[np.intp],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return minimum, maximum, mean and average deviation over the atoms of each formula.

    Parameters
    ----------
    values : ndarray of shape (properties, entries)
        Elemental properties of every entry.
    fractions, formula : ndarray of shape (entries,)
        Atomic fraction of every entry, and the formula it belongs to.
    starts : ndarray of shape (n,)
        First entry of every formula.

    Returns
    -------
    four ndarrays of shape (properties, n)
    """
    minimum = np.minimum.reduceat(values, starts, axis=1)
    maximum = np.maximum.reduceat(values, starts, axis=1)
    # Measured from the minimum, a property that all elements share has exactly that value as mean
    # and exactly zero deviation; rounding noise here would be blown up by standardising.
    mean = minimum + np.add.reduceat(fractions * (values - minimum[:, formula]), starts, axis=1)
    deviation = np.add.reduceat(fractions * np.abs(values - mean[:, formula]), starts, axis=1)
    return minimum, maximum, mean, deviation


def element_fractions(formulas: Sequence[str]) -> NDArray[np.float64]:
    """Return the atomic fraction of every element in each formula.

    Parameters
    ----------
    formulas : sequence of str
        n formulas; see :func:`~hokan.descriptors.parse_formula` for how they may be written.

    Returns
    -------
    numpy.ndarray of shape (n, 118)
        Columns in order of ``ELEMENT_SYMBOLS``; every row sums to 1.

    Raises
    ------
    FormulaError
        If any formula cannot be read; names the rows.
    """
    compositions = read_compositions(formulas)
    fractions = np.zeros((len(compositions), len(ELEMENT_SYMBOLS)))
    fractions[compositions.formula, compositions.element] = compositions.fractions()
    return fractions


def molar_mass(formulas: Sequence[str]) -> NDArray[np.float64]:
    """Return the mass of one mole of formula units as written, in g/mol, shape (n,).

    ``Fe4O6`` weighs twice as much as ``Fe2O3``. D and T weigh as hydrogen of natural abundance.

    Raises
    ------
    FormulaError
        If any formula cannot be read; names the rows.
    """
    compositions = read_compositions(formulas)
    return compositions.sums(compositions.amount * atomic_weights()[compositions.element])


def atoms_per_formula(formulas: Sequence[str]) -> NDArray[np.float64]:
    """Return the number of atoms in one formula unit as written, shape (n,).

    ``Fe2O3`` has 5, ``Fe0.95O`` has 1.95.

    Raises
    ------
    FormulaError
        If any formula cannot be read; names the rows.
    """
    return read_compositions(formulas).totals()


def reduced_formula_key(formula: str) -> tuple[tuple[str, float], ...]:
    """Return a key that is equal for equal compositions, however they are written.

    ``Fe2O3``, ``Fe4O6`` and ``O3Fe2`` have the same key, and so do all polymorphs of a compound;
    grouping rows by it keeps them together.

    Returns
    -------
    tuple of (symbol, fraction) pairs
        In order of atomic number; atomic fractions rounded to 1e-6.

    Raises
    ------
    FormulaError
        If the formula cannot be read.
    """
    amounts = parse_formula(formula)
    total = sum(amounts.values())
    # Rounding first to 12 digits takes off floating-point noise, which could otherwise put equal
    # fractions such as 1/128 = 0.0078125 on different sides of the second rounding.
    return tuple(
        (symbol, round(round(amounts[symbol] / total, 12), 6))
        for symbol in sorted(amounts, key=ELEMENT_INDEX.__getitem__)
    )
