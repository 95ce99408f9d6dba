"""Observed and imputed values against the probability of their cell to be missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hokan.errors import HokanError
from hokan.plots.panels import log_scale, log_ticks, name_and_unit, panels, range_of
from hokan.plots.theme import BLUE, GREY, INK, plotly_objects

FloatArray = NDArray[np.float64]

#: Points drawn of either kind in a panel; of more, every second, third, … is left out.
MOST_POINTS = 500
#: Of each end of a line at least so many points are averaged.
_FEWEST = 5
_MOST_MEANS = 6


def propensity_plot(
    cells: pd.DataFrame,
    *,
    balance: pd.DataFrame | None = None,
    logarithmic: Sequence[str] = (),
    units: Mapping[str, str | None] | None = None,
    title: str = "Observed and imputed values of cells as likely to be missing",
) -> Any:
    """Draw values against propensity, with running means of both kinds.

    Parameters
    ----------
    cells : DataFrame
        As ``hokan.imputation.diagnostics.propensities`` returns it: columns ``property``,
        ``imputation`` (0: observed, else from 1), ``value`` and ``propensity``.
    balance : DataFrame, optional
        As ``compare_by_propensity`` returns it, for the headings: columns ``property``,
        ``difference``, ``differs`` and ``note``.
    logarithmic : sequence of str
        Properties to draw on logarithmic axes, where all values are above zero.
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
    cells = cells[cells["propensity"].notna()]
    groups = {str(name): part for name, part in cells.groupby("property", sort=False)}
    if not groups:
        raise HokanError("there are no imputed values to compare with observed ones")
    figure, places = panels(
        [(name_and_unit(name, units), _told(name, balance)) for name in groups],
        panel_height=250,
        gap_below=128,
        title=title,
        explanation=(
            "At each place from left to right, blue and grey should lie alike: lines are their "
            "means.",
        ),
    )
    shown: set[str] = set()
    for (name, part), place in zip(groups.items(), places, strict=True):
        values = part["value"].to_numpy(np.float64)
        log = log_scale(values, name in logarithmic)
        for trace in _traces(part, log):
            trace.update(showlegend=trace.name not in shown)
            shown.add(trace.name)
            figure.add_trace(trace, **place)
        ends = range_of(values, log)
        figure.update_yaxes(
            type="log" if log else "linear",
            range=ends,
            **(log_ticks(10.0 ** ends[0], 10.0 ** ends[1]) if log else {"nticks": 6}),
            **place,
        )
        figure.update_xaxes(
            title_text="probability of a hole",
            tickformat=".0%",
            nticks=6,
            title_standoff=6,
            range=_range_of_propensities(part["propensity"].to_numpy(np.float64)),
            **place,
        )
    return figure


def _range_of_propensities(values: FloatArray) -> list[float]:
    """Return the ends of an axis, wide enough to see that values are alike where they are."""
    low, high = float(values.min()), float(values.max())
    margin = max(0.05 * (high - low), 0.02 - 0.5 * (high - low), 0.002)
    return [low - margin, high + margin]


def _told(name: str, balance: pd.DataFrame | None) -> str:
    if balance is None or name not in set(balance["property"]):
        return ""
    line = balance[balance["property"] == name].iloc[0]
    if np.isnan(line["difference"]):
        return str(line["note"])
    side = "higher" if line["difference"] > 0.0 else "lower"
    told = f"imputed {abs(line['difference']):.2f} standard deviations {side}"
    return told + (": look" if line["differs"] else "") + (" (weak)" if line["note"] else "")


def _traces(part: pd.DataFrame, log: bool) -> list[Any]:
    """Return points of both kinds, then the lines of their means."""
    scatter = plotly_objects().Scatter
    points, lines = [], []
    for observed, colour, dark, symbol in (
        (True, GREY, INK, "circle"),
        (False, BLUE, BLUE, "circle-open"),
    ):
        kind = part[(part["imputation"] == 0) == observed]
        name = "observed" if observed else "imputed"
        drawn = kind.iloc[:: max(-(-len(kind) // MOST_POINTS), 1)]
        points.append(
            scatter(
                x=drawn["propensity"],
                y=drawn["value"],
                mode="markers",
                marker={"color": colour, "symbol": symbol, "size": 5, "opacity": 0.6},
                name=name,
                legendgroup=name,
                hovertemplate=f"{name}: %{{y:.4~g}}<br>probability of a hole %{{x:.0%}}"
                "<extra></extra>",
            )
        )
        x, y = _means(kind, log)
        lines.append(
            scatter(
                x=x,
                y=y,
                mode="lines+markers",
                line={"color": dark, "width": 3, "dash": "solid" if observed else "dash"},
                marker={"size": 7, "color": dark},
                name=f"mean of {name}",
                legendgroup=f"mean of {name}",
                hovertemplate=f"mean of {name}: %{{y:.4~g}}<extra></extra>",
            )
        )
    return [*points, *lines]


def _means(kind: pd.DataFrame, log: bool) -> tuple[FloatArray, FloatArray]:
    """Return mean propensity and mean value of groups of equal size along the propensity."""
    order = kind.sort_values("propensity", kind="stable")
    x = order["propensity"].to_numpy(np.float64)
    values = order["value"].to_numpy(np.float64)
    y = np.log10(values) if log else values
    n_tables = max(kind["imputation"].nunique(), 1)
    n_groups = min(_MOST_MEANS, len(x) // n_tables // _FEWEST)
    if n_groups < 1:
        return np.empty(0), np.empty(0)
    groups = np.array_split(np.arange(len(x)), n_groups)
    means = np.array([y[group].mean() for group in groups])
    return np.array([x[group].mean() for group in groups]), 10.0**means if log else means
