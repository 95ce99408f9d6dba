"""Chained equations beside R mice: what they say of nhanes, holes of a real table, seconds.

The pooled coefficients of ``lm(chl ~ age + bmi)`` on the example table of mice, means over seeds;
hidden cells of the elastic table with logarithms and ten components of the compositions; and the
time of one imputation there.

    python benchmarks/chained_against_mice.py [--data FOLDER] [--seeds 20] [--rows 300] [--draws 3]

Without R or its package mice, hokan's part runs alone and says so.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy.stats import norm

from _mice import mice_impute, missing_for_mice
from _splits import parser, say
from hokan.imputation.chained import CHAINED_METHODS, ChainedEquations
from hokan.imputation.usual_inputs import CompositionComponents, usual_transforms
from hokan.table import PropertyTable

NHANES = Path(__file__).resolve().parents[1] / "tests" / "imputation" / "nhanes.csv"
IN_MICE = {"bayesian linear": "norm", "predictive mean matching": "pmm", "forest": "rf"}
M = 20
N_COMPONENTS = 10
SHARE_HIDDEN = 0.3


def imputers() -> dict[str, str | None]:
    """Return names of methods to run: None for hokan's, a name of mice for the others."""
    found: dict[str, str | None] = dict.fromkeys(CHAINED_METHODS)
    for method in IN_MICE.values():
        missing = missing_for_mice(method)
        if missing is None:
            found[f"R mice {method}"] = method
        else:
            say(f"without R mice {method}: {missing}")
    return found


def impute(
    name: str, in_mice: str | None, values: pd.DataFrame, predictors: NDArray[np.float64], seed: int
) -> NDArray[np.float64]:
    """Return M completed tables of shape (n, p)."""
    if in_mice is None:
        chains = ChainedEquations(name, seed=seed).run(values, predictors, M)
        return np.array([chain.completed for chain in chains])
    described = pd.DataFrame(predictors, index=values.index).add_prefix("component")
    joined = pd.concat([values, described], axis=1)
    return mice_impute(joined, in_mice, M, seed)[:, :, : values.shape[1]]


def pooled(tables: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return estimates and standard errors of age and bmi, by Rubin's rules."""
    fits = [sm.OLS(table[:, 3], sm.add_constant(table[:, :2])).fit() for table in tables]
    estimates = np.array([fit.params[1:] for fit in fits])
    within = np.mean([fit.bse[1:] ** 2 for fit in fits], axis=0)
    total = within + (1 + 1 / len(fits)) * estimates.var(axis=0, ddof=1)
    return np.concatenate([estimates.mean(axis=0), np.sqrt(total)])


def nhanes(n_seeds: int) -> None:
    table = pd.read_csv(NHANES)
    nothing = np.empty((len(table), 0))
    print(f"nhanes, pooled lm(chl ~ age + bmi), m = {M}: mean of {n_seeds} seeds ± its error")
    for name, in_mice in imputers().items():
        if name == "gaussian process":
            continue  # not in mice, and 25 rows are no table for it
        runs = [
            pooled(impute(name, in_mice, table, nothing, seed)) for seed in range(1, n_seeds + 1)
        ]
        mean, error = np.mean(runs, axis=0), np.std(runs, axis=0, ddof=1) / np.sqrt(n_seeds)
        told = [f"{value:6.2f} ± {about:.2f}" for value, about in zip(mean, error, strict=True)]
        print(f"  {name:26s} age {told[0]} (SE {told[2]}), bmi {told[1]} (SE {told[3]})")


def crps(drawn: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Continuous ranked probability score of draws of shape (m, h), without bias for small m.

    Gneiting & Raftery, J. Am. Stat. Assoc. 102, 359 (2007), equation 21.
    """
    m = len(drawn)
    apart = np.abs(drawn[:, None] - drawn[None]).sum(axis=(0, 1)) / (m * (m - 1))
    return np.asarray(np.abs(drawn - truth).mean(axis=0) - 0.5 * apart)


def elastic(folder: Path, n_rows: int, n_draws: int) -> None:
    frame = pd.read_csv(folder / "elastic_debye.csv", keep_default_na=False, na_values=[""])
    scores = []
    for draw in range(n_draws):
        some = frame.sample(n_rows, random_state=draw).reset_index(drop=True)
        table = PropertyTable.from_frame(some, source="elastic_debye.csv")
        predictors = CompositionComponents.fit(table, N_COMPONENTS).of(table)
        logs = np.column_stack(
            [
                transform.forward(values)
                for transform, values in zip(usual_transforms(table), table.values.T, strict=True)
            ]
        )
        scaled = (logs - np.nanmean(logs, axis=0)) / np.nanstd(logs, axis=0)
        hidden = table.observed & (np.random.default_rng(draw).random(logs.shape) < SHARE_HIDDEN)
        values = pd.DataFrame(np.where(hidden, np.nan, scaled), columns=table.property_names)
        truth = scaled[hidden]
        for name, in_mice in imputers().items():
            start = time.perf_counter()
            drawn = impute(name, in_mice, values, predictors, draw + 1)[:, hidden]
            seconds = time.perf_counter() - start
            middle, spread = drawn.mean(axis=0), drawn.std(axis=0, ddof=1)
            inside = np.abs(truth - middle) <= norm.ppf(0.95) * spread * np.sqrt(1 + 1 / M)
            scores.append(
                {
                    "method": name,
                    "error": np.abs(np.median(drawn, axis=0) - truth).mean(),
                    "crps": crps(drawn, truth).mean(),
                    "coverage of 90 %": inside.mean(),
                    "seconds per imputation": seconds / M,
                }
            )
            say(f"draw {draw + 1}: {name} in {seconds:.1f} s")
    print(
        f"\nelastic table, {n_rows} rows, {SHARE_HIDDEN:.0%} of the known cells hidden at random, "
        f"standard deviations of logarithms, means over {n_draws} draws"
    )
    print(pd.DataFrame(scores).groupby("method", sort=False).mean().round(3).to_string())


if __name__ == "__main__":
    arguments = parser(__doc__, data=True)
    arguments.add_argument("--seeds", type=int, default=20, help="runs on nhanes (default: 20)")
    arguments.add_argument("--rows", type=int, default=300, help="of the elastic table")
    arguments.add_argument("--draws", type=int, default=3, help="of its rows and hidden cells")
    chosen = arguments.parse_args()
    if chosen.seeds > 1:
        nhanes(chosen.seeds)
    elastic(chosen.data, chosen.rows, chosen.draws)
