"""Curves of links: what each link says, over the values it was learned from."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from hokan import HierarchicalRegressor, Property, PropertyGraph
from hokan.errors import HokanError
from hokan.graph.link_curve import LinkCurve

LINKS = ("linear", "smooth", "joint")


@cache
def table() -> pd.DataFrame:
    """Two related parents; the child is 2 a² + 3 a - b."""
    draw = np.random.default_rng(0)
    a = draw.uniform(0.0, 2.0, 70)
    b = 10.0 + 4.0 * a + draw.standard_normal(70)
    c = 2.0 * a**2 + 3.0 * a - b + 0.1 * draw.standard_normal(70)
    frame = pd.DataFrame({"x": draw.standard_normal(70), "a_mm": a, "b": b, "c": c})
    frame.loc[:9, "c"] = np.nan
    frame.loc[10:14, "b"] = np.nan
    return frame


@cache
def fitted(link: str) -> HierarchicalRegressor:
    graph = PropertyGraph(
        (
            Property("a_mm", transform="identity", unit="mm", floor="none"),
            Property("b", transform="identity", parents=("a_mm",), link="linear", floor="none"),
            Property("c", transform="identity", parents=("a_mm", "b"), link=link, floor="none"),
        )
    )
    quick = {"n_restarts": 0, "max_iterations": 30, "n_chains": 2, "n_draws": 40}
    estimator = HierarchicalRegressor(graph, descriptors=["x"], weigh_descriptors=False, **quick)
    return estimator.fit(table())


def curves_of(link: str) -> dict[tuple[str, str], LinkCurve]:
    return {(curve.parent, curve.child): curve for curve in fitted(link).link_curves()}


@pytest.mark.parametrize("link", LINKS)
def test_every_link_has_a_curve_over_the_known_range_of_its_parent(link: str) -> None:
    curves = curves_of(link)
    assert list(curves) == [("a_mm", "b"), ("a_mm", "c"), ("b", "c")]
    for (parent, child), curve in curves.items():
        known = table()[[parent, child]].dropna()
        assert curve.parent_values[0] == pytest.approx(table()[parent].min())
        assert curve.parent_values[-1] == pytest.approx(table()[parent].max())
        np.testing.assert_array_equal(curve.data_parent, known[parent])
        np.testing.assert_array_equal(curve.data_child, known[child])
        assert curve.kind == ("linear" if child == "b" else link)
    assert curves["a_mm", "b"].parent_unit == "mm"


@pytest.mark.parametrize("link", LINKS)
def test_a_curve_passes_through_the_middle_of_the_points(link: str) -> None:
    for curve in curves_of(link).values():
        at_points = np.interp(curve.data_parent, curve.parent_values, curve.median)
        spread = curve.data_child.std()
        assert (curve.points - at_points).mean() == pytest.approx(0.0, abs=0.05 * spread)


def test_a_straight_link_has_the_slope_that_is_told() -> None:
    told = fitted("linear").links_.set_index(["parent", "child"])
    for link, curve in curves_of("linear").items():
        slope = np.diff(curve.median) / np.diff(curve.parent_values)
        np.testing.assert_allclose(slope, told.loc[link, "coefficient"], rtol=1e-6)
        # Nothing is uncertain in the middle, and what is uncertain of the slope at the ends.
        width = curve.upper - curve.lower
        middle = np.abs(curve.parent_values - curve.data_parent.mean())
        expected = 2 * 1.645 * told.loc[link, "std"] * middle
        np.testing.assert_allclose(width, expected, rtol=0.02, atol=0.02 * expected.max())


def test_a_curved_link_is_found_and_its_band_holds_it() -> None:
    curve = curves_of("smooth")["a_mm", "c"]
    truth = 2.0 * curve.parent_values**2 + 3.0 * curve.parent_values
    truth += curve.median.mean() - truth.mean()
    inside = (curve.lower <= truth) & (truth <= curve.upper)
    np.testing.assert_allclose(curve.median, truth, atol=1.0)  # of a range of 14
    assert inside.mean() > 0.8


@pytest.mark.parametrize("link", LINKS)
def test_points_are_drawn_less_what_other_parents_add(link: str) -> None:
    curves = curves_of(link)
    alone, together = curves["a_mm", "b"], curves["b", "c"]
    np.testing.assert_array_equal(alone.points, alone.data_child)
    assert together.data_less_others is not None
    # c rises with b in the table, for both follow a; the link itself goes down.
    assert np.corrcoef(together.data_parent, together.data_child)[0, 1] > 0
    assert np.corrcoef(together.data_parent, together.points)[0, 1] < -0.5


def test_a_formula_has_a_curve_along_each_parent() -> None:
    draw = np.random.default_rng(1)
    u, v = draw.uniform(1.0, 3.0, (2, 40))
    frame = pd.DataFrame({"u": u, "v": v, "w": 5.0 + u * v + 0.05 * draw.standard_normal(40)})
    graph = PropertyGraph(
        (
            Property("u", transform="log"),
            Property("v", transform="log"),
            Property("w", transform="log", parents=("u", "v"), formula="p + q * u * v"),
        )
    )
    estimator = HierarchicalRegressor(graph, n_chains=2, n_draws=20).fit(frame)
    for curve in estimator.link_curves():
        other = np.median(frame["v" if curve.parent == "u" else "u"])
        assert (curve.kind, curve.parent_log, curve.child_log) == ("formula", True, True)
        np.testing.assert_allclose(curve.median, 5.0 + other * curve.parent_values, rtol=0.08)
        assert curve.data_less_others is None  # a formula is one link


def test_bands_are_as_wide_as_asked() -> None:
    (narrow, *_), (wide, *_) = (fitted("linear").link_curves(level=p) for p in (0.5, 0.99))
    assert (narrow.upper - narrow.lower)[0] < 0.5 * (wide.upper - wide.lower)[0]
    with pytest.raises(HokanError, match="level must be"):
        fitted("linear").link_curves(level=90)


def test_without_draws_of_the_parameters_there_is_no_band_and_it_is_told() -> None:
    settings = {"n_parameter_draws": 0, "n_restarts": 0, "max_iterations": 10, "engine": "exact"}
    estimator = HierarchicalRegressor(descriptors=["x"], weigh_descriptors=False, **settings)
    for curve in estimator.fit(table()).link_curves():
        np.testing.assert_array_equal(curve.upper, curve.lower)
        assert "without a band" in curve.note
