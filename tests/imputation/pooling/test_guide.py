"""The page on pooling runs as it stands, and prints what it says."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from hokan.imputation.pooling import PooledEstimates

GUIDE = Path(__file__).parents[3] / "docs" / "pooling.md"


def test_every_block_runs_and_figures_are_those_that_come_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("chemicals")
    text = GUIDE.read_text(encoding="utf-8")
    names: dict[str, object] = {}
    blocks = list(re.finditer(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
    assert len(blocks) == 4
    for block in blocks:
        line = text.count("\n", 0, block.start(1))
        exec(compile("\n" * line + block[1], str(GUIDE), "exec"), names)
    printed = capsys.readouterr().out

    shown = re.search(r"^    Pooled over.*?\n\n", text, re.DOTALL | re.MULTILINE)
    assert shown
    told = [line.split()[1:] for line in shown[0].strip().splitlines()[2:]]
    found = [line.split()[1:] for line in printed.splitlines()[2:4]]
    # Room for the last digits of another machine.
    np.testing.assert_allclose(np.array(told, float), np.array(found, float), rtol=0.02)

    pooled = names["pooled"]
    assert isinstance(pooled, PooledEstimates)
    row = pooled.to_frame().loc["melting_point_K"]
    assert f"The slope is {row['estimate']:.2f}," in text
    assert f"{100 * row['fraction_missing_information']:.0f} % of what complete rows" in text
    assert row["lower"] < 1.0 < row["upper"]
    assert len(names["table"]) == 102  # type: ignore[arg-type]
    assert np.isfinite(names["mean"]).all()  # type: ignore[call-overload]
    assert (np.asarray(names["std"]) > 0.0).all()


def test_symbols_have_their_names_in_the_code() -> None:
    text = GUIDE.read_text(encoding="utf-8").split("## In symbols")[1]
    names = re.findall(r"\| `(\w+)` \|$", text, re.MULTILINE)
    assert len(names) == 10
    fields = PooledEstimates.__dataclass_fields__
    assert all(name in fields or hasattr(PooledEstimates, name) for name in names)
