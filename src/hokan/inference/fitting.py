"""From a standardised table and a graph to a fitted posterior."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hokan.gp.factorisation import NotPositiveDefiniteError
from hokan.gp.kernels import FloatArray
from hokan.gp.laplace import laplace_draws
from hokan.gp.optimise import Objective, Optimum, Progress, minimise
from hokan.inference.averaged_posterior import AveragedPosterior
from hokan.inference.cells import Cells
from hokan.inference.conditioning import condition
from hokan.inference.joint import JointLikelihood
from hokan.inference.limits import site_evidence, with_first_sites
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.inference.posterior import Posterior
from hokan.inference.recursive import RecursiveLikelihood
from hokan.inference.suspects import (
    place_sites,
    probability_of_being_wrong,
    with_robust_start,
)

#: Tables with more observed cells than this try their starts on a sample of so many cells.
_MOST_CELLS_FOR_STARTS = 900
_SAMPLE_CELLS = 600
#: Where something stands for limits or doubtful values: at most so many rounds of placing it and
#: of learning parameters.
_MOST_ROUNDS = 3
#: Nothing is left to learn where no site moved further than this, in its standard deviations, or
#: changed its variance by more than this share; both next to a variance that hardly counts.
_SETTLED = 0.1
_NEGLIGIBLE = 0.01
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
    n_parameter_draws : int
        Predictions are averaged over so many draws of the parameters, where at most
        ``most_cells_for_draws`` values are known: there parameters are uncertain, and averaging is
        cheap. 0: the most probable parameters alone.
    most_cells_for_draws : int
        See above.
    """

    n_restarts: int = 1
    max_iterations: int = 150
    most_cells: int = 2500
    n_parameter_draws: int = 8
    most_cells_for_draws: int = 1500


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
    gross_error_probability : ndarray of shape (n, p), or None
        Probability that each value is grossly wrong, NaN where there is no value or none that may
        be; ``None`` where all values are taken as right.
    """

    posterior: Posterior
    log_evidence: float
    n_evaluations: int
    n_cells_learned_from: int
    converged: bool
    gross_error_probability: FloatArray | None = None


def fit_parameters(
    cells: Cells,
    layout: ParameterLayout,
    options: FitOptions,
    random_state: np.random.Generator,
    progress: Progress | None = None,
    starts: Sequence[FloatArray] | None = None,
) -> tuple[HierarchyParameters, Optimum, float]:
    """Return the most probable parameters, how they were found, and their log evidence.

    Where some values are only limits or may be wrong, learning parameters and placing the sites
    that stand for them take turns. The search begins at the mean of the prior and at draws from
    around it, unless starts are given.
    """
    if starts is None:
        starts = [layout.prior_mean]
        for _ in range(options.n_restarts):
            jump = 0.5 * random_state.standard_normal(len(layout)) * layout.prior_spread
            starts.append(layout.prior_mean + jump)
    cells = with_robust_start(with_first_sites(cells))
    optimum = _search(cells, layout, list(starts), options, random_state, progress)
    for _ in range(_MOST_ROUNDS):
        try:
            placed = place_sites(cells, layout, layout.unpack(optimum.vector))
        except NotPositiveDefiniteError:
            break  # so it was at every start, and the value of the optimum tells
        if _settled(cells, placed):
            break
        cells = placed
        optimum = _minimise(
            cells, layout, [optimum.vector], options, progress, optimum.n_evaluations
        )
    penalty, _ = layout.negative_log_prior(optimum.vector)
    parameters, evidence = layout.unpack(optimum.vector), penalty - optimum.value
    if cells.with_sites.any():
        evidence += site_evidence(cells, condition(cells, layout, parameters).leave_one_out())
    return parameters, optimum, evidence


def _settled(before: Cells, after: Cells) -> bool:
    """Whether what stands for limits and suspects is as it was when parameters were learned."""
    if before.limits is not None:
        return False
    if not after.with_sites.any():
        return True
    if (before.with_sites != after.with_sites).any():
        return False
    here = after.with_sites
    # A value hardly in doubt counts in full, and so does one a little more in doubt than that.
    noise = before.noise_variance[here] + _NEGLIGIBLE, after.noise_variance[here] + _NEGLIGIBLE
    moved = np.abs(before.values - after.values)[here] / np.sqrt(np.maximum(*noise))
    scaled = np.abs(np.log(noise[0] / noise[1]))
    return float(max(moved.max(), scaled.max())) < _SETTLED


def _search(
    cells: Cells,
    layout: ParameterLayout,
    starts: list[FloatArray],
    options: FitOptions,
    random_state: np.random.Generator,
    progress: Progress | None,
) -> Optimum:
    """Minimise from several starts; on larger tables these are tried on a sample."""
    before = 0
    if cells.n_observed > _MOST_CELLS_FOR_STARTS:
        # The time of an evaluation grows with the cube of the cells: far from the optimum, a
        # sample of the rows shows the way as well as all of them.
        sample = cells.rows(rows_to_learn_from(cells, _SAMPLE_CELLS, random_state))
        coarse = _minimise(sample, layout, starts, options, progress, before)
        starts, before = [coarse.vector], coarse.n_evaluations
    return _minimise(cells, layout, starts, options, progress, before)


def _negative_log_posterior(cells: Cells, layout: ParameterLayout) -> Objective:
    """Return the negative log posterior of the parameter vector, with its gradient."""
    nested = cells.is_nested(layout.parent_mask, layout.learn_noise)
    likelihood: JointLikelihood | RecursiveLikelihood = (
        RecursiveLikelihood(cells, layout) if nested else JointLikelihood(cells, layout)
    )

    def objective(vector: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = likelihood.value_and_gradient(layout.unpack(vector))
        penalty, slope = layout.negative_log_prior(vector)
        return value + penalty, layout.arrange(gradient) + slope

    return objective


def _minimise(
    cells: Cells,
    layout: ParameterLayout,
    starts: list[FloatArray],
    options: FitOptions,
    progress: Progress | None,
    evaluations_before: int,
) -> Optimum:
    """Minimise the negative log posterior of the parameters given some cells."""
    objective = _negative_log_posterior(cells, layout)

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
    starts: Sequence[FloatArray] | None = None,
) -> FitResult:
    """Fit a table: learn parameters, then condition on every observed cell.

    ``starts`` are as in :func:`fit_parameters`.
    """
    learned_from = cells.rows(rows_to_learn_from(cells, options.most_cells, random_state))
    parameters, optimum, evidence = fit_parameters(
        learned_from, layout, options, random_state, progress, starts
    )
    cells = place_sites(with_robust_start(with_first_sites(cells)), layout, parameters)
    posterior: Posterior
    if options.n_parameter_draws and cells.n_observed <= options.most_cells_for_draws:
        draws = _draw_parameters(cells, layout, optimum.vector, options, random_state)
        posterior = AveragedPosterior(cells, layout, parameters, draws)
    else:
        posterior = condition(cells, layout, parameters)
    return FitResult(
        posterior=posterior,
        log_evidence=evidence,
        n_evaluations=optimum.n_evaluations,
        n_cells_learned_from=learned_from.n_observed,
        converged=optimum.converged,
        gross_error_probability=_gross_errors(posterior, layout, parameters),
    )


def _gross_errors(
    posterior: Posterior, layout: ParameterLayout, parameters: HierarchyParameters
) -> FloatArray | None:
    cells = posterior.cells
    if cells.doubts is None:
        return None
    left_out = condition(cells, layout, parameters).leave_one_out()
    return probability_of_being_wrong(cells, left_out)


def _draw_parameters(
    cells: Cells,
    layout: ParameterLayout,
    mode: FloatArray,
    options: FitOptions,
    random_state: np.random.Generator,
) -> tuple[HierarchyParameters, ...]:
    objective = _negative_log_posterior(cells, layout)
    draws = laplace_draws(
        objective, mode, layout.prior_spread, options.n_parameter_draws, random_state
    )
    lower, upper = layout.bound_arrays
    return tuple(layout.unpack(np.clip(draw, lower, upper)) for draw in draws)


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
