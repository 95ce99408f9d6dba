"""What the studies of filling holes tell: errors, intervals, estimates, and what follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from hokan.cli.console import Screen
from hokan.cli.study_report import change
from hokan.cli.wording import duration, number, percent, with_error
from hokan.evaluation.imputation_studies import (
    ImputationStudy,
    imputation_differences,
    summarise_imputation,
)

_WHO = ("method", "scale")
Who = tuple[str, str]


@dataclass(frozen=True)
class Factor:
    """Something that a study varies: its column, and what it is called."""

    column: str
    told: str

    def heading(self, value: object) -> str:
        """Return a value as the heading of a column."""
        if self.column == "share":
            return percent(float(str(value)))
        return str(value)


MECHANISM = Factor("mechanism", "what made the holes")
SHARE = Factor("share", "share of hidden cells")
ROWS = Factor("n_rows", "number of rows")
COLUMNS = Factor("n_columns", "number of columns")


def show_imputation(screen: Screen, study: ImputationStudy, factors: Sequence[Factor]) -> None:
    """Tell errors by each factor, then intervals and estimates over all, and what follows.

    Parameters
    ----------
    screen : Screen
        Where to.
    study : ImputationStudy
        As a study returns it.
    factors : sequence of Factor
        What it varied, besides method and scale.
    """
    summary = summarise_imputation(study)
    for factor in factors:
        if summary[factor.column].nunique() > 1:
            _show_errors(screen, summary, factor)
    _show_cells(screen, summary)
    if len(study.estimates):
        _show_estimates(screen, summary, study.properties)
    else:
        screen.say(
            "Pooled estimates are not told: too few rows knew all properties before holes were "
            "made, so that there is nothing to compare with."
        )
    _show_failures(screen, study.scores)
    told = conclusions(study, factors)
    if told:
        screen.heading("In short")
        screen.notes(told)


def conclusions(study: ImputationStudy, factors: Sequence[Factor]) -> list[str]:
    """Return what follows from a study, in sentences made from its numbers."""
    summary = summarise_imputation(study)
    return [
        *_best(summary),
        *_scales(study),
        *_what_matters(summary, factors),
        *_estimates(summary),
    ]


def _show_errors(screen: Screen, summary: pd.DataFrame, factor: Factor) -> None:
    screen.heading(f"Error of hidden cells, in standard deviations, by {factor.told}")
    values = list(dict.fromkeys(summary[factor.column]))
    headings = [factor.heading(value) for value in values]
    rows = []
    for who, lines in _by_who(summary):
        means = lines.groupby(factor.column)["error"].mean()
        if means.notna().any():
            rows.append((*who, *(number(float(means[value]), 3) for value in values)))
    screen.table((*_WHO, *headings), rows, numbers=headings)


def _show_cells(screen: Screen, summary: pd.DataFrame) -> None:
    screen.heading("Hidden cells, over all of the study")
    columns = ("error", "CRPS", "90 % hold", "width", "impossible", "time")
    rows = [
        (
            *who,
            with_error(float(line["error"]), float(line["error_se"])),
            number(float(line["crps"]), 3),
            percent(float(line["coverage"])),
            number(float(line["width"]), 3),
            percent(float(line["impossible"])),
            duration(float(line["seconds"])),
        )
        for who, line in _means_by_who(summary)
        if pd.notna(line["error"])
    ]
    screen.table((*_WHO, *columns), rows, numbers=columns)
    screen.say(
        "error: mean absolute difference from the median of the imputed values, in standard "
        "deviations of each property, on a logarithmic scale where it is positive, whatever the "
        "scale it was filled on. CRPS: continuous ranked probability score in the same unit; lower "
        "is better; of a method that fills once, the error. 90 % hold: intervals between "
        "quantiles of the imputed values that hold the true one; width: their median. impossible: "
        "imputed values of positive properties that are 0 or less. time: for one table."
    )


def _show_estimates(screen: Screen, summary: pd.DataFrame, properties: Sequence[str]) -> None:
    last, others = properties[-1], properties[:-1]
    screen.heading("Estimates pooled over completed tables, over all of the study")
    whats = ("bias", "95 % hold", "width")
    columns = [f"{kind}: {what}" for kind in ("mean", "slope") for what in whats]
    names = [
        f"{kind}_{what}"
        for kind in ("mean", "coefficient")
        for what in ("bias", "covered", "width")
    ]
    rows = []
    for who, line in _means_by_who(summary):
        cells = [
            percent(float(line[name])) if name.endswith("covered") else number(float(line[name]), 3)
            for name in names
        ]
        rows.append((*who, *cells))
    screen.table((*_WHO, *columns), rows, numbers=columns)
    told = f"{last} regressed on {', '.join(others)}" if others else "none, with one property"
    screen.say(
        f"mean: of each property; slope: the coefficients of {told}; both on the scale of the "
        "errors. bias: absolute difference from the estimate without holes, in standard errors of "
        "that one, mean over estimates; from few repeats chance makes it somewhat too large. "
        "95 % hold: confidence intervals (Rubin's rules, where there are several tables) that "
        "hold the value in the whole table that rows were drawn from. width: of these intervals, "
        "over that without holes, the median; below 1 is overconfident. no holes: the table before "
        "they were made, which shows what the analysis itself is good for. Of rows that are a "
        "large part of the whole table, all intervals hold its value too often."
    )


def _show_failures(screen: Screen, scores: pd.DataFrame) -> None:
    failed = scores[scores["failed"] != ""]
    for who, lines in _by_who(failed):
        screen.say(
            f"{_named(who)} could not fill {len(lines)} tables. The first reason: "
            f"{lines['failed'].iloc[0]}"
        )


def _best(summary: pd.DataFrame) -> Iterator[str]:
    scored = [(who, line) for who, line in _means_by_who(summary) if pd.notna(line["crps"])]
    if len(scored) < 2:
        return
    (who, first), (other, second) = sorted(scored, key=lambda each: float(each[1]["crps"]))[:2]
    yield (
        f"The best score of the distributions of cells has {_named(who)}: a CRPS of "
        f"{number(float(first['crps']), 3)}, then {_named(other)} with "
        f"{number(float(second['crps']), 3)}. Errors: {number(float(first['error']), 3)} and "
        f"{number(float(second['error']), 3)} standard deviations."
    )


def _scales(study: ImputationStudy) -> Iterator[str]:
    if study.scores["scale"].nunique() < 2:
        return
    found = imputation_differences(study, "scale", "log", "raw", by=("method",))
    for _, line in found.iterrows():
        yield f"Filling on a logarithmic scale {change(line, None)} ({line['method']})."


def _what_matters(summary: pd.DataFrame, factors: Sequence[Factor]) -> Iterator[str]:
    scored = [(who, line) for who, line in _means_by_who(summary) if pd.notna(line["crps"])]
    if not scored:
        return
    who, _ = min(scored, key=lambda each: float(each[1]["crps"]))
    ours = dict(_by_who(summary))[who]
    for factor in factors:
        by = ours.groupby(factor.column, sort=False)["error"].mean().dropna()
        if len(by) > 1:
            yield (
                f"By {factor.told}, the error of {_named(who)} goes from "
                f"{number(float(by.min()), 3)} ({factor.heading(by.idxmin())}) to "
                f"{number(float(by.max()), 3)} ({factor.heading(by.idxmax())})."
            )
    by_method = {name: float(line["error"]) for (name, on), line in scored if on == who[1]}
    if len(by_method) > 1:
        best, worst = (choose(by_method, key=by_method.__getitem__) for choose in (min, max))
        yield (
            f"By method, on the same scale, it goes from {number(by_method[best], 3)} ({best}) to "
            f"{number(by_method[worst], 3)} ({worst})."
        )


def _estimates(summary: pd.DataFrame) -> Iterator[str]:
    told = [
        f"{_named(who)} {percent(float(line['coefficient_covered']))}"
        for who, line in _means_by_who(summary)
        if pd.notna(line["coefficient_covered"])
    ]
    if told:
        yield (
            "95 % intervals of pooled coefficients hold the value of the whole table: "
            f"{', '.join(told)}."
        )


def _by_who(summary: pd.DataFrame) -> list[tuple[Who, pd.DataFrame]]:
    """Return the lines of each method on each scale, in the order in which they were given."""
    return [
        ((str(method), str(scale)), lines)
        for (method, scale), lines in summary.groupby(list(_WHO), sort=False)
    ]


def _means_by_who(summary: pd.DataFrame) -> list[tuple[Who, pd.Series]]:
    """Return means over settings, of widths medians: a few endless intervals tell of no other."""
    found = []
    for who, lines in _by_who(summary):
        numbers = lines.select_dtypes("number")
        of_widths = numbers.columns.str.endswith("width")
        line = pd.concat([numbers.loc[:, ~of_widths].mean(), numbers.loc[:, of_widths].median()])
        found.append((who, line))
    return found


def _named(who: Who) -> str:
    return f"{who[0]} ({who[1]})"
