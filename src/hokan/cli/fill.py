"""``hokan fill``: a table in, the same table without holes out."""

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
    LevelOption,
    LinksOption,
    QuietOption,
    SameMaterialOption,
    SeedOption,
    TableArgument,
)
from hokan.cli.pictures import check_picture, draw_links
from hokan.cli.reports import count, show_model, show_reading, show_suspicious, show_trust
from hokan.cli.wording import duration
from hokan.model.prediction import check_level
from hokan.table import check_table_writable, write_frame


def fill(
    table: TableArgument,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILLED",
            help="File to write, CSV, TSV or Parquet: the same table with its holes filled, and "
            "columns P__std, P__lower and P__upper for each property P.",
        ),
    ],
    graph: GraphOption = None,
    formula: FormulaOption = None,
    descriptors: DescriptorsOption = None,
    ignore: IgnoreOption = None,
    same_material: SameMaterialOption = False,
    level: LevelOption = 0.9,
    engine: EngineOption = Engine.AUTO,
    links_picture: LinksOption = None,
    seed: SeedOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Fill the holes of a table, each value with an error bar.

    Known cells stay as they are. Also told: how each column was read, how far the filled values can
    be trusted, and which known values look wrong.
    """
    request = Request(
        table, graph, formula, descriptors, ignore, engine, seed, same_material=same_material
    )
    check_level(level)
    refuse_overwriting(output, table, graph)
    check_picture(links_picture, table, graph, output=output)
    check_table_writable(output)
    screen = Screen(quiet)
    given, links = request.read()
    show_reading(screen, given)
    with screen.working("Fitting") as on_evaluation:
        estimator = request.fit(given, links, on_evaluation)
    show_model(screen, estimator, graph_given=links is not None)
    with screen.working("Filling the holes"):
        filled = estimator.fill(level=level)
    if not quiet:
        with screen.working("Predicting known values from each other"):
            left_out = estimator.leave_one_out(level=level)
        show_trust(screen, given, left_out, level)
        show_suspicious(screen, given, left_out, level)
    write_frame(filled, output, like=given)
    if links_picture is not None:
        draw_links(estimator, links_picture, level)
    names = list(given.property_names)
    n_filled = int((~given.observed).sum() - filled[names].isna().to_numpy().sum())
    categories = [name for name in given.category_names if f"{name}__probability" in filled]
    n_levels = sum(int(filled[f"{name}__probability"].notna().sum()) for name in categories)
    of_categories = f" and {count(n_levels, 'hole')} of categories" if n_levels else ""
    screen.heading(
        f"Filled {count(n_filled, 'hole')}{of_categories}; "
        f"{count(int(given.observed.sum()), 'known value')} unchanged. "
        f"Wrote {output} after {duration(screen.seconds)}."
    )
    if links_picture is not None:
        screen.say(f"Wrote {links_picture}.")
