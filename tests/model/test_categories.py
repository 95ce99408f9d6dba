"""Categories: utilities, their signs, and probabilities of levels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from hokan.errors import GraphError, TableError
from hokan.graph import Property, PropertyGraph
from hokan.inference.fitting import FitOptions
from hokan.model import HierarchyModel, ModelOptions, in_columns
from hokan.model.categories import (
    ModelledCategory,
    drawn_levels,
    probabilities_of_draws,
    probabilities_of_gaussians,
    with_limits_of_utilities,
    with_utilities,
)
from hokan.sampling.fitting import SamplingOptions
from hokan.table import PropertyTable

QUICK = ModelOptions(
    fit=FitOptions(n_restarts=0, max_iterations=40, n_parameter_draws=0),
    sampling=SamplingOptions(n_chains=2, n_draws=100, n_rounds=4),
)
ENGINES = ("exact", "sampling")
METAL = ModelledCategory.of("kind", ("insulator", "metal"))
SHAPE = ModelledCategory.of("shape", ("cubic", "hexagonal", "layered"))


def made(n: int = 80, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows with holes, and without: a makes a metal likely, which raises b."""
    random_state = np.random.default_rng(seed)
    x = random_state.normal(size=n)
    a = x + 0.5 * random_state.normal(size=n)
    utility = 2.0 * a + random_state.normal(size=n)
    whole = pd.DataFrame(
        {
            "x": x,
            "a": a,
            "kind": np.where(utility > 0, "metal", "insulator"),
            "b": 2.0 * utility + 0.3 * random_state.normal(size=n),
        }
    )
    holes = whole.copy()
    for name, share in (("a", 0.2), ("kind", 0.4), ("b", 0.4)):
        holes.loc[random_state.random(n) < share, name] = None
    return holes, whole


def read(frame: pd.DataFrame, **options: object) -> PropertyTable:
    return PropertyTable.from_frame(frame, descriptors=["x"], categories=["kind"], **options)  # type: ignore[arg-type]


CHAIN = PropertyGraph(
    (
        Property("a", gross_errors="none"),
        Property("kind", transform="category", parents=("a",)),
        Property("b", parents=("kind",), gross_errors="none"),
    )
)


@pytest.fixture(scope="module", params=ENGINES)
def fitted(request: pytest.FixtureRequest) -> HierarchyModel:
    holes, _ = made()
    return HierarchyModel.from_table(read(holes), CHAIN, replace(QUICK, engine=request.param))


def log_loss(probabilities: np.ndarray, codes: np.ndarray) -> float:
    return float(-np.log(probabilities[np.arange(len(codes)), codes]).mean())


class TestWhatALevelSays:
    def test_two_levels_have_one_utility(self) -> None:
        assert METAL.utilities == ("kind = metal",)
        assert METAL.signs(np.array([0, 1, -1])).tolist() == [[-1.0], [1.0], [0.0]]

    def test_more_levels_have_one_each(self) -> None:
        assert SHAPE.utilities == ("shape = cubic", "shape = hexagonal", "shape = layered")
        assert SHAPE.signs(np.array([1, -1])).tolist() == [[-1.0, 1.0, -1.0], [0.0, 0.0, 0.0]]

    def test_a_sign_is_a_limit_at_0_of_a_hole(self) -> None:
        holes, _ = made(20)
        table = with_limits_of_utilities(read(holes), [METAL])
        assert table.property_names == ("a", "b", "kind = metal")
        assert np.isnan(table.values[:, 2]).all()
        metal = (holes["kind"] == "metal").to_numpy()
        insulator = (holes["kind"] == "insulator").to_numpy()
        assert 0 < metal.sum() < 20 - insulator.sum() < 20
        assert ((table.lower_limits[:, 2] == 0) == metal).all()
        assert ((table.upper_limits[:, 2] == 0) == insulator).all()


