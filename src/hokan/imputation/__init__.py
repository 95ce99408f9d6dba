"""Multiple imputation: completed tables that differ by what is not known, and what to do with them.

Diagnostics have a module of their own, :mod:`hokan.imputation.diagnostics`.
"""

from hokan.imputation.chained_imputer import ChainedImputer
from hokan.imputation.imputations import Imputations, ImputedColumn
from hokan.imputation.multiple_imputer import MultipleImputer
from hokan.imputation.pooling import (
    Estimates,
    PooledClassifier,
    PooledEstimates,
    PooledRegressor,
    PooledShares,
    WaldTest,
    cross_validated_estimate,
    linear_model_estimates,
    pool,
    pool_analyses,
    pool_correlation,
    pool_r_squared,
    pool_results,
)

__all__ = [
    "ChainedImputer",
    "Estimates",
    "Imputations",
    "ImputedColumn",
    "MultipleImputer",
    "PooledClassifier",
    "PooledEstimates",
    "PooledRegressor",
    "PooledShares",
    "WaldTest",
    "cross_validated_estimate",
    "linear_model_estimates",
    "pool",
    "pool_analyses",
    "pool_correlation",
    "pool_r_squared",
    "pool_results",
]
