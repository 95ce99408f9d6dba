"""What a method of chained equations must do: regress one column on all others, and draw."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class DrawnConditional(Protocol):
    """The distribution of one column given all others, with drawn parameters."""

    def impute(self, X: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Draw the column's values in rows whose other columns are X, of shape (h, q)."""


class ConditionalRegression(Protocol):
    """Regression of one column in one chain; it may remember what it learned in earlier rounds."""

    def fit_draw(self, X: FloatArray, y: FloatArray, rng: np.random.Generator) -> DrawnConditional:
        """Draw the parameters of the regression from their posterior.

        Parameters
        ----------
        X : ndarray of shape (n, q)
            All other columns in the rows where the column is known, then the fixed predictors; q
            may be 0 and columns may be constant.
        y : ndarray of shape (n,)
            The column's known values, not all equal.
        rng : Generator
        """


def standardisation(X: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and standard deviation of each column, the latter infinite if constant."""
    mean, spread = X.mean(axis=0), X.std(axis=0)
    constant = spread <= 1e-14 * np.abs(X).max(axis=0, initial=0.0)
    return mean, np.where(constant, np.inf, spread)
