"""Which values are known together: the pattern of holes, and what it allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hokan.errors import TableError
from hokan.table.best_order import best_order
from hokan.table.messages import list_names, quoted
from hokan.table.nesting import Nesting, positions_of
from hokan.table.pair_counts import PairCounts, flux
from hokan.table.property_table import PropertyTable

_Array = TypeVar("_Array", bound=np.ndarray)


@dataclass(frozen=True, eq=False, repr=False)
class MissingPattern:
    """Which cells of a table are known.

    Parameters
    ----------
    names : sequence of str
        The p properties.
    observed : array of shape (n, p)
        True where a value is known. Copied and read-only afterwards.
    source : str
        What messages call the table.

    Raises
    ------
    TableError
        If shapes disagree, a name is used twice or ``observed`` is not boolean.

    Examples
    --------
    >>> pattern = MissingPattern(("pbe", "hse"), [[True, True], [True, False], [False, True]])
    >>> pattern.is_monotone
    False
    >>> pattern.nesting(("pbe", "hse")).dropped_by_property
    {'pbe': 0, 'hse': 1}
    """

    names: tuple[str, ...]
    observed: NDArray[np.bool_]
    source: str = "the table"

    def __post_init__(self) -> None:
        names = tuple(self.names)
        observed = np.array(self.observed)
        if observed.dtype != np.bool_:
            raise TableError(
                "expected booleans, True where a value is known, found an array of "
                f"{observed.dtype}; of values with holes, give ~numpy.isnan(values)."
            )
        if observed.ndim != 2 or observed.shape[1] != len(names):
            raise TableError(
                "expected one column of booleans for each property, found shape "
                f"{observed.shape} for {len(names)} properties."
            )
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise TableError(
                f"a property can be named once only, found twice: {list_names(twice)}."
            )
        observed.flags.writeable = False
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "observed", observed)

    @classmethod
    def from_table(cls, table: PropertyTable | pd.DataFrame) -> MissingPattern:
        """Return the pattern of the properties of a table, or of a frame read as one."""
        if isinstance(table, pd.DataFrame):
            table = PropertyTable.from_frame(table)
        return cls(table.property_names, table.observed, table.source)

    @property
    def n_rows(self) -> int:
        """Number of rows, n."""
        return int(self.observed.shape[0])

    @property
    def n_properties(self) -> int:
        """Number of properties, p."""
        return len(self.names)

    @property
    def n_known(self) -> int:
        """Number of known values."""
        return int(self.observed.sum())

    @cached_property
    def known_counts(self) -> NDArray[np.int64]:
        """How many values of each property are known, shape (p,)."""
        return _read_only(self.observed.sum(axis=0, dtype=np.int64))

    @property
    def patterns(self) -> NDArray[np.bool_]:
        """The distinct rows of ``observed``, shape (m, p): most frequent first.

        Of equally frequent ones the more complete comes first, then the one that knows the earlier
        properties; the order of the rows of the table makes no difference.
        """
        return self._distinct[0]

    @property
    def counts(self) -> NDArray[np.int64]:
        """In how many rows each of :attr:`patterns` occurs, shape (m,)."""
        return self._distinct[1]

    @cached_property
    def _distinct(self) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        # Eight cells to a byte: sorting rows is what takes the time.
        packed = np.packbits(self.observed, axis=1)
        if packed.size == 0:
            patterns = self.observed[:1]
            counts = np.full(len(patterns), self.n_rows, dtype=np.int64)
        else:
            rows = np.ascontiguousarray(packed).view(f"V{packed.shape[1]}").ravel()
            _, first, counts = np.unique(rows, return_index=True, return_counts=True)
            patterns = self.observed[first]
        missing = (~patterns).sum(axis=1)
        order = np.lexsort((*(~patterns).T[::-1], missing, -counts))
        return _read_only(patterns[order]), _read_only(counts[order].astype(np.int64))

    # --- monotone patterns and nesting --------------------------------------------------------

    @property
    def best_known_first(self) -> tuple[str, ...]:
        """The properties from most to least known, equal ones in column order."""
        order = np.argsort(-self.known_counts, kind="stable")
        return tuple(self.names[j] for j in order)

    @cached_property
    def monotone_order(self) -> tuple[str, ...] | None:
        """The order, best known first, in which the pattern is monotone; None if there is none.

        A pattern is monotone, its data nested, if the properties can be ordered P1, P2, … so that
        a row that knows one of them knows all before it.
        """
        order = np.argsort(-self.known_counts, kind="stable")
        ordered = self.patterns[:, order]
        # Only this order needs a look: a property that is known more often than another cannot come
        # after it, and of two that are known equally often, each must be known where the other is.
        if np.any(ordered[:, 1:] & ~ordered[:, :-1]):
            return None
        return self.best_known_first

    @property
    def is_monotone(self) -> bool:
        """Whether there is an order in which each row that knows a property knows all before it."""
        return self.monotone_order is not None

    def nesting(self, order: Sequence[str]) -> Nesting:
        """Return the largest part of the known values that is monotone in an order.

        Each row keeps its values up to the first hole. That is the one largest subset: a value
        behind a hole cannot stay in any.

        Parameters
        ----------
        order : sequence of str
            Properties, each once; others are left out of the judgement.

        Raises
        ------
        TableError
            If ``order`` is empty, or names a property twice or one that is not there.
        """
        columns = positions_of(order, self.names, self.source)
        return Nesting(tuple(order), self.observed[:, columns])

    def best_nesting(self, among: Sequence[str] | None = None) -> Nesting:
        """Return the nesting that drops the fewest known values, over all orders.

        Exact where at most :data:`~hokan.table.best_order.MOST_EXACT` properties differ in where
        they are known, not counting complete ones; beyond that, the best order that moving one
        property at a time finds from two starts.

        Parameters
        ----------
        among : sequence of str, optional
            Order these properties only; by default all. Of orders that drop as little, one with
            well-known properties first is taken, and those known equally often stand as given.

        Raises
        ------
        TableError
            As for :meth:`nesting`.
        """
        among = self.names if among is None else among
        columns = positions_of(among, self.names, self.source)
        order = best_order(self.patterns[:, columns], self.counts)
        return self.nesting([self.names[columns[j]] for j in order])

    # --- summaries ----------------------------------------------------------------------------

    def distinct(self) -> pd.DataFrame:
        """Return the distinct patterns with their counts, as ``md.pattern`` of R mice.

        Returns
        -------
        DataFrame
            One row a pattern, in the order of :attr:`patterns`: a boolean column for each property,
            True where it is known, ``count``, how many rows have it, and ``missing``, the number
            of its holes. Where a property has such a name itself, the column's gets an underscore.
        """
        found = pd.DataFrame(self.patterns, columns=list(self.names))
        for name, column in (("count", self.counts), ("missing", (~self.patterns).sum(axis=1))):
            while name in found.columns:
                name += "_"
            found[name] = column
        return found

    @cached_property
    def _together(self) -> NDArray[np.int64]:
        """Rows where two properties are both known, shape (p, p)."""
        known = self.patterns.astype(np.float64)
        return np.rint(known.T @ (self.counts[:, None] * known)).astype(np.int64)

    def pairs(self) -> PairCounts:
        """Return in how many rows each pair of properties is known, in part or not at all."""
        return PairCounts.of(self._together, self.n_rows, self.names)

    def flux(self) -> pd.DataFrame:
        """Return how the holes of each property connect to what is known, as ``flux`` of R mice.

        Returns
        -------
        DataFrame
            One row a property, all columns between 0 and 1:

            - ``pobs``: share of rows where it is known;
            - ``influx``: of all known values of the table, the share in rows where this property
              has a hole. What can help to fill it; 0 for a complete property;
            - ``outflux``: of all holes of the table, the share in rows where this property is
              known. What it can help to fill; 1 for a complete property;
            - ``ainb``, average inbound: of its holes, the share beside a known value of another
              property, averaged over the others (0 for a complete property);
            - ``aout``, average outbound: of its known values, the share beside a hole of another
              property, averaged over the others;
            - ``fico``: of the rows where it is known, the share that have a hole elsewhere.

            nan where there is nothing to take a share of: ``outflux`` in a table without holes.

        References
        ----------
        S. van Buuren, *Flexible Imputation of Missing Data*, 2nd ed., CRC Press (2018), section
        4.1.3. ``fico``: I. R. White and J. B. Carlin, *Stat. Med.* 29, 2920 (2010).
        """
        known_in_incomplete = self.counts @ (
            self.patterns & (~self.patterns).any(axis=1, keepdims=True)
        )
        return flux(self._together, self.n_rows, known_in_incomplete, self.names)

    def __repr__(self) -> str:
        listed = ", ".join(
            f"{quoted(name)}: {known}"
            for name, known in zip(self.names, self.known_counts.tolist(), strict=True)
        )
        kind = "monotone" if self.is_monotone else "not monotone"
        return (
            f"<MissingPattern of {self.source}: {self.n_rows} rows, {len(self.counts)} distinct, "
            f"{kind}; known {listed}>"
        )


def _read_only(array: _Array) -> _Array:
    array.flags.writeable = False
    return array
