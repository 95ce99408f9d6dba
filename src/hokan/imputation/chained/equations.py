"""Several independent chains, in one process or a few."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hokan.errors import HokanError
from hokan.imputation.chained.chain import Chain, run_chain
from hokan.imputation.chained.methods import chained_method
from hokan.imputation.chained.regression import FloatArray
from hokan.parallel import in_processes

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class ChainedEquations:
    """Multiple imputation by chained equations, of arrays.

    Each completed table is the end of a chain of its own, as in mice.

    Parameters
    ----------
    method : str
        One of ``CHAINED_METHODS``.
    n_rounds : int
        Rounds over all columns with holes.
    seed : int
        Of all draws: chain k is the same however many chains and processes there are.
    n_jobs : int
        Number of processes.
    """

    method: str = "predictive mean matching"
    n_rounds: int = 10
    seed: int = 0
    n_jobs: int = 1

    def run(
        self,
        values: npt.ArrayLike,
        predictors: npt.ArrayLike | None = None,
        n_chains: int = 20,
        *,
        first: int = 0,
        progress: Progress | None = None,
    ) -> list[Chain]:
        """Run chains on a table.

        Parameters
        ----------
        values : array_like of shape (n, p)
            Columns to impute, NaN for holes. Whoever wants logarithms takes them before.
        predictors : array_like of shape (n, d), optional
            Columns without holes, which only predict.
        n_chains : int
        first : int
            Number of the first chain: to go on where an earlier call ended.
        progress : callable, optional
            Called with the number of finished chains and of all.

        Raises
        ------
        HokanError
            If a column has no known value, the predictors have holes or other rows, or a setting
            cannot be.
        """
        table, fixed = _checked(values, predictors)
        regression = chained_method(self.method)
        for name, number in (("n_rounds", self.n_rounds), ("n_chains", n_chains)):
            if number < 1:
                raise HokanError(f"{name} must be at least 1; found {number}")
        seeds = np.random.SeedSequence(self.seed).spawn(first + n_chains)[first:]
        calls = [(table, fixed, regression, self.n_rounds, seed) for seed in seeds]
        chains: list[Chain] = []
        for chain in in_processes(run_chain, calls, self.n_jobs, in_order=True):
            chains.append(chain)
            if progress is not None:
                progress(len(chains), n_chains)
        return chains


def _checked(
    values: npt.ArrayLike, predictors: npt.ArrayLike | None
) -> tuple[FloatArray, FloatArray]:
    table = np.array(values, dtype=np.float64)
    if table.ndim != 2 or not table.size:
        raise HokanError(
            "chained equations need a table with at least one row and one column; found shape "
            f"{table.shape}"
        )
    fixed = np.empty((len(table), 0)) if predictors is None else np.array(predictors, np.float64)
    if fixed.ndim != 2 or len(fixed) != len(table) or not np.isfinite(fixed).all():
        raise HokanError(
            f"predictors must be finite numbers without holes in {len(table)} rows, as many as the "
            f"table has; found shape {fixed.shape} with {(~np.isfinite(fixed)).sum()} cells that "
            "are not finite"
        )
    if np.isinf(table).any():
        row, column = np.argwhere(np.isinf(table))[0]
        raise HokanError(
            f"the table must have finite numbers or holes; row {row + 1}, column {column + 1} is "
            "infinite"
        )
    empty = np.flatnonzero(np.isnan(table).all(axis=0))
    if empty.size:
        raise HokanError(
            f"column {empty[0] + 1} has no known value: there is nothing to learn from; leave it "
            "out"
        )
    return table, fixed
