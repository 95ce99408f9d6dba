"""Band gaps at several fidelities: the hybrid gap from PBE, the measured gap from the ladder.

Run from the root of the repository:

    python benchmarks/ladder.py --data FOLDER

Rows of band_gap_ladder.csv; what is known and held out is in _ladder.py. Figure 6: hybrid gap known
for 30 and for 80 rows, PBE for three quarters of all rows and for half of the 200 held-out ones.
Figure 7: experiment known for 30 rows, PBE for 80 %, HSE06 for 40 %, G0W0 as it comes. Errors are
mean absolute errors in eV. ``--first 100`` starts at splits that no choice was made on.

Hokan is given the ladder; the other methods see the same columns, on their raw scale (the zeros
forbid a logarithm).
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from _ladder import LadderSplit, hybrid_gap, measured_gap, read_ladder
from _outside import add_methods_option, chosen_methods
from _splits import parser, print_per_split, print_ratios, print_summary, say
from hokan.evaluation import Method, score_methods
from hokan.graph import Identity, PropertyGraph
from hokan.model import CellPrediction, HierarchyModel, ModelOptions, in_columns
from hokan.table import PropertyTable

FIGURES = {
    "6, 30 known": hybrid_gap(30),
    "6, 80 known": hybrid_gap(80),
    "7, 30 known": measured_gap(),
}


def ladder_model(
    table: PropertyTable,
    targets: NDArray[np.bool_],
    *,
    levels: tuple[str, ...],
    random_state: int = 0,
    level: float = 0.9,
) -> CellPrediction:
    """Fill a table with hokan, each level linked to all below it."""
    model = HierarchyModel.from_table(
        table,
        PropertyGraph.ladder(*levels, all_below=True),
        replace(ModelOptions(), random_state=random_state),
    )
    return in_columns(model.fill(level), model.graph.names, table.property_names)


def score(
    split: LadderSplit, frame: pd.DataFrame, methods: dict[str, Method], seed: int, name: str
) -> pd.DataFrame:
    """Score every method on one draw of rows and holes."""
    levels = (*split.shares, split.top)
    plain = [Identity()] * len(levels)
    given = {key: partial(method, transforms=plain) for key, method in methods.items()}
    if "hokan" in given:
        given["hokan"] = partial(ladder_model, levels=levels)
    found = score_methods(
        split.draw(frame, seed),
        given,
        random_state=seed,
        progress=lambda method: say(f"figure {name}, split {seed}: {method}"),
    )
    return found.assign(split=seed)


def main() -> None:
    arguments = parser(__doc__, data=True)
    arguments.add_argument("--splits", type=int, default=5)
    arguments.add_argument("--first", type=int, default=0, help="number of the first split")
    arguments.add_argument("--figures", nargs="+", choices=[*FIGURES], default=[*FIGURES])
    add_methods_option(arguments)
    options = arguments.parse_args()
    methods = chosen_methods(options.methods)
    frame = read_ladder(options.data)
    for name in options.figures:
        seeds = range(options.first, options.first + options.splits)
        scores = pd.concat(
            [score(FIGURES[name], frame, methods, seed, name) for seed in seeds], ignore_index=True
        )
        print(f"\nfigure {name}: mean absolute error (eV) of each split")
        print_per_split(scores, "error")
        print_summary(scores)
        print_ratios(scores, "error")


if __name__ == "__main__":
    main()
