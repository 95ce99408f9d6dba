from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hokan.datasets.synthetic import SyntheticHierarchy, make_hierarchy
from hokan.errors import GraphError, TableError
from hokan.graph import Property, PropertyGraph

# Given out of order, with one property on each kind of scale.
MIXED = PropertyGraph(
    (
        Property("melting_point_K", transform="log", parents=("modulus_GPa", "volume")),
        Property("volume"),
        Property("modulus_GPa", transform="log", parents=("volume",)),
        Property("porosity", transform="logit", lower=0, upper=1, parents=("melting_point_K",)),
    )
)


def test_the_table_shows_the_truth_with_holes() -> None:
    drawn = make_hierarchy(60, MIXED, missing=0.25, random_state=1)
    table = drawn.table
    assert table.property_names == drawn.graph.names == MIXED.names
    assert drawn.complete.shape == (60, 4)
    assert not np.isnan(drawn.complete).any()
    known = ~np.isnan(table.values)
    np.testing.assert_array_equal(known.sum(axis=0), 45)
    np.testing.assert_array_equal(table.values[known], drawn.complete[known])
    assert (table.measurement_error == 0).all()
    assert table.descriptors is not None
    assert list(table.descriptors.columns) == ["x1", "x2", "x3", "x4", "x5"]


def test_values_lie_on_the_scale_of_their_property() -> None:
    drawn = make_hierarchy(60, MIXED, random_state=1)
    melting_point, volume, modulus, porosity = drawn.complete.T
    z = drawn.transformed
    np.testing.assert_allclose(np.log(melting_point), z[:, 0], atol=1e-12)
    np.testing.assert_array_equal(volume, z[:, 1])
    np.testing.assert_allclose(np.log(modulus), z[:, 2], atol=1e-12)
    np.testing.assert_allclose(np.log(porosity / (1 - porosity)), z[:, 3], atol=1e-8)
    assert [member.transform for member in drawn.graph] == ["log", "identity", "log", "logit"]


def test_links_act_as_told() -> None:
    drawn = make_hierarchy(
        40, MIXED, function_variance=0.0, noise=[0.0, 1.0, 0.0, 0.0], random_state=2
    )
    # With nothing of their own, children are what their parents make them.
    z = drawn.transformed
    expected = z @ drawn.links.T
    np.testing.assert_allclose(z[:, [0, 2, 3]], expected[:, [0, 2, 3]], atol=1e-12)
    np.testing.assert_array_equal(drawn.links != 0, MIXED.parent_mask())
    assert np.std(z, axis=0).min() > 0.05


def test_drawn_links_are_neither_weak_nor_overwhelming() -> None:
    links = make_hierarchy(5, 9, random_state=0).links
    for j in range(1, 9):
        sizes = np.abs(links[j, :j]) * np.sqrt(j)
        assert 0.5 <= sizes.min() <= sizes.max() <= 1.0
    assert (links > 0).any()
    assert (links < 0).any()


def test_links_may_be_given() -> None:
    links = np.zeros((3, 3))
    links[1, 0], links[2, 0], links[2, 1] = 1.5, 0.0, -0.5
    drawn = make_hierarchy(2000, 3, link_coefficients=links, n_descriptors=0, random_state=3)
    np.testing.assert_array_equal(drawn.links, links)
    for j, parents in ((1, [0]), (2, [0, 1])):
        found = np.linalg.lstsq(drawn.transformed[:, parents], drawn.transformed[:, j], rcond=None)
        np.testing.assert_allclose(found[0], links[j, parents], atol=0.1)


def test_own_parts_have_the_variances_and_kernel_told() -> None:
    # Many independent properties over the same descriptors are many draws of one process.
    p, n = 4000, 6
    graph = PropertyGraph(tuple(Property(f"p{j}") for j in range(p)))
    drawn = make_hierarchy(
        n,
        graph,
        function_variance=2.0,
        noise=0.5,
        lengthscale=0.7,
        n_descriptors=3,
        missing=0.0,
        random_state=4,
    )
    assert drawn.table.descriptors is not None
    x = drawn.table.descriptors.to_numpy()
    distance = np.abs(x[:, np.newaxis] - x).sum(axis=2)
    expected = 2.0 * np.exp(-distance / (3 * 0.7)) + 0.25 * np.eye(n)
    empirical = drawn.transformed @ drawn.transformed.T / p
    # Standard error of a covariance of p draws: at most sqrt(2 / p) times the variances.
    np.testing.assert_allclose(empirical, expected, atol=4 * 2.25 * np.sqrt(2 / p))
    assert (drawn.function_variances == 2.0).all()
    assert (drawn.noise_variances == 0.25).all()


