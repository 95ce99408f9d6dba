"""Slice sampling: draws from a density known up to a factor, with nothing to tune.

Source: Neal, Annals of Statistics 31 (2003): stepping out (figure 3) and shrinkage (figure 5),
along single coordinates and along random directions.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hokan.gp.kernels import FloatArray

LogDensity = Callable[[FloatArray], float]

#: The interval is at most so many times as long as the first guess.
_MOST_STEPS = 8
#: An interval shorter than this, of the first guess, has nothing in it but the start.
_SHORTEST = 1e-10


def slice_sample(
    log_density: LogDensity,
    start: FloatArray,
    scale: FloatArray,
    n_moves: int,
    random_state: np.random.Generator,
) -> FloatArray:
    """Move a point so that a density stays as it is.

    Parameters
    ----------
    log_density : callable
        Of a point (d,), up to a constant; minus infinity where there is none.
    start : ndarray of shape (d,)
        Where the density is positive.
    scale : ndarray of shape (d,)
        About how wide the density is; a wrong guess costs time and nothing else.
    n_moves : int
        Every second goes along one coordinate, the others along a random direction.
    random_state : Generator

    Raises
    ------
    ValueError
        The density at the start is zero.
    """
    point, here = start, log_density(start)
    if not here > -np.inf:
        raise ValueError("slice sampling must start where the density is positive")
    for number in range(n_moves if len(start) else 0):
        direction = random_state.standard_normal(len(point))
        if number % 2 == 0:
            coordinate = random_state.integers(len(point))
            direction = np.where(np.arange(len(point)) == coordinate, 1.0, 0.0)
        direction = scale * direction / np.linalg.norm(direction)
        point, here = _move_along(log_density, point, here, direction, random_state)
    return point


def _move_along(
    log_density: LogDensity,
    point: FloatArray,
    here: float,
    direction: FloatArray,
    random_state: np.random.Generator,
) -> tuple[FloatArray, float]:
    """Return the next point on a line through one, and its log density."""
    level = here - random_state.exponential()
    right = random_state.uniform()
    left = right - 1.0
    to_left = int(random_state.integers(_MOST_STEPS))
    to_right = _MOST_STEPS - 1 - to_left
    while to_left > 0 and log_density(point + left * direction) > level:
        left, to_left = left - 1.0, to_left - 1
    while to_right > 0 and log_density(point + right * direction) > level:
        right, to_right = right + 1.0, to_right - 1
    while right - left > _SHORTEST:
        step = random_state.uniform(left, right)
        tried = point + step * direction
        there = log_density(tried)
        if there > level:
            return tried, there
        left, right = (step, right) if step < 0 else (left, step)
    return point, here
