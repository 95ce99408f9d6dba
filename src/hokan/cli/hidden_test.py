"""The demo's test: known values hidden, and found again by hokan and by the usual ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from hokan.cli.console import OnEvaluation
from hokan.cli.wording import material
from hokan.evaluation import METHODS, hide_property, score_methods, split_rows
from hokan.evaluation.comparison import without_unlearnable_properties
from hokan.inference.fitting import FitOptions
from hokan.model import CellPrediction, HierarchyModel, ModelOptions, in_columns
from hokan.table import PropertyTable

HIDDEN_PROPERTY = "melting_point_K"
N_KNOWN, N_HIDDEN = 100, 300
USUAL_WAYS = (
    "extra trees on descriptors",
    "extra trees on descriptors and properties",
    "iterative imputer",
)


@dataclass(frozen=True)
class HiddenTest:
    """What became of the hidden values.

    Attributes
    ----------
    n_known : int
        Rows in which the property stayed known.
    cells : DataFrame
        A line for each hidden value, as hokan predicts it: ``row`` (position in the table, counted
        from 0), ``label``, ``observed``, ``predicted``, ``std``, ``lower``, ``upper``.
    scores : DataFrame
        As :func:`hokan.evaluation.score_methods` returns it.
    """

    n_known: int
    cells: pd.DataFrame
    scores: pd.DataFrame


def run_hidden_test(
    table: PropertyTable, level: float, seed: int, progress: OnEvaluation
) -> HiddenTest:
    """Hide melting points and find them again.

    As :func:`hokan.evaluation.compare_on_hidden`, but hokan's predictions are kept for the picture.
    """
    known, hidden = split_rows(table, HIDDEN_PROPERTY, N_KNOWN, N_HIDDEN, seed)
    rows = np.sort(np.concatenate([known, hidden]))
    part = without_unlearnable_properties(table.select(rows), keep=HIDDEN_PROPERTY)
    holdout = hide_property(part, HIDDEN_PROPERTY, np.isin(rows, hidden))
    column = part.property_names.index(HIDDEN_PROPERTY)
    kept: list[pd.DataFrame] = []

    def hokan(
        given: PropertyTable, targets: NDArray[np.bool_], *, random_state: int, level: float
    ) -> CellPrediction:
        options = ModelOptions(random_state=random_state, fit=FitOptions(n_restarts=0))
        model = HierarchyModel.from_table(given, options=options, progress=progress)
        found = in_columns(model.fill(level), model.graph.names, given.property_names)
        here = targets[:, column]
        kept.append(
            pd.DataFrame(
                {
                    "row": rows[here],
                    "label": _labels(part, here),
                    "observed": holdout.truth[here, column],
                    "predicted": found.median[here, column],
                    "std": found.std[here, column],
                    "lower": found.lower[here, column],
                    "upper": found.upper[here, column],
                }
            )
        )
        return found

    methods: dict[str, Any] = {"hokan": hokan} | {name: METHODS[name] for name in USUAL_WAYS}
    # One thread each: times compare, and several on a busy machine can be far slower than one.
    with threadpool_limits(limits=1):
        scores = score_methods(holdout, methods, seed, level=level)
    return HiddenTest(len(known), kept[0], scores)


def _labels(table: PropertyTable, rows: NDArray[np.bool_]) -> list[str]:
    frame = table.frame.loc[rows]
    return [material(*pair) for pair in zip(frame["name"], frame["formula"], strict=True)]
