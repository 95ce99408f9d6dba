"""Jumps between the humps of single cells, and of cells that move together."""

from __future__ import annotations

import numpy as np
import pytest
from hierarchies import Model, column_features, limits_of, masked

from hokan.graph import Formula, Identity, StandardisedTransform
from hokan.sampling.fitting import SamplingOptions
from hokan.sampling.formula_link import FormulaLink
from hokan.sampling.jumps import Jumps, _several_humps

PLAIN = StandardisedTransform(Identity(), 0.0, 1.0)
CHAINS = 400


def fixed_link(text: str, parent: int = 0) -> FormulaLink:
    """A formula without constants, so that nothing but cells is drawn."""
    return FormulaLink((parent,), Formula.parse(text, ["a"]), (PLAIN,), PLAIN, ())


def model_of(n_rows: int, mask: np.ndarray, formulas: dict[int, FormulaLink]) -> Model:
    """Properties that scatter with variance 0.6 around zero or what the formula says."""
    return Model.of(
        column_features(np.random.default_rng(0), n_rows),
        mask,
        formulas=formulas,
        kernel_variance=0.5,
        material_variance=0.1,
    )


def sweeps(
    model: Model, values: np.ndarray, limits=None, *, together, turns: int, start: float
) -> np.ndarray:
    """Return drawn cells (turns, m, c) visited by jumps alone."""
    energy = model.energy(model.cells(values, limits=limits))
    unknowns = energy.hierarchy.unknowns
    rng = np.random.default_rng(1)
    everything = set(
        zip(unknowns.drawn_rows.tolist(), unknowns.drawn_properties.tolist(), strict=True)
    )
    jumps = Jumps(energy, model.order, rng, everything)
    cells = np.full((unknowns.n_drawn, CHAINS), start)
    state = unknowns.bounds.to_free(cells)
    visited = []
    for turn in range(turns):
        state = jumps.sweep(state, together=turn % 2 == 0 if together is None else together)
        visited.append(unknowns.bounds.to_cells(state))
    return np.array(visited)


def quadrature(log_density) -> tuple[np.ndarray, np.ndarray]:
    grid = np.linspace(-5, 5, 4001)
    log = log_density(grid)
    density = np.exp(log - log.max())
    return grid, density / density.sum()


def within_error(values: np.ndarray, wanted: float) -> bool:
    """Whether the mean over independent chains is what it should be."""
    each = values.mean(axis=0)
    error = each.std() / np.sqrt(len(each))
    assert error < 0.05
    return bool(abs(each.mean() - wanted) < 4 * error)


class TestOneCell:
    """z1 = z0^2 + 0.4 z0 + noise, with z1 known and z0 not: two humps of different size."""

    MODEL = model_of(1, masked(2, [(1, 0)]), {1: fixed_link("a**2 + 0.4 * a")})
    CHILD = 2.5

    @classmethod
    def log_density(cls, z: np.ndarray) -> np.ndarray:
        return -0.5 * z**2 / 0.6 - 0.5 * (cls.CHILD - z**2 - 0.4 * z) ** 2 / 0.6

    @pytest.mark.parametrize("together", [True, False])
    def test_both_humps_are_visited_as_often_as_they_should(self, together: bool) -> None:
        grid, density = quadrature(self.log_density)
        values = np.array([[np.nan, self.CHILD]])
        visited = sweeps(self.MODEL, values, together=together, turns=30, start=1.2)[5:, 0]
        share = density[grid > 0].sum()
        assert 0.6 < share < 0.8
        assert within_error(visited > 0, share)
        for power in (1, 2, 3):
            assert within_error(visited**power, density @ grid**power)

    def test_the_cell_is_told_as_one_with_humps(self) -> None:
        values = np.array([[np.nan, self.CHILD]])
        energy = self.MODEL.energy(self.MODEL.cells(values))
        jumps = Jumps(energy, self.MODEL.order, np.random.default_rng(0), {(0, 0)})
        jumps.sweep(np.full((1, 4), 1.2), together=False)
        assert jumps.humped == {(0, 0)}

    def test_a_cell_with_one_hump_is_not(self) -> None:
        values = np.array([[np.nan, -1.0]])
        energy = self.MODEL.energy(self.MODEL.cells(values))
        jumps = Jumps(energy, self.MODEL.order, np.random.default_rng(0), {(0, 0)})
        jumps.sweep(np.full((1, 4), 0.1), together=False)
        assert jumps.humped == set()

    def test_a_limit_shuts_out_part_of_the_density(self) -> None:
        values = np.array([[np.nan, self.CHILD]])
        empty = np.full(values.shape, np.inf)
        upper = empty.copy()
        upper[0, 0] = 1.0
        limits = limits_of(values, -empty, upper)
        visited = sweeps(self.MODEL, values, limits, together=False, turns=30, start=0.5)[5:, 0]
        assert (visited <= 1.0).all()
        grid, density = quadrature(self.log_density)
        density = np.where(grid <= 1.0, density, 0.0)
        density /= density.sum()
        assert within_error(visited > 0, density[grid > 0].sum())
        assert within_error(visited, density @ grid)

    def test_chains_with_jumps_visit_both(self) -> None:
        """As they are used: turns and jumps in exchange, the cells found by the chains."""
        grid, density = quadrature(self.log_density)
        values = np.array([[np.nan, self.CHILD]])
        found = self.MODEL.posterior(
            self.MODEL.cells(values),
            np.random.default_rng(3),
            SamplingOptions(n_chains=CHAINS, n_draws=20, warm_up=10, most_thinning=1),
        )
        visited = found.drawn_cells.reshape(CHAINS, 20).T
        assert within_error(visited > 0, density[grid > 0].sum())
        assert within_error(visited**2, density @ grid**2)


