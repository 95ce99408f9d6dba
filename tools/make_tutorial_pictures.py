"""Draw the pictures of docs/tutorials from what its code computes.

    python tools/make_tutorial_pictures.py

Runs the first blocks of docs/tutorials/fidelities.md and writes docs/images/fidelities-*.png. Needs
a Chromium or Chrome on the path, or its name in the variable CHROME.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from make_demo_picture import draw_page

from hokan.plots import missing_pattern, write_html
from hokan.plots.theme import BLUE, GREY, INK, ORANGE, style, subplots
from hokan.table import PropertyTable

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "tutorials" / "fidelities.md"
#: The block that ends with the comparison which the second picture shows.
LAST_BLOCK = "by a straight line from GGA"
MOST_BYTES = 200_000
WIDTH = 1240


def computed() -> dict[str, Any]:
    """Run the tutorial as far as the pictures need it; return its names."""
    names: dict[str, Any] = {}
    page = PAGE.read_text(encoding="utf-8")
    for code in re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE):
        exec(compile(code, PAGE.name, "exec"), names)
        if LAST_BLOCK in code:
            return names
    raise SystemExit(f"{PAGE.name} has no block with {LAST_BLOCK!r}")


def parity(names: dict[str, Any]) -> Any:
    """Draw predicted against measured values with their intervals, in three panels."""
    truth, asked, calculated = names["measured"], names["asked"], names["calculated"]
    panels = (
        ("composition and 30 experiments", names["filled_alone"], asked, GREY),
        ("ladder, no GGA value here", names["filled"], asked & ~calculated, ORANGE),
        ("ladder, GGA value known", names["filled"], asked & calculated, BLUE),
    )
    errors = [(filled["expt_eV_atom"] - truth)[rows].abs().mean() for _, filled, rows, _ in panels]
    figure = subplots(
        rows=1,
        cols=3,
        shared_yaxes=True,
        horizontal_spacing=0.03,
        subplot_titles=[
            f"{panel[0]}<br>mean error {error:.2f} eV/atom"
            for panel, error in zip(panels, errors, strict=True)
        ],
    )
    ends = [-4.5, 0.5]
    for column, (_, filled, rows, colour) in enumerate(panels, start=1):
        value = filled.loc[rows, "expt_eV_atom"]
        figure.add_scatter(
            x=ends, y=ends, mode="lines", line={"color": INK, "width": 1}, row=1, col=column
        )
        figure.add_scatter(
            x=truth[rows],
            y=value,
            mode="markers",
            marker={"color": colour, "size": 5},
            error_y={
                "array": filled.loc[rows, "expt_eV_atom__upper"] - value,
                "arrayminus": value - filled.loc[rows, "expt_eV_atom__lower"],
                "thickness": 0.8,
                "width": 0,
                "color": colour,
            },
            row=1,
            col=column,
        )
    style(figure, width=WIDTH, height=470)
    figure.update_xaxes(title_text="measured (eV/atom)", range=ends, tickvals=np.arange(-4, 1))
    figure.update_yaxes(range=[-5.5, 1.5], tickvals=np.arange(-5, 2))
    figure.update_yaxes(title_text="predicted, 90 % interval (eV/atom)", row=1, col=1)
    return figure.update_layout(showlegend=False, margin={"t": 70, "r": 20})


def draw(figure: Any, target: Path) -> None:
    """Draw a figure to a PNG file and check its size."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "picture.html"
        write_html(figure, page)
        text = page.read_text(encoding="utf-8")
    draw_page(text, target, WIDTH, int(figure.layout.height), MOST_BYTES)


def main() -> None:
    """Draw both pictures."""
    names = computed()
    table = PropertyTable.from_frame(names["table"], source="a small laboratory")
    order = ["gga_eV_atom", "expt_eV_atom"]
    draw(missing_pattern(table, order), DOCS / "images" / "fidelities-pattern.png")
    draw(parity(names), DOCS / "images" / "fidelities-parity.png")


if __name__ == "__main__":
    main()
