"""Experimental and raw GGA formation enthalpies, from the data files of the package pymatgen."""

from __future__ import annotations

import functools
import gzip
import importlib.metadata
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hokan.descriptors.formula import parse_formula
from hokan.errors import HokanError, MissingExtraError

GGA = "formation_enthalpy_gga_eV_atom"
EXPERIMENT = "formation_enthalpy_expt_eV_atom"
EXPERIMENT_ERROR = "formation_enthalpy_expt_eV_atom__error"
#: From the cheapest to the most trusted, as ``PropertyGraph.ladder(*LEVELS)`` takes them.
LEVELS = (GGA, EXPERIMENT)

# Where releases of pymatgen keep the two files: 2026.3 and later, and before.
_FOLDERS = ("analysis/compatibility", "entries")
_EXPERIMENTS = "exp_compounds.json.gz"
_CALCULATIONS = "calc_compounds.json.gz"

# Formula as in the source, and why it is left out.
EXCLUDED = {
    "InBr": "-20 kJ/mol in the source, -175 kJ/mol in the CRC Handbook (InCl -186, InI -116)",
}


def load_formation_enthalpies() -> pd.DataFrame:
    """Load experimental formation enthalpies, with raw GGA ones for part of the compounds.

    A worked example of two fidelities: a few thousand experiments, most with a reported
    uncertainty, and density-functional calculations for 334 of them. The data are those to which
    the energy corrections of the Materials Project were fitted [1]_. As a ladder of fidelities:
    ``hokan.datasets.formation_enthalpies.LEVELS``.

    Returns
    -------
    frame : pandas.DataFrame
        A copy, one row per compound (no composition repeats, no elements), in the source's order:

        - ``formula``;
        - ``formation_enthalpy_gga_eV_atom``: the computed energy (PBE, and PBE+U for some, at 0 K,
          no vibrations) minus that of the elements, computed in the same way, in eV per atom;
          NaN where there is no calculation. **Raw: nothing is corrected.** For elements
          that are gases or liquids (O2, N2, H2, F2, Cl2, Br, Hg) the reference is the computed
          energy of their crystal as it comes, with its known errors (GGA binds the O2 molecule too
          strongly). Plain GGA values lie 0.25 eV/atom above experiment on average;
        - ``formation_enthalpy_expt_eV_atom``: measured, at 298.15 K, in eV per atom;
        - ``formation_enthalpy_expt_eV_atom__error``: its reported standard uncertainty, in eV per
          atom; NaN where none is reported (the source says so, or has 0);
        - ``run_type``: "GGA" or "GGA+U", None where there is no calculation. GGA+U energies of
          compounds of V, Cr, Mn, Fe, Co, Ni, Mo and W with O or F lie against plain GGA energies
          of the elements here, as they come, which leaves another offset, different for each of
          these metals, of up to 1.9 eV/atom.

    Raises
    ------
    MissingExtraError
        If ``pymatgen`` is not installed.
    HokanError
        If the installed version of ``pymatgen`` does not have the data files.

    References
    ----------
    .. [1] A. Wang, R. Kingsbury, M. McDermott, M. Horton, A. Jain, S. P. Ong, S. Dwaraknath,
       K. A. Persson, A framework for quantifying uncertainty in DFT energy corrections,
       Sci. Rep. 11, 15496 (2021).
    """
    return _load().copy()


@functools.cache
def _load() -> pd.DataFrame:
    folder = _find_folder()
    experiments: list[dict[str, Any]] = _read(folder / _EXPERIMENTS)
    calculations: dict[str, dict[str, Any]] = _read(folder / _CALCULATIONS)
    elements = _energies_of_elements(calculations)
    rows = []
    for experiment in experiments:
        formula = experiment["formula"]
        if formula in EXCLUDED:
            continue
        atoms = sum(parse_formula(formula).values())
        calculation = calculations.get(formula)
        rows.append(
            (
                formula,
                np.nan if calculation is None else _formation_energy(calculation, elements),
                experiment["exp energy"] / atoms,
                # An uncertainty of exactly 0 is not one that was reported.
                (experiment["uncertainty"] or np.nan) / atoms,
                None if calculation is None else calculation["parameters"]["run_type"],
            )
        )
    return pd.DataFrame(rows, columns=["formula", GGA, EXPERIMENT, EXPERIMENT_ERROR, "run_type"])


def _energies_of_elements(calculations: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Energies of the elements in the source, in eV per atom, by symbol."""
    energies = {}
    for calculation in calculations.values():
        composition = calculation["composition"]
        if len(composition) == 1:
            [(symbol, atoms)] = composition.items()
            energies[symbol] = calculation["energy"] / atoms
    return energies


def _formation_energy(calculation: dict[str, Any], elements: dict[str, float]) -> float:
    """Uncorrected energy minus that of the elements, in eV per atom."""
    composition: dict[str, float] = calculation["composition"]
    reference = sum(elements[symbol] * amount for symbol, amount in composition.items())
    return float((calculation["energy"] - reference) / sum(composition.values()))


def _find_folder() -> Path:
    """Find the folder with both files, without importing pymatgen (which takes seconds)."""
    spec = importlib.util.find_spec("pymatgen")
    if spec is None:
        raise MissingExtraError("pymatgen", "datasets", "Loading the formation enthalpies")
    for root in spec.submodule_search_locations or ():
        for name in _FOLDERS:
            folder = Path(root) / name
            if (folder / _EXPERIMENTS).is_file() and (folder / _CALCULATIONS).is_file():
                return folder
    raise HokanError(
        f"The installed version of the package pymatgen ({importlib.metadata.version('pymatgen')}) "
        f"has no files {_EXPERIMENTS} and {_CALCULATIONS} in any of the folders "
        f"{', '.join(_FOLDERS)}. Versions 2024.8.9 to 2026.10.24 have them: "
        'install one, for example with: pip install "pymatgen>=2024.8.9,<=2026.10.24"'
    )


def _read(path: Path) -> Any:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return json.load(file)
