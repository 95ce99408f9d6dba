"""Studies of filling holes: what they count, that they can go on, that processes change nothing."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hokan.errors import HokanError, OutputError, TableError
from hokan.evaluation.imputation_studies import (
    IMPUTATION_METHODS,
    imputation_differences,
    study_missingness,
    study_size,
    summarise_imputation,
)
from hokan.evaluation.imputation_studies.methods import graph_on
from hokan.graph import Identity, Log
from hokan.table import PropertyTable

CHEAP = ("complete cases", "mean")


@pytest.fixture(scope="module")
def table() -> PropertyTable:
    return PropertyTable.from_frame(frame())


def frame(n_rows: int = 120, n_holes: int = 0) -> pd.DataFrame:
    """Positive values that go together, and one that may be negative; some cells unknown."""
    rng = np.random.default_rng(0)
    common = rng.normal(size=n_rows)
    columns = {
        name: np.exp(common + 0.4 * rng.normal(size=n_rows)) for name in ("alpha", "beta", "gamma")
    }
    columns["delta"] = common + 0.4 * rng.normal(size=n_rows)
    found = pd.DataFrame(columns)
    found.iloc[:n_holes, 1] = np.nan
    return found


def truth_method(table, transforms, *, n_imputations, random_state, complete):
    """Fill with the truth, found by the values of a row that are known."""
    filled = table.values.copy()
    for row, values in enumerate(table.values):
        known = ~np.isnan(values)
        if known.any():
            match = np.flatnonzero((complete[:, known] == values[known]).all(axis=1))
            filled[row] = complete[match[0]]
        else:
            filled[row] = complete[0]
    return np.repeat(filled[None], n_imputations, axis=0)


def failing(table, transforms, *, n_imputations, random_state):
    raise HokanError("this table is not to my taste")


def noisy(table, transforms, *, n_imputations, random_state):
    """Fill with draws from the known values."""
    rng = np.random.default_rng(random_state)
    draws = np.repeat(table.values[None], n_imputations, axis=0)
    for column, values in enumerate(table.values.T):
        holes = np.isnan(values)
        draws[:, holes, column] = rng.choice(values[~holes], (n_imputations, holes.sum()))
    return draws


class TestMissingness:
    def test_every_combination_is_one_line(self, table: PropertyTable) -> None:
        study = study_missingness(
            table,
            ("MCAR", "MAR", "block"),
            (0.1, 0.3),
            n_rows=60,
            methods={"complete cases": None, "noisy": noisy},
            n_repeats=2,
        )
        scores = study.scores
        filled = scores[scores["method"] == "noisy"]
        assert len(filled) == 3 * 2 * 2 * 2
        # What fills nothing has no scale.
        assert set(scores[scores["method"] == "complete cases"]["scale"]) == {"log"}
        assert (filled["cells"] - filled["share"] * 240).abs().max() <= 1
        assert filled["error"].between(0.3, 2.0).all()
        assert scores["failed"].eq("").all()
        assert len(study.estimates) == len(scores) * (4 + 3)

    def test_the_truth_has_no_error_and_no_bias(self, table: PropertyTable) -> None:
        oracle = partial(truth_method, complete=table.values)
        study = study_missingness(
            table, ("MCAR",), (0.2,), n_rows=80, methods={"oracle": oracle}, n_repeats=1
        )
        for name in ("error", "crps", "width", "impossible"):
            assert study.scores[name].to_numpy() == pytest.approx(0.0, abs=1e-12)
        assert study.scores["coverage"].eq(1.0).all()
        np.testing.assert_allclose(study.estimates["bias"].astype(float), 0.0, atol=1e-9)

    def test_without_holes_there_is_no_bias_and_with_complete_cases_fewer_rows(
        self, table: PropertyTable
    ) -> None:
        study = study_missingness(
            table,
            ("MCAR",),
            (0.2,),
            n_rows=80,
            methods=("no holes", "complete cases"),
            n_repeats=1,
        )
        by = study.estimates.groupby("method")
        assert by["bias"].apply(lambda bias: np.abs(bias.astype(float)).max())["no holes"] < 1e-9
        widths = by["width"].mean()
        assert widths["no holes"] == pytest.approx(1.0)
        # About 0.8^4 of the rows are left; widths go as the root of their number.
        assert 1.2 < widths["complete cases"] < 2.5
        assert study.scores["error"].isna().all()

    def test_filling_with_the_mean_shrinks_slopes_and_intervals(self, table: PropertyTable) -> None:
        study = study_missingness(
            table,
            ("MCAR",),
            (0.4,),
            properties=("alpha", "delta"),
            methods=("mean", "chained linear"),
            n_repeats=3,
        )
        found = summarise_imputation(study).set_index(["method", "scale"])
        ours, mean = found.loc[("chained linear", "log")], found.loc[("mean", "log")]
        assert mean["coefficient_off"] > 2.0 * ours["coefficient_off"]
        assert mean["mean_width"] < 0.9
        assert ours["mean_width"] > 1.05
        assert ours["crps"] < 0.6 * mean["crps"]
        assert ours["coverage"] == pytest.approx(0.9, abs=0.08)

    def test_intervals_are_told_of_several_tables_only(self, table: PropertyTable) -> None:
        study = study_missingness(table, ("MCAR",), (0.2,), methods=("mean",), n_repeats=1)
        assert study.scores["coverage"].isna().all()
        assert (study.scores["crps"] == study.scores["error"]).all()

    def test_raw_scales_give_values_that_cannot_be(self, table: PropertyTable) -> None:
        study = study_missingness(
            table, ("MCAR",), (0.4,), methods=("chained linear",), n_repeats=1
        )
        impossible = study.scores.set_index("scale")["impossible"]
        assert impossible["log"] == 0.0
        assert impossible["raw"] > 0.02

    def test_holes_of_the_table_are_not_scored_and_its_complete_rows_are_analysed(self) -> None:
        holed = PropertyTable.from_frame(frame(n_holes=30))
        study = study_missingness(
            holed, ("MCAR",), (0.2,), methods={"noisy": noisy}, n_repeats=1, scales=("log",)
        )
        assert study.scores["cells"].tolist() == [round(0.2 * (4 * 120 - 30))]
        assert len(study.estimates) == 7
        nowhere = frame(n_holes=118)
        study = study_missingness(
            PropertyTable.from_frame(nowhere),
            ("MAR",),
            (0.2,),
            properties=("alpha", "gamma", "delta"),
            methods={"noisy": noisy},
            n_repeats=1,
        )
        assert study.properties == ("alpha", "gamma", "delta")

    def test_where_no_row_is_complete_no_estimate_is_told(self) -> None:
        holed = frame()
        for row in range(len(holed)):
            holed.iloc[row, row % 4] = np.nan
        study = study_missingness(
            PropertyTable.from_frame(holed), ("MCAR",), (0.2,), methods=("mean",), n_repeats=1
        )
        assert len(study.estimates) == 0
        assert study.scores["error"].notna().all()
        assert np.isnan(summarise_imputation(study)["coefficient_bias"]).all()

    def test_what_a_method_refuses_is_told_and_others_go_on(self, table: PropertyTable) -> None:
        study = study_missingness(
            table, ("MCAR",), (0.2,), methods={"failing": failing, "noisy": noisy}, n_repeats=1
        )
        failed = study.scores[study.scores["method"] == "failing"]
        assert set(failed["failed"]) == {"this table is not to my taste"}
        assert failed["error"].isna().all()
        found = summarise_imputation(study).set_index("method")
        assert found.loc["failing", "repeats"].eq(0).all()
        assert found.loc["noisy", "repeats"].eq(1).all()


class TestSize:
    def test_smaller_tables_are_parts_of_larger_ones(self, table: PropertyTable) -> None:
        seen: list[PropertyTable] = []

        def spying(table, transforms, *, n_imputations, random_state):
            seen.append(table)
            return noisy(table, transforms, n_imputations=n_imputations, random_state=random_state)

        study = study_size(
            table, (20, 40), (2, 4), properties=("delta", "alpha", "beta", "gamma"),
            share=0.1, methods={"spying": spying}, n_repeats=1,
        )  # fmt: skip
        assert study.properties == ("delta", "alpha")
        shapes = [part.values.shape for part in seen]
        assert shapes == [(20, 2), (20, 4), (40, 2), (40, 4)]
        assert all(part.property_names[:2] == ("delta", "alpha") for part in seen)
        small, large = (set(part.frame.index) for part in (seen[0], seen[2]))
        assert small < large
        # Only the properties of the smallest table are scored.
        assert study.scores["cells"].tolist() == [4, 4, 8, 8]

    def test_more_rows_help_who_learns_from_them(self, table: PropertyTable) -> None:
        study = study_size(table, (20, 120), methods=("chained linear",), n_repeats=4)
        found = imputation_differences(study, "n_rows", 120, 20)
        assert found["difference"].item() < 0
        assert found["repeats"].item() == 4


class TestGoingOn:
    def asked(self, table: PropertyTable, path: Path | None, **changes: object):
        usual = {"n_rows": 50, "methods": CHEAP, "n_repeats": 2, "results": path}
        return study_missingness(table, ("MCAR", "MAR"), (0.2,), **(usual | changes))

    def test_a_second_run_does_only_what_is_missing(
        self, table: PropertyTable, tmp_path: Path
    ) -> None:
        calls = []

        def counted(table, transforms, *, n_imputations, random_state):
            calls.append(random_state)
            return noisy(table, transforms, n_imputations=n_imputations, random_state=random_state)

        path, told, heard = tmp_path / "parts.jsonl", [], []
        methods = {"counted": counted}
        first = self.asked(table, path, methods=methods, n_repeats=1)
        assert len(calls) == 4
        more = self.asked(
            table,
            path,
            methods=methods,
            progress=lambda done, of: told.append((done, of)),
            notify=heard.append,
        )
        assert len(calls) == 8
        assert told == [(4, 8), (5, 8), (6, 8), (7, 8), (8, 8)]
        assert heard == [f"4 finished parts are there already: {path}."]
        fresh = self.asked(table, None, methods={"counted": noisy})
        pd.testing.assert_frame_equal(
            more.scores.drop(columns="seconds"), fresh.scores.drop(columns="seconds")
        )
        pd.testing.assert_frame_equal(more.estimates, fresh.estimates, check_dtype=False)
        pd.testing.assert_frame_equal(
            first.scores, more.scores[more.scores["repeat"] == 0].reset_index(drop=True)
        )

    def test_an_interrupt_keeps_what_is_finished(
        self, table: PropertyTable, tmp_path: Path
    ) -> None:
        path = tmp_path / "parts.jsonl"

        def stop(done: int, of: int) -> None:
            if done == 3:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            self.asked(table, path, progress=stop)
        told: list[tuple[int, int]] = []
        self.asked(table, path, progress=lambda done, of: told.append((done, of)))
        assert told[0] == (3, 12)

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"random_state": 1}, "seed: 0 there, 1 now"),
            ({"n_imputations": 30}, "imputations: 20 there, 30 now"),
            ({"properties": ("alpha", "beta")}, "properties: "),
        ],
    )
    def test_other_settings_are_refused(
        self, table: PropertyTable, tmp_path: Path, changes: dict[str, object], told: str
    ) -> None:
        path = tmp_path / "parts.jsonl"
        self.asked(table, path)
        with pytest.raises(OutputError, match=told):
            self.asked(table, path, **changes)

    def test_another_table_is_refused(self, table: PropertyTable, tmp_path: Path) -> None:
        path = tmp_path / "parts.jsonl"
        self.asked(table, path)
        other = frame()
        other.iloc[5, 2] *= 1.0 + 1e-12
        with pytest.raises(OutputError, match="table: "):
            self.asked(PropertyTable.from_frame(other), path)

    def test_processes_change_nothing(self, table: PropertyTable) -> None:
        alone, many = (
            self.asked(table, None, n_rows=30, methods=("mean", "chained matching"), n_jobs=n)
            for n in (1, 2)
        )
        pd.testing.assert_frame_equal(
            alone.scores.drop(columns="seconds"), many.scores.drop(columns="seconds")
        )
        pd.testing.assert_frame_equal(alone.estimates, many.estimates)


class TestMethods:
    @pytest.mark.parametrize("name", ["mean", "iterative imputer", "chained linear", "hokan"])
    @pytest.mark.parametrize("scale", [Log(), Identity()])
    def test_each_fills_every_hole_and_changes_nothing_else(self, name, scale) -> None:
        values = frame(40)[["alpha", "beta"]]
        values.iloc[::3, 1] = np.nan
        table = PropertyTable.from_frame(values)
        draws = IMPUTATION_METHODS[name](table, (scale, scale), n_imputations=19, random_state=0)
        assert draws.shape == (1 if name in ("mean", "iterative imputer") else 19, 40, 2)
        assert np.isfinite(draws).all()
        known = np.broadcast_to(table.observed, draws.shape)
        np.testing.assert_array_equal(
            draws[known], np.broadcast_to(table.values, draws.shape)[known]
        )
        if isinstance(scale, Log):
            assert (draws > 0).all()

    def test_the_mean_is_that_of_the_scale(self) -> None:
        table = PropertyTable.from_frame(pd.DataFrame({"a": [1.0, 100.0, np.nan]}))
        fill = partial(IMPUTATION_METHODS["mean"], table, n_imputations=1, random_state=0)
        assert fill((Log(),))[0, 2, 0] == pytest.approx(10.0)
        assert fill((Identity(),))[0, 2, 0] == pytest.approx(50.5)

    def test_the_joint_model_works_on_the_scale_asked_for(self, table: PropertyTable) -> None:
        graph = graph_on(table, (Log(), Identity(), Log(), Identity()))
        scales = {member.name: member.transform for member in graph}
        assert scales == {"alpha": "log", "beta": "identity", "gamma": "log", "delta": "identity"}


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"mechanisms": ("mcar",)}, "one of MCAR"),
            ({"mechanisms": ()}, "mechanisms of a study must differ"),
            ({"shares": (0.3, 0.3)}, "shares of a study must differ"),
            ({"shares": (1.5,)}, "between 0 and 1"),
            ({"methods": ("hoken",)}, 'did you mean "hokan"'),
            ({"methods": ()}, "at least one method"),
            ({"scales": ("ln",)}, "one of log, raw; found 'ln'"),
            ({"n_rows": 5}, "between 10 and 120"),
            ({"n_rows": 500}, "between 10 and 120"),
            ({"n_repeats": 0}, "at least 1 repeat"),
            ({"n_imputations": 5}, "at least 19 imputations"),
            ({"properties": ("alpha", "omega")}, "no property 'omega'"),
            ({"properties": ("alpha", "alpha")}, "different properties"),
            ({"mechanisms": ("block",), "properties": ("alpha",)}, "one alone"),
        ],
    )
    def test_by_the_study_of_missingness(
        self, table: PropertyTable, changes: dict[str, object], told: str
    ) -> None:
        usual = {"mechanisms": ("MCAR",), "shares": (0.3,), "methods": CHEAP}
        with pytest.raises(HokanError, match=told):
            study_missingness(table, **(usual | changes))

    @pytest.mark.parametrize(
        ("n_rows", "n_columns", "told"),
        [
            ((), (2,), "numbers of rows of a study"),
            ((20,), (0, 2), "columns must be between 1 and 4; found 0, 2"),
            ((20,), (5,), "columns must be between 1 and 4; found 5"),
            ((20, 200), (2,), "rows must be between 10 and 120"),
        ],
    )
    def test_by_the_study_of_size(
        self, table: PropertyTable, n_rows: tuple[int, ...], n_columns: tuple[int, ...], told: str
    ) -> None:
        with pytest.raises(TableError, match=told):
            study_size(table, n_rows, n_columns, methods=CHEAP)
