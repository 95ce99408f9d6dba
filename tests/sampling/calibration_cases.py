"""Simulation-based calibration of the sampling engine (Talts et al. 2018, arXiv:1804.06788).

Weights and cells are drawn from the prior at fixed hyperparameters, data from them; then the rank
of each true number among draws given the data is uniform if the draws are from the posterior. Many
chains move side by side and only the last state of each counts: the draws are independent.

Ranked are all unknown cells (latent values of measured cells and barren cells, too), link weights,
and the log density of the state, which notices a sampler that does not look at the data (Modrak et
al. 2023, Bayesian Analysis).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from hierarchies import (
    Model,
    column_features,
    independent,
    limits_of,
    masked,
    product_link,
)
from scipy.stats import chi2, norm

from hokan.graph import Formula, Identity, StandardisedTransform
from hokan.inference.cells import Cells
from hokan.sampling.formula_link import FormulaLink
from hokan.sampling.posterior import SampledPosterior

Observation = Callable[[Model, np.ndarray, np.random.Generator], Cells]

N_ROWS = 5
PAIR = masked(2, [(1, 0)])
CHAIN = masked(3, [(1, 0), (2, 1)])
TRIANGLE = masked(3, [(1, 0), (2, 0), (2, 1)])


def with_holes(model: Model, table: np.ndarray, rng: np.random.Generator) -> Cells:
    """A cell is unknown with probability 0.4."""
    return model.cells(np.where(rng.random(table.shape) < 0.4, np.nan, table))


def with_errors(model: Model, table: np.ndarray, rng: np.random.Generator) -> Cells:
    """A third is unknown, half of the rest is measured with an error."""
    noise = np.where(rng.random(table.shape) < 0.5, 0.3, 0.0)
    values = table + np.sqrt(noise) * rng.standard_normal(table.shape)
    return model.cells(np.where(rng.random(table.shape) < 0.33, np.nan, values), noise)


def beyond_a_scale(model: Model, table: np.ndarray, rng: np.random.Generator) -> Cells:
    """Instruments end at 0.2 above (even columns) or -0.2 below (odd ones); a fifth is unknown."""
    lower, upper = np.full(table.shape, -np.inf), np.full(table.shape, np.inf)
    known = rng.random(table.shape) > 0.2
    even = np.arange(table.shape[1]) % 2 == 0
    over, under = known & even & (table > 0.2), known & ~even & (table < -0.2)
    lower[over], upper[under] = 0.2, -0.2
    values = np.where(known & ~over & ~under, table, np.nan)
    return model.cells(values, limits=limits_of(values, lower, upper))


def in_classes(model: Model, table: np.ndarray, rng: np.random.Generator) -> Cells:
    """Of half of the cells, only an interval of width 0.8 is known; a fifth is unknown."""
    how = rng.random(table.shape)
    binned = how < 0.5
    low = 0.8 * np.floor(table / 0.8)
    lower, upper = np.where(binned, low, -np.inf), np.where(binned, low + 0.8, np.inf)
    values = np.where(how > 0.7, table, np.nan)
    return model.cells(values, limits=limits_of(values, lower, upper))


def classes_with_errors(model: Model, table: np.ndarray, rng: np.random.Generator) -> Cells:
    """Only an interval, or one end, is known of what was measured with an error."""
    measured = table + np.sqrt(0.2) * rng.standard_normal(table.shape)
    how = rng.random(table.shape)
    binned, one_sided = how < 0.35, (how >= 0.35) & (how < 0.6)
    low = 0.5 * np.floor(measured / 0.5)
    above = measured > 0
    lower = np.where(binned, low, np.where(one_sided & above, 0.0, -np.inf))
    upper = np.where(binned, low + 0.5, np.where(one_sided & ~above, 0.0, np.inf))
    values = np.where(how > 0.75, table, np.nan)
    return model.cells(values, limits=limits_of(values, lower, upper, 0.2))


def parents_hidden(model: Model, table: np.ndarray, rng: np.random.Generator) -> Cells:
    """The first property is known in one row, the last everywhere, others half of the time."""
    hidden = rng.random(table.shape) < 0.5
    hidden[:, 0], hidden[:, -1] = True, False
    hidden[0, 0] = False
    return model.cells(np.where(hidden, np.nan, table))


def parabola(text: str = "c * a**2 + d") -> FormulaLink:
    plain = StandardisedTransform(Identity(), 0.0, 1.0)
    formula = Formula.parse(text, ["a"])
    return FormulaLink((0,), formula, (plain,), plain, (0.7, 0.4)[: len(formula.constants)])


@dataclass(frozen=True)
class Case:
    """A kind of node, link or observation.

    Attributes
    ----------
    mask : ndarray of bool
    observe : callable
        Makes the data of a true table.
    kinds, formulas, options : dict
        As :meth:`Model.of` takes them.
    n_columns : int
        Of descriptors.
    warm_up : int
        Moves of the chains before their state counts.
    """

    mask: np.ndarray
    observe: Observation = with_holes
    kinds: dict[tuple[int, int], str] = field(default_factory=dict)
    formulas: dict[int, FormulaLink] = field(default_factory=dict)
    options: dict[str, object] = field(default_factory=dict)
    n_columns: int = 2
    warm_up: int = 12

    def model(self) -> Model:
        features = column_features(np.random.default_rng(11), N_ROWS, self.n_columns)
        return Model.of(features, self.mask, self.kinds, self.formulas, **self.options)


SMOOTH = {(1, 0): "smooth"}
STRONGLY_BENT = {
    "slope": (0.0, 0.3),
    "link_logs": {"linear": np.zeros(0), "smooth": np.log([2.0, 1.0])},
    "kernel_variance": 0.6,
    "material_variance": 0.05,
}
CASES: dict[str, Case] = {
    "no links": Case(masked(2, [])),
    "linear": Case(TRIANGLE),
    "linear, no descriptors": Case(TRIANGLE, n_columns=0),
    "smooth": Case(CHAIN, kinds={(1, 0): "smooth", (2, 1): "smooth"}),
    "joint": Case(PAIR, kinds={(1, 0): "joint"}),
    "joint and smooth": Case(TRIANGLE, kinds={(2, 0): "joint", (2, 1): "smooth"}),
    "formula": Case(PAIR, formulas={1: product_link()}),
    "formula of two": Case(TRIANGLE, formulas={2: product_link((0, 1), "c * a / b + d")}),
    "measurement errors": Case(CHAIN, with_errors, {(1, 0): "smooth"}),
    "measurement errors, formula": Case(PAIR, with_errors, formulas={1: product_link()}),
    "one-sided limits": Case(CHAIN, beyond_a_scale, {(1, 0): "smooth"}),
    "one-sided limits, joint": Case(PAIR, beyond_a_scale, {(1, 0): "joint"}),
    "intervals": Case(CHAIN, in_classes, {(2, 1): "smooth"}),
    "intervals with errors": Case(CHAIN, classes_with_errors, {(1, 0): "smooth"}),
    "two humps": Case(PAIR, parents_hidden, SMOOTH, options=STRONGLY_BENT),
    "two humps, middle unknown": Case(CHAIN, parents_hidden, SMOOTH, options=STRONGLY_BENT),
    # The constant may have either sign: chains need longer from one to the other.
    "two humps, formula": Case(PAIR, parents_hidden, formulas={1: parabola()}, warm_up=40),
}


@dataclass(frozen=True)
class Ranks:
    """Relative ranks of true numbers, each of shape (simulations, quantities); uniform in (0, 1).

    Attributes
    ----------
    cells, weights, density : ndarray
        Cells that are known have NaN.
    """

    cells: np.ndarray
    weights: np.ndarray
    density: np.ndarray

    def p_values(self) -> dict[str, float]:
        """Return a p-value per group: small where ranks are not uniform.

        Of each group, the smallest of three times the number of tests in it (Bonferroni): whether
        the ranks are too high or low on average, whether they are too far from the middle or too
        near (both over all quantities of a simulation at once, simulations being independent), and
        a chi-square test of each quantity.
        """
        return {
            name: p_value(found) for name, found in vars(self).items() if np.isfinite(found).any()
        }

    @property
    def p_value(self) -> float:
        """The smallest of all groups, times their number."""
        found = self.p_values()
        return min(1.0, len(found) * min(found.values()))


def p_value(ranks: np.ndarray) -> float:
    """Return the p-value of a group of relative ranks (simulations, quantities)."""
    found = [p_of_mean(ranks - 0.5), p_of_mean(12.0 * (ranks - 0.5) ** 2 - 1.0)]
    each = [p_of_histogram(column[np.isfinite(column)]) for column in ranks.T]
    found.append(min(1.0, len(each) * min(each)))
    return min(1.0, len(found) * min(found))


def p_of_mean(scores: np.ndarray) -> float:
    """Whether scores whose expectation should be 0 have it, rows being independent."""
    here = np.isfinite(scores)
    each = np.where(here, scores, 0.0).sum(axis=1)[here.any(axis=1)]
    error = each.std(ddof=1) / np.sqrt(len(each))
    return float(2.0 * norm.sf(abs(each.mean()) / error)) if error > 0 else 1.0


def p_of_histogram(ranks: np.ndarray, n_bins: int = 8) -> float:
    """Chi-square test of uniformity; 1 where there are too few to tell."""
    expected = len(ranks) / n_bins
    if expected < 5:
        return 1.0
    counts = np.histogram(ranks, bins=n_bins, range=(0.0, 1.0))[0]
    return float(chi2.sf(((counts - expected) ** 2 / expected).sum(), n_bins - 1))


def relative_rank(truth: np.ndarray, draws: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return where the truth stands among draws (along the first axis), spread evenly."""
    below = (draws < truth).sum(axis=0)
    return (below + rng.random(truth.shape)) / (len(draws) + 1)


