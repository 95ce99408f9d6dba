from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.errors import GraphError
from hokan.graph.formula import Dimension, Formula, check_units, parse_unit
from hokan.table.units import unit_from_name

# --- reading units --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "size", "words"),
    [
        ("K", 1, "a temperature"),
        ("GPa", 1e9, "a pressure or energy density"),
        ("kbar", 1e8, "a pressure or energy density"),
        ("HV", 9.80665e6, "a pressure or energy density"),
        ("kJ/mol", 1e3, "a molar energy"),
        ("kcal/mol", 4184, "a molar energy"),
        ("eV", 1.602176634e-19, "an energy"),
        ("eV/atom", 1.602176634e-19, "an energy"),
        ("meV/(formula unit)", 1.602176634e-22, "an energy"),
        ("Ry", 2.1798723611e-18, "an energy"),
        ("cm3/mol", 1e-6, "a molar volume"),
        ("g/cm3", 1e3, "a density"),
        ("amu/Å^3", 1.66053906660e3, "a density"),
        ("g/mol", 1e-3, "a molar mass"),
        ("Å", 1e-10, "a length"),
        ("Å^3", 1e-30, "a volume"),
        ("A3", 1e-30, "a volume"),
        ("nm3/atom", 1e-27, "a volume"),
        ("1/K", 1, "a reciprocal temperature"),
        ("ppm/K", 1e-6, "a reciprocal temperature"),
        ("10^-6 K^-1", 1e-6, "a reciprocal temperature"),
        ("J/(mol K)", 1, "a molar entropy or heat capacity"),
        ("J/(kg K)", 1, "a specific heat capacity"),
        ("W/m/K", 1, "a thermal conductivity"),
        ("µΩ cm", 1e-8, "an electric resistivity"),
        ("S/cm", 100, "an electric conductivity"),
        ("uV/K", 1e-6, "a thermopower"),
        ("mJ/m^2", 1e-3, "a surface energy"),
        ("km/s", 1e3, "a speed"),
        ("THz", 1e12, "a frequency"),
        ("muB/atom", 9.2740100783e-24, "a magnetic moment"),
        ("eV/A", 1.602176634e-9, "a force"),
        ("A/m", 1, "A/m"),
        ("MPa m^(1/2)", 1e6, "kg/(m^(1/2) s^2)"),
        ("%", 0.01, "a pure number"),
        ("wt%", 0.01, "a pure number"),
    ],
)
def test_units_of_materials_tables(text: str, size: float, words: str) -> None:
    unit = parse_unit(text)
    assert unit is not None
    assert unit.size == pytest.approx(size, rel=1e-9)
    assert unit.dimension.in_words() == words


@pytest.mark.parametrize(
    "text",
    ["W/(m K)", "W/m/K", "W/mK", "W/m K", "W m^-1 K^-1", "W m⁻¹ K⁻¹", "W·m-1·K-1", "W per m per K"],
)
def test_the_many_ways_of_writing_one_unit(text: str) -> None:
    unit = parse_unit(text)
    assert unit is not None
    assert unit.dimension == Dimension.of(kg=1, m=1, s=-3, K=-1)
    assert unit.size == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "foo",
        "J/",
        "/K",
        "J//mol",
        "J/(mol K",
        "K)",
        "()",
        "m^(1/0)",
        "K^99",
        "0/K",
        "1e9^59 K",
        "1e999",
        "sqrt(m)",
        "A",
        "((((((K))))))",
        "m^",
        "K!",
    ],
)
def test_what_is_no_unit_or_has_two_meanings_is_not_understood(text: str) -> None:
    assert parse_unit(text) is None


def test_a_temperature_in_celsius_has_another_zero() -> None:
    celsius = parse_unit("°C")
    assert celsius is not None
    assert celsius.has_other_zero
    assert celsius.dimension == Dimension.of(K=1)
    rate = parse_unit("J/(g °C)")
    assert rate is not None
    assert not rate.has_other_zero


