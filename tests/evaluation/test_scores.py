"""Scores against closed forms, known values and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate
from scipy.stats import norm

from hokan.errors import HokanError
from hokan.evaluation import (
    gaussian_crps,
    gaussian_log_score,
    interval_coverage,
    mean_absolute_error,
    mean_interval_width,
    quantile_crps,
    root_mean_square_error,
    sample_crps,
)

TRUTH = np.array([1.0, 2.0, 4.0])
PREDICTED = np.array([2.0, 2.0, 1.0])


def test_errors_of_known_size():
    assert mean_absolute_error(TRUTH, PREDICTED) == pytest.approx(4 / 3)
    assert root_mean_square_error(TRUTH, PREDICTED) == pytest.approx(np.sqrt(10 / 3))


def test_holes_in_the_truth_are_not_scored():
    truth = np.array([[1.0, np.nan], [np.nan, 4.0]])
    predicted = np.array([[2.0, 99.0], [np.nan, 1.0]])
    assert mean_absolute_error(truth, predicted) == pytest.approx(2.0)


def test_a_mask_chooses_the_cells():
    assert mean_absolute_error(TRUTH, PREDICTED, where=[True, False, False]) == 1.0
    assert root_mean_square_error(TRUTH, PREDICTED, where=[False, True, True]) == pytest.approx(
        np.sqrt(4.5)
    )


def test_coverage_counts_the_ends():
    lower, upper = [1.0, 2.5, 3.0], [1.5, 3.0, 4.0]
    assert interval_coverage(TRUTH, lower, upper) == pytest.approx(2 / 3)
    assert mean_interval_width(lower, upper) == pytest.approx(2 / 3)


def test_coverage_and_width_of_exact_gaussian_intervals():
    rng = np.random.default_rng(0)
    mean, std = rng.normal(size=20_000), rng.uniform(0.5, 2.0, 20_000)
    truth = mean + std * rng.standard_normal(20_000)
    reach = norm.ppf(0.95) * std
    assert interval_coverage(truth, mean - reach, mean + reach) == pytest.approx(0.9, abs=0.01)
    assert mean_interval_width(mean - reach, mean + reach) == pytest.approx(2 * reach.mean())


def test_log_score_is_the_negative_log_density():
    mean, std = np.array([0.0, 1.0, 5.0]), np.array([1.0, 0.3, 2.0])
    expected = -norm.logpdf(TRUTH, mean, std).mean()
    assert gaussian_log_score(TRUTH, mean, std) == pytest.approx(expected)


def test_crps_of_a_standard_gaussian_at_its_centre():
    # (sqrt(2) - 1) / sqrt(pi), as the scoring-rule literature tabulates it.
    assert gaussian_crps([0.0], [0.0], [1.0]) == pytest.approx(0.2336949772551)


@given(y=st.floats(-4, 4), mean=st.floats(-2, 2), std=st.floats(0.2, 3.0))
@settings(deadline=None, max_examples=25)
def test_gaussian_crps_is_the_integral_over_thresholds(y, mean, std):
    below, _ = integrate.quad(lambda t: norm.cdf(t, mean, std) ** 2, -40, y)
    above, _ = integrate.quad(lambda t: norm.sf(t, mean, std) ** 2, y, 40)
    assert gaussian_crps([y], [mean], [std]) == pytest.approx(below + above, abs=1e-6)


def test_crps_of_a_sure_prediction_is_the_absolute_error():
    assert gaussian_crps(TRUTH, PREDICTED, np.full(3, 1e-9)) == pytest.approx(
        mean_absolute_error(TRUTH, PREDICTED)
    )


def test_crps_from_draws_and_quantiles_agree_with_the_closed_form():
    mean, std = np.array([0.0, 1.0, 5.0]), np.array([1.0, 0.3, 2.0])
    exact = gaussian_crps(TRUTH, mean, std)
    draws = mean + std * np.random.default_rng(0).standard_normal((20_000, 3))
    assert sample_crps(TRUTH, draws) == pytest.approx(exact, abs=0.02)
    levels = (np.arange(2000) + 0.5) / 2000
    quantiles = mean + std * norm.ppf(levels)[:, None]
    assert quantile_crps(TRUTH, quantiles, levels) == pytest.approx(exact, abs=2e-3)


def test_crps_from_few_draws_is_unbiased():
    rng = np.random.default_rng(1)
    truth = np.full(40_000, 0.7)
    draws = rng.standard_normal((3, 40_000))
    assert sample_crps(truth, draws) == pytest.approx(gaussian_crps([0.7], [0.0], [1.0]), abs=0.01)


def test_crps_from_draws_is_the_mean_over_all_pairs():
    rng = np.random.default_rng(2)
    truth, draws = rng.standard_normal(4), rng.standard_normal((5, 4))
    pairs = np.abs(draws[:, None] - draws[None, :]).sum(axis=(0, 1)) / (5 * 4)
    expected = (np.abs(draws - truth).mean(axis=0) - 0.5 * pairs).mean()
    assert sample_crps(truth, draws) == pytest.approx(expected)


@pytest.mark.parametrize("score", [gaussian_log_score, gaussian_crps])
def test_the_true_distribution_scores_best(score):
    rng = np.random.default_rng(3)
    truth = 1.0 + 0.5 * rng.standard_normal(20_000)
    right = score(truth, np.full(20_000, 1.0), np.full(20_000, 0.5))
    for mean, std in [(1.2, 0.5), (1.0, 0.7), (1.0, 0.35)]:
        assert score(truth, np.full(20_000, mean), np.full(20_000, std)) > right


def test_a_missing_prediction_is_refused_not_skipped():
    with pytest.raises(HokanError, match="1 of 3 values to score are NaN in predicted"):
        mean_absolute_error(TRUTH, [1.0, np.nan, 2.0])


def test_unequal_shapes_are_refused():
    with pytest.raises(HokanError, match=r"truth \(3,\), predicted \(2,\)"):
        mean_absolute_error(TRUTH, [1.0, 2.0])
    with pytest.raises(HokanError, match=r"mask of shape \(3,\)"):
        mean_absolute_error(TRUTH, PREDICTED, where=[True])


def test_nothing_to_score_is_refused():
    with pytest.raises(HokanError, match="no cell to score"):
        mean_absolute_error([np.nan], [1.0])


@pytest.mark.parametrize("score", [gaussian_log_score, gaussian_crps])
def test_a_standard_deviation_of_zero_is_refused(score):
    with pytest.raises(HokanError, match="must be positive"):
        score(TRUTH, PREDICTED, [1.0, 0.0, 1.0])


@pytest.mark.parametrize("levels", [[0.5], [0.5, 0.4], [0.0, 0.5], [0.5, 1.0]])
def test_quantile_levels_that_make_no_sense_are_refused(levels):
    with pytest.raises(HokanError, match="levels must be"):
        quantile_crps([0.0], np.zeros((len(levels), 1)), levels)


def test_quantiles_and_samples_of_another_shape_are_refused():
    with pytest.raises(HokanError, match="expected quantiles of shape"):
        quantile_crps(TRUTH, np.zeros((2, 2)), [0.4, 0.6])
    with pytest.raises(HokanError, match="at least 2 samples"):
        sample_crps(TRUTH, np.zeros((1, 3)))
