"""Faults of the inorganics table's source, each with its reason; docs/data.md tells how found.

Wrong and missing formulas are in ``inorganics_formulas.csv``. Here are the compounds left out and
the values taken out or replaced. A value is listed only if it contradicts physics or another row
of the source, not merely because it looks unusual.
"""

from __future__ import annotations

from dataclasses import dataclass

MELTING_POINT = "melting_point_K"
BOILING_POINT = "boiling_point_K"
DENSITY = "density_g_cm3"
MOLAR_VOLUME = "molar_volume_per_atom_cm3_mol"
HEAT_OF_FUSION = "heat_of_fusion_per_atom_kJ_mol"
FORMATION_ENTHALPY = "formation_enthalpy_eV_atom"
ENTROPY = "entropy_per_atom_J_mol_K"
HEAT_CAPACITY = "heat_capacity_per_atom_J_mol_K"

_THERMODYNAMICS = (FORMATION_ENTHALPY, ENTROPY, HEAT_CAPACITY)

# In g/cm3; below this a "density" in the source is that of a gas. The lightest condensed substance
# in it is lithium (0.53), the heaviest gas is iodine heptafluoride (0.011).
GAS_DENSITY = 0.1


@dataclass(frozen=True)
class Fault:
    """Something wrong in the source.

    Attributes
    ----------
    cas : str
        CAS registry number of the compound.
    columns : tuple of str
        Columns of the inorganics table whose values are wrong; empty: the compound is left out.
    reason : str
        Why, in words.
    replacement : float or None
        What to put there, in the column's unit; None leaves a hole.
    """

    cas: str
    columns: tuple[str, ...]
    reason: str
    replacement: float | None = None


def _each(reason: str, columns: tuple[str, ...], *compounds: str) -> tuple[Fault, ...]:
    """One fault for several compounds, each written as "CAS number, name: details"."""
    faults = []
    for compound in compounds:
        cas, name = compound.split(", ", 1)
        _, colon, details = name.partition(": ")
        faults.append(Fault(cas, columns, f"{reason} ({details})" if colon else reason))
    return tuple(faults)


NO_RELIABLE_FORMULA = _each(
    "no reliable formula: the name leaves the amounts open, the source has no formula and no "
    "molar mass to check one against",
    (),
    "11121-16-7, aluminum borate",
    "12067-99-1, phosphotungstic acid: a hydrate",
    "14871-56-8, barium strontium tungstate",
    "15552-14-4, barium calcium tungstate",
    "37265-86-4, barium yttrium tungsten oxide",
    "75926-30-6, selenium sulfide [Se6S2]: the number is that of Se2S6",
    "134929-59-2, fullerene fluoride",
)

# The water of a hydrate takes 12 to 17 cm3/mol in most hydrates of the table. Where the density
# leaves it less than 8, near that of the anhydrous salt in the table, it is taken for the salt's.
# (Salts with an open framework of their own, such as AlPO4, can hold water in less: not listed.)
DENSITIES = (
    *_each(
        "density of the anhydrous salt: it leaves the water of the hydrate hardly any volume",
        (DENSITY,),
        "7784-13-6, aluminum chloride hexahydrate",
        "7787-33-9, barium iodide dihydrate",
        "10102-40-6, sodium molybdate dihydrate",
        "13450-87-8, gadolinium(III) sulfate octahydrate",
        "13455-21-5, potassium fluoride dihydrate",
        "13463-12-2, iron(II) bromide hexahydrate",
        "13477-99-1, nickel(II) iodate tetrahydrate",
        "13478-33-6, cobalt(II) perchlorate hexahydrate",
        "13759-92-7, europium(III) chloride hexahydrate",
        "13798-24-8, terbium(III) chloride hexahydrate",
        "22852-67-1, mercury(II) nitrate dihydrate",
        "23303-71-1, lithium bromide monohydrate",
        "61042-72-6, magnesium carbonate pentahydrate",
        "73796-25-5, strontium iodide hexahydrate",
    ),
    *_each(
        "density of the hydrate, whose record has the same one",
        (DENSITY,),
        "516-02-9, barium oxalate",
        "7558-79-4, sodium hydrogen phosphate",
        "7772-98-7, sodium thiosulfate",
    ),
    *_each(
        "density of a solution or a loose powder: far below that of its neighbours in chemistry",
        (DENSITY,),
        "1314-22-3, zinc peroxide",
        "3495-36-1, cesium formate",
        "10045-87-1, iron(III) sodium pyrophosphate",
        "11120-25-5, ammonium tungstate(VI)",
        "1311-93-9, ammonium tungstate(VI) pentahydrate",
        "12013-21-7, magnesium molybdate",
        "13453-71-9, lithium chlorate",
        "13780-03-5, calcium hydrogen sulfite: known in solution only",
        "14486-19-2, cadmium tetrafluoroborate",
        "16919-31-6, ammonium hexafluorozirconate(IV)",
        "1314-86-9, phosphorus(III) selenide",
    ),
    *_each(
        "impossible density: its atoms would have far less volume than in related compounds",
        (DENSITY,),
        "1302-42-7, sodium aluminate",
        "7784-48-7, nickel(II) arsenate octahydrate",
        "10025-71-5, tellurium dichloride",
        "12513-27-8, zinc borate hemiheptahydrate",
        "12536-65-1, zinc borate pentahydrate",
        "13465-59-3, scandium bromide",
        "13520-78-0, tungsten(VI) oxytetrachloride",
        "13845-17-5, barium dithionate dihydrate",
        "14024-18-1, iron(III) 2,4-pentanedioate",
    ),
    Fault(
        "14691-44-2",
        (DENSITY,),
        "trigermane: 1.15 contradicts the molar volume of the same record, which gives 2.20",
        2.20,
    ),
)

