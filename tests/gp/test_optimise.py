"""The optimiser keeps the best start and survives parameters without a covariance."""

from __future__ import annotations

import numpy as np
import pytest

from hokan.gp.factorisation import NotPositiveDefiniteError, cholesky_in_place
from hokan.gp.optimise import minimise

WIDE = [(None, None)]


def two_wells(x):
    """Minima near -1 (lower) and +1."""
    value = (x[0] ** 2 - 1) ** 2 + 0.2 * x[0]
    return value, np.array([4 * x[0] * (x[0] ** 2 - 1) + 0.2])


def test_the_lowest_of_all_starts_is_kept():
    one = minimise(two_wells, [np.array([1.0])], WIDE)
    both = minimise(two_wells, [np.array([1.0]), np.array([-1.0])], WIDE)
    assert one.vector[0] > 0 > both.vector[0]
    assert both.value < one.value
    assert both.converged


def test_progress_is_told_every_evaluation():
    told = []
    found = minimise(
        two_wells, [np.array([0.5])], WIDE, progress=lambda n, value: told.append((n, value))
    )
    assert [n for n, _ in told] == list(range(1, found.n_evaluations + 1))


def test_parameters_without_a_covariance_send_the_search_back():
    def objective(x):
        if x[0] > 2.0:
            raise NotPositiveDefiniteError("too far")
        return float(-x[0] + 0.25 * x[0] ** 2), np.array([-1 + 0.5 * x[0]])

    assert minimise(objective, [np.array([-20.0])], WIDE).vector[0] == pytest.approx(2.0, abs=0.1)


def test_no_start_is_an_error():
    with pytest.raises(ValueError, match="at least one start"):
        minimise(two_wells, [], WIDE)


def test_a_matrix_that_is_not_positive_definite_is_refused():
    with pytest.raises(NotPositiveDefiniteError):
        cholesky_in_place(np.array([[1.0, 2.0], [2.0, 1.0]]))
