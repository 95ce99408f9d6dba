"""``hokan impute``: a table in, many completed tables out."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from hokan.cli.console import OnEvaluation, Screen
from hokan.cli.impute_report import show_how_to_go_on, show_imputations, write_page
from hokan.cli.inputs import Request
from hokan.cli.options import (
    DescriptorsOption,
    Engine,
    EngineOption,
    FormulaOption,
    GraphOption,
    IgnoreOption,
    QuietOption,
    SameMaterialOption,
    SeedOption,
    TableArgument,
)
from hokan.cli.progress import counted_work
from hokan.cli.reports import count, show_model, show_reading
from hokan.cli.whole_folder import whole_folder
from hokan.cli.wording import duration
from hokan.errors import HokanError, MissingExtraError, TableError
from hokan.graph import Log, PropertyGraph
from hokan.imputation.chained_imputer import ChainedImputer
from hokan.imputation.diagnostics import diagnose
from hokan.imputation.imputations import Imputations
from hokan.imputation.multiple_imputer import MultipleImputer
from hokan.plots.theme import plotly_objects
from hokan.table import PropertyTable, check_table_writable, write_frame

LEVEL = 0.9
USUAL_ROUNDS = 10
#: Of the rounds of chained equations, the first quarter is not judged: they start anywhere.
_WARM_UP = 0.25
_PROVENANCE, _PAGE = "provenance.csv", "diagnostics.html"
#: What an earlier run wrote.
_EARLIER = r"imputation_\d+\.(csv|tsv|parquet|pq)|provenance\.csv|diagnostics\.html"


class Method(StrEnum):
    """Ways to impute."""

    JOINT = "joint"
    MATCHING = "predictive-mean-matching"
    LINEAR = "bayesian-linear"
    FOREST = "forest"
    GAUSSIAN_PROCESS = "gaussian-process"


def impute(
    table: TableArgument,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FOLDER",
            help="Folder for the completed tables, imputation_01.csv and so on, in the format of "
            "TABLE; made if need be.",
        ),
    ],
    imputations: Annotated[
        int,
        typer.Option(
            "--imputations", "-m", min=1, metavar="NUMBER", help="How many completed tables."
        ),
    ] = 20,
    method: Annotated[
        Method,
        typer.Option(
            "--method",
            help="How to impute: with the joint model of all columns, or by chained equations, "
            "each column regressed on all others in turn.",
        ),
    ] = Method.JOINT,
    rounds: Annotated[
        int | None,
        typer.Option(
            "--rounds",
            min=1,
            metavar="NUMBER",
            help="Of chained equations: how often each column is imputed before a table is taken. "
            f"Without it: {USUAL_ROUNDS}.",
            show_default=False,
        ),
    ] = None,
    graph: GraphOption = None,
    formula: FormulaOption = None,
    descriptors: DescriptorsOption = None,
    ignore: IgnoreOption = None,
    same_material: SameMaterialOption = False,
    engine: EngineOption = Engine.AUTO,
    seed: SeedOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Complete a table many times, each time with other values that it may have.

    Run an analysis on each completed table and pool what comes out: its error bars then hold what
    the holes cost. Known cells stay as they are. Also written: FOLDER/provenance.csv, where each
    imputed value came from, and FOLDER/diagnostics.html, pictures to look at first.
    """
    request = Request(
        table, graph, formula, descriptors, ignore, engine, seed, same_material=same_material
    )
    _check_method(request, method, rounds)
    screen = Screen(quiet)
    with whole_folder(output, _EARLIER, table, graph) as folder:
        suffix = table.suffix.lower()
        given, links = request.read()
        names = _names(imputations, suffix)
        check_table_writable(folder / names[0])
        if given.observed.all() and not (given.category_codes < 0).any():
            raise TableError(f"{given.source}: has no hole to impute; every value is known")
        show_reading(screen, given)
        if method is Method.JOINT:
            imputer, made = _joint(screen, request, given, links, imputations)
        else:
            imputer, made = _chained(
                screen, given, method, imputations, rounds or USUAL_ROUNDS, seed
            )
        with screen.working("Looking at the imputations"):
            logarithmic = _logarithmic(imputer)
            joint = isinstance(imputer, MultipleImputer)
            diagnosis = diagnose(
                made,
                imputer if joint else None,
                level=LEVEL,
                logarithmic=logarithmic,
                warm_up=0 if joint else int(_WARM_UP * (rounds or USUAL_ROUNDS)),
            )
        units = given.units
        show_imputations(screen, made, diagnosis, units)
        with screen.working("Writing"):
            for name, completed in zip(names, made, strict=True):
                write_frame(completed, folder / name, like=given)
            write_frame(provenance(made), folder / _PROVENANCE)
            drawn = _can_draw()
            if drawn:
                write_page(
                    folder / _PAGE,
                    made,
                    diagnosis,
                    units=units,
                    logarithmic=logarithmic,
                    title=Path(given.source).name,
                )
    n_holes = sum(len(column.rows) for column in made.columns.values())
    screen.heading(
        f"Imputed {count(n_holes, 'hole')}, {imputations} times, after {duration(screen.seconds)}"
    )
    written = names[0] if imputations == 1 else f"{names[0]} to {names[-1]}"
    page = (
        f"{output / _PAGE}: pictures of all this; open it in a browser"
        if drawn
        else 'no pictures: they need plotly (pip install "hokan[plots]")'
    )
    screen.notes(
        [
            f"{output}: {count(imputations, 'completed table')}, {written}",
            f"{output / _PROVENANCE}: which chain and draw each imputed value is from",
            page,
        ]
    )
    show_how_to_go_on(screen, output, suffix, list(made.columns))


