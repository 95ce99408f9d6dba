"""Models whose links are not straight: which engine is taken, what is told, what is predicted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hokan.errors import GraphError
from hokan.graph import Property, PropertyGraph
from hokan.inference.fitting import FitResult
from hokan.model import (
    HierarchyModel,
    ModelOptions,
    learned_constants,
    learned_deviations,
    learned_links,
)
from hokan.sampling.engine import SampledFit
from hokan.sampling.fitting import SamplingOptions
from hokan.table import PropertyTable

QUICK = ModelOptions(sampling=SamplingOptions(n_chains=2, n_draws=60, n_rounds=4, most_thinning=2))


def curved(n: int = 70, seed: int = 0) -> pd.DataFrame:
    """A parabola of one property, with what one descriptor adds; holes in both."""
    random_state = np.random.default_rng(seed)
    x = random_state.uniform(-1.0, 1.0, n)
    low = x + 0.7 * random_state.standard_normal(n)
    high = low**2 + 0.5 * x + 0.1 * random_state.standard_normal(n)
    frame = pd.DataFrame({"x": x, "low": low, "high": high})
    frame.loc[random_state.random(n) < 0.15, "low"] = np.nan
    return frame


def read(frame: pd.DataFrame) -> PropertyTable:
    return PropertyTable.from_frame(
        frame, descriptors=["x"], properties=["low", "high"], allow_empty_properties=True
    )


def graph(link: str = "auto") -> PropertyGraph:
    low = Property("low", transform="identity", floor="none")
    return PropertyGraph((low, replace(low, name="high", parents=("low",), link=link)))


@pytest.fixture(scope="module")
def hidden() -> np.ndarray:
    return np.arange(50, 70)


@pytest.fixture(scope="module")
def frame(hidden: np.ndarray) -> pd.DataFrame:
    made = curved()
    made.loc[hidden, "high"] = np.nan
    return made


@pytest.fixture(scope="module")
def model(frame: pd.DataFrame) -> HierarchyModel:
    return HierarchyModel.from_table(read(frame), graph(), QUICK)


def test_evidence_finds_the_curve_and_says_so(model: HierarchyModel) -> None:
    assert isinstance(model.fit, SampledFit)
    assert learned_links(model)["kind"].tolist() == ["smooth"]
    assert any("link of low curved (by evidence" in note for note in model.notes)
    assert (learned_deviations(model)["material"] > 0).all()


def test_straight_data_keep_straight_links_and_the_exact_engine() -> None:
    made = curved()
    made["high"] = 0.8 * made["low"] + 0.2 * made["x"]
    made["high"] += 0.2 * np.random.default_rng(1).standard_normal(len(made))
    model = HierarchyModel.from_table(read(made), graph(), QUICK)
    assert isinstance(model.fit, FitResult)
    assert any("straight links (by evidence" in note for note in model.notes)


def test_hidden_values_are_nearer_than_with_a_straight_link(
    model: HierarchyModel, frame: pd.DataFrame, hidden: np.ndarray
) -> None:
    truth = curved()["high"].to_numpy()[hidden]
    known = np.isfinite(frame["low"].to_numpy()[hidden])
    straight = HierarchyModel.from_table(read(frame), graph("linear"), QUICK)
    errors = [
        np.abs(each.fill().median[hidden, 1] - truth)[known].mean() for each in (model, straight)
    ]
    assert errors[0] < 0.5 * errors[1]
    found = model.fill()
    held = (found.lower[hidden, 1] <= truth) & (truth <= found.upper[hidden, 1])
    assert 0.75 <= held.mean() <= 1.0


def test_known_values_are_their_own_predictions(model: HierarchyModel, frame: pd.DataFrame) -> None:
    values = frame[["low", "high"]].to_numpy()
    suspicious = np.nan_to_num(model.fit.gross_error_probability) > 0.05
    known = np.isfinite(values) & ~suspicious
    assert known.sum() > 80
    np.testing.assert_allclose(model.fill().median[known], values[known], atol=1e-9)
    np.testing.assert_allclose(model.sample(3)[:, known], np.tile(values[known], (3, 1)), atol=1e-9)


def test_same_seed_same_answer(model: HierarchyModel, frame: pd.DataFrame) -> None:
    again = HierarchyModel.from_table(read(frame), graph(), QUICK)
    np.testing.assert_array_equal(again.fill().median, model.fill().median)
    np.testing.assert_array_equal(again.sample(2), model.sample(2))


def test_new_rows_use_what_is_known_of_them(model: HierarchyModel) -> None:
    rows = pd.DataFrame({"x": [0.2, 0.2, 0.2], "low": [1.5, np.nan, np.nan], "high": np.nan})
    rows.loc[2, "high"] = 2.35
    found = model.predict(read(rows))
    assert abs(found.median[0, 1] - 2.35) < 0.5
    assert found.std[0, 1] < 0.6 * found.std[1, 1]
    # A known child tells of its parent: far from 0, on either side.
    assert found.upper[2, 0] > 1.0


def test_an_absurd_value_of_a_new_row_is_trusted_less(model: HierarchyModel) -> None:
    doubted = pd.DataFrame({"x": [0.0], "low": [60.0], "high": [np.nan]})
    found = model.predict(read(doubted))
    assert abs(found.median[0, 1]) < 5.0


def test_each_known_value_predicted_from_the_others(model: HierarchyModel) -> None:
    left_out = model.leave_one_out()
    surprise = left_out.surprise[np.isfinite(left_out.surprise)]
    assert len(surprise) == int(model.posterior.cells.observed.sum())
    assert 0.7 < surprise.std() < 1.5


def test_the_exact_engine_refuses_what_it_cannot_do(frame: pd.DataFrame) -> None:
    with pytest.raises(
        GraphError, match=r'"high".*link = "smooth".*sampling engine'.replace('"high"', "'high'")
    ):
        HierarchyModel.from_table(read(frame), graph("smooth"), replace(QUICK, engine="exact"))


def test_both_engines_agree_on_straight_links(frame: pd.DataFrame) -> None:
    sure = PropertyGraph(tuple(replace(p, gross_errors="none") for p in graph("linear")))
    options = replace(QUICK, sampling=replace(QUICK.sampling, n_draws=200, n_rounds=12))
    exact = HierarchyModel.from_table(read(frame), sure, replace(options, engine="exact")).fill()
    drawn = HierarchyModel.from_table(read(frame), sure, replace(options, engine="sampling")).fill()
    holes = np.isnan(frame[["low", "high"]].to_numpy())
    apart = np.abs(exact.median - drawn.median)[holes] / exact.std[holes]
    assert apart.mean() < 0.2
    ratio = (drawn.upper - drawn.lower)[holes] / (exact.upper - exact.lower)[holes]
    assert 0.8 < np.median(ratio) < 1.2


class TestFormulas:
    def made(self, n: int = 40) -> pd.DataFrame:
        random_state = np.random.default_rng(2)
        mass, theta = random_state.uniform(10, 100, n), random_state.uniform(100, 600, n)
        melting = 3e-5 * mass * theta**2 * np.exp(0.05 * random_state.standard_normal(n))
        return pd.DataFrame({"mass": mass, "theta": theta, "melting": melting})

    def test_a_product_of_powers_is_straight_between_logarithms(self) -> None:
        frame = self.made()
        frame.loc[:9, "melting"] = np.nan
        chain = PropertyGraph(
            (
                Property("mass"),
                Property("theta"),
                Property("melting", parents=("mass", "theta"), formula="c * mass * theta**2"),
            )
        )
        model = HierarchyModel.from_table(PropertyTable.from_frame(frame), chain, QUICK)
        assert isinstance(model.fit, FitResult)
        links = learned_links(model).set_index("parent")["coefficient"]
        assert links["mass"] == pytest.approx(1.0, abs=0.05)
        assert links["theta"] == pytest.approx(2.0, abs=0.05)
        ratio = model.fill().median[:10, 2] / self.made()["melting"].to_numpy()[:10]
        assert np.abs(np.log(ratio)).max() < 0.25

    def test_any_other_formula_has_its_constants_fitted(self) -> None:
        random_state = np.random.default_rng(3)
        x = random_state.uniform(0.0, 4.0, 40)
        y = 2.0 * np.exp(-x) + 0.5 + 0.02 * random_state.standard_normal(40)
        frame = pd.DataFrame({"x": x, "y": y})
        frame.loc[:7, "y"] = np.nan
        decay = PropertyGraph(
            (
                Property("x", transform="identity"),
                Property("y", transform="identity", parents=("x",), formula="a * exp(-x) + b"),
            )
        )
        model = HierarchyModel.from_table(PropertyTable.from_frame(frame), decay, QUICK)
        assert isinstance(model.fit, SampledFit)
        assert np.abs(model.fill().median[:8, 1] - y[:8]).max() < 0.15
        constants = learned_constants(model).set_index("constant")["value"]
        assert constants["a"] == pytest.approx(2.0, abs=0.2)
        assert constants["b"] == pytest.approx(0.5, abs=0.1)

    def test_units_that_disagree_are_refused(self) -> None:
        frame = self.made().rename(columns={"mass": "mass_g_mol", "theta": "theta_K"})
        wrong = PropertyGraph(
            (
                Property("mass_g_mol"),
                Property("theta_K"),
                Property(
                    "melting",
                    parents=("mass_g_mol", "theta_K"),
                    formula="c * (mass_g_mol + theta_K)",
                ),
            )
        )
        with pytest.raises(GraphError, match="melting"):
            HierarchyModel.from_table(PropertyTable.from_frame(frame), wrong, QUICK)
