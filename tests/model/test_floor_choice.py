"""When a property is taken to have a floor at 0, and which properties are treated alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hokan.graph import Property, PropertyGraph
from hokan.model.floor_choice import decide_floors
from hokan.model.groups import linked_groups, relatives
from hokan.table import PropertyTable


def table_of(**columns: list[float]) -> PropertyTable:
    length = max(len(values) for values in columns.values())
    frame = {
        name: np.append(values, np.full(length - len(values), np.nan))
        for name, values in columns.items()
    }
    return PropertyTable.from_frame(pd.DataFrame(frame), properties=list(columns))


def spread_out(n: int, start: float = 0.0) -> list[float]:
    return list(np.linspace(start, 3.0, n))


def floors(table: PropertyTable, graph: PropertyGraph) -> list[float | str]:
    return [member.floor for member in decide_floors(graph, table)[0]]


def alone(name: str, **more: object) -> PropertyGraph:
    return PropertyGraph((Property(name, transform="identity", **more),))


class TestOfOneProperty:
    @pytest.mark.parametrize(("count", "floor"), [(19, "none"), (20, 0.0)])
    def test_enough_values_without_a_negative_one_show_a_floor(self, count, floor):
        table = table_of(hardness_GPa=spread_out(count))
        assert floors(table, alone("hardness_GPa")) == [floor]

    def test_one_negative_value_shows_that_there_is_none(self):
        table = table_of(enthalpy_eV=[*spread_out(50), -1e-3])
        assert floors(table, alone("enthalpy_eV")) == ["none"]

    @pytest.mark.parametrize(
        "name", ["gap", "Gap_eV", "band_gap", "bandgap_eV", "gap_hse06", "pbe gap [eV]", "E_gap"]
    )
    def test_a_gap_has_one_however_few_are_known(self, name):
        assert floors(table_of(**{name: [1.1, 3.0]}), alone(name)) == [0.0]

    @pytest.mark.parametrize("name", ["gape", "singapore_index", "agape_2"])
    def test_a_word_that_contains_those_letters_is_no_gap(self, name):
        assert floors(table_of(**{name: [1.1, 3.0]}), alone(name)) == ["none"]

    def test_a_negative_gap_is_taken_as_it_is(self):
        assert floors(table_of(gap=[1.1, -0.4]), alone("gap")) == ["none"]

    def test_what_the_graph_says_is_respected(self):
        table = table_of(gap_eV=[0.0, 0.0, 1.0])
        assert floors(table, alone("gap_eV", floor="none")) == ["none"]
        assert floors(table, alone("gap_eV", floor=-2.0)) == [-2.0]

    def test_other_scales_are_left_alone(self):
        graph = PropertyGraph((Property("gap_eV", transform="log"),))
        found, notes = decide_floors(graph, table_of(gap_eV=spread_out(30, 0.1)))
        assert found == graph
        assert notes == []

    def test_what_was_decided_is_told(self):
        _, notes = decide_floors(alone("gap_eV"), table_of(gap_eV=[0.0, 0.0, 1.0]))
        assert len(notes) == 1
        assert "gap_eV: never below 0" in notes[0]
        assert "the 2 values of exactly 0 are taken as 0 or less" in notes[0]
        assert 'floor = "none"' in notes[0]
        _, notes = decide_floors(alone("gap_eV"), table_of(gap_eV=[0.5, 1.0]))
        assert "exactly 0" not in notes[0]
        assert decide_floors(alone("x"), table_of(x=[0.5, 1.0]))[1] == []

    def test_one_zero_is_told_in_the_singular(self):
        _, notes = decide_floors(alone("gap_eV"), table_of(gap_eV=[0.0, 0.7, 1.0]))
        assert "the value of exactly 0 is taken as 0 or less" in notes[0]


class TestOfLinkedProperties:
    def test_linked_ones_of_one_unit_decide_together(self):
        ladder = PropertyGraph.ladder("low_eV", "high_eV", transform="identity")
        table = table_of(low_eV=spread_out(25), high_eV=[0.5, 1.0])
        assert floors(table, ladder) == [0.0, 0.0]
        table = table_of(low_eV=spread_out(25), high_eV=[0.5, -1.0])
        assert floors(table, ladder) == ["none", "none"]

    def test_of_other_units_each_alone(self):
        graph = PropertyGraph(
            (
                Property("modulus_GPa", transform="identity"),
                Property("enthalpy_eV", transform="identity", parents=("modulus_GPa",)),
            )
        )
        table = table_of(modulus_GPa=spread_out(25), enthalpy_eV=[0.5, -1.0])
        assert floors(table, graph) == [0.0, "none"]

    def test_of_one_quantity_together_whatever_their_names(self):
        graph = PropertyGraph.ladder("cheap", "dear", transform="identity")
        table = table_of(cheap=spread_out(25), dear=[0.5, -1.0])
        assert floors(table, graph) == ["none", "none"]

    def test_one_that_says_for_itself_has_no_say_for_others(self):
        graph = PropertyGraph(
            (
                Property("gap_pbe_eV", transform="identity", floor="none"),
                Property("gap_hse_eV", transform="identity", parents=("gap_pbe_eV",)),
            )
        )
        table = table_of(gap_pbe_eV=[-0.5, 1.0], gap_hse_eV=[0.5, 1.0])
        assert floors(table, graph) == ["none", 0.0]


class TestGroups:
    def test_links_and_one_unit_make_a_group(self):
        graph = PropertyGraph(
            (
                Property("a_eV"),
                Property("b_GPa", parents=("a_eV",)),
                Property("c_eV", parents=("b_GPa",)),
                Property("d_eV", parents=("a_eV",)),
                Property("e"),
                Property("f", parents=("e",)),
            )
        )
        values = [1.0, 2.0]
        table = table_of(a_eV=values, b_GPa=values, c_eV=values, d_eV=values, e=values, f=values)
        # c is linked to a through b only; e and f have no unit to agree on.
        assert linked_groups(graph, table, [True] * 6) == [[0, 3], [1], [2], [4], [5]]
        assert linked_groups(graph, table, [True, True, True, False, True, False]) == [
            [0],
            [1],
            [2],
            [4],
        ]

    def test_a_unit_of_the_graph_goes_before_that_of_the_table(self):
        graph = PropertyGraph(
            (Property("a", unit="eV"), Property("b_GPa", unit="eV", parents=("a",)))
        )
        table = table_of(a=[1.0, 2.0], b_GPa=[1.0, 2.0])
        assert linked_groups(graph, table, [True, True]) == [[0, 1]]

    def test_relatives_have_one_scale(self):
        def found(first: str, second: str) -> list[list[int]]:
            graph = PropertyGraph(
                (
                    Property("a_eV", transform=first),
                    Property("b_eV", transform=second, parents=("a_eV",)),
                )
            )
            values = spread_out(9, 0.1)
            return relatives(graph, table_of(a_eV=values, b_eV=values))

        assert found("identity", "identity") == found("log", "log") == [[0, 1]]
        assert found("identity", "log") == []

    @pytest.mark.parametrize(("factor", "expected"), [(2.0, [[0, 1]]), (100.0, [])])
    def test_relatives_spread_alike(self, factor, expected):
        graph = PropertyGraph.ladder("a_eV", "b_eV", transform="identity")
        values = np.array(spread_out(20))
        assert relatives(graph, table_of(a_eV=values, b_eV=factor * values[:12])) == expected

    def test_so_few_values_that_their_spread_says_nothing_still_make_a_relative(self):
        graph = PropertyGraph.ladder("a_eV", "b_eV", "c_eV", transform="identity")
        table = table_of(a_eV=spread_out(20), b_eV=[5.0, 5.001], c_eV=[1.0, 1.1])
        assert relatives(graph, table) == [[0, 1, 2]]
