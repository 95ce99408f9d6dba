"""hokan: fill the holes of small materials-property tables, with honest error bars."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hokan.errors import HokanError

if TYPE_CHECKING:
    from hokan.estimators import HierarchicalRegressor
    from hokan.graph import Property, PropertyGraph
    from hokan.imputation import ChainedImputer, MultipleImputer
    from hokan.store import load_model, save_model
    from hokan.table import PropertyTable, read_table

__version__ = "0.1.0"

__all__ = [
    "ChainedImputer",
    "HierarchicalRegressor",
    "HokanError",
    "MultipleImputer",
    "Property",
    "PropertyGraph",
    "PropertyTable",
    "__version__",
    "load_model",
    "read_table",
    "save_model",
]

# Imported when first used: scikit-learn, SciPy and pandas together take a second.
_HOMES = {
    "ChainedImputer": "hokan.imputation",
    "HierarchicalRegressor": "hokan.estimators",
    "MultipleImputer": "hokan.imputation",
    "Property": "hokan.graph",
    "PropertyGraph": "hokan.graph",
    "PropertyTable": "hokan.table",
    "load_model": "hokan.store",
    "read_table": "hokan.table",
    "save_model": "hokan.store",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'hokan' has no attribute {name!r}")
    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
