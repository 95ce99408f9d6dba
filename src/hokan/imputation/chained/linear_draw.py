"""Linear regression with coefficients and residual variance drawn from their posterior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from hokan.imputation.chained.regression import FloatArray, standardisation

#: Added to the diagonal of X'X, relative to it: that of mice.
RIDGE = 1e-5
#: Combinations of columns that vary less than this, relative to the one that varies most, tell
#: nothing: where mice calls columns collinear and leaves one out.
COLLINEAR = 1e-4


@dataclass(frozen=True, eq=False)
class LinearDraw:
    """A linear model twice, with the most probable coefficients and with drawn ones.

    Attributes
    ----------
    centre : ndarray of shape (q,)
        Where ``intercept`` and ``drawn_intercept`` hold.
    intercept, coefficients
        The most probable ones.
    drawn_intercept, drawn_coefficients, drawn_sigma
        A draw from their posterior, with the standard deviation of the residuals.
    """

    centre: FloatArray
    intercept: float
    coefficients: FloatArray
    drawn_intercept: float
    drawn_coefficients: FloatArray
    drawn_sigma: float

    def expected(self, X: FloatArray) -> FloatArray:
        """Return the regression with the most probable coefficients, of shape (n,)."""
        return self.intercept + (X - self.centre) @ self.coefficients

    def drawn(self, X: FloatArray) -> FloatArray:
        """Return the regression with the drawn coefficients, of shape (n,)."""
        return self.drawn_intercept + (X - self.centre) @ self.drawn_coefficients


def draw_linear(X: FloatArray, y: FloatArray, rng: np.random.Generator) -> LinearDraw:
    """Draw a normal linear regression under the usual flat prior.

    Rubin, Multiple Imputation for Nonresponse in Surveys (1987), p. 167, as algorithm 3.1 of van
    Buuren, Flexible Imputation of Missing Data (2018): the residual variance is the sum of squares
    over a draw from chi-squared, and the coefficients are normal around least squares, with a ridge
    of 1e-5 times the diagonal of X'X.

    Parameters
    ----------
    X : ndarray of shape (n, q)
    y : ndarray of shape (n,)
    rng : Generator

    Notes
    -----
    Coefficients that could explain more than half of the values by themselves leave too little to
    tell the residual variance from. The ridge is then raised until they count for half of the rows
    (the trace of the hat matrix), and the degrees of freedom are what is left.
    """
    centre, scale = standardisation(X)
    scaled = (X - centre) / scale
    n_rows = len(y)
    left, singular, right = np.linalg.svd(scaled, full_matrices=False)
    power = singular**2
    penalty = RIDGE * n_rows
    n_varying = np.isfinite(scale).sum()
    degrees = n_rows - 1.0 - n_varying
    if 1 + n_varying > n_rows / 2:
        penalty = max(penalty, _penalty(power, max(n_rows / 2 - 1.0, 0.5)))
        degrees = n_rows - 1.0 - (power / (power + penalty)).sum()
    mean = float(y.mean())
    told = power > COLLINEAR * power.max(initial=0.0)
    rotated = told * singular * (left.T @ (y - mean)) / (power + penalty)
    residuals = y - mean - left @ (singular * rotated)
    sigma = float(np.sqrt(residuals @ residuals / rng.chisquare(max(degrees, 1.0))))
    drawn_mean = mean + sigma / np.sqrt(n_rows) * float(rng.standard_normal())
    deviations = told * rng.standard_normal(len(power)) / np.sqrt(power + penalty)
    return LinearDraw(
        centre,
        mean,
        right.T @ rotated / scale,
        drawn_mean,
        right.T @ (rotated + sigma * deviations) / scale,
        sigma,
    )


def _penalty(power: FloatArray, n_effective: float) -> float:
    """Return the ridge with which coefficients count for a number of rows, at most."""
    if not power.size or np.count_nonzero(power) <= n_effective:
        return 0.0

    def excess(logarithm: float) -> float:
        return float((power / (power + np.exp(logarithm))).sum() - n_effective)

    highest = np.log(power.sum() / n_effective)
    lowest = np.log(power.max()) - 40.0
    if excess(lowest) <= 0:
        return 0.0
    return float(np.exp(brentq(excess, lowest, highest)))
