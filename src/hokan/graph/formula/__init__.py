"""Formulas: how a property follows from others, read from text, evaluated, checked for units."""

from hokan.graph.formula.dimensions import Dimension
from hokan.graph.formula.formula import Formula
from hokan.graph.formula.power_law import PowerLaw
from hokan.graph.formula.unit_check import check_units
from hokan.graph.formula.units import Unit, parse_unit

__all__ = ["Dimension", "Formula", "PowerLaw", "Unit", "check_units", "parse_unit"]
