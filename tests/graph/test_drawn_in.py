"""Location and scale of columns in which some values may be grossly wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.graph import Identity, Log, StandardisedTransform
from hokan.graph.transforms.standardised import drawn_in


@pytest.mark.parametrize("draw", ["normal", "exponential", "uniform"])
def test_clean_columns_keep_their_mean_and_deviation(draw):
    values = getattr(np.random.default_rng(0), draw)(size=2000)
    plain, robust = (
        StandardisedTransform.fit(Identity(), values, robust=robust) for robust in (False, True)
    )
    assert robust.location == pytest.approx(plain.location, abs=0.02 * plain.scale)
    assert robust.scale == pytest.approx(plain.scale, rel=0.08)


@pytest.mark.parametrize("transform", [Identity(), Log()])
def test_three_percent_of_values_times_ten_change_the_scale_little(transform):
    random_state = np.random.default_rng(1)
    values = np.exp(random_state.normal(5.0, 0.3, 1000))
    clean = StandardisedTransform.fit(transform, values)
    values[:30] *= 10.0
    plain, robust = (
        StandardisedTransform.fit(transform, values, robust=robust) for robust in (False, True)
    )
    assert plain.scale > 1.5 * clean.scale
    assert robust.scale < 1.35 * clean.scale
    assert abs(robust.location - clean.location) < 0.15 * clean.scale


@settings(deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=0, max_size=60), st.integers(0, 3))
def test_nothing_is_ever_pushed_out_or_reordered(numbers, n_holes):
    values = np.array([*numbers, *[np.nan] * n_holes])
    found = drawn_in(values)
    known = ~np.isnan(values)
    np.testing.assert_array_equal(np.isnan(found), ~known)
    if known.any():
        centre = np.median(values[known])
        tolerance = 1e-9 * (1 + np.abs(values[known]).max())
        assert (np.abs(found[known] - centre) <= np.abs(values[known] - centre) + tolerance).all()
        assert (np.diff(found[known][np.argsort(values[known])]) >= 0).all()


def test_many_equal_values_do_not_make_the_others_doubtful():
    values = np.r_[np.zeros(70), np.linspace(1, 5, 30)]
    np.testing.assert_array_equal(drawn_in(values), values)