def test_a_monotone_pattern_is_nested_in_topological_order() -> None:
    drawn = make_hierarchy(100, MIXED, missing=0.4, pattern="monotone", random_state=5)
    known = drawn.table.observed[:, list(drawn.graph.order)]
    np.testing.assert_array_equal(known.sum(axis=0), [100, 60, 36, 22])
    assert (known[:, 1:] <= known[:, :-1]).all()


def test_a_random_pattern_is_not_nested() -> None:
    known = make_hierarchy(100, 3, random_state=5).table.observed
    assert (known[:, 1] & ~known[:, 0]).any()
    assert (known[:, 0] & ~known[:, 1]).any()


def test_measurement_error_reaches_the_table_alone() -> None:
    options: dict[str, Any] = {"missing": 0.2, "random_state": 6}
    exact = make_hierarchy(3000, MIXED, n_descriptors=0, **options)
    measured = make_hierarchy(3000, MIXED, n_descriptors=0, measurement_error=0.02, **options)
    np.testing.assert_array_equal(measured.complete, exact.complete)
    known = measured.table.observed
    np.testing.assert_array_equal(known, exact.table.observed)
    told = measured.table.measurement_error[known]
    assert (told > 0).all()
    standardised = (measured.table.values - measured.complete)[known] / told
    assert np.std(standardised) == pytest.approx(1.0, abs=0.03)
    # Its own standard deviation for each value, here seen where the scale is not transformed.
    volume = measured.table.measurement_error[known[:, 1], 1]
    assert 0.01 <= volume.min() < 0.012
    assert 0.028 < volume.max() <= 0.03


@pytest.mark.parametrize(
    "change", [{"missing": 0.6}, {"pattern": "monotone"}, {"measurement_error": 0.1}], ids=str
)
def test_the_truth_depends_only_on_the_seed(change: dict[str, Any]) -> None:
    base = make_hierarchy(30, 3, random_state=7)
    changed = make_hierarchy(30, 3, random_state=7, **change)
    np.testing.assert_array_equal(changed.complete, base.complete)
    np.testing.assert_array_equal(changed.links, base.links)
    assert not np.array_equal(changed.table.values, base.table.values, equal_nan=True)


def test_the_same_seed_gives_the_same_table() -> None:
    def frame(seed: int | np.random.Generator) -> pd.DataFrame:
        return make_hierarchy(30, MIXED, measurement_error=0.1, random_state=seed).table.frame

    pd.testing.assert_frame_equal(frame(8), frame(8))
    pd.testing.assert_frame_equal(frame(8), frame(np.random.default_rng(8)))
    assert not frame(8).equals(frame(9))


def test_without_descriptors_properties_stand_alone() -> None:
    drawn = make_hierarchy(20, 2, n_descriptors=0, random_state=0)
    assert drawn.table.descriptors is None
    assert (drawn.function_variances == 0).all()


def test_names_with_a_meaning_in_tables_stay_properties() -> None:
    graph = PropertyGraph.ladder("id", "gap__std", transform="log")
    drawn = make_hierarchy(20, graph, measurement_error=0.1, random_state=0)
    assert drawn.table.property_names == ("id", "gap__std")
    assert (drawn.table.measurement_error[drawn.table.observed] > 0).all()


def test_two_values_of_each_property_are_kept() -> None:
    for pattern in ("random", "monotone"):
        drawn = make_hierarchy(10, 6, missing=0.9, pattern=pattern, random_state=0)
        assert drawn.table.observed.sum(axis=0).min() == 2


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: make_hierarchy(1), TableError, "n_rows must be at least 2, found 1"),
        (lambda: make_hierarchy(9, 0), GraphError, "at least one property"),
        (lambda: make_hierarchy(9, missing=1.0), TableError, "missing must be a fraction"),
        (lambda: make_hierarchy(9, pattern="nested"), TableError, "found 'nested'"),
        (lambda: make_hierarchy(9, n_descriptors=-1), TableError, "n_descriptors"),
        (lambda: make_hierarchy(9, lengthscale=0.0), TableError, "lengthscale"),
        (lambda: make_hierarchy(9, measurement_error=-1.0), TableError, "measurement_error"),
        (lambda: make_hierarchy(9, noise=-1.0), TableError, "noise must be 0 or positive"),
        (lambda: make_hierarchy(9, noise=[1.0, 2.0]), TableError, "noise must be one number or 3"),
        (lambda: make_hierarchy(9, link_coefficients=[[0.0]]), GraphError, r"\(3, 3\) array"),
        (
            lambda: make_hierarchy(9, 2, link_coefficients=[[0.0, 1.0], [0.0, 0.0]]),
            GraphError,
            r"1 at \[0, 1\], but in the graph 'property_2' is not a parent of 'property_1'",
        ),
        (
            lambda: make_hierarchy(9, PropertyGraph.ladder("x1", "y")),
            GraphError,
            "'x1' has the name of a descriptor",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(
    call: Callable[[], SyntheticHierarchy], error: type[ValueError], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()
