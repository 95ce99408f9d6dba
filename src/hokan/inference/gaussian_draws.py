"""Draws from multivariate Gaussians."""

from __future__ import annotations

import numpy as np
from scipy.linalg import blas

from hokan.gp.factorisation import NotPositiveDefiniteError, cholesky_in_place
from hokan.gp.kernels import FloatArray

#: Share by which variances are raised before a covariance is factored.
_JITTER = 1e-10


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
    normal = random_state.standard_normal((n_samples, len(mean)))
    factor = np.array(covariance, order="C")
    # Far below what matters, and enough for most matrices that rounding has made indefinite.
    np.einsum("ii->i", factor)[:] *= 1.0 + _JITTER
    try:
        cholesky_in_place(factor)
    except NotPositiveDefiniteError:
        # Thirty times slower in a large table, and always possible.
        values, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        return np.asarray(mean + normal @ root.T)
    return np.asarray(mean + blas.dtrmm(1.0, factor.T, normal.T, lower=1).T)


def draw_gaussians(
    means: FloatArray, covariances: FloatArray, n_samples: int, random_state: np.random.Generator
) -> FloatArray:
    """Draw from many small Gaussians at once, each as in :func:`draw_gaussian`.

    Parameters
    ----------
    means : ndarray of shape (n, p)
    covariances : ndarray of shape (n, p, p)
    n_samples : int
    random_state : Generator

    Returns
    -------
    ndarray of shape (n_samples, n, p)
    """
    values, vectors = np.linalg.eigh(covariances)
    roots = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
    normal = random_state.standard_normal((n_samples, *means.shape))
    return np.asarray(means + np.einsum("njk,snk->snj", roots, normal))
