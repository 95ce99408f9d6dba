"""What ``hokan study fidelities`` tells: errors, differences, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from hokan.cli.console import Screen
from hokan.cli.wording import duration, level_in_percent, number, percent, with_error
from hokan.evaluation import (
    gain_from_lower_levels,
    paired_differences,
    summarise_fidelities,
)
from hokan.evaluation.fidelities import ALL, KNOWN, UNKNOWN
from hokan.evaluation.fidelity_methods import COKRIGING, JOINT, OWN_PROCESS, TWO_STAGE
from hokan.table import PropertyTable


def show_question(
    screen: Screen,
    table: PropertyTable,
    levels: Sequence[str],
    n_hidden: int,
    shares: Mapping[str, float],
) -> None:
    """Tell what will be hidden and predicted."""
    screen.heading(f"{table.source}: {' → '.join(levels)}, the cheapest first")
    known = [
        f"{name} in {int(count)}"
        for name, count in zip(table.property_names, table.observed.sum(axis=0), strict=True)
    ]
    screen.say(f"{table.n_rows} rows; known are {', '.join(known)}.")
    screen.say(
        f"In each draw, {levels[-1]} is hidden in {n_hidden} rows and predicted. In one half of "
        "them the lower levels are in view, in the other they are hidden too. No composition is "
        "on both sides."
    )
    for name, share in shares.items():
        if share < 1.0:
            where = " (not where it is to be in view)" if name == levels[-2] else ""
            screen.say(
                f"Of the values of {name}, {percent(share)} are kept{where}; the others are made "
                "holes at random."
            )


def show_fidelities(
    screen: Screen,
    scores: pd.DataFrame,
    levels: Sequence[str],
    unit: str | None,
    level: float,
) -> None:
    """Tell errors and differences, and what follows from them.

    Parameters
    ----------
    scores : DataFrame
        As :func:`hokan.evaluation.study_fidelities` returns it, with its own methods.
    levels : sequence of str
        The cheapest first.
    unit : str or None
        Of the top level.
    level : float
        Probability of the intervals.
    """
    summary = summarise_fidelities(scores)
    _show_errors(screen, summary, levels[-1], unit, level)
    _show_differences(screen, scores, summary, levels[-1])
    screen.heading("In short")
    screen.notes(conclusions(scores, levels[-1], unit))


def _show_errors(
    screen: Screen, summary: pd.DataFrame, top: str, unit: str | None, level: float
) -> None:
    in_unit = f" ({unit})" if unit else ""
    screen.heading(f"Mean absolute error of {top}{in_unit} in held-out rows, by their lower levels")
    intervals = f"{level_in_percent(level)} intervals hold"
    columns = ("known", "method", "lower known", "lower unknown", "all rows", intervals, "time")
    rows = []
    for (n_known, method), lines in summary.groupby(["n_known", "method"], sort=False):
        by = {str(line["lower"]): line for _, line in lines.iterrows()}
        rows.append(
            (
                str(n_known),
                str(method),
                *(
                    with_error(float(by[lower]["error"]), float(by[lower]["error_se"]))
                    for lower in (KNOWN, UNKNOWN, ALL)
                ),
                percent(float(by[ALL]["coverage"])),
                duration(float(by[ALL]["seconds"])),
            )
        )
    screen.table(columns, rows, numbers=(columns[0], *columns[2:]))
    repeats = int(summary["repeats"].max())
    screen.say(
        f"known: rows in which {top} is. Means over {repeats} random "
        f"{'draw' if repeats == 1 else 'draws'}"
        + (" ± their standard error." if repeats > 1 else ".")
    )
    missed = summary[(summary["repeats"] < repeats) & (summary["lower"] == ALL)]
    for _, line in missed.iterrows():
        screen.say(
            f"{line['method']} could be fitted in {line['repeats']} of {repeats} draws with "
            f"{line['n_known']} known: too few values were nested in the others."
        )


def _show_differences(
    screen: Screen, scores: pd.DataFrame, summary: pd.DataFrame, top: str
) -> None:
    screen.heading("Joint model minus cokriging on the nested values, in the same draws")
    used = summary[summary["lower"] == ALL].set_index(["method", "n_known"])["top_used"].to_dict()
    columns = ("known", "nesting keeps", "cokriging", "lower known", "lower unknown", "all rows")
    rows = []
    for n_known in dict.fromkeys(scores["n_known"]):
        for method in (COKRIGING, TWO_STAGE):
            found = paired_differences(scores, JOINT, method)
            by = found[found["n_known"] == n_known].set_index("lower")
            rows.append(
                (
                    str(n_known),
                    number(used[method, n_known], 3),
                    method.partition(", ")[2],
                    *(
                        _signed(by.loc[lower]) if lower in by.index else "-"
                        for lower in (KNOWN, UNKNOWN, ALL)
                    ),
                )
            )
    screen.table(columns, rows, numbers=(columns[0], columns[1], *columns[3:]))
    screen.say(
        f"Below 0: the joint model is nearer. nesting keeps: values of {top} that cokriging can "
        "learn from, on average."
    )


def conclusions(scores: pd.DataFrame, top: str, unit: str | None) -> list[str]:
    """Return what follows from a study, in sentences made from its numbers."""
    return [
        *_gain_in_the_row(scores, top, unit),
        *_gain_elsewhere(scores, top, unit),
        *_worth(scores, top, unit),
        *_nesting(scores, top, unit),
    ]


def _gain_in_the_row(scores: pd.DataFrame, top: str, unit: str | None) -> Iterator[str]:
    errors = _errors(scores)
    gains = gain_from_lower_levels(scores, JOINT)
    for gain in _first_and_last(gains):
        n_known = int(gain["n_known"])
        known, unknown = (errors[JOINT, n_known, lower] for lower in (KNOWN, UNKNOWN))
        yield (
            f"With {n_known} known values of {top}, knowing the lower levels of a row "
            f"{change(gain, unit)}: {number(known, 3)} instead of {_quantity(unknown, unit)} "
            "(joint model)."
        )


def _gain_elsewhere(scores: pd.DataFrame, top: str, unit: str | None) -> Iterator[str]:
    found = paired_differences(scores, JOINT, OWN_PROCESS)
    for difference in _first_and_last(found[found["lower"] == UNKNOWN]):
        yield (
            f"With {int(difference['n_known'])}, where no lower level of the row is known, "
            f"learning from those of other rows {change(difference, unit)}, compared with a "
            f"Gaussian process on {top} alone."
        )


def _worth(scores: pd.DataFrame, top: str, unit: str | None) -> Iterator[str]:
    """Say how many values of the top the lower levels stand for."""
    errors = _errors(scores)
    numbers = list(dict.fromkeys(scores["n_known"]))
    fewest, most = min(numbers), max(numbers)
    if fewest == most:
        return
    joint = errors[JOINT, fewest, KNOWN]
    enough = [n for n in numbers if errors[OWN_PROCESS, n, KNOWN] <= joint]
    what = f"With the lower levels of a row and {fewest} values of {top}, the error is "
    if fewest in enough:
        yield f"{what}no lower than with {fewest} values of {top} alone."
    elif enough:
        yield f"{what}{_quantity(joint, unit)}; {top} alone takes {min(enough)} values for that."
    else:
        yield f"{what}{_quantity(joint, unit)}; {top} alone does not reach that with {most}."


def _nesting(scores: pd.DataFrame, top: str, unit: str | None) -> Iterator[str]:
    ours = scores[(scores["method"] == COKRIGING) & (scores["lower"] == ALL)]
    dropped = float((1.0 - ours["top_used"] / ours["n_known"]).mean())
    found = paired_differences(scores, JOINT, COKRIGING, by=("lower",))
    every = found[found["lower"] == ALL]
    if every.empty:
        yield f"Cokriging could not be fitted: nesting drops {percent(dropped)} of {top}."
        return
    yield (
        f"Nesting drops {percent(dropped)} of the known values of {top}. Using all values in one "
        f"joint model {change(every.iloc[0], unit)}, compared with autoregressive cokriging on "
        "the nested ones (mean over all numbers of known values)."
    )


def change(found: pd.Series, unit: str | None) -> str:
    """Say what a difference and its standard error amount to.

    Parameters
    ----------
    found : Series
        With ``difference`` (below 0: the error is lower) and ``standard_error``.
    unit : str or None
        Of both.

    Returns
    -------
    str
        To follow what makes the difference.
    """
    difference, error = float(found["difference"]), float(found["standard_error"])
    verb = "lowers" if difference < 0 else "raises"
    size = with_error(abs(difference), error) + (f" {unit}" if unit else "")
    if not error > 0.0:  # of a single draw there is no standard error
        return f"{verb} the error by {size} (in this one draw)"
    if abs(difference) <= error:
        return (
            "makes no difference to the error beyond one standard error "
            f"({with_error(difference, error)}{f' {unit}' if unit else ''})"
        )
    if abs(difference) <= 2.0 * error:
        return f"probably {verb} the error, by {size} (less than two standard errors)"
    return f"{verb} the error by {size}"


def _signed(found: pd.Series) -> str:
    return with_error(float(found["difference"]), float(found["standard_error"]))


def _quantity(value: float, unit: str | None) -> str:
    return number(value, 3) + (f" {unit}" if unit else "")


def _errors(scores: pd.DataFrame) -> dict[Any, float]:
    """Return mean errors by method, number of known values and kind of row."""
    means = summarise_fidelities(scores).set_index(["method", "n_known", "lower"])["error"]
    return means.to_dict()


def _first_and_last(lines: pd.DataFrame) -> list[pd.Series]:
    if lines.empty:
        return []
    ordered = lines.sort_values("n_known")
    return [ordered.iloc[position] for position in sorted({0, len(ordered) - 1})]
