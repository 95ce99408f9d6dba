"""Everything scikit-learn asks of a transformer that accepts holes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from hokan import MultipleImputer


@parametrize_with_checks(
    [MultipleImputer(n_imputations=2, weigh_descriptors=False, n_restarts=0, max_iterations=30)]
)
def test_scikit_learn_manners(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
