"""How many imputations: the published rules, and that they reach what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from hokan.errors import HokanError
from hokan.imputation.diagnostics import how_many


def test_the_quadratic_rule():
    """1 + ½ (γ / 0.05)², with γ known."""
    for gamma, expected in ((0.1, 3), (0.3, 19), (0.5, 51), (0.7, 99), (0.9, 163)):
        found = how_many(gamma, 10**20).table["for_standard_error"][0]
        assert found == expected


def test_of_few_imputations_the_upper_end_of_the_fraction_counts():
    """By hand: logit 0.3 is -0.8473, plus 1.95996 √(2/20) is -0.2275, whose inverse is 0.4434."""
    found = how_many(0.3, 20).table.iloc[0]
    assert found["fraction_upper"] == pytest.approx(0.4434, abs=1e-4)
    assert found["for_standard_error"] == np.ceil(1 + 0.5 * (found["fraction_upper"] / 0.05) ** 2)


def test_a_hundred_times_the_fraction():
    assert how_many([0.07, 0.3], 50).table["for_power"].tolist() == [7, 30]


@pytest.mark.parametrize("gamma", [0.3, 0.6])
def test_so_many_give_standard_errors_that_vary_by_five_per_cent(gamma):
    """Simulated: between-imputation variances of m normal estimates, and Rubin's total."""
    m = int(how_many(gamma, 10**12).table["for_standard_error"][0])
    random = np.random.default_rng(0)
    between = gamma * random.chisquare(m - 1, size=100_000) / (m - 1)
    errors = np.sqrt((1.0 - gamma) + (1.0 + 1.0 / m) * between)
    assert errors.std() / errors.mean() == pytest.approx(0.05, rel=0.05)


def test_the_upper_end_holds_the_fraction_as_often_as_it_says():
    """Simulated: the fraction found from 50 imputations of a large sample, approximately."""
    gamma, m = 0.4, 50
    between = gamma * np.random.default_rng(1).chisquare(m - 1, size=4000) / (m - 1)
    found = between / (1.0 - gamma + between)
    upper = how_many(found, m).table["fraction_upper"]
    assert (upper > gamma).mean() == pytest.approx(0.975, abs=0.03)


def test_the_simulation_error_is_that_of_a_mean_over_imputations():
    random = np.random.default_rng(2)
    means = random.normal(0.0, 0.3, size=(5000, 25)).mean(axis=1)
    found = how_many(0.3, 25, between=0.09, standard_error=1.0).table
    assert found["simulation_error"][0] == pytest.approx(means.std(), rel=0.03)
    assert found["simulation_share"][0] == found["simulation_error"][0]


def test_the_worst_estimate_decides_and_is_named():
    told = how_many([0.1, 0.5], 20, names=["age", "bmi"])
    assert told.needed == told.table["needed"][1]
    assert not told.enough
    assert f"take {told.needed}; bmi misses 50 % of its information" in told.verdict
    assert how_many([0.1, 0.5], told.needed, names=["age", "bmi"]).enough


def test_simulation_error_that_matters_is_told():
    assert "move by up to 22 %" in how_many(0.3, 5, between=1.0, standard_error=2.0).verdict
    assert "move by" not in how_many(0.3, 500, between=1.0, standard_error=2.0).verdict


def test_nothing_missing_needs_no_more_than_two():
    told = how_many(0.0, 5)
    assert (told.needed, told.enough) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "options", "match"),
    [
        (([1.2], 5), {}, "between 0 and 1"),
        (([np.nan], 5), {}, "between 0 and 1"),
        (([], 5), {}, "between 0 and 1"),
        ((0.2, 1), {}, "2 or more"),
        ((0.2, 5), {"coefficient_of_variation": 0.0}, "above 0"),
        ((0.2, 5), {"confidence": 1.0}, "between 0 and 1"),
        ((0.2, 5), {"names": ["a", "b"]}, "2 of estimate"),
    ],
)
def test_what_cannot_be_is_refused(arguments, options, match):
    with pytest.raises(HokanError, match=match):
        how_many(*arguments, **options)
