"""Functions of two fidelities: hokan beside SMT's multi-fidelity kriging, on the same values.

    python benchmarks/analytic.py [--seeds 5] [--functions Forrester Branin ...] [--best-of-smt]

For every function of hokan.datasets.MULTIFIDELITY_FUNCTIONS, nested designs (a low value wherever
there is a high one) and designs without a point in common: the root-mean-square error of the high
fidelity at 1000 points of which nothing else is known. hokan is HierarchicalRegressor with a ladder
of the two levels and its defaults; SMT's MFK and MFCK are used as the examples of their manual
(squared-exponential correlation, ten starts). With --best-of-smt, MFK is also run with a linear
trend and with a Matern-5/2 correlation. "high alone" is hokan without the low values.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from _outside import INTERPRETER
from _smt import Level, run_smt
from _splits import parser, say
from hokan import HierarchicalRegressor, PropertyGraph
from hokan.datasets import MULTIFIDELITY_FUNCTIONS, MultiFidelityFunction

FloatArray = NDArray[np.float64]
#: Numbers of low and high values.
SIZES = {
    "Forrester": (14, 7),
    "Currin": (40, 15),
    "Branin": (40, 20),
    "Park 1": (60, 20),
    "Park 2": (60, 20),
    "Borehole": (100, 30),
}
TEST_POINTS = 1000
LEVEL = 0.9
#: Mean, lower and upper end of the interval at the test points.
Prediction = tuple[FloatArray, FloatArray, FloatArray]


def hokan(frame: pd.DataFrame, points: FloatArray, *levels: str) -> Prediction:
    coordinates = [name for name in frame if name not in ("low", "high")]
    known = frame[[*coordinates, *levels]].dropna(how="all", subset=list(levels))
    model = HierarchicalRegressor(graph=PropertyGraph.ladder(*levels), descriptors=coordinates)
    model.fit(known)
    found = model.predict(pd.DataFrame(points, columns=coordinates), return_interval=True)
    return tuple(part["high"].to_numpy() for part in found)


def smt(
    frame: pd.DataFrame, points: FloatArray, script: str = "smt_mfk.py", **options: object
) -> Prediction:
    coordinates = [name for name in frame if name not in ("low", "high")]
    levels: list[Level] = []
    for name in ("low", "high"):
        known = frame[frame[name].notna()]
        levels.append((known[coordinates].to_numpy(), known[name].to_numpy()))
    found = run_smt(script, levels, points, **options)
    reach = 1.6449 * found.std
    return found.mean, found.mean - reach, found.mean + reach


METHODS: dict[str, Callable[[pd.DataFrame, FloatArray], Prediction]] = {
    "hokan": lambda frame, points: hokan(frame, points, "low", "high"),
    "SMT MFK": smt,
    "SMT MFCK": lambda frame, points: smt(frame, points, "smt_mfck.py"),
    "high alone": lambda frame, points: hokan(frame, points, "high"),
}
MORE_OF_SMT = {
    "MFK, linear trend": lambda frame, points: smt(frame, points, poly="linear"),
    "MFK, Matern-5/2": lambda frame, points: smt(frame, points, corr="matern52"),
}


def measure(function: MultiFidelityFunction, nested: bool, seed: int, methods: dict) -> list[dict]:
    """Return one record for each method."""
    frame = function.table(*SIZES[function.name], nested=nested, random_state=seed)
    points = function.design(TEST_POINTS, 1000 + seed)
    truth = function.high(points)
    records = []
    for name, method in methods.items():
        start = time.perf_counter()
        mean, lower, upper = method(frame, points)
        records.append(
            {
                "function": function.name,
                "design": "nested" if nested else "apart",
                "seed": seed,
                "method": name,
                "error": float(np.sqrt(np.mean((mean - truth) ** 2))),
                "coverage": float(np.mean((lower <= truth) & (truth <= upper))),
                "seconds": time.perf_counter() - start,
            }
        )
    return records


def tell(scores: pd.DataFrame) -> None:
    """Print means with standard errors, how they compare, and a verdict."""
    groups = ["function", "design"]
    order = list(dict.fromkeys(zip(scores["function"], scores["design"], strict=True)))
    summary = scores.groupby([*groups, "method"], sort=False)["error"].agg(["mean", "sem"])
    methods = list(dict.fromkeys(scores["method"]))
    peers = [name for name in methods if name not in ("hokan", "high alone")]
    print("root-mean-square error: mean ± standard error over seeds\n")
    print(f"{'function':12s}{'design':8s}" + "".join(f"{name:>24s}" for name in methods))
    for function, design in order:
        told = ""
        for name in methods:
            mean, error = summary.loc[(function, design, name)]
            told += f"{f'{mean:.4g} ± {error:.2g}':>24s}"
        print(f"{function:12s}{design:8s}{told}")
    print(
        "\nhokan's error over that of the better SMT method; seeds at which it is lower; coverage"
    )
    above = []
    for function, design in order:
        here = scores[(scores["function"] == function) & (scores["design"] == design)]
        wide = here.pivot(index="seed", columns="method", values="error")
        best = wide[peers].mean().idxmin()
        ratio = wide["hokan"].mean() / wide[best].mean()
        lower = int((wide["hokan"] <= wide[best]).sum())
        difference = wide["hokan"] - wide[best]
        coverage = here[here["method"] == "hokan"]["coverage"].mean()
        print(
            f"{function:12s}{design:8s}{ratio:6.2f} of {best}, {lower} of {len(wide)} seeds, "
            f"difference {difference.mean():.2g} ± {difference.sem():.2g}, coverage {coverage:.2f}"
        )
        if ratio > 1.0:
            above.append(f"{function} ({design})")
    verdict = f"above at {', '.join(above)}" if above else "at or below at every function"
    print(f"\nhokan against SMT: {verdict}.")


def main() -> None:
    arguments = parser(__doc__)
    arguments.formatter_class = argparse.ArgumentDefaultsHelpFormatter
    arguments.add_argument("--seeds", type=int, default=5)
    arguments.add_argument(
        "--functions", nargs="+", choices=list(SIZES), default=list(SIZES), metavar="NAME"
    )
    arguments.add_argument("--best-of-smt", action="store_true")
    chosen = arguments.parse_args()
    methods = {**METHODS, **(MORE_OF_SMT if chosen.best_of_smt else {})}
    if not INTERPRETER.exists():
        say("no benchmarks/.venv-peers (sh benchmarks/make_peers.sh makes it): without SMT")
        methods = {name: methods[name] for name in ("hokan", "high alone")}
    warnings.simplefilter("ignore")
    records = []
    for name in chosen.functions:
        for nested in (True, False):
            for seed in range(chosen.seeds):
                records += measure(MULTIFIDELITY_FUNCTIONS[name], nested, seed, methods)
                say(f"{name}, {'nested' if nested else 'apart'}, seed {seed}: done")
    scores = pd.DataFrame(records)
    if INTERPRETER.exists():
        tell(scores)
    else:
        print(scores.groupby(["function", "design", "method"], sort=False)["error"].mean())
    print("\nseconds per fit and prediction:")
    print(scores.groupby("method", sort=False)["seconds"].mean().round(1).to_string())


if __name__ == "__main__":
    main()
