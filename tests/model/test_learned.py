"""What a fit learned, in the units of the table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hokan.graph import Property, PropertyGraph
from hokan.inference.fitting import FitOptions
from hokan.model import HierarchyModel, ModelOptions, learned_deviations, learned_links
from hokan.table import PropertyTable


def ladder_table(slope: float, spread: float, n: int = 60) -> PropertyTable:
    """A cheap level and ``slope`` times it plus noise; units of the two differ by the factor."""
    rng = np.random.default_rng(3)
    cheap = rng.normal(50.0, 10.0, n)
    dear = slope * cheap + spread * rng.standard_normal(n)
    return PropertyTable.from_frame(pd.DataFrame({"cheap": cheap, "dear": dear}))


LADDER = PropertyGraph.ladder("cheap", "dear", transform="identity")


def test_a_link_between_plain_scales_is_in_units_of_child_per_parent():
    model = HierarchyModel.from_table(ladder_table(slope=30.0, spread=20.0), LADDER)
    links = learned_links(model)
    assert links[["parent", "child"]].values.tolist() == [["cheap", "dear"]]
    assert links["coefficient"][0] == pytest.approx(30.0, abs=4 * links["std"][0])
    assert 0.0 < links["std"][0] < 2.0


def test_a_link_between_logarithmic_scales_is_an_exponent():
    rng = np.random.default_rng(0)
    x = np.exp(rng.normal(0.0, 1.0, 60))
    frame = pd.DataFrame({"x": x, "y": 7.0 * x**1.5 * np.exp(0.05 * rng.standard_normal(60))})
    model = HierarchyModel.from_table(
        PropertyTable.from_frame(frame), PropertyGraph.ladder("x", "y", transform="log")
    )
    assert learned_links(model)["coefficient"][0] == pytest.approx(1.5, abs=0.03)


def test_without_draws_of_parameters_a_link_has_no_spread():
    options = ModelOptions(fit=FitOptions(n_parameter_draws=0))
    model = HierarchyModel.from_table(ladder_table(2.0, 1.0), LADDER, options)
    assert np.isnan(learned_links(model)["std"][0])


def test_deviations_are_in_units_of_the_property():
    model = HierarchyModel.from_table(ladder_table(slope=30.0, spread=20.0), LADDER)
    deviations = learned_deviations(model)
    assert deviations.loc["dear", "material"] == pytest.approx(20.0, rel=0.3)
    assert deviations.loc["dear", "scale"] == "identity"
    assert deviations.loc["dear", "measurement"] == 0.0


def test_a_learned_measurement_error_is_in_units_of_the_property():
    rng = np.random.default_rng(1)
    x = np.repeat(np.linspace(-2.0, 2.0, 40), 2)
    frame = pd.DataFrame({"x": x, "y": 100.0 * np.sin(x) + 15.0 * rng.standard_normal(len(x))})
    table = PropertyTable.from_frame(frame, descriptors=["x"])
    graph = PropertyGraph((Property("y", transform="identity", measurement_error="learned"),))
    deviations = learned_deviations(HierarchyModel.from_table(table, graph))
    together = np.hypot(deviations.loc["y", "material"], deviations.loc["y", "measurement"])
    assert together == pytest.approx(15.0, rel=0.35)
    assert deviations.loc["y", "measurement"] > 0.0
