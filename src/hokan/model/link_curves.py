"""What every link says, as curves to draw over the values it was learned from."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from scipy.stats import norm

from hokan.gp.kernels import FloatArray
from hokan.graph import StandardisedTransform
from hokan.graph.link_curve import LinkCurve
from hokan.inference.averaged_posterior import AveragedPosterior
from hokan.inference.posterior import Posterior
from hokan.model.hierarchy_model import HierarchyModel
from hokan.model.learned import learned_links
from hokan.model.prediction import check_level
from hokan.sampling.posterior import SampledPosterior
from hokan.table import PropertyTable

#: Values of the parent at which a curve is computed, evenly spaced on the scale of the model.
_N_VALUES = 81


def link_curves(model: HierarchyModel, table: PropertyTable, level: float = 0.9) -> list[LinkCurve]:
    """Return a curve for every link of the graph.

    Each runs over the known values of the parent. It is the median of the child where all else is
    typical: what the link gives, shifted so that it passes through the middle of the materials of
    which both are known. The band is that of the link alone, what is uncertain about its shape, and
    not of values: these scatter around it by what descriptors and the material do. Of a child with
    several parents, what the others add is taken off its values where they are drawn. Of a link
    that differs by chemistry, the curve is the mean over the materials; along one parent of a
    formula, the others are held at their medians.

    Parameters
    ----------
    model : HierarchyModel
    table : PropertyTable
        The training table.
    level : float
        Probability of the bands.

    Returns
    -------
    list of LinkCurve
        Child after child, in the order of the graph. Links from and to categories are left out:
        what stands for these in the model has no scale of its own.
    """
    check_level(level)
    names = model.graph.names
    utilities = {name for category in model.categories for name in category.utilities}
    curves = []
    for line in learned_links(model).to_dict("records"):
        parent, child = str(line["parent"]), str(line["child"])
        if not utilities & {parent, child}:
            note = _told(model, parent, child, line)
            places = names.index(child), names.index(parent)
            curves.append(_curve(model, table, *places, level, str(line["kind"]), note))
    return curves


def _curve(
    model: HierarchyModel,
    table: PropertyTable,
    child: int,
    parent: int,
    level: float,
    kind: str,
    note: str,
) -> LinkCurve:
    x, y = model.graph.properties[parent], model.graph.properties[child]
    to_child = model.transforms[child]
    known = table.values[:, [table.property_names.index(name) for name in (x.name, y.name)]]
    values = _values(model.transforms[parent], known[:, 0])
    posterior = model.posterior
    if isinstance(posterior, SampledPosterior):
        draws, points = posterior.along_link(child, parent, values)
        ends = 0.5 - 0.5 * level, 0.5, 0.5 + 0.5 * level
        lower, median, upper = np.quantile(draws, ends, axis=1)
    else:
        median, std, points = _straight_line(posterior, child, parent, values)
        reach = norm.ppf(0.5 + 0.5 * level) * std
        lower, upper = median - reach, median + reach
        if not isinstance(posterior, AveragedPosterior):
            note += "; without a band, for want of draws of the parameters"
    both = np.isfinite(known).all(axis=1)
    labels = () if table.compositions is None else np.array(table.compositions)[both].tolist()
    return LinkCurve(
        x.name,
        y.name,
        kind,
        model.transforms[parent].inverse(values),
        to_child.inverse(median),
        to_child.inverse(lower),
        to_child.inverse(upper),
        known[both, 0],
        known[both, 1],
        x.unit or table.units.get(x.name),
        y.unit or table.units.get(y.name),
        x.transform == "log",
        y.transform == "log",
        note,
        tuple(labels),
        None if _is_only_link(model, child, parent) else to_child.inverse(points[both]),
    )


def _is_only_link(model: HierarchyModel, child: int, parent: int) -> bool:
    """Whether nothing but this link leads to the child; a formula is one link of many parents."""
    posterior = model.posterior
    if isinstance(posterior, SampledPosterior):
        return len(posterior.setting.hierarchy.nodes[child].links) == 1
    return int(posterior.layout.parent_mask[child].sum()) == 1


def _values(transform: StandardisedTransform, raw: FloatArray) -> FloatArray:
    """Return values over the known range of a property, standardised."""
    known = raw[np.isfinite(raw)]
    found = transform.forward(known)
    low, high = (float(found.min()), float(found.max())) if len(found) else (0.0, 0.0)
    if high - low < 1e-6:
        # One value has no range: a standard deviation to each side, where there is room.
        low, high = low if transform.at_floor(known).any() else low - 1.0, high + 1.0
    return np.linspace(low, high, _N_VALUES)


def _straight_line(
    posterior: Posterior, child: int, parent: int, values: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return median and standard deviation of a straight link, in standardised units.

    And the child of every material, less what its other parents add beyond their mean.
    """
    cells = posterior.cells
    both = cells.observed[:, [child, parent]].all(axis=1)
    both |= not both.any()
    others = posterior.layout.parent_mask[child].copy()
    others[parent] = False
    needed = others.copy()
    needed[[child, parent]] = True
    table = cells.values
    if not cells.observed[both][:, needed].all() or cells.with_sites.any():
        table = posterior.training_cells().mean
    middle = table[both].mean(axis=0)
    links = posterior.parameters.links[child]
    points = table[:, child] - (table - middle)[:, others] @ links[others]
    distance = values - middle[parent]
    median = middle[child] + links[parent] * distance
    if not isinstance(posterior, AveragedPosterior):
        return median, np.zeros_like(median), points
    draws = [draw.links[child, parent] for draw in posterior.draws]
    return median, np.abs(distance) * np.std(draws), points


def _told(model: HierarchyModel, parent: str, child: str, line: Mapping[Hashable, Any]) -> str:
    """Return the coefficient of a link, in words."""
    logs = [model.graph.find(name).transform == "log" for name in (child, parent)]
    what = "exponent" if all(logs) else "coefficient" if any(logs) else "slope"
    mean = "" if line["kind"] == "linear" else "mean "
    coefficient, std = float(line["coefficient"]), float(line["std"])
    if not std > 0:
        return f"{mean}{what} {coefficient:.3g}".replace("-", "−")
    # To two digits of the uncertainty.
    digits = max(0, 1 - int(np.floor(np.log10(std))))
    return f"{mean}{what} {coefficient:.{digits}f} ± {std:.{digits}f}".replace("-", "−")
