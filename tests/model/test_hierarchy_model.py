"""What a fitted model promises: known truth recovered, honest intervals, nothing leaked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hokan.datasets import make_hierarchy
from hokan.errors import GraphError, HokanError, TableError
from hokan.graph import Property, PropertyGraph
from hokan.inference.fitting import FitOptions, fit_parameters, rows_to_learn_from
from hokan.model import HierarchyModel, ModelOptions, learned_links
from hokan.model.preparation import prepare
from hokan.table import PropertyTable

QUICK = ModelOptions(fit=FitOptions(n_restarts=0, max_iterations=80))


def chain(*names: str) -> PropertyGraph:
    return PropertyGraph.ladder(*names, transform="identity")


class TestRecovery:
    def test_known_links_are_found(self):
        graph = PropertyGraph(
            (
                Property("a", transform="identity"),
                Property("b", transform="identity", parents=("a",)),
                Property("c", transform="identity", parents=("a", "b")),
            )
        )
        links = np.array([[0, 0, 0], [1.2, 0, 0], [-0.7, 0.8, 0]])
        made = make_hierarchy(
            150, graph, missing=0.3, link_coefficients=links, noise=0.3, random_state=1
        )
        model = HierarchyModel.from_table(made.table, made.graph, QUICK)
        found = learned_links(model)
        off = (found["coefficient"] - links[graph.parent_mask()]) / found["std"]
        assert (off.abs() < 2.5).all()
        # The parents of c go together, so that one link may stand in for the other in part.
        np.testing.assert_allclose(found["coefficient"], links[graph.parent_mask()], atol=0.4)

    def test_90_percent_intervals_hold_about_90_percent_of_hidden_values(self):
        held = []
        for seed in range(6):
            made = make_hierarchy(90, 3, missing=0.35, noise=0.4, random_state=seed)
            model = HierarchyModel.from_table(made.table, made.graph, QUICK)
            prediction = model.fill(level=0.9)
            hidden = ~made.table.observed
            inside = (prediction.lower <= made.complete) & (made.complete <= prediction.upper)
            held.append(inside[hidden])
        held = np.concatenate(held)
        assert len(held) > 400
        assert 0.85 <= held.mean() <= 0.95

    def test_relatives_lower_the_error(self):
        made = make_hierarchy(120, 3, missing=0.4, noise=0.3, random_state=3)
        hidden = ~made.table.observed

        def error(graph):
            prediction = HierarchyModel.from_table(made.table, graph, QUICK).fill()
            return np.abs(prediction.median - made.complete)[hidden].mean()

        alone = PropertyGraph(
            tuple(Property(name, transform="identity") for name in made.graph.names)
        )
        assert error(made.graph) < 0.9 * error(alone)

    def test_given_measurement_errors_are_smoothed_away(self):
        made = make_hierarchy(80, 1, missing=0.0, noise=0.1, measurement_error=0.6, random_state=5)
        model = HierarchyModel.from_table(made.table, made.graph, QUICK)
        smoothed = model.fill().median
        raw_error = np.abs(made.table.values - made.complete).mean()
        assert np.abs(smoothed - made.complete).mean() < 0.85 * raw_error


class TestPromises:
    def test_an_observed_cell_is_its_own_prediction(self):
        made = make_hierarchy(40, 2, missing=0.3, random_state=6)
        # A value that may be wrong is predicted from the others too.
        sure = PropertyGraph(tuple(replace(p, gross_errors="none") for p in made.graph.properties))
        model = HierarchyModel.from_table(made.table, sure, QUICK)
        prediction, known = model.fill(), made.table.observed
        np.testing.assert_allclose(prediction.median[known], made.table.values[known], rtol=1e-12)
        assert np.all(prediction.std[known] == 0.0)

    def test_medians_lie_inside_their_intervals_which_widen_with_level(self):
        made = make_hierarchy(40, 2, missing=0.3, random_state=7)
        model = HierarchyModel.from_table(made.table, made.graph, QUICK)
        narrow, wide = model.fill(0.5), model.fill(0.95)
        assert np.all((narrow.lower <= narrow.median) & (narrow.median <= narrow.upper))
        assert np.all((wide.lower <= narrow.lower) & (narrow.upper <= wide.upper))

    def test_a_new_row_is_predicted_better_where_a_relative_is_known(self):
        made = make_hierarchy(100, 2, missing=0.2, noise=0.3, random_state=8)
        model = HierarchyModel.from_table(made.table, made.graph, QUICK)
        new = made.table.select(np.arange(20))
        nothing = new.with_values(np.full((20, 2), np.nan))
        first = new.with_values(np.column_stack([made.complete[:20, 0], np.full(20, np.nan)]))
        assert np.all(model.predict(first).std[:, 1] < model.predict(nothing).std[:, 1])

    def test_samples_keep_observed_cells_and_scatter_in_holes(self):
        made = make_hierarchy(40, 2, missing=0.3, random_state=9)
        model = HierarchyModel.from_table(made.table, made.graph, QUICK)
        draws, known = model.sample(30), made.table.observed
        np.testing.assert_allclose(draws[:, known], np.tile(made.table.values[known], (30, 1)))
        assert np.all(draws[:, ~known].std(axis=0) > 0)
        np.testing.assert_array_equal(draws, model.sample(30))

    def test_a_wrong_value_is_the_most_surprising(self):
        made = make_hierarchy(80, 2, missing=0.1, noise=0.2, random_state=10)
        values = made.table.values.copy()
        i = int(np.flatnonzero(made.table.observed[:, 1])[0])
        values[i, 1] += 8 * np.nanstd(values[:, 1])
        model = HierarchyModel.from_table(made.table.with_values(values), made.graph, QUICK)
        surprise = np.abs(model.leave_one_out().surprise)
        assert np.unravel_index(np.nanargmax(surprise), surprise.shape) == (i, 1)


class TestMaterials:
    def frame(self) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "formula": ["TiO2", "TiO2", "Fe2O3", "NaCl", "KCl", "MgO", "CaO", "Al2O3"],
                "gap_eV": [3.0, 3.4, 2.0, 5.0, 5.1, 7.8, 7.0, np.nan],
            }
        )

    def test_rows_of_one_composition_are_separate_materials_by_default(self):
        model = HierarchyModel.from_table(PropertyTable.from_frame(self.frame()), None, QUICK)
        assert np.all(model.posterior.cells.features.identity == -1)
        assert np.all(model.fill().std[:7] == 0.0)

    def test_as_one_material_its_rows_share_one_value_and_differ_by_measurement(self):
        table = PropertyTable.from_frame(self.frame())
        options = ModelOptions(same_composition="same material", fit=QUICK.fit)
        prediction = HierarchyModel.from_table(table, None, options).fill()
        assert prediction.median[0, 0] == pytest.approx(prediction.median[1, 0])
        assert 3.0 < prediction.median[0, 0] < 3.4

    def test_with_neither_composition_nor_descriptors_the_properties_carry_the_model(self):
        rng = np.random.default_rng(0)
        a = rng.standard_normal(60)
        b = 2 * a + 0.1 * rng.standard_normal(60)
        b[40:] = np.nan
        table = PropertyTable.from_frame(pd.DataFrame({"a": a, "b": b}))
        model = HierarchyModel.from_table(table, chain("a", "b"), QUICK)
        assert any("properties alone" in note for note in model.notes)
        np.testing.assert_allclose(model.fill().median[40:, 1], 2 * a[40:], atol=0.4)


class TestDecisions:
    def test_the_scale_of_a_property_is_chosen_by_evidence_and_told(self):
        rng = np.random.default_rng(1)
        x = rng.standard_normal((80, 2))
        frame = pd.DataFrame(x, columns=["x1", "x2"])
        frame["plain"] = 50 + x[:, 0] + 0.2 * rng.standard_normal(80)
        frame["power"] = np.exp(1.5 * x[:, 0] + x[:, 1] + 0.2 * rng.standard_normal(80))
        frame["signed"] = x[:, 1]
        table = PropertyTable.from_frame(frame, descriptors=["x1", "x2"])
        prepared = prepare(table, None, ModelOptions())
        chosen = {member.name: member.transform for member in prepared.graph.properties}
        assert chosen["power"] == "log"
        assert chosen["signed"] == "identity"
        assert any("power: scale log (by evidence" in note for note in prepared.notes)

    def test_linked_properties_of_one_unit_share_a_scale(self):
        rng = np.random.default_rng(1)
        cheap = np.exp(rng.standard_normal(60))
        frame = pd.DataFrame({"gap_cheap_eV": cheap, "gap_costly_eV": cheap + 0.5})
        frame["size_nm"] = np.exp(rng.standard_normal(60))
        frame.loc[0, "gap_cheap_eV"] = 0.0
        prepared = prepare(PropertyTable.from_frame(frame), None, ModelOptions())
        chosen = {member.name: member.transform for member in prepared.graph.properties}
        assert chosen == {
            "gap_cheap_eV": "identity",
            "gap_costly_eV": "identity",
            "size_nm": "log",
        }
        assert any("gap_cheap_eV, gap_costly_eV: scale identity" in n for n in prepared.notes)

    def test_unnamed_properties_are_left_and_said(self):
        made = make_hierarchy(30, 3, missing=0.2, random_state=2)
        graph = PropertyGraph(made.graph.properties[:1])
        model = HierarchyModel.from_table(made.table, graph, QUICK)
        assert sum("not in the graph" in note for note in model.notes) == 2
        assert model.fill().median.shape == (30, 1)

    def test_many_parents_get_tighter_priors(self):
        made = make_hierarchy(30, 4, missing=0.2, random_state=2)
        graph = PropertyGraph.learned(made.graph.names, [4, 3, 2, 1])
        layout = prepare(made.table, graph, ModelOptions()).layout
        np.testing.assert_allclose(layout.link_spreads[:, 0], [1, 1, 2**-0.5, 3**-0.5])

    def test_levels_of_a_ladder_are_expected_to_move_one_for_one(self):
        made = make_hierarchy(30, 3, missing=0.2, random_state=2)
        graph = PropertyGraph.ladder(*made.graph.names, transform="identity", all_below=True)
        layout = prepare(made.table, graph, ModelOptions()).layout
        np.testing.assert_allclose(layout.link_means[1, 0], 1.0)
        np.testing.assert_allclose(layout.link_means[2, :2], 0.5)
        assert layout.link_spreads[1, 0] < 1.0


class TestRefusals:
    def test_a_value_outside_its_scale_names_row_and_column(self):
        frame = pd.DataFrame({"formula": ["NaCl", "KCl", "MgO"], "gap_eV": [5.0, -1.0, 7.8]})
        graph = PropertyGraph((Property("gap_eV", transform="log"),))
        with pytest.raises(TableError, match=r"row 2.*gap_eV"):
            HierarchyModel.from_table(PropertyTable.from_frame(frame), graph, QUICK)

    def test_a_graph_that_names_what_the_table_lacks(self):
        made = make_hierarchy(30, 2, missing=0.2, random_state=2)
        with pytest.raises(GraphError, match="melting"):
            HierarchyModel.from_table(made.table, chain("melting"), QUICK)

    def test_a_table_too_large_for_an_exact_model_says_so_before_it_starts(self, monkeypatch):
        made = make_hierarchy(30, 2, missing=0.2, random_state=2)
        monkeypatch.setattr("hokan.model.hierarchy_model.MOST_CELLS", 10)
        with pytest.raises(TableError, match="square matrix"):
            HierarchyModel.from_table(made.table, made.graph, QUICK)

    def test_a_level_outside_zero_and_one(self):
        made = make_hierarchy(30, 1, missing=0.2, random_state=2)
        model = HierarchyModel.from_table(made.table, made.graph, QUICK)
        with pytest.raises(HokanError, match="level"):
            model.fill(level=90)


class TestLargeTables:
    def test_a_sample_of_rows_keeps_rare_properties_and_the_limit(self):
        rng = np.random.default_rng(3)
        made = make_hierarchy(400, 3, missing=0.0, random_state=4)
        values = made.complete.copy()
        values[rng.permutation(400)[:380], 2] = np.nan
        cells = prepare(made.table.with_values(values), made.graph, ModelOptions()).cells
        rows = rows_to_learn_from(cells, 200, np.random.default_rng(0))
        kept = cells.rows(rows)
        assert kept.n_observed <= 200
        assert len(kept.rows_of(2)) >= 15
        assert len(np.unique(rows)) == len(rows)

    def test_starting_on_a_sample_ends_where_a_full_start_ends(self, monkeypatch):
        made = make_hierarchy(150, 2, missing=0.3, random_state=5)
        prepared = prepare(made.table, made.graph, ModelOptions())
        options = FitOptions(n_restarts=0, max_iterations=300)

        def optimum():
            rng = np.random.default_rng(0)
            return fit_parameters(prepared.cells, prepared.layout, options, rng)[1]

        full = optimum()
        monkeypatch.setattr("hokan.inference.fitting._MOST_CELLS_FOR_STARTS", 100)
        monkeypatch.setattr("hokan.inference.fitting._SAMPLE_CELLS", 80)
        staged = optimum()
        assert staged.value == pytest.approx(full.value, abs=0.05)
