"""How well holes are filled, against what made them, how many there are, and the table's size."""

from __future__ import annotations

from hokan.evaluation.imputation_studies.design import SCALES, Part
from hokan.evaluation.imputation_studies.methods import (
    IMPUTATION_METHODS,
    QUICK_METHODS,
    ImputationMethod,
)
from hokan.evaluation.imputation_studies.running import ImputationStudy
from hokan.evaluation.imputation_studies.studies import study_missingness, study_size
from hokan.evaluation.imputation_studies.summary import (
    imputation_differences,
    summarise_imputation,
)

__all__ = [
    "IMPUTATION_METHODS",
    "QUICK_METHODS",
    "SCALES",
    "ImputationMethod",
    "ImputationStudy",
    "Part",
    "imputation_differences",
    "study_missingness",
    "study_size",
    "summarise_imputation",
]
