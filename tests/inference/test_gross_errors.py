"""Values that may be grossly wrong, against sums over every way in which they may be."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import chain_mask, make_layout, random_features, random_parameters
from scipy.stats import norm

from hokan.inference.cells import Cells, DoubtfulValues, Limits
from hokan.inference.conditioning import condition
from hokan.inference.fitting import FitOptions, fit
from hokan.inference.gross_errors import (
    learned_share,
    log_density,
    sites_for_values,
    wrong_probability,
)
from hokan.inference.joint import JointLikelihood
from hokan.inference.limits import propagate, site_evidence
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.inference.rows import RowDistribution
from hokan.inference.suspects import place_sites, probability_of_being_wrong

#: As documented: errors of a wrong value, half of each standard deviation.
WAYS = ((0.0, None), (2.0, 0.5), (20.0, 0.5))


def prior_of(way: int, share: float) -> float:
    return 1 - share if way == 0 else share * WAYS[way][1]


def in_doubt(
    values: np.ndarray, suspect: np.ndarray | None = None, share: float = 0.05, *, learned=False
) -> DoubtfulValues:
    p = values.shape[1]
    nothing = np.zeros(values.shape, dtype=bool)
    return DoubtfulValues(
        values,
        np.zeros(values.shape),
        nothing if suspect is None else suspect,
        np.full(p, share),
        np.full(p, learned),
    )


class TestSites:
    @settings(deadline=None, max_examples=60)
    @given(
        mean=st.floats(-2, 2),
        variance=st.floats(0.01, 2),
        distance=st.floats(-12, 12),
        share=st.floats(0.001, 0.3),
    )
    def test_the_mean_is_that_of_the_mixture_and_the_variance_never_below(
        self, mean, variance, distance, share
    ):
        value = mean + distance * np.sqrt(variance)
        parts = [
            (
                prior_of(way, share) * norm.pdf(value, mean, np.sqrt(variance + spread**2)),
                mean + variance / (variance + spread**2) * (value - mean),
                variance * spread**2 / (variance + spread**2),
            )
            for way, (spread, _) in enumerate(WAYS)
        ]
        weights, means, variances = (np.array(part) for part in zip(*parts, strict=True))
        weights /= weights.sum()
        expected = weights @ means
        spread = weights @ variances + weights @ (means - expected) ** 2
        arrays = np.array([mean]), np.array([variance])
        found = sites_for_values(*arrays, np.array([value]), np.array([share]))
        combined = found.combined(*arrays)
        assert combined[0][0] == pytest.approx(expected, abs=2e-3)
        # No observation leaves more variance than there was: then the site is all but vague.
        assert combined[1][0] == pytest.approx(min(spread, variance), rel=5e-3, abs=2e-8)

    @settings(deadline=None)
    @given(
        surprise=st.floats(0, 40),
        further=st.floats(0.01, 10),
        variance=st.floats(0.001, 3),
        share=st.floats(0.001, 0.4),
    )
    def test_the_further_off_the_more_probably_wrong(self, surprise, further, variance, share):
        def probability(distance: float, prior: float) -> float:
            arrays = (np.array([number]) for number in (distance, variance, prior))
            return float(wrong_probability(*arrays)[0])

        assert 0.0 <= probability(surprise, share) <= 1.0
        assert probability(surprise + further, share) >= probability(surprise, share) - 1e-12
        assert probability(surprise, 1.1 * share) >= probability(surprise, share)
        assert probability(-surprise, share) == pytest.approx(probability(surprise, share))
        assert probability(surprise, 0.0) == 0.0

    def test_ten_times_a_value_is_wrong_on_any_scale(self):
        for distance in (3.0, 30.0, 300.0):
            arrays = (np.array([number]) for number in (distance, 0.1, 0.01))
            assert wrong_probability(*arrays)[0] > 0.99

    def test_densities_integrate_to_one(self):
        grid = np.linspace(-200, 200, 400_001)
        density = np.exp(log_density(grid, np.full(grid.shape, 0.3), np.full(grid.shape, 0.1)))
        assert density.sum() * (grid[1] - grid[0]) == pytest.approx(1.0, abs=1e-6)

    def test_shares_are_learned_within_bounds(self):
        assert learned_share(np.zeros(1000)) < 0.003
        assert learned_share(np.r_[np.ones(50), np.zeros(950)]) == pytest.approx(0.0433, abs=0.001)
        assert learned_share(np.ones(1000)) == pytest.approx(0.2)
        assert learned_share(np.zeros(0)) == pytest.approx(0.01)


def small_problem(seed: int) -> tuple[Cells, ParameterLayout, HierarchyParameters]:
    """Two properties of five materials, seven values, two of them far off."""
    rng = np.random.default_rng(seed)
    values = 0.5 * rng.standard_normal((5, 2))
    values[[0, 3, 4], [1, 0, 1]] = np.nan
    values[1, 0] += 6.0
    values[2, 1] -= 2.5
    layout = make_layout(chain_mask(2))
    parameters = random_parameters(rng, layout)
    suspect = np.isfinite(values)
    cells = Cells(
        values, np.zeros(values.shape), random_features(rng, 5), doubts=in_doubt(values, suspect)
    )
    return cells, layout, parameters


def every_way(
    cells: Cells, layout: ParameterLayout, parameters: HierarchyParameters
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Means, variances and wrongness of all cells, and the log evidence, by summing over ways."""
    rows, columns = np.nonzero(np.isfinite(cells.doubts.values))
    totals, logs = [], []
    for ways in product(range(3), repeat=len(rows)):
        noise = np.zeros(cells.values.shape)
        noise[rows, columns] = [WAYS[way][0] ** 2 for way in ways]
        fixed = Cells(cells.doubts.values, noise, cells.features)
        value, _ = JointLikelihood(fixed, layout).value_and_gradient(parameters)
        share = cells.doubts.share[columns]
        prior = sum(np.log(prior_of(way, s)) for way, s in zip(ways, share, strict=True))
        found = condition(fixed, layout, parameters).training_cells()
        wrong = np.zeros(cells.values.shape)
        wrong[rows, columns] = np.array(ways) > 0
        totals.append((found.mean, found.variance + found.mean**2, wrong))
        logs.append(prior - value)
    logs = np.array(logs)
    evidence = np.logaddexp.reduce(logs)
    weights = np.exp(logs - evidence)
    mean, square, wrong = (
        np.tensordot(weights, np.array(part), 1) for part in zip(*totals, strict=True)
    )
    return mean, square - mean**2, wrong, float(evidence)


