"""Formulas: how a property follows from others, read from text, evaluated, checked for units."""

from hokan.graph.formula.formula import Formula
from hokan.graph.formula.power_law import PowerLaw

__all__ = ["Formula", "PowerLaw"]
