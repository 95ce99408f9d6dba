"""What a fit learned, in the units of the table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from hokan.gp.kernels import FloatArray
from hokan.inference.averaged_posterior import AveragedPosterior
from hokan.inference.parameters import HierarchyParameters
from hokan.model.hierarchy_model import HierarchyModel


def learned_links(model: HierarchyModel) -> pd.DataFrame:
    """Return the coefficient of every link of the graph.

    Returns
    -------
    DataFrame
        A line for each link: ``parent``, ``child``, ``coefficient`` and its ``std``. Between plain
        scales the coefficient is in units of the child per unit of the parent (the rho of Kennedy
        and O'Hagan, Biometrika 87, 2000); between logarithmic ones it is an exponent. ``std`` is
        NaN where predictions are not averaged over draws of the parameters.
    """
    scales = np.array([transform.scale for transform in model.transforms])
    to_raw = scales[:, None] / scales[None, :]
    coefficients = model.posterior.parameters.links * to_raw
    spread = _spread_over_draws(model, lambda parameters: parameters.links * to_raw)
    names = model.graph.names
    return pd.DataFrame(
        [
            (names[k], names[j], coefficients[j, k], spread[j, k])
            for j, k in zip(*np.nonzero(model.graph.parent_mask()), strict=True)
        ],
        columns=["parent", "child", "coefficient", "std"],
    )


def learned_deviations(model: HierarchyModel) -> pd.DataFrame:
    """Return how far materials lie from what parents and descriptors say of them.

    Returns
    -------
    DataFrame
        Indexed by property: ``scale``; ``material``, the standard deviation of what belongs to the
        material itself, and ``measurement``, that of a learned measurement error, both on that
        scale: in the property's unit on a plain one, relative to the value on a logarithmic one.
    """
    parameters = model.posterior.parameters
    scales = np.array([transform.scale for transform in model.transforms])
    return pd.DataFrame(
        {
            "scale": [member.transform for member in model.graph],
            "material": np.sqrt(parameters.variances[-1]) * scales,
            "measurement": np.sqrt(parameters.noise_variances) * scales,
        },
        index=pd.Index(model.graph.names, name="property"),
    )


def _spread_over_draws(
    model: HierarchyModel, value: Callable[[HierarchyParameters], FloatArray]
) -> FloatArray:
    """Return the standard deviation of a value over draws of the parameters; NaN without draws."""
    posterior = model.posterior
    if not isinstance(posterior, AveragedPosterior):
        return np.full(value(posterior.parameters).shape, np.nan)
    return np.asarray(np.std([value(draw) for draw in posterior.draws], axis=0))
