"""What ``hokan impute`` tells about imputations, and the page with their pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hokan.cli.console import Screen
from hokan.cli.reports import count
from hokan.cli.wording import level_in_percent, number, percent
from hokan.imputation.diagnostics import Diagnosis, observed_and_imputed
from hokan.imputation.imputations import Imputations
from hokan.plots import (
    imputation_densities,
    imputation_traces,
    overimputation_plot,
    propensity_plot,
    write_pictures,
)

#: Of more properties, those with most holes are drawn.
MOST_DRAWN = 12


def show_imputations(
    screen: Screen,
    imputations: Imputations,
    diagnosis: Diagnosis,
    units: Mapping[str, str | None],
) -> None:
    """Tell per property what was imputed, and what there is to look at."""
    screen.heading("Imputed values, and what to look at")
    balance = diagnosis.balance.set_index("property")
    chains = diagnosis.chains.table.set_index("property")
    over = diagnosis.overimputation
    inside = None if over is None else over.set_index("property")["inside"]
    cells = observed_and_imputed(imputations)
    middle = {
        key: float(part.median())
        for key, part in cells.groupby(["property", cells["imputation"] > 0])["value"]
    }
    held = f"in {level_in_percent(diagnosis.level)} interval"
    numbers = ["holes", "median known", "median imputed", "difference"]
    if len(chains):
        numbers.append("R-hat")
    if inside is not None:
        numbers.append(held)
    rows = []
    for name, column in imputations.columns.items():
        row = [
            name,
            units.get(name) or "",
            str(len(column.rows)),
            number(middle.get((name, False), np.nan)),
            number(middle.get((name, True), np.nan)),
            _difference(balance, name),
        ]
        if len(chains):
            row.append(number(chains["r_hat"].get(name, np.nan), 3))
        if inside is not None:
            row.append(percent(float(inside.get(name, np.nan))))
        rows.append(row)
    screen.table(("property", "unit", *numbers), rows, numbers=numbers)
    screen.say(
        "difference: mean of imputed less that of known values of cells as likely to be missing, "
        "in standard deviations"
        + (f"; {held}: known values, predicted as if missing." if over is not None else ".")
    )
    screen.notes(diagnosis.verdicts())


def _difference(balance: pd.DataFrame, name: str) -> str:
    if name not in balance.index or np.isnan(balance["difference"][name]):
        return "-"
    return f"{balance['difference'][name]:+.2f}" + (" !" if balance["differs"][name] else "")


def show_how_to_go_on(screen: Screen, folder: Path, suffix: str, names: Sequence[str]) -> None:
    """Tell in a few lines how to read the tables back, and how to pool an analysis of them."""
    first = names[0]
    read = {".csv": "read_csv", ".tsv": "read_table"}.get(suffix, "read_parquet")
    pattern = f"imputation_*{suffix}"
    screen.heading("How to go on: the same analysis on every table, then pooled")
    screen.lines(
        "Python: import pandas, pathlib; from hokan.imputation import pool_analyses\n"
        f"        tables = [pandas.{read}(f) for f in sorted(pathlib.Path({str(folder)!r})"
        f".glob({pattern!r}))]\n"
        f"        print(pool_analyses(tables, lambda t: (t[{first!r}].mean(), "
        f"t[{first!r}].var() / len(t))))"
    )
    if suffix in (".csv", ".tsv"):
        r_read = "read.csv" if suffix == ".csv" else "read.delim"
        screen.lines(
            f'R:      tables <- lapply(Sys.glob("{folder}/{pattern}"), {r_read})\n'
            "        summary(mice::pool(mice::as.mira(lapply(tables, function(t) "
            f"lm({_r_name(first)} ~ 1, data = t)))))"
        )
    screen.say(
        "Whether so many imputations are enough depends on the analysis: give the fractions of "
        "missing information it shows to hokan.imputation.diagnostics.how_many."
    )


def _r_name(name: str) -> str:
    """Return a column as ``read.csv`` of R calls it."""
    made = "".join(
        sign if sign.isascii() and (sign.isalnum() or sign in "._") else "." for sign in name
    )
    return made if made[:1].isalpha() or made.startswith(".") else f"X{made}"


def write_page(
    path: Path,
    imputations: Imputations,
    diagnosis: Diagnosis,
    *,
    units: Mapping[str, str | None],
    logarithmic: Sequence[str],
    title: str,
) -> None:
    """Write one page with all pictures, each below what it says."""
    cells = observed_and_imputed(imputations)
    names = _most_holes(imputations, list(dict.fromkeys(cells["property"])))
    rest = cells["property"].nunique() - len(names)
    left = f" Of {rest + len(names)} properties, the {len(names)} with most holes." if rest else ""
    chains, balance, *over = diagnosis.verdicts()
    intro = (
        f"{title}: {count(len(imputations), 'completed table')}, "
        f"{count(sum(len(c.rows) for c in imputations.columns.values()), 'hole')} imputed in "
        f"each.{left}"
    )
    trace = imputations.trace
    trace = None if trace is None else trace[trace["column"].isin(names)]
    known = diagnosis.overimputed
    if known is not None:  # panels in the order of the others
        known = pd.concat([known[known["property"] == name] for name in names] or [known])
    compared = diagnosis.propensity[diagnosis.propensity["property"].isin(names)]
    parts: list[tuple[str, Any]] = [(intro, None)]
    if trace is None or trace["mean"].isna().all():
        parts.append((chains, None))
    else:
        table = diagnosis.chains.table
        parts.append((chains, imputation_traces(trace, convergence=table, units=units)))
    if names:
        figure = imputation_densities(
            cells[cells["property"].isin(names)], logarithmic=logarithmic, units=units
        )
        parts.append(("", figure))
    figure = None
    if compared["propensity"].notna().any():
        figure = propensity_plot(
            compared, balance=diagnosis.balance, logarithmic=logarithmic, units=units
        )
    parts.append((balance, figure))
    if known is not None and len(known):
        figure = overimputation_plot(
            known, logarithmic=logarithmic, units=units, level=diagnosis.level
        )
        parts.append((over[0], figure))
    write_pictures(parts, path, title=f"{title}: imputations")


def _most_holes(imputations: Imputations, names: list[str]) -> list[str]:
    """Return the properties to draw, in the order of the table."""
    order = sorted(names, key=lambda name: -len(imputations.columns[name].rows))
    kept = set(order[:MOST_DRAWN])
    return [name for name in names if name in kept]
