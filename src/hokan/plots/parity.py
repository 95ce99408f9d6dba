"""Predicted against true values, with error bars: small multiples, one panel a property."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from hokan.errors import HokanError
from hokan.plots.theme import (
    BLUE,
    INK,
    ORANGE,
    plain,
    plotly_objects,
    style,
    subplots,
    with_unit,
)

#: Points drawn in a panel; of more, every second, third, … is left out, and the panel says so.
MOST_POINTS = 600
_COLUMNS = 3
_PANEL_HEIGHT = 380


def parity(
    cells: pd.DataFrame,
    *,
    logarithmic: Sequence[str] = (),
    units: Mapping[str, str | None] | None = None,
    level: float = 0.9,
) -> Any:
    """Draw predicted against observed values of every property.

    Parameters
    ----------
    cells : DataFrame
        As :meth:`hokan.HierarchicalRegressor.leave_one_out` returns it: columns ``property``,
        ``observed``, ``predicted``, ``lower`` and ``upper``.
    logarithmic : sequence of str
        Properties to draw on logarithmic axes.
    units : mapping of str to str, optional
        Units of the properties.
    level : float
        Probability of the intervals, for the legend.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    HokanError
        If there is no cell to draw.
    MissingExtraError
        If plotly is not installed.
    """
    if cells.empty:
        raise HokanError("there is no cell to draw")
    names = list(dict.fromkeys(cells["property"]))
    n_columns = min(_COLUMNS, len(names))
    n_rows = -(-len(names) // n_columns)
    units = units or {}
    groups = {name: cells[cells["property"] == name] for name in names}
    figure = subplots(
        rows=n_rows,
        cols=n_columns,
        subplot_titles=[_heading(with_unit(n, units.get(n)), groups[n], level) for n in names],
        horizontal_spacing=0.09,
        vertical_spacing=min(0.12, 0.45 / n_rows),
    )
    for number, name in enumerate(names):
        place = {"row": number // n_columns + 1, "col": number % n_columns + 1}
        add_parity(figure, groups[name], log=name in logarithmic, first=number == 0, **place)
        figure.update_xaxes(title_text="observed", **place)
        figure.update_yaxes(title_text="predicted", **place)
    height = 130 + _PANEL_HEIGHT * n_rows
    style(
        figure,
        height=height,
        title="Each known value, predicted from all the others",
    )
    return figure.update_layout(
        legend={
            "orientation": "h",
            "x": 1.0,
            "xanchor": "right",
            "y": 1.0 - 24 / height,
            "yref": "container",
            "yanchor": "top",
        }
    )


def add_parity(
    figure: Any, cells: pd.DataFrame, *, row: int, col: int, log: bool, first: bool = True
) -> None:
    """Add the points of one panel, the diagonal and axes of one range.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        With subplots.
    cells : DataFrame
        Columns ``observed``, ``predicted``, ``lower``, ``upper``, and ``label`` or a composition
        column's content for hovering, if there is one.
    row, col : int
        The panel, counted from 1.
    log : bool
        Logarithmic axes.
    first : bool
        Whether the legend is to list these points.
    """
    objects = plotly_objects()
    drawn = cells.iloc[:: -(-len(cells) // MOST_POINTS)]
    low, high = _range(drawn, log)
    figure.add_trace(
        objects.Scatter(
            x=[low, high],
            y=[low, high],
            mode="lines",
            line={"color": INK, "width": 1.2},
            hoverinfo="skip",
            showlegend=False,
        ),
        row=row,
        col=col,
    )
    inside = drawn["observed"].between(drawn["lower"], drawn["upper"])
    for holds, colour, legend in (
        (True, BLUE, "true value inside the interval"),
        (False, ORANGE, "outside"),
    ):
        part = drawn[inside == holds]
        figure.add_trace(
            objects.Scatter(
                x=part["observed"],
                y=part["predicted"],
                mode="markers",
                name=legend,
                legendgroup=legend,
                showlegend=first,
                marker={"color": colour, "size": 5.5, "opacity": 0.85},
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "array": part["upper"] - part["predicted"],
                    "arrayminus": part["predicted"] - part["lower"],
                    "color": _pale(colour),
                    "thickness": 1,
                    "width": 0,
                },
                text=_labels(part),
                customdata=part[["lower", "upper"]],
                hovertemplate="%{text}<br>observed %{x:.4~g}<br>predicted %{y:.4~g} "
                "(%{customdata[0]:.4~g} to %{customdata[1]:.4~g})<extra></extra>",
            ),
            row=row,
            col=col,
        )
    limits = [float(np.log10(low)), float(np.log10(high))] if log else [low, high]
    for update in (figure.update_xaxes, figure.update_yaxes):
        update(type="log" if log else "linear", range=limits, row=row, col=col)
        if log and limits[1] - limits[0] < 2.5:
            ticks = _round_ticks(low, high)
            update(tickvals=ticks, ticktext=[f"{t:g}" for t in ticks], row=row, col=col)


def _heading(name: str, cells: pd.DataFrame, level: float) -> str:
    inside = cells["observed"].between(cells["lower"], cells["upper"]).mean()
    told = (
        f"<b>{name}</b><br>{100 * inside:.0f} % of {len(cells)} in their {100 * level:g} % interval"
    )
    step = -(-len(cells) // MOST_POINTS)
    return told if step == 1 else f"{told} (one in {step} drawn)"


def _range(cells: pd.DataFrame, log: bool) -> tuple[float, float]:
    """Return the range of values; error bars may reach beyond, or one would shrink the rest."""
    values = cells[["observed", "predicted"]].to_numpy(dtype=np.float64)
    low, high = float(values.min()), float(values.max())
    if log:
        low = float(values[values > 0].min())
        margin = (high / low) ** 0.05 if high > low else 1.1
        return low / margin, high * margin
    margin = 0.05 * (high - low) or max(abs(high), 1.0) * 0.1
    return low - margin, high + margin


def _round_ticks(low: float, high: float) -> list[float]:
    """Return 1, 2, 5 times powers of ten in a range, or 1, 3 times where it is wide."""
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    factors = (1, 2, 5) if high < 50 * low else (1, 3)
    return [f * 10.0**k for k in powers for f in factors if low <= f * 10.0**k <= high]


def _labels(cells: pd.DataFrame) -> list[str]:
    known = ("row", "property", "observed", "predicted", "std", "lower", "upper", "surprise")
    named = [column for column in cells.columns if column not in known]
    column = "label" if "label" in named else (named[0] if named else "row")
    if column not in cells.columns:
        return [""] * len(cells)
    return [plain(value) for value in cells[column]]


def _pale(colour: str) -> str:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.25)"
