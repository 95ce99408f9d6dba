"""From a standardised table and a graph to a fitted posterior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hokan.gp.kernels import FloatArray
from hokan.gp.optimise import Optimum, Progress, minimise
from hokan.inference.cells import Cells
from hokan.inference.joint import JointLikelihood
from hokan.inference.joint_posterior import JointPosterior
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.inference.posterior import Posterior
from hokan.inference.recursive import RecursiveLikelihood
from hokan.inference.recursive_posterior import RecursivePosterior


@dataclass(frozen=True)
class FitOptions:
    """How to look for the most probable parameters.

    Attributes
    ----------
    n_restarts : int
        Starts beyond the first, drawn from around the prior.
    max_iterations : int
        Per start.
    most_cells : int
        Parameters are learned from at most this many observed cells (the time of a fit grows with
        their cube). Predictions use every cell in any case.
    """

    n_restarts: int = 1
    max_iterations: int = 150
    most_cells: int = 2500


@dataclass(frozen=True)
class FitResult:
    """A fitted posterior and how it was reached.

    Attributes
    ----------
    posterior : Posterior
        Ready to predict.
    log_evidence : float
        Log marginal likelihood at the most probable parameters, of the cells used to learn them.
    n_evaluations : int
        Of the likelihood.
    n_cells_learned_from : int
        Observed cells used to learn the parameters.
    converged : bool
        Whether the optimiser met its tolerance.
    """

    posterior: Posterior
    log_evidence: float
    n_evaluations: int
    n_cells_learned_from: int
    converged: bool


def fit_parameters(
    cells: Cells,
    layout: ParameterLayout,
    options: FitOptions,
    random_state: np.random.Generator,
    progress: Progress | None = None,
) -> tuple[HierarchyParameters, Optimum, float]:
    """Return the most probable parameters, how they were found, and their log evidence."""
    nested = cells.is_nested(layout.parent_mask, layout.learn_noise)
    likelihood: JointLikelihood | RecursiveLikelihood = (
        RecursiveLikelihood(cells, layout) if nested else JointLikelihood(cells, layout)
    )

    def objective(vector: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = likelihood.value_and_gradient(layout.unpack(vector))
        penalty, slope = layout.negative_log_prior(vector)
        return value + penalty, layout.arrange(gradient) + slope

    starts = [layout.prior_mean]
    for _ in range(options.n_restarts):
        jump = 0.5 * random_state.standard_normal(len(layout)) * layout.prior_spread
        starts.append(layout.prior_mean + jump)
    optimum = minimise(
        objective,
        starts,
        layout.bounds,
        max_iterations=options.max_iterations,
        progress=progress,
    )
    penalty, _ = layout.negative_log_prior(optimum.vector)
    return layout.unpack(optimum.vector), optimum, penalty - optimum.value


def fit(
    cells: Cells,
    layout: ParameterLayout,
    options: FitOptions,
    random_state: np.random.Generator,
    progress: Progress | None = None,
) -> FitResult:
    """Fit a table: learn parameters, then condition on every observed cell."""
    learned_from = cells.rows(rows_to_learn_from(cells, options.most_cells, random_state))
    parameters, optimum, evidence = fit_parameters(
        learned_from, layout, options, random_state, progress
    )
    return FitResult(
        posterior=condition(cells, layout, parameters),
        log_evidence=evidence,
        n_evaluations=optimum.n_evaluations,
        n_cells_learned_from=learned_from.n_observed,
        converged=optimum.converged,
    )


def condition(cells: Cells, layout: ParameterLayout, parameters: HierarchyParameters) -> Posterior:
    """Condition a model with known parameters on a table; the fastest exact way is taken."""
    if cells.is_nested(layout.parent_mask, layout.learn_noise):
        return RecursivePosterior(cells, layout, parameters)
    return JointPosterior(cells, layout, parameters)


def rows_to_learn_from(
    cells: Cells, most_cells: int, random_state: np.random.Generator
) -> NDArray[np.int64]:
    """Choose rows with at most so many observed cells, keeping rare properties.

    Rows are drawn at random, those that hold the rarest properties first: a property known for
    few materials keeps as many of them as possible.
    """
    observed = cells.observed
    if int(observed.sum()) <= most_cells:
        return np.arange(len(observed))
    counts = observed.sum(axis=0)
    rarity = np.where(observed, counts, np.iinfo(np.int64).max).min(axis=1)
    quota = most_cells / len(counts)
    chosen = np.zeros(len(observed), dtype=bool)
    shuffled = random_state.permutation(len(observed))
    order = shuffled[np.argsort(rarity[shuffled], kind="stable")]
    known = np.zeros(len(counts), dtype=np.int64)
    total = 0
    for fill_up in (False, True):
        for row in order if not fill_up else shuffled:
            adds = observed[row]
            if chosen[row] or total + adds.sum() > most_cells:
                continue
            if fill_up or (known[adds] < quota).any():
                chosen[row] = True
                known += adds
                total += int(adds.sum())
    return np.flatnonzero(chosen)
