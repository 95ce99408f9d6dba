"""sample_parameters: parameters drawn beside everything else, on request."""

from __future__ import annotations

import pandas as pd
import pytest

from hokan import HierarchicalRegressor
from hokan.errors import HokanError
from hokan.sampling.pooled import PooledPosterior

SETTINGS = {"descriptors": ["x1", "x2"], "weigh_descriptors": False, "n_chains": 2, "n_draws": 10}


def test_everything_can_be_asked_of_a_model_with_drawn_parameters(frame: pd.DataFrame) -> None:
    estimator = HierarchicalRegressor(sample_parameters=True, **SETTINGS).fit(frame)
    assert isinstance(estimator.model_.posterior, PooledPosterior)
    filled = estimator.fill()
    holes = frame["property_3"].isna()
    assert filled["property_3"].notna().all()
    assert (filled.loc[holes, "property_3__std"] > 0).all()
    predicted, std = estimator.predict(frame.head(3).assign(x1=9.0), return_std=True)
    assert predicted.notna().all(axis=None)
    assert std["property_1"].iloc[0] >= 0
    assert len(estimator.sample(3)) == 3
    assert len(estimator.leave_one_out()) == frame.filter(like="property").notna().sum().sum()
    assert (estimator.links_["std"] > 0).all()
    for curve in estimator.link_curves():
        assert (curve.upper - curve.lower).max() > 0


def test_the_exact_engine_cannot_draw_parameters(frame: pd.DataFrame) -> None:
    estimator = HierarchicalRegressor(sample_parameters=True, engine="exact", **SETTINGS)
    with pytest.raises(HokanError, match="needs the sampling engine, found engine='exact'"):
        estimator.fit(frame)
