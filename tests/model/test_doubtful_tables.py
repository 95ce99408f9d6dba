"""Tables with wrong values, and tables with limits, from reading to prediction."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from hokan.datasets import make_hierarchy
from hokan.errors import TableError
from hokan.graph import Property, PropertyGraph
from hokan.inference.fitting import FitOptions
from hokan.model import HierarchyModel, ModelOptions
from hokan.model.preparation import prepare
from hokan.model.suspicious import notes_on_suspicious_values
from hokan.table import PropertyTable

QUICK = ModelOptions(fit=FitOptions(n_restarts=0, max_iterations=60, n_parameter_draws=0))
LADDER = PropertyGraph.ladder("low", "high", transform="log")


def with_gross_errors(graph: PropertyGraph, gross_errors: str | float) -> PropertyGraph:
    return PropertyGraph(tuple(replace(p, gross_errors=gross_errors) for p in graph.properties))


@cache
def made():
    return make_hierarchy(90, LADDER, missing=0.3, random_state=2)


@cache
def spoiled() -> tuple[PropertyTable, np.ndarray]:
    table = made().table
    rows, columns = np.nonzero(table.observed)
    chosen = np.random.default_rng(0).choice(len(rows), 6, replace=False)
    bad = np.zeros(table.values.shape, dtype=bool)
    bad[rows[chosen], columns[chosen]] = True
    return table.with_values(np.where(bad, 1000.0, 1.0) * table.values), bad


@cache
def fitted(gross_errors: str | float, *, bad: bool) -> HierarchyModel:
    table = spoiled()[0] if bad else made().table
    return HierarchyModel.from_table(table, with_gross_errors(LADDER, gross_errors), QUICK)


def error(gross_errors: str | float, *, bad: bool) -> float:
    """Mean error at holes, in standard deviations of the logarithm."""
    holes = ~made().table.observed
    logs = np.log(made().complete)
    found = np.log(fitted(gross_errors, bad=bad).fill().median)
    return float((np.abs(found - logs) / logs.std(axis=0))[holes].mean())


class TestGrossErrors:
    def test_a_clean_table_gives_nearly_the_same_answer_as_without_them(self):
        assert error("auto", bad=False) == pytest.approx(error("none", bad=False), rel=0.05)
        wrong = fitted("auto", bad=False).fit.gross_error_probability
        assert np.nanmean(wrong > 0.5) < 0.02

    def test_wrong_values_cost_little(self):
        clean = error("none", bad=False)
        assert error("auto", bad=True) < 1.15 * clean
        assert error("none", bad=True) > 1.2 * clean

    def test_wrong_values_are_found_and_told(self):
        table, bad = spoiled()
        model = fitted("auto", bad=True)
        assert model.graph.names == table.property_names
        wrong = np.nan_to_num(model.fit.gross_error_probability)
        assert (wrong[bad] > 0.5).mean() > 0.8
        assert (wrong[~bad] > 0.5).mean() < 0.03
        surprise = np.abs(model.leave_one_out().surprise)
        assert np.nanmedian(surprise[bad]) > 2 * np.nanmedian(surprise[~bad & table.observed])
        told = [note for note in model.notes if "wrong" in note]
        for j in np.flatnonzero((wrong > 0.5).any(axis=0)):
            (note,) = [n for n in told if n.startswith(model.graph.names[j])]
            for row in np.flatnonzero(wrong[:, j] > 0.5):
                assert str(row + 1) in note

    def test_without_them_nothing_is_told(self):
        model = fitted("none", bad=True)
        assert model.fit.gross_error_probability is None
        assert not any("wrong" in note for note in model.notes)

    def test_a_given_share_is_kept(self):
        np.testing.assert_array_equal(fitted(0.05, bad=True).posterior.cells.doubts.share, 0.05)

    def test_the_same_seed_gives_the_same_answer(self):
        again = HierarchyModel.from_table(spoiled()[0], with_gross_errors(LADDER, "auto"), QUICK)
        np.testing.assert_array_equal(again.fill().median, fitted("auto", bad=True).fill().median)

    def test_a_new_row_with_an_implausible_parent_is_predicted_almost_without_it(self):
        frame = made().table.frame.iloc[:3].copy()
        frame["high"] = np.nan
        right = np.exp(made().transformed[:3, 0])
        found = {}
        for way, low in {"right": right, "wrong": 1e4 * right, "none": np.nan}.items():
            rows = PropertyTable.from_frame(
                frame.assign(low=low),
                descriptors=list(frame.columns[-5:]),
                allow_empty_properties=True,
            )
            for setting in ("auto", "none"):
                model = fitted(setting, bad=False)
                found[way, setting] = np.log(model.predict(rows).median[:, 1])
        off = {
            setting: np.abs(found["wrong", setting] - found["none", setting]).mean()
            for setting in ("auto", "none")
        }
        assert off["auto"] < 0.2 * off["none"]
        np.testing.assert_allclose(found["right", "auto"], found["right", "none"], atol=0.3)

    def test_a_wrong_value_does_not_decide_the_scale(self):
        """On a plain scale, a value times ten is next to impossible for a Gaussian."""
        random_state = np.random.default_rng(3)
        x = random_state.uniform(-1, 1, (80, 2))
        y = 10.0 + 2.0 * x[:, 0] + 0.5 * random_state.standard_normal(80)
        y[:2] *= 10.0
        frame = pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": y})
        table = PropertyTable.from_frame(frame, descriptors=["a", "b"])
        graph = PropertyGraph((Property("y"),))
        gaussian = prepare(table, with_gross_errors(graph, "none"), QUICK)
        robust = prepare(table, graph, QUICK)
        assert gaussian.graph.properties[0].transform == "log"
        assert robust.transforms[0].scale / (
            np.std(y[2:])
            if robust.graph.properties[0].transform == "identity"
            else np.std(np.log(y[2:]))
        ) == pytest.approx(1.0, abs=0.35)


def test_notes_name_at_most_a_dozen_rows():
    probability = np.full((30, 2), 0.01)
    probability[5, 0] = 0.9
    probability[:15, 1] = 0.99
    one, many = notes_on_suspicious_values(("a", "b"), probability)
    assert one.startswith("a: 1 value looks wrong and is given little weight: row 6. ")
    assert "15 values look wrong" in many
    assert many.count(",") == 11
    assert " and 3 more." in many
    assert notes_on_suspicious_values(("a",), None) == ()


class TestLimits:
    @staticmethod
    def table() -> PropertyTable:
        random_state = np.random.default_rng(4)
        x = random_state.uniform(-2, 2, 60)
        y = np.exp(x + 0.1 * random_state.standard_normal(60))
        texts = np.array([f"{value:.4g}" for value in y], dtype=object)
        texts[y > 3] = "> 3"
        texts[5] = f"> {0.8 * y[5]:.3g}"
        frame = pd.DataFrame({"x": x, "y": texts})
        return PropertyTable.from_frame(frame, descriptors=["x"])

    @pytest.mark.parametrize("transform", ["identity", "log"])
    def test_limits_of_a_table_are_transformed_and_kept(self, transform):
        table = self.table()
        graph = PropertyGraph((Property("y", transform=transform, floor="none"),))
        model = HierarchyModel.from_table(table, graph, QUICK)
        limits = model.posterior.cells.limits
        here = limits.here[:, 0]
        assert 5 < here.sum() < 30
        lower = table.lower_limits[here, 0]
        forward = model.transforms[0].forward(lower)
        np.testing.assert_allclose(limits.lower[here, 0], forward)
        assert np.isposinf(limits.upper).all()
        for found in (model.fill(), model.predict(table)):
            for array in (found.lower, found.median, found.upper):
                assert (array[here, 0] >= lower * (1 - 1e-9)).all()
            assert (found.lower[here] < found.median[here]).all()
            assert (found.median[here] < found.upper[here]).all()
            assert (found.std[here] > 0).all()
        draws = model.sample(30)[:, here, 0]
        assert (draws >= lower * (1 - 1e-9)).all()
        assert (draws.std(axis=0) > 0).all()

    def test_a_limit_beyond_all_values_of_the_scale_says_nothing(self):
        frame = pd.DataFrame(
            {"x": np.linspace(0, 1, 20), "y": np.linspace(1, 3, 20).astype(object)}
        )
        frame.loc[3, "y"] = "> 0"
        table = PropertyTable.from_frame(frame, descriptors=["x"])
        graph = PropertyGraph((Property("y", transform="log"),))
        assert prepare(table, graph, QUICK).cells.limits is None

    def test_a_limit_that_leaves_no_value_is_refused(self):
        frame = pd.DataFrame(
            {"x": np.linspace(0, 1, 20), "y": np.linspace(1, 3, 20).astype(object)}
        )
        frame.loc[3, "y"] = "< -2"
        table = PropertyTable.from_frame(frame, descriptors=["x"])
        graph = PropertyGraph((Property("y", transform="log"),))
        with pytest.raises(
            TableError, match=r"row 4, column 'y': the limit \(at most -2\) leaves no"
        ):
            prepare(table, graph, QUICK)
