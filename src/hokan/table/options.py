"""What a user may say about how a table's columns are to be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hokan.errors import TableError
from hokan.table.messages import quoted, require_column

Categories = Iterable[str] | Mapping[str, Sequence[str]] | None
"""Names of category columns, or their levels by name."""


@dataclass(frozen=True)
class ReadingOptions:
    """The options of :func:`hokan.table.read_table`, checked; described there."""

    composition: str | None
    descriptors: tuple[str, ...]
    ignore: tuple[str, ...]
    properties: tuple[str, ...] | None
    units: Mapping[str, str | None]
    allow_empty_properties: bool
    categories: tuple[str, ...] | None = None
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Levels of categories, where they were given."""

    @classmethod
    def build(
        cls,
        *,
        composition: str | None,
        descriptors: Iterable[str],
        ignore: Iterable[str],
        properties: Iterable[str] | None,
        units: Mapping[str, str | None] | None,
        allow_empty_properties: bool,
        categories: Categories = None,
    ) -> ReadingOptions:
        """Collect the options; a single name may stand for a list of one."""
        levels: dict[str, tuple[str, ...]] = {}
        if isinstance(categories, Mapping):
            levels = {name: _levels(name, given) for name, given in categories.items()}
        return cls(
            composition=composition,
            descriptors=_names(descriptors),
            ignore=_names(ignore),
            properties=None if properties is None else _names(properties),
            units=dict(units or {}),
            allow_empty_properties=allow_empty_properties,
            categories=None if categories is None else _names(categories),
            levels=levels,
        )

    def check(self, names: Sequence[str], source: str) -> None:
        """Refuse options that name a column the table lacks, or give one column two roles.

        Raises
        ------
        TableError
            Naming the column, and those perhaps meant.
        """
        asked: dict[str, str] = {}
        groups: list[tuple[str, Sequence[str]]] = [
            ("the composition column", () if self.composition is None else (self.composition,)),
            ("a descriptor", self.descriptors),
            ("a column to ignore", self.ignore),
            ("a category", self.categories or ()),
            ("a property", self.properties or ()),
        ]
        for asked_as, group in groups:
            for name in group:
                may_be_absent = asked_as in ("a property", "a category")
                if not (may_be_absent and self.allow_empty_properties):
                    require_column(source, name, names, asked_as)
                if asked_as == "a property" and asked.get(name) == "a category":
                    continue
                if asked.setdefault(name, asked_as) != asked_as:
                    raise TableError(
                        f"{source}: column {quoted(name)} was named both as {asked[name]} and as "
                        f"{asked_as}; name it once."
                    )
        for name in self.units:
            if not self.allow_empty_properties:
                require_column(source, name, names, "a column with a unit")


def _levels(name: str, given: Sequence[str]) -> tuple[str, ...]:
    levels = tuple(level.strip() for level in given) if not isinstance(given, str) else ()
    if not levels or "" in levels or len(set(levels)) < len(levels):
        raise TableError(
            f"expected the levels of the category {quoted(name)} as a list of different texts, "
            f"found {given!r}."
        )
    return levels


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(dict.fromkeys(names))
