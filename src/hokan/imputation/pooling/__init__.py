"""What the analyses of several completed tables say together."""

from hokan.imputation.pooling.analyses import pool_analyses, pool_results
from hokan.imputation.pooling.cross_validation import cross_validated_estimate
from hokan.imputation.pooling.linear_models import linear_model_estimates
from hokan.imputation.pooling.pooled_estimates import PooledEstimates
from hokan.imputation.pooling.prediction import PooledClassifier, PooledRegressor
from hokan.imputation.pooling.results import Estimates
from hokan.imputation.pooling.rubin import pool
from hokan.imputation.pooling.transformed import PooledShares, pool_correlation, pool_r_squared
from hokan.imputation.pooling.wald import WaldTest

__all__ = [
    "Estimates",
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
