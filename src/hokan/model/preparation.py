"""Everything that is decided before a fit: graph, descriptors, kernels, scales, priors."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hokan.descriptors.space import DescriptorSpace, raw_descriptors
from hokan.gp.kernels import FloatArray
from hokan.graph import PropertyGraph, StandardisedTransform, get_transform
from hokan.graph.transforms.standardised import drawn_in
from hokan.inference.cells import Cells
from hokan.inference.parameters import ParameterLayout
from hokan.model.categories import (
    UTILITY_TRANSFORM,
    ModelledCategory,
    is_utility,
    stand_ins,
    utility_variance_priors,
    with_categories_as_children,
    with_limits_of_utilities,
    with_utilities,
)
from hokan.model.discrepancy import component_mask
from hokan.model.floor_choice import decide_floors
from hokan.model.groups import linked_groups, relatives
from hokan.model.hierarchy_priors import (
    link_means,
    link_spreads,
    material_variance_priors,
)
from hokan.model.kernel_choice import KernelFamily, candidate_families
from hokan.model.kernel_evidence import choose_family
from hokan.model.link_plan import plan_links
from hokan.model.options import ModelOptions
from hokan.model.power_laws import with_logarithms
from hokan.model.scaling import (
    FEWEST_FOR_DOUBTS,
    standardised_cells,
    without_learned_doubts,
)
from hokan.model.transform_choice import choose_transform
from hokan.sampling.setting import LinkPlan
from hokan.table import PropertyTable


@dataclass(frozen=True)
class PreparedTable:
    """A table ready to fit.

    Attributes
    ----------
    graph : PropertyGraph
        With every transform decided.
    transforms : tuple of StandardisedTransform
        One per property.
    space : DescriptorSpace
        How materials are described.
    cells : Cells
        The standardised table, columns in graph order.
    layout : ParameterLayout
        Kernels, links and priors.
    notes : tuple of str
        What was decided on the user's behalf.
    starts : tuple of ndarray, or None
        Where to start looking for parameters; ``None``: as usual.
    plan : LinkPlan
        How parents act.
    categories : tuple of ModelledCategory
        Whose utilities are among the properties.
    """

    graph: PropertyGraph
    transforms: tuple[StandardisedTransform, ...]
    space: DescriptorSpace
    cells: Cells
    layout: ParameterLayout
    notes: tuple[str, ...]
    starts: tuple[FloatArray, ...] | None
    plan: LinkPlan
    categories: tuple[ModelledCategory, ...] = ()


def prepare(
    table: PropertyTable, given: PropertyGraph | None, options: ModelOptions
) -> PreparedTable:
    """Decide everything that a fit needs; see :class:`HierarchyModel`."""
    notes: list[str] = []
    random_state = np.random.default_rng([options.random_state, 0])
    graph = given
    if graph is None:
        counts = table.observed.sum(axis=0)
        graph = PropertyGraph.learned(table.property_names, counts)
        if len(graph.names) > 1:
            notes.append("No graph given: each property is linked to all that are known better.")
        graph, told = with_categories_as_children(graph, table)
        notes += told
    else:
        notes += _unused_categories(graph, table)
    if options.gross_errors == "none":
        graph = _taken_at_their_word(graph)
    graph, categories = with_utilities(graph, table)
    table = with_limits_of_utilities(table, categories)
    if given is not None:
        graph.check_against(table.property_names, source=table.source)
        for name in graph.unused(table.property_names):
            notes.append(f"{name}: not in the graph, left as it is.")
    notes += graph.check_units(table.units)
    columns = [table.property_names.index(name) for name in graph.names]
    raw = table.values[:, columns]
    utility = is_utility(graph, categories)

    described = raw_descriptors(
        table.compositions,
        table.descriptors,
        table.n_rows,
        table.source,
        table.composition_column,
    )
    notes.append(_descriptor_note(described.names, table))
    space = DescriptorSpace.fit(
        described,
        _provisional_scale(stand_ins(raw, table, columns, utility), graph),
        same_composition=options.same_composition,
        weigh=options.weigh_descriptors,
        random_state=random_state,
    )
    features = space.transform(described)

    graph = with_logarithms(graph, table)
    decided = list(graph.properties)
    free = [member.transform == "auto" for member in graph.properties]
    for group in linked_groups(graph, table, free):
        choice = choose_transform(
            raw[:, group],
            features,
            candidate_families(features),
            random_state,
            doubtful=any(decided[j].gross_errors != "none" for j in group),
        )
        for j in group:
            decided[j] = replace(decided[j], transform=choice.transform.name)
        names = ", ".join(graph.names[j] for j in group)
        notes.append(f"{names}: scale {choice.describe()}.")
    graph, floors = decide_floors(PropertyGraph(tuple(decided)), table)
    notes += floors
    transforms = _standardised_transforms(table, graph, utility)
    for group in relatives(graph, table):
        names = ", ".join(graph.names[j] for j in group)
        why = "fidelities of one quantity" if graph.properties[group[0]].quantity else "of one unit"
        notes.append(f"{names}: {why}; expected to move one for one unless the data say otherwise.")
    cells = standardised_cells(table, graph, transforms, features)
    cells = without_learned_doubts(cells, FEWEST_FOR_DOUBTS)

    scales = np.array([transform.scale for transform in transforms])
    repeated = bool((features.identity >= 0).any())
    means = link_means(graph, table) * scales[None, :] / scales[:, None]
    spreads = link_spreads(graph, table)
    learn_noise = np.array(
        [
            options.learn_noise or repeated or declared.measurement_error == "learned"
            for declared in graph
        ]
    )

    def layout_of(family: KernelFamily) -> ParameterLayout:
        return ParameterLayout(
            graph.parent_mask(),
            family.kernels,
            link_means=means,
            link_spreads=spreads,
            learn_noise=learn_noise,
            component_mask=component_mask(graph, family.kernels) & family.component_mask,
            material_variance_prior=utility_variance_priors(
                material_variance_priors(graph, table, family.material_variance_prior), utility
            ),
        )

    families = candidate_families(features, len(columns))
    chosen = choose_family(cells, families, layout_of, options.fit.max_iterations, random_state)
    notes += [chosen.note] if chosen.note else []
    if chosen.layout.material_variance_prior is None:
        # A function of the descriptors explains every value, and what it does not is no error.
        cells = without_learned_doubts(cells)
    plan, links = plan_links(
        graph, table, transforms, cells, chosen.layout, options.engine, random_state
    )
    return PreparedTable(
        graph,
        transforms,
        space,
        cells,
        chosen.layout,
        (*notes, *links),
        chosen.starts,
        plan,
        categories,
    )


def _taken_at_their_word(graph: PropertyGraph) -> PropertyGraph:
    """Return a graph in which nothing is in doubt, unless it says so of a property."""
    return PropertyGraph(
        tuple(
            replace(member, gross_errors="none")
            if member.gross_errors == "auto" and not member.is_category
            else member
            for member in graph
        )
    )


def _standardised_transforms(
    table: PropertyTable, graph: PropertyGraph, utility: NDArray[np.bool_]
) -> tuple[StandardisedTransform, ...]:
    """Return transforms with the mean and standard deviation of what is known.

    Relatives share the standard deviation of all of them: that of the few known values of an
    expensive one says little, and what they have in common is a slope of one on the raw scale.
    """
    columns = [table.property_names.index(name) for name in graph.names]
    transforms = []
    for declared, column, of_category in zip(graph, columns, utility, strict=True):
        if of_category:
            transforms.append(UTILITY_TRANSFORM)
            continue
        raw = table.values[:, column]
        transform = get_transform(declared)
        transform.check(raw, declared.name, table.source)
        robust = declared.gross_errors != "none"
        transforms.append(StandardisedTransform.fit(transform, raw, robust=robust))
    for group in relatives(graph, table):
        known = [table.values[table.observed[:, columns[j]], columns[j]] for j in group]
        counts = [len(values) if np.ptp(values) > 0 else 0 for values in known]
        if not any(counts):
            continue
        squares = [transforms[j].scale ** 2 for j in group]
        scale = float(np.sqrt(np.average(squares, weights=counts)))
        for j in group:
            transforms[j] = replace(transforms[j], scale=scale)
    return tuple(transforms)


def _provisional_scale(raw: FloatArray, graph: PropertyGraph) -> FloatArray:
    """Return values on a scale that suits most properties, before scales are chosen.

    Relevances are learned before scales, since these are compared with the final kernel; a
    logarithm of positive values keeps a few huge ones from deciding alone, and so does drawing in
    those that may be wrong.
    """
    result = raw.copy()
    for declared, column in zip(graph, result.T, strict=True):
        known = np.isfinite(column)
        if (column[known] > 0).all():
            column[known] = np.log(column[known])
        if declared.gross_errors != "none":
            column[:] = drawn_in(column)
    return result


def _unused_categories(graph: PropertyGraph, table: PropertyTable) -> list[str]:
    names = [name for name in table.category_names if name not in graph.names]
    return [f"{name}: a category that is not in the graph, left as it is." for name in names]


def _descriptor_note(names: tuple[str, ...], table: PropertyTable) -> str:
    user_columns = 0 if table.descriptors is None else table.descriptors.shape[1]
    if table.compositions is not None and user_columns:
        return f"Materials are described by composition and {user_columns} column(s) of yours."
    if table.compositions is not None:
        return "Materials are described by composition."
    if user_columns:
        return f"Materials are described by {user_columns} column(s) of yours."
    return (
        "No composition and no descriptors: the properties alone carry the model. Rows in which "
        "nothing is known can only be given the mean."
    )
