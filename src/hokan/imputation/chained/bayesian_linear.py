"""The method norm of mice: normal linear regression with drawn parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hokan.imputation.chained.linear_draw import LinearDraw, draw_linear
from hokan.imputation.chained.regression import FloatArray


class BayesianLinear:
    """Values are a drawn linear function of all other columns, plus normal noise.

    As ``mice.impute.norm``; see :func:`draw_linear`.
    """

    def fit_draw(
        self, X: FloatArray, y: FloatArray, rng: np.random.Generator
    ) -> DrawnBayesianLinear:
        """Draw coefficients and residual variance."""
        return DrawnBayesianLinear(draw_linear(X, y, rng))


@dataclass(frozen=True, eq=False)
class DrawnBayesianLinear:
    """A linear function and the spread around it."""

    model: LinearDraw

    def impute(self, X: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Draw values around the linear function."""
        return self.model.drawn(X) + self.model.drawn_sigma * rng.standard_normal(len(X))