class TestTheGraph:
    def test_utilities_take_the_place_of_a_category(self) -> None:
        graph, (category,) = with_utilities(CHAIN, read(made()[0]))
        assert category == METAL
        assert graph.names == ("a", "kind = metal", "b")
        assert graph.parents_of("kind = metal") == ("a",)
        assert graph.parents_of("b") == ("kind = metal",)
        assert graph.find("kind = metal").gross_errors == "none"

    def test_kinds_of_links_stay_but_curves_from_a_category_are_lines(self) -> None:
        graph = PropertyGraph(
            (
                Property("a"),
                Property("kind", transform="category", parents=("a",), link="smooth"),
                Property("b", parents=("kind", "a"), link={"kind": "joint", "a": "smooth"}),
            )
        )
        expanded, _ = with_utilities(graph, read(made()[0]))
        assert expanded.find("kind = metal").link_of("a") == "smooth"
        assert expanded.find("b").link_of("kind = metal") == "joint"
        assert expanded.find("b").link_of("a") == "smooth"
        every = PropertyGraph((Property("kind", transform="category"), Property("b")))
        straight = replace(every.find("b"), parents=("kind",), link="smooth")
        expanded, _ = with_utilities(PropertyGraph((every.find("kind"), straight)), read(made()[0]))
        assert expanded.find("b").link_of("kind = metal") == "linear"

    def test_a_graph_without_categories_stays_as_it_is(self) -> None:
        graph = PropertyGraph((Property("a"), Property("b", parents=("a",))))
        assert with_utilities(graph, read(made()[0])) == (graph, ())

    def test_a_category_that_the_table_lacks_is_named(self) -> None:
        graph = PropertyGraph((Property("kimd", transform="category"), Property("b")))
        with pytest.raises(GraphError, match=r"no category 'kimd'.*Did you mean 'kind'"):
            with_utilities(graph, read(made()[0]))

    def test_levels_are_no_numbers(self) -> None:
        with pytest.raises(GraphError, match=r"'kind'.*holds levels, not numbers"):
            with_utilities(PropertyGraph((Property("kind"),)), read(made()[0]))

    def test_a_category_without_a_known_level_is_refused(self) -> None:
        holes, _ = made()
        empty = read(holes).select((holes["kind"].isna()).to_numpy())
        with pytest.raises(TableError, match="'kind': no row names a level"):
            with_utilities(CHAIN, empty)


class TestProbabilities:
    @given(
        st.lists(st.floats(-200, 200), min_size=3, max_size=3),
        st.lists(st.floats(1e-6, 1e3), min_size=3, max_size=3),
    )
    @settings(deadline=None)
    def test_they_are_probabilities_wherever_utilities_lie(
        self, mean: list[float], variance: list[float]
    ) -> None:
        arrays = np.array([mean]), np.array([variance])
        (found,) = probabilities_of_gaussians(*arrays, [SHAPE], SHAPE.utilities).values()
        assert found.sum() == pytest.approx(1.0)
        assert (found >= 0).all()
        # The most probable is that which is most probably positive.
        assert found[0].max() == found[0][np.argmax(arrays[0][0] / np.sqrt(arrays[1][0]))]

    def test_of_two_levels_it_is_that_of_a_positive_utility(self) -> None:
        found = probabilities_of_gaussians(
            np.array([[7.0, 0.6]]), np.array([[1.0, 4.0]]), [METAL], ("a", "kind = metal")
        )["kind"]
        positive, _ = quad(norm(0.6, 2.0).pdf, 0, np.inf)
        assert found[0] == pytest.approx([1 - positive, positive])

    def test_what_is_not_predicted_stays_nan(self) -> None:
        hole = np.full((2, 1), np.nan)
        found = probabilities_of_gaussians(hole, hole, [METAL], METAL.utilities)
        assert np.isnan(found["kind"]).all()

    def test_shares_of_draws_agree_with_gaussians(self) -> None:
        random_state = np.random.default_rng(0)
        mean, variance = np.array([[0.5, -0.3, 0.1]]), np.array([[1.0, 2.0, 0.5]])
        draws = mean + np.sqrt(variance) * random_state.standard_normal((20_000, 1, 3))
        drawn = probabilities_of_draws(draws, [SHAPE], SHAPE.utilities)["shape"]
        exact = probabilities_of_gaussians(mean, variance, [SHAPE], SHAPE.utilities)["shape"]
        assert drawn == pytest.approx(exact, abs=0.01)
        never = probabilities_of_draws(-np.abs(draws[:100]) - 1.0, [METAL], METAL.utilities * 3)
        assert never["kind"][0, 1] > 0

    def test_a_drawn_level_is_that_of_the_highest_utility(self) -> None:
        draw = np.array([[0.5, -1.0, 0.7], [-3.0, -1.0, -2.0]])
        found = drawn_levels(draw, [SHAPE], SHAPE.utilities)["shape"]
        assert found.tolist() == [[0, 0, 1], [0, 1, 0]]