def _check_method(request: Request, method: Method, rounds: int | None) -> None:
    """Refuse options that a method does not know."""
    if method is Method.JOINT:
        if rounds is not None:
            raise HokanError(
                "--rounds: is for chained equations; name one of them with --method, or leave "
                "--rounds out"
            )
        return
    given = {
        "--graph": request.graph is not None,
        "--engine": request.engine is not Engine.AUTO,
        "--same-material": request.same_material,
    }
    wrong = [option for option, is_given in given.items() if is_given]
    if wrong:
        raise HokanError(
            f"{', '.join(wrong)}: is for the joint model; chained equations (--method "
            f"{method.value}) know nothing of it. Leave it out, or leave out --method"
        )


def _joint(
    screen: Screen,
    request: Request,
    given: PropertyTable,
    links: PropertyGraph | None,
    m: int,
) -> tuple[MultipleImputer, Imputations]:
    with screen.working("Fitting") as on_evaluation:
        imputer = _joint_imputer(request, links, m, on_evaluation).fit(given)
    show_model(screen, imputer.regressor_, graph_given=links is not None)
    with screen.working("Imputing"):
        made = imputer.impute(m)
    if not made.columns:
        raise TableError(
            f"{given.source}: no column of the graph has a hole; what is not in the graph is left "
            "as it is"
        )
    return imputer, made


def _joint_imputer(
    request: Request, links: PropertyGraph | None, m: int, progress: OnEvaluation
) -> MultipleImputer:
    return MultipleImputer(
        links,
        same_composition="same material" if request.same_material else "separate",
        n_imputations=m,
        engine=request.engine.value,
        random_state=request.seed,
        progress=progress,
    )


def _chained(
    screen: Screen, given: PropertyTable, method: Method, m: int, rounds: int, seed: int
) -> tuple[ChainedImputer, Imputations]:
    if given.observed.all():
        raise TableError(
            f"{given.source}: no property has a hole, and chained equations impute no categories"
        )
    with counted_work("Running chains", m, quiet=screen.quiet) as on_part:
        imputer = ChainedImputer(
            method.value.replace("-", " "),
            n_imputations=m,
            n_rounds=rounds,
            random_state=seed,
            progress=on_part,
        ).fit(given)
        made = imputer.impute(m)
    screen.heading("Model")
    screen.notes([f"Chained equations, {method.value.replace('-', ' ')}.", *imputer.notes_])
    return imputer, made


def _logarithmic(imputer: MultipleImputer | ChainedImputer) -> Sequence[str]:
    """Return the properties on a logarithmic scale."""
    if isinstance(imputer, ChainedImputer):
        names = imputer.table_.property_names
        pairs = zip(names, imputer.transforms_, strict=True)
        return [name for name, transform in pairs if isinstance(transform, Log)]
    return [member.name for member in imputer.regressor_.graph_ if _is_log(member.transform)]


def _is_log(transform: object) -> bool:
    return transform == "log" or isinstance(transform, Log)


def _names(m: int, suffix: str) -> list[str]:
    digits = max(2, len(str(m)))
    return [f"imputation_{number:0{digits}}{suffix}" for number in range(1, m + 1)]


def provenance(made: Imputations) -> pd.DataFrame:
    """Return every imputed value with its table, chain and draw; rows counted from 1."""
    rows = [np.tile(column.rows, len(made)) + 1 for column in made.columns.values()]
    return made.cells().assign(row=np.concatenate(rows))


def _can_draw() -> bool:
    try:
        plotly_objects()
    except MissingExtraError:
        return False
    return True
