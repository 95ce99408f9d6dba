"""A table and a graph as chains see them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from hokan.gp.kernels import FloatArray
from hokan.inference.cells import Cells
from hokan.inference.parameters import NOISE_VARIANCE_PRIOR, ParameterLayout
from hokan.inference.recursive_posterior import topological_order
from hokan.inference.suspects import with_robust_start
from hokan.sampling.directions import Directions
from hokan.sampling.energy import Hierarchy
from hokan.sampling.formula_link import FormulaLink
from hokan.sampling.links import Link
from hokan.sampling.node import NodeLikelihood, node_of
from hokan.sampling.unknowns import Unknowns


@dataclass(frozen=True)
class LinkPlan:
    """How parents act, where it is not by straight lines.

    Attributes
    ----------
    kinds : tuple of (int, int, str)
        Child, parent, and the kind of their link: "smooth" or "joint".
    formulas : tuple of (int, FormulaLink)
        Child, and the formula that some of its parents follow.
    """

    kinds: tuple[tuple[int, int, str], ...] = ()
    formulas: tuple[tuple[int, FormulaLink], ...] = ()

    @property
    def is_linear(self) -> bool:
        """Whether all links are straight lines."""
        return not self.kinds and not self.formulas

    def kind_of(self) -> dict[tuple[int, int], str]:
        """Return the kinds by (child, parent)."""
        return {(child, parent): kind for child, parent, kind in self.kinds}


@dataclass(frozen=True)
class Setting:
    """A table, a graph and its links.

    Attributes
    ----------
    cells : Cells
        The standardised table. What stands for limits is not read: the limits are.
    layout : ParameterLayout
        Graph, kernels and priors.
    plan : LinkPlan
    directions : Directions
        From materials to what joint links bend along.
    reaches : ndarray of shape (p,)
        How far curves of each property as a parent reach.
    noise : ndarray of shape (p,)
        Variances of measurement errors besides those given; 0 where none is learned.
    """

    cells: Cells
    layout: ParameterLayout
    plan: LinkPlan
    directions: Directions
    reaches: FloatArray
    noise: FloatArray

    @classmethod
    def of(
        cls,
        cells: Cells,
        layout: ParameterLayout,
        plan: LinkPlan,
        random_state: np.random.Generator,
    ) -> Setting:
        """Prepare a table; measurement errors that are learned begin at a guess."""
        cells = with_robust_start(cells)
        noise = np.where(layout.learn_noise, NOISE_VARIANCE_PRIOR.median, 0.0)
        sure = np.where(cells.with_sites, np.nan, cells.values)
        reaches = np.array([Link.reach_of(column) for column in sure.T])
        children = sorted({child for child, _, kind in plan.kinds if kind == "joint"})
        directions = Directions.fit(cells.features, cells.observed[:, children], random_state)
        return cls(cells, layout, plan, directions, reaches, noise)

    def with_noise(self, noise: FloatArray) -> Setting:
        """Return the same with other learned measurement errors."""
        return replace(self, noise=noise)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Every parent before its children."""
        return tuple(topological_order(self.layout.parent_mask))

    @cached_property
    def hierarchy(self) -> Hierarchy:
        """Nodes and unknowns."""
        unknowns = self._unknowns()
        kinds, formulas = self.plan.kind_of(), dict(self.plan.formulas)
        nodes = tuple(
            node_of(self.layout, j, self.reaches, kinds, formulas, len(self.directions))
            for j in range(self.layout.n_properties)
        )
        return Hierarchy(nodes, unknowns, self.directions.of(self.cells.features))

    def likelihoods(self) -> list[NodeLikelihood]:
        """Return the likelihood of every node over the rows where it takes part."""
        return [
            NodeLikelihood(node, self.cells.features.rows(rows))
            for node, rows in zip(self.hierarchy.nodes, self.hierarchy.unknowns.rows, strict=True)
        ]

    def _unknowns(self) -> Unknowns:
        cells = self.cells
        values, given = cells.values, cells.noise_variance
        lower, upper = np.full(values.shape, -np.inf), np.full(values.shape, np.inf)
        of_limits = np.zeros(values.shape)
        if cells.limits is not None:
            limits = cells.limits
            values = np.where(limits.here, np.nan, values)
            lower = np.where(limits.here, limits.lower, lower)
            upper = np.where(limits.here, limits.upper, upper)
            of_limits = np.where(limits.here, limits.noise_variance + self.noise, 0.0)
        measured = np.isfinite(values)
        return Unknowns(
            values,
            np.where(measured, given + self.noise, 0.0),
            lower,
            upper,
            of_limits,
            self.layout.parent_mask,
        )
