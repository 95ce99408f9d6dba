"""A set of materials as the arrays that kernels read."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class MaterialFeatures:
    """Descriptors of n materials, scaled as the kernels want them.

    Attributes
    ----------
    standardised : ndarray of shape (n, d)
        Descriptors with mean 0 and variance 1 over the training rows.
    weighted_linear : ndarray of shape (n, d)
        The same, times the root of relevances that sum to 1, so that the mean squared norm in
        training is 1.
    weighted_ranks : ndarray of shape (n, d)
        Ranks among the training rows (unit variance), times the same relevances.
    element_vectors : ndarray of shape (n, elements)
        Mean embedding of the atoms, scaled so that the mean squared norm in training is 1; no
        columns where there is no composition.
    identity : ndarray of shape (n,) of int
        Equal for rows that are the same material. Negative: a material of its own.
    """

    standardised: FloatArray
    weighted_linear: FloatArray
    weighted_ranks: FloatArray
    element_vectors: FloatArray
    identity: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.identity)

    @property
    def n_descriptors(self) -> int:
        """Number of descriptors, element vectors not counted."""
        return int(self.standardised.shape[1])

    @property
    def has_composition(self) -> bool:
        """Whether compositions are known."""
        return bool(self.element_vectors.shape[1])

    def rows(self, index: NDArray[np.int64] | slice) -> MaterialFeatures:
        """Return the features of some of the materials."""
        return MaterialFeatures(**{f.name: getattr(self, f.name)[index] for f in fields(self)})

    def same_material(self, other: MaterialFeatures) -> FloatArray:
        """Return 1 where a row here and a row there are the same material, else 0."""
        equal = self.identity[:, None] == other.identity[None, :]
        return np.asarray(equal & (self.identity[:, None] >= 0), dtype=np.float64)
