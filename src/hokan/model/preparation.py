"""Everything that is decided before a fit: graph, descriptors, kernels, scales, priors."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.descriptors.space import DescriptorSpace, raw_descriptors
from hokan.gp.kernels import FloatArray
from hokan.graph import PropertyGraph, StandardisedTransform, get_transform
from hokan.inference.cells import Cells
from hokan.inference.parameters import ParameterLayout
from hokan.model.kernel_choice import choose_kernels
from hokan.model.options import ModelOptions
from hokan.model.scaling import standardise_column
from hokan.model.transform_choice import choose_transform
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
    """

    graph: PropertyGraph
    transforms: tuple[StandardisedTransform, ...]
    space: DescriptorSpace
    cells: Cells
    layout: ParameterLayout
    notes: tuple[str, ...]


def prepare(
    table: PropertyTable, graph: PropertyGraph | None, options: ModelOptions
) -> PreparedTable:
    """Decide everything that a fit needs; see :class:`HierarchyModel`."""
    notes: list[str] = []
    random_state = np.random.default_rng([options.random_state, 0])
    if graph is None:
        counts = table.observed.sum(axis=0)
        graph = PropertyGraph.learned(table.property_names, counts)
        if len(graph.names) > 1:
            notes.append("No graph given: each property is linked to all that are known better.")
    else:
        graph.check_against(table.property_names, source=table.source)
        for name in graph.unused(table.property_names):
            notes.append(f"{name}: not in the graph, left as it is.")
    columns = [table.property_names.index(name) for name in graph.names]
    raw = table.values[:, columns]

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
        _provisional_scale(raw),
        same_composition=options.same_composition,
        weigh=options.weigh_descriptors,
        random_state=random_state,
    )
    features = space.transform(described)
    kernels = choose_kernels(features)

    decided = list(graph.properties)
    for group in _groups_sharing_a_scale(graph, table):
        choice = choose_transform(raw[:, group], features, kernels, random_state)
        for j in group:
            decided[j] = replace(decided[j], transform=choice.transform.name)
        names = ", ".join(graph.names[j] for j in group)
        notes.append(f"{names}: scale {choice.describe()}.")
    graph = PropertyGraph(tuple(decided))
    transforms, cells = _standardise(table, columns, graph, features)

    scales = np.array([transform.scale for transform in transforms])
    repeated = bool((features.identity >= 0).any())
    layout = ParameterLayout(
        graph.parent_mask(),
        kernels,
        link_means=graph.prior_means() * scales[None, :] / scales[:, None],
        link_spreads=_link_spreads(graph),
        learn_noise=np.full(len(columns), options.learn_noise or repeated),
    )
    return PreparedTable(graph, transforms, space, cells, layout, tuple(notes))


def _standardise(
    table: PropertyTable,
    columns: list[int],
    graph: PropertyGraph,
    features: MaterialFeatures,
) -> tuple[tuple[StandardisedTransform, ...], Cells]:
    transforms = []
    values = np.empty((table.n_rows, len(columns)))
    noise = np.empty_like(values)
    for j, (declared, column) in enumerate(zip(graph.properties, columns, strict=True)):
        transform = get_transform(declared)
        transform.check(table.values[:, column], declared.name, table.source)
        transforms.append(StandardisedTransform.fit(transform, table.values[:, column]))
        values[:, j], noise[:, j] = standardise_column(table, column, transforms[-1])
    return tuple(transforms), Cells(values, noise, features)


def _groups_sharing_a_scale(graph: PropertyGraph, table: PropertyTable) -> list[list[int]]:
    """Return the properties whose scale is to be chosen, linked ones of one unit together."""
    units = [member.unit or table.units.get(member.name) for member in graph.properties]
    free = [member.transform == "auto" for member in graph.properties]
    group = list(range(len(units)))
    for child, parent in zip(*np.nonzero(graph.parent_mask()), strict=True):
        if free[child] and free[parent] and units[child] and units[child] == units[parent]:
            old, new = group[child], group[parent]
            group = [new if number == old else number for number in group]
    members = {number: [j for j, g in enumerate(group) if g == number] for number in group}
    return [group for group in members.values() if free[group[0]]]


def _link_spreads(graph: PropertyGraph) -> FloatArray:
    """Return the prior standard deviation of every link, in standardised units, shape (p, p).

    ``1 / sqrt(number of parents)``: all parents together are expected to explain about the variance
    of their child, so each of many counts for little unless the data say otherwise.
    """
    parents = graph.parent_mask().sum(axis=1, keepdims=True)
    return np.asarray(np.ones(parents.size) / np.sqrt(np.maximum(parents, 1)))


def _provisional_scale(raw: FloatArray) -> FloatArray:
    """Return values on a scale that suits most properties, before scales are chosen.

    Relevances are learned before scales, since these are compared with the final kernel; a
    logarithm of positive values keeps a few huge ones from deciding alone.
    """
    result = raw.copy()
    for column in result.T:
        known = np.isfinite(column)
        if (column[known] > 0).all():
            column[known] = np.log(column[known])
    return result


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
