"""Convergence: published formulas written out as loops, another package's figures, plain words."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import beta

from hokan.errors import HokanError
from hokan.inference.convergence import (
    Convergence,
    bulk_effective_sample_size,
    judge,
    mean_effective_sample_size,
    r_hat,
    standard_error_of_mean,
    standard_error_of_quantile,
    tail_effective_sample_size,
)

FloatArray = NDArray[np.float64]
Statistic = Callable[[FloatArray], FloatArray]


def tenth_error(draws: FloatArray) -> FloatArray:
    return standard_error_of_quantile(draws, 0.1)


STATISTICS: tuple[Statistic, ...] = (
    r_hat,
    bulk_effective_sample_size,
    tail_effective_sample_size,
    mean_effective_sample_size,
    standard_error_of_mean,
    tenth_error,
)


# --- examples -------------------------------------------------------------------------------------


def autoregressive(noise: FloatArray, coefficient: float) -> FloatArray:
    x = np.zeros_like(noise)
    for t in range(1, noise.shape[1]):
        x[:, t] = coefficient * x[:, t - 1] + noise[:, t]
    return x


def examples() -> dict[str, FloatArray]:
    rng = np.random.default_rng(20210601)
    return {
        "independent": rng.standard_normal((4, 250)),
        "correlated": autoregressive(rng.standard_normal((4, 301)), 0.8)[:, 100:],
        "alternating": autoregressive(rng.standard_normal((3, 160)), -0.7),
        "apart": rng.standard_normal((4, 100)) + np.array([0.0, 0.0, 0.0, 1.0])[:, None],
        "wider": rng.standard_normal((4, 100)) * np.array([1.0, 1.0, 1.0, 3.0])[:, None],
        "heavy": rng.standard_cauchy((2, 400)),
        "zeros": np.maximum(rng.standard_normal((4, 101)), 0.0),
        "short": rng.standard_normal((2, 8)),
        "drifting": rng.standard_normal((4, 200)) + np.linspace(0.0, 1.5, 200),
        "count": rng.poisson(2.0, (4, 150)).astype(float),
    }


EXAMPLES = examples()

#: From arviz-stats 0.8.0, functions ``rhat``, ``ess`` (bulk, tail with prob=(0.05, 0.95), mean) and
#: ``mcse`` (mean, quantile with prob=0.1) of arviz_stats.base.array_stats; NumPy 2.4.6.
ARVIZ = {
    "independent": (
        1.00007589139,
        939.450821166,
        802.337944511,
        938.104856995,
        0.0326808809178,
        0.0843969066274,
    ),
    "correlated": (
        1.03650251721,
        77.5818131185,
        182.193566645,
        77.9698729883,
        0.175001630089,
        0.206207159573,
    ),
    "alternating": (
        1.01315461562,
        1286.99579394,
        403.709547081,
        1286.99579394,
        0.0366015697122,
        0.176864189852,
    ),
    "apart": (
        1.11081298265,
        26.6589583049,
        133.397063519,
        25.7969703797,
        0.207484944421,
        0.0795664738663,
    ),
    "wider": (
        1.14847575118,
        329.707364196,
        50.5602623668,
        301.258158344,
        0.0947113527057,
        0.473982980512,
    ),
    "heavy": (
        0.998424187006,
        796.325839348,
        693.94419188,
        766.730073745,
        0.956571073937,
        0.387538399663,
    ),
    "zeros": (0.995760887253, 393.828307832, 341.452417133, 389.170911643, 0.0323913829553, 0.0),
    "short": (
        1.21100355432,
        19.2659197225,
        19.2659197225,
        19.2659197225,
        0.351515915776,
        0.700508241104,
    ),
    "drifting": (
        1.0771011879,
        37.3475653535,
        430.941998259,
        37.4454660522,
        0.177026659082,
        0.120144517002,
    ),
    "count": (1.002468736, 654.948798655, 548.762507454, 671.074783764, 0.0525580872559, 0.0),
}


# --- the published formulas, one quantity and one step at a time ----------------------------------


def slow_split(chains: FloatArray) -> list[list[float]]:
    half = chains.shape[1] // 2
    return [list(c[:half]) for c in chains] + [list(c[-half:]) for c in chains]


def slow_scores(chains: list[list[float]]) -> list[list[float]]:
    """Normal scores of ranks, with Blom's offset of 3/8."""
    pooled = [value for chain in chains for value in chain]

    def score(value: float) -> float:
        below = sum(other < value for other in pooled)
        equal = sum(other == value for other in pooled)
        rank = below + 0.5 * (equal + 1)
        return float(ndtri((rank - 0.375) / (len(pooled) + 0.25)))

    known = {value: score(value) for value in set(pooled)}
    return [[known[value] for value in chain] for chain in chains]


