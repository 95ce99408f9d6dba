"""One property as a regression on its parents and the descriptors: its unknowns and its evidence.

Given complete parents, property j is a Gaussian process with covariance ``A_j + Phi S Phi'``: what
the descriptors and the material give, and what the links give. ``A_j`` does not change when a
parent's value is imputed; only the basis ``Phi`` of the links does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.factorisation import (
    cholesky_in_place,
    half_log_determinant,
    invert_in_place,
    solve_factored,
    subtract_outer_in_place,
)
from hokan.gp.kernels import FloatArray
from hokan.inference.blocks import geometries_between, kernel_matrices
from hokan.inference.cells import Cells
from hokan.inference.joint import JointLikelihood
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.sampling.formula_link import FormulaLink, FormulaLinkAt
from hokan.sampling.links import Link, LinkAt

AnyLink = Link | FormulaLink
AnyLinkAt = LinkAt | FormulaLinkAt

#: Least share of a property's variance that belongs to the material: ``A_j`` must have an inverse.
_LEAST_VARIANCE = 1e-6
#: Logarithms of variances and lengthscales go no higher, in standardised units.
_MOST_LOG = 5.0


@dataclass(frozen=True)
class NodeParameters:
    """What is learned of one property besides the weights of its links.

    Attributes
    ----------
    process : HierarchyParameters
        Of one property without links: variances of the kernels and of what belongs to the
        material, and lengthscales.
    links : tuple of ndarray
        Logarithms of the hyperparameters of every link.
    """

    process: HierarchyParameters
    links: tuple[FloatArray, ...]


class Node:
    """A property, its parents, and how each of them acts.

    Parameters
    ----------
    layout : ParameterLayout
        Of this property alone, without links.
    links : tuple of Link or FormulaLink
        How its parents act.
    """

    def __init__(self, layout: ParameterLayout, links: tuple[AnyLink, ...]) -> None:
        self.layout = layout
        self.links = links
        priors = [prior for link in links for prior in link.hyperparameter_priors]
        self.prior_mean = np.concatenate([layout.prior_mean, [p.log_mean for p in priors]])
        self.prior_spread = np.concatenate([layout.prior_spread, [p.spread for p in priors]])
        stops = np.cumsum([link.n_weights for link in links], dtype=np.int64).tolist()
        self.weight_slices = [
            slice(stop - link.n_weights, stop) for link, stop in zip(links, stops, strict=True)
        ]

    @property
    def parents(self) -> tuple[int, ...]:
        """Numbers of the properties that act."""
        return tuple(parent for link in self.links for parent in link.parents)

    @property
    def n_weights(self) -> int:
        """Number of link weights."""
        return sum(link.n_weights for link in self.links)

    @property
    def weight_mean(self) -> FloatArray:
        """Prior mean of the weights, shape (r,)."""
        return np.concatenate([np.zeros(0), *(link.prior_mean for link in self.links)])

    @property
    def bounds(self) -> list[tuple[float | None, float | None]]:
        """Bounds for an optimiser of the vector."""
        lower, upper = self.layout.bound_arrays
        if self.layout.free[-1, 0]:
            lower[self.layout.n_variances - 1] = np.log(_LEAST_VARIANCE)
        n_links = len(self.prior_mean) - len(lower)
        wide = 8.0
        np.minimum(upper, _MOST_LOG, out=upper)
        return [
            *zip(lower.tolist(), upper.tolist(), strict=True),
            *[
                (float(mean) - wide, float(mean) + wide)
                for mean in self.prior_mean[len(lower) :][:n_links]
            ],
        ]

    def unpack(self, vector: FloatArray) -> NodeParameters:
        """Return the parameters that a vector stands for."""
        size = len(self.layout)
        process = self.layout.unpack(vector[:size])
        links = []
        for link in self.links:
            count = len(link.hyperparameter_priors)
            links.append(vector[size : size + count])
            size += count
        return NodeParameters(process, tuple(links))

    def weight_variance(self, parameters: NodeParameters) -> tuple[FloatArray, FloatArray]:
        """Return the prior variance of every weight (r,) and its derivatives (h, r)."""
        found = [
            link.prior_variance(logs)
            for link, logs in zip(self.links, parameters.links, strict=True)
        ]
        derivatives = np.zeros((sum(len(d) for _, d in found), self.n_weights))
        start = 0
        for (_, block), part in zip(found, self.weight_slices, strict=True):
            derivatives[start : start + len(block), part] = block
            start += len(block)
        return np.concatenate([np.zeros(0), *(v for v, _ in found)]), derivatives

    def linearised(
        self, table: FloatArray, directions: FloatArray, weights: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return what links give as a linear function of their weights, near some weights.

        Parameters
        ----------
        table : ndarray of shape (n, p)
            Complete rows.
        directions : ndarray of shape (n, m)
        weights : ndarray of shape (r,)

        Returns
        -------
        offset : ndarray of shape (n,)
            What is left where the weights are 0; nothing but formulas has any.
        basis : ndarray of shape (n, r)
        """
        links = self.links_at(table.T[:, :, None], directions)
        columns = [np.zeros((len(table), 0))]
        columns += [
            link.basis(weights[part, None])
            for link, part in zip(links, self.weight_slices, strict=True)
        ]
        basis = np.concatenate(columns, axis=1)
        total = self.total(links, weights[:, None], (len(table), 1))
        return total[:, 0] - basis @ weights, basis

    def links_at(self, tables: FloatArray, directions: FloatArray) -> list[AnyLinkAt]:
        """Return every link at complete rows of several chains.

        Parameters
        ----------
        tables : ndarray of shape (p, n, c)
        directions : ndarray of shape (n, m)
        """
        return [link.at([tables[k] for k in link.parents], directions) for link in self.links]

    def total(
        self, links: list[AnyLinkAt], weights: FloatArray, shape: tuple[int, ...]
    ) -> FloatArray:
        """Return what links give together with weights (r, c), of shape (n, c)."""
        result = np.zeros(shape)
        for link, part in zip(links, self.weight_slices, strict=True):
            result += link.value(weights[part])
        return result

    def negative_log_prior(self, vector: FloatArray) -> tuple[float, FloatArray]:
        """Return ``-log p(vector)`` up to a constant, and its gradient."""
        residual = (vector - self.prior_mean) / self.prior_spread
        return float(0.5 * residual @ residual), residual / self.prior_spread

    def prior_variance(self, parameters: NodeParameters, features: MaterialFeatures) -> FloatArray:
        """Return the variance of ``f + e`` of materials before any value is seen, shape (n,)."""
        diagonals = [kernel.diagonal(features) for kernel in self.layout.kernels]
        variances = parameters.process.variances[:, 0]
        return np.asarray(variances @ np.array([*diagonals, np.ones(len(features))]))

    def covariance_between(
        self, parameters: NodeParameters, left: MaterialFeatures, right: MaterialFeatures
    ) -> FloatArray:
        """Return the covariance of ``f`` between two lists of different materials."""
        matrices = kernel_matrices(
            self.layout, parameters.process, geometries_between(self.layout.kernels, left, right)
        )
        variances = parameters.process.variances[:-1, 0]
        result = variances[0] * matrices[0]
        for variance, matrix in zip(variances[1:], matrices[1:], strict=True):
            result += variance * matrix
        return np.asarray(result)


