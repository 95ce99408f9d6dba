"""Descriptors X and targets y, which may be missing in part."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hokan import HierarchicalRegressor, HokanError, PropertyGraph
from hokan.errors import GraphError, TableError

Quick = Callable[..., HierarchicalRegressor]
Arrays = tuple[np.ndarray, np.ndarray]


def test_predictions_have_the_shape_of_the_targets(quick: Quick, arrays: Arrays) -> None:
    X, y = arrays
    both = quick().fit(X, y)
    assert both.predict(X).shape == (40, 2)
    assert both.n_features_in_ == 3
    assert not hasattr(both, "feature_names_in_")
    one = quick().fit(X, y[:, 0])
    median, std = one.predict(X, return_std=True)
    assert median.shape == std.shape == (40,)
    assert isinstance(median, np.ndarray)
    assert quick().fit(X, y[:, :1]).predict(X).shape == (40, 1)
    lower, upper = one.predict(X, return_interval=True)[1:]
    assert (lower < median).all()
    assert (median < upper).all()


def test_partly_missing_targets_help(quick: Quick, arrays: Arrays) -> None:
    X, y = arrays
    unseen = 0.8 * np.random.default_rng(0).standard_normal(len(X))  # by the descriptors
    truth = y[:, 1] + 2.0 * unseen
    hidden = np.flatnonzero(np.isfinite(truth))[::2]
    given = truth.copy()
    given[hidden] = np.nan
    joint = quick().fit(X, np.column_stack([y[:, 0] + unseen, given]))
    alone = quick().fit(X, given)
    error = np.abs(joint.fill().loc[hidden, "y1"] - truth[hidden]).mean()
    assert error < 0.3 * np.abs(alone.predict(X[hidden]) - truth[hidden]).mean()


def test_training_arrays_may_be_read_only(quick: Quick, arrays: Arrays) -> None:
    X, y = arrays
    X.flags.writeable = y.flags.writeable = False
    before = X.copy(), y.copy()
    assert np.isfinite(quick(weigh_descriptors=True).fit(X, y).predict(X)).all()
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])


def test_names_come_from_frames(quick: Quick, arrays: Arrays) -> None:
    X, y = arrays
    index = pd.Index(np.arange(40) + 100)
    frame = pd.DataFrame(X, columns=["a", "b", "c"], index=index)
    targets = pd.DataFrame(y, columns=["gap_pbe", "gap_expt"])
    graph = PropertyGraph.ladder("gap_pbe", "gap_expt")
    estimator = quick(graph=graph).fit(frame, targets)
    assert list(estimator.feature_names_in_) == ["a", "b", "c"]
    assert estimator.graph_.names == ("gap_pbe", "gap_expt")
    assert estimator.fill().index.equals(index)
    alone = quick().fit(frame, pd.Series(y[:, 0], name="gap"))
    assert alone.graph_.names == ("gap",)
    with pytest.raises(ValueError, match="feature names should match"):
        estimator.predict(frame[["b", "a", "c"]])
    with pytest.raises(GraphError, match="no property 'gap_pbe'"):
        quick(graph=graph).fit(X, y)


def test_the_order_of_targets_makes_no_difference(quick: Quick, arrays: Arrays) -> None:
    X, y = arrays
    targets = pd.DataFrame(y, columns=["u", "v"])
    one_way = quick().fit(X, targets).predict(X)
    other = quick().fit(X, targets[["v", "u"]]).predict(X)
    np.testing.assert_array_equal(one_way, other[:, ::-1])


def test_compositions_may_stand_in_x(quick: Quick) -> None:
    X = pd.DataFrame(
        {
            "formula": ["LiF", "NaF", "KF", "LiCl", "NaCl", "KCl", "LiBr", "NaBr"],
            "pressure_GPa": [0.0, 1, 2, 0, 1, 2, 0, 1],
        }
    )
    y = [1121.0, 1269, 1131, 883, 1074, np.nan, 825, 1020]
    estimator = quick().fit(X, y)
    assert estimator.table_.compositions is not None
    assert estimator.table_.columns_with_role("descriptor") == ("pressure_GPa",)
    predicted = estimator.predict(pd.DataFrame({"formula": ["KBr"], "pressure_GPa": [0.5]}))
    assert predicted.shape == (1,)
    only = quick(composition="formula", ignore=["pressure_GPa"]).fit(X, y)
    assert only.table_.descriptors is None
    assert only.predict(X).shape == (8,)
    with pytest.raises(TableError, match="at least 2"):
        quick().fit(X[:1], [1.0])


def test_it_works_in_pipelines_and_cross_validation(quick: Quick, arrays: Arrays) -> None:
    X, y = arrays
    pipeline = make_pipeline(StandardScaler(), quick())
    scores = cross_val_score(pipeline, X, y[:, 0], cv=3)
    assert scores.min() > 0.9


def test_a_constant_target_is_learned(quick: Quick, arrays: Arrays) -> None:
    X, _ = arrays
    predicted = quick().fit(X, np.full(40, 3.0)).predict(X)
    np.testing.assert_allclose(predicted, 3.0, atol=1e-2)


def test_score_is_r2_over_known_targets(quick: Quick, arrays: Arrays) -> None:
    X, y = arrays
    estimator = quick().fit(X, y)
    predicted = estimator.predict(X)
    scores = []
    for column, guess in zip(y.T, predicted.T, strict=True):
        known = np.isfinite(column)
        spread = np.sum((column[known] - column[known].mean()) ** 2)
        scores.append(1.0 - np.sum((column[known] - guess[known]) ** 2) / spread)
    assert estimator.score(X, y) == pytest.approx(np.mean(scores))
    assert estimator.score() < estimator.score(X, y)  # leave-one-out of the training table


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "requires y to be passed, but the target y is None"),
        (np.full(40, np.nan), "y, column 'y0': contains NaN only"),
        (np.column_stack([np.ones(40), np.full(40, np.nan)]), "y, column 'y1': contains NaN only"),
        (np.r_[np.inf, np.ones(39)], "Input y contains infinity"),
        (np.ones(39), "inconsistent numbers of samples"),
        (np.array(["a"] * 40), "could not convert string to float"),
    ],
)
def test_targets_that_cannot_be_used(quick: Quick, arrays: Arrays, y: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        quick().fit(arrays[0], y)


def test_contradictions_are_told(quick: Quick, arrays: Arrays) -> None:
    X, y = arrays
    frame = pd.DataFrame(X, columns=["y0", "b", "c"])
    with pytest.raises(TableError, match="'y0' is the name of a column of X and of a target"):
        quick().fit(frame, y)
    with pytest.raises(HokanError, match="properties names columns of one table"):
        quick(properties=["y0"]).fit(X, y)
    estimator = quick().fit(X, y)
    with pytest.raises(HokanError, match="requires y"):
        estimator.score(X)
    with pytest.raises(TableError, match="expected 2 columns"):
        estimator.score(X, y[:, 0])
    with pytest.raises(ValueError, match="Input X contains NaN"):
        estimator.predict(np.full((2, 3), np.nan))
