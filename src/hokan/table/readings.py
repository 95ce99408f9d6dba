"""Telling how each column was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hokan.table.categories import CELLS_PER_LEVEL, MOST_LEVELS, describe_category
from hokan.table.limits import LOWER_SUFFIX, PropertyLimits, describe_limit_column
from hokan.table.messages import plural, quoted
from hokan.table.roles import ERROR_SUFFIX, PROBABILITY_SUFFIX, STD_SUFFIX, ColumnReading, Decision
from hokan.table.units import unit_from_name


@dataclass(frozen=True)
class TableParts:
    """What is known of a table when its readings are told, each by column name."""

    series: Mapping[str, pd.Series]
    decisions: Mapping[str, Decision]
    limits: Mapping[str, PropertyLimits]
    """Those of the properties."""
    units: Mapping[str, str | None]
    """Those of the properties, and those the user gave."""


def tell_reading(name: str, parts: TableParts) -> ColumnReading:
    """Tell how one column was read."""
    decision = parts.decisions[name]
    series = parts.series[name]
    if decision.category is not None:
        present = decision.category.known
    else:
        present = decision.cells.present if decision.cells is not None else present_cells(series)
    reason = decision.reason
    unit: str | None = None
    if decision.role == "property":
        unit = parts.units[name]
        reason += f"; known in {present.sum()} of {plural(len(present), 'row')}"
        limits = parts.limits[name]
        if limits.here.any():
            reason += f", a limit in {limits.here.sum()} more ({limits.describe()})"
        reason += _filled_earlier(name + STD_SUFFIX, present, parts)
        reason += _perhaps_labels(decision)
    elif decision.role == "category" and decision.category is not None:
        reason += f" with {describe_category(decision.category)}"
        reason += _filled_earlier(name + PROBABILITY_SUFFIX, present, parts)
    elif decision.role == "measurement error":
        base = name.removesuffix(ERROR_SUFFIX)
        unit = parts.units[base]
        reason += _tell_errors(present, parts.decisions[base], parts.limits[base])
    elif decision.role == "limit" and decision.cells is not None:
        base = name[: -len(LOWER_SUFFIX)]  # as long as the upper one
        unit = parts.units[base]
        reason += "; " + _tell_limits(name, base, decision, parts)
    elif decision.role == "descriptor":
        unit = parts.units.get(name, unit_from_name(name))
    return ColumnReading(name, decision.role, unit, int(present.sum()), reason)


def present_cells(series: pd.Series) -> np.ndarray:
    """Say which cells of a column hold something other than blanks."""
    present = series.notna().to_numpy()
    if series.dtype == object or pd.api.types.is_string_dtype(series.dtype):
        blank = [isinstance(cell, str) and not cell.strip() for cell in series.astype(object)]
        present = present & ~np.array(blank, dtype=bool)
    return np.asarray(present, dtype=bool)


def _filled_earlier(beside: str, present: np.ndarray, parts: TableParts) -> str:
    """Tell how many known cells have an entry in a column that only fills write."""
    if beside not in parts.series or parts.decisions[beside].role != "ignored":
        return ""
    filled = int((present_cells(parts.series[beside]) & present).sum())
    if not filled:
        return ""
    return (
        f", {filled} of them filled in earlier (they have a value in {quoted(beside)}) and now "
        "taken as known"
    )


def _perhaps_labels(decision: Decision) -> str:
    """Give a hint where whole numbers look like numbers of kinds, such as space groups."""
    if decision.cells is None or decision.cells.values is None:
        return ""
    known = decision.cells.values[decision.cells.present]
    different = np.unique(known)
    if not 2 <= len(different) <= MOST_LEVELS or CELLS_PER_LEVEL * len(different) > len(known):
        return ""
    if np.any(different != np.floor(different)):
        return ""
    return (
        f"; only {len(different)} different whole numbers: if they are labels rather than amounts, "
        "name the column among the categories"
    )


def _tell_errors(present: np.ndarray, base: Decision, limits: PropertyLimits) -> str:
    known = np.zeros_like(present) if base.cells is None else base.cells.present
    told = f", given for {(present & known).sum()} of its {known.sum()} values"
    beside_limits = int((present & limits.here).sum())
    if beside_limits:
        told += f" and {plural(beside_limits, 'limit')}"
    idle = int((present & ~known & ~limits.here).sum())
    if idle:
        told += f"; unused in {plural(idle, 'row')} where the value itself is unknown"
    return told


def _tell_limits(name: str, base: str, decision: Decision, parts: TableParts) -> str:
    property_cells = parts.decisions[base].cells
    if decision.cells is None or property_cells is None:
        raise AssertionError("limits of a column that was not looked at")
    limit, value = decision.cells.values, property_cells.values
    if limit is None or value is None:
        raise AssertionError("limits of a column without numbers")
    contradicted = value < limit if name.endswith(LOWER_SUFFIX) else value > limit
    given = decision.cells.present
    return describe_limit_column(base, given, given & ~property_cells.present, contradicted)
