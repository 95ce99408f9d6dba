"""Tables in which many values lie at a floor, as band gaps of metals do."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest

import hokan
from hokan.datasets import SyntheticHierarchy, make_hierarchy
from hokan.graph import Property, PropertyGraph
from hokan.inference.fitting import FitOptions
from hokan.model import HierarchyModel, ModelOptions
from hokan.table import PropertyTable

QUICK = ModelOptions(fit=FitOptions(n_restarts=0, max_iterations=80))
#: Seeds whose tables have a fifth of zeros or more.
SEEDS = (0, 1, 2, 3, 4)


def ladder(floor: float | str = 0.0) -> PropertyGraph:
    return PropertyGraph.ladder("low", "high", transform="identity", floor=floor)


@cache
def made(seed: int, missing: float = 0.4) -> SyntheticHierarchy:
    """Latent quantities of which max(0, latent) is observed."""
    return make_hierarchy(
        90,
        ladder(),
        missing=missing,
        noise=0.3,
        link_coefficients=[[0, 0], [1, 0]],
        random_state=seed,
    )


@cache
def fitted(seed: int, floor: float | str = 0.0) -> HierarchyModel:
    return HierarchyModel.from_table(made(seed).table, ladder(floor), QUICK)


def over_seeds(measure: Callable[[int], np.ndarray], seeds: tuple[int, ...] = SEEDS) -> np.ndarray:
    return np.concatenate([measure(seed) for seed in seeds])


def hidden(seed: int) -> np.ndarray:
    return ~made(seed).table.observed


class TestHoles:
    @pytest.mark.parametrize("seed", SEEDS)
    def test_nothing_below_the_floor_is_ever_reported(self, seed):
        assert (made(seed).complete == 0).mean() > 0.15
        for level in (0.5, 0.999):
            filled = fitted(seed).fill(level)
            for array in (filled.median, filled.lower, filled.upper, filled.std):
                assert (array >= 0).all()
        assert (fitted(seed).sample(20) >= 0).all()
        left_out = fitted(seed).leave_one_out().prediction
        assert np.nanmin([left_out.median, left_out.lower]) >= 0
        nowhere = made(seed).table.with_values(np.full((90, 2), np.nan))
        assert (fitted(seed).predict(nowhere).lower >= 0).all()

    def test_the_error_is_below_that_of_a_model_that_takes_zeros_for_values(self):
        def errors(floor: float | str) -> Callable[[int], np.ndarray]:
            def of_seed(seed: int) -> np.ndarray:
                median = np.maximum(fitted(seed, floor).fill().median, 0.0)
                return np.abs(median - made(seed).complete)[hidden(seed)]

            return of_seed

        # Tables differ in what a floor is worth: more of them than elsewhere.
        seeds = tuple(range(12))
        with_floor, without = (over_seeds(errors(floor), seeds) for floor in (0.0, "none"))
        assert len(with_floor) > 700
        # Negative predictions are raised to 0 here; the floor must help beyond that.
        assert with_floor.mean() < 0.98 * without.mean()

    def test_intervals_hold_what_they_say(self):
        def inside(seed: int) -> np.ndarray:
            filled, truth = fitted(seed).fill(0.9), made(seed).complete
            return ((filled.lower - 1e-9 <= truth) & (truth <= filled.upper + 1e-9))[hidden(seed)]

        # Of values at the floor nearly all are held: the interval begins there.
        at_floor = over_seeds(lambda seed: made(seed).complete[hidden(seed)] == 0)
        held = over_seeds(inside)
        assert 0.83 < held[~at_floor].mean() < 0.97
        assert held.mean() > 0.86

    def test_draws_lie_at_the_floor_as_often_as_the_truth(self):
        def shares(seed: int) -> np.ndarray:
            drawn = fitted(seed).sample(60)[:, hidden(seed)] == 0
            return np.array([[drawn.mean(), (made(seed).complete[hidden(seed)] == 0).mean()]])

        drawn, true = over_seeds(shares).mean(axis=0)
        assert drawn == pytest.approx(true, abs=0.08)


class TestValuesAtTheFloor:
    def test_they_are_their_own_predictions(self):
        model, table = fitted(0), made(0).table
        zeros = table.values == 0
        filled = model.fill()
        for array in (filled.median, filled.lower, filled.upper, filled.std):
            np.testing.assert_allclose(array[zeros], 0.0, atol=1e-12)
        np.testing.assert_allclose(model.sample(5)[:, zeros], 0.0, atol=1e-12)
        predicted = model.predict(table)
        np.testing.assert_allclose(predicted.upper[zeros], 0.0, atol=1e-12)

    def test_one_predicted_to_lie_there_is_no_surprise(self):
        model = fitted(0)
        found, zeros = model.leave_one_out(), made(0).table.values == 0
        below = model.posterior.leave_one_out().mean < model.posterior.cells.limits.upper
        assert (zeros & below).sum() > 20
        np.testing.assert_array_equal(found.surprise[zeros & below], 0.0)
        # One predicted above it lies below its prediction.
        assert (found.surprise[zeros & ~below] < 0).all()
        assert np.isfinite(found.surprise[made(0).table.observed]).all()

    def test_a_zero_where_a_large_value_was_expected_stands_out(self):
        table = made(3).table
        values = table.values.copy()
        both = np.flatnonzero(np.isfinite(values).all(axis=1))
        row = both[np.argmax(values[both, 0])]
        values[row, 1] = 0.0
        model = HierarchyModel.from_table(table.with_values(values), ladder(), QUICK)
        surprise = model.leave_one_out().surprise
        assert surprise[row, 1] < -2.0
        assert np.nanargmin(surprise[:, 1]) == row

    def test_a_zero_says_less_than_a_value_of_zero_would(self):
        """The higher level of a metal may lie far below its floor: it stays a metal."""
        table = made(0).table
        low_zero = (table.values[:, 0] == 0) & ~table.observed[:, 1]
        assert low_zero.sum() > 5
        floored, plain = fitted(0).posterior, fitted(0, "none").posterior
        latent = floored.training_cells().mean[low_zero, 1]
        taken_for_value = plain.training_cells().mean[low_zero, 1]
        assert latent.mean() < taken_for_value.mean()


class TestNewRows:
    @pytest.mark.parametrize("cheap", [0.0, 1.0])
    def test_a_new_row_is_what_it_would_be_within_the_training_table(self, cheap):
        base = made(1)
        frame = base.table.frame.copy()
        new = frame.iloc[:12].copy()
        new[["x1", "x2", "x3"]] += 0.3
        new["low"], new["high"] = cheap, np.nan
        together = PropertyTable.from_frame(
            pd.concat([frame, new], ignore_index=True),
            descriptors=[name for name in frame if name.startswith("x")],
        )
        rows = together.select(np.arange(len(frame), len(together)))
        predicted = fitted(1).predict(rows)
        within = HierarchyModel.from_table(together, ladder(), QUICK).fill()
        np.testing.assert_allclose(predicted.median[:, 1], within.median[-len(new) :, 1], atol=0.25)
        np.testing.assert_allclose(predicted.upper[:, 1], within.upper[-len(new) :, 1], rtol=0.25)

    def test_a_known_zero_lowers_what_is_above(self):
        table = made(3).table.select(np.arange(20))
        values = np.full((20, 2), np.nan)
        nothing = fitted(3).predict(table.with_values(values)).median[:, 1]
        values[:, 0] = 0.0
        metal = fitted(3).predict(table.with_values(values)).median[:, 1]
        assert (metal <= nothing + 1e-9).all()
        assert metal.mean() < 0.5 * nothing.mean()


class TestLearnedErrors:
    def test_a_new_row_is_treated_as_one_of_the_table(self):
        """Its values have the error that was learned, also where another property follows."""
        base = make_hierarchy(100, 2, missing=0.3, noise=0.2, measurement_error=0.5, random_state=2)
        frame = base.table.frame.drop(columns=["property_1__error", "property_2__error"])
        table = PropertyTable.from_frame(
            frame, descriptors=[name for name in frame if name.startswith("x")]
        )
        names = table.property_names
        graph = PropertyGraph.ladder(
            *names, transform="identity", floor="none", measurement_error="learned"
        )
        model = HierarchyModel.from_table(table, graph, QUICK)
        assert (model.posterior.parameters.noise_variances > 0.005).all()
        rows = table.select(np.arange(30))
        known = rows.observed[:, 0]
        predicted = model.predict(rows.with_values(rows.values * [1, np.nan]))
        assert (predicted.std[known, 0] > 0).all()


class TestOddGraphs:
    @pytest.mark.parametrize("floors", [("none", 0.0, "none"), (0.0, "none", 0.0)])
    def test_a_floor_anywhere_in_the_graph(self, floors):
        members = tuple(
            Property(
                name,
                transform="identity",
                floor=floor,
                parents=(names,) if (names := {"b": "a", "c": "b"}.get(name)) else (),
            )
            for name, floor in zip("abc", floors, strict=True)
        )
        graph = PropertyGraph(members)
        table = make_hierarchy(60, graph, missing=0.3, random_state=3).table
        model = HierarchyModel.from_table(table, graph, QUICK)
        filled = model.fill()
        floored = [floor == 0.0 for floor in floors]
        assert (filled.median[:, floored] >= 0).all()
        assert (filled.median[:, np.logical_not(floored)] < 0).any()
        assert np.isfinite(filled.std).all()

    def test_one_property_alone(self):
        graph = PropertyGraph.ladder("gap", floor=0)
        table = make_hierarchy(50, graph, missing=0.3, random_state=2).table
        model = HierarchyModel.from_table(table, graph, QUICK)
        assert (model.fill().median >= 0).all()
        zeros = table.values == 0
        assert zeros.sum() > 5
        assert (model.leave_one_out().surprise[zeros] <= 0).all()

    def test_nearly_all_values_at_the_floor(self):
        base = made(0)
        values = np.where(base.table.observed, 0.0, np.nan)
        first = np.flatnonzero(base.table.observed.all(axis=1))[:2]
        values[first] = [[0.5, 0.7], [1.0, 1.2]]
        model = HierarchyModel.from_table(base.table.with_values(values), ladder(), QUICK)
        filled = model.fill()
        assert np.isfinite(filled.upper).all()
        assert (filled.median[hidden(0)] == 0).mean() > 0.8

    def test_values_at_the_floor_with_measurement_errors(self):
        graph = PropertyGraph.ladder("low", "high", floor=0)
        base = make_hierarchy(80, graph, missing=0.3, measurement_error=0.3, random_state=5)
        model = HierarchyModel.from_table(base.table, graph, QUICK)
        filled, zeros = model.fill(), base.table.values == 0
        assert zeros.sum() > 10
        # Behind an observed zero there may be a small value.
        assert (filled.upper[zeros] > 0).any()
        assert (filled.lower >= 0).all()
        assert np.isfinite(model.leave_one_out().surprise[base.table.observed]).all()

    def test_parameters_learned_from_a_part_of_the_cells(self):
        few = ModelOptions(fit=FitOptions(n_restarts=0, max_iterations=40, most_cells=40))
        model = HierarchyModel.from_table(made(2).table, ladder(), few)
        assert model.fit.n_cells_learned_from <= 40
        assert (model.fill().median >= 0).all()


class TestTheEstimator:
    def test_nothing_below_the_floor_in_frames(self):
        frame = made(1).table.frame
        regressor = hokan.HierarchicalRegressor(
            ladder(), descriptors=["x1", "x2", "x3", "x4", "x5"], n_restarts=0, max_iterations=60
        ).fit(frame)
        filled = regressor.fill()
        columns = [name for name in filled if name.startswith(("low", "high"))]
        assert np.nanmin(filled[columns]) >= 0
        median, lower, upper = regressor.predict(
            frame.drop(columns=["low", "high"]), return_interval=True
        )
        assert np.min([median, lower, upper]) >= 0
        for drawn in regressor.sample(5):
            assert drawn[["low", "high"]].to_numpy().min() >= 0
            known = frame["low"].notna()
            assert drawn["low"][known].equals(frame["low"][known])

    def test_a_floor_is_found_and_told_without_a_graph(self):
        frame = made(1).table.frame.rename(columns={"low": "gap_pbe_eV", "high": "gap_expt_eV"})
        regressor = hokan.HierarchicalRegressor(
            descriptors=["x1", "x2", "x3", "x4", "x5"], n_restarts=0, max_iterations=60
        ).fit(frame)
        assert any("never below 0" in note for note in regressor.notes_)
        assert [member.floor for member in regressor.graph_] == [0.0, 0.0]
        assert np.nanmin(regressor.predict(frame)) >= 0

    def test_a_saved_model_predicts_the_same(self, tmp_path):
        frame = made(1).table.frame
        regressor = hokan.HierarchicalRegressor(
            ladder(), descriptors=["x1", "x2", "x3", "x4", "x5"], n_restarts=0, max_iterations=40
        ).fit(frame)
        assert regressor.model_.posterior.cells.limits is not None
        hokan.save_model(regressor, tmp_path / "gaps.hokan")
        loaded = hokan.load_model(tmp_path / "gaps.hokan")
        assert loaded.fill().equals(regressor.fill())
        assert loaded.leave_one_out().equals(regressor.leave_one_out())
        new = frame.head(10).assign(low=0.0, high=np.nan, x1=0.7)
        assert loaded.predict(new).equals(regressor.predict(new))
