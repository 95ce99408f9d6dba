"""Exact moments of Gaussians of which some cells only have a limit, by drawing these cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hokan.inference.cells import Limits


def ends(side: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper limits from sides (-1: at most, 1: at least, 0: none) and values."""
    return np.where(side == 1, value, -np.inf), np.where(side == -1, value, np.inf)


def one_sided(side: np.ndarray, value: np.ndarray, noise_variance: np.ndarray) -> Limits:
    return Limits(*ends(side, value), noise_variance)


@dataclass(frozen=True)
class Truncated:
    """Mean and covariance of all cells, and the log probability that the limits hold."""

    mean: np.ndarray
    covariance: np.ndarray
    log_probability: float

    @property
    def deviation(self) -> np.ndarray:
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))


def truncate(
    mean: np.ndarray,
    covariance: np.ndarray,
    limited: np.ndarray,
    noise_variance: np.ndarray,
    lower: np.ndarray | float,
    upper: np.ndarray | float,
    n_draws: int = 400_000,
) -> Truncated:
    """Moments of cells given that some of them, plus noise, lie between limits.

    Only the limited cells are drawn; everything else follows from them exactly.
    """
    inner = covariance[np.ix_(limited, limited)] + np.diag(noise_variance)
    draws = np.random.default_rng(0).multivariate_normal(mean[limited], inner, n_draws)
    kept = draws[((draws >= lower) & (draws <= upper)).all(axis=1)]
    assert len(kept) > 4000, "too few draws lie inside the limits to compare with"
    gain = np.linalg.solve(inner, covariance[limited]).T
    lost = inner - np.atleast_2d(np.cov(kept.T))
    return Truncated(
        mean + gain @ (kept.mean(axis=0) - mean[limited]),
        covariance - gain @ lost @ gain.T,
        float(np.log(len(kept) / n_draws)),
    )
