"""The table as the mechanisms see it: one line for each composition, known cells counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from hokan.errors import TableError
from hokan.evaluation.holdout import composition_groups
from hokan.table import PropertyTable

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]
FloatArray = NDArray[np.float64]

#: Values that a property keeps, whatever is asked for.
FEWEST_LEFT = 2


@dataclass(frozen=True, eq=False)
class Compositions:
    """Rows of equal composition as one, since their values are hidden or left together.

    Attributes
    ----------
    groups : ndarray of shape (n,)
        Which composition a row has, from 0 to g - 1.
    observed : ndarray of shape (n, p) of bool
        Known cells.
    counts : ndarray of shape (g, p) of int
        Number of known values.
    means : ndarray of shape (g, p)
        Their mean on the raw scale; NaN where there is none.
    columns : ndarray of shape (q,) of int
        Positions of the properties in which holes are to be made.
    names : tuple of str
        All p properties.
    source : str
        What messages call the table.
    """

    groups: IntArray
    observed: BoolArray
    counts: IntArray
    means: FloatArray
    columns: IntArray
    names: tuple[str, ...]
    source: str

    @classmethod
    def of(cls, table: PropertyTable, columns: Sequence[int]) -> Compositions:
        """Gather the rows of a table."""
        groups = composition_groups(table)
        shape = int(groups.max()) + 1, table.n_properties
        counts, sums = np.zeros(shape, dtype=np.intp), np.zeros(shape)
        np.add.at(counts, groups, table.observed)
        # Values are scaled down before they are added: those near the largest float have no sum.
        np.add.at(sums, groups, np.where(table.observed, table.values, 0.0) / len(groups))
        with np.errstate(invalid="ignore", divide="ignore"):
            means = sums / counts
        return cls(
            groups,
            table.observed,
            counts,
            means,
            np.asarray(columns, dtype=np.intp),
            table.property_names,
            table.source,
        )

    @property
    def n_known(self) -> int:
        """Number of known values in the properties in which holes are to be made."""
        return int(self.counts[:, self.columns].sum())

    def targets(self, share: float) -> dict[int, int]:
        """Return how many cells to hide of each property, by its position.

        Each is within one cell of the share of its known values, and so is their sum.
        """
        known = np.cumsum(self.counts[:, self.columns].sum(axis=0))
        wanted = np.diff(np.rint(share * known), prepend=0.0)
        return dict(zip(self.columns.tolist(), wanted.astype(int).tolist(), strict=True))

    def cells(self, hidden: BoolArray) -> BoolArray:
        """Return the mask of cells, shape (n, p), of a mask of compositions, shape (g, p)."""
        return np.asarray(hidden[self.groups])

    def check_left(self, hidden: BoolArray, mechanism: str) -> None:
        """Refuse to leave a property without values.

        Parameters
        ----------
        hidden : ndarray of shape (g, p) of bool
            What is to be hidden.
        mechanism : str
            For the message.

        Raises
        ------
        TableError
            If a property would keep fewer than :data:`FEWEST_LEFT` values.
        """
        left = np.where(hidden, 0, self.counts).sum(axis=0)
        for column in self.columns:
            if left[column] < FEWEST_LEFT:
                raise TableError(
                    f"{self.source}: {self.names[column]!r} would keep {left[column]} of its "
                    f"{self.counts[:, column].sum()} known values with holes made by {mechanism}; "
                    f"at least {FEWEST_LEFT} are needed. Hide a smaller share, or leave this "
                    "property out."
                )


def normal_scores(values: FloatArray, where: BoolArray) -> FloatArray:
    """Return the normal quantiles of the ranks of some values; NaN everywhere else.

    Whatever increasing scale a property is on, raw or logarithmic, they are the same.

    Parameters
    ----------
    values : ndarray of shape (g,)
        Any scale.
    where : ndarray of shape (g,) of bool
        Which of them to rank.
    """
    scores = np.full(len(values), np.nan)
    chosen = values[where]
    if len(chosen):
        scores[where] = norm.ppf((rankdata(chosen) - 0.5) / len(chosen))
    return scores
