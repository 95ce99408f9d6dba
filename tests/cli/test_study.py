"""hokan study: what it tells of fidelities, and what it refuses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hokan.cli.study_report import change, conclusions
from hokan.datasets import make_hierarchy
from hokan.evaluation.fidelity_methods import COKRIGING, JOINT, OWN_PROCESS
from hokan.graph import PropertyGraph

Run = Callable[..., Any]
FAST = ("--known", "4,8", "--hidden", 12, "--repeats", 1, "--jobs", 1)


@pytest.fixture
def ladder(folder: Path) -> Path:
    """A small ladder in the manner of band gaps, with a column that is no level."""
    chain = PropertyGraph.ladder("gap_pbe_eV", "gap_expt_eV", transform="identity")
    made = make_hierarchy(
        40,
        chain,
        missing=0.0,
        link_coefficients=[[0, 0], [1.2, 0]],
        function_variance=[1.0, 0.05],
        noise=0.05,
        n_descriptors=2,
        random_state=0,
    )
    frame = made.table.frame.assign(year=2000.0 + np.arange(40))
    path = folder / "ladder.csv"
    frame[["gap_pbe_eV", "gap_expt_eV"]] += 10.0
    frame.to_csv(path, index=False)
    return path


def study(run: Run, path: Path, *options: object, code: int = 0) -> Any:
    levels = ("--levels", "gap_pbe_eV,gap_expt_eV", "--descriptors", "x1,x2")
    return run("study", "fidelities", path, *levels, *options, code=code)


def test_it_tells_errors_differences_and_what_follows(ladder: Path, run: Run) -> None:
    told = study(run, ladder, *FAST, "--share", "0.6", "-o", "results/out").stdout
    assert "gap_pbe_eV → gap_expt_eV, the cheapest first" in told
    assert "gap_expt_eV is hidden in 12 rows" in told
    assert "60 % are kept" in told
    for method in ("own property, linear", "cokriging, two-stage", "joint model"):
        assert told.count(f" {method}  ") == 2
    assert "With 8 known values of gap_expt_eV, knowing the lower levels of a row" in told
    assert "Nesting drops" in told
    results = Path("results/out")
    assert sorted(os.listdir(results)) == ["fidelities.csv", "fidelities.html"]
    scores = pd.read_csv(results / "fidelities.csv")
    assert len(scores) == 2 * 5 * 3
    picture = (results / "fidelities.html").read_text(encoding="utf-8")
    assert "gap_pbe_eV → gap_expt_eV; 12 rows held out in 1 draw" in picture


def test_the_seed_decides_and_the_number_of_processes_does_not(ladder: Path, run: Run) -> None:
    found = {}
    for name, options in {"one": (1, 0), "two": (2, 0), "other": (1, 1)}.items():
        chosen = ("--jobs", options[0], "--seed", options[1], "-o", name, "--quiet")
        one = ("--known", "4", "--hidden", 12, "--repeats", 1)
        assert study(run, ladder, *one, *chosen).output == ""
        found[name] = pd.read_csv(f"{name}/fidelities.csv").drop(columns="seconds")
    pd.testing.assert_frame_equal(found["one"], found["two"], check_exact=True)
    assert not found["one"]["error"].equals(found["other"]["error"])


def test_without_a_table_it_is_about_formation_enthalpies(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def studied(table: Any, levels: Any, n_known: Any, **options: Any) -> Any:
        asked.update(options, table=table, levels=levels, n_known=n_known)
        raise KeyboardInterrupt

    monkeypatch.setattr("hokan.cli.study.study_fidelities", studied)
    told = run("study", "fidelities", code=130)
    assert "formation enthalpies" in told.stdout
    assert asked["levels"][-1] == "formation_enthalpy_expt_eV_atom"
    assert asked["table"].n_rows == 334
    assert asked["n_known"] == (10, 20, 40, 80)
    assert asked["n_hidden"] == 100
    assert list(asked["shares"].values()) == [pytest.approx(2 / 3)]
    assert sorted(os.listdir(folder)) == []  # nothing written, no folder left


def test_what_is_not_given_is_fitted_to_the_table(
    ladder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def studied(*arguments: Any, **options: Any) -> Any:
        asked.update(options, n_known=arguments[2])
        raise KeyboardInterrupt

    monkeypatch.setattr("hokan.cli.study.study_fidelities", studied)
    study(run, ladder, code=130)
    assert (asked["n_known"], asked["n_hidden"], asked["shares"]) == ((10,), 20, {})


class TestWhatIsRefused:
    def test_no_levels(self, ladder: Path, run: Run) -> None:
        error = run("study", "fidelities", ladder, "--descriptors", "x1,x2", code=2).stderr
        assert "--levels COL,COL" in error
        assert "gap_pbe_eV, gap_expt_eV, year" in error

    def test_a_level_that_is_not_there(self, ladder: Path, run: Run) -> None:
        error = run("study", "fidelities", ladder, "--levels", "gap_pbe,gap_expt_eV", code=2).stderr
        assert "Did you mean 'gap_pbe_eV'" in error

    def test_a_single_level(self, ladder: Path, run: Run) -> None:
        error = run("study", "fidelities", ladder, "--levels", "gap_expt_eV", code=2).stderr
        assert "at least two levels" in error

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            (("--known", "ten"), "--known: expected numbers"),
            (("--known", "2.5"), "expected whole numbers"),
            (("--known", "4,4"), "must differ"),
            (("--known", "30", "--hidden", 20), "only 20 have it"),
            (("--share", "0.5,0.5"), "one share for each level below the top (gap_pbe_eV)"),
            (("--share", "2"), "above 0 and at most 1"),
            (("--share", "nan"), "above 0 and at most 1"),
            (("--hidden", 39, "--known", "2"), "only 1 have it"),
            (
                (
                    "--hidden",
                    38,
                ),
                "too few to hide some and keep 10",
            ),
        ],
    )
    def test_numbers_that_cannot_be(
        self, ladder: Path, run: Run, options: tuple[object, ...], told: str
    ) -> None:
        error = study(run, ladder, *options, code=2).stderr
        assert told in error
        assert not Path("fidelities").exists()

    def test_a_folder_that_cannot_be_made(self, ladder: Path, run: Run) -> None:
        error = study(run, ladder, *FAST, "-o", ladder / "out", code=2).stderr
        assert "the folder cannot be made" in error

    def test_options_of_a_table_without_a_table(self, folder: Path, run: Run) -> None:
        assert "table of your own" in run("study", "fidelities", "--formula", "x", code=2).stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("wait", [0.0, 1.5])  # while processes start, and while they work
def test_an_interrupt_ends_it_with_one_line_and_leaves_nothing(ladder: Path, wait: float) -> None:
    command = [sys.executable, "-c", "from hokan.cli import main; main()", "study", "fidelities"]
    options = ["--levels", "gap_pbe_eV,gap_expt_eV", "--descriptors", "x1,x2", "--repeats", "500"]
    process = subprocess.Popen(
        [*command, str(ladder), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    while "hidden" not in process.stdout.readline():
        assert process.poll() is None
    time.sleep(wait)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert error == "error: interrupted; nothing was written\n"
    assert not Path("fidelities").exists()


class TestWhatFollows:
    """Sentences say what the numbers say, whatever they are."""

    @pytest.mark.parametrize(
        ("difference", "error", "told"),
        [
            (-0.1, 0.01, "lowers the error by 0.100 ± 0.010 eV"),
            (0.1, 0.01, "raises the error by 0.100 ± 0.010 eV"),
            (-0.1, 0.07, "probably lowers the error, by 0.100 ± 0.070 eV"),
            (0.1, 0.07, "probably raises the error, by"),
            (-0.01, 0.02, "makes no difference to the error beyond one standard error (-0.010"),
            (-0.1, np.nan, "lowers the error by 0.1000 eV (in this one draw)"),
        ],
    )
    def test_a_difference_in_words(self, difference: float, error: float, told: str) -> None:
        found = pd.Series({"difference": difference, "standard_error": error})
        assert told in change(found, "eV")

    @staticmethod
    def scores(joint_known: float, cokriging: float) -> pd.DataFrame:
        errors = {
            (OWN_PROCESS, "known"): 0.8,
            (OWN_PROCESS, "unknown"): 0.8,
            (COKRIGING, "known"): cokriging,
            (COKRIGING, "unknown"): cokriging,
            (JOINT, "known"): joint_known,
            (JOINT, "unknown"): 0.5,
        }
        lines = [
            (n, repeat, method, lower, error * scale + 0.001 * repeat * (method == JOINT))
            for n, scale in ((10, 1.0), (40, 0.5))
            for repeat in range(3)
            for (method, half), error in errors.items()
            for lower in ((half, "all") if half == "known" else (half,))
        ]
        columns = ["n_known", "repeat", "method", "lower", "error"]
        return pd.DataFrame(lines, columns=columns).assign(
            coverage=0.9, width=1.0, seconds=1.0, top_used=5, dropped=0.1
        )

    def test_where_cheap_values_help(self) -> None:
        told = "\n".join(conclusions(self.scores(0.3, 0.6), "expt", "eV"))
        assert "With 10 known values of expt, knowing the lower levels of a row lowers" in told
        assert "0.301 instead of 0.501 eV" in told
        assert "expt alone does not reach that with 40" in told
        assert "Nesting drops 69 % of the known values of expt" in told
        assert "joint model lowers the error by" in told

    def test_where_they_do_not(self) -> None:
        told = "\n".join(conclusions(self.scores(0.9, 0.6), "expt", "eV"))
        assert "knowing the lower levels of a row raises the error" in told
        assert "no lower than with 10 values of expt alone" in told
        assert "joint model raises the error by" in told

    def test_how_many_values_they_stand_for(self) -> None:
        told = "\n".join(conclusions(self.scores(0.45, 0.6), "expt", None))
        assert "expt alone takes 40 values for that" in told
