"""A ready graph for melting points: which laws it takes, and how it brings them together."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hokan.datasets.melting_point_graph import (
    COLUMNS,
    melting_point_exponents,
    melting_point_graph,
)
from hokan.datasets.melting_points import load_melting_points
from hokan.errors import GraphError
from hokan.graph import find_law

EVERY = tuple(COLUMNS.values())
MELTING = COLUMNS["melting_point"]
RELATIVES = [role for role in COLUMNS if role != "melting_point"]
SUBSETS = [
    (*chosen, "melting_point")
    for n in range(len(RELATIVES) + 1)
    for chosen in itertools.combinations(RELATIVES, n)
]


def prior(*roles: str) -> dict[str, float]:
    """Prior exponents of the melting point, by role."""
    graph = melting_point_graph([COLUMNS[role] for role in roles])
    by_column = {column: role for role, column in COLUMNS.items()}
    return {by_column[name]: mean for name, mean in graph.find(MELTING).prior}


def test_of_all_relatives_each_law_counts_one_quarter() -> None:
    found = prior(*COLUMNS)
    assert found == pytest.approx(
        {
            "molar_mass": 1 / 4,
            "debye_temperature": 2 / 4,
            "molar_volume": 2 / 3 / 4,
            "cohesive_energy": 1 / 4,
            "heat_of_fusion": 1 / 4,
            "boiling_point": 1 / 4,
        }
    )


def test_a_law_by_itself_is_taken_in_full() -> None:
    expected = {"molar_mass": 1, "debye_temperature": 2, "molar_volume": 2 / 3}
    assert prior(*expected, "melting_point") == pytest.approx(expected)
    assert prior("heat_of_fusion", "melting_point") == {"heat_of_fusion": 1}


def test_moduli_speak_where_there_is_no_debye_temperature() -> None:
    moduli = ("molar_volume", "bulk_modulus", "shear_modulus", "melting_point")
    assert prior(*moduli) == {"molar_volume": 1, "shear_modulus": 1}
    assert prior("molar_volume", "bulk_modulus", "melting_point") == {
        "molar_volume": 1,
        "bulk_modulus": 1,
    }
    # With a Debye temperature they act through it: the laws are one law, which counts once.
    assert "shear_modulus" not in prior(*moduli, "debye_temperature")


def test_the_debye_temperature_follows_anderson_with_mass_over_volume_as_density() -> None:
    graph = melting_point_graph(EVERY)
    found = dict(graph.find(COLUMNS["debye_temperature"]).prior)
    law = find_law("anderson").exponents
    # The law's density and mass appear as mass and volume: ρ^a M^b = M^(a+b) V^(-a).
    assert found[COLUMNS["molar_volume"]] == pytest.approx(1 / 6)
    assert found[COLUMNS["molar_mass"]] == pytest.approx(-1 / 2)
    assert law["density"] + law["molar_mass"] == pytest.approx(-1 / 2)
    moduli = found[COLUMNS["bulk_modulus"]] + found[COLUMNS["shear_modulus"]]
    assert moduli == pytest.approx(1 / 2)


@pytest.mark.parametrize("modulus", ["bulk_modulus", "shear_modulus"])
def test_one_modulus_stands_for_both(modulus: str) -> None:
    roles = {r: r for r in ("molar_mass", modulus, "debye_temperature", "melting_point")}
    found = dict(melting_point_graph(roles).find("debye_temperature").prior)
    assert found[modulus] == pytest.approx(1 / 2)


@pytest.mark.parametrize("roles", SUBSETS, ids=lambda roles: f"{len(roles)}")
def test_every_choice_of_columns_gives_a_graph_that_is_sound(roles: tuple[str, ...]) -> None:
    graph = melting_point_graph([COLUMNS[role] for role in roles])
    assert set(graph.names) == {COLUMNS[role] for role in roles}
    assert graph.names[-1] == MELTING
    assert not graph.descendants(MELTING)
    free = melting_point_graph([COLUMNS[role] for role in roles], "free")
    assert free.edges == graph.edges
    assert not free.prior_means().any()
    # A property without links would neither learn from the melting point nor tell about it.
    if len(roles) > 1:
        assert graph.find(MELTING).parents


def test_laws_of_melting_scale_as_one_energy() -> None:
    """Were all bonds twice as strong, every law, and so their mean, would double the temperature.

    Debye temperatures then rise by the root of two, moduli, energies and boiling points by two.
    """
    gain = {
        "debye_temperature": 0.5,
        "bulk_modulus": 1,
        "shear_modulus": 1,
        "cohesive_energy": 1,
        "heat_of_fusion": 1,
        "boiling_point": 1,
    }
    for roles in SUBSETS:
        if not set(roles) & set(gain):
            continue
        exponents = melting_point_exponents({role: role for role in roles})
        total = sum(value * gain.get(role, 0) for role, value in exponents.items())
        assert total == pytest.approx(1), roles


def test_the_mean_of_laws_is_nearer_to_melting_points_than_each_of_them() -> None:
    """On the embedded compounds with all three known; only one constant is fitted to each."""
    roles = ("cohesive_energy", "heat_of_fusion", "boiling_point")
    frame = load_melting_points().dropna(subset=[COLUMNS[r] for r in (*roles, "melting_point")])
    assert len(frame) > 100
    logs = np.log(frame[[COLUMNS[role] for role in (*roles, "melting_point")]])

    def spread(*chosen: str) -> float:
        exponents = melting_point_exponents({role: COLUMNS[role] for role in chosen})
        left = logs[MELTING] - sum(logs[name] * value for name, value in exponents.items())
        return float(left.std())

    assert spread(*roles) < 0.85 * min(spread(role) for role in roles)


def test_temperatures_in_kelvin_are_not_taken_for_fidelities_of_each_other() -> None:
    graph = melting_point_graph(EVERY)
    assert len({member.quantity for member in graph}) == len(graph)
    assert {member.transform for member in graph} == {"log"}


def test_without_physics_the_melting_point_is_alone() -> None:
    assert melting_point_graph(EVERY, "none").names == (MELTING,)


def test_columns_of_other_names_are_given_by_role() -> None:
    graph = melting_point_graph({"heat_of_fusion": "Hf", "melting_point": "Tm"})
    assert graph.edges == (("Hf", "Tm"),)


def test_other_columns_are_passed_over() -> None:
    graph = melting_point_graph(["name", "density_g_cm3", MELTING, "heat_capacity"])
    assert graph.names == (MELTING,)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (["boiling_point_K"], "needs the column 'melting_point_K'"),
        ({"meltng_point": "T"}, 'did you mean "melting_point"'),
    ],
)
def test_what_is_refused(columns: object, told: str) -> None:
    with pytest.raises(GraphError, match=told):
        melting_point_graph(columns)  # type: ignore[arg-type]


def test_another_physics_is_refused() -> None:
    with pytest.raises(GraphError, match="found 'laws'"):
        melting_point_graph(EVERY, "laws")  # type: ignore[arg-type]
