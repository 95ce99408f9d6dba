"""Melting points of inorganic compounds, 100 known and 300 hidden, other columns as they are.

Run from the root of the repository, with hokan[datasets] installed:

    python benchmarks/inorganics.py

Each split draws 400 rows with a known melting point from the CRC table (load_inorganics), no
composition on both sides, hides 300 melting points and lets each method find them again from the
rest of those 400 rows: the 100 melting points, compositions, and whatever is known of boiling
point, density, molar volume, heat of fusion, formation enthalpy, entropy and heat capacity. All
methods see the same cells, and model positive properties on a logarithmic scale; hokan chooses
its scales by itself.
"""

from __future__ import annotations

import pandas as pd

from _outside import add_methods_option, chosen_methods
from _splits import mean_and_standard_error, parser, print_per_split, print_ratios, say
from hokan.datasets import load_inorganics
from hokan.evaluation import compare_on_hidden
from hokan.table import PropertyTable


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--splits", type=int, default=5)
    add_methods_option(arguments)
    arguments.add_argument("--columns", nargs="+", help="properties to use (default: all)")
    options = arguments.parse_args()
    methods = chosen_methods(options.methods)

    table = PropertyTable.from_frame(load_inorganics(), properties=options.columns)
    parts = []
    for split in range(options.splits):
        part = compare_on_hidden(
            table,
            "melting_point_K",
            n_known=100,
            n_hidden=300,
            methods=methods,
            random_state=split,
            progress=lambda name, split=split: say(f"split {split}: {name}"),
        )
        parts.append(part.assign(split=split))
    scores = pd.concat(parts, ignore_index=True)

    print("mean |ln(predicted / true)| of each split")
    print_per_split(scores, "error_log")
    print("\ncoverage of 90 % intervals in each split")
    print_per_split(scores, "coverage")
    print("\nmean over splits ± standard error")
    summary = scores.groupby("method", sort=False).agg(
        error_log=("error_log", mean_and_standard_error),
        error_K=("error", lambda values: f"{values.mean():.0f}"),
        coverage=("coverage", mean_and_standard_error),
        width_K=("width", lambda values: f"{values.mean():.0f}"),
        seconds=("seconds", lambda values: f"{values.mean():.1f}"),
    )
    print(summary.to_string())
    print_ratios(scores, "error_log")


if __name__ == "__main__":
    main()
