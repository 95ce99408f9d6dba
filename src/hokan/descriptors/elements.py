"""The elements: their symbols and the Magpie table of elemental properties.

The table is ``elements.csv`` beside this file, made by ``tools/make_element_table.py`` from the
element table of matminer. Source: L. Ward, A. Agrawal, A. Choudhary, C. Wolverton, "A
general-purpose machine learning framework for predicting properties of inorganic materials", npj
Computational Materials 2, 16028 (2016). The licence is in ``elements_LICENSE.txt``.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from hokan.errors import FormulaError

_PERIODIC_TABLE = """
H He
Li Be B C N O F Ne
Na Mg Al Si P S Cl Ar
K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr
Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe
Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn
Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og
"""

ELEMENT_SYMBOLS: tuple[str, ...] = tuple(_PERIODIC_TABLE.split())
"""Symbols of all 118 elements, in order of atomic number."""

ELEMENTAL_PROPERTIES: tuple[str, ...] = (
    "Number",  # atomic number
    "MendeleevNumber",  # rank in the periodic table counted along columns (Villars et al. 2004)
    "AtomicWeight",  # g/mol
    "MeltingT",  # melting temperature, K
    "Column",  # of the periodic table; 3 for every rare earth
    "Row",
    "CovalentRadius",  # pm
    "Electronegativity",  # Pauling
    "NsValence",  # filled valence orbitals: s, p, d, f, all
    "NpValence",
    "NdValence",
    "NfValence",
    "NValence",
    "NsUnfilled",  # unfilled valence orbitals: s, p, d, f, all
    "NpUnfilled",
    "NdUnfilled",
    "NfUnfilled",
    "NUnfilled",
    "GSvolume_pa",  # calculated ground state: volume per atom, Angstrom^3
    "GSbandgap",  # calculated ground state: band gap, eV
    "GSmagmom",  # calculated ground state: magnetic moment per atom, Bohr magnetons
    "SpaceGroupNumber",  # ground state
)
"""The 22 properties of matminer's preset "magpie", in its order."""

FURTHER_PROPERTIES: tuple[str, ...] = (
    "BoilingT",  # K
    "HeatVaporization",  # kJ/mol
    "HeatFusion",  # kJ/mol
    "HeatCapacityMolar",  # J/(mol K)
    "LogThermalConductivity",  # of W/(m K)
    "Density",  # g/L
    "MolarVolume",  # cm^3/mol
    "BulkModulus",  # GPa
    "GSenergy_pa",  # calculated ground state: energy per atom, eV
    "AtomicRadius",  # pm
    "MiracleRadius",  # in metallic glasses, pm
    "DipolePolarizability",  # of the free atom, atomic units
    "FirstIonizationEnergy",  # kJ/mol
    "SecondIonizationEnergy",  # kJ/mol
    "ElectronAffinity",  # kJ/mol
    "n_ws^third",  # electron density at the Wigner-Seitz boundary (Miedema), to the power 1/3
    "phi",  # electronegativity of Miedema, V
)
"""Properties of the same table beyond matminer's preset, which hokan's own descriptors use."""

# D and T are written for heavy hydrogen; as chemistry they are hydrogen.
ELEMENT_INDEX: dict[str, int] = {symbol: z for z, symbol in enumerate(ELEMENT_SYMBOLS)} | {
    "D": 0,
    "T": 0,
}
"""Position of each symbol in :data:`ELEMENT_SYMBOLS`, with D and T at hydrogen."""

# The table has no atomic weight for these; the mass number of the longest-lived isotope stands in,
# as printed in the IUPAC periodic table of 2022.
_MASS_NUMBERS = {"Nh": 286.0, "Fl": 290.0, "Mc": 290.0, "Lv": 293.0, "Ts": 294.0, "Og": 294.0}


@cache
def _table_with_holes() -> NDArray[np.float64]:
    """Read ``elements.csv``: (118, 39), NaN where the source has no value; read-only."""
    text = files("hokan.descriptors").joinpath("elements.csv").read_text(encoding="utf-8")
    header, *rows = csv.reader(line for line in text.splitlines() if not line.startswith("#"))
    columns = ELEMENTAL_PROPERTIES + FURTHER_PROPERTIES
    if tuple(header[1:]) != columns or tuple(r[0] for r in rows) != ELEMENT_SYMBOLS:
        raise RuntimeError("elements.csv does not belong to this version; install hokan again")
    table = np.array([[float(cell) if cell else np.nan for cell in row[1:]] for row in rows])
    table.flags.writeable = False
    return table


@cache
def _filled_table() -> NDArray[np.float64]:
    """Return the whole table with every hole replaced by the mean of its column; read-only."""
    table = _table_with_holes()
    filled = np.where(np.isnan(table), np.nanmean(table, axis=0), table)
    filled.flags.writeable = False
    return filled


def elemental_properties() -> NDArray[np.float64]:
    """Return the 22 properties of every element, holes filled.

    Where a property is unknown for an element, the mean over the elements where it is known stands
    in. This is what matminer does (``impute_nan=True``, its default), so that statistics agree with
    it for every element. :func:`unknown_elemental_properties` tells which values are such means.

    Returns
    -------
    numpy.ndarray of shape (118, 22)
        One row per element in order of :data:`ELEMENT_SYMBOLS`, one column per property in order of
        :data:`ELEMENTAL_PROPERTIES`, in the units given there. Read-only.
    """
    return _filled_table()[:, : len(ELEMENTAL_PROPERTIES)]


def further_properties() -> NDArray[np.float64]:
    """Return the properties beyond the preset of every element, holes filled in the same way.

    Returns
    -------
    numpy.ndarray of shape (118, 17)
        One column per property in order of :data:`FURTHER_PROPERTIES`. Read-only.
    """
    return _filled_table()[:, len(ELEMENTAL_PROPERTIES) :]


@cache
def atomic_weights() -> NDArray[np.float64]:
    """Return the atomic weight of every element in g/mol, shape (118,), read-only.

    Elements 113 to 118, which the table does not cover, have the mass number of their longest-lived
    isotope.
    """
    weights = _table_with_holes()[:, ELEMENTAL_PROPERTIES.index("AtomicWeight")].copy()
    for symbol, mass_number in _MASS_NUMBERS.items():
        weights[ELEMENT_INDEX[symbol]] = mass_number
    weights.flags.writeable = False
    return weights


def unknown_elemental_properties(symbol: str) -> tuple[str, ...]:
    """Tell which of the 22 elemental properties are unknown for an element.

    For these, :func:`elemental_properties` and all statistics use the mean over the elements where
    the property is known.

    Parameters
    ----------
    symbol : str
        An element symbol such as ``"He"``; ``"D"`` and ``"T"`` are hydrogen.

    Returns
    -------
    tuple of str
        Names out of :data:`ELEMENTAL_PROPERTIES`; empty for most elements.

    Raises
    ------
    FormulaError
        If there is no such element.
    """
    if symbol not in ELEMENT_INDEX:
        raise FormulaError(
            f"{symbol!r} is not an element symbol; expected one of H, He, Li, ... Og, "
            "with a capital first letter."
        )
    holes = np.isnan(_table_with_holes()[ELEMENT_INDEX[symbol], : len(ELEMENTAL_PROPERTIES)])
    return tuple(name for name, unknown in zip(ELEMENTAL_PROPERTIES, holes, strict=True) if unknown)
