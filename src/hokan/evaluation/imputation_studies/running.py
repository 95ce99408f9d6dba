"""The work of a study: parts that are not done yet, in a few processes, kept as they come."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hokan import __version__
from hokan.errors import HokanError
from hokan.evaluation.imputation_studies.cell_scores import (
    CELL_SCORES,
    cell_scores,
    possible_draws,
)
from hokan.evaluation.imputation_studies.design import Part
from hokan.evaluation.imputation_studies.drawing import FloatArray, StudiedTable, seed_of_method
from hokan.evaluation.imputation_studies.finished_parts import FinishedParts
from hokan.evaluation.imputation_studies.methods import NO_HOLES, ImputationMethod
from hokan.evaluation.imputation_studies.pooled_estimates import compare_estimates
from hokan.parallel import in_processes
from hokan.table import PropertyTable

ESTIMATE_COLUMNS = ("kind", "property", "bias", "covered", "width")


@dataclass(frozen=True)
class StudyOptions:
    """What all parts of a study share.

    Attributes
    ----------
    n_imputations : int
        Completed tables of the methods that make several.
    level : float
        Probability of the intervals of cells.
    strength : float
        Of the mechanisms that depend on values; see :func:`hokan.evaluation.ampute`.
    random_state : int
        Seed of everything.
    """

    n_imputations: int = 20
    level: float = 0.9
    strength: float = 2.0
    random_state: int = 0


@dataclass(frozen=True, eq=False)
class ImputationStudy:
    """What a study found.

    Attributes
    ----------
    scores : DataFrame
        One line for each part (its columns are those of
        :class:`hokan.evaluation.imputation_studies.Part`):

        - ``error``: mean absolute difference of hidden cells from the median of what a method put
          there, in standard deviations of the property, on a logarithmic scale where it is
          positive;
        - ``crps``: continuous ranked probability score in the same unit; of a method that fills
          once, the error;
        - ``coverage``, ``width`` of the intervals of cells, between quantiles of completed tables;
          NaN for methods that fill once;
        - ``impossible``: share of imputed values that a positive property cannot have;
        - ``cells``: number of hidden cells scored; ``seconds``: time the method took;
        - ``failed``: why there are no scores, else empty.
    estimates : DataFrame
        For each part and pooled estimate one line: ``kind`` (``"mean"`` of a property, or
        ``"coefficient"`` of it where the last one is regressed on the others), ``property``, and

        - ``bias``: difference from the estimate without holes, in standard errors of that one;
        - ``covered``: 1 if the 95 % interval holds the value in all rows of the table that were
          drawn from, else 0;
        - ``width``: of this interval, over that without holes.

        NaN where what a method left cannot be analysed. No lines where too few rows are complete.
    properties : tuple of str
        Which are scored and analysed.
    """

    scores: pd.DataFrame
    estimates: pd.DataFrame
    properties: tuple[str, ...]


def settings_of(name: str, studied: StudiedTable, options: StudyOptions) -> dict[str, Any]:
    """Return everything that results depend on besides their part."""
    return {
        "study": name,
        "hokan": __version__,
        "table": fingerprint(studied.table),
        "properties": list(studied.table.property_names),
        "scored": list(studied.scored),
        "imputations": options.n_imputations,
        "level": options.level,
        "strength": options.strength,
        "seed": options.random_state,
    }


def fingerprint(table: PropertyTable) -> str:
    """Return a text that differs for tables that differ in what a method reads."""
    digest = hashlib.sha256()
    for array in (table.values, table.measurement_error):
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    for text in (*table.property_names, *(table.compositions or ())):
        digest.update(text.encode("utf-8") + b"\0")
    if table.descriptors is not None:
        digest.update(table.descriptors.to_numpy(dtype="<f8").tobytes())
    return digest.hexdigest()[:16]


def run_parts(
    name: str,
    studied: StudiedTable,
    parts: Sequence[Part],
    methods: Mapping[str, ImputationMethod | None],
    options: StudyOptions,
    *,
    n_jobs: int = 1,
    results: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    notify: Callable[[str], None] | None = None,
) -> ImputationStudy:
    """Do what is not done yet of a study.

    Parameters
    ----------
    name : str
        Of the study, told in the file of results.
    studied : StudiedTable
        What rows are drawn from.
    parts : sequence of Part
        All that belong to the study.
    methods : mapping of str to ImputationMethod
        By the names in the parts.
    options : StudyOptions
        What they share.
    n_jobs : int
        Processes to work in; changes no result.
    results : Path, optional
        File of finished parts; those in it are not done again.
    progress : callable, optional
        Called with how many parts are done and how many there are.
    notify : callable, optional
        Called with sentences on what was found in the file.

    Raises
    ------
    HokanError
        If the file is of another study, or holes cannot be made as asked for.
    """
    finished = FinishedParts(results, settings_of(name, studied, options))
    for note in finished.notes:
        if notify is not None:
            notify(note)
    _refuse_impossible_holes(studied, parts, options)
    left = [part for part in parts if part not in finished]
    if progress is not None:
        progress(len(parts) - len(left), len(parts))
    calls = ((studied, part, methods[part.method], options) for part in left)
    for part, record in in_processes(do_part, calls, n_jobs):
        finished.add(part, record)
        if progress is not None:
            progress(sum(each in finished for each in parts), len(parts))
    return _gathered(studied, [(part, finished[part]) for part in parts])


def do_part(
    studied: StudiedTable,
    part: Part,
    method: ImputationMethod | None,
    options: StudyOptions,
) -> tuple[Part, dict[str, Any]]:
    """Do one part; runs in a process of its own. What a method refuses is told, not raised."""
    record: dict[str, Any] = dict.fromkeys((*CELL_SCORES, "seconds"), float("nan"))
    record |= {"cells": 0, "failed": "", "estimates": []}
    start = time.perf_counter()
    try:
        holdout = studied.draw(part, options.random_state, options.strength)
        table, k = holdout.table, studied.n_scored
        truth = np.where(holdout.hidden, holdout.truth, table.values)[:, :k]
        hidden = holdout.hidden[:, :k]
        record["cells"] = int(hidden.sum())
        draws = None
        if method is not None:
            start = time.perf_counter()
            draws = method(
                table,
                studied.scale_of(part),
                n_imputations=options.n_imputations,
                random_state=seed_of_method(options.random_state, part),
            )
            record["seconds"] = time.perf_counter() - start
        if part.method == NO_HOLES:
            hidden = np.zeros_like(hidden)  # the estimates are those of all rows
        record |= _judged(studied, truth, hidden, table.values[:, :k], draws, options.level)
    except HokanError as error:
        record["failed"] = str(error)
    return part, record


def _judged(
    studied: StudiedTable,
    truth: FloatArray,
    hidden: np.ndarray,
    known: FloatArray,
    draws: FloatArray | None,
    level: float,
) -> dict[str, Any]:
    """Score what a method made of a table; `truth` has the table's own holes, and no others."""
    complete = ~np.isnan(truth).any(axis=1)
    standard = studied.standardised(truth)
    everything = studied.standardised(studied.table.values[:, : studied.n_scored])
    everything = everything[~np.isnan(everything).any(axis=1)]
    record: dict[str, Any] = {}
    if draws is None:
        completed = standard[complete & ~hidden.any(axis=1)][None]
    else:
        found, impossible = possible_draws(studied, draws[..., : studied.n_scored], known)
        if hidden.any():
            record = cell_scores(np.where(hidden, standard, np.nan), found, impossible, level)
        completed = found[:, complete]
    record["estimates"] = compare_estimates(
        studied.scored, completed, standard[complete], everything
    )
    return record


def _refuse_impossible_holes(
    studied: StudiedTable, parts: Sequence[Part], options: StudyOptions
) -> None:
    """Find here, not after an hour, that holes cannot be made as asked for."""
    seen = set()
    for part in parts:
        holes = (part.mechanism, part.share, part.n_rows, part.n_columns)
        if part.repeat == 0 and holes not in seen:
            seen.add(holes)
            studied.draw(part, options.random_state, options.strength)


def _gathered(
    studied: StudiedTable, done: Sequence[tuple[Part, Mapping[str, Any]]]
) -> ImputationStudy:
    scores, estimates = [], []
    for part, record in done:
        scores.append(
            part.form | {key: record[key] for key in (*CELL_SCORES, "cells", "seconds", "failed")}
        )
        estimates += [part.form | dict(line) for line in record["estimates"]]
    columns = [*Part.__dataclass_fields__, *ESTIMATE_COLUMNS]
    return ImputationStudy(
        pd.DataFrame(scores), pd.DataFrame(estimates, columns=columns), studied.scored
    )
