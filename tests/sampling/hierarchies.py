"""Small hierarchies with links of any kind, at known parameters, for the tests of sampling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels import LaplacianKernel
from hokan.graph import Formula, Identity, Log, StandardisedTransform
from hokan.inference.cells import Cells, Limits
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.inference.recursive_posterior import topological_order
from hokan.sampling.directions import Directions
from hokan.sampling.energy import Energy, Hierarchy
from hokan.sampling.fitting import (
    Learned,
    SamplingOptions,
    _first_state,
    _most_probable,
    draw,
)
from hokan.sampling.formula_link import FormulaLink
from hokan.sampling.hamiltonian import Reference
from hokan.sampling.links import Link
from hokan.sampling.node import AnyLink, Node
from hokan.sampling.posterior import SampledPosterior
from hokan.sampling.setting import LinkPlan, Setting
from hokan.sampling.unknowns import well_inside

#: Logarithms of the hyperparameters of a link: variance and lengthscale of the curve, and variance
#: of the slope's share that depends on the material.
LINK_LOGS = {
    "linear": np.zeros(0),
    "smooth": np.log([0.4, 0.8]),
    "joint": np.log([0.2, 1.0, 0.3]),
    "formula": np.zeros(0),
}
REACH = 3.0


def column_features(
    random_state: np.random.Generator, n_rows: int, n_columns: int = 2
) -> MaterialFeatures:
    """Materials described by plain columns of numbers, or by nothing."""
    columns = random_state.standard_normal((n_rows, n_columns))
    ranks = np.argsort(np.argsort(columns, axis=0), axis=0) / max(n_rows - 1, 1)
    return MaterialFeatures(
        standardised=columns,
        weighted_linear=columns / np.sqrt(max(n_columns, 1)),
        weighted_ranks=(ranks - 0.5) * np.sqrt(12.0) / max(n_columns, 1),
        element_vectors=np.zeros((n_rows, 0)),
        identity=np.full(n_rows, -1),
    )


def masked(n_properties: int, edges: Sequence[tuple[int, int]]) -> np.ndarray:
    """Return which property (first of each pair) has which parent (second)."""
    mask = np.zeros((n_properties, n_properties), dtype=bool)
    for child, parent in edges:
        mask[child, parent] = True
    return mask


def layout_of(mask: np.ndarray, learn_noise: np.ndarray | None = None) -> ParameterLayout:
    return ParameterLayout(
        mask, (LaplacianKernel(),), np.zeros(mask.shape), np.ones(mask.shape), learn_noise
    )


def product_link(parents: tuple[int, ...] = (0,), text: str = "c * a + d") -> FormulaLink:
    """Return a formula of parents that are logarithms, for a child that is none."""
    names = [chr(ord("a") + k) for k in range(len(parents))]
    formula = Formula.parse(text, names)
    assert formula.names == tuple(names)
    return FormulaLink(
        parents,
        formula,
        tuple(StandardisedTransform(Log(), 0.3, 0.4) for _ in names),
        StandardisedTransform(Identity(), 1.0, 1.5),
        tuple(0.8 + 0.5 * k for k in range(len(formula.constants))),
    )


@dataclass(frozen=True)
class Model:
    """Nodes at fixed parameters over some materials: what data can be drawn from.

    Attributes
    ----------
    features : MaterialFeatures
        Of the n materials.
    nodes : tuple of Node
    layout : ParameterLayout
    vectors : tuple of ndarray
        Parameter vector of every node.
    directions : Directions
    """

    features: MaterialFeatures
    nodes: tuple[Node, ...]
    layout: ParameterLayout
    vectors: tuple[np.ndarray, ...]
    directions: Directions

    @classmethod
    def of(
        cls,
        features: MaterialFeatures,
        mask: np.ndarray,
        kinds: Mapping[tuple[int, int], str] | None = None,
        formulas: Mapping[int, FormulaLink] | None = None,
        *,
        material_variance: float = 0.1,
        kernel_variance: float = 0.5,
        slope: tuple[float, float] = (0.5, 0.6),
        link_logs: Mapping[str, np.ndarray] = LINK_LOGS,
        learn_noise: np.ndarray | None = None,
    ) -> Model:
        """Make a model; ``slope`` is mean and spread of the straight lines."""
        layout = layout_of(mask, learn_noise)
        rng = np.random.default_rng(0)
        # Of all materials, so that nothing is left out.
        directions = Directions.fit(features, np.ones((len(features), 1), dtype=bool), rng)
        nodes = []
        for j, parents in enumerate(mask):
            formula = (formulas or {}).get(j)
            links: list[AnyLink] = [] if formula is None else [formula]
            covered = () if formula is None else formula.parents
            for k in np.flatnonzero(parents).tolist():
                if k in covered:
                    continue
                kind = (kinds or {}).get((j, k), "linear")
                width = len(directions) if kind == "joint" else 0
                links.append(Link(k, kind, *slope, REACH, width))
            nodes.append(Node(layout.of_property(j), tuple(links)))
        process = HierarchyParameters(
            np.zeros((1, 1)),
            np.array([[kernel_variance], [material_variance]]),
            np.zeros(1),
            np.zeros(1),
        )
        vectors = tuple(
            np.concatenate(
                [node.layout.pack(process), *(link_logs[link.kind] for link in node.links)]
            )
            for node in nodes
        )
        return cls(features, tuple(nodes), layout, vectors, directions)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.features), len(self.nodes)

    @property
    def order(self) -> tuple[int, ...]:
        return tuple(topological_order(self.layout.parent_mask))

    def covariance(self, j: int) -> np.ndarray:
        """Return the covariance of what property j adds to its parents, (n, n)."""
        parameters = self.nodes[j].unpack(self.vectors[j])
        found = self.nodes[j].covariance_between(parameters, self.features, self.features)
        return found + parameters.process.variances[-1, 0] * np.eye(len(found))

    def draw_prior(
        self, random_state: np.random.Generator, n_draws: int = 1
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Draw complete tables (n_draws, n, p) and weights, an array (r, n_draws) per property."""
        n, p = self.shape
        tables = np.zeros((p, n, n_draws))
        drawn: list[np.ndarray] = [np.zeros((0, n_draws))] * p
        at = self.directions.of(self.features)
        for j in self.order:
            node = self.nodes[j]
            variance = node.weight_variance(node.unpack(self.vectors[j]))[0][:, None]
            noise = random_state.standard_normal((node.n_weights, n_draws))
            drawn[j] = node.weight_mean[:, None] + np.sqrt(variance) * noise
            own = np.linalg.cholesky(self.covariance(j))
            tables[j] = own @ random_state.standard_normal((n, n_draws))
            tables[j] += node.total(node.links_at(tables, at), drawn[j], (n, n_draws))
        return tables.transpose(2, 1, 0), drawn

    def cells(
        self,
        values: np.ndarray,
        noise_variance: np.ndarray | None = None,
        limits: Limits | None = None,
    ) -> Cells:
        known = np.isfinite(values)
        noise = np.zeros(values.shape) if noise_variance is None else noise_variance
        return Cells(values, np.where(known, noise, 0.0), self.features, limits)

    def setting(self, cells: Cells) -> Setting:
        """Return a table with the nodes of the model, whatever is known of it."""
        setting = Setting.of(cells, self.layout, LinkPlan(), np.random.default_rng(0))
        setting = replace(setting, directions=self.directions)
        at = self.directions.of(self.features)
        vars(setting)["hierarchy"] = Hierarchy(self.nodes, setting.hierarchy.unknowns, at)
        return setting

    def energy(self, cells: Cells) -> Energy:
        setting = self.setting(cells)
        parameters = [n.unpack(v) for n, v in zip(self.nodes, self.vectors, strict=True)]
        return Energy(setting.hierarchy, setting.likelihoods(), parameters)

    def chains(
        self, cells: Cells, random_state: np.random.Generator, n_chains: int, n_kicks: int = 2
    ) -> Learned:
        """Chains apart from each other around the most probable state, as learning leaves them."""
        setting, energy = self.setting(cells), self.energy(cells)
        unknowns = setting.hierarchy.unknowns
        table = np.where(np.isfinite(cells.values), cells.values, 0.0)
        table = well_inside(table, unknowns.lower, unknowns.upper)
        table = np.where(np.isfinite(unknowns.measured_table), unknowns.measured_table, table)
        centre = _most_probable(energy, _first_state(setting.hierarchy, table, energy))
        reference = Reference.of_precision(centre, energy.curvature(centre))
        states = reference.state(1.5 * random_state.standard_normal((energy.size, n_chains)))
        rows, properties = (
            unknowns.drawn_rows[unknowns.free],
            unknowns.drawn_properties[unknowns.free],
        )
        humped = set(zip(rows.tolist(), properties.tolist(), strict=True))
        return Learned(setting, list(self.vectors), states, n_kicks, humped)

    def posterior(
        self, cells: Cells, random_state: np.random.Generator, options: SamplingOptions
    ) -> SampledPosterior:
        """Draw, at the parameters of the model."""
        learned = self.chains(cells, random_state, options.n_chains)
        draws = draw(learned, options, random_state)
        return SampledPosterior(
            learned.setting,
            self.vectors,
            *(np.concatenate(list(found)) for found in (draws.cells, draws.weights)),
            draws.convergence,
        )


