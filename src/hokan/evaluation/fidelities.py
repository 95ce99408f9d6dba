"""How far cheap values help to predict expensive ones: error against the number of the latter."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hokan.errors import TableError
from hokan.evaluation import scores
from hokan.evaluation.fidelity_draws import (
    FEWEST_KNOWN,
    FidelityDraw,
    draw_fidelities,
    only_levels,
)
from hokan.evaluation.fidelity_methods import FIDELITY_METHODS, FidelityMethod
from hokan.parallel import in_processes
from hokan.table import MissingPattern, PropertyTable

KNOWN, UNKNOWN, ALL = "known", "unknown", "all"


def study_fidelities(
    table: PropertyTable,
    levels: Sequence[str],
    n_known: Sequence[int] = (10, 20, 40, 80),
    *,
    n_repeats: int = 10,
    n_hidden: int = 100,
    shares: Mapping[str, float] | None = None,
    most_rows: int = 600,
    methods: Mapping[str, FidelityMethod] = FIDELITY_METHODS,
    level: float = 0.9,
    random_state: int = 0,
    n_jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Predict held-out values at the top of a ladder from fewer and more known ones.

    In every repeat, rows are held out (see :func:`hokan.evaluation.draw_fidelities`); in the others
    the top level stays known in ``n_known`` rows. One half of the held-out rows keeps its lower
    levels, the other half has none of them. Every method sees all rows, held-out ones included, and
    of their values those it can use.

    Parameters
    ----------
    table : PropertyTable
    levels : sequence of str
        Two or more of its properties, from the cheapest to the most trusted. Others are left out.
    n_known : sequence of int
        Numbers of known values at the top, 2 or more each.
    n_repeats : int
        Random draws; the same rows are held out for every number.
    n_hidden : int
        Rows to hold out, 2 or more.
    shares : mapping of str to float, optional
        For lower levels, the share of known values that is kept; the others become holes at random.
    most_rows : int
        Rows beside the held-out ones; of a larger table, they are drawn anew in each repeat.
    methods : mapping of str to FidelityMethod
        What to compare.
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
        For each number, repeat and method three lines, by ``lower``: held-out rows whose lower
        levels are ``"known"``, ``"unknown"``, and ``"all"``.

        - ``n_known``, ``repeat``, ``method``, ``lower``, ``n``: number of rows scored;
        - ``error``: mean absolute error on the raw scale, in the property's unit;
        - ``coverage``, ``width`` of the intervals. They are for the material; held-out values are
          taken as they are, with whatever error of measurement they have;
        - ``seconds``: time the method took;
        - ``top_used``: values of the top level that the method could use;
        - ``dropped``: share of all known values of the levels that it could not use.

        Scores are NaN where too few values were left to fit the method at all.

    Raises
    ------
    TableError
        If a level is not there, a number is out of range, or there are too few rows.
    """
    part = only_levels(table, levels)
    _check(n_known, n_repeats, n_hidden, shares or {}, levels)
    draw = partial(
        draw_fidelities,
        part,
        tuple(levels),
        n_hidden,
        max(n_known),
        shares=shares,
        most_rows=most_rows,
    )
    draw(random_state=[random_state, 0])  # too few rows are found here, not in another process
    tasks = [(n, repeat) for repeat in range(n_repeats) for n in n_known]
    calls = ((draw, n, repeat, methods, level, random_state) for n, repeat in tasks)
    records: list[dict[str, Any]] = []
    for done, found in enumerate(in_processes(_run_one, calls, n_jobs), start=1):
        records += found
        if progress is not None:
            progress(done, len(tasks))
    order = {name: position for position, name in enumerate(methods)}
    records.sort(key=lambda r: (r["n_known"], r["repeat"], order[r["method"]]))
    return pd.DataFrame(records)


def _check(
    n_known: Sequence[int],
    n_repeats: int,
    n_hidden: int,
    shares: Mapping[str, float],
    levels: Sequence[str],
) -> None:
    if not n_known or min(n_known) < FEWEST_KNOWN or len(set(n_known)) < len(n_known):
        raise TableError(
            f"numbers of known values at the top must differ and be {FEWEST_KNOWN} or more; found "
            f"{', '.join(map(str, n_known)) or 'none'}."
        )
    if n_repeats < 1 or n_hidden < 2:
        raise TableError(
            "a study needs at least 1 repeat and 2 held-out rows, "
            f"found {n_repeats} repeats and {n_hidden} rows."
        )
    for name, share in shares.items():
        if name not in levels[:-1]:
            raise TableError(
                f"a share of known values is for the levels below the top "
                f"({', '.join(map(repr, levels[:-1]))}); found one for {name!r}."
            )
        if not 0.0 < share <= 1.0:
            raise TableError(
                f"the share for {name!r} must be above 0 and at most 1; found {share}."
            )


def _run_one(
    draw: Callable[..., FidelityDraw],
    n_known: int,
    repeat: int,
    methods: Mapping[str, FidelityMethod],
    level: float,
    random_state: int,
) -> list[dict[str, Any]]:
    """Score all methods on one draw; runs in a process of its own."""
    drawn = draw(random_state=[random_state, repeat])
    table, rows = drawn.keep(n_known)
    found = []
    for name, method in methods.items():
        scored = _score(drawn, table, rows, method, level, random_state)
        found += [{"n_known": n_known, "repeat": repeat, "method": name} | s for s in scored]
    return found


def _score(
    drawn: FidelityDraw,
    table: PropertyTable,
    rows: NDArray[np.intp],
    method: FidelityMethod,
    level: float,
    random_state: int,
) -> list[dict[str, Any]]:
    levels = drawn.levels
    start = time.perf_counter()
    visible = method.visible(table, levels)
    known = MissingPattern.from_table(table).n_known
    common: dict[str, Any] = {
        "top_used": int(visible.observed[:, visible.property_names.index(levels[-1])].sum()),
        "dropped": 1.0 - MissingPattern.from_table(visible).n_known / known,
    }
    predicted = None
    if method.can_learn(visible, levels):
        predicted = method.predict(visible, levels, random_state=random_state, level=level)
    common["seconds"] = time.perf_counter() - start
    held_out, lower_known = drawn.held_out[rows], drawn.lower_known[rows]
    truth = drawn.truth[rows]
    scored = []
    for lower, here in (
        (KNOWN, held_out & lower_known),
        (UNKNOWN, held_out & ~lower_known),
        (ALL, held_out),
    ):
        result = {"lower": lower, "n": int(here.sum())}
        result |= dict.fromkeys(("error", "coverage", "width"), np.nan)
        if predicted is not None:
            median, low, high = (
                array[here, 0] for array in (predicted.median, predicted.lower, predicted.upper)
            )
            result["error"] = scores.mean_absolute_error(truth[here], median)
            result["coverage"] = scores.interval_coverage(truth[here], low, high)
            result["width"] = scores.mean_interval_width(low, high)
        scored.append(result | common)
    return scored
