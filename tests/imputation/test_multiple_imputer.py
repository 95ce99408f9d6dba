"""Multiple imputation by the joint model: what is kept, what is drawn, for old and new rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from hokan import HierarchicalRegressor, HokanError, MultipleImputer, Property, PropertyGraph
from hokan.datasets.synthetic import make_hierarchy
from hokan.table import PropertyTable

QUICK = {"weigh_descriptors": False, "n_restarts": 0, "max_iterations": 20}


def quick(**parameters: Any) -> MultipleImputer:
    return MultipleImputer(**{"n_imputations": 4, **QUICK, **parameters})


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Forty materials, three related properties with holes, two descriptors, a text column."""
    drawn = make_hierarchy(40, 3, missing=0.3, n_descriptors=2, random_state=3).table.frame
    drawn["source"] = [f"paper {number}" for number in range(40)]
    drawn.index = pd.Index([f"m{number}" for number in range(40)], name="material")
    return drawn


@pytest.fixture(scope="module")
def names(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if frame[name].isna().any()]


@pytest.fixture(scope="module")
def fitted(frame: pd.DataFrame) -> MultipleImputer:
    return quick(descriptors=("x1", "x2")).fit(frame)


@pytest.fixture(scope="module")
def new_rows(frame: pd.DataFrame) -> pd.DataFrame:
    rows = make_hierarchy(12, 3, missing=0.5, n_descriptors=2, random_state=8).table.frame
    rows["source"] = "new"
    return rows[frame.columns]


@pytest.fixture(scope="module")
def sampled(frame: pd.DataFrame) -> MultipleImputer:
    return quick(engine="sampling", descriptors=("x1", "x2"), n_chains=2, n_draws=20).fit(frame)


class TestCompletedTables:
    def test_known_cells_and_other_columns_are_as_they_were(self, fitted, frame, names):
        for completed in fitted.impute():
            pd.testing.assert_index_equal(completed.index, frame.index)
            assert completed.columns.tolist() == frame.columns.tolist()
            assert not completed[names].isna().to_numpy().any()
            known = frame[names].notna()
            assert completed[names].where(known).equals(frame[names])
            others = [name for name in frame.columns if name not in names]
            pd.testing.assert_frame_equal(completed[others], frame[others])

    def test_they_are_as_many_as_asked_for_and_differ(self, fitted, names):
        assert len(fitted.impute()) == 4
        imputations = fitted.impute(7)
        assert len(imputations) == 7
        assert not imputations[0][names].equals(imputations[1][names])

    def test_the_same_seed_gives_the_same_tables(self, fitted, frame):
        again = clone(fitted).fit(frame)
        for one, other in zip(fitted.impute(), again.impute(), strict=True):
            pd.testing.assert_frame_equal(one, other)
        other = fitted.impute(random_state=5)
        assert not other[0].equals(fitted.impute()[0])
        pd.testing.assert_frame_equal(other[0], fitted.impute(random_state=5)[0])

    def test_each_has_parameters_of_its_own(self, fitted):
        assert len(fitted.regressor_.model_.posterior.draws) == 4
        assert fitted.impute().origins["chain"].tolist() == [0, 1, 2, 3]
        assert fitted.impute(6).origins["draw"].tolist() == [0, 0, 0, 0, 1, 1]

    def test_of_many_tables_some_share_parameters(self):
        """Each draw of the parameters holds a matrix, which would fill the memory."""
        X = np.random.default_rng(6).normal(size=(12, 2))
        X[3, 1] = np.nan
        imputer = quick(n_imputations=90, max_iterations=3).fit(X)
        assert len(imputer.regressor_.model_.posterior.members) == 40
        assert len(imputer.impute()) == 90

    def test_they_are_the_draws_of_the_joint_model(self, fitted, names):
        draws = np.array([t[names].to_numpy() for t in fitted.impute(400, random_state=1)])
        filled = fitted.regressor_.fill()
        hole = filled[[f"{name}__std" for name in names]].notna().to_numpy()
        spread = filled[[f"{name}__std" for name in names]].to_numpy()[hole]
        median = filled[names].to_numpy()[hole]
        apart = (np.median(draws, axis=0)[hole] - median) / spread
        assert np.abs(apart).max() < 0.35
        assert np.median(draws.std(axis=0)[hole] / spread) == pytest.approx(1.0, abs=0.1)

    def test_provenance_tells_of_every_hole(self, fitted, frame, names):
        cells = fitted.impute(3).cells()
        assert len(cells) == 3 * int(frame[names].isna().to_numpy().sum())
        assert set(cells["column"]) == set(names)

    def test_an_odd_number_is_refused(self, fitted):
        with pytest.raises(HokanError, match="m must be a whole number, 1 or more; found 0"):
            fitted.impute(0)
        with pytest.raises(HokanError, match="random_state must be"):
            fitted.impute(random_state=-1)


