"""All parents known, 150 materials to learn from: any link, against trees with the same columns.

Run from the root of the repository, with hokan[datasets] installed:

    python benchmarks/known_parents.py --data FOLDER [--splits 5] [--tasks NAME ...]

A property is known for 150 materials and hidden for up to 400 others, whose parents are known:
measured band gaps from PBE and HSE06 ones, melting points from molar volume and heat of fusion,
thermal conductivities from Debye temperature and elastic moduli, and two synthetic properties whose
truth is nonlinear, and linear. No composition is on both sides. ``linear`` is hokan with straight
links and the exact engine, ``by evidence`` chooses the links and samples where they are not
straight; trees (300, extremely randomised, scikit-learn's defaults) get the same columns as
features besides composition statistics and element fractions. Errors are mean absolute errors on
the scale named; the log score is the mean log density of the hidden values under the Gaussian with
the median and the interval predicted, its standard deviation at least a twentieth of the values'.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import ExtraTreesRegressor

from _splits import mean_and_standard_error, parser, say
from hokan import HierarchicalRegressor
from hokan.datasets import load_inorganics
from hokan.descriptors import composition_statistics, element_fractions, reduced_formula_key
from hokan.graph import Property, PropertyGraph

N_KNOWN, MOST_HIDDEN, LEVEL = 150, 400, 0.9


@dataclass(frozen=True)
class Task:
    """A property and its parents.

    Attributes
    ----------
    name : str
    read : callable
        From the data folder to a frame with a column ``formula``.
    parents : tuple of str
    child : str
    scale : str
        Of parents and child.
    log_errors : bool
        Whether errors are of the logarithm.
    """

    name: str
    read: Callable[[Path], pd.DataFrame]
    parents: tuple[str, ...]
    child: str
    scale: str
    log_errors: bool


def _synthetic(curved: bool) -> Callable[[Path], pd.DataFrame]:
    def read(_: Path) -> pd.DataFrame:
        formulas = load_inorganics()["formula"].drop_duplicates().tolist()
        random_state = np.random.default_rng(1)
        statistics = composition_statistics(formulas)
        standard = (statistics - statistics.mean(axis=0)) / (statistics.std(axis=0) + 1e-9)
        noise = random_state.standard_normal((len(formulas), 3))
        weights = random_state.standard_normal((standard.shape[1], 3)) / standard.shape[1] ** 0.5
        first, second, own = (0.8 * np.tanh(standard @ weights) + 0.6 * noise).T
        if curved:
            child = np.sin(2.0 * first) + 0.6 * second**2 + 0.4 * own
        else:
            child = 0.8 * first - 0.6 * second + 0.4 * own
        return pd.DataFrame({"formula": formulas, "a": first, "b": second, "c": child})

    return read


TASKS = (
    Task(
        "measured gap from PBE and HSE06 (eV)",
        lambda data: pd.read_csv(data / "band_gap_ladder.csv"),
        ("gap_pbe_eV", "gap_hse06_eV"),
        "gap_expt_eV",
        "identity",
        False,
    ),
    Task(
        "melting point from molar volume and heat of fusion (K)",
        lambda _: load_inorganics(),
        ("molar_volume_per_atom_cm3_mol", "heat_of_fusion_per_atom_kJ_mol"),
        "melting_point_K",
        "log",
        False,
    ),
    Task(
        "thermal conductivity from Debye temperature and moduli (log)",
        lambda data: pd.read_csv(data / "elastic_debye.csv"),
        ("debye_temperature_K", "bulk_modulus_GPa", "shear_modulus_GPa"),
        "thermal_conductivity_300K_W_mK",
        "log",
        True,
    ),
    Task("synthetic, curved", _synthetic(True), ("a", "b"), "c", "identity", False),
    Task("synthetic, straight", _synthetic(False), ("a", "b"), "c", "identity", False),
)


def split(task: Task, data: Path, seed: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return complete rows, and which are known and which hidden."""
    columns = [*task.parents, task.child]
    frame = task.read(data)[["formula", *columns]].dropna()
    if task.scale == "log":
        frame = frame[(frame[columns] > 0).all(axis=1)]
    frame = frame.reset_index(drop=True)
    order = np.random.default_rng(seed).permutation(len(frame))
    keys = [reduced_formula_key(formula) for formula in frame["formula"]]
    known = order[:N_KNOWN]
    seen = {keys[row] for row in known}
    hidden = np.array([row for row in order[N_KNOWN:] if keys[row] not in seen])[:MOST_HIDDEN]
    return frame, known, hidden


