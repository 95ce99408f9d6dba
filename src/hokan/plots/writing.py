"""Writing pictures to a file that opens anywhere, without a network."""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from typing import Any

from hokan.table import write_text_atomically


def write_html(figure: Any, path: str | os.PathLike[str], *, title: str = "hokan") -> None:
    """Write a figure to one HTML file, in one step.

    Plotly's program is inside the file (4 to 5 MB), so that it opens without a network and can be
    sent to others.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        What to write.
    path : path
        An existing file is replaced once the new one is complete.
    title : str
        Shown by the browser.

    Raises
    ------
    OutputError
        If nothing can be written there.
    """
    write_text_atomically(path, _document(_picture(figure, "picture", first=True), title))


def write_pictures(
    parts: Sequence[tuple[str, Any]], path: str | os.PathLike[str], *, title: str = "hokan"
) -> None:
    """Write several figures to one HTML file, one below the other, each with a text above it.

    Parameters
    ----------
    parts : sequence of (str, plotly.graph_objects.Figure or None)
        Plain text, as it is to be read, and the figure below it, if there is one.
    path, title
        As for :func:`write_html`.

    Raises
    ------
    OutputError
        If nothing can be written there.
    """
    body = []
    first = True
    for number, (text, figure) in enumerate(parts, start=1):
        if text:
            body.append(f'<p class="told">{html.escape(text)}</p>')
        if figure is not None:
            body.append(_picture(figure, f"picture-{number}", first=first))
            first = False
    write_text_atomically(path, _document("\n".join(body), title))


def _picture(figure: Any, name: str, *, first: bool) -> str:
    """Return a figure as a part of a page; the first one brings Plotly's program with it."""
    return str(
        figure.to_html(
            include_plotlyjs=first,
            full_html=False,
            config={"displaylogo": False, "responsive": True},
            div_id=name,
        )
    )


def _document(body: str, title: str) -> str:
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n'
        "<head>\n"
        '<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n"
        "<style>\n"
        "body { margin: 0 auto; max-width: 1280px; background: white; }\n"
        ".told { font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; color: #222222; "
        "max-width: 900px; margin: 28px 40px 0 85px; }\n"
        # Fingers need no tool bar, and it covers part of a small screen.
        "@media (hover: none) { .modebar { display: none; } }\n"
        "</style>\n"
        "</head>\n"
        f"<body>\n{body}\n</body>\n"
        "</html>\n"
    )
