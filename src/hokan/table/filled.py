"""A table with its holes filled, in the layout that ``hokan fill`` writes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from hokan.errors import TableError
from hokan.table.columns import FILL_SUFFIXES
from hokan.table.property_table import PropertyTable


def filled_frame(
    table: PropertyTable,
    median: npt.ArrayLike,
    std: npt.ArrayLike,
    lower: npt.ArrayLike,
    upper: npt.ArrayLike,
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

    Returns
    -------
    pandas.DataFrame
        The original columns in their order and with their index; observed cells are unchanged. A
        property column that had holes is float64. For each property ``P`` three columns follow
        after all others, ``P__std``, ``P__lower`` and ``P__upper``, nan where ``P`` is observed;
        where the table has a column of that name, from an earlier fill, it is replaced in place.

    Raises
    ------
    TableError
        If an array has another shape than the table.
    """
    arrays = [np.asarray(array, dtype=np.float64) for array in (median, std, lower, upper)]
    for name, array in zip(("median", "std", "lower", "upper"), arrays, strict=True):
        if array.shape != table.values.shape:
            raise TableError(
                f"{table.source}: expected {name} of shape {table.values.shape}, found "
                f"{array.shape}."
            )
    values, holes = table.values, ~table.observed
    result = table.frame
    present = [reading.name for reading in table.readings]
    appended: dict[str, np.ndarray] = {}
    for column, name in enumerate(table.property_names):
        position = present.index(name)
        hole = holes[:, column]
        if hole.any() or not pd.api.types.is_numeric_dtype(result.dtypes.iloc[position]):
            result.isetitem(position, np.where(hole, arrays[0][:, column], values[:, column]))
        for suffix, array in zip(FILL_SUFFIXES, arrays[1:], strict=True):
            error_bar = np.where(hole, array[:, column], np.nan)
            if name + suffix in present:
                result.isetitem(present.index(name + suffix), error_bar)
            else:
                appended[name + suffix] = error_bar
    return pd.concat([result, pd.DataFrame(appended, index=result.index)], axis=1)
