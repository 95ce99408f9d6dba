"""What known physics is worth: one property from descriptors alone, from free links, from laws."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from hokan.errors import TableError
from hokan.evaluation import scores
from hokan.evaluation.fidelity_summary import paired_differences
from hokan.evaluation.peers import extra_trees_on_descriptors_and_properties
from hokan.evaluation.physics_draws import NONE, RelativesDraw, draw_by_relatives
from hokan.graph import PropertyGraph
from hokan.inference.fitting import FitOptions
from hokan.model import CellPrediction, HierarchyModel, ModelOptions, in_columns
from hokan.parallel import in_processes
from hokan.table import PropertyTable

FloatArray = NDArray[np.float64]

EXTRA_TREES = "extra trees with relatives"
KNOWN, ALL = "known", "all"
SCORES = ("error", "log_score", "coverage", "width")

#: As in the study of fidelities: a second start takes as long again and changes little.
_SEARCH = FitOptions(n_restarts=0)
_FEWEST_KNOWN = 3


def study_physics(
    table: PropertyTable,
    target: str,
    graphs: Mapping[str, PropertyGraph],
    relatives: Mapping[str, Sequence[str]],
    n_known: Sequence[int] = (5, 15, 30, 60, 120),
    *,
    n_repeats: int = 5,
    n_hidden: int = 90,
    trees: bool = True,
    level: float = 0.9,
    random_state: int = 0,
    n_jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Predict hidden values of a positive property from more and more known ones, by many graphs.

    In every repeat, rows are drawn (see
    :func:`hokan.evaluation.physics_draws.draw_by_relatives`); the target is hidden in ``n_hidden``
    of them and known in ``n_known`` others, and whatever else is known of any of the rows is in
    view. All graphs are fitted to the same cells.

    Parameters
    ----------
    table : PropertyTable
        Its values of the target are positive.
    target : str
        The property to predict.
    graphs : mapping of str to PropertyGraph
        What to compare; each has the target, with ``transform="log"``.
    relatives : mapping of str to sequence of str
        Kinds of rows by what is known of them; the first that holds counts. All others are
        ``"none"``.
    n_known : sequence of int
        Numbers of known values, 3 or more each.
    n_repeats, n_hidden : int
        Random draws, and rows held out in each.
    trees : bool
        Whether ExtraTrees with descriptors and all other properties are compared too, under the
        name "extra trees with relatives".
    level : float
        Probability of the intervals.
    random_state : int
        Seed. The result does not depend on ``n_jobs``.
    n_jobs : int
        Processes to work in.
    progress : callable, optional
        Called with how many of the ``len(n_known) * n_repeats`` tasks are done, and how many there
        are.

    Returns
    -------
    DataFrame
        For each number, repeat and method one line for each kind of row that there is, then
        ``"known"`` (every kind but "none", if there is that too) and ``"all"``:

        - ``n_known``, ``repeat``, ``method``, ``relatives``, ``n``: number of rows scored;
        - ``error``: mean of ``|ln(predicted / true)|``;
        - ``log_score``: mean negative log density of ln y, in nats, lower is better; NaN for the
          trees, which have none;
        - ``coverage``, ``width`` of the intervals, the width as the mean of ln(upper / lower); NaN
          where there are too few values for intervals;
        - ``seconds``: time the method took.

    Raises
    ------
    TableError
        If a number is out of range, a value of the target is not positive, or there are too few
        rows.
    """
    if not n_known or min(n_known) < _FEWEST_KNOWN or len(set(n_known)) < len(n_known):
        raise TableError(
            f"numbers of known values must differ and be {_FEWEST_KNOWN} or more; found "
            f"{', '.join(map(str, n_known)) or 'none'}."
        )
    if n_repeats < 1 or n_hidden < 1:
        raise TableError(
            "a study needs at least 1 repeat and 1 held-out row, "
            f"found {n_repeats} repeats and {n_hidden} rows."
        )
    rest = (target, relatives, n_hidden, max(n_known))
    # What is wrong with the table is found here, not in another process.
    draw_by_relatives(table, *rest, random_state=[random_state, 0])
    wrong = np.flatnonzero(table.values[:, table.property_names.index(target)] <= 0)
    if len(wrong):
        raise TableError(
            f"{table.source}, row {wrong[0] + 1}: {target!r} must be positive for errors on a "
            "logarithmic scale."
        )
    methods: dict[str, PropertyGraph | None] = {EXTRA_TREES: None} if trees else {}
    methods |= graphs
    tasks = [(n, repeat) for repeat in range(n_repeats) for n in n_known]
    calls = ((table, rest, n, repeat, methods, level, random_state) for n, repeat in tasks)
    records: list[dict[str, Any]] = []
    for done, found in enumerate(in_processes(_run_one, calls, n_jobs), start=1):
        records += found
        if progress is not None:
            progress(done, len(tasks))
    order = {name: position for position, name in enumerate(methods)}
    records.sort(key=lambda r: (r["n_known"], r["repeat"], order[r["method"]]))
    return pd.DataFrame(records)


