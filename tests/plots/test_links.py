"""Pictures of links: what is drawn is what was given, readable from one link to a dozen."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hokan.errors import HokanError, MissingExtraError
from hokan.plots import LinkCurve, links, write_html
from hokan.plots.links import MOST_POINTS, _log_ticks, _number

EVIL = '</script><script>alert("x")</script>'


def curve(**changes: Any) -> LinkCurve:
    grid = np.linspace(1.0, 5.0, 9)
    given: dict[str, Any] = {
        "parent": "molar_volume_cm3_mol",
        "child": "melting_point_K",
        "kind": "smooth",
        "parent_values": grid,
        "median": 300.0 * grid,
        "lower": 270.0 * grid,
        "upper": 330.0 * grid,
        "data_parent": np.array([1.5, 2.5, 4.0]),
        "data_child": np.array([500.0, 700.0, 1300.0]),
        "parent_unit": "cm^3/mol",
        "child_unit": "K",
    }
    return LinkCurve(**(given | changes))


def traces(figure: Any, group: str) -> list[Any]:
    return [trace for trace in figure.data if trace.legendgroup == group]


# --- what is drawn --------------------------------------------------------------------------------


def test_a_panel_has_the_line_its_band_and_the_points() -> None:
    given = curve()
    figure = links([given])
    (line,), (band,), (points,) = (traces(figure, g) for g in ("line", "band", "points"))
    np.testing.assert_array_equal(line.x, given.parent_values)
    np.testing.assert_array_equal(line.y, given.median)
    np.testing.assert_array_equal(band.y[:9], given.upper)
    np.testing.assert_array_equal(band.y[9:][::-1], given.lower)
    np.testing.assert_array_equal(band.x[:9], band.x[9:][::-1])
    np.testing.assert_array_equal(points.x, given.data_parent)
    np.testing.assert_array_equal(points.y, given.data_child)
    assert figure.layout.xaxis.title.text == "molar volume (cm<sup>3</sup>/mol)"
    assert figure.layout.yaxis.title.text == "melting point (K)"


def test_points_are_drawn_less_what_other_parents_add_and_tell_the_known_value() -> None:
    given = curve(data_less_others=np.array([450.0, 750.0, 1200.0]))
    (points,) = traces(links([given]), "points")
    np.testing.assert_array_equal(points.y, given.data_less_others)
    np.testing.assert_array_equal(points.customdata, given.data_child)
    with pytest.raises(HokanError, match="data_less_others has 1 values, data_parent has 3"):
        curve(data_less_others=np.array([450.0]))


def test_the_line_lies_on_the_points_and_these_on_the_band() -> None:
    groups = [trace.legendgroup for trace in links([curve()]).data]
    assert groups == ["band", "points", "line"]


def test_the_heading_names_both_ends_the_kind_and_the_note() -> None:
    heading = links([curve(note="14 to 1 against a line")]).layout.annotations[0].text
    assert heading.startswith("<b>molar volume → melting point</b>")
    assert "smooth curve; 14 to 1 against a line" in heading


@pytest.mark.parametrize(
    ("kind", "told"),
    [("linear", "straight line"), ("joint", "varies with composition"), ("formula", "formula")],
)
def test_each_kind_is_told(kind: str, told: str) -> None:
    assert told in links([curve(kind=kind)] * 2).layout.annotations[1].text


def test_the_legend_tells_the_level_and_each_thing_once() -> None:
    empty = curve(data_parent=[], data_child=[])
    figure = links([empty, curve(), curve()], level=0.5)
    shown = [trace.name for trace in figure.data if trace.showlegend]
    assert sorted(shown) == [
        "50 % band of the link",
        "learned link",
        "materials with both values known",
    ]


def test_materials_are_named_when_hovering() -> None:
    figure = links([curve(labels=("LiF", "NaF", "KF"))])
    (points,) = traces(figure, "points")
    assert list(points.text) == ["LiF<br>", "NaF<br>", "KF<br>"]
    assert "%{text}" in points.hovertemplate


def test_many_points_are_thinned_out_and_the_panel_says_so() -> None:
    n = 2 * MOST_POINTS + 1
    rng = np.random.default_rng(0)
    labels = tuple(str(k) for k in range(n))
    figure = links(
        [
            curve(
                data_parent=rng.uniform(1, 5, n), data_child=rng.uniform(300, 900, n), labels=labels
            )
        ]
    )
    (points,) = traces(figure, "points")
    assert len(points.x) == len(points.text) == -(-n // 3)
    assert points.text[1] == "3<br>"
    assert "one point in 3 drawn" in figure.layout.annotations[0].text


# --- axes -----------------------------------------------------------------------------------------


def test_axes_are_logarithmic_where_the_scale_is() -> None:
    layout = links([curve(child_log=True), curve(parent_log=True)]).layout
    assert (layout.xaxis.type, layout.yaxis.type) == ("linear", "log")
    assert (layout.xaxis2.type, layout.yaxis2.type) == ("log", "linear")


@pytest.mark.parametrize("log", [False, True])
def test_all_points_and_the_line_are_inside_the_axes(log: bool) -> None:
    given = curve(
        parent_log=log,
        child_log=log,
        data_parent=np.array([0.2, 9.0]),
        data_child=np.array([20.0, 9000.0]),
    )
    layout = links([given]).layout
    for axis, values in (
        (layout.xaxis, [*given.parent_values, *given.data_parent]),
        (layout.yaxis, [*given.median, *given.data_child]),
    ):
        low, high = axis.range if not log else 10.0 ** np.array(axis.range)
        assert low < min(values)
        assert max(values) < high


def test_a_very_wide_band_is_cut_so_that_the_rest_can_be_seen() -> None:
    grid = np.linspace(1.0, 5.0, 9)
    given = curve(lower=300.0 * grid - 1e6, upper=300.0 * grid + 1e6)
    low, high = links([given]).layout.yaxis.range
    assert high - low < 5000
    narrow = curve(lower=300.0 * grid - 10, upper=300.0 * grid + 40)
    low, high = links([narrow]).layout.yaxis.range
    assert low < 290
    assert high > 1540


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (3.0, 40_000.0, [10, 100, 1000, 10_000]),
        (5.0, 120.0, [10, 30, 100]),
        (300.0, 2500.0, [500, 1000, 2000]),
        (800.0, 1100.0, [800, 900, 1000, 1100]),
    ],
)
def test_logarithmic_axes_have_round_numbers(low: float, high: float, expected: list[int]) -> None:
    ticks = _log_ticks(low, high)
    assert 3 <= len(ticks) <= 8
    assert set(expected) <= set(ticks)
    assert all(low <= tick <= high for tick in ticks)


def test_enough_round_numbers_are_found_for_any_range() -> None:
    rng = np.random.default_rng(1)
    for _ in range(500):
        low = 10.0 ** rng.uniform(-8, 8)
        high = low * 10.0 ** rng.uniform(0.02, 12)
        ticks = _log_ticks(low, high)
        assert 2 <= len(ticks) <= 8, (low, high)
        assert len(set(map(_number, ticks))) == len(ticks)


def test_numbers_are_written_as_people_do() -> None:
    told = [_number(value) for value in (0.05, 2000.0, 3e7, 1e-6)]
    assert told == ["0.05", "2000", "3×10<sup>7</sup>", "10<sup>-6</sup>"]


def test_a_link_without_variation_can_be_drawn() -> None:
    flat = np.full(9, 7.0)
    low, high = links([curve(median=flat, lower=flat, upper=flat, data_parent=[], data_child=[])])[
        "layout"
    ].yaxis.range
    assert low < 7.0 < high


# --- layout ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_links", [*range(1, 13), 20])
def test_panels_and_headings_do_not_overlap(n_links: int) -> None:
    figure = links([curve(parent=f"parent_{k}", note="n " * 80) for k in range(n_links)])
    layout = figure.layout
    boxes = []
    for k in range(n_links):
        x = layout[f"xaxis{k + 1 if k else ''}"].domain
        y = layout[f"yaxis{k + 1 if k else ''}"].domain
        pixels = layout.height - layout.margin.t - layout.margin.b
        boxes.append((x[0], x[1], y[0], y[1]))
        assert (y[1] - y[0]) * pixels > 250
        assert (x[1] - x[0]) * (layout.width - layout.margin.l - layout.margin.r) > 250
        # Five lines at most stand between a panel and what is above it.
        assert layout.annotations[k].text.count("<br>") <= 4
        assert layout.annotations[k].x == x[0]
    for one, other in combinations(boxes, 2):
        apart_x = one[1] < other[0] or other[1] < one[0]
        apart_y = one[3] < other[2] or other[3] < one[2]
        assert apart_x or apart_y
    headings = [annotation.text for annotation in layout.annotations]
    assert all(f"parent {k} →" in heading for k, heading in enumerate(headings))


def test_panels_left_over_are_invisible() -> None:
    layout = links([curve()] * 5).layout
    assert layout.xaxis6.visible is False
    assert layout.yaxis6.visible is False
    assert layout.xaxis5.visible is None


def test_long_names_are_cut() -> None:
    figure = links([curve(parent="x" * 200, child="y" * 200)] * 3)
    for told in (
        figure.layout.annotations[0].text.split("</b>")[0],
        figure.layout.xaxis.title.text,
        figure.layout.yaxis.title.text,
    ):
        assert len(told) < 100
        assert "…" in told


# --- what a user wrote, and files -----------------------------------------------------------------


def test_names_are_shown_as_they_are(tmp_path: Path) -> None:
    figure = links(
        [
            curve(
                parent=EVIL, child="<b>&amp;", note=EVIL, labels=(EVIL, "a", "b"), child_unit="<i>"
            )
        ],
        title=EVIL,
    )
    assert EVIL not in json.dumps(json.loads(figure.to_json()))
    assert "&lt;b&gt;&amp;amp;" in figure.layout.annotations[0].text
    path = tmp_path / "links.html"
    write_html(figure, path)
    assert "<script>alert" not in path.read_text(encoding="utf-8")


def test_plotly_is_asked_for_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "plotly.graph_objects", None)
    with pytest.raises(MissingExtraError, match=r"hokan\[plots\]"):
        links([curve()])


def test_arrays_are_kept_as_they_were() -> None:
    grid = np.linspace(1.0, 5.0, 9)
    given = curve(parent_values=grid)
    grid[0] = -1.0
    assert given.parent_values[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        given.median[0] = 0.0


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"kind": "straight"}, "kind = 'straight' is not known; choose from linear, smooth"),
        ({"median": np.ones(4)}, "median has 4 values, parent_values has 9"),
        ({"data_child": np.ones(2)}, "data_child has 2 values, data_parent has 3"),
        ({"labels": ("LiF",)}, "labels has 1 values, data_parent has 3"),
        ({"data_child": [1.0, np.nan, 2.0]}, "data_child must be a row of finite numbers"),
        ({"parent_values": np.ones((3, 3))}, "parent_values must be a row of finite numbers"),
        ({"parent_values": np.ones(9)}, "parent_values must be two or more increasing values"),
        ({"child_log": True, "lower": -np.ones(9)}, "lower has values that are not positive"),
        ({"lower": np.full(9, 1e5)}, "median must lie between lower and upper"),
    ],
)
def test_what_cannot_be_drawn_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(HokanError, match="link from 'molar_volume_cm3_mol' to") as caught:
        curve(**changes)
    assert told in str(caught.value)


def test_no_link_is_refused() -> None:
    with pytest.raises(HokanError, match="no link to draw"):
        links([])
