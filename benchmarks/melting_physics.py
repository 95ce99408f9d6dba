"""Ways to bring several laws of melting together in one prior.

Run from the root of the repository, with hokan[datasets] installed:

    python benchmarks/melting_physics.py --data FOLDER

The study is that of `hokan study physics`, with all relatives but the moduli, which act through the
Debye temperature and cost most of the time. Compared are the same links

- with prior means 0 (free);
- with the mean of four laws (Lindemann, cohesive energy, Richards, boiling point): each law's
  exponents over four, which is what melting_point_graph takes;
- with every law in full, so that together they ask for the fourth power.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from _splits import parser, say
from hokan.datasets.melting_point_graph import COLUMNS, melting_point_graph
from hokan.datasets.melting_points import load_melting_points
from hokan.evaluation.physics import physics_differences, study_physics, summarise_physics
from hokan.graph import PropertyGraph
from hokan.table import PropertyTable

TARGET = COLUMNS["melting_point"]
LEFT_OUT = (COLUMNS["bulk_modulus"], COLUMNS["shear_modulus"])
N_LAWS = 4
FREE, MEAN, FULL = "free links", "mean of laws", "every law in full"
KINDS = {
    "relatives": tuple(
        COLUMNS[role]
        for role in COLUMNS
        if role not in ("molar_mass", "molar_volume", "melting_point")
    )
}


def every_law_in_full(graph: PropertyGraph) -> PropertyGraph:
    """Undo the mean: as many times the exponents as there are laws."""
    return PropertyGraph(
        tuple(
            replace(member, prior=[(parent, N_LAWS * mean) for parent, mean in member.prior])
            if member.name == TARGET
            else member
            for member in graph
        )
    )


def main() -> None:
    arguments = parser(__doc__, data=True)
    arguments.add_argument("--repeats", type=int, default=5)
    arguments.add_argument("--known", type=int, nargs="+", default=[5, 15, 60])
    options = arguments.parse_args()

    elastic = pd.read_csv(options.data / "elastic_debye.csv")
    frame = load_melting_points(elastic)
    columns = ["formula", *(name for name in COLUMNS.values() if name not in LEFT_OUT)]
    rows = frame.loc[frame[TARGET].notna(), columns].reset_index(drop=True)
    mean = melting_point_graph(columns)
    graphs = {
        FREE: melting_point_graph(columns, "free"),
        MEAN: mean,
        FULL: every_law_in_full(mean),
    }
    found = study_physics(
        PropertyTable.from_frame(rows),
        TARGET,
        graphs,
        KINDS,
        options.known,
        n_repeats=options.repeats,
        trees=False,
        progress=lambda done, total: say(f"{done} of {total}"),
    )
    shown = ["n_known", "method", "error", "error_se", "log_score", "coverage", "seconds"]
    summary = summarise_physics(found)
    print("mean |ln(predicted / true)| over all held-out rows, means over draws")
    print(summary.loc[summary["relatives"] == "all", shown].round(3).to_string(index=False))
    for method in (MEAN, FULL):
        differences = physics_differences(found, method, FREE)
        print(f"\n{method} minus {FREE}")
        print(differences[differences["relatives"] == "all"].round(3).to_string(index=False))


if __name__ == "__main__":
    main()
