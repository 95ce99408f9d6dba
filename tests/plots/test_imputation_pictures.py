"""Pictures of imputations: what is drawn of one to twelve properties, names taken as they are."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from hokan.errors import HokanError
from hokan.plots import (
    imputation_densities,
    imputation_traces,
    overimputation_plot,
    propensity_plot,
    write_pictures,
)
from hokan.plots.imputation_densities import MOST_IMPUTATIONS

NAMES = ("melting_point_K", "<b>gap</b>", *(f"property {k}" for k in range(10)))
UNITS = {"melting_point_K": "K"}


def cells(n_properties: int = 2, m: int = 4, n: int = 60, holes: int = 20) -> pd.DataFrame:
    """Observed and imputed values with propensities."""
    random = np.random.default_rng(0)
    parts = []
    for name in NAMES[:n_properties]:
        rows = np.arange(n)
        propensity = np.linspace(0.1, 0.8, n)
        for imputation in range(m + 1):
            chosen = rows[holes:] if imputation == 0 else rows[:holes]
            values = np.exp(random.normal(size=len(chosen)))
            part = {"property": name, "row": chosen, "imputation": imputation, "value": values}
            parts.append(pd.DataFrame({**part, "propensity": propensity[chosen]}))
    return pd.concat(parts, ignore_index=True)


def trace(n_properties: int = 2, chains: int = 3, steps: int = 20) -> pd.DataFrame:
    random = np.random.default_rng(1)
    return pd.concat(
        pd.DataFrame(
            {
                "column": name,
                "chain": np.repeat(np.arange(chains), steps),
                "step": np.tile(np.arange(steps), chains),
                "mean": random.normal(size=chains * steps),
                "std": random.uniform(size=chains * steps),
            }
        )
        for name in NAMES[:n_properties]
    )


def left_out(n_properties: int = 2) -> pd.DataFrame:
    observed = np.exp(np.linspace(-1.0, 1.0, 10))
    predicted = observed * np.where(np.arange(10) < 3, 2.0, 1.0)
    return pd.concat(
        pd.DataFrame(
            {
                "row": range(10),
                "property": name,
                "observed": observed,
                "predicted": predicted,
                "lower": predicted - 0.1,
                "upper": predicted + 0.1,
            }
        )
        for name in NAMES[:n_properties]
    )


def all_pictures(n_properties: int) -> list:
    return [
        imputation_traces(trace(n_properties), units=UNITS),
        imputation_densities(cells(n_properties), units=UNITS),
        propensity_plot(cells(n_properties), units=UNITS),
        overimputation_plot(left_out(n_properties), units=UNITS),
    ]


@pytest.mark.parametrize("n_properties", [1, 2, 4, 7, 12])
def test_every_property_has_a_panel_below_its_name(n_properties):
    for figure, panels in zip(
        all_pictures(n_properties), (2 * n_properties, *[n_properties] * 3), strict=True
    ):
        told = [annotation.text for annotation in figure.layout.annotations]
        assert len(told) == panels
        assert told[0].startswith("<b>melting point")
        assert figure.layout.width <= 1240
        drawn = {figure_trace.xaxis for figure_trace in figure.data}
        assert len(drawn) == panels


def test_names_are_shown_as_they_are():
    for figure in all_pictures(2):
        headings = " ".join(annotation.text for annotation in figure.layout.annotations)
        assert "&lt;b&gt;gap&lt;/b&gt;" in headings
        assert "<b>gap" not in figure.to_json().replace("\\u003c", "<")


def test_panels_do_not_overlap_and_headings_have_room():
    for figure in all_pictures(12):
        inner = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
        starts = {
            tuple(figure.layout[name].domain)
            for name in figure.layout.to_plotly_json()
            if name.startswith("yaxis")
        }
        ordered = sorted(starts)
        for below, above in itertools.pairwise(ordered):
            assert (above[0] - below[1]) * inner > 85


class TestTraces:
    def test_each_chain_is_a_line_of_mean_and_of_spread(self):
        given = trace(1)
        figure = imputation_traces(given)
        assert len(figure.data) == 6
        for position, line in enumerate(figure.data):
            part = given[given["chain"] == position % 3]
            what = "mean" if position < 3 else "std"
            np.testing.assert_array_equal(line.x, part["step"])
            np.testing.assert_array_equal(line.y, part[what])

    def test_each_panel_tells_its_own_r_hat(self):
        convergence = pd.DataFrame(
            {"property": ["melting_point_K"], "r_hat_mean": [1.234], "r_hat_std": [np.nan]}
        )
        figure = imputation_traces(trace(1), convergence=convergence)
        mean, std = (annotation.text for annotation in figure.layout.annotations)
        assert "R-hat 1.23" in mean
        assert "R-hat" not in std

    def test_many_chains_have_no_legend_but_are_counted(self):
        figure = imputation_traces(trace(1, chains=20))
        assert not any(line.showlegend for line in figure.data)
        assert "one of 20 chains" in figure.layout.title.text

    def test_long_chains_are_thinned(self):
        figure = imputation_traces(trace(1, steps=2000))
        assert len(figure.data[0].x) == 500

    def test_nothing_to_draw_is_refused(self):
        with pytest.raises(HokanError, match="no trace"):
            imputation_traces(trace(1).assign(mean=np.nan))


class TestDensities:
    def test_each_imputation_is_a_thin_line_and_what_is_observed_a_thick_one(self):
        figure = imputation_densities(cells(1, m=4))
        assert [line.name for line in figure.data] == ["imputed, each time a line"] * 4 + [
            "observed"
        ]
        assert figure.data[-1].line.width > 2 * figure.data[0].line.width
        assert sum(bool(line.showlegend) for line in figure.data) == 2

    def test_densities_integrate_to_one_and_follow_the_values(self):
        given = cells(1, m=1, n=4000, holes=2000)
        figure = imputation_densities(given, logarithmic=["melting_point_K"])
        line = figure.data[-1]
        x, y = np.log10(line.x), np.asarray(line.y)
        assert np.trapezoid(y, x) == pytest.approx(1.0, abs=0.02)
        assert np.trapezoid(x * y, x) == pytest.approx(0.0, abs=0.03)
        assert figure.layout.xaxis.type == "log"

    def test_a_logarithmic_axis_needs_values_above_zero(self):
        given = cells(1)
        given.loc[0, "value"] = 0.0
        figure = imputation_densities(given, logarithmic=["melting_point_K"])
        assert figure.layout.xaxis.type == "linear"

    def test_few_values_are_marks(self):
        figure = imputation_densities(cells(1, m=3, holes=2))
        marks = next(line for line in figure.data if line.mode == "markers")
        assert len(marks.x) == 6

    def test_one_value_again_and_again_does_not_stop_it(self):
        figure = imputation_densities(cells(1).assign(value=3.0))
        assert figure.layout.xaxis.range[0] < 3.0 < figure.layout.xaxis.range[1]

    def test_of_many_imputations_some_are_drawn(self):
        figure = imputation_densities(cells(1, m=200))
        assert len(figure.data) <= MOST_IMPUTATIONS + 1

    def test_nothing_to_draw_is_refused(self):
        with pytest.raises(HokanError, match="no imputed values"):
            imputation_densities(cells(1).iloc[:0])


class TestPropensity:
    def test_both_kinds_stand_at_their_probability(self):
        given = cells(1)
        figure = propensity_plot(given)
        for points, kind in (
            (figure.data[0], given["imputation"] == 0),
            (figure.data[1], given["imputation"] > 0),
        ):
            np.testing.assert_array_equal(points.x, given.loc[kind, "propensity"])
            np.testing.assert_array_equal(points.y, given.loc[kind, "value"])

    def test_lines_are_means_of_groups(self):
        given = cells(1)
        figure = propensity_plot(given)
        observed = given[given["imputation"] == 0]
        line = next(trace for trace in figure.data if trace.name == "mean of observed")
        assert len(line.x) == 6
        assert np.mean(line.x) == pytest.approx(observed["propensity"].mean(), abs=0.02)
        groups = np.array_split(observed.sort_values("propensity")["value"].to_numpy(), 6)
        np.testing.assert_allclose(line.y, [group.mean() for group in groups])

    def test_the_comparison_stands_in_the_heading(self):
        balance = pd.DataFrame(
            {
                "property": NAMES[:2],
                "difference": [0.5, np.nan],
                "differs": [True, False],
                "note": ["", "not compared: fewer than 5 holes"],
            }
        )
        first, second = (
            annotation.text
            for annotation in propensity_plot(cells(2), balance=balance).layout.annotations
        )
        assert "imputed 0.50 standard deviations higher: look" in first
        assert "not compared: fewer than 5 holes" in second

    def test_equal_probabilities_are_seen_to_be_equal(self):
        figure = propensity_plot(cells(1).assign(propensity=0.3))
        low, high = figure.layout.xaxis.range
        assert low < 0.29
        assert high > 0.31

    def test_nothing_to_compare_is_refused(self):
        with pytest.raises(HokanError, match="no imputed values"):
            propensity_plot(cells(1).assign(propensity=np.nan))


class TestOverimputation:
    def test_values_outside_their_interval_have_another_colour(self):
        figure = overimputation_plot(left_out(1), level=0.8)
        inside, outside = (trace for trace in figure.data if trace.mode == "markers")
        assert (len(inside.x), len(outside.x)) == (7, 3)
        assert inside.marker.color != outside.marker.color
        assert "70 % of 10 in their 80 % interval" in figure.layout.annotations[0].text

    def test_nothing_to_draw_is_refused(self):
        with pytest.raises(HokanError, match="no known value"):
            overimputation_plot(left_out(1).iloc[:0])


def test_a_page_holds_several_pictures_and_the_program_once(tmp_path):
    path = tmp_path / "page.html"
    pictures = all_pictures(1)
    write_pictures(
        [("First & <b>foremost</b>", pictures[0]), ("Only told", None), ("Last", pictures[1])],
        path,
        title="Title",
    )
    page = path.read_text(encoding="utf-8")
    assert page.count('id="picture-') == 2
    assert page.count("<title>Title</title>") == 1
    assert "First &amp; &lt;b&gt;foremost&lt;/b&gt;" in page
    assert page.index(">Only told<") < page.index(">Last<")
    alone = tmp_path / "alone.html"
    write_pictures([("One", pictures[0])], alone)
    assert len(page) < alone.stat().st_size + 10**6