def variance(values: list[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def slow_r_hat_of(chains: list[list[float]]) -> float:
    n = len(chains[0])
    between = n * variance([sum(chain) / n for chain in chains])
    within = sum(variance(chain) for chain in chains) / len(chains)
    return float((((n - 1) / n * within + between / n) / within) ** 0.5)


def slow_r_hat(draws: FloatArray) -> float:
    halves = slow_split(draws)
    centre = float(np.median([value for chain in halves for value in chain]))
    folded = [[abs(value - centre) for value in chain] for chain in halves]
    return max(slow_r_hat_of(slow_scores(halves)), slow_r_hat_of(slow_scores(folded)))


def slow_size_of(chains: list[list[float]]) -> float:
    m, n = len(chains), len(chains[0])
    if len({value for chain in chains for value in chain}) == 1:
        return float(m * n)  # nothing to estimate: hokan's own rule
    means = [sum(chain) / n for chain in chains]
    within = sum(variance(chain) for chain in chains) / m
    total = (n - 1) / n * within + variance(means)

    def correlation(lag: int) -> float:
        if lag == 0:
            return 1.0
        covariances = [
            sum((chain[t] - mean) * (chain[t + lag] - mean) for t in range(n - lag)) / n
            for chain, mean in zip(chains, means, strict=True)
        ]
        return 1.0 - (within - sum(covariances) / m) / total

    # Geyer: sums of pairs while they are positive, made to decrease.
    pair_sums: list[float] = []
    lag = 0
    while True:
        even, odd = correlation(lag), correlation(lag + 1)
        if even + odd <= 0.0 or lag + 5 > n:
            break
        pair_sums.append(min([even + odd, *pair_sums[-1:]]))
        lag += 2
    leftover = even if even > 0.0 or even + odd >= 0.0 else 0.0
    length = -1.0 + 2.0 * sum(pair_sums) + leftover
    return m * n / max(length, 1.0 / np.log10(m * n))


def slow_quantile_size(draws: FloatArray, probability: float) -> float:
    below = (draws <= np.quantile(draws, probability)).astype(float)
    return slow_size_of(slow_split(below))


def slow_quantile_error(draws: FloatArray, probability: float) -> float:
    size, ordered = slow_quantile_size(draws, probability), sorted(draws.ravel())
    rank = beta(size * probability + 1, size * (1 - probability) + 1)
    # The draw that the rank falls on, counted from 1, rounded outwards.
    low = max(int(np.floor(len(ordered) * rank.ppf(0.15865525393145707))), 1)
    high = min(int(np.ceil(len(ordered) * rank.ppf(0.8413447460685429))), len(ordered))
    return 0.5 * float(ordered[high - 1] - ordered[low - 1])


def slow_statistics(draws: FloatArray) -> tuple[float, ...]:
    mean_size = slow_size_of(slow_split(draws))
    return (
        slow_r_hat(draws),
        slow_size_of(slow_scores(slow_split(draws))),
        min(slow_quantile_size(draws, 0.05), slow_quantile_size(draws, 0.95)),
        mean_size,
        variance([float(value) for value in draws.ravel()]) ** 0.5 / mean_size**0.5,
        slow_quantile_error(draws, 0.1),
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_results_are_those_of_the_published_formulas(name: str) -> None:
    draws = EXAMPLES[name]
    found = [float(statistic(draws)) for statistic in STATISTICS]
    np.testing.assert_allclose(found, slow_statistics(draws), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ARVIZ)
def test_results_are_those_of_arviz(name: str) -> None:
    found = [float(statistic(EXAMPLES[name])) for statistic in STATISTICS]
    np.testing.assert_allclose(found, ARVIZ[name], rtol=1e-10)


@pytest.mark.parametrize("n_draws", [4, 5, 6, 7, 9, 10, 11, 12])
@pytest.mark.parametrize("n_chains", [1, 2, 4])
def test_short_chains_follow_the_formulas_too(n_chains: int, n_draws: int) -> None:
    rng = np.random.default_rng(n_draws)
    for _ in range(5):
        draws = rng.standard_normal((n_chains, n_draws))
        found = [float(statistic(draws)) for statistic in STATISTICS]
        np.testing.assert_allclose(found, slow_statistics(draws), rtol=1e-9)


# --- what they are for ----------------------------------------------------------------------------


def test_chains_that_agree_have_an_r_hat_of_one_and_all_their_draws() -> None:
    draws = np.random.default_rng(1).standard_normal((4, 2000, 20))
    assert np.all(np.abs(r_hat(draws) - 1.0) < 0.01)
    assert np.all(bulk_effective_sample_size(draws) > 6500)


@pytest.mark.parametrize("name", ["apart", "wider", "drifting"])
def test_chains_that_differ_are_found(name: str) -> None:
    assert r_hat(EXAMPLES[name]) > 1.05


def test_the_size_of_correlated_draws_is_the_one_known() -> None:
    """An autoregressive chain of coefficient c is worth (1 - c) / (1 + c) of its draws."""
    noise = np.random.default_rng(2).standard_normal((8, 20_100))
    draws = autoregressive(noise, 0.6)[:, 100:]
    assert mean_effective_sample_size(draws) == pytest.approx(0.25 * 160_000, rel=0.05)


def test_standard_errors_are_the_scatter_over_repetitions() -> None:
    rng = np.random.default_rng(3)
    noise = rng.standard_normal((4 * 400, 240))
    chains = autoregressive(noise, 0.5)[:, 40:].reshape(400, 4, 200).transpose(1, 2, 0)
    pooled = chains.reshape(-1, 400)
    told = np.sqrt(np.mean(standard_error_of_mean(chains) ** 2))
    assert told == pytest.approx(pooled.mean(axis=0).std(), rel=0.12)
    for probability in (0.05, 0.5, 0.95):
        told = np.sqrt(np.mean(standard_error_of_quantile(chains, probability) ** 2))
        scatter = np.quantile(pooled, probability, axis=0).std()
        assert told == pytest.approx(scatter, rel=0.2), probability


# --- shapes, invariances, unusual draws -----------------------------------------------------------


def test_each_quantity_is_judged_by_itself() -> None:
    draws = np.random.default_rng(4).standard_normal((3, 30, 2, 5)).cumsum(axis=1)
    for statistic in STATISTICS:
        together = statistic(draws)
        assert together.shape == (2, 5)
        for index in np.ndindex(2, 5):
            assert together[index] == pytest.approx(float(statistic(draws[:, :, *index])))
    assert judge(draws)[0].shape == (2, 5)
    for at_once, alone in zip(judge(draws), STATISTICS, strict=False):
        np.testing.assert_array_equal(at_once, alone(draws))


def test_many_quantities_are_treated_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = np.random.default_rng(5).standard_normal((2, 10, 7))
    whole = judge(draws)
    monkeypatch.setattr("hokan.inference.chain_statistics._BLOCK", 45)
    np.testing.assert_array_equal(whole, judge(draws))


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), shift=st.floats(-1e3, 1e3), scale=st.floats(1e-3, 1e3))
def test_units_do_not_matter(seed: int, shift: float, scale: float) -> None:
    draws = np.random.default_rng(seed).standard_normal((3, 20)).cumsum(axis=1)
    moved = shift + scale * draws
    # R-hat is left out: of an even number of draws the two in the middle are equally far from the
    # median, and it depends on rounding which of them is taken to be nearer.
    for statistic in STATISTICS[1:4]:
        np.testing.assert_allclose(statistic(moved), statistic(draws), rtol=1e-6)
    for statistic in (standard_error_of_mean, tenth_error):
        np.testing.assert_allclose(statistic(moved), scale * statistic(draws), rtol=1e-6)
    np.testing.assert_allclose(r_hat(-4.0 * draws), r_hat(draws), rtol=1e-12)  # exact in binary
    # Of ranks alone, any increasing function will do.
    cubed = bulk_effective_sample_size(draws**3)
    np.testing.assert_allclose(cubed, bulk_effective_sample_size(draws), rtol=1e-9)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6))
