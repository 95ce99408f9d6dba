"""The hyperparameters of a conditional Gaussian process and how probable they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hokan.gp.factorisation import (
    cholesky_in_place,
    folded_upper,
    half_log_determinant,
    invert_in_place,
    solve_factored,
)
from hokan.imputation.chained.regression import FloatArray

#: Variance of the constant, in units of that of the known values.
CONSTANT = 1.0
_ROOT_5 = np.sqrt(5.0)


@dataclass(frozen=True, eq=False)
class Hyperparameters:
    """Of standardised values as a function of standardised columns.

    Attributes
    ----------
    slope : float
        Standard deviation of each slope of the linear part.
    signal : float
        Standard deviation of the Matern part.
    noise : float
        Standard deviation of the noise.
    lengthscales : ndarray of shape (q,)
        Of the Matern part.
    """

    slope: float
    signal: float
    noise: float
    lengthscales: FloatArray

    @classmethod
    def from_vector(cls, vector: FloatArray) -> Hyperparameters:
        """Return hyperparameters given their logarithms, in the order of the attributes."""
        slope, signal, noise = np.exp(vector[:3]).tolist()
        return cls(slope, signal, noise, np.exp(vector[3:]))


def covariance(parameters: Hyperparameters, A: FloatArray, B: FloatArray) -> FloatArray:
    """Return the covariance of the function at A, of shape (a, q), and B, of shape (b, q)."""
    distance = _distance(A / parameters.lengthscales, B / parameters.lengthscales)
    smooth = parameters.signal**2 * _matern(distance)
    linear: FloatArray = CONSTANT + parameters.slope**2 * (A @ B.T)
    return linear + smooth


class Evidence:
    """Negative log posterior of the hyperparameters, with its gradient.

    Log-normal priors: slopes and signal around 0.5, noise around 0.3, lengthscales around 1.5 times
    the square root of the number of columns, as distances grow with it; constant columns, which
    are all 0, change nothing.

    Parameters
    ----------
    inputs : ndarray of shape (n, q)
        Standardised columns.
    outputs : ndarray of shape (n,)
        Standardised values.
    """

    def __init__(self, inputs: FloatArray, outputs: FloatArray) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self.gram = inputs @ inputs.T
        n_columns = inputs.shape[1]
        middle = np.log(1.5) + 0.5 * np.log(max(n_columns, 1))
        self.prior_mean = np.concatenate([np.log([0.5, 0.5, 0.3]), np.full(n_columns, middle)])
        self.prior_spread = np.concatenate([[1.0, 1.0, 1.5], np.ones(n_columns)])
        lowest = np.concatenate([np.log([1e-3, 1e-3, 1e-3]), np.full(n_columns, np.log(0.05))])
        highest = np.concatenate([np.log([1e2, 1e1, 3.0]), np.full(n_columns, np.log(1e3))])
        self.bounds = lowest, highest

    def __call__(self, vector: FloatArray) -> tuple[float, FloatArray]:
        """Return the value and the gradient at the logarithms of hyperparameters."""
        parameters = Hyperparameters.from_vector(vector)
        scaled = self.inputs / parameters.lengthscales
        distance = _distance(scaled, scaled)
        decay = np.exp(-_ROOT_5 * distance)
        linear = parameters.slope**2 * self.gram
        smooth = parameters.signal**2 * (1.0 + _ROOT_5 * distance + 5 / 3 * distance**2) * decay
        inverse = linear + smooth + CONSTANT
        inverse[np.diag_indices_from(inverse)] += parameters.noise**2
        cholesky_in_place(inverse)
        weights = solve_factored(inverse, self.outputs)
        standardised = (vector - self.prior_mean) / self.prior_spread
        value = (
            0.5 * float(self.outputs @ weights)
            + half_log_determinant(inverse)
            + 0.5 * float(standardised @ standardised)
        )
        invert_in_place(inverse)
        pull = folded_upper(inverse - np.outer(weights, weights))
        # The derivative of the Matern part by a log lengthscale is this times (x_a - x_b)^2 / l^2.
        bend = pull * (5 / 3 * parameters.signal**2 * (1.0 + _ROOT_5 * distance) * decay)
        row_sums = 0.5 * (bend.sum(axis=0) + bend.sum(axis=1))
        by_lengthscale = row_sums @ scaled**2 - np.einsum("aj,aj->j", scaled, bend @ scaled)
        gradient = np.concatenate(
            [
                [2 * np.vdot(pull, linear), 2 * np.vdot(pull, smooth)],
                [2 * parameters.noise**2 * np.trace(pull)],
                2 * by_lengthscale,
            ]
        )
        return value, gradient + standardised / self.prior_spread


def _matern(distance: FloatArray) -> FloatArray:
    polynomial = 1.0 + _ROOT_5 * distance + 5 / 3 * distance**2
    return np.asarray(polynomial * np.exp(-_ROOT_5 * distance))


def _distance(A: FloatArray, B: FloatArray) -> FloatArray:
    squares = (A**2).sum(axis=1)[:, None] + (B**2).sum(axis=1) - 2.0 * (A @ B.T)
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)))
