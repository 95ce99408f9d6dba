"""Arrays that callers give instead of a table's own, checked against it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hokan.errors import TableError
from hokan.table.limits import PropertyLimits, refuse_crossed
from hokan.table.messages import list_rows, quoted


def read_only(array: np.ndarray) -> np.ndarray:
    """Return an array as one block that cannot be written to."""
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array


def values_of_table(
    values: npt.ArrayLike, shape: tuple[int, ...], names: tuple[str, ...], source: str
) -> np.ndarray:
    """Check values given as an array, and copy them.

    Parameters
    ----------
    values
        Shape (n, p), nan for a hole.
    shape, names, source
        The shape (n, p), the p properties, and the name of the table for messages.

    Raises
    ------
    TableError
        If the shape is not (n, p) or a value is infinite.
    """
    new = np.array(values, dtype=np.float64, order="C")
    if new.shape != shape:
        raise TableError(f"{source}: expected values of shape {shape}, found {new.shape}.")
    for column, name in enumerate(names):
        infinite = np.flatnonzero(np.isinf(new[:, column])).tolist()
        if infinite:
            raise TableError(
                f"{source}, {list_rows(infinite)}, column {quoted(name)}: infinite values cannot "
                "be used; nan stands for a hole."
            )
    return new


def limits_of_table(
    lower: npt.ArrayLike,
    upper: npt.ArrayLike,
    known: np.ndarray,
    names: tuple[str, ...],
    source: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Check limits given as arrays.

    Parameters
    ----------
    lower, upper
        Shape (n, p); nan, or an infinity on the side where it says nothing, where there is none.
    known
        Shape (n, p), True where the value is known.
    names
        The p properties.
    source
        Name of the table for messages.

    Returns
    -------
    tuple of two arrays of shape (n, p)
        Copies, with nan where there is none.

    Raises
    ------
    TableError
        If a shape is not (n, p), a limit is infinite on the wrong side or given where the value is
        known, or a lower limit is not below the upper one.
    """
    given = []
    for side, array, nothing in (("lower", lower, -np.inf), ("upper", upper, np.inf)):
        limits = np.array(array, dtype=np.float64, order="C")
        if limits.shape != known.shape:
            raise TableError(
                f"{source}: expected {side} limits of shape {known.shape}, found {limits.shape}."
            )
        limits[limits == nothing] = np.nan
        given.append(limits)
    for column, name in enumerate(names):
        sides = [limits[:, column] for limits in given]
        of_property = PropertyLimits(*sides)
        for wrong, told in (
            (np.isinf(sides[0]) | np.isinf(sides[1]), "a limit leaves no value possible"),
            (
                of_property.here & known[:, column],
                "a limit is given where the value is known; hide the value first (with_values)",
            ),
        ):
            rows = np.flatnonzero(wrong).tolist()
            if rows:
                raise TableError(f"{source}, {list_rows(rows)}, column {quoted(name)}: {told}.")
        refuse_crossed(of_property, name, source)
    return given[0], given[1]
