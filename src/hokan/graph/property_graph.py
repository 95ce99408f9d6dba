"""How the properties of a material depend on each other: a directed graph without cycles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hokan.errors import GraphError
from hokan.graph.consistency import check_categories, check_formulas
from hokan.graph.formula import check_units
from hokan.graph.ordering import children_of, reached_from, topological_order
from hokan.graph.property import Property
from hokan.graph.toml_form import properties_from_toml, properties_to_toml, read_text
from hokan.graph.wording import did_you_mean


@dataclass(frozen=True)
class PropertyGraph:
    """Properties and the links between them.

    Parameters
    ----------
    properties : sequence of Property
        In any order; results follow this order. Arrays of the graph are indexed by it, written p
        for its length.

    Raises
    ------
    GraphError
        If there is no property, a name is used twice, a parent is not among the properties, or
        properties depend on each other in a cycle, whose path the message gives.

    Examples
    --------
    >>> graph = PropertyGraph((
    ...     Property("bulk_modulus_GPa", transform="log"),
    ...     Property("melting_point_K", transform="log", parents=("bulk_modulus_GPa",)),
    ... ))
    >>> print(graph.describe())
    bulk_modulus_GPa (log)
    melting_point_K (log) ← bulk_modulus_GPa
    """

    properties: tuple[Property, ...]

    def __post_init__(self) -> None:
        properties = tuple(self.properties)
        object.__setattr__(self, "properties", properties)
        if not properties:
            raise GraphError("a graph needs at least one property")
        seen: set[str] = set()
        for member in properties:
            if not isinstance(member, Property):
                raise GraphError(f"a graph is made of Property objects, found {member!r}")
            if member.name in seen:
                raise GraphError(f"property {member.name!r} is given twice")
            seen.add(member.name)
        for member in properties:
            for parent in member.parents:
                if parent not in seen:
                    raise GraphError(
                        f"property {member.name!r}: parents names {parent!r}, which the graph "
                        f"does not have{did_you_mean(parent, self.names)}"
                    )
        check_formulas(properties)
        check_categories(properties)
        # Found at once rather than at first use.
        _ = self.order

    # --- ways to make one ---------------------------------------------------------------------

    @classmethod
    def ladder(
        cls,
        *names: str,
        transform: str = "auto",
        all_below: bool = False,
        link: str = "linear",
        floor: float | str = "auto",
        discrepancy: str = "gaussian process",
        measurement_error: float | str | Mapping[str, float | str] = "given",
    ) -> PropertyGraph:
        """Return a chain of fidelities of one quantity, which is named after the last.

        Parameters
        ----------
        *names : str
            From the cheapest to the most trusted: ``ladder("gap_pbe", "gap_hse06", "gap_expt")``.
        transform : str
            Of every level.
        all_below : bool
            Link each level to all levels below it instead of only the next (the chain of Kennedy
            and O'Hagan, Biometrika 87, 2000).
        link : {"auto", "linear", "smooth", "joint"}
            Of each level to those below.
        floor : float, "auto" or "none"
            Of every level: 0 for band gaps.
        discrepancy : {"gaussian process", "linear", "none"}
            What each level above the first has besides what those below give; the first is always
            a Gaussian process. ``"linear"``: two-stage cokriging.
        measurement_error : float, "given", "learned", or a mapping from names to these
            Of every level, or of some: ``{"gap_expt": 0.1}``. Levels that a mapping leaves out have
            the errors of the table.

        Raises
        ------
        GraphError
            As for :class:`Property`; or a measurement error is for a level there is not.
        """
        errors = measurement_error if isinstance(measurement_error, Mapping) else {}
        for name in errors:
            if name not in names:
                raise GraphError(
                    f"measurement_error names {name!r}, which is no level of the ladder"
                    f"{did_you_mean(name, names)}"
                )
        others = "given" if isinstance(measurement_error, Mapping) else measurement_error
        return cls(
            tuple(
                Property(
                    name,
                    transform=transform,
                    parents=names[:level] if all_below else names[max(level - 1, 0) : level],
                    link=link if level else "linear",
                    floor=floor,
                    discrepancy=discrepancy if level else "gaussian process",
                    measurement_error=errors.get(name, others),
                    quantity=names[-1],
                )
                for level, name in enumerate(names)
            )
        )

    @classmethod
    def learned(
        cls, names: Sequence[str], observed_counts: Sequence[int] | NDArray[np.integer[Any]]
    ) -> PropertyGraph:
        """Return the graph used when none is given: each property linked to all known better.

        Parameters
        ----------
        names : sequence of str
        observed_counts : sequence of int
            How many values of each are known.

        Returns
        -------
        PropertyGraph
            Ordered from most to least observed, equal counts by name, so that the order of the
            columns in the table makes no difference. How strong each link is, is left to the fit.
        """
        if len(names) != len(observed_counts):
            raise GraphError(
                "one observed count is needed for each property, "
                f"found {len(names)} names and {len(observed_counts)} counts"
            )
        counts = zip(names, map(int, observed_counts), strict=True)
        ordered = [name for name, _ in sorted(counts, key=lambda pair: (-pair[1], pair[0]))]
        return cls(
            tuple(
                Property(name, parents=tuple(ordered[:position]), link="linear")
                for position, name in enumerate(ordered)
            )
        )

    @classmethod
    def from_toml(cls, path: str | PathLike[str]) -> PropertyGraph:
        """Read a graph file.

        Parameters
        ----------
        path : path of a TOML file
            With one table ``[properties.NAME]`` for each property; its keys are those of
            :class:`Property`. Names with other signs than letters, digits, ``_`` and ``-`` are
            quoted: ``[properties."band gap [eV]"]``.

        Raises
        ------
        GraphError
            If the file cannot be read, is not TOML (with the line), or describes no valid graph
            (with property and key).
        """
        return cls.from_toml_text(read_text(path), source=str(path))

    @classmethod
    def from_toml_text(cls, text: str, *, source: str = "the graph") -> PropertyGraph:
        """Read a graph from the text of a graph file; see :meth:`from_toml`.

        Parameters
        ----------
        text : str
        source : str
            Where it comes from, for messages.
        """
        properties = properties_from_toml(text, source)
        try:
            return cls(properties)
        except GraphError as error:
            raise GraphError(f"{source}: {error}") from None

    def to_toml(self) -> str:
        """Return the text of a graph file that reads back as an equal graph."""
        return properties_to_toml(self.properties)

    def reordered(self, names: Iterable[str]) -> PropertyGraph:
        """Return the same graph with its properties in another order.

        Parameters
        ----------
        names : iterable of str
            Every name of the graph once, in the order wanted.
        """
        wanted = tuple(names)
        if sorted(wanted) != sorted(self.names):
            raise GraphError(
                "reordering needs every property of the graph once: the graph has "
                f"{_listed(self.names)}, found {_listed(wanted)}"
            )
        return PropertyGraph(tuple(self.find(name) for name in wanted))

    # --- what it says -------------------------------------------------------------------------

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the properties, in order."""
        return tuple(member.name for member in self.properties)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.names)}

    def index(self, name: str) -> int:
        """Return the position of a property.

        Raises
        ------
        GraphError
            If the graph has no property of this name.
        """
        try:
            return self._positions[name]
        except KeyError:
            raise GraphError(
                f"the graph has no property {name!r}{did_you_mean(name, self.names)}"
            ) from None

    def find(self, name: str) -> Property:
        """Return the property of this name; errors as for :meth:`index`."""
        return self.properties[self.index(name)]

    def __len__(self) -> int:
        return len(self.properties)

    def __iter__(self) -> Iterator[Property]:
        return iter(self.properties)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Positions with every property after its parents, else as near the given order as can be.

        Of the properties whose parents have all been listed, the first given comes next.
        """
        order, cycle = topological_order(self._parents)
        if cycle:
            raise GraphError(
                "properties depend on each other in a cycle: "
                f"{' → '.join(self.names[j] for j in cycle)} (arrows run from parent to child); "
                "remove one of these links"
            )
        return tuple(order)

    @cached_property
    def _parents(self) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(self._positions[parent] for parent in member.parents) for member in self)

    def parents_of(self, name: str) -> tuple[str, ...]:
        """Return the names of the direct parents of a property."""
        return self.find(name).parents

    def ancestors(self, name: str) -> tuple[str, ...]:
        """Return all a property depends on, directly or not, in the order of the graph."""
        reached = reached_from(self.index(name), self._parents)
        return tuple(self.names[k] for k in reached)

    def descendants(self, name: str) -> tuple[str, ...]:
        """Return all that depend on a property, directly or not, in the order of the graph."""
        reached = reached_from(self.index(name), children_of(self._parents))
        return tuple(self.names[j] for j in reached)

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """All links as (parent, child), child by child."""
        return tuple(
            (parent, member.name) for member in self.properties for parent in member.parents
        )

    def parent_mask(self) -> NDArray[np.bool_]:
        """Return a (p, p) array that is True at [j, k] where property k is a parent of j."""
        mask = np.zeros((len(self), len(self)), dtype=np.bool_)
        for j, parents in enumerate(self._parents):
            mask[j, list(parents)] = True
        return mask

    def prior_means(self) -> NDArray[np.float64]:
        """Return a (p, p) array with the prior mean of the coefficient of parent k of j at [j, k].

        On the transformed, not yet standardised scale; 0 where none is given.
        """
        means = np.zeros((len(self), len(self)))
        for j, member in enumerate(self.properties):
            for parent, mean in dict(member.prior).items():
                means[j, self._positions[parent]] = mean
        return means

    # --- against a table ----------------------------------------------------------------------

    def missing_from(self, table_names: Iterable[str]) -> tuple[str, ...]:
        """Return the names the graph has and the table lacks."""
        there = set(table_names)
        return tuple(name for name in self.names if name not in there)

    def unused(self, table_names: Iterable[str]) -> tuple[str, ...]:
        """Return the names the table has and the graph does not: they are not modelled."""
        return tuple(name for name in table_names if name not in self._positions)

    def check_against(self, table_names: Iterable[str], source: str = "the table") -> None:
        """Refuse a table that lacks properties of the graph.

        Parameters
        ----------
        table_names : iterable of str
            The properties of the table. It may have more than the graph: see :meth:`unused`.
        source : str
            Where the table comes from, for the message.

        Raises
        ------
        GraphError
            With every name that is lacking, and near names among those the graph does not use.
        """
        there = tuple(table_names)
        lacking = self.missing_from(there)
        if not lacking:
            return
        unused = self.unused(there)
        told = [f"{name!r}{did_you_mean(name, unused)}" for name in lacking]
        raise GraphError(
            f"{source} has no property {', '.join(told)}, which the graph names; "
            f"the properties of the table are {_listed(there)}"
        )

    def check_units(self, units: Mapping[str, str | None]) -> list[str]:
        """Check the units of every formula; see :func:`hokan.graph.formula.check_units`.

        Parameters
        ----------
        units : mapping from names to units
            Of the table. A unit that the graph itself declares goes before.

        Returns
        -------
        list of str
            What could not be checked and what deserves a look, each beginning with the property.

        Raises
        ------
        GraphError
            If units in a formula disagree, with the property.
        """
        declared = {member.name: member.unit or units.get(member.name) for member in self}
        notes: list[str] = []
        for member in self:
            if member.parsed_formula is None:
                continue
            try:
                found = check_units(member.parsed_formula, declared, declared[member.name])
            except GraphError as error:
                raise GraphError(f"property {member.name!r}: {error}") from None
            notes += [f"property {member.name!r}: {note}" for note in found]
        return notes

    def describe(self) -> str:
        """Return the graph as lines for people, parents before children."""
        lines: list[str] = []
        above: set[str] = set()
        for j in self.order:
            member = self.properties[j]
            parents = [_told(parent, member) for parent in member.parents]
            if len(parents) > 4 and above == set(parents):
                parents = [f"all {len(parents)} above"]
            line = f"{member.name} ({_scale(member)})"
            if parents:
                line += f" ← {', '.join(parents)}"
            if member.formula is not None:
                line += f", as {member.formula}"
            lines.append(line)
            above.add(member.name)
        return "\n".join(lines)


def _scale(member: Property) -> str:
    if member.transform == "logit":
        return f"logit between {member.lower:g} and {member.upper:g}"
    if not isinstance(member.floor, str):
        return f"{member.transform}, never below {member.floor:g}"
    return member.transform


def _told(parent: str, member: Property) -> str:
    """Write a parent, with what is declared of its link besides that it is there."""
    kind = member.link_of(parent)
    remarks = [] if kind in ("auto", "linear", "formula") else [f"{kind} link"]
    prior = dict(member.prior)
    if parent in prior:
        remarks.append(f"prior {prior[parent]:g}")
    return f"{parent} [{', '.join(remarks)}]" if remarks else parent


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names) or "none"
