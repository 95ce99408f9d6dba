"""Draws from the normal approximation of a posterior at its mode."""

from __future__ import annotations

import numpy as np

from hokan.gp.factorisation import FloatArray
from hokan.gp.optimise import Objective

_STEP = 1e-4


def laplace_draws(
    objective: Objective,
    mode: FloatArray,
    prior_spread: FloatArray,
    n_draws: int,
    random_state: np.random.Generator,
) -> list[FloatArray]:
    """Draw around the minimum of a negative log posterior (Laplace's approximation).

    Parameters
    ----------
    objective : callable
        Returns the negative log posterior and its gradient.
    mode : ndarray of shape (k,)
        Where it is least.
    prior_spread : ndarray of shape (k,)
        Prior standard deviations: no direction gets more spread than the widest of them.
    n_draws : int
        Draws come in pairs, one on each side of the mode, so that their mean is the mode.
    random_state : Generator

    Returns
    -------
    list of ndarray of shape (k,)

    Notes
    -----
    The Hessian is taken by forward differences of the gradient: k + 1 evaluations (MacKay 2003,
    chapter 27).
    """
    size = len(mode)
    _, gradient = objective(mode)
    hessian = np.empty((size, size))
    for i in range(size):
        shifted = mode.copy()
        shifted[i] += _STEP
        hessian[i] = (objective(shifted)[1] - gradient) / _STEP
    values, vectors = np.linalg.eigh(0.5 * (hessian + hessian.T))
    spread = 1.0 / np.sqrt(np.maximum(values, np.max(prior_spread) ** -2.0))
    half = random_state.standard_normal(((n_draws + 1) // 2, size))
    steps = (np.concatenate([half, -half])[:n_draws] * spread) @ vectors.T
    return list(mode + steps)
