"""The guide for Python users runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "python.md"


def test_every_block_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("chemicals")
    monkeypatch.chdir(tmp_path)
    text = GUIDE.read_text(encoding="utf-8")
    names: dict[str, object] = {}
    blocks = list(re.finditer(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
    assert len(blocks) > 8
    for block in blocks:
        line = text.count("\n", 0, block.start(1))
        exec(compile("\n" * line + block[1], str(GUIDE), "exec"), names)
        if "melting point measured" in block[1]:  # a claim of the text below it
            boiling = names["std"]["boiling_point_K"]  # type: ignore[index]
            assert boiling["melting point measured"] < boiling["composition alone"]
    printed = capsys.readouterr().out
    assert "'12,5' has a decimal comma" in printed
    assert 0.5 < float(str(names["inside"])) <= 1.0
    medians, std = names["medians"], names["std"]
    assert medians.shape == std.shape == names["y"].shape  # type: ignore[attr-defined]
