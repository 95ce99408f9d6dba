"""The Laplacian kernel on weighted rank distances: the work-horse for compositions."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels.base import FloatArray, Kernel, LogNormalPrior


class LaplacianKernel(Kernel):
    r"""``exp(-D / l)``, with ``D`` the L1 distance between ranked, relevance-weighted descriptors.

    Ranks make the distance blind to how a descriptor is scaled, as decision trees are, and stop
    extrapolation beyond the range seen in training. The relevance weights sum to one, so the
    distance of two unrelated materials is of order one whatever the number of descriptors.

    Source: Laplacian kernel, e.g. Rasmussen & Williams (2006), eq. 4.18 with gamma = 1, in L1; what
    the choice was measured against is in docs/studies/descriptor-kernel.md.
    """

    name = "laplacian"
    variance_prior = LogNormalPrior(median=0.5, spread=1.5)
    hyperparameter_priors = (LogNormalPrior(median=1.0, spread=1.0),)

    def geometry(self, left: MaterialFeatures, right: MaterialFeatures) -> FloatArray:
        """Return weighted L1 distances, shape (n_left, n_right)."""
        return np.asarray(cdist(left.weighted_ranks, right.weighted_ranks, "cityblock"))

    def matrix(self, geometry: FloatArray, log_hyperparameters: FloatArray) -> FloatArray:
        """Return ``exp(-D / l)``."""
        matrix: FloatArray = geometry * -np.exp(-log_hyperparameters[0])
        np.exp(matrix, out=matrix)
        return matrix

    def diagonal(self, features: MaterialFeatures) -> FloatArray:
        """Return ones."""
        return np.ones(len(features))

    def gradient(
        self,
        geometry: FloatArray,
        log_hyperparameters: FloatArray,
        matrix: FloatArray,
        weights: FloatArray,
    ) -> FloatArray:
        """Return the derivative with respect to ``log l``: ``sum(weights * matrix * D / l)``."""
        scale = np.exp(-log_hyperparameters[0])
        return np.array([scale * np.einsum("ij,ij,ij->", weights, matrix, geometry)])
