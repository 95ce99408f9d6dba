"""How much of a table is known, and how much is filled."""

from __future__ import annotations

from typing import Any

import numpy as np

from hokan.plots.theme import BLUE, INK, PALE, plotly_objects, style, with_unit
from hokan.table import PropertyTable


def fill_overview(table: PropertyTable) -> Any:
    """Draw, per property, in how many rows it is known and in how many it has a hole.

    Parameters
    ----------
    table : PropertyTable
        Before it was filled.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    MissingExtraError
        If plotly is not installed.
    """
    figure = plotly_objects().Figure()
    for trace in fill_traces(table):
        figure.add_trace(trace)
    figure.update_layout(barmode="stack")
    figure.update_xaxes(title_text="rows")
    figure.update_yaxes(ticks="", showline=False)
    known = int(table.observed.sum())
    title = f"{known} values known, {table.values.size - known} holes"
    style(figure, height=160 + 34 * table.n_properties, title=title)
    return figure.update_layout(
        legend={
            "orientation": "h",
            "x": 0.0,
            "y": 1.02,
            "yanchor": "bottom",
            "traceorder": "normal",
        }
    )


def fill_traces(table: PropertyTable) -> list[Any]:
    """Return the bars of :func:`fill_overview`: known, then holes; the best known on top."""
    bar = plotly_objects().Bar
    known = table.observed.sum(axis=0)
    order = np.argsort(known, kind="stable")
    names = [
        with_unit(table.property_names[j], table.units[table.property_names[j]]) for j in order
    ]
    known = known[order]
    holes = table.n_rows - known
    shares = [f"{100 * k / table.n_rows:.0f} %" for k in known]
    return [
        bar(
            x=known,
            y=names,
            orientation="h",
            name="known",
            marker_color=BLUE,
            text=[f"{k} known ({share})" for k, share in zip(known, shares, strict=True)],
            textposition="auto",
            insidetextanchor="middle",
            constraintext="none",
            textfont={"size": 12},
            hovertemplate="%{y}: known in %{x} rows<extra></extra>",
        ),
        bar(
            x=holes,
            y=names,
            orientation="h",
            name="filled",
            marker_color=PALE,
            text=[f"{h} filled" if h else "" for h in holes],
            textposition="inside",
            insidetextanchor="middle",
            constraintext="none",
            textfont={"size": 12, "color": INK},
            hovertemplate="%{y}: a hole in %{x} rows<extra></extra>",
        ),
    ]
