"""What commands tell about a table and a fitted model."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hokan.cli.console import Screen
from hokan.cli.wording import interval, level_in_percent, number, percent
from hokan.descriptors import reduced_formula_key
from hokan.estimators import HierarchicalRegressor
from hokan.estimators.results import describe_fit
from hokan.table import PropertyTable

#: A known value this many standard deviations from its prediction is shown as suspicious. Of
#: Gaussian values, one in 16 000 is.
SUSPICIOUS = 4.0
MOST_SUSPICIOUS = 5
#: Beyond this, a table of columns is longer than anybody reads before a fit.
_MOST_COLUMNS_LISTED = 40
_MOST_LINKS_LISTED = 20


def count(n: int, singular: str, plural: str | None = None) -> str:
    """Return a count with its noun."""
    return f"{n} {singular if n == 1 else plural or singular + 's'}"


def show_reading(screen: Screen, table: PropertyTable) -> None:
    """Tell how each column was read."""
    known = int(table.observed.sum())
    limits = int(table.has_limits.sum())
    categories = len(table.category_names)
    screen.heading(
        f"{table.source}: {count(table.n_rows, 'row')}, "
        f"{count(table.n_properties, 'property', 'properties')}, "
        f"{count(known, 'known value')}, {count(table.values.size - known, 'hole')}"
        + (f" ({limits} of them with a limit)" if limits else "")
        + (f"; {count(categories, 'category', 'categories')}" if categories else "")
    )
    readings = table.readings[:_MOST_COLUMNS_LISTED]
    screen.table(
        ("column", "read as", "unit", "why"),
        [(r.name, r.role, r.unit or "", r.reason) for r in readings],
    )
    if len(table.readings) > len(readings):
        rest = pd.Series([r.role for r in table.readings[len(readings) :]]).value_counts()
        listed = ", ".join(f"{n} {role}" for role, n in rest.items())
        screen.say(f"and {count(int(rest.sum()), 'more column')}: {listed}")


def show_known(screen: Screen, table: PropertyTable) -> None:
    """Tell, per property and per category, what is known and what is missing."""
    screen.heading("Known and missing")
    limited = table.has_limits.sum(axis=0)
    with_limits = bool(limited.any())
    rows = []
    for name, values, limits in zip(table.property_names, table.values.T, limited, strict=True):
        known = values[~np.isnan(values)]
        low, middle, high = np.quantile(known, [0.0, 0.5, 1.0]) if len(known) else [np.nan] * 3
        rows.append(
            (
                name,
                *_known_of(screen, len(known), len(values)),
                *((str(limits),) if with_limits else ()),
                number(low),
                number(middle),
                number(high),
            )
        )
    share = ("known", "missing", "share known")
    numbers = (*share, *(("limits",) if with_limits else ()), "lowest", "median", "highest")
    screen.table(("property", *numbers), rows, numbers=numbers)
    if with_limits:
        screen.say(
            "limits: how many of the missing values are known to lie above or below a number, or "
            "between two. Lowest, median and highest are those of known values."
        )
    if table.category_names:
        screen.table(
            ("category", *share, "levels, and how many rows have each"),
            [
                (
                    name,
                    *_known_of(screen, int((codes >= 0).sum()), len(codes)),
                    ", ".join(
                        f"{level} ({int((codes == code).sum())})"
                        for code, level in enumerate(table.category_levels[name])
                    ),
                )
                for name, codes in zip(table.category_names, table.category_codes.T, strict=True)
            ],
            numbers=share,
        )


def _known_of(screen: Screen, known: int, n: int) -> tuple[str, str, str]:
    """Return how many are known and missing, and the share."""
    return str(known), str(n - known), f"{screen.bar(known / n)} {percent(known / n)}"


def show_materials(screen: Screen, table: PropertyTable, same_material: bool) -> None:
    """Tell how rows and compositions relate."""
    known = table.observed.sum(axis=1)
    notes = [
        f"{count(int((known == table.n_properties).sum()), 'row')} complete, "
        f"{count(int((known == 0).sum()), 'row')} with nothing known"
    ]
    if table.compositions is not None:
        different = len({reduced_formula_key(formula) for formula in table.compositions})
        told = f"{count(different, 'different composition')} in {count(table.n_rows, 'row')}"
        if different < table.n_rows and same_material:
            told += "; rows of equal composition are taken as repeated measurements of one material"
        elif different < table.n_rows:
            told += (
                "; rows of equal composition are taken as different materials, such as polymorphs "
                "(with --same-material: as one)"
            )
        notes.append(told)
    elif table.descriptors is None:
        notes.append(
            "No composition column and no descriptors: the properties alone carry the model. Name "
            "a column of formulas with --formula, or columns of numbers with --descriptors"
        )
    screen.notes(notes)


def show_model(screen: Screen, estimator: HierarchicalRegressor, *, graph_given: bool) -> None:
    """Tell what was decided for the fit, and how it went."""
    screen.heading("Model")
    screen.notes([*estimator.notes_, describe_fit(estimator.model_)])
    screen.say("  Properties and what each depends on:" if graph_given else "  Links:")
    screen.lines(estimator.graph_.describe())
    links = estimator.links_
    if graph_given and len(links):
        shown = links.iloc[:_MOST_LINKS_LISTED]
        screen.table(
            ("link", "coefficient", "±", ""),
            [
                (f"{parent} → {child}", number(coefficient, 3), number(std, 2), _told(kind))
                for parent, child, coefficient, std, kind in shown.itertuples(index=False)
            ],
            numbers=("coefficient", "±"),
        )
        if len(links) > len(shown):
            screen.say(f"and {count(len(links) - len(shown), 'more link')}")
        screen.say(
            "Between plain scales a coefficient is the change of the child per unit of the parent; "
            "between logarithmic ones it is an exponent."
        )


def _told(kind: str) -> str:
    """Say of a link that is not straight what its coefficient is."""
    return "" if kind == "linear" else f"{kind}: its mean slope"


def show_trust(screen: Screen, table: PropertyTable, left_out: pd.DataFrame, level: float) -> None:
    """Tell how well known values are predicted from all others, property by property."""
    screen.heading("How far to trust it: each known value predicted from all the others")
    held = f"in {level_in_percent(level)} interval"
    rows = []
    narrow: list[str] = []
    groups = dict(iter(left_out.groupby("property")))
    for column, name in enumerate(table.property_names):
        if name not in groups:
            continue  # not in the graph
        cells = groups[name]
        if _hold_too_rarely(cells, level):
            narrow.append(name)
        inside = cells["observed"].between(cells["lower"], cells["upper"])
        rows.append(
            (
                name,
                table.units[name] or "",
                str(len(cells)),
                str(int((~table.observed[:, column]).sum())),
                number(float((cells["predicted"] - cells["observed"]).abs().median()), 3),
                percent(float(inside.mean())),
            )
        )
    numbers = ("known", "filled", "median error", held)
    screen.table(("property", "unit", *numbers), rows, numbers=numbers)
    inside = left_out["observed"].between(left_out["lower"], left_out["upper"])
    screen.say(
        f"Over all {count(len(left_out), 'known value')}, {percent(float(inside.mean()))} lie in "
        f"their {level_in_percent(level)} interval. Known values helped to choose the "
        "parameters, so this is a little kinder than values nobody has seen."
    )
    if narrow:
        screen.say(
            f"Take with care: intervals of {', '.join(narrow)} hold clearly less often than they "
            "should, so that the true value may well lie outside."
        )


def _hold_too_rarely(cells: pd.DataFrame, level: float) -> bool:
    """Say whether intervals are too narrow by more than five per cent and more than chance."""
    share = float(cells["observed"].between(cells["lower"], cells["upper"]).mean())
    chance = 3.0 * np.sqrt(level * (1.0 - level) / len(cells))
    return share < level - max(0.05, float(chance))


def suspicious_values(left_out: pd.DataFrame) -> pd.DataFrame:
    """Return the known values that contradict all others, worst first."""
    size = left_out["surprise"].abs()
    order = np.argsort(-size.to_numpy(), kind="stable")
    return left_out.iloc[order][(size > SUSPICIOUS).iloc[order]]


def show_suspicious(
    screen: Screen, table: PropertyTable, left_out: pd.DataFrame, level: float
) -> None:
    """Tell which known values look wrong."""
    found = suspicious_values(left_out)
    if found.empty:
        screen.heading("No known value looks wrong")
        screen.say(f"None is more than {SUSPICIOUS:g} standard deviations from its prediction.")
        return
    screen.heading("Which known values look wrong")
    screen.say(
        f"{count(len(found), 'value lies', 'values lie')} more than {SUSPICIOUS:g} standard "
        "deviations from what all the others say; a few per ten thousand would be chance. Look "
        "them up: the value may be wrong, or a relative of it, or the material is special."
    )
    position = {label: row + 1 for row, label in enumerate(table.frame.index)}
    column = table.composition_column
    rows = [
        (
            str(position[cell["row"]]),
            *(() if column is None else (str(cell[column]),)),
            str(cell["property"]),
            number(cell["observed"]),
            interval(cell["lower"], cell["upper"]),
            f"{abs(cell['surprise']):.1f} too {'high' if cell['surprise'] > 0 else 'low'}",
        )
        for _, cell in found.head(MOST_SUSPICIOUS).iterrows()
    ]
    material = () if column is None else ("material",)
    expected = f"expected ({level_in_percent(level)})"
    screen.table(
        ("row", *material, "property", "value", expected, "standard deviations"),
        rows,
        numbers=("row", "value", expected, "standard deviations"),
    )
    if len(found) > MOST_SUSPICIOUS:
        screen.say(f"The {MOST_SUSPICIOUS} worst of {len(found)} are shown.")
