import subprocess
import sys
from importlib.metadata import version

import numpy as np
import pandas as pd
import pytest

from hokan.datasets import inorganics, load_inorganics
from hokan.datasets.inorganics_faults import (
    BOILING_POINT,
    DENSITY,
    ENTROPY,
    FORMATION_ENTHALPY,
    HEAT_CAPACITY,
    HEAT_OF_FUSION,
    MELTING_POINT,
    MOLAR_VOLUME,
    NO_RELIABLE_FORMULA,
    VALUE_FAULTS,
)
from hokan.descriptors.elements import ELEMENT_INDEX, atomic_weights
from hokan.descriptors.formula import parse_formula
from hokan.errors import HokanError, MissingExtraError
from hokan.table import PropertyTable

PROPERTIES = list(inorganics.PROPERTIES)


@pytest.fixture(scope="module")
def frame():
    return load_inorganics()


@pytest.fixture(scope="module")
def by_cas(frame):
    return frame.set_index("cas")


@pytest.fixture(scope="module")
def report():
    return load_inorganics(return_report=True)[1]


@pytest.fixture(scope="module")
def source():
    from chemicals import heat_capacity, miscdata, phase_change, volume

    volumes = pd.concat(
        [volume.rho_data_CRC_inorg_s_const["Vm"], volume.rho_data_CRC_inorg_l_const["Vm"]]
    )
    return (
        miscdata.CRC_inorganic_data.join(phase_change.Hfus_data_CRC[["Formula", "Hfus"]])
        .join(heat_capacity.CRC_standard_data[["Hfs", "S0s", "Cps"]])
        .join(volumes)
    )


@pytest.fixture(scope="module")
def formulas():
    return inorganics._read_checked_formulas()


def atoms_in(formula):
    return sum(parse_formula(formula).values())


# The table


def test_columns_and_how_much_is_known(frame):
    assert list(frame.columns) == ["formula", "name", "cas", *PROPERTIES]
    assert isinstance(frame.index, pd.RangeIndex)
    assert (frame[PROPERTIES].dtypes == np.float64).all()
    assert len(frame) == 2391
    assert frame[PROPERTIES].notna().sum().to_dict() == {
        MELTING_POINT: 1508,
        BOILING_POINT: 554,
        DENSITY: 1948,
        MOLAR_VOLUME: 1948,
        HEAT_OF_FUSION: 580,
        FORMATION_ENTHALPY: 662,
        ENTROPY: 481,
        HEAT_CAPACITY: 408,
    }


def test_units_are_read_from_the_names(frame):
    table = PropertyTable.from_frame(frame)
    assert table.composition_column == "formula"
    assert table.units == {
        MELTING_POINT: "K",
        BOILING_POINT: "K",
        DENSITY: "g/cm^3",
        MOLAR_VOLUME: "cm^3/mol",
        HEAT_OF_FUSION: "kJ/mol",
        FORMATION_ENTHALPY: "eV/atom",
        ENTROPY: "J/(mol K)",
        HEAT_CAPACITY: "J/(mol K)",
    }


def test_every_row_is_one_compound_with_some_property_known(frame):
    assert frame["cas"].is_unique
    assert frame[["formula", "name", "cas"]].notna().all(axis=None)
    assert frame[PROPERTIES].notna().any(axis=1).all()


def test_cas_numbers_have_the_right_check_digit(frame):
    for cas in frame["cas"]:
        *digits, check = [int(digit) for digit in cas.replace("-", "")]
        assert sum(place * d for place, d in enumerate(reversed(digits), 1)) % 10 == check, cas


