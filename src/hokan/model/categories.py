"""Categories as quantities that nobody measures: utilities, of which only signs are known.

A category of two levels has one utility, which is 0 or more for materials of the second level and 0
or less for those of the first. One of more levels has a utility for each, which is 0 or more for
materials of that level and 0 or less for those of any other. To inference, utilities are properties
like others of which limits at 0 are known, so that a category has parents and children, may be
missing in any row, and is handled by every engine without a word about it there.

Given everything else a utility is Gaussian, and the probability of its level is that of being above
0: probit regression. What belongs to the material has a fixed variance, for signs do not tell how
large a utility is.

Source: Albert & Chib (1993), Bayesian analysis of binary and polychotomous response data, JASA 88;
Rasmussen & Williams (2006), section 3.6, for its Gaussian approximation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, softmax

from hokan.errors import GraphError, TableError
from hokan.gp.kernels import FloatArray, LogNormalPrior
from hokan.graph import Identity, Property, PropertyGraph, StandardisedTransform
from hokan.table import PropertyTable
from hokan.table.messages import how_to_ignore, list_names, list_rows, perhaps_meant, quoted

#: Variance of a utility that belongs to the material: the 1 of probit regression, which fixes the
#: scale of everything else about it. As good as fixed, that is.
UTILITY_VARIANCE_PRIOR = LogNormalPrior(median=1.0, spread=0.05)
#: Utilities have no unit and no scale but that one.
UTILITY_TRANSFORM = StandardisedTransform(Identity(), 0.0, 1.0)

#: Without a graph, a category takes part where this adds at most so many signs of utilities, and no
#: more than there are known values: the time of a fit grows with the cube of both together.
_MOST_SIGNS = 1500


@dataclass(frozen=True)
class ModelledCategory:
    """A category of a table, as a model has it.

    Attributes
    ----------
    name : str
        As in the table.
    levels : tuple of str
        The k levels, k >= 2.
    utilities : tuple of str
        Properties of the model that stand for it: one of the second of two levels, or one of each.
    """

    name: str
    levels: tuple[str, ...]
    utilities: tuple[str, ...]

    @classmethod
    def of(cls, name: str, levels: Sequence[str]) -> ModelledCategory:
        """Return a category with the names that its utilities go by."""
        told = levels[1:] if len(levels) == 2 else levels
        return cls(name, tuple(levels), tuple(f"{name} = {level}" for level in told))

    def signs(self, codes: NDArray[np.int64]) -> FloatArray:
        """Return what a level says of each utility, shape (n, utilities): 1, -1, or 0 if unknown.

        Parameters
        ----------
        codes : ndarray of shape (n,)
            Positions of levels, -1 where unknown.
        """
        places = np.arange(len(self.levels))[-len(self.utilities) :]
        signs = np.where(codes[:, None] == places, 1.0, -1.0)
        signs[codes < 0] = 0.0
        return signs

    def codes_in(self, table: PropertyTable) -> NDArray[np.int64]:
        """Return the positions of the levels of a table's rows, -1 where unknown, shape (n,).

        Raises
        ------
        TableError
            The table has a level that the model does not know, or has read the column as something
            else.
        """
        if self.name not in table.category_names:
            self._check_absent(table)
            return np.full(table.n_rows, -1, dtype=np.int64)
        levels = table.category_levels[self.name]
        codes = table.category_codes[:, table.category_names.index(self.name)]
        places = [self.levels.index(level) if level in self.levels else -1 for level in levels]
        found = np.where(codes < 0, -1, np.array([*places, -1])[codes])
        unseen = (codes >= 0) & (found < 0)
        if unseen.any():
            strangers = [levels[code] for code in np.unique(codes[unseen])]
            raise TableError(
                f"{table.source}, {list_rows(np.flatnonzero(unseen).tolist())}, column "
                f"{quoted(self.name)}: the model has not seen the level(s) "
                f"{list_names(strangers, 5)}, only {list_names(self.levels)}."
                f"{perhaps_meant(strangers[0], self.levels)} Leave the cell empty to have it "
                "predicted"
            )
        return np.asarray(found, dtype=np.int64)

    def _check_absent(self, table: PropertyTable) -> None:
        roles = {reading.name: reading.role for reading in table.readings}
        role = roles.get(self.name, "ignored")
        if role != "ignored":
            raise TableError(
                f"{table.source}, column {quoted(self.name)}: is a category of the model, and was "
                f"read here as {role}; read the table with categories={{{self.name!r}: "
                f"{list(self.levels)!r}}}, or leave the column out with "
                f"{how_to_ignore(self.name)}"
            )


def with_utilities(
    graph: PropertyGraph, table: PropertyTable
) -> tuple[PropertyGraph, tuple[ModelledCategory, ...]]:
    """Replace the categories of a graph by their utilities.

    Links from a category are straight lines from all of its utilities, unless they are joint.

    Parameters
    ----------
    graph : PropertyGraph
    table : PropertyTable
        Knows the levels.

    Raises
    ------
    GraphError
        The graph and the table disagree on what is a category.
    TableError
        No row names a level of a category.
    """
    for member in graph:
        _check_kind(member, table)
    found = {
        member.name: ModelledCategory.of(member.name, table.category_levels[member.name])
        for member in graph
        if member.is_category
    }
    if not found:
        return graph, ()
    for category in found.values():
        _check_known(category, table)
    names = set(graph.names)
    for category in found.values():
        for name in category.utilities:
            if name in names:
                raise GraphError(
                    f"property {name!r} has the name that a level of {category.name!r} goes by; "
                    "rename one of the two"
                )
    members: list[Property] = []
    for member in graph:
        parents, links = _links_from(member, found)
        if member.name not in found:
            members.append(replace(member, parents=parents, link=links))
            continue
        straight = {parent: "linear" if kind == "auto" else kind for parent, kind in links.items()}
        members += [
            Property(
                name,
                transform="identity",
                parents=parents,
                link=straight,
                floor="none",
                discrepancy=member.discrepancy,
                gross_errors="none",
            )
            for name in found[member.name].utilities
        ]
    return PropertyGraph(tuple(members)), tuple(found.values())


def with_categories_as_children(
    graph: PropertyGraph, table: PropertyTable
) -> tuple[PropertyGraph, list[str]]:
    """Add the categories of a table to a learned graph, and tell in sentences.

    Each is a child of all properties: whether HSE gaps were parents or children of the label of
    half the rows (metal or not) made no clear difference to either (benchmarks/categories.py).

    Parameters
    ----------
    graph : PropertyGraph
        Of the properties alone.
    table : PropertyTable
    """
    members, told = list(graph.properties), []
    n_values = int(table.observed.sum())
    for name, codes in zip(table.category_names, table.category_codes.T, strict=True):
        category = ModelledCategory.of(name, table.category_levels[name])
        n_signs = int((codes >= 0).sum()) * len(category.utilities)
        if n_signs == 0:
            told.append(f"{name}: a category without a known level, left as it is.")
        elif n_signs > min(_MOST_SIGNS, n_values):
            told.append(
                f"{name}: a category of {len(category.levels)} levels, left as it is, since it "
                "would make the fit much longer; name it in a graph to have it take part."
            )
        else:
            told.append(f"{name}: a category, linked to all properties.")
            members.append(Property(name, transform="category", parents=graph.names))
    return PropertyGraph(tuple(members)), told


def _links_from(
    member: Property, categories: dict[str, ModelledCategory]
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the parents of a property without categories, and the kinds of their links."""
    parents: list[str] = []
    links: dict[str, str] = {}
    for parent in member.parents:
        kind = member.link_of(parent)
        if parent in categories:
            utilities = categories[parent].utilities
            parents += utilities
            links |= dict.fromkeys(utilities, "joint" if kind == "joint" else "linear")
            continue
        parents.append(parent)
        if kind != "formula":
            links[parent] = kind
    return tuple(parents), links


