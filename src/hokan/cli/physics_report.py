"""What ``hokan study physics`` tells: errors, differences, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from hokan.cli.console import Screen
from hokan.cli.study_report import change
from hokan.cli.wording import duration, level_in_percent, percent, with_error
from hokan.datasets.melting_point_graph import COLUMNS
from hokan.datasets.melting_points import ELASTIC_COLUMNS, ElasticReport
from hokan.evaluation.physics import (
    ALL,
    EXTRA_TREES,
    KNOWN,
    physics_differences,
    summarise_physics,
)
from hokan.evaluation.physics_draws import NONE, kinds_of_rows
from hokan.graph import PropertyGraph
from hokan.plots import learning_curves
from hokan.table import PropertyTable

ALONE, FREE, PRIOR = "descriptors alone", "free links", "physics as prior"
_SHORT = {ALONE: "descriptors", FREE: "free", PRIOR: "physics", EXTRA_TREES: "trees"}
#: Kinds of rows by what is known of them besides mass and volume; the first that holds counts.
KINDS = {
    "elastic": ELASTIC_COLUMNS,
    "thermal": tuple(
        COLUMNS[role] for role in ("cohesive_energy", "heat_of_fusion", "boiling_point")
    ),
}
#: Names that fit below the title of a picture.
_MOST_TOLD = 4
_TOLD = {
    "elastic": "Debye temperature or moduli known",
    "thermal": "none of these, but enthalpy of atomisation, heat of fusion or boiling point",
    NONE: "none of these (the molar volume may be)",
}


def show_question(
    screen: Screen,
    table: PropertyTable,
    report: ElasticReport | None,
    graph: PropertyGraph,
    n_hidden: int,
    most_known: int,
) -> None:
    """Tell what is known, by which laws it hangs together, and what will be hidden."""
    screen.heading(f"{table.source.capitalize()}, and what physics ties to them")
    if report is not None:
        screen.say(str(report))
    known = [
        f"{name} in {int(count)}"
        for name, count in zip(table.property_names, table.observed.sum(axis=0), strict=True)
    ]
    screen.say(f"{table.n_rows} rows; known are {', '.join(known)}.")
    screen.say("Links, with the exponents that laws lead to expect:")
    screen.lines(graph.describe())
    kinds = pd.Series(kinds_of_rows(table, KINDS)).value_counts()
    screen.say(
        f"In each draw, {n_hidden} melting points are hidden and predicted, as many in each kind "
        f"of row; in {most_known} other rows, some or all are known. What else is known of any of "
        "these rows is in view. No composition is on both sides. Kinds of rows, and how many:"
    )
    screen.notes(f"{kind}: {told} ({kinds[kind]})" for kind, told in _TOLD.items() if kind in kinds)


def show_results(screen: Screen, found: pd.DataFrame, level: float) -> None:
    """Tell errors and differences, and what follows from them.

    Parameters
    ----------
    found : DataFrame
        As :func:`hokan.evaluation.physics.study_physics` returns it.
    level : float
        Probability of the intervals.
    """
    summary = summarise_physics(found)
    kinds = [kind for kind in (*_TOLD, ALL) if kind in set(summary["relatives"])]
    screen.heading("Mean |ln(predicted / true)| of hidden melting points, by what is known there")
    columns = ("known", "method", *(_heading(kind) for kind in kinds), "log score", "coverage")
    rows = []
    for (n_known, method), lines in summary.groupby(["n_known", "method"], sort=False):
        by = {str(line["relatives"]): line for _, line in lines.iterrows()}
        every = by[ALL]
        rows.append(
            (
                str(n_known),
                str(method),
                *(with_error(float(by[k]["error"]), float(by[k]["error_se"])) for k in kinds),
                with_error(float(every["log_score"]), float(every["log_score_se"])),
                percent(float(every["coverage"])),
            )
        )
    screen.table(columns, rows, numbers=(columns[0], *columns[2:]))
    repeats = int(summary["repeats"].max())
    screen.say(
        f"known: melting points known. Means over {repeats} random "
        f"{'draw' if repeats == 1 else 'draws'}"
        + (" ± their standard error" if repeats > 1 else "")
        + ". log score: mean negative log density of ln T in all rows, in nats; lower is better. "
        f"coverage: how many {level_in_percent(level)} intervals hold the value."
    )
    last = summary[summary["n_known"] == summary["n_known"].max()]
    times = last[last["relatives"] == ALL].set_index("method")["seconds"]
    told = (f"{method} {duration(float(seconds))}" for method, seconds in times.items())
    screen.say(f"Time with the most values known: {', '.join(told)}.")
    _show_differences(screen, found, kinds)
    screen.heading("In short")
    screen.notes(conclusions(found))


def conclusions(found: pd.DataFrame) -> list[str]:
    """Return what follows from a study, in sentences made from its numbers."""
    return [*_links(found), *_physics(found), *_trees(found)]


def physics_picture(
    found: pd.DataFrame, table: PropertyTable, n_hidden: int, n_repeats: int, level: float
) -> Any:
    """Draw errors against the number of known melting points, with relatives known and without.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    summary = summarise_physics(found)
    two = KNOWN in set(summary["relatives"])
    panels = (
        {KNOWN: "known", NONE: "unknown"} if two else {ALL: "known"}
    )  # the names that learning curves know
    shown = summary.assign(lower=summary["relatives"].map(panels)).dropna(subset="lower")
    draws = "1 draw" if n_repeats == 1 else f"each of {n_repeats} draws"
    used = [_short(name) for name in table.property_names if name != COLUMNS["melting_point"]]
    told = f"; relatives: {', '.join(used)}" if len(used) <= _MOST_TOLD else ""
    figure = learning_curves(
        shown,
        title="Laws of melting: error against what is known",
        subtitle=f"{n_hidden} melting points held out in {draws}{told}",
        top="the melting point",
        level=level,
    )
    headings = (
        (
            "<b>Relatives known</b> in the row to predict",
            "<b>No relative known</b> in the row (but for mass and volume)",
        )
        if two
        else ("<b>All rows</b>", "")
    )
    for annotation, heading in zip(figure.layout.annotations, headings, strict=True):
        annotation.text = heading
    figure.layout.yaxis.title.text = "mean |ln(predicted / true)|"
    figure.update_xaxes(title_text="known melting points")
    return figure


