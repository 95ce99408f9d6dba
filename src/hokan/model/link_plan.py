"""Deciding how parents act: as the graph says, or by evidence where it leaves that open."""

from __future__ import annotations

import numpy as np

from hokan.errors import GraphError
from hokan.graph import Formula, PropertyGraph, StandardisedTransform
from hokan.inference.cells import Cells
from hokan.inference.parameters import ParameterLayout
from hokan.model.power_laws import exponents
from hokan.sampling.formula_link import FormulaLink, fitted_constants
from hokan.sampling.link_choice import LinkChoice, choose_links
from hokan.sampling.setting import LinkPlan
from hokan.table import PropertyTable

#: A formula's constants are fitted where this many rows are complete, and to at most so many.
_FEWEST_ROWS, _MOST_ROWS = 3, 500
#: The time of sampling grows with the square of the rows.
_MOST_ROWS_TO_SAMPLE = 4000


def plan_links(
    graph: PropertyGraph,
    table: PropertyTable,
    transforms: tuple[StandardisedTransform, ...],
    cells: Cells,
    layout: ParameterLayout,
    engine: str,
    random_state: np.random.Generator,
) -> tuple[LinkPlan, list[str]]:
    """Return how parents act, and what was decided, in sentences.

    Parameters
    ----------
    graph : PropertyGraph
        With every transform decided.
    table : PropertyTable
    transforms : tuple of StandardisedTransform
    cells : Cells
        The standardised table.
    layout : ParameterLayout
    engine : {"auto", "exact", "sampling"}
        The exact engine takes straight lines only: links that are open are straight then.
    random_state : Generator

    Raises
    ------
    GraphError
        The graph asks for other links than straight ones, and the engine for straight ones; or too
        few rows are complete to fit a formula's constants.
    """
    kinds, formulas, notes = [], [], []
    still_open: dict[int, tuple[int, ...]] = {}
    for j, member in enumerate(graph):
        formula = member.parsed_formula
        if formula is not None and not exponents(graph, j):
            constants = _fit(formula, graph, j, table, transforms[j], random_state)
            parents = tuple(graph.index(name) for name in formula.names)
            scales = tuple(transforms[k] for k in parents)
            link = FormulaLink(parents, formula, scales, transforms[j], constants)
            formulas.append((j, link))
        if formula is not None:
            notes.append(_formula_note(graph, j))
        open_parents = []
        for parent in member.parents:
            kind, k = member.link_of(parent), graph.index(parent)
            if kind == "auto":
                open_parents.append(k)
            elif kind in ("smooth", "joint"):
                kinds.append((j, k, kind))
        if open_parents:
            still_open[j] = tuple(open_parents)
    plan = LinkPlan(tuple(kinds), tuple(formulas))
    if engine == "exact":
        _check_straight(plan, graph)
        return plan, notes
    if still_open and engine == "auto" and table.n_rows > _MOST_ROWS_TO_SAMPLE:
        notes.append(
            f"Links are straight, as other ones take long for more than {_MOST_ROWS_TO_SAMPLE} "
            "rows; --engine sampling compares them all the same."
        )
        return plan, notes
    for choice in choose_links(cells, layout, still_open, plan, random_state):
        kinds += [
            (choice.child, parent, kind)
            for parent, kind in choice.kinds.items()
            if kind != "linear"
        ]
        notes.append(_told(choice, graph))
    return LinkPlan(tuple(kinds), tuple(formulas)), notes


def _fit(
    formula: Formula,
    graph: PropertyGraph,
    j: int,
    table: PropertyTable,
    child: StandardisedTransform,
    random_state: np.random.Generator,
) -> tuple[float, ...]:
    """Return the constants of a formula, fitted where its parents and the property are known."""
    names = (*formula.names, graph.names[j])
    columns = table.values[:, [table.property_names.index(name) for name in names]]
    complete = columns[np.isfinite(columns).all(axis=1)]
    if len(complete) < max(_FEWEST_ROWS, len(formula.constants)):
        raise GraphError(
            f"property {graph.names[j]!r}: formula needs at least "
            f"{max(_FEWEST_ROWS, len(formula.constants))} rows in which it and all its parents "
            f"({', '.join(formula.names)}) are known, found {len(complete)}; give the parents "
            'links of another kind (link = "linear") or more data'
        )
    if len(complete) > _MOST_ROWS:
        complete = complete[random_state.choice(len(complete), _MOST_ROWS, replace=False)]
    values = dict(zip(formula.names, complete.T, strict=False))
    return fitted_constants(formula, values, complete[:, -1], child, random_state)


def _check_straight(plan: LinkPlan, graph: PropertyGraph) -> None:
    for child, parent, kind in plan.kinds:
        raise GraphError(
            f'property {graph.names[child]!r}: link = "{kind}" (from {graph.names[parent]!r}) '
            'needs the sampling engine; use --engine auto or sampling (engine="auto" in Python), '
            'or link = "linear"'
        )
    for child, link in plan.formulas:
        raise GraphError(
            f"property {graph.names[child]!r}: formula = {str(link.formula)!r} needs the sampling "
            'engine: it is no product of powers, or not all scales are "log"; use --engine auto'
        )


def _formula_note(graph: PropertyGraph, j: int) -> str:
    member = graph.properties[j]
    how = (
        "a straight line between logarithms, its exponents held near those given"
        if exponents(graph, j)
        else "its constants fitted, and what it leaves learned from the descriptors"
    )
    return f"{member.name}: follows {member.parsed_formula} ({how})."


def _told(choice: LinkChoice, graph: PropertyGraph) -> str:
    child = graph.names[choice.child]
    if not choice.n_materials:
        return (
            f"{child}: straight links, as too few rows have it and all its parents known to "
            "compare others."
        )
    kinds = {"linear": "straight", "smooth": "curved", "joint": "different by chemistry"}
    if set(choice.kinds.values()) == {"linear"}:
        return f"{child}: straight links (by evidence, {choice.n_materials} materials)."
    told = ", ".join(f"{graph.names[k]} {kinds[kind]}" for k, kind in choice.kinds.items())
    return (
        f"{child}: link of {told} (by evidence: {choice.gain:.1f} nats over straight lines, "
        f"{choice.n_materials} materials)."
    )
