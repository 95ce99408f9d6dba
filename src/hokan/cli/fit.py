"""``hokan fit``: learn from a table and keep the model in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hokan.cli.console import Screen
from hokan.cli.inputs import Request, refuse_overwriting
from hokan.cli.options import (
    DescriptorsOption,
    Engine,
    EngineOption,
    FormulaOption,
    GraphOption,
    IgnoreOption,
    LinksOption,
    QuietOption,
    SameMaterialOption,
    SeedOption,
    TableArgument,
)
from hokan.cli.pictures import check_picture, draw_links
from hokan.cli.reports import show_model, show_reading
from hokan.cli.wording import duration
from hokan.store import save_model
from hokan.table import check_writable


def fit(
    table: TableArgument,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="MODEL",
            help="File to write, usually ending in .hokan. It holds the table too.",
        ),
    ],
    graph: GraphOption = None,
    formula: FormulaOption = None,
    descriptors: DescriptorsOption = None,
    ignore: IgnoreOption = None,
    same_material: SameMaterialOption = False,
    engine: EngineOption = Engine.AUTO,
    links_picture: LinksOption = None,
    seed: SeedOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Learn from a table and save the model, for hokan predict."""
    request = Request(
        table, graph, formula, descriptors, ignore, engine, seed, same_material=same_material
    )
    refuse_overwriting(output, table, graph)
    check_picture(links_picture, table, graph, output=output)
    check_writable(output)
    screen = Screen(quiet)
    given, links = request.read()
    show_reading(screen, given)
    with screen.working("Fitting") as on_evaluation:
        estimator = request.fit(given, links, on_evaluation)
    show_model(screen, estimator, graph_given=links is not None)
    save_model(estimator, output)
    if links_picture is not None:
        draw_links(estimator, links_picture, float(estimator.level))
    screen.heading(f"Wrote {output} after {duration(screen.seconds)}.")
    if links_picture is not None:
        screen.say(f"Wrote {links_picture}.")
