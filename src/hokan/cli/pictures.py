"""Pictures that commands draw beside what they write."""

from __future__ import annotations

from pathlib import Path

from hokan.cli.inputs import refuse_overwriting
from hokan.errors import OutputError
from hokan.estimators import HierarchicalRegressor
from hokan.plots import links, write_html
from hokan.plots.theme import plotly_objects
from hokan.table import check_writable


def check_picture(picture: Path | None, *inputs: Path | None, output: Path | None = None) -> None:
    """Refuse, before any work, a picture that cannot be drawn or written.

    Parameters
    ----------
    picture : Path or None
        None: no picture is asked for.
    inputs : Path or None
        Files that it must not replace.
    output : Path, optional
        What else is written.
    """
    if picture is None:
        return
    if picture.suffix.lower() not in (".html", ".htm"):
        raise OutputError(f"{picture}: pictures are pages for the browser; end the name in .html")
    refuse_overwriting(picture, *inputs)
    if output is not None and picture.absolute() == output.absolute():
        raise OutputError(f"{picture}: is named twice; give the picture another name")
    check_writable(picture)
    plotly_objects()


def draw_links(estimator: HierarchicalRegressor, picture: Path, level: float) -> None:
    """Draw every link that was learned, with its band, into a page for the browser."""
    figure = links(estimator.link_curves(level=level), level=level)
    source = Path(estimator.table_.source).name
    write_html(figure, picture, title=f"{source}: how the properties follow each other")