def _show_differences(screen: Screen, found: pd.DataFrame, kinds: list[str]) -> None:
    screen.heading("Differences of errors, and of the log score of all rows, in the same draws")
    columns = ("known", "compared", *(_heading(kind) for kind in kinds), "log score")
    rows = []
    for n_known in dict.fromkeys(found["n_known"]):
        for method, other in ((PRIOR, FREE), (FREE, ALONE), (PRIOR, EXTRA_TREES)):
            by = _at(physics_differences(found, method, other), n_known)
            rows.append(
                (
                    str(n_known),
                    f"{_SHORT[method]} − {_SHORT[other]}",
                    *(_signed(by[kind]) for kind in kinds),
                    _log_score(found, method, other, n_known),
                )
            )
    screen.table(columns, rows, numbers=(columns[0], *columns[2:]))
    screen.say(
        "Below 0: the first is nearer to the truth. physics: as prior; free: links; descriptors: "
        "alone; trees: extra trees with relatives."
    )


def _log_score(found: pd.DataFrame, method: str, other: str, n_known: object) -> str:
    by = _at(physics_differences(found, method, other, "log_score"), n_known)
    return _signed(by[ALL]) if ALL in by else "-"


def _links(found: pd.DataFrame) -> Iterator[str]:
    """Say what links to relatives are worth, where some are known and where none is."""
    compared = physics_differences(found, FREE, ALONE)
    for n_known in _first_and_last(found):
        by = _at(compared, n_known)
        for kind, where in ((KNOWN, "where relatives are known"), (NONE, "where none is")):
            if kind in by:
                yield (
                    f"With {n_known} known melting points, {where}, learning from related "
                    f"properties {change(by[kind], None)}, compared with descriptors alone."
                )


def _physics(found: pd.DataFrame) -> Iterator[str]:
    """Say what laws add to links that are learned freely, which turns with what is known."""
    for n_known in sorted(set(found["n_known"])):
        by = _at(physics_differences(found, PRIOR, FREE), n_known)
        yield (
            f"With {n_known}, laws as the prior of the links {change(by[ALL], None)}, "
            "compared with free links."
        )


def _trees(found: pd.DataFrame) -> Iterator[str]:
    for n_known in _first_and_last(found):
        by = _at(physics_differences(found, PRIOR, EXTRA_TREES), n_known)
        if ALL in by:
            yield (
                f"With {n_known}, the joint model with laws as prior "
                f"{change(by[ALL], None)}, compared with extra trees that see the relatives."
            )


def _at(differences: pd.DataFrame, n_known: object) -> dict[str, pd.Series]:
    """Return the differences at one number of known values, by kind of row."""
    here = differences[differences["n_known"] == n_known]
    return {str(line["relatives"]): line for _, line in here.iterrows()}


def _first_and_last(found: pd.DataFrame) -> list[int]:
    return sorted({int(found["n_known"].min()), int(found["n_known"].max())})


def _heading(kind: str) -> str:
    return {NONE: "no relative", ALL: "all rows"}.get(kind, kind)


def _signed(line: pd.Series) -> str:
    return with_error(float(line["difference"]), float(line["standard_error"]))


def _short(name: str) -> str:
    """Return the column of a relative in words, without its unit."""
    role = {column: role for role, column in COLUMNS.items()}.get(name, name)
    words = {
        "cohesive_energy": "enthalpy of atomisation",
        "debye_temperature": "Debye temperature",
    }
    return words.get(role, role.replace("_", " "))
