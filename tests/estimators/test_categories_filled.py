"""Categories from a DataFrame to a filled one, and to a file and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hokan import HierarchicalRegressor
from hokan.errors import HokanError, TableError
from hokan.graph import Property, PropertyGraph
from hokan.store import load_model, save_model
from hokan.table import PropertyTable

CHAIN = PropertyGraph(
    (
        Property("a", gross_errors="none"),
        Property("kind", transform="category", parents=("a",)),
        Property("b", parents=("kind",), gross_errors="none"),
    )
)


def rows(n: int = 60) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a table with holes, and the same without."""
    random_state = np.random.default_rng(0)
    x = random_state.normal(size=n)
    a = x + 0.5 * random_state.normal(size=n)
    utility = 2.0 * a + random_state.normal(size=n)
    kind = np.where(utility > 0, "metal", "insulator")
    whole = pd.DataFrame({"x": x, "a": a, "kind": kind, "b": 2.0 * utility})
    holes = whole.copy()
    holes.loc[random_state.random(n) < 0.4, "kind"] = None
    holes.loc[random_state.random(n) < 0.4, "b"] = np.nan
    return holes, whole


def estimator(graph: PropertyGraph | None = CHAIN, **options: object) -> HierarchicalRegressor:
    quick = {"n_restarts": 0, "max_iterations": 30, "n_parameter_draws": 0}
    return HierarchicalRegressor(graph, descriptors=["x"], **(quick | options))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def fitted() -> HierarchicalRegressor:
    return estimator().fit(rows()[0])


class TestFilling:
    def test_holes_get_the_most_probable_level_and_its_probability(
        self, fitted: HierarchicalRegressor
    ) -> None:
        holes, whole = rows()
        filled = fitted.fill()
        known = holes["kind"].notna()
        assert (filled.loc[known, "kind"] == holes.loc[known, "kind"]).all()
        assert filled["kind"].notna().all()
        assert (filled["kind"] == whole["kind"])[~known].mean() > 0.7
        beside = filled[["kind__probability_insulator", "kind__probability_metal"]]
        assert beside[known].isna().all(axis=None)
        assert beside[~known].sum(axis=1).to_numpy() == pytest.approx(1.0)
        assert (beside[~known].max(axis=1) == filled.loc[~known, "kind__probability"]).all()

    def test_other_columns_are_those_of_numbers(self, fitted: HierarchicalRegressor) -> None:
        names = fitted.fill().columns
        assert not [name for name in names if "=" in name]
        assert list(fitted.predict(rows()[0]).columns) == ["a", "b"]
        assert set(fitted.leave_one_out()["property"]) == {"a", "b"}

    def test_probabilities_have_the_index_of_the_rows(self) -> None:
        holes, _ = rows()
        named = holes.set_axis([f"m{number}" for number in range(len(holes))], axis=0)
        model = estimator().fit(named)
        found = model.category_probabilities()["kind"]
        assert list(found.columns) == ["insulator", "metal"]
        assert list(found.index) == list(named.index)
        assert found.sum(axis=1).to_numpy() == pytest.approx(1.0)

    def test_drawn_tables_have_levels_in_all_rows(self, fitted: HierarchicalRegressor) -> None:
        holes, _ = rows()
        first, second, *_ = fitted.sample(4)
        known = holes["kind"].notna()
        assert (first.loc[known, "kind"] == holes.loc[known, "kind"]).all()
        assert first["kind"].isin(["insulator", "metal"]).all()
        assert list(first.columns) == list(holes.columns)
        assert (first["kind"] != second["kind"]).any()

    def test_left_out_levels(self, fitted: HierarchicalRegressor) -> None:
        holes, _ = rows()
        found = fitted.category_probabilities(left_out=True)["kind"]
        assert (found.notna().all(axis=1) == holes["kind"].notna()).all()
        with pytest.raises(HokanError, match="without a table"):
            fitted.category_probabilities(holes, left_out=True)


