from __future__ import annotations

import numpy as np
import pytest
from scipy.constants import N_A, Boltzmann, Planck

from hokan.errors import GraphError
from hokan.graph import LAWS, Law, Property, PropertyGraph, find_law
from hokan.graph.formula import check_units

every_law = pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)

# Metals at room temperature, values rounded: cohesive energies, Debye temperatures and bulk moduli
# from C. Kittel, Introduction to Solid State Physics (8th ed.), the rest from the CRC Handbook of
# Chemistry and Physics.
METALS = {
    #                           Na     Al     Fe     Cu     Ag     W      Au     Pb
    "melting_point": np.array([371.0, 933.5, 1811, 1358, 1235, 3695, 1337, 601]),
    "boiling_point": np.array([1156.0, 2792, 3134, 2835, 2435, 5828, 3129, 2022]),
    "molar_mass": np.array([22.99, 26.98, 55.85, 63.55, 107.9, 183.8, 197.0, 207.2]),
    "molar_volume": np.array([23.7, 10.0, 7.09, 7.11, 10.3, 9.47, 10.2, 18.3]),
    "density": np.array([0.97, 2.70, 7.87, 8.96, 10.5, 19.3, 19.3, 11.3]),
    "debye_temperature": np.array([158.0, 428, 470, 343, 225, 400, 165, 105]),
    "cohesive_energy": np.array([1.11, 3.39, 4.28, 3.49, 2.95, 8.90, 3.81, 2.03]),
    "bulk_modulus": np.array([6.3, 76, 170, 140, 100, 310, 180, 46]),
    "shear_modulus": np.array([3.3, 26, 82, 48, 30, 161, 27, 5.6]),
    "heat_of_fusion": np.array([2.60, 10.7, 13.8, 13.3, 11.3, 52.3, 12.6, 4.77]),
    "heat_of_vaporization": np.array([97.4, 294, 340, 300, 258, 807, 324, 180]),
}
# Insulators and semiconductors at 300 K, per mole of atoms: Si, Ge, MgO, NaCl, GaAs, KCl; from
# G. A. Slack, Solid State Physics 34, 1 (1979), and the CRC Handbook.
INSULATORS = {
    "molar_mass": np.array([28.1, 72.6, 20.2, 29.2, 72.3, 37.3]),
    "debye_temperature": np.array([640.0, 374, 945, 321, 360, 235]),
    "molar_volume": np.array([12.1, 13.6, 5.6, 13.5, 13.6, 18.8]),
    "thermal_conductivity": np.array([148.0, 60, 50, 6.5, 46, 7.0]),
}


@every_law
def test_the_units_of_a_law_go_together(law: Law) -> None:
    assert check_units(law.parsed_formula, law.units, law.result_unit) == []


@every_law
def test_most_solids_follow_a_law_to_a_factor_of_two_with_its_typical_constant(law: Law) -> None:
    solids = INSULATORS if law.result == "thermal_conductivity" else METALS
    predicted = law.parsed_formula.value({role: solids[role] for role in law.roles}, law.typical)
    error = np.abs(np.log2(predicted / solids[law.result]))
    assert np.mean(error < 1) >= 0.8
    assert np.all(error < 2)


@every_law
def test_a_law_says_what_it_is_and_where_it_is_from(law: Law) -> None:
    assert law.explanation.endswith(".")
    assert law.source
    assert set(law.typical) == set(law.parsed_formula.constants)
    assert set(law.exponents) == set(law.units)
    assert set(law.parsed_formula.names) == set(law.roles)


@every_law
def test_exponents_are_the_slopes_between_logarithms(law: Law) -> None:
    """Doubling a parent multiplies the result by two to its exponent."""
    around = law.around or dict.fromkeys(law.roles, 3.0)
    constants = law.typical
    for role, exponent in law.exponents.items():
        up = law.parsed_formula.value(around | {role: around[role] * 1.001}, constants)
        down = law.parsed_formula.value(around | {role: around[role] / 1.001}, constants)
        slope = np.log(up / down) / np.log(1.001**2)
        assert exponent == pytest.approx(slope, abs=1e-6)


def test_lindemann() -> None:
    assert find_law("lindemann").exponents == {
        "molar_mass": 1,
        "debye_temperature": 2,
        "molar_volume": pytest.approx(2 / 3),
    }


def test_the_constant_of_the_debye_temperature_is_made_of_constants_of_nature() -> None:
    atoms_per_m3 = N_A * 1e6  # of density / molar mass in g/cm³ and g/mol
    metres_per_second = 1e3  # of the root of GPa over g/cm³
    factor = Planck / Boltzmann * (3 * atoms_per_m3 / (4 * np.pi)) ** (1 / 3) * metres_per_second
    assert find_law("anderson").typical["c"] == pytest.approx(factor, rel=1e-4)


def test_a_law_as_a_prior_in_a_graph() -> None:
    law = find_law("lindemann")
    columns = {"debye_temperature": "theta_K", "molar_volume": "volume [cm3/mol]"}
    melting = Property(
        "melting_point_K",
        transform="log",
        parents=("theta_K", "volume [cm3/mol]"),
        prior=law.prior(columns),
    )
    assert dict(melting.prior) == {"theta_K": 2, "volume [cm3/mol]": pytest.approx(2 / 3)}


def test_a_law_as_a_formula_in_a_graph() -> None:
    columns = {
        "debye_temperature": "theta_K",
        "molar_volume": "volume [cm3/mol]",
        "molar_mass": "mass",
    }
    graph = PropertyGraph(
        (
            *(Property(name) for name in columns.values()),
            Property(
                "melting_point_K",
                parents=tuple(columns.values()),
                formula=find_law("lindemann").formula_for(columns),
            ),
        )
    )
    assert graph.find("melting_point_K").formula == (
        "c * mass * theta_K**2 * `volume [cm3/mol]`**(2 / 3)"
    )
    assert PropertyGraph.from_toml_text(graph.to_toml()) == graph


def test_messages_name_what_there_is() -> None:
    with pytest.raises(GraphError, match=r"no law 'lindeman' \(did you mean \"lindemann\"\?\)"):
        find_law("lindeman")
    law = find_law("richards")
    with pytest.raises(GraphError, match=r"richards has no role 'heat'.*has 'heat_of_fusion'"):
        law.prior({"heat": "H"})
    with pytest.raises(GraphError, match=r"needs a property for 'heat_of_fusion' \(kJ/mol\)"):
        law.formula_for({})
    with pytest.raises(GraphError, match="one property is given two roles"):
        find_law("anderson").prior({"bulk_modulus": "x", "shear_modulus": "x"})
