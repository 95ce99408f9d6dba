"""What the studies of filling holes share: the table, numbers as typed, running and writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from hokan.cli.console import Screen, print_error
from hokan.cli.imputation_report import Factor, show_imputation
from hokan.cli.inputs import check_formulas, split_names
from hokan.cli.output_folder import output_folder
from hokan.cli.progress import OnPart, counted_work
from hokan.cli.wording import duration
from hokan.datasets import load_inorganics
from hokan.errors import HokanError
from hokan.evaluation.imputation_studies import (
    IMPUTATION_METHODS,
    QUICK_METHODS,
    ImputationStudy,
    summarise_imputation,
)
from hokan.plots import write_html
from hokan.plots.imputation_study import imputation_panels
from hokan.plots.theme import plotly_objects
from hokan.table import PropertyTable, read_table, write_frame

INTERRUPTED = 130
#: Of the embedded table: known together in some three hundred compounds.
EMBEDDED = (
    "melting_point_K",
    "molar_volume_per_atom_cm3_mol",
    "heat_capacity_per_atom_J_mol_K",
    "entropy_per_atom_J_mol_K",
    "formation_enthalpy_eV_atom",
)
ALL_METHODS, QUICK = "all", "quick"

TableOption = Annotated[
    Path | None,
    typer.Argument(
        metavar="[TABLE]",
        help="CSV, TSV or Parquet file with one material in each row. Holes are made in its known "
        "cells. Without it: five properties of some 300 inorganic compounds.",
        show_default=False,
    ),
]
PropertiesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--properties",
        metavar="COL,COL",
        help="Properties to use, in this order; the last one that is scored is regressed on those "
        "before it. All without it.",
    ),
]
MethodsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--methods",
        metavar="NAME,NAME",
        help=f"Ways to fill holes: {', '.join(IMPUTATION_METHODS)}; or quick, or all. quick is "
        "what takes seconds, without forest, Gaussian process and sampling.",
    ),
]
RepeatsOption = Annotated[
    int, typer.Option("--repeats", min=1, metavar="NUMBER", help="Random draws of rows and holes.")
]
ImputationsOption = Annotated[
    int,
    typer.Option(
        "--imputations", "-m", min=19, metavar="NUMBER", help="Completed tables of each method."
    ),
]
ScalesOption = Annotated[
    str,
    typer.Option(
        "--scales",
        metavar="log,raw",
        help="Scales to fill on: log, logarithms of positive properties; raw, all as they are.",
    ),
]
StrengthOption = Annotated[
    float,
    typer.Option(
        "--strength",
        metavar="NUMBER",
        help="Of MAR and MNAR: how much the log odds of a hole rise with one standard deviation.",
    ),
]
JobsOption = Annotated[
    int,
    typer.Option(
        "--jobs", min=1, metavar="NUMBER", help="Processes to work in; changes no result."
    ),
]


@dataclass(frozen=True)
class Shown:
    """How a study is told and drawn.

    Attributes
    ----------
    name : str
        Of the study and its files.
    factors : tuple of Factor
        What it varies.
    x, panels : str
        For the picture.
    title : str
        Of the picture.
    """

    name: str
    factors: tuple[Factor, ...]
    x: Literal["share", "n_rows"]
    panels: Literal["mechanism", "n_columns"]
    title: str


def run_study(
    shown: Shown,
    screen: Screen,
    output: Path,
    n_parts: int,
    work: Callable[..., ImputationStudy],
    subtitle: str,
) -> None:
    """Run a study so that it can go on later, tell it, draw it and write it.

    Parameters
    ----------
    shown : Shown
        What it is about.
    screen : Screen
        Where to print.
    output : Path
        Folder for finished parts, tables and picture.
    n_parts : int
        How much work there is.
    work : callable
        Takes ``results``, ``progress`` and ``notify``.
    subtitle : str
        Of the picture.
    """
    plotly_objects()  # is missing now, rather than after minutes
    files = [f"{shown.name}{end}" for end in (".parts.jsonl", ".csv", "_estimates.csv", ".html")]
    with (
        output_folder(output, *files) as (parts, scores, estimates, picture),
        _telling_how_to_go_on(parts) as on_done,
    ):
        with counted_work("Filling holes", n_parts, quiet=screen.quiet) as on_part:

            def progress(done: int, of: int) -> None:
                on_done(done, of)
                on_part(done, of)

            study = work(results=parts, progress=progress, notify=screen.say)
        show_imputation(screen, study, shown.factors)
        figure = imputation_panels(
            summarise_imputation(study),
            x=shown.x,
            panels=shown.panels,
            title=shown.title,
            subtitle=subtitle,
        )
        write_frame(study.scores, scores)
        write_frame(study.estimates, estimates)
        write_html(figure, picture, title=f"hokan: a study of {shown.name}")
    screen.heading(f"Done after {duration(screen.seconds)}")
    screen.notes(
        [
            f"{scores}: every score of every part",
            f"{estimates}: every pooled estimate",
            f"{picture}: the picture; open it in a browser",
            f"{parts}: finished parts; with more repeats, methods and so on, the same command "
            "does only what is new",
        ]
    )


@contextmanager
def _telling_how_to_go_on(parts: Path) -> Iterator[OnPart]:
    """Say on an interrupt what is kept, and how to go on."""
    reached = 0, 0

    def on_done(done: int, of: int) -> None:
        nonlocal reached
        reached = done, of

    try:
        yield on_done
    except KeyboardInterrupt:
        kept = (
            f"{reached[0]} of {reached[1]} parts are finished and kept in {parts}; the same "
            "command goes on from there"
            if parts.exists()
            else "no part was finished, and nothing was written"
        )
        print_error(f"interrupted; {kept}")
        raise typer.Exit(INTERRUPTED) from None


def read_studied(
    path: Path | None,
    properties: Sequence[str] | None,
    formula: str | None,
    descriptors: Sequence[str] | None,
) -> tuple[PropertyTable, tuple[str, ...]]:
    """Return the table to study and the properties to use of it."""
    wanted = split_names(properties)
    if path is None:
        if formula is not None or descriptors:
            raise HokanError(
                "--formula and --descriptors are for a table of your own; give its file as the "
                "first argument"
            )
        frame = load_inorganics()
        known = frame[list(EMBEDDED)].notna().all(axis=1)
        table = PropertyTable.from_frame(
            frame.loc[known, ["formula", *EMBEDDED]].reset_index(drop=True),
            categories=(),
            source="inorganic compounds",
        )
    else:
        table = read_table(path, composition=formula, descriptors=split_names(descriptors))
        check_formulas(table)
    return table, wanted or table.property_names


def rows_with_something(table: PropertyTable, properties: Sequence[str]) -> int:
    """Return in how many rows one of the properties is known."""
    columns = [table.property_names.index(n) for n in properties if n in table.property_names]
    return int(table.observed[:, columns].any(axis=1).sum())


def methods_named(given: Sequence[str] | None) -> tuple[str, ...]:
    """Return names of methods, one each; ``quick`` and ``all`` stand for several."""
    names: list[str] = []
    for name in split_names(given) or (QUICK,):
        several: Any = {ALL_METHODS: IMPUTATION_METHODS, QUICK: QUICK_METHODS}.get(name, (name,))
        names += several
    return tuple(dict.fromkeys(names))


def say_question(
    screen: Screen, table: PropertyTable, properties: Sequence[str], told: str
) -> None:
    """Tell what will be filled."""
    screen.heading(f"How well holes are filled: {table.source}")
    columns = [table.property_names.index(name) for name in properties]
    complete = int(table.observed[:, columns].all(axis=1).sum())
    screen.say(
        f"{rows_with_something(table, properties)} rows know at least one of "
        f"{', '.join(properties)}; {complete} know all. {told}"
    )
