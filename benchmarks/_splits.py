"""What the benchmarks share: running methods over several splits, and telling how it went."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

DATA_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"


def say(text: str) -> None:
    """Report progress, apart from the results on standard output."""
    print(text, file=sys.stderr, flush=True)


def parser(description: str | None, *, data: bool = False) -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(description=(description or "").split("\n", 1)[0])
    if data:
        result.add_argument(
            "--data",
            type=Path,
            default=DATA_FOLDER,
            metavar="FOLDER",
            help="folder of the tables elastic_debye.csv, band_gap_ladder.csv and "
            "band_gap_functionals.csv (default: ../shared/data beside the repository)",
        )
    return result


def mean_and_standard_error(values: pd.Series) -> str:
    """Write a mean over splits and its standard error; nothing where there is no value."""
    known = values.dropna()
    if known.empty:
        return ""
    if len(known) == 1:
        return f"{known.iloc[0]:.3f}"
    return f"{known.mean():.3f} ± {known.std(ddof=1) / np.sqrt(len(known)):.3f}"


def print_per_split(scores: pd.DataFrame, value: str, decimals: int = 3) -> None:
    """Print one line per method and one column per split."""
    wide = scores.pivot(index="method", columns="split", values=value)
    print(wide.loc[list(dict.fromkeys(scores["method"]))].round(decimals).to_string())


def print_summary(scores: pd.DataFrame) -> None:
    """Print error, coverage and time of each method, means over splits with standard errors."""
    print("\nmean over splits ± standard error")
    summary = scores.groupby("method", sort=False).agg(
        error=("error", mean_and_standard_error),
        coverage=("coverage", mean_and_standard_error),
        seconds=("seconds", lambda values: f"{values.mean():.1f}"),
    )
    print(summary.to_string())


def print_ratios(scores: pd.DataFrame, value: str) -> None:
    """Print hokan's mean error over that of each other method."""
    errors = scores.groupby("method", sort=False)[value].mean()
    others = errors.drop("hokan", errors="ignore")
    if "hokan" in errors and len(others):
        print("\nerror of hokan / error of")
        for name, error in others.sort_values().items():
            print(f"  {name:45s}{errors['hokan'] / error:.3f}")
