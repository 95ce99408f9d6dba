"""``hokan describe``: what a table holds, before anything is fitted."""

from __future__ import annotations

from hokan.cli.console import Screen
from hokan.cli.inputs import Request
from hokan.cli.options import (
    DescriptorsOption,
    FormulaOption,
    GraphOption,
    IgnoreOption,
    QuietOption,
    SameMaterialOption,
    TableArgument,
)
from hokan.cli.reports import show_known, show_materials, show_reading


def describe(
    table: TableArgument,
    graph: GraphOption = None,
    formula: FormulaOption = None,
    descriptors: DescriptorsOption = None,
    ignore: IgnoreOption = None,
    same_material: SameMaterialOption = False,
    quiet: QuietOption = False,
) -> None:
    """Tell what a table holds and how each column is read.

    Everything that would keep the table from being filled is found here too; with --quiet, the exit
    code alone tells (0: it can be filled).
    """
    given, links = Request(table, graph, formula, descriptors, ignore).read()
    screen = Screen(quiet)
    show_reading(screen, given)
    show_known(screen, given)
    show_materials(screen, given, same_material)
    if links is not None:
        screen.heading(f"{graph}: properties and what each depends on")
        screen.lines(links.describe())
        unused = links.unused(given.property_names)
        if unused:
            screen.say(f"  Not in the graph, so left as they are: {', '.join(unused)}")
