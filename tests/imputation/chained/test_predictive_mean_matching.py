"""Predictive mean matching takes values of the rows with the nearest predictions."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hokan.imputation.chained.linear_draw import LinearDraw, draw_linear
from hokan.imputation.chained.predictive_mean_matching import (
    DrawnMatching,
    PredictiveMeanMatching,
)

numbers = st.integers(-20, 20).map(float)


@given(
    expected=st.lists(numbers, min_size=1, max_size=20),
    predictions=st.lists(numbers.map(lambda x: x + 0.25), min_size=1, max_size=10),
    k=st.integers(1, 6),
    seed=st.integers(0, 100),
)
def test_donors_are_among_the_nearest(expected, predictions, k, seed):
    known, wanted = np.sort(expected), np.array(predictions)
    rng = np.random.default_rng(seed)
    model = draw_linear(np.empty((2, 0)), np.array([0.0, 1.0]), rng)
    k = min(k, len(known))
    found = DrawnMatching(model, known, known, k).nearest(wanted, rng)
    for prediction, donor in zip(wanted, found, strict=True):
        distances = np.sort(np.abs(known - prediction))
        assert abs(known[donor] - prediction) <= distances[k - 1]


def test_all_five_nearest_are_taken_equally_often():
    rng = np.random.default_rng(0)
    known = np.arange(30.0)
    model = draw_linear(known[:, None], known, rng)
    found = DrawnMatching(model, known, known, 5).nearest(np.full(5000, 12.1), rng)
    counts = np.bincount(found, minlength=30)
    assert set(np.flatnonzero(counts)) == {10, 11, 12, 13, 14}
    assert counts[10:15].min() > 900


def test_equal_predictions_have_donors_at_random():
    """Otherwise rows further up would always give."""
    X, y = np.repeat([0.0, 1.0], 50)[:, None], np.arange(100.0)
    rng = np.random.default_rng(1)
    values = np.concatenate(
        [PredictiveMeanMatching().fit_draw(X, y, rng).impute(X[:1], rng) for _ in range(500)]
    )
    assert values.max() < 50
    assert abs(values.mean() - 24.5) < 3 * 14.4 / np.sqrt(500)


def test_coefficients_are_drawn_for_holes_only():
    """Matching of type 1: donors stand at the predictions of least squares."""
    rng = np.random.default_rng(2)
    X = rng.standard_normal((40, 2))
    y = X @ [1.0, 2.0] + rng.standard_normal(40)
    first, second = (PredictiveMeanMatching().fit_draw(X, y, rng) for _ in range(2))
    np.testing.assert_allclose(first.expected, second.expected)
    assert not np.allclose(first.model.drawn(X), second.model.drawn(X))


def test_holes_are_matched_by_their_drawn_prediction():
    known = np.arange(30.0)
    twice = LinearDraw(np.zeros(1), 0.0, np.ones(1), 0.0, np.full(1, 2.0), 1.0)
    matching = DrawnMatching(twice, known, known, 5)
    values = matching.impute(np.full((200, 1), 10.0), np.random.default_rng(4))
    assert set(values) == {18.0, 19.0, 20.0, 21.0, 22.0}


def test_fewer_known_values_than_donors_all_give():
    X, y = np.array([[0.0], [1.0], [2.0]]), np.array([5.0, 6.0, 7.0])
    rng = np.random.default_rng(3)
    values = PredictiveMeanMatching().fit_draw(X, y, rng).impute(np.ones((200, 1)), rng)
    assert set(values) == {5.0, 6.0, 7.0}
