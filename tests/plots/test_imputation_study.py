"""The picture of a study of filling holes shows its numbers, and what they should be."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hokan.errors import HokanError
from hokan.plots import write_html
from hokan.plots.imputation_study import imputation_panels


def summary(
    methods: tuple[str, ...] = ("complete cases", "mean", "hokan"),
    scales: tuple[str, ...] = ("log", "raw"),
) -> pd.DataFrame:
    lines = []
    for number, (mechanism, share, method, scale) in enumerate(
        product(("MCAR", "<b>"), (0.1, 0.3), methods, scales)
    ):
        fills = method != "complete cases"
        lines.append(
            {
                "mechanism": mechanism,
                "share": share,
                "n_rows": 100,
                "n_columns": 3,
                "method": method,
                "scale": scale,
                "error": 0.1 + number / 100 if fills else np.nan,
                "error_se": 0.01,
                "coverage": 0.85 if method == "hokan" else np.nan,
                "coefficient_bias": 0.5 + number,
                "coefficient_covered": 0.9,
            }
        )
    return pd.DataFrame(lines)


def draw(found: pd.DataFrame, **changes: str):
    usual = {"x": "share", "panels": "mechanism", "title": "Holes"}
    return imputation_panels(found, **(usual | changes))


def test_every_line_has_the_numbers_of_its_method_scale_and_panel() -> None:
    found = summary()
    figure = draw(found)
    ours = [trace for trace in figure.data if trace.name == "hokan" and trace.xaxis == "x"]
    errors = {trace.meta: trace.y for trace in ours if trace.yaxis == "y"}
    for scale in ("log", "raw"):
        here = found.query(f"method == 'hokan' and scale == '{scale}' and mechanism == 'MCAR'")
        np.testing.assert_allclose(errors[scale], here["error"])
    assert all(list(trace.x) == [0.1, 0.3] for trace in figure.data)


def test_what_a_method_does_not_tell_is_not_drawn() -> None:
    figure = draw(summary())
    rows = {}
    for trace in figure.data:
        rows.setdefault(trace.name, set()).add(trace.yaxis)
    # Errors, intervals of cells, bias, intervals of estimates: two panels each.
    assert len(rows["complete cases"]) == 4
    assert len(rows["mean"]) == 6
    assert len(rows["hokan"]) == 8


def test_each_method_is_once_in_the_legend_of_each_scale_and_the_last_is_emphasised() -> None:
    figure = draw(summary())
    for scale in ("log", "raw"):
        shown = [t.name for t in figure.data if t.meta == scale and t.showlegend]
        assert sorted(shown) == ["complete cases", "hokan", "mean"]
    widths = {trace.name: trace.line.width for trace in figure.data}
    assert widths["hokan"] > widths["mean"] == widths["complete cases"]
    ranks = {trace.name: trace.legendrank for trace in figure.data}
    assert ranks["complete cases"] < ranks["mean"] < ranks["hokan"]


def test_a_picture_of_many_panels_is_no_wider_than_its_page(tmp_path: Path) -> None:
    parts = [summary().assign(mechanism=name) for name in ("MCAR", "MAR", "MNAR", "block", "last")]
    figure = draw(pd.concat(parts))
    page = tmp_path / "picture.html"
    write_html(figure, page, title="Holes")
    (widest,) = re.findall(r"body {[^}]*max-width: ([0-9]+)px", page.read_text("utf-8"))
    assert figure.layout.width <= int(widest)


def test_buttons_show_one_scale_or_both() -> None:
    figure = draw(summary())
    assert {t.meta for t in figure.data if t.visible} == {"log"}
    buttons = figure.layout.updatemenus[0].buttons
    for button, wanted in zip(buttons, ({"log"}, {"raw"}, {"log", "raw"}), strict=True):
        visible = button.args[0]["visible"]
        shown = {t.meta for t, there in zip(figure.data, visible, strict=True) if there}
        assert shown == wanted
    assert not draw(summary(scales=("raw",))).layout.updatemenus


def test_a_bias_too_large_for_the_picture_is_at_its_edge_and_told() -> None:
    figure = draw(summary())
    biases = [t for t in figure.data if t.name == "hokan" and max(t.y) == 4.0]
    assert biases
    assert any(float(told) > 10.0 for trace in biases for told in trace.customdata)


def test_sizes_are_on_a_logarithmic_axis_and_panels_named_after_columns() -> None:
    found = pd.concat([summary().assign(n_rows=n, n_columns=k) for n in (30, 240) for k in (1, 4)])
    figure = draw(found, x="n_rows", panels="n_columns")
    headings = [annotation.text for annotation in figure.layout.annotations]
    assert headings[:2] == ["<b>1 column</b>", "<b>4 columns</b>"]
    assert figure.layout.xaxis.type == "log"
    assert (
        figure.layout.xaxis.range[0] < np.log10(30) < np.log10(240) < figure.layout.xaxis.range[1]
    )


def test_names_are_no_markup() -> None:
    figure = draw(summary(methods=("a<br>b", "hokan")))
    assert figure.data[0].name == "a&lt;br&gt;b"
    assert "<b>&lt;b&gt;</b>" in {annotation.text for annotation in figure.layout.annotations}


def test_nothing_and_too_much_are_refused() -> None:
    with pytest.raises(HokanError, match="1 to 10 methods to draw, found 11"):
        draw(summary(methods=tuple("abcdefghijk")))
    with pytest.raises(HokanError, match="found 0"):
        draw(summary().iloc[:0])
    empty = summary(methods=("complete cases",)).assign(
        coefficient_bias=np.nan, coefficient_covered=np.nan
    )
    with pytest.raises(HokanError, match="no part of the study was done"):
        draw(empty)
