"""A study of fidelities: what is hidden, what each method sees, and how errors are told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.datasets import make_hierarchy
from hokan.errors import TableError
from hokan.evaluation import (
    FIDELITY_METHODS,
    composition_groups,
    draw_fidelities,
    gain_from_lower_levels,
    paired_differences,
    study_fidelities,
    summarise_fidelities,
)
from hokan.evaluation.fidelity_draws import how_many_fit, only_levels
from hokan.evaluation.fidelity_methods import COKRIGING, JOINT, OWN_PROCESS, TWO_STAGE
from hokan.graph import PropertyGraph
from hokan.inference.fitting import FitOptions
from hokan.model import HierarchyModel, ModelOptions
from hokan.table import MissingPattern, PropertyTable, nested_subset

LEVELS = ("low", "middle", "high")
TWO_LEVELS, SHARES = ("low", "high"), {"low": 0.6}
CHAIN = PropertyGraph.ladder(*LEVELS, transform="identity")


#: Enough to see what there is to see, and quick.
FEW_METHODS = {name: FIDELITY_METHODS[name] for name in (OWN_PROCESS, COKRIGING, JOINT)}


def ladder(n_rows: int = 60, noise: float = 0.05, seed: int = 0) -> PropertyTable:
    links = [[0, 0, 0], [1.5, 0, 0], [0, 1.5, 0]]
    return make_hierarchy(
        n_rows,
        CHAIN,
        missing=0.0,
        link_coefficients=links,
        function_variance=[1.0, 0.05, 0.05],
        noise=noise,
        n_descriptors=2,
        random_state=seed,
    ).table


def polymorphs() -> PropertyTable:
    """Every composition two or three times, some cells unknown."""
    rng = np.random.default_rng(0)
    metals = ["Li", "Na", "K", "Rb", "Cs", "Ca", "Sr", "Ba", "Mg", "Zn"]
    formulas = [f"{metal}{anion}" for metal in metals for anion in ("O", "S", "Se")]
    rows = [formula for k, formula in enumerate(formulas) for _ in range(2 + k % 2)]
    values = rng.normal(size=(len(rows), 2)).cumsum(axis=1)
    values[rng.random(values.shape) < 0.15] = np.nan
    frame = pd.DataFrame({"formula": rows, "gga_eV": values[:, 0], "expt_eV": values[:, 1]})
    return PropertyTable.from_frame(frame)


class TestDrawingRows:
    @settings(deadline=None, max_examples=40)
    @given(st.integers(2, 20), st.integers(2, 20), st.integers(0, 10**6))
    def test_no_composition_is_both_held_out_and_elsewhere(
        self, n_hidden: int, n_known: int, seed: int
    ) -> None:
        drawn = draw_fidelities(
            polymorphs(), ("gga_eV", "expt_eV"), n_hidden, n_known, random_state=seed
        )
        groups = composition_groups(drawn.table)
        assert drawn.held_out.sum() == n_hidden
        assert not set(groups[drawn.held_out]) & set(groups[~drawn.held_out])
        halves = (drawn.lower_known, drawn.held_out & ~drawn.lower_known)
        assert not set(groups[halves[0]]) & set(groups[halves[1]])

    @settings(deadline=None, max_examples=20)
    @given(st.integers(0, 10**6))
    def test_the_top_of_held_out_rows_is_never_in_view(self, seed: int) -> None:
        drawn = draw_fidelities(ladder(), LEVELS, 20, 15, random_state=seed)
        for n_known in (5, 15):
            table, rows = drawn.keep(n_known)
            top = table.observed[:, 2]
            assert top.sum() == n_known
            assert not top[drawn.held_out[rows]].any()
            assert np.isfinite(drawn.truth[rows][drawn.held_out[rows]]).all()

    def test_one_half_of_the_held_out_rows_keeps_its_lower_levels(self) -> None:
        drawn = draw_fidelities(ladder(), LEVELS, 20, 15)
        lower = drawn.table.observed[:, :2]
        assert drawn.lower_known.sum() == 10
        assert lower[drawn.lower_known].all()
        assert not lower[drawn.held_out & ~drawn.lower_known].any()

    def test_more_known_values_are_the_fewer_and_others(self) -> None:
        drawn = draw_fidelities(ladder(), LEVELS, 20, 15)
        few, many = (set(drawn.candidates[:n].tolist()) for n in (5, 15))
        assert few < many
        assert drawn.keep(5)[0].values[:, 2].tolist() != drawn.keep(15)[0].values[:, 2].tolist()

    def test_shares_make_holes_that_are_not_nested(self) -> None:
        shares = {"low": 0.75, "middle": 0.5}
        drawn = draw_fidelities(ladder(80), LEVELS, 20, 15, shares=shares)
        observed, others = drawn.table.observed, ~drawn.held_out
        # Low holes also fall into held-out rows; the level below the top stays known there.
        assert observed[others | drawn.lower_known, 0].mean() == pytest.approx(0.75, abs=0.1)
        assert observed[drawn.lower_known, 1].all()
        assert observed[others, 1].mean() == pytest.approx(0.5, abs=0.12)
        assert MissingPattern.from_table(drawn.table).nesting(LEVELS[:2]).n_dropped > 5

    def test_a_large_table_is_drawn_from(self) -> None:
        drawn = draw_fidelities(ladder(200), LEVELS, 20, 15, most_rows=40)
        assert drawn.table.n_rows == 60
        assert len(drawn.candidates) == 15

    def test_rows_of_which_nothing_is_known_are_left_out(self) -> None:
        drawn = draw_fidelities(ladder(), LEVELS, 20, 15, shares={"low": 0.1, "middle": 0.1})
        table, rows = drawn.keep(2)
        assert table.n_rows < drawn.table.n_rows
        assert (table.observed.any(axis=1) | drawn.held_out[rows]).all()

    def test_the_seed_decides(self) -> None:
        first, same, other = (
            draw_fidelities(ladder(), LEVELS, 20, 15, random_state=seed) for seed in (1, 1, 2)
        )
        np.testing.assert_array_equal(first.table.values, same.table.values)
        assert not np.array_equal(first.held_out, other.held_out)

    def test_too_few_rows_are_told_with_how_many_there_are(self) -> None:
        with pytest.raises(TableError, match=r"100 rows were to be held out.*60 rows both 'high'"):
            draw_fidelities(ladder(), LEVELS, 100, 10)
        with pytest.raises(TableError, match=r"up to 50 rows.*only 30 have it"):
            draw_fidelities(ladder(), LEVELS, 30, 50)

    def test_how_many_rows_a_table_has_for_it(self) -> None:
        table = ladder()
        values = table.values.copy()
        values[:10, 1] = np.nan
        values[5:15, 2] = np.nan
        assert how_many_fit(table.with_values(values), LEVELS) == (45, 50)

    def test_other_properties_are_left_out(self) -> None:
        part = only_levels(ladder(), ("low", "high"))
        assert part.property_names == ("low", "high")
        assert part.descriptors is not None
        with pytest.raises(TableError, match="'hihg', which is no property"):
            only_levels(ladder(), ("low", "hihg"))
        with pytest.raises(TableError, match="at least two levels"):
            only_levels(ladder(), ("low",))


class TestMethods:
    def test_cokriging_sees_the_nested_values_and_the_joint_model_all(self) -> None:
        drawn = draw_fidelities(ladder(), LEVELS, 20, 15, shares={"low": 0.5})
        table, _ = drawn.keep(15)
        for name in (TWO_STAGE, COKRIGING):
            visible = FIDELITY_METHODS[name].visible(table, LEVELS)
            np.testing.assert_array_equal(visible.values, nested_subset(table, LEVELS).values)
        assert FIDELITY_METHODS[JOINT].visible(table, LEVELS) is table

    def test_the_two_stage_form_has_a_process_below_and_straight_lines_above(self) -> None:
        graph = FIDELITY_METHODS[TWO_STAGE].graph(LEVELS)
        assert [member.discrepancy for member in graph] == ["gaussian process", "linear", "linear"]
        assert graph.edges == (("low", "middle"), ("middle", "high"))

    def test_own_property_models_are_blind_to_other_levels(self) -> None:
        drawn = draw_fidelities(ladder(), LEVELS, 20, 15)
        table, _ = drawn.keep(15)
        values = table.values.copy()
        values[:, :2] = np.nan
        own = FIDELITY_METHODS[OWN_PROCESS]
        found, blind = (
            own.predict(part, LEVELS, random_state=0, level=0.9).median
            for part in (table, table.with_values(values))
        )
        np.testing.assert_array_equal(found, blind)

    def test_the_joint_model_is_the_chain_fitted_to_the_whole_table(self) -> None:
        drawn = draw_fidelities(ladder(), LEVELS, 20, 15, shares={"low": 0.5})
        table, _ = drawn.keep(15)
        method = FIDELITY_METHODS[JOINT]
        found = method.predict(table, LEVELS, random_state=0, level=0.9).median[:, 0]
        options = ModelOptions(fit=FitOptions(n_restarts=0))
        model = HierarchyModel.from_table(table, PropertyGraph.ladder(*LEVELS), options)
        expected = model.fill(0.9).median[:, model.graph.names.index("high")]
        np.testing.assert_array_equal(found, expected)


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    return small_study()


def small_study(**options: Any) -> pd.DataFrame:
    return study_fidelities(
        ladder(36),
        TWO_LEVELS,
        (4, 14),
        n_repeats=2,
        n_hidden=16,
        shares=SHARES,
        methods=FEW_METHODS,
        **options,
    )


class TestTheStudy:
    def test_every_number_draw_method_and_half_is_scored(self, scores: pd.DataFrame) -> None:
        assert len(scores) == 2 * 2 * 3 * 3
        assert not scores.duplicated(["n_known", "repeat", "method", "lower"]).any()
        assert set(scores["lower"]) == {"known", "unknown", "all"}
        by = scores.groupby("lower")["n"].unique()
        assert (by["known"], by["unknown"], by["all"]) == ([8], [8], [16])

    def test_all_rows_are_both_halves(self, scores: pd.DataFrame) -> None:
        wide = scores.pivot(
            index=["n_known", "repeat", "method"], columns="lower", values=["error", "coverage"]
        )
        for value in ("error", "coverage"):
            halves = (wide[value]["known"] + wide[value]["unknown"]) / 2
            np.testing.assert_allclose(wide[value]["all"], halves, rtol=1e-9)

    def test_nesting_drops_values_for_cokriging_alone(self, scores: pd.DataFrame) -> None:
        used = scores.groupby(["method", "n_known"])[["top_used", "dropped"]].mean()
        assert used.loc[(JOINT, 14)].tolist() == [14, 0]
        assert used.at[(COKRIGING, 14), "top_used"] < 12
        assert used.at[(COKRIGING, 14), "dropped"] > 0.02

    def test_a_cheap_value_in_the_row_helps_where_levels_go_together(
        self, scores: pd.DataFrame
    ) -> None:
        gain = gain_from_lower_levels(scores, JOINT).set_index("n_known")
        assert gain.at[14, "difference"] < -gain.at[14, "standard_error"] < 0
        joint, own = (
            scores[(scores["method"] == name) & (scores["lower"] == "known")]["error"].mean()
            for name in (JOINT, OWN_PROCESS)
        )
        assert joint < 0.7 * own

    def test_processes_change_nothing_but_the_time(self, scores: pd.DataFrame) -> None:
        told: list[tuple[int, int]] = []
        apart = small_study(n_jobs=2, progress=lambda done, of: told.append((done, of)))
        pd.testing.assert_frame_equal(
            apart.drop(columns="seconds"), scores.drop(columns="seconds"), check_exact=True
        )
        assert told == [(done, 4) for done in range(1, 5)]

    def test_a_method_without_enough_nested_values_has_no_scores(self) -> None:
        scores = study_fidelities(
            ladder(),
            LEVELS,
            (3,),
            n_repeats=1,
            n_hidden=10,
            shares={"low": 0.05},
            methods=FEW_METHODS,
        )
        by = scores[scores["lower"] == "all"].set_index("method")
        assert by.at[COKRIGING, "top_used"] < 2
        assert np.isnan(by.at[COKRIGING, "error"])
        assert by.at[JOINT, "error"] > 0
        assert paired_differences(scores, JOINT, COKRIGING).empty

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ({"n_known": (1, 5)}, "2 or more; found 1, 5"),
            ({"n_known": ()}, "found none"),
            ({"n_known": (5, 5)}, "must differ"),
            ({"n_repeats": 0}, "at least 1 repeat"),
            ({"n_hidden": 1}, "2 held-out rows"),
            ({"shares": {"high": 0.5}}, r"below the top \('low', 'middle'\); found one for 'high'"),
            ({"shares": {"low": 1.5}}, "above 0 and at most 1; found 1.5"),
        ],
    )
    def test_what_cannot_be_is_refused(self, options: dict[str, object], told: str) -> None:
        with pytest.raises(TableError, match=told):
            study_fidelities(ladder(), LEVELS, **({"n_known": (5,)} | options))  # type: ignore[arg-type]


class TestSummaries:
    SCORES = pd.DataFrame(
        [
            (n, repeat, method, lower, error + 0.1 * repeat + (lower == "unknown"))
            for n, first in ((10, 2.0), (20, 1.0))
            for repeat in range(2)
            for method, error in (("a", first), ("b", first + 0.5 + 0.2 * repeat))
            for lower in ("known", "unknown")
        ],
        columns=["n_known", "repeat", "method", "lower", "error"],
    ).assign(coverage=0.9, width=1.0, seconds=1.0, top_used=5, dropped=0.1)

    def test_means_and_standard_errors_over_repeats(self) -> None:
        summary = summarise_fidelities(self.SCORES).set_index(["method", "n_known", "lower"])
        line = summary.loc[("a", 20, "known")]
        assert line["error"] == pytest.approx(1.05)
        # Two values apart by 0.1: their standard deviation is 0.1/√2, its error 0.1/2.
        assert line["error_se"] == pytest.approx(0.05)
        assert line["repeats"] == 2

    def test_differences_are_taken_draw_by_draw(self) -> None:
        found = paired_differences(self.SCORES, "a", "b")
        np.testing.assert_allclose(found["difference"], -0.6)
        np.testing.assert_allclose(found["standard_error"], 0.1)
        assert found["repeats"].tolist() == [2] * 4

    def test_means_over_numbers_keep_the_repeats_apart(self) -> None:
        found = paired_differences(self.SCORES, "a", "b", by=("lower",))
        np.testing.assert_allclose(found["difference"], -0.6)
        np.testing.assert_allclose(found["standard_error"], 0.1)

    def test_the_gain_from_lower_levels(self) -> None:
        found = gain_from_lower_levels(self.SCORES, "a")
        np.testing.assert_allclose(found["difference"], -1.0)
        np.testing.assert_allclose(found["standard_error"], 0.0, atol=1e-12)
