"""Multiple imputation: completed tables that differ by what is not known."""

from hokan.imputation.imputations import Imputations, ImputedColumn
from hokan.imputation.multiple_imputer import MultipleImputer

__all__ = ["Imputations", "ImputedColumn", "MultipleImputer"]
