"""What multiple imputation is for: right estimates, and error bars that hold what holes cost.

benchmarks/pooled_coverage.py does the same 500 times.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from hokan import ChainedImputer, MultipleImputer
from hokan.imputation import pool_analyses

N_TABLES, N_ROWS = 30, 120


def table_with_holes(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """y = x1 + x2 + noise; a third of x1 is missing, mostly where y is large."""
    rng = np.random.default_rng([seed, 11])
    x = rng.multivariate_normal([0.0, 0.0], [[1.0, 0.5], [0.5, 1.0]], size=N_ROWS)
    y = x.sum(axis=1) + rng.normal(size=N_ROWS)
    complete = pd.DataFrame({"y": y, "x1": x[:, 0], "x2": x[:, 1]})
    hidden = np.argsort(-y - rng.normal(size=N_ROWS))[: N_ROWS // 3]
    holes = complete.copy()
    holes.loc[hidden, "x1"] = np.nan
    return complete, holes


def regression(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    design = np.column_stack([np.ones(len(table)), table["x1"], table["x2"]])
    inverse = np.linalg.inv(design.T @ design)
    weights = inverse @ design.T @ table["y"].to_numpy()
    left = table["y"].to_numpy() - design @ weights
    return weights, left @ left / (len(table) - 3) * inverse


def imputer(kind: str, seed: int) -> MultipleImputer | ChainedImputer:
    if kind == "joint":
        return MultipleImputer(n_imputations=12, n_restarts=0, max_iterations=30, random_state=seed)
    return ChainedImputer("bayesian linear", n_imputations=12, random_state=seed)


@cache
def pooled(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of y on x1, and whether their 95 % intervals hold the true value, 1."""
    slopes, holds = [], []
    for seed in range(N_TABLES):
        imputations = imputer(kind, seed).fit(table_with_holes(seed)[1]).impute()
        found = pool_analyses(imputations, regression, complete_degrees_of_freedom=N_ROWS - 3)
        lower, upper = (found.interval(0.95)[side][1] for side in (0, 1))
        slopes.append(found.estimate[1])
        holds.append(lower <= 1.0 <= upper)
    return np.array(slopes), np.array(holds)


@pytest.mark.parametrize("kind", ["joint", "chained"])
def test_pooled_estimates_are_right_where_complete_rows_mislead(kind):
    slopes, _ = pooled(kind)
    from_complete_rows = [
        regression(table_with_holes(seed)[1].dropna())[0][1] for seed in range(N_TABLES)
    ]
    spread = slopes.std() / np.sqrt(N_TABLES)
    assert abs(slopes.mean() - 1.0) < 3.0 * spread
    assert np.mean(from_complete_rows) < 1.0 - 3.0 * spread


@pytest.mark.parametrize("kind", ["joint", "chained"])
def test_their_intervals_hold_the_truth_as_often_as_they_say(kind):
    _, holds = pooled(kind)
    # So few of 30 would be a one-in-a-thousand chance.
    assert holds.sum() >= binom.ppf(0.001, N_TABLES, 0.95)


def test_the_holes_are_in_the_error_bar():
    """What one completed table says of itself leaves out what the tables differ by."""
    _, holes = table_with_holes(0)
    imputations = imputer("joint", 0).fit(holes).impute(40)
    found = pool_analyses(imputations, regression, complete_degrees_of_freedom=N_ROWS - 3)
    of_one_table = np.sqrt(np.mean([regression(table)[1][1, 1] for table in imputations]))
    assert found.std_error[1] > 1.05 * of_one_table
    assert 0.1 < found.fraction_missing_information[1] < 0.6
