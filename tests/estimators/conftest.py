"""Small tables that fit in a fraction of a second."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from hokan import HierarchicalRegressor
from hokan.datasets.synthetic import make_hierarchy


@pytest.fixture(scope="session")
def quick() -> Callable[..., HierarchicalRegressor]:
    """Return estimators that do not search long; keyword arguments as usual."""

    def make(**parameters: object) -> HierarchicalRegressor:
        settings = {"weigh_descriptors": False, "n_restarts": 0, "max_iterations": 20}
        return HierarchicalRegressor(**{**settings, **parameters})

    return make


@pytest.fixture
def frame() -> pd.DataFrame:
    """Thirty materials, three related properties with holes, two descriptors, a text column."""
    drawn = make_hierarchy(30, 3, missing=0.3, n_descriptors=2, random_state=3).table.frame
    drawn["source"] = [f"paper {number}" for number in range(30)]
    drawn.index = pd.Index([f"m{number}" for number in range(30)], name="material")
    return drawn


@pytest.fixture
def fitted(
    quick: Callable[..., HierarchicalRegressor], frame: pd.DataFrame
) -> HierarchicalRegressor:
    return quick(descriptors=("x1", "x2")).fit(frame)


@pytest.fixture
def arrays() -> tuple[np.ndarray, np.ndarray]:
    """Descriptors (40, 3) and two related targets (40, 2), a third of the second unknown."""
    draw = np.random.default_rng(5)
    X = draw.standard_normal((40, 3))
    first = X[:, 0] - 0.5 * X[:, 1]
    second = 2.0 * first + 0.3 * X[:, 2] + 0.1 * draw.standard_normal(40)
    second[::3] = np.nan
    return X, np.column_stack([first, second])
