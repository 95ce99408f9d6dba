"""Cholesky factors and inverses of covariance matrices, in place.

LAPACK works on Fortran-ordered matrices; a C-ordered array holding the *upper* triangle is the same
memory as a Fortran-ordered one holding the lower. Everything here takes the C-ordered upper form,
so that no copy is ever made.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import blas, lapack

FloatArray = NDArray[np.float64]


class NotPositiveDefiniteError(ArithmeticError):
    """A covariance matrix with no Cholesky factor: parameters outside the sensible range."""


def cholesky_in_place(upper: FloatArray) -> None:
    """Replace the upper triangle of a covariance by that of its Cholesky factor ``U``, ``C = U'U``.

    Raises
    ------
    NotPositiveDefiniteError
        The matrix is not positive definite; its content is then lost.
    """
    _, info = lapack.dpotrf(upper.T, lower=1, clean=0, overwrite_a=1)
    if info != 0:
        raise NotPositiveDefiniteError(f"leading minor {info} is not positive")


def invert_in_place(factor: FloatArray) -> None:
    """Replace a Cholesky factor by the upper triangle of the inverse of its covariance."""
    lapack.dpotri(factor.T, lower=1, overwrite_c=1)


def solve_factored(factor: FloatArray, right: FloatArray) -> FloatArray:
    """Return ``C^-1 right`` from the Cholesky factor of ``C``."""
    solution, _ = lapack.dpotrs(factor.T, right, lower=1)
    return np.asarray(solution)


def whiten(factor: FloatArray, right: FloatArray) -> FloatArray:
    """Return ``L^-1 right`` with ``C = L L'``: columns with the inner product of ``C^-1``."""
    return np.asarray(blas.dtrsm(1.0, factor.T, right, lower=1))


def half_log_determinant(factor: FloatArray) -> float:
    """Return ``0.5 log|C|`` from the Cholesky factor of ``C``."""
    return float(np.log(np.diagonal(factor)).sum())


def folded_upper(twice: FloatArray) -> FloatArray:
    """Return the upper triangle of ``2G`` with its diagonal halved.

    For symmetric G, sums over it are sums of G over the whole matrix; what stands below the
    diagonal of the argument is not read.
    """
    folded = np.triu(twice)
    np.einsum("ii->i", folded)[:] *= 0.5
    return folded


def subtract_outer_in_place(upper: FloatArray, vector: FloatArray) -> None:
    """Subtract ``vector vector'`` from the upper triangle of a symmetric matrix."""
    blas.dsyr(-1.0, vector, a=upper.T, lower=1, overwrite_a=1)
