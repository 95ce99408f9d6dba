"""What follows from amounts alone: fractions, masses, counts, and the key of a composition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.descriptors import (
    ELEMENT_SYMBOLS,
    atoms_per_formula,
    element_fractions,
    molar_mass,
    parse_formula,
    reduced_formula_key,
)
from hokan.errors import FormulaError


def test_element_fractions_stand_in_the_column_of_their_element():
    fractions = element_fractions(["Fe2O3", "CuSO4·5H2O", "Og"])
    assert fractions.shape == (3, 118)
    assert fractions[0, ELEMENT_SYMBOLS.index("Fe")] == 0.4
    assert fractions[0, ELEMENT_SYMBOLS.index("O")] == 0.6
    assert fractions[1, ELEMENT_SYMBOLS.index("H")] == pytest.approx(10 / 21)
    assert fractions[2, 117] == 1.0
    assert np.count_nonzero(fractions) == 2 + 4 + 1


def test_element_named_twice_counts_once_with_its_sum():
    fractions = element_fractions(["CH3COOH", "C2H4O2"])
    np.testing.assert_array_equal(fractions[0], fractions[1])


def test_molar_mass_in_grams_per_mole():
    masses = molar_mass(["H2O", "D2O", "Fe2O3", "Fe4O6", "CuSO4·5H2O"])
    expected = [18.015, 18.015, 159.69, 319.38, 249.68]
    np.testing.assert_allclose(masses, expected, rtol=1e-4)


def test_atoms_are_counted_as_written():
    counts = atoms_per_formula(["Fe2O3", "Fe4O6", "Fe0.95O", "Ca(OH)2", "Fe3+"])
    np.testing.assert_allclose(counts, [5.0, 10.0, 1.95, 5.0, 1.0])


@pytest.mark.parametrize("function", [molar_mass, atoms_per_formula, element_fractions])
def test_nothing_in_nothing_out(function):
    result = function([])
    assert result.shape[0] == 0
    assert result.dtype == np.float64


def test_many_bad_rows_are_summarised():
    with pytest.raises(FormulaError, match="Row 1: ") as refusal:
        atoms_per_formula(["?"] * 30)
    expected = "29 more formulas cannot be read: rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …."
    assert expected in str(refusal.value)


@pytest.mark.parametrize(
    "same",
    [
        ("Fe2O3", "Fe4O6", "O3Fe2", "Fe0.4O0.6", "(FeO1.5)2", "Fe₂O₃(s)"),
        ("CuSO4·5H2O", "CuSO4.5H2O", "CuH10SO9"),
        ("H2O", "D2O", "2H2O"),
        ("FeO127", "Fe0.1O12.7", "Fe3O381"),  # 1/128 has its seventh decimal at 5
    ],
)
def test_same_composition_same_key(same):
    keys = {reduced_formula_key(text) for text in same}
    assert len(keys) == 1
    assert sum(fraction for _, fraction in keys.pop()) == pytest.approx(1.0, abs=1e-5)


def test_other_composition_other_key():
    formulas = ["FeO", "Fe2O3", "Fe3O4", "Fe0.95O", "Fe0.9999O", "CoO", "CO"]
    assert len({reduced_formula_key(text) for text in formulas}) == len(formulas)


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(ELEMENT_SYMBOLS), st.integers(1, 300), min_size=1, max_size=6),
    st.floats(0.01, 100.0),
)
def test_key_does_not_change_with_a_common_factor(amounts, factor):
    text = "".join(f"{symbol}{amount}" for symbol, amount in amounts.items())
    scaled = "".join(f"({symbol}){factor * amount:.15f}" for symbol, amount in amounts.items())
    assert reduced_formula_key(text) == reduced_formula_key(scaled)


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(ELEMENT_SYMBOLS), st.integers(1, 50), min_size=1, max_size=6)
)
def test_arrays_agree_with_single_formulas(amounts):
    text = "".join(f"{symbol}{amount}" for symbol, amount in amounts.items())
    parsed = parse_formula(text)
    total = sum(parsed.values())
    assert atoms_per_formula([text])[0] == total
    expected = [parsed.get(symbol, 0.0) / total for symbol in ELEMENT_SYMBOLS]
    np.testing.assert_allclose(element_fractions([text])[0], expected, rtol=1e-14)
