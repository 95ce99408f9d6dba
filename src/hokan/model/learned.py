"""What a fit learned, in the units of the table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from hokan.gp.kernels import FloatArray
from hokan.inference.averaged_posterior import AveragedPosterior
from hokan.inference.parameters import HierarchyParameters
from hokan.inference.posterior import Posterior
from hokan.model.hierarchy_model import HierarchyModel
from hokan.sampling.posterior import SampledPosterior


def learned_links(model: HierarchyModel) -> pd.DataFrame:
    """Return the coefficient of every link of the graph.

    Returns
    -------
    DataFrame
        A line for each link: ``parent``, ``child``, ``coefficient`` and its ``std``. Between plain
        scales the coefficient is in units of the child per unit of the parent (the rho of Kennedy
        and O'Hagan, Biometrika 87, 2000); between logarithmic ones it is an exponent. ``std`` is
        NaN where predictions are not averaged over draws of the parameters. ``kind`` is that of the
        link; of one that is not straight, the coefficient is its mean slope over the materials.
    """
    scales = np.array([transform.scale for transform in model.transforms])
    to_raw = scales[:, None] / scales[None, :]
    posterior = model.posterior
    kinds = dict[tuple[int, int], str]()
    if isinstance(posterior, SampledPosterior):
        slopes = posterior.mean_slopes() * to_raw[:, :, None]
        coefficients, spread = slopes.mean(axis=2), slopes.std(axis=2)
        kinds = posterior.kinds_of_links()
    else:
        coefficients = posterior.parameters.links * to_raw
        spread = _spread_over_draws(posterior, lambda parameters: parameters.links * to_raw)
    names = model.graph.names
    return pd.DataFrame(
        [
            (names[k], names[j], coefficients[j, k], spread[j, k], kinds.get((j, k), "linear"))
            for j, k in zip(*np.nonzero(model.graph.parent_mask()), strict=True)
        ],
        columns=["parent", "child", "coefficient", "std", "kind"],
    )


def learned_constants(model: HierarchyModel) -> pd.DataFrame:
    """Return the constants of formulas that the sampling engine drew.

    Returns
    -------
    DataFrame
        A line for each constant: ``property``, ``constant``, ``value`` (the median of its draws)
        and ``std``, on the raw scale of the formula. Empty where no formula has any, and for
        products of powers between logarithms: their constant is the mean of the property there.
    """
    posterior = model.posterior
    drawn = posterior.formula_constants() if isinstance(posterior, SampledPosterior) else {}
    return pd.DataFrame(
        [
            (model.graph.names[j], name, float(np.median(draws)), float(np.std(draws)))
            for (j, name), draws in drawn.items()
        ],
        columns=["property", "constant", "value", "std"],
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
    posterior = model.posterior
    if isinstance(posterior, SampledPosterior):
        material = posterior.material_variances()
    else:
        material = posterior.parameters.variances[-1]
    scales = np.array([transform.scale for transform in model.transforms])
    return pd.DataFrame(
        {
            "scale": [member.transform for member in model.graph],
            "material": np.sqrt(material) * scales,
            "measurement": np.sqrt(posterior.noise_variances) * scales,
        },
        index=pd.Index(model.graph.names, name="property"),
    )


def _spread_over_draws(
    posterior: Posterior, value: Callable[[HierarchyParameters], FloatArray]
) -> FloatArray:
    """Return the standard deviation of a value over draws of the parameters; NaN without draws."""
    if not isinstance(posterior, AveragedPosterior):
        return np.full(value(posterior.parameters).shape, np.nan)
    return np.asarray(np.std([value(draw) for draw in posterior.draws], axis=0))
