"""The methods of chained equations by name."""

from __future__ import annotations

from collections.abc import Callable

from hokan.errors import HokanError
from hokan.imputation.chained.bayesian_linear import BayesianLinear
from hokan.imputation.chained.forest import Forest
from hokan.imputation.chained.gaussian_process import GaussianProcess
from hokan.imputation.chained.predictive_mean_matching import PredictiveMeanMatching
from hokan.imputation.chained.regression import ConditionalRegression

#: Each makes the regression of one column in one chain.
CHAINED_METHODS: dict[str, Callable[[], ConditionalRegression]] = {
    "bayesian linear": BayesianLinear,
    "predictive mean matching": PredictiveMeanMatching,
    "forest": Forest,
    "gaussian process": GaussianProcess,
}


def chained_method(name: str) -> Callable[[], ConditionalRegression]:
    """Return what makes a method's regressions.

    Raises
    ------
    HokanError
        If there is no such method.
    """
    if name not in CHAINED_METHODS:
        known = ", ".join(repr(each) for each in CHAINED_METHODS)
        raise HokanError(f"method must be one of {known}; found {name!r}")
    return CHAINED_METHODS[name]