@pytest.mark.parametrize(
    ("cas", "column", "expected"),
    [
        ("7647-14-5", MELTING_POINT, 1073.9),  # NaCl, 800.7 °C
        ("7440-33-7", MELTING_POINT, 3687),  # W, 3414 °C
        ("7440-57-5", MELTING_POINT, 1337.33),  # Au, a fixed point of ITS-90
        ("7732-18-5", BOILING_POINT, 373.12),  # water
        ("1344-28-1", MELTING_POINT, 2327),  # corundum, 2054 °C
        ("12070-08-5", MELTING_POINT, 3340),  # TiC, formula not in the identifier tables
        ("7647-14-5", DENSITY, 2.17),
        ("7440-50-8", DENSITY, 8.96),
        ("7440-50-8", MOLAR_VOLUME, 7.09),  # 63.546 g/mol over 8.96 g/cm3
        ("1309-48-4", MOLAR_VOLUME, 5.6),  # MgO: 11.2 cm3 per mole of formula units
        ("7440-50-8", HEAT_OF_FUSION, 13.26),
        ("7647-14-5", HEAT_OF_FUSION, 14.08),  # 28.16 kJ per mole of formula units
        ("1344-28-1", FORMATION_ENTHALPY, -1675.7 / 5 / 96.485),  # CODATA key values
        ("14808-60-7", FORMATION_ENTHALPY, -910.7 / 3 / 96.485),  # CODATA key values
        ("12137-20-1", FORMATION_ENTHALPY, -519.7 / 2 / 96.485),  # TiO, and not Ti3O5
        ("12065-65-5", FORMATION_ENTHALPY, -2459.4 / 8 / 96.485),  # Ti3O5
        ("7647-14-5", ENTROPY, 72.1 / 2),
        ("7440-57-5", HEAT_CAPACITY, 25.4),
    ],
)
def test_known_values(by_cas, cas, column, expected):
    assert by_cas.at[cas, column] == pytest.approx(expected, rel=2e-3)


def test_heavy_water_has_its_own_mass(by_cas):
    # Per mole of atoms it takes about the volume of water, though it is a tenth denser.
    assert by_cas.at["7789-20-0", "formula"] == "D2O"
    assert by_cas.at["7789-20-0", MOLAR_VOLUME] == pytest.approx(6.044, abs=0.01)
    assert by_cas.at["7732-18-5", MOLAR_VOLUME] == pytest.approx(6.023, abs=0.01)


def test_polymorphs_are_separate_rows(frame):
    silica = frame[[parse_formula(f) == {"Si": 1, "O": 2} for f in frame["formula"]]]
    assert len(silica) == 4
    assert silica["name"].str.contains("cristobalite").sum() == 1


# Physics


def test_melting_comes_before_boiling(frame):
    both = frame.dropna(subset=[MELTING_POINT, BOILING_POINT])
    assert len(both) > 450
    assert (both[MELTING_POINT] < both[BOILING_POINT]).all()


@pytest.mark.parametrize(
    ("column", "lowest", "highest"),
    [
        (MELTING_POINT, 10, 4300),  # hydrogen; tantalum and hafnium carbide
        (BOILING_POINT, 4, 6000),  # helium; tungsten, rhenium
        (DENSITY, 0.5, 22.7),  # lithium; osmium
        (MOLAR_VOLUME, 3.4, 71),  # diamond; cesium
        (HEAT_OF_FUSION, 0.05, 120),  # hydrogen; graphite
        (FORMATION_ENTHALPY, -4.7, 0.6),  # rare-earth fluorides; cyanogen iodide
        (ENTROPY, 2.3, 96),  # diamond; francium
        (HEAT_CAPACITY, 6, 38),  # diamond; gadolinium near its Curie point
    ],
)
def test_values_lie_where_substances_do(frame, column, lowest, highest):
    known = frame[column].dropna()
    assert len(known) > 400
    assert known.between(lowest, highest).all()


def test_entropies_of_fusion_are_those_of_melting(frame):
    known = frame.dropna(subset=[MELTING_POINT, HEAT_OF_FUSION])
    in_gas_constants = 1000 * known[HEAT_OF_FUSION] / known[MELTING_POINT] / 8.314
    assert len(known) > 550
    # Plastic crystals below, semiconductors that melt to metals above.
    assert in_gas_constants.between(0.08, 4).all()
    assert 0.9 < in_gas_constants.median() < 1.3


def test_elements_have_no_formation_enthalpy(frame):
    element = [len(parse_formula(formula)) == 1 for formula in frame["formula"]]
    enthalpies = frame.loc[element, FORMATION_ENTHALPY].dropna()
    assert len(enthalpies) > 70
    # Other forms than the reference, such as diamond, are a few hundredths of an eV higher.
    assert (enthalpies == 0).sum() > 0.9 * len(enthalpies)
    assert enthalpies.between(0, 0.05).all()


