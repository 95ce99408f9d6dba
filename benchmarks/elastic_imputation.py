"""Imputing 300 materials of elastic_debye.csv with 30 % of the cells removed: hokan, chains, mice.

Run from the root of the repository (R with mice is used where it is there):

    python benchmarks/elastic_imputation.py --data FOLDER [--splits 10] [--jobs 2]

Each split draws 300 random rows and hides 30 % of the cells of every property, completely at random
(MCAR) or more often where the other values of the row are large (MAR, odds rising by a factor of
7.4 for each standard deviation); equal compositions stay together. Every method then completes the
table m = 19 times: hokan's joint model, hokan's chained equations, and R mice (norm, pmm, rf; ten
rounds each). Chained equations and mice get the logarithms of the properties, and ten principal
components of composition statistics as complete columns: a linear regression on all 132 statistics
would be hopeless.

On the logarithmic scale, in standard deviations s of each property over the whole file, over all
hidden cells:

- error: mean of |median of the m draws - truth|;
- coverage: share of truths between the smallest and the largest of 19 draws, which holds 18/20 =
  90 % if truth and draws are from one distribution;
- crps: continuous ranked probability score of the draws, unbiased for any m.

scikit-learn's ``IterativeImputer`` with Bayesian ridge regressions on all statistics fills once; it
tells how hard these tables are beside those of figure 2.

"hokan, closed form" is the same fit as "hokan, joint model": medians and 90 % intervals of the
posterior itself, as ``hokan fill`` gives them, instead of those of 19 draws.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from _mice import mice_impute, missing_for_mice
from _splits import mean_and_standard_error, parser, say
from elastic import read_elastic
from hokan import ChainedImputer, MultipleImputer
from hokan.evaluation import Holdout, ampute, gaussian_crps, interval_coverage, sample_crps
from hokan.evaluation.peers import iterative_imputer
from hokan.imputation import Imputations
from hokan.imputation.usual_inputs import CompositionComponents
from hokan.parallel import in_processes
from hokan.table import PropertyTable

N_ROWS, SHARE, M, N_COMPONENTS, LEVEL, Z90 = 300, 0.3, 19, 10, 0.9, 1.6448536
MECHANISMS = ("MCAR", "MAR")
CHAINED = ("bayesian linear", "predictive mean matching", "forest", "gaussian process")
MICE = ("norm", "pmm", "rf")
JOINT, CLOSED = "hokan, joint model", "hokan, closed form"
ITERATIVE = "scikit-learn, IterativeImputer"

FloatArray = NDArray[np.float64]


def draws_of(imputations: Imputations, names: list[str]) -> FloatArray:
    """Return the logarithms of completed tables, (m, n, p)."""
    return np.log(np.array([frame[names].to_numpy(dtype=float) for frame in imputations]))


def scores(holdout: Holdout, spread: FloatArray, draws: FloatArray) -> dict[str, float]:
    """Score draws of logarithms, (m, n, p)."""
    truth = np.log(holdout.truth) / spread
    draws = draws / spread
    return {
        "error": float(np.abs(np.median(draws, axis=0) - truth)[holdout.hidden].mean()),
        "coverage": interval_coverage(truth, draws.min(axis=0), draws.max(axis=0)),
        "crps": sample_crps(truth, draws),
    }


def of_closed_form(holdout: Holdout, spread: FloatArray, filled: pd.DataFrame) -> dict[str, float]:
    """Score the medians and intervals of ``fill``, Gaussian on the logarithmic scale."""
    names = holdout.table.property_names
    median, lower, upper = (
        np.log(filled[[name + end for name in names]].to_numpy(dtype=float)) / spread
        for end in ("", "__lower", "__upper")
    )
    truth = np.log(holdout.truth) / spread
    std = (upper - lower) / (2.0 * Z90)
    return {
        "error": float(np.abs(median - truth)[holdout.hidden].mean()),
        "coverage": interval_coverage(truth, lower, upper),
        "crps": gaussian_crps(truth, median, std),
    }


def run(method: str, holdout: Holdout, spread: FloatArray, seed: int) -> list[dict]:
    """Return the scores of a method, of which hokan's has two forms."""
    table, names = holdout.table, list(holdout.table.property_names)
    start = time.perf_counter()
    if method == JOINT:
        imputer = MultipleImputer(n_imputations=M, random_state=seed).fit(table)
        draws = draws_of(imputer.impute(), names)
        seconds = time.perf_counter() - start
        closed = of_closed_form(holdout, spread, imputer.regressor_.fill(level=LEVEL))
        found = {CLOSED: closed, JOINT: scores(holdout, spread, draws)}
        return [{"method": name, **each, "seconds": seconds} for name, each in found.items()]
    if method == ITERATIVE:
        filled = iterative_imputer(table, holdout.hidden, random_state=seed, fractions=False)
        off = np.abs(np.log(filled.median) - np.log(holdout.truth)) / spread
        error = float(off[holdout.hidden].mean())
        seconds = time.perf_counter() - start
        return [
            {
                "method": method,
                "error": error,
                "coverage": np.nan,
                "crps": error,
                "seconds": seconds,
            }
        ]
    if method.startswith("R mice"):
        frame = pd.DataFrame(np.log(table.values), columns=names)
        components = CompositionComponents.fit(table, N_COMPONENTS).of(table)
        for number, column in enumerate(components.T):
            frame[f"component{number}"] = column
        draws = mice_impute(frame, method.split()[-1], M, seed + 1)[:, :, : len(names)]
    else:
        chained = ChainedImputer(
            method=method.removeprefix("chained, "),
            n_components=N_COMPONENTS,
            n_imputations=M,
            random_state=seed,
        )
        draws = draws_of(chained.fit(table).impute(), names)
    found = scores(holdout, spread, draws)
    return [{"method": method, **found, "seconds": time.perf_counter() - start}]


