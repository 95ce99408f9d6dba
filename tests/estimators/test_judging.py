"""Leave-one-out predictions, suspicious values and scores."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import r2_score

from hokan import HierarchicalRegressor, HokanError
from hokan.errors import TableError

Quick = Callable[..., HierarchicalRegressor]
PROPERTIES = ["property_1", "property_2", "property_3"]


def test_every_known_value_is_listed_once(
    fitted: HierarchicalRegressor, frame: pd.DataFrame
) -> None:
    listed = fitted.leave_one_out()
    assert len(listed) == frame[PROPERTIES].notna().to_numpy().sum()
    assert not listed.duplicated(["row", "property"]).any()
    pairs = zip(listed["row"], listed["property"], strict=True)
    looked_up = [frame.loc[row, name] for row, name in pairs]
    np.testing.assert_array_equal(listed["observed"], looked_up)
    assert (listed["lower"] < listed["upper"]).all()
    outside = (listed["observed"] < listed["lower"]) | (listed["observed"] > listed["upper"])
    assert ((listed["surprise"].abs() > 1.6449) == outside).all()


def test_a_gross_error_is_found(quick: Quick, frame: pd.DataFrame) -> None:
    row = frame.index[frame["property_2"].notna()][4]
    wrong = frame.copy()
    wrong.loc[row, "property_2"] += 15 * frame["property_2"].std()
    suspects = quick(descriptors=("x1", "x2")).fit(wrong).suspicious_values()
    assert (suspects.loc[0, "row"], suspects.loc[0, "property"]) == (row, "property_2")
    assert suspects.loc[0, "surprise"] > 3.5
    assert (suspects["surprise"].abs().diff().dropna() <= 0).all()


def test_the_composition_is_told(quick: Quick) -> None:
    table = pd.DataFrame(
        {"phase": ["LiF", "NaF", "KF", "LiCl"], "T": [1121.0, 1269.0, np.nan, 883.0]}
    )
    listed = quick(composition="phase").fit(table).leave_one_out()
    assert listed["phase"].tolist() == ["LiF", "NaF", "LiCl"]


def test_known_rows_are_scored_by_leaving_one_out(
    fitted: HierarchicalRegressor, frame: pd.DataFrame
) -> None:
    listed = fitted.leave_one_out()
    groups = [listed[listed["property"] == name] for name in PROPERTIES]
    expected = np.mean([r2_score(g["observed"], g["predicted"]) for g in groups])
    assert fitted.score() == pytest.approx(expected)
    assert fitted.score(frame.iloc[::-1]) == pytest.approx(expected)


def test_new_rows_are_scored_from_their_other_values(quick: Quick, frame: pd.DataFrame) -> None:
    train, test = frame.iloc[:20], frame.iloc[20:]
    estimator = quick(descriptors=("x1", "x2")).fit(train)
    expected = []
    for name in PROPERTIES:
        known = test[test[name].notna()]
        predicted = estimator.predict(known.assign(**{name: np.nan}))
        expected.append(r2_score(known[name], predicted[name]))
    assert estimator.score(test) == pytest.approx(np.mean(expected))


def test_what_cannot_be_judged_is_refused(
    fitted: HierarchicalRegressor, frame: pd.DataFrame
) -> None:
    with pytest.raises(TableError, match="at least two known values"):
        fitted.score(frame[["x1", "x2"]] + 0.1)
    with pytest.raises(HokanError, match="call score\\(table\\) without y"):
        fitted.score(frame, frame["property_1"])
    with pytest.raises(HokanError, match="threshold must be 0 or more; found -1"):
        fitted.suspicious_values(-1)
