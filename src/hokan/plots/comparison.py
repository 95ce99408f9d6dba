"""Errors of several methods on the same hidden values."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from hokan.errors import HokanError
from hokan.plots.theme import BLUE, GREY, INK, plain, plain_unit, plotly_objects, style, with_unit

_OURS = "hokan"


def comparison(scores: pd.DataFrame, *, level: float = 0.9, unit: str | None = None) -> Any:
    """Draw the error of each method as a bar, and how often its intervals hold beside it.

    Parameters
    ----------
    scores : DataFrame
        As :func:`hokan.evaluation.compare_on_hidden` returns it, one property.
    level : float
        Probability of the intervals.
    unit : str, optional
        Of the property, where its error is on the raw scale.

    Returns
    -------
    plotly.graph_objects.Figure

    Raises
    ------
    HokanError
        If there are no scores, or of several properties.
    MissingExtraError
        If plotly is not installed.
    """
    if scores["property"].nunique() != 1:
        raise HokanError(
            "expected scores of one property to compare, found "
            f"{scores['property'].nunique()}; draw them one by one"
        )
    figure = plotly_objects().Figure(comparison_trace(scores, level))
    figure.update_xaxes(title_text=error_title(scores, unit), rangemode="tozero")
    figure.update_yaxes(ticks="", showline=False, automargin=True)
    n = int(scores["n"].iloc[0])
    what = with_unit(str(scores["property"].iloc[0]), unit)
    return style(figure, height=170 + 60 * len(scores), title=f"{what}: {n} hidden values")


def comparison_trace(scores: pd.DataFrame, level: float) -> Any:
    """Return the bars, smallest error on top, labelled with error and coverage."""
    errors = _errors(scores)
    ranked = scores.assign(shown=errors).sort_values("shown", ascending=False)
    texts = []
    for error, coverage in zip(ranked["shown"], ranked["coverage"], strict=True):
        told = "no intervals" if pd.isna(coverage) else f"{100 * coverage:.0f} %"
        prefix = "" if pd.isna(coverage) else f"{100 * level:g} % intervals hold "
        texts.append(f"<b>{_three_digits(error)}</b><br>{prefix}{told}")
    return plotly_objects().Bar(
        x=ranked["shown"],
        y=[_broken(method) for method in ranked["method"]],
        orientation="h",
        marker_color=[BLUE if method == _OURS else GREY for method in ranked["method"]],
        text=texts,
        textposition=[
            "inside" if error > 0.55 * errors.max() else "outside" for error in ranked["shown"]
        ],
        insidetextanchor="end",
        insidetextfont={"size": 13, "color": "white"},
        outsidetextfont={"size": 13, "color": INK},
        constraintext="none",
        cliponaxis=False,
        showlegend=False,
        hovertemplate="%{y}: %{x:.4g}<extra></extra>",
    )


def error_title(scores: pd.DataFrame, unit: str | None) -> str:
    """Return what the axis of errors shows."""
    if scores["error_log"].notna().all():
        return "mean absolute error of ln(value): 0.2 is about 20 %"
    return "mean absolute error" + (f" ({plain_unit(unit)})" if unit else "")


def _three_digits(error: float) -> str:
    """Return an error with three significant digits, zeros at the end included."""
    if error <= 0.0 or error >= 100.0:
        return f"{error:.0f}"
    return f"{error:.{max(2 - math.floor(math.log10(error)), 0)}f}"


def _errors(scores: pd.DataFrame) -> pd.Series:
    """Return relative errors where every method has them, else raw ones."""
    return scores["error_log"] if scores["error_log"].notna().all() else scores["error"]


def _broken(method: str, longest: int = 22) -> str:
    """Return a method's name in lines that fit beside the bars."""
    lines = [""]
    for word in method.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > longest:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(map(plain, lines)) + " "
