"""Known values as if missing: the closed form, the folds, and what is told of both."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.base import BaseEstimator

from hokan import HierarchicalRegressor
from hokan.errors import HokanError
from hokan.imputation import Imputations, ImputedColumn
from hokan.imputation.chained_imputer import ChainedImputer
from hokan.imputation.diagnostics import (
    diagnose,
    overimpute,
    overimpute_by_folds,
    summarise_overimputation,
)
from hokan.imputation.multiple_imputer import MultipleImputer


class Regression(BaseEstimator):
    """Imputes y from x by a line with the true coefficients, ``spread`` times the true noise."""

    def __init__(self, spread: float = 1.0, bias: float = 0.0) -> None:
        self.spread = spread
        self.bias = bias

    def fit(self, table: pd.DataFrame) -> Regression:
        self.table_ = table
        return self

    def impute(self, m: int) -> Imputations:
        rows = np.flatnonzero(self.table_["y"].isna())
        x = self.table_["x"].to_numpy()[rows]
        noise = np.random.default_rng(len(rows)).normal(size=(m, len(rows)))
        values = 2.0 * x + self.bias + self.spread * noise
        return Imputations(
            self.table_, {"y": ImputedColumn(rows, values)}, np.arange(m), np.zeros(m, int)
        )


def table(n: int = 300, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    x = random.normal(size=n)
    y = 2.0 * x + random.normal(size=n)
    return pd.DataFrame({"x": x, "y": np.where(random.uniform(size=n) < 0.2, np.nan, y)})


def test_every_known_value_is_predicted_once_and_without_itself():
    given = table()
    cells = overimpute_by_folds(Regression(), given)
    known = given["y"].dropna()
    assert cells["row"].tolist() == known.index.tolist()
    np.testing.assert_array_equal(cells["observed"], known)
    assert (cells["property"] == "y").all()
    # The prediction is that of the line, whatever the known value was.
    np.testing.assert_allclose(cells["predicted"], 2.0 * given["x"][known.index], atol=0.9)


def test_a_right_imputer_holds_what_it_promises():
    cells = overimpute_by_folds(Regression(), table(3000), level=0.9)
    line = summarise_overimputation(cells, level=0.9).iloc[0]
    assert line["inside"] == pytest.approx(0.9, abs=0.02)
    assert line["mean_surprise"] == pytest.approx(0.0, abs=0.06)
    assert line["surprise_std"] == pytest.approx(1.0, abs=0.08)
    assert not line["too_narrow"]


def test_intervals_of_few_draws_are_not_too_narrow():
    cells = overimpute_by_folds(Regression(), table(3000), n_imputations=19)
    assert summarise_overimputation(cells)["inside"][0] == pytest.approx(0.9, abs=0.02)


def test_too_sure_or_biased_imputers_are_found():
    sure = summarise_overimputation(overimpute_by_folds(Regression(0.5), table())).iloc[0]
    assert sure["too_narrow"]
    assert sure["inside"] == pytest.approx(norm.cdf(0.82) - norm.cdf(-0.82), abs=0.08)
    biased = summarise_overimputation(overimpute_by_folds(Regression(bias=-1.0), table())).iloc[0]
    assert biased["mean_surprise"] > 0.7


def test_same_seed_same_folds():
    first, again = (overimpute_by_folds(Regression(), table(), random_state=3) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    other = overimpute_by_folds(Regression(), table(), random_state=4)
    assert not first["predicted"].equals(other["predicted"])


def test_the_closed_form_agrees_with_hiding_one_cell_and_fitting_again():
    """As many folds as cells, with parameters learned again: alike, for little is left out."""
    random = np.random.default_rng(0)
    a = random.normal(size=40)
    given = pd.DataFrame({"a": a, "b": a + 0.3 * random.normal(size=40)})
    given.loc[:4, "b"] = np.nan
    fitted = HierarchicalRegressor(random_state=0).fit(given)
    cells = overimpute(fitted)
    for row in (7, 20, 33):
        hidden = given.copy()
        hidden.loc[row, "b"] = np.nan
        again = HierarchicalRegressor(random_state=0).fit(hidden)
        filled = again.fill()
        line = cells[(cells["row"] == row) & (cells["property"] == "b")].iloc[0]
        assert line["observed"] == given["b"][row]
        assert line["predicted"] == pytest.approx(filled["b"][row], abs=0.2 * line["std"])
        assert line["std"] == pytest.approx(filled["b__std"][row], rel=0.15)


@pytest.mark.parametrize(
    "imputer",
    [MultipleImputer(n_imputations=39), ChainedImputer("bayesian linear", n_imputations=39)],
    ids=["joint", "chained"],
)
def test_folds_agree_with_the_closed_form_whatever_the_imputer(imputer):
    given = table(80)
    closed = overimpute(MultipleImputer().fit(given))
    closed = closed[closed["property"] == "y"].set_index("row")
    folds = overimpute_by_folds(imputer, given).set_index("row")
    # Medians of 39 draws have a standard error of a fifth of a standard deviation.
    apart = (folds["predicted"] - closed["predicted"]) / closed["std"]
    assert apart.std() < 0.4
    assert folds["std"].mean() == pytest.approx(closed["std"].mean(), rel=0.15)
    assert summarise_overimputation(folds.reset_index())["inside"][0] > 0.75


def test_a_diagnosis_holds_all_of_it():
    given = table(60)
    fitted = HierarchicalRegressor(random_state=0).fit(given)
    told = diagnose(Regression().fit(given).impute(10), fitted)
    assert len(told.overimputed) == int(given.notna().sum().sum())
    assert list(told.overimputation["property"]) == ["x", "y"]
    assert len(told.verdicts()) == 3
    assert "known values, predicted as if missing" in told.verdicts()[2]


def test_without_a_joint_model_folds_are_pointed_to():
    with pytest.raises(HokanError, match="overimpute_by_folds"):
        overimpute(Regression())


@pytest.mark.parametrize(
    ("given", "options", "match"),
    [
        (table(), {"n_folds": 1}, "2 folds or more"),
        (table(), {"n_imputations": 18}, "19 imputations or more"),
        (table(), {"level": 0.99}, "199 imputations or more"),
        (table()[["x"]], {}, "no column of numbers with holes"),
        (table().assign(z="text"), {"properties": ["z"]}, "'z'"),
    ],
)
def test_what_cannot_be_done_is_told(given, options, match):
    with pytest.raises(HokanError, match=match):
        overimpute_by_folds(Regression(), given, **options)
