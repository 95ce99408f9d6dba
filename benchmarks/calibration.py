"""Whether draws of the sampling engine are from the posterior, and intervals hold what they say.

Run from the root of the repository:

    python benchmarks/calibration.py [--simulations 500] [--tables 6]

First, simulation-based calibration (Talts et al. 2018) of every kind of node, link and observation:
weights and cells are drawn from the prior at fixed hyperparameters, data from them, and the rank of
each true number among 31 draws is uniform if these are from the posterior. Printed are p-values
(small: not uniform), and of the ranks of unknown cells the mean less 1/2 and the ratio of their
variance to that of uniform ones (below 1: intervals too wide, above: too narrow).

Hyperparameters are learned by stochastic expectation maximisation, which gives a point, so that
they have no ranks. What that costs is looked at second: tables of 150 rows and 3 properties are
drawn from the model, 30 % of the cells hidden, everything learned, and the share of hidden cells
counted that lie inside their 90 % intervals.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "sampling"))

from calibration_cases import CASES, TRIANGLE, Ranks, simulate
from hierarchies import Model, column_features

from hokan.inference.cells import Cells
from hokan.sampling.engine import fit_by_sampling
from hokan.sampling.fitting import SamplingOptions
from hokan.sampling.setting import LinkPlan

N_ROWS, SHARE_HIDDEN, LEVEL = 150, 0.3, 0.9


def ranks_of_cells(ranks: Ranks) -> tuple[float, float]:
    """Return mean less 1/2, and variance as a share of that of uniform ranks."""
    found = ranks.cells[np.isfinite(ranks.cells)] - 0.5
    return float(found.mean()), float(12.0 * np.mean(found**2))


def hidden_cells(kind: str, seed: int) -> tuple[float, float, float, float]:
    """Return coverage, rank-based spread, R-hat and seconds of one table."""
    rng = np.random.default_rng(seed)
    features = column_features(rng, N_ROWS, 3)
    kinds = {(int(j), int(k)): kind for j, k in np.argwhere(TRIANGLE)}
    model = Model.of(features, TRIANGLE, kinds if kind != "linear" else {}, kernel_variance=0.3)
    table = model.draw_prior(rng)[0][0]
    hidden = rng.random(table.shape) < SHARE_HIDDEN
    values = np.where(hidden, np.nan, table)
    location, scale = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
    table, values = (table - location) / scale, (values - location) / scale
    plan = LinkPlan(kinds=tuple((j, k, kind) for j, k in kinds) if kind != "linear" else ())
    start = time.perf_counter()
    found = fit_by_sampling(
        Cells(values, np.zeros(values.shape), features),
        model.layout,
        plan,
        SamplingOptions(),
        rng,
    ).posterior
    seconds = time.perf_counter() - start
    draws = found.training_draws(rng)
    outside = 0.5 * (1.0 - LEVEL)
    low, high = np.quantile(draws, [outside, 1.0 - outside], axis=0)
    inside = (table >= low) & (table <= high)
    rank = (draws < table).mean(axis=0)[hidden] - 0.5
    spread = float(12.0 * np.mean(rank**2))
    return float(inside[hidden].mean()), spread, found.convergence.largest_r_hat, seconds


def print_ranks(n_simulations: int) -> None:
    print(f"{'kind':30s}  p      cells  weights  density  mean-1/2  variance", flush=True)
    smallest = 1.0
    for name, case in CASES.items():
        ranks = simulate(case, n_simulations, seed=2026, patience=2)
        groups = ranks.p_values()
        mean, spread = ranks_of_cells(ranks)
        smallest = min(smallest, ranks.p_value)
        each = "  ".join(
            f"{groups[group]:7.3f}" if group in groups else "      -"
            for group in ("cells", "weights", "density")
        )
        print(f"{name:30s} {ranks.p_value:6.3f} {each}  {mean:+.3f}  {spread:.3f}", flush=True)
    together = min(1.0, smallest * len(CASES))
    print(f"smallest of {len(CASES)}: {smallest:.4f}, times their number: {together:.3f}\n")


def print_coverage(n_tables: int) -> None:
    print(
        "links    coverage of 90 % intervals of hidden cells, hyperparameters learned", flush=True
    )
    for kind in ("linear", "smooth", "joint"):
        found = np.array([hidden_cells(kind, seed) for seed in range(n_tables)])
        mean = found.mean(axis=0)
        error = found[:, 0].std(ddof=1) / np.sqrt(n_tables)
        print(
            f"{kind:8s} {mean[0]:.3f} ± {error:.3f}  ({' '.join(f'{c:.2f}' for c in found[:, 0])})"
            f"  variance of ranks {mean[1]:.2f}  largest R-hat {found[:, 2].max():.2f}"
            f"  {mean[3]:.1f} s a table",
            flush=True,
        )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--simulations", type=int, default=500, help="of each kind; 0: none")
    options.add_argument("--tables", type=int, default=6, help="of each kind; 0: none")
    found = options.parse_args()
    if found.simulations:
        print_ranks(found.simulations)
    if found.tables:
        print_coverage(found.tables)


if __name__ == "__main__":
    main()
