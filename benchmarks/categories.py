"""Categories: probabilities of levels beside calibrated trees, and what a category is worth.

Run from the root of the repository:

    python benchmarks/categories.py --data FOLDER

**Labels.** Materials of band_gap_functionals.csv are metals or insulators by their PBE gap (0 or
not), or metals, semiconductors (gap below 1.5 eV) and insulators. Of --known of them the label is
given, of 400 it is hidden; compositions are all that is known besides. hokan predicts the hidden
labels as probabilities, and so does CalibratedClassifierCV(ExtraTreesClassifier) of scikit-learn,
with either of its calibrations, from the same statistics and element fractions. The log loss is the
mean of -ln(probability of the true level).

**Properties.** What does it help to know, for half of the rows, whether a material is a metal? HSE
gaps: 100 known, 300 hidden. Elastic table, joined with the labels by composition: thermal
conductivity known in 100 of 350 rows, Debye temperature and bulk modulus in 60 %. hokan is fitted
without the category, with it as a parent of every property, and with it as a child of all. Errors
are mean absolute ones of hidden cells: in eV, or of the logarithm in the elastic table; the log
loss is that of the hidden labels.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import ExtraTreesClassifier

from _splits import mean_and_standard_error, parser, print_per_split, say
from elastic import read_elastic
from hokan.descriptors import composition_statistics, element_fractions, reduced_formula_key
from hokan.graph import Property, PropertyGraph
from hokan.model import HierarchyModel, ModelOptions, in_columns
from hokan.table import PropertyTable

KIND = "kind"
GAP, LABELLING_GAP = "gap_hse_eV", "gap_pbe_eV"
ELASTIC = ("debye_temperature_K", "bulk_modulus_GPa", "thermal_conductivity_300K_W_mK")
CASES = ("two levels", "three levels")
TABLES = ("HSE gap", "elastic table")
WAYS = ("without", "as a parent", "as a child")
N_HIDDEN = 400


def labels_of(gaps: pd.Series, case: str = "two levels") -> np.ndarray:
    """Return the kind of material by its gap in eV."""
    if case == "two levels":
        return np.where(gaps > 0, "insulator", "metal")
    return np.select([gaps == 0, gaps < 1.5], ["metal", "semiconductor"], "insulator")


def gaps_of(folder: Path) -> pd.DataFrame:
    frame = pd.read_csv(folder / "band_gap_functionals.csv")
    return frame[frame[LABELLING_GAP].notna()].reset_index(drop=True)


def log_loss(probabilities: np.ndarray, truth: np.ndarray, levels: tuple[str, ...]) -> float:
    codes = np.array([levels.index(label) for label in truth])
    chances = probabilities[np.arange(len(codes)), codes]
    return float(-np.log(np.maximum(chances, 1e-12)).mean())


# --- labels ------------------------------------------------------------------------------------


def label_runs(folder: Path, case: str, known: int, split: int) -> Iterator[dict[str, object]]:
    frame = gaps_of(folder).sample(known + N_HIDDEN, random_state=split).reset_index(drop=True)
    truth = labels_of(frame[LABELLING_GAP], case)
    hidden = np.arange(len(frame)) >= known
    formulas = list(frame["formula"])
    start = time.perf_counter()
    shown = pd.DataFrame({"formula": formulas, KIND: np.where(hidden, None, truth)})
    table = PropertyTable.from_frame(
        shown, categories=[KIND], properties=(), allow_empty_properties=True
    )
    levels = table.category_levels[KIND]
    graph = PropertyGraph((Property(KIND, transform="category"),))
    model = HierarchyModel.from_table(table, graph, ModelOptions(random_state=split))
    found = model.fill().categories[KIND][hidden]
    best = np.array(levels)[found.argmax(axis=1)]
    yield {
        "method": "hokan",
        "split": split,
        "log_loss": log_loss(found, truth[hidden], levels),
        "correct": (best == truth[hidden]).mean(),
        "seconds": time.perf_counter() - start,
    }
    described = np.hstack([composition_statistics(formulas), element_fractions(formulas)])
    for calibration in ("sigmoid", "isotonic"):
        start = time.perf_counter()
        trees = ExtraTreesClassifier(300, random_state=split)
        judge = CalibratedClassifierCV(trees, method=calibration, cv=5)
        judge.fit(described[~hidden], truth[~hidden])
        chances = judge.predict_proba(described[hidden])
        yield {
            "method": f"trees, {calibration}",
            "split": split,
            "log_loss": log_loss(chances, truth[hidden], tuple(judge.classes_)),
            "correct": (judge.classes_[chances.argmax(axis=1)] == truth[hidden]).mean(),
            "seconds": time.perf_counter() - start,
        }


# --- properties --------------------------------------------------------------------------------


def gap_table(folder: Path, split: int) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    """Return a table with holes, the labels of its rows, and the hidden values."""
    frame = gaps_of(folder)
    frame = frame[frame[GAP].notna()].sample(400, random_state=split).reset_index(drop=True)
    shown = frame[["formula", GAP]].copy()
    shown.loc[100:, GAP] = np.nan
    return shown, labels_of(frame[LABELLING_GAP]), frame[[GAP]].where(shown[[GAP]].isna())


def elastic_table(folder: Path, split: int) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    frame = read_elastic(folder)
    gaps = gaps_of(folder)
    keys = [reduced_formula_key(formula) for formula in gaps["formula"]]
    gap_of = dict(zip(keys, gaps[LABELLING_GAP], strict=True))
    found = pd.Series([gap_of.get(reduced_formula_key(f), np.nan) for f in frame["formula"]])
    chosen = found[found.notna()].sample(350, random_state=split).index
    frame, found = frame.loc[chosen].reset_index(drop=True), found[chosen].reset_index(drop=True)
    random_state = np.random.default_rng(split)
    shown = frame[["formula", *ELASTIC]].copy()
    for name in ELASTIC[:2]:
        shown.loc[random_state.random(len(shown)) > 0.6, name] = np.nan
    shown.loc[100:, ELASTIC[2]] = np.nan
    return shown, labels_of(found), frame[list(ELASTIC)].where(shown[list(ELASTIC)].isna())


def graph_of(table: PropertyTable, way: str) -> PropertyGraph:
    graph = PropertyGraph.learned(table.property_names, table.observed.sum(axis=0))
    if GAP not in table.property_names:  # one scale in all ways
        graph = PropertyGraph(tuple(replace(member, transform="log") for member in graph))
    if way == "without":
        return graph
    if way == "as a child":
        kind = Property(KIND, transform="category", parents=graph.names)
        return PropertyGraph((*graph.properties, kind))
    kind = Property(KIND, transform="category")
    members = [replace(member, parents=(KIND, *member.parents)) for member in graph]
    return PropertyGraph((kind, *members))


def property_runs(folder: Path, which: str, split: int) -> Iterator[dict[str, object]]:
    make = gap_table if which == "HSE gap" else elastic_table
    shown, truth, hidden_values = make(folder, split)
    unlabelled = np.random.default_rng([split, 1]).random(len(shown)) < 0.5
    shown = shown.assign(**{KIND: np.where(unlabelled, None, truth)})
    table = PropertyTable.from_frame(shown, categories=[KIND])
    for way in WAYS:
        start = time.perf_counter()
        graph = graph_of(table, way)
        model = HierarchyModel.from_table(table, graph, ModelOptions(random_state=split))
        filled = model.fill(0.9)
        found = in_columns(filled, model.graph.names, table.property_names)
        result: dict[str, object] = {"method": way, "split": split}
        for j, name in enumerate(table.property_names):
            true = hidden_values[name].to_numpy(dtype=float)
            here = np.isfinite(true)
            scale = (lambda values: values) if name == GAP else np.log
            error = np.abs(scale(found.median[here, j]) - scale(true[here]))
            result[name] = error.mean()
            result[f"{name}, unlabelled"] = error[unlabelled[here]].mean()
            inside = (found.lower[here, j] <= true[here]) & (true[here] <= found.upper[here, j])
            result[f"{name}, coverage"] = inside.mean()
        if way != "without":
            levels = table.category_levels[KIND]
            chances = filled.categories[KIND][unlabelled]
            result["log loss"] = log_loss(chances, truth[unlabelled], levels)
        yield result | {"seconds": time.perf_counter() - start}


def main() -> None:
    arguments = parser(__doc__, data=True)
    arguments.add_argument("--splits", type=int, default=5)
    arguments.add_argument("--known", type=int, nargs="+", default=[100, 300])
    arguments.add_argument("--cases", nargs="*", default=list(CASES), choices=CASES)
    arguments.add_argument("--tables", nargs="*", default=list(TABLES), choices=TABLES)
    options = arguments.parse_args()
    for case in options.cases:
        for known in options.known:
            parts = []
            for split in range(options.splits):
                say(f"{case}, {known} known, split {split}")
                parts += label_runs(options.data, case, known, split)
            scores = pd.DataFrame(parts)
            print(f"\n{case}, {known} labels known: log loss of each split")
            print_per_split(scores, "log_loss")
            print(summary(scores, ["log_loss", "correct", "seconds"]))
            wide = scores.pivot(index="split", columns="method", values="log_loss")
            for method in wide.columns.drop("hokan"):
                difference = mean_and_standard_error(wide["hokan"] - wide[method])
                print(f"hokan minus {method}, paired by split: {difference}")
    for which in options.tables:
        parts = []
        for split in range(options.splits):
            say(f"{which}, split {split}")
            for run in property_runs(options.data, which, split):
                say(f"  {run}")
                parts.append(run)
        scores = pd.DataFrame(parts)
        values = [name for name in scores.columns if name not in ("method", "split")]
        print(f"\n{which}: mean over splits ± standard error")
        print(summary(scores, values))
        for name in values:
            if "coverage" in name or name in ("log loss", "seconds"):
                continue
            wide = scores.pivot(index="split", columns="method", values=name)
            for way in WAYS[1:]:
                difference = mean_and_standard_error(wide[way] - wide["without"])
                print(f"{name}: {way} minus without, paired by split: {difference}")


def summary(scores: pd.DataFrame, values: list[str]) -> str:
    grouped = scores.groupby("method", sort=False)
    return str(grouped[values].agg(mean_and_standard_error).T.to_string())


if __name__ == "__main__":
    main()
