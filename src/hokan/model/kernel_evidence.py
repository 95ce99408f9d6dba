"""Choosing between families of kernels by how well each predicts what it is not told.

The judge is the leave-one-out log probability of the observed cells (Rasmussen & Williams 2006,
section 5.4.2; it comes without refitting), less the number of parameters, for these were chosen on
the same cells (the reasoning of Akaike 1974). The posterior probability of a family at its most
probable parameters has a veto. Neither would do alone. Leave-one-out predictions take slight noise
for a wiggly function: of a synthetic table with noise, 90 % intervals held 80 %. The posterior asks
how probable the values were before any was seen, and from few values of a function it prefers
noise: at 20 values of Branin's its choice had three times the error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hokan.gp.factorisation import NotPositiveDefiniteError
from hokan.gp.kernels import FloatArray
from hokan.gp.kernels.scaled_distance import LengthscaleKernel
from hokan.inference.cells import Cells
from hokan.inference.conditioning import condition
from hokan.inference.fitting import FitOptions, fit_parameters, rows_to_learn_from
from hokan.inference.gross_errors import log_density
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.inference.suspects import place_sites
from hokan.model.kernel_choice import KernelFamily
from hokan.model.scaling import without_learned_doubts

#: Families are compared on at most so many cells.
_MOST_CELLS = 200
#: A family less probable than the first by more than this, in nats, is out of the question. Values
#: of functions came to 10 at most, those with a tenth of noise to 17 at least.
_VETO = 10.0
#: Where a component is switched off in a start, its variance is this.
_SWITCHED_OFF = 1e-4
#: Very smooth functions are searched for from so many more starts, at random steps of this size.
_MORE_STARTS = 16
_STEP_TO_STARTS = 0.7


@dataclass(frozen=True)
class FamilyChoice:
    """The family that won, and how.

    Attributes
    ----------
    layout : ParameterLayout
        With its kernels.
    starts : tuple of ndarray, or None
        Where to start looking for parameters; ``None``: as usual.
    note : str or None
        A sentence for the user; ``None`` where there was nothing to choose.
    """

    layout: ParameterLayout
    starts: tuple[FloatArray, ...] | None
    note: str | None


def choose_family(
    cells: Cells,
    families: Sequence[KernelFamily],
    layout_of: Callable[[KernelFamily], ParameterLayout],
    max_iterations: int,
    random_state: np.random.Generator,
) -> FamilyChoice:
    """Fit every family to the cells, or a sample of their rows, and keep the best.

    Parameters
    ----------
    cells : Cells
        The standardised table.
    families : sequence of KernelFamily
        At least one; the first is taken where none can be judged.
    layout_of : callable
        Returns the layout of a family.
    max_iterations : int
        Of each search for parameters.
    random_state : Generator
        Draws the sample.
    """
    layouts = [layout_of(family) for family in families]
    if len(families) == 1 or cells.limits is not None:
        return FamilyChoice(layouts[0], None, None)
    sample = cells.rows(rows_to_learn_from(cells, _MOST_CELLS, random_state))
    found = [_fit_and_judge(sample, layout, max_iterations, random_state) for layout in layouts]
    scores = np.array(
        [
            judged.leave_one_out
            if judged.log_posterior > found[0].log_posterior - _VETO
            else -np.inf
            for judged in found
        ]
    )
    best = int(np.argmax(scores))
    if not np.isfinite(scores[best]):
        return FamilyChoice(layouts[0], None, None)
    note = f"Properties are taken to be {families[best].description}"
    if best:
        lead = (scores[best] - found[0].leave_one_out) / sample.n_observed
        if np.isfinite(lead):
            note += f" (leave-one-out predictions gain {lead:.2f} nats per value)"
    starts = (found[best].vector,) if best else None
    return FamilyChoice(layouts[best], starts, f"{note}.")


def starting_points(layout: ParameterLayout) -> tuple[FloatArray, ...]:
    """Return where to start: all kernels on; each kind of smooth kernel with the others off.

    Lengthscales start at the usual distance between materials, variances of smooth kernels at 1:
    the medians of their priors may be so long that the covariance is all but singular there. One
    more start is at these medians.
    """
    smooth = [isinstance(kernel, LengthscaleKernel) for kernel in layout.kernels]
    middle = layout.unpack(layout.prior_mean)
    logs = middle.log_hyperparameters.copy()
    for kernel, part in zip(layout.kernels, layout.hyperparameter_slices(), strict=True):
        if isinstance(kernel, LengthscaleKernel):
            logs[part] = 0.5 * np.log(kernel.n_descriptors)
    kinds = sorted({kernel.name for kernel, s in zip(layout.kernels, smooth, strict=True) if s})
    alone = kinds if len(kinds) > 1 else []
    starts = []
    for only in [None, *alone]:
        variances = middle.variances.copy()
        for c, kernel in enumerate(layout.kernels):
            if smooth[c]:
                variances[c] = 1.0 if only in (None, kernel.name) else _SWITCHED_OFF
        starts.append(
            layout.pack(HierarchyParameters(middle.links, variances, middle.noise_variances, logs))
        )
    return (*starts, layout.prior_mean) if any(smooth) else (layout.prior_mean,)


@dataclass(frozen=True)
class _Judged:
    """The leave-one-out score of a family, its log posterior, and where its fit arrived."""

    leave_one_out: float
    log_posterior: float
    vector: FloatArray


def _fit_and_judge(
    cells: Cells,
    layout: ParameterLayout,
    max_iterations: int,
    random_state: np.random.Generator,
) -> _Judged:
    """Fit a layout, with more searches where they are needed."""
    if layout.material_variance_prior is None:
        cells = without_learned_doubts(cells)
    starts = list(starting_points(layout))
    smooth_kinds = {k.name for k in layout.kernels if isinstance(k, LengthscaleKernel)}
    if layout.material_variance_prior is None and len(smooth_kinds) == 1:
        # The posterior of very smooth functions is a long, curved valley, in which a search may
        # stop early.
        steps = random_state.standard_normal((_MORE_STARTS, len(layout)))
        starts += list(starts[0] + _STEP_TO_STARTS * steps)
    options = FitOptions(max_iterations=max_iterations)
    try:
        parameters, optimum, evidence = fit_parameters(
            cells, layout, options, random_state, starts=starts
        )
        score = _leave_one_out_score(cells, layout, parameters)
    except NotPositiveDefiniteError:
        return _Judged(-np.inf, -np.inf, starts[0])
    penalty, _ = layout.negative_log_prior(optimum.vector)
    return _Judged(score, evidence - penalty, optimum.vector)


def _leave_one_out_score(
    cells: Cells, layout: ParameterLayout, parameters: HierarchyParameters
) -> float:
    """Return the leave-one-out log probability of the cells, less the number of parameters."""
    placed = place_sites(cells, layout, parameters)
    left_out = condition(placed, layout, parameters).leave_one_out()
    observed = cells.observed
    error, variance = (cells.values - left_out.mean)[observed], left_out.variance[observed]
    share = np.zeros(cells.values.shape[1]) if placed.doubts is None else placed.doubts.share
    shares = np.broadcast_to(share, cells.values.shape)[observed]
    return float(log_density(error, variance, shares).sum()) - len(layout)
