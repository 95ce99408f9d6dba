"""Slice sampling leaves a density as it is, whatever its shape and the first guess of its width."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import expon, kstest, norm

from hokan.sampling.slice import slice_sample


def visited(log_density, start, scale: float, n_kept: int = 1500, moves: int = 8) -> np.ndarray:
    rng = np.random.default_rng(0)
    point = np.asarray(start, dtype=float)
    points = []
    for _ in range(n_kept):
        point = slice_sample(log_density, point, np.full(len(point), scale), moves, rng)
        points.append(point)
    return np.array(points)


@pytest.mark.parametrize("scale", [0.1, 1.0, 30.0])
def test_a_gaussian_is_drawn_whatever_the_guess_of_its_width(scale: float) -> None:
    moves = 30 if scale == 0.1 else 8
    points = visited(lambda x: -0.5 * float(x[0] - 2.0) ** 2, [0.0], scale, moves=moves)
    assert kstest(points[:, 0], norm(2.0, 1.0).cdf).pvalue > 0.001


def test_two_humps_have_their_shares() -> None:
    def log_density(x: np.ndarray) -> float:
        return float(np.logaddexp(np.log(0.3) - 2.0 * (x[0] + 1.5) ** 2, -2.0 * (x[0] - 1.5) ** 2))

    points = visited(log_density, [0.0], 1.0)[:, 0]
    mixture = 0.3 / 1.3, 1.0 / 1.3

    def cdf(x: np.ndarray) -> np.ndarray:
        return mixture[0] * norm.cdf(x, -1.5, 0.5) + mixture[1] * norm.cdf(x, 1.5, 0.5)

    assert kstest(points, cdf).pvalue > 0.001


def test_a_hard_end_is_kept() -> None:
    points = visited(lambda x: -float(x[0]) if x[0] >= 0 else -np.inf, [1.0], 1.0, moves=12)
    assert points.min() >= 0.0
    assert kstest(points[:, 0], expon.cdf).pvalue > 0.001


def test_correlated_coordinates_have_their_covariance() -> None:
    covariance = np.array([[1.0, 0.9], [0.9, 2.0]])
    precision = np.linalg.inv(covariance)
    points = visited(lambda x: -0.5 * float(x @ precision @ x), [3.0, -3.0], 1.0, 3000, 10)
    np.testing.assert_allclose(points.mean(axis=0), 0.0, atol=0.12)
    np.testing.assert_allclose(np.cov(points.T), covariance, atol=0.2)


def test_a_start_without_density_is_refused() -> None:
    with pytest.raises(ValueError, match="must start where the density is positive"):
        slice_sample(lambda _: -np.inf, np.zeros(2), np.ones(2), 1, np.random.default_rng(0))


def test_nothing_to_move_stays_as_it_is() -> None:
    empty = slice_sample(lambda _: 0.0, np.zeros(0), np.ones(0), 3, np.random.default_rng(0))
    assert empty.shape == (0,)
