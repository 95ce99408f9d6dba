"""From columns with roles to arrays: values with holes, errors, formulas, descriptors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hokan.errors import TableError
from hokan.table.cells import BadCell, CellKind, Cells
from hokan.table.columns import column_names, decide_roles
from hokan.table.hints import explain_text
from hokan.table.limits import LOWER_SUFFIX, UPPER_SUFFIX, PropertyLimits, join_limits
from hokan.table.messages import LISTED_AT_MOST, how_to_ignore, list_rows, plural, quoted
from hokan.table.options import ReadingOptions
from hokan.table.readings import TableParts, present_cells, tell_reading
from hokan.table.roles import ERROR_SUFFIX, ColumnReading, Decision, Role
from hokan.table.units import unit_from_name


@dataclass(frozen=True)
class Contents:
    """What a table says, in arrays; see :class:`hokan.table.PropertyTable` for the fields."""

    values: np.ndarray
    measurement_error: np.ndarray
    lower_limits: np.ndarray
    upper_limits: np.ndarray
    category_levels: dict[str, tuple[str, ...]]
    category_codes: np.ndarray
    property_names: tuple[str, ...]
    units: dict[str, str | None]
    compositions: tuple[str, ...] | None
    composition_column: str | None
    descriptors: pd.DataFrame | None
    readings: tuple[ColumnReading, ...]


def read_contents(frame: pd.DataFrame, options: ReadingOptions, source: str) -> Contents:
    """Read a table, or say everything that keeps it from being read.

    Parameters
    ----------
    frame
        The table.
    options
        How the user wants it read.
    source
        Name of the table, with which every message starts.

    Raises
    ------
    TableError
        See :func:`hokan.table.read_table`.
    """
    names = column_names(frame, source)
    options.check(names, source)
    if len(frame) == 0:
        raise TableError(
            f"{source}: the table has no rows; expected at least one below the header."
        )
    decisions = decide_roles(frame, names, options, source)
    _refuse_bad_cells(decisions, source)
    composition_column = _only(decisions, "composition")
    compositions = None
    if composition_column is not None:
        series = frame.iloc[:, names.index(composition_column)]
        compositions = _read_compositions(series, composition_column, source)
    descriptors = _read_descriptors(decisions, source)
    properties = {name: _cells(d) for name, d in decisions.items() if d.role == "property"}
    limits = {
        name: join_limits(
            name,
            cells,
            _limit_column(name + LOWER_SUFFIX, decisions),
            _limit_column(name + UPPER_SUFFIX, decisions),
            source,
        )
        for name, cells in properties.items()
    }
    for name, cells in properties.items():
        _check_property(name, cells, limits[name], options.allow_empty_properties, source)
    if not properties and not options.allow_empty_properties:
        raise TableError(_no_property(decisions, options, source))
    errors = [
        _read_errors(name + ERROR_SUFFIX, decisions, len(frame), source) for name in properties
    ]
    categories = {name: d.category for name, d in decisions.items() if d.category is not None}
    units = {name: options.units.get(name, unit_from_name(name)) for name in properties}
    parts = TableParts(
        {name: frame.iloc[:, position] for position, name in enumerate(names)},
        decisions,
        limits,
        {**options.units, **units},
    )
    empty = np.empty((len(frame), 0))
    return Contents(
        values=np.column_stack([empty, *(_values(cells) for cells in properties.values())]),
        measurement_error=np.column_stack([empty, *errors]),
        lower_limits=np.column_stack([empty, *(found.lower for found in limits.values())]),
        upper_limits=np.column_stack([empty, *(found.upper for found in limits.values())]),
        category_levels={name: category.levels for name, category in categories.items()},
        category_codes=np.column_stack(
            [empty.astype(np.int64), *(category.codes for category in categories.values())]
        ),
        property_names=tuple(properties),
        units=units,
        compositions=compositions,
        composition_column=composition_column,
        descriptors=descriptors,
        readings=tuple(tell_reading(name, parts) for name in names),
    )


def _cells(decision: Decision) -> Cells:
    if decision.cells is None:
        raise AssertionError(f"a column read as {decision.role} was not looked at")
    return decision.cells


def _values(cells: Cells) -> np.ndarray:
    if cells.values is None:
        raise AssertionError("a column without numbers was read as numbers")
    return cells.values


def _limit_column(name: str, decisions: Mapping[str, Decision]) -> Cells | None:
    decision = decisions.get(name)
    return decision.cells if decision is not None and decision.role == "limit" else None


def _only(decisions: Mapping[str, Decision], role: str) -> str | None:
    return next((name for name, decision in decisions.items() if decision.role == role), None)


def _refuse_bad_cells(decisions: Mapping[str, Decision], source: str) -> None:
    """List the cells of numeric columns that cannot be used, the first few in full."""
    bad = [
        (cell, name)
        for name, decision in decisions.items()
        if decision.role != "carried" and decision.cells is not None
        for cell in _bad_cells(decision.role, decision.cells, name)
    ]
    if not bad:
        return
    listed = [
        f"row {cell.row + 1}, column {quoted(name)}: {cell.shown} {cell.explanation}"
        for cell, name in bad[:LISTED_AT_MOST]
    ]
    if len(bad) == 1:
        raise TableError(
            f"{source}, {listed[0]}. (A column that holds no numbers can be left out with "
            f"{how_to_ignore(bad[0][1])}.)"
        )
    more = len(bad) - len(listed)
    raise TableError(
        f"{source}: {len(bad)} cells of numeric columns are not numbers:\n  "
        + "\n  ".join(listed)
        + (f"\n  and {plural(more, 'more cell')}" if more else "")
        + "\nA column that holds no numbers can be left out with "
        + how_to_ignore(bad[0][1])
        + "."
    )


def _bad_cells(role: Role, cells: Cells, name: str) -> list[BadCell]:
    """Return what is neither a number nor, for a property, a limit."""
    if role == "property":
        return list(cells.bad)
    limits = [
        BadCell(limit.row, quoted(limit.text), explain_text(limit.text, name))
        for limit in cells.limits
    ]
    return sorted([*cells.bad, *limits], key=lambda cell: cell.row)


def _read_compositions(series: pd.Series, name: str, source: str) -> tuple[str, ...]:
    """Return one formula text per row, refusing rows without one."""
    present = present_cells(series)
    if not present.all():
        empty = np.flatnonzero(~present).tolist()
        raise TableError(
            f"{source}, {list_rows(empty)}: the composition column {quoted(name)} is empty in "
            f"{plural(len(empty), 'row')}; write a formula in every row, or remove the rows "
            "without one."
        )
    formulas = series.astype(object).tolist()
    for row, formula in enumerate(formulas):
        if not isinstance(formula, str):
            raise TableError(
                f"{source}, row {row + 1}: the composition column {quoted(name)} holds "
                f"{quoted(formula)} of type {type(formula).__name__}; expected a formula as text."
            )
    return tuple(formula.strip() for formula in formulas)


def _read_descriptors(decisions: Mapping[str, Decision], source: str) -> pd.DataFrame | None:
    columns: dict[str, np.ndarray] = {}
    for name, decision in decisions.items():
        if decision.role != "descriptor":
            continue
        values = _values(_cells(decision))
        unknown = np.flatnonzero(np.isnan(values)).tolist()
        if unknown:
            raise TableError(
                f"{source}, {list_rows(unknown)}: the descriptor {quoted(name)} is empty in "
                f"{plural(len(unknown), 'row')}, and descriptors must be known in every row; fill "
                "them in, or make the column a property, which may have holes, by leaving it out "
                "of --descriptors (in Python: descriptors)."
            )
        columns[name] = values
    return pd.DataFrame(columns, dtype=np.float64) if columns else None


def _check_property(
    name: str, cells: Cells, limits: PropertyLimits, allow_empty: bool, source: str
) -> None:
    """Refuse a property that nothing can be learned about."""
    if cells.kind is CellKind.BOOLEAN:
        raise TableError(
            f"{source}, column {quoted(name)}: holds true/false, which is not supported as a "
            "property yet; leave it out of the properties."
        )
    if allow_empty:
        return
    values = _values(cells)
    known = values[~np.isnan(values)]
    leave_out = f"add values, or leave the column out with {how_to_ignore(name)}"
    n_limits = int(limits.here.sum())
    if known.size == 0 and n_limits:
        raise TableError(
            f"{source}, column {quoted(name)}: has no known value, only "
            f"{plural(n_limits, 'limit')}, and a model needs some values to learn from; "
            f"{leave_out}."
        )
    if known.size == 0:
        raise TableError(f"{source}, column {quoted(name)}: has no known value; {leave_out}.")
    if known.size == 1:
        row = int(np.flatnonzero(~np.isnan(values))[0]) + 1
        raise TableError(
            f"{source}, column {quoted(name)}: has a single known value ({known[0]:g} in row "
            f"{row}), from which nothing can be learned; {leave_out}."
        )
    if np.all(known == known[0]):
        raise TableError(
            f"{source}, column {quoted(name)}: has the same value ({known[0]:g}) in all its "
            f"{known.size} known cells, so there is nothing to learn; {leave_out}."
        )


def _read_errors(
    name: str, decisions: Mapping[str, Decision], n_rows: int, source: str
) -> np.ndarray:
    """Return the measurement errors of one property, 0 where none is given."""
    decision = decisions.get(name)
    if decision is None or decision.role != "measurement error":
        return np.zeros(n_rows)
    cells = _cells(decision)
    if cells.kind is CellKind.BOOLEAN:
        raise TableError(
            f"{source}, column {quoted(name)}: holds true/false; measurement errors are numbers, "
            "standard deviations in the unit of the values."
        )
    values = _values(cells)
    errors = np.where(np.isnan(values), 0.0, values)
    negative = np.flatnonzero(errors < 0).tolist()
    if negative:
        raise TableError(
            f"{source}, {list_rows(negative)}, column {quoted(name)}: "
            f"{plural(len(negative), 'measurement error is', 'measurement errors are')} negative "
            f"(the first is {errors[negative[0]]:g}); a measurement error is a standard deviation, "
            "zero or more; leave the cell empty where none is known."
        )
    return errors


def _no_property(decisions: Mapping[str, Decision], options: ReadingOptions, source: str) -> str:
    told = "".join(
        f"\n  {quoted(name)}: {decision.role} ({decision.reason})"
        for name, decision in decisions.items()
    )
    advice = (
        "name at least one with properties"
        if options.properties is not None
        else "expected at least one column of numbers"
    )
    return f"{source}: no column is a property; {advice}. The columns were read as:{told}"
