"""hokan impute: what it writes, what it tells, and that it leaves nothing half done."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from os import listdir
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hokan import MultipleImputer
from hokan.table import read_table

Run = Callable[..., Any]

CHAINED = ("predictive-mean-matching", "bayesian-linear", "forest", "gaussian-process")


def read_texts(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines()))


def contents(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


@pytest.fixture
def doubled(folder: Path) -> Path:
    """60 rows of three properties, one the sum of the others, with holes."""
    random = np.random.default_rng(0)
    a, b = random.normal(5.0, 1.0, size=(2, 60))
    table = pd.DataFrame({"a": a, "b": b, "c": a + b + 0.3 * random.normal(size=60)})
    table.loc[random.uniform(size=60) < 0.3, "c"] = np.nan
    table.loc[random.uniform(size=60) < 0.3, "b"] = np.nan
    table.round(4).to_csv(folder / "t.csv", index=False)
    return folder / "t.csv"


def test_many_tables_that_differ_only_where_there_were_holes(halides: Path, run: Run) -> None:
    run("impute", halides, "-m", "3", "-o", "out")
    assert sorted(listdir("out")) == [
        "diagnostics.html",
        "imputation_01.csv",
        "imputation_02.csv",
        "imputation_03.csv",
        "provenance.csv",
    ]
    before = read_texts(halides)
    tables = [read_texts(Path(f"out/imputation_0{k}.csv")) for k in (1, 2, 3)]
    for row, was in enumerate(before):
        for column, cell in enumerate(was):
            found = [table[row][column] for table in tables]
            if cell:
                assert found == [cell] * 3  # 2.640 stays 2.640, 001 stays 001
            else:
                assert len(set(found)) == 3
                assert all(float(value) > 0 for value in found)


def test_the_tables_are_those_of_the_imputer(halides: Path, run: Run) -> None:
    run("impute", halides, "-m", "2", "-o", "out", "--seed", "5")
    expected = MultipleImputer(n_imputations=2, random_state=5).fit(read_table(halides)).impute()
    for number, table in enumerate(expected, start=1):
        found = pd.read_csv(f"out/imputation_0{number}.csv")
        for name in ("boiling_point_K", "density_g_cm3"):
            np.testing.assert_allclose(found[name], table[name].astype(float), rtol=1e-12)


def test_provenance_names_every_imputed_cell_once_a_table(halides: Path, run: Run) -> None:
    run("impute", halides, "-m", "3", "-o", "out")
    cells = pd.read_csv("out/provenance.csv")
    assert list(cells.columns) == ["imputation", "chain", "draw", "row", "column", "value"]
    assert len(cells) == 3 * 5
    given = pd.read_csv(halides)
    tables = [pd.read_csv(f"out/imputation_0{k}.csv") for k in (1, 2, 3)]
    for cell in cells.itertuples():
        place = (cell.row - 1, cell.column)  # rows are counted from 1
        assert np.isnan(given.loc[place])
        assert tables[cell.imputation - 1].loc[place] == cell.value


def test_same_seed_same_files_other_seed_others(halides: Path, run: Run) -> None:
    run("impute", halides, "-m", "2", "-o", "once", "--seed", "3")
    run("impute", halides, "-m", "2", "-o", "again", "--seed", "3", "--quiet")
    run("impute", halides, "-m", "2", "-o", "other", "--seed", "4")
    assert contents("once") == contents("again")
    assert contents("once")["imputation_01.csv"] != contents("other")["imputation_01.csv"]


def test_quiet_prints_nothing(halides: Path, run: Run) -> None:
    result = run("impute", halides, "-m", "2", "-o", "out", "--quiet")
    assert (result.stdout, result.stderr) == ("", "")


def test_it_tells_how_columns_were_read_what_to_look_at_and_how_to_go_on(
    doubled: Path, run: Run
) -> None:
    told = run("impute", doubled, "-m", "10", "-o", "out").stdout
    assert "60 rows, 3 properties" in told
    assert "each property is linked to all that are known better" in told
    assert "independent draws: there is nothing to converge" in told
    assert "resemble observed ones" in told
    assert re.search(r"Of \d+ known values, predicted as if missing, \d+ % lie", told)
    assert re.search(r"Imputed \d+ holes, 10 times", told)
    assert "imputation_01.csv to imputation_10.csv" in told
    assert "provenance.csv" in told
    assert "diagnostics.html" in told
    assert "pool_analyses(" in told
    assert "mice::pool(" in told


def test_what_it_says_of_python_works(
    doubled: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run("impute", doubled, "-m", "4", "-o", "out").stdout
    lines = told[told.index("Python: ") + len("Python: ") : told.index("    R: ")]
    # In one namespace, as in a session.
    exec("\n".join(line.strip() for line in lines.splitlines()), {})
    assert "estimate" in capsys.readouterr().out


def test_the_sampling_engine_tells_r_hat_of_every_property(halides: Path, run: Run) -> None:
    told = run("impute", halides, "-m", "4", "-o", "out", "--engine", "sampling").stdout
    assert re.search(r"boiling_point_K +K +3 .* 1\.0", told)
    assert "chains" in told
    cells = pd.read_csv("out/provenance.csv")
    assert cells["chain"].nunique() > 1
    assert "Have the chains forgotten" in Path("out/diagnostics.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("method", CHAINED)
def test_chained_equations_impute_by_any_method(doubled: Path, run: Run, method: str) -> None:
    told = run(
        *("impute", doubled, "-m", "3", "-o", "out", "--method", method, "--rounds", "4")
    ).stdout
    assert f"Chained equations, {method.replace('-', ' ')}" in told
    assert "R-hat" in told
    for number in (1, 2, 3):
        assert pd.read_csv(f"out/imputation_0{number}.csv").notna().all().all()


def test_categories_are_imputed_where_the_graph_names_them(folder: Path, run: Run) -> None:
    random = np.random.default_rng(0)
    kind = np.where(np.arange(40) % 2 == 0, "metal", "insulator").astype(object)
    gap = np.where(kind == "metal", 1.0, 4.0) + 0.3 * random.normal(size=40)
    kind[[3, 4]] = None
    pd.DataFrame({"gap": gap, "kind": kind}).to_csv("t.csv", index=False)
    Path("graph.toml").write_text(
        '[properties.gap]\n[properties.kind]\ntransform = "category"\nparents = ["gap"]\n',
        encoding="utf-8",
    )
    run("impute", "t.csv", "-m", "3", "-o", "out", "--graph", "graph.toml")
    for number in (1, 2, 3):
        found = pd.read_csv(f"out/imputation_0{number}.csv")
        assert found["kind"].isin(["metal", "insulator"]).all()


@pytest.mark.parametrize("ending", ["tsv", "parquet"])
def test_the_format_is_that_of_the_table(halides: Path, run: Run, ending: str) -> None:
    given = pd.read_csv(halides)
    if ending == "tsv":
        given.to_csv("t.tsv", index=False, sep="\t")
    else:
        given.to_parquet("t.parquet")
    run("impute", f"t.{ending}", "-m", "1", "-o", "out")
    path = f"out/imputation_01.{ending}"
    found = pd.read_csv(path, sep="\t") if ending == "tsv" else pd.read_parquet(path)
    assert found[["boiling_point_K", "density_g_cm3"]].notna().all().all()


class TestTheFolder:
    def test_an_earlier_result_is_replaced_as_a_whole(self, halides: Path, run: Run) -> None:
        run("impute", halides, "-m", "3", "-o", "out")
        run("impute", halides, "-m", "2", "-o", "out", "--seed", "1")
        run("impute", halides, "-m", "2", "-o", "new", "--seed", "1")
        assert contents("out") == contents("new")

    def test_other_files_are_not_mixed_with_results(self, halides: Path, run: Run) -> None:
        Path("out").mkdir()
        Path("out/notes.txt").write_text("mine", encoding="utf-8")
        told = run("impute", halides, "-m", "2", "-o", "out", code=2).stderr
        assert "out: the folder holds other files (notes.txt)" in told
        assert listdir("out") == ["notes.txt"]

    def test_a_file_is_no_folder(self, halides: Path, run: Run) -> None:
        assert "is a file" in run("impute", halides, "-o", halides, code=2).stderr

    def test_an_input_is_not_replaced(self, halides: Path, run: Run) -> None:
        run("impute", halides, "-m", "2", "-o", "out")
        before = contents("out")
        Path("out/imputation_01.csv").write_text(halides.read_text("utf-8"), encoding="utf-8")
        told = run("impute", "out/imputation_01.csv", "-m", "2", "-o", "out", code=2).stderr
        assert "holds an input file, imputation_01.csv" in told
        assert contents("out").keys() == before.keys()

    def test_folders_above_are_made(self, halides: Path, run: Run) -> None:
        run("impute", halides, "-m", "1", "-o", "a/b/c")
        assert len(listdir("a/b/c")) == 3

    @pytest.mark.parametrize("fault", [KeyboardInterrupt, ZeroDivisionError])
    def test_what_stops_it_leaves_all_as_it_was(
        self, halides: Path, run: Run, monkeypatch: pytest.MonkeyPatch, fault: type[BaseException]
    ) -> None:
        run("impute", halides, "-m", "2", "-o", "earlier")
        before = contents("earlier")

        def broken(*_: Any, **__: Any) -> None:
            raise fault

        monkeypatch.setattr("hokan.cli.impute.write_page", broken)
        for output in ("earlier", "new/folder"):
            if fault is KeyboardInterrupt:
                run("impute", halides, "-m", "3", "-o", output, code=130)
            else:
                with pytest.raises(ZeroDivisionError):
                    run("impute", halides, "-m", "3", "-o", output)
        assert contents("earlier") == before
        assert sorted(listdir()) == ["earlier", "halides.csv"]


def test_without_plotly_the_tables_are_there_and_pictures_are_not(
    halides: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "plotly.graph_objects", None)
    told = run("impute", halides, "-m", "1", "-o", "out").stdout
    assert "no pictures: they need plotly" in told
    assert sorted(listdir("out")) == ["imputation_01.csv", "provenance.csv"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["missing.csv"], "missing.csv"),
        (["complete.csv"], "complete.csv: has no hole to impute"),
        (["halides.csv", "--method", "forest", "--engine", "exact"], "--engine: is for the joint"),
        (["halides.csv", "--method", "forest", "--graph", "g.toml"], "--graph: is for the joint"),
        (["halides.csv", "--rounds", "5"], "--rounds: is for chained equations"),
        (["halides.csv", "--formula", "nothing"], "nothing"),
        (["part.csv", "--graph", "part.toml"], "no column of the graph has a hole"),
    ],
)
def test_bad_input_is_told_and_leaves_nothing(
    halides: Path, run: Run, arguments: list[str], expected: str
) -> None:
    pd.DataFrame({"a": [1.0, 2.0, 3.5], "b": [2.0, 3.0, 4.5]}).to_csv("complete.csv", index=False)
    part = pd.DataFrame({"a": np.arange(1.0, 9.0), "b": np.arange(8.0) ** 2, "c": np.nan})
    part.assign(c=[1.0, 3.0, 2.0, *[np.nan] * 5]).to_csv("part.csv", index=False)
    Path("part.toml").write_text("[properties.a]\n[properties.b]\n", encoding="utf-8")
    before = sorted(listdir())
    told = run("impute", *arguments, "-o", "out", "-m", "2", code=2)
    assert expected in told.stderr
    assert sorted(listdir()) == before


@pytest.mark.parametrize("arguments", [["-m", "0"], ["--method", "magic"]])
def test_wrong_usage_ends_with_2(halides: Path, run: Run, arguments: list[str]) -> None:
    run("impute", halides, "-o", "out", *arguments, code=2)
