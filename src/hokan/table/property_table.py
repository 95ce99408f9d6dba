"""The table of materials and properties that everything else works on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from hokan.errors import TableError
from hokan.table.arrays import limits_of_table, read_only, values_of_table
from hokan.table.contents import read_contents
from hokan.table.frame_cells import CellContents, rewrite_property
from hokan.table.limits import LOWER_SUFFIX, UPPER_SUFFIX
from hokan.table.messages import plural
from hokan.table.options import Categories, ReadingOptions
from hokan.table.roles import ColumnReading


def _nothing() -> np.ndarray:
    return np.empty((0, 0))


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
    lower_limits, upper_limits : np.ndarray of shape (n, p)
        What is known of a value that is not known itself: it is at least, or at most, this. On the
        raw scale, nan where there is no such limit and where the value is known.
    category_codes : np.ndarray of shape (n, k)
        Position of each row's level among the levels of its category, int64, -1 where it is not
        known.
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
    lower_limits: np.ndarray = field(default_factory=_nothing)
    upper_limits: np.ndarray = field(default_factory=_nothing)
    category_codes: np.ndarray = field(default_factory=_nothing)
    _category_levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # The texts of numeric columns read from a CSV file, by which untouched cells are written back.
    _texts: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        for name, shape, absent in (
            ("lower_limits", self.values.shape, np.nan),
            ("upper_limits", self.values.shape, np.nan),
            ("category_codes", (len(self.values), len(self._category_levels)), np.int64(-1)),
        ):
            array = getattr(self, name)
            if array.shape == (0, 0):  # not given
                array = np.full(shape, absent)
            object.__setattr__(self, name, read_only(array))

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
        categories: Categories = None,
        source: str = "the table",
        allow_empty_properties: bool = False,
    ) -> PropertyTable:
        """Read a DataFrame.

        Numeric columns are properties, unless they are named as something else, count the rows
        (``id``), or are named after another column: ``P__error`` holds the measurement errors of a
        property ``P``, ``P__lower`` and ``P__upper`` limits of it where ``P`` is empty. If there is
        ``P__std`` too, they are its error bars from an earlier fill, which are ignored. A column of
        text in which most cells are numbers is numeric too. Its cells may hold limits (``> 3000``,
        ``3 to 5``); all others are refused, not dropped. Text columns, and those of true and false,
        that repeat few levels are categories. Other columns are carried through unused.

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
            If given, only these columns are properties; other numeric ones are carried. Columns
            of text among them are categories.
        units
            Units by column name, instead of those read from the names.
        categories
            If given, these columns and no others are categories; empty: none is. A mapping gives
            the levels of each, in order. By default, text columns and those of true and false are
            categories that have 2 to 12 levels, five known cells or more for each of them, two
            levels that are seen five times or more, and no name of a reference or a note.
        source
            What messages call the table.
        allow_empty_properties
            Accept properties without known values, with a single one, named but absent, or no
            property at all, as in a table of new materials to predict.

        Raises
        ------
        TableError
            If a column name appears twice or an option names a column that is not there; if a cell
            of a numeric column is no finite number (nor, in a property, a limit); if a property has
            no known value or always the same; if a lower limit is not below the upper one; if a
            category asked for has no two levels; if a composition or a descriptor is missing in
            some row; if a measurement error is negative; if there is no row or no property. The
            message names rows and columns; row 1 is the first below the header.
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
            categories=categories,
            allow_empty_properties=allow_empty_properties,
        )
        contents = read_contents(frame, options, source)
        return cls(
            values=read_only(contents.values),
            measurement_error=read_only(contents.measurement_error),
            property_names=contents.property_names,
            compositions=contents.compositions,
            composition_column=contents.composition_column,
            readings=contents.readings,
            source=source,
            _units=contents.units,
            _descriptors=contents.descriptors,
            _frame=frame.copy(),
            lower_limits=contents.lower_limits,
            upper_limits=contents.upper_limits,
            category_codes=contents.category_codes,
            _category_levels=contents.category_levels,
        )

    @property
    def frame(self) -> pd.DataFrame:
        """The table as it was given: a copy, with the original columns, order and index.

        From a CSV file, the columns of properties, measurement errors, limits and descriptors are
        float64, but for a property with limits among its cells; that one and all others hold the
        text of the file, unchanged.
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
        return read_only(~np.isnan(self.values))

    @property
    def has_limits(self) -> np.ndarray:
        """Shape (n, p), True where a value is not known but a limit of it is."""
        return read_only(~(np.isnan(self.lower_limits) & np.isnan(self.upper_limits)))

    @property
    def category_names(self) -> tuple[str, ...]:
        """The k categories, in column order."""
        return tuple(self._category_levels)

    @property
    def category_levels(self) -> dict[str, tuple[str, ...]]:
        """The levels of each category: numbers by size, texts by alphabet, or as they were given.

        They stay when rows are selected, also those that no row has any more.
        """
        return dict(self._category_levels)

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
            values=read_only(self.values[positions]),
            measurement_error=read_only(self.measurement_error[positions]),
            lower_limits=self.lower_limits[positions],
            upper_limits=self.upper_limits[positions],
            category_codes=self.category_codes[positions],
            compositions=compositions,
            _descriptors=descriptors,
            _frame=self._frame.iloc[positions],
            _texts=None if self._texts is None else self._texts.iloc[positions],
        )

    def with_values(self, values: npt.ArrayLike) -> PropertyTable:
        """Return the same table with other property values, as when cells are hidden for a test.

        Cells of :attr:`frame` whose values change are replaced too. Measurement errors stay with
        their cells. A value takes the place of a limit; where there is none, the limit stays. A
        hidden value leaves a hole without limits.

        Parameters
        ----------
        values
            Shape (n, p), on the raw scale, nan for a hole.

        Raises
        ------
        TableError
            If the shape is not (n, p) or a value is infinite.
        """
        new = values_of_table(values, self.values.shape, self.property_names, self.source)
        known = ~np.isnan(new)
        lower, upper = (
            np.where(known, np.nan, limits) for limits in (self.lower_limits, self.upper_limits)
        )
        return self._with(new, lower, upper)

    def with_limits(self, lower: npt.ArrayLike, upper: npt.ArrayLike) -> PropertyTable:
        """Return the same table with other limits, as when cells are censored for a test.

        To turn a value into a limit, hide it first with :meth:`with_values`.

        Parameters
        ----------
        lower, upper
            Shape (n, p), on the raw scale: all limits of the new table. Where there is none, nan,
            or an infinity on the side where it says nothing.

        Raises
        ------
        TableError
            If a shape is not (n, p), a limit is given where the value is known, a lower limit is
            not below the upper one, or a limit is infinite and would leave no value possible.
        """
        new = limits_of_table(lower, upper, self.observed, self.property_names, self.source)
        return self._with(self.values, *new)

    def _with(self, values: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> PropertyTable:
        """Return the same table with other contents of properties, in arrays and frame."""
        frame = self._frame.copy()
        for column, name in enumerate(self.property_names):
            rewrite_property(
                frame,
                self.column_position(name),
                [self.column_position(beside) for beside in self._limit_columns(name)],
                CellContents(
                    self.values[:, column],
                    self.lower_limits[:, column],
                    self.upper_limits[:, column],
                ),
                CellContents(values[:, column], lower[:, column], upper[:, column]),
            )
        return replace(
            self,
            values=read_only(values),
            lower_limits=lower,
            upper_limits=upper,
            _frame=frame,
        )

    def column_position(self, name: str) -> int:
        """Return where a column stands in :attr:`frame`, counted from 0."""
        return [reading.name for reading in self.readings].index(name)

    def columns_with_role(self, *roles: str) -> tuple[str, ...]:
        """Return the names of the columns read in one of these roles, in column order."""
        return tuple(reading.name for reading in self.readings if reading.role in roles)

    def _limit_columns(self, name: str) -> list[str]:
        beside = (name + LOWER_SUFFIX, name + UPPER_SUFFIX)
        return [r.name for r in self.readings if r.role == "limit" and r.name in beside]

    def __len__(self) -> int:
        return self.n_rows

    def __repr__(self) -> str:
        described_by = [] if self.compositions is None else ["composition"]
        if self._descriptors is not None:
            described_by.append(plural(self._descriptors.shape[1], "descriptor"))
        by = f", described by {' and '.join(described_by)}" if described_by else ""
        lines = [
            f"<PropertyTable of {self.source}: {plural(self.n_rows, 'row')}, "
            f"{plural(self.n_properties, 'property', 'properties')}{by}"
        ]
        known, limited = self.observed.sum(axis=0), self.has_limits.sum(axis=0)
        for name, n_known, n_limits in zip(self.property_names, known, limited, strict=True):
            unit = f" [{self._units[name]}]" if self._units[name] else ""
            limits = f", {plural(n_limits, 'limit')}" if n_limits else ""
            lines.append(f"{name}{unit}: {n_known} known{limits}")
        n_levels = {name: len(levels) for name, levels in self._category_levels.items()}
        known = (self.category_codes >= 0).sum(axis=0)
        lines += [
            f"{name}: {n_known} known, {plural(n_levels[name], 'level')}"
            for name, n_known in zip(self.category_names, known, strict=True)
        ]
        return "\n  ".join(lines) + ">"
