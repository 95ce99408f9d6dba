"""Chained equations: each column imputed given all others, in turn, many times.

What people mean by MICE (van Buuren & Groothuis-Oudshoorn, J. Stat. Softw. 45(3) (2011)), on
arrays; :class:`hokan.ChainedImputer` does it on tables.
"""

from hokan.imputation.chained.chain import Chain, run_chain
from hokan.imputation.chained.equations import ChainedEquations
from hokan.imputation.chained.methods import CHAINED_METHODS, chained_method
from hokan.imputation.chained.regression import ConditionalRegression, DrawnConditional

__all__ = [
    "CHAINED_METHODS",
    "Chain",
    "ChainedEquations",
    "ConditionalRegression",
    "DrawnConditional",
    "chained_method",
    "run_chain",
]
