"""Magpie statistics: a composition as 132 numbers.

Six statistics of 22 elemental properties over the atoms of a formula (Ward et al., npj Comput.
Mater. 2, 16028, 2016), equal to matminer's ``ElementProperty.from_preset("magpie")`` but computed
for all formulas at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hokan.descriptors.compositions import (
    Compositions,
    element_fractions,
    read_compositions,
    reduced_formula_key,
    weighted_statistics,
)
from hokan.descriptors.elements import ELEMENTAL_PROPERTIES, elemental_properties

__all__ = [
    "STATISTICS",
    "STATISTIC_NAMES",
    "composition_statistics",
    "element_fractions",
    "reduced_formula_key",
]

STATISTICS: tuple[str, ...] = ("minimum", "maximum", "range", "mean", "avg_dev", "mode")
"""The statistics of each property, in matminer's order."""

STATISTIC_NAMES: tuple[str, ...] = tuple(
    f"MagpieData {statistic} {name}" for name in ELEMENTAL_PROPERTIES for statistic in STATISTICS
)
"""Names of the 132 columns of :func:`composition_statistics`; matminer's feature labels."""

_FORMULAS_AT_ONCE = 4096  # keeps the temporary arrays in cache and small
_TIE = 1e-5  # relative; amounts this close are equally frequent, as in matminer


def composition_statistics(formulas: Sequence[str]) -> NDArray[np.float64]:
    """Return the Magpie statistics of each formula.

    For a property with value v_e on element e, and f_e the atomic fraction of e:

    - ``minimum``, ``maximum``, ``range`` of v_e over the elements present;
    - ``mean``, m = sum of f_e v_e;
    - ``avg_dev``, sum of f_e abs(v_e - m);
    - ``mode``, v_e of the most frequent element; if several are equally frequent (to 1e-5), the
      smallest of theirs.

    Where an element lacks a property, the mean over the elements that have it stands in; see
    :func:`~hokan.descriptors.unknown_elemental_properties`.

    Parameters
    ----------
    formulas : sequence of str
        n formulas; see :func:`~hokan.descriptors.parse_formula` for how they may be written.

    Returns
    -------
    numpy.ndarray of shape (n, 132)
        Columns as in ``STATISTIC_NAMES``, in the units of the elemental properties.

    Raises
    ------
    FormulaError
        If any formula cannot be read; names the rows.
    """
    compositions = read_compositions(formulas)
    fractions = compositions.fractions()
    n = len(compositions)
    result = np.empty((n, len(ELEMENTAL_PROPERTIES), len(STATISTICS)))
    for first in range(0, n, _FORMULAS_AT_ONCE):
        last = min(first + _FORMULAS_AT_ONCE, n)
        _fill_statistics(result[first:last], compositions, fractions, first, last)
    return result.reshape(n, len(STATISTIC_NAMES))


def _fill_statistics(
    result: NDArray[np.float64],
    compositions: Compositions,
    all_fractions: NDArray[np.float64],
    first: int,
    last: int,
) -> None:
    """Write the statistics of formulas `first` to `last` into `result` (formulas, 22, 6)."""
    entries = slice(
        compositions.starts[first],
        compositions.starts[last] if last < len(compositions) else len(compositions.formula),
    )
    starts = compositions.starts[first:last] - entries.start
    formula = compositions.formula[entries] - first
    fractions = all_fractions[entries]
    # (22, entries): sums and extremes then run along contiguous memory.
    values = elemental_properties().T[:, compositions.element[entries]]

    minimum, maximum, mean, deviation = weighted_statistics(values, fractions, starts, formula)

    largest = np.maximum.reduceat(fractions, starts)
    frequent = np.flatnonzero(fractions >= largest[formula] * (1.0 - _TIE))
    first_frequent = np.searchsorted(formula[frequent], np.arange(last - first))
    mode = np.minimum.reduceat(values[:, frequent], first_frequent, axis=1)

    columns = (minimum, maximum, maximum - minimum, mean, deviation, mode)
    for column, statistic in enumerate(columns):
        result[:, :, column] = statistic.T
