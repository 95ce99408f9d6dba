"""Many panels of one size, each with its heading: the frame of the pictures of imputations."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hokan.plots.theme import plain, style, subplots, with_unit

FloatArray = NDArray[np.float64]
#: The panel of a trace, as plotly's ``add_trace`` takes it.
Place = dict[str, int]

# All in pixels. Wider pictures are scrolled in a narrow window, where texts would overlap.
_WIDTHS = {1: 760, 2: 1000, 3: 1240}
_GAP_BETWEEN, _LEFT, _RIGHT, _TOP, _BOTTOM = 84, 85, 40, 178, 70
#: An average letter of 14 (bold) and of 12 pixels is so many pixels wide.
_BOLD, _SMALL = 8.4, 6.3


def panels(
    headings: Sequence[tuple[str, str]],
    *,
    n_columns: int | None = None,
    panel_height: int = 250,
    title: str,
    explanation: Sequence[str] = (),
    gap_below: int = 122,
) -> tuple[Any, list[Place]]:
    """Make a figure of panels, and return it with the place of each.

    Parameters
    ----------
    headings : sequence of (str, str)
        Of each panel: what stands in bold, and in small letters below; not escaped. What is too
        long for a panel is cut.
    n_columns : int, optional
        1 to 3; by default as many as there are panels, four make a square.
    panel_height : int
        In pixels.
    title : str
        Of the picture; not escaped.
    explanation : sequence of str
        Lines below the title, in small letters; not escaped.
    gap_below : int
        Pixels between rows of panels, for headings and titles of axes.

    Returns
    -------
    figure : plotly.graph_objects.Figure
        With a legend below the title.
    places : list of dict
        Of each panel, in the order of the headings.
    """
    n = len(headings)
    if n_columns is None:
        n_columns = 2 if n == 4 else min(n, 3)
    n_rows = -(-n // n_columns)
    width = _WIDTHS[n_columns]
    inner_width = width - _LEFT - _RIGHT
    inner_height = n_rows * panel_height + (n_rows - 1) * gap_below
    top = _TOP + 18 * max(len(explanation) - 1, 0)
    height = inner_height + top + _BOTTOM
    panel_width = (inner_width - (n_columns - 1) * _GAP_BETWEEN) / n_columns
    figure = subplots(
        rows=n_rows,
        cols=n_columns,
        subplot_titles=[_heading(bold, small, panel_width) for bold, small in headings],
        horizontal_spacing=_GAP_BETWEEN / inner_width,
        vertical_spacing=gap_below / inner_height if n_rows > 1 else 0.0,
    )
    places = [{"row": k // n_columns + 1, "col": k % n_columns + 1} for k in range(n)]
    # Panels left over in the last row would show empty axes.
    for number in range(n, n_rows * n_columns):
        place = {"row": number // n_columns + 1, "col": number % n_columns + 1}
        figure.update_xaxes(visible=False, **place)
        figure.update_yaxes(visible=False, **place)
    told = "".join(f"<br><span style='font-size:14px'>{plain(line)}</span>" for line in explanation)
    style(figure, width=width, height=height, title=plain(title) + told)
    for number, annotation in enumerate(figure.layout.annotations):
        suffix = str(number + 1) if number else ""
        annotation.update(
            x=figure.layout[f"xaxis{suffix}"].domain[0],
            xanchor="left",
            align="left",
            yshift=6,
            font={"size": 14},
        )
    figure.update_layout(
        title={"pad": {"t": 32}},
        margin={"t": top, "b": _BOTTOM, "l": _LEFT, "r": _RIGHT},
        legend={
            "orientation": "h",
            "x": 0.0,
            "xanchor": "left",
            "y": 1.0 - (top - 84) / height,
            "yref": "container",
            "yanchor": "top",
        },
        hovermode="closest",
    )
    return figure, places


def _heading(bold: str, small: str, panel_width: float) -> str:
    first = f"<b>{plain(shortened(bold, int(panel_width / _BOLD)))}</b>"
    if not small:
        return first
    second = plain(shortened(small, int(panel_width / _SMALL)))
    return f"{first}<br><span style='font-size:12px'>{second}</span>"


def shortened(text: str, longest: int) -> str:
    """Return both ends of a text that is too long."""
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def name_and_unit(name: str, units: Mapping[str, str | None] | None) -> str:
    """Return a property's name with its unit, for a heading, which escapes it.

    Examples
    --------
    >>> name_and_unit("melting_point_K", {"melting_point_K": "K"})
    'melting point (K)'
    """
    told = with_unit(name, (units or {}).get(name))
    for sign, written in (("-1", "⁻¹"), ("-2", "⁻²"), ("-3", "⁻³"), ("2", "²"), ("3", "³")):
        told = told.replace(f"<sup>{sign}</sup>", written)
    return html.unescape(told.replace("<sup>", "^").replace("</sup>", ""))


def range_of(values: FloatArray, log: bool) -> list[float]:
    """Return the ends of an axis that shows all values, as plotly takes them."""
    values = np.log10(values) if log else values
    low, high = float(values.min()), float(values.max())
    margin = 0.05 * (high - low) or 0.1 * max(abs(high), 1e-300)
    return [low - margin, high + margin]


def log_scale(values: FloatArray, wanted: bool) -> bool:
    """Say whether values can be drawn on the logarithmic axis that is wanted."""
    return wanted and bool((values > 0.0).all())


def log_ticks(low: float, high: float) -> dict[str, Any]:
    """Return round numbers on a logarithmic axis, between two values: three to about eight."""
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    for factors in ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)):
        ticks = [f * 10.0**k for k in powers for f in factors if low <= f * 10.0**k <= high]
        if len(ticks) >= 3:
            ticks = ticks[:: -(-len(ticks) // 7)]
            return {
                "tickvals": ticks,
                "ticktext": [f"{tick:.6g}" for tick in ticks],
                "minor": {"ticks": ""},
            }
    return {"nticks": 5, "minor": {"ticks": ""}}