def node_of(
    layout: ParameterLayout,
    j: int,
    reaches: FloatArray,
    kinds: Mapping[tuple[int, int], str],
    formulas: Mapping[int, FormulaLink],
    n_directions: int,
) -> Node:
    """Return the node of a property of a graph.

    Parameters
    ----------
    layout : ParameterLayout
        Graph, kernels and priors.
    j : int
        The property.
    reaches : ndarray of shape (p,)
        How far curves of each property as a parent reach.
    kinds : mapping
        (child, parent) to the kind of their link, where it is not linear.
    formulas : mapping
        Child to the formula that some of its parents follow.
    n_directions : int
        Of joint links.
    """
    formula = formulas.get(j)
    links: list[AnyLink] = [] if formula is None else [formula]
    in_formula = () if formula is None else formula.parents
    for k in np.flatnonzero(layout.parent_mask[j]).tolist():
        if k in in_formula:
            continue
        kind = kinds.get((j, k), "linear")
        links.append(
            Link(
                k,
                kind,
                float(layout.link_means[j, k]),
                float(layout.link_spreads[j, k]),
                float(reaches[k]),
                n_directions if kind == "joint" else 0,
            )
        )
    return Node(layout.of_property(j), tuple(links))


class NodeLikelihood:
    """Evidence of one property given complete parents, with the weights integrated out.

    Parameters
    ----------
    node : Node
    features : MaterialFeatures
        Of the n materials it is looked at for.
    """

    def __init__(self, node: Node, features: MaterialFeatures) -> None:
        self.node = node
        n = len(features)
        self._process = JointLikelihood(
            Cells(np.zeros((n, 1)), np.zeros((n, 1)), features), node.layout
        )

    def covariance(self, parameters: NodeParameters) -> FloatArray:
        """Return ``A_j``, shape (n, n); only its upper triangle is filled."""
        return self._process.covariance(parameters.process)[0]

    def value(self, vector: FloatArray, values: FloatArray, basis: FloatArray) -> float:
        """Return the value of :meth:`value_and_gradient` alone."""
        parameters = self.node.unpack(vector)
        variance, _ = self.node.weight_variance(parameters)
        covariance = self.covariance(parameters)
        covariance += (basis * variance) @ basis.T
        residual = values - basis @ self.node.weight_mean
        cholesky_in_place(covariance)
        value = 0.5 * residual @ solve_factored(covariance, residual)
        value += half_log_determinant(covariance) + 0.5 * len(values) * np.log(2.0 * np.pi)
        return float(value) + self.node.negative_log_prior(vector)[0]

    def value_and_gradient(
        self, vector: FloatArray, values: FloatArray, basis: FloatArray
    ) -> tuple[float, FloatArray]:
        """Return the negative log posterior of the parameters, up to a constant.

        Parameters
        ----------
        vector : ndarray
            Of :class:`Node`.
        values : ndarray of shape (n,)
            The property's, less the offset of its links.
        basis : ndarray of shape (n, r)
            Of its links at the parents' values.

        Raises
        ------
        NotPositiveDefiniteError
            The parameters give no valid covariance.
        """
        parameters = self.node.unpack(vector)
        variance, derivatives = self.node.weight_variance(parameters)
        covariance, matrices = self._process.covariance(parameters.process)
        covariance += (basis * variance) @ basis.T
        residual = values - basis @ self.node.weight_mean
        cholesky_in_place(covariance)
        alpha = solve_factored(covariance, residual)
        value = 0.5 * residual @ alpha + half_log_determinant(covariance)
        value += 0.5 * len(values) * np.log(2.0 * np.pi)
        invert_in_place(covariance)
        subtract_outer_in_place(covariance, alpha)
        of_process = self._process.gradient(parameters.process, covariance, matrices)
        upper = np.triu(covariance)
        twice = upper @ basis
        twice += np.triu(upper, 1).T @ basis
        of_weights = 0.5 * derivatives @ np.einsum("nr,nr->r", basis, twice)
        penalty, slope = self.node.negative_log_prior(vector)
        gradient = np.concatenate([self.node.layout.arrange(of_process), of_weights])
        return float(value) + penalty, gradient + slope
