"""How formulas are read: one list of what is understood, one of what is refused and why."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hokan.descriptors import ELEMENT_SYMBOLS, parse_formula
from hokan.descriptors.formula import parse_carefully
from hokan.descriptors.plain_formula import read_plain
from hokan.errors import FormulaError

UNDERSTOOD = {
    # plain
    "LiFePO4": {"Li": 1, "Fe": 1, "P": 1, "O": 4},
    "Fe0.95O": {"Fe": 0.95, "O": 1},
    "LiFe.5Mn.5PO4": {"Li": 1, "Fe": 0.5, "Mn": 0.5, "P": 1, "O": 4},
    "CH3COOH": {"C": 2, "H": 4, "O": 2},
    "CO": {"C": 1, "O": 1},
    "Co": {"Co": 1},
    "Fe1/2O": {"Fe": 0.5, "O": 1},
    "La1.0Sr0.0MnO3": {"La": 1, "Mn": 1, "O": 3},
    # brackets
    "Ca(OH)2": {"Ca": 1, "O": 2, "H": 2},
    "(Na0.5K0.5)NbO3": {"Na": 0.5, "K": 0.5, "Nb": 1, "O": 3},
    "Fe4[Fe(CN)6]3": {"Fe": 7, "C": 18, "N": 18},
    "{[(Mg)2(SiO4)]2}3": {"Mg": 12, "Si": 6, "O": 24},
    "Al2(SO4)1.5": {"Al": 2, "S": 1.5, "O": 6},
    "(CuSO4·5H2O)2": {"Cu": 2, "S": 2, "O": 18, "H": 20},
    # multipliers and spaces
    "2H2O": {"H": 4, "O": 2},
    "0.5 (Fe2O3)": {"Fe": 1, "O": 1.5},
    " Li Fe P O4\t": {"Li": 1, "Fe": 1, "P": 1, "O": 4},
    "Li1 Fe1 P1 O4": {"Li": 1, "Fe": 1, "P": 1, "O": 4},
    # joined formulas
    "CuSO4·5H2O": {"Cu": 1, "S": 1, "O": 9, "H": 10},
    "CuSO4 ⋅ 5 H2O": {"Cu": 1, "S": 1, "O": 9, "H": 10},
    "CuSO4•5H2O": {"Cu": 1, "S": 1, "O": 9, "H": 10},
    "CuSO4*5H2O": {"Cu": 1, "S": 1, "O": 9, "H": 10},
    "KCl.MgCl2·6H2O": {"K": 1, "Cl": 3, "Mg": 1, "H": 12, "O": 6},
    "3CaO·Al2O3·6H2O": {"Ca": 3, "Al": 2, "O": 12, "H": 12},
    "CaSO4·1/2H2O": {"Ca": 1, "S": 1, "O": 4.5, "H": 1},
    "CaSO4·½H2O": {"Ca": 1, "S": 1, "O": 4.5, "H": 1},
    "CaSO4.½H2O": {"Ca": 1, "S": 1, "O": 4.5, "H": 1},
    "CaSO4·0.5H2O": {"Ca": 1, "S": 1, "O": 4.5, "H": 1},
    # a full stop before a number: joins before water and ammonia, else decimal
    "CuSO4.5H2O": {"Cu": 1, "S": 1, "O": 9, "H": 10},
    "CuSO4.5(H2O)": {"Cu": 1, "S": 1, "O": 9, "H": 10},
    "CuSO4. 5H2O": {"Cu": 1, "S": 1, "O": 9, "H": 10},
    "Na2CO3.10H2O": {"Na": 2, "C": 1, "O": 13, "H": 20},
    "Ca(NO3)2.4H2O": {"Ca": 1, "N": 2, "O": 10, "H": 8},
    "LiI.2H2O": {"Li": 1, "I": 1, "H": 4, "O": 2},
    "NiCl2.6NH3": {"Ni": 1, "Cl": 2, "N": 6, "H": 18},
    "CaSO4.0.5H2O": {"Ca": 1, "S": 1, "O": 4.5, "H": 1},
    "CaSO4.1/2H2O": {"Ca": 1, "S": 1, "O": 4.5, "H": 1},
    "KCl.MgCl2.6H2O": {"K": 1, "Cl": 3, "Mg": 1, "H": 12, "O": 6},
    "Li1.2Mn0.54Ni0.13Co0.13O2": {"Li": 1.2, "Mn": 0.54, "Ni": 0.13, "Co": 0.13, "O": 2},
    "YBa2Cu3O6.5": {"Y": 1, "Ba": 2, "Cu": 3, "O": 6.5},
    "Ni2.5Mn1.5Ga": {"Ni": 2.5, "Mn": 1.5, "Ga": 1},
    "Cs2.5H0.5PW12O40": {"Cs": 2.5, "H": 0.5, "P": 1, "W": 12, "O": 40},
    "Li1.1(Ni0.8Li0.1)O2": {"Li": 1.2, "Ni": 0.8, "O": 2},
    "Al2(O)3.2SiO2": {"Al": 2, "O": 5.2, "Si": 1},
    "Al2O3.05SiO2": {"Al": 2, "O": 5.05, "Si": 1},
    # typography
    "H₂O": {"H": 2, "O": 1},
    "Fe₀.₉₅O": {"Fe": 0.95, "O": 1},
    "SO₄.5H₂O": {"S": 1, "O": 9, "H": 10},
    "H<sub>2</sub>O": {"H": 2, "O": 1},
    "SO<sub>4</sub><sup>2-</sup>": {"S": 1, "O": 4},
    "CuSO$_4\\cdot$5H$_{2}$O": {"Cu": 1, "S": 1, "O": 9, "H": 10},
    "ＮａＣｌ": {"Na": 1, "Cl": 1},
    "Na\u200bCl": {"Na": 1, "Cl": 1},
    # charges, oxidation states, states: dropped
    "Na+": {"Na": 1},
    "Cl−": {"Cl": 1},
    "Ca++": {"Ca": 1},
    "Fe3+": {"Fe": 1},
    "Fe+3": {"Fe": 1},
    "Fe³⁺": {"Fe": 1},
    "Fe 3+": {"Fe": 1},
    "NO3-": {"N": 1, "O": 3},
    "NH4(+)": {"N": 1, "H": 4},
    "SO4-2": {"S": 1, "O": 4},
    "SO4^2-": {"S": 1, "O": 4},
    "SO4^-2": {"S": 1, "O": 4},
    "SO4^{2-}": {"S": 1, "O": 4},
    "SO4 2-": {"S": 1, "O": 4},
    "SO₄²⁻": {"S": 1, "O": 4},
    "(SO4)2-": {"S": 1, "O": 4},
    "[Fe(CN)6]4-": {"Fe": 1, "C": 6, "N": 6},
    "Al(OH)4-": {"Al": 1, "O": 4, "H": 4},
    "Fe²⁺Fe³⁺₂O₄": {"Fe": 3, "O": 4},
    "Fe(III)Cl3": {"Fe": 1, "Cl": 3},
    "Pb(I)2": {"Pb": 1, "I": 2},
    "NaCl(aq)": {"Na": 1, "Cl": 1},
    "H2O (l)": {"H": 2, "O": 1},
    "SO4^2-(aq)": {"S": 1, "O": 4},
    # isotopes of hydrogen
    "D2O": {"H": 2, "O": 1},
    "LiT": {"Li": 1, "H": 1},
    "HDO": {"H": 2, "O": 1},
}

# formula: (character where reading stops, words of the explanation)
REFUSED = {
    "NaXx2": (3, "'Xx' is not an element"),
    "Ln2O3": (1, "'Ln' is not an element"),
    "NACL": (2, "did you mean NaCl?"),
    "fe2o3": (1, "did you mean Fe2O3?"),
    "LIFEPO4": (1, "did you mean LiFePO4?"),
    "Nacl": (3, "did you mean NaCl?"),
    "C o": (3, "capital letter"),
    "La1-xSrxMnO3": (4, "'1-x' is a variable amount"),
    "YBa2Cu3O7-δ": (10, "'7-δ' is a variable amount"),
    "FeOx": (4, "'x' is a variable amount"),
    "TiO2·nH2O": (6, "'n' is a variable amount"),
    "YBa2Cu3O7-0.1": (10, "a difference as one number"),
    "Al2O3.2SiO2": (6, "may be a decimal point (O3.2) or join two formulas"),
    "BaO.6Fe2O3": (4, "may be a decimal point (O.6) or join two formulas"),
    "SO42-": (3, "Write SO4^2- or SO42^-"),
    "SO₄5H₂O": (4, "Write '·' between joined formulas"),
    "CaO 2H2O": (5, "unclear what it counts"),
    "NaCl+KCl": (5, "can only be a charge at the end"),
    "Al-Si": (3, "can only be a charge at the end"),
    "α-Al2O3": (1, "leave out the label 'α-'"),
    "(Mg,Fe)SiO3": (4, "(Mg0.5Fe0.5)SiO3"),
    "Fe2O3,5": (6, "decimals with a point"),
    "(FeO": (5, "to close the '(' at character 1, but the formula ends"),
    "Na(Cl]2": (6, "expected ')' to close the '(' at character 3, but found ']'"),
    "FeO)2": (4, "closes no bracket"),
    "Fe()2": (4, "with nothing in it"),
    "CuSO4·": (7, "the formula ends"),
    "CuSO4··H2O": (7, "expected an element"),
    "Fe1/0O": (3, "divides by zero"),
    "Fe1.2.3.4O": (3, "is not a number"),
    "Fe^O": (3, "expected a charge after '^'"),
    "СuO": (1, "CYRILLIC CAPITAL LETTER ES"),
    "Al2O3:Cr": (6, "found ':'"),
    "1½H2O": (2, "1.5 for 1½"),
    "Cu½8": (4, "a number of full size stands right beside a fraction"),
    "Fe0O0.0": (1, "every amount is zero"),
    "H" + "9" * 400: (1, "too large"),
    "(" * 60 + "H" + ")" * 60: (51, "nested deeper than 50"),
}


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_formula_is_understood(text):
    assert parse_formula(text) == pytest.approx(UNDERSTOOD[text], rel=1e-12)


@pytest.mark.parametrize("text", REFUSED)
def test_refusal_says_where_and_why(text):
    position, words = REFUSED[text]
    with pytest.raises(FormulaError) as refusal:
        parse_formula(text)
    message, shown, caret = str(refusal.value).split("\n")
    assert f"at character {position}: " in message
    assert words in message
    if len(text) <= 60:
        assert shown == "    " + text
        assert caret == " " * (4 + position - 1) + "^"


def test_caret_stays_under_its_character_in_a_shortened_formula():
    text = "Fe2O3" * 40 + "?" + "SiO2" * 40
    with pytest.raises(FormulaError) as refusal:
        parse_formula(text)
    _, shown, caret = str(refusal.value).split("\n")
    assert len(shown) < 80
    assert shown[caret.index("^")] == "?"


@pytest.mark.parametrize("value", [None, np.nan, np.float32("nan"), pd.NA, pd.NaT])
def test_missing_value_is_called_missing(value):
    with pytest.raises(FormulaError, match=r"Expected a formula .* found a missing value"):
        parse_formula(value)


@pytest.mark.parametrize("value", [3.5, b"Fe2O3", ["Fe"], np.array([1.0, 2.0])])
def test_what_is_not_text_is_refused(value):
    with pytest.raises(FormulaError, match=r"Expected a formula as text, .* but found"):
        parse_formula(value)


@pytest.mark.parametrize("text", ["", "   ", "\t\n"])
def test_empty_text_is_refused(text):
    with pytest.raises(FormulaError, match="found an empty text"):
        parse_formula(text)


def test_long_text_is_refused_quickly():
    with pytest.raises(FormulaError, match="a text of 100001 characters"):
        parse_formula("Fe2" * 33333 + "!!")


@pytest.mark.parametrize("symbol", ELEMENT_SYMBOLS)
def test_every_element_is_known(symbol):
    assert parse_formula(symbol) == {symbol: 1.0}
    assert parse_carefully(f"[{symbol}]2") == {symbol: 2.0}


def test_elements_keep_the_order_of_the_formula():
    assert list(parse_formula("LiFePO4")) == ["Li", "Fe", "P", "O"]
    assert list(parse_formula("K3[Fe(CN)6]")) == ["K", "Fe", "C", "N"]


symbols = st.sampled_from([*ELEMENT_SYMBOLS, "D", "T"])
numbers = st.one_of(
    st.just(""),
    st.integers(1, 40).map(str),
    st.integers(1, 999).map(lambda k: f"{k / 100:.2f}"),
    st.sampled_from(["0", "0.0", "12.5", "3.20", "1000000000"]),
)
units = st.builds("{}{}".format, symbols, numbers)
runs = st.lists(units, min_size=1, max_size=5).map("".join)
brackets = st.builds("({}){}".format, runs, numbers)
plain_formulas = st.lists(st.one_of(runs, brackets), min_size=1, max_size=4).map("".join)


@settings(deadline=None, max_examples=500)
@given(plain_formulas)
@example("Fe(III)Cl3")
@example("CuSO4.5H2O")
@example("Al2O3.2SiO2")
def test_quick_way_agrees_with_careful_parser(text):
    if read_plain(text) is not None:
        quick = parse_formula(text)
        careful = parse_carefully(text)
        assert list(quick) == list(careful)
        assert quick == pytest.approx(careful, rel=1e-12)


def test_quick_way_is_taken_by_common_formulas():
    common = ["LiFePO4", "Fe0.95O", "Ca(OH)2", "Cr(AgO2)2", "Li1.2Mn0.54Ni0.13Co0.13O2"]
    assert all(read_plain(text) is not None for text in common)


compositions = st.dictionaries(
    st.sampled_from(ELEMENT_SYMBOLS),
    st.one_of(st.integers(1, 1000).map(float), st.floats(0.001, 100.0).map(lambda x: round(x, 4))),
    min_size=1,
    max_size=6,
)


@settings(deadline=None)
@given(compositions)
def test_written_composition_is_read_back(amounts):
    # In brackets, so that no dot can be taken for a join.
    text = "".join(f"({symbol}){amount:.4f}" for symbol, amount in amounts.items())
    assert parse_formula(text) == pytest.approx(amounts, rel=1e-12)


@settings(deadline=None)
@given(compositions, st.integers(1, 12))
def test_bracket_and_leading_multiplier_scale_alike(amounts, factor):
    text = "".join(f"({symbol}){amount:.4f}" for symbol, amount in amounts.items())
    expected = {symbol: factor * amount for symbol, amount in amounts.items()}
    assert parse_formula(f"[{text}]{factor}") == pytest.approx(expected, rel=1e-12)
    assert parse_formula(f"{factor}{text}") == pytest.approx(expected, rel=1e-12)


pieces = [*"HOFeCuSxyn0123456789.·*()[]{}+-^/_,$ ½₂²⁻", "<sub>", "</sub>", "<sup>", "H2O", "(III)"]
formula_like = st.lists(st.sampled_from(pieces), max_size=20).map("".join)


@settings(deadline=None, max_examples=1000)
@given(st.one_of(st.text(), formula_like))
@example("^")
@example(".")
@example("(+)")
@example("_{}")
@example("_{/}2")
@example("²")
@example("Fe<sup>")
@example("Fe/2")
def test_any_text_is_read_or_refused_in_words(text):
    try:
        amounts = parse_formula(text)
    except FormulaError:
        return
    assert amounts
    assert set(amounts) <= set(ELEMENT_SYMBOLS)
    assert all(0.0 < amount < np.inf for amount in amounts.values())
