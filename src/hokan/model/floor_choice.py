"""Recognising quantities that cannot be negative.

On a plain scale, a model of band gaps predicts negative ones. Where every known value of a property
and of its linked relatives of the same unit is 0 or more, and there are enough of them for that not
to be chance, the property gets a floor at 0: predictions stay at or above it, and a known 0 says
that the latent quantity behind it is 0 or less. Documented in docs/fidelities.md.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from hokan.graph import PropertyGraph
from hokan.model.groups import linked_groups
from hokan.table import PropertyTable

#: So many values without a negative one leave less than 5 % for the next to be negative.
_ENOUGH = 20
#: A band gap cannot be negative, however few are known.
_GAP = re.compile(r"(?<![a-z])(band_?)?gap(?![a-z])", re.IGNORECASE)


def decide_floors(graph: PropertyGraph, table: PropertyTable) -> tuple[PropertyGraph, list[str]]:
    """Return the graph with every floor decided, and what was decided, in sentences.

    Parameters
    ----------
    graph : PropertyGraph
        With every transform decided.
    table : PropertyTable
        The training table.
    """
    decided = list(graph.properties)
    notes = []
    open_ones = [p.floor == "auto" and p.transform == "identity" for p in graph.properties]
    for group in linked_groups(graph, table, open_ones):
        names = [graph.names[j] for j in group]
        values = table.values[:, [table.property_names.index(name) for name in names]]
        known = values[np.isfinite(values)]
        sure = len(known) >= _ENOUGH or any(_GAP.search(name) for name in names)
        floored = sure and len(known) > 0 and bool((known >= 0).all())
        for j in group:
            decided[j] = replace(decided[j], floor=0.0 if floored else "none")
        if floored:
            notes.append(_told(names, int((known == 0).sum())))
    return PropertyGraph(tuple(decided)), notes


def _told(names: list[str], n_zeros: int) -> str:
    told = f"{', '.join(names)}: never below 0, as no known value is"
    if n_zeros == 1:
        told += "; the value of exactly 0 is taken as 0 or less"
    elif n_zeros:
        told += f"; the {n_zeros} values of exactly 0 are taken as 0 or less"
    return told + '. floor = "none" in a graph undoes this.'
