"""Two questions about filling holes: what the holes do, and what the size of the table does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from hokan.evaluation.imputation_studies.checking import check_lists, check_numbers
from hokan.evaluation.imputation_studies.design import SCALES, all_parts
from hokan.evaluation.imputation_studies.drawing import StudiedTable
from hokan.evaluation.imputation_studies.methods import (
    QUICK_METHODS,
    ImputationMethod,
    chosen_methods,
)
from hokan.evaluation.imputation_studies.running import ImputationStudy, StudyOptions, run_parts
from hokan.table import PropertyTable

Methods = Sequence[str] | Mapping[str, ImputationMethod | None]


def study_missingness(
    table: PropertyTable,
    mechanisms: Sequence[str] = ("MCAR", "MAR", "MNAR", "block"),
    shares: Sequence[float] = (0.1, 0.3, 0.5),
    *,
    properties: Sequence[str] | None = None,
    n_rows: int | None = None,
    methods: Methods = QUICK_METHODS,
    scales: Sequence[str] = SCALES,
    n_repeats: int = 3,
    n_imputations: int = 20,
    strength: float = 2.0,
    random_state: int = 0,
    n_jobs: int = 1,
    results: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    notify: Callable[[str], None] | None = None,
) -> ImputationStudy:
    """Fill a table whose holes are made by several mechanisms, more and more of them.

    In every repeat, rows are drawn; in their known cells, holes are made as
    :func:`hokan.evaluation.ampute` makes them, for each mechanism and share; every method fills
    the same tables, on each scale.

    Parameters
    ----------
    table : PropertyTable
        What rows are drawn from. Holes that it has stay, and are not scored; pooled estimates are
        of the rows that had none.
    mechanisms : sequence of str
        What makes holes.
    shares : sequence of float
        Of known cells that become holes.
    properties : sequence of str, optional
        Which to use; by default all. The last is the one that is regressed on the others.
    n_rows : int, optional
        How many rows to draw; by default all that know one of the properties.
    methods : sequence of str, or mapping of str to ImputationMethod
        Names from :data:`hokan.evaluation.imputation_studies.IMPUTATION_METHODS`, or methods by
        name.
    scales : sequence of str
        ``"log"``: positive properties are filled on a logarithmic scale; ``"raw"``: none is.
    n_repeats : int
        Random draws of rows and holes.
    n_imputations : int
        Completed tables of methods that make several, 19 or more.
    strength : float
        Of MAR and MNAR.
    random_state : int
        Seed. The result does not depend on ``n_jobs``.
    n_jobs : int
        Processes to work in.
    results : Path, optional
        File in which every finished part is kept at once. Parts that are in it already, from a
        study with the same table and settings, are not done again; what was asked for may differ
        in mechanisms, shares, rows, methods, scales and repeats.
    progress : callable, optional
        Called with how many parts are done, and how many there are.
    notify : callable, optional
        Called with sentences on what was found in the file.

    Raises
    ------
    HokanError
        If a number or name is out of range, or the file is of another study.
    """
    names = tuple(properties or table.property_names)
    studied = StudiedTable.of(table, names, len(names))
    rows = studied.table.n_rows if n_rows is None else n_rows
    chosen = chosen_methods(methods)
    check_lists(mechanisms=mechanisms, shares=shares, methods=tuple(chosen), scales=scales)
    check_numbers(
        table.source,
        scales,
        (rows,),
        (len(names),),
        n_repeats,
        n_imputations,
        studied.table.n_rows,
        len(names),
    )
    parts = list(all_parts(n_repeats, mechanisms, shares, (rows,), (len(names),), chosen, scales))
    options = StudyOptions(n_imputations, strength=strength, random_state=random_state)
    return run_parts(
        "missingness",
        studied,
        parts,
        chosen,
        options,
        n_jobs=n_jobs,
        results=results,
        progress=progress,
        notify=notify,
    )


def study_size(
    table: PropertyTable,
    n_rows: Sequence[int] = (30, 60, 120, 240),
    n_columns: Sequence[int] | None = None,
    *,
    properties: Sequence[str] | None = None,
    mechanism: str = "MCAR",
    share: float = 0.3,
    methods: Methods = QUICK_METHODS,
    scales: Sequence[str] = ("log",),
    n_repeats: int = 3,
    n_imputations: int = 20,
    strength: float = 2.0,
    random_state: int = 0,
    n_jobs: int = 1,
    results: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    notify: Callable[[str], None] | None = None,
) -> ImputationStudy:
    """Fill tables of more and more rows and columns.

    In every repeat, the rows of a smaller table are among those of a larger one. Columns are taken
    in order; those of the smallest table are scored and analysed in all of them, so that what
    others add is told on the same properties.

    Parameters
    ----------
    table : PropertyTable
        What rows are drawn from; as for :func:`study_missingness`.
    n_rows : sequence of int
        Numbers of rows.
    n_columns : sequence of int, optional
        Numbers of properties; by default all, and no other number.
    properties : sequence of str, optional
        Their order: the first ones are those that are scored. By default as in the table.
    mechanism : str
        What makes holes.
    share : float
        Of known cells that become holes.
    methods, scales, n_repeats, n_imputations, strength, random_state, n_jobs, results, progress, \
notify
        As for :func:`study_missingness`.

    Raises
    ------
    HokanError
        If a number or name is out of range, or the file is of another study.
    """
    names = tuple(properties or table.property_names)
    columns = (len(names),) if n_columns is None else tuple(n_columns)
    chosen = chosen_methods(methods)
    check_lists(
        numbers_of_rows=n_rows,
        numbers_of_columns=columns,
        methods=tuple(chosen),
        scales=scales,
    )
    studied = StudiedTable.of(table, names, min(max(min(columns), 1), len(names)))
    check_numbers(
        table.source,
        scales,
        n_rows,
        columns,
        n_repeats,
        n_imputations,
        studied.table.n_rows,
        len(names),
    )
    parts = list(all_parts(n_repeats, (mechanism,), (share,), n_rows, columns, chosen, scales))
    options = StudyOptions(n_imputations, strength=strength, random_state=random_state)
    return run_parts(
        "size",
        studied,
        parts,
        chosen,
        options,
        n_jobs=n_jobs,
        results=results,
        progress=progress,
        notify=notify,
    )
