"""Figure 8: the joint model beside cokriging on the largest nested part of a table.

Both are the same chain of linear links with discrepancy processes, learned in the same way;
cokriging sees only values that are nested, the joint model sees all. Held-out values at the top are
predicted on the same rows in the same draws, and their errors are compared draw by draw.

    python benchmarks/cokriging.py [--data FOLDER] [--repeats 5] [--jobs 2] [--tables NAME ...]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from _splits import mean_and_standard_error, parser, say
from hokan.datasets import load_formation_enthalpies, make_hierarchy
from hokan.datasets.formation_enthalpies import LEVELS as ENTHALPIES
from hokan.evaluation import FIDELITY_METHODS, paired_differences, study_fidelities
from hokan.evaluation.fidelity_methods import COKRIGING, JOINT, TWO_STAGE
from hokan.graph import PropertyGraph
from hokan.table import PropertyTable

METHODS = {name: FIDELITY_METHODS[name] for name in (TWO_STAGE, COKRIGING, JOINT)}
PBE, HSE, EXPT = "gap_pbe_eV", "gap_hse06_eV", "gap_expt_eV"
TWO_THIRDS = 2 / 3


@dataclass(frozen=True)
class Case:
    """A table, its levels from the cheapest, and which holes are made in it."""

    table: Callable[[Path], PropertyTable]
    levels: tuple[str, ...]
    shares: dict[str, float] = field(default_factory=dict)
    n_known: tuple[int, ...] = (30, 80)
    n_hidden: int = 100
    most_rows: int = 400


def enthalpies(_: Path) -> PropertyTable:
    frame = load_formation_enthalpies()
    frame = frame[frame[ENTHALPIES[0]].notna()].reset_index(drop=True)
    return PropertyTable.from_frame(frame, source="formation enthalpies")


def ladder(folder: Path) -> PropertyTable:
    frame = _read(folder / "band_gap_ladder.csv")
    return PropertyTable.from_frame(frame[["formula", PBE, HSE, EXPT]], source="ladder")


def functionals(folder: Path) -> PropertyTable:
    """Draw 600 materials with both gaps."""
    frame = _read(folder / "band_gap_functionals.csv")
    pbe, hse = "gap_pbe_eV", "gap_hse_eV"
    frame = frame.loc[frame[[pbe, hse]].notna().all(axis=1), ["formula", pbe, hse]]
    frame = frame.sample(600, random_state=0).rename(columns={pbe: PBE, hse: HSE})
    return PropertyTable.from_frame(frame.reset_index(drop=True), source="functionals")


def synthetic(_: Path) -> PropertyTable:
    """Draw a chain with known links, complete: what is left after hiding the top is nested."""
    chain = PropertyGraph.ladder("low", "middle", "high", transform="identity")
    return make_hierarchy(300, chain, missing=0.0, random_state=0).table


CASES = {
    "enthalpies, nested": Case(enthalpies, ENTHALPIES),
    "enthalpies, GGA for 2/3": Case(enthalpies, ENTHALPIES, {ENTHALPIES[0]: TWO_THIRDS}),
    "ladder PBE-expt, nested": Case(ladder, (PBE, EXPT)),
    "ladder PBE-expt, PBE for 2/3": Case(ladder, (PBE, EXPT), {PBE: TWO_THIRDS}),
    "ladder PBE-HSE, PBE for 2/3": Case(ladder, (PBE, HSE), {PBE: TWO_THIRDS}),
    "ladder PBE-HSE-expt, nested": Case(ladder, (PBE, HSE, EXPT)),
    "ladder PBE-HSE-expt, PBE for 2/3": Case(ladder, (PBE, HSE, EXPT), {PBE: TWO_THIRDS}),
    "ladder PBE-HSE-expt, HSE for 2/3": Case(ladder, (PBE, HSE, EXPT), {HSE: TWO_THIRDS}),
    "ladder PBE-HSE-expt, PBE 80 %, HSE 40 %": Case(ladder, (PBE, HSE, EXPT), {PBE: 0.8, HSE: 0.4}),
    "functionals PBE-HSE, nested": Case(functionals, (PBE, HSE), most_rows=200),
    "functionals PBE-HSE, PBE for 2/3": Case(
        functionals, (PBE, HSE), {PBE: TWO_THIRDS}, most_rows=200
    ),
    "synthetic, nested": Case(synthetic, ("low", "middle", "high")),
    "synthetic, low for 2/3": Case(synthetic, ("low", "middle", "high"), {"low": TWO_THIRDS}),
}


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def main() -> None:
    arguments = parser(__doc__, data=True)
    arguments.add_argument("--repeats", type=int, default=5, help="draws of each table")
    arguments.add_argument("--jobs", type=int, default=2, help="processes")
    arguments.add_argument("--seed", type=int, default=100, help="of the draws")
    arguments.add_argument("--tables", nargs="+", choices=list(CASES), default=list(CASES))
    arguments.add_argument("--output", type=Path, help="CSV file for every score of every draw")
    options = arguments.parse_args()
    collected, verdicts = [], []
    for name in options.tables:
        case = CASES[name]
        say(name)
        scores = study_fidelities(
            case.table(options.data),
            case.levels,
            case.n_known,
            n_repeats=options.repeats,
            n_hidden=case.n_hidden,
            shares=case.shares,
            most_rows=case.most_rows,
            methods=METHODS,
            random_state=options.seed,
            n_jobs=options.jobs,
            progress=lambda done, of: say(f"  {done} of {of}"),
        )
        collected.append(scores.assign(table=name))
        verdicts.append(show(name, scores))
    if options.output is not None:
        pd.concat(collected).to_csv(options.output, index=False)
    print("\nJoint model minus autoregressive cokriging, mean over numbers known")
    print(pd.DataFrame(verdicts).to_string(index=False))


def show(name: str, scores: pd.DataFrame) -> dict[str, object]:
    """Print errors and differences of one table, and return one line for the end."""
    print(f"\n{name}")
    for (n_known, method), lines in scores.groupby(["n_known", "method"], sort=False):
        by = dict(list(lines.groupby("lower")))
        told = "   ".join(
            f"{lower} {mean_and_standard_error(by[lower]['error'])}"
            for lower in ("known", "unknown", "all")
        )
        kept = by["all"]["top_used"].mean()
        seconds, cover = by["all"]["seconds"].mean(), by["all"]["coverage"].mean()
        print(
            f"  {n_known:4d} {method:27s}{told}   covers {cover:.2f}   top values used {kept:5.1f}"
            f"   {seconds:.1f} s"
        )
    for other in (COKRIGING, TWO_STAGE):
        for _, line in paired_differences(scores, JOINT, other).iterrows():
            print(
                f"  {line['n_known']:4d} joint - {other:27s}{line['lower']:8s}"
                f"{line['difference']:+.4f} ± {line['standard_error']:.4f}"
            )
    found = paired_differences(scores, JOINT, COKRIGING, by=("lower",)).set_index("lower")
    ours = scores[(scores["method"] == COKRIGING) & (scores["lower"] == "all")]
    mean_error = float(ours["error"].mean())
    line: dict[str, object] = {
        "table": name,
        "top dropped": f"{float((1 - ours['top_used'] / ours['n_known']).mean()):.0%}",
        "cokriging": f"{mean_error:.3f}",
    }
    for lower in ("known", "unknown", "all"):
        difference, error = found.loc[lower, ["difference", "standard_error"]].to_numpy(float)
        line[lower] = f"{difference:+.4f} ± {error:.4f}"
    line["verdict"] = verdict(difference, error, mean_error)
    return line


def verdict(difference: float, standard_error: float, scale: float) -> str:
    """Judge a difference over all held-out rows."""
    if abs(difference) <= 1e-3 * scale:
        return "the same"
    if difference < -2 * standard_error:
        return "better"
    if difference <= standard_error or np.isnan(standard_error):
        return "not worse"
    return "WORSE"


if __name__ == "__main__":
    main()
