"""Inorganic compounds of the CRC Handbook of Chemistry and Physics, from the package chemicals."""

from __future__ import annotations

import csv
import functools
import importlib.metadata
import importlib.resources
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, overload

import numpy as np
import pandas as pd

from hokan.datasets.inorganics_faults import (
    BOILING_POINT,
    DENSITY,
    ENTROPY,
    FORMATION_ENTHALPY,
    GAS_DENSITY,
    HEAT_CAPACITY,
    HEAT_OF_FUSION,
    MELTING_POINT,
    MOLAR_VOLUME,
    NO_RELIABLE_FORMULA,
    VALUE_FAULTS,
)
from hokan.descriptors.elements import ELEMENT_INDEX, atomic_weights
from hokan.descriptors.formula import parse_formula
from hokan.errors import HokanError, MissingExtraError

PROPERTIES: tuple[str, ...] = (
    MELTING_POINT,
    BOILING_POINT,
    DENSITY,
    MOLAR_VOLUME,
    HEAT_OF_FUSION,
    FORMATION_ENTHALPY,
    ENTROPY,
    HEAT_CAPACITY,
)

_J_MOL_PER_EV = 96485.33212  # Faraday constant, CODATA 2018
# parse_formula reads D and T as hydrogen; their masses in g/mol, for molar masses only.
_ISOTOPE_MASSES = {"D": 2.0141018, "T": 3.0160493}

# Reasons that the report gives beside those of inorganics_faults.py.
_GAS = "density of a gas, not comparable to that of a solid or liquid"
_NOTHING_KNOWN = "no property is known once the changes are made"
_NOT_CHECKED = "no checked formula for this compound, which is new in this version of the source"


@dataclass(frozen=True)
class InorganicsReport:
    """What was done to the source of :func:`load_inorganics`.

    Attributes
    ----------
    source : str
        Package and version, such as ``"chemicals 1.5.2"``.
    rows_in_source : int
        Compounds in the source.
    rows : int
        Compounds in the table.
    changes : pandas.DataFrame
        One row for each change: ``cas``, ``name``, ``column`` (of the table; empty where the whole
        compound is left out), ``before``, ``after`` (text; empty: nothing there), ``reason``.
    """

    source: str
    rows_in_source: int
    rows: int
    changes: pd.DataFrame

    def __str__(self) -> str:
        columns = self.changes["column"]
        before = self.changes["before"]
        formula = columns == "formula"
        values = int((~formula & (columns != "")).sum())
        return (
            f"{self.source}: {self.rows_in_source} compounds, {int((columns == '').sum())} left "
            f"out, {self.rows} in the table. "
            f"Formulas: {int((formula & (before == '')).sum())} supplied, "
            f"{int((formula & (before != '')).sum())} corrected. "
            f"Values taken out or replaced: {values}, "
            f"{int((self.changes['reason'] == _GAS).sum())} of them densities of gases."
        )


@overload
def load_inorganics(*, return_report: Literal[False] = ...) -> pd.DataFrame: ...
@overload
def load_inorganics(*, return_report: Literal[True]) -> tuple[pd.DataFrame, InorganicsReport]: ...
def load_inorganics(
    *, return_report: bool = False
) -> pd.DataFrame | tuple[pd.DataFrame, InorganicsReport]:
    """Load properties of about 2400 inorganic compounds, with many holes.

    The compounds are those of the CRC Handbook's "Physical Constants of Inorganic Compounds" [1]_,
    as the package ``chemicals`` [2]_ carries it, one per CAS number: elements, binaries, salts and
    their hydrates, small molecules, carbonyls, some metal organics. Polymorphs and isotopic
    compounds (D2O) are separate rows, so compositions repeat. Heats of fusion and thermodynamic
    properties of the same compounds come from the handbook's other tables.

    Faults of the source are handled as docs/data.md tells; each change is listed in the report.

    Parameters
    ----------
    return_report : bool, default=False
        Whether to return, beside the table, a report of what was changed, and why.

    Returns
    -------
    frame : pandas.DataFrame
        A copy, in order of CAS number. Text columns ``formula``, ``name`` and ``cas``, then float
        columns, NaN where nothing is known:

        - ``melting_point_K``, at normal pressure, in K;
        - ``boiling_point_K``, at normal pressure, in K; for some compounds they sublime at;
        - ``density_g_cm3``, of the solid or liquid near room temperature, in g/cm³;
        - ``molar_volume_per_atom_cm3_mol``, molar mass over density, per mole of atoms, in cm³/mol;
        - ``heat_of_fusion_per_atom_kJ_mol``, at the melting point, per mole of atoms, in kJ/mol;
        - ``formation_enthalpy_eV_atom``, of the solid from the elements at 298.15 K, in eV per
          atom (as in :func:`~hokan.datasets.load_formation_enthalpies` and in most computed
          tables; 1 eV/atom = 96.485 kJ per mole of atoms); 0 by definition for elements;
        - ``entropy_per_atom_J_mol_K`` and ``heat_capacity_per_atom_J_mol_K``, absolute entropy and
          heat capacity at constant pressure of the solid at 298.15 K, per mole of atoms, in
          J/(mol K).

        Quantities per formula unit grow with however many atoms the formula is written with;
        per atom they compare between compounds.
    report : InorganicsReport
        Only if ``return_report`` is True.

    Raises
    ------
    MissingExtraError
        If ``chemicals`` is not installed.
    HokanError
        If the installed version of ``chemicals`` lacks the tables.

    References
    ----------
    .. [1] W. M. Haynes (ed.), CRC Handbook of Chemistry and Physics, 95th edition, CRC Press, 2014.
    .. [2] C. Bell et al., chemicals: Chemical properties component of Chemical Engineering Design
       Library (ChEDL), https://github.com/CalebBell/chemicals.
    """
    frame, report = _load()
    if return_report:
        return frame.copy(), replace(report, changes=report.changes.copy())
    return frame.copy()


