import gzip
import importlib.metadata
import importlib.util
import json
import shutil
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hokan.datasets import formation_enthalpies, load_formation_enthalpies, load_inorganics
from hokan.datasets.formation_enthalpies import EXPERIMENT, EXPERIMENT_ERROR, GGA
from hokan.descriptors.formula import parse_formula
from hokan.errors import HokanError, MissingExtraError
from hokan.table import PropertyTable

EV = 96.48533212  # kJ/mol


@pytest.fixture(scope="module")
def frame():
    return load_formation_enthalpies()


@pytest.fixture(scope="module")
def by_formula(frame):
    return frame.set_index("formula")


def fractions(formula):
    amounts = parse_formula(formula)
    total = sum(amounts.values())
    return tuple(sorted((symbol, round(n / total, 6)) for symbol, n in amounts.items()))


def test_columns_and_how_much_is_known(frame):
    assert list(frame.columns) == ["formula", GGA, EXPERIMENT, EXPERIMENT_ERROR, "run_type"]
    assert isinstance(frame.index, pd.RangeIndex)
    assert (frame[[GGA, EXPERIMENT, EXPERIMENT_ERROR]].dtypes == np.float64).all()
    assert frame.notna().sum().to_dict() == {
        "formula": 2134,
        GGA: 334,
        EXPERIMENT: 2134,
        EXPERIMENT_ERROR: 1828,
        "run_type": 334,
    }
    assert frame["run_type"].value_counts().to_dict() == {"GGA": 221, "GGA+U": 113}
    assert (frame["run_type"].notna() == frame[GGA].notna()).all()


def test_the_error_column_is_read_as_measurement_error(frame):
    table = PropertyTable.from_frame(frame)
    assert table.property_names == (GGA, EXPERIMENT)
    known = frame[EXPERIMENT_ERROR].to_numpy()
    expected = np.column_stack([np.zeros(len(frame)), np.nan_to_num(known)])
    np.testing.assert_array_equal(table.measurement_error, expected)


def test_compositions_are_compounds_and_do_not_repeat(frame):
    compositions = [fractions(formula) for formula in frame["formula"]]
    assert len(set(compositions)) == len(compositions)
    assert all(len(composition) > 1 for composition in compositions)


@pytest.mark.parametrize(
    ("formula", "kJ_per_mole_of_formula_units", "atoms"),
    [
        ("Al2O3", -1675.7, 5),  # CODATA key values
        ("MgO", -601.6, 2),  # CODATA key values
        ("NaCl", -411.2, 2),
        ("Fe2O3", -825.5, 5),
        ("KCl", -436.5, 2),
    ],
)
def test_known_experiments(by_formula, formula, kJ_per_mole_of_formula_units, atoms):
    expected = kJ_per_mole_of_formula_units / EV / atoms
    assert by_formula.at[formula, EXPERIMENT] == pytest.approx(expected, abs=0.02)


def test_uncertainties_are_positive_and_missing_ones_are_holes(by_formula):
    errors = by_formula[EXPERIMENT_ERROR]
    assert errors.dropna().between(1e-5, 0.25).all()
    assert 0.01 < errors.median() < 0.03
    assert np.isnan(errors["AlN"])  # the source says that none is known
    assert np.isnan(errors["CaCl2O"])  # the source has 0


def test_gga_energies_are_energies_minus_those_of_the_elements(by_formula):
    # Worked by hand from the source's total energies (eV per cell) for one compound.
    path = formation_enthalpies._find_folder() / "calc_compounds.json.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        entries = json.load(file)
    magnesia, magnesium, oxygen = entries["MgO"], entries["Mg"], entries["O2"]
    per_atom = (
        magnesia["energy"] / sum(magnesia["composition"].values())
        - 0.5 * magnesium["energy"] / sum(magnesium["composition"].values())
        - 0.5 * oxygen["energy"] / sum(oxygen["composition"].values())
    )
    assert by_formula.at["MgO", GGA] == pytest.approx(per_atom)
    assert by_formula.at["MgO", GGA] == pytest.approx(-2.71, abs=0.01)


