"""Ways to predict the top of a fidelity ladder, from least to most that they make use of.

All are hokan's own model with links or values left out, so that they differ in nothing else:
descriptors, kernels, priors and the search for parameters are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from hokan.graph import Property, PropertyGraph
from hokan.inference.fitting import FitOptions
from hokan.model import CellPrediction, HierarchyModel, ModelOptions, in_columns
from hokan.table import PropertyTable, nested_subset

#: A second start of the search changed errors by less than 0.002 eV/atom on the formation
#: enthalpies and took as long again.
_SEARCH = FitOptions(n_restarts=0)


@dataclass(frozen=True)
class FidelityMethod:
    """A way to predict the top level.

    Attributes
    ----------
    graph : callable
        Makes the graph from the names of the levels, cheapest first.
    nested : bool
        Whether only values that are nested in this order can be used.
    """

    graph: Callable[[Sequence[str]], PropertyGraph]
    nested: bool = False

    def visible(self, table: PropertyTable, levels: Sequence[str]) -> PropertyTable:
        """Return what of a table the method can use."""
        return nested_subset(table, levels) if self.nested else table

    def can_learn(self, visible: PropertyTable, levels: Sequence[str]) -> bool:
        """Return whether each level the method models has two different known values."""
        return all(_n_different(visible, name) >= 2 for name in self.graph(levels).names)

    def predict(
        self, visible: PropertyTable, levels: Sequence[str], *, random_state: int, level: float
    ) -> CellPrediction:
        """Predict the top level in every row, given what is known there; arrays of one column."""
        options = ModelOptions(random_state=random_state, fit=_SEARCH)
        model = HierarchyModel.from_table(visible, self.graph(levels), options)
        return in_columns(model.fill(level), model.graph.names, (levels[-1],))


def _n_different(table: PropertyTable, name: str) -> int:
    values = table.values[:, table.property_names.index(name)]
    return len(np.unique(values[~np.isnan(values)]))


def _alone_linear(levels: Sequence[str]) -> PropertyGraph:
    return PropertyGraph((Property(levels[-1], discrepancy="linear"),))


def _alone(levels: Sequence[str]) -> PropertyGraph:
    return PropertyGraph((Property(levels[-1]),))


def _chain(levels: Sequence[str]) -> PropertyGraph:
    return PropertyGraph.ladder(*levels)


def _two_stage(levels: Sequence[str]) -> PropertyGraph:
    first, *above = _chain(levels)
    return PropertyGraph((first, *(replace(member, discrepancy="linear") for member in above)))


OWN_LINEAR = "own property, linear"
OWN_PROCESS = "own property, Gaussian process"
TWO_STAGE = "cokriging, two-stage"
COKRIGING = "cokriging, autoregressive"
JOINT = "joint model"

#: By name. ``cokriging, two-stage``: a Gaussian process for the cheapest level, straight lines in
#: the descriptors and the level below for the others. ``autoregressive``: with a discrepancy
#: process (Kennedy & O'Hagan 2000; Le Gratiet & Garnier 2014). Both on nested values alone.
FIDELITY_METHODS: Mapping[str, FidelityMethod] = MappingProxyType(
    {
        OWN_LINEAR: FidelityMethod(_alone_linear),
        OWN_PROCESS: FidelityMethod(_alone),
        TWO_STAGE: FidelityMethod(_two_stage, nested=True),
        COKRIGING: FidelityMethod(_chain, nested=True),
        JOINT: FidelityMethod(_chain),
    }
)
