"""A composition as further numbers that chemistry suggests, beyond the Magpie preset.

Stoichiometry, ionic character and orbital occupation follow Ward et al. (npj Comput. Mater. 2,
16028, 2016). Together with statistics of the further elemental properties they lowered the error of
the descriptor kernel by 5 % on average over ten tasks (docs/studies/descriptor-kernel.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from scipy.stats import rankdata

from hokan.descriptors.compositions import Compositions, read_compositions, weighted_statistics
from hokan.descriptors.elements import (
    ELEMENTAL_PROPERTIES,
    FURTHER_PROPERTIES,
    elemental_properties,
    further_properties,
)

FloatArray = NDArray[np.float64]

_STATISTICS = ("minimum", "maximum", "mean", "avg_dev")
_NORMS = (2, 3, 5, 7, 10)
_ORBITALS = ("s", "p", "d", "f")
#: Distance in mean rank over which elements stop being alike. Errors hardly change from 0.3 to 2.
_SIMILARITY_LENGTH = 1.0

CHEMISTRY_NAMES: tuple[str, ...] = (
    *(f"{statistic} {name}" for statistic in _STATISTICS for name in FURTHER_PROPERTIES),
    "number of elements",
    *(f"{power}-norm of fractions" for power in _NORMS),
    "largest ionic character",
    "mean ionic character",
    *(f"fraction of valence electrons in {orbital}" for orbital in _ORBITALS),
    "log mean atomic weight",
    "log mean GSvolume_pa",
    "log atoms per formula unit",
)
"""Names of the columns of :func:`chemical_descriptors`."""


def chemical_descriptors(formulas: Sequence[str]) -> FloatArray:
    """Return descriptors of each formula beyond the Magpie preset.

    - ``minimum``, ``maximum``, ``mean``, ``avg_dev`` of 17 further elemental properties, defined as
      in :func:`~hokan.descriptors.composition_statistics`;
    - the number of elements, and norms ``(sum_e f_e^p)^(1/p)`` of the atomic fractions;
    - ionic character ``1 - exp(-(x_a - x_b)^2 / 4)`` of pairs of elements with Pauling
      electronegativities x: the largest, and the mean over pairs of atoms;
    - the fraction of valence electrons in s, p, d and f orbitals;
    - logarithms of the mean atomic weight and volume, since masses and volumes act as powers (the
      Debye temperature goes as ``M^(-1/2)``), and of the number of atoms in the formula unit,
      which is reduced first where all amounts are whole numbers.

    Parameters
    ----------
    formulas : sequence of str
        n formulas.

    Returns
    -------
    numpy.ndarray of shape (n, len(CHEMISTRY_NAMES))

    Raises
    ------
    FormulaError
        If any formula cannot be read; names the rows.
    """
    compositions = read_compositions(formulas)
    fractions = compositions.fractions()
    return np.column_stack(
        [
            _statistics(compositions, fractions),
            _stoichiometry(compositions, fractions),
            _ionic_character(compositions, fractions),
            _orbital_occupation(compositions, fractions),
            _sizes(compositions, fractions),
        ]
    )


def _statistics(compositions: Compositions, fractions: FloatArray) -> FloatArray:
    values = further_properties().T[:, compositions.element]
    statistics = weighted_statistics(values, fractions, compositions.starts, compositions.formula)
    return np.vstack(statistics).T


def _stoichiometry(compositions: Compositions, fractions: FloatArray) -> FloatArray:
    count = compositions.sums(np.ones(len(fractions)))
    norms = [compositions.sums(fractions**power) ** (1.0 / power) for power in _NORMS]
    return np.column_stack([count, *norms])


def _ionic_character(compositions: Compositions, fractions: FloatArray) -> FloatArray:
    electronegativity = elemental_properties()[:, ELEMENTAL_PROPERTIES.index("Electronegativity")]
    difference = electronegativity[:, None] - electronegativity[None, :]
    character = 1.0 - np.exp(-0.25 * difference**2)
    values = electronegativity[compositions.element]
    reach = np.maximum.reduceat(values, compositions.starts) - np.minimum.reduceat(
        values, compositions.starts
    )
    dense = np.zeros((len(compositions), len(electronegativity)))
    dense[compositions.formula, compositions.element] = fractions
    mean = np.einsum("ne,ne->n", dense @ character, dense)
    return np.column_stack([1.0 - np.exp(-0.25 * reach**2), mean])


def _orbital_occupation(compositions: Compositions, fractions: FloatArray) -> FloatArray:
    table = elemental_properties()[compositions.element]

    def mean(name: str) -> FloatArray:
        return compositions.sums(fractions * table[:, ELEMENTAL_PROPERTIES.index(name)])

    total = np.maximum(mean("NValence"), 1e-12)
    return np.column_stack([mean(f"N{orbital}Valence") / total for orbital in _ORBITALS])


def _sizes(compositions: Compositions, fractions: FloatArray) -> FloatArray:
    table = elemental_properties()[compositions.element]
    means = [
        compositions.sums(fractions * table[:, ELEMENTAL_PROPERTIES.index(name)])
        for name in ("AtomicWeight", "GSvolume_pa")
    ]
    whole = compositions.amount == np.round(compositions.amount)
    all_whole = np.logical_and.reduceat(whole, compositions.starts)
    counts = np.where(whole, compositions.amount, 1.0).astype(np.int64)
    divisor = np.where(all_whole, np.gcd.reduceat(counts, compositions.starts), 1)
    return np.log(np.column_stack([*means, compositions.totals() / divisor]))


@cache
def element_embedding() -> FloatArray:
    """Return a vector for every element whose inner products say how alike elements are.

    The similarity of two elements is ``exp(-D / length)``, with D the mean absolute difference of
    their ranks (scaled to unit variance) in all 39 elemental properties. It is 1 for an element
    with itself, and lets what is learned of one element speak for its neighbours.

    Returns
    -------
    numpy.ndarray of shape (118, 118)
        ``embedding @ embedding.T`` is the similarity. Read-only.
    """
    table = np.column_stack([elemental_properties(), further_properties()])
    ranks = (rankdata(table, axis=0) / len(table) - 0.5) * np.sqrt(12.0)
    similarity = np.exp(-cdist(ranks, ranks, "cityblock") / table.shape[1] / _SIMILARITY_LENGTH)
    # Not a Cholesky factor: the heaviest elements, of which nothing is known, are all alike.
    values, vectors = np.linalg.eigh(similarity)
    embedding: FloatArray = vectors * np.sqrt(np.maximum(values, 0.0))
    embedding.flags.writeable = False
    return embedding
