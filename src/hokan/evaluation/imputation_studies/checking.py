"""What a study refuses before it starts."""

from __future__ import annotations

from collections.abc import Sequence

from hokan.errors import TableError
from hokan.evaluation.imputation_studies.cell_scores import FEWEST_FOR_INTERVALS
from hokan.evaluation.imputation_studies.design import SCALES

#: Rows and columns that a table with holes has at least.
FEWEST_ROWS, FEWEST_COLUMNS = 10, 1


def check_lists(**lists: Sequence[object]) -> None:
    """Refuse a list that is empty or names something twice.

    Raises
    ------
    TableError
        Naming the list.
    """
    for name, values in lists.items():
        if not values or len(set(values)) < len(values):
            raise TableError(
                f"{name.replace('_', ' ')} of a study must differ and be at least one; found "
                f"{', '.join(map(str, values)) or 'none'}."
            )


def check_numbers(
    source: str,
    scales: Sequence[str],
    n_rows: Sequence[int],
    n_columns: Sequence[int],
    n_repeats: int,
    n_imputations: int,
    most_rows: int,
    most_columns: int,
) -> None:
    """Refuse numbers that the table has not got, and those that say nothing.

    Raises
    ------
    TableError
        Naming what was found.
    """
    for scale in scales:
        if scale not in SCALES:
            raise TableError(f"a scale must be one of {', '.join(SCALES)}; found {scale!r}.")
    if min(n_rows) < FEWEST_ROWS or max(n_rows) > most_rows:
        raise TableError(
            f"{source}: numbers of rows must be between {FEWEST_ROWS} and {most_rows}, as many as "
            f"know something; found {', '.join(map(str, n_rows))}."
        )
    if min(n_columns) < FEWEST_COLUMNS or max(n_columns) > most_columns:
        raise TableError(
            f"{source}: numbers of columns must be between {FEWEST_COLUMNS} and {most_columns}; "
            f"found {', '.join(map(str, n_columns))}."
        )
    if n_repeats < 1:
        raise TableError(f"a study needs at least 1 repeat, found {n_repeats}.")
    if n_imputations < FEWEST_FOR_INTERVALS:
        raise TableError(
            f"a study needs at least {FEWEST_FOR_INTERVALS} imputations: between the smallest and "
            f"the largest of fewer draws, no interval of 90 % finds room. Found {n_imputations}."
        )