def test_the_order_of_chains_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    draws = rng.standard_normal((4, 15, 3)).round(1)
    for statistic in STATISTICS:
        np.testing.assert_allclose(statistic(draws), statistic(draws[::-1]), rtol=1e-9)


def test_a_quantity_that_does_not_vary_needs_no_more_draws() -> None:
    draws = np.zeros((4, 25, 2))
    draws[:, :, 1] = 1e-300
    expected = (1.0, 100.0, 100.0, 100.0, 0.0, 0.0)
    for statistic, value in zip(STATISTICS, expected, strict=True):
        np.testing.assert_array_equal(statistic(draws), [value, value])


def test_nearly_always_the_same_value_gives_numbers() -> None:
    draws = np.zeros((4, 100))
    draws[2, 40] = 1.0
    assert np.isfinite([float(statistic(draws)) for statistic in STATISTICS]).all()


def test_two_values_half_of_the_time_each_give_numbers() -> None:
    """All draws are as far from the median as any other: folded, they do not vary."""
    draws = np.tile([0.0, 1.0], (4, 50))
    assert np.isfinite(judge(draws)).all()


def test_chains_that_never_meet_are_infinitely_apart() -> None:
    draws = np.repeat(np.arange(4.0)[:, None], 50, axis=1)
    assert r_hat(draws) == np.inf
    assert bulk_effective_sample_size(draws) < 5


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_draws_that_are_no_numbers_give_none_and_spoil_no_others(wrong: float) -> None:
    draws = np.random.default_rng(6).standard_normal((4, 20, 3))
    spoilt = draws.copy()
    spoilt[1, 3, 1] = wrong
    for statistic in STATISTICS:
        found = statistic(spoilt)
        assert np.isnan(found[1])
        np.testing.assert_array_equal(found[[0, 2]], statistic(draws)[[0, 2]])


