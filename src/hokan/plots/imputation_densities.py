"""Distribution of observed values, and of those imputed, each completed table a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import gaussian_kde

from hokan.errors import HokanError
from hokan.plots.panels import log_scale, log_ticks, name_and_unit, panels, range_of
from hokan.plots.theme import BLUE, INK, plotly_objects

FloatArray = NDArray[np.float64]

#: Completed tables drawn, at most.
MOST_IMPUTATIONS = 30
#: Fewer values have no density; they are drawn as marks.
FEWEST_VALUES = 5
_POINTS = 160


def imputation_densities(
    cells: pd.DataFrame,
    *,
    logarithmic: Sequence[str] = (),
    units: Mapping[str, str | None] | None = None,
    title: str = "Observed and imputed values",
) -> Any:
    """Draw the density of observed values thick, that of each completed table's imputed ones thin.

    Where fewer than 5 values were imputed, they are marks at the bottom instead.

    Parameters
    ----------
    cells : DataFrame
        As ``hokan.imputation.diagnostics.observed_and_imputed`` returns it: columns ``property``,
        ``imputation`` (0: observed, else from 1) and ``value``.
    logarithmic : sequence of str
        Properties to draw on logarithmic axes, densities too being per factor, where all values
        are above zero.
    units : mapping of str to str, optional
        Units of the properties.
    title : str
        Of the picture.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    HokanError
        If there is nothing to draw.
    MissingExtraError
        If plotly is not installed.
    """
    groups = {str(name): part for name, part in cells.groupby("property", sort=False)}
    if not groups:
        raise HokanError("there are no imputed values to draw")
    headings = []
    for name, part in groups.items():
        n_observed = int((part["imputation"] == 0).sum())
        n_holes = int((part["imputation"] == part["imputation"].max()).sum())
        headings.append(
            (name_and_unit(name, units), f"{n_observed} observed, {n_holes} imputed each time")
        )
    figure, places = panels(
        headings,
        panel_height=210,
        gap_below=104,
        title=title,
        explanation=(
            "They may differ, if holes are more common in some materials than in others. Look for "
            "values that cannot be.",
        ),
    )
    shown: set[str] = set()
    for (name, part), place in zip(groups.items(), places, strict=True):
        values = part["value"].to_numpy(np.float64)
        log = log_scale(values, name in logarithmic)
        ends = range_of(values, log)
        for trace in _lines(part, log, ends):
            trace.update(showlegend=trace.name not in shown)
            shown.add(trace.name)
            figure.add_trace(trace, **place)
        figure.update_yaxes(showticklabels=False, ticks="", rangemode="tozero", **place)
        figure.update_xaxes(
            type="log" if log else "linear",
            range=ends,
            **(log_ticks(10.0 ** ends[0], 10.0 ** ends[1]) if log else {"nticks": 6}),
            **place,
        )
        if place["col"] == 1:
            figure.update_yaxes(title_text="density", **place)
    return figure


def _lines(part: pd.DataFrame, log: bool, ends: list[float]) -> list[Any]:
    """Return thin lines, or marks, of what was imputed, and the thick line of what is observed."""
    grid = np.linspace(ends[0], ends[1], _POINTS)
    x = 10.0**grid if log else grid
    values = part["value"].to_numpy(np.float64)
    values = np.log10(values) if log else values
    numbers = part["imputation"].to_numpy(np.int64)
    tables = {int(number): values[numbers == number] for number in np.unique(numbers)}
    observed = tables.pop(0, np.empty(0))
    step = max(-(-len(tables) // MOST_IMPUTATIONS), 1)
    drawn = list(tables.items())[::step]
    traces = []
    densities = {number: _density(values, grid) for number, values in drawn}
    if all(density is not None for density in densities.values()):
        for number, density in densities.items():
            traces.append(
                _line(x, density, {"color": BLUE, "width": 1.0}, "imputed, each time a line")
            )
            traces[-1].update(
                opacity=0.55,
                hovertemplate=f"imputation {number}<br>%{{x:.4~g}}<extra></extra>",
            )
    else:
        all_values = np.concatenate([values for _, values in drawn])
        traces.append(
            plotly_objects().Scatter(
                x=10.0**all_values if log else all_values,
                y=np.zeros(len(all_values)),
                mode="markers",
                cliponaxis=False,
                marker={"symbol": "line-ns-open", "size": 14, "color": BLUE, "opacity": 0.6},
                name="imputed (too few for a density)",
                legendgroup="marks",
                hovertemplate="imputed: %{x:.4~g}<extra></extra>",
            )
        )
    density = _density(observed, grid)
    if density is not None:
        traces.append(_line(x, density, {"color": INK, "width": 3.0}, "observed"))
        traces[-1].update(legendrank=1, hovertemplate="observed<br>%{x:.4~g}<extra></extra>")
    return traces


def _density(values: FloatArray, grid: FloatArray) -> FloatArray | None:
    """Return a smoothed density, or None where there are too few values, or all are equal."""
    if len(values) < FEWEST_VALUES or np.ptp(values) <= 1e-9 * np.abs(values).max():
        return None
    return np.asarray(gaussian_kde(values)(grid))


def _line(x: FloatArray, y: FloatArray | None, line: dict[str, Any], name: str) -> Any:
    return plotly_objects().Scatter(x=x, y=y, mode="lines", line=line, name=name, legendgroup=name)