# One CAS number may stand for several forms, of which each table of the source names another.
OTHER_FORMS = (
    *_each(
        "value of another form of the substance than the one named",
        _THERMODYNAMICS,
        "1314-98-3, zinc sulfide: wurtzite named, sphalerite given",
        "1317-36-8, lead(II) oxide: massicot named, litharge given",
        "1344-48-5, mercury(II) sulfide: black named, red given",
        "7440-31-5, tin: white named, gray given",
        "7446-11-9, sulfur trioxide: gamma named, alpha given",
        "7704-34-9, sulfur: monoclinic named, rhombic given",
        "7774-29-0, mercury(II) iodide: yellow named, red given",
        "7778-39-4, arsenic acid: hemihydrate named, the anhydrous acid given",
        "13460-50-9, metaboric acid: gamma named, beta given",
    ),
    *_each(
        "value of another form of the substance than the one named",
        (HEAT_OF_FUSION,),
        "1327-53-3, arsenic(III) oxide: arsenolite named, claudetite given",
        "7723-14-0, phosphorus: white named, red given",
        "12003-63-3, potassium aluminate: trihydrate named, the anhydrous salt given",
    ),
)

TEMPERATURES = (
    *_each(
        "melting point of the salt left when the hydrate has lost its water",
        (MELTING_POINT,),
        "7789-56-2, cerium(III) bromide heptahydrate",
        "12513-27-8, zinc borate hemiheptahydrate",
        "13759-92-7, europium(III) chloride hexahydrate",
    ),
    *_each(
        "transition between two solid forms, not melting",
        (MELTING_POINT, HEAT_OF_FUSION),
        "7783-50-8, iron(III) fluoride",
        "13765-25-8, europium(III) fluoride",
    ),
    Fault(
        "7790-47-8",
        (MELTING_POINT,),
        "tin(IV) iodide: above the boiling point, 637.5 K",
    ),
    Fault(
        "12504-41-5",
        (BOILING_POINT,),
        "silicon monosulfide: below the melting point, 1363 K (it sublimes in vacuum)",
    ),
    Fault(
        "13520-87-1",
        (BOILING_POINT, DENSITY),
        "vanadyl chloride VOCl: the boiling point is that of vanadyl trichloride VOCl3, a liquid, "
        "and the density near it",
    ),
)

THERMOCHEMISTRY = (
    Fault(
        "7790-47-8",
        (HEAT_OF_FUSION,),
        "tin(IV) iodide: 0.16 kJ/mol is an entropy of fusion of 0.03 R",
    ),
    Fault(
        "7790-47-8",
        (HEAT_CAPACITY,),
        "tin(IV) iodide: 17 J/(mol K) per atom, a third below Dulong and Petit's 3 R, which every "
        "other heavy iodide has at room temperature",
    ),
    Fault(
        "12033-62-4",
        (HEAT_OF_FUSION,),
        "tantalum nitride: 6.7 kJ/mol is an entropy of fusion of 0.24 R, other nitrides have 2.4 R",
    ),
    *_each(
        "an entropy of fusion above 20 R per formula unit; other pentafluorides have 2 to 7 R",
        (HEAT_OF_FUSION,),
        "7783-72-4, vanadium(V) fluoride",
        "14521-18-7, ruthenium(V) fluoride",
    ),
    Fault(
        "12025-39-7",
        (FORMATION_ENTHALPY,),
        "germanium(II) telluride: +20 kJ/mol; it forms from the elements, other compilations have "
        "-48 kJ/mol",
    ),
)

VALUE_FAULTS: tuple[Fault, ...] = (*DENSITIES, *OTHER_FORMS, *TEMPERATURES, *THERMOCHEMISTRY)
