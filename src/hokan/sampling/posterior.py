"""Predictions of a sampled model: draws of whole rows, never squeezed into mean and variance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels import FloatArray
from hokan.inference.cells import Cells
from hokan.inference.convergence import Convergence
from hokan.inference.parameters import ParameterLayout
from hokan.sampling.conditional import NodeConditional
from hokan.sampling.doubts import expected_cells
from hokan.sampling.energy import Energy
from hokan.sampling.formula_link import FormulaLink
from hokan.sampling.rows import RowProblem
from hokan.sampling.setting import Setting
from hokan.sampling.unknowns import takes_part, well_inside

#: New materials are handled so many pairs of a row and a draw at a time.
_MOST_PAIRS = 60_000


class SampledPosterior:
    """A fitted hierarchy with links of any kind.

    Parameters
    ----------
    setting : Setting
        The table and its nodes, with the measurement errors learned.
    vectors : tuple of ndarray
        Parameter vector of every node.
    drawn_cells : ndarray of shape (s, m)
        Draws of the drawn cells of the training table.
    drawn_weights : ndarray of shape (s, r)
        Draws of the link weights.
    convergence : Convergence
        Whether the draws can be relied on.
    """

    def __init__(
        self,
        setting: Setting,
        vectors: tuple[FloatArray, ...],
        drawn_cells: FloatArray,
        drawn_weights: FloatArray,
        convergence: Convergence,
    ) -> None:
        self.setting = setting
        self.vectors = vectors
        self.drawn_cells = drawn_cells
        self.drawn_weights = drawn_weights
        self.convergence = convergence
        nodes = setting.hierarchy.nodes
        unpacked = [node.unpack(vector) for node, vector in zip(nodes, vectors, strict=True)]
        energy = Energy(setting.hierarchy, setting.likelihoods(), unpacked)
        offset = setting.hierarchy.unknowns.n_drawn
        self._weights = [
            drawn_weights.T[part.start - offset : part.stop - offset]
            for part in energy.weight_slices
        ]
        self._energy = energy
        #: Completed tables, 0 where a cell takes no part, (p, n, s).
        self._tables = setting.hierarchy.unknowns.complete(drawn_cells.T)
        self._conditionals = []
        for j, node in enumerate(nodes):
            rows = setting.hierarchy.unknowns.rows[j]
            _, _, force = energy.residual_and_force(j, self._tables, self._weights[j])
            self._conditionals.append(
                NodeConditional(
                    node,
                    unpacked[j],
                    setting.cells.features.rows(rows),
                    energy.precisions[j],
                    force,
                )
            )

    @property
    def cells(self) -> Cells:
        """The standardised training table."""
        return self.setting.cells

    @property
    def noise_variances(self) -> FloatArray:
        """Variances of the measurement errors learned, shape (p,)."""
        return self.setting.noise

    @property
    def layout(self) -> ParameterLayout:
        """Graph, kernels and priors."""
        return self.setting.layout

    @property
    def n_draws(self) -> int:
        """Number of draws, of all chains together."""
        return len(self.drawn_cells)

    def expected_cells(self) -> tuple[FloatArray, FloatArray]:
        """Return what everything but its own value says of every cell, in every draw.

        Returns
        -------
        mean, variance : ndarray of shape (n, p, s)
            NaN where a cell takes no part.
        """
        mean, variance = expected_cells(self._energy, self._tables, self._weights)
        return mean.transpose(1, 0, 2), variance.transpose(1, 0, 2)

    def mean_slopes(self) -> FloatArray:
        """Return the slope of every link, its mean over training materials, (p, p, s).

        ``[j, k]`` is that of parent k in property j, in standardised transformed units.
        """
        p = self.layout.n_properties
        slopes = np.zeros((p, p, self.n_draws))
        for j, node in enumerate(self.setting.hierarchy.nodes):
            rows = self.setting.hierarchy.unknowns.rows[j]
            links = node.links_at(self._tables[:, rows], self.setting.hierarchy.directions[rows])
            for at, link, part in zip(links, node.links, node.weight_slices, strict=True):
                for k, slope in zip(link.parents, at.slopes(self._weights[j][part]), strict=True):
                    slopes[j, k] = slope.mean(axis=0)
        return slopes

    def along_link(
        self, child: int, parent: int, values: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return a property along one of its parents with all else typical.

        Parameters
        ----------
        child, parent : int
        values : ndarray of shape (g,)
            Of the parent, in standardised transformed units.

        Returns
        -------
        curve : ndarray of shape (g, s)
            What the link gives for the typical material, shifted so that it passes through the
            middle of the materials of which both are known: the mean of what it leaves is zero.
        points : ndarray of shape (n,)
            The property of all materials, less what its other links add beyond their mean; a mean
            over draws, NaN where it takes no part.
        """
        node, unknowns = self.setting.hierarchy.nodes[child], self.setting.hierarchy.unknowns
        rows = unknowns.rows[child]
        here, directions = self._tables[:, rows], self.setting.hierarchy.directions[rows]
        both = self.cells.observed[rows][:, [child, parent]].all(axis=1)
        both |= not both.any()
        number = next(n for n, link in enumerate(node.links) if parent in link.parents)
        link, weights = node.links[number], self._weights[child][node.weight_slices[number]]
        given = link.at([here[k] for k in link.parents], directions).value(weights)
        total = node.total(node.links_at(here, directions), self._weights[child], given.shape)
        others = total - given
        points = np.full(unknowns.shape[0], np.nan)
        points[rows] = (here[child] - others + others[both].mean(axis=0)).mean(axis=1)
        shape = len(values), self.n_draws
        along = [
            np.broadcast_to(
                values[:, None] if k == parent else np.median(here[k][both], axis=0), shape
            )
            for k in link.parents
        ]
        typical = np.repeat(directions[both].mean(axis=0)[None], len(values), axis=0)
        left = (here[child] - given)[both].mean(axis=0)
        return np.asarray(link.at(along, typical).value(weights) + left), points

    def kinds_of_links(self) -> dict[tuple[int, int], str]:
        """Return the kind of every link by (child, parent)."""
        return {
            (j, k): link.kind
            for j, node in enumerate(self.setting.hierarchy.nodes)
            for link in node.links
            for k in link.parents
        }

    def formula_constants(self) -> dict[tuple[int, str], FloatArray]:
        """Return the draws (s,) of every constant of a formula, by property and name."""
        return {
            (j, name): drawn
            for j, node in enumerate(self.setting.hierarchy.nodes)
            for link, part in zip(node.links, node.weight_slices, strict=True)
            if isinstance(link, FormulaLink)
            for name, drawn in link.constants(self._weights[j][part]).items()
        }

    def material_variances(self) -> FloatArray:
        """Return the variance that belongs to the material, of every property, shape (p,)."""
        return np.array([each.parameters.process.variances[-1, 0] for each in self._conditionals])

    def training_draws(
        self, random_state: np.random.Generator, *, jointly: bool = True
    ) -> FloatArray:
        """Return completed training tables, shape (s, n, p).

        Parameters
        ----------
        random_state : Generator
            For cells that the chains need not visit.
        jointly : bool
            Whether these are drawn together over all materials; else each by itself, which is
            faster, and enough where cells are looked at one by one.
        """
        tables = self._tables.copy()
        features, directions = self.cells.features, self.setting.hierarchy.directions
        for j in self.setting.order:
            part = np.zeros(tables.shape[1], dtype=bool)
            part[self.setting.hierarchy.unknowns.rows[j]] = True
            rows = np.flatnonzero(~part)
            if not len(rows):
                continue
            conditional, there = self._conditionals[j], features.rows(rows)
            if jointly:
                own = conditional.draw_jointly(there, random_state)
            else:
                own = _around(*conditional.own_part(there), random_state)
            tables[j][rows] = own + self._from_parents(
                j, tables[:, rows], directions[rows], random_state
            )
        return np.ascontiguousarray(tables.transpose(2, 1, 0))

    def _from_parents(
        self,
        j: int,
        tables: FloatArray,
        directions: FloatArray,
        random_state: np.random.Generator,
    ) -> FloatArray:
        """Return what the links of a property give at tables (p, n, s), shape (n, s)."""
        conditional = self._conditionals[j]
        links = conditional.node.links_at(tables, directions)
        total = conditional.node.total(links, self._weights[j], tables[j].shape)
        left_out = conditional.left_out_variance(tables, directions)
        return np.asarray(total + np.sqrt(left_out) * random_state.standard_normal(left_out.shape))

    def new_rows_draws(
        self,
        known: Cells,
        random_state: np.random.Generator,
    ) -> FloatArray:
        """Draw new materials given the training table and what is known of them, (s, n, p).

        Parameters
        ----------
        known : Cells
            The n materials and what is known of them, measurement errors given and learned.
        random_state : Generator
        """
        features, values, noise_variance = known.features, known.values, known.noise_variance
        limits = known.limits
        shape = values.shape
        lower, upper = np.full(shape, -np.inf), np.full(shape, np.inf)
        error = np.zeros(shape)
        if limits is not None:
            lower, upper = limits.lower, limits.upper
            error = np.where(limits.here, limits.noise_variance, 0.0)
            values = np.where(limits.here, np.nan, values)
        limited = np.isfinite(lower) | np.isfinite(upper)
        measured = np.isfinite(values)
        exact = measured & (noise_variance == 0)
        kind = exact + 2 * (measured & ~exact) + 3 * limited + (error > 0)
        patterns, membership = np.unique(kind, axis=0, return_inverse=True)
        result = np.empty((self.n_draws, *shape))
        most = max(1, _MOST_PAIRS // self.n_draws)
        for number in range(len(patterns)):
            members = np.flatnonzero(membership.ravel() == number)
            for start in range(0, len(members), most):
                rows = members[start : start + most]
                tables = self._draw_rows(
                    features.rows(rows),
                    values[rows],
                    noise_variance[rows],
                    {"lower": lower[rows], "upper": upper[rows], "error": error[rows]},
                    exact[rows[0]],
                    limited[rows[0]],
                    random_state,
                )
                result[:, rows] = tables.transpose(2, 1, 0)
        return result

    def _draw_rows(
        self,
        features: MaterialFeatures,
        values: FloatArray,
        noise_variance: FloatArray,
        limits: Mapping[str, FloatArray],
        exact: NDArray[np.bool_],
        limited: NDArray[np.bool_],
        random_state: np.random.Generator,
    ) -> FloatArray:
        """Draw rows of one pattern, shape (p, n, s)."""
        p, n, s = len(exact), len(features), self.n_draws
        directions = self.setting.directions.of(features)
        own = [conditional.own_part(features) for conditional in self._conditionals]
        known = np.isfinite(values[0]) | limited
        softly = limited & (limits["error"][0] > 0)
        part = takes_part(known[None], self.layout.parent_mask)[0]
        tables = np.zeros((p, n, s))
        # From the first parents down: a plausible row to start from.
        for j in self.setting.order:
            mean, variance = own[j]
            given = self._from_parents(j, tables, directions, random_state)
            tables[j] = given + _around(mean, variance, random_state)
            if np.isfinite(values[0, j]):
                tables[j] = values[:, [j]]
            if limited[j]:
                ends = limits["lower"][:, [j]], limits["upper"][:, [j]]
                tables[j] = well_inside(tables[j], *ends)
        drawn = tuple(j for j in self.setting.order if part[j] and not exact[j])
        if not drawn:
            return tables
        problem = RowProblem(
            self.setting.hierarchy.nodes,
            tuple(j for j in self.setting.order if part[j]),
            drawn,
            tables,
            np.array([mean for mean, _ in own]),
            np.array([np.repeat(variance[:, None], s, axis=1) for _, variance in own]),
            directions,
            self._weights,
            {j: (values[:, j], noise_variance[:, j]) for j in drawn if np.isfinite(values[0, j])},
            {
                j: (limits["lower"][:, j], limits["upper"][:, j])
                for j in drawn
                if limited[j] and not softly[j]
            },
            {
                j: (limits["lower"][:, j], limits["upper"][:, j], limits["error"][:, j])
                for j in drawn
                if softly[j]
            },
        )
        tables = problem.draw(random_state)
        # What hangs on drawn cells and takes no part itself.
        for j in self.setting.order:
            if not part[j]:
                given = self._from_parents(j, tables, directions, random_state)
                tables[j] = given + _around(*own[j], random_state)
        return tables


def _around(
    mean: FloatArray, variance: FloatArray, random_state: np.random.Generator
) -> FloatArray:
    """Draw around means (n, s) with variances (n,)."""
    return np.asarray(mean + np.sqrt(variance)[:, None] * random_state.standard_normal(mean.shape))
