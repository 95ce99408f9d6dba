"""One picture of a filled table: what was known, and how far to trust what was filled."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hokan.plots.comparison import comparison_trace, error_title
from hokan.plots.fill_overview import fill_traces
from hokan.plots.parity import add_parity
from hokan.plots.theme import plain, style, subplots, with_unit
from hokan.table import PropertyTable

_OVERVIEW_ROW = 34


def summary(
    table: PropertyTable,
    hidden: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    property_name: str,
    title: str,
    log: bool = False,
    level: float = 0.9,
) -> Any:
    """Draw hidden values found again, the usual ways beside, and what is known per property.

    Parameters
    ----------
    table : PropertyTable
        The whole table, before it was filled.
    hidden : DataFrame
        Hidden values and their predictions: columns ``observed``, ``predicted``, ``lower`` and
        ``upper``; a column ``label`` is shown when hovering.
    scores : DataFrame
        Of all methods on these values, as :func:`hokan.evaluation.score_methods` returns it.
    property_name : str
        Which property was hidden.
    title : str
        Of the picture.
    log : bool
        Whether to draw values on logarithmic axes.
    level : float
        Probability of the intervals.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    MissingExtraError
        If plotly is not installed.
    """
    unit = table.units[property_name]
    what = with_unit(property_name, unit)
    inside = hidden["observed"].between(hidden["lower"], hidden["upper"]).mean()
    bars_height = 60 + _OVERVIEW_ROW * table.n_properties
    top_height = 470
    height = 110 + top_height + 110 + bars_height + 60
    known = int(table.observed.sum())
    figure = subplots(
        rows=2,
        cols=2,
        specs=[[{}, {}], [{"colspan": 2}, None]],
        row_heights=[top_height, bars_height],
        column_widths=[0.46, 0.54],
        horizontal_spacing=0.2,
        vertical_spacing=130 / (height - 170),
        subplot_titles=[
            f"<b>{len(hidden)} hidden values, predicted by hokan</b><br>"
            f"{100 * inside:.0f} % lie in their {100 * level:g} % interval",
            "<b>Other ways on the same hidden values</b><br>shorter bars are better",
            f"<b>The whole table</b>: {known} values known, {table.values.size - known} filled",
        ],
    )
    add_parity(figure, hidden, row=1, col=1, log=log)
    figure.update_xaxes(title_text=f"{what}, true", row=1, col=1)
    figure.update_yaxes(title_text="predicted", row=1, col=1)
    figure.add_trace(comparison_trace(scores, level), row=1, col=2)
    figure.update_xaxes(title_text=error_title(scores, unit), rangemode="tozero", row=1, col=2)
    figure.update_yaxes(ticks="", showline=False, row=1, col=2)
    for trace in fill_traces(table):
        figure.add_trace(trace.update(showlegend=False), row=2, col=1)
    figure.update_xaxes(title_text="rows", range=[0, table.n_rows], row=2, col=1)
    figure.update_yaxes(ticks="", showline=False, automargin=True, row=2, col=1)
    style(figure, height=height, title=plain(title))
    # Headings start where their panel does.
    for annotation, axis in zip(
        figure.layout.annotations,
        (figure.layout.xaxis, figure.layout.xaxis2, figure.layout.xaxis3),
        strict=True,
    ):
        annotation.update(x=axis.domain[0], xanchor="left", align="left", yshift=6)
    return figure.update_layout(
        barmode="stack",
        bargap=0.3,
        margin={"t": 120, "l": 90, "r": 60},
        legend={
            "x": figure.layout.xaxis.domain[0] + 0.01,
            "y": figure.layout.yaxis.domain[1],
            "xanchor": "left",
            "yanchor": "top",
            "bgcolor": "rgba(255, 255, 255, 0.7)",
        },
    )