@pytest.fixture(scope="module")
def model() -> HierarchyModel:
    holes, _ = made()
    return HierarchyModel.from_table(read(holes), CHAIN, QUICK)


class TestAgainstQuadrature:
    """One label in a row, all else Gaussian: then a site gives the exact mean and variance."""

    def new(self, **known: object) -> PropertyTable:
        row = {"x": [0.7], "a": [np.nan], "kind": [None], "b": [np.nan]}
        frame = pd.DataFrame(row | {name: [value] for name, value in known.items()})
        return PropertyTable.from_frame(
            frame,
            descriptors=["x"],
            categories={"kind": ["insulator", "metal"]},
            properties=["a", "b"],
            allow_empty_properties=True,
        )

    def test_what_a_label_says_of_parent_and_child(self, model: HierarchyModel) -> None:
        rows = model.posterior.new_rows(model.standardise(self.new()).features)  # type: ignore[union-attr]
        mean, covariance = rows.mean[0], rows.covariance[0]
        found = model.predict(self.new(kind="insulator"))
        utility = norm(mean[1], np.sqrt(covariance[1, 1]))
        mass = utility.cdf(0.0)
        first, second = (
            quad(lambda u, k=k: u**k * utility.pdf(u) / mass, mean[1] - 12, 0.0)[0] for k in (1, 2)
        )
        for j in (0, 2):
            slope = covariance[1, j] / covariance[1, 1]
            expected = mean[j] + slope * (first - mean[1])
            left = covariance[j, j] - slope * covariance[1, j]
            variance = left + slope**2 * (second - first**2)
            transform = model.transforms[j]
            assert found.median[0, j] == pytest.approx(transform.inverse(expected), abs=2e-3)
            assert found.std[0, j] == pytest.approx(np.sqrt(variance) * transform.scale, rel=5e-3)

    def test_what_parent_and_child_say_of_a_label(self, model: HierarchyModel) -> None:
        rows = model.posterior.new_rows(model.standardise(self.new()).features)  # type: ignore[union-attr]
        z = np.array([model.transforms[0].forward(0.3), model.transforms[2].forward(1.2)])
        others = np.array([0, 2])
        block = rows.covariance[0][np.ix_(others, others)]
        gain = np.linalg.solve(block, rows.covariance[0][others, 1])
        mean = rows.mean[0][1] + gain @ (z - rows.mean[0][others])
        variance = rows.covariance[0][1, 1] - gain @ rows.covariance[0][others, 1]
        found = model.predict(self.new(a=0.3, b=1.2)).categories["kind"]
        positive, _ = quad(norm(mean, np.sqrt(variance)).pdf, 0.0, 30.0)
        assert found[0, 1] == pytest.approx(positive, abs=1e-6)
        assert found.sum() == pytest.approx(1.0)


