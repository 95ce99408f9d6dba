"""What holds for draws of any table: known cells stay, limits are kept, seeds decide."""

from __future__ import annotations

import numpy as np
import pytest
from hierarchies import Model, column_features, independent, limits_of, masked, new_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.errors import HokanError
from hokan.inference.cells import Cells
from hokan.sampling.engine import fit_by_sampling
from hokan.sampling.fitting import SamplingOptions
from hokan.sampling.posterior import SampledPosterior
from hokan.sampling.setting import LinkPlan

CHAIN = masked(3, [(1, 0), (2, 1)])
N = 5
MODEL = Model.of(
    column_features(np.random.default_rng(0), N), CHAIN, {(1, 0): "smooth", (2, 1): "joint"}
)
SHORT = independent(6, warm_up=4)
QUICK = SamplingOptions(n_chains=3, n_draws=4, n_rounds=2, turns_per_round=2, warm_up=4)


@st.composite
def tables(draw: st.DrawFn) -> Cells:
    """Any pattern of known, measured, limited and unknown cells."""
    seed = draw(st.integers(0, 2**20))
    how = np.array(draw(st.lists(st.integers(0, 5), min_size=3 * N, max_size=3 * N)))
    how = how.reshape(N, 3)
    rng = np.random.default_rng(seed)
    table = MODEL.draw_prior(rng)[0][0]
    noise = np.where(how == 1, 0.1, 0.0)
    lower = np.where((how == 2) | (how == 4), table - 0.3, -np.inf)
    upper = np.where((how == 3) | (how == 4), table + 0.2, np.inf)
    values = np.where(how <= 1, table, np.nan)
    return MODEL.cells(values, noise, limits_of(values, lower, upper))


def sampled(cells: Cells, seed: int = 0) -> SampledPosterior:
    return MODEL.posterior(cells, np.random.default_rng(seed), SHORT)


class TestAnyTable:
    @given(cells=tables())
    @settings(deadline=None, max_examples=15)
    def test_known_cells_stay_and_limits_are_kept(self, cells: Cells) -> None:
        posterior = sampled(cells)
        assert cells.limits is not None
        exact = np.isfinite(cells.values) & (cells.noise_variance == 0)
        for jointly in (True, False):
            draws = posterior.training_draws(np.random.default_rng(1), jointly=jointly)
            assert draws.shape == (6, N, 3)
            assert np.isfinite(draws).all()
            np.testing.assert_array_equal(draws[:, exact], np.tile(cells.values[exact], (6, 1)))
            assert (draws >= cells.limits.lower).all()
            assert (draws <= cells.limits.upper).all()
            assert (np.ptp(draws, axis=0)[~exact] > 0).all()

    @given(cells=tables())
    @settings(deadline=None, max_examples=15)
    def test_of_new_rows_as_well(self, cells: Cells) -> None:
        posterior = sampled(MODEL.cells(MODEL.draw_prior(np.random.default_rng(3))[0][0]))
        assert cells.limits is not None
        draws = new_rows(
            posterior,
            column_features(np.random.default_rng(4), N),
            cells.values,
            cells.noise_variance,
            cells.limits,
            np.random.default_rng(1),
        )
        exact = np.isfinite(cells.values) & (cells.noise_variance == 0)
        assert np.isfinite(draws).all()
        np.testing.assert_array_equal(draws[:, exact], np.tile(cells.values[exact], (6, 1)))
        assert (draws >= cells.limits.lower).all()
        assert (draws <= cells.limits.upper).all()
        assert (np.ptp(draws, axis=0)[~exact] > 0).all()

    @given(cells=tables(), seed=st.integers(0, 99))
    @settings(deadline=None, max_examples=8)
    def test_the_same_seed_gives_the_same_draws(self, cells: Cells, seed: int) -> None:
        one, other = (
            sampled(cells, seed).training_draws(np.random.default_rng(seed)) for _ in range(2)
        )
        np.testing.assert_array_equal(one, other)


