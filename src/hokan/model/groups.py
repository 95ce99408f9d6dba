"""Properties that must be treated alike: linked ones of one unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hokan.graph import PropertyGraph
from hokan.table import PropertyTable


def linked_groups(
    graph: PropertyGraph, table: PropertyTable, members: Sequence[bool]
) -> list[list[int]]:
    """Return some properties in groups: linked ones of one unit together, others alone.

    Parameters
    ----------
    graph : PropertyGraph
    table : PropertyTable
        Knows the units that the graph leaves open.
    members : sequence of bool
        Which properties of the graph to group.
    """
    units = [member.unit or table.units.get(member.name) for member in graph.properties]
    group = list(range(len(units)))
    for child, parent in zip(*np.nonzero(graph.parent_mask()), strict=True):
        both = members[child] and members[parent]
        if both and units[child] and units[child] == units[parent]:
            old, new = group[child], group[parent]
            group = [new if number == old else number for number in group]
    found = {number: [j for j, g in enumerate(group) if g == number] for number in group}
    return [group for group in found.values() if members[group[0]]]


def relatives(graph: PropertyGraph, table: PropertyTable) -> list[list[int]]:
    """Return the groups of two or more linked properties of one unit and one scale.

    They are one quantity at several fidelities, or quantities that go together like one.

    Parameters
    ----------
    graph : PropertyGraph
        With every transform decided.
    table : PropertyTable
        Knows the units that the graph leaves open.
    """
    found = []
    for scale in dict.fromkeys(member.transform for member in graph):
        members = [member.transform == scale and scale != "logit" for member in graph]
        found += [group for group in linked_groups(graph, table, members) if len(group) > 1]
    return found
