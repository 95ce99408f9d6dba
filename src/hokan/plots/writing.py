"""Writing a picture to a file that opens anywhere, without a network."""

from __future__ import annotations

import html
import os
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
    body = figure.to_html(
        include_plotlyjs=True,
        full_html=False,
        config={"displaylogo": False, "responsive": True},
        div_id="picture",
    )
    write_text_atomically(
        path,
        "<!DOCTYPE html>\n"
        '<html lang="en">\n'
        "<head>\n"
        '<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n"
        "<style>\n"
        "body { margin: 0 auto; max-width: 1280px; background: white; }\n"
        # Fingers need no tool bar, and it covers part of a small screen.
        "@media (hover: none) { .modebar { display: none; } }\n"
        "</style>\n"
        "</head>\n"
        f"<body>\n{body}\n</body>\n"
        "</html>\n",
    )
