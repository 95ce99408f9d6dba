"""Observed against imputed where holes are as likely: right imputations agree, wrong do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from imputation_cases import imputed, rightly, two_columns

from hokan.errors import HokanError
from hokan.imputation import Imputations, ImputedColumn
from hokan.imputation.diagnostics import (
    compare_by_propensity,
    diagnose,
    observed_and_imputed,
    propensities,
)


def balance(frame, draw, **options):
    table = compare_by_propensity(propensities(imputed(frame, draw)), **options)
    assert len(table) == 1
    return table.iloc[0]


def test_observed_and_imputed_values_stand_below_each_other():
    frame, _ = two_columns(60)
    made = imputed(frame, rightly, 3)
    cells = observed_and_imputed(made)
    n_holes = int(frame["y"].isna().sum())
    assert len(cells) == 60 - n_holes + 3 * n_holes
    observed = cells[cells["imputation"] == 0]
    np.testing.assert_array_equal(observed["value"], frame["y"].dropna())
    for number, table in enumerate(made, start=1):
        part = cells[cells["imputation"] == number]
        np.testing.assert_array_equal(part["value"], table["y"].to_numpy()[part["row"]])


def test_holes_at_random_are_as_likely_everywhere():
    frame, _ = two_columns(400)
    cells = propensities(imputed(frame, rightly))
    share = frame["y"].isna().mean()
    assert cells["propensity"].between(share - 0.15, share + 0.15).all()


def test_propensity_is_that_of_the_true_model():
    frame, _ = two_columns(2000, at_random=False)
    cells = propensities(imputed(frame, rightly)).drop_duplicates("row")
    true = 1.0 / (1.0 + np.exp(0.8 - 1.5 * frame["x"].to_numpy()[cells["row"]]))
    assert np.abs(cells["propensity"] - true).max() < 0.1


@pytest.mark.parametrize("at_random", [True, False])
def test_right_imputations_agree_with_what_is_observed(at_random):
    frame, _ = two_columns(400, at_random=at_random)
    line = balance(frame, rightly)
    assert not line["differs"]
    assert abs(line["difference"]) < 0.25
    assert line["strata"] >= 4
    assert line["share_compared"] > 0.75
    # Where holes depend on x, observed and imputed differ on the whole, and rightly so.
    assert (line["difference_overall"] > 0.5) == (not at_random)


def test_false_alarms_are_rare_and_errors_of_the_right_size():
    """Of 100 tables imputed rightly."""
    lines = [balance(two_columns(150, seed, at_random=False)[0], rightly) for seed in range(100)]
    found = pd.DataFrame(lines)
    assert found["differs"].sum() <= 3
    ratio = found["difference"].astype(float) / found["standard_error"].astype(float)
    assert 0.5 < ratio.std() < 1.2


@pytest.mark.parametrize(
    "wrongly",
    [lambda random, x: rightly(random, x) + 1.0, lambda random, x: random.normal(size=len(x))],
    ids=["shifted", "without regard to x"],
)
def test_wrong_imputations_are_found_where_holes_depend_on_another_column(wrongly):
    frame, _ = two_columns(600, at_random=False)
    line = balance(frame, wrongly)
    assert line["differs"]
    assert abs(line["difference"]) > 0.25
    told = diagnose(imputed(frame, wrongly)).verdicts()[1]
    assert "differ in the mean from observed ones" in told
    assert "y (" in told


def test_scales_may_be_logarithmic():
    frame, _ = two_columns(400)
    made = imputed(frame, rightly)
    column = made.columns["y"]
    raw = frame.assign(y=np.exp(frame["y"]))
    powers = Imputations(
        raw, {"y": ImputedColumn(column.rows, np.exp(column.values))}, made.chains, made.draws
    )
    expected = compare_by_propensity(propensities(made)).iloc[0]
    found = compare_by_propensity(propensities(powers), logarithmic=["y"]).iloc[0]
    assert found["difference"] == pytest.approx(expected["difference"])


def test_too_few_cells_are_not_compared():
    frame, _ = two_columns(60)
    frame.loc[frame["y"].isna().cumsum() > 4, "y"] = 0.0  # four holes are left
    line = balance(frame, rightly)
    assert np.isnan(line["difference"])
    assert line["note"] == "not compared: fewer than 5 holes"
    assert "there are too few (y)" in diagnose(imputed(frame, rightly)).verdicts()[1]


def test_holes_without_observed_like_them_are_not_compared():
    frame, _ = two_columns(200)
    frame["y"] = np.where(frame["x"] > 0.0, np.nan, 1.0 + frame["x"])
    line = balance(frame, rightly)
    assert line["share_compared"] < 0.5
    assert line["note"]


def test_columns_of_text_take_part_and_names_do_not():
    frame, _ = two_columns(400)
    group = np.where(frame["y"].isna(), "b", "a")
    frame["group"] = group
    frame["name"] = [f"material {k}" for k in range(len(frame))]
    cells = propensities(imputed(frame, rightly))
    assert cells.loc[cells["imputation"] == 0, "propensity"].max() < 0.1
    assert cells.loc[cells["imputation"] == 1, "propensity"].min() > 0.9


def test_a_category_and_a_complete_table_have_nothing_to_compare():
    frame = pd.DataFrame({"x": [1.0, 2.0], "kind": ["a", None]})
    made = Imputations(
        frame, {"kind": ImputedColumn(np.array([1]), np.array([["a"], ["b"]]))}, [0, 1], [0, 0]
    )
    assert propensities(made).empty
    assert compare_by_propensity(propensities(made)).empty
    with pytest.raises(HokanError, match="'kind': not imputed as numbers"):
        propensities(made, ["kind"])
