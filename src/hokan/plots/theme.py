"""One look for all pictures: fonts, colours that colour-blind readers can tell apart, margins."""

from __future__ import annotations

import html
import re
from typing import Any

from hokan.errors import MissingExtraError

#: From the palette of M. Okabe and K. Ito, "Color Universal Design" (2008).
BLUE = "#0072B2"
SKY = "#56B4E9"
ORANGE = "#D55E00"
#: Neutral greys: text, axes, what is in the background.
INK = "#222222"
GREY = "#8C8C8C"
PALE = "#D9D9D9"

_FONT = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"


def plotly_objects() -> Any:
    """Return ``plotly.graph_objects``.

    Raises
    ------
    MissingExtraError
        If plotly is not installed.
    """
    try:
        import plotly.graph_objects as objects
    except ImportError as error:
        raise MissingExtraError("plotly", "plots", "Drawing pictures") from error
    return objects


def subplots(**arguments: Any) -> Any:
    """Return ``plotly.subplots.make_subplots`` of the arguments; errors as above."""
    plotly_objects()
    from plotly.subplots import make_subplots

    return make_subplots(**arguments)


def plain(text: object) -> str:
    """Return a text that Plotly shows as it is, where it would take ``<b>`` for markup."""
    return html.escape(str(text), quote=False)


def plain_unit(unit: str) -> str:
    """Return a unit as Plotly shows it, with raised powers.

    Examples
    --------
    >>> plain_unit("g/cm^3")
    'g/cm<sup>3</sup>'
    """
    return re.sub(r"\^(-?[0-9]+)", r"<sup>\1</sup>", plain(unit))


def with_unit(name: str, unit: str | None) -> str:
    """Return a property's name for people, with its unit in brackets.

    Examples
    --------
    >>> with_unit("melting_point_K", "K")
    'melting point (K)'
    >>> with_unit("hardness", None)
    'hardness'
    """
    if unit is None:
        return plain(name.replace("_", " "))
    letters = "".join(sign for sign in unit if sign.isalnum())
    bare = name
    for ending in (f"_{unit}", f" ({unit})", f" [{unit}]", f"[{unit}]"):
        if name.endswith(ending):
            bare = name[: -len(ending)]
            break
    else:
        # The unit of a name such as density_g_cm3 is g/cm^3: compare without other signs.
        words = name.split("_")
        for start in range(1, len(words)):
            if "".join(words[start:]).casefold() == letters.casefold():
                bare = "_".join(words[:start])
                break
    return f"{plain(bare.replace('_', ' '))} ({plain_unit(unit)})"


def style(figure: Any, *, width: int | None = None, height: int, title: str | None = None) -> Any:
    """Give a figure the common look; returns the figure.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        Changed in place.
    width, height : int
        In pixels; no width: that of the window.
    title : str, optional
        Already safe for Plotly (see :func:`plain`).
    """
    figure.update_layout(
        template="simple_white",
        font={"family": _FONT, "size": 14, "color": INK},
        width=width,
        height=height,
        margin={"l": 70, "r": 40, "t": 100 if title else 60, "b": 60},
        paper_bgcolor="white",
        hoverlabel={"font": {"family": _FONT, "size": 13}},
        legend={"font": {"size": 13}},
    )
    if title:
        figure.update_layout(
            title={
                "text": title,
                "x": 0.0,
                "xref": "paper",
                "xanchor": "left",
                "y": 1.0,
                "yref": "container",
                "yanchor": "top",
                "pad": {"t": 22},
                "font": {"size": 21},
            }
        )
    figure.update_layout(modebar={"orientation": "v"})
    figure.update_xaxes(title_font_size=14)
    figure.update_yaxes(title_font_size=14)
    figure.update_annotations(font={"size": 15, "color": INK})
    return figure