class TestCellsOfOneRow:
    """z0 -> z1 -> z2 with a parabola first: z2 known, z1 and z0 not."""

    MODEL = model_of(
        1, masked(3, [(1, 0), (2, 1)]), {1: fixed_link("a**2 + 0.4 * a"), 2: fixed_link("a", 1)}
    )

    @pytest.mark.parametrize("together", [True, None])  # None: in exchange with single ones
    def test_they_have_their_joint_density(self, together: bool | None) -> None:
        values = np.array([[np.nan, np.nan, 2.5]])
        visited = sweeps(self.MODEL, values, together=together, turns=60, start=1.2)[20:]
        # z1 integrated out: z2 = z0^2 + 0.4 z0 + noise of variance 1.2
        grid, density = quadrature(
            lambda z: -0.5 * z**2 / 0.6 - 0.5 * (2.5 - z**2 - 0.4 * z) ** 2 / 1.2
        )
        z0, z1 = visited[:, 0], visited[:, 1]
        assert within_error(z0 > 0, density[grid > 0].sum())
        assert within_error(z0**2, density @ grid**2)
        # z1 lies half-way between what its parent and its child say.
        assert within_error(z1, density @ (0.5 * (grid**2 + 0.4 * grid) + 1.25))
        assert within_error(z1**2, density @ (0.5 * (grid**2 + 0.4 * grid) + 1.25) ** 2 + 0.3)


class TestCellsOfSeveralRows:
    def test_materials_that_are_alike_move_one_after_the_other(self) -> None:
        """Moments from importance sampling of the exact model of three rows."""
        model = model_of(3, masked(2, [(1, 0)]), {1: fixed_link("a**2 + 0.4 * a")})
        child = np.array([1.5, 0.8, 2.0])
        values = np.column_stack([np.full(3, np.nan), child])
        visited = sweeps(model, values, together=False, turns=120, start=0.5)[40:]
        rng = np.random.default_rng(0)
        z0 = np.linalg.cholesky(model.covariance(0)) @ rng.standard_normal((3, 400_000))
        miss = child[:, None] - z0**2 - 0.4 * z0
        weight = -0.5 * (miss * np.linalg.solve(model.covariance(1), miss)).sum(axis=0)
        weight = np.exp(weight - weight.max())
        weight /= weight.sum()
        assert 1.0 / (weight**2).sum() > 10_000
        for row in range(3):
            each = visited[:, row].mean(axis=0)
            error = each.std() / np.sqrt(CHAINS)
            assert abs(each.mean() - weight @ z0[row]) < 4 * error + 0.01
            share = (visited[:, row] > 0).mean()
            assert share == pytest.approx(weight @ (z0[row] > 0), abs=0.05)

    def test_nothing_to_propose_leaves_the_state_as_it_is(self) -> None:
        model = Model.of(column_features(np.random.default_rng(0), 3), masked(2, [(1, 0)]))
        values = np.array([[np.nan, 1.0], [0.5, 1.0], [0.2, np.nan]])
        energy = model.energy(model.cells(values))
        state = np.zeros((energy.size, 2))
        found = Jumps(energy, model.order, np.random.default_rng(0)).sweep(state, together=True)
        assert found is state

    def test_measured_cells_are_left_to_the_chains(self) -> None:
        """Even where they are asked for: the grid does not know what was measured."""
        model = model_of(1, masked(2, [(1, 0)]), {1: fixed_link("a**2")})
        values = np.array([[1.0, 2.0]])
        energy = model.energy(model.cells(values, np.array([[0.1, 0.0]])))
        state = np.full((1, 3), 1.0)
        found = Jumps(energy, model.order, np.random.default_rng(0), {(0, 0)})
        assert found.sweep(state, together=False) is state


class TestHumps:
    GRID = np.linspace(-4, 4, 41)[:, None]

    def test_two_of_them(self) -> None:
        density = np.exp(-8 * (self.GRID - 1.5) ** 2) + 0.1 * np.exp(-8 * (self.GRID + 1.5) ** 2)
        assert _several_humps(density / density.max())

    def test_one(self) -> None:
        assert not _several_humps(np.exp(-(self.GRID**2)))

    def test_a_very_small_second_one_does_not_count(self) -> None:
        density = np.exp(-8 * (self.GRID - 1.5) ** 2) + 1e-3 * np.exp(-8 * (self.GRID + 1.5) ** 2)
        assert not _several_humps(density / density.max())

    def test_in_one_chain_is_enough(self) -> None:
        one = np.exp(-(self.GRID**2))
        two = np.exp(-8 * (np.abs(self.GRID) - 1.5) ** 2)
        assert _several_humps(np.hstack([one, two]))