def log_densities(
    posterior: SampledPosterior, cells: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return minus the log density of states (s, m) and (s, r)."""
    free = posterior.setting.hierarchy.unknowns.bounds.to_free(cells.T)
    return posterior._energy.value_and_gradient(np.concatenate([free, weights.T]))[0]


def simulate(
    case: Case,
    n_simulations: int,
    seed: int,
    *,
    n_draws: int = 31,
    patience: int = 1,
    tampered: Callable[[Cells], Cells] = lambda cells: cells,
) -> Ranks:
    """Draw truths and data, infer, and rank.

    Parameters
    ----------
    case : Case
    n_simulations : int
    seed : int
    n_draws : int
        Ranks are among so many.
    patience : int
        Chains move so many times as long as the case says before their state counts.
    tampered : callable
        Changes the data that the sampler is shown: for a sampler that is wrong.
    """
    rng = np.random.default_rng(seed)
    model = case.model()
    ranks = []
    for _ in range(n_simulations):
        tables, weights = model.draw_prior(rng)
        table, weight = tables[0], np.concatenate(weights)[:, 0]
        cells = tampered(case.observe(model, table, rng))
        posterior = model.posterior(cells, rng, independent(n_draws, patience * case.warm_up))
        draws = posterior.training_draws(rng)
        unknown = np.ptp(draws, axis=0) > 0
        of_cells = np.where(unknown, relative_rank(table, draws, rng), np.nan)
        unknowns = posterior.setting.hierarchy.unknowns
        truth = table[unknowns.drawn_rows, unknowns.drawn_properties]
        density = log_densities(
            posterior,
            np.vstack([truth, posterior.drawn_cells]),
            np.vstack([weight, posterior.drawn_weights]),
        )
        of_density = relative_rank(density[:1], density[1:, None], rng)
        ranks.append(
            (
                of_cells.ravel(),
                relative_rank(weight, posterior.drawn_weights, rng),
                of_density if np.ptp(density) > 0 else np.full(1, np.nan),
            )
        )
    return Ranks(*(np.array(group) for group in zip(*ranks, strict=True)))