def summarise_physics(found: pd.DataFrame) -> pd.DataFrame:
    """Return means over repeats with standard errors.

    Parameters
    ----------
    found : DataFrame
        As :func:`study_physics` returns it.

    Returns
    -------
    DataFrame
        ``n_known``, ``relatives``, ``method``, ``repeats``; ``error``, ``log_score``, ``coverage``
        and ``width``, each with its standard error over repeats in a column ending in ``_se`` (NaN
        for a single repeat); ``seconds``.
    """
    grouped = found.groupby(["n_known", "relatives", "method"], sort=False)
    means = grouped[[*SCORES, "seconds"]].mean()
    means["repeats"] = grouped["error"].count()
    for name in SCORES:
        means[f"{name}_se"] = grouped[name].std(ddof=1) / np.sqrt(grouped[name].count())
    return means.reset_index()


def physics_differences(
    found: pd.DataFrame, method: str, other: str, score: str = "error"
) -> pd.DataFrame:
    """Return by how much a score of one method differs from that of another, repeat by repeat.

    Parameters
    ----------
    found : DataFrame
        As :func:`study_physics` returns it.
    method, other : str
        Names of methods.
    score : str
        ``"error"`` or ``"log_score"``: lower is better.

    Returns
    -------
    DataFrame
        ``n_known``, ``relatives``, ``difference`` (that of `method` minus that of `other`, mean
        over repeats), ``standard_error`` and ``repeats``.
    """
    renamed = found.drop(columns="error").rename(columns={"relatives": "lower"})
    compared = renamed.assign(error=found[score])
    return paired_differences(compared, method, other).rename(columns={"lower": "relatives"})


def _run_one(
    table: PropertyTable,
    rest: tuple[str, Mapping[str, Sequence[str]], int, int],
    n_known: int,
    repeat: int,
    methods: Mapping[str, PropertyGraph | None],
    level: float,
    random_state: int,
) -> list[dict[str, Any]]:
    """Score all methods on one draw; runs in a process of its own."""
    drawn = draw_by_relatives(table, *rest, random_state=[random_state, repeat])
    visible = drawn.keep(n_known)
    found = []
    for name, graph in methods.items():
        start = time.perf_counter()
        predicted = (
            _by_trees(drawn, visible, level, random_state)
            if graph is None
            else _by_graph(drawn, visible, graph, level, random_state)
        )
        seconds = time.perf_counter() - start
        head = {"n_known": n_known, "repeat": repeat, "method": name}
        found += [
            head | scored | {"seconds": seconds}
            for scored in _score(drawn, predicted, level, gaussian=graph is not None)
        ]
    return found


def _by_graph(
    drawn: RelativesDraw,
    visible: PropertyTable,
    graph: PropertyGraph,
    level: float,
    random_state: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    options = ModelOptions(random_state=random_state, fit=_SEARCH)
    model = HierarchyModel.from_table(visible, graph, options)
    found = in_columns(model.fill(level), model.graph.names, (drawn.target,))
    return _held_out(found, 0, drawn.n_hidden)


def _by_trees(
    drawn: RelativesDraw, visible: PropertyTable, level: float, random_state: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    column = visible.property_names.index(drawn.target)
    wanted = np.zeros(visible.values.shape, dtype=np.bool_)
    wanted[: drawn.n_hidden, column] = True
    found = extra_trees_on_descriptors_and_properties(
        visible, wanted, level=level, random_state=random_state
    )
    return _held_out(found, column, drawn.n_hidden)


def _held_out(
    found: CellPrediction, column: int, n_hidden: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    rows = slice(n_hidden)
    return found.median[rows, column], found.lower[rows, column], found.upper[rows, column]


def _score(
    drawn: RelativesDraw,
    predicted: tuple[FloatArray, FloatArray, FloatArray],
    level: float,
    *,
    gaussian: bool,
) -> list[dict[str, Any]]:
    truth, median, lower, upper = (
        np.log(array) for array in (drawn.truth[: drawn.n_hidden], *predicted)
    )
    kinds = drawn.kinds[: drawn.n_hidden]
    parts = {str(kind): kinds == kind for kind in dict.fromkeys(kinds)}
    if NONE in parts and len(parts) > 1:
        parts[KNOWN] = kinds != NONE
    parts[ALL] = np.ones(len(kinds), dtype=np.bool_)
    std = (upper - lower) / (2.0 * norm.ppf(0.5 + 0.5 * level))
    found = []
    for kind, here in parts.items():
        line: dict[str, Any] = {"relatives": kind, "n": int(here.sum())}
        line |= dict.fromkeys(SCORES, np.nan)
        line["error"] = scores.mean_absolute_error(truth[here], median[here])
        if np.isfinite(lower[here]).all() and np.isfinite(upper[here]).all():
            line["coverage"] = scores.interval_coverage(truth[here], lower[here], upper[here])
            line["width"] = scores.mean_interval_width(lower[here], upper[here])
            if gaussian:
                line["log_score"] = scores.gaussian_log_score(truth[here], median[here], std[here])
        found.append(line)
    return found
