"""Error against the number of known values at the top of a ladder of fidelities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hokan.errors import HokanError
from hokan.plots.theme import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SKY,
    plain,
    plain_unit,
    plotly_objects,
    style,
    subplots,
)

_PANELS = (
    ("known", "<b>Lower levels known</b> in the row to predict"),
    ("unknown", "<b>Lower levels unknown</b> in the row to predict"),
)
#: The last method is the one to see: thick, and drawn on top of the others.
_OURS = {"color": BLUE, "width": 3.5, "dash": "solid"}
_OTHERS = (
    {"color": GREY, "width": 2, "dash": "dot"},
    {"color": GREY, "width": 2, "dash": "solid"},
    {"color": ORANGE, "width": 2, "dash": "dot"},
    {"color": ORANGE, "width": 2, "dash": "solid"},
    {"color": SKY, "width": 2, "dash": "dash"},
)
_WIDTH, _LONGEST_NAME = 1240, 48
_SYMBOLS = ("circle-open", "circle", "diamond-open", "diamond", "square-open")


def learning_curves(
    summary: pd.DataFrame,
    *,
    title: str,
    subtitle: str = "",
    top: str,
    unit: str | None = None,
    level: float = 0.9,
) -> Any:
    """Draw the error of each method against the number of known values, with standard errors.

    Two panels side by side: held-out rows whose lower levels are known, and those where none is.

    Parameters
    ----------
    summary : DataFrame
        As :func:`hokan.evaluation.summarise_fidelities` returns it; of one to six methods, the last
        of which is emphasised.
    title, subtitle : str
        Of the picture; the latter in smaller letters below.
    top : str
        Name of the level that is predicted.
    unit : str, optional
        Its unit.
    level : float
        Probability of the intervals whose coverage is shown when hovering.

    Returns
    -------
    plotly.graph_objects.Figure

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
    figure = subplots(
        rows=1,
        cols=2,
        shared_yaxes=True,
        horizontal_spacing=0.05,
        subplot_titles=[heading for _, heading in _PANELS],
    )
    numbers = sorted(summary["n_known"].unique().tolist())
    for column, (lower, _) in enumerate(_PANELS, start=1):
        for position, method in enumerate(methods):
            here = summary[(summary["method"] == method) & (summary["lower"] == lower)]
            line, symbol = _look(position, len(methods))
            for trace in _curve(here.sort_values("n_known"), method, line, symbol, level):
                trace.update(showlegend=bool(trace.showlegend) and column == 1)
                figure.add_trace(trace, row=1, col=column)
    figure.update_xaxes(
        type="log",
        tickvals=numbers,
        ticktext=[str(number) for number in numbers],
        minor={"ticks": ""},
        range=_range_around(numbers),
        title_text=f"known values of {_short(top)}",
    )
    error = "mean absolute error" + (f" ({plain_unit(unit)})" if unit else "")
    figure.update_yaxes(rangemode="tozero", showgrid=True)
    figure.update_yaxes(title_text=error, row=1, col=1)
    # In a narrower window the page is scrolled: texts would run into each other.
    told = f"<br><span style='font-size:14px'>{plain(subtitle)}</span>" if subtitle else ""
    style(figure, width=_WIDTH, height=640, title=plain(title) + told)
    for annotation, axis in zip(
        figure.layout.annotations, (figure.layout.xaxis, figure.layout.xaxis2), strict=True
    ):
        annotation.update(x=axis.domain[0], xanchor="left", align="left", yshift=6)
    return figure.update_layout(
        margin={"t": 150, "b": 145, "l": 80, "r": 60},
        title={"pad": {"t": 38}},
        legend={
            "orientation": "h",
            "x": 0.0,
            "y": -0.2,
            "yanchor": "top",
            "itemwidth": 45,
            "title": {
                "text": "Mean over random draws; bands: ± one standard error ",
                "side": "top",
                "font": {"size": 13, "color": INK},
            },
        },
        hovermode="closest",
    )


def _short(name: str) -> str:
    """Return a name that fits below a panel: both ends of a long one."""
    half = _LONGEST_NAME // 2
    return plain(name if len(name) <= _LONGEST_NAME else f"{name[:half]}…{name[-half:]}")


def _look(position: int, n_methods: int) -> tuple[dict[str, Any], str]:
    if position == n_methods - 1:
        return _OURS, "circle"
    return _OTHERS[position], _SYMBOLS[position]


def _curve(
    rows: pd.DataFrame, method: str, line: dict[str, Any], symbol: str, level: float
) -> list[Any]:
    """Return a band of one standard error either way, and the means on top."""
    scatter = plotly_objects().Scatter
    known = rows[rows["error"].notna()]
    spread = known["error_se"].fillna(0.0)
    x = known["n_known"].to_numpy()
    band = scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([known["error"] + spread, (known["error"] - spread)[::-1]]),
        fill="toself",
        fillcolor=_faint(line["color"]),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        legendgroup=method,
        showlegend=False,
    )
    told = [
        f"{error:.3g} ± {se:.2g}" if np.isfinite(se) else f"{error:.3g}"
        for error, se in zip(known["error"], known["error_se"], strict=True)
    ]
    means = scatter(
        x=x,
        y=known["error"],
        mode="lines+markers",
        name=plain(method),
        legendgroup=method,
        showlegend=True,
        line=line,
        marker={"size": 9, "symbol": symbol, "color": line["color"]},
        customdata=np.column_stack([told, [f"{100 * share:.0f} %" for share in known["coverage"]]]),
        hovertemplate=(
            f"{plain(method)}<br>%{{x}} known: error %{{customdata[0]}}<br>"
            f"{100 * level:g} % intervals hold %{{customdata[1]}}<extra></extra>"
        ),
    )
    return [band, means]


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.14)"


def _range_around(numbers: list[int]) -> list[float]:
    """Return the ends of a logarithmic axis, with some room on either side."""
    first, last = np.log10(numbers[0]), np.log10(numbers[-1])
    room = 0.06 * max(last - first, 0.5)
    return [float(first - room), float(last + room)]
