"""Melting points of inorganic compounds, and what physics ties to them.

The embedded table has melting point, molar volume, heat of fusion and boiling point. Two more
columns are worked out here, molar mass and enthalpy of atomisation; Debye temperature and elastic
moduli come from a table of the user's. The graph over these columns is that of
:mod:`hokan.datasets.melting_point_graph`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hokan.datasets.inorganics import load_inorganics
from hokan.datasets.inorganics_faults import FORMATION_ENTHALPY
from hokan.datasets.melting_point_graph import COLUMNS
from hokan.descriptors import (
    ELEMENT_SYMBOLS,
    atoms_per_formula,
    element_fractions,
    molar_mass,
    reduced_formula_key,
)
from hokan.errors import FormulaError, MissingExtraError, TableError
from hokan.graph.wording import near_words
from hokan.table import PropertyTable
from hokan.table.columns import COMPOSITION_NAMES

MOLAR_MASS = COLUMNS["molar_mass"]
ATOMISATION = COLUMNS["cohesive_energy"]
#: What is taken from an elastic table.
ELASTIC_COLUMNS = tuple(
    COLUMNS[role] for role in ("bulk_modulus", "shear_modulus", "debye_temperature")
)

_J_MOL_PER_EV = 96485.33212  # Faraday constant, CODATA 2018
#: CAS numbers under which the CRC table has the gaseous atom where the element itself has another
#: one: molecules, and graphite.
_ATOMS = {
    "H": "12385-13-6",
    "C": "7782-42-5",
    "N": "17778-88-0",
    "O": "17778-80-2",
    "F": "14762-94-8",
    "Cl": "22537-15-1",
    "Br": "10097-32-2",
    "I": "14362-44-8",
}
#: Stands in where a formula is missing, until the row is left out; row numbers stay as they are.
_PLACEHOLDER = "H"


@dataclass(frozen=True)
class ElasticReport:
    """What an elastic table brought to :func:`load_melting_points`.

    Attributes
    ----------
    source : str
        What messages call the table.
    rows : int
        In it.
    rows_without_formula : tuple of int
        Left out; row 1 is the first below the header.
    compositions : int
        Different ones in it. Of one that repeats (polymorphs), the median is taken.
    rows_met : int
        Rows of the inorganics whose composition is in it.
    columns : tuple of str
        What was taken.
    columns_not_used : tuple of str
        What else is in it.
    limits_not_used : int
        Cells such as ``> 300``: they do not enter a median.
    """

    source: str
    rows: int
    rows_without_formula: tuple[int, ...]
    compositions: int
    rows_met: int
    columns: tuple[str, ...]
    columns_not_used: tuple[str, ...]
    limits_not_used: int

    def __str__(self) -> str:
        told = [
            f"{self.source}: {', '.join(self.columns)} of {self.compositions} compositions in "
            f"{self.rows} rows (medians where one repeats); {self.rows_met} rows of the inorganic "
            "compounds have a composition that is there."
        ]
        if self.rows_without_formula:
            numbers = ", ".join(map(str, self.rows_without_formula[:10]))
            more = ", …" if len(self.rows_without_formula) > 10 else ""
            told.append(f"Left out for want of a formula: row {numbers}{more}.")
        if self.limits_not_used:
            told.append(f"Limits, which do not enter: {self.limits_not_used}.")
        if self.columns_not_used:
            told.append(f"Not used: {', '.join(self.columns_not_used)}.")
        return " ".join(told)


@overload
def load_melting_points(
    elastic: pd.DataFrame | None = ...,
    *,
    composition: str | None = ...,
    source: str = ...,
    return_report: Literal[False] = ...,
) -> pd.DataFrame: ...
@overload
def load_melting_points(
    elastic: pd.DataFrame | None = ...,
    *,
    composition: str | None = ...,
    source: str = ...,
    return_report: Literal[True],
) -> tuple[pd.DataFrame, ElasticReport | None]: ...
def load_melting_points(
    elastic: pd.DataFrame | None = None,
    *,
    composition: str | None = None,
    source: str = "the elastic table",
    return_report: bool = False,
) -> pd.DataFrame | tuple[pd.DataFrame, ElasticReport | None]:
    """Load the inorganics with all that the laws of melting need.

    Parameters
    ----------
    elastic : DataFrame, optional
        A column of formulas and one or more of ``debye_temperature_K``, ``bulk_modulus_GPa``,
        ``shear_modulus_GPa``; cells are numbers or texts of numbers, holes allowed. Joined by
        composition, however formulas are written; where a composition repeats, the median is
        taken. Rows without a formula are left out and reported.
    composition : str, optional
        Its column of formulas; by default found by name.
    source : str
        What messages call it.
    return_report : bool
        Whether to return, beside the table, what the join did.

    Returns
    -------
    frame : DataFrame
        As of :func:`~hokan.datasets.load_inorganics` (which tells of its sources), and

        - ``molar_mass_per_atom_g_mol``, known everywhere, in g per mole of atoms; D and T weigh as
          hydrogen;
        - ``atomisation_enthalpy_eV_atom``: from the solid to free atoms in their ground state at
          298.15 K, in eV per atom, where the formation enthalpy is known: the heats of formation of
          the gaseous atoms minus that of the solid (Hess's law), both from the CRC Handbook. For
          elements it is what is tabulated as the cohesive energy, but for some 0.06 eV of heat up
          to 298 K;
        - the columns of the elastic table. All rows of one composition get the same values:
          polymorphs and isotopic compounds are not told apart.
    report : ElasticReport or None
        Only if ``return_report`` is True; None without an elastic table.

    Raises
    ------
    TableError
        If the elastic table has none of the columns, no formulas, a cell that is no number, or a
        value that is not positive; with its row.
    FormulaError
        If a formula of it cannot be read, with its row.
    MissingExtraError
        If the package ``chemicals`` is not installed.
    """
    frame = load_inorganics()
    formulas = frame["formula"].tolist()
    frame[MOLAR_MASS] = molar_mass(formulas) / atoms_per_formula(formulas)
    frame[ATOMISATION] = atomisation_enthalpy(formulas, frame[FORMATION_ENTHALPY].to_numpy())
    report = None
    if elastic is not None:
        medians, report = _medians(elastic, composition, source)
        keys = [reduced_formula_key(formula) for formula in formulas]
        for name in report.columns:
            frame[name] = [medians[name].get(key, np.nan) for key in keys]
        met = sum(key in medians.index for key in keys)
        report = replace(report, rows_met=met)
    return (frame, report) if return_report else frame


def atomisation_enthalpy(
    formulas: list[str], formation_enthalpy: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the enthalpy of atomisation at 298.15 K.

    Parameters
    ----------
    formulas : list of n str
    formation_enthalpy : ndarray of shape (n,)
        Of the solid from the elements in their usual reference states (white phosphorus), at
        298.15 K, in eV per atom.

    Returns
    -------
    ndarray of shape (n,)
        In eV per atom; NaN where the formation enthalpy or that of an atom is not known.
    """
    atoms = atom_formation_enthalpies()
    each = np.array([atoms.get(symbol, np.nan) for symbol in ELEMENT_SYMBOLS])
    fractions = element_fractions(formulas)
    contributions = np.where(fractions > 0, fractions * each, 0.0)  # NaN only where it is there
    return np.asarray(contributions.sum(axis=1) - formation_enthalpy)


@functools.cache
def atom_formation_enthalpies() -> Mapping[str, float]:
    """Return the heat of formation of gaseous atoms at 298.15 K, in eV per atom, by symbol.

    From the CRC Handbook's "Standard Thermodynamic Properties of Chemical Substances" as the
    package ``chemicals`` carries it: 87 elements; not of Sn, Pm, Po, At, Fr, Np, Pu and beyond.

    Raises
    ------
    MissingExtraError
        If ``chemicals`` is not installed.
    """
    try:
        from chemicals.elements import periodic_table
        from chemicals.heat_capacity import CRC_standard_data
    except ImportError as error:
        raise MissingExtraError("chemicals", "datasets", "Loading melting points") from error
    gases = CRC_standard_data["Hfg"]
    found: dict[str, float] = {}
    for element in periodic_table:
        value = float(gases.get(_ATOMS.get(element.symbol, element.CAS), np.nan))
        if np.isfinite(value):
            found[element.symbol] = value / _J_MOL_PER_EV
    return MappingProxyType(found)


def _medians(
    elastic: pd.DataFrame, composition: str | None, source: str
) -> tuple[pd.DataFrame, ElasticReport]:
    """Return medians by composition, and a report that does not know yet what they met."""
    columns = tuple(name for name in ELASTIC_COLUMNS if name in elastic.columns)
    if not columns:
        raise TableError(_no_column(elastic, source))
    table, rows = _read(elastic, composition, columns, source)
    keys = []
    for row in rows:
        try:
            keys.append(reduced_formula_key(table.compositions[row]))  # type: ignore[index]
        except FormulaError as error:
            raise FormulaError(f"{source}, row {row + 1}: {error}") from None
    for name, values in zip(table.property_names, table.values.T, strict=True):
        wrong = np.flatnonzero(values <= 0)
        if len(wrong):
            raise TableError(
                f"{source}, row {wrong[0] + 1}: {name!r} is {values[wrong[0]]:g}; expected a "
                "positive number. Leave the cell empty where nothing is known."
            )
    values = pd.DataFrame(table.values[rows], columns=list(table.property_names))
    medians = values.groupby(pd.Series(keys, dtype=object), sort=False).median()
    used = {*columns, table.composition_column}
    report = ElasticReport(
        source=source,
        rows=table.n_rows,
        rows_without_formula=tuple((np.setdiff1d(np.arange(table.n_rows), rows) + 1).tolist()),
        compositions=len(medians),
        rows_met=0,
        columns=columns,
        columns_not_used=tuple(str(name) for name in elastic.columns if name not in used),
        limits_not_used=int(table.has_limits[rows].sum()),
    )
    return medians[list(columns)], report


def _read(
    elastic: pd.DataFrame, composition: str | None, columns: tuple[str, ...], source: str
) -> tuple[PropertyTable, NDArray[np.intp]]:
    """Read the table, and tell which rows have a formula."""
    by_name = {str(name).strip().casefold(): name for name in reversed(elastic.columns)}
    found = [by_name[name] for name in COMPOSITION_NAMES if name in by_name]
    column = composition or (found[0] if found else None)
    frame = elastic.reset_index(drop=True)
    if column in frame:
        empty = frame[column].isna() | (frame[column].astype(str).str.strip() == "")
        frame[column] = frame[column].astype(object).mask(empty, _PLACEHOLDER)
    else:
        empty = pd.Series(False, index=frame.index)
    table = PropertyTable.from_frame(
        frame, composition=column, properties=columns, categories=[], source=source
    )
    if table.compositions is None:
        raise TableError(
            f"{source}: has no column of formulas, by which it could be joined; name it formula or "
            "composition, or say which it is."
        )
    return table, np.flatnonzero(~empty.to_numpy())


def _no_column(elastic: pd.DataFrame, source: str) -> str:
    names = [str(name) for name in elastic.columns]
    near = [
        f"{name!r} looks like {wanted!r}"
        for wanted in ELASTIC_COLUMNS
        for name in near_words(wanted, names)[:1]
    ]
    told = f" ({'; '.join(near)})" if near else ""
    return (
        f"{source}: expected at least one of the columns {', '.join(ELASTIC_COLUMNS)}; found "
        f"{', '.join(names)}{told}. Rename the column, units included."
    )
