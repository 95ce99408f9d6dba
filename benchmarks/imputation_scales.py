"""Whether filling on a logarithmic scale wins only because errors are counted on one.

Run from the root of the repository:

    python benchmarks/elastic_table.py --data FOLDER --output elastic.csv
    python benchmarks/imputation_scales.py elastic.csv

The tables with 30 % of holes at random (MCAR) are those of hokan study missingness, of elastic.csv
with five properties and of the embedded inorganic compounds. Each is filled on logarithmic and on
raw scales, and the medians of the imputed values are judged on both: mean absolute error over
hidden cells, in standard deviations of each property, of its logarithm or of itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from _splits import mean_and_standard_error, parser, say
from hokan.cli.imputation_study import read_studied
from hokan.cli.study_missingness import USUAL_ROWS
from hokan.evaluation.imputation_studies.design import SCALES, Part
from hokan.evaluation.imputation_studies.drawing import FloatArray, StudiedTable, seed_of_method
from hokan.evaluation.imputation_studies.methods import IMPUTATION_METHODS, QUICK_METHODS

ELASTIC = [
    "debye_temperature_K",
    "bulk_modulus_GPa",
    "shear_modulus_GPa",
    "thermal_expansion_300K_1_K",
    "thermal_conductivity_300K_W_mK",
]
SEED, SHARE, N_IMPUTATIONS = 0, 0.3, 20


def judged(name: str, studied: StudiedTable, repeats: int) -> Iterator[dict[str, object]]:
    """Fill the tables of every repeat with every method, and give the errors."""
    for repeat in range(repeats):
        for method in QUICK_METHODS:
            fill = IMPUTATION_METHODS[method]
            if fill is None:
                continue
            for scale in SCALES:
                part = Part(repeat, "MCAR", SHARE, USUAL_ROWS, studied.n_scored, method, scale)
                holdout = studied.draw(part, SEED, 2.0)
                draws = fill(
                    holdout.table,
                    studied.scale_of(part),
                    n_imputations=N_IMPUTATIONS,
                    random_state=seed_of_method(SEED, part),
                )
                truth = np.where(holdout.hidden, holdout.truth, np.nan)
                yield {
                    "table": name,
                    "method": method,
                    "scale": scale,
                    "log error": _on_logs(studied, truth, draws, holdout.table.values),
                    "raw error": _error(truth, np.median(draws, axis=0), studied.table.values),
                }
        say(f"{name}: repeat {repeat + 1} of {repeats}")


def _on_logs(
    studied: StudiedTable, truth: FloatArray, draws: FloatArray, known: FloatArray
) -> float:
    """Judge as the study does: what no logarithm can be of is the smallest known value."""
    values = studied.standardised(draws)
    smallest = np.nanmin(studied.standardised(known), axis=0)
    median = np.median(np.where(np.isnan(values), smallest, values), axis=0)
    return float(np.nanmean(np.abs(studied.standardised(truth) - median)))


def _error(truth: FloatArray, median: FloatArray, everything: FloatArray) -> float:
    return float(np.nanmean(np.abs(truth - median) / np.nanstd(everything, axis=0)))


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("elastic", type=Path, metavar="elastic.csv")
    arguments.add_argument("--repeats", type=int, default=3)
    options = arguments.parse_args()
    records = []
    for path, wanted in ((options.elastic, ELASTIC), (None, None)):
        table, names = read_studied(path, wanted, None, None)
        studied = StudiedTable.of(table, names, len(names))
        records += list(judged(table.source, studied, options.repeats))
    scores = pd.DataFrame(records)
    keys = ["table", "method", "scale"]
    print(
        "mean over draws ± standard error, in standard deviations of logarithms and of raw values"
    )
    found = scores.groupby(keys, sort=False).agg(mean_and_standard_error)
    print(found.to_string())


if __name__ == "__main__":
    main()
