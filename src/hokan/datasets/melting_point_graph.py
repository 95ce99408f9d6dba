"""A ready graph for melting points: Lindemann's law and its relatives, as far as a table goes.

How several laws are brought together: each of them would explain the melting point by itself, so
that of n laws each has 1/n of its exponents as the prior means. The melting point then goes as the
geometric mean of what the laws say. Laws that say the same thing count once: what Debye temperature
and moduli give is one law, Lindemann's, which reads G V or K V where the Debye temperature follows
from the moduli. Taking every law in full instead, so that four laws together ask for the fourth
power, more than doubled the error at 5 known melting points (docs/studies/melting-physics.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

from hokan.errors import GraphError
from hokan.graph import Property, PropertyGraph, find_law
from hokan.graph.wording import did_you_mean

Physics = Literal["prior", "free", "none"]

#: Columns by the role that they have in the laws, in causal order.
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "molar_mass": "molar_mass_per_atom_g_mol",
        "molar_volume": "molar_volume_per_atom_cm3_mol",
        "cohesive_energy": "atomisation_enthalpy_eV_atom",
        "bulk_modulus": "bulk_modulus_GPa",
        "shear_modulus": "shear_modulus_GPa",
        "debye_temperature": "debye_temperature_K",
        "heat_of_fusion": "heat_of_fusion_per_atom_kJ_mol",
        "boiling_point": "boiling_point_K",
        "melting_point": "melting_point_K",
    }
)

#: Parents of each property, of those there are. A law is behind those of Debye and melting point.
_PARENTS = {
    "molar_mass": (),
    "molar_volume": ("molar_mass",),
    "cohesive_energy": ("molar_volume",),
    "bulk_modulus": ("molar_volume", "cohesive_energy"),
    "shear_modulus": ("bulk_modulus", "molar_volume"),
    "debye_temperature": ("molar_mass", "molar_volume", "bulk_modulus", "shear_modulus"),
    "heat_of_fusion": ("cohesive_energy", "stiffness"),
    "boiling_point": ("cohesive_energy", "stiffness", "heat_of_fusion"),
}
#: What the elastic solid says of melting: the first for which its first role is there.
_STIFFNESS_LAWS = (
    ("debye_temperature", "lindemann"),
    ("shear_modulus", "shear_modulus_melting"),
    ("bulk_modulus", "bulk_modulus_melting"),
)
_FURTHER_LAWS = (
    ("cohesive_energy", "cohesive_energy_melting"),
    ("heat_of_fusion", "richards"),
    ("boiling_point", "boiling_point_melting"),
)


def melting_point_graph(
    columns: Iterable[str] | Mapping[str, str], physics: Physics = "prior"
) -> PropertyGraph:
    """Return a graph of the melting point and those of its relatives that a table has.

    All scales are logarithmic, so that links are exponents. Moduli, volume and mass lead to the
    Debye temperature (Anderson), this, with volume and mass, to the melting point (Lindemann), as
    do cohesive energy, heat of fusion (Richards) and boiling point; without a Debye temperature the
    shear modulus takes its place, else the bulk modulus. For the laws and their sources see
    :data:`hokan.graph.LAWS`.

    Parameters
    ----------
    columns : iterable of str, or mapping from roles to columns
        The columns of a table, of which those called as in :data:`COLUMNS` are taken; or for every
        role to use (a key of :data:`COLUMNS`) the column that has it. Volumes, masses and energies
        are per atom.
    physics : {"prior", "free", "none"}
        ``"prior"``: exponents are expected around those of the laws; of several laws of melting,
        each counts equally. ``"free"``: the same links, expected around 0. ``"none"``: the melting
        point alone.

    Returns
    -------
    PropertyGraph
        Parents before children, the melting point last.

    Raises
    ------
    GraphError
        If there is no melting point, a role is not known, or `physics` is none of the three.

    Examples
    --------
    >>> graph = melting_point_graph(["formula", "boiling_point_K", "melting_point_K"])
    >>> print(graph.describe())
    boiling_point_K (log)
    melting_point_K (log) ← boiling_point_K [prior 1]
    """
    if physics not in ("prior", "free", "none"):
        raise GraphError(f'physics must be "prior", "free" or "none", found {physics!r}')
    names = _by_role(columns)
    target = names["melting_point"]
    if physics == "none":
        return PropertyGraph((_property(target),))
    members = []
    for role, name in names.items():
        prior: dict[str, float] = {}
        if role == "melting_point":
            prior = melting_point_exponents(names)
            parents = tuple(prior)
        else:
            parents = _parents(role, names)
            if role == "debye_temperature":
                prior = _debye_exponents(names)
        members.append(_property(name, parents, prior if physics == "prior" else {}))
    return PropertyGraph(tuple(members))


def melting_point_exponents(names: Mapping[str, str]) -> dict[str, float]:
    """Return the mean exponents of the laws of melting whose properties are there.

    Parameters
    ----------
    names : mapping from roles to columns
        What there is.

    Returns
    -------
    dict of str to float
        By column: the sum over laws of its exponent, over the number of laws.
    """
    chosen = [law for role, law in _STIFFNESS_LAWS if role in names][:1]
    chosen += [law for role, law in _FURTHER_LAWS if role in names]
    total: dict[str, float] = {}
    for name in chosen:
        law = find_law(name)
        for column, exponent in law.prior(_of(law.roles, names)).items():
            total[column] = total.get(column, 0.0) + exponent / len(chosen)
    if not total:  # mass and volume alone: no law, but they may say something
        total = {names[role]: 0.0 for role in ("molar_mass", "molar_volume") if role in names}
    return total


def _debye_exponents(names: Mapping[str, str]) -> dict[str, float]:
    """Return Anderson's exponents, with the density as mass over volume."""
    law = find_law("anderson")
    if "shear_modulus" not in names and "bulk_modulus" not in names:
        return {}
    exponents = dict(law.exponents)
    if not {"shear_modulus", "bulk_modulus"} <= names.keys():
        # One modulus stands for both, which go together.
        both = exponents.pop("bulk_modulus") + exponents.pop("shear_modulus")
        exponents["shear_modulus" if "shear_modulus" in names else "bulk_modulus"] = both
    density = exponents.pop("density")
    exponents["molar_mass"] += density
    exponents["molar_volume"] = -density
    return {names[role]: value for role, value in exponents.items() if role in names}


