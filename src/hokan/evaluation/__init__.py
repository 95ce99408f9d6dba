"""How well a table is filled: what to hide, how to score, and what to compare with."""

from __future__ import annotations

from hokan.evaluation.amputation import MECHANISMS, ampute
from hokan.evaluation.comparison import (
    METHODS,
    Method,
    compare_on_hidden,
    joint_model,
    score_methods,
)
from hokan.evaluation.fidelities import study_fidelities
from hokan.evaluation.fidelity_draws import FidelityDraw, draw_fidelities
from hokan.evaluation.fidelity_methods import FIDELITY_METHODS, FidelityMethod
from hokan.evaluation.fidelity_summary import (
    gain_from_lower_levels,
    paired_differences,
    summarise_fidelities,
)
from hokan.evaluation.holdout import (
    Holdout,
    composition_groups,
    hide_after_split,
    hide_cells,
    hide_property,
    hide_random_cells,
    split_rows,
)
from hokan.evaluation.imputation_studies import (
    IMPUTATION_METHODS,
    ImputationMethod,
    ImputationStudy,
    imputation_differences,
    study_missingness,
    study_size,
    summarise_imputation,
)
from hokan.evaluation.scores import (
    gaussian_crps,
    gaussian_log_score,
    interval_coverage,
    mean_absolute_error,
    mean_interval_width,
    quantile_crps,
    root_mean_square_error,
    sample_crps,
)

__all__ = [
    "FIDELITY_METHODS",
    "IMPUTATION_METHODS",
    "MECHANISMS",
    "METHODS",
    "FidelityDraw",
    "FidelityMethod",
    "Holdout",
    "ImputationMethod",
    "ImputationStudy",
    "Method",
    "ampute",
    "compare_on_hidden",
    "composition_groups",
    "draw_fidelities",
    "gain_from_lower_levels",
    "gaussian_crps",
    "gaussian_log_score",
    "hide_after_split",
    "hide_cells",
    "hide_property",
    "hide_random_cells",
    "imputation_differences",
    "interval_coverage",
    "joint_model",
    "mean_absolute_error",
    "mean_interval_width",
    "paired_differences",
    "quantile_crps",
    "root_mean_square_error",
    "sample_crps",
    "score_methods",
    "split_rows",
    "study_fidelities",
    "study_missingness",
    "study_size",
    "summarise_fidelities",
    "summarise_imputation",
]
