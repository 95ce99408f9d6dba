"""How each kind of object is taken apart into named parts, and put together again.

The rule is that an object is stored as the arguments of its constructor, which it keeps as
attributes of the same names. A class that follows it needs one line in ``_BY_CONSTRUCTOR``, and a
field added to it is stored without any change here. The exceptions have a form of their own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

import hokan.gp.kernels
from hokan.descriptors.features import MaterialFeatures
from hokan.descriptors.space import DescriptorSpace
from hokan.estimators import HierarchicalRegressor, InputForm
from hokan.gp.kernels import Kernel, LogNormalPrior
from hokan.graph import (
    Floored,
    Formula,
    Identity,
    Log,
    Logit,
    PropertyGraph,
    StandardisedTransform,
)
from hokan.inference.averaged_posterior import AveragedPosterior
from hokan.inference.cells import Cells, DoubtfulValues, Limits
from hokan.inference.conditioning import condition
from hokan.inference.convergence import Convergence
from hokan.inference.fitting import FitOptions, FitResult
from hokan.inference.joint_posterior import JointPosterior
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.inference.posterior import Posterior
from hokan.inference.recursive_posterior import RecursivePosterior
from hokan.model import HierarchyModel, ModelOptions
from hokan.model.categories import ModelledCategory
from hokan.sampling.directions import Directions
from hokan.sampling.engine import SampledFit
from hokan.sampling.fitting import SamplingOptions
from hokan.sampling.formula_link import FormulaLink
from hokan.sampling.pooled import PooledPosterior
from hokan.sampling.posterior import SampledPosterior
from hokan.sampling.setting import LinkPlan, Setting
from hokan.store.frames import frame_of_parts, frame_parts
from hokan.store.soundness import check_pooled_posterior, check_posterior, check_sampled_posterior
from hokan.table import ColumnReading, PropertyTable

Parts = dict[str, Any]

_KERNELS = tuple(
    kind
    for name in hokan.gp.kernels.__all__
    if isinstance(kind := getattr(hokan.gp.kernels, name), type)
    and issubclass(kind, Kernel)
    and kind is not Kernel
)
_BY_CONSTRUCTOR: tuple[type, ...] = (
    Cells,
    ColumnReading,
    Convergence,
    DescriptorSpace,
    Directions,
    DoubtfulValues,
    FitOptions,
    FitResult,
    FormulaLink,
    HierarchyModel,
    HierarchyParameters,
    Floored,
    Identity,
    InputForm,
    LinkPlan,
    Log,
    LogNormalPrior,
    Logit,
    MaterialFeatures,
    ModelOptions,
    ModelledCategory,
    ParameterLayout,
    SampledFit,
    SamplingOptions,
    Setting,
    StandardisedTransform,
    *_KERNELS,
)


@dataclass(frozen=True)
class Form:
    """How objects of some classes are stored.

    Attributes
    ----------
    name : str
        What the file calls them.
    kinds : tuple of type
        The classes.
    take_apart : callable
        Returns an object's parts by name.
    put_together : callable
        Returns the object of some parts; raises ValueError or TypeError where they do not fit.
    """

    name: str
    kinds: tuple[type, ...]
    take_apart: Callable[[Any], Parts]
    put_together: Callable[[Parts], Any]


def by_constructor(kind: type) -> Form:
    """Return the form of a class that keeps its constructor's arguments as attributes."""
    names = tuple(inspect.signature(kind).parameters)
    return Form(
        kind.__name__,
        (kind,),
        lambda held: {name: getattr(held, name) for name in names},
        lambda parts: kind(**parts),
    )


def _take_posterior(posterior: Any) -> Parts:
    return {name: getattr(posterior, name) for name in ("cells", "layout", "parameters")}


def _put_posterior(parts: Parts) -> Posterior:
    check_posterior(**parts)
    return condition(**parts)


def _take_average(posterior: AveragedPosterior) -> Parts:
    return {**_take_posterior(posterior), "draws": posterior.draws}


def _put_average(parts: Parts) -> AveragedPosterior:
    shared = {name: parts[name] for name in ("cells", "layout")}
    for parameters in (parts["parameters"], *parts["draws"]):
        check_posterior(**shared, parameters=parameters)
    return AveragedPosterior(**parts)


