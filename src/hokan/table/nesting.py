"""What is left of a table when a value may only stay where all before it in an order are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hokan.errors import TableError
from hokan.table.messages import list_names, perhaps_meant, quoted
from hokan.table.property_table import PropertyTable


@dataclass(frozen=True, eq=False)
class Nesting:
    """The largest monotone part of what is known, for one order of properties.

    Each row keeps its values up to its first hole in the order. Recursive cokriging can use these
    and no others; :class:`hokan.HierarchicalRegressor` uses all.

    Attributes
    ----------
    order : tuple of str
        The q properties that were ordered.
    observed : np.ndarray of shape (n, q)
        True where a value is known; columns in this order.
    kept : np.ndarray of shape (n, q)
        True where it is kept.
    """

    order: tuple[str, ...]
    observed: NDArray[np.bool_]
    kept: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        observed = np.array(self.observed, dtype=np.bool_)
        kept = np.logical_and.accumulate(observed, axis=1)
        for array in (observed, kept):
            array.flags.writeable = False
        object.__setattr__(self, "observed", observed)
        object.__setattr__(self, "kept", kept)

    @property
    def n_known(self) -> int:
        """Known values of the ordered properties."""
        return int(self.observed.sum())

    @property
    def n_kept(self) -> int:
        """How many of them are kept."""
        return int(self.kept.sum())

    @property
    def n_dropped(self) -> int:
        """How many of them are dropped."""
        return self.n_known - self.n_kept

    @property
    def share_dropped(self) -> float:
        """Share of the known values that is dropped; 0 where nothing is known."""
        return self.n_dropped / max(self.n_known, 1)

    @property
    def known_by_property(self) -> dict[str, int]:
        """Known values of each property, in order."""
        return dict(zip(self.order, self.observed.sum(axis=0).tolist(), strict=True))

    @property
    def kept_by_property(self) -> dict[str, int]:
        """Values of each property that are kept, in order."""
        return dict(zip(self.order, self.kept.sum(axis=0).tolist(), strict=True))

    @property
    def dropped_by_property(self) -> dict[str, int]:
        """Values of each property that are dropped, in order."""
        dropped = (self.observed & ~self.kept).sum(axis=0)
        return dict(zip(self.order, dropped.tolist(), strict=True))


def nested_subset(table: PropertyTable, order: Sequence[str]) -> PropertyTable:
    """Return a table that keeps only the values that are nested in an order.

    Parameters
    ----------
    table : PropertyTable
    order : sequence of str
        Properties, each once, from the one that all others need to the one that needs all. Columns
        of properties that are not named stay as they are.

    Returns
    -------
    PropertyTable
        The same rows and columns. In each row, values behind the first hole in the order are holes
        too; see :class:`Nesting`. Limits of the ordered properties are dropped: recursive cokriging
        has no use for them.

    Raises
    ------
    TableError
        If ``order`` is empty, or names a property twice or one that the table does not have.
    """
    columns = positions_of(order, table.property_names, table.source)
    nesting = Nesting(tuple(order), table.observed[:, columns])
    values = np.array(table.values)
    values[:, columns] = np.where(nesting.kept, values[:, columns], np.nan)
    nested = table.with_values(values)
    lower, upper = np.array(nested.lower_limits), np.array(nested.upper_limits)
    lower[:, columns] = upper[:, columns] = np.nan
    return nested.with_limits(lower, upper)


def positions_of(order: Sequence[str], names: Sequence[str], source: str) -> list[int]:
    """Return where the properties of an order stand among all names.

    Raises
    ------
    TableError
        If there is none, one is named twice, or one is not there, with the names perhaps meant.
    """
    if isinstance(order, str):
        raise TableError(
            f"{source}: an order is a sequence of property names, found the single text "
            f"{quoted(order)}; write [{quoted(order)}, …]."
        )
    if len(order) == 0:
        raise TableError(
            f"{source}: an order needs at least one property; there are {list_names(names)}."
        )
    position = {name: column for column, name in enumerate(names)}
    columns: list[int] = []
    for name in order:
        if name not in position:
            raise TableError(
                f"{source}: the order names {quoted(name)}, which is no property here."
                f"{perhaps_meant(str(name), names)} "
                f"The properties are: {list_names(names)}."
            )
        if position[name] in columns:
            raise TableError(f"{source}: the order names {quoted(name)} twice; name it once.")
        columns.append(position[name])
    return columns