class TestOrderOfRows:
    def test_it_does_not_matter(self) -> None:
        """Moments of the draws agree within their error."""
        rng = np.random.default_rng(3)
        values = MODEL.draw_prior(rng)[0][0]
        values[rng.random(values.shape) < 0.4] = np.nan
        order = np.array([3, 0, 4, 2, 1])
        turned = Model(
            MODEL.features.rows(order), MODEL.nodes, MODEL.layout, MODEL.vectors, MODEL.directions
        )
        options = independent(600, warm_up=15)
        one = MODEL.posterior(MODEL.cells(values), rng, options).training_draws(rng)
        other = turned.posterior(turned.cells(values[order]), rng, options).training_draws(rng)
        unknown = np.isnan(values)[order]
        first, second = one[:, order][:, unknown], other[:, unknown]
        error = np.sqrt((first.var(axis=0) + second.var(axis=0)) / 600)
        assert (np.abs(first.mean(axis=0) - second.mean(axis=0)) < 4.5 * error).all()
        # The reduced rank is that of the same landmarks, so that spreads agree, too.
        assert np.abs(np.log(first.std(axis=0) / second.std(axis=0))).max() < 0.3


def full_table() -> np.ndarray:
    return MODEL.draw_prior(np.random.default_rng(8))[0][0]


class TestUnusualTables:
    """From learning to predictions, with everything learned."""

    @pytest.fixture
    def features(self):
        return column_features(np.random.default_rng(0), N)

    @staticmethod
    def fit(values: np.ndarray, features, mask: np.ndarray = CHAIN) -> np.ndarray:
        model = Model.of(features, mask)
        plan = LinkPlan(kinds=tuple((j, k, "smooth") for j, k in np.argwhere(mask).tolist()))
        cells = Cells(values, np.zeros(values.shape), features)
        found = fit_by_sampling(
            cells, model.layout, plan, QUICK, np.random.default_rng(0)
        ).posterior
        draws = found.training_draws(np.random.default_rng(1))
        known = np.isfinite(values)
        np.testing.assert_array_equal(draws[:, known], np.tile(values[known], (len(draws), 1)))
        assert np.isfinite(draws).all()
        assert (np.ptp(draws, axis=0)[~known] > 0).all()
        nothing = np.full((2, values.shape[1]), np.nan)
        new = new_rows(
            found,
            features.rows(np.arange(2)),
            nothing,
            np.zeros(nothing.shape),
            None,
            np.random.default_rng(2),
        )
        assert np.isfinite(new).all()
        return draws

    def test_all_cells_known(self, features) -> None:
        self.fit(full_table(), features)

    def test_all_cells_known_and_no_links(self, features) -> None:
        self.fit(full_table(), features, masked(3, []))

    def test_properties_without_parents_or_children(self, features) -> None:
        values = full_table()
        values[0, 0] = values[2, 2] = np.nan
        self.fit(values, features, masked(3, [(1, 0)]))

    def test_a_row_of_which_nothing_is_known(self, features) -> None:
        values = full_table()
        values[3] = np.nan
        self.fit(values, features)

    @pytest.mark.parametrize("j", [0, 1, 2])
    def test_a_property_of_which_nothing_is_known(self, features, j: int) -> None:
        values = full_table()
        values[:, j] = np.nan
        self.fit(values, features)

    def test_nothing_known_at_all(self, features) -> None:
        self.fit(np.full((N, 3), np.nan), features)

    def test_without_descriptors(self) -> None:
        values = full_table()
        values[0, 0] = values[2, 2] = np.nan
        self.fit(values, column_features(np.random.default_rng(0), N, 0))

    def test_the_same_seed_gives_the_same_fit(self, features) -> None:
        values = full_table()
        values[0, 0] = values[2, 1] = np.nan
        np.testing.assert_array_equal(self.fit(values, features), self.fit(values, features))

    def test_rows_that_are_one_material_are_refused(self, features) -> None:
        repeated = features.rows(np.arange(N))
        repeated.identity[:] = 0
        with pytest.raises(HokanError, match="one row per material"):
            self.fit(full_table(), repeated)
