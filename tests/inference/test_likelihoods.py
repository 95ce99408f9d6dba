"""The two likelihoods against brute force, finite differences, and each other."""

from __future__ import annotations

import numpy as np
import pytest
from problems import (
    all_kernels,
    chain_mask,
    make_layout,
    mixed_components,
    random_cells,
    random_parameters,
)
from scipy.stats import multivariate_normal

from hokan.inference.blocks import geometries_between, kernel_matrices
from hokan.inference.joint import JointLikelihood
from hokan.inference.parameters import NEGLIGIBLE_VARIANCE, ParameterLayout
from hokan.inference.recursive import RecursiveLikelihood


def brute_force_covariance(cells, layout, parameters):
    """Write the model out: every cell of the full table, then keep the observed ones."""
    n, p = cells.values.shape
    own = [np.zeros((n, n)) for _ in range(p)]
    matrices = kernel_matrices(
        layout, parameters, geometries_between(layout.kernels, cells.features, cells.features)
    )
    same = np.maximum(np.eye(n), cells.features.same_material(cells.features))
    for j in range(p):
        for c, matrix in enumerate([*matrices, same]):
            own[j] += parameters.variances[c, j] * matrix
    # vec(Z) by property: Z = A U with independent U_j.
    mixing = np.linalg.inv(np.eye(p) - parameters.links)
    full = np.zeros((p * n, p * n))
    for j in range(p):
        for k in range(p):
            full[j * n : (j + 1) * n, k * n : (k + 1) * n] = sum(
                mixing[j, m] * mixing[k, m] * own[m] for m in range(p)
            )
    full += np.diag((cells.noise_variance + parameters.noise_variances).T.ravel())
    observed = cells.observed.T.ravel()
    return full[np.ix_(observed, observed)], cells.values.T.ravel()[observed]


@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize("repeated", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_joint_likelihood_is_the_gaussian_density_of_all_observed_cells(noisy, repeated, masked):
    rng = np.random.default_rng(1)
    cells = random_cells(rng, 14, 3, noisy=noisy, repeated=repeated)
    layout = make_layout(chain_mask(3), component_mask=mixed_components() if masked else None)
    parameters = random_parameters(rng, layout)
    covariance, values = brute_force_covariance(cells, layout, parameters)
    expected = -multivariate_normal(np.zeros(len(values)), covariance).logpdf(values)
    value, _ = JointLikelihood(cells, layout).value_and_gradient(parameters)
    assert value == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("kind", ["joint", "joint, repeated materials", "recursive"])
@pytest.mark.parametrize("masked", [False, True])
def test_gradient_equals_central_differences(kind, masked):
    rng = np.random.default_rng(2)
    mask = mixed_components() if masked else None
    if kind == "recursive":
        cells = random_cells(rng, 14, 3, pattern="nested")
        layout = make_layout(chain_mask(3), None, np.array([False, False, True]), mask)
        likelihood = RecursiveLikelihood(cells, layout)
    else:
        cells = random_cells(rng, 14, 3, noisy=True, repeated="repeated" in kind)
        layout = make_layout(chain_mask(3), None, np.array([True, False, True]), mask)
        likelihood = JointLikelihood(cells, layout)
    vector = layout.pack(random_parameters(rng, layout))

    def value(at):
        return likelihood.value_and_gradient(layout.unpack(at))[0]

    _, gradient = likelihood.value_and_gradient(layout.unpack(vector))
    flat = layout.arrange(gradient)
    step = 1e-5
    for i in range(len(vector)):
        shift = np.zeros(len(vector))
        shift[i] = step
        numerical = (value(vector + shift) - value(vector - shift)) / (2 * step)
        assert flat[i] == pytest.approx(numerical, rel=1e-5, abs=1e-6), i


def test_prior_gradient_equals_central_differences():
    rng = np.random.default_rng(3)
    layout = make_layout(chain_mask(2))
    vector = layout.prior_mean + rng.standard_normal(len(layout))
    _, gradient = layout.negative_log_prior(vector)
    for i in range(len(vector)):
        shift = np.zeros(len(vector))
        shift[i] = 1e-5
        up, down = (
            layout.negative_log_prior(vector + shift),
            layout.negative_log_prior(vector - shift),
        )
        assert gradient[i] == pytest.approx((up[0] - down[0]) / 2e-5, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("repeated", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_recursive_equals_joint_on_nested_data(repeated, masked):
    rng = np.random.default_rng(4)
    cells = random_cells(rng, 16, 3, pattern="nested", repeated=repeated)
    layout = make_layout(chain_mask(3), component_mask=mixed_components() if masked else None)
    parameters = random_parameters(rng, layout)
    joint, d_joint = JointLikelihood(cells, layout).value_and_gradient(parameters)
    recursive, d_recursive = RecursiveLikelihood(cells, layout).value_and_gradient(parameters)
    assert recursive == pytest.approx(joint, rel=1e-9)
    np.testing.assert_allclose(
        layout.arrange(d_recursive), layout.arrange(d_joint), rtol=1e-7, atol=1e-7
    )


@pytest.mark.parametrize("masked", [False, True])
def test_packing_and_unpacking_parameters_are_inverse(masked):
    rng = np.random.default_rng(5)
    mask = mixed_components() if masked else None
    layout = make_layout(chain_mask(3), None, np.array([True, False, True]), mask)
    vector = rng.standard_normal(len(layout))
    np.testing.assert_allclose(layout.pack(layout.unpack(vector)), vector)


def test_a_masked_component_is_no_part_of_a_property():
    mask = mixed_components()
    layout = make_layout(chain_mask(3), component_mask=mask)
    variances = random_parameters(np.random.default_rng(6), layout).variances
    np.testing.assert_array_equal(variances > 0, mask)
    constant = len(layout.kernels) - 1
    np.testing.assert_array_equal(variances[constant], [1.0, 1.0, 0.0])


def test_bounds_hold_logarithms_and_leave_links_free():
    layout = make_layout(chain_mask(3), None, np.array([True, False, True]), mixed_components())
    lower, upper = layout.bound_arrays
    assert np.isinf(lower[: layout.n_links]).all()
    assert np.isinf(upper[: layout.n_links]).all()
    least = layout.unpack(np.where(np.isinf(lower), 0.0, lower))
    np.testing.assert_allclose(least.variances[-1], NEGLIGIBLE_VARIANCE)
    np.testing.assert_allclose(np.log(least.variances[layout.free][:-3]), -13.0)
    np.testing.assert_allclose(least.log_hyperparameters, -13.0)
    as_arrays = [(None, None) if np.isinf(b) else (a, b) for a, b in zip(lower, upper, strict=True)]
    assert layout.bounds == as_arrays


def test_functions_of_the_descriptors_have_no_variance_of_their_own_to_learn():
    kernels, alone = all_kernels(), np.zeros((1, 1))
    layout = ParameterLayout(
        alone.astype(bool), kernels, alone, alone + 1.0, material_variance_prior=None
    )
    assert layout.n_variances == len(kernels) - 1  # the mean's is fixed as well
    parameters = random_parameters(np.random.default_rng(7), layout)
    assert parameters.variances[-1] == NEGLIGIBLE_VARIANCE
    np.testing.assert_allclose(
        layout.unpack(layout.pack(parameters)).variances, parameters.variances
    )
