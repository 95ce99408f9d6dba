"""Completed tables: what they keep, and where each imputed cell came from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hokan import HokanError
from hokan.imputation import Imputations, ImputedColumn


@pytest.fixture
def imputations() -> Imputations:
    frame = pd.DataFrame(
        {
            "name": ["a", "b", "c"],
            "T": [1.0, np.nan, np.nan],
            "n": [1, 2, 3],
            "phase": ["x", None, "y"],
        },
        index=[10, 20, 30],
    )
    columns = {
        "T": ImputedColumn(np.array([1, 2]), np.array([[5.0, 6.0], [7.0, 8.0]])),
        "phase": ImputedColumn(np.array([1]), np.array([["y"], ["x"]], dtype=object)),
    }
    return Imputations(frame, columns, chains=[0, 1], draws=[3, 4])


def test_each_completed_table_has_the_known_cells_and_its_own_imputed_ones(imputations):
    first, second = imputations
    assert first["T"].tolist() == [1.0, 5.0, 6.0]
    assert second["T"].tolist() == [1.0, 7.0, 8.0]
    assert first["phase"].tolist() == ["x", "y", "y"]
    assert second["phase"].tolist() == ["x", "x", "y"]
    for completed in (first, second):
        assert completed[["name", "n"]].equals(imputations.frame[["name", "n"]])
        assert completed.index.tolist() == [10, 20, 30]


def test_it_is_a_sequence(imputations):
    assert len(imputations) == imputations.n_imputations == 2
    pd.testing.assert_frame_equal(imputations[-1], imputations[1])
    assert len(imputations[1:]) == 1
    pd.testing.assert_frame_equal(imputations[1:][0], imputations[1])
    with pytest.raises(IndexError, match="there are 2 completed tables; found number 2"):
        imputations[2]


def test_changing_a_completed_table_changes_nothing_else(imputations):
    first = imputations[0]
    first.loc[10, "T"] = 99.0
    assert imputations[0].loc[10, "T"] == 1.0
    assert np.isnan(imputations.frame.loc[20, "T"])


def test_every_imputed_cell_is_listed_with_its_chain_and_draw(imputations):
    cells = imputations.cells()
    assert len(cells) == 2 * 3
    found = cells[(cells["imputation"] == 2) & (cells["column"] == "T") & (cells["row"] == 30)]
    assert found[["chain", "draw", "value"]].to_numpy().tolist() == [[1, 4, 8.0]]
    for line in cells.itertuples():
        assert imputations[line.imputation - 1].loc[line.row, line.column] == line.value


def test_cells_that_are_imputed_are_marked(imputations):
    assert imputations.imputed.to_numpy().sum() == 3
    assert imputations.imputed.loc[20, ["T", "phase"]].all()


def test_tables_are_stacked_for_programs_that_want_one(imputations):
    stacked = imputations.stacked()
    assert stacked["imputation"].tolist() == [1, 1, 1, 2, 2, 2]
    assert stacked["T"].tolist() == [1.0, 5.0, 6.0, 1.0, 7.0, 8.0]
    taken = Imputations(imputations.frame.rename(columns={"n": "imputation"}), {}, [0], [0])
    with pytest.raises(HokanError, match="has a column 'imputation'"):
        taken.stacked()


def test_an_analysis_is_run_on_each(imputations):
    assert imputations.analyse(lambda table: table["T"].sum()) == [12.0, 16.0]


def test_a_table_without_holes_has_nothing_to_list():
    complete = Imputations(pd.DataFrame({"T": [1.0, 2.0]}), {}, [0, 0], [0, 1])
    assert len(complete.cells()) == 0
    assert not complete.imputed.to_numpy().any()
    assert "none" in repr(complete)
    pd.testing.assert_frame_equal(complete[0], complete.frame)


def test_columns_of_whole_numbers_can_hold_imputed_ones():
    frame = pd.DataFrame({"n": pd.array([1, None], dtype="Int64")})
    filled = Imputations(frame, {"n": ImputedColumn(np.array([1]), np.array([[2.5]]))}, [0], [0])
    assert filled[0]["n"].tolist() == [1.0, 2.5]


def test_shapes_that_do_not_fit_are_refused():
    frame = pd.DataFrame({"T": [1.0, np.nan]})
    with pytest.raises(HokanError, match=r"'T': expected .* shape \(2, 1\), found shape \(1, 1\)"):
        Imputations(frame, {"T": ImputedColumn(np.array([1]), np.zeros((1, 1)))}, [0, 1], [0, 0])
    with pytest.raises(HokanError, match="two lists of one length"):
        Imputations(frame, {}, [0, 1], [0])
