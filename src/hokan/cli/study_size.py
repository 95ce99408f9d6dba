"""``hokan study size``: what more rows and columns do for those who fill holes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hokan.cli.console import Screen
from hokan.cli.imputation_report import COLUMNS, ROWS
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
from hokan.cli.inputs import typed_whole_numbers
from hokan.cli.options import DescriptorsOption, FormulaOption, QuietOption, SeedOption
from hokan.errors import TableError
from hokan.evaluation.amputation import MECHANISMS
from hokan.evaluation.imputation_studies import study_size
from hokan.evaluation.imputation_studies.drawing import only_properties

USUAL_ROWS = (30, 60, 120, 240)
FEWEST_COLUMNS = 3
_SHOWN = Shown(
    "size",
    (ROWS, COLUMNS),
    "n_rows",
    "n_columns",
    "Filling holes: what more rows and columns do",
)


def size(
    table: TableOption = None,
    rows: Annotated[
        str | None,
        typer.Option(
            "--rows",
            metavar="N,N",
            help=f"Numbers of rows. Without it: {','.join(map(str, USUAL_ROWS))}, as far as there "
            "are rows.",
        ),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="N,N",
            help="Numbers of properties, taken in order; those of the smallest number are scored. "
            f"Without it: {FEWEST_COLUMNS} and all.",
        ),
    ] = None,
    mechanism: Annotated[
        str,
        typer.Option("--mechanism", metavar="NAME", help=f"One of {', '.join(MECHANISMS)}."),
    ] = "MCAR",
    share: Annotated[
        float,
        typer.Option("--share", metavar="SHARE", help="Of known cells that become holes."),
    ] = 0.3,
    properties: PropertiesOption = None,
    methods: MethodsOption = None,
    scales: ScalesOption = "log",
    repeats: RepeatsOption = 5,
    imputations: ImputationsOption = 20,
    strength: StrengthOption = 2.0,
    formula: FormulaOption = None,
    descriptors: DescriptorsOption = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FOLDER", help="Folder for the results; made if need be."
        ),
    ] = Path("size"),
    jobs: JobsOption = 2,
    seed: SeedOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Tell how well holes are filled, by the number of rows and of columns.

    Smaller tables are parts of larger ones, and the same properties are scored in all of them. Told
    is the same as by hokan study missingness. Takes two or three minutes. Each finished part is
    kept: an interrupted study goes on where it ended. Writes into FOLDER size.csv,
    size_estimates.csv, size.html and size.parts.jsonl.
    """
    screen = Screen(quiet)
    given, names = read_studied(table, properties, formula, descriptors)
    given = only_properties(given, names)
    most = rows_with_something(given, names)
    if rows is not None:
        n_rows = typed_whole_numbers(rows, "--rows", "30,60")
    else:
        n_rows = tuple(number for number in USUAL_ROWS if number <= most)
        if not n_rows:
            raise TableError(
                f"{given.source}: {most} rows know something, too few for tables of "
                f"{USUAL_ROWS[0]} rows; with --rows smaller numbers can be tried."
            )
    if columns is not None:
        n_columns = typed_whole_numbers(columns, "--columns", "2,5")
    else:
        n_columns = tuple(dict.fromkeys((min(FEWEST_COLUMNS, len(names)), len(names))))
    on = tuple(name.strip() for name in scales.split(","))
    chosen = methods_named(methods)
    times = "once" if repeats == 1 else f"{repeats} times"
    scored = names[: max(min(n_columns), 1)]
    say_question(
        screen,
        given,
        names,
        f"Tables of {', '.join(map(str, n_rows))} rows and {', '.join(map(str, n_columns))} "
        f"properties are drawn {times}; scored are {', '.join(scored)}.",
    )
    run_study(
        _SHOWN,
        screen,
        output,
        len(n_rows) * len(n_columns) * len(chosen) * len(on) * repeats,
        partial(
            study_size,
            given,
            n_rows,
            n_columns,
            mechanism=mechanism,
            share=share,
            methods=chosen,
            scales=on,
            n_repeats=repeats,
            n_imputations=imputations,
            strength=strength,
            random_state=seed,
            n_jobs=jobs,
        ),
        f"{Path(given.source).name}: {100 * share:g} % of cells hidden ({mechanism}), {times}; "
        f"scored: the first {len(scored)} properties",
    )