@pytest.mark.parametrize(
    "name",
    [
        "bulk_modulus_GPa",
        "molar_volume_cm3_mol",
        "heat_capacity_J_mol_K",
        "thermal_conductivity_300K_W_mK",
        "energy_eV_per_atom",
        "expansion_1_K",
        "volume_A3_per_atom",
        "resistivity_uohm_cm",
        "density [g/cm^3]",
        "gap (eV)",
        "T_m / K",
    ],
)
def test_units_that_table_reading_finds_are_understood(name: str) -> None:
    found = unit_from_name(name)
    assert found is not None
    assert parse_unit(found) is not None


@settings(deadline=None)
@given(text=st.text(alphabet="KJmolgA°C%µ/()^-+·*.0123⁻² e", max_size=12))
def test_any_text_is_a_unit_or_not(text: str) -> None:
    unit = parse_unit(text)
    assert unit is None or 0 < unit.size < math.inf


def test_base_units_in_words() -> None:
    assert Dimension.of(kg=1, m=2, s=-2, K=-1).in_base_units() == "kg m^2/(s^2 K)"
    assert Dimension.of(s=-1).in_base_units() == "1/s"
    assert Dimension.of(K=Fraction(2, 3)).in_base_units() == "K^(2/3)"
    assert Dimension().in_base_units() == "1"


# --- formulas that are right ------------------------------------------------------------------

UNITS = {
    "mass": "g/mol",
    "theta": "K",
    "temperature": "K",
    "volume": "cm3/mol",
    "density": "g/cm3",
    "modulus": "GPa",
    "hardness": "MPa",
    "gap": "eV",
    "enthalpy": "kJ/mol",
    "celsius": "°C",
    "unknown": None,
    "odd": "furlong",
}


def check(text: str, result: str | None = None, **constants: str) -> list[str]:
    return check_units(Formula.parse(text, UNITS), UNITS | constants, result)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        # A constant takes whatever unit is left.
        ("c * mass * theta**2 * volume**(2/3)", "K"),
        ("c * theta + d * modulus**2", "GPa"),
        ("c * theta**0.667 + d", "K"),
        ("a * exp(-gap / (k * temperature))", "S/cm"),
        ("log(theta / theta0)", "%"),
        ("theta * (1 + a * gap)", "K"),
        # Units that come out by themselves.
        ("mass / volume", "g/cm3"),
        ("sqrt(modulus / density)", "km/s"),
        ("(modulus / density)**(1/2)", "km/s"),
        ("abs(-theta) + temperature", "K"),
        ("2 * theta - theta / 3", "K"),
        ("theta * modulus / hardness", None),
        # 0 is 0 in every unit.
        ("max(0, gap)", "eV"),
        ("max(gap, 0) + gap", "eV"),
        ("theta ** (modulus / modulus)", None),
    ],
)
def test_formulas_whose_units_go_together(text: str, result: str | None) -> None:
    notes = check(text, result)
    assert [note for note in notes if "depends on its exponent" not in note] == []


# --- formulas that are wrong ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "result", "problem"),
    [
        (
            "theta + modulus",
            None,
            "the units of the formula theta + modulus disagree: theta is a temperature (K), and "
            "modulus is a pressure or energy density (GPa)",
        ),
        (
            "theta - 273.15",
            None,
            "theta is a temperature (K), and 273.15 is a pure number; a number has no unit: write "
            "a name in its place",
        ),
        ("min(gap, enthalpy)", None, "gap is an energy (eV), and enthalpy is a molar energy"),
        (
            "mass / volume",
            "K",
            "it gives a density (kg/m^3), and the property is a temperature (K)",
        ),
        ("2 * theta", "eV", "it gives a temperature (K), and the property is an energy (eV)"),
        ("0 + theta", "eV", "it gives a temperature (K), and the property is an energy (eV)"),
        (
            "log(theta)",
            None,
            "the argument of log is a pure number, and theta is a temperature (K); divide it by a "
            "constant, which is then fitted and takes its unit",
        ),
        ("c * exp(gap / theta)", None, "the argument of exp is a pure number, and gap / theta is"),
        ("2**theta", None, "an exponent is a pure number, and theta is a temperature (K)"),
        # One constant has one unit wherever it stands.
        (
            "c * theta + c * modulus",
            None,
            "c * theta is a temperature times the unit of c, and c * modulus is a pressure or "
            "energy density times the unit of c",
        ),
        ("c * theta + gap * exp(c)", None, "c * theta is a temperature (K), and gap * exp(c) is"),
        ("theta**n + gap * theta**n", None, "theta**n is the unit of theta**n, and gap *"),
        ("unknown * theta + unknown * gap", None, "unknown * theta is a temperature times"),
    ],
)
def test_what_disagrees_is_named_with_its_unit(text: str, result: str | None, problem: str) -> None:
    with pytest.raises(GraphError) as caught:
        check(text, result)
    assert problem in str(caught.value)


