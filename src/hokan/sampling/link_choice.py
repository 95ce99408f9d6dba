"""Choosing how parents act, by evidence.

Each child is looked at where it and its parents are measured: there it is one regression, and the
probability of its values under straight lines, curves, and lines that chemistry bends can be
compared. A richer link must be more probable by more than its hyperparameters could be by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.factorisation import NotPositiveDefiniteError
from hokan.gp.kernels import FloatArray
from hokan.inference.cells import Cells
from hokan.inference.parameters import ParameterLayout
from hokan.sampling.directions import Directions
from hokan.sampling.links import LINK_KINDS, Link
from hokan.sampling.node import node_of
from hokan.sampling.setting import LinkPlan
from hokan.sampling.start import learn_node, sample_rows

#: Kinds are compared on at most so many materials, and not at all on fewer than these.
_MOST_ROWS, _FEWEST_ROWS = 200, 30
_ITERATIONS = 40
#: In nats, for each link: about what hyperparameters that change nothing can gain by chance.
LEAST_GAIN = 1.0


@dataclass(frozen=True)
class LinkChoice:
    """How the parents of one child act, and how sure that is.

    Attributes
    ----------
    child : int
    kinds : dict of int to str
        Parent to the kind of its link.
    gain : float
        Log evidence over that of straight lines, in nats.
    n_materials : int
        Materials compared on; 0: too few to compare.
    """

    child: int
    kinds: dict[int, str]
    gain: float
    n_materials: int


def choose_links(
    cells: Cells,
    layout: ParameterLayout,
    open_links: Mapping[int, tuple[int, ...]],
    plan: LinkPlan,
    random_state: np.random.Generator,
) -> list[LinkChoice]:
    """Choose the kinds of the links that are open.

    Parameters
    ----------
    cells : Cells
        The standardised table.
    layout : ParameterLayout
    open_links : mapping
        Child to those of its parents whose link is to be chosen.
    plan : LinkPlan
        Of the other links.
    random_state : Generator
    """
    measured = np.isfinite(cells.values)
    if cells.limits is not None:
        measured &= ~cells.limits.here
    reaches = np.array([Link.reach_of(column) for column in cells.values.T])
    found = []
    for child, parents in open_links.items():
        complete = measured[:, child] & measured[:, layout.parent_mask[child]].all(axis=1)
        rows = np.flatnonzero(complete)
        straight = dict.fromkeys(parents, "linear")
        if len(rows) < _FEWEST_ROWS:
            found.append(LinkChoice(child, straight, 0.0, 0))
            continue
        rows = sample_rows(rows, random_state, _MOST_ROWS)
        features = cells.features.rows(rows)
        directions = Directions.fit(features, np.ones((len(rows), 1), dtype=bool), random_state)
        table = cells.values[rows]

        def log_evidence(
            kinds: Mapping[int, str],
            child: int = child,
            features: MaterialFeatures = features,
            directions: Directions = directions,
            table: FloatArray = table,
        ) -> float:
            every = plan.kind_of() | {(child, parent): kind for parent, kind in kinds.items()}
            node = node_of(layout, child, reaches, every, dict(plan.formulas), len(directions))
            weights = node.weight_mean
            offset, basis = node.linearised(table, directions.of(features), weights)
            try:
                _, value = learn_node(
                    node, features, table[:, child] - offset, basis, node.prior_mean, _ITERATIONS
                )
            except NotPositiveDefiniteError:
                return -np.inf
            return -value

        found.append(_best(child, parents, log_evidence, len(rows)))
    return found


def _best(
    child: int,
    parents: tuple[int, ...],
    log_evidence: Callable[[Mapping[int, str]], float],
    n_materials: int,
) -> LinkChoice:
    """Try one kind for all parents, then other kinds for single ones."""
    straight = dict.fromkeys(parents, "linear")
    at_start = best_value = log_evidence(straight)
    best = straight
    for kind in LINK_KINDS[1:]:
        tried = dict.fromkeys(parents, kind)
        value = log_evidence(tried)
        if value > best_value + LEAST_GAIN * len(parents):
            best, best_value = tried, value
    for parent in parents if len(parents) > 1 else ():
        for kind in LINK_KINDS:
            if kind == best[parent]:
                continue
            tried = best | {parent: kind}
            value = log_evidence(tried)
            richer = LINK_KINDS.index(kind) > LINK_KINDS.index(best[parent])
            if value > best_value + (LEAST_GAIN if richer else -LEAST_GAIN):
                best, best_value = tried, value
    return LinkChoice(child, best, best_value - at_start, n_materials)
