"""The command as a process: exit codes, streams, help, interruption, bugs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from os import listdir
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import hokan
from hokan.cli.main import app

Run = Callable[..., Any]


HALIDES = Path(__file__).with_name("halides.csv").read_text(encoding="utf-8")


COMMANDS = ("fill", "impute", "fit", "predict", "describe", "demo")
STUDIES = ("fidelities", "physics", "missingness", "size")


def process(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", "from hokan.cli import main; main()", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, check=False
    )


def test_a_process_ends_with_0_or_2_and_keeps_its_streams_apart(folder: Path) -> None:
    (folder / "t.csv").write_text(HALIDES, encoding="utf-8")
    good = process("fill", "t.csv", "-o", "filled.csv", cwd=folder)
    assert (good.returncode, good.stderr) == (0, b"")
    assert b"Filled 5 holes" in good.stdout
    assert b"\x1b" not in good.stdout  # no colours, no bar outside a terminal
    bad = process("fill", "t.csv", "-o", "no/folder.csv", cwd=folder)
    assert (bad.returncode, bad.stdout) == (2, b"")
    assert bad.stderr.startswith(b"error: no/folder.csv: ")


def test_a_terminal_without_the_signs_needed_still_gets_the_table(folder: Path) -> None:
    (folder / "t.csv").write_text(HALIDES.replace("boiling", "härte"), encoding="utf-8")
    done = process("describe", "t.csv", cwd=folder, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0
    assert done.stderr == b""
    assert b"rte_point_K" in done.stdout
    assert b"#####" in done.stdout


@pytest.mark.parametrize("columns", ["20", "40", "300"])
def test_any_width_of_terminal_will_do(folder: Path, columns: str) -> None:
    (folder / "t.csv").write_text(HALIDES, encoding="utf-8")
    done = process("describe", "t.csv", cwd=folder, COLUMNS=columns, FORCE_COLOR="1")
    assert done.returncode == 0


def test_the_version() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert result.exit_code == 0
    assert result.stdout == f"hokan {hokan.__version__}\n"


@pytest.mark.parametrize("command", [*COMMANDS, *(f"study {name}" for name in STUDIES)])
def test_help_documents_every_option(command: str) -> None:
    result = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    options = [
        line for line in result.stdout.splitlines() if re.match(r"  (-\w, )?--\w+.*  ", line)
    ]
    assert len(options) >= 3
    for line in options:
        assert re.search(r"\S  +[A-Z]\S+ ", line), f"without help: {line}"


def test_help_lists_every_command() -> None:
    result = CliRunner().invoke(app, ["--help"])
    for command in COMMANDS:
        assert re.search(rf"^\s+{command}\s+[A-Z]", result.stdout, re.MULTILINE)
    result = CliRunner().invoke(app, ["study", "--help"])
    for name in STUDIES:
        assert re.search(rf"^\s+{name}\s+[A-Z]", result.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    "arguments", [["fill"], ["fill", "t.csv"], ["fill", "t.csv", "-o"], ["fil"], ["fill", "--no"]]
)
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert re.search(r"^(Usage|Error): ?", result.stderr)


@pytest.mark.parametrize("command", ["fill", "fit"])
def test_an_interruption_leaves_nothing(
    halides: Path, run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hokan.model.HierarchyModel.from_table", interrupted)
    result = run(command, halides, "-o", "out.csv", code=130)
    assert result.stderr == "error: interrupted; nothing was written\n"
    assert sorted(listdir(halides.parent)) == ["halides.csv"]


def test_too_little_memory_is_told(
    halides: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hungry(*_: Any, **__: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("hokan.model.HierarchyModel.from_table", hungry)
    assert "too little free memory" in run("fill", halides, "-o", "out.csv", code=2).stderr


def test_a_bug_keeps_its_traceback(
    halides: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("hokan.model.HierarchyModel.from_table", broken)
    with pytest.raises(ZeroDivisionError):
        run("fill", halides, "-o", "out.csv")
    assert sorted(listdir(halides.parent)) == ["halides.csv"]
