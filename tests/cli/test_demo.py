"""hokan demo, on a part of its table so that it takes a second."""

from __future__ import annotations

from collections.abc import Callable
from os import listdir
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from hokan.datasets import load_inorganics

Run = Callable[..., Any]


@pytest.fixture
def small_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    frame, report = load_inorganics(return_report=True)
    known = frame[["melting_point_K", "boiling_point_K", "heat_of_fusion_per_atom_kJ_mol"]]
    part = frame[known.notna().sum(axis=1) >= 2].iloc[:70].reset_index(drop=True)
    part.loc[::5, ["boiling_point_K", "density_g_cm3"]] = float("nan")

    def load(**_: Any) -> tuple[pd.DataFrame, Any]:
        return part, report

    monkeypatch.setattr("hokan.cli.demo.load_inorganics", load)
    monkeypatch.setattr("hokan.cli.hidden_test.N_KNOWN", 20)
    monkeypatch.setattr("hokan.cli.hidden_test.N_HIDDEN", 20)
    monkeypatch.setattr("hokan.cli.hidden_test.USUAL_WAYS", ("iterative imputer",))


@pytest.mark.usefixtures("small_demo")
def test_it_tells_what_was_known_tests_itself_and_writes_table_and_picture(
    folder: Path, run: Run
) -> None:
    told = run("demo", "--output", "results/demo").stdout
    assert "melting_point_K known for 20 compounds, hidden for 20 others" in told
    assert "iterative imputer" in told
    assert "How far to trust it" in told
    assert "Done after" in told
    results = folder / "results" / "demo"
    assert sorted(listdir(results)) == ["filled.csv", "filled.html"]
    filled = pd.read_csv(results / "filled.csv")
    assert len(filled) == 70
    assert filled["boiling_point_K"].notna().all()
    picture = (results / "filled.html").read_text(encoding="utf-8")
    assert "20 hidden values" in picture
    assert "https://cdn" not in picture.split("<body>")[0]


@pytest.mark.usefixtures("small_demo")
def test_a_failure_leaves_no_folder(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hokan.cli.demo.run_hidden_test", interrupted)
    run("demo", "--output", "results/demo", "--quiet", code=130)
    assert sorted(listdir(folder)) == []


def test_a_folder_that_cannot_be_made(folder: Path, run: Run) -> None:
    Path("file").write_text("not a folder", encoding="utf-8")
    error = run("demo", "--output", "file/demo", code=2).stderr
    assert error.startswith("error: file/demo: the folder cannot be made")
