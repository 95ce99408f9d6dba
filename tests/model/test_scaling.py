"""Values, limits, measurement errors and components as inference takes them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hokan.errors import TableError
from hokan.gp.kernels import ConstantKernel, ElementSimilarityKernel, LaplacianKernel, LinearKernel
from hokan.graph import Property, PropertyGraph
from hokan.inference.fitting import FitOptions
from hokan.model import HierarchyModel, ModelOptions
from hokan.model.discrepancy import component_mask
from hokan.model.preparation import PreparedTable, prepare
from hokan.table import PropertyTable

QUICK = ModelOptions(fit=FitOptions(n_restarts=0, max_iterations=60))


def table_of(rng: np.random.Generator, n_rows: int = 30, **columns: np.ndarray) -> PropertyTable:
    frame = pd.DataFrame({"x": rng.standard_normal(n_rows)} | columns)
    return PropertyTable.from_frame(frame, descriptors=["x"])


def prepared(table: PropertyTable, graph: PropertyGraph) -> PreparedTable:
    return prepare(table, graph, QUICK)


class TestLimits:
    def test_values_at_the_floor_become_limits_from_above(self):
        rng = np.random.default_rng(0)
        gap = np.maximum(rng.normal(0.3, 1.0, 30), 0.0)
        gap[4] = np.nan
        cells = prepared(table_of(rng, gap=gap), PropertyGraph.ladder("gap", floor=0)).cells
        zero = gap == 0
        assert 3 < zero.sum() < 27
        np.testing.assert_array_equal(cells.limits.here[:, 0], zero)
        np.testing.assert_allclose(cells.limits.upper[zero, 0], np.nanmin(cells.values))
        assert (cells.limits.lower == -np.inf).all()
        assert np.isnan(cells.values[4, 0])

    def test_without_a_value_at_the_floor_there_are_none(self):
        rng = np.random.default_rng(1)
        table = table_of(rng, gap=rng.uniform(0.1, 3.0, 30))
        assert prepared(table, PropertyGraph.ladder("gap", floor=0)).cells.limits is None

    def test_a_value_below_the_floor_is_refused_before_the_fit(self):
        rng = np.random.default_rng(2)
        gap = rng.uniform(0.1, 3.0, 30)
        gap[6] = -0.2
        with pytest.raises(TableError, match=r"row 7, column 'gap': -0\.2 lies below the floor"):
            prepared(table_of(rng, gap=gap), PropertyGraph.ladder("gap", floor=0))


class TestMeasurementErrors:
    def test_a_number_reaches_every_value_that_has_no_error_of_its_own(self):
        rng = np.random.default_rng(3)
        gap, error = rng.uniform(0.5, 3.0, 30), np.zeros(30)
        error[:10] = 0.4
        gap[20:] = np.nan
        graph = PropertyGraph((Property("gap", transform="identity", measurement_error=0.1),))
        found = prepared(table_of(rng, gap=gap, gap__error=error), graph)
        raw = np.sqrt(found.cells.noise_variance[:, 0]) * found.transforms[0].scale
        np.testing.assert_allclose(raw[:10], 0.4)
        np.testing.assert_allclose(raw[10:20], 0.1)
        np.testing.assert_array_equal(raw[20:], 0.0)
        assert not found.layout.learn_noise.any()

    def test_it_passes_through_the_slope_of_the_scale(self):
        rng = np.random.default_rng(4)
        modulus = rng.uniform(10.0, 300.0, 30)
        graph = PropertyGraph((Property("modulus", transform="log", measurement_error=5.0),))
        found = prepared(table_of(rng, modulus=modulus), graph)
        relative = np.sqrt(found.cells.noise_variance[:, 0]) * found.transforms[0].scale
        np.testing.assert_allclose(relative, 5.0 / modulus)

    def test_learned_is_learned_for_that_property_alone(self):
        rng = np.random.default_rng(5)
        table = table_of(rng, a=rng.standard_normal(30), b=rng.standard_normal(30))
        graph = PropertyGraph.ladder(
            "a", "b", transform="identity", measurement_error={"b": "learned"}
        )
        np.testing.assert_array_equal(prepared(table, graph).layout.learn_noise, [False, True])

    def test_a_limited_value_keeps_its_error(self):
        rng = np.random.default_rng(6)
        gap = np.maximum(rng.normal(0.3, 1.0, 30), 0.0)
        graph = PropertyGraph.ladder("gap", floor=0, measurement_error=0.2)
        found = prepared(table_of(rng, gap=gap), graph)
        limited = gap == 0
        raw = np.sqrt(found.cells.limits.noise_variance[:, 0]) * found.transforms[0].scale
        np.testing.assert_allclose(raw[limited], 0.2)


class TestRelatives:
    @staticmethod
    def ladder(rng: np.random.Generator) -> PreparedTable:
        low = rng.normal(2.0, 1.5, 60)
        middle, high = low + 0.5, 1.3 * low
        middle[40:] = np.nan
        high[12:] = np.nan
        table = table_of(rng, 60, low_eV=low, middle_eV=middle, high_eV=high)
        graph = PropertyGraph.ladder(
            "low_eV", "middle_eV", "high_eV", transform="identity", floor="none", all_below=True
        )
        return prepared(table, graph)

    def test_they_share_one_scale_and_keep_their_own_mean(self):
        transforms = self.ladder(np.random.default_rng(7)).transforms
        assert len({transform.scale for transform in transforms}) == 1
        assert len({transform.location for transform in transforms}) == 3

    def test_together_they_are_expected_to_move_one_for_one(self):
        layout = self.ladder(np.random.default_rng(8)).layout
        expected = [[0, 0, 0], [1, 0, 0], [0.5, 0.5, 0]]
        np.testing.assert_allclose(layout.link_means, expected)

    def test_what_the_graph_expects_of_a_property_goes_before(self):
        rng = np.random.default_rng(9)
        low = rng.normal(2.0, 1.5, 40)
        table = table_of(rng, 40, low_eV=low, high_eV=1.3 * low)
        graph = PropertyGraph(
            (
                Property("low_eV", transform="identity"),
                Property(
                    "high_eV", transform="identity", parents=("low_eV",), prior={"low_eV": 2.0}
                ),
            )
        )
        assert prepared(table, graph).layout.link_means[1, 0] == pytest.approx(2.0)

    def test_properties_of_other_units_are_no_relatives(self):
        rng = np.random.default_rng(10)
        low = rng.normal(2.0, 1.5, 40)
        table = table_of(rng, 40, low_eV=low, other_GPa=30 * low)
        graph = PropertyGraph.ladder("low_eV", "other_GPa", transform="identity", floor="none")
        found = prepared(table, graph)
        assert found.layout.link_means[1, 0] == 0.0
        assert found.transforms[1].scale == pytest.approx(30 * found.transforms[0].scale)


class TestDiscrepancies:
    def test_each_form_has_its_components_and_the_material_its_own(self):
        graph = PropertyGraph(
            tuple(
                Property(form[0], discrepancy=form)
                for form in ("gaussian process", "linear", "none")
            )
        )
        kernels = (LaplacianKernel(), LinearKernel(), ElementSimilarityKernel(), ConstantKernel())
        expected = [
            [True, False, False],
            [True, True, False],
            [True, True, False],
            [True, True, True],
            [True, True, True],
        ]
        np.testing.assert_array_equal(component_mask(graph, kernels), expected)

    @staticmethod
    def far_away(discrepancy: str) -> float:
        """Predict at x = 6, from values on a wavy line between -1.5 and 1.5."""
        x = np.linspace(-1.5, 1.5, 30)
        frame = pd.DataFrame({"x": x, "y": 2.0 * x + np.sin(6.0 * x)})
        table = PropertyTable.from_frame(frame, descriptors=["x"])
        graph = PropertyGraph(
            (Property("y", transform="identity", floor="none", discrepancy=discrepancy),)
        )
        model = HierarchyModel.from_table(table, graph, QUICK)
        hole = pd.DataFrame({"x": [6.0, 0.26], "y": [np.nan, np.nan]})
        rows = PropertyTable.from_frame(hole, descriptors=["x"], allow_empty_properties=True)
        return model.predict(rows).median[:, 0]

    def test_a_linear_one_is_a_straight_line_within_and_beyond_the_data(self):
        x = np.linspace(-1.5, 1.5, 30)
        slope, start = np.polyfit(x, 2.0 * x + np.sin(6.0 * x), 1)
        expected = slope * np.array([6.0, 0.26]) + start
        np.testing.assert_allclose(self.far_away("linear"), expected, rtol=0.1, atol=0.1)
        # A Gaussian process follows the wave.
        assert self.far_away("gaussian process")[1] == pytest.approx(2 * 0.26 + 1.0, abs=0.15)

    def test_without_one_descriptors_say_nothing(self):
        far, near = self.far_away("none")
        assert far == pytest.approx(near, abs=1e-6)
