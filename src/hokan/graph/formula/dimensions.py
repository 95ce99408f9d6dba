"""What kind of quantity a unit measures: exponents of the seven base dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

# Base units of the International System (SI Brochure, 9th ed., BIPM 2019, table 2), in the order
# in which compound units are usually written.
BASE_UNITS = ("kg", "m", "s", "K", "mol", "A", "cd")


@dataclass(frozen=True)
class Dimension:
    """Exponents of kilogram, metre, second, kelvin, mole, ampere and candela."""

    exponents: tuple[Fraction, ...] = (Fraction(0),) * len(BASE_UNITS)

    @classmethod
    def of(cls, **exponents: int | Fraction) -> Dimension:
        """Return a dimension from exponents of base units: ``Dimension.of(m=1, s=-2)``."""
        return cls(tuple(Fraction(exponents.get(unit, 0)) for unit in BASE_UNITS))

    def __mul__(self, other: Dimension) -> Dimension:
        pairs = zip(self.exponents, other.exponents, strict=True)
        return Dimension(tuple(one + two for one, two in pairs))

    def __truediv__(self, other: Dimension) -> Dimension:
        return self * other ** Fraction(-1)

    def __pow__(self, exponent: Fraction) -> Dimension:
        return Dimension(tuple(each * exponent for each in self.exponents))

    @property
    def is_none(self) -> bool:
        """Whether it is that of a pure number."""
        return not any(self.exponents)

    def in_words(self) -> str:
        """Return what people call it, or its base units where it has no name here."""
        return _NAMES.get(self) or self.in_base_units()

    def in_base_units(self) -> str:
        """Return it as base units: ``"kg m^2/(s^2 K)"``."""
        above = self._written(positive=True)
        below = self._written(positive=False)
        if not below:
            return " ".join(above) or "1"
        denominator = below[0] if len(below) == 1 else f"({' '.join(below)})"
        return f"{' '.join(above) or '1'}/{denominator}"

    def _written(self, *, positive: bool) -> list[str]:
        pairs = zip(BASE_UNITS, self.exponents, strict=True)
        return [
            unit if abs(power) == 1 else f"{unit}^{_written_power(abs(power))}"
            for unit, power in pairs
            if power and (power > 0) == positive
        ]


def _written_power(power: Fraction) -> str:
    return str(power) if power.denominator == 1 else f"({power})"


NONE = Dimension()
_LENGTH, _MASS, _TIME = Dimension.of(m=1), Dimension.of(kg=1), Dimension.of(s=1)
_KELVIN, _MOLE, _AMPERE = Dimension.of(K=1), Dimension.of(mol=1), Dimension.of(A=1)
_VOLUME = Dimension.of(m=3)
_ENERGY = Dimension.of(kg=1, m=2, s=-2)
_POWER = _ENERGY / _TIME
_VOLTAGE = _POWER / _AMPERE

_NAMES: dict[Dimension, str] = {
    NONE: "a pure number",
    _LENGTH: "a length",
    Dimension.of(m=2): "an area",
    _VOLUME: "a volume",
    NONE / _LENGTH: "a reciprocal length",
    NONE / _VOLUME: "a number density",
    _MASS: "a mass",
    _MASS / _VOLUME: "a density",
    _MASS / _MOLE: "a molar mass",
    _VOLUME / _MOLE: "a molar volume",
    _VOLUME / _MASS: "a specific volume",
    _TIME: "a time",
    NONE / _TIME: "a frequency",
    _LENGTH / _TIME: "a speed",
    _KELVIN: "a temperature",
    NONE / _KELVIN: "a reciprocal temperature",
    _MOLE: "an amount of substance",
    _AMPERE: "an electric current",
    _AMPERE * _TIME: "an electric charge",
    _VOLTAGE: "a voltage",
    _VOLTAGE / _LENGTH: "an electric field",
    _VOLTAGE / _KELVIN: "a thermopower",
    _VOLTAGE / _AMPERE: "an electric resistance",
    _VOLTAGE / _AMPERE * _LENGTH: "an electric resistivity",
    _AMPERE / _VOLTAGE / _LENGTH: "an electric conductivity",
    _AMPERE * Dimension.of(m=2): "a magnetic moment",
    Dimension.of(kg=1, m=1, s=-2): "a force",
    _ENERGY: "an energy",
    _ENERGY / _VOLUME: "a pressure or energy density",
    _VOLUME / _ENERGY: "a reciprocal pressure",
    _ENERGY / Dimension.of(m=2): "a surface energy",
    _ENERGY / _MOLE: "a molar energy",
    _ENERGY / _MASS: "an energy per mass",
    _ENERGY / _KELVIN: "an entropy or heat capacity",
    _ENERGY / _KELVIN / _MOLE: "a molar entropy or heat capacity",
    _ENERGY / _KELVIN / _MASS: "a specific heat capacity",
    _POWER: "a power",
    _POWER / _LENGTH / _KELVIN: "a thermal conductivity",
    _POWER / Dimension.of(m=2) / _KELVIN: "a heat transfer coefficient",
    Dimension.of(m=2, s=-1): "a diffusivity",
}
