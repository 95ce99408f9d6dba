"""``hokan describe``: what a table holds, before anything is fitted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hokan.cli.console import Screen
from hokan.cli.inputs import Request, split_names
from hokan.cli.options import (
    DescriptorsOption,
    FormulaOption,
    GraphOption,
    IgnoreOption,
    QuietOption,
    SameMaterialOption,
    TableArgument,
)
from hokan.cli.pattern_report import AskedOrder, chain_of, show_pattern
from hokan.cli.pictures import check_picture
from hokan.cli.reports import show_known, show_materials, show_reading
from hokan.graph import PropertyGraph
from hokan.plots import missing_pattern, write_html
from hokan.table import MissingPattern


def describe(
    table: TableArgument,
    graph: GraphOption = None,
    formula: FormulaOption = None,
    descriptors: DescriptorsOption = None,
    ignore: IgnoreOption = None,
    order: Annotated[
        list[str] | None,
        typer.Option(
            "--order",
            metavar="COL,COL",
            help="Properties in an order for which to tell what nesting would cost, such as levels "
            "of fidelity, cheapest first. Without it: the order of the graph, if that is a chain, "
            "or else the best order.",
        ),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture",
            metavar="FILE.html",
            help="Also draw which values are known together, in a file for the browser.",
        ),
    ] = None,
    same_material: SameMaterialOption = False,
    quiet: QuietOption = False,
) -> None:
    """Tell what a table holds, how each column is read, and which values are known together.

    Everything that would keep the table from being filled is found here too; with --quiet, the exit
    code alone tells (0: it can be filled).
    """
    check_picture(picture, table, graph)
    given, links = Request(table, graph, formula, descriptors, ignore).read()
    asked = _asked_order(order, graph, links)
    pattern = MissingPattern.from_table(given)
    if asked is not None:
        pattern.nesting(asked.names)  # refuses what it cannot order before anything is told
    screen = Screen(quiet)
    show_reading(screen, given)
    show_known(screen, given)
    show_materials(screen, given, same_material)
    show_pattern(screen, pattern, asked)
    if links is not None:
        screen.heading(f"{graph}: properties and what each depends on")
        screen.lines(links.describe())
        unused = links.unused(given.property_names)
        if unused:
            screen.say(f"  Not in the graph, so left as they are: {', '.join(unused)}")
    if picture is not None:
        figure = missing_pattern(given, None if asked is None else asked.names)
        write_html(figure, picture, title=f"{Path(given.source).name}: which values are known")
        screen.heading(f"Wrote {picture}.")


def _asked_order(
    order: list[str] | None, path: Path | None, graph: PropertyGraph | None
) -> AskedOrder | None:
    if order is not None:
        return AskedOrder(split_names(order), "given with --order")
    chain = None if graph is None else chain_of(graph)
    return None if chain is None else AskedOrder(chain, f"of {path}")