@pytest.mark.parametrize("n_draws", [0, 1, 3])
def test_of_fewer_than_four_draws_nothing_is_said(n_draws: int) -> None:
    for statistic in STATISTICS:
        assert np.isnan(statistic(np.ones((4, n_draws, 2)))).all()


def test_draws_are_left_as_they_are() -> None:
    draws = np.random.default_rng(7).standard_normal((2, 12, 2))
    draws.setflags(write=False)
    for statistic in STATISTICS:
        statistic(draws)


def test_what_is_no_set_of_chains_is_refused() -> None:
    with pytest.raises(HokanError, match=r"\(chains, draws, ...\), found \(5,\)"):
        r_hat(np.ones(5))
    with pytest.raises(HokanError, match="between 0 and 1, found 5"):
        standard_error_of_quantile(np.ones((2, 5)), 5)


def test_five_thousand_quantities_take_seconds_at_most() -> None:
    draws = np.random.default_rng(8).standard_normal((4, 200, 5000))
    start = time.process_time()
    judge(draws)
    assert time.process_time() - start < 5.0  # about one, with room for slow machines


# --- the summary ----------------------------------------------------------------------------------


def converged(n_quantities: int = 6, n_draws: int = 400) -> FloatArray:
    return np.random.default_rng(9).standard_normal((4, n_draws, n_quantities))


