"""Several completed tables, and where each imputed cell came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hokan.errors import HokanError

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ImputedColumn:
    """What was put into the holes of one column.

    Attributes
    ----------
    rows : ndarray of shape (h,) of int
        Positions of the rows with a hole, counted from 0, increasing.
    values : ndarray of shape (m, h)
        One line per imputation: numbers on the raw scale, or the levels of a category.
    """

    rows: IntArray
    values: NDArray[Any]


class Imputations(Sequence[pd.DataFrame]):
    """m completed tables, which differ only where the table had holes.

    A sequence of DataFrames: ``imputations[0]`` is the first completed table, ``len(imputations)``
    is m, and a loop goes over all of them. Each has the rows, index, columns and known cells of the
    table with holes.

    Parameters
    ----------
    frame : DataFrame
        The table with holes, all columns.
    columns : mapping of str to ImputedColumn
        What was imputed, by column; columns without holes may be left out.
    chains, draws : sequence of int of length m
        Which chain each completed table is from, and which of its draws it is; both from 0.
    trace : DataFrame, optional
        How the imputer went: columns ``column``, ``chain``, ``step``, ``mean`` and ``std``, the
        latter two of the imputed values of a column at that step, over its holes, on the scale on
        which they are drawn.

    Attributes
    ----------
    frame, columns, chains, draws, trace
        As given, copied.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        columns: Mapping[str, ImputedColumn],
        chains: Sequence[int] | IntArray,
        draws: Sequence[int] | IntArray,
        trace: pd.DataFrame | None = None,
    ) -> None:
        self.frame = frame.copy()
        self.columns = dict(columns)
        self.chains = np.asarray(chains, dtype=np.int64)
        self.draws = np.asarray(draws, dtype=np.int64)
        self.trace = None if trace is None else trace.copy()
        if self.chains.shape != self.draws.shape or self.chains.ndim != 1:
            raise HokanError(
                "chains and draws must be two lists of one length, found shapes "
                f"{self.chains.shape} and {self.draws.shape}"
            )
        for name, column in self.columns.items():
            expected = len(self), len(column.rows)
            if name not in frame.columns or column.values.shape != expected:
                raise HokanError(
                    f"imputed column {name!r}: expected a column of the table and values of shape "
                    f"{expected}, found shape {column.values.shape}"
                )

    @property
    def n_imputations(self) -> int:
        """Number of completed tables, m."""
        return len(self.chains)

    @property
    def imputed(self) -> pd.DataFrame:
        """Which cells are imputed: True there, with the rows and columns of the table."""
        mask = np.zeros(self.frame.shape, dtype=bool)
        for name, column in self.columns.items():
            mask[column.rows, self._position(name)] = True
        return pd.DataFrame(mask, index=self.frame.index, columns=self.frame.columns)

    @property
    def origins(self) -> pd.DataFrame:
        """Where each completed table is from: columns ``imputation`` (from 1), ``chain``, ``draw``.

        Draws of one chain may be alike; those of different ones are independent. The exact engine
        draws independently: its chains are draws of the model's parameters.
        """
        return pd.DataFrame(
            {
                "imputation": np.arange(1, len(self) + 1),
                "chain": self.chains,
                "draw": self.draws,
            }
        )

    def cells(self) -> pd.DataFrame:
        """List every imputed cell of every completed table.

        Returns
        -------
        DataFrame
            Columns ``imputation`` (from 1), ``chain``, ``draw``, ``row`` (label in the index of the
            table), ``column`` and ``value``.
        """
        parts = []
        for name, column in self.columns.items():
            n_holes = len(column.rows)
            repeated = self.origins.loc[np.repeat(np.arange(len(self)), n_holes)]
            part = repeated.reset_index(drop=True)
            part["row"] = np.tile(self.frame.index[column.rows], len(self))
            part["column"] = name
            part["value"] = column.values.ravel()
            parts.append(part)
        if not parts:
            return pd.DataFrame(
                columns=["imputation", "chain", "draw", "row", "column", "value"]
            ).astype({"imputation": np.int64, "chain": np.int64, "draw": np.int64})
        return pd.concat(parts, ignore_index=True)

    def stacked(self) -> pd.DataFrame:
        """Return all completed tables one below the other, a column ``imputation`` (from 1) first.

        Raises
        ------
        HokanError
            If the table has a column of this name.
        """
        if "imputation" in self.frame.columns:
            raise HokanError(
                "the table has a column 'imputation', which the stacked table needs; rename it"
            )
        parts = list(self)
        for number, part in enumerate(parts, start=1):
            part.insert(0, "imputation", number)
        return pd.concat(parts)

    def analyse(self, analysis: Callable[[pd.DataFrame], Any]) -> list[Any]:
        """Return what a function says of each completed table, in order.

        Parameters
        ----------
        analysis : callable
            Takes one completed table.
        """
        return [analysis(frame) for frame in self]

    def __len__(self) -> int:
        return len(self.chains)

    def __iter__(self) -> Iterator[pd.DataFrame]:
        return (self[number] for number in range(len(self)))

    @overload
    def __getitem__(self, number: int) -> pd.DataFrame: ...

    @overload
    def __getitem__(self, number: slice) -> Imputations: ...

    def __getitem__(self, number: int | slice) -> pd.DataFrame | Imputations:
        """Return one completed table, counted from 0, or some of them as imputations."""
        if isinstance(number, slice):
            columns = {
                name: ImputedColumn(column.rows, column.values[number])
                for name, column in self.columns.items()
            }
            return Imputations(
                self.frame, columns, self.chains[number], self.draws[number], self.trace
            )
        if not -len(self) <= number < len(self):
            raise IndexError(f"there are {len(self)} completed tables; found number {number}")
        completed = self.frame.copy()
        for name, column in self.columns.items():
            position = self._position(name)
            cells = completed.iloc[:, position]
            if not pd.api.types.is_numeric_dtype(cells.dtype):
                cells = cells.astype(object)
            elif not pd.api.types.is_float_dtype(cells.dtype):
                cells = cells.astype(np.float64)
            else:
                cells = cells.copy()
            cells.iloc[column.rows] = column.values[number]
            # A column of text with limits ("> 3000") among its numbers becomes one of numbers.
            if np.issubdtype(column.values.dtype, np.number):
                cells = pd.to_numeric(cells)
            completed.isetitem(position, cells.array)
        return completed

    def _position(self, name: str) -> int:
        return self.frame.columns.tolist().index(name)

    def __repr__(self) -> str:
        counts = ", ".join(f"{name}: {len(c.rows)}" for name, c in self.columns.items())
        return (
            f"<Imputations: {len(self)} completed tables of {len(self.frame)} rows; "
            f"imputed cells by column: {counts or 'none'}>"
        )
