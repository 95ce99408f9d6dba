"""One chain of chained equations: rounds over the columns, each imputed given all others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hokan.errors import HokanError
from hokan.gp.factorisation import NotPositiveDefiniteError
from hokan.imputation.chained.regression import (
    ConditionalRegression,
    DrawnConditional,
    FloatArray,
)


@dataclass(frozen=True, eq=False)
class Chain:
    """What one chain ended with.

    Attributes
    ----------
    completed : ndarray of shape (n, p)
        The last round's values in the holes, known values elsewhere.
    means, stds : ndarray of shape (n_rounds, p)
        Mean and standard deviation of a column's imputed values after each round; NaN for columns
        without holes.
    known : tuple of p ndarrays
        The known values of each column.
    conditionals : tuple of p DrawnConditional
        The last one drawn of each column, for new rows.
    """

    completed: FloatArray
    means: FloatArray
    stds: FloatArray
    known: tuple[FloatArray, ...]
    conditionals: tuple[DrawnConditional, ...]

    def complete(
        self, values: FloatArray, predictors: FloatArray, n_rounds: int, rng: np.random.Generator
    ) -> FloatArray:
        """Impute new rows with what was drawn last; nothing is fitted.

        Holes start from random known values of the training table, as the chain's did.

        Parameters
        ----------
        values : ndarray of shape (h, p)
            NaN for holes.
        predictors : ndarray of shape (h, d)
        n_rounds : int
        rng : Generator

        Returns
        -------
        ndarray of shape (h, p)
        """
        holes = np.isnan(values)
        completed = with_random_values(values, self.known, rng)
        visited = columns_to_visit(holes)
        # A single column depends on no other imputed one: one round says all.
        for _ in range(n_rounds if len(visited) > 1 else 1):
            for column in visited:
                rows = holes[:, column]
                others = all_others(completed, predictors, column)[rows]
                completed[rows, column] = self.conditionals[column].impute(others, rng)
        return completed


def run_chain(
    values: FloatArray,
    predictors: FloatArray,
    regression: Callable[[], ConditionalRegression],
    n_rounds: int,
    seed: np.random.SeedSequence,
) -> Chain:
    """Impute a table by one chain (van Buuren & Groothuis-Oudshoorn 2011, section 2.3).

    Parameters
    ----------
    values : ndarray of shape (n, p)
        NaN for holes; each column has a known value.
    predictors : ndarray of shape (n, d)
        Without holes.
    regression : callable
        Makes the regression of a column.
    n_rounds : int
        At least 1.
    seed : SeedSequence
        Of all draws.
    """
    rng = np.random.default_rng(seed)
    holes = np.isnan(values)
    known = tuple(column[~hole] for column, hole in zip(values.T, holes.T, strict=True))
    completed = with_random_values(values, known, rng)
    regressions = [_Constant() if np.ptp(column) == 0 else regression() for column in known]
    means, stds = (np.full((n_rounds, values.shape[1]), np.nan) for _ in range(2))
    conditionals: dict[int, DrawnConditional] = {}
    visited = columns_to_visit(holes)
    for step in range(n_rounds):
        for column in visited:
            rows = holes[:, column]
            others = all_others(completed, predictors, column)
            conditionals[column] = _fit_draw(
                regressions[column], others[~rows], known[column], rng, column
            )
            imputed = conditionals[column].impute(others[rows], rng)
            completed[rows, column] = imputed
            means[step, column], stds[step, column] = imputed.mean(), imputed.std()
    for column in set(range(values.shape[1])).difference(visited):  # new rows may have holes here
        others = all_others(completed, predictors, column)
        conditionals[column] = _fit_draw(regressions[column], others, known[column], rng, column)
    ordered = tuple(conditionals[column] for column in range(values.shape[1]))
    return Chain(completed, means, stds, known, ordered)


def columns_to_visit(holes: NDArray[np.bool_]) -> list[int]:
    """Return the columns with holes, those with the fewest first."""
    counts = holes.sum(axis=0)
    return [column for column in np.argsort(counts, kind="stable").tolist() if counts[column]]


def with_random_values(
    values: FloatArray, known: tuple[FloatArray, ...], rng: np.random.Generator
) -> FloatArray:
    """Return a copy in which each hole has one of the known values of its column."""
    completed = values.copy()
    for column, donors in enumerate(known):
        rows = np.isnan(values[:, column])
        completed[rows, column] = rng.choice(donors, size=rows.sum())
    return completed


def all_others(completed: FloatArray, predictors: FloatArray, column: int) -> FloatArray:
    """Return all columns but one, then the predictors: shape (n, p - 1 + d)."""
    return np.hstack([np.delete(completed, column, axis=1), predictors])


def _fit_draw(
    regression: ConditionalRegression,
    X: FloatArray,
    y: FloatArray,
    rng: np.random.Generator,
    column: int,
) -> DrawnConditional:
    try:
        return regression.fit_draw(X, y, rng)
    except (NotPositiveDefiniteError, np.linalg.LinAlgError) as error:
        raise HokanError(
            f"chained equations: the regression of column {column + 1} failed ({error}). Its "
            "values, or those of other columns, may differ by too many orders of magnitude; try "
            "logarithms"
        ) from error


class _Constant:
    """What to say of a column whose known values are all the same."""

    def fit_draw(self, X: FloatArray, y: FloatArray, rng: np.random.Generator) -> DrawnConditional:
        return _DrawnConstant(float(y[0]))


@dataclass(frozen=True)
class _DrawnConstant:
    value: float

    def impute(self, X: FloatArray, rng: np.random.Generator) -> FloatArray:
        return np.full(len(X), self.value)
