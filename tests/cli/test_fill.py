"""hokan fill: what it writes and what it tells."""

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

from hokan.cli.console import Screen
from hokan.cli.reports import show_trust
from hokan.table import read_table

Run = Callable[..., Any]


HALIDES = Path(__file__).with_name("halides.csv").read_text(encoding="utf-8")


GRAPH = """\
[properties.boiling_point_K]
transform = "log"

[properties.melting_point_K]
transform = "log"
parents = ["boiling_point_K"]
"""


def read_texts(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines()))


def test_same_rows_and_columns_with_holes_filled_and_the_rest_as_it_stood(
    halides: Path, run: Run
) -> None:
    run("fill", halides, "-o", "filled.csv")
    before, after = read_texts(halides), read_texts(halides.with_name("filled.csv"))
    assert len(after) == len(before)
    assert after[0][:6] == before[0]
    n_holes = 0
    for was, now in zip(before[1:], after[1:], strict=True):
        for cell_before, cell_after in zip(was, now, strict=False):
            if cell_before:
                assert cell_after == cell_before  # 2.640 stays 2.640, 001 stays 001
            else:
                n_holes += 1
                assert np.isfinite(float(cell_after))
    assert n_holes == 5


def test_error_bars_stand_beside_filled_cells_only_and_bracket_them(
    halides: Path, run: Run
) -> None:
    run("fill", halides, "-o", "filled.csv", "--level", "0.8")
    before = pd.read_csv(halides)
    filled = pd.read_csv("filled.csv")
    for name in ("melting_point_K", "boiling_point_K", "density_g_cm3"):
        bars = filled[[f"{name}__std", f"{name}__lower", f"{name}__upper"]]
        hole = before[name].isna()
        assert bars[~hole].isna().all().all()
        assert (bars.loc[hole, f"{name}__std"] > 0).all()
        assert (bars.loc[hole, f"{name}__lower"] < filled.loc[hole, name]).all()
        assert (filled.loc[hole, name] < bars.loc[hole, f"{name}__upper"]).all()


def test_a_higher_level_gives_wider_intervals(halides: Path, run: Run) -> None:
    run("fill", halides, "-o", "narrow.csv", "--level", "0.5")
    run("fill", halides, "-o", "wide.csv", "--level", "0.99")
    narrow, wide = pd.read_csv("narrow.csv"), pd.read_csv("wide.csv")
    hole = narrow["boiling_point_K__lower"].notna()
    assert (wide["boiling_point_K__lower"] < narrow["boiling_point_K__lower"])[hole].all()
    assert (wide["boiling_point_K__upper"] > narrow["boiling_point_K__upper"])[hole].all()
    np.testing.assert_array_equal(wide["boiling_point_K"], narrow["boiling_point_K"])


def test_same_seed_same_bytes(halides: Path, run: Run) -> None:
    run("fill", halides, "-o", "once.csv", "--seed", "3")
    run("fill", halides, "-o", "again.csv", "--seed", "3")
    assert Path("once.csv").read_bytes() == Path("again.csv").read_bytes()


def test_it_tells_how_columns_were_read_what_was_decided_and_how_far_to_trust_it(
    halides: Path, run: Run
) -> None:
    told = run("fill", halides, "-o", "filled.csv").stdout
    assert "10 rows, 3 properties, 25 known values, 5 holes" in told
    assert "found by its name" in told
    assert "each property is linked to all that are known better" in told
    assert re.search(r"melting_point_K.*: scale", told)
    assert "lie in their 90 % interval" in told
    assert "looks wrong" in told or "look wrong" in told
    assert "Filled 5 holes; 25 known values unchanged. Wrote filled.csv after" in told


def test_a_graph_decides_what_is_filled(halides: Path, run: Run) -> None:
    Path("graph.toml").write_text(GRAPH, encoding="utf-8")
    told = run("fill", halides, "-o", "filled.csv", "--graph", "graph.toml").stdout
    assert "melting_point_K (log) ← boiling_point_K" in told
    assert "density_g_cm3: not in the graph, left as it is." in told
    assert "Filled 3 holes" in told
    filled = pd.read_csv("filled.csv")
    assert filled["density_g_cm3"].isna().sum() == 2
    assert filled["boiling_point_K"].notna().all()