def test_all_energies_are_uncorrected():
    path = formation_enthalpies._find_folder() / "calc_compounds.json.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        entries = json.load(file)
    assert len(entries) == 423
    for entry in entries.values():
        assert entry["correction"] == 0
        assert not any(adjustment["value"] for adjustment in entry["energy_adjustments"])
        if len(entry["composition"]) == 1:
            assert entry["parameters"]["run_type"] == "GGA"


def test_raw_gga_underestimates_how_strongly_oxides_are_bound(frame):
    # Wang, Maxisch and Ceder, Phys. Rev. B 73, 195107 (2006): 1.36 eV per O2, which is about
    # 0.3 to 0.4 eV per atom of an oxide of a simple metal.
    oxide = frame["formula"].map(lambda formula: "O" in parse_formula(formula))
    plain = frame[(frame["run_type"] == "GGA") & oxide]
    offset = plain[GGA] - plain[EXPERIMENT]
    assert len(plain) > 100
    assert (offset > 0).all()
    assert 0.2 < offset.mean() < 0.4
    assert plain[GGA].corr(plain[EXPERIMENT]) > 0.98


def test_hubbard_u_is_used_for_transition_metals_with_oxygen_or_fluorine_only(frame):
    with_u = frame[frame["run_type"] == "GGA+U"]
    for formula in with_u["formula"]:
        elements = set(parse_formula(formula))
        assert elements & {"V", "Cr", "Mn", "Fe", "Co", "Ni", "Mo", "W"}, formula
        assert elements & {"O", "F"}, formula
    # Against elements without U they lie farther from experiment than plain GGA.
    offset = (frame[GGA] - frame[EXPERIMENT]).groupby(frame["run_type"]).mean()
    assert offset["GGA+U"] > offset["GGA"] + 0.5


def test_experiments_agree_with_the_handbook(frame):
    # Two compilations, made independently: this one and the CRC Handbook.
    handbook = load_inorganics().dropna(subset=["formation_enthalpy_eV_atom"])
    values = {fractions(f): v for f, v in zip(frame["formula"], frame[EXPERIMENT], strict=True)}
    differences = np.array(
        [
            value - values[fractions(formula)]
            for formula, value in zip(
                handbook["formula"], handbook["formation_enthalpy_eV_atom"], strict=True
            )
            if fractions(formula) in values
        ]
    )
    assert len(differences) > 280
    assert np.median(np.abs(differences)) < 0.005
    assert np.abs(differences).max() < 0.26


def test_the_known_fault_is_left_out(by_formula):
    assert set(formation_enthalpies.EXCLUDED) == {"InBr"}
    assert "InBr" not in by_formula.index
    assert "InI" in by_formula.index


def test_the_caller_owns_what_is_returned():
    frame = load_formation_enthalpies()
    expected = frame.copy()
    frame.loc[:, EXPERIMENT] = 0.0
    pd.testing.assert_frame_equal(load_formation_enthalpies(), expected)


@pytest.fixture
def nothing_loaded():
    formation_enthalpies._load.cache_clear()
    yield
    formation_enthalpies._load.cache_clear()


def pretend_pymatgen_lies_in(folder: Path, monkeypatch):
    spec = ModuleSpec("pymatgen", None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)


@pytest.mark.usefixtures("nothing_loaded")
def test_older_releases_keep_the_files_elsewhere(tmp_path, monkeypatch):
    expected = load_formation_enthalpies()
    formation_enthalpies._load.cache_clear()
    shutil.copytree(
        formation_enthalpies._find_folder(),
        tmp_path / "entries",
        ignore=lambda folder, names: [name for name in names if not name.endswith(".json.gz")],
    )
    pretend_pymatgen_lies_in(tmp_path, monkeypatch)
    pd.testing.assert_frame_equal(load_formation_enthalpies(), expected)


@pytest.mark.usefixtures("nothing_loaded")
def test_a_version_without_the_files_is_named_with_those_that_have_them(tmp_path, monkeypatch):
    pretend_pymatgen_lies_in(tmp_path, monkeypatch)
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1999.1.1")
    with pytest.raises(HokanError, match=r"\(1999\.1\.1\) .* Versions 2024\.8\.9 to 2026\.10\.24"):
        load_formation_enthalpies()


@pytest.mark.usefixtures("nothing_loaded")
def test_without_the_package_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pymatgen", None)
    with pytest.raises(MissingExtraError, match=r"pip install \"hokan\[datasets\]\""):
        load_formation_enthalpies()