def with_limits_of_utilities(
    table: PropertyTable, categories: Iterable[ModelledCategory]
) -> PropertyTable:
    """Return a table with utilities as further properties, for the model and nothing else.

    They are holes everywhere; what a known level says of them are limits at 0. The frame and the
    readings of the table know nothing of them.
    """
    signs = [category.signs(category.codes_in(table)) for category in categories]
    if not signs:
        return table
    stacked = np.column_stack(signs)
    holes = np.full(stacked.shape, np.nan)

    def joined(first: FloatArray, more: FloatArray) -> FloatArray:
        array = np.column_stack([first, more])
        array.flags.writeable = False
        return array

    names = [name for category in categories for name in category.utilities]
    return replace(
        table,
        property_names=(*table.property_names, *names),
        values=joined(table.values, holes),
        measurement_error=joined(table.measurement_error, np.zeros(stacked.shape)),
        lower_limits=joined(table.lower_limits, np.where(stacked > 0, 0.0, np.nan)),
        upper_limits=joined(table.upper_limits, np.where(stacked < 0, 0.0, np.nan)),
    )


def is_utility(graph: PropertyGraph, categories: Iterable[ModelledCategory]) -> NDArray[np.bool_]:
    """Return which properties of a graph are utilities, shape (p,)."""
    names = {name for category in categories for name in category.utilities}
    return np.array([name in names for name in graph.names])


def stand_ins(
    raw: FloatArray, table: PropertyTable, columns: Sequence[int], utility: NDArray[np.bool_]
) -> FloatArray:
    """Return raw values in which utilities are 1 or -1 where their sign is known.

    That is enough to learn which descriptors matter.

    Parameters
    ----------
    raw : ndarray of shape (n, p)
    table : PropertyTable
        With limits of utilities.
    columns : sequence of int
        Where the p properties stand in it.
    utility : ndarray of shape (p,) of bool
    """
    above = np.isfinite(table.lower_limits[:, columns])
    below = np.isfinite(table.upper_limits[:, columns])
    signs = np.where(above, 1.0, np.where(below, -1.0, np.nan))
    return np.where(utility, signs, raw)


