"""Draws from multivariate Gaussians."""

from __future__ import annotations

import numpy as np

from hokan.gp.kernels import FloatArray


def draw_gaussian(
    mean: FloatArray, covariance: FloatArray, n_samples: int, random_state: np.random.Generator
) -> FloatArray:
    """Draw from a Gaussian whose covariance may be singular up to rounding.

    Parameters
    ----------
    mean : ndarray of shape (m,)
    covariance : ndarray of shape (m, m)
    n_samples : int
    random_state : Generator

    Returns
    -------
    ndarray of shape (n_samples, m)
    """
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(mean + random_state.standard_normal((n_samples, len(mean))) @ root.T)
