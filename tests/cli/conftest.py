"""A small real table, and a way to run commands as a user would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hokan.cli.main import app

#: Alkali halides (CRC Handbook), with holes, a text column and an identifier with leading zeros.
HALIDES = Path(__file__).with_name("halides.csv").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in an empty folder, so that file names in messages are short."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def halides(folder: Path) -> Path:
    path = folder / "halides.csv"
    path.write_text(HALIDES, encoding="utf-8")
    return path


@pytest.fixture
def run() -> Callable[..., Any]:
    """Run ``hokan`` with arguments; an exception that is not turned into a message fails."""

    def run_hokan(*arguments: str | Path, code: int = 0) -> Any:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result

    return run_hokan
