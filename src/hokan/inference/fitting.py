"""From a standardised table and a graph to a fitted posterior."""

from __future__ import annotations

from dataclasses import dataclass, replace

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

#: Tables with more observed cells than this try their starts on a sample of so many cells.
_MOST_CELLS_FOR_STARTS = 900
_SAMPLE_CELLS = 600
#: Each property gets at least an even share of the cells learned from, over this.
_MINIMUM_SHARE = 4


@dataclass(frozen=True)
class FitOptions:
    """How to look for the most probable parameters.

    Attributes
    ----------
    n_restarts : int
        Starts beyond the first, drawn from around the prior. On larger tables they are tried on a
        sample of the rows, and the best is refined on all.
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
    starts = [layout.prior_mean]
    for _ in range(options.n_restarts):
        jump = 0.5 * random_state.standard_normal(len(layout)) * layout.prior_spread
        starts.append(layout.prior_mean + jump)
    before = 0
    if cells.n_observed > _MOST_CELLS_FOR_STARTS:
        # The time of an evaluation grows with the cube of the cells: far from the optimum, a
        # sample of the rows shows the way as well as all of them.
        sample = cells.rows(rows_to_learn_from(cells, _SAMPLE_CELLS, random_state))
        coarse = _minimise(sample, layout, starts, options, progress, before)
        starts, before = [coarse.vector], coarse.n_evaluations
    optimum = _minimise(cells, layout, starts, options, progress, before)
    penalty, _ = layout.negative_log_prior(optimum.vector)
    return layout.unpack(optimum.vector), optimum, penalty - optimum.value


def _minimise(
    cells: Cells,
    layout: ParameterLayout,
    starts: list[FloatArray],
    options: FitOptions,
    progress: Progress | None,
    evaluations_before: int,
) -> Optimum:
    """Minimise the negative log posterior of the parameters given some cells."""
    nested = cells.is_nested(layout.parent_mask, layout.learn_noise)
    likelihood: JointLikelihood | RecursiveLikelihood = (
        RecursiveLikelihood(cells, layout) if nested else JointLikelihood(cells, layout)
    )

    def objective(vector: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = likelihood.value_and_gradient(layout.unpack(vector))
        penalty, slope = layout.negative_log_prior(vector)
        return value + penalty, layout.arrange(gradient) + slope

    def counted(evaluations: int, value: float) -> None:
        if progress is not None:
            progress(evaluations_before + evaluations, value)

    found = minimise(
        objective, starts, layout.bounds, max_iterations=options.max_iterations, progress=counted
    )
    return replace(found, n_evaluations=evaluations_before + found.n_evaluations)


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
    """Choose rows at random with at most so many observed cells, rare properties included.

    Rows that hold the rarest properties are taken first, but only until each property has its
    minimum: materials for which rare properties are known are the well-studied ones, and learning
    from them alone makes error bars too narrow for the others.
    """
    observed = cells.observed
    if int(observed.sum()) <= most_cells:
        return np.arange(len(observed))
    counts = observed.sum(axis=0)
    minimum = most_cells / (_MINIMUM_SHARE * len(counts))
    shuffled = random_state.permutation(len(observed))
    rarity = np.where(observed, counts, np.iinfo(np.int64).max).min(axis=1)
    rarest_first = shuffled[np.argsort(rarity[shuffled], kind="stable")]
    chosen = np.zeros(len(observed), dtype=bool)
    known = np.zeros(len(counts), dtype=np.int64)
    for row in rarest_first:
        adds = observed[row]
        if (known[adds] < minimum).any() and known.sum() + adds.sum() <= most_cells:
            chosen[row] = True
            known += adds
    for row in shuffled:
        if not chosen[row] and known.sum() + observed[row].sum() <= most_cells:
            chosen[row] = True
            known += observed[row]
    return np.flatnonzero(chosen)