def test_molar_volume_is_molar_mass_over_density(frame):
    weights = atomic_weights()
    ordinary = frame[~frame["formula"].str.contains("[DT](?![a-z])")].dropna(subset=[DENSITY])
    assert len(ordinary) > 1900
    for row in ordinary.itertuples():
        amounts = parse_formula(row.formula)
        mass = sum(weights[ELEMENT_INDEX[symbol]] * n for symbol, n in amounts.items())
        volume = row.molar_volume_per_atom_cm3_mol * sum(amounts.values())
        assert volume * row.density_g_cm3 == pytest.approx(mass)


def test_no_density_is_that_of_a_gas(by_cas, source):
    assert by_cas[DENSITY].min() > 0.5
    assert source.at["7440-37-1", "rho"] == pytest.approx(1.633)  # argon, kg/m3
    assert np.isnan(by_cas.at["7440-37-1", DENSITY])


# Formulas


def test_formulas_agree_with_the_molar_masses_of_the_handbook(source, formulas):
    # Density times molar volume of the same record gives the molar mass the handbook's authors
    # had in mind: a witness that the identifier tables, where formulas come from, never saw.
    by_mass = [cas for cas, row in formulas.items() if row["checked_by"] == "mass"]
    assert len(by_mass) > 1950
    for cas in by_mass:
        handbook = 1000 * source.at[cas, "rho"] * source.at[cas, "Vm"]
        mass = inorganics._molar_mass(formulas[cas]["formula"])
        assert mass == pytest.approx(handbook, abs=0.51), formulas[cas]


def test_formulas_agree_with_those_beside_heats_of_fusion(source, formulas):
    compared = 0
    for cas, formula in source["Formula"].dropna().items():
        if cas == "12003-63-3":  # potassium aluminate: heat of fusion of the anhydrous salt
            continue
        compared += 1
        assert parse_formula(formulas[cas]["formula"]) == parse_formula(formula), cas
    assert compared > 580


def test_formulas_are_compared_with_what_the_identifier_tables_have(formulas):
    if tuple(int(part) for part in version("chemicals").split(".")[:2]) < (1, 4):
        pytest.skip("the identifier tables of older versions have fewer and worse formulas")
    from chemicals import identifiers

    for cas, row in formulas.items():
        found = identifiers.pubchem_db.search_CAS(cas)
        expected = row["formula"] if row["in_identifiers"] == "same" else row["in_identifiers"]
        assert (found.formula if found else "") == expected, row


def test_formulas_without_a_reliable_source_are_not_guessed(formulas, report):
    left_out = report.changes[report.changes["column"] == ""].set_index("cas")["reason"]
    assert len(NO_RELIABLE_FORMULA) == 7
    for fault in NO_RELIABLE_FORMULA:
        assert fault.cas not in formulas
        assert left_out[fault.cas] == fault.reason


# Faults, and that nothing is silently dropped


def test_every_listed_fault_is_in_the_source_and_is_handled(by_cas, report):
    changed = report.changes.set_index(["cas", "column"])
    for fault in VALUE_FAULTS:
        logged = [column for column in fault.columns if (fault.cas, column) in changed.index]
        assert logged, f"{fault} changes nothing: take it out of the list"
        for column in fault.columns:
            value = by_cas[column].get(fault.cas, np.nan)
            if fault.replacement is None:
                assert np.isnan(value), fault
            else:
                assert value == fault.replacement, fault


def test_names_beside_faults_are_those_of_the_compounds(source):
    # Each listed fault is written "CAS number, name": a slip in a number must not go unseen.
    path = inorganics.importlib.resources.files("hokan.datasets") / "inorganics_faults.py"
    found = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        cas, comma, name = line.strip().strip('",').partition(", ")
        if comma and cas in source.index:
            found += 1
            metal = name.split()[0].split("(")[0].rstrip(":,").lower()
            assert metal in source.at[cas, "Chemical"].lower(), line
    assert found > 50