class TestNewRows:
    def test_they_are_completed_without_learning_from_them(self, fitted, new_rows, names):
        before = fitted.regressor_.model_
        imputations = fitted.impute(5, new_rows)
        assert fitted.regressor_.model_ is before
        known = new_rows[names].notna()
        for completed in imputations:
            assert not completed[names].isna().to_numpy().any()
            assert completed[names].where(known).equals(new_rows[names])

    def test_properties_that_are_absent_are_imputed_in_all_rows(self, fitted, new_rows, names):
        completed = fitted.impute(2, new_rows[["x1", "x2", names[0]]])[1]
        assert completed.columns.tolist() == ["x1", "x2", *names]
        assert not completed[names].isna().to_numpy().any()
        with pytest.raises(ValueError, match="feature names"):
            fitted.transform(new_rows[["x1", "x2", names[0]]])

    def test_draws_have_the_distribution_that_is_predicted(self, fitted, new_rows, names):
        draws = np.array([t[names].to_numpy() for t in fitted.impute(600, new_rows)])
        median, std = fitted.regressor_.predict(new_rows, return_std=True)
        hole = new_rows[names].isna().to_numpy()
        apart = (np.median(draws, axis=0) - median.to_numpy())[hole] / std.to_numpy()[hole]
        assert np.abs(apart).max() < 0.35
        ratio = draws.std(axis=0)[hole] / std.to_numpy()[hole]
        assert np.median(ratio) == pytest.approx(1.0, abs=0.1)

    def test_relations_between_properties_are_kept(self):
        """Two copies of one quantity, both unknown in new rows: draws must stay together."""
        rng = np.random.default_rng(0)
        x = rng.normal(size=80)
        table = pd.DataFrame(
            {"a": x, "b": x + 0.05 * rng.normal(size=80), "c": rng.normal(size=80)}
        )
        table.loc[::3, "b"] = np.nan
        imputer = quick().fit(table)
        fresh = pd.DataFrame({"a": [np.nan], "b": [np.nan], "c": [0.3]})
        draws = np.array([t[["a", "b"]].to_numpy()[0] for t in imputer.impute(300, fresh)])
        assert np.corrcoef(draws.T)[0, 1] > 0.98

    def test_training_rows_are_recognised_in_any_order(self, fitted, frame, new_rows, names):
        together = pd.concat([new_rows.iloc[:2], frame.iloc[[5, 0]]])
        completed = fitted.impute(2, together)
        training = fitted.impute(2)
        for one, other in zip(completed, training, strict=True):
            np.testing.assert_array_equal(one.iloc[2:][names], other.iloc[[5, 0]][names])


