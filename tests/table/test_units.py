"""Units are read from the ends of column names, and never guessed."""

from __future__ import annotations

import pytest

from hokan.table import unit_from_name


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("melting_point_K", "K"),
        ("bulk_modulus_GPa", "GPa"),
        ("bulk_modulus_K_GPa", "GPa"),
        ("gap_hse06_eV", "eV"),
        ("thermal_conductivity_300K_W_mK", "W/(m K)"),
        ("kappa_W_m_K", "W/(m K)"),
        ("kappa_W_per_m_K", "W/(m K)"),
        ("thermal_expansion_300K_1_K", "1/K"),
        ("density_g_cm3", "g/cm^3"),
        ("molar_volume_cm3_mol", "cm^3/mol"),
        ("entropy_J_molK", "J/(mol K)"),
        ("entropy_J_mol_K", "J/(mol K)"),
        ("heat_of_fusion_kJ_mol", "kJ/mol"),
        ("formation_energy_eV_atom", "eV/atom"),
        ("formation_energy_eV_per_atom", "eV/atom"),
        ("volume_A3", "Å^3"),
        ("resistivity_ohm_m", "Ω m"),
        ("seebeck_S_uV_K", "µV/K"),
        ("porosity_%", "%"),
        ("band gap [eV]", "eV"),
        ("K (GPa)", "GPa"),
        ("kappa [W m^-1 K^-1]", "W m^-1 K^-1"),
        ("kappa (W/(m K))", "W/(m K)"),
        ("T_m / K", "K"),
        ("melting point, K", "K"),
    ],
)
def test_a_unit_at_the_end_of_a_name_is_read(name: str, unit: str) -> None:
    assert unit_from_name(name) == unit


@pytest.mark.parametrize(
    "name",
    [
        "foo_a",
        "melting_point",
        "K",  # a name by itself: here the bulk modulus, perhaps
        "eV",
        "thermal_conductivity_300K",  # a condition, not a unit
        "bulk_modulus_V",  # V for Voigt
        "exchange_J",
        "V_m",  # a molar volume
        "energy_per_kg",
        "gap (calc)",
        "gap [exp]",
        "gap (2)",
        "[eV]",
        "a/b",
        "",
        "_",
        "__",
        "per",
        "a_per",
    ],
)
def test_what_is_not_surely_a_unit_is_none(name: str) -> None:
    assert unit_from_name(name) is None
