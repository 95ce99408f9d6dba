"""Quantiles of predicted cells, in both engines."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hokan import HierarchicalRegressor, Property, PropertyGraph
from hokan.errors import HokanError


@pytest.fixture(scope="module", params=["exact", "sampling"])
def fitted(request: pytest.FixtureRequest) -> HierarchicalRegressor:
    random_state = np.random.default_rng(0)
    x = random_state.uniform(-1.0, 1.0, 60)
    low = x + 0.7 * random_state.standard_normal(60)
    high = low**2 + 0.1 * random_state.standard_normal(60)
    frame = pd.DataFrame({"x": x, "low": low, "high": high})
    frame.loc[:9, "low"] = np.nan
    link = "linear" if request.param == "exact" else "smooth"
    plain = {"transform": "identity", "floor": "none", "gross_errors": "none"}
    graph = PropertyGraph(
        (Property("low", **plain), Property("high", parents=("low",), link=link, **plain))
    )
    return HierarchicalRegressor(graph, descriptors=["x"], n_chains=2, n_draws=100).fit(frame)


def test_they_rise_and_agree_with_the_filled_table(fitted: HierarchicalRegressor) -> None:
    found = fitted.quantiles((0.05, 0.25, 0.5, 0.75, 0.95))
    low = np.array([each["low"].to_numpy()[:10] for each in found.values()])
    assert (np.diff(low, axis=0) > 0).all()
    filled = fitted.fill(level=0.9)
    np.testing.assert_allclose(low[2], filled["low"][:10])
    np.testing.assert_allclose(low[0], filled["low__lower"][:10])
    np.testing.assert_allclose(low[4], filled["low__upper"][:10])


def test_known_values_are_their_own_quantiles(fitted: HierarchicalRegressor) -> None:
    found = fitted.quantiles([0.1])[0.1]
    known = fitted.table_.values[10:]
    np.testing.assert_allclose(found.to_numpy()[10:], known, atol=1e-9)


def test_two_humps_are_told() -> None:
    random_state = np.random.default_rng(1)
    low = random_state.uniform(-2.0, 2.0, 80)
    frame = pd.DataFrame({"low": low, "high": low**2 + 0.05 * random_state.standard_normal(80)})
    plain = {"transform": "identity", "floor": "none", "gross_errors": "none"}
    graph = PropertyGraph(
        (Property("low", **plain), Property("high", parents=("low",), link="smooth", **plain))
    )
    fitted = HierarchicalRegressor(graph).fit(frame)
    new = pd.DataFrame({"low": [np.nan], "high": [2.25]})
    ends = [fitted.quantiles([p], new)[p]["low"][0] for p in (0.1, 0.9)]
    np.testing.assert_allclose(ends, [-1.5, 1.5], atol=0.25)


def test_a_probability_outside_zero_and_one(fitted: HierarchicalRegressor) -> None:
    with pytest.raises(HokanError, match="between 0 and 1"):
        fitted.quantiles([1.0])
