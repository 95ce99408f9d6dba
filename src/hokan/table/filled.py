"""A table with its holes filled, in the layout that ``hokan fill`` writes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from hokan.errors import TableError
from hokan.table.categories import level_text
from hokan.table.companions import base_of
from hokan.table.frame_cells import CellContents, limit_texts
from hokan.table.limits import LOWER_SUFFIX, UPPER_SUFFIX
from hokan.table.messages import list_names, perhaps_meant, quoted
from hokan.table.property_table import PropertyTable
from hokan.table.roles import LIMIT_SUFFIX, PROBABILITY_SUFFIX, STD_SUFFIX, ZERO_SUFFIX

_Beside = dict[str, np.ndarray]


def filled_frame(
    table: PropertyTable,
    median: npt.ArrayLike,
    std: npt.ArrayLike,
    lower: npt.ArrayLike,
    upper: npt.ArrayLike,
    *,
    zero: npt.ArrayLike | None = None,
    categories: Mapping[str, npt.ArrayLike] | None = None,
) -> pd.DataFrame:
    """Put predictions into the holes of a table, and their error bars beside.

    Parameters
    ----------
    table
        The table with holes.
    median, std, lower, upper
        Each of shape (n, p) on the raw scale: the value for a hole, its standard deviation, and the
        ends of its interval. Entries at observed cells are not used. Where ``median`` is nan, the
        hole stays.
    zero
        Shape (n, p): probability that a value is exactly the floor of its property, as a band gap
        is 0 in a metal. A property whose column is all nan has no such probability.
    categories
        By category, the probability of each of its levels, shape (n, k), levels in the order of
        ``table.category_levels``. Entries where the level is known are not used. Where a row is
        nan, the hole stays, and categories that are not named stay as they are.

    Returns
    -------
    pandas.DataFrame
        The original columns in their order and with their index; observed cells are unchanged. A
        property column that had holes is float64. For each property ``P`` these columns follow
        after all others: ``P__std``, ``P__lower``, ``P__upper`` and, if ``zero`` tells of it,
        ``P__zero``, nan where ``P`` is observed; and, if the table has limits of it, ``P__limit``
        with these as text, as they were written, since the estimate takes their place. Of each
        category ``C`` given, ``C`` holds the most probable level in its holes, and columns
        ``C__probability`` (of that level) and ``C__probability_LEVEL`` (of each) follow, nan where
        ``C`` is known. Where the table has a column of such a name, from an earlier fill or with
        limits, it is replaced in place.

    Raises
    ------
    TableError
        If an array has another shape than the table, or a category is not one of the table's.
    """
    given = {"median": median, "std": std, "lower": lower, "upper": upper}
    arrays = {
        name: _shaped(array, table.values.shape, name, table) for name, array in given.items()
    }
    at_zero = None if zero is None else _shaped(zero, table.values.shape, "zero", table)
    result = table.frame
    beside: _Beside = {}
    for column, name in enumerate(table.property_names):
        hole = ~table.observed[:, column]
        position = table.column_position(name)
        texts = _limit_texts(table, column)
        if hole.any() or not pd.api.types.is_numeric_dtype(result.dtypes.iloc[position]):
            filled = np.where(hole, arrays["median"][:, column], table.values[:, column])
            result.isetitem(position, filled)
        for suffix, array in (
            (STD_SUFFIX, arrays["std"]),
            (LOWER_SUFFIX, arrays["lower"]),
            (UPPER_SUFFIX, arrays["upper"]),
            (ZERO_SUFFIX, at_zero),
        ):
            told = array is not None and not np.isnan(array[:, column]).all()
            if array is not None and (told or suffix != ZERO_SUFFIX):
                beside[name + suffix] = np.where(hole, array[:, column], np.nan)
        if texts is not None:
            beside[name + LIMIT_SUFFIX] = texts
    for name, probabilities in (categories or {}).items():
        _fill_category(result, beside, table, name, probabilities)
    present = [reading.name for reading in table.readings]
    for name in table.columns_with_role("ignored"):
        base = base_of(name, present)
        of_fill = base is not None and (
            (base in table.property_names and name == base + ZERO_SUFFIX)
            or (base in (categories or {}) and name.startswith(base + PROBABILITY_SUFFIX))
        )
        if of_fill:  # of an earlier fill, and of nothing that is filled now
            beside.setdefault(name, np.full(table.n_rows, np.nan))
    return _with_columns(result, beside, present)


def _shaped(
    array: npt.ArrayLike, shape: tuple[int, ...], name: str, table: PropertyTable
) -> np.ndarray:
    values = np.asarray(array, dtype=np.float64)
    if values.shape != shape:
        raise TableError(f"{table.source}: expected {name} of shape {shape}, found {values.shape}.")
    return values


def _with_columns(result: pd.DataFrame, beside: _Beside, present: list[str]) -> pd.DataFrame:
    """Put columns in the place of those of the same name, or after all others."""
    appended: _Beside = {}
    for name, column in beside.items():
        if name in present:
            result.isetitem(present.index(name), column)
        else:
            appended[name] = column
    return pd.concat([result, pd.DataFrame(appended, index=result.index)], axis=1)


def _limit_texts(table: PropertyTable, column: int) -> np.ndarray | None:
    """Return the limits of a property as text, or None if there is nothing to keep.

    Those that an earlier fill kept stay, but where there is a limit now.
    """
    name, frame = table.property_names[column], table.frame
    roles = {reading.name: reading.role for reading in table.readings}
    sides = [
        pd.to_numeric(frame.iloc[:, table.column_position(name + suffix)]).to_numpy(np.float64)
        if roles.get(name + suffix) == "limit"
        else np.full(table.n_rows, np.nan)
        for suffix in (LOWER_SUFFIX, UPPER_SUFFIX)
    ]
    limits = CellContents(
        table.values[:, column], table.lower_limits[:, column], table.upper_limits[:, column]
    )
    own = frame.iloc[:, table.column_position(name)]
    texts = limit_texts(own, limits, list(zip(*(side.tolist() for side in sides), strict=True)))
    if roles.get(name + LIMIT_SUFFIX) == "ignored":
        kept = frame.iloc[:, table.column_position(name + LIMIT_SUFFIX)].astype(object)
        texts = [
            text if text is not None else earlier
            for text, earlier in zip(texts, kept.tolist(), strict=True)
        ]
    elif not any(text is not None for text in texts):
        return None
    return np.array(texts, dtype=object)


def _fill_category(
    result: pd.DataFrame,
    beside: _Beside,
    table: PropertyTable,
    name: str,
    probabilities: npt.ArrayLike,
) -> None:
    """Fill one category's holes in place, and add its columns of probabilities."""
    if name not in table.category_names:
        raise TableError(
            f"{table.source}: {quoted(name)} is no category here."
            f"{perhaps_meant(name, table.category_names)} The categories are: "
            f"{list_names(table.category_names)}."
        )
    levels = table.category_levels[name]
    codes = table.category_codes[:, table.category_names.index(name)]
    shape = (table.n_rows, len(levels))
    chances = _shaped(probabilities, shape, f"probabilities of {quoted(name)}", table)
    filled = (codes < 0) & ~np.isnan(chances).any(axis=1)
    best = np.argmax(np.where(filled[:, None], chances, 0.0), axis=1)
    position = table.column_position(name)
    column = result.iloc[:, position]
    cell_of = _cells_of_levels(column, levels, codes)
    cells = column.astype(object).tolist()
    for row in np.flatnonzero(filled).tolist():
        cells[row] = cell_of[int(best[row])]
    result.isetitem(position, _as_before(cells, column).array)
    beside[name + PROBABILITY_SUFFIX] = np.where(
        filled, chances[np.arange(table.n_rows), best], np.nan
    )
    for code, level in enumerate(levels):
        beside[f"{name}{PROBABILITY_SUFFIX}_{level}"] = np.where(filled, chances[:, code], np.nan)


