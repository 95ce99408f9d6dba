"""hokan describe: what a table holds."""

from __future__ import annotations

from collections.abc import Callable
from os import listdir
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


HALIDES = Path(__file__).with_name("halides.csv").read_text(encoding="utf-8")


def test_known_and_missing_are_counted_for_each_property(halides: Path, run: Run) -> None:
    told = run("describe", halides).stdout
    lines = [line.split() for line in told.splitlines()]
    known = {line[0]: line[1:3] for line in lines if len(line) > 5 and line[-2:] != ["its", "name"]}
    assert known["boiling_point_K"] == ["7", "3"]
    assert known["density_g_cm3"] == ["8", "2"]
    assert "5 rows complete, 0 rows with nothing known" in told
    assert "10 different compositions in 10 rows" in told


def test_every_column_is_accounted_for(halides: Path, run: Run) -> None:
    told = run("describe", halides).stdout
    for column, role in (
        ("id", "carried"),
        ("formula", "composition"),
        ("structure", "carried"),
        ("melting_point_K", "property"),
    ):
        assert any(line.split()[:2] == [column, role] for line in told.splitlines())


def test_the_graph_is_shown_and_checked(halides: Path, run: Run) -> None:
    Path("g.toml").write_text('[properties.melting_point_K]\ntransform = "log"\n', encoding="utf-8")
    told = run("describe", halides, "--graph", "g.toml").stdout
    assert "melting_point_K (log)" in told
    assert "Not in the graph, so left as they are: boiling_point_K, density_g_cm3" in told


def test_repeated_compositions_are_told(folder: Path, run: Run) -> None:
    Path("t.csv").write_text(HALIDES + "011,Na2Cl2,,1070,,\n", encoding="utf-8")
    told = run("describe", "t.csv").stdout
    assert "10 different compositions in 11 rows" in told
    assert "as different materials" in told
    assert "as repeated measurements" in run("describe", "t.csv", "--same-material").stdout


def test_a_table_without_descriptions_is_told_so(halides: Path, run: Run) -> None:
    told = run("describe", halides, "--ignore", "formula").stdout
    assert "the properties alone carry the model" in told


def test_with_quiet_the_exit_code_tells(halides: Path, run: Run) -> None:
    assert run("describe", halides, "--quiet").output == ""
    run("describe", "nothing_there.csv", "--quiet", code=2)


@pytest.mark.parametrize("name", ["[bold]strength[/]", ":smile:_K", "[link=http://x]y", "Härte"])
def test_names_are_shown_as_they_are_written(folder: Path, run: Run, name: str) -> None:
    text = HALIDES.replace("boiling_point_K", name)
    Path("t.csv").write_text(text, encoding="utf-8")
    assert name in run("describe", "t.csv").stdout


def test_terminal_codes_in_names_are_made_harmless(folder: Path, run: Run) -> None:
    Path("t.csv").write_text(HALIDES.replace("structure", "\x1b[2Jgone"), encoding="utf-8")
    told = run("describe", "t.csv").stdout
    assert "\x1b" not in told
    assert "\\x1b[2Jgone" in told


def test_nothing_is_written(halides: Path, run: Run) -> None:
    run("describe", halides)
    assert sorted(listdir(halides.parent)) == ["halides.csv"]
