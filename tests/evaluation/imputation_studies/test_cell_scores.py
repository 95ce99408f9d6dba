"""Scores of hidden cells, from draws alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hokan.evaluation import gaussian_crps
from hokan.evaluation.imputation_studies.cell_scores import cell_scores, possible_draws
from hokan.evaluation.imputation_studies.drawing import StudiedTable
from hokan.table import PropertyTable


@pytest.mark.parametrize("m", [19, 20, 27, 100])
def test_intervals_of_honest_draws_cover_as_often_as_they_say(m: int) -> None:
    rng = np.random.default_rng(m)
    truth = rng.normal(size=(20_000, 1))
    draws = rng.normal(size=(m, 20_000, 1))
    found = cell_scores(truth, draws, np.zeros(draws.shape, dtype=bool), 0.9)
    assert found["coverage"] == pytest.approx(0.9, abs=0.008 if m == 19 else 0.013)
    assert found["crps"] == pytest.approx(
        gaussian_crps(truth, np.zeros_like(truth), np.ones_like(truth)), abs=0.01
    )
    assert found["error"] == pytest.approx(np.sqrt(2 / np.pi), abs=0.05)


def test_only_hidden_cells_count() -> None:
    truth = np.array([[1.0, np.nan], [np.nan, 2.0]])
    draws = np.array([[[1.5, 99.0], [99.0, 2.5]]])
    found = cell_scores(truth, draws, np.zeros(draws.shape, dtype=bool), 0.9)
    assert found["error"] == found["crps"] == 0.5
    assert np.isnan(found["coverage"])
    assert np.isnan(found["width"])


def test_values_that_cannot_be_are_counted_and_put_at_the_smallest_known_one() -> None:
    frame = pd.DataFrame({"a": [1.0, 10.0, 100.0, 1000.0], "b": [-1.0, 0.0, 1.0, 2.0]})
    studied = StudiedTable.of(PropertyTable.from_frame(frame), ("a", "b"), 2)
    spread = np.std(np.log(frame["a"]))
    draws = np.array([[[-5.0, -5.0], [10.0, 0.0], [np.nan, 1.0], [0.0, 2.0]]])
    known = np.array([[np.nan, np.nan], [10.0, 0.0], [100.0, 1.0], [np.nan, 2.0]])
    found, impossible = possible_draws(studied, draws, known)
    assert impossible[0, :, 0].tolist() == [True, False, False, True]
    assert not impossible[..., 1].any()
    np.testing.assert_allclose(found[0, [0, 1, 3], 0], np.log(10.0) / spread)
    np.testing.assert_allclose(found[0, :, 1], draws[0, :, 1] / np.std(frame["b"]))