def _by_role(columns: Iterable[str] | Mapping[str, str]) -> dict[str, str]:
    """Return columns by role, in causal order."""
    if isinstance(columns, Mapping):
        for role in columns:
            if role not in COLUMNS:
                raise GraphError(
                    f"there is no role {role!r}{did_you_mean(role, COLUMNS)}; roles are "
                    f"{', '.join(COLUMNS)}"
                )
        given = dict(columns)
    else:
        there = set(columns)
        given = {role: name for role, name in COLUMNS.items() if name in there}
    if "melting_point" not in given:
        raise GraphError(
            f"a graph of melting points needs the column {COLUMNS['melting_point']!r}, or a "
            "mapping that says which column is the melting_point"
        )
    return {role: given[role] for role in COLUMNS if role in given}


def _parents(role: str, names: Mapping[str, str]) -> tuple[str, ...]:
    stiffness = [name for name, _ in _STIFFNESS_LAWS if name in names][:1]
    wanted = [
        parent
        for given in _PARENTS[role]
        for parent in (stiffness if given == "stiffness" else [given])
    ]
    return tuple(names[parent] for parent in wanted if parent in names)


def _of(roles: Iterable[str], names: Mapping[str, str]) -> dict[str, str]:
    return {role: names[role] for role in roles if role in names}


def _property(
    name: str, parents: tuple[str, ...] = (), prior: Mapping[str, float] | None = None
) -> Property:
    # Each is a quantity of its own: temperatures in K are not fidelities of each other.
    return Property(name, transform="log", quantity=name, parents=parents, prior=prior or {})
