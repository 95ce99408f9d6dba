"""From a table to a first guess of everything: one property after the other, parents first."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.factorisation import NotPositiveDefiniteError
from hokan.gp.kernels import FloatArray
from hokan.gp.optimise import minimise
from hokan.sampling.node import Node, NodeLikelihood
from hokan.sampling.unknowns import IndexArray, Unknowns, well_inside

#: Hyperparameters of a property are learned from at most so many of its rows.
MOST_ROWS = 400
_FIRST_ITERATIONS = 40
#: A measured value with a larger error than this is no guide to begin with.
_MOST_NOISE = 0.5


def learn_node(
    node: Node,
    features: MaterialFeatures,
    values: FloatArray,
    basis: FloatArray,
    start: FloatArray,
    max_iterations: int,
) -> tuple[FloatArray, float]:
    """Return the most probable parameters of a node given complete rows, and minus their log.

    Parameters
    ----------
    node : Node
    features : MaterialFeatures
        Of the n rows.
    values : ndarray of shape (n,)
    basis : ndarray of shape (n, r)
    start : ndarray
        Parameter vector to start from.
    max_iterations : int
    """
    likelihood = NodeLikelihood(node, features)
    found = minimise(
        lambda vector: likelihood.value_and_gradient(vector, values, basis),
        [start],
        node.bounds,
        max_iterations=max_iterations,
    )
    return found.vector, found.value


def sample_rows(
    rows: IndexArray, random_state: np.random.Generator, most: int = MOST_ROWS
) -> IndexArray:
    """Return the rows, or a sample of them where there are many, in order."""
    if len(rows) <= most:
        return rows
    return np.sort(random_state.choice(rows, most, replace=False))


def first_guess(
    nodes: tuple[Node, ...],
    order: tuple[int, ...],
    features: MaterialFeatures,
    directions: FloatArray,
    unknowns: Unknowns,
    random_state: np.random.Generator,
) -> tuple[list[FloatArray], FloatArray]:
    """Return parameter vectors of all nodes, and a completed table (n, p).

    Each property is learned where it is measured, with the parents as known or guessed before, and
    its holes get what it then predicts.

    Parameters
    ----------
    order : tuple of int
        Every parent before its children.
    """
    values = np.where(unknowns.noise_table < _MOST_NOISE, unknowns.measured_table, np.nan)
    table = values.copy()
    vectors: list[FloatArray] = [node.prior_mean for node in nodes]
    for j in order:
        node = nodes[j]
        known = np.flatnonzero(np.isfinite(values[:, j]))
        rows = sample_rows(known, random_state)
        offset, basis = node.linearised(table[rows], directions[rows], node.weight_mean)
        if len(rows):
            vectors[j], _ = learn_node(
                node,
                features.rows(rows),
                values[rows, j] - offset,
                basis,
                node.prior_mean,
                _FIRST_ITERATIONS,
            )
        holes = np.flatnonzero(~np.isfinite(values[:, j]))
        if not len(holes):
            continue
        mean = _predict(node, vectors[j], features, directions, table, rows, holes, values[rows, j])
        table[holes, j] = well_inside(mean, unknowns.lower[holes, j], unknowns.upper[holes, j])
    return vectors, table


def _predict(
    node: Node,
    vector: FloatArray,
    features: MaterialFeatures,
    directions: FloatArray,
    table: FloatArray,
    rows: IndexArray,
    wanted: IndexArray,
    values: FloatArray,
) -> FloatArray:
    """Return the mean of a property in some rows given others."""
    parameters = node.unpack(vector)
    variance, _ = node.weight_variance(parameters)
    there, here = features.rows(wanted), features.rows(rows)
    (offset, basis), (prior, at_wanted) = (
        node.linearised(table[index], directions[index], node.weight_mean)
        for index in (rows, wanted)
    )
    prior = prior + at_wanted @ node.weight_mean
    if not len(rows):
        return prior
    covariance = NodeLikelihood(node, here).covariance(parameters)
    covariance += (basis * variance) @ basis.T
    try:
        factor = cho_factor(np.triu(covariance), lower=False)
    except np.linalg.LinAlgError as error:
        raise NotPositiveDefiniteError(str(error)) from None
    cross = node.covariance_between(parameters, there, here) + (at_wanted * variance) @ basis.T
    return np.asarray(prior + cross @ cho_solve(factor, values - offset - basis @ node.weight_mean))
