"""A study of physics as prior: what is hidden, what is scored, and where laws help."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.errors import TableError
from hokan.evaluation import composition_groups
from hokan.evaluation.physics import (
    ALL,
    EXTRA_TREES,
    KNOWN,
    physics_differences,
    study_physics,
    summarise_physics,
)
from hokan.evaluation.physics_draws import NONE, draw_by_relatives, kinds_of_rows
from hokan.graph import Property, PropertyGraph
from hokan.table import PropertyTable

TARGET = "melting_K"
KINDS = {"elastic": ("debye_K", "modulus_GPa"), "thermal": ("fusion_kJ",)}
METALS = [
    "Li",
    "Na",
    "K",
    "Rb",
    "Cs",
    "Be",
    "Mg",
    "Ca",
    "Sr",
    "Ba",
    "Sc",
    "Y",
    "La",
    "Ti",
    "Zr",
    "Hf",
    "V",
    "Nb",
    "Ta",
    "Cr",
    "Mo",
    "W",
    "Mn",
    "Fe",
    "Co",
    "Ni",
    "Cu",
    "Zn",
]
FORMULAS = [f"{metal}{anion}" for metal in METALS for anion in ("O", "S", "Cl2")]


def melting() -> PropertyTable:
    """The target is the square of one relative; a third of rows has it, a third another one."""
    rng = np.random.default_rng(0)
    n = len(FORMULAS)
    debye = np.exp(rng.normal(5.5, 0.5, n))
    target = 0.02 * debye**2 * np.exp(0.02 * rng.normal(size=n))
    frame = pd.DataFrame({"formula": FORMULAS, TARGET: target, "debye_K": debye})
    frame["fusion_kJ"] = target**0.5 * np.exp(0.3 * rng.normal(size=n))
    frame.loc[np.arange(n) % 3 != 0, "debye_K"] = np.nan
    frame.loc[np.arange(n) % 3 == 2, "fusion_kJ"] = np.nan
    twins = frame.iloc[:12].assign(**{TARGET: frame[TARGET].iloc[:12] * 1.05})
    return PropertyTable.from_frame(pd.concat([frame, twins], ignore_index=True))


def graphs() -> dict[str, PropertyGraph]:
    """Without links, free ones, and one with the law."""

    def of(prior: dict[str, float], parents: tuple[str, ...] = ("debye_K",)) -> PropertyGraph:
        members = [Property(p, transform="log", quantity=p) for p in parents]
        child = Property(TARGET, transform="log", quantity=TARGET, parents=parents, prior=prior)
        return PropertyGraph((*members, child))

    return {"alone": of({}, ()), "free": of({}), "law": of({"debye_K": 2.0})}


class TestDrawingRows:
    def test_a_kind_is_the_first_of_which_something_is_known(self) -> None:
        kinds = kinds_of_rows(melting(), KINDS)
        assert kinds[:6].tolist() == ["elastic", "thermal", NONE] * 2

    @settings(deadline=None, max_examples=25)
    @given(st.integers(1, 8), st.integers(1, 8), st.integers(0, 10**6))
    def test_kinds_take_turns_and_no_composition_is_on_both_sides(
        self, hidden: int, known: int, seed: int
    ) -> None:
        table = melting()
        drawn = draw_by_relatives(table, TARGET, KINDS, 3 * hidden, 3 * known, seed)
        out, kept = drawn.kinds[: 3 * hidden], drawn.kinds[3 * hidden :]
        for kind in ("elastic", "thermal", NONE):
            assert (out == kind).sum() == hidden
            assert (kept == kind).sum() == known
        groups = composition_groups(drawn.table)
        assert not set(groups[: 3 * hidden]) & set(groups[3 * hidden :])
        assert drawn.table.n_rows == 3 * (hidden + known)

    def test_the_target_is_known_in_as_many_rows_as_asked_and_never_in_held_out_ones(self) -> None:
        drawn = draw_by_relatives(melting(), TARGET, KINDS, 12, 15)
        assert np.isfinite(drawn.truth).all()
        column = drawn.table.property_names.index(TARGET)
        few, many = (drawn.keep(n).values[:, column] for n in (6, 15))
        for n, values in ((6, few), (15, many)):
            known = np.isfinite(values)
            assert known.sum() == n
            assert not known[:12].any()
        assert (few[np.isfinite(few)] == many[np.isfinite(few)]).all()
        # What else is known stays in view everywhere.
        others = [k for k in range(drawn.table.n_properties) if k != column]
        np.testing.assert_array_equal(
            drawn.keep(6).values[:, others], drawn.table.values[:, others]
        )

    def test_the_seed_decides(self) -> None:
        first, same, other = (
            draw_by_relatives(melting(), TARGET, KINDS, 12, 15, s) for s in (1, 1, 2)
        )
        np.testing.assert_array_equal(first.truth, same.truth)
        assert not np.array_equal(first.truth, other.truth)

    def test_kinds_that_no_row_has_are_passed_over(self) -> None:
        drawn = draw_by_relatives(melting(), TARGET, {"magnetic": ("moment",), **KINDS}, 9, 9)
        assert set(drawn.kinds) == {"elastic", "thermal", NONE}

    def test_too_few_rows_are_told_with_how_many_there_are(self) -> None:
        with pytest.raises(TableError, match=r"too many .*elastic: 32, thermal: 32, none: 32"):
            draw_by_relatives(melting(), TARGET, KINDS, 60, 60)
        with pytest.raises(TableError, match="no property 'boiling'"):
            draw_by_relatives(melting(), "boiling", KINDS, 6, 6)


def small_study(**options: Any) -> pd.DataFrame:
    given: dict[str, Any] = {"n_repeats": 2, "n_hidden": 30} | options
    return study_physics(melting(), TARGET, graphs(), KINDS, (4, 24), **given)


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return small_study()


class TestTheStudy:
    def test_every_number_draw_method_and_kind_is_scored(self, found: pd.DataFrame) -> None:
        assert len(found) == 2 * 2 * 4 * 5
        assert not found.duplicated(["n_known", "repeat", "method", "relatives"]).any()
        assert list(dict.fromkeys(found["method"])) == [EXTRA_TREES, "alone", "free", "law"]
        by = found.groupby("relatives")["n"].unique().map(list).to_dict()
        assert by == {"elastic": [10], "thermal": [10], NONE: [10], KNOWN: [20], ALL: [30]}

    def test_the_whole_is_the_mean_of_its_parts(self, found: pd.DataFrame) -> None:
        wide = found.pivot(
            index=["n_known", "repeat", "method"],
            columns="relatives",
            values=["error", "coverage", "width"],
        ).dropna()
        for value in ("error", "coverage", "width"):
            parts = wide[value]
            np.testing.assert_allclose(parts[KNOWN], (parts["elastic"] + parts["thermal"]) / 2)
            np.testing.assert_allclose(parts[ALL], (2 * parts[KNOWN] + parts[NONE]) / 3)

    def test_a_link_helps_where_the_relative_is_known_and_a_true_law_where_little_is(
        self, found: pd.DataFrame
    ) -> None:
        error = summarise_physics(found).set_index(["n_known", "method", "relatives"])["error"]
        assert error[24, "free", "elastic"] < 0.3 * error[24, "alone", "elastic"]
        assert error[4, "law", "elastic"] < 0.5 * error[4, "alone", "elastic"]
        assert error[4, "law", "elastic"] < error[4, "free", "elastic"]

    def test_the_trees_have_no_log_score(self, found: pd.DataFrame) -> None:
        trees = found["method"] == EXTRA_TREES
        assert found.loc[trees, "log_score"].isna().all()
        assert found.loc[~trees, "log_score"].notna().all()

    def test_log_scores_are_those_of_the_densities(self) -> None:
        """Against a fit by hand: the normal density of the logarithm, whose interval is known."""
        from scipy.stats import norm

        from hokan.inference.fitting import FitOptions
        from hokan.model import HierarchyModel, ModelOptions

        scored = small_study(n_repeats=1, trees=False)
        drawn = draw_by_relatives(melting(), TARGET, KINDS, 30, 24, [0, 0])
        graph = graphs()["law"]
        options = ModelOptions(fit=FitOptions(n_restarts=0))
        model = HierarchyModel.from_table(drawn.keep(24), graph, options)
        filled = model.fill(0.9)
        j = model.graph.names.index(TARGET)
        centre, upper = (np.log(a[:30, j]) for a in (filled.median, filled.upper))
        density = norm(centre, (upper - centre) / norm.ppf(0.95)).logpdf(np.log(drawn.truth[:30]))
        line = scored.set_index(["n_known", "method", "relatives"]).loc[(24, "law", ALL)]
        assert line["log_score"] == pytest.approx(-density.mean(), rel=1e-9)

    def test_differences_are_paired(self, found: pd.DataFrame) -> None:
        lines = physics_differences(found, "law", "free").set_index(["n_known", "relatives"])
        wide = found[(found["n_known"] == 4) & (found["relatives"] == ALL)].pivot(
            index="repeat", columns="method", values="error"
        )
        each = wide["law"] - wide["free"]
        assert lines.loc[(4, ALL), "difference"] == pytest.approx(each.mean())
        assert lines.loc[(4, ALL), "standard_error"] == pytest.approx(each.std() / np.sqrt(2))
        scores = physics_differences(found, "law", "free", "log_score")
        assert not np.allclose(scores["difference"], lines["difference"])
        assert physics_differences(found, "law", EXTRA_TREES, "log_score").empty

    def test_the_seed_decides_and_the_number_of_processes_does_not(self) -> None:
        few: dict[str, Any] = {"n_repeats": 1, "trees": False}
        one, two, other = (
            small_study(**few, **options).drop(columns="seconds")
            for options in ({}, {"n_jobs": 2}, {"random_state": 1})
        )
        pd.testing.assert_frame_equal(one, two, check_exact=True)
        assert not one["error"].equals(other["error"])

    def test_progress_counts_the_tasks(self) -> None:
        told: list[tuple[int, int]] = []
        small_study(n_repeats=1, trees=False, progress=lambda *parts: told.append(parts))
        assert told == [(1, 2), (2, 2)]

    def test_without_rows_of_other_kinds_there_is_no_line_for_them(self) -> None:
        scored = study_physics(
            melting(), TARGET, {"alone": graphs()["alone"]}, {}, (5,), n_repeats=1, n_hidden=9
        )
        assert set(scored["relatives"]) == {NONE, ALL}

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ({"n_known": (2,)}, "3 or more; found 2"),
            ({"n_known": (5, 5)}, "must differ"),
            ({"n_known": ()}, "found none"),
            ({"n_repeats": 0}, "at least 1 repeat"),
        ],
    )
    def test_numbers_that_cannot_be(self, options: dict[str, Any], told: str) -> None:
        with pytest.raises(TableError, match=told):
            study_physics(melting(), TARGET, graphs(), KINDS, **options)

    def test_a_target_that_is_not_positive(self) -> None:
        table = melting()
        values = table.values.copy()
        values[4, table.property_names.index(TARGET)] = -1.0
        with pytest.raises(TableError, match=r"row 5: 'melting_K' must be positive"):
            study_physics(
                table.with_values(values), TARGET, graphs(), KINDS, (4,), n_repeats=1, n_hidden=9
            )
