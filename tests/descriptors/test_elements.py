"""The table of elements: complete, told where it is not, and the same as its source."""

from __future__ import annotations

import csv
from importlib.resources import files

import numpy as np
import pytest

from hokan.descriptors import (
    ELEMENT_SYMBOLS,
    ELEMENTAL_PROPERTIES,
    atomic_weights,
    elemental_properties,
    unknown_elemental_properties,
)
from hokan.errors import FormulaError


def value(symbol, name):
    row, column = ELEMENT_SYMBOLS.index(symbol), ELEMENTAL_PROPERTIES.index(name)
    return elemental_properties()[row, column]


def test_elements_stand_at_their_atomic_number():
    assert len(set(ELEMENT_SYMBOLS)) == 118
    for symbol, number in {"H": 1, "Fe": 26, "La": 57, "Hf": 72, "Lr": 103, "Og": 118}.items():
        assert ELEMENT_SYMBOLS[number - 1] == symbol
    np.testing.assert_array_equal(elemental_properties()[:112, 0], np.arange(1, 113))


def test_known_values():
    assert value("Fe", "MeltingT") == 1811.0
    assert value("O", "Electronegativity") == 3.44
    assert value("Si", "NpValence") == 2.0


def test_table_has_no_holes_and_cannot_be_changed():
    table = elemental_properties()
    assert table.shape == (118, 22)
    assert np.isfinite(table).all()
    with pytest.raises(ValueError, match="read-only"):
        table[0, 0] = 2.0


def test_unknown_property_is_told_and_filled_with_the_mean_of_the_known():
    assert unknown_elemental_properties("Fe") == ()
    assert unknown_elemental_properties("He") == ("MeltingT", "Electronegativity")
    assert unknown_elemental_properties("D") == unknown_elemental_properties("H")
    assert unknown_elemental_properties("Og") == ELEMENTAL_PROPERTIES
    known = [s for s in ELEMENT_SYMBOLS if "MeltingT" not in unknown_elemental_properties(s)]
    mean = np.mean([value(symbol, "MeltingT") for symbol in known])
    assert value("He", "MeltingT") == pytest.approx(mean, rel=1e-12)


def test_unknown_element_is_refused():
    with pytest.raises(FormulaError, match="'FE' is not an element symbol"):
        unknown_elemental_properties("FE")


def test_every_element_has_an_atomic_weight():
    weights = atomic_weights()
    assert weights[ELEMENT_SYMBOLS.index("Cl")] == pytest.approx(35.45, abs=0.01)
    assert weights[ELEMENT_SYMBOLS.index("Og")] == 294.0
    # Heavier with atomic number but for a handful of known inversions (Ar/K, Co/Ni, Te/I, ...).
    assert np.mean(np.diff(weights) > 0) > 0.9


def test_data_file_states_its_source_and_carries_its_licence():
    folder = files("hokan.descriptors")
    table = folder.joinpath("elements.csv").read_text(encoding="utf-8")
    assert "Ward et al., npj Comput. Mater. 2, 16028 (2016)" in table
    rows = list(csv.reader(line for line in table.splitlines() if not line.startswith("#")))
    assert len(rows) == 119
    licence = folder.joinpath("elements_LICENSE.txt").read_text(encoding="utf-8")
    assert "Redistribution and use in source and binary forms" in licence