def utility_variance_priors(
    priors: tuple[LogNormalPrior, ...] | None, utility: NDArray[np.bool_]
) -> tuple[LogNormalPrior, ...] | None:
    """Fix the variance of utilities that belongs to the material."""
    if priors is None:
        return None
    return tuple(
        UTILITY_VARIANCE_PRIOR if fixed else prior
        for prior, fixed in zip(priors, utility, strict=True)
    )


def probabilities_of_gaussians(
    mean: FloatArray,
    variance: FloatArray,
    categories: Iterable[ModelledCategory],
    names: Sequence[str],
) -> dict[str, FloatArray]:
    """Return the probability of each level of each category.

    Parameters
    ----------
    mean, variance : ndarray of shape (n, p)
        Of properties, in standardised transformed units. Where NaN, so are the probabilities.
    categories : iterable of ModelledCategory
    names : sequence of str
        Of the p properties.

    Returns
    -------
    dict of str to ndarray of shape (n, levels)
        By category. Of more than two levels, each is predicted against all others, and the
        probabilities are divided by their sum.
    """
    found = {}
    for category in categories:
        columns = [names.index(name) for name in category.utilities]
        spread = np.sqrt(np.maximum(variance[:, columns], np.finfo(np.float64).tiny))
        found[category.name] = _normalised(mean[:, columns] / spread)
    return found


def _normalised(scores: FloatArray) -> FloatArray:
    """Turn the distance of utilities from 0, in standard deviations, into probabilities."""
    if scores.shape[1] == 1:
        scores = np.column_stack([-scores, scores])
    return np.asarray(softmax(log_ndtr(scores), axis=1))


def probabilities_of_draws(
    draws: FloatArray, categories: Iterable[ModelledCategory], names: Sequence[str]
) -> dict[str, FloatArray]:
    """Return the probability of each level as the share of draws in which its utility is positive.

    Half a draw is added on either side: that none of a few hundred shows a level does not make it
    impossible.

    Parameters
    ----------
    draws : ndarray of shape (s, n, p)
    categories, names
        As in :func:`probabilities_of_gaussians`, and so is what is returned.
    """
    found = {}
    for category in categories:
        columns = [names.index(name) for name in category.utilities]
        shares = ((draws[:, :, columns] > 0).sum(axis=0) + 0.5) / (len(draws) + 1.0)
        if shares.shape[1] == 1:
            shares = np.column_stack([1.0 - shares, shares])
        found[category.name] = shares / shares.sum(axis=1, keepdims=True)
    return found


def drawn_levels(
    draw: FloatArray, categories: Iterable[ModelledCategory], names: Sequence[str]
) -> dict[str, FloatArray]:
    """Return the levels of one drawn table: 1 for that with the highest utility, 0 for the others.

    Parameters
    ----------
    draw : ndarray of shape (n, p)
    categories, names
        As in :func:`probabilities_of_gaussians`, and so is what is returned.
    """
    found = {}
    for category in categories:
        utilities = draw[:, [names.index(name) for name in category.utilities]]
        if utilities.shape[1] == 1:
            utilities = np.column_stack([-utilities, utilities])
        highest = np.argmax(utilities, axis=1)
        found[category.name] = np.eye(len(category.levels))[highest]
    return found


def with_known_levels(
    probabilities: dict[str, FloatArray],
    signs: FloatArray,
    categories: Iterable[ModelledCategory],
    names: Sequence[str],
) -> dict[str, FloatArray]:
    """Return probabilities in which known levels have 1 and the others of their rows 0.

    Parameters
    ----------
    probabilities : dict of str to ndarray of shape (n, levels)
    signs : ndarray of shape (n, p)
        1 or -1 where the sign of a utility is known, else 0.
    categories, names
        As in :func:`probabilities_of_gaussians`.
    """
    result = dict(probabilities)
    for category in categories:
        here = signs[:, [names.index(name) for name in category.utilities]]
        if here.shape[1] == 1:
            here = np.column_stack([-here, here])
        known = (here != 0).any(axis=1, keepdims=True)
        result[category.name] = np.where(known, here > 0, probabilities[category.name])
    return result


def _check_kind(member: Property, table: PropertyTable) -> None:
    if member.is_category and member.name not in table.category_names:
        known = list_names(table.category_names) if table.category_names else "none"
        raise GraphError(
            f"{table.source} has no category {member.name!r}, which the graph names; the "
            f"categories of the table are: {known}."
            f"{perhaps_meant(member.name, table.category_names)} A column becomes one when it is "
            f"named with categories=[{member.name!r}]"
        )
    if not member.is_category and member.name in table.category_names:
        raise GraphError(
            f"property {member.name!r}: its column in {table.source} holds levels, not numbers; "
            'write transform = "category"'
        )


def _check_known(category: ModelledCategory, table: PropertyTable) -> None:
    if (category.codes_in(table) < 0).all():
        raise TableError(
            f"{table.source}, column {quoted(category.name)}: no row names a level, so nothing can "
            "be learned about it; take it out of the graph"
        )
