"""Estimates of completed tables against those without holes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hokan.evaluation.imputation_studies.pooled_estimates import (
    COEFFICIENT,
    MEAN,
    Analysis,
    compare_estimates,
)

NAMES = ("a", "b")


def related(n: int, seed: int = 0, slope: float = 0.8) -> np.ndarray:
    rng = np.random.default_rng(seed)
    a = rng.normal(2.0, 1.0, n)
    return np.column_stack([a, slope * a + rng.normal(0.0, 0.5, n)])


def test_means_and_slopes_are_those_of_scipy() -> None:
    values = related(40)
    found = Analysis.of(values)
    line = stats.linregress(values[:, 0], values[:, 1])
    np.testing.assert_allclose(found.estimates, [*values.mean(axis=0), line.slope])
    errors = [*stats.sem(values), line.stderr]
    np.testing.assert_allclose(np.sqrt(found.variances), errors)
    assert found.degrees_of_freedom.tolist() == [39, 39, 38]


def test_slopes_on_several_properties_are_those_of_least_squares() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(30, 4)) @ rng.normal(size=(4, 4))
    design = np.column_stack([np.ones(30), values[:, :3]])
    expected, rss, *_ = np.linalg.lstsq(design, values[:, 3])
    found = Analysis.of(values)
    np.testing.assert_allclose(found.estimates[4:], expected[1:])
    covariance = rss[0] / 26 * np.linalg.inv(design.T @ design)
    np.testing.assert_allclose(found.variances[4:], np.diag(covariance)[1:])


def test_too_few_rows_and_columns_that_repeat_each_other_have_no_analysis() -> None:
    assert Analysis.of(related(3)) is None
    twice = related(30)
    assert Analysis.of(np.column_stack([twice[:, 0], twice])) is None
    assert Analysis.of(related(30)[:, :1]).estimates.shape == (1,)


def test_without_holes_there_is_no_bias_and_the_width_is_one() -> None:
    everything = related(500)
    complete = everything[:60]
    for completed in (complete[None], np.repeat(complete[None], 20, axis=0)):
        found = compare_estimates(NAMES, completed, complete, everything)
        assert [(line["kind"], line["property"]) for line in found] == [
            (MEAN, "a"),
            (MEAN, "b"),
            (COEFFICIENT, "a"),
        ]
        for line in found:
            assert line["bias"] == pytest.approx(0.0, abs=1e-9)
            assert line["width"] == pytest.approx(1.0, abs=0.06)  # Barnard-Rubin costs some


def test_bias_is_in_standard_errors_of_the_table_without_holes() -> None:
    complete = related(50)
    shifted = complete + np.array([0.0, 2.0 * stats.sem(complete[:, 1])])
    found = compare_estimates(NAMES, shifted[None], complete, complete)
    assert [line["bias"] for line in found] == pytest.approx([0.0, 2.0, 0.0], abs=1e-9)
    assert [line["covered"] for line in found] == [1.0, 1.0, 1.0]
    further = complete + np.array([0.0, 2.1 * stats.sem(complete[:, 1])])
    found = compare_estimates(NAMES, further[None], complete, complete)
    assert [line["covered"] for line in found] == [1.0, 0.0, 1.0]


def test_several_tables_widen_intervals_by_what_they_differ() -> None:
    complete = related(50)
    rng = np.random.default_rng(0)
    completed = np.repeat(complete[None], 20, axis=0)
    completed[:, :20, 1] += rng.normal(0.0, 1.0, (20, 20))
    wide = compare_estimates(NAMES, completed, complete, complete)
    narrow = compare_estimates(NAMES, completed[:1], complete, complete)
    within = np.mean([Analysis.of(values).variances for values in completed], axis=0)
    between = np.var([Analysis.of(values).estimates for values in completed], axis=0, ddof=1)
    total = np.sqrt(within + 1.05 * between)
    # Rubin's total variance by hand; the quantile of t is close to that of many degrees.
    ratio = total / np.sqrt(Analysis.of(complete).variances)
    found = np.array([line["width"] for line in wide])
    np.testing.assert_allclose(found, ratio, rtol=0.12)
    assert (found > ratio - 1e-9).all()
    assert wide[1]["width"] > narrow[1]["width"]


def test_intervals_of_samples_hold_the_population_as_often_as_they_say() -> None:
    everything = related(2_000, seed=3)
    rng = np.random.default_rng(4)
    held = []
    for _ in range(400):
        sample = everything[rng.choice(len(everything), 40, replace=False)]
        found = compare_estimates(NAMES, sample[None], sample, everything)
        held.append([line["covered"] for line in found])
    np.testing.assert_allclose(np.mean(held, axis=0), 0.95, atol=0.03)


def test_what_cannot_be_analysed_is_nan_or_left_out() -> None:
    complete = related(50)
    left = compare_estimates(NAMES, complete[None, :2], complete, complete)
    assert len(left) == 3
    assert all(np.isnan(line["bias"]) and np.isnan(line["covered"]) for line in left)
    assert compare_estimates(NAMES, complete[None, :2], complete[:2], complete) == []