class TestTables:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_all_cells_are_as_the_sum_over_every_way_has_them(self, seed):
        cells, layout, parameters = small_problem(seed)
        mean, variance, wrong, evidence = every_way(cells, layout, parameters)
        placed = place_sites(cells, layout, parameters)
        posterior = condition(placed, layout, parameters)
        found = posterior.training_cells()
        spread = np.sqrt(np.maximum(variance, 0.05))
        assert (np.abs(found.mean - mean) / spread).max() < 0.25
        left_out = posterior.leave_one_out()
        probability = probability_of_being_wrong(placed, left_out)
        known = np.isfinite(cells.doubts.values)
        np.testing.assert_allclose(probability[known], wrong[known], atol=0.12)
        assert probability[1, 0] > 0.9
        assert np.isnan(probability[~known]).all()
        value, _ = JointLikelihood(placed, layout).value_and_gradient(parameters)
        total = -value + site_evidence(placed, left_out)
        assert total == pytest.approx(evidence, abs=0.3)

    def test_at_fixed_sites_the_gaussian_evidence_has_the_gradient_of_the_true_one(self):
        cells, layout, parameters = small_problem(2)
        start = place_sites(cells, layout, parameters)

        def log_evidence(vector: np.ndarray) -> float:
            here = layout.unpack(vector)
            placed = propagate(start, layout, here)
            value, _ = JointLikelihood(placed, layout).value_and_gradient(here)
            left_out = condition(placed, layout, here).leave_one_out()
            return -value + site_evidence(placed, left_out)

        _, slopes = JointLikelihood(
            propagate(start, layout, parameters), layout
        ).value_and_gradient(parameters)
        vector, gradient, step = layout.pack(parameters), -layout.arrange(slopes), 1e-3
        numerical = [
            (log_evidence(vector + step * d) - log_evidence(vector - step * d)) / (2 * step)
            for d in np.eye(len(vector))
        ]
        assert np.abs(numerical).max() > 0.3
        # A site that would need a negative variance is cut to a vague one, which costs a little.
        np.testing.assert_allclose(gradient, numerical, atol=0.05)

    def test_values_in_line_with_the_rest_are_left_as_they_are(self):
        rng = np.random.default_rng(3)
        layout = make_layout(chain_mask(2))
        parameters = random_parameters(rng, layout)
        values = 0.3 * rng.standard_normal((30, 2))
        cells = Cells(values, np.zeros(values.shape), random_features(rng, 30))
        doubtful = replace(cells, doubts=in_doubt(values, share=0.001))
        placed = place_sites(doubtful, layout, parameters)
        assert not placed.doubts.suspect.any()
        np.testing.assert_array_equal(placed.values, values)
        np.testing.assert_array_equal(placed.noise_variance, 0.0)

    def test_bad_values_that_hide_one_another_are_all_found(self):
        """Of eight copies of a material, three are off by the same."""
        rng = np.random.default_rng(4)
        layout = make_layout(chain_mask(1))
        parameters = replace(
            layout.unpack(layout.prior_mean), variances=np.array([[1.0]] * 5 + [[0.02]])
        )
        one = random_features(rng, 1)
        features = one.rows(np.zeros(8, dtype=np.int64))
        values = 0.1 * rng.standard_normal((8, 1))
        values[[1, 4, 6]] += [[2.2], [2.4], [2.3]]
        cells = Cells(values, np.zeros(values.shape), features, doubts=in_doubt(values))
        placed = place_sites(cells, layout, parameters)
        left_out = condition(placed, layout, parameters).leave_one_out()
        probability = probability_of_being_wrong(placed, left_out)[:, 0]
        np.testing.assert_array_equal(np.flatnonzero(probability > 0.9), [1, 4, 6])
        # The rest are predicted as if the wrong ones were not there.
        right = np.delete(np.arange(8), [1, 4, 6])
        assert np.abs(left_out.mean[right, 0]).max() < 0.2

    def test_a_wrong_value_is_predicted_without_itself(self):
        cells, layout, parameters = small_problem(1)
        placed = place_sites(cells, layout, parameters)
        left_out = condition(placed, layout, parameters).leave_one_out()
        moved = cells.doubts.values.copy()
        moved[1, 0] += 50.0
        other = replace(cells, values=moved, doubts=in_doubt(moved, np.isfinite(moved)))
        again = place_sites(other, layout, parameters)
        further = condition(again, layout, parameters).leave_one_out()
        assert further.mean[1, 0] == pytest.approx(left_out.mean[1, 0], abs=0.1)
        assert further.variance[1, 0] == pytest.approx(left_out.variance[1, 0], rel=0.1)

    def test_limits_and_doubts_live_together(self):
        cells, layout, parameters = small_problem(2)
        upper = np.full(cells.values.shape, np.inf)
        upper[4, 1] = -0.5
        limits = Limits(np.full(upper.shape, -np.inf), upper, np.zeros(upper.shape))
        values = np.where(limits.here, -0.5, cells.values)
        both = replace(cells, values=values, limits=limits)
        found = condition(place_sites(both, layout, parameters), layout, parameters)
        assert found.training_cells().mean[4, 1] < -0.5
        wrong = probability_of_being_wrong(found.cells, found.leave_one_out())
        assert wrong[1, 0] > 0.9
        assert np.isnan(wrong[4, 1])

    def test_the_fit_finds_them_and_tells(self):
        rng = np.random.default_rng(5)
        features = random_features(rng, 60)
        truth = features.weighted_linear @ rng.standard_normal((3, 1))
        values = (truth - truth.mean()) / truth.std() + 0.1 * rng.standard_normal((60, 1))
        bad = [7, 21, 40]
        values[bad] += [[3.0], [-4.0], [25.0]]
        cells = Cells(
            values, np.zeros(values.shape), features, doubts=in_doubt(values, learned=True)
        )
        layout, options = make_layout(chain_mask(1)), FitOptions(0, 60, n_parameter_draws=2)
        robust, again, gaussian = (
            fit(given, layout, options, np.random.default_rng(0))
            for given in (cells, cells, replace(cells, doubts=None))
        )
        wrong = robust.gross_error_probability
        np.testing.assert_array_equal(np.flatnonzero(wrong[:, 0] > 0.9), bad)
        np.testing.assert_array_equal(again.gross_error_probability, wrong)
        assert gaussian.gross_error_probability is None
        assert robust.log_evidence > gaussian.log_evidence + 20
        own = [result.posterior.parameters.variances[-1, 0] for result in (robust, gaussian)]
        assert own[0] < 0.1 < own[1]


