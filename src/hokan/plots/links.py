"""How each property follows another: every learned link with its band, over the known values."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hokan.errors import HokanError
from hokan.graph.link_curve import KINDS, LinkCurve
from hokan.plots.theme import (
    BLUE,
    INK,
    plain,
    plain_unit,
    plotly_objects,
    style,
    subplots,
    with_unit,
)

FloatArray = NDArray[np.float64]

#: Points drawn in a panel; of more, every second, third, … is left out, and the panel says so.
MOST_POINTS = 600
_EXPLANATION = (
    "Lines: what a link alone says, with all else typical.",
    "Points scatter more widely: composition acts on them too.",
)
_BAND = "rgba(0, 114, 178, 0.2)"
_POINTS = "rgba(90, 90, 90, 0.55)"
# All in pixels. Wider pictures are scrolled in a narrow window, where texts would overlap.
_WIDTHS = {1: 760, 2: 1000, 3: 1240}
_PANEL_HEIGHT, _GAP_BETWEEN, _GAP_BELOW = 290, 96, 160
_TOP, _BOTTOM, _LEFT, _RIGHT = 205, 80, 85, 40
# The band may be this many times as high as what else is in a panel; the rest of it is cut.
_MOST_BAND = 0.6


def links(
    curves: Sequence[LinkCurve],
    *,
    title: str = "How the properties follow each other",
    level: float = 0.9,
) -> Any:
    """Draw every link: a line, its band, and the known values, one panel a link.

    Parameters
    ----------
    curves : sequence of LinkCurve
        In the order of the panels, which run along rows of up to three.
    title : str
        Of the picture.
    level : float
        Probability of the bands, for the legend.

    Returns
    -------
    plotly.graph_objects.Figure
        For :func:`hokan.plots.write_html`.

    Raises
    ------
    HokanError
        If there is no link to draw.
    MissingExtraError
        If plotly is not installed.
    """
    if not curves:
        raise HokanError("there is no link to draw")
    # Four make a square; else as many as fit.
    n_columns = 2 if len(curves) == 4 else min(len(curves), 3)
    n_rows = -(-len(curves) // n_columns)
    width = _WIDTHS[n_columns]
    inner_width = width - _LEFT - _RIGHT
    inner_height = n_rows * _PANEL_HEIGHT + (n_rows - 1) * _GAP_BELOW
    height = inner_height + _TOP + _BOTTOM
    panel_width = (inner_width - (n_columns - 1) * _GAP_BETWEEN) / n_columns
    figure = subplots(
        rows=n_rows,
        cols=n_columns,
        subplot_titles=[_heading(curve, panel_width) for curve in curves],
        horizontal_spacing=_GAP_BETWEEN / inner_width,
        vertical_spacing=_GAP_BELOW / inner_height if n_rows > 1 else 0.0,
    )
    for number, curve in enumerate(curves):
        place = {"row": number // n_columns + 1, "col": number % n_columns + 1}
        # The legend lists points even if the first panel has none.
        for trace in _traces(curve, level):
            trace.update(showlegend=all(trace.name != other.name for other in figure.data))
            figure.add_trace(trace, **place)
        _set_axes(figure, curve, panel_width, place)
    # Panels left over in the last row would show empty axes.
    for number in range(len(curves), n_rows * n_columns):
        place = {"row": number // n_columns + 1, "col": number % n_columns + 1}
        figure.update_xaxes(visible=False, **place)
        figure.update_yaxes(visible=False, **place)
    told = (" " if n_columns == 3 else "<br>").join(_EXPLANATION)
    told = f"<br><span style='font-size:14px'>{told}</span>"
    style(figure, width=width, height=height, title=plain(title) + told)
    for annotation, number in zip(figure.layout.annotations, range(len(curves)), strict=True):
        suffix = str(number + 1) if number else ""
        annotation.update(
            x=figure.layout[f"xaxis{suffix}"].domain[0],
            xanchor="left",
            align="left",
            yshift=8,
            font={"size": 14},
        )
    return figure.update_layout(
        title={"pad": {"t": 32}},
        margin={"t": _TOP, "b": _BOTTOM, "l": _LEFT, "r": _RIGHT},
        legend={
            "orientation": "h",
            "x": 0.0,
            "xanchor": "left",
            "y": 1.0 - 94 / height,
            "yref": "container",
            "yanchor": "top",
        },
        hovermode="closest",
    )


def _traces(curve: LinkCurve, level: float) -> list[Any]:
    """Return band, points and line, from the back to the front."""
    scatter = plotly_objects().Scatter
    parent = with_unit(curve.parent, curve.parent_unit)
    child = with_unit(curve.child, curve.child_unit)
    grid = curve.parent_values
    step = _step(curve)
    traces = [
        scatter(
            x=np.concatenate([grid, grid[::-1]]),
            y=np.concatenate([curve.upper, curve.lower[::-1]]),
            fill="toself",
            fillcolor=_BAND,
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            name=f"{100 * level:g} % band of the link",
            legendgroup="band",
            legendrank=3,
        )
    ]
    if len(curve.data_parent):
        names = [f"{plain(label)}<br>" for label in curve.labels] or [""] * len(curve.data_parent)
        traces.append(
            scatter(
                x=curve.data_parent[::step],
                y=curve.points[::step],
                customdata=curve.data_child[::step],
                mode="markers",
                marker={"color": _POINTS, "size": 5},
                text=names[::step],
                hovertemplate=f"%{{text}}{parent}: %{{x:.4~g}}<br>{child}: "
                "%{customdata:.4~g}<extra></extra>",
                name="materials with both values known",
                legendgroup="points",
                legendrank=1,
            )
        )
    traces.append(
        scatter(
            x=grid,
            y=curve.median,
            mode="lines",
            line={"color": BLUE, "width": 3},
            customdata=np.column_stack([curve.lower, curve.upper]),
            hovertemplate=f"{parent}: %{{x:.4~g}}<br>{child}, typical: %{{y:.4~g}} "
            "(%{customdata[0]:.4~g} to %{customdata[1]:.4~g})<extra></extra>",
            name="learned link",
            legendgroup="line",
            legendrank=2,
        )
    )
    return traces


def _step(curve: LinkCurve) -> int:
    return max(-(-len(curve.data_parent) // MOST_POINTS), 1)


def _heading(curve: LinkCurve, panel_width: float) -> str:
    """Return what stands above a panel: the link in bold, its kind and note in small letters."""
    # An average letter of 14 (bold) and of 12 pixels is about 8 and 6.2 pixels wide.
    longest = int(panel_width / 8.0)
    parent = _bare_name(curve.parent, curve.parent_unit)
    child = _bare_name(curve.child, curve.child_unit)
    if len(parent) + len(child) + 3 <= longest:
        link = f"{plain(parent)} → {plain(child)}"
    else:
        link = f"{plain(_short(parent, longest))}<br>→ {plain(_short(child, longest - 2))}"
    told = KINDS[curve.kind] + (f"; {curve.note}" if curve.note else "")
    if curve.data_less_others is not None:
        told += "; points less what other parents add"
    if _step(curve) > 1:
        told += f"; one point in {_step(curve)} drawn"
    lines = textwrap.wrap(told, int(panel_width / 6.2), max_lines=3, placeholder=" …")
    small = "<br>".join(plain(line) for line in lines)
    return f"<b>{link}</b><br><span style='font-size:12px'>{small}</span>"


def _bare_name(name: str, unit: str | None) -> str:
    """Return a property's name without its unit, which stands at the axis; not yet escaped."""
    told = with_unit(name, unit)
    return html.unescape(told if unit is None else told.removesuffix(f" ({plain_unit(unit)})"))


