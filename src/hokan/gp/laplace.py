"""Draws from the normal approximation of a posterior at its mode."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri
from scipy.stats import chi2

from hokan.gp.factorisation import FloatArray, NotPositiveDefiniteError
from hokan.gp.optimise import Objective

_STEP = 1e-4
#: A draw less probable than all but this share of draws from a normal distribution shows that the
#: approximation does not hold there.
_PROBABILITY = 0.999
_MOST_HALVINGS = 6


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
        Along every principal direction, draws are normal scores in random order rather than
        independent: their mean is the mode and their variance is right however few there are.
    random_state : Generator

    Returns
    -------
    list of ndarray of shape (k,)

    Notes
    -----
    The Hessian is taken by forward differences of the gradient: k + 1 evaluations (MacKay 2003,
    chapter 27). Where the posterior is far from normal, a draw may end where it is hardly probable
    at all: its step is then halved until it does not.
    """
    size = len(mode)
    least, gradient = objective(mode)
    hessian = np.empty((size, size))
    for i in range(size):
        shifted = mode.copy()
        shifted[i] += _STEP
        hessian[i] = (objective(shifted)[1] - gradient) / _STEP
    values, vectors = np.linalg.eigh(0.5 * (hessian + hessian.T))
    spread = 1.0 / np.sqrt(np.maximum(values, np.max(prior_spread) ** -2.0))
    steps = (_scores(n_draws, size, random_state) * spread) @ vectors.T
    highest = least + 0.5 * chi2.ppf(_PROBABILITY, size)
    return [mode + _shortened(objective, mode, step, highest) for step in steps]


def _scores(n_draws: int, size: int, random_state: np.random.Generator) -> FloatArray:
    """Return normal scores, mean 0 and variance 1 in every column, in random order: (n, size)."""
    if n_draws == 1:
        return random_state.standard_normal((1, size))
    scores = ndtri((np.arange(n_draws) + 0.5) / n_draws)
    scores /= np.sqrt(np.mean(scores**2))
    return np.array([random_state.permutation(scores) for _ in range(size)]).T


def _shortened(
    objective: Objective, mode: FloatArray, step: FloatArray, highest: float
) -> FloatArray:
    """Halve a step until it leads to where the approximation holds well enough."""
    for _ in range(_MOST_HALVINGS):
        try:
            if objective(mode + step)[0] <= highest:
                return step
        except NotPositiveDefiniteError:
            pass
        step = 0.5 * step
    return np.zeros_like(step)