def _cells_of_levels(column: pd.Series, levels: tuple[str, ...], codes: np.ndarray) -> list[object]:
    """Return what stands in the cells of each level: a text, or the number it was read from."""
    cells: list[object] = list(levels)
    known = column.astype(object).tolist()
    dtype = column.dtype
    others = dtype.categories.tolist() if isinstance(dtype, pd.CategoricalDtype) else []
    others += [False, True] if pd.api.types.is_bool_dtype(dtype) else []
    for cell in others:
        if level_text(cell) in levels:
            cells[levels.index(level_text(cell))] = cell
    for code in range(len(levels)):
        rows = np.flatnonzero(codes == code)
        if len(rows):
            cell = known[rows[0]]
            cells[code] = cell.strip() if isinstance(cell, str) else cell
    return cells


def _as_before(cells: list[object], column: pd.Series) -> pd.Series:
    """Return cells as a column of the type it had, where that can hold them."""
    filled = pd.Series(cells, index=column.index, dtype=object)
    if column.dtype == object:
        return filled
    if isinstance(column.dtype, pd.CategoricalDtype):
        new = [cell for cell in filled.dropna().unique() if cell not in column.cat.categories]
        return filled.astype(column.cat.add_categories(new).dtype)
    return filled.astype(column.dtype)
