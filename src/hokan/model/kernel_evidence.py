"""Choosing between families of kernels by how well each predicts what it is not told.

The judge is the leave-one-out log probability of the observed cells (Rasmussen & Williams 2006,
section 5.4.2; it comes without refitting), less the number of parameters, for these were chosen on
the same cells (the reasoning of Akaike 1974). The marginal likelihood asks how probable the values
were before any was seen, and from few values of a function without noise it prefers noise: at 20
values of Branin's function its choice had three times the error.
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
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.model.kernel_choice import KernelFamily

#: Families are compared on at most so many cells.
_MOST_CELLS = 400
#: Where a component is switched off in a start, its variance is this.
_SWITCHED_OFF = 1e-4
_OPTIONS = FitOptions(n_restarts=0, max_iterations=200, n_parameter_draws=0)


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
    random_state : Generator
        Draws the sample.
    """
    layouts = [layout_of(family) for family in families]
    if len(families) == 1 or cells.limits is not None:
        return FamilyChoice(layouts[0], None, None)
    sample = cells.rows(rows_to_learn_from(cells, _MOST_CELLS, random_state))
    found = [_fit_and_judge(sample, layout, random_state) for layout in layouts]
    ranked = sorted(range(len(families)), key=lambda i: found[i][0], reverse=True)
    best, second = ranked[:2]
    if not np.isfinite(found[best][0]):
        return FamilyChoice(layouts[0], None, None)
    lead = (found[best][0] - found[second][0]) / sample.n_observed
    by = f"by {lead:.2f} nats per value" if np.isfinite(lead) else "the other has no fit"
    note = (
        f"Properties are taken to be {families[best].description}, not "
        f"{families[second].description} (by leave-one-out predictions: {by})."
    )
    return FamilyChoice(layouts[best], (found[best][1],), note)


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


def _fit_and_judge(
    cells: Cells, layout: ParameterLayout, random_state: np.random.Generator
) -> tuple[float, FloatArray]:
    """Return the score of a layout, and where its fit arrived."""
    starts = starting_points(layout)
    try:
        parameters, optimum, _ = fit_parameters(
            cells, layout, _OPTIONS, random_state, starts=starts
        )
        left_out = condition(cells, layout, parameters).leave_one_out()
    except NotPositiveDefiniteError:
        return -np.inf, starts[0]
    error = cells.values - left_out.mean
    density = -0.5 * (error**2 / left_out.variance + np.log(2.0 * np.pi * left_out.variance))
    return float(density[cells.observed].sum()) - len(layout), optimum.vector