def one(
    frame: pd.DataFrame, spread: FloatArray, split: int, mechanism: str, method: str
) -> list[dict]:
    """Return the scores of one method on one table."""
    rows = np.sort(np.random.default_rng(split).choice(len(frame), N_ROWS, replace=False))
    table = PropertyTable.from_frame(frame.iloc[rows].reset_index(drop=True))
    holdout = ampute(table, SHARE, mechanism, random_state=split)
    found = run(method, holdout, spread, split)
    return [{"mechanism": mechanism, "split": split, **each} for each in found]


def methods_here() -> list[str]:
    """Return the methods that can be run; says which cannot."""
    found = [JOINT, ITERATIVE, *(f"chained, {name}" for name in CHAINED)]
    for name in MICE:
        missing = missing_for_mice(name)
        if missing:
            say(f"R mice {name} is left out: {missing}")
        else:
            found.append(f"R mice {name}")
    return found


def main() -> None:
    arguments = parser(__doc__, data=True)
    arguments.add_argument("--splits", type=int, default=10)
    arguments.add_argument("--first", type=int, default=0, help="number of the first split")
    arguments.add_argument("--jobs", type=int, default=2)
    arguments.add_argument("--only", nargs="*", help="methods to run, by a part of their name")
    options = arguments.parse_args()
    frame = read_elastic(options.data)
    spread = np.log(frame.drop(columns="formula")).std().to_numpy()
    methods = methods_here()
    if options.only:
        methods = [name for name in methods if any(part in name for part in options.only)]
    splits = range(options.first, options.first + options.splits)
    calls = [
        (frame, spread, split, mechanism, method)
        for split in splits
        for mechanism in MECHANISMS
        for method in methods
    ]
    records: list[dict] = []
    for number, found in enumerate(in_processes(one, calls, options.jobs), start=1):
        records += found
        for each in found:
            print(f"{number}/{len(calls)} {each}", file=sys.stderr, flush=True)
    order = [CLOSED, *methods]
    result = pd.DataFrame(records).sort_values(["mechanism", "split"], ascending=[False, True])
    groups = result.groupby(["mechanism", "method"], sort=False)
    table = groups.agg(
        {
            **dict.fromkeys(("error", "coverage", "crps"), mean_and_standard_error),
            "seconds": lambda values: f"{values.mean():.1f}",
        }
    )
    print(f"{len(splits)} splits from {options.first}, m = {M}; mean ± standard error of splits")
    for mechanism in MECHANISMS:
        print(f"\n{mechanism}")
        here = table.loc[mechanism]
        print(here.loc[[name for name in order if name in here.index]].to_string())
    wide = result.pivot(index=["mechanism", "split"], columns="method", values="crps")
    if JOINT not in wide or len(wide.columns) < 3:
        return
    print("\ncrps of hokan less that of each other method, split by split (negative: hokan better)")
    less = (-wide.drop(columns=[JOINT, CLOSED])).add(wide[JOINT], axis=0)
    print(less.groupby("mechanism").agg(mean_and_standard_error).T.to_string())


if __name__ == "__main__":
    main()