class TestFilling:
    def test_known_levels_stay_and_unknown_ones_are_predicted(self, fitted: HierarchyModel) -> None:
        holes, whole = made()
        found = fitted.fill().categories["kind"]
        codes = (whole["kind"] == "metal").to_numpy().astype(int)
        known = holes["kind"].notna().to_numpy()
        assert 10 < (~known).sum() < 60
        assert (found[known, codes[known]] == 1.0).all()
        assert found.sum(axis=1) == pytest.approx(1.0)
        assert (np.sort(found[~known], axis=1)[:, 0] > 0).all()
        chance = log_loss(np.full(found.shape, 0.5), codes)
        assert log_loss(found[~known], codes[~known]) < 0.65 * chance

    def test_a_level_tells_of_parent_and_child(self, fitted: HierarchyModel) -> None:
        rows = pd.DataFrame({"x": [0.0] * 3, "kind": ["insulator", None, "metal"]})
        table = PropertyTable.from_frame(
            rows,
            descriptors=["x"],
            categories={"kind": ["insulator", "metal"]},
            allow_empty_properties=True,
        )
        found = in_columns(fitted.predict(table), fitted.graph.names, ("a", "b"))
        assert (np.diff(found.median[:, 0]) > 0.1).all()
        assert (np.diff(found.median[:, 1]) > 0.5).all()
        chances = fitted.predict(table).categories["kind"]
        assert chances[[0, 2]].tolist() == [[1.0, 0.0], [0.0, 1.0]]
        assert 0.2 < chances[1, 0] < 0.8

    def test_a_child_tells_of_a_level(self, fitted: HierarchyModel) -> None:
        rows = pd.DataFrame({"x": [0.0] * 3, "b": [-6.0, np.nan, 6.0]})
        table = PropertyTable.from_frame(rows, descriptors=["x"], allow_empty_properties=True)
        metal = fitted.predict(table).categories["kind"][:, 1]
        assert metal[0] < 0.1 < metal[1] < 0.9 < metal[2]

    def test_the_same_seed_gives_the_same_answer(self, fitted: HierarchyModel) -> None:
        again = HierarchyModel.from_table(read(made()[0]), CHAIN, fitted.options)
        first, second = fitted.fill(), again.fill()
        assert (first.categories["kind"] == second.categories["kind"]).all()
        assert (first.median == second.median).all()

    def test_left_out_levels_are_predicted_without_themselves(self, fitted: HierarchyModel) -> None:
        holes, whole = made()
        found = fitted.leave_one_out().prediction.categories["kind"]
        known = holes["kind"].notna().to_numpy()
        assert np.isnan(found[~known]).all()
        codes = (whole["kind"] == "metal").to_numpy().astype(int)
        assert (found[known, codes[known]] < 1.0).mean() > 0.9
        assert log_loss(found[known], codes[known]) < 0.6

    def test_an_unseen_level_is_named_with_its_row(self, fitted: HierarchyModel) -> None:
        rows = pd.DataFrame({"x": [0.0] * 12, "kind": ["metal", "glass"] * 6})
        table = PropertyTable.from_frame(
            rows, descriptors=["x"], categories=["kind"], allow_empty_properties=True
        )
        with pytest.raises(TableError, match=r"rows 2, 4.*'kind'.*not seen.*'glass'.*'insulator'"):
            fitted.predict(table)

    def test_levels_in_another_order_are_the_same_levels(self, fitted: HierarchyModel) -> None:
        rows = pd.DataFrame({"x": [0.0, 0.0], "kind": ["metal", "insulator"]})
        turned = PropertyTable.from_frame(
            rows,
            descriptors=["x"],
            categories={"kind": ["metal", "insulator"]},
            allow_empty_properties=True,
        )
        assert fitted.predict(turned).categories["kind"].tolist() == [[0.0, 1.0], [1.0, 0.0]]

    def test_a_column_read_as_something_else_is_not_dropped(self, fitted: HierarchyModel) -> None:
        rows = pd.DataFrame({"x": [0.0, 0.0], "kind": ["metal", "metal"]})
        table = PropertyTable.from_frame(rows, descriptors=["x"], allow_empty_properties=True)
        with pytest.raises(TableError, match=r"'kind'.*category of the model.*carried"):
            fitted.predict(table)


