"""Where links are straight and known, draws are from the Gaussians that the exact engine knows."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hierarchies import Model, column_features, independent, limits_of, masked, new_rows
from truncation import truncate

from hokan.inference.cells import Cells
from hokan.inference.joint_posterior import JointPosterior
from hokan.inference.parameters import HierarchyParameters
from hokan.sampling.posterior import SampledPosterior

N = 10
N_DRAWS = 1000
CHAIN = masked(3, [(1, 0), (2, 0), (2, 1)])
SLOPE = 0.6
MODEL = Model.of(column_features(np.random.default_rng(0), N), CHAIN, slope=(SLOPE, 1e-5))
NEW = column_features(np.random.default_rng(9), 6)


def exact_engine(model: Model, cells: Cells) -> JointPosterior:
    p = model.shape[1]
    parameters = HierarchyParameters(
        SLOPE * model.layout.parent_mask,
        np.repeat([[0.5], [0.1]], p, axis=1),
        np.zeros(p),
        np.zeros(1),
    )
    return JointPosterior(cells, model.layout, parameters)


@cache
def table(*, noisy: bool) -> Cells:
    """A third is unknown; in row 3 only the last property is known, in row 4 nothing."""
    rng = np.random.default_rng(1)
    values = MODEL.draw_prior(rng)[0][0]
    values[rng.random(values.shape) < 0.3] = np.nan
    values[2] = np.nan, np.nan, 1.2
    values[3] = np.nan
    noise = np.where(rng.random(values.shape) < 0.5, 0.15, 0.0) if noisy else 0.0 * values
    values += np.sqrt(np.nan_to_num(noise)) * rng.standard_normal(values.shape)
    return MODEL.cells(values, np.where(np.isfinite(values), noise, 0.0))


@cache
def sampled(*, noisy: bool) -> SampledPosterior:
    return MODEL.posterior(
        table(noisy=noisy), np.random.default_rng(2), independent(N_DRAWS, warm_up=12)
    )


def assert_gaussian(draws: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> None:
    """Compare means and variances of independent draws along the first axis."""
    uncertain = variance > 1e-9
    assert uncertain.any()
    scaled = (draws - mean)[:, uncertain] / np.sqrt(variance[uncertain])
    assert np.abs(scaled.mean(axis=0)).max() < 4.2 / np.sqrt(len(draws))
    spread = scaled.var(axis=0)
    assert np.abs(spread - 1.0).max() < 4.2 * np.sqrt(2.0 / len(draws))
    # All together, a bias of a tenth of a deviation or of 5 % of the variances would be seen.
    assert abs(spread.mean() - 1.0) < 0.05
    np.testing.assert_allclose(draws[:, ~uncertain], mean[~uncertain] + 0.0 * draws[:, ~uncertain])


@pytest.mark.parametrize("noisy", [False, True])
class TestTrainingTable:
    @pytest.mark.parametrize("jointly", [True, False])
    def test_means_and_variances_of_all_cells(self, noisy: bool, jointly: bool) -> None:
        cells = table(noisy=noisy)
        wanted = exact_engine(MODEL, cells).training_cells()
        draws = sampled(noisy=noisy).training_draws(np.random.default_rng(3), jointly=jointly)
        assert draws.shape == (N_DRAWS, N, 3)
        assert_gaussian(draws, wanted.mean, wanted.variance)

    def test_some_cells_are_barren_and_some_are_not(self, noisy: bool) -> None:
        unknowns = sampled(noisy=noisy).setting.hierarchy.unknowns
        unknown = int(np.isnan(table(noisy=noisy).values).sum())
        assert 0 < unknowns.n_drawn - len(unknowns.measured) < unknown
        assert (len(unknowns.measured) > 0) == noisy

    def test_they_vary_together_as_they_should(self, noisy: bool) -> None:
        """Along any direction through the cells, barren ones and others."""
        cells = table(noisy=noisy)
        rng = np.random.default_rng(4)
        wanted = exact_engine(MODEL, cells).sample_training_cells(40_000, rng)
        draws = sampled(noisy=noisy).training_draws(np.random.default_rng(5))
        directions = rng.standard_normal((12, N, 3))
        along = np.einsum("snp,dnp->sd", draws, directions)
        exactly = np.einsum("snp,dnp->sd", wanted, directions)
        ratio = along.var(axis=0) / exactly.var(axis=0)
        assert np.abs(ratio - 1.0).max() < 4.2 * np.sqrt(2.0 / N_DRAWS)
        assert abs(ratio.mean() - 1.0) < 0.12

    def test_chains_are_told_to_be_fine(self, noisy: bool) -> None:
        """A turn from one draw to the next is always accepted, so that ten are enough."""
        found = MODEL.posterior(table(noisy=noisy), np.random.default_rng(2), independent(8, 10))
        assert np.isfinite(found.drawn_cells).all()


#: What is known of a new row, NaN: nothing; and the variance of its error.
PATTERNS = {
    "nothing": ([np.nan, np.nan, np.nan], [0, 0, 0]),
    "first parent": ([0.8, np.nan, np.nan], [0, 0, 0]),
    "middle": ([np.nan, -1.0, np.nan], [0, 0, 0]),
    "last": ([np.nan, np.nan, 1.3], [0, 0, 0]),
    "both ends": ([0.5, np.nan, 1.3], [0, 0, 0]),
    "all but the first": ([np.nan, 0.4, 1.3], [0, 0, 0]),
    "last, with an error": ([np.nan, np.nan, 1.3], [0, 0, 0.3]),
    "first, with an error": ([0.8, np.nan, np.nan], [0.3, 0, 0]),
    "all, with errors": ([0.8, 0.1, 1.3], [0.1, 0.2, 0.3]),
    "everything": ([0.8, 0.1, 1.3], [0, 0, 0]),
}


class TestNewRows:
    @pytest.mark.parametrize("name", PATTERNS)
    def test_means_and_variances(self, name: str) -> None:
        known, error = (np.tile(row, (len(NEW), 1)).astype(float) for row in PATTERNS[name])
        rows = exact_engine(MODEL, table(noisy=False)).new_rows(NEW)
        wanted = rows.given(known, error)
        draws = new_rows(sampled(noisy=False), NEW, known, error, None, np.random.default_rng(6))
        assert draws.shape == (N_DRAWS, len(NEW), 3)
        if name == "everything":
            np.testing.assert_array_equal(draws, np.broadcast_to(known, draws.shape))
        else:
            assert_gaussian(draws, wanted.mean, wanted.variance)

    def test_cells_of_a_row_vary_together(self) -> None:
        rows = exact_engine(MODEL, table(noisy=False)).new_rows(NEW)
        nothing = np.full((len(NEW), 3), np.nan)
        draws = new_rows(
            sampled(noisy=False),
            NEW,
            nothing,
            np.zeros(nothing.shape),
            None,
            np.random.default_rng(7),
        )
        for i in range(len(NEW)):
            found = np.cov(draws[:, i].T)
            scale = np.sqrt(np.outer(*2 * [np.diag(rows.covariance[i])]))
            assert np.abs((found - rows.covariance[i]) / scale).max() < 4.2 * np.sqrt(2 / N_DRAWS)

    def test_different_patterns_side_by_side(self) -> None:
        """Each row has what it has alone."""
        names = list(PATTERNS)[: len(NEW)]
        known = np.array([PATTERNS[name][0] for name in names], dtype=float)
        zeros = np.zeros(known.shape)
        wanted = exact_engine(MODEL, table(noisy=False)).new_rows(NEW).given(known, zeros)
        draws = new_rows(sampled(noisy=False), NEW, known, zeros, None, np.random.default_rng(8))
        assert_gaussian(draws, wanted.mean, wanted.variance)

    @pytest.mark.parametrize("error", [0.0, 0.4])
    @pytest.mark.parametrize(
        ("cell", "lower", "upper"),
        [(0, 0.5, np.inf), (1, -np.inf, -0.3), (2, 0.2, 0.9), (2, 1.5, np.inf)],
    )
    def test_limits(self, cell: int, lower: float, upper: float, error: float) -> None:
        """Against truncated Gaussians."""
        rows = exact_engine(MODEL, table(noisy=False)).new_rows(NEW)
        known = np.full((len(NEW), 3), np.nan)
        low, high = np.full(known.shape, -np.inf), np.full(known.shape, np.inf)
        low[:, cell], high[:, cell] = lower, upper
        draws = new_rows(
            sampled(noisy=False),
            NEW,
            known,
            np.zeros(known.shape),
            limits_of(known, low, high, error),
            np.random.default_rng(9),
        )
        if not error:
            assert (draws[..., cell] >= lower).all()
            assert (draws[..., cell] <= upper).all()
        for i in (0, 3):
            wanted = truncate(
                rows.mean[i], rows.covariance[i], np.array([cell]), np.array([error]), lower, upper
            )
            allowed = 4.2 * wanted.deviation / np.sqrt(N_DRAWS) + 0.01
            assert (np.abs(draws[:, i].mean(axis=0) - wanted.mean) < allowed).all()
            ratio = draws[:, i].var(axis=0) / np.diag(wanted.covariance)
            assert np.abs(ratio - 1.0).max() < 0.2


class TestLimitsInTheTable:
    @pytest.mark.parametrize("error", [0.0, 0.3])
    @pytest.mark.parametrize(("lower", "upper"), [(0.3, np.inf), (-np.inf, -0.2), (0.2, 0.5)])
    def test_one_cell_is_truncated(self, lower: float, upper: float, error: float) -> None:
        """And all others with it, as far as they depend on it."""
        values = np.array(table(noisy=False).values)
        i, j = 2, 1
        assert np.isnan(values[i, j])
        low, high = np.full(values.shape, -np.inf), np.full(values.shape, np.inf)
        low[i, j], high[i, j] = lower, upper
        cells = MODEL.cells(values, limits=limits_of(values, low, high, error))
        draws = MODEL.posterior(
            cells, np.random.default_rng(3), independent(N_DRAWS, warm_up=15)
        ).training_draws(np.random.default_rng(4))
        before = exact_engine(MODEL, table(noisy=False)).sample_training_cells(
            60_000, np.random.default_rng(5)
        )
        unknown = np.isnan(values)
        mean, covariance = before[:, unknown].mean(axis=0), np.cov(before[:, unknown].T)
        place = np.flatnonzero((np.argwhere(unknown) == (i, j)).all(axis=1))
        wanted = truncate(mean, covariance, place, np.array([error]), lower, upper)
        found = draws[:, unknown]
        if not error:
            assert (found[:, place] >= lower).all()
            assert (found[:, place] <= upper).all()
        off = (found.mean(axis=0) - wanted.mean) / wanted.deviation
        assert np.abs(off).max() < 4.2 / np.sqrt(N_DRAWS) + 0.02
        ratio = found.var(axis=0) / wanted.deviation**2
        assert np.abs(ratio - 1.0).max() < 0.25
