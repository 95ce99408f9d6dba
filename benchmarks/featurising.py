"""How many distinct compositions a second become descriptors, on one core.

Run from the root of the repository, with hokan installed (and matminer, for the comparison):

    python benchmarks/featurising.py
    python benchmarks/featurising.py --formulas table.csv    # its column "formula" instead

The work is Magpie statistics (132) and element fractions of formulas given as text; reading the
text is part of it, and is done anew for each of the two. No formula occurs twice, and nothing is
remembered between runs. The random formulas are plain (70 %), with decimals (10 %), with
brackets (15 %) and hydrates (5 %). hokan uses one core here, having no parallel code to use more.
matminer does the same work, reading included, on a sample of the same formulas, in the same process
and without parallel workers.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from hokan.descriptors import ELEMENT_SYMBOLS, composition_statistics, element_fractions

REPETITIONS = 5


def random_formulas(n: int, seed: int) -> list[str]:
    """Return n distinct formulas of 1 to 6 elements up to Z = 103."""
    rng = np.random.default_rng(seed)
    formulas: dict[str, None] = {}
    while len(formulas) < n:
        size = rng.choice([1, 2, 3, 4, 5, 6], p=[0.02, 0.18, 0.4, 0.25, 0.1, 0.05])
        symbols = rng.choice(ELEMENT_SYMBOLS[:103], size=size, replace=False)
        amounts = rng.integers(1, 13, size=size)
        kind = rng.choice(4, p=[0.7, 0.1, 0.15, 0.05])
        parts = [
            f"{symbol}{amount if kind != 1 else amount / 20}" if amount > 1 else str(symbol)
            for symbol, amount in zip(symbols, amounts, strict=True)
        ]
        if kind == 2:
            parts[-1] = f"({parts[-1]}O4){rng.integers(2, 9)}"
        elif kind == 3:
            parts.append(f"·{rng.integers(2, 13)}H2O")
        formulas["".join(parts)] = None
    return list(formulas)


def hokan_descriptors(formulas: Sequence[str]) -> np.ndarray:
    return np.hstack([composition_statistics(formulas), element_fractions(formulas)])


def matminer_descriptors() -> Callable[[Sequence[str]], np.ndarray] | None:
    """Return matminer's way from text to the same descriptors, or None where it is missing."""
    try:
        from matminer.featurizers.composition import ElementFraction, ElementProperty
        from pymatgen.core import Composition
    except ImportError:
        return None
    statistics, fractions = ElementProperty.from_preset("magpie"), ElementFraction()

    def describe(formulas: Sequence[str]) -> np.ndarray:
        compositions = [Composition(text) for text in formulas]
        return np.array([statistics.featurize(c) + fractions.featurize(c) for c in compositions])

    return describe


def rows_per_second(
    function: Callable[[Sequence[str]], np.ndarray], formulas: Sequence[str]
) -> float:
    """Return the best of several runs: the one least disturbed by whatever else is running."""
    times = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        function(formulas)
        times.append(time.perf_counter() - start)
    return len(formulas) / min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description="Speed of composition descriptors on one core.")
    parser.add_argument("--rows", type=int, default=50_000, help="random formulas to describe")
    parser.add_argument("--matminer-rows", type=int, default=500, help="sample for matminer")
    parser.add_argument("--formulas", help="CSV file with a column 'formula', instead of random")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    if options.formulas:
        column = pd.read_csv(options.formulas, keep_default_na=False, dtype=str)["formula"]
        formulas = list(dict.fromkeys(column))
    else:
        formulas = random_formulas(options.rows, options.seed)

    hokan_descriptors(formulas[:100])  # loads the table of elements
    ours = rows_per_second(hokan_descriptors, formulas)
    print(f"hokan     {ours:10,.0f} distinct compositions/s  ({len(formulas)} of them)")

    warnings.simplefilter("ignore")  # matminer's and pymatgen's own
    matminer = matminer_descriptors()
    if matminer is None:
        print("matminer  not installed: pip install matminer")
        return
    # Hydrates aside: pymatgen does not read the number before H2O.
    readable = [text for text in formulas if "·" not in text]
    picked = np.random.default_rng(options.seed).permutation(len(readable))
    sample = [readable[k] for k in picked[: options.matminer_rows]]
    matminer(sample[:10])
    theirs = rows_per_second(matminer, sample)
    difference = np.abs(composition_statistics(sample) - matminer(sample)[:, :132]).max()
    print(f"matminer  {theirs:10,.0f} distinct compositions/s  ({len(sample)} of them)")
    print(f"ratio     {ours / theirs:10,.0f}")
    print(f"largest difference of a statistic: {difference:.1e}")


if __name__ == "__main__":
    main()
