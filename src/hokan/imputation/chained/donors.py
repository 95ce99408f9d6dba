"""Drawing from known values where nothing tells rows apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hokan.imputation.chained.regression import FloatArray


@dataclass(frozen=True, eq=False)
class Donors:
    """Each value is one of the known ones, all equally probable."""

    values: FloatArray

    @classmethod
    def resampled(cls, y: FloatArray, rng: np.random.Generator) -> Donors:
        """Draw as many donors with replacement as there are known values.

        The approximate Bayesian bootstrap of Rubin & Schenker, J. Am. Stat. Assoc. 81, 366 (1986):
        without this step, imputations would take the known values for all there are.
        """
        return cls(rng.choice(y, size=len(y)))

    def impute(self, X: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Draw a donor for each row."""
        return rng.choice(self.values, size=len(X))
