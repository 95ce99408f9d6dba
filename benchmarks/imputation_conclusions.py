"""Print the tables of docs/studies/multiple-imputation.md from the folders of two studies.

Run after the commands on that page:

    python benchmarks/imputation_conclusions.py missingness inorganics

Left out are monotone holes in 50 % of cells, where a property keeps as few as two values. Standard
errors are over draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from _splits import mean_and_standard_error, parser

FILLING_MORE_THAN_MEANS = ("iterative imputer", "chained linear", "chained matching", "hokan")
FACTORS = ("method", "mechanism", "table", "share", "scale")


def read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the scores and the estimates of one study."""
    frames = []
    for name in ("missingness.csv", "missingness_estimates.csv"):
        frame = pd.read_csv(folder / name)
        extreme = (frame["mechanism"] == "monotone") & (frame["share"] > 0.4)
        frames.append(frame[~extreme].assign(table=folder.name))
    return frames[0], frames[1]


def over_draws(frame: pd.DataFrame, by: Sequence[str], score: str, columns: str) -> pd.DataFrame:
    """Return means over draws with their standard errors; parts of one draw are averaged first."""
    means = frame.groupby([*by, columns, "repeat"], sort=False)[score].mean().reset_index()
    told = means.groupby([*by, columns], sort=False)[score].agg(mean_and_standard_error)
    return told.unstack(columns)


def differences(scores: pd.DataFrame, column: str, reference: str) -> pd.DataFrame:
    """Return by how much errors differ from those at one value of a column, in the same draws."""
    rest = ["table", "method", "scale", "mechanism", "share"]
    rest.remove(column)
    wide = scores.pivot_table(index=[*rest, "repeat"], columns=column, values="error")
    others = wide.drop(columns=reference).sub(wide[reference], axis=0)
    long = others.stack().rename("error").reset_index()
    by = ["table", "method"] + (["scale"] if column != "scale" else [])
    return over_draws(long, by, "error", column)


def shares_of_variance(scores: pd.DataFrame) -> dict[str, float]:
    """Return which part of the variance of the logarithm of errors goes with each factor alone."""
    logs = np.log(scores["error"])
    whole = ((logs - logs.mean()) ** 2).sum()
    found = {}
    for factor in FACTORS:
        means = logs.groupby(scores[factor]).transform("mean")
        found[factor] = float(((means - logs.mean()) ** 2).sum() / whole)
    return found


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    studies = [read(folder) for folder in arguments.parse_args().folders]
    scores = pd.concat([found for found, _ in studies])
    scores = scores[scores["error"].notna()]
    estimates = pd.concat([found for _, found in studies])
    low = scores[scores["share"] < 0.4]
    logs = low[low["scale"] == "log"]
    print("\nErrors by mechanism, 10 and 30 %, logarithmic scale")
    print(over_draws(logs, ["table", "method"], "error", "mechanism").to_string())
    print("\nThe same, minus those of MCAR in the same draws")
    print(differences(logs, "mechanism", "MCAR").to_string())
    print("\nCoverage of 90 % intervals of cells, 10 and 30 %, logarithmic scale")
    print(over_draws(logs, ["table", "method"], "coverage", "mechanism").to_string())
    print("\nErrors by share, all mechanisms but monotone, logarithmic scale")
    nested = (scores["mechanism"] == "monotone") | (scores["scale"] == "raw")
    print(over_draws(scores[~nested], ["table", "method"], "error", "share").to_string())
    print("\nErrors on a logarithmic minus those on the raw scale")
    print(differences(scores, "scale", "raw").to_string())
    print("\nParts of the variance of ln(error), 10 and 30 %, without filling of means")
    usual = low[low["method"].isin(FILLING_MORE_THAN_MEANS)]
    for told, part in (
        ("all", usual),
        ("logarithmic scale", usual[usual["scale"] == "log"]),
        ("logarithmic scale, without MNAR", usual.query("scale == 'log' and mechanism != 'MNAR'")),
    ):
        found = shares_of_variance(part)
        print(f"  {told}: {', '.join(f'{name} {value:.2f}' for name, value in found.items())}")
    for kind in ("mean", "coefficient"):
        lines = estimates[estimates["kind"] == kind]
        by = ["table", "method", "scale"]
        bias = lines.groupby([*by, "mechanism", "share", "property"], sort=False)["bias"].mean()
        off = bias.abs().groupby([*by, "mechanism"], sort=False).mean().unstack()
        print(f"\nBias of each {kind}, in standard errors without holes")
        print(off.round(2).to_string())
        held = lines.groupby([*by, "mechanism"], sort=False)["covered"].mean().unstack()
        width = lines.groupby(by, sort=False)["width"].median()
        print(f"\n95 % intervals of each {kind} that hold the value of the whole table")
        print(held.round(2).assign(median_width=width.round(2)).to_string())


if __name__ == "__main__":
    main()
