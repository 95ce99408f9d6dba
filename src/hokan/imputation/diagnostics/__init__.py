"""Whether imputations can be trusted: convergence, plausibility, overimputation, their number."""

from hokan.imputation.diagnostics.balance import compare_by_propensity
from hokan.imputation.diagnostics.convergence import ChainVerdict, judge_chains
from hokan.imputation.diagnostics.diagnosis import Diagnosis, diagnose
from hokan.imputation.diagnostics.how_many import EnoughImputations, how_many
from hokan.imputation.diagnostics.overimputation import (
    overimpute,
    overimpute_by_folds,
    summarise_overimputation,
)
from hokan.imputation.diagnostics.propensity import propensities
from hokan.imputation.diagnostics.values import observed_and_imputed

__all__ = [
    "ChainVerdict",
    "Diagnosis",
    "EnoughImputations",
    "compare_by_propensity",
    "diagnose",
    "how_many",
    "judge_chains",
    "observed_and_imputed",
    "overimpute",
    "overimpute_by_folds",
    "propensities",
    "summarise_overimputation",
]
