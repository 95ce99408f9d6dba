"""Everything scikit-learn asks of an estimator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from hokan.estimators import HierarchicalRegressor


@parametrize_with_checks(
    [HierarchicalRegressor(weigh_descriptors=False, n_restarts=0, max_iterations=30)]
)
def test_scikit_learn_manners(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
