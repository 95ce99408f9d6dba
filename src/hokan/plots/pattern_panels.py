"""Influx, outflux and pairs known together: the right part of the picture of holes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hokan.plots.theme import BLUE, GREY, INK, PALE, plotly_objects
from hokan.table import MissingPattern

#: Where the panels stand, and where their headings begin (above the names beside them), in shares
#: of the width.
PANELS = (0.67, 1.0)
HEADINGS = 0.545
_WIDTH_OF_PANELS = 350
_FAINT_BLUE = "#EAF3F9"
#: Numbers in cells, in pixels: no smaller than legible.
_SMALLEST_NUMBER, _LARGEST_NUMBER = 8.5, 12.0


def draw_flux(
    figure: Any,
    pattern: MissingPattern,
    names: Sequence[str],
    labels: Sequence[str],
    domain: tuple[float, float],
    heading_at: float,
) -> None:
    """Draw influx and outflux of each property as two dots on its line.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        Gets the axes x2 and y2.
    pattern : MissingPattern
        Of the whole table.
    names, labels : sequence of str
        The properties to draw, and what they are called there, safe for Plotly.
    domain : (float, float)
        Where the panel stands, from bottom to top, in shares of the height.
    heading_at : float
        Pixels from the top of the panel to its heading.
    """
    flux = pattern.flux().loc[list(names)]
    rows = np.arange(len(names))
    for name, whole, where, symbol, colour in (
        ("influx", "known values", "holes", "circle-open", GREY),
        ("outflux", "holes", "known values", "circle", INK),
    ):
        figure.add_trace(
            plotly_objects().Scatter(
                x=flux[name],
                y=rows,
                mode="markers",
                name=f"{name}: share of all {whole} that stand beside its {where}",
                legend="legend2",
                xaxis="x2",
                yaxis="y2",
                cliponaxis=False,
                marker={"symbol": symbol, "size": 10, "color": colour, "line": {"width": 2}},
                customdata=labels,
                hovertemplate=f"%{{customdata}}<br>{name}: %{{x:.1%}} of all {whole} stand in rows "
                f"of its {where}<extra></extra>",
            )
        )
    figure.update_layout(
        xaxis2={
            "domain": PANELS,
            "anchor": "y2",
            "range": [-0.02, 1.02],
            "tickformat": ".0%",
            "showgrid": True,
            "tickfont": {"size": 12},
        },
        yaxis2={**_axis_of_names(labels, domain), "anchor": "x2", "showgrid": True},
    )
    heading(
        figure,
        HEADINGS,
        1.0,
        "Influx and outflux: what can be filled, what can help",
        above=heading_at,
    )


def draw_pairs(
    figure: Any,
    pattern: MissingPattern,
    names: Sequence[str],
    labels: Sequence[str],
    domain: tuple[float, float],
) -> None:
    """Draw in how many rows each pair of properties is known; arguments as above, axes x3, y3."""
    together = pattern.pairs().rr.loc[list(names), list(names)].to_numpy()
    p = len(names)
    both = np.tri(p, dtype=np.bool_) & (together > 0)
    never = np.tri(p, dtype=np.bool_) & (together == 0)
    hover = [
        [
            (a if j == k else f"{a}<br>{b}") + f"<br>known in {together[j, k]} rows"
            for k, b in enumerate(labels)
        ]
        for j, a in enumerate(labels)
    ]
    # A digit is 0.6 times as wide as high.
    size = _WIDTH_OF_PANELS / p / (0.6 * (len(str(together.max())) + 1))
    for cells, scale in (
        (both, [[0.0, _FAINT_BLUE], [1.0, BLUE]]),
        (never, [[0.0, PALE], [1.0, PALE]]),
    ):
        if cells.any():
            figure.add_trace(
                plotly_objects().Heatmap(
                    z=np.where(cells, together, np.nan),
                    zmin=0,
                    zmax=pattern.n_rows,
                    colorscale=scale,
                    showscale=False,
                    text=np.where(cells, together.astype(str), ""),
                    texttemplate="%{text}" if size >= _SMALLEST_NUMBER else None,
                    textfont={"size": min(size, _LARGEST_NUMBER)},
                    customdata=hover,
                    hovertemplate="%{customdata}<extra></extra>",
                    hoverongaps=False,
                    xgap=1,
                    ygap=1,
                    xaxis="x3",
                    yaxis="y3",
                )
            )
    figure.update_layout(
        xaxis3={
            "domain": PANELS,
            "anchor": "y3",
            "range": [-0.5, p - 0.5],
            "tickvals": list(range(p)),
            "ticktext": labels,
            "tickangle": -45,
            "ticks": "",
            "showline": False,
            "tickfont": {"size": 12},
        },
        yaxis3={**_axis_of_names(labels, domain), "anchor": "x3"},
    )
    told = "rows where both are known" + ("; grey: none" if never.any() else "")
    heading(figure, HEADINGS, domain[1], "Known together", told, above=8)


def _axis_of_names(labels: Sequence[str], domain: tuple[float, float]) -> dict[str, Any]:
    return {
        "domain": domain,
        "range": [len(labels) - 0.5, -0.5],
        "tickvals": list(range(len(labels))),
        "ticktext": labels,
        "ticks": "",
        "showline": False,
        "zeroline": False,
        "tickfont": {"size": 12},
    }


def heading(figure: Any, x: float, y: float, bold: str, told: str = "", *, above: float) -> None:
    """Write a heading, and below it what the panel shows, some pixels above a place."""
    figure.add_annotation(
        x=x,
        y=y,
        xref="paper",
        yref="paper",
        text=f"<b>{bold}</b><br><span style='font-size:13px'>{told}</span>",
        showarrow=False,
        align="left",
        xanchor="left",
        yanchor="bottom",
        yshift=above,
        font={"size": 15, "color": INK},
    )
