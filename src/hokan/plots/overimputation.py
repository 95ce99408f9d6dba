"""Known values, predicted as if they were missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from hokan.errors import HokanError
from hokan.plots.panels import log_scale, log_ticks, name_and_unit, panels
from hokan.plots.parity import MOST_POINTS, add_parity


def overimputation_plot(
    cells: pd.DataFrame,
    *,
    logarithmic: Sequence[str] = (),
    units: Mapping[str, str | None] | None = None,
    level: float = 0.9,
    title: str = "Known values, predicted as if they were missing",
) -> Any:
    """Draw predicted against known values with their intervals, those outside in another colour.

    Parameters
    ----------
    cells : DataFrame
        As ``hokan.imputation.diagnostics.overimpute`` returns it: columns ``property``,
        ``observed``, ``predicted``, ``lower`` and ``upper``.
    logarithmic : sequence of str
        Properties to draw on logarithmic axes, where all values are above zero.
    units : mapping of str to str, optional
        Units of the properties.
    level : float
        Probability of the intervals.
    title : str
        Of the picture.

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
    groups = {str(name): part for name, part in cells.groupby("property", sort=False)}
    if not groups:
        raise HokanError("there is no known value to draw")
    figure, places = panels(
        [(name_and_unit(name, units), _told(part, level)) for name, part in groups.items()],
        panel_height=280,
        gap_below=132,
        title=title,
        explanation=(
            f"Good: points along the line, and about {100.0 * level:g} % of the bars cross it.",
        ),
    )
    for number, ((name, part), place) in enumerate(zip(groups.items(), places, strict=True)):
        values = part[["observed", "predicted"]].to_numpy(np.float64)
        log = log_scale(values, name in logarithmic)
        add_parity(figure, part, log=log, first=number == 0, **place)
        if log:
            ticks = log_ticks(float(values.min()), float(values.max()))
            figure.update_xaxes(**ticks, **place)
            figure.update_yaxes(**ticks, **place)
        figure.update_xaxes(title_text="known", title_standoff=6, **place)
        figure.update_yaxes(title_text="predicted", title_standoff=6, **place)
    return figure


def _told(part: pd.DataFrame, level: float) -> str:
    inside = part["observed"].between(part["lower"], part["upper"]).mean()
    told = f"{100.0 * inside:.0f} % of {len(part)} in their {100.0 * level:g} % interval"
    step = -(-len(part) // MOST_POINTS)
    return told if step == 1 else f"{told} (one in {step} drawn)"
