"""Time of fitting a ladder of four levels: hokan on all of it, SMT's MFK on its nested part.

    python benchmarks/ladder_speed.py [--rows 500] [--composition] [--repeats 3]

Rows know the levels at random: 90, 60, 35 and 20 % of them, from the cheapest to the most trusted,
so that two thirds of the rows of the highest level lack a lower one. MFK needs every row of a level
at all levels below, and gets the rows that have them; hokan gets every value. The properties are
smooth functions of five columns, each linked to the one below, with noise of a tenth; with
--composition the table is band_gap_ladder.csv, hokan reads its formulas, and MFK the Magpie
statistics of these as far as they vary, reduced to ten by principal components (a lengthscale for
each of a hundred would take hours). hokan as by default, fit only; MFK as in the example of its
manual, training only. Set OPENBLAS_NUM_THREADS=1: one thread each.
"""

from __future__ import annotations

import time
import warnings

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from _smt import Level, run_smt
from _splits import parser, say
from hokan import HierarchicalRegressor, PropertyGraph
from hokan.descriptors import composition_statistics

FloatArray = NDArray[np.float64]
LEVELS = ("level_1", "level_2", "level_3", "level_4")
KNOWN = (0.9, 0.6, 0.35, 0.2)
COLUMNS = 5
NOISE = 0.1
COMPONENTS = 10


def smooth_ladder(n_rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return five columns and four levels, all known."""
    points = rng.uniform(-1.0, 1.0, (n_rows, COLUMNS))
    frame = pd.DataFrame(points, columns=[f"x{k + 1}" for k in range(COLUMNS)])
    below = np.zeros(n_rows)
    for name in LEVELS:
        waves = points @ rng.standard_normal((COLUMNS, 12)) + rng.uniform(0.0, 6.3, 12)
        own = np.sin(waves) @ rng.standard_normal(12) / np.sqrt(12.0)
        below = below + 0.5 * own + NOISE * rng.standard_normal(n_rows)
        frame[name] = below
    return frame


def with_holes(frame: pd.DataFrame, levels: tuple[str, ...], rng: np.random.Generator) -> None:
    """Hide values of every level at random, in place."""
    for name, share in zip(levels, KNOWN, strict=True):
        frame.loc[rng.random(len(frame)) > share, name] = np.nan


def nested_part(frame: pd.DataFrame, levels: tuple[str, ...], points: FloatArray) -> list[Level]:
    """Return the values of each level in rows that have all levels below it as well."""
    found = []
    complete = np.ones(len(frame), dtype=bool)
    for name in levels:
        complete &= frame[name].notna().to_numpy()
        found.append((points[complete], frame.loc[complete, name].to_numpy()))
    return found


def principal_components(values: FloatArray) -> FloatArray:
    varying = values[:, values.std(axis=0) > 0]
    standardised = (varying - varying.mean(axis=0)) / varying.std(axis=0)
    left, spread, _ = np.linalg.svd(standardised, full_matrices=False)
    return np.asarray(left[:, :COMPONENTS] * spread[:COMPONENTS])


def main() -> None:
    arguments = parser(__doc__, data=True)
    arguments.add_argument("--rows", type=int, default=500)
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--composition", action="store_true")
    chosen = arguments.parse_args()
    warnings.simplefilter("ignore")
    records = []
    for seed in range(chosen.repeats):
        rng = np.random.default_rng(seed)
        if chosen.composition:
            table = pd.read_csv(chosen.data / "band_gap_ladder.csv")
            levels = tuple(name for name in table if name.startswith("gap_"))[:4]
            n_rows = min(chosen.rows, len(table))
            frame = table.sample(n_rows, random_state=seed).reset_index(drop=True)
            frame = frame[["formula", *levels]]
            points = principal_components(composition_statistics(frame["formula"]))
            columns: list[str] = []
        else:
            levels = LEVELS
            frame = smooth_ladder(chosen.rows, rng)
            with_holes(frame, levels, rng)
            columns = [name for name in frame if name not in levels]
            points = frame[columns].to_numpy()
        nested = nested_part(frame, levels, points)
        model = HierarchicalRegressor(graph=PropertyGraph.ladder(*levels), descriptors=columns)
        start = time.perf_counter(), time.process_time()
        model.fit(frame)
        wall, processor = time.perf_counter() - start[0], time.process_time() - start[1]
        peer = run_smt("smt_mfk.py", nested, points[:10])
        records.append(
            {
                "values, hokan": int(frame[list(levels)].notna().to_numpy().sum()),
                "values, MFK": sum(len(values) for _, values in nested),
                "hokan, s": wall,
                "MFK, s": peer.fit_wall,
                "hokan, processor s": processor,
                "MFK, processor s": peer.fit_processor,
            }
        )
        say(f"seed {seed}: " + ", ".join(f"{k} {v:.4g}" for k, v in records[-1].items()))
    found = pd.DataFrame(records)
    print(found.round(1).to_string())
    ratio = found["hokan, processor s"].sum() / found["MFK, processor s"].sum()
    print(f"\nprocessor time of hokan / MFK: {ratio:.2f}")


if __name__ == "__main__":
    main()
