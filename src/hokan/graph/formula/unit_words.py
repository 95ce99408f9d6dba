"""The words units are made of: their size in base units of the International System, and kind.

Sizes are from the SI Brochure (9th ed., BIPM 2019) and, for atomic and electromagnetic units, from
the CODATA 2018 values (Tiesinga et al., Rev. Mod. Phys. 93, 025010, 2021). Atoms, cells and sites
are counted, so they are pure numbers here; a mole is not: kJ/mol and eV/atom are kept apart.
"""

from __future__ import annotations

import math

from hokan.graph.formula.dimensions import NONE, Dimension

_ENERGY = Dimension.of(kg=1, m=2, s=-2)
_PRESSURE = Dimension.of(kg=1, m=-1, s=-2)
_VOLT = Dimension.of(kg=1, m=2, s=-3, A=-1)
_OHM = Dimension.of(kg=1, m=2, s=-3, A=-2)
_TESLA = Dimension.of(kg=1, s=-2, A=-1)
_MOMENT = Dimension.of(A=1, m=2)
_MASS, _LENGTH, _TIME = Dimension.of(kg=1), Dimension.of(m=1), Dimension.of(s=1)
_KELVIN = Dimension.of(K=1)

# Units that take prefixes.
_PREFIXED: dict[str, tuple[float, Dimension]] = {
    "m": (1.0, _LENGTH),
    "g": (1e-3, _MASS),
    "s": (1.0, _TIME),
    "A": (1.0, Dimension.of(A=1)),
    "K": (1.0, _KELVIN),
    "mol": (1.0, Dimension.of(mol=1)),
    "cd": (1.0, Dimension.of(cd=1)),
    "Hz": (1.0, NONE / _TIME),
    "N": (1.0, Dimension.of(kg=1, m=1, s=-2)),
    "Pa": (1.0, _PRESSURE),
    "J": (1.0, _ENERGY),
    "W": (1.0, _ENERGY / _TIME),
    "C": (1.0, Dimension.of(A=1, s=1)),
    "V": (1.0, _VOLT),
    "F": (1.0, Dimension.of(A=1, s=1) / _VOLT),
    "Ω": (1.0, _OHM),
    "S": (1.0, NONE / _OHM),
    "Wb": (1.0, _TESLA * Dimension.of(m=2)),
    "T": (1.0, _TESLA),
    "H": (1.0, _OHM * _TIME),
    "L": (1e-3, Dimension.of(m=3)),
    "eV": (1.602176634e-19, _ENERGY),
    "cal": (4.184, _ENERGY),
    "bar": (1e5, _PRESSURE),
    "Oe": (1e3 / (4 * math.pi), Dimension.of(A=1, m=-1)),
}
_PREFIXES = {
    "P": 1e15,
    "T": 1e12,
    "G": 1e9,
    "M": 1e6,
    "k": 1e3,
    "d": 1e-1,
    "c": 1e-2,
    "m": 1e-3,
    "µ": 1e-6,
    "n": 1e-9,
    "p": 1e-12,
    "f": 1e-15,
}
_PLAIN: dict[str, tuple[float, Dimension]] = {
    "min": (60.0, _TIME),
    "h": (3600.0, _TIME),
    "year": (365.25 * 86400, _TIME),
    "sr": (1.0, NONE),
    "rad": (1.0, NONE),
    "°": (math.pi / 180, NONE),
    "°C": (1.0, _KELVIN),
    "Å": (1e-10, _LENGTH),
    "u": (1.66053906660e-27, _MASS),
    "Ha": (4.3597447222071e-18, _ENERGY),
    "Ry": (4.3597447222071e-18 / 2, _ENERGY),
    "atm": (101325.0, _PRESSURE),
    "HV": (9.80665e6, _PRESSURE),
    "µB": (9.2740100783e-24, _MOMENT),
    "emu": (1e-3, _MOMENT),
    "G": (1e-4, _TESLA),
    "D": (3.33564e-30, Dimension.of(A=1, s=1, m=1)),
    "%": (1e-2, NONE),
    "ppm": (1e-6, NONE),
    **dict.fromkeys(("atom", "cell", "site", "fu", "states"), (1.0, NONE)),
}
_SPELLINGS = {
    "kelvin": "K",
    "Kelvin": "K",
    "degC": "°C",
    "celsius": "°C",
    "Celsius": "°C",
    "deg": "°",
    "ev": "eV",
    "gpa": "GPa",
    "hartree": "Ha",
    "Hartree": "Ha",
    "amu": "u",
    "Da": "u",
    "Ang": "Å",
    "ang": "Å",
    "Angstrom": "Å",
    "angstrom": "Å",
    "ohm": "Ω",
    "mohm": "mΩ",
    "uohm": "µΩ",
    "muB": "µB",
    "uB": "µB",
    "µ_B": "µB",
    "debye": "D",
    "percent": "%",
    "pct": "%",
    "wt%": "%",
    "at%": "%",
    "mol%": "%",
    "atoms": "atom",
    "cells": "cell",
    "sites": "site",
    "formula unit": "fu",
}


def size_of_word(word: str) -> tuple[float, Dimension] | None:
    """Return the size in base units, and the kind, of a word such as ``"GPa"``; None if unknown.

    ``"°C"`` has the size of a kelvin: a temperature in it also has another zero.
    """
    # Three signs are in use for micro and for ångström and ohm: Unicode has them twice.
    word = word.replace("\u03bc", "µ").replace("\u212b", "Å").replace("\u2126", "Ω")
    word = _SPELLINGS.get(word, word)
    for table in (_PLAIN, _PREFIXED):
        if word in table:
            return table[word]
    prefix = _PREFIXES.get("µ" if word[:1] == "u" else word[:1])
    if prefix is None or word[1:] not in _PREFIXED:
        return None
    size, dimension = _PREFIXED[word[1:]]
    return prefix * size, dimension
