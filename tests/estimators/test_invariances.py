"""What must make no difference: the order of columns, whatever the holes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan import HierarchicalRegressor

_N, _P = 12, 3
_COLUMNS = ["alpha", "beta", "gamma", "x1", "x2", "formula"]
_FORMULAS = ["LiF", "NaF", "KF", "LiCl", "NaCl", "KCl", "LiBr", "NaBr", "KBr", "MgO", "CaO", "SrO"]


def _frame(seed: int, holes: list[bool]) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    X = draw.standard_normal((_N, 2))
    values = np.exp(0.5 * X @ draw.standard_normal((2, _P)) + 0.2 * draw.standard_normal((_N, _P)))
    values[np.array(holes).reshape(_N, _P)] = np.nan
    values[:2] = draw.uniform(1.0, 2.0, (2, _P))  # two known values in each column
    return pd.DataFrame(np.column_stack([values, X]), columns=_COLUMNS[:-1]).assign(
        formula=_FORMULAS
    )


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 5),
    holes=st.lists(st.booleans(), min_size=_N * _P, max_size=_N * _P),
    order=st.permutations(_COLUMNS),
    composed=st.booleans(),
)
def test_the_order_of_columns_makes_no_difference(
    seed: int, holes: list[bool], order: list[str], composed: bool
) -> None:
    frame = _frame(seed, holes)
    if not composed:
        frame, order = frame.drop(columns="formula"), [c for c in order if c != "formula"]
    shuffled = frame[order]
    descriptors = [name for name in order if name.startswith("x")]
    settings = {"n_restarts": 0, "max_iterations": 10}
    one = HierarchicalRegressor(descriptors=("x1", "x2"), **settings).fit(frame)
    other = HierarchicalRegressor(descriptors=descriptors, **settings).fit(shuffled)
    assert one.graph_ == other.graph_
    filled, again = one.fill(), other.fill()
    assert set(filled.columns) == set(again.columns)
    pd.testing.assert_frame_equal(again[filled.columns], filled, rtol=1e-6, atol=0.0)
    known = shuffled.notna()
    pd.testing.assert_frame_equal(again[order].where(known), shuffled, check_exact=True)
    new = frame.drop(columns=["alpha"]).assign(x1=frame["x1"] + 0.1)
    predicted = one.predict(new)
    pd.testing.assert_frame_equal(
        other.predict(new[new.columns[::-1]])[predicted.columns], predicted, rtol=1e-6, atol=0.0
    )
