"""One property given complete parents: its evidence and the derivatives of that."""

from __future__ import annotations

import numpy as np
import pytest
from hierarchies import (
    LINK_LOGS,
    REACH,
    Model,
    column_features,
    layout_of,
    masked,
    numerical_gradient,
    product_link,
)
from scipy.stats import multivariate_normal

from hokan.sampling.directions import Directions
from hokan.sampling.links import Link
from hokan.sampling.node import Node, NodeLikelihood

RNG = np.random.default_rng(0)
N = 9
FEATURES = column_features(RNG, N)
DIRECTIONS = Directions.fit(FEATURES, np.ones((N, 1), dtype=bool), RNG)
AT = DIRECTIONS.of(FEATURES)
LAYOUT = layout_of(masked(1, []))
NODES = {
    "no parents": Node(LAYOUT, ()),
    "linear": Node(LAYOUT, (Link(0, "linear", 0.5, 0.6, REACH),)),
    "smooth and joint": Node(
        LAYOUT,
        (
            Link(0, "smooth", 0.5, 0.6, REACH),
            Link(1, "joint", -0.3, 0.4, REACH, len(DIRECTIONS)),
        ),
    ),
    "formula and joint": Node(
        LAYOUT, (product_link((0,)), Link(1, "joint", -0.3, 0.4, REACH, len(DIRECTIONS)))
    ),
}
TABLE = RNG.standard_normal((N, 3))


def vector_of(node: Node) -> np.ndarray:
    logs = [LINK_LOGS[link.kind] for link in node.links]
    return np.concatenate([LAYOUT.prior_mean, *logs]) + 0.1


@pytest.mark.parametrize("name", NODES)
class TestEvidence:
    def test_it_is_that_of_a_gaussian_with_the_weights_integrated_out(self, name: str) -> None:
        node = NODES[name]
        vector = vector_of(node)
        parameters = node.unpack(vector)
        offset, basis = node.linearised(TABLE, AT, node.weight_mean)
        values = TABLE[:, 2] - offset
        features, n = FEATURES, np.arange(N)
        own = node.covariance_between(parameters, features.rows(n), features.rows(n))
        own += parameters.process.variances[-1, 0] * np.eye(N)
        covariance = own + (basis * node.weight_variance(parameters)[0]) @ basis.T
        mean = basis @ node.weight_mean
        found, _ = NodeLikelihood(node, FEATURES).value_and_gradient(vector, values, basis)
        penalty, _ = node.negative_log_prior(vector)
        wanted = -multivariate_normal(mean, covariance).logpdf(values)
        assert found - penalty == pytest.approx(wanted, rel=1e-9)

    def test_its_gradient(self, name: str) -> None:
        node = NODES[name]
        vector = vector_of(node)
        likelihood = NodeLikelihood(node, FEATURES)
        offset, basis = node.linearised(TABLE, AT, node.weight_mean)
        values = TABLE[:, 2] - offset
        _, gradient = likelihood.value_and_gradient(vector, values, basis)
        found = numerical_gradient(
            lambda v: likelihood.value_and_gradient(v, values, basis)[0], vector
        )
        np.testing.assert_allclose(gradient, found, atol=1e-6, rtol=1e-6)

    def test_every_parameter_has_bounds_around_its_prior(self, name: str) -> None:
        node = NODES[name]
        assert len(node.bounds) == len(node.prior_mean) == len(vector_of(node))
        for (lower, upper), mean in zip(node.bounds, node.prior_mean, strict=True):
            assert lower is not None
            assert upper is not None
            assert lower < mean < upper

    def test_near_some_weights_links_are_what_they_are_there(self, name: str) -> None:
        node = NODES[name]
        weights = node.weight_mean + 0.1 * RNG.standard_normal(node.n_weights)
        offset, basis = node.linearised(TABLE, AT, weights)
        links = node.links_at(TABLE.T[:, :, None], AT)
        total = node.total(links, weights[:, None], (N, 1))[:, 0]
        np.testing.assert_allclose(offset + basis @ weights, total, atol=1e-12)
        if "formula" not in name:
            np.testing.assert_allclose(offset, 0.0, atol=1e-12)


class TestNode:
    def test_parents_are_those_of_all_links(self) -> None:
        node = Node(LAYOUT, (product_link((2, 0), "c * a * b"), Link(1, "linear", 0, 1)))
        assert node.parents == (2, 0, 1)
        assert node.n_weights == 2
        assert node.weight_slices == [slice(0, 1), slice(1, 2)]

    def test_parameters_are_unpacked_link_by_link(self) -> None:
        node = NODES["smooth and joint"]
        vector = vector_of(node)
        found = node.unpack(vector)
        np.testing.assert_array_equal(found.links[0], vector[-5:-3])
        np.testing.assert_array_equal(found.links[1], vector[-3:])

    def test_the_prior_variance_of_a_material_is_that_of_its_covariance(self) -> None:
        model = Model.of(FEATURES, masked(1, []))
        node = model.nodes[0]
        found = node.prior_variance(node.unpack(model.vectors[0]), FEATURES)
        np.testing.assert_allclose(found, np.diag(model.covariance(0)))
