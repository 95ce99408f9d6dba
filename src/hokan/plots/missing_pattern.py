"""Which values are known together: patterns, pairs, influx and outflux, and what nesting costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import numpy as np

from hokan.errors import HokanError
from hokan.plots.pattern_map import (
    add_counts,
    bands_of,
    height_of_counts,
    heights,
    least_height,
    map_traces,
)
from hokan.plots.pattern_panels import HEADINGS, draw_flux, draw_pairs, heading
from hokan.plots.theme import plain, plotly_objects, style, with_unit
from hokan.table import MissingPattern, Nesting, PropertyTable

#: More columns than this are not told apart on a screen.
MOST_DRAWN = 40
_LONGEST_LABEL = 30

# The page, in pixels from top to bottom and in shares of its width. In a narrower window it is
# scrolled: texts would run into each other.
_WIDTH = 1240
_ABOVE_COUNTS, _BETWEEN_PANELS = 172, 95
_MAP = (0.0, 0.46)


def missing_pattern(table: PropertyTable, order: Sequence[str] | None = None) -> Any:
    """Draw which values of a table are known together, and what that allows.

    On the left, rows that know the same properties form a band, as high as they are many (the
    lowest are drawn higher than that, to be seen); the rarest patterns share one band. Columns
    stand in an order of nesting, and known values that it would drop are marked. On the right, the
    influx and outflux of each property, and in how many rows each pair is known.

    Parameters
    ----------
    table : PropertyTable
    order : sequence of str, optional
        Properties in the order to judge; the others follow, the best known first. By default all,
        in the order that drops the fewest values.

    Returns
    -------
    plotly.graph_objects.Figure
        Of at most 40 properties, the first in that order.

    Raises
    ------
    TableError
        If ``order`` is empty, or names a property twice or one that the table does not have.
    HokanError
        If there is no row or no property to draw.
    MissingExtraError
        If plotly is not installed.
    """
    pattern = MissingPattern.from_table(table)
    if pattern.observed.size == 0:
        raise HokanError(f"{table.source}: there is no cell to draw")
    nesting = pattern.best_nesting() if order is None else pattern.nesting(order)
    rest = [name for name in pattern.best_known_first if name not in nesting.order]
    names = (*nesting.order, *rest)[:MOST_DRAWN]
    columns = [pattern.names.index(name) for name in names]
    drawn = MissingPattern(names, pattern.observed[:, columns])
    labels = [_label(name, table.units[name]) for name in names]
    figure = plotly_objects().Figure()
    height_of_row = float(np.clip(330.0 / len(names), 17.0, 60.0))
    height_of_panel = height_of_row * len(names)
    bands = bands_of(drawn)
    plot_height = max(2 * height_of_panel + _BETWEEN_PANELS, 420.0, least_height(bands))
    above = _ABOVE_COUNTS + height_of_counts(drawn.known_counts)
    below = 40 + round(5.5 * min(max(map(len, names)), _LONGEST_LABEL))
    style(
        figure,
        width=_WIDTH,
        height=round(above + plot_height + below),
        title=_title(table, pattern, nesting, asked=order is not None),
    )
    share = height_of_panel / plot_height
    _draw_map(figure, drawn, labels, len(nesting.order), plot_height)
    heading_at = height_of_counts(drawn.known_counts) + 54
    draw_flux(figure, pattern, names, labels, (1.0 - share, 1.0), heading_at)
    draw_pairs(figure, pattern, names, labels, (0.0, share))
    legend_at = height_of_counts(drawn.known_counts) + 4
    figure.update_layout(
        barmode="overlay",
        margin={"l": 120, "r": 50, "t": above, "b": below},
        title={"pad": {"t": 38}},
        legend={**_legend(_MAP[0], 1.0 + legend_at / plot_height), "orientation": "h"},
        legend2=_legend(HEADINGS, 1.0 + legend_at / plot_height),
    )
    return figure


def _draw_map(
    figure: Any, drawn: MissingPattern, labels: Sequence[str], n_ordered: int, total: float
) -> None:
    bands = bands_of(drawn)
    band_heights = heights(bands, total)
    figure.add_traces(list(map_traces(bands, labels, n_ordered, band_heights)))
    middles = np.cumsum(band_heights) - band_heights / 2
    figure.update_layout(
        xaxis={
            "domain": _MAP,
            "range": [-0.5, len(labels) - 0.5],
            "tickvals": list(range(len(labels))),
            "ticktext": labels,
            "tickangle": -45,
            "showline": False,
            "ticks": "",
            "tickfont": {"size": 12},
        },
        yaxis={
            "domain": (0.0, 1.0),
            "range": [total, 0.0],
            "tickvals": middles,
            "ticktext": [band.label for band in bands],
            "showline": False,
            "ticks": "",
            "tickfont": {"size": 12},
            "automargin": True,
        },
    )
    add_counts(figure, drawn.known_counts.tolist(), xref="x", yref="y")
    heading(
        figure,
        _MAP[0],
        1.0,
        "Rows that know the same",
        "height: number of rows; on top: how many values are known",
        above=height_of_counts(drawn.known_counts) + 34,
    )


def _legend(x: float, y: float) -> dict[str, Any]:
    return {
        "x": x,
        "xanchor": "left",
        "y": y,
        "yanchor": "bottom",
        "font": {"size": 13},
        "traceorder": "normal",
        "itemsizing": "constant",
    }


def _title(table: PropertyTable, pattern: MissingPattern, nesting: Nesting, asked: bool) -> str:
    name = PurePath(table.source).name
    holes = pattern.observed.size - pattern.n_known
    which = "this order" if asked else "this order, the best one"
    if nesting.n_dropped:
        told = (
            f"Not nested: in {which}, {nesting.n_dropped} of {nesting.n_known} known values "
            "stand behind a hole of their row: a chain of models cannot use them."
        )
    else:
        some = len(nesting.order) < pattern.n_properties
        where = "of those in the order, " if some else ""
        told = f"Nested: {where}each row that knows a property knows all to the left of it."
    part = ""
    if pattern.n_properties > MOST_DRAWN:
        part = f" (drawn: {MOST_DRAWN} of {pattern.n_properties} properties)"
    return (
        f"{plain(name)}: {pattern.n_known} values known, {holes} holes in {pattern.n_rows} rows"
        f"{part}<br><span style='font-size:14px'>{told}</span>"
    )


def _label(name: str, unit: str | None) -> str:
    """Return a property's name with its unit, or both ends of a name that has no room."""
    if len(name) <= _LONGEST_LABEL:
        return with_unit(name, unit)
    half = _LONGEST_LABEL // 2
    return plain(f"{name[: half - 1]}…{name[-half:]}")
