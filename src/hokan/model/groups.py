"""Properties that must be treated alike: linked ones of one quantity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hokan.graph import PropertyGraph, get_transform
from hokan.table import PropertyTable

#: One quantity at several fidelities has about one spread. Beyond this factor between standard
#: deviations it is not one: sharing a scale then made errors 10 % larger (ratio 100, synthetic).
_MOST_SPREAD_RATIO = 4.0
#: The spread of fewer values says nothing.
_ENOUGH_FOR_SPREAD = 10


def linked_groups(
    graph: PropertyGraph, table: PropertyTable, members: Sequence[bool]
) -> list[list[int]]:
    """Return some properties in groups: linked ones of one quantity together, others alone.

    Of one quantity are also those of one unit where neither says what quantity it is.

    Parameters
    ----------
    graph : PropertyGraph
    table : PropertyTable
        Knows the units that the graph leaves open.
    members : sequence of bool
        Which properties of the graph to group.
    """
    kinds = [
        ("quantity", member.quantity)
        if member.quantity
        else ("unit", member.unit or table.units.get(member.name))
        for member in graph
    ]
    group = list(range(len(kinds)))
    for child, parent in zip(*np.nonzero(graph.parent_mask()), strict=True):
        both = members[child] and members[parent]
        if both and kinds[child][1] and kinds[child] == kinds[parent]:
            old, new = group[child], group[parent]
            group = [new if number == old else number for number in group]
    found = {number: [j for j, g in enumerate(group) if g == number] for number in group}
    return [group for group in found.values() if members[group[0]]]


def relatives(graph: PropertyGraph, table: PropertyTable) -> list[list[int]]:
    """Return the groups of two or more linked properties of one quantity, scale and like spread.

    They are one quantity at several fidelities, or quantities that go together like one.

    Parameters
    ----------
    graph : PropertyGraph
        With every transform decided.
    table : PropertyTable
        Knows the units that the graph leaves open, and the values.
    """
    found = []
    for scale in dict.fromkeys(member.transform for member in graph):
        members = [member.transform == scale and scale != "logit" for member in graph]
        for group in linked_groups(graph, table, members):
            alike = _of_like_spread(group, graph, table)
            if len(alike) > 1:
                found.append(alike)
    return found


def _of_like_spread(group: list[int], graph: PropertyGraph, table: PropertyTable) -> list[int]:
    """Keep what spreads like the best known of a group, or is known too little to tell."""
    counts, spreads = {}, {}
    for j in group:
        raw = table.values[:, table.property_names.index(graph.names[j])]
        transformed = get_transform(graph.properties[j]).forward(raw[np.isfinite(raw)])
        counts[j] = len(transformed)
        if counts[j] >= _ENOUGH_FOR_SPREAD and np.ptp(transformed) > 0:
            spreads[j] = float(np.log(np.std(transformed)))
    if not spreads:
        return group
    usual = spreads[max(spreads, key=lambda j: counts[j])]
    most = np.log(_MOST_SPREAD_RATIO)
    return [j for j in group if abs(spreads.get(j, usual) - usual) <= most]
