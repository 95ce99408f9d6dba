"""From a standardised table, a graph and its links to a sampled posterior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hokan.errors import HokanError
from hokan.gp.kernels import FloatArray
from hokan.inference.cells import Cells
from hokan.inference.parameters import ParameterLayout
from hokan.sampling.doubts import gross_error_probability
from hokan.sampling.fitting import Learned, SamplingOptions, SamplingProgress, draw, learn
from hokan.sampling.parameter_draws import check_small_enough, draw_with_parameters
from hokan.sampling.pooled import PooledPosterior
from hokan.sampling.posterior import SampledPosterior
from hokan.sampling.setting import LinkPlan, Setting


@dataclass(frozen=True)
class SampledFit:
    """A sampled posterior and how it was reached.

    Attributes
    ----------
    posterior : SampledPosterior
        Ready to predict.
    n_rounds : int
        Of learning parameters.
    acceptance : float
        Mean share of accepted moves.
    moves_per_draw : int
    gross_error_probability : ndarray of shape (n, p), or None
        Probability that each value is grossly wrong; NaN where there is none that may be.
    """

    posterior: SampledPosterior
    n_rounds: int
    acceptance: float
    moves_per_draw: int
    gross_error_probability: FloatArray | None = None


def fit_by_sampling(
    cells: Cells,
    layout: ParameterLayout,
    plan: LinkPlan,
    options: SamplingOptions,
    random_state: np.random.Generator,
    progress: SamplingProgress | None = None,
) -> SampledFit:
    """Learn parameters and draw what is unknown.

    Raises
    ------
    HokanError
        Several rows are one material: what belongs to it would have to be drawn once for all. Or
        parameters are to be drawn for a large table.
    """
    if (cells.features.identity >= 0).any():
        raise HokanError(
            'rows of equal composition are read as one material (same_composition = "same '
            'material"), which the sampling engine cannot do: keep one row per material, or use '
            'straight links (link = "linear") and the exact engine'
        )
    setting = Setting.of(cells, layout, plan, random_state)
    if options.sample_parameters:
        check_small_enough(setting)
    learned = learn(setting, options, random_state, progress)
    if options.sample_parameters:
        return _with_drawn_parameters(learned, options, random_state, progress)
    found = draw(learned, options, random_state, progress)
    posterior = SampledPosterior(
        learned.setting,
        tuple(learned.vectors),
        np.concatenate(list(found.cells)),
        np.concatenate(list(found.weights)),
        found.convergence,
    )
    return SampledFit(
        posterior,
        options.n_rounds,
        found.acceptance,
        found.thinning,
        gross_error_probability(posterior.cells, *posterior.expected_cells()),
    )


def _with_drawn_parameters(
    learned: Learned,
    options: SamplingOptions,
    random_state: np.random.Generator,
    progress: SamplingProgress | None,
) -> SampledFit:
    found = draw_with_parameters(learned, options, random_state, progress)
    posterior = PooledPosterior(
        learned.setting,
        found.noises,
        found.vectors,
        found.cells,
        found.weights,
        found.convergence,
    )
    return SampledFit(
        posterior,
        options.n_rounds,
        found.acceptance,
        1,
        gross_error_probability(posterior.cells, *posterior.expected_cells()),
    )
