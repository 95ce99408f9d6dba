"""Finding the most probable parameters: L-BFGS with restarts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from hokan.gp.factorisation import FloatArray, NotPositiveDefiniteError

Objective = Callable[[FloatArray], tuple[float, FloatArray]]
Progress = Callable[[int, float], None]
_HUGE = 1e15


@dataclass(frozen=True)
class Optimum:
    """The best point found.

    Attributes
    ----------
    vector : ndarray
        Where it is.
    value : float
        Objective there.
    n_evaluations : int
        Over all starts.
    converged : bool
        Whether the winning start met its tolerance before the iteration limit.
    """

    vector: FloatArray
    value: float
    n_evaluations: int
    converged: bool


def minimise(
    objective: Objective,
    starts: list[FloatArray],
    bounds: list[tuple[float | None, float | None]],
    *,
    max_iterations: int = 200,
    tolerance: float = 1e-6,
    progress: Progress | None = None,
) -> Optimum:
    """Minimise from every start and keep the best (L-BFGS-B, Byrd et al. 1995).

    Parameters
    ----------
    objective : callable
        Returns value and gradient; may raise NotPositiveDefiniteError, which sends the line search
        back.
    starts : list of ndarray
        At least one.
    bounds : list of pairs
        As SciPy takes them.
    max_iterations : int
        Per start.
    tolerance : float
        Relative decrease per iteration at which a start has converged.
    progress : callable, optional
        Called with the number of evaluations so far and the value after each of them.
    """
    evaluations = 0
    best: Optimum | None = None

    def guarded(vector: FloatArray) -> tuple[float, FloatArray]:
        nonlocal evaluations
        evaluations += 1
        try:
            value, gradient = objective(vector)
        except NotPositiveDefiniteError:
            return _HUGE, np.zeros_like(vector)
        if progress is not None:
            progress(evaluations, value)
        return value, gradient

    for start in starts:
        found = minimize(
            guarded,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": max_iterations, "ftol": tolerance, "gtol": 1e-5, "maxcor": 20},
        )
        if best is None or found.fun < best.value:
            best = Optimum(np.asarray(found.x), float(found.fun), evaluations, found.status == 0)
    if best is None:
        raise ValueError("at least one start is needed")
    return Optimum(best.vector, best.value, evaluations, best.converged)
