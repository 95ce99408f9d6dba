"""Materials as numbers: formulas, element fractions and Magpie statistics."""

from hokan.descriptors.compositions import (
    atoms_per_formula,
    element_fractions,
    molar_mass,
    reduced_formula_key,
)
from hokan.descriptors.elements import (
    ELEMENT_SYMBOLS,
    ELEMENTAL_PROPERTIES,
    atomic_weights,
    elemental_properties,
    unknown_elemental_properties,
)
from hokan.descriptors.formula import parse_formula
from hokan.descriptors.statistics import STATISTIC_NAMES, composition_statistics

__all__ = [
    "ELEMENTAL_PROPERTIES",
    "ELEMENT_SYMBOLS",
    "STATISTIC_NAMES",
    "atomic_weights",
    "atoms_per_formula",
    "composition_statistics",
    "element_fractions",
    "elemental_properties",
    "molar_mass",
    "parse_formula",
    "reduced_formula_key",
    "unknown_elemental_properties",
]
