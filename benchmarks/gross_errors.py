"""Tables in which some values are ten times too large: what they do to predictions of the others.

Run from the root of the repository, with hokan[datasets] installed:

    python benchmarks/gross_errors.py --data FOLDER

Each split hides cells as the benchmark of its table does (melting points of the CRC table, 100
known and 300 hidden; 30 % of the cells of 300 rows of elastic_debye.csv; 30 % of a table drawn from
the model itself), and multiplies 3 % of the known values by ten, whichever property they belong to.
hokan is fitted with gross_errors = "auto" (the default) and "none" (Gaussian errors), to the values
as they are and as they have become. The error is that at the hidden cells, which are all as they
were: the mean of |ln predicted - ln true|, for the last two tables over the standard deviation of
the property's logarithm.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from _splits import mean_and_standard_error, parser, print_per_split, say
from elastic import N_ROWS, SHARE, read_elastic
from hokan.datasets import load_inorganics, make_hierarchy
from hokan.evaluation import Holdout, hide_property, hide_random_cells, split_rows
from hokan.evaluation.comparison import without_unlearnable_properties
from hokan.graph import PropertyGraph
from hokan.model import HierarchyModel, ModelOptions, in_columns
from hokan.table import PropertyTable

CONTAMINATED = 0.03
FACTOR = 10.0
MELTING = "melting_point_K"


@dataclass(frozen=True)
class Problem:
    """A table with hidden cells, and the standard deviation in which errors are told."""

    holdout: Holdout
    unit: np.ndarray


def inorganics(split: int, folder: Path) -> Problem:
    table = PropertyTable.from_frame(load_inorganics())
    known, hidden = split_rows(table, MELTING, 100, 300, split)
    rows = np.sort(np.concatenate([known, hidden]))
    part = without_unlearnable_properties(table.select(rows), keep=MELTING)
    return Problem(hide_property(part, MELTING, np.isin(rows, hidden)), np.ones(part.n_properties))


def elastic(split: int, folder: Path) -> Problem:
    frame = read_elastic(folder)
    rows = np.random.default_rng(split).choice(len(frame), N_ROWS, replace=False)
    table = PropertyTable.from_frame(frame.iloc[np.sort(rows)].reset_index(drop=True))
    unit = np.log(frame.drop(columns="formula")).std()[list(table.property_names)]
    return Problem(hide_random_cells(table, SHARE, random_state=split), unit.to_numpy())


def synthetic(split: int, folder: Path) -> Problem:
    graph = PropertyGraph.ladder("first", "second", "third", transform="log")
    made = make_hierarchy(300, graph, missing=0.0, random_state=split)
    unit = np.log(made.table.values).std(axis=0)
    return Problem(hide_random_cells(made.table, SHARE, random_state=split), unit)


TABLES: dict[str, Callable[[int, Path], Problem]] = {
    "melting points (CRC)": inorganics,
    "elastic and thermal": elastic,
    "drawn from the model": synthetic,
}


def contaminated(table: PropertyTable, split: int) -> tuple[PropertyTable, np.ndarray]:
    """Return a table with some known values multiplied, and which."""
    rows, columns = np.nonzero(table.observed)
    random_state = np.random.default_rng([split, 7])
    n_bad = round(CONTAMINATED * len(rows))
    chosen = random_state.choice(len(rows), n_bad, replace=False)
    values, bad = table.values.copy(), np.zeros(table.values.shape, dtype=bool)
    bad[rows[chosen], columns[chosen]] = True
    values[bad] *= FACTOR
    return table.with_values(values), bad


def graph_of(table: PropertyTable, gross_errors: str) -> PropertyGraph:
    graph = PropertyGraph.learned(table.property_names, table.observed.sum(axis=0))
    return PropertyGraph(tuple(replace(p, gross_errors=gross_errors) for p in graph.properties))


def runs(problem: Problem, split: int, settings: list[str]) -> Iterator[dict[str, object]]:
    holdout = problem.holdout
    spoiled, bad = contaminated(holdout.table, split)
    for values, table in (("as they are", holdout.table), ("3 % times ten", spoiled)):
        for gross_errors in settings:
            start = time.perf_counter()
            model = HierarchyModel.from_table(
                table, graph_of(table, gross_errors), ModelOptions(random_state=split)
            )
            names = table.property_names
            found = in_columns(model.fill(0.9), model.graph.names, names)
            seconds = time.perf_counter() - start
            hidden, truth = holdout.hidden, holdout.truth
            unit = np.broadcast_to(problem.unit, truth.shape)[hidden]
            errors = np.abs(np.log(found.median[hidden] / truth[hidden])) / unit
            inside = (found.lower <= truth) & (truth <= found.upper)
            told = np.zeros(table.values.shape, dtype=bool)
            probability = model.fit.gross_error_probability
            if probability is not None:
                places = [names.index(name) for name in model.graph.names]
                told[:, places] = np.nan_to_num(probability) > 0.5
            yield {
                "values": values,
                "gross_errors": gross_errors,
                "error": errors.mean(),
                "coverage": inside[hidden].mean(),
                "found": told[bad].mean() if values != "as they are" else np.nan,
                "told of others": (told & ~bad).sum() / (table.observed & ~bad).sum()
                if values != "as they are"
                else told.sum() / table.observed.sum(),
                "seconds": seconds,
            }


def print_growth(scores: pd.DataFrame) -> None:
    """Print by how much the error grows with the values that are ten times too large."""
    wide = scores.pivot(index="split", columns=["values", "gross_errors"], values="error")
    clean, spoiled = wide["as they are"], wide["3 % times ten"]
    for gross_errors in spoiled:
        own = 100 * (spoiled[gross_errors].mean() / clean[gross_errors].mean() - 1)
        told = f"with 3 % of values times ten, gross_errors = {gross_errors!r}: error {own:+.1f} %"
        if "none" in clean:
            growth = 100 * (spoiled[gross_errors] / clean["none"] - 1)
            told += f"; beside Gaussian errors on clean values {mean_and_standard_error(growth)} %"
        print(told)


def main() -> None:
    arguments = parser(__doc__, data=True)
    arguments.add_argument("--splits", type=int, default=5)
    arguments.add_argument("--first", type=int, default=0)
    arguments.add_argument("--tables", nargs="+", default=list(TABLES), choices=TABLES)
    arguments.add_argument("--settings", nargs="+", default=["auto", "none"])
    options = arguments.parse_args()
    for name in options.tables:
        parts = []
        for split in range(options.first, options.first + options.splits):
            say(f"{name}, split {split}")
            for run in runs(TABLES[name](split, options.data), split, options.settings):
                say(f"  {run}")
                parts.append(pd.DataFrame([run]).assign(split=split))
        scores = pd.concat(parts, ignore_index=True)
        print(f"\n{name}: error of each split")
        labelled = scores.assign(method=scores["values"] + ", " + scores["gross_errors"])
        print_per_split(labelled, "error")
        summary = scores.groupby(["values", "gross_errors"], sort=False).agg(
            error=("error", mean_and_standard_error),
            coverage=("coverage", mean_and_standard_error),
            found=("found", mean_and_standard_error),
            told_of_others=("told of others", mean_and_standard_error),
            seconds=("seconds", lambda values: f"{values.mean():.1f}"),
        )
        print(summary.to_string())
        print_growth(scores)


if __name__ == "__main__":
    main()
