"""``hokan study physics``: what laws of melting are worth, on real melting points."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from hokan.cli.console import Screen
from hokan.cli.inputs import split_names
from hokan.cli.options import FormulaOption, QuietOption, SeedOption
from hokan.cli.output_folder import output_folder
from hokan.cli.physics_report import (
    ALONE,
    FREE,
    KINDS,
    PRIOR,
    physics_picture,
    show_question,
    show_results,
)
from hokan.cli.progress import counted_work
from hokan.cli.wording import duration
from hokan.datasets.melting_point_graph import COLUMNS, melting_point_graph
from hokan.datasets.melting_points import ElasticReport, load_melting_points
from hokan.errors import HokanError
from hokan.evaluation.physics import study_physics
from hokan.graph.wording import did_you_mean
from hokan.plots import write_html
from hokan.plots.theme import plotly_objects
from hokan.table import PropertyTable, read_table, write_frame
from hokan.table.csv_text import read_texts
from hokan.table.reading import DELIMITERS

LEVEL = 0.9
TARGET = COLUMNS["melting_point"]
RELATIVES = tuple(name for name in COLUMNS.values() if name != TARGET)


def physics(
    elastic: Annotated[
        Path | None,
        typer.Argument(
            metavar="[ELASTIC]",
            help="CSV, TSV or Parquet file with a column of formulas and some of "
            "debye_temperature_K, bulk_modulus_GPa, shear_modulus_GPa. Without it, only what the "
            "embedded table has is used.",
            show_default=False,
        ),
    ] = None,
    relatives: Annotated[
        list[str] | None,
        typer.Option(
            "--relatives",
            metavar="COL,COL",
            help="Relatives of the melting point to use; all that there are without it. They are "
            f"called {', '.join(RELATIVES)}.",
            show_default=False,
        ),
    ] = None,
    known: Annotated[
        str,
        typer.Option("--known", metavar="N,N", help="Numbers of known melting points."),
    ] = "5,15,30,60,120",
    repeats: Annotated[
        int,
        typer.Option("--repeats", min=1, metavar="NUMBER", help="Random draws for each of these."),
    ] = 5,
    hidden: Annotated[
        int,
        typer.Option("--hidden", min=3, metavar="NUMBER", help="Melting points to hold out."),
    ] = 90,
    formula: FormulaOption = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FOLDER", help="Folder for the results; made if need be."
        ),
    ] = Path("physics"),
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", min=1, metavar="NUMBER", help="Processes to work in; changes no result."
        ),
    ] = 2,
    seed: SeedOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Tell what laws of melting are worth, on the melting points of inorganic compounds.

    Melting points are hidden and predicted from more and more known ones: from composition alone,
    through links to related properties that are learned freely, and through the same links with
    Lindemann's and other laws as prior. Takes about ten minutes of one processor. Writes
    FOLDER/physics.csv and one picture, FOLDER/physics.html.
    """
    screen = Screen(quiet)
    plotly_objects()  # is missing now, rather than after minutes
    numbers = tuple(_whole_number(text) for text in known.split(","))
    table, report = _table(elastic, formula, split_names(relatives))
    graphs = {
        ALONE: melting_point_graph(table.property_names, "none"),
        FREE: melting_point_graph(table.property_names, "free"),
        PRIOR: melting_point_graph(table.property_names, "prior"),
    }
    with output_folder(output, "physics.csv", "physics.html") as (scores_path, picture_path):
        show_question(screen, table, report, graphs[PRIOR], hidden, max(numbers, default=0))
        with counted_work(
            "Predicting hidden melting points", len(numbers) * repeats, quiet=quiet
        ) as on_part:
            found = study_physics(
                table,
                TARGET,
                graphs,
                KINDS,
                numbers,
                n_repeats=repeats,
                n_hidden=hidden,
                level=LEVEL,
                random_state=seed,
                n_jobs=jobs,
                progress=on_part,
            )
        show_results(screen, found, LEVEL)
        picture = physics_picture(found, table, hidden, repeats, LEVEL)
        write_frame(found, scores_path)
        write_html(picture, picture_path, title="hokan: a study of laws of melting")
    screen.heading(f"Done after {duration(screen.seconds)}")
    screen.notes(
        [
            f"{scores_path}: every score of every draw",
            f"{picture_path}: the picture; open it in a browser",
        ]
    )


def _table(
    elastic: Path | None, formula: str | None, relatives: Sequence[str]
) -> tuple[PropertyTable, ElasticReport | None]:
    """Return melting points with their relatives, of rows in which the former are known."""
    if elastic is None and formula is not None:
        raise HokanError(
            "--formula is for an elastic table; give its file: hokan study physics ELASTIC"
        )
    given = None if elastic is None else _frame(elastic)
    frame, report = load_melting_points(
        given, composition=formula, source=str(elastic), return_report=True
    )
    there = [name for name in RELATIVES if name in frame]
    for name in relatives:
        if name not in RELATIVES:
            raise HokanError(
                f"--relatives: {name!r} is no relative of the melting point"
                f"{did_you_mean(name, RELATIVES)}; there are {', '.join(RELATIVES)}"
            )
        if name not in there:
            raise HokanError(
                f"--relatives: {name!r} comes from an elastic table, and "
                + ("none is given" if elastic is None else f"{elastic} has no such column")
            )
    chosen = [name for name in there if not relatives or name in relatives]
    if not chosen:
        raise HokanError("--relatives: expected at least one column")
    rows = frame[frame[TARGET].notna()].reset_index(drop=True)
    for name in chosen:
        if rows[name].nunique() < 2:
            raise HokanError(
                f"{elastic}: of {name!r}, {rows[name].nunique()} different values belong to "
                "inorganic compounds with a known melting point; expected 2 at least. Compositions "
                "are compared, however formulas are written."
            )
    return (
        PropertyTable.from_frame(
            rows[["formula", TARGET, *chosen]], source="melting points of inorganic compounds"
        ),
        report,
    )


def _frame(path: Path) -> pd.DataFrame:
    """Read an elastic table; of a text file, rows without a formula too."""
    delimiter = DELIMITERS.get(path.suffix.lower())
    if delimiter is not None:
        return read_texts(path, delimiter, str(path))
    return read_table(path).frame


def _whole_number(text: str) -> int:
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not value.is_integer():
        raise HokanError(
            "--known: expected whole numbers separated by commas, as in --known 15,30,60; found "
            f"{text.strip()!r}"
        )
    return int(value)