class TestTransforming:
    def test_holes_get_the_medians_that_fill_gives(self, fitted, frame, names):
        found = fitted.transform(frame)
        columns = fitted.get_feature_names_out().tolist()
        assert columns == [name for name in frame.columns if name != "source"]
        filled = (
            HierarchicalRegressor(descriptors=("x1", "x2"), n_parameter_draws=4, **QUICK)
            .fit(frame)
            .fill()
        )
        np.testing.assert_allclose(found, filled[columns].to_numpy(dtype=float))

    def test_pandas_comes_out_where_it_is_asked_for(self, frame):
        imputer = quick(descriptors=("x1", "x2")).set_output(transform="pandas")
        found = imputer.fit_transform(frame)
        pd.testing.assert_index_equal(found.index, frame.index)
        assert found.columns.tolist() == imputer.get_feature_names_out().tolist()

    def test_a_pipeline_learns_from_tables_with_holes(self):
        rng = np.random.default_rng(1)
        X = rng.multivariate_normal(np.zeros(3), 0.2 * np.eye(3) + 0.8, size=60)
        y = X.sum(axis=1)
        holes = np.where(rng.random(X.shape) < 0.3, np.nan, X)
        pipeline = make_pipeline(quick(), Ridge(alpha=0.1)).fit(holes[:45], y[:45])
        assert pipeline.score(holes[45:], y[45:]) > 0.7

    def test_rows_are_transformed_one_by_one_as_together(self, fitted, new_rows):
        together = fitted.transform(new_rows)
        alone = np.vstack([fitted.transform(new_rows.iloc[[k]]) for k in range(len(new_rows))])
        np.testing.assert_allclose(alone, together, rtol=1e-9)


class TestReading:
    def test_arrays_keep_their_columns_also_constant_ones(self):
        rng = np.random.default_rng(2)
        X = np.column_stack([rng.normal(size=20), np.full(20, 3.0), rng.normal(size=20)])
        X[3, 0] = np.nan
        found = quick().fit_transform(X)
        assert found.shape == X.shape
        np.testing.assert_array_equal(found[:, 1], 3.0)
        np.testing.assert_array_equal(found[np.isfinite(X)], X[np.isfinite(X)])

    def test_a_column_that_is_never_known_is_refused_by_name(self):
        X = np.random.default_rng(0).normal(size=(10, 2))
        X[:, 1] = np.nan
        with pytest.raises(HokanError, match="x1"):
            quick().fit(X)

    def test_a_table_read_before_is_taken_as_it_was_read(self, frame, fitted, names):
        table = PropertyTable.from_frame(frame, descriptors=["x1", "x2"])
        imputer = quick().fit(table)
        pd.testing.assert_frame_equal(imputer.impute()[0], fitted.impute()[0])
        with pytest.raises(HokanError, match="has been read already, so descriptors cannot"):
            quick(descriptors=["x1"]).fit(table)

    def test_a_parameter_that_cannot_be_is_named(self, frame):
        with pytest.raises(HokanError, match="MultipleImputer: n_imputations must be"):
            MultipleImputer(n_imputations=0).fit(frame)

    def test_a_failed_fit_leaves_nothing_behind(self, frame):
        imputer = quick(descriptors=("x1", "x2")).fit(frame)
        with pytest.raises(HokanError):
            imputer.fit(frame.drop(columns=["x1"]))
        with pytest.raises(Exception, match="not fitted"):
            imputer.impute()


class TestCategoriesAndLimits:
    def test_levels_are_drawn_too(self):
        rng = np.random.default_rng(4)
        x = rng.normal(size=60)
        table = pd.DataFrame(
            {"x": x, "metal": np.where(x + 0.3 * rng.normal(size=60) > 0, "yes", "no")}
        )
        table["metal"] = table["metal"].astype(object)
        table.loc[::4, "metal"] = None
        graph = PropertyGraph(
            (Property("x"), Property("metal", transform="category", parents=("x",)))
        )
        imputations = quick(graph=graph, n_imputations=8).fit(table).impute()
        known = table["metal"].notna()
        for completed in imputations:
            assert set(completed["metal"]) == {"yes", "no"}
            assert completed.loc[known, "metal"].equals(table.loc[known, "metal"])
        drawn = imputations.cells()
        drawn = drawn[drawn["column"] == "metal"]
        agree = np.where(table["x"] > 0, "yes", "no")[drawn["row"]] == drawn["value"]
        assert agree.mean() > 0.8

    def test_draws_keep_to_limits(self):
        rng = np.random.default_rng(5)
        x = rng.normal(size=50)
        values = np.round(x + rng.normal(size=50), 3).astype(object)
        values[:5] = "> 1.0"
        table = pd.DataFrame({"x": x, "y": values})
        imputations = quick(n_imputations=20).fit(table).impute()
        drawn = np.array([completed["y"].to_numpy(dtype=float)[:5] for completed in imputations])
        assert (drawn >= 1.0).all()
        assert drawn.std(axis=0).min() > 0.01


