"""``hokan study missingness``: what the holes do to those who fill them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hokan.cli.console import Screen
from hokan.cli.imputation_report import MECHANISM, SHARE
from hokan.cli.imputation_study import (
    ImputationsOption,
    JobsOption,
    MethodsOption,
    PropertiesOption,
    RepeatsOption,
    ScalesOption,
    Shown,
    StrengthOption,
    TableOption,
    methods_named,
    read_studied,
    rows_with_something,
    run_study,
    say_question,
)
from hokan.cli.inputs import typed_numbers
from hokan.cli.options import DescriptorsOption, FormulaOption, QuietOption, SeedOption
from hokan.evaluation.amputation import MECHANISMS
from hokan.evaluation.imputation_studies import study_missingness
from hokan.evaluation.imputation_studies.drawing import only_properties

USUAL_ROWS = 150
_SHOWN = Shown(
    "missingness",
    (MECHANISM, SHARE),
    "share",
    "mechanism",
    "Filling holes: what made them, and how many there are",
)


def missingness(
    table: TableOption = None,
    mechanisms: Annotated[
        str,
        typer.Option(
            "--mechanisms", metavar="NAME,NAME", help=f"Of {', '.join(MECHANISMS)}; see the guide."
        ),
    ] = "MCAR,MAR,MNAR,block",
    shares: Annotated[
        str,
        typer.Option("--shares", metavar="SHARE,SHARE", help="Of known cells that become holes."),
    ] = "0.1,0.3,0.5",
    rows: Annotated[
        int | None,
        typer.Option(
            "--rows",
            min=10,
            metavar="NUMBER",
            help=f"Rows to draw. Without it: {USUAL_ROWS}, or all if there are fewer.",
        ),
    ] = None,
    properties: PropertiesOption = None,
    methods: MethodsOption = None,
    scales: ScalesOption = "log,raw",
    repeats: RepeatsOption = 3,
    imputations: ImputationsOption = 20,
    strength: StrengthOption = 2.0,
    formula: FormulaOption = None,
    descriptors: DescriptorsOption = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FOLDER", help="Folder for the results; made if need be."
        ),
    ] = Path("missingness"),
    jobs: JobsOption = 2,
    seed: SeedOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Tell how well holes are filled, by what made them and how many there are.

    Rows are drawn, holes are made in their known cells by each mechanism, and every method fills
    them, on logarithmic and raw scales. Told are errors and intervals of cells, and bias and
    intervals of means and regression coefficients pooled over completed tables. Takes about five
    minutes on two cores. Each finished part is kept: an interrupted study goes on where it ended.
    Writes into FOLDER missingness.csv, missingness_estimates.csv, missingness.html and
    missingness.parts.jsonl.
    """
    screen = Screen(quiet)
    given, names = read_studied(table, properties, formula, descriptors)
    given = only_properties(given, names)
    n_rows = min(USUAL_ROWS, rows_with_something(given, names)) if rows is None else rows
    kinds = tuple(name.strip() for name in mechanisms.split(","))
    portions = typed_numbers(shares, "--shares", "0.1,0.3")
    on = tuple(name.strip() for name in scales.split(","))
    chosen = methods_named(methods)
    times = "once" if repeats == 1 else f"{repeats} times"
    say_question(
        screen, given, names, f"{n_rows} rows are drawn {times}, and holes are made in them."
    )
    run_study(
        _SHOWN,
        screen,
        output,
        len(kinds) * len(portions) * len(chosen) * len(on) * repeats,
        partial(
            study_missingness,
            given,
            kinds,
            portions,
            n_rows=n_rows,
            methods=chosen,
            scales=on,
            n_repeats=repeats,
            n_imputations=imputations,
            strength=strength,
            random_state=seed,
            n_jobs=jobs,
        ),
        f"{Path(given.source).name}: {n_rows} rows, {len(names)} properties, {times}",
    )
