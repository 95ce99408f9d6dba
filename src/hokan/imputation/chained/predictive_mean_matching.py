"""The method pmm of mice: values of rows with similar predictions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hokan.imputation.chained.donors import Donors
from hokan.imputation.chained.linear_draw import LinearDraw, draw_linear
from hokan.imputation.chained.regression import DrawnConditional, FloatArray, standardisation

N_DONORS = 5


class PredictiveMeanMatching:
    """Each value is a known one, from one of the five rows with the nearest predictions.

    Little, J. Bus. Econ. Stat. 6, 287 (1988), with the matching of type 1 of van Buuren (2018,
    section 3.4): predictions of holes are from drawn coefficients, those of known values from the
    most probable ones; so does ``mice.impute.pmm``. Values that cannot occur are not imputed, and
    neither are any beyond the known ones.

    Parameters
    ----------
    n_donors : int
    """

    def __init__(self, n_donors: int = N_DONORS) -> None:
        self.n_donors = n_donors

    def fit_draw(self, X: FloatArray, y: FloatArray, rng: np.random.Generator) -> DrawnConditional:
        """Draw coefficients and predict the known values."""
        if not np.isfinite(standardisation(X)[1]).any():
            return Donors.resampled(y, rng)
        model = draw_linear(X, y, rng)
        expected = model.expected(X)
        order = rng.permutation(len(y))  # so that the order of equal predictions is random
        order = order[np.argsort(expected[order], kind="stable")]
        return DrawnMatching(model, expected[order], y[order], min(self.n_donors, len(y)))


@dataclass(frozen=True, eq=False)
class DrawnMatching:
    """Known values in the order of their predictions."""

    model: LinearDraw
    expected: FloatArray
    values: FloatArray
    n_donors: int

    def impute(self, X: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Take the value of one of the nearest donors."""
        return self.values[self.nearest(self.model.drawn(X), rng)]

    def nearest(self, predictions: FloatArray, rng: np.random.Generator) -> NDArray[np.intp]:
        """Return the position of one of the nearest donors of each prediction, drawn at random."""
        n_known, k = len(self.values), self.n_donors
        # The k nearest are neighbours of each other: find where their window begins, by bisection.
        # It begins further right as long as what it would win is nearer than what it would lose.
        low = np.zeros(len(predictions), dtype=np.intp)
        high = np.full(len(predictions), n_known - k, dtype=np.intp)
        while (open_ := low < high).any():
            middle = (low + high) // 2
            lost = predictions - self.expected[middle]
            won = self.expected[np.minimum(middle + k, n_known - 1)] - predictions
            right = open_ & (won < lost)
            low = np.where(right, middle + 1, low)
            high = np.where(open_ & ~right, middle, high)
        return low + rng.integers(k, size=len(predictions))
