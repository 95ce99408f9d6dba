"""Kernels without hyperparameters: straight lines, element contributions, and a free mean."""

from __future__ import annotations

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels.base import FloatArray, Kernel, LogNormalPrior


class _InnerProductKernel(Kernel):
    """``x . x'`` of some matrix of the features."""

    def _vectors(self, features: MaterialFeatures) -> FloatArray:
        raise NotImplementedError

    def geometry(self, left: MaterialFeatures, right: MaterialFeatures) -> FloatArray:
        """Return inner products, shape (n_left, n_right)."""
        return np.asarray(self._vectors(left) @ self._vectors(right).T)

    def matrix(self, geometry: FloatArray, log_hyperparameters: FloatArray) -> FloatArray:
        """Return the geometry itself."""
        return geometry

    def diagonal(self, features: MaterialFeatures) -> FloatArray:
        """Return squared norms, shape (n,)."""
        vectors = self._vectors(features)
        return np.asarray(np.einsum("ij,ij->i", vectors, vectors))


class LinearKernel(_InnerProductKernel):
    """A straight line in every standardised descriptor, weighted by relevance."""

    name = "linear"
    variance_prior = LogNormalPrior(median=0.2, spread=2.0)

    def _vectors(self, features: MaterialFeatures) -> FloatArray:
        return features.weighted_linear


class ElementSimilarityKernel(_InnerProductKernel):
    """A contribution of every element in proportion to its fraction, alike for like elements."""

    name = "element similarity"
    variance_prior = LogNormalPrior(median=0.2, spread=2.0)

    def _vectors(self, features: MaterialFeatures) -> FloatArray:
        return features.element_vectors


class ConstantKernel(Kernel):
    """An unknown mean with a normal prior in standardised units.

    Standardising subtracts the mean of the *observed* values; the mean over all materials may
    differ, the more so the fewer were observed.

    Parameters
    ----------
    prior_variance : float
        Variance of the mean, not learned.
    """

    name = "constant"
    variance_prior = None

    def __init__(self, prior_variance: float = 1.0) -> None:
        self.prior_variance = prior_variance

    def geometry(self, left: MaterialFeatures, right: MaterialFeatures) -> FloatArray:
        """Return the variance everywhere, shape (n_left, n_right)."""
        return np.full((len(left), len(right)), self.prior_variance)

    def matrix(self, geometry: FloatArray, log_hyperparameters: FloatArray) -> FloatArray:
        """Return the geometry itself."""
        return geometry

    def diagonal(self, features: MaterialFeatures) -> FloatArray:
        """Return the variance of each material."""
        return np.full(len(features), self.prior_variance)
