"""hokan study missingness and size: what they tell, that they go on, what they refuse."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

from hokan.cli.imputation_report import MECHANISM, SHARE, _means_by_who, conclusions
from hokan.cli.imputation_study import EMBEDDED, methods_named
from hokan.evaluation.imputation_studies import (
    IMPUTATION_METHODS,
    QUICK_METHODS,
    ImputationStudy,
    summarise_imputation,
)

Run = Callable[..., Any]
FAST = ("--repeats", 1, "--jobs", 1, "--methods", "complete cases,mean,chained linear")
FILES = [".csv", ".html", ".parts.jsonl", "_estimates.csv"]


@pytest.fixture
def table(folder: Path) -> Path:
    """Eighty rows of four properties that go together, one with holes."""
    rng = np.random.default_rng(0)
    common = rng.normal(size=80)
    columns = {name: np.exp(common + 0.3 * rng.normal(size=80)) for name in ("a", "b", "c")}
    frame = pd.DataFrame(columns | {"d": common + 0.3 * rng.normal(size=80)})
    frame.iloc[:10, 0] = np.nan
    path = folder / "table.csv"
    frame.to_csv(path, index=False)
    return path


class TestMissingness:
    options = ("--mechanisms", "MCAR,MAR", "--shares", "0.2,0.4", *FAST)

    def test_it_tells_errors_intervals_estimates_and_what_follows(
        self, table: Path, run: Run
    ) -> None:
        told = run("study", "missingness", table, *self.options, "-o", "results/out").stdout
        assert "80 rows know at least one of a, b, c, d; 70 know all." in told
        assert "80 rows are drawn once" in told
        assert "by what made the holes" in told
        assert "by share of hidden cells" in told
        assert "d regressed on a, b, c" in told
        assert "Filling on a logarithmic scale lowers the error by" in told
        results = Path("results/out")
        assert sorted(os.listdir(results)) == sorted(f"missingness{end}" for end in FILES)
        scores = pd.read_csv(results / "missingness.csv")
        assert len(scores) == 2 * 2 * (1 + 2 + 2)
        by = scores.groupby("method")["error"].mean()
        assert by["chained linear"] < by["mean"]
        estimates = pd.read_csv(results / "missingness_estimates.csv")
        assert len(estimates) == len(scores) * (4 + 3)
        picture = (results / "missingness.html").read_text(encoding="utf-8")
        assert "table.csv: 80 rows, 4 properties, once" in picture

    def test_a_second_run_goes_on(self, table: Path, run: Run) -> None:
        run("study", "missingness", table, *self.options, "-o", "out")
        before = Path("out/missingness.parts.jsonl").read_bytes()
        again = run("study", "missingness", table, *self.options, "-o", "out").stdout
        assert "20 finished parts are there already" in again
        assert Path("out/missingness.parts.jsonl").read_bytes() == before
        more = ("--mechanisms", "MCAR,MAR,MNAR", "--shares", "0.2", *FAST)
        run("study", "missingness", table, *more, "-o", "out")
        after = Path("out/missingness.parts.jsonl").read_bytes()
        assert after.startswith(before)
        assert after.count(b"\n") == 1 + 20 + 5
        # What is told and written is what was asked for, not all that is kept.
        assert set(pd.read_csv("out/missingness.csv")["share"]) == {0.2}

    def test_another_seed_in_the_same_folder_is_refused(self, table: Path, run: Run) -> None:
        run("study", "missingness", table, *self.options, "-o", "out")
        error = run(
            "study", "missingness", table, *self.options, "--seed", 1, "-o", "out", code=2
        ).stderr
        assert "seed: 0 there, 1 now" in error
        assert "Name another folder" in error

    def test_an_interrupt_keeps_finished_parts_and_says_how_to_go_on(
        self, table: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from hokan.evaluation.imputation_studies import running

        real, done = running.do_part, []

        def interrupted(*arguments: Any) -> Any:
            if len(done) == 7:
                raise KeyboardInterrupt
            done.append(arguments)
            return real(*arguments)

        monkeypatch.setattr(running, "do_part", interrupted)
        result = run("study", "missingness", table, *self.options, "-o", "out", code=130)
        kept = Path("out", "missingness.parts.jsonl")
        assert result.stderr == (
            f"error: interrupted; 7 of 20 parts are finished and kept in {kept}; the same command "
            "goes on from there\n"
        )
        assert os.listdir("out") == [kept.name]
        monkeypatch.setattr(running, "do_part", real)
        told = run("study", "missingness", table, *self.options, "-o", "out").stdout
        assert "7 finished parts are there already" in told
        lines = kept.read_text(encoding="utf-8").splitlines()
        assert len({json.dumps(json.loads(line).get("part")) for line in lines[1:]}) == 20

    def test_an_interrupt_before_the_first_part_leaves_nothing(
        self, table: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupted(*_: Any) -> Any:
            raise KeyboardInterrupt

        monkeypatch.setattr("hokan.evaluation.imputation_studies.running.do_part", interrupted)
        result = run("study", "missingness", table, *self.options, "-o", "out", code=130)
        assert result.stderr == (
            "error: interrupted; no part was finished, and nothing was written\n"
        )
        assert sorted(os.listdir()) == ["table.csv"]

    def test_without_a_table_the_embedded_one_is_used(
        self, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: dict[str, Any] = {}

        def studied(table: Any, mechanisms: Any, shares: Any, **options: Any) -> Any:
            asked.update(options, table=table, mechanisms=mechanisms, shares=shares)
            raise KeyboardInterrupt

        monkeypatch.setattr("hokan.cli.study_missingness.study_missingness", studied)
        run("study", "missingness", code=130)
        assert asked["table"].property_names == EMBEDDED
        assert asked["table"].observed.all()
        assert asked["table"].n_rows > 300
        assert asked["mechanisms"] == ("MCAR", "MAR", "MNAR", "block")
        assert asked["shares"] == (0.1, 0.3, 0.5)
        assert (asked["n_rows"], asked["n_repeats"], asked["n_imputations"]) == (150, 3, 20)
        assert asked["methods"] == QUICK_METHODS
        assert asked["scales"] == ("log", "raw")
        assert os.listdir(folder) == []


class TestSize:
    def test_it_tells_rows_and_columns(self, table: Path, run: Run) -> None:
        options = ("--rows", "20,70", "--columns", "2,4", "--properties", "d,a,b,c", *FAST)
        told = run("study", "size", table, *options, "-o", "out").stdout
        assert "Tables of 20, 70 rows and 2, 4 properties are drawn once; scored are d, a." in told
        assert "by number of rows" in told
        assert "by number of columns" in told
        assert "a regressed on d" in told
        assert "logarithmic scale lowers" not in told  # there is one scale
        assert sorted(os.listdir("out")) == sorted(f"size{end}" for end in FILES)
        scores = pd.read_csv("out/size.csv")
        assert set(scores["n_rows"]) == {20, 70}
        assert set(scores["n_columns"]) == {2, 4}
        picture = Path("out/size.html").read_text(encoding="utf-8")
        assert "30 % of cells hidden (MCAR)" in picture

    def test_the_usual_numbers_go_as_far_as_there_are_rows(
        self, table: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: dict[str, Any] = {}

        def studied(table: Any, n_rows: Any, n_columns: Any, **options: Any) -> Any:
            asked.update(options, n_rows=n_rows, n_columns=n_columns)
            raise KeyboardInterrupt

        monkeypatch.setattr("hokan.cli.study_size.study_size", studied)
        run("study", "size", table, code=130)
        assert asked["n_rows"] == (30, 60)
        assert asked["n_columns"] == (3, 4)


@pytest.mark.parametrize(
    ("study", "options", "told"),
    [
        ("missingness", ("--shares", "some"), "--shares: expected numbers"),
        ("missingness", ("--shares", "2"), "between 0 and 1"),
        ("missingness", ("--mechanisms", "MCAR,chance"), "must be one of MCAR"),
        ("missingness", ("--scales", "ln"), "one of log, raw"),
        ("missingness", ("--methods", "hoken"), 'did you mean "hokan"'),
        ("missingness", ("--properties", "a,z"), "no property 'z'"),
        ("missingness", ("--rows", "1000"), "between 10 and 80"),
        ("missingness", ("--formula", "zz"), "no column 'zz'"),
        ("size", ("--rows", "2.5"), "--rows: expected whole numbers"),
        ("size", ("--rows", "5"), "between 10 and 80"),
        ("size", ("--columns", "9"), "between 1 and 4"),
        ("size", ("--share", "0.99"), "known values"),
    ],
)
def test_what_cannot_be_is_refused(
    table: Path, run: Run, study: str, options: tuple[str, ...], told: str
) -> None:
    error = run("study", study, table, *options, "-o", "out", code=2).stderr
    assert told in error
    assert sorted(os.listdir()) == ["table.csv"]


@pytest.mark.parametrize("study", ["missingness", "size"])
def test_options_of_a_table_need_one(folder: Path, run: Run, study: str) -> None:
    error = run("study", study, "--formula", "compound", code=2).stderr
    assert "are for a table of your own" in error


def test_a_table_too_small_for_the_usual_sizes_is_told_what_to_do(folder: Path, run: Run) -> None:
    pd.DataFrame({"a": range(1, 21), "b": range(20)}).to_csv("small.csv", index=False)
    error = run("study", "size", "small.csv", code=2).stderr
    assert "with --rows smaller numbers can be tried" in error


def test_names_of_methods_may_stand_for_several() -> None:
    assert methods_named(None) == QUICK_METHODS
    assert methods_named(["all"]) == tuple(IMPUTATION_METHODS)
    assert methods_named(["mean,quick", "chained forest"])[0] == "mean"
    assert set(methods_named(["mean,quick"])) == set(QUICK_METHODS)


def study_of(errors: dict[tuple[str, str], float], steps: dict[str, float]) -> ImputationStudy:
    """A study of two repeats: errors by method and scale, plus a step for each mechanism."""
    scores, estimates = [], []
    for repeat in range(2):
        for mechanism, step in steps.items():
            for (method, scale), error in errors.items():
                part = {
                    "repeat": repeat,
                    "mechanism": mechanism,
                    "share": 0.3,
                    "n_rows": 50,
                    "n_columns": 2,
                    "method": method,
                    "scale": scale,
                }
                value = error + step + 0.001 * repeat * len(scale + method)
                scores.append(
                    part
                    | {"error": value, "crps": 0.7 * value, "coverage": 0.9, "width": 1.0}
                    | {"impossible": 0.0, "cells": 30, "seconds": 1.0, "failed": ""}
                )
                line = {"kind": "coefficient", "property": "a", "bias": 0.1, "width": 1.0}
                estimates.append(part | line | {"covered": float(repeat)})
    return ImputationStudy(pd.DataFrame(scores), pd.DataFrame(estimates), ("a", "b"))


def test_a_few_endless_intervals_tell_of_no_other() -> None:
    study = study_of({("chained linear", "log"): 0.3}, dict.fromkeys(("MCAR", "MAR", "MNAR"), 0.0))
    study.scores.loc[study.scores["mechanism"] == "MNAR", "width"] = 400.0
    estimates = study.estimates
    estimates.loc[estimates["mechanism"] == "MNAR", "width"] = 400.0
    ((_, line),) = _means_by_who(summarise_imputation(study))
    assert line["width"] == line["coefficient_width"] == 1.0
    assert line["error"] == pytest.approx(0.3, abs=0.02)


class TestWhatFollows:
    """Sentences say what the numbers say, whatever they are."""

    errors: ClassVar = {("mean", "log"): 0.8, ("mean", "raw"): 0.7, ("hokan", "log"): 0.2}

    def test_who_is_best_and_what_matters(self) -> None:
        study = study_of(self.errors, {"MCAR": 0.0, "MNAR": 0.15})
        told = "\n".join(conclusions(study, (MECHANISM, SHARE)))
        assert "cells has hokan (log): a CRPS of 0.195, then mean (raw)" in told
        assert "By what made the holes, the error of hokan (log) goes from 0.204 (MCAR)" in told
        assert "to 0.354 (MNAR)" in told
        assert "By share" not in told  # there is one
        assert "By method, on the same scale, it goes from 0.279 (hokan) to 0.87" in told
        assert "hold the value of the whole table: mean (log) 50 %, mean (raw) 50 %" in told

    @pytest.mark.parametrize(("raw", "verb"), [(0.7, "raises"), (0.9, "lowers")])
    def test_whether_logarithms_help(self, raw: float, verb: str) -> None:
        study = study_of({("mean", "log"): 0.8, ("mean", "raw"): raw}, {"MCAR": 0.0})
        told = "\n".join(conclusions(study, (MECHANISM,)))
        assert f"Filling on a logarithmic scale {verb} the error by 0.1" in told
