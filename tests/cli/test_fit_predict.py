"""hokan fit and hokan predict: a model kept in a file, and new rows."""

from __future__ import annotations

from collections.abc import Callable
from os import listdir
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

Run = Callable[..., Any]


HALIDES = Path(__file__).with_name("halides.csv").read_text(encoding="utf-8")


PROPERTIES = ("melting_point_K", "boiling_point_K", "density_g_cm3")


@pytest.fixture
def model(halides: Path, run: Run) -> Path:
    run("fit", halides, "-o", "salts.hokan")
    return halides.with_name("salts.hokan")


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def test_new_rows_are_filled_and_what_is_known_of_them_stays(model: Path, run: Run) -> None:
    write("new.csv", "sample,formula,boiling_point_K\na7,RbCl,1663\na8,LiBr,\n")
    told = run("predict", model, "new.csv", "-o", "out.csv").stdout
    assert "Predicted 5 values in 2 rows; 1 known value unchanged. Wrote out.csv" in told
    out = pd.read_csv("out.csv")
    assert list(out.columns[:3]) == ["sample", "formula", "boiling_point_K"]
    assert out["boiling_point_K"][0] == 1663
    for name in PROPERTIES:
        assert out[name].notna().all()
        assert (out[f"{name}__std"].dropna() > 0).all()
    assert pd.isna(out["boiling_point_K__std"][0])
    assert out["boiling_point_K__std"].notna()[1]


def test_what_is_known_of_a_row_is_used(model: Path, run: Run) -> None:
    write("low.csv", "formula,boiling_point_K\nRbCl,1300\n")
    write("high.csv", "formula,boiling_point_K\nRbCl,2300\n")
    run("predict", model, "low.csv", "-o", "low_out.csv")
    run("predict", model, "high.csv", "-o", "high_out.csv")
    low, high = pd.read_csv("low_out.csv"), pd.read_csv("high_out.csv")
    assert low["melting_point_K"][0] != high["melting_point_K"][0]


def test_the_training_table_comes_out_as_fill_would_write_it(
    halides: Path, model: Path, run: Run
) -> None:
    run("fill", halides, "-o", "filled.csv")
    run("predict", model, halides, "-o", "predicted.csv")
    filled, predicted = pd.read_csv("filled.csv"), pd.read_csv("predicted.csv")
    pd.testing.assert_frame_equal(filled, predicted, rtol=1e-9)


def test_other_numeric_columns_of_new_rows_are_carried(model: Path, run: Run) -> None:
    write("new.csv", "formula,price\nRbCl,12.50\n")
    run("predict", model, "new.csv", "-o", "out.csv")
    assert "12.50" in Path("out.csv").read_text(encoding="utf-8")


def test_formulas_may_stand_under_another_name(model: Path, run: Run) -> None:
    write("new.csv", "composition\nRbCl\n")
    run("predict", model, "new.csv", "-o", "found.csv")
    write("named.csv", "salt\nRbCl\n")
    run("predict", model, "named.csv", "-o", "named_out.csv", "--formula", "salt")
    found, named = pd.read_csv("found.csv"), pd.read_csv("named_out.csv")
    assert found["melting_point_K"][0] == named["melting_point_K"][0]


def test_rows_without_formulas_are_refused(model: Path, run: Run) -> None:
    write("new.csv", "salt\nRbCl\n")
    error = run("predict", model, "new.csv", "-o", "out.csv", code=2).stderr
    assert "new.csv: the model describes materials by composition" in error
    assert "--formula" in error
    assert "'salt'" in error


def test_a_bad_cell_of_new_rows_is_named(model: Path, run: Run) -> None:
    write("new.csv", "formula,boiling_point_K\nRbCl,1663\nLiBr,> 1500 K\n")
    error = run("predict", model, "new.csv", "-o", "out.csv", code=2).stderr
    assert "new.csv, row 2, column 'boiling_point_K': '> 1500 K'" in error
    assert not Path("out.csv").exists()


def test_a_model_without_compositions_ignores_those_of_new_rows(folder: Path, run: Run) -> None:
    write("halides.csv", HALIDES)
    run("fit", "halides.csv", "-o", "m.hokan", "--ignore", "formula")
    write("new.csv", "formula,boiling_point_K\nRbCl,1663\n")
    run("predict", "m.hokan", "new.csv", "-o", "out.csv")
    assert pd.read_csv("out.csv")["melting_point_K"].notna().all()
    error = run("predict", "m.hokan", "new.csv", "-o", "o.csv", "--formula", "formula", code=2)
    assert "fitted without compositions" in error.stderr


def test_descriptors_are_needed_again(folder: Path, run: Run) -> None:
    write("halides.csv", HALIDES.replace(",,", ",1500,").replace(",\n", ",2.5\n"))
    run("fit", "halides.csv", "-o", "m.hokan", "--descriptors", "density_g_cm3")
    write("new.csv", "formula,boiling_point_K\nRbCl,1663\n")
    error = run("predict", "m.hokan", "new.csv", "-o", "out.csv", code=2).stderr
    assert "new.csv: there is no column 'density_g_cm3'" in error


def test_only_the_model_is_left_behind(model: Path) -> None:
    assert sorted(listdir(model.parent)) == ["halides.csv", "salts.hokan"]