def test_a_constant_may_be_given_its_unit() -> None:
    assert check("theta + shift", "K", shift="K") == []
    with pytest.raises(GraphError, match=r"shift is an energy \(eV\)"):
        check("theta + shift", "K", shift="eV")


# --- what is told -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "result", "note"),
    [
        ("c * unknown", "K", "the unit of 'unknown' is not known, so it is not checked"),
        ("c * odd", "K", "the unit 'furlong' of 'odd' is not understood, so it is not checked"),
        ("c * theta", "yards", "the unit 'yards' of 'the result' is not understood, so it is"),
        (
            "modulus + hardness",
            None,
            "modulus and hardness are of one kind in different units (GPa and MPa): values are "
            "not converted, so the formula has to",
        ),
        (
            "mass / volume",
            "kg/m3",
            "gives its result in units of 1000 kg/m3, and the property is in kg/m3: values are "
            "not converted",
        ),
        ("c * celsius", "K", "'celsius' is in °C, which does not start at absolute zero"),
        ("theta**n", "GPa", "the unit of theta**n depends on its exponent, so it is not checked"),
    ],
)
def test_what_could_not_be_checked_or_deserves_a_look(
    text: str, result: str | None, note: str
) -> None:
    notes = check(text, result)
    assert len(notes) == 1
    assert note in notes[0]


def test_a_conversion_written_out_is_left_to_the_formula() -> None:
    assert check("modulus + 0.001 * hardness", "GPa") == []
    assert check("1000 * mass / volume", "kg/m3") == []


def test_without_units_there_is_nothing_to_check() -> None:
    formula = Formula.parse("c * a", ["a"])
    assert check_units(formula, {}, None) == ["the unit of 'a' is not known, so it is not checked"]


# Sums and products of a length, a time and a speed, right and wrong ones.
MECHANICS = st.recursive(
    st.sampled_from(["x", "y", "t", "v"]),
    lambda part: st.one_of(
        st.tuples(part, st.sampled_from("+-*/"), part).map(
            lambda given: f"({given[0]}) {given[1]} ({given[2]})"
        ),
        st.tuples(part, st.sampled_from(["2", "0.5", "-1"])).map(
            lambda given: f"({given[0]})**{given[1]}"
        ),
        part.map(lambda inner: f"sqrt(abs({inner}))"),
        st.tuples(part, part).map(lambda given: f"max({given[0]}, {given[1]})"),
        st.tuples(part, part).map(lambda given: f"({given[0]}) * exp(-({given[1]}))"),
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=300)
@given(text=MECHANICS)
def test_a_formula_that_passes_says_the_same_in_other_units(text: str) -> None:
    """In units of another size all its results change by one factor, that of its own unit."""
    formula = Formula.parse(text)
    try:
        check_units(formula, {"x": "m", "y": "m", "t": "s", "v": "m/s"}, None)
    except GraphError:
        return
    rng = np.random.default_rng(1)
    values = {name: rng.uniform(0.5, 2, 5) for name in formula.names}
    scales = {"x": 3.0, "y": 3.0, "t": 7.0, "v": 3.0 / 7.0}
    before = formula.value(values)
    after = formula.value({name: scales[name] * value for name, value in values.items()})
    there = np.isfinite(before) & np.isfinite(after) & (np.abs(before) > 1e-6)
    ratio = after[there] / before[there]
    np.testing.assert_allclose(ratio, np.broadcast_to(ratio[:1], ratio.shape), rtol=1e-6)
