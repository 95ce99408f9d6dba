"""Every kernel through one kit: shapes, symmetry, positive definiteness, diagonal, gradient."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from sklearn.gaussian_process.kernels import RBF, Matern

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels import (
    ConstantKernel,
    ElementSimilarityKernel,
    LaplacianKernel,
    LinearKernel,
    MaternKernel,
    ProductMaternKernel,
    SquaredExponentialKernel,
)

KERNELS = [
    LaplacianKernel(),
    LinearKernel(),
    ElementSimilarityKernel(),
    ConstantKernel(),
    ConstantKernel(9.0),
    MaternKernel(3),
    ProductMaternKernel(3),
    SquaredExponentialKernel(3),
]


def make_features(n: int, seed: int = 0) -> MaterialFeatures:
    rng = np.random.default_rng(seed)
    standardised = rng.standard_normal((n, 3))
    return MaterialFeatures(
        standardised=standardised,
        weighted_linear=standardised / np.sqrt(3),
        weighted_ranks=rng.uniform(-1, 1, (n, 3)) / 3,
        element_vectors=rng.dirichlet(np.ones(5), size=n),
        identity=np.full(n, -1),
    )


def log_hyperparameters(kernel, seed: int = 1) -> np.ndarray:
    return 0.3 * np.random.default_rng(seed).standard_normal(len(kernel.hyperparameter_priors))


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
class TestEveryKernel:
    def test_shape_of_a_matrix_between_two_sets(self, kernel):
        left, right = make_features(4), make_features(6, seed=2)
        matrix = kernel.matrix(kernel.geometry(left, right), log_hyperparameters(kernel))
        assert matrix.shape == (4, 6)

    def test_symmetric_and_positive_semidefinite(self, kernel):
        features = make_features(25)
        matrix = kernel.matrix(kernel.geometry(features, features), log_hyperparameters(kernel))
        np.testing.assert_allclose(matrix, matrix.T, atol=1e-14)
        assert np.linalg.eigvalsh(matrix).min() > -1e-10

    def test_diagonal_is_that_of_the_matrix(self, kernel):
        features = make_features(7)
        matrix = kernel.matrix(kernel.geometry(features, features), log_hyperparameters(kernel))
        np.testing.assert_allclose(kernel.diagonal(features), np.diag(matrix), rtol=1e-12)

    def test_gradient_equals_central_differences(self, kernel):
        left, right = make_features(5), make_features(6, seed=3)
        geometry, at = kernel.geometry(left, right), log_hyperparameters(kernel)
        weights = np.random.default_rng(4).standard_normal((5, 6))
        found = kernel.gradient(geometry, at, kernel.matrix(geometry, at), weights)
        assert found.shape == at.shape
        for i in range(len(at)):
            shift = np.zeros(len(at))
            shift[i] = 1e-6
            up = np.sum(weights * kernel.matrix(geometry, at + shift))
            down = np.sum(weights * kernel.matrix(geometry, at - shift))
            assert found[i] == pytest.approx((up - down) / 2e-6, rel=1e-6, abs=1e-9)

    def test_the_geometry_is_left_as_it_was(self, kernel):
        features = make_features(5)
        geometry = kernel.geometry(features, features)
        before = geometry.copy()
        kernel.matrix(geometry, log_hyperparameters(kernel))
        np.testing.assert_array_equal(geometry, before)


@pytest.mark.parametrize(
    ("kernel", "peer"),
    [(MaternKernel(3), partial(Matern, nu=2.5)), (SquaredExponentialKernel(3), RBF)],
    ids=["matern", "squared exponential"],
)
def test_smooth_kernels_equal_those_of_scikit_learn(kernel, peer):
    features = make_features(8)
    logs = np.array([0.2, -0.1, 0.4])
    mine = kernel.matrix(kernel.geometry(features, features), logs)
    theirs = peer(length_scale=np.exp(logs))(features.standardised)
    np.testing.assert_allclose(mine, theirs, rtol=1e-10)


def test_product_matern_is_a_product_of_matern_kernels_of_one_descriptor():
    features = make_features(8)
    logs = np.array([0.2, -0.1, 0.4])
    kernel = ProductMaternKernel(3)
    mine = kernel.matrix(kernel.geometry(features, features), logs)
    theirs = [
        Matern(length_scale=np.exp(log), nu=2.5)(column[:, None])
        for log, column in zip(logs, features.standardised.T, strict=True)
    ]
    np.testing.assert_allclose(mine, np.prod(theirs, axis=0), rtol=1e-10)


def test_laplacian_falls_to_one_over_e_at_one_lengthscale():
    left, right = make_features(1), make_features(1, seed=5)
    distance = np.abs(left.weighted_ranks - right.weighted_ranks).sum()
    kernel = LaplacianKernel()
    matrix = kernel.matrix(kernel.geometry(left, right), np.log([distance]))
    assert matrix[0, 0] == pytest.approx(np.exp(-1.0))
