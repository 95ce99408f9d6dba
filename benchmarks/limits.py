"""Values of which only a limit is known: used as limits, dropped, or taken at face value.

Run from the root of the repository, with hokan[datasets] installed:

    python benchmarks/limits.py --data FOLDER

Two tables in which an instrument is said to end somewhere. Melting points of the CRC table, 100
known and 300 hidden: of those above 1500 K only "> 1500" is known. Thermal conductivities of
elastic_debye.csv, 100 known and 200 hidden: of those below 2 W/mK only "< 2". Materials are
described by composition alone, or, with --all-columns, by the other columns too. hokan is fitted
four times to the same rows: with limits as limits, with cells emptied where only a limit is known,
with the limit taken for the value, and with all values known (what could be reached); on a
logarithmic scale each time. The error is the mean of |ln predicted - ln true| over the hidden
cells, and over those beyond the limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from _splits import mean_and_standard_error, parser, print_per_split, say
from elastic import read_elastic
from hokan.datasets import load_inorganics
from hokan.evaluation import split_rows
from hokan.evaluation.comparison import without_unlearnable_properties
from hokan.graph import PropertyGraph
from hokan.model import HierarchyModel, ModelOptions, in_columns
from hokan.table import PropertyTable

MELTING, CONDUCTIVITY = "melting_point_K", "thermal_conductivity_300K_W_mK"
#: Property, limit, whether it is an upper one of what the instrument can tell, rows hidden.
CASES = {
    "melting points above 1500 K": (MELTING, 1500.0, "above", 300),
    "thermal conductivities below 2 W/mK": (CONDUCTIVITY, 2.0, "below", 200),
}
WAYS = ("as limits", "dropped", "at face value", "all known")


def frame_of(name: str, folder: Path) -> pd.DataFrame:
    return load_inorganics() if name == MELTING else read_elastic(folder)


def seen(
    frame: pd.DataFrame, name: str, limited: np.ndarray, limit: float, way: str
) -> PropertyTable:
    """Return the table as one sees it who treats limits in some way."""
    values = frame[name].to_numpy(dtype=float).copy()
    shown = frame.copy()
    if way == "as limits":
        sign = ">" if values[limited].min(initial=np.inf) >= limit else "<"
        texts = np.array(["" if np.isnan(v) else repr(float(v)) for v in values], dtype=object)
        texts[limited] = f"{sign} {limit:g}"
        shown[name] = texts
        shown[name] = shown[name].replace("", None)
    elif way != "all known":
        values[limited] = np.nan if way == "dropped" else limit
        shown[name] = values
    return PropertyTable.from_frame(shown)


def runs(case: str, split: int, folder: Path, *, all_columns: bool) -> Iterator[dict[str, object]]:
    name, limit, side, n_hidden = CASES[case]
    frame = frame_of(name, folder)
    if not all_columns:
        frame = frame[["formula", name]]
    table = PropertyTable.from_frame(frame)
    known, hidden = split_rows(table, name, 100, n_hidden, split)
    rows = np.sort(np.concatenate([known, hidden]))
    kept = without_unlearnable_properties(table.select(rows), keep=name)
    dropped = set(table.property_names) - set(kept.property_names)
    part = frame.iloc[rows].drop(columns=list(dropped)).reset_index(drop=True)
    is_hidden = np.isin(rows, hidden)
    truth = part[name].to_numpy(dtype=float).copy()
    beyond = truth > limit if side == "above" else truth < limit
    part.loc[is_hidden, name] = np.nan
    limited = beyond & ~is_hidden
    for way in WAYS:
        given = seen(part, name, limited, limit, way)
        graph = PropertyGraph.learned(given.property_names, given.observed.sum(axis=0))
        # One scale in all ways: face values would lead to others.
        logarithmic = [
            replace(p, transform="log") if p.name == name else p for p in graph.properties
        ]
        model = HierarchyModel.from_table(
            given, PropertyGraph(tuple(logarithmic)), ModelOptions(random_state=split)
        )
        found = in_columns(model.fill(0.9), model.graph.names, given.property_names)
        column = given.property_names.index(name)
        errors = np.abs(np.log(found.median[:, column] / truth))
        inside = (found.lower[:, column] <= truth) & (truth <= found.upper[:, column])
        yield {
            "method": way,
            "split": split,
            "error": errors[is_hidden].mean(),
            "beyond": errors[is_hidden & beyond].mean(),
            "coverage": inside[is_hidden].mean(),
            "limited": int(limited.sum()),
        }


def main() -> None:
    arguments = parser(__doc__, data=True)
    arguments.add_argument("--splits", type=int, default=5)
    arguments.add_argument("--cases", nargs="+", default=list(CASES), choices=CASES)
    arguments.add_argument("--all-columns", action="store_true")
    options = arguments.parse_args()
    for case in options.cases:
        parts = []
        for split in range(options.splits):
            say(f"{case}, split {split}")
            for run in runs(case, split, options.data, all_columns=options.all_columns):
                say(f"  {run}")
                parts.append(run)
        scores = pd.DataFrame(parts)
        print(f"\n{case} ({scores['limited'].mean():.0f} of 100 known ones): error of each split")
        print_per_split(scores, "error")
        summary = scores.groupby("method", sort=False).agg(
            error=("error", mean_and_standard_error),
            beyond_the_limit=("beyond", mean_and_standard_error),
            coverage=("coverage", mean_and_standard_error),
        )
        print("\nmean over splits ± standard error")
        print(summary.to_string())
        wide = scores.pivot(index="split", columns="method", values="error")
        for way in ("dropped", "at face value"):
            difference = mean_and_standard_error(wide["as limits"] - wide[way])
            print(f"as limits minus {way}, paired by split: {difference}")


if __name__ == "__main__":
    main()
