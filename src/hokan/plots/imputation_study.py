"""How well holes are filled: errors and intervals of cells, bias and intervals of estimates."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from hokan.errors import HokanError
from hokan.plots.theme import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    SKY,
    plain,
    plotly_objects,
    style,
    subplots,
)

#: One row of panels each: column of the summary, what it is, the value that it should have.
_ROWS = (
    ("error", "error of cells (std)", None),
    ("coverage", "cells inside 90 %", 0.9),
    ("coefficient_bias", "bias of coefficients (SE)", 0.0),
    ("coefficient_covered", "coefficients inside 95 %", 0.95),
)
#: The last method is the one to see. Colours of Okabe & Ito, as all of the theme.
_OURS: dict[str, Any] = {"color": BLUE, "width": 3.5}
_OTHERS = (
    (PALE, "circle"),
    (GREY, "x-thin-open"),
    (GREY, "circle-open"),
    ("#009E73", "square-open"),
    (ORANGE, "diamond"),
    ("#E69F00", "diamond-open"),
    ("#CC79A7", "triangle-up"),
    ("#000000", "triangle-down-open"),
    (SKY, "circle"),
)
_LINE = {"log": "solid", "raw": "dot"}
_TOLD = {
    "log": "on a logarithmic scale",
    "raw": "on the raw scale",
}
_BUTTONS = {"log": "Logarithmic scale", "raw": "Raw scale"}
_PANEL_WIDTH, _ROW_HEIGHT = 300, 220
#: The page that the picture stands in is 1280 pixels wide.
_NARROWEST, _WIDEST = 1000, 1280
_LARGEST_BIAS = 4.0


def imputation_panels(
    summary: pd.DataFrame,
    *,
    x: Literal["share", "n_rows"],
    panels: Literal["mechanism", "n_columns"],
    title: str,
    subtitle: str = "",
) -> Any:
    """Draw what a study of filling holes found, one line for each method and scale.

    Parameters
    ----------
    summary : DataFrame
        As :func:`hokan.evaluation.imputation_studies.summarise_imputation` returns it; of one to
        ten methods, the last of which is emphasised. Means are drawn over what is neither `x` nor
        `panels`.
    x : {"share", "n_rows"}
        What runs from left to right.
    panels : {"mechanism", "n_columns"}
        What has a column of panels for each of its values.
    title, subtitle : str
        Of the picture; the latter in smaller letters below.

    Returns
    -------
    plotly.graph_objects.Figure
        With buttons for the scales, where there are two.

    Raises
    ------
    HokanError
        If there is nothing to draw, or there are more methods than can be told apart.
    MissingExtraError
        If plotly is not installed.
    """
    methods = list(dict.fromkeys(summary["method"]))
    if not 1 <= len(methods) <= len(_OTHERS) + 1:
        raise HokanError(f"expected 1 to {len(_OTHERS) + 1} methods to draw, found {len(methods)}")
    scales = [scale for scale in _LINE if scale in set(summary["scale"])]
    values = list(dict.fromkeys(summary[panels]))
    figure = subplots(
        rows=len(_ROWS),
        cols=len(values),
        shared_xaxes=True,
        shared_yaxes=True,
        horizontal_spacing=0.02,
        vertical_spacing=0.035,
        column_titles=[f"<b>{plain(_heading(panels, value))}</b>" for value in values],
    )
    keys = ["method", "scale", panels, x]
    means = summary.groupby(keys, sort=False).mean(numeric_only=True).reset_index()
    shown_in_legend: set[tuple[str, str]] = set()
    for row, (score, _, _) in enumerate(_ROWS, start=1):
        for column, value in enumerate(values, start=1):
            for method in methods:
                for scale in scales:
                    here = means[
                        (means["method"] == method)
                        & (means["scale"] == scale)
                        & (means[panels] == value)
                        & means[score].notna()
                    ].sort_values(x)
                    if here.empty:
                        continue
                    trace = _line(here, x, score, method, scale, methods)
                    trace.update(
                        showlegend=(method, scale) not in shown_in_legend,
                        legendrank=1000 + methods.index(method),
                        visible=scale == scales[0],
                    )
                    shown_in_legend.add((method, scale))
                    figure.add_trace(trace, row=row, col=column)
    if not figure.data:
        raise HokanError("there is nothing to draw: no part of the study was done")
    _axes(figure, summary, x)
    told = f"<br><span style='font-size:14px'>{plain(subtitle)}</span>" if subtitle else ""
    width = min(max(160 + _PANEL_WIDTH * len(values), _NARROWEST), _WIDEST)
    height = 270 + _ROW_HEIGHT * len(_ROWS)
    style(figure, width=width, height=height, title=plain(title) + told)
    return _arranged(figure, scales, height)


def _line(
    here: pd.DataFrame, x: str, score: str, method: str, scale: str, methods: list[str]
) -> Any:
    position = methods.index(method)
    ours = position == len(methods) - 1
    colour, symbol = (BLUE, "circle") if ours else _OTHERS[position]
    line = _OURS if ours else {"color": colour, "width": 2}
    y = here[score].to_numpy(dtype=np.float64)
    errors = here.get(f"{score}_se")
    told = [f"{value:.3g}" for value in y]
    if errors is not None:
        told = [
            f"{text} ± {error:.2g}" if np.isfinite(error) else text
            for text, error in zip(told, errors, strict=True)
        ]
    return plotly_objects().Scatter(
        x=here[x].to_numpy(),
        y=np.minimum(y, _LARGEST_BIAS) if score.endswith("bias") else y,
        mode="lines+markers",
        name=plain(method),
        legendgroup=f"{method} {scale}",
        meta=scale,
        line=line | {"dash": _LINE[scale]},
        marker={"size": 8, "symbol": symbol, "color": colour, "line": {"width": 1.5}},
        customdata=told,
        hovertemplate=(
            f"{plain(method)}, {_TOLD[scale]}<br>{_axis_title(x)} %{{x}}: %{{customdata}}"
            "<extra></extra>"
        ),
    )


def _axes(figure: Any, summary: pd.DataFrame, x: str) -> None:
    numbers = sorted(set(summary[x]))
    texts = [f"{100 * n:g} %" if x == "share" else f"{n:g}" for n in numbers]
    figure.update_xaxes(tickvals=numbers, ticktext=texts, minor={"ticks": ""})
    if x == "n_rows":
        room = 0.08 * max(np.log10(numbers[-1] / numbers[0]), 0.3)
        figure.update_xaxes(
            type="log", range=[np.log10(numbers[0]) - room, np.log10(numbers[-1]) + room]
        )
    figure.update_xaxes(title_text=_axis_title(x), row=len(_ROWS))
    figure.update_yaxes(showgrid=True)
    for row, (score, told, wanted) in enumerate(_ROWS, start=1):
        figure.update_yaxes(title_text=told, row=row, col=1)
        if wanted is not None:
            line = {"color": INK, "width": 1, "dash": "dash"}
            figure.add_hline(y=wanted, line=line, row=row, col="all", opacity=0.7)
        if score in ("coverage", "coefficient_covered"):
            lowest = summary[score].min()
            bottom = min(float(lowest) - 0.05, 0.7) if np.isfinite(lowest) else 0.7
            figure.update_yaxes(range=[max(bottom, -0.03), 1.04], tickformat=".0%", row=row)
        else:
            highest = summary[score].max()
            top = min(float(highest), _LARGEST_BIAS) if np.isfinite(highest) else 1.0
            figure.update_yaxes(range=[-0.03 * top, 1.06 * top], row=row)


def _arranged(figure: Any, scales: list[str], height: int) -> Any:
    """Place the legend, and buttons that show one scale or both."""
    legend = {
        "orientation": "h",
        "x": 0.0,
        "y": -75 / height,
        "yanchor": "top",
        "itemwidth": 45,
        "title": {
            "text": "Means over random draws; dashed: what it should be ",
            "side": "top",
            "font": {"size": 13, "color": INK},
        },
    }
    figure.update_layout(
        margin={"t": 170, "b": 170, "l": 85, "r": 40},
        title={"pad": {"t": 30}},
        legend=legend,
        hovermode="closest",
    )
    if len(scales) < 2:
        return figure
    of_traces = [trace.meta for trace in figure.data]
    choices = [(_BUTTONS[scale], [scale]) for scale in scales]
    choices.append(("Both (raw dotted)", scales))
    buttons = [
        {
            "label": label,
            "method": "restyle",
            "args": [{"visible": [scale in wanted for scale in of_traces]}],
        }
        for label, wanted in choices
    ]
    return figure.update_layout(
        updatemenus=[
            {
                "type": "buttons",
                "direction": "right",
                "buttons": buttons,
                "x": 1.0,
                "xanchor": "right",
                "y": 1.0 + 75 / (height - 340),
                "yanchor": "bottom",
                "showactive": True,
            }
        ]
    )


def _heading(panels: str, value: object) -> str:
    if panels == "mechanism":
        return str(value)
    return "1 column" if value == 1 else f"{value} columns"


def _axis_title(x: str) -> str:
    return "hidden share" if x == "share" else "rows"