class TestRows:
    COVARIANCE = np.array([[1.0, 0.8, 0.7], [0.8, 1.5, 0.9], [0.7, 0.9, 1.2]])

    def rows(self) -> RowDistribution:
        return RowDistribution(np.zeros((1, 3)), self.COVARIANCE[None])

    def exact(self, values: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance, summed over every way in which the known values may be wrong."""
        known = np.flatnonzero(np.isfinite(values[0]))
        weights, means, squares = [], [], []
        for ways in product(range(3), repeat=len(known)):
            noise = np.zeros(3)
            noise[known] = [WAYS[way][0] ** 2 for way in ways]
            inner = self.COVARIANCE[np.ix_(known, known)] + np.diag(noise[known])
            data = values[0, known]
            density = -0.5 * data @ np.linalg.solve(inner, data) - 0.5 * np.linalg.slogdet(inner)[1]
            weights.append(density + sum(np.log(prior_of(way, share)) for way in ways))
            found = self.rows().given(values, noise[None])
            means.append(found.mean[0])
            squares.append(found.variance[0] + found.mean[0] ** 2)
        weights = np.exp(np.array(weights) - np.logaddexp.reduce(weights))
        mean = weights @ np.array(means)
        return mean, weights @ np.array(squares) - mean**2

    @pytest.mark.parametrize(
        "values", [[8.0, np.nan, np.nan], [0.3, 7.0, np.nan], [0.3, 0.5, np.nan], [1, -9, 0.8]]
    )
    def test_an_implausible_value_is_trusted_as_little_as_it_should_be(self, values):
        values, noise = np.array([values], dtype=float), np.zeros((1, 3))
        doubts = in_doubt(values, share=0.02)
        placed = self.rows().with_sites(values, noise, None, doubts)
        found = self.rows().given(*placed)
        mean, variance = self.exact(values, 0.02)
        np.testing.assert_allclose(found.mean[0], mean, atol=0.15)
        np.testing.assert_allclose(found.variance[0], variance, rtol=0.25, atol=0.05)

    def test_plausible_rows_are_conditioned_exactly_beside_others_that_are_not(self):
        values = np.array([[0.5, 0.4, np.nan], [0.5, 30.0, np.nan], [np.nan] * 3])
        noise, three = np.zeros((3, 3)), np.zeros(3, dtype=int)
        rows = RowDistribution(self.rows().mean[three], self.rows().covariance[three])
        placed, placed_noise = rows.with_sites(values, noise, None, in_doubt(values, share=0.01))
        np.testing.assert_array_equal(placed[[0, 2]], values[[0, 2]])
        np.testing.assert_array_equal(placed_noise[0], 0.0)
        found = rows.given(placed, placed_noise)
        alone = self.rows().given(np.array([[0.5, np.nan, np.nan]]), np.zeros((1, 3)))
        np.testing.assert_allclose(found.mean[1, 2], alone.mean[0, 2], atol=0.1)

    def test_a_value_that_is_known_to_be_right_is_believed(self):
        values, noise = np.array([[30.0, np.nan, np.nan]]), np.zeros((1, 3))
        for doubts in (None, in_doubt(values, share=0.0)):
            placed, placed_noise = self.rows().with_sites(values, noise, None, doubts)
            np.testing.assert_array_equal(placed, values)
            np.testing.assert_array_equal(placed_noise, noise)
