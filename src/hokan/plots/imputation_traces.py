"""How chains of imputations went: mean and spread of what was imputed, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from hokan.errors import HokanError
from hokan.plots.panels import name_and_unit, panels
from hokan.plots.theme import BLUE, GREY, ORANGE, SKY, plain, plotly_objects

#: Steps drawn of a line; of more, every second, third, … is left out.
MOST_STEPS = 500
_COLOURS = (BLUE, ORANGE, SKY, GREY)
_TRACES = (("mean", "mean"), ("std", "standard deviation"))


def imputation_traces(
    trace: pd.DataFrame,
    *,
    convergence: pd.DataFrame | None = None,
    units: Mapping[str, str | None] | None = None,
    title: str = "Have the chains forgotten where they started?",
) -> Any:
    """Draw mean and standard deviation of the imputed values against the step, a line per chain.

    Parameters
    ----------
    trace : DataFrame
        As ``Imputations.trace``: columns ``column``, ``chain``, ``step``, ``mean`` and ``std``.
    convergence : DataFrame, optional
        As ``judge_chains(...).table``: columns ``property``, ``r_hat_mean`` and ``r_hat_std``, for
        the headings.
    units : mapping of str to str, optional
        Units of the properties, to leave out of their names.
    title : str
        Of the picture.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    HokanError
        If there is nothing to draw: independent draws have no trace, and categories no mean.
    MissingExtraError
        If plotly is not installed.
    """
    names = [
        str(name)
        for name, part in trace.groupby("column", sort=False)
        if part["mean"].notna().any()
    ]
    if not names:
        raise HokanError("there is no trace to draw")
    chains = sorted(set(trace["chain"]))
    headings = [
        # Without units: values are on the scale on which they are drawn.
        (_bare(name, units), f"{told} of its imputed values{_r_hat(convergence, name, what)}")
        for name in names
        for what, told in _TRACES
    ]
    figure, places = panels(
        headings,
        n_columns=2,
        panel_height=150,
        gap_below=92,
        title=title,
        explanation=(
            f"Each line is one of {len(chains)} chains. Good: lines that mix, without a trend.",
            "Values are on the scale on which they are drawn.",
        ),
    )
    for number, place in enumerate(places):
        part = trace[trace["column"] == names[number // 2]]
        what, _ = _TRACES[number % 2]
        for position, chain in enumerate(chains):
            line = part[part["chain"] == chain]
            line = line.iloc[:: max(-(-len(line) // MOST_STEPS), 1)]
            figure.add_trace(
                plotly_objects().Scatter(
                    x=line["step"],
                    y=line[what],
                    mode="lines",
                    line={"color": _COLOURS[position % len(_COLOURS)], "width": 1.4},
                    opacity=0.75,
                    name=f"chain {chain + 1}",
                    legendgroup=str(chain),
                    showlegend=number == 0 and len(chains) <= len(_COLOURS),
                    hovertemplate=f"chain {chain + 1}<br>step %{{x}}: %{{y:.4~g}}"
                    f"<extra>{plain(names[number // 2])}</extra>",
                ),
                **place,
            )
        figure.update_yaxes(nticks=5, **place)
        if number >= len(places) - 2:
            figure.update_xaxes(title_text="step", title_standoff=6, **place)
    return figure


def _bare(name: str, units: Mapping[str, str | None] | None) -> str:
    told, unit = name_and_unit(name, units), (units or {}).get(name)
    return told[: told.rindex(" (")] if unit else told


def _r_hat(convergence: pd.DataFrame | None, name: str, what: str) -> str:
    """Return R-hat of a trace for its heading, if it is known."""
    if convergence is None:
        return ""
    value = convergence.loc[convergence["property"] == name, f"r_hat_{what}"]
    return f"; R-hat {value.iloc[0]:.2f}" if len(value) and np.isfinite(value.iloc[0]) else ""
