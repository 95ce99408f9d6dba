"""The table of materials and properties that everything else works on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from hokan.errors import TableError
from hokan.table.columns import ColumnReading
from hokan.table.contents import read_contents
from hokan.table.messages import list_rows, plural, quoted
from hokan.table.options import ReadingOptions


@dataclass(frozen=True, eq=False, repr=False)
class PropertyTable:
    """Materials in rows, properties in columns, with holes.

    Made with :meth:`from_frame`, or with :func:`hokan.table.read_table` from a file. A table never
    changes: arrays are read-only, and frames are handed out as copies.

    Attributes
    ----------
    values : np.ndarray of shape (n, p)
        Property values on the raw scale, float64, nan where there is a hole.
    measurement_error : np.ndarray of shape (n, p)
        Standard deviations of measurement on the raw scale, 0 where none is given.
    property_names : tuple of str
        The p properties, in column order.
    compositions : tuple of str or None
        One formula per row, as written (without blanks around it), not parsed yet.
    composition_column : str or None
        Name of the column they come from.
    readings : tuple of ColumnReading
        How each column was read, in column order. They describe the table as it was read, also
        after :meth:`select` and :meth:`with_values`.
    source : str
        What messages call the table: a file name, or "the table".
    """

    values: np.ndarray
    measurement_error: np.ndarray
    property_names: tuple[str, ...]
    compositions: tuple[str, ...] | None
    composition_column: str | None
    readings: tuple[ColumnReading, ...]
    source: str
    _units: Mapping[str, str | None]
    _descriptors: pd.DataFrame | None
    _frame: pd.DataFrame
    # The texts of numeric columns read from a CSV file, by which untouched cells are written back.
    _texts: pd.DataFrame | None = None

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        composition: str | None = None,
        descriptors: Iterable[str] = (),
        ignore: Iterable[str] = (),
        properties: Iterable[str] | None = None,
        units: Mapping[str, str | None] | None = None,
        source: str = "the table",
        allow_empty_properties: bool = False,
    ) -> PropertyTable:
        """Read a DataFrame.

        Numeric columns are properties, unless they are named as something else, count the rows
        (``id``), or are named after another column: ``P__error`` holds the measurement errors of a
        property ``P``, and ``P__std``, ``P__lower``, ``P__upper`` its error bars from an earlier
        fill, which are ignored. Other columns are carried through unused. A column of text in which
        most cells are numbers is numeric too, and its other cells are refused, not dropped.

        Parameters
        ----------
        frame
            One row per material. It is copied.
        composition
            Name of the column with chemical formulas. By default a text column called ``formula``,
            ``composition``, ``chemical_formula``, ``reduced_formula`` or ``pretty_formula`` (the
            first of these, in any case), if there is one.
        descriptors
            Numeric columns, known in every row, that describe the material and are not predicted.
            True and false count as 1 and 0.
        ignore
            Columns to carry through unread.
        properties
            If given, only these columns are properties; other numeric ones are carried.
        units
            Units by column name, instead of those read from the names.
        source
            What messages call the table.
        allow_empty_properties
            Accept properties without known values, with a single one, named but absent, or no
            property at all, as in a table of new materials to predict.

        Raises
        ------
        TableError
            If a column name appears twice or an option names a column that is not there; if a cell
            of a numeric column is no finite number; if a property has no known value or always the
            same; if a composition or a descriptor is missing in some row; if a measurement error is
            negative; if there is no row or no property. The message names rows and columns; row 1
            is the first below the header.
        """
        if not isinstance(frame, pd.DataFrame):
            raise TableError(
                f"{source}: expected a pandas DataFrame, found {type(frame).__name__}."
            )
        options = ReadingOptions.build(
            composition=composition,
            descriptors=descriptors,
            ignore=ignore,
            properties=properties,
            units=units,
            allow_empty_properties=allow_empty_properties,
        )
        contents = read_contents(frame, options, source)
        return cls(
            values=_read_only(contents.values),
            measurement_error=_read_only(contents.measurement_error),
            property_names=contents.property_names,
            compositions=contents.compositions,
            composition_column=contents.composition_column,
            readings=contents.readings,
            source=source,
            _units=contents.units,
            _descriptors=contents.descriptors,
            _frame=frame.copy(),
        )

    @property
    def frame(self) -> pd.DataFrame:
        """The table as it was given: a copy, with the original columns, order and index.

        From a CSV file, the columns of properties, measurement errors and descriptors are float64;
        all others hold the text of the file, unchanged.
        """
        return self._frame.copy()

    @property
    def units(self) -> dict[str, str | None]:
        """The unit of each property, None where it is not known."""
        return dict(self._units)

    @property
    def descriptors(self) -> pd.DataFrame | None:
        """The descriptor columns as float64 without holes, rows numbered from 0, or None."""
        return None if self._descriptors is None else self._descriptors.copy()

    @property
    def n_rows(self) -> int:
        """Number of materials, n."""
        return int(self.values.shape[0])

    @property
    def n_properties(self) -> int:
        """Number of properties, p."""
        return int(self.values.shape[1])

    @property
    def observed(self) -> np.ndarray:
        """Shape (n, p), True where a value is known."""
        return _read_only(~np.isnan(self.values))

    def select(self, rows: npt.ArrayLike) -> PropertyTable:
        """Return the table of some of the rows.

        Parameters
        ----------
        rows
            Positions of rows counted from 0, in any order, or a boolean mask of length n.

        Raises
        ------
        IndexError
            If a position is outside the table or a mask has another length.
        """
        positions = np.asarray(rows)
        if positions.size == 0:
            positions = np.empty(0, dtype=np.intp)
        positions = np.arange(self.n_rows)[positions]
        compositions = self.compositions
        if compositions is not None:
            compositions = tuple(compositions[position] for position in positions)
        descriptors = self._descriptors
        if descriptors is not None:
            descriptors = descriptors.iloc[positions].reset_index(drop=True)
        return replace(
            self,
            values=_read_only(self.values[positions]),
            measurement_error=_read_only(self.measurement_error[positions]),
            compositions=compositions,
            _descriptors=descriptors,
            _frame=self._frame.iloc[positions],
            _texts=None if self._texts is None else self._texts.iloc[positions],
        )

    def with_values(self, values: npt.ArrayLike) -> PropertyTable:
        """Return the same table with other property values, as when cells are hidden for a test.

        Columns of :attr:`frame` whose values change are replaced too. Measurement errors stay with
        their cells.

        Parameters
        ----------
        values
            Shape (n, p), on the raw scale, nan for a hole.

        Raises
        ------
        TableError
            If the shape is not (n, p) or a value is infinite.
        """
        new = np.array(values, dtype=np.float64, order="C")
        if new.shape != self.values.shape:
            raise TableError(
                f"{self.source}: expected values of shape {self.values.shape}, found {new.shape}."
            )
        for column, name in enumerate(self.property_names):
            infinite = np.flatnonzero(np.isinf(new[:, column])).tolist()
            if infinite:
                raise TableError(
                    f"{self.source}, {list_rows(infinite)}, column {quoted(name)}: infinite values "
                    "cannot be used; nan stands for a hole."
                )
        changed = ~np.all((new == self.values) | (np.isnan(new) & np.isnan(self.values)), axis=0)
        frame = self._frame.copy()
        for column in np.flatnonzero(changed).tolist():
            position = self.column_position(self.property_names[column])
            frame.isetitem(position, new[:, column])
        return replace(self, values=_read_only(new), _frame=frame)

    def column_position(self, name: str) -> int:
        """Return where a column stands in :attr:`frame`, counted from 0."""
        return [reading.name for reading in self.readings].index(name)

    def columns_with_role(self, *roles: str) -> tuple[str, ...]:
        """Return the names of the columns read in one of these roles, in column order."""
        return tuple(reading.name for reading in self.readings if reading.role in roles)

    def __len__(self) -> int:
        return self.n_rows

    def __repr__(self) -> str:
        known = np.count_nonzero(~np.isnan(self.values), axis=0).tolist()
        lines = [
            f"{name}{f' [{unit}]' if (unit := self._units[name]) else ''}: {count} known"
            for name, count in zip(self.property_names, known, strict=True)
        ]
        described_by = [] if self.compositions is None else ["composition"]
        if self._descriptors is not None:
            described_by.append(plural(self._descriptors.shape[1], "descriptor"))
        by = f", described by {' and '.join(described_by)}" if described_by else ""
        return (
            f"<PropertyTable of {self.source}: {plural(self.n_rows, 'row')}, "
            f"{plural(self.n_properties, 'property', 'properties')}{by}"
            + "".join(f"\n  {line}" for line in lines)
            + ">"
        )


def _read_only(array: np.ndarray) -> np.ndarray:
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array
