"""The picture of the pattern of holes: it shows every cell once, however many rows there are."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hokan.errors import HokanError, MissingExtraError, TableError
from hokan.plots import missing_pattern, write_html
from hokan.plots.missing_pattern import MOST_DRAWN
from hokan.plots.pattern_map import MOST_BANDS, bands_of, heights, least_height
from hokan.table import MissingPattern, PropertyTable

EVIL = '</script><script>alert("x")</script>'


def table_of(observed: np.ndarray, names: Sequence[str] | None = None) -> PropertyTable:
    n, p = observed.shape
    values = np.where(observed, 1.0 + np.arange(n * p).reshape(n, p), np.nan)
    frame = pd.DataFrame(values, columns=list(names or (f"p{j}" for j in range(p))))
    return PropertyTable.from_frame(frame, properties=list(frame), allow_empty_properties=True)


def random_table(n: int, p: int) -> PropertyTable:
    random = np.random.default_rng(n + p)
    return table_of(random.random((n, p)) < np.linspace(0.95, 0.1, p))


def bars(figure: Any) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data if trace.type == "bar"}


def drawn_rows(figure: Any) -> dict[str, list[int]]:
    """How many rows each bar stands for, from what it tells when hovered over, by column."""
    p = len(figure.layout.xaxis.ticktext)
    found = {}
    for name, trace in bars(figure).items():
        found[name] = [0] * p
        for column, text in zip(trace.x, trace.customdata, strict=True):
            found[name][column] += int(text.split(" in ")[-1].split(" of ")[0])
    return found


@pytest.fixture
def gaps() -> PropertyTable:
    observed = np.array(
        [[1, 1, 1], [1, 1, 0], [1, 1, 0], [0, 1, 1], [1, 0, 1], [1, 0, 0]], dtype=bool
    )
    return table_of(observed, ("gap_pbe_eV", "gap_hse_eV", "gap_expt_eV"))


class TestMap:
    def test_columns_stand_in_the_best_order_with_their_counts(self, gaps: PropertyTable) -> None:
        figure = missing_pattern(gaps)
        labels = ["gap pbe (eV)", "gap hse (eV)", "gap expt (eV)"]
        assert list(figure.layout.xaxis.ticktext) == labels
        counts = [a.text for a in figure.layout.annotations if a.yref == "y"]
        assert counts == ["5", "4", "3"]

    def test_every_cell_is_shown_as_what_it_is(self, gaps: PropertyTable) -> None:
        assert drawn_rows(missing_pattern(gaps)) == {
            "known": [5, 3, 1],
            "known, behind a hole": [0, 1, 2],
            "hole": [1, 2, 3],
        }

    def test_an_order_of_some_leaves_the_others_unjudged(self, gaps: PropertyTable) -> None:
        figure = missing_pattern(gaps, ["gap_hse_eV", "gap_expt_eV"])
        assert list(figure.layout.xaxis.ticktext)[:2] == ["gap hse (eV)", "gap expt (eV)"]
        assert drawn_rows(figure) == {
            "known": [4, 2, 0],
            "known, behind a hole": [0, 1, 0],
            "known, not in the order": [0, 0, 5],
            "hole": [2, 3, 1],
        }

    @pytest.mark.parametrize(("n", "p"), [(50, 3), (50, 12), (5000, 3), (5000, 12)])
    def test_every_row_is_in_one_band(self, n: int, p: int) -> None:
        table = random_table(n, p)
        figure = missing_pattern(table)
        shown = drawn_rows(figure)
        assert [sum(of) for of in zip(*shown.values(), strict=True)] == [n] * p
        known = np.array(shown["known"]) + shown["known, behind a hole"]
        assert known.sum() == table.observed.sum()
        labels = figure.layout.yaxis.ticktext
        assert sum(int(label.split()[0]) for label in labels) == n
        assert len(labels) <= MOST_BANDS + 1

    @pytest.mark.parametrize(("n", "p"), [(50, 3), (50, 12), (5000, 3), (5000, 12), (20_000, 15)])
    def test_bands_do_not_overlap_and_are_high_enough_for_their_labels(
        self, n: int, p: int
    ) -> None:
        figure = missing_pattern(random_table(n, p))
        middles = np.array(figure.layout.yaxis.tickvals)
        margin = figure.layout.margin
        pixels = figure.layout.height - margin.t - margin.b
        assert figure.layout.yaxis.range[0] == pytest.approx(pixels, abs=1)
        assert np.diff(middles, prepend=0.0).min() >= 8
        assert np.diff(middles).min() >= 16
        for trace in bars(figure).values():
            bottoms = np.array(trace.base) + np.array(trace.y)
            assert bottoms.max() <= pixels + 1

    def test_rare_patterns_share_a_band(self) -> None:
        observed = np.ones((5000, 6), dtype=bool)
        observed[:32] = [[bool(k >> j & 1) for j in range(6)] for k in range(32)]
        bands = bands_of(MissingPattern(tuple("abcdef"), observed))
        assert len(bands) == MOST_BANDS + 1
        assert bands[0].label == "4968 rows"
        assert bands[1].label == "1 row"
        assert bands[-1].label == "9 rows in 9<br>other patterns"

    def test_heights_are_in_proportion_where_they_are_not_lifted(self) -> None:
        observed = np.zeros((1000, 3), dtype=bool)
        observed[:600, 0] = True
        observed[600:999, 1] = True
        observed[999, 2] = True
        bands = bands_of(MissingPattern(tuple("abc"), observed))
        large, medium, small = heights(bands, 500.0)
        assert large + medium + small == pytest.approx(500.0)
        assert large / medium == pytest.approx(600 / 399)
        assert small == least_height(bands[-1:])


class TestPanels:
    def test_influx_and_outflux_are_drawn_beside_their_names(self, gaps: PropertyTable) -> None:
        figure = missing_pattern(gaps)
        influx, outflux = (t for t in figure.data if t.type == "scatter")
        flux = MissingPattern.from_table(gaps).flux()
        np.testing.assert_allclose(influx.x, flux["influx"])
        np.testing.assert_allclose(outflux.x, flux["outflux"])
        assert list(influx.y) == list(figure.layout.yaxis2.tickvals)
        assert figure.layout.yaxis2.ticktext == figure.layout.yaxis3.ticktext

    def test_pairs_known_together(self, gaps: PropertyTable) -> None:
        (heatmap,) = (t for t in missing_pattern(gaps).data if t.type == "heatmap")
        assert np.array(heatmap.text).tolist() == [["5", "", ""], ["3", "4", ""], ["2", "2", "3"]]

    def test_pairs_never_known_together_look_like_holes(self) -> None:
        observed = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=bool)
        figure = missing_pattern(table_of(observed))
        _, never = (t for t in figure.data if t.type == "heatmap")
        assert np.array(never.text).tolist() == [["", ""], ["0", ""]]
        assert never.colorscale[0][1] == bars(figure)["hole"].marker.color
        assert any("grey: none" in a.text for a in figure.layout.annotations)

    def test_numbers_are_left_out_where_they_have_no_room(self) -> None:
        few, many = (missing_pattern(random_table(20_000, p)) for p in (4, 15))
        assert next(t for t in few.data if t.type == "heatmap").texttemplate
        assert next(t for t in many.data if t.type == "heatmap").texttemplate is None


class TestWords:
    def test_the_title_says_what_nesting_would_cost(self, gaps: PropertyTable) -> None:
        title = missing_pattern(gaps).layout.title.text
        assert "12 values known, 6 holes in 6 rows" in title
        assert "in this order, the best one, 3 of 12 known values stand behind a hole" in title
        nested = missing_pattern(gaps.select([0, 1, 5])).layout.title.text
        assert "Nested: each row that knows a property knows all to the left of it." in nested
        one = missing_pattern(gaps, ["gap_pbe_eV"]).layout.title.text
        assert "Nested: of those in the order, each row" in one

    def test_long_names_keep_both_ends(self) -> None:
        names = [f"a_property_with_a_name_longer_than_its_place_{j}" for j in range(3)]
        figure = missing_pattern(table_of(np.eye(3, dtype=bool), names))
        labels = figure.layout.xaxis.ticktext
        assert len(set(labels)) == 3
        assert all(label.startswith("a_property") and len(label) <= 30 for label in labels)

    def test_of_very_many_properties_a_part_is_drawn_and_said_so(self) -> None:
        figure = missing_pattern(random_table(60, MOST_DRAWN + 5))
        assert len(figure.layout.xaxis.ticktext) == MOST_DRAWN
        assert f"(drawn: {MOST_DRAWN} of {MOST_DRAWN + 5} properties)" in figure.layout.title.text

    def test_nothing_a_user_wrote_becomes_part_of_the_page(self, tmp_path: Path) -> None:
        table = table_of(np.array([[1, 0], [1, 1]], dtype=bool), (EVIL, "<b>b</b>"))
        figure = missing_pattern(table)
        path = tmp_path / "picture.html"
        write_html(figure, path, title=EVIL)
        assert EVIL not in path.read_text(encoding="utf-8")
        # What Plotly is given is escaped once more, for it reads a little HTML itself.
        given = json.dumps(figure.to_plotly_json(), default=list)
        assert "<script>" not in given
        assert "<b>b" not in given


class TestLimits:
    def test_tables_with_nothing_known_one_property_or_no_holes_can_be_drawn(self) -> None:
        for observed in (np.zeros((3, 2)), np.ones((3, 1)), np.ones((4, 3)), np.zeros((1, 1))):
            figure = missing_pattern(table_of(observed.astype(bool)))
            assert len(figure.layout.xaxis.ticktext) == observed.shape[1]

    def test_a_table_without_cells_is_refused(self, gaps: PropertyTable) -> None:
        with pytest.raises(HokanError, match="no cell to draw"):
            missing_pattern(gaps.select([]))

    def test_an_order_that_makes_no_sense_is_refused(self, gaps: PropertyTable) -> None:
        with pytest.raises(TableError, match="Did you mean 'gap_pbe_eV'"):
            missing_pattern(gaps, ["gap_pbe"])

    def test_without_plotly_the_way_to_install_it_is_told(
        self, gaps: PropertyTable, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
        with pytest.raises(MissingExtraError, match=r'pip install "hokan\[plots\]"'):
            missing_pattern(gaps)