def by_hokan(
    task: Task, frame: pd.DataFrame, known: np.ndarray, hidden: np.ndarray, link: str
) -> dict[str, np.ndarray]:
    """Predict the hidden values with links of one kind."""
    properties = [Property(name, transform=task.scale) for name in task.parents]
    properties.append(Property(task.child, transform=task.scale, parents=task.parents, link=link))
    estimator = HierarchicalRegressor(PropertyGraph(tuple(properties)), random_state=0)
    estimator.fit(frame.iloc[known])
    rows = frame.iloc[hidden].assign(**{task.child: np.nan})
    median, spread, lower, upper = (
        array[task.child].to_numpy()
        for array in estimator.predict(rows, return_std=True, return_interval=True, level=LEVEL)
    )
    chosen = estimator.links_.set_index("parent")
    chosen = chosen[chosen["child"] == task.child]["kind"].to_dict()
    say(f"    {link}: {chosen}")
    return {"median": median, "std": spread, "lower": lower, "upper": upper}


def by_trees(
    task: Task, frame: pd.DataFrame, known: np.ndarray, hidden: np.ndarray
) -> dict[str, np.ndarray]:
    """Predict the hidden values with extremely randomised trees."""
    formulas = frame["formula"].tolist()
    numbers = frame[[*task.parents, task.child]].to_numpy()
    if task.scale == "log":
        numbers = np.log(numbers)
    features = np.column_stack(
        [composition_statistics(formulas), element_fractions(formulas), numbers[:, :-1]]
    )
    trees = ExtraTreesRegressor(300, random_state=0)
    trees.fit(features[known], numbers[known, -1])
    found = trees.predict(features[hidden])
    return {"median": np.exp(found) if task.scale == "log" else found}


def score(task: Task, truth: np.ndarray, found: dict[str, np.ndarray]) -> dict[str, float]:
    """Return error, coverage, and the log score of a Gaussian of the same interval."""
    median = found["median"]
    change = np.log if task.scale == "log" else (lambda values: values)
    errors = change(median) - change(truth) if task.log_errors else median - truth
    scores = {"error": float(np.abs(errors).mean())}
    if "lower" in found:
        scores["coverage"] = float(((found["lower"] <= truth) & (truth <= found["upper"])).mean())
        width = change(found["upper"]) - change(found["lower"])
        # Where a metal is certain, the interval has no width; its density would be infinite.
        spread = np.maximum(width / (2.0 * 1.6448536269514722), 0.05 * change(truth).std())
        distance = (change(truth) - change(median)) / spread
        scores["log score"] = float(
            np.mean(-0.5 * distance**2 - np.log(spread) - 0.5 * np.log(2.0 * np.pi))
        )
    return scores


def run(tasks: list[Task], data: Path, n_splits: int) -> Iterator[dict[str, object]]:
    """Score every method in every split of every task."""
    methods = {
        "hokan, linear": lambda *given: by_hokan(*given, "linear"),
        "hokan, by evidence": lambda *given: by_hokan(*given, "auto"),
        "trees": by_trees,
    }
    for task in tasks:
        for seed in range(n_splits):
            frame, known, hidden = split(task, data, seed)
            truth = frame[task.child].to_numpy()[hidden]
            for name, method in methods.items():
                begun = time.perf_counter()
                found = method(task, frame, known, hidden)
                seconds = time.perf_counter() - begun
                scores = score(task, truth, found)
                say(f"  {task.name}, split {seed}, {name}: {scores}, {seconds:.1f} s")
                yield {"task": task.name, "method": name, "split": seed, "s": seconds, **scores}


def main() -> None:
    """Print a table for each task."""
    arguments = parser(__doc__, data=True)
    arguments.add_argument("--splits", type=int, default=5)
    arguments.add_argument("--tasks", type=int, nargs="*", help="numbers of tasks, from 1")
    given = arguments.parse_args()
    tasks = [TASKS[number - 1] for number in given.tasks] if given.tasks else list(TASKS)
    scores = pd.DataFrame(list(run(tasks, given.data, given.splits)))
    for task in tasks:
        here = scores[scores["task"] == task.name]
        print(f"\n{task.name}: mean over {given.splits} splits ± standard error")
        columns = [name for name in ("error", "log score", "coverage", "s") if name in here]
        print(here.groupby("method", sort=False)[columns].agg(mean_and_standard_error).to_string())
        wide = here.pivot(index="split", columns="method", values="error")
        for other in ("hokan, linear", "trees"):
            change = wide["hokan, by evidence"] - wide[other]
            print(f"error by evidence less {other}: {mean_and_standard_error(change)}")


if __name__ == "__main__":
    main()
