"""Picking, from thousands of results, those that a chemist can judge at a glance."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hokan.cli.hidden_test import HIDDEN_PROPERTY
from hokan.cli.wording import interval, material, number, with_error
from hokan.table import PropertyTable

#: Tried in this order.
_FAMILIAR = tuple(
    """
    NaCl MgO Al2O3 SiO2 TiO2 Fe2O3 ZnO CaF2 LiF GaAs SiC TiN WC GaN UO2 KBr MoS2 CaCO3 AgCl NaOH
    ZrO2 BaTiO3 Fe3O4 NiO Cu2O CuO PbS ZnS CdTe InP InSb AlN Si3N4 TiC HfC TaC B4C BN CsCl CsI
    KCl NaF KI NaBr NaI LiCl MgF2 BaO SrO CaO Li2O NiS FeS2 PbO SnO2 WO3 MnO2 Cr2O3 V2O5 CeO2
    """.split()  # noqa: SIM905
)
_PROPERTIES = (
    "melting_point_K",
    "boiling_point_K",
    "heat_of_fusion_per_atom_kJ_mol",
    "formation_enthalpy_eV_atom",
    "heat_capacity_per_atom_J_mol_K",
)
_SHOWN = 6


def familiar_hidden(table: PropertyTable, cells: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return rows of text for hidden values of familiar materials.

    Parameters
    ----------
    table : PropertyTable
        The whole table.
    cells : DataFrame
        As of :class:`hokan.cli.hidden_test.HiddenTest`.

    Returns
    -------
    list of tuple
        Material, predicted value with its error, interval, true value, unit.
    """
    formulas = np.array(table.compositions)[cells["row"].to_numpy()]
    rank = {formula: place for place, formula in enumerate(_FAMILIAR)}
    places = np.array([rank.get(formula, len(rank)) for formula in formulas])
    unit = table.units[HIDDEN_PROPERTY] or ""
    order = [int(k) for k in np.argsort(places, kind="stable") if places[k] < len(rank)][:_SHOWN]
    return [
        (
            str(cell["label"]),
            with_error(cell["predicted"], cell["std"]),
            interval(cell["lower"], cell["upper"]),
            number(cell["observed"]),
            unit,
        )
        for _, cell in cells.iloc[order].iterrows()
    ]


def familiar_filled(table: PropertyTable, filled: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return rows of text for filled holes of familiar materials, properties in turn.

    Parameters
    ----------
    table : PropertyTable
        Before it was filled.
    filled : DataFrame
        As :func:`hokan.table.filled_frame` returns it.

    Returns
    -------
    list of tuple
        Material, property, filled value with its error, interval, unit.
    """
    first_row: dict[str, int] = {}
    for position, formula in enumerate(table.compositions or ()):
        first_row.setdefault(formula, position)
    rows: list[tuple[str, ...]] = []
    shown: dict[str, int] = dict.fromkeys(_PROPERTIES, 0)
    for formula in _FAMILIAR:
        if formula not in first_row or len(rows) == _SHOWN:
            continue
        position = first_row[formula]
        holes = [p for p in _PROPERTIES if not table.observed[position, _column(table, p)]]
        if not holes:
            continue
        name = min(holes, key=shown.__getitem__)  # the one shown least so far
        shown[name] += 1
        row = filled.iloc[position]
        rows.append(
            (
                material(str(row["name"]), formula),
                name,
                with_error(row[name], row[f"{name}__std"]),
                interval(row[f"{name}__lower"], row[f"{name}__upper"]),
                table.units[name] or "",
            )
        )
    return rows


def _column(table: PropertyTable, name: str) -> int:
    return table.property_names.index(name)