def test_three_levels_with_parent_and_child() -> None:
    random_state = np.random.default_rng(3)
    n = 120
    x = random_state.normal(size=n)
    a = x + 0.3 * random_state.normal(size=n)
    level = np.select([a < -0.6, a > 0.6], ["low", "high"], "middle")
    b = np.where(level == "middle", 3.0, 0.0) + 0.3 * random_state.normal(size=n)
    frame = pd.DataFrame({"x": x, "a": a, "kind": level, "b": b})
    frame.loc[:39, "kind"] = None
    frame.loc[20:59, "b"] = np.nan
    model = HierarchyModel.from_table(read(frame), CHAIN, QUICK)
    assert model.graph.names == ("a", "kind = high", "kind = low", "kind = middle", "b")
    found = model.fill()
    chances = found.categories["kind"]
    codes = np.array(["high", "low", "middle"])
    correct = codes[chances.argmax(axis=1)] == level
    assert correct[:20].mean() >= 0.75  # b is known
    assert correct[40:].all()
    b_of_known = in_columns(found, model.graph.names, ("b",)).median[40:60, 0]
    assert np.abs(b_of_known - b[40:60]).mean() < 0.75


def test_probabilities_are_calibrated() -> None:
    random_state = np.random.default_rng(5)
    x = random_state.uniform(-3, 3, size=900)
    truth = norm.cdf(1.5 * np.sin(2 * x) + 0.5 * x)
    metal = random_state.random(900) < truth
    frame = pd.DataFrame({"x": x, "kind": np.where(metal, "metal", "insulator")})
    frame.loc[200:, "kind"] = None
    table = read(frame, properties=(), allow_empty_properties=True)
    graph = PropertyGraph((Property("kind", transform="category"),))
    model = HierarchyModel.from_table(table, graph, QUICK)
    found = model.fill().categories["kind"][200:, 1]
    for low in np.arange(0.0, 1.0, 0.25):
        here = (found >= low) & (found < low + 0.25)
        assert here.sum() > 40
        assert metal[200:][here].mean() == pytest.approx(found[here].mean(), abs=0.1)
    both = np.column_stack([1 - found, found]), np.column_stack([1 - truth, truth])[200:]
    codes = metal[200:].astype(int)
    assert log_loss(both[0], codes) < log_loss(both[1], codes) + 0.05


class TestWithoutAGraph:
    def test_a_category_is_a_child_of_all_and_told(self) -> None:
        holes, _ = made(40)
        model = HierarchyModel.from_table(read(holes), None, QUICK)
        assert set(model.graph.parents_of("kind = metal")) == {"a", "b"}
        assert any(note == "kind: a category, linked to all properties." for note in model.notes)
        assert model.fill().categories["kind"].shape == (40, 2)

    def test_one_that_would_take_long_is_left_as_it_is_and_told(self) -> None:
        holes, _ = made(40)
        random_state = np.random.default_rng(0)
        holes["kind"] = random_state.choice(["p", "q", "r", "s"], 40)
        model = HierarchyModel.from_table(read(holes), None, QUICK)
        assert model.categories == ()
        assert any("kind: a category of 4 levels, left as it is" in n for n in model.notes)

    def test_one_that_a_graph_does_not_name_is_told(self) -> None:
        holes, _ = made(40)
        graph = PropertyGraph((Property("a"), Property("b", parents=("a",))))
        model = HierarchyModel.from_table(read(holes), graph, QUICK)
        assert "kind: a category that is not in the graph, left as it is." in model.notes
        assert model.fill().categories == {}