#: Many chains side by side cost little more than one: the last state of each is kept.
def independent(n_chains: int, warm_up: int = 25) -> SamplingOptions:
    return SamplingOptions(n_chains=n_chains, n_draws=1, warm_up=warm_up, most_thinning=1)


def new_rows(
    posterior: SampledPosterior,
    features: MaterialFeatures,
    values: np.ndarray,
    noise_variance: np.ndarray,
    limits: Limits | None,
    random_state: np.random.Generator,
) -> np.ndarray:
    """Draw materials of which something is known, (s, n, p)."""
    known = np.isfinite(values)
    cells = Cells(values, np.where(known, noise_variance, 0.0), features, limits)
    return posterior.new_rows_draws(cells, random_state)


def limits_of(
    values: np.ndarray, lower: np.ndarray, upper: np.ndarray, noise: np.ndarray | float = 0.0
) -> Limits:
    return Limits(lower, upper, np.broadcast_to(np.asarray(noise, dtype=float), values.shape))


def without(values: np.ndarray, *cells: tuple[int, int]) -> np.ndarray:
    """Return values with some cells empty."""
    result = values.copy()
    for cell in cells:
        result[cell] = np.nan
    return result


def numerical_gradient(function, at: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """Return central differences of a function of one vector, by its entries along axis 0."""
    return np.array(
        [
            (np.asarray(function(at + step * e)) - np.asarray(function(at - step * e)))
            / (2.0 * step)
            for e in np.eye(len(at))
        ]
    )


__all__ = [
    "LINK_LOGS",
    "REACH",
    "Model",
    "column_features",
    "independent",
    "layout_of",
    "limits_of",
    "masked",
    "new_rows",
    "numerical_gradient",
    "product_link",
    "replace",
    "without",
]
