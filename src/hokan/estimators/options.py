"""From the parameters of the estimator to the options of a model."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from hokan.inference.fitting import FitOptions
from hokan.model import ModelOptions
from hokan.sampling.fitting import SamplingOptions


def whole_seed(random_state: int | np.random.RandomState | None) -> int:
    """Return a seed as a whole number, drawn from a RandomState or from the system if need be."""
    if isinstance(random_state, int | np.integer):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))


def options_of(estimator: Any) -> ModelOptions:
    """Return the options that a HierarchicalRegressor's parameters ask for."""
    return ModelOptions(
        same_composition=estimator.same_composition,
        weigh_descriptors=bool(estimator.weigh_descriptors),
        learn_noise=bool(estimator.learn_noise),
        gross_errors=estimator.gross_errors,
        random_state=whole_seed(estimator.random_state),
        fit=FitOptions(
            n_restarts=int(estimator.n_restarts),
            max_iterations=int(estimator.max_iterations),
            most_cells=int(estimator.most_cells),
            n_parameter_draws=int(estimator.n_parameter_draws),
        ),
        engine=estimator.engine,
        sampling=SamplingOptions(
            n_chains=int(estimator.n_chains),
            n_draws=int(estimator.n_draws),
            sample_parameters=bool(estimator.sample_parameters),
        ),
    )