def test_columns_can_be_named_with_commas_or_by_repeating_the_option(
    folder: Path, run: Run
) -> None:
    lines = HALIDES.replace("structure", '"spacing, pm"').replace("rocksalt", "250")
    Path("t.csv").write_text(lines.replace("caesium chloride", "412"), encoding="utf-8")
    told = run(
        *("describe", "t.csv", "--descriptors", '"spacing, pm"'),
        *("--ignore", "density_g_cm3, id", "--ignore", "boiling_point_K"),
    ).stdout
    assert "10 rows, 1 property" in told
    assert "named as a descriptor" in told
    assert told.count("left out on request") == 3


def test_repeated_compositions_are_one_material_when_asked(folder: Path, run: Run) -> None:
    twice = HALIDES + HALIDES.split("\n", 1)[1].replace("1075.2", "1080")
    Path("twice.csv").write_text(twice, encoding="utf-8")
    told = run("fill", "twice.csv", "-o", "filled.csv", "--same-material").stdout
    assert "Filled 10 holes" in told
    filled = pd.read_csv("filled.csv")
    apart = pd.read_csv("twice.csv")
    run("fill", "twice.csv", "-o", "apart.csv")
    apart = pd.read_csv("apart.csv")
    # As one material both rows of LiCl have one boiling point.
    boiling = "boiling_point_K"
    assert filled[boiling][3] == pytest.approx(filled[boiling][13], rel=1e-6)
    assert apart[boiling][3] != pytest.approx(filled[boiling][3], rel=1e-9)


def test_quiet_prints_nothing_and_writes_the_same(halides: Path, run: Run) -> None:
    run("fill", halides, "-o", "told.csv")
    result = run("fill", halides, "-o", "quiet.csv", "--quiet")
    assert result.stdout == ""
    assert result.stderr == ""
    assert Path("told.csv").read_bytes() == Path("quiet.csv").read_bytes()


def test_a_gross_error_is_named_by_row_and_property(folder: Path, run: Run) -> None:
    rows = [f"Na{k}Cl{k},{800 + 3 * k},{1600 + 6 * k}" for k in range(1, 21)]
    rows[6] = "Na7Cl7,5000,1642"
    Path("t.csv").write_text("formula,a_K,b_K\n" + "\n".join(rows) + "\n", encoding="utf-8")
    told = run("fill", "t.csv", "-o", "filled.csv").stdout
    assert "Which known values look wrong" in told
    lines = [line.split() for line in told.splitlines()]
    worst = next(line for line in lines if line[:2] == ["7", "Na7Cl7"])
    assert worst[2:4] == ["a_K", "5000"]


def test_parquet_in_parquet_out(halides: Path, run: Run) -> None:
    pd.read_csv(halides).to_parquet("halides.parquet")
    run("fill", "halides.parquet", "-o", "filled.parquet")
    filled = pd.read_parquet("filled.parquet")
    assert filled[["melting_point_K", "boiling_point_K", "density_g_cm3"]].notna().all().all()


def test_only_the_output_is_left_behind(halides: Path, run: Run) -> None:
    run("fill", halides, "-o", "filled.csv")
    assert sorted(listdir(halides.parent)) == ["filled.csv", "halides.csv"]


@pytest.mark.parametrize(("inside", "warned"), [(86, False), (60, True)])
def test_intervals_that_hold_too_rarely_are_pointed_out(
    halides: Path, capsys: pytest.CaptureFixture[str], inside: int, warned: bool
) -> None:
    observed = np.where(np.arange(100) < inside, 1.0, 5.0)
    cells = pd.DataFrame({"property": "melting_point_K", "observed": observed})
    cells = cells.assign(predicted=1.0, lower=0.5, upper=2.0)
    show_trust(Screen(), read_table(halides), cells, 0.9)
    told = capsys.readouterr().out
    assert f"{inside} %" in told
    assert ("Take with care: intervals of melting_point_K" in told) == warned


def test_the_sampling_engine_fills_every_hole_and_changes_nothing_known(
    halides: Path, run: Run
) -> None:
    output = run("fill", halides, "-o", "filled.csv", "--engine", "sampling").stdout
    assert "R-hat" in output
    given, filled = read_table(halides), read_table("filled.csv")
    assert filled.observed.all()
    assert (filled.values[given.observed] == given.values[given.observed]).all()
