"""hokan fill and fit --links: what was learned, as a picture."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.mark.parametrize("command", ["fill", "fit"])
def test_every_link_is_drawn(command: str, halides: Path, folder: Path, run: Run) -> None:
    output = "out.csv" if command == "fill" else "out.hokan"
    told = run(command, halides, "-o", output, "--links", "links.html").stdout
    assert "Wrote links.html." in told
    page = (folder / "links.html").read_text(encoding="utf-8")
    for name in ("melting point", "boiling point", "density", "learned link"):
        assert name in page
    assert (folder / output).exists()


@pytest.mark.parametrize("command", ["fill", "fit"])
def test_a_picture_that_cannot_be_is_refused_before_any_work(
    command: str, halides: Path, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a model was fitted")

    monkeypatch.setattr("hokan.model.HierarchyModel.from_table", never)
    for picture, problem in (
        ("links.png", "end the name in .html"),
        ("nowhere/links.html", "no folder"),
        ("out.html", "named twice"),
    ):
        found = run(command, halides, "-o", "out.html", "--links", picture, code=2)
        assert problem in found.stderr
    assert [path.name for path in folder.iterdir()] == ["halides.csv"]


def test_without_plotly_it_says_what_to_install(
    halides: Path, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = builtins.__import__

    def without_plotly(name: str, *arguments: Any, **others: Any) -> Any:
        if name.startswith("plotly"):
            raise ImportError(name)
        return imported(name, *arguments, **others)

    monkeypatch.setattr(builtins, "__import__", without_plotly)
    found = run("fit", halides, "-o", "out.hokan", "--links", "links.html", code=2)
    assert 'pip install "hokan[plots]"' in found.stderr
    assert not (folder / "out.hokan").exists()
