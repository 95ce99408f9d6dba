"""Convergence of imputers' chains: which traces pass, which do not, and what is said of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from imputation_cases import imputed, rightly, trace_of, two_columns

from hokan.errors import HokanError
from hokan.imputation.diagnostics import judge_chains
from hokan.imputation.diagnostics.convergence import largest_by_chance
from hokan.inference.chain_statistics import r_hat


def judged(means: np.ndarray, stds: np.ndarray | None = None, m: int = 4, **options):
    if stds is None:
        stds = np.random.default_rng(5).normal(size=means.shape)
    frame, _ = two_columns(60)
    return judge_chains(imputed(frame, rightly, m, trace=trace_of(means, stds)), **options)


def noise(n_chains: int = 4, n_steps: int = 200, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n_chains, n_steps))


def test_independent_draws_have_nothing_to_converge():
    frame, _ = two_columns(60)
    told = judge_chains(imputed(frame, rightly))
    assert told.converged
    assert told.table.empty
    assert "independent draws: there is nothing to converge" in told.verdict


def test_chains_that_agree_pass_and_have_the_r_hat_of_vehtari():
    means, stds = noise(), noise(seed=1)
    told = judged(means, stds)
    assert told.converged
    line = told.table.iloc[0]
    assert line["property"] == "y"
    assert line["r_hat_mean"] == pytest.approx(float(r_hat(means)))
    assert line["r_hat_std"] == pytest.approx(float(r_hat(stds)))
    assert line["r_hat"] == max(line["r_hat_mean"], line["r_hat_std"]) < 1.02
    assert 500 < line["bulk_size"] < 1000
    assert (told.n_chains, told.n_steps) == (4, 200)
    assert "The chains agree" in told.verdict


@pytest.mark.parametrize("which", ["apart", "drifting", "spread"])
def test_chains_apart_or_adrift_are_named(which):
    means, stds = noise(), noise(seed=1)
    if which == "apart":
        means[0] += 3.0
    elif which == "drifting":
        means += np.linspace(0.0, 4.0, means.shape[1])
    else:
        stds[1] += 3.0  # the means agree, what is imputed spreads differently
    told = judged(means, stds)
    assert told.converged is False
    assert "do not agree on y (1." in told.verdict


def test_warm_up_can_be_left_out():
    means = noise()
    means[:, :50] += np.linspace(20.0, 0.0, 50)
    assert judged(means).converged is False
    told = judged(means, warm_up=50)
    assert told.converged
    assert told.n_steps == 150


def test_short_chains_are_not_blamed_for_chance():
    """As chained equations run: 20 chains of 10 steps. Independent steps pass 99 times in 100."""
    alarms = 0
    for seed in range(200):
        told = judged(noise(20, 10, seed), noise(20, 10, seed + 1000), m=20)
        alarms += told.converged is False
        assert told.limit > 1.05
    assert alarms <= 6
    assert "as far as 20 chains of 10 steps can tell" in told.verdict


def test_short_chains_that_stay_apart_are_found_nevertheless():
    means = noise(20, 10) + 3.0 * noise(20, 1, 7)
    assert judged(means, m=20).converged is False


def test_the_limit_comes_down_to_the_usual_one_with_length():
    limits = [largest_by_chance(4, steps, 2) for steps in (3, 10, 50, 1000)]
    assert limits[0] == np.inf
    assert limits == sorted(limits, reverse=True)
    assert limits[-1] == 1.05


def test_too_few_steps_tell_nothing():
    told = judged(noise(5, 3), m=5)
    assert told.converged is None
    assert "cannot be told from 5 chains of 3 steps" in told.verdict


def test_more_tables_than_the_chains_are_worth_are_too_much_alike():
    random = np.random.default_rng(3)
    steps = random.normal(size=(2, 4000))
    for k in range(1, 4000):
        steps[:, k] = 0.97 * steps[:, k - 1] + np.sqrt(1 - 0.97**2) * steps[:, k]
    few = judged(steps, m=10)
    many = judged(steps, m=200)
    assert few.converged
    assert many.converged is False
    assert "too much alike" in many.verdict


def test_a_category_has_no_mean_and_is_not_judged():
    means = np.full((4, 100), np.nan)
    told = judged(means, means)
    assert told.converged is None
    assert np.isnan(told.table["r_hat"][0])


def test_a_trace_that_cannot_be_read_is_refused():
    frame, _ = two_columns(60)
    trace = trace_of(noise(), noise())
    with pytest.raises(HokanError, match="std not found"):
        judge_chains(imputed(frame, rightly, trace=trace.drop(columns="std")))
    with pytest.raises(HokanError, match="as many steps"):
        judge_chains(imputed(frame, rightly, trace=trace.iloc[:-1]))


def test_lines_of_a_trace_may_come_in_any_order_of_columns():
    both = pd.concat([trace_of(noise(), noise(seed=1)), trace_of(noise(seed=2), noise(), "z")])
    frame, _ = two_columns(60)
    by_step = both.sort_values(["step", "column"], kind="stable")
    expected = judge_chains(imputed(frame, rightly, trace=both)).table
    found = judge_chains(imputed(frame, rightly, trace=by_step)).table
    pd.testing.assert_frame_equal(found, expected)