@functools.cache
def _load() -> tuple[pd.DataFrame, InorganicsReport]:
    source = _read_source()
    log: list[tuple[str, str, str, str, str, str]] = []  # as InorganicsReport.changes

    def note(cas: str, column: str, before: object, after: object, reason: str) -> None:
        name = str(source.at[cas, "name"])
        log.append((cas, name, column, _as_text(before), _as_text(after), reason))

    checked = _read_checked_formulas()
    unreliable = {fault.cas: fault.reason for fault in NO_RELIABLE_FORMULA}
    for cas in source.index.difference(list(checked)):
        note(cas, "", "", "", unreliable.get(cas, _NOT_CHECKED))
    frame = source.loc[[cas for cas in checked if cas in source.index]].copy()
    frame.insert(0, "formula", [checked[cas]["formula"] for cas in frame.index])
    for cas, formula in frame["formula"].items():
        before = checked[str(cas)]["in_identifiers"]
        if before != "same":
            problem = "wrong" if before else "missing"
            note(str(cas), "formula", before, formula, f"{problem} in the identifier tables")

    _convert_to_atoms(frame)
    for cas in frame.index[frame[DENSITY] < GAS_DENSITY]:
        note(cas, DENSITY, frame.at[cas, DENSITY], np.nan, _GAS)
        frame.at[cas, DENSITY] = np.nan
    for fault in VALUE_FAULTS:
        for column in fault.columns:
            before = frame[column].get(fault.cas, np.nan)
            if np.isfinite(before):
                after = np.nan if fault.replacement is None else fault.replacement
                note(fault.cas, column, before, after, fault.reason)
                frame.at[fault.cas, column] = after
    masses = np.array([_molar_mass(formula) for formula in frame["formula"]])
    frame[MOLAR_VOLUME] = masses / (frame[DENSITY] * frame["atoms"])

    known = frame[list(PROPERTIES)].notna().any(axis=1)
    for cas in frame.index[~known]:
        note(cas, "", "", "", _NOTHING_KNOWN)
    frame = frame[known].rename_axis("cas").reset_index()
    frame = frame[["formula", "name", "cas", *PROPERTIES]]
    changes = pd.DataFrame(log, columns=["cas", "name", "column", "before", "after", "reason"])
    version = importlib.metadata.version("chemicals")
    return frame, InorganicsReport(f"chemicals {version}", len(source), len(frame), changes)


def _read_source() -> pd.DataFrame:
    """Read the handbook's tables, as they are: SI units, per formula unit; index CAS number."""
    try:
        from chemicals import heat_capacity, miscdata, phase_change
    except ImportError as error:
        raise MissingExtraError("chemicals", "datasets", "Loading the inorganics table") from error
    try:
        physical = miscdata.CRC_inorganic_data[["Chemical", "Tm", "Tb", "rho"]]
        fusion = phase_change.Hfus_data_CRC[["Hfus"]]
        standard = heat_capacity.CRC_standard_data[["Hfs", "S0s", "Cps"]]
    except (AttributeError, KeyError) as error:
        raise HokanError(
            "The installed version of the package chemicals "
            f"({importlib.metadata.version('chemicals')}) has no CRC table of inorganic compounds "
            f"where versions 1.2 to 1.5 have it ({error}). Install one of those."
        ) from error
    source: pd.DataFrame = physical.rename(columns={"Chemical": "name"})
    return source.join(fusion).join(standard)


def _read_checked_formulas() -> dict[str, Mapping[str, str]]:
    """Read the table of formulas: by CAS number, in its order."""
    path = importlib.resources.files("hokan.datasets") / "inorganics_formulas.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {row["cas"]: row for row in rows}


def _convert_to_atoms(frame: pd.DataFrame) -> None:
    """Convert the source's columns to those of the table, in place; adds ``atoms`` per formula."""
    atoms = np.array([sum(parse_formula(formula).values()) for formula in frame["formula"]])
    frame["atoms"] = atoms
    frame[MELTING_POINT] = frame["Tm"]
    frame[BOILING_POINT] = frame["Tb"]
    frame[DENSITY] = frame["rho"] / 1000.0
    frame[HEAT_OF_FUSION] = frame["Hfus"] / 1000.0 / atoms
    frame[FORMATION_ENTHALPY] = frame["Hfs"] / _J_MOL_PER_EV / atoms
    frame[ENTROPY] = frame["S0s"] / atoms
    frame[HEAT_CAPACITY] = frame["Cps"] / atoms


def _molar_mass(formula: str) -> float:
    """Molar mass in g/mol, with the masses of D and T where they are written."""
    weights = atomic_weights()
    mass = sum(weights[ELEMENT_INDEX[e]] * amount for e, amount in parse_formula(formula).items())
    for isotope, isotope_mass in _ISOTOPE_MASSES.items():
        # Helium, which is in no compound of the table, shows how many atoms are of the isotope.
        marked, found = re.subn(f"{isotope}(?![a-z])", "He", formula)
        if found:
            amount = parse_formula(marked)["He"]
            mass += amount * (isotope_mass - weights[ELEMENT_INDEX["H"]])
    return float(mass)


def _as_text(value: object) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.6g}"
    return str(value)
