"""Learning curves: what is drawn, and that nothing a user wrote is taken for markup."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hokan.errors import HokanError
from hokan.plots import learning_curves, write_html

METHODS = ("own property, linear", "cokriging, autoregressive", "joint model")


def summary(methods: tuple[str, ...] = METHODS) -> pd.DataFrame:
    lines = [
        (n, lower, method, 3, (5.0 + k) / n, 0.5 / n, 0.9)
        for n in (40, 10, 20)
        for lower in ("known", "unknown", "all")
        for k, method in enumerate(methods)
    ]
    columns = ["n_known", "lower", "method", "repeats", "error", "error_se", "coverage"]
    return pd.DataFrame(lines, columns=columns)


def curves(figure):
    return [trace for trace in figure.data if trace.mode == "lines+markers"]


def test_each_method_has_a_curve_in_both_panels_and_one_line_in_the_legend():
    figure = learning_curves(summary(), title="Title", top="expt", unit="eV")
    assert [trace.name for trace in curves(figure)] == [*METHODS, *METHODS]
    assert [trace.xaxis for trace in curves(figure)] == ["x"] * 3 + ["x2"] * 3
    assert [trace.name for trace in figure.data if trace.showlegend] == [*METHODS]


def test_curves_run_from_few_to_many_known_values_on_a_logarithmic_axis():
    figure = learning_curves(summary(), title="Title", top="expt", unit="eV")
    first = curves(figure)[0]
    assert list(first.x) == [10, 20, 40]
    np.testing.assert_allclose(first.y, [0.5, 0.25, 0.125])
    for axis in (figure.layout.xaxis, figure.layout.xaxis2):
        assert axis.type == "log"
        assert list(axis.ticktext) == ["10", "20", "40"]
        assert axis.range[0] < 1 < np.log10(40) < axis.range[1]
    assert figure.layout.yaxis.title.text == "mean absolute error (eV)"


def test_bands_reach_one_standard_error_either_way():
    figure = learning_curves(summary(), title="Title", top="expt")
    band = next(trace for trace in figure.data if trace.fill == "toself")
    np.testing.assert_allclose(band.y[:3], [0.55, 0.275, 0.1375])
    np.testing.assert_allclose(band.y[3:][::-1], [0.45, 0.225, 0.1125])


def test_the_last_method_is_the_one_to_see():
    figure = learning_curves(summary(), title="Title", top="expt")
    widths = [trace.line.width for trace in curves(figure)[:3]]
    assert widths[2] > max(widths[:2])


def test_a_single_draw_has_no_band_and_a_method_that_failed_no_point():
    once = summary().assign(error_se=np.nan)
    once.loc[(once["method"] == METHODS[1]) & (once["n_known"] == 10), "error"] = np.nan
    figure = learning_curves(once, title="Title", top="expt")
    assert list(curves(figure)[1].x) == [20, 40]
    assert "±" not in "".join(curves(figure)[0].customdata[:, 0])
    band = next(trace for trace in figure.data if trace.fill == "toself")
    np.testing.assert_allclose(band.y[:3], band.y[3:][::-1])


def test_names_are_shown_as_they_are(tmp_path):
    figure = learning_curves(
        summary(("<b>a</b>", "b")), title="<i>T</i>", subtitle="<u>", top="<script>", unit="cm^-1"
    )
    told = figure.to_json()
    assert "&lt;script&gt;" in figure.layout.xaxis.title.text
    assert curves(figure)[0].name == "&lt;b&gt;a&lt;/b&gt;"
    assert "&lt;i&gt;T" in figure.layout.title.text
    assert "<script>" not in told
    assert figure.layout.yaxis.title.text == "mean absolute error (cm<sup>-1</sup>)"
    path = tmp_path / "picture.html"
    write_html(figure, path)
    assert path.stat().st_size > 10**6


def test_long_names_are_cut():
    figure = learning_curves(summary(), title="Title", top="x" * 200)
    assert len(figure.layout.xaxis.title.text) < 80


@pytest.mark.parametrize("n_methods", [0, 7])
def test_what_cannot_be_told_apart_is_refused(n_methods):
    methods = tuple(f"method {k}" for k in range(n_methods))
    with pytest.raises(HokanError, match=f"found {n_methods}"):
        learning_curves(summary(methods), title="Title", top="expt")