def test_every_value_of_the_source_is_in_the_table_or_in_the_report(source, by_cas, report):
    changes = report.changes.set_index(["cas", "column"])
    left_out = set(report.changes.loc[report.changes["column"] == "", "cas"])
    assert report.rows_in_source == len(source)
    assert report.rows == len(by_cas) == len(source) - len(left_out)
    scales = {
        "Tm": (MELTING_POINT, 1, False),
        "Tb": (BOILING_POINT, 1, False),
        "rho": (DENSITY, 1e-3, False),
        "Hfus": (HEAT_OF_FUSION, 1e-3, True),
        "Hfs": (FORMATION_ENTHALPY, 1 / 96485.332, True),
        "S0s": (ENTROPY, 1, True),
        "Cps": (HEAT_CAPACITY, 1, True),
    }
    kept = 0
    unreliable = {fault.cas for fault in NO_RELIABLE_FORMULA}
    for key, (column, scale, per_atom) in scales.items():
        for cas, value in source[key].dropna().items():
            if (cas, column) in changes.index or cas in unreliable:
                continue
            kept += 1
            divisor = atoms_in(by_cas.at[cas, "formula"]) if per_atom else 1
            assert by_cas.at[cas, column] == pytest.approx(value * scale / divisor), (cas, key)
    assert kept > 6000
    observed = by_cas[PROPERTIES].drop(columns=MOLAR_VOLUME).notna().sum().sum()
    assert kept == observed - 1  # trigermane's replaced density


def test_the_report_says_what_was_done(report):
    assert str(report) == (
        f"chemicals {version('chemicals')}: 2438 compounds, 47 left out, 2391 in the table. "
        "Formulas: 388 supplied, 305 corrected. "
        "Values taken out or replaced: 201, 121 of them densities of gases."
    )
    assert list(report.changes.columns) == ["cas", "name", "column", "before", "after", "reason"]
    assert (report.changes["reason"] != "").all()
    tin = report.changes.query("cas == '7790-47-8' and column == @MELTING_POINT")
    assert tin[["name", "before", "after"]].values.tolist() == [["Tin(IV) iodide", "675.15", ""]]


# Loading


def test_the_caller_owns_what_is_returned():
    frame, report = load_inorganics(return_report=True)
    expected = frame.copy()
    frame.loc[:, MELTING_POINT] = 0.0
    report.changes.drop(report.changes.index, inplace=True)
    again, report_again = load_inorganics(return_report=True)
    pd.testing.assert_frame_equal(again, expected)
    assert len(report_again.changes) > 900


@pytest.fixture
def nothing_loaded():
    inorganics._load.cache_clear()
    yield
    inorganics._load.cache_clear()


@pytest.mark.usefixtures("nothing_loaded")
def test_without_the_package_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "chemicals", None)
    with pytest.raises(MissingExtraError, match=r"pip install \"hokan\[datasets\]\""):
        load_inorganics()


@pytest.mark.usefixtures("nothing_loaded")
def test_a_version_without_the_table_is_named(monkeypatch):
    from chemicals import phase_change

    monkeypatch.setattr(phase_change, "Hfus_data_CRC", pd.DataFrame({"other": [1.0]}))
    with pytest.raises(HokanError, match=r"version of the package chemicals \(.*1\.2 to 1\.5"):
        load_inorganics()


@pytest.mark.usefixtures("nothing_loaded")
def test_compounds_new_in_the_source_are_left_out_and_reported(monkeypatch, source):
    from chemicals import miscdata

    new = pd.DataFrame(
        {"Chemical": ["Unobtainium"], "Tm": [9999.0]}, index=pd.Index(["99999-99-9"], name="CAS")
    )
    monkeypatch.setattr(
        miscdata, "CRC_inorganic_data", pd.concat([miscdata.CRC_inorganic_data, new])
    )
    frame, report = load_inorganics(return_report=True)
    assert len(frame) == 2391
    [reason] = report.changes.loc[report.changes["cas"] == "99999-99-9", "reason"]
    assert "no checked formula" in reason


def test_importing_datasets_loads_no_optional_package():
    code = (
        "import sys, hokan.datasets; "
        "print([p for p in ('chemicals', 'pymatgen', 'plotly') if p in sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "[]"
