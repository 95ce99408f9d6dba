"""From what a table says of its materials to the arrays that kernels read.

Everything that depends on the training rows (means, scales, ranks, relevances) is learned by
:meth:`DescriptorSpace.fit` and applied unchanged to new rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hokan.descriptors.chemistry import (
    CHEMISTRY_NAMES,
    chemical_descriptors,
    element_embedding,
)
from hokan.descriptors.compositions import element_fractions, reduced_formula_key
from hokan.descriptors.features import FloatArray, MaterialFeatures
from hokan.descriptors.relevance import descriptor_relevance
from hokan.descriptors.statistics import STATISTIC_NAMES, composition_statistics
from hokan.errors import FormulaError, TableError

SameComposition = Literal["separate", "same material"]
_SMALLEST_SPREAD = 1e-9
_COMPOSITION_NAMES = frozenset(STATISTIC_NAMES + CHEMISTRY_NAMES)
#: Descriptors of compositions count as far beyond their range in training as half of its width.
_MARGIN = 0.5


@dataclass(frozen=True)
class RawDescriptors:
    """Descriptors as they come, before anything is learned from them.

    Attributes
    ----------
    values : ndarray of shape (n, d)
        Descriptors of the composition, then the user's columns in order of their names.
    names : tuple of str
        One per column of ``values``.
    element_vectors : ndarray of shape (n, elements)
        Mean embedding of the atoms; no columns where there is no composition.
    composition_keys : tuple
        Equal for equal compositions; empty where there is no composition.
    """

    values: FloatArray
    names: tuple[str, ...]
    element_vectors: FloatArray
    composition_keys: tuple[object, ...]

    def __len__(self) -> int:
        return len(self.values)


def raw_descriptors(
    compositions: Sequence[str] | None,
    columns: pd.DataFrame | None,
    n_rows: int,
    source: str = "the table",
    composition_column: str | None = None,
) -> RawDescriptors:
    """Compute the descriptors of a table's rows.

    Parameters
    ----------
    compositions : sequence of str or None
        Formula of every row.
    columns : DataFrame or None
        The user's descriptors, numeric and without holes.
    n_rows : int
        Number of rows.
    source, composition_column : str
        Names for error messages.

    Raises
    ------
    FormulaError
        A formula that cannot be read, with its row.
    """
    values = np.empty((n_rows, 0))
    element_vectors = np.empty((n_rows, 0))
    names: tuple[str, ...] = ()
    keys: tuple[object, ...] = ()
    if compositions is not None:
        try:
            values = composition_statistics(compositions)
        except FormulaError as error:
            column = "" if composition_column is None else f", column {composition_column!r}"
            raise FormulaError(f"{source}{column}: {error}") from None
        values = np.column_stack([values, chemical_descriptors(compositions)])
        element_vectors = element_fractions(compositions) @ element_embedding()
        names = STATISTIC_NAMES + CHEMISTRY_NAMES
        keys = tuple(reduced_formula_key(formula) for formula in compositions)
    if columns is not None and columns.shape[1]:
        # By name, so that the order of columns makes no difference to anything learned from them.
        ordered = columns[sorted(columns.columns, key=str)]
        values = np.column_stack([values, ordered.to_numpy(dtype=np.float64)])
        names += tuple(str(name) for name in ordered.columns)
    return RawDescriptors(values, names, element_vectors, keys)


class DescriptorSpace:
    """Scales, ranks and relevances of descriptors, learned from training rows.

    Parameters
    ----------
    names : sequence of str
        Descriptor names.
    mean, scale : ndarray of shape (d,)
        Location and spread in training; constant descriptors have scale infinity, which maps them
        to zero.
    rank_values, rank_positions : tuple of ndarray
        Per descriptor: distinct training values in order, and their ranks scaled to unit variance.
    relevance : ndarray of shape (d,)
        Weights with sum 1.
    element_scale : float
        What element vectors are multiplied with.
    known_compositions : dict
        Composition key to material number, used when repeated compositions are one material.
    same_composition : {"separate", "same material"}
        Whether rows with equal compositions are different materials (polymorphs) or one.
    """

    def __init__(
        self,
        names: Sequence[str],
        mean: FloatArray,
        scale: FloatArray,
        rank_values: Sequence[FloatArray],
        rank_positions: Sequence[FloatArray],
        relevance: FloatArray,
        element_scale: float,
        known_compositions: dict[object, int],
        same_composition: SameComposition,
    ) -> None:
        self.names = tuple(names)
        self.mean = mean
        self.scale = scale
        self.rank_values = tuple(rank_values)
        self.rank_positions = tuple(rank_positions)
        self.relevance = relevance
        self.element_scale = element_scale
        self.known_compositions = known_compositions
        self.same_composition = same_composition

    @classmethod
    def fit(
        cls,
        raw: RawDescriptors,
        values: FloatArray,
        *,
        same_composition: SameComposition = "separate",
        weigh: bool = True,
        random_state: np.random.Generator,
    ) -> DescriptorSpace:
        """Learn a space from training rows.

        Parameters
        ----------
        raw : RawDescriptors
            Descriptors of the n training rows.
        values : ndarray of shape (n, p)
            Transformed property values, NaN where unknown; they decide the relevances.
        same_composition : {"separate", "same material"}
            How to read repeated compositions.
        weigh : bool
            Whether to learn relevances; otherwise all descriptors weigh alike.
        random_state : Generator
            Source of randomness for the relevances.
        """
        mean = raw.values.mean(axis=0)
        spread = raw.values.std(axis=0)
        varies = spread > _SMALLEST_SPREAD * np.maximum(np.abs(mean), 1.0)
        scale = np.where(varies, spread, np.inf)
        ranks = [_rank_table(column) for column in raw.values.T]
        standardised = (raw.values - mean) / scale
        relevance = np.full(raw.values.shape[1], 1.0 / max(raw.values.shape[1], 1))
        if weigh and raw.values.shape[1] > 1:
            relevance = descriptor_relevance(standardised, values, random_state)
        has_elements = raw.element_vectors.size > 0
        norm = float(np.mean(np.sum(raw.element_vectors**2, axis=1))) if has_elements else 1.0
        known: dict[object, int] = {}
        for key in raw.composition_keys:
            known.setdefault(key, len(known))
        return cls(
            raw.names,
            mean,
            scale,
            [values for values, _ in ranks],
            [positions for _, positions in ranks],
            relevance,
            1.0 / np.sqrt(norm),
            known,
            same_composition,
        )

    def transform(self, raw: RawDescriptors) -> MaterialFeatures:
        """Return features of any rows, scaled by what was learned in training.

        Raises
        ------
        TableError
            Descriptors differ from those of training.
        """
        if raw.names != self.names:
            missing = sorted(set(self.names) - set(raw.names))
            extra = sorted(set(raw.names) - set(self.names))
            raise TableError(
                "these rows are described differently from the training rows: "
                f"missing {missing or 'none'}, unknown {extra or 'none'}"
            )
        standardised = (self._within_reach(raw.values) - self.mean) / self.scale
        ranked = np.empty_like(standardised)
        for k, (values, positions) in enumerate(
            zip(self.rank_values, self.rank_positions, strict=True)
        ):
            ranked[:, k] = np.interp(raw.values[:, k], values, positions)
        return MaterialFeatures(
            standardised=standardised,
            weighted_linear=standardised * np.sqrt(self.relevance),
            weighted_ranks=ranked * self.relevance,
            element_vectors=raw.element_vectors * self.element_scale,
            identity=self._identity(raw),
        )

    def _within_reach(self, values: FloatArray) -> FloatArray:
        """Keep descriptors of compositions near their range in training.

        Some hardly vary there (the least magnetic moment, of compounds) and lie thousands of
        standard deviations away for another material (an element): a straight line that goes on as
        far has nothing to say. Columns of the user's own are left as they are.
        """
        if not len(values):
            return values
        least, most = (np.array([t[end] for t in self.rank_values]) for end in (0, -1))
        margin = _MARGIN * (most - least)
        own = np.array([name not in _COMPOSITION_NAMES for name in self.names], dtype=bool)
        margin[own] = np.inf
        return np.clip(values, least - margin, most + margin)

    def _identity(self, raw: RawDescriptors) -> NDArray[np.int64]:
        if self.same_composition == "same material" and raw.composition_keys:
            return np.array(
                [self.known_compositions.get(key, -1) for key in raw.composition_keys], np.int64
            )
        return np.full(len(raw), -1, dtype=np.int64)


def _rank_table(column: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return distinct values in order, and the middle rank of each scaled to unit variance."""
    values, counts = np.unique(column, return_counts=True)
    middle = (np.cumsum(counts) - 0.5 * counts) / max(len(column), 1)
    return values, (middle - 0.5) * np.sqrt(12.0)
