"""Whether the parts of a loaded model fit together: shapes, kinds, finite numbers."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.descriptors.space import DescriptorSpace
from hokan.errors import ModelFileError
from hokan.estimators import HierarchicalRegressor, InputForm
from hokan.gp.kernels import Kernel
from hokan.graph import PropertyGraph, StandardisedTransform
from hokan.inference.cells import Cells, DoubtfulValues, Limits
from hokan.inference.convergence import Convergence
from hokan.inference.fitting import FitResult
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.model import HierarchyModel, ModelOptions
from hokan.model.categories import ModelledCategory
from hokan.sampling.directions import Directions
from hokan.sampling.engine import SampledFit
from hokan.sampling.formula_link import FormulaLink
from hokan.sampling.links import LINK_KINDS
from hokan.sampling.setting import LinkPlan, Setting
from hokan.table import PropertyTable


def check_posterior(cells: Cells, layout: ParameterLayout, parameters: HierarchyParameters) -> None:
    """Refuse parts from which no posterior can be made.

    Raises
    ------
    ModelFileError
        Naming the part, what was expected and what was found.
    """
    _check_kind("parameters", parameters, HierarchyParameters)
    _check_cells_and_layout(cells, layout)
    p = layout.n_properties
    _check_array("links", parameters.links, (p, p))
    _check_array("variances", parameters.variances, (len(layout.kernels) + 1, p))
    _check_array("noise_variances", parameters.noise_variances, (p,))
    _check_array("log_hyperparameters", parameters.log_hyperparameters, (layout.n_hyperparameters,))
    for name in ("variances", "noise_variances"):
        _check_not_negative(name, getattr(parameters, name))


def check_sampled_posterior(
    setting: Setting,
    vectors: tuple[np.ndarray, ...],
    drawn_cells: np.ndarray,
    drawn_weights: np.ndarray,
    convergence: Convergence,
) -> None:
    """Refuse parts from which no sampled posterior can be made; errors as before."""
    _check_kind("setting", setting, Setting)
    _check_kind("convergence", convergence, Convergence)
    _check_kind("plan of links", setting.plan, LinkPlan)
    _check_kind("directions", setting.directions, Directions)
    _check_kind("landmarks", setting.directions.landmarks, MaterialFeatures)
    _check_cells_and_layout(setting.cells, setting.layout)
    p = setting.layout.n_properties
    _check_array("reaches", setting.reaches, (p,))
    _check_array("noise", setting.noise, (p,))
    _check_not_negative("noise", setting.noise)
    landmarks, projection = setting.directions.landmarks, setting.directions.projection
    _check_array("projection", projection, (len(landmarks), *np.shape(projection)[1:]))
    for child, parent, kind in setting.plan.kinds:
        if kind not in LINK_KINDS or not setting.layout.parent_mask[child, parent]:
            raise ModelFileError(f"plan of links: {kind!r} is no link of {parent} to {child}")
    for _, formula in setting.plan.formulas:
        _check_kind("formula", formula, FormulaLink)
    hierarchy = setting.hierarchy
    _check_equal("number of parameter vectors", len(vectors), p)
    for node, vector in zip(hierarchy.nodes, vectors, strict=True):
        _check_array("parameter vector", vector, node.prior_mean.shape)
    draws = len(drawn_cells)
    _check_array("drawn cells", drawn_cells, (draws, hierarchy.unknowns.n_drawn))
    _check_array(
        "drawn weights", drawn_weights, (draws, hierarchy.size - hierarchy.unknowns.n_drawn)
    )


def check_pooled_posterior(
    setting: Setting,
    noises: np.ndarray,
    vectors: tuple[tuple[np.ndarray, ...], ...],
    drawn_cells: np.ndarray,
    drawn_weights: np.ndarray,
    convergence: Convergence,
) -> None:
    """Refuse parts from which no mixture of sampled posteriors can be made; errors as before."""
    _check_array("noises", noises, (len(vectors), setting.layout.n_properties))
    _check_not_negative("noises", noises)
    for name, drawn in (("drawn cells", drawn_cells), ("drawn weights", drawn_weights)):
        _check_equal(f"number of {name}", len(drawn), len(vectors))
    for cells, weights, of_member in zip(drawn_cells, drawn_weights, vectors, strict=True):
        check_sampled_posterior(setting, of_member, cells, weights, convergence)


def _check_cells_and_layout(cells: Cells, layout: ParameterLayout) -> None:
    _check_kind("cells", cells, Cells)
    _check_kind("layout", layout, ParameterLayout)
    _check_kind("features", cells.features, MaterialFeatures)
    for kernel in layout.kernels:
        _check_kind("kernel", kernel, Kernel)
    p = layout.n_properties
    n = len(cells.features)
    _check_array("values", cells.values, (n, p), holes=True)
    _check_array("noise_variance", cells.noise_variance, (n, p))
    if cells.limits is not None:
        _check_kind("limits", cells.limits, Limits)
        for name in ("lower", "upper"):
            # Infinity: there is no such limit.
            ends = getattr(cells.limits, name)
            _check_array(f"{name} limits", ends, (n, p), infinite=True)
        if (cells.limits.lower > cells.limits.upper).any():
            raise ModelFileError("limits: a lower one lies above the upper one")
        _check_array("noise_variance of limits", cells.limits.noise_variance, (n, p))
    if cells.doubts is not None:
        doubts = cells.doubts
        _check_kind("doubts", doubts, DoubtfulValues)
        _check_array("values in doubt", doubts.values, (n, p), holes=True)
        _check_array("noise_variance of values in doubt", doubts.noise_variance, (n, p))
        _check_array("suspects", doubts.suspect, (n, p), kind=np.bool_)
        _check_array("share of wrong values", doubts.share, (p,))
        _check_array("learned shares", doubts.learned, (p,), kind=np.bool_)
        if ((doubts.share < 0) | (doubts.share >= 1)).any():
            raise ModelFileError("share of wrong values: expected numbers in [0, 1)")
    for field in fields(cells.features):
        array = getattr(cells.features, field.name)
        kind = np.int64 if field.name == "identity" else np.float64
        _check_array(field.name, array, (n, *np.shape(array)[1:]), kind=kind)
    _check_array("parent_mask", layout.parent_mask, (p, p), kind=np.bool_)
    _check_array("learn_noise", layout.learn_noise, (p,), kind=np.bool_)
    components = (len(layout.kernels) + 1, p)
    _check_array("component_mask", layout.component_mask, components, kind=np.bool_)
    for name in ("link_means", "link_spreads"):
        _check_array(name, getattr(layout, name), (p, p))
    _check_not_negative("noise_variance", cells.noise_variance)


def check_model(model: HierarchyModel) -> None:
    """Refuse a model whose parts do not fit together; errors as :func:`check_posterior`."""
    _check_kind("graph", model.graph, PropertyGraph)
    _check_kind("space", model.space, DescriptorSpace)
    if not isinstance(model.fit, FitResult | SampledFit):
        raise ModelFileError(f"fit: expected a fit, found {type(model.fit).__name__}")
    _check_kind("options", model.options, ModelOptions)
    for transform in model.transforms:
        _check_kind("transform", transform, StandardisedTransform)
    for note in model.notes:
        _check_kind("note", note, str)
    for category in model.categories:
        _check_kind("category", category, ModelledCategory)
        if category != ModelledCategory.of(category.name, category.levels):
            raise ModelFileError(f"category {category.name!r}: levels and utilities differ")
        for name in category.utilities:
            model.graph.index(name)
    p, d = len(model.graph), len(model.space.names)
    _check_equal("number of transforms", len(model.transforms), p)
    _check_equal("number of modelled properties", model.layout.n_properties, p)
    if not (model.layout.parent_mask == model.graph.parent_mask()).all():
        raise ModelFileError("the links of graph and layout differ")
    _check_equal("number of descriptors", model.posterior.cells.features.n_descriptors, d)
    space = model.space
    _check_array("mean", space.mean, (d,))
    _check_array("relevance", space.relevance, (d,))
    if (
        np.shape(space.scale) != (d,) or not (space.scale > 0).all()
    ):  # infinity: constant in training
        raise ModelFileError(f"scale: expected {d} positive numbers")
    for name in ("rank_values", "rank_positions"):
        tables = getattr(space, name)
        _check_equal(f"number of {name}", len(tables), d)
        for values, partner in zip(tables, space.rank_values, strict=True):
            _check_array(name, values, (len(partner),))


def check_regressor(regressor: HierarchicalRegressor) -> None:
    """Refuse an estimator whose parts do not fit together; errors as :func:`check_posterior`."""
    model, table = regressor.model_, regressor.table_
    _check_kind("model", model, HierarchyModel)
    _check_kind("table", table, PropertyTable)
    _check_kind("form", regressor._form, InputForm)
    check_model(model)
    n, p = len(model.posterior.cells.features), table.n_properties
    _check_equal("number of property names", len(table.property_names), p)
    _check_array("values of the table", table.values, (n, p), holes=True)
    _check_array("measurement errors of the table", table.measurement_error, (n, p))
    _check_equal("number of rows of the frame", len(table.frame), n)
    _check_equal("number of columns read", len(table.readings), table.frame.shape[1])
    if table.compositions is not None:
        _check_equal("number of compositions", len(table.compositions), n)
    for category in model.categories:
        if table.category_levels.get(category.name) != category.levels:
            raise ModelFileError(f"category {category.name!r}: levels in model and table differ")
    k = len(table.category_names)
    _check_array("levels of the table", table.category_codes, (n, k), kind=np.int64)
    stand_ins = {name for category in model.categories for name in category.utilities}
    missing = [
        name for name in model.graph.missing_from(table.property_names) if name not in stand_ins
    ]
    if missing:
        raise ModelFileError(f"the table has no property {missing[0]!r}, which the graph names")


def _check_kind(name: str, value: object, kind: type) -> None:
    if not isinstance(value, kind):
        raise ModelFileError(f"{name}: expected a {kind.__name__}, found {type(value).__name__}")


def _check_equal(name: str, found: int, expected: int) -> None:
    if found != expected:
        raise ModelFileError(f"{name}: expected {expected}, found {found}")


def _check_array(
    name: str,
    array: Any,
    shape: tuple[int, ...],
    *,
    kind: type = np.float64,
    holes: bool = False,
    infinite: bool = False,
) -> None:
    if not isinstance(array, np.ndarray) or array.shape != shape or array.dtype != kind:
        found = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else repr(array)
        raise ModelFileError(f"{name}: expected {np.dtype(kind)} {shape}, found {found}")
    bad = np.isinf(array) if holes else np.isnan(array) if infinite else ~np.isfinite(array)
    if bad.any():
        raise ModelFileError(f"{name}: holds {array[bad][0]}, which is no finite number")


def _check_not_negative(name: str, array: np.ndarray) -> None:
    if (array < 0).any():
        raise ModelFileError(f"{name}: holds {array.min():g}; expected nothing negative")
