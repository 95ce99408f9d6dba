"""On its own example, R mice 3.15 and hokan's chained equations say the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from hokan.imputation.chained import ChainedEquations

#: Mean and standard deviation over 200 seeds of pool(with(mice(nhanes, m = 20, maxit = 10), lm(chl
#: ~ age + bmi))): estimates and standard errors of age and bmi, by tools/make_chained_references.R.
N_SEEDS = 200
MICE = {
    "bayesian linear": (
        [47.13717, 6.695714, 12.91711, 2.100901],
        [2.078704, 0.3216134, 1.646488, 0.2467752],
    ),
    "predictive mean matching": (
        [32.78294, 5.567582, 11.24889, 2.126666],
        [1.607756, 0.248537, 0.8460353, 0.1170606],
    ),
}
N_RUNS = 20
M = 20


def pooled(tables):
    """Return Rubin's pooled estimates and standard errors of age and bmi."""
    fits = [sm.OLS(table[:, 3], sm.add_constant(table[:, :2])).fit() for table in tables]
    estimates = np.array([fit.params[1:] for fit in fits])
    within = np.mean([fit.bse[1:] ** 2 for fit in fits], axis=0)
    total = within + (1 + 1 / len(fits)) * estimates.var(axis=0, ddof=1)
    return np.concatenate([estimates.mean(axis=0), np.sqrt(total)])


@pytest.mark.parametrize("method", MICE)
def test_pooled_regression_on_nhanes_is_that_of_mice(method):
    """Runs differ by chance, much more than is wanted of a test; their means are compared."""
    nhanes = pd.read_csv(Path(__file__).parents[1] / "nhanes.csv")
    equations = ChainedEquations(method, n_rounds=5, seed=1)
    chains = [chain.completed for chain in equations.run(nhanes, n_chains=N_RUNS * M)]
    runs = [pooled(chains[k * M : (k + 1) * M]) for k in range(N_RUNS)]
    mean, spread = map(np.array, MICE[method])
    by_chance = spread * np.sqrt(1 / N_RUNS + 1 / N_SEEDS)
    np.testing.assert_array_less(np.abs(np.mean(runs, axis=0) - mean), 3 * by_chance)
    np.testing.assert_allclose(np.std(runs, axis=0, ddof=1), spread, rtol=0.6)
