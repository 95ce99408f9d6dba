"""Real tables from packages, and synthetic ones with known truth; docs/data.md describes them."""

from __future__ import annotations

from hokan.datasets.formation_enthalpies import load_formation_enthalpies
from hokan.datasets.inorganics import InorganicsReport, load_inorganics
from hokan.datasets.multifidelity_functions import (
    MULTIFIDELITY_FUNCTIONS,
    MultiFidelityFunction,
)
from hokan.datasets.synthetic import SyntheticHierarchy, make_hierarchy

__all__ = [
    "MULTIFIDELITY_FUNCTIONS",
    "InorganicsReport",
    "MultiFidelityFunction",
    "SyntheticHierarchy",
    "load_formation_enthalpies",
    "load_inorganics",
    "make_hierarchy",
]
