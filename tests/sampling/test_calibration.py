"""Draws are from the posterior: ranks of true numbers among them are uniform.

A quick look at every kind of node, link and observation; ``benchmarks/calibration.py`` takes a
longer one. Hyperparameters are fixed here: those learned by stochastic expectation maximisation are
a point, not draws, and have no ranks.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from calibration_cases import CASES, PAIR, Ranks, beyond_a_scale, p_value, simulate
from hierarchies import Model

from hokan.inference.cells import Cells

SIMULATIONS = 24
#: With as many cases, one in a hundred runs of all of them would fail by chance; seeds are fixed.
SMALLEST_P = 0.01 / len(CASES)


class TestEveryKind:
    @pytest.mark.parametrize("name", CASES)
    def test_ranks_are_uniform(self, name: str) -> None:
        found = simulate(CASES[name], SIMULATIONS, seed=7)
        assert np.isfinite(found.cells).any(axis=1).mean() > 0.8
        assert found.p_value > SMALLEST_P, found.p_values()


class TestWrongSamplersAreFound:
    """The same tests, where something is wrong on purpose."""

    @pytest.mark.parametrize("factor", [1.0, 2.0])
    def test_noise_that_is_not_what_it_is_taken_for(self, factor: float) -> None:
        def changed(cells: Cells) -> Cells:
            return replace(cells, noise_variance=factor * cells.noise_variance)

        case = replace(CASES["linear"], mask=PAIR, observe=all_measured)
        found = simulate(case, 120, seed=7, tampered=changed)
        assert (found.p_value > SMALLEST_P) == (factor == 1.0)

    def test_limits_that_are_dropped(self) -> None:
        def dropped(cells: Cells) -> Cells:
            return replace(cells, limits=None)

        case = replace(CASES["linear"], mask=PAIR, observe=beyond_a_scale)
        found = simulate(case, 120, seed=7, tampered=dropped)
        assert found.p_value < SMALLEST_P


def all_measured(model: Model, table: np.ndarray, rng: np.random.Generator) -> Cells:
    noise = np.full(table.shape, 0.4)
    return model.cells(table + np.sqrt(noise) * rng.standard_normal(table.shape), noise)


class TestTheTestsThemselves:
    """On ranks made up."""

    RNG = np.random.default_rng(0)

    def test_uniform_ranks_pass(self) -> None:
        found = [p_value(self.RNG.random((100, 5))) for _ in range(200)]
        assert np.mean(np.array(found) < 0.05) < 0.1

    def test_also_where_some_are_not_known(self) -> None:
        def some() -> np.ndarray:
            ranks = self.RNG.random((100, 5))
            return np.where(self.RNG.random(ranks.shape) < 0.6, np.nan, ranks)

        found = [p_value(some()) for _ in range(200)]
        assert np.mean(np.array(found) < 0.05) < 0.1

    @pytest.mark.parametrize(
        ("a", "b"), [(0.7, 0.7), (1.5, 1.5), (1.3, 0.8)], ids=["too narrow", "too wide", "shifted"]
    )
    def test_others_fail(self, a: float, b: float) -> None:
        assert p_value(self.RNG.beta(a, b, (200, 3))) < 1e-3

    def test_one_wrong_quantity_among_many_is_found(self) -> None:
        ranks = self.RNG.random((200, 12))
        ranks[:, 4] = self.RNG.beta(2.5, 2.5, 200)
        assert p_value(ranks) < 1e-3

    def test_groups_are_put_together(self) -> None:
        ranks = Ranks(self.RNG.random((100, 3)), np.zeros((100, 0)), self.RNG.beta(3, 1, (100, 1)))
        assert set(ranks.p_values()) == {"cells", "density"}
        assert ranks.p_value == pytest.approx(2 * min(ranks.p_values().values()))