def _short(text: str, longest: int) -> str:
    """Return both ends of a text that is too long."""
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def _set_axes(figure: Any, curve: LinkCurve, panel_width: float, place: dict[str, int]) -> None:
    """Give a panel titles, scales, ranges, and round numbers on logarithmic axes."""
    for update, values, log, band, name, unit, room in (
        (
            figure.update_xaxes,
            np.concatenate([curve.parent_values, curve.data_parent]),
            curve.parent_log,
            None,
            curve.parent,
            curve.parent_unit,
            panel_width,
        ),
        (
            figure.update_yaxes,
            np.concatenate([curve.median, curve.points]),
            curve.child_log,
            np.concatenate([curve.lower, curve.upper]),
            curve.child,
            curve.child_unit,
            _PANEL_HEIGHT,
        ),
    ):
        low, high = _range(values, band, log)
        bare = _short(_bare_name(name, unit), max(int(room / 8.0) - len(unit or "") - 3, 10))
        title = plain(bare) + (f" ({plain_unit(unit)})" if unit else "")
        update(type="log" if log else "linear", range=[low, high], title_text=title, **place)
        if log:
            ticks = _log_ticks(10.0**low, 10.0**high)
            update(
                tickvals=ticks, ticktext=[_number(t) for t in ticks], minor={"ticks": ""}, **place
            )
    figure.update_xaxes(title_standoff=8, title_font_color=INK, **place)
    figure.update_yaxes(title_standoff=6, title_font_color=INK, **place)


def _range(values: FloatArray, band: FloatArray | None, log: bool) -> tuple[float, float]:
    """Return the ends of an axis, on its scale: all values, and as much of the band as is useful.

    Where little is known a band can be so wide that nothing else would be seen.
    """
    values = np.log10(values) if log else values
    low, high = float(values.min()), float(values.max())
    span = (high - low) or 0.1 * max(abs(high), 1e-300)
    if band is not None:
        band = np.log10(band) if log else band
        low = max(min(float(band.min()), low), low - _MOST_BAND * span)
        high = min(max(float(band.max()), high), high + _MOST_BAND * span)
    margin = 0.04 * ((high - low) or span)
    return low - margin, high + margin


def _log_ticks(low: float, high: float) -> list[float]:
    """Return round numbers in a range of a logarithmic axis: three to about eight."""
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    for factors in ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)):
        ticks = [f * 10.0**k for k in powers for f in factors if low <= f * 10.0**k <= high]
        if len(ticks) >= 3:
            return ticks[:: -(-len(ticks) // 7)]
    # Less than a factor of two or so: evenly spaced numbers, as on a linear axis.
    rough = (high - low) / 5
    unit = 10.0 ** np.floor(np.log10(rough))
    distance = unit * next(f for f in (1.0, 2.0, 5.0, 10.0) if f * unit >= rough)
    first, last = int(np.ceil(low / distance)), int(np.floor(high / distance))
    return [float(f"{k * distance:.12g}") for k in range(first, last + 1)]


def _number(value: float) -> str:
    """Return a round number as people write it.

    Examples
    --------
    >>> _number(2000.0), _number(3e7), _number(0.05)
    ('2000', '3×10<sup>7</sup>', '0.05')
    """
    if 1e-3 <= value < 1e6:
        return f"{value:.6g}"
    digits, power = f"{value:.3e}".split("e")
    factor = f"{float(digits):g}"
    return ("" if factor == "1" else f"{factor}×") + f"10<sup>{int(power)}</sup>"
