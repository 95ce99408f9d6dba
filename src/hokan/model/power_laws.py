"""Formulas that are straight lines between logarithms: products of powers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hokan.graph import PropertyGraph
from hokan.table import PropertyTable


def with_logarithms(graph: PropertyGraph, table: PropertyTable) -> PropertyGraph:
    """Return the graph in which products of powers stand between logarithms.

    Scales that the graph leaves open become logarithmic where a formula is a product of powers and
    every known value of the properties in it is positive.
    """
    decided = {member.name: member for member in graph}
    for member in graph:
        formula = member.parsed_formula
        if formula is None or formula.as_power_law() is None:
            continue
        names = (member.name, *formula.names)
        columns = table.values[:, [table.property_names.index(name) for name in names]]
        known = columns[np.isfinite(columns)]
        scales = {decided[name].transform for name in names}
        floors = {decided[name].floor for name in names}
        if (known > 0).all() and scales <= {"auto", "log"} and floors <= {"auto", "none"}:
            for name in names:
                decided[name] = replace(decided[name], transform="log")
    return PropertyGraph(tuple(decided.values()))


def exponents(graph: PropertyGraph, j: int) -> dict[int, float]:
    """Return the exponents of a property's formula by parent.

    Empty where there is no formula, or it is no straight line between logarithms whose constant is
    free.
    """
    member = graph.properties[j]
    formula = member.parsed_formula
    law = None if formula is None else formula.as_power_law()
    if formula is None or law is None or not any(law.constant_powers.values()):
        return {}
    if any(graph.find(name).transform != "log" for name in (member.name, *formula.names)):
        return {}
    return {graph.index(name): float(power) for name, power in law.exponents.items()}
