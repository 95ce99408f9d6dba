"""What is expected of links, and of what is left after them, before any value is seen."""

from __future__ import annotations

import numpy as np

from hokan.gp.kernels import FloatArray, LogNormalPrior
from hokan.graph import PropertyGraph
from hokan.inference.parameters import MATERIAL_VARIANCE_PRIOR
from hokan.model.groups import relatives
from hokan.model.power_laws import exponents
from hokan.table import PropertyTable

#: Links between relatives are expected this near to one for one.
RELATIVE_LINK_SPREAD = 0.4
#: The exponents of a formula hold; what it misses is for the descriptors to learn.
FORMULA_LINK_SPREAD = 0.02
#: What a relative leaves unexplained of a quantity is less than what a composition does.
RELATIVE_VARIANCE_PRIOR = LogNormalPrior(median=0.02, spread=1.5)


def link_means(graph: PropertyGraph, table: PropertyTable) -> FloatArray:
    """Return the prior mean of every link before standardising, shape (p, p).

    What the graph gives; else, for relatives, 1 over their number: unless the data say otherwise,
    a quantity moves with its other fidelities one for one. Shrinking towards 0 instead would keep
    it from going beyond the few values known: of 30 experimental band gaps up to 4 eV, fluorides
    at 12 eV were predicted at 7.
    """
    means = graph.prior_means()
    for j in range(len(graph)):
        for k, power in exponents(graph, j).items():
            means[j, k] = power
    for j, parents in _related_parents(graph, table).items():
        if not graph.properties[j].prior and not exponents(graph, j):
            means[j, parents] = 1.0 / len(parents)
    return means


def link_spreads(graph: PropertyGraph, table: PropertyTable) -> FloatArray:
    """Return the prior standard deviation of every link, in standardised units, shape (p, p).

    ``1 / sqrt(number of parents)``: all parents together are expected to explain about the variance
    of their child, so each of many counts for little unless the data say otherwise. Links between
    relatives are nearer to their mean.
    """
    parents = graph.parent_mask().sum(axis=1, keepdims=True)
    spreads = np.repeat(1.0 / np.sqrt(np.maximum(parents, 1)), len(graph), axis=1)
    for j, related in _related_parents(graph, table).items():
        spreads[j, related] *= RELATIVE_LINK_SPREAD
    for j in range(len(graph)):
        spreads[j, list(exponents(graph, j))] = FORMULA_LINK_SPREAD
    return np.asarray(spreads)


def material_variance_priors(
    graph: PropertyGraph, table: PropertyTable, usual: LogNormalPrior | None
) -> tuple[LogNormalPrior, ...] | None:
    """Return the prior of the variance that belongs to the material, for each property.

    Parameters
    ----------
    graph, table
        What is modelled.
    usual : LogNormalPrior or None
        That of the kernels; ``None``: there is no such variance.
    """
    if usual is None:
        return None
    priors = [usual] * len(graph)
    if usual == MATERIAL_VARIANCE_PRIOR:
        for j in _related_parents(graph, table):
            priors[j] = RELATIVE_VARIANCE_PRIOR
    return tuple(priors)


def _related_parents(graph: PropertyGraph, table: PropertyTable) -> dict[int, list[int]]:
    """Return, for each property that has any, its parents that are its relatives."""
    mask = graph.parent_mask()
    found: dict[int, list[int]] = {}
    for group in relatives(graph, table):
        for j in group:
            related = [k for k in group if mask[j, k]]
            if related:
                found[j] = related
    return found
