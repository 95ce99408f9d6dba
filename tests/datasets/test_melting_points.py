"""Melting points joined with an elastic table, and the columns that are worked out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hokan.datasets import load_inorganics
from hokan.datasets.melting_points import (
    ATOMISATION,
    MOLAR_MASS,
    atom_formation_enthalpies,
    atomisation_enthalpy,
    load_melting_points,
)
from hokan.errors import FormulaError, TableError

KJ_MOL = 96.48533212  # in one eV per particle
#: Heats of formation of gaseous atoms at 298.15 K in kJ/mol: M. W. Chase, NIST-JANAF
#: Thermochemical Tables, 4th ed. (1998).
JANAF = {
    "H": 218.0,
    "C": 716.7,
    "N": 472.7,
    "O": 249.2,
    "F": 79.4,
    "Cl": 121.3,
    "Br": 111.9,
    "I": 106.8,
    "Na": 107.3,
    "W": 851.0,
    "Fe": 415.5,
}
ELASTIC = pd.DataFrame(
    {
        "formula": ["NaCl", "MgO", "Na2Cl2", "", "XeW7"],
        "debye_temperature_K": [320.0, 940.0, 300.0, 100.0, 50.0],
        "shear_modulus_GPa": [15.0, None, 17.0, 1.0, 2.0],
        "remark": ["a", "b", "c", "d", "e"],
    }
)


def by_name(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[frame["name"] == name].iloc[0]


def test_it_is_the_table_of_inorganics_with_further_columns() -> None:
    frame = load_melting_points()
    pd.testing.assert_frame_equal(frame.drop(columns=[MOLAR_MASS, ATOMISATION]), load_inorganics())
    assert frame[MOLAR_MASS].notna().all()
    assert by_name(frame, "Sodium chloride")[MOLAR_MASS] == pytest.approx(58.443 / 2, abs=0.01)


class TestEnthalpyOfAtomisation:
    @pytest.mark.parametrize(("symbol", "expected"), JANAF.items())
    def test_atoms_agree_with_another_compilation(self, symbol: str, expected: float) -> None:
        assert atom_formation_enthalpies()[symbol] * KJ_MOL == pytest.approx(expected, abs=2.0)

    def test_sodium_chloride_by_hand(self) -> None:
        # Na 107.5 and Cl 121.3 from the elements, the salt -411.2 kJ/mol, two atoms.
        found = by_name(load_melting_points(), "Sodium chloride")[ATOMISATION]
        assert found * KJ_MOL == pytest.approx((107.5 + 121.3 + 411.2) / 2, abs=0.2)

    # C. Kittel, Introduction to Solid State Physics, 8th ed., chapter 3, table 1, eV/atom, at 0 K.
    @pytest.mark.parametrize(
        ("name", "kittel"),
        [("Tungsten", 8.90), ("Copper", 3.49), ("Aluminum", 3.39), ("Potassium", 0.934)],
    )
    def test_that_of_an_element_is_its_cohesive_energy(self, name: str, kittel: float) -> None:
        found = by_name(load_melting_points(), name)[ATOMISATION]
        assert found == pytest.approx(kittel, abs=0.12)

    def test_it_is_positive_and_a_hole_where_something_is_not_known(self) -> None:
        frame = load_melting_points()
        known = frame[ATOMISATION].notna()
        assert known.sum() > 600
        assert (frame.loc[known, ATOMISATION] > 0.5).all()
        assert frame.loc[known, "formation_enthalpy_eV_atom"].notna().all()
        # No heat of formation of the gaseous atom is in the source for tin.
        assert "Sn" not in atom_formation_enthalpies()
        assert np.isnan(atomisation_enthalpy(["SnO2"], np.array([-2.0]))).all()


class TestTheJoin:
    def test_is_by_composition_and_takes_medians(self) -> None:
        frame = load_melting_points(ELASTIC)
        salt = by_name(frame, "Sodium chloride")
        assert salt["debye_temperature_K"] == 310.0
        assert salt["shear_modulus_GPa"] == 16.0
        oxide = by_name(frame, "Magnesium oxide")
        assert oxide["debye_temperature_K"] == 940.0
        assert np.isnan(oxide["shear_modulus_GPa"])
        assert frame["debye_temperature_K"].notna().sum() == 2
        assert "remark" not in frame

    def test_tells_what_it_did(self) -> None:
        _, report = load_melting_points(ELASTIC, return_report=True, source="mine.csv")
        assert report is not None
        assert (report.rows, report.compositions, report.rows_met) == (5, 3, 2)
        assert report.rows_without_formula == (4,)
        told = str(report)
        assert told.startswith("mine.csv: shear_modulus_GPa, debye_temperature_K of 3 compositions")
        assert "want of a formula: row 4." in told
        assert "Not used: remark" in told

    def test_texts_as_from_a_file_do_as_well(self) -> None:
        texts = ELASTIC.astype(object).where(ELASTIC.notna(), "").astype(str)
        pd.testing.assert_frame_equal(load_melting_points(texts), load_melting_points(ELASTIC))

    def test_limits_are_counted_and_do_not_enter(self) -> None:
        texts = pd.DataFrame(
            {"formula": ["NaCl", "NaCl", "MgO"], "bulk_modulus_GPa": ["24", "> 90", "160"]}
        )
        frame, report = load_melting_points(texts, return_report=True)
        assert by_name(frame, "Sodium chloride")["bulk_modulus_GPa"] == 24.0
        assert report is not None
        assert report.limits_not_used == 1
        assert "Limits, which do not enter: 1" in str(report)

    def test_the_given_table_is_left_as_it_is(self) -> None:
        before = ELASTIC.copy()
        load_melting_points(ELASTIC)
        pd.testing.assert_frame_equal(ELASTIC, before)

    def test_another_column_of_formulas_is_named(self) -> None:
        other = ELASTIC.rename(columns={"formula": "salt"})
        frame = load_melting_points(other, composition="salt")
        assert by_name(frame, "Sodium chloride")["debye_temperature_K"] == 310.0
        with pytest.raises(TableError, match="no column of formulas"):
            load_melting_points(other.drop(columns=["salt", "remark"]))

    def test_a_table_with_nothing_to_take_is_refused_with_names_that_are_near(self) -> None:
        other = ELASTIC.rename(columns={"debye_temperature_K": "debye_temperature"})
        with pytest.raises(TableError, match="'debye_temperature' looks like 'debye_temperature_K"):
            load_melting_points(other.drop(columns="shear_modulus_GPa"))

    @pytest.mark.parametrize(
        ("column", "cell", "kind", "told"),
        [
            ("formula", "NaClx", FormulaError, r"mine\.csv, row 2: "),
            ("debye_temperature_K", 0.0, TableError, r"row 2: 'debye_temperature_K' is 0"),
            ("debye_temperature_K", "hot", TableError, r"mine\.csv.*row 2"),
        ],
    )
    def test_bad_cells_are_refused_with_their_row(
        self, column: str, cell: object, kind: type[Exception], told: str
    ) -> None:
        frame = ELASTIC.astype({column: object})
        frame.loc[1, column] = cell  # type: ignore[call-overload]
        with pytest.raises(kind, match=told):
            load_melting_points(frame, source="mine.csv")
