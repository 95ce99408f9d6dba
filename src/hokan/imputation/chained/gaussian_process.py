"""A Gaussian process as conditional regression, whose parameters are learned rarely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hokan.gp.factorisation import cholesky_in_place, solve_factored, whiten
from hokan.gp.laplace import laplace_draws
from hokan.gp.optimise import minimise
from hokan.imputation.chained.gaussian_process_evidence import Evidence, Hyperparameters, covariance
from hokan.imputation.chained.regression import FloatArray, standardisation

#: Hyperparameters are learned from at most so many known values.
MOST_LEARNED_FROM = 400
#: They are learned again after so many visits of a column, the first time and later: other columns'
#: first values are no more than random.
VISITS_AFTER_FIRST = 3
VISITS_BETWEEN = 10
#: Rows are drawn jointly in blocks of this size.
BLOCK = 1000
_MOST_ITERATIONS = 50


class GaussianProcess:
    """Values are a drawn smooth function of all other columns, plus normal noise.

    The function is linear plus a Matern-5/2 process with a lengthscale per column (Rasmussen &
    Williams 2006, chapters 2 and 5). Hyperparameters are learned at the first and fourth
    visit of a column and every ten visits from then on, starting from what was learned last; each
    visit has a draw of them from the normal approximation of their posterior at its mode, and draws
    all holes jointly.
    """

    def __init__(self) -> None:
        self._learned: FloatArray | None = None
        self._draws: list[FloatArray] = []

    def fit_draw(
        self, X: FloatArray, y: FloatArray, rng: np.random.Generator
    ) -> DrawnGaussianProcess:
        """Draw hyperparameters, learning them first if it is time."""
        centre, scale = standardisation(X)
        inputs = (X - centre) / scale
        mean, spread = float(y.mean()), float(y.std())
        outputs = (y - mean) / spread
        if not self._draws:
            self._learn(inputs, outputs, rng)
        parameters = Hyperparameters.from_vector(self._draws.pop())
        return DrawnGaussianProcess(centre, scale, inputs, mean, spread, outputs, parameters)

    def _learn(self, inputs: FloatArray, outputs: FloatArray, rng: np.random.Generator) -> None:
        """Find the most probable hyperparameters; draw as many around them as visits to come."""
        if len(outputs) > MOST_LEARNED_FROM:
            rows = rng.choice(len(outputs), MOST_LEARNED_FROM, replace=False)
            inputs, outputs = inputs[rows], outputs[rows]
        evidence = Evidence(inputs, outputs)
        first = self._learned is None
        start = evidence.prior_mean if self._learned is None else self._learned
        lowest, highest = evidence.bounds
        optimum = minimise(
            evidence,
            [start],
            list(zip(lowest.tolist(), highest.tolist(), strict=True)),
            max_iterations=_MOST_ITERATIONS,
            tolerance=1e-4,
        )
        self._learned = optimum.vector
        n_draws = VISITS_AFTER_FIRST if first else VISITS_BETWEEN
        draws = laplace_draws(evidence, optimum.vector, evidence.prior_spread, n_draws, rng)
        self._draws = [np.clip(draw, lowest, highest) for draw in draws]


@dataclass(frozen=True, eq=False)
class DrawnGaussianProcess:
    """The posterior of a function given its values in some rows.

    Attributes
    ----------
    centre, scale : ndarray of shape (q,)
        What standardises the other columns.
    inputs : ndarray of shape (n, q)
        Standardised.
    mean, spread : float
        What standardises the values.
    outputs : ndarray of shape (n,)
        Standardised.
    parameters : Hyperparameters
    """

    centre: FloatArray
    scale: FloatArray
    inputs: FloatArray
    mean: float
    spread: float
    outputs: FloatArray
    parameters: Hyperparameters

    def impute(self, X: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Draw values; those of up to 1000 rows jointly."""
        factor = covariance(self.parameters, self.inputs, self.inputs)
        factor[np.diag_indices_from(factor)] += self.parameters.noise**2
        cholesky_in_place(factor)
        weights = solve_factored(factor, self.outputs)
        values = np.empty(len(X))
        for start in range(0, len(X), BLOCK):
            rows = slice(start, start + BLOCK)
            wanted = (X[rows] - self.centre) / self.scale
            across = covariance(self.parameters, self.inputs, wanted)
            whitened = whiten(factor, across)
            within = covariance(self.parameters, wanted, wanted) - whitened.T @ whitened
            # Noise makes the covariance positive definite, and is part of each value.
            within[np.diag_indices_from(within)] += self.parameters.noise**2
            cholesky_in_place(within)
            deviations = np.triu(within).T @ rng.standard_normal(len(within))
            values[rows] = across.T @ weights + deviations
        return self.mean + self.spread * values
