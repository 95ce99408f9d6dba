"""``hokan demo``: the embedded table filled, and put to the test."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from hokan.cli.console import Screen
from hokan.cli.familiar import familiar_filled, familiar_hidden
from hokan.cli.hidden_test import HIDDEN_PROPERTY, HiddenTest, run_hidden_test
from hokan.cli.options import QuietOption, SeedOption
from hokan.cli.output_folder import output_folder
from hokan.cli.reports import (
    show_known,
    show_model,
    show_suspicious,
    show_trust,
)
from hokan.cli.wording import duration, number, percent
from hokan.datasets import load_inorganics
from hokan.estimators import HierarchicalRegressor
from hokan.plots import summary, write_html
from hokan.plots.theme import plotly_objects
from hokan.table import PropertyTable, write_frame

LEVEL = 0.9
#: Known values that the parameters are learned from; predictions use all of them. More change
#: little, and the time of a fit grows with their cube.
MOST_CELLS = 1200
#: Follows from the density by the molar mass: a second copy of it would only seem to be predicted.
REDUNDANT = "molar_volume_per_atom_cm3_mol"


def demo(
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FOLDER", help="Folder for the results; made if need be."
        ),
    ] = Path("demo"),
    seed: SeedOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Fill a real table of 2400 inorganic compounds, and show how far to trust it.

    Takes about two minutes. Writes FOLDER/filled.csv and one picture, FOLDER/filled.html.
    """
    screen = Screen(quiet)
    plotly_objects()  # is missing now, rather than after two minutes
    frame, report = load_inorganics(return_report=True)
    table = PropertyTable.from_frame(frame, ignore=[REDUNDANT], source="inorganic compounds")
    with output_folder(output, "filled.csv", "filled.html") as (filled_path, picture_path):
        screen.heading("Real data: the CRC Handbook's inorganic compounds")
        screen.say(str(report))
        show_known(screen, table)
        screen.say(f"{REDUNDANT} follows from the density by the molar mass and is left as it is.")

        with screen.working("Hiding values and finding them again") as on_evaluation:
            test = run_hidden_test(table, LEVEL, seed, on_evaluation)
        _show_hidden_test(screen, table, test)

        started = screen.seconds
        with screen.working("Fitting the whole table") as on_evaluation:
            estimator = HierarchicalRegressor(
                n_restarts=0, most_cells=MOST_CELLS, random_state=seed, progress=on_evaluation
            ).fit(table)
        show_model(screen, estimator, graph_given=False)
        with screen.working("Filling the holes"):
            filled = estimator.fill(level=LEVEL)
        _show_familiar_filled(screen, table, filled)
        with screen.working("Predicting known values from each other"):
            left_out = estimator.leave_one_out(level=LEVEL)
        show_trust(screen, table, left_out, LEVEL)
        show_suspicious(screen, table, left_out, LEVEL)
        screen.say(f"Fitting, filling and checking took {duration(screen.seconds - started)}.")

        picture = summary(
            table,
            test.cells,
            test.scores,
            property_name=HIDDEN_PROPERTY,
            title=f"Filling a table of {table.n_rows} inorganic compounds, and how far to trust it",
            log=True,
            level=LEVEL,
        )
        write_frame(filled, filled_path, like=table)
        write_html(picture, picture_path, title="hokan demo: a filled table of inorganics")
    screen.heading(f"Done after {duration(screen.seconds)}")
    screen.notes(
        [
            f"{filled_path}: the table with every hole filled, error bars beside",
            f"{picture_path}: the picture; open it in a browser",
        ]
    )


def _show_hidden_test(screen: Screen, table: PropertyTable, test: HiddenTest) -> None:
    unit = table.units[HIDDEN_PROPERTY]
    screen.heading(
        f"The test: {HIDDEN_PROPERTY} known for {test.n_known} compounds, hidden for "
        f"{len(test.cells)} others, to be found again"
    )
    screen.say("Every other column of these rows stays as it is; no composition is on both sides.")
    numbers = ("error of ln", f"error ({unit})", f"{percent(LEVEL)} intervals hold", "time")
    screen.table(
        ("method", *numbers),
        [
            (
                str(score["method"]),
                number(float(score["error_log"]), 3),
                number(float(score["error"]), 3),
                percent(float(score["coverage"])),
                duration(float(score["seconds"])),
            )
            for _, score in test.scores.sort_values("error_log").iterrows()
        ],
        numbers=numbers,
    )
    screen.say(
        "Mean absolute errors; an error of ln of 0.2 is about 20 %. Intervals should hold in "
        f"{percent(LEVEL)}. This is one draw of rows; benchmarks/ has means over several."
    )
    rows = familiar_hidden(table, test.cells)
    if rows:
        screen.say(
            "\nHidden values of well-known materials, chosen by name, however they came out:"
        )
        columns = ("material", "found again", f"{percent(LEVEL)} interval", "handbook", "unit")
        screen.table(columns, rows, numbers=columns[1:4])


def _show_familiar_filled(screen: Screen, table: PropertyTable, filled: pd.DataFrame) -> None:
    rows = familiar_filled(table, filled)
    if rows:
        screen.heading("Some holes it filled, for materials you may know")
        columns = ("material", "property", "filled in", f"{percent(LEVEL)} interval", "unit")
        screen.table(columns, rows, numbers=columns[2:4])
