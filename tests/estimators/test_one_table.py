"""One table with holes: fitted, filled, and predicted from whatever is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from hokan import HierarchicalRegressor, Property, PropertyGraph, PropertyTable
from hokan.errors import GraphError, TableError

Quick = Callable[..., HierarchicalRegressor]
PROPERTIES = ["property_1", "property_2", "property_3"]


def test_filling_changes_holes_and_nothing_else(
    fitted: HierarchicalRegressor, frame: pd.DataFrame
) -> None:
    filled = fitted.fill()
    known = frame.notna()
    assert not known.all(axis=None)
    pd.testing.assert_frame_equal(filled[frame.columns].where(known), frame, check_exact=True)
    assert filled[PROPERTIES].notna().all(axis=None)
    assert list(filled.columns[: len(frame.columns)]) == list(frame.columns)
    for name in PROPERTIES:
        bars = filled[[f"{name}__std", f"{name}__lower", f"{name}__upper"]]
        assert (bars.notna().all(axis=1) == frame[name].isna()).all()
        assert (bars.isna().all(axis=1) == frame[name].notna()).all()
        holes = frame[name].isna()
        assert (bars[f"{name}__std"][holes] > 0).all()
        assert (bars[f"{name}__lower"][holes] < filled[name][holes]).all()
        assert (filled[name][holes] < bars[f"{name}__upper"][holes]).all()


def test_neither_table_nor_parameters_are_changed(quick: Quick, frame: pd.DataFrame) -> None:
    frame = frame.drop(columns="source")
    frame.to_numpy().flags.writeable = False
    before, names = frame.copy(deep=True), ["x2", "x1"]
    estimator = quick(descriptors=names)
    estimator.fit(frame).fill(frame)
    estimator.predict(frame)
    pd.testing.assert_frame_equal(frame, before, check_exact=True)
    assert estimator.descriptors is names
    assert names == ["x2", "x1"]


def test_the_training_table_is_recognised_by_its_rows(
    fitted: HierarchicalRegressor, frame: pd.DataFrame
) -> None:
    filled = fitted.fill()
    pd.testing.assert_frame_equal(fitted.fill(frame.copy()), filled, check_exact=True)
    backwards = frame.iloc[::-1].reset_index(drop=True)
    expected = filled.iloc[::-1].reset_index(drop=True)
    pd.testing.assert_frame_equal(fitted.fill(backwards), expected, check_exact=True)
    few = frame.iloc[[3, 20]]
    pd.testing.assert_frame_equal(fitted.fill(few), filled.iloc[[3, 20]], check_exact=True)
    medians = fitted.predict(frame)
    pd.testing.assert_frame_equal(medians, filled[PROPERTIES], check_exact=True)


def test_a_row_with_another_value_is_a_new_material(
    fitted: HierarchicalRegressor, frame: pd.DataFrame
) -> None:
    row = frame.index[frame["property_1"].notna() & frame["property_2"].isna()][:1]
    changed = frame.loc[row].assign(property_1=frame.loc[row, "property_1"] + 1e-9)
    both = pd.concat([frame.loc[row], changed])
    _, std = fitted.predict(both, return_std=True)
    assert std["property_2"].iloc[0] != std["property_2"].iloc[1]
    _, alone = fitted.predict(changed, return_std=True)
    assert alone["property_2"].iloc[0] == pytest.approx(std["property_2"].iloc[1], rel=1e-9)


def test_repeated_rows_are_matched_one_to_one(quick: Quick, frame: pd.DataFrame) -> None:
    twice = pd.concat([frame, frame.iloc[:2]])
    estimator = quick(descriptors=("x1", "x2")).fit(twice)
    pd.testing.assert_frame_equal(estimator.fill(twice), estimator.fill(), check_exact=True)


def test_more_is_known_the_better_it_is_predicted(
    fitted: HierarchicalRegressor, frame: pd.DataFrame
) -> None:
    new = frame[["x1", "x2"]] + 0.1
    medians, nothing = fitted.predict(new, return_std=True)
    assert medians.index.equals(new.index)
    assert list(medians.columns) == PROPERTIES
    known = new.assign(property_1=1.0)
    medians, something = fitted.predict(known, return_std=True)
    assert (medians["property_1"] == 1.0).all()
    assert (something["property_1"] == 0.0).all()
    assert (something["property_2"] < nothing["property_2"]).all()


def test_what_predict_returns(fitted: HierarchicalRegressor, frame: pd.DataFrame) -> None:
    new = frame[["x1", "x2"]] + 0.1
    median, std, lower, upper = fitted.predict(new, return_std=True, return_interval=True)
    assert isinstance(fitted.predict(new), pd.DataFrame)
    assert len(fitted.predict(new, return_interval=True)) == 3
    assert (lower < median).all(axis=None)
    assert (median < upper).all(axis=None)
    assert (std > 0).all(axis=None)
    _, wider_lower, wider_upper = fitted.predict(new, return_interval=True, level=0.99)
    assert (wider_lower < lower).all(axis=None)
    assert (wider_upper > upper).all(axis=None)


def test_filling_another_table_appends_what_it_lacks(
    fitted: HierarchicalRegressor, frame: pd.DataFrame
) -> None:
    new = (frame[["x1", "x2", "property_2"]] + 0.1).iloc[:5]
    filled = fitted.fill(new)
    assert list(filled.columns[:5]) == ["x1", "x2", "property_2", "property_1", "property_3"]
    assert filled[PROPERTIES].notna().all(axis=None)
    assert filled.index.equals(new.index)
    as_table = PropertyTable.from_frame(new, descriptors=["x1", "x2"], allow_empty_properties=True)
    pd.testing.assert_frame_equal(fitted.fill(as_table), filled)


def test_a_table_read_with_another_composition_column_is_filled_too(quick: Quick) -> None:
    formulas = ["LiF", "NaF", "KF", "LiCl", "NaCl", "KCl"]
    train = pd.DataFrame({"formula": formulas, "T": range(800, 1400, 100), "V": range(6)})
    new = pd.DataFrame({"phase": ["KBr", "LiBr"], "T": [1007.0, np.nan]})
    estimator = quick().fit(train)
    read = PropertyTable.from_frame(new, composition="phase", allow_empty_properties=True)
    filled = estimator.fill(read)
    assert list(filled.columns[:3]) == ["phase", "T", "V"]
    assert filled[["T", "V"]].notna().all(axis=None)
    expected = estimator.fill(new.rename(columns={"phase": "formula"}))
    pd.testing.assert_frame_equal(filled, expected.rename(columns={"formula": "phase"}))


def test_columns_of_an_earlier_fill_are_replaced(
    fitted: HierarchicalRegressor, frame: pd.DataFrame
) -> None:
    new = frame[["x1", "x2", *PROPERTIES]].iloc[:5] + 0.1
    once = fitted.fill(new)
    once[PROPERTIES] = new[PROPERTIES]
    pd.testing.assert_frame_equal(fitted.fill(once), fitted.fill(new))


def test_a_graph_decides_what_is_modelled(quick: Quick, frame: pd.DataFrame) -> None:
    graph = PropertyGraph(
        (
            Property("property_3", transform="identity", parents=("property_1",)),
            Property("property_1", transform="identity"),
        )
    )
    estimator = quick(graph=graph, descriptors=("x1", "x2")).fit(frame)
    assert estimator.graph_.edges == graph.edges
    assert any("property_2" in note for note in estimator.notes_)
    assert list(estimator.predict(frame[["x1", "x2"]]).columns) == ["property_1", "property_3"]
    filled = estimator.fill()
    pd.testing.assert_series_equal(filled["property_2"], frame["property_2"], check_exact=True)
    assert filled["property_1"].notna().all()
    with pytest.raises(GraphError, match="no property 'property_9'"):
        quick(graph=PropertyGraph.ladder("property_1", "property_9")).fit(frame)


def test_compositions_describe_materials(quick: Quick) -> None:
    table = pd.DataFrame(
        {
            "formula": ["LiF", "NaF", "KF", "LiCl", "NaCl", "KCl", "LiBr", "NaBr"],
            "melting_point_K": [1121, 1269, 1131, 883, 1074, 1044, 825, np.nan],
            "boiling_point_K": [1946, 1977, 1775, np.nan, 1738, np.nan, 1538, 1663],
        }
    )
    estimator = quick().fit(table)
    filled = estimator.fill()
    assert 700 < filled.loc[7, "melting_point_K"] < 1400
    new = estimator.predict(pd.DataFrame({"formula": ["KBr"]}, index=["new"]))
    assert new.loc["new", "melting_point_K"] > 0
    with pytest.raises(TableError, match="no column 'formula'"):
        estimator.predict(pd.DataFrame({"melting_point_K": [1000.0]}))


def test_an_unused_formula_of_new_rows_does_no_harm(
    fitted: HierarchicalRegressor, frame: pd.DataFrame
) -> None:
    new = frame[["x1", "x2"]] + 0.1
    with_formula = new.assign(formula="not one")
    pd.testing.assert_frame_equal(fitted.predict(with_formula), fitted.predict(new))


def test_ignored_columns_stay_ignored(quick: Quick, frame: pd.DataFrame) -> None:
    noisy = frame.assign(property_1__error=0.5, other=1.0)
    options = {"descriptors": ("x1", "x2"), "ignore": ("property_1__error", "other")}
    estimator = quick(**options).fit(noisy)
    pd.testing.assert_frame_equal(estimator.fill(noisy), estimator.fill())
    new = noisy.assign(x1=noisy["x1"] + 0.1)
    expected = estimator.predict(new.drop(columns=["property_1__error", "other"]))
    pd.testing.assert_frame_equal(estimator.predict(new), expected)


def test_draws_are_plausible_wholes(fitted: HierarchicalRegressor, frame: pd.DataFrame) -> None:
    draws = fitted.sample(200, random_state=1)
    known = frame.notna()
    for draw in draws[:3]:
        pd.testing.assert_frame_equal(draw[frame.columns].where(known), frame, check_exact=True)
        assert draw[PROPERTIES].notna().all(axis=None)
    filled = fitted.fill()
    hole = frame["property_2"].isna()
    values = np.array([draw.loc[hole, "property_2"] for draw in draws])
    error = values.std(axis=0) / np.sqrt(len(values))
    np.testing.assert_array_less(
        np.abs(values.mean(axis=0) - filled.loc[hole, "property_2"]), 5 * error
    )
    np.testing.assert_allclose(values.std(axis=0), filled.loc[hole, "property_2__std"], rtol=0.3)
    pd.testing.assert_frame_equal(fitted.sample(1)[0], fitted.sample(1)[0])
    assert not fitted.sample(1, random_state=2)[0].equals(draws[0])


def test_same_seed_same_answer(quick: Quick, frame: pd.DataFrame) -> None:
    estimator = quick(descriptors=("x1", "x2"), weigh_descriptors=True, n_restarts=1)
    first = estimator.fit(frame).fill()
    again = clone(estimator).fit(frame).fill()
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    state = np.random.RandomState(4)
    drawn = quick(descriptors=("x1", "x2"), random_state=state).fit(frame)
    assert drawn.model_.options.random_state == np.random.RandomState(4).randint(2**31 - 1)


def test_a_table_already_read_takes_no_reading_options(quick: Quick, frame: pd.DataFrame) -> None:
    table = PropertyTable.from_frame(frame, descriptors=["x1", "x2"])
    estimator = quick().fit(table)
    expected = quick(descriptors=("x1", "x2")).fit(frame).fill()
    pd.testing.assert_frame_equal(estimator.fill(), expected, check_exact=True)
    with pytest.raises(TableError, match="descriptors cannot be given to the estimator"):
        quick(descriptors=("x1", "x2")).fit(table)
    with pytest.raises(TableError, match="fit it without y"):
        quick().fit(table, [1.0])


def test_anything_but_a_table_is_refused(fitted: HierarchicalRegressor) -> None:
    with pytest.raises(TableError, match=r"expected a pandas DataFrame .* found ndarray"):
        fitted.predict(np.ones((2, 2)))
    with pytest.raises(TableError, match="found list"):
        fitted.fill([[1.0, 2.0]])  # type: ignore[arg-type]