def test_the_worst_quantities_are_named() -> None:
    draws = converged().reshape(4, 400, 3, 2)
    draws[0, :, 2, 1] += 1.5
    names = [f"{what} in row {row}" for row in (1, 2, 3) for what in ("density", "gap")]
    found = Convergence.of(draws, names)
    ratios, bulk, tail = judge(draws)
    assert (found.n_chains, found.n_draws, found.n_quantities) == (4, 400, 6)
    assert (found.worst_r_hat, found.worst_r_hat_index) == ("gap in row 3", (2, 1))
    assert found.largest_r_hat == ratios[2, 1] > 1.05
    assert found.smallest_bulk_size == bulk.min() == bulk[found.worst_bulk_size_index]
    assert found.smallest_tail_size == tail.min() == tail[found.worst_tail_size_index]
    assert found.worst_tail_size == names[np.ravel_multi_index(found.worst_tail_size_index, (3, 2))]
    assert found.share_above_1_05 == pytest.approx(1 / 6)
    assert found.share_above_1_01 == np.mean(ratios > 1.01)


def test_without_names_quantities_have_their_places() -> None:
    assert Convergence.of(converged()).worst_r_hat.startswith("quantity ")
    assert Convergence.of(converged()[:, :, 0]).worst_r_hat == "the quantity"
    with pytest.raises(HokanError, match="each of 6 quantities, found 2"):
        Convergence.of(converged(), ["a", "b"])


def test_a_reliable_answer_has_no_warning() -> None:
    found = Convergence.of(converged())
    assert found.reliable
    assert found.warning() == ""


def test_chains_that_disagree_are_told_with_the_worst() -> None:
    draws = converged()
    draws[0, :, 4] += 1.0
    found = Convergence.of(draws, [f"density in row {row}" for row in range(1, 7)])
    assert not found.reliable
    told = found.warning()
    assert "4 chains do not agree on 1 of 6 quantities, most for density in row 5" in told
    assert f"R-hat {found.largest_r_hat:.2f}" in told
    assert "Run more draws" in told


def test_too_few_effective_draws_are_told_with_how_many_are_needed() -> None:
    draws = np.random.default_rng(10).standard_normal((4, 20))
    found = Convergence.of(draws)
    assert found.largest_r_hat < 1.05, "or this would test the other message"
    assert not found.reliable
    told = found.warning()
    assert "80 draws are worth only" in told
    assert "at least 100 are needed" in told
    assert "Run more draws, about 2 times as many." in told


def test_quantities_without_numbers_are_counted() -> None:
    draws = converged()
    draws[0, 0, :2] = np.nan
    draws[:, :, 2] = 5.0
    found = Convergence.of(draws)
    assert (found.n_undefined, found.n_constant) == (2, 1)
    assert found.largest_r_hat < 1.05
    assert not found.reliable
    assert "for 2 of 6 quantities some draws are not finite" in found.warning()


def test_chains_too_short_to_judge_are_told() -> None:
    found = Convergence.of(converged()[:, :3])
    assert np.isnan(found.largest_r_hat)
    assert (found.worst_r_hat, found.worst_r_hat_index) == ("", None)
    assert not found.reliable
    assert "chains of 3 draws are too short. Run more draws" in found.warning()


def test_nothing_to_draw_is_reliable() -> None:
    found = Convergence.of(np.empty((4, 100, 0)))
    assert (found.reliable, found.warning(), found.n_quantities) == (True, "", 0)


@pytest.mark.parametrize(
    "draws",
    [
        np.repeat(np.arange(4.0)[:, None], 100, axis=1),
        np.cumsum(np.ones((1, 100)), axis=1),
        converged()[:, :3],
        np.full((2, 50), np.nan),
        np.random.default_rng(11).standard_normal((2, 12)),
    ],
)
def test_every_warning_is_one_to_three_plain_sentences(draws: FloatArray) -> None:
    told = Convergence.of(draws).warning()
    assert told.endswith(".")
    assert 1 <= told.count(". ") + 1 <= 3
    assert "nan" not in told
    assert "inf " not in told
