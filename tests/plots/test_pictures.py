"""Pictures: what they show is what they were given, and files open anywhere."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hokan.errors import HokanError, MissingExtraError, OutputError
from hokan.plots import comparison, fill_overview, parity, summary, write_html
from hokan.plots.parity import MOST_POINTS
from hokan.plots.theme import plain_unit, with_unit
from hokan.table import PropertyTable

EVIL = '</script><script>alert("x")</script>'


@pytest.fixture
def table() -> PropertyTable:
    return PropertyTable.from_frame(
        pd.DataFrame(
            {
                "formula": ["LiF", "NaF", "KF", "LiCl"],
                "melting_point_K": [1121.0, 1269.0, 1131.0, 883.0],
                "density_g_cm3": [2.64, None, 2.48, None],
            }
        )
    )


def predictions(n: int, properties: tuple[str, ...] = ("melting_point_K",)) -> pd.DataFrame:
    random = np.random.default_rng(0)
    observed = np.exp(random.normal(7.0, 0.5, n))
    predicted = observed * np.exp(random.normal(0.0, 0.2, n))
    return pd.DataFrame(
        {
            "row": np.arange(n),
            "formula": ["LiF"] * n,
            "property": [properties[k % len(properties)] for k in range(n)],
            "observed": observed,
            "predicted": predicted,
            "lower": predicted * 0.7,
            "upper": predicted * 1.4,
        }
    )


@pytest.fixture
def scores() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "method": ["iterative imputer", "hokan", "extra trees on descriptors"],
            "property": "melting_point_K",
            "n": 300,
            "error": [290.0, 205.0, 250.0],
            "error_log": [0.32, 0.2, 0.3],
            "coverage": [0.88, 0.9, np.nan],
        }
    )


def markers(figure: Any) -> list[Any]:
    return [trace for trace in figure.data if trace.mode == "markers"]


def test_the_overview_counts_known_cells_and_holes(table: PropertyTable) -> None:
    known, holes = fill_overview(table).data
    # Plotly draws bars from below: the best known property is last, on top.
    assert list(known.y) == ["density (g/cm<sup>3</sup>)", "melting point (K)"]
    assert list(known.x) == [2, 4]
    assert list(holes.x) == [2, 0]


def test_every_prediction_is_drawn_once_with_its_interval() -> None:
    cells = predictions(50)
    drawn = markers(parity(cells))
    points = sorted((x, y) for trace in drawn for x, y in zip(trace.x, trace.y, strict=True))
    assert points == sorted(zip(cells["observed"], cells["predicted"], strict=True))
    for trace in drawn:
        np.testing.assert_allclose(trace.error_y.array, 0.4 * np.array(trace.y))
        np.testing.assert_allclose(trace.error_y.arrayminus, 0.3 * np.array(trace.y))


def test_values_outside_their_interval_have_another_colour() -> None:
    cells = predictions(200)
    inside, outside = markers(parity(cells))
    held = cells["observed"].between(cells["lower"], cells["upper"])
    assert (len(inside.x), len(outside.x)) == (held.sum(), (~held).sum())
    assert len(outside.x) > 0
    assert inside.marker.color != outside.marker.color


def test_each_property_has_a_panel_that_tells_its_coverage() -> None:
    cells = predictions(40, ("a_K", "b_GPa", "c", "d"))
    figure = parity(cells, units={"a_K": "K", "b_GPa": "GPa"})
    headings = [annotation.text for annotation in figure.layout.annotations]
    assert len(headings) == 4
    held = cells["observed"].between(cells["lower"], cells["upper"])
    for name, heading in zip(("a (K)", "b (GPa)", "c", "d"), headings, strict=True):
        mine = cells["property"].str[0] == name[0]
        assert heading.startswith(f"<b>{name}</b>")
        assert f"{100 * held[mine].mean():.0f} % of 10 in their 90 % interval" in heading


def test_many_points_are_thinned_out_and_the_panel_says_so() -> None:
    figure = parity(predictions(3 * MOST_POINTS))
    assert sum(len(trace.x) for trace in markers(figure)) == MOST_POINTS
    assert "(one in 3 drawn)" in figure.layout.annotations[0].text


def test_logarithmic_axes_are_asked_for_by_name() -> None:
    cells = predictions(20, ("a", "b"))
    figure = parity(cells, logarithmic=("b",))
    assert (figure.layout.xaxis.type, figure.layout.xaxis2.type) == ("linear", "log")


@pytest.mark.parametrize("log", [True, False])
def test_one_point_can_be_drawn(log: bool) -> None:
    figure = parity(predictions(1), logarithmic=("melting_point_K",) if log else ())
    low, high = figure.layout.xaxis.range
    assert low < high


def test_the_best_method_is_on_top(scores: pd.DataFrame) -> None:
    (bars,) = comparison(scores).data
    assert [name.strip() for name in bars.y][::-1] == [
        "hokan",
        "extra trees on<br>descriptors",
        "iterative imputer",
    ]
    assert list(bars.x) == [0.32, 0.3, 0.2]
    assert "no intervals" in bars.text[1]
    assert "hold 90 %" in bars.text[2]


def test_errors_are_raw_where_relative_ones_make_no_sense(scores: pd.DataFrame) -> None:
    scores.loc[0, "error_log"] = np.nan
    figure = comparison(scores, unit="K")
    assert list(figure.data[0].x) == [290.0, 250.0, 205.0]
    assert figure.layout.xaxis.title.text == "mean absolute error (K)"


def test_scores_of_several_properties_are_refused(scores: pd.DataFrame) -> None:
    scores.loc[0, "property"] = "density_g_cm3"
    with pytest.raises(HokanError, match="one property to compare, found 2"):
        comparison(scores)


def test_no_cells_to_draw_are_refused() -> None:
    with pytest.raises(HokanError, match="no cell to draw"):
        parity(predictions(0))


def test_the_summary_shows_all_three(table: PropertyTable, scores: pd.DataFrame) -> None:
    hidden = predictions(30).assign(label="x")
    figure = summary(
        table, hidden, scores, property_name="melting_point_K", title="A <table>", log=True
    )
    assert figure.layout.title.text == "A &lt;table&gt;"
    told = " ".join(annotation.text for annotation in figure.layout.annotations)
    assert "30 hidden values" in told
    assert "6 values known, 2 filled" in told
    assert sum(trace.type == "bar" for trace in figure.data) == 3


def test_one_file_opens_without_a_network(table: PropertyTable, tmp_path: Path) -> None:
    path = tmp_path / "picture.html"
    write_html(fill_overview(table), path, title="a < b")
    text = path.read_text(encoding="utf-8")
    assert "<title>a &lt; b</title>" in text
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=", text)
    assert [entry.name for entry in tmp_path.iterdir()] == ["picture.html"]


def test_nothing_a_user_wrote_becomes_part_of_the_page(tmp_path: Path) -> None:
    frame = pd.DataFrame({"formula": ["LiF", "NaF", "KF"], EVIL: [1.0, 2.0, None]})
    table = PropertyTable.from_frame(frame)
    cells = predictions(5, (EVIL,)).assign(label=EVIL)
    for number, figure in enumerate((fill_overview(table), parity(cells))):
        path = tmp_path / f"{number}.html"
        write_html(figure, path, title=EVIL)
        text = path.read_text(encoding="utf-8")
        assert EVIL not in text
        assert '<script>alert("x")' not in text
        # What Plotly is given is escaped once more, for it reads a little HTML itself.
        assert "<script>" not in json.dumps(figure.to_plotly_json(), default=list)


def test_a_picture_that_cannot_be_written(table: PropertyTable, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no folder"):
        write_html(fill_overview(table), tmp_path / "nowhere" / "picture.html")


def test_without_plotly_the_way_to_install_it_is_told(
    table: PropertyTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    for draw in (lambda: fill_overview(table), lambda: parity(predictions(3))):
        with pytest.raises(MissingExtraError, match=r'pip install "hokan\[plots\]"'):
            draw()


@pytest.mark.parametrize(
    ("name", "unit", "shown"),
    [
        ("melting_point_K", "K", "melting point (K)"),
        ("density_g_cm3", "g/cm^3", "density (g/cm<sup>3</sup>)"),
        ("band gap [eV]", "eV", "band gap (eV)"),
        ("k_300K_W_mK", "W/(m K)", "k 300K (W/(m K))"),
        ("hardness", None, "hardness"),
        ("a<b", None, "a&lt;b"),
        ("K", "K", "K (K)"),
    ],
)
def test_names_for_people(name: str, unit: str | None, shown: str) -> None:
    assert with_unit(name, unit) == shown


def test_powers_are_raised() -> None:
    assert plain_unit("cm^-3") == "cm<sup>-3</sup>"