class TestNewRows:
    def test_with_and_without_a_known_level(self, fitted: HierarchicalRegressor) -> None:
        new = pd.DataFrame({"x": [0.0, 0.0, 0.0], "kind": ["insulator", None, "metal"]})
        filled = fitted.fill(new)
        assert filled["kind"].notna().all()
        assert filled.loc[[0, 2], "kind"].tolist() == ["insulator", "metal"]
        assert (np.diff(filled["b"]) > 0).all()

    def test_without_the_column_at_all(self, fitted: HierarchicalRegressor) -> None:
        filled = fitted.fill(pd.DataFrame({"x": [2.0], "b": [6.0]}))
        assert filled["kind"].tolist() == ["metal"]
        found = fitted.category_probabilities(pd.DataFrame({"x": [2.0], "b": [6.0]}))["kind"]
        assert found["metal"][0] > 0.9

    def test_all_of_one_level(self, fitted: HierarchicalRegressor) -> None:
        new = pd.DataFrame({"x": [0.0, 1.0], "kind": ["metal", "metal"]})
        assert fitted.category_probabilities(new)["kind"]["metal"].tolist() == [1.0, 1.0]

    def test_an_unseen_level_is_refused_with_its_row(self, fitted: HierarchicalRegressor) -> None:
        new = pd.DataFrame({"x": [0.0, 1.0], "kind": ["metal", "Metall"]})
        with pytest.raises(TableError, match=r"row 2, column 'kind'.*'Metall'"):
            fitted.predict(new)

    def test_a_table_read_with_levels_in_another_order(self, fitted: HierarchicalRegressor) -> None:
        new = pd.DataFrame({"x": [0.0, 0.0], "kind": ["metal", None], "a": [np.nan, -2.0]})
        turned = PropertyTable.from_frame(
            new,
            descriptors=["x"],
            categories={"kind": ["metal", "insulator"]},
            allow_empty_properties=True,
        )
        assert fitted.fill(turned)["kind"].tolist() == ["metal", "insulator"]

    def test_a_training_row_with_another_level_is_a_new_material(
        self, fitted: HierarchicalRegressor
    ) -> None:
        holes, _ = rows()
        row = holes[holes["kind"].notna() & holes["b"].isna()].iloc[[0]]
        other = "metal" if row["kind"].iloc[0] == "insulator" else "insulator"
        same, changed = fitted.predict(row)["b"], fitted.predict(row.assign(kind=other))["b"]
        position = row.index[0]
        assert same[position] == fitted.fill()["b"][position]
        assert abs(changed[position] - same[position]) > 0.3


class TestSaying:
    def test_a_graph_makes_a_column_a_category(self) -> None:
        holes, _ = rows()
        codes = holes["kind"].map({"metal": 1, "insulator": 0})
        model = estimator().fit(holes.assign(kind=codes))
        filled = model.fill()
        assert filled["kind"].isin([0, 1]).all()
        assert list(model.category_probabilities()["kind"].columns) == ["0", "1"]

    def test_levels_can_be_given(self) -> None:
        holes, _ = rows()
        model = estimator(categories={"kind": ["metal", "insulator"]}).fit(holes)
        assert list(model.category_probabilities()["kind"].columns) == ["metal", "insulator"]

    def test_without_a_graph_a_category_is_filled_too(self) -> None:
        filled = estimator(None).fit(rows()[0]).fill()
        assert filled["kind"].notna().all()

    def test_no_category_where_none_is_wanted(self) -> None:
        holes, _ = rows()
        model = estimator(None, categories=[]).fit(holes)
        assert model.category_probabilities() == {}
        assert model.fill()["kind"].isna().equals(holes["kind"].isna())

    def test_they_are_columns_of_one_table(self) -> None:
        with pytest.raises(HokanError, match="categories names columns of one table"):
            estimator(None, categories=["kind"]).set_params(descriptors=()).fit(
                np.zeros((4, 2)), np.arange(4.0)
            )


class TestSaving:
    def test_a_loaded_model_predicts_the_same(
        self, fitted: HierarchicalRegressor, tmp_path: Path
    ) -> None:
        save_model(fitted, tmp_path / "model.hokan")
        loaded = load_model(tmp_path / "model.hokan")
        assert isinstance(loaded, HierarchicalRegressor)
        pd.testing.assert_frame_equal(loaded.fill(), fitted.fill())
        new = pd.DataFrame({"x": [0.0, 0.5], "kind": ["insulator", None]})
        pd.testing.assert_frame_equal(loaded.fill(new), fitted.fill(new))
        with pytest.raises(TableError, match="'glass'"):
            loaded.predict(new.assign(kind=["glass", None]))