class TestValuesInDoubt:
    """A value ten times too large: imputations must go with the analysis that will use it."""

    @pytest.fixture
    def with_an_outlier(self) -> pd.DataFrame:
        rng = np.random.default_rng(12)
        x = rng.normal(size=90)
        table = pd.DataFrame({"x": x, "y": x + 0.3 * rng.normal(size=90)})
        table.loc[3, ["x", "y"]] = [2.0, 12.0]
        table.loc[::3, "y"] = np.nan
        table.loc[3, "y"] = 12.0
        return table

    def test_all_known_values_are_taken_at_their_word(self, with_an_outlier):
        graph = quick().fit(with_an_outlier).regressor_.graph_
        assert {member.gross_errors for member in graph} == {"none"}

    def test_unless_one_asks_for_doubts(self, with_an_outlier):
        imputer = quick(gross_errors="auto").fit(with_an_outlier)
        assert any("looks wrong" in note for note in imputer.notes_)
        graph = PropertyGraph(
            (Property("x"), Property("y", parents=("x",), link="linear", gross_errors=0.05))
        )
        doubted = quick(graph=graph).fit(with_an_outlier).regressor_.graph_
        assert [member.gross_errors for member in doubted] == ["none", 0.05]

    def test_the_slope_that_an_analysis_finds_is_kept_in_what_is_imputed(self, with_an_outlier):
        known = with_an_outlier.dropna()
        wanted = np.polyfit(known["x"], known["y"], 1)[0]

        def imputed_slope(gross_errors: str) -> float:
            imputer = quick(gross_errors=gross_errors, n_imputations=20, max_iterations=50)
            hole = with_an_outlier["y"].isna()
            tables = [table[hole] for table in imputer.fit(with_an_outlier).impute(200)]
            return float(np.mean([np.polyfit(t["x"], t["y"], 1)[0] for t in tables]))

        assert abs(imputed_slope("none") - wanted) < 0.5 * abs(imputed_slope("auto") - wanted)


class TestSamplingEngine:
    def test_tables_come_from_all_chains(self, sampled):
        origins = sampled.impute(8).origins
        assert origins["chain"].tolist() == [0] * 4 + [1] * 4
        assert origins["draw"].max() < 20

    def test_the_trace_tells_how_the_chains_went(self, sampled, names):
        trace = sampled.impute(2).trace
        assert set(trace["column"]) == set(names)
        assert trace.groupby(["column", "chain"]).size().eq(20).all()

    def test_the_exact_engine_has_none(self, fitted):
        assert fitted.impute().trace is None

    def test_new_rows_are_drawn(self, sampled, new_rows, names):
        completed = sampled.impute(3, new_rows)[2]
        assert completed[names].where(new_rows[names].notna()).equals(new_rows[names])
        assert not completed[names].isna().to_numpy().any()


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    share=st.floats(0.05, 0.6),
    order=st.permutations([0, 1, 2]),
)
def test_no_known_cell_is_ever_changed(seed, share, order):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(14, 3)) @ rng.normal(size=(3, 3))
    X[rng.random(X.shape) < share] = np.nan
    X[:2] = rng.normal(size=(2, 3))
    X = X[:, order]
    imputer = quick(n_imputations=2, max_iterations=5).fit(X)
    known = np.isfinite(X)
    for completed in (imputer.transform(X), *imputer.impute()):
        values = np.asarray(completed, dtype=float)
        np.testing.assert_array_equal(values[known], X[known])
        assert np.isfinite(values).all()


def test_imputations_do_not_depend_on_the_order_of_rows() -> None:
    """Medians, that is: draws are numbered by the order of cells."""
    rng = np.random.default_rng(9)
    X = rng.multivariate_normal(np.zeros(2), [[1.0, 0.8], [0.8, 1.0]], size=30)
    X[::4, 0] = np.nan
    shuffled = rng.permutation(30)
    one: Callable[..., Any] = quick(n_imputations=20).fit_transform
    np.testing.assert_allclose(one(X)[shuffled], one(X[shuffled]), atol=0.05)
