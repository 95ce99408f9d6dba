"""Statistics of compositions: right by hand, equal to matminer, indifferent to how they are
written.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.descriptors import (
    ELEMENT_SYMBOLS,
    ELEMENTAL_PROPERTIES,
    STATISTIC_NAMES,
    composition_statistics,
    element_fractions,
    elemental_properties,
    unknown_elemental_properties,
)
from hokan.descriptors import statistics as statistics_module
from hokan.errors import FormulaError


def statistic(formula, name):
    return composition_statistics([formula])[0, STATISTIC_NAMES.index(f"MagpieData {name}")]


def test_statistics_of_haematite_by_hand():
    assert statistic("Fe2O3", "minimum Number") == 8.0
    assert statistic("Fe2O3", "maximum Number") == 26.0
    assert statistic("Fe2O3", "range Number") == 18.0
    assert statistic("Fe2O3", "mean Number") == pytest.approx(0.4 * 26 + 0.6 * 8)
    assert statistic("Fe2O3", "avg_dev Number") == pytest.approx(0.4 * 10.8 + 0.6 * 7.2)
    assert statistic("Fe2O3", "mode Number") == 8.0


def test_mode_of_equally_frequent_elements_is_the_smallest_value():
    assert statistic("FeO", "mode Number") == 8.0
    assert statistic("FeO", "mode Electronegativity") == 1.83  # that of iron
    assert statistic("CaFeO", "mode Number") == 8.0
    assert statistic("Fe1.000001O", "mode Number") == 8.0
    assert statistic("Fe1.001O", "mode Number") == 26.0


def test_shared_value_has_exactly_no_deviation():
    # Three elements of the second row at fractions that do not add up exactly in binary.
    assert statistic("B0.1C0.2N0.7", "mean Row") == 2.0
    assert statistic("B0.1C0.2N0.7", "avg_dev Row") == 0.0


def test_element_has_its_own_properties():
    table = composition_statistics(ELEMENT_SYMBOLS).reshape(118, 22, 6)
    properties = elemental_properties()
    for column in (0, 1, 3, 5):  # minimum, maximum, mean, mode
        np.testing.assert_array_equal(table[:, :, column], properties)
    np.testing.assert_array_equal(table[:, :, [2, 4]], 0.0)


def test_no_formula_gives_no_row():
    assert composition_statistics([]).shape == (0, 132)
    assert element_fractions([]).shape == (0, 118)


def test_result_does_not_depend_on_the_company(monkeypatch):
    formulas = ["LiFePO4", "Fe", "Ca(OH)2", "CuSO4·5H2O", "NaCl", "Fe0.95O", "H2O"]
    together = composition_statistics(formulas)
    alone = np.vstack([composition_statistics([formula]) for formula in formulas])
    np.testing.assert_array_equal(together, alone)
    monkeypatch.setattr(statistics_module, "_FORMULAS_AT_ONCE", 3)
    np.testing.assert_array_equal(composition_statistics(formulas), together)


@pytest.mark.parametrize("container", [list, tuple, pd.Series, np.array])
def test_formulas_may_come_in_any_sequence(container):
    formulas = container(["Fe2O3", "NaCl"])
    assert composition_statistics(formulas).shape == (2, 132)
    np.testing.assert_allclose(element_fractions(formulas).sum(axis=1), 1.0)


def test_bad_formulas_are_named_by_row():
    with pytest.raises(FormulaError, match=r"Row 2: Cannot read the formula 'NaXx'") as refusal:
        composition_statistics(["NaCl", "NaXx", "H2O", "", None])
    assert "2 more formulas cannot be read: rows 4, 5." in str(refusal.value)


def test_one_text_is_not_a_sequence_of_formulas():
    with pytest.raises(FormulaError, match=r"Write \['NaCl'\] for a single formula"):
        element_fractions("NaCl")


# -- parity with matminer -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def matminer_preset():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from matminer.featurizers.composition import ElementProperty

        return ElementProperty.from_preset("magpie")


@pytest.fixture(scope="module")
def matminer_statistics(matminer_preset):
    from pymatgen.core import Composition

    def featurise(formulas):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.array([matminer_preset.featurize(Composition(text)) for text in formulas])

    return featurise


def random_formulas(n, rng):
    """Formulas of 1 to 8 elements up to Z = 118; a third each with ties, integers, decimals."""
    formulas = []
    for k in range(n):
        size = rng.integers(1, 9)
        symbols = rng.choice(ELEMENT_SYMBOLS, size=size, replace=False)
        if k % 3 == 0:
            amounts = rng.integers(1, 3, size=size)
        elif k % 3 == 1:
            amounts = rng.integers(1, 30, size=size)
        else:
            amounts = rng.integers(1, 100, size=size) / 100
        formulas.append("".join(f"{s}{a}" for s, a in zip(symbols, amounts, strict=True)))
    return formulas


def assert_equal_to_matminer(ours, theirs):
    # The second term is for deviations that are zero on paper and noise in matminer.
    noise = 1e-15 * np.repeat(np.abs(elemental_properties()).max(axis=0), 6)
    assert ours.shape == theirs.shape
    assert (np.abs(ours - theirs) <= 1e-10 * np.abs(theirs) + noise).all()


def test_labels_are_those_of_matminer(matminer_preset):
    assert list(STATISTIC_NAMES) == matminer_preset.feature_labels()


def test_statistics_equal_matminer_on_random_compositions(matminer_statistics):
    formulas = random_formulas(450, np.random.default_rng(0))
    used = {s for text in formulas for s in ELEMENT_SYMBOLS if s in text}
    assert used == set(ELEMENT_SYMBOLS)
    assert_equal_to_matminer(composition_statistics(formulas), matminer_statistics(formulas))


def test_statistics_equal_matminer_on_real_formulas(matminer_statistics):
    formulas = [
        *("LiFePO4", "Ca(OH)2", "Fe0.95O", "(Na0.5K0.5)NbO3", "Cr(AgO2)2", "Fe4[Fe(CN)6]3"),
        *("CH3COOH", "HgCNCN", "Si", "UO2", "PuO2", "LrCl3", "XeF2", "He", "YBa2Cu3O6.95"),
        *("Li1.2Mn0.54Ni0.13Co0.13O2", "AlCoCrFeNi", "Al0.5CoCrCuFeNi1.5", "K2Mg2(SO4)3"),
    ]
    assert_equal_to_matminer(composition_statistics(formulas), matminer_statistics(formulas))


def test_holes_of_the_table_are_those_of_matminer():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from matminer.featurizers.composition import ElementProperty

        preset = ElementProperty.from_preset("magpie", impute_nan=False)
    source = preset.data_source.all_elemental_props
    for symbol in ELEMENT_SYMBOLS:
        missing = tuple(name for name in ELEMENTAL_PROPERTIES if np.isnan(source[name][symbol]))
        assert unknown_elemental_properties(symbol) == missing


# -- invariance -----------------------------------------------------------------------------------

compositions = st.dictionaries(
    st.sampled_from(ELEMENT_SYMBOLS), st.integers(1, 200), min_size=1, max_size=7
)


def write(amounts):
    return "".join(f"{symbol}{amount}" for symbol, amount in amounts)


@settings(deadline=None)
@given(compositions, st.randoms(use_true_random=False))
def test_order_of_elements_does_not_matter(amounts, random):
    pairs = list(amounts.items())
    shuffled = random.sample(pairs, len(pairs))
    formulas = [write(pairs), write(shuffled)]
    for descriptors in (composition_statistics(formulas), element_fractions(formulas)):
        np.testing.assert_array_equal(descriptors[0], descriptors[1])


@settings(deadline=None)
@given(compositions, st.integers(2, 9))
def test_size_of_the_formula_unit_does_not_matter(amounts, factor):
    formulas = [write(amounts.items()), f"({write(amounts.items())}){factor}"]
    for descriptors in (composition_statistics(formulas), element_fractions(formulas)):
        np.testing.assert_allclose(descriptors[0], descriptors[1], rtol=1e-12, atol=1e-12)


@settings(deadline=None)
@given(compositions)
def test_statistics_keep_their_order(amounts):
    table = composition_statistics([write(amounts.items())]).reshape(22, 6)
    minimum, maximum, extent, mean, deviation, mode = table.T
    slack = 1e-12 * np.abs(table).max()
    assert (minimum <= mode).all()
    assert (mode <= maximum).all()
    assert (mean >= minimum).all()
    assert (mean <= maximum + slack).all()
    np.testing.assert_array_equal(extent, maximum - minimum)
    assert (deviation <= extent / 2 + slack).all()
    assert ((deviation == 0) | (extent > 0)).all()
