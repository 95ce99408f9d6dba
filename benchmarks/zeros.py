"""Band gaps with metals: a floor at 0 and any link, against Gaussian models and trees.

Run from the root of the repository:

    python benchmarks/zeros.py --data FOLDER [--splits 5] [--known 100 400] [--methods NAME ...]

Of band_gap_functionals.csv, 1200 materials with an HSE gap, metals included; HSE is known for 100
or 400 of them and hidden for the others, PBE is known for three quarters of all. ``hokan, floor``
is the default with straight links; ``hokan, any link`` chooses links by evidence and samples where
they are not straight; ``Gaussian`` has no floor, its predictions below 0 counted as 0; trees get
PBE as a feature, imputed where it is unknown. Errors are mean absolute errors in eV.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from _splits import parser, print_per_split, print_ratios, print_summary, say
from hokan.evaluation import Holdout, Method, hide_property, peers, score_methods
from hokan.graph import Identity, PropertyGraph
from hokan.model import CellPrediction, HierarchyModel, ModelOptions, in_columns
from hokan.table import PropertyTable

N_ROWS, SHARE_OF_PBE = 1200, 0.75
LEVELS = ("gap_pbe_eV", "gap_hse_eV")


def draw(frame: pd.DataFrame, n_known: int, seed: int) -> Holdout:
    """Draw rows and holes."""
    random_state = np.random.default_rng([seed, n_known])
    rows = random_state.choice(len(frame), N_ROWS, replace=False)
    chosen = frame.iloc[rows][["formula", *LEVELS]].reset_index(drop=True)
    chosen.loc[random_state.random(N_ROWS) > SHARE_OF_PBE, LEVELS[0]] = np.nan
    hidden = np.ones(N_ROWS, dtype=bool)
    hidden[random_state.choice(N_ROWS, n_known, replace=False)] = False
    table = PropertyTable.from_frame(chosen, source="band gaps")
    return hide_property(table, LEVELS[1], hidden)


def by_hokan(
    table: PropertyTable,
    targets: NDArray[np.bool_],
    *,
    floor: str,
    link: str,
    engine: str = "auto",
    random_state: int = 0,
    level: float = 0.9,
) -> CellPrediction:
    """Fill the table with a ladder of two levels."""
    graph = PropertyGraph.ladder(*LEVELS, floor=floor, link=link)
    model = HierarchyModel.from_table(
        table, graph, ModelOptions(engine=engine, random_state=random_state)
    )
    for note in model.notes:
        say(f"      {note}")
    found = in_columns(model.fill(level), model.graph.names, table.property_names)
    if floor != "none":
        return found
    arrays = {name: np.maximum(getattr(found, name), 0.0) for name in ("median", "lower", "upper")}
    return replace(found, **arrays)


def methods() -> dict[str, Method]:
    """Return every method by name."""
    trees = partial(
        peers.extra_trees_on_descriptors_and_properties, transforms=[Identity(), Identity()]
    )
    return {
        "hokan": partial(by_hokan, floor="auto", link="linear"),
        "hokan, any link": partial(by_hokan, floor="auto", link="auto", engine="sampling"),
        "Gaussian": partial(by_hokan, floor="none", link="linear"),
        "trees": trees,
    }


def main() -> None:
    """Print a table for each number of known gaps."""
    arguments = parser(__doc__, data=True)
    arguments.add_argument("--splits", type=int, default=5)
    arguments.add_argument("--first", type=int, default=0, help="number of the first split")
    arguments.add_argument("--known", type=int, nargs="+", default=[100, 400])
    arguments.add_argument("--methods", nargs="+", choices=list(methods()), default=list(methods()))
    given = arguments.parse_args()
    frame = pd.read_csv(
        given.data / "band_gap_functionals.csv", keep_default_na=False, na_values=[""]
    )
    frame = frame[frame[LEVELS[1]].notna()].reset_index(drop=True)
    chosen = {name: method for name, method in methods().items() if name in given.methods}
    for n_known in given.known:
        scores = []
        for seed in range(given.first, given.first + given.splits):
            split = draw(frame, n_known, seed)
            found = score_methods(split, chosen, random_state=seed)
            say(f"{n_known} known, split {seed}\n{found.to_string()}")
            scores.append(found.assign(split=seed))
        every = pd.concat(scores)
        every = every[every["property"] == LEVELS[1]]
        print(f"\nHSE gap, {n_known} of {N_ROWS} known (eV)")
        print_per_split(every, "error")
        print_summary(every)
        print_ratios(every, "error")


if __name__ == "__main__":
    main()