def _put_sampled(parts: Parts) -> SampledPosterior:
    check_sampled_posterior(**parts)
    return SampledPosterior(**parts)


def _put_pooled(parts: Parts) -> PooledPosterior:
    check_pooled_posterior(**parts)
    return PooledPosterior(**parts)


def _put_table(parts: Parts) -> PropertyTable:
    table = PropertyTable(**parts)
    for array in (table.values, table.measurement_error):
        array.flags.writeable = False
    return table


def _put_limits(parts: Parts) -> Limits:
    if "side" in parts:
        # Before there were intervals, a limit was a number and the side of it.
        side, value = parts["side"], parts["value"]
        lower = np.where(side == 1, value, -np.inf)
        upper = np.where(side == -1, value, np.inf)
        return Limits(lower, upper, parts["noise_variance"])
    return Limits(**parts)


_PARAMETERS = tuple(inspect.signature(HierarchicalRegressor).parameters)
_FITTED = ("model_", "table_", "_form")
_FITTED_TO_ARRAYS = ("n_features_in_", "feature_names_in_")


def _take_regressor(regressor: HierarchicalRegressor) -> Parts:
    parameters = {name: getattr(regressor, name) for name in _PARAMETERS}
    # A function cannot be stored; a source of random numbers is stored as the seed it gave.
    parameters["progress"] = None
    if not isinstance(parameters["random_state"], int | np.integer):
        parameters["random_state"] = regressor.model_.options.random_state
    for name in ("descriptors", "ignore", "properties"):
        if parameters[name] is not None and not isinstance(parameters[name], str | tuple | list):
            parameters[name] = list(parameters[name])
    categories = parameters["categories"]
    if isinstance(categories, Mapping):
        parameters["categories"] = {name: list(levels) for name, levels in categories.items()}
    elif categories is not None and not isinstance(categories, str | tuple | list):
        parameters["categories"] = list(categories)
    fitted = {name: getattr(regressor, name) for name in _FITTED}
    fitted |= {name: getattr(regressor, name, None) for name in _FITTED_TO_ARRAYS}
    if fitted["feature_names_in_"] is not None:
        fitted["feature_names_in_"] = list(fitted["feature_names_in_"])
    return {"parameters": parameters, "fitted": fitted}


def _put_regressor(parts: Parts) -> HierarchicalRegressor:
    regressor = HierarchicalRegressor(**parts["parameters"])
    fitted = parts["fitted"]
    regressor._remember(*(fitted[name] for name in _FITTED))
    if fitted["n_features_in_"] is not None:
        regressor.n_features_in_ = fitted["n_features_in_"]
    if fitted["feature_names_in_"] is not None:
        regressor.feature_names_in_ = np.array(fitted["feature_names_in_"], dtype=object)
    return regressor


FORMS: tuple[Form, ...] = (
    *(by_constructor(kind) for kind in _BY_CONSTRUCTOR),
    replace(by_constructor(SampledPosterior), put_together=_put_sampled),
    replace(by_constructor(PooledPosterior), put_together=_put_pooled),
    Form(
        "Formula",
        (Formula,),
        lambda formula: {"text": str(formula), "names": list(formula.names)},
        lambda parts: Formula.parse(parts["text"], parts["names"]),
    ),
    replace(by_constructor(Limits), put_together=_put_limits),
    replace(by_constructor(PropertyTable), put_together=_put_table),
    Form("DataFrame", (pd.DataFrame,), frame_parts, frame_of_parts),
    Form(
        "PropertyGraph",
        (PropertyGraph,),
        lambda graph: {"toml": graph.to_toml()},
        lambda parts: PropertyGraph.from_toml_text(parts["toml"]),
    ),
    # What a posterior knows follows from these three; the fastest exact way is taken again.
    Form(
        "Posterior",
        (JointPosterior, RecursivePosterior),
        _take_posterior,
        _put_posterior,
    ),
    Form("AveragedPosterior", (AveragedPosterior,), _take_average, _put_average),
    Form("HierarchicalRegressor", (HierarchicalRegressor,), _take_regressor, _put_regressor),
)
FORM_OF_KIND = {kind: form for form in FORMS for kind in form.kinds}
FORM_NAMED = {form.name: form for form in FORMS}
