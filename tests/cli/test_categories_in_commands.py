"""Categories on the command line: filled, fitted, predicted, refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

Run = Callable[..., Any]

GRAPH = """
[properties.kind]
transform = "category"

[properties.b]
parents = ["kind"]
"""


@pytest.fixture
def table(folder: Path) -> Path:
    random_state = np.random.default_rng(0)
    x = random_state.normal(size=40)
    utility = 2.0 * x + random_state.normal(size=40)
    kind = np.where(utility > 0, "metal", "insulator")
    frame = pd.DataFrame({"x": x, "kind": kind, "b": 2.0 * utility})
    frame.loc[:9, "kind"] = None
    frame.loc[5:14, "b"] = np.nan
    frame.to_csv(folder / "table.csv", index=False)
    (folder / "graph.toml").write_text(GRAPH, encoding="utf-8")
    return folder / "table.csv"


@pytest.mark.parametrize("graph", [(), ("--graph", "graph.toml")])
def test_fill_writes_levels_and_how_sure_they_are(
    table: Path, run: Run, graph: tuple[str, ...]
) -> None:
    told = run("fill", table, "-o", "filled.csv", "--descriptors", "x", *graph).stdout
    assert "Filled 10 holes and 10 holes of categories; 30 known values unchanged." in told
    given, filled = pd.read_csv(table), pd.read_csv("filled.csv")
    assert filled["kind"].isin(["metal", "insulator"]).all()
    assert (filled["kind"][10:] == given["kind"][10:]).all()
    assert filled["kind__probability"][:10].between(0.5, 1.0).all()
    assert filled["kind__probability"][10:].isna().all()


def test_predict_uses_and_predicts_levels(table: Path, run: Run) -> None:
    run("fit", table, "-o", "model.hokan", "--descriptors", "x", "--graph", "graph.toml")
    Path("new.csv").write_text("x,kind\n0,metal\n0,insulator\n3,\n", encoding="utf-8")
    run("predict", "model.hokan", "new.csv", "-o", "out.csv")
    out = pd.read_csv("out.csv")
    assert out["kind"].tolist() == ["metal", "insulator", "metal"]
    assert out["b"][0] > out["b"][1]
    Path("new.csv").write_text("x,kind\n0,metal\n0,glass\n", encoding="utf-8")
    refused = run("predict", "model.hokan", "new.csv", "-o", "out.csv", code=2)
    assert "row 2, column 'kind'" in refused.output
    assert "'glass'" in refused.output


def test_a_category_that_the_table_lacks_is_refused(table: Path, run: Run) -> None:
    Path("graph.toml").write_text(GRAPH.replace("kind", "kimd"), encoding="utf-8")
    told = run("fill", table, "-o", "f.csv", "--descriptors", "x", "--graph", "graph.toml", code=2)
    assert "'kimd'" in told.output
    assert "Did you mean 'kind'" in told.output
