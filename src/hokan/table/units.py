"""Units read from column names such as ``melting_point_K`` or ``band gap [eV]``.

A unit is only a label: nothing is ever converted. A name is matched against the units materials
tables use, written out below; what is not among them has no unit, rather than a guessed one.
"""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# How a word of a name is written in a unit ("~" is a space); others stand for themselves.
_SPELLING = {
    word: spelled.replace("~", " ")
    for word, _, spelled in (
        pair.partition("=")
        for pair in _words(
            """
            A=Å Ang=Å ang=Å Angstrom=Å angstrom=Å um=µm us=µs uV=µV uW=µW muB=µB uB=µB debye=D
            ev=eV gpa=GPa kelvin=K Kelvin=K Hartree=Ha hartree=Ha degC=°C celsius=°C Celsius=°C
            percent=% pct=% ohm=Ω mohm=mΩ uohm=µΩ K2=K^2 m2=m^2 cm2=cm^2 mm2=mm^2 A2=Å^2 Ang2=Å^2
            m3=m^3 cm3=cm^3 nm3=nm^3 A3=Å^3 Ang3=Å^3 angstrom3=Å^3 Å3=Å^3 mK=m~K mK2=m~K^2
            molK=mol~K molK2=mol~K^2 gK=g~K kgK=kg~K atomK=atom~K m2K=m^2~K m3K=m^3~K cm3K=cm^3~K
            """
        )
    )
}

# A single word after an underscore. Single letters are left out, except K: in "bulk_modulus_V" the
# V means Voigt, in "exchange_J" the J is a symbol.
_ALONE = _words(
    """
    K kelvin Kelvin degC celsius Celsius °C eV ev meV keV MeV Ry Ha Hartree hartree kJ MJ kcal Pa
    kPa MPa GPa gpa TPa bar kbar Mbar atm HV Å Ang ang angstrom Angstrom pm nm um µm mm cm km A3
    Ang3 angstrom3 Å3 nm3 cm3 Hz kHz MHz GHz THz fs ps ns us mg kg amu mol mV kV mT emu debye muB
    uB µB rad deg ppm % wt% at% mol% percent pct
    """
)

# What may stand above the line, and what below it. Pairs that mean something else more often are
# left out: V_m is a molar volume, J_K an exchange constant in kelvin.
_QUOTIENTS = [
    (_words(numerators), _words(denominators))
    for numerators, denominators in (
        (
            "J kJ MJ mJ cal kcal eV meV Ha Ry",
            """mol atom fu cell site g kg m2 A2 Ang2 cm3 m3 A3 Ang3 Å3 nm3 molK mol_K molK2 mol_K2
            gK g_K kgK kg_K atomK atom_K m3K m3_K cm3K cm3_K""",
        ),
        ("eV meV", "A Ang Å"),
        ("W mW uW µW", "mK m_K mK2 m_K2 m2K m2_K"),
        ("g kg amu", "mol cm3 m3 A3 Ang3 Å3 nm3"),
        ("cm3 m3 A3 Ang3 Å3 nm3", "mol atom fu cell site"),
        ("S mS kS kV MV", "m cm"),
        ("uV µV mV", "K"),
        ("m km cm nm cm2 m2 mm2", "s"),
        ("muB uB µB emu", "atom fu cell site mol g cm3 A3 Å3"),
        ("1", "K GPa Pa eV cm m nm A Ang Å s cm3 m3 A3 Å3 nm3 atom mol"),
        ("ppm", "K"),
        ("states", "eV"),
    )
]
_PRODUCTS = [(_words("ohm mohm uohm"), _words("m cm"))]

# Words of a unit in brackets, where a single letter is meant as a unit.
_BRACKETED_WORDS = (
    frozenset(word for above, below in _QUOTIENTS for word in above | below if word != "1")
    | _ALONE
    | _words(
        """
        C D F G H J L N S T V W g m s h min kN mN A mA µA kA mS kW ohm Ω mΩ µΩ ° mK molK kgK gK Oe
        Wb µ_B mL sr year cell atoms formula unit states per
        """
    )
)
_BRACKETED = re.compile(r"[\s_]*(?:\[([^\[\]]+)\]|\((.+)\))\s*$")
_AFTER_SLASH_OR_COMMA = re.compile(r"(?:\s+/\s*|,\s+)(\S+)\s*$")


def unit_from_name(name: str) -> str | None:
    """Read the unit a column name ends with.

    Parameters
    ----------
    name
        Column name: the unit stands after underscores (``bulk_modulus_GPa``,
        ``thermal_conductivity_300K_W_mK``, ``expansion_1_K``, ``energy_eV_per_atom``), in brackets
        (``gap [eV]``, ``K (GPa)``), or after a slash or comma with spaces (``T_m / K``).

    Returns
    -------
    str or None
        The unit, for example ``"W/(m K)"``, or None where the name ends with no unit known here.
    """
    name = name.strip()
    if bracketed := _BRACKETED.search(name):
        inside = (bracketed.group(1) or bracketed.group(2)).strip()
        return inside if bracketed.start() > 0 and is_unit(inside) else None
    if after := _AFTER_SLASH_OR_COMMA.search(name):
        return after.group(1) if is_unit(after.group(1)) else None
    words = name.split("_")
    # The longest ending first, so that "J_mol_K" is not read as K. The first word is the name.
    for length in range(min(4, len(words) - 1), 0, -1):
        if unit := _unit_of_words(words[-length:]):
            # "energy_per_kg" is an energy in a unit the name does not tell, not one in kg.
            return None if words[-length - 1] == "per" else unit
    return None


def is_unit(text: str) -> bool:
    """Say whether a text such as ``"W/(m K)"``, ``"g cm^-3"`` or ``"%"`` is made of unit words."""
    words = [word for word in re.split(r"[\s/·⋅*.()^⁻⁰¹²³⁴⁵⁶⁷⁸⁹0-9+−-]+", text) if word]
    return bool(words) and all(word in _BRACKETED_WORDS for word in words)


def _unit_of_words(words: list[str]) -> str | None:
    above, *rest = words
    numerator = _SPELLING.get(above, above)
    if not rest:
        return numerator if above in _ALONE else None
    if rest[0] == "per":
        del rest[0]
    below = "_".join(rest)
    denominator = " ".join(_SPELLING.get(word, word) for word in rest)
    if _is_among(_QUOTIENTS, above, below):
        return f"{numerator}/" + (f"({denominator})" if " " in denominator else denominator)
    return f"{numerator} {denominator}" if _is_among(_PRODUCTS, above, below) else None


def _is_among(pairs: list[tuple[frozenset[str], frozenset[str]]], first: str, second: str) -> bool:
    return any(first in firsts and second in seconds for firsts, seconds in pairs)
