from __future__ import annotations

import copy
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.errors import GraphError
from hokan.graph import Property, PropertyGraph


def graph_of(**parents: str) -> PropertyGraph:
    """Make a graph from ``child="parent parent"``."""
    return PropertyGraph(
        tuple(Property(name, parents=tuple(of.split())) for name, of in parents.items())
    )


@st.composite
def graphs(draw: st.DrawFn) -> PropertyGraph:
    """Draw any graph without cycles, its properties in any order."""
    size = draw(st.integers(1, 7))
    names = [f"p{i}" for i in range(size)]
    properties = []
    for i, name in enumerate(names):
        above = st.lists(st.sampled_from(names[:i]), unique=True) if i else st.just([])
        properties.append(Property(name, parents=tuple(draw(above))))
    return PropertyGraph(tuple(draw(st.permutations(properties))))


# --- order ----------------------------------------------------------------------------------


@settings(deadline=None)
@given(graph=graphs())
def test_order_puts_parents_first(graph: PropertyGraph) -> None:
    assert sorted(graph.order) == list(range(len(graph)))
    place = {graph.names[j]: position for position, j in enumerate(graph.order)}
    for parent, child in graph.edges:
        assert place[parent] < place[child]


@settings(deadline=None)
@given(graph=graphs())
def test_order_keeps_what_is_already_in_order(graph: PropertyGraph) -> None:
    ordered = graph.reordered(graph.names[j] for j in graph.order)
    assert ordered.order == tuple(range(len(graph)))


def test_order_keeps_the_given_order_where_it_is_free() -> None:
    graph = graph_of(z="", c="b", b="", a="")
    assert [graph.names[j] for j in graph.order] == ["z", "b", "c", "a"]


def test_long_chains_are_no_trouble() -> None:
    graph = PropertyGraph.ladder(*(f"level {i}" for i in range(3000)))
    assert graph.order == tuple(range(3000))
    assert len(graph.ancestors("level 2999")) == 2999


# --- cycles ---------------------------------------------------------------------------------


def test_a_cycle_is_refused_with_its_path() -> None:
    # d only hangs on the cycle, and e is apart from it.
    with pytest.raises(GraphError, match="cycle: a → b → c → a ") as caught:
        graph_of(e="", d="c", a="c e", b="a", c="b")
    assert "d →" not in str(caught.value)


def test_two_properties_that_depend_on_each_other() -> None:
    with pytest.raises(GraphError, match="cycle: a → b → a "):
        graph_of(a="b", b="a")


@settings(deadline=None)
@given(graph=graphs(), data=st.data())
def test_any_link_back_is_refused_with_a_path_of_links(
    graph: PropertyGraph, data: st.DataObject
) -> None:
    child = data.draw(st.sampled_from(graph.names))
    above = graph.ancestors(child)
    if not above:
        return
    ancestor = data.draw(st.sampled_from(above))
    properties = tuple(
        Property(each.name, parents=(*each.parents, child)) if each.name == ancestor else each
        for each in graph
    )
    with pytest.raises(GraphError, match="cycle") as caught:
        PropertyGraph(properties)
    path = str(caught.value).split("cycle: ")[1].split(" (")[0].split(" → ")
    assert path[0] == path[-1]
    assert len(set(path)) == len(path) - 1 >= 2
    links = {(parent, each.name) for each in properties for parent in each.parents}
    assert set(itertools.pairwise(path)) <= links


# --- other graphs that make no sense --------------------------------------------------------


def test_names_are_used_once() -> None:
    with pytest.raises(GraphError, match="property 'a' is given twice"):
        PropertyGraph((Property("a"), Property("b"), Property("a")))


def test_parents_are_known() -> None:
    with pytest.raises(
        GraphError,
        match=r"property 't': parents names 'bulk_modulus', which the graph does not have "
        r"\(did you mean \"bulk_modulus_GPa\"\?\)",
    ):
        PropertyGraph((Property("bulk_modulus_GPa"), Property("t", parents=("bulk_modulus",))))


def test_properties_that_a_formula_uses_are_parents() -> None:
    with pytest.raises(
        GraphError,
        match="property 't': formula uses the property 'volume', which is not among its parents; "
        "add it to parents",
    ):
        PropertyGraph(
            (
                Property("theta"),
                Property("volume"),
                Property("t", parents=("theta",), formula="c * theta**2 * volume**(2/3)"),
            )
        )


def test_a_constant_that_reads_like_a_property_is_refused() -> None:
    with pytest.raises(
        GraphError,
        match="name 'debye_temperature', which would be a constant to be fitted, and there is a "
        "property 'debye_temperature_K'",
    ):
        PropertyGraph(
            (
                Property("debye_temperature_K"),
                Property("mass"),
                Property(
                    "t",
                    parents=("mass", "debye_temperature_K"),
                    formula="c * mass * debye_temperature**2",
                ),
            )
        )


@pytest.mark.parametrize(
    "declared",
    [{"formula": "c * phase"}, {"prior": {"phase": 1.0}}, {"link": {"phase": "smooth"}}],
    ids=lambda value: str(*value),
)
def test_no_number_is_asked_of_a_category(declared: dict[str, Any]) -> None:
    (key,) = declared
    with pytest.raises(
        GraphError, match=f"property 't': {key} needs a number for 'phase', which is a category"
    ):
        PropertyGraph(
            (
                Property("phase", transform="category"),
                Property("t", parents=("phase",), **declared),
            )
        )


def test_a_graph_has_properties() -> None:
    with pytest.raises(GraphError, match="at least one property"):
        PropertyGraph(())
    with pytest.raises(GraphError, match="made of Property objects, found 'a'"):
        PropertyGraph(("a",))  # type: ignore[arg-type]


# --- what a graph says ----------------------------------------------------------------------

DIAMOND = graph_of(bottom="left right", left="top", right="top", top="", apart="")


def test_relatives() -> None:
    assert DIAMOND.parents_of("bottom") == ("left", "right")
    assert DIAMOND.ancestors("bottom") == ("left", "right", "top")
    assert DIAMOND.descendants("top") == ("bottom", "left", "right")
    assert DIAMOND.ancestors("top") == DIAMOND.descendants("bottom") == ()
    assert DIAMOND.ancestors("apart") == DIAMOND.descendants("apart") == ()
    assert DIAMOND.edges == (
        ("left", "bottom"),
        ("right", "bottom"),
        ("top", "left"),
        ("top", "right"),
    )


@settings(deadline=None)
@given(graph=graphs())
def test_relatives_agree_with_powers_of_the_parent_mask(graph: PropertyGraph) -> None:
    mask = graph.parent_mask()
    assert mask.dtype == np.bool_
    reached = np.linalg.matrix_power(np.eye(len(graph)) + mask, len(graph)) > 0
    for j, name in enumerate(graph.names):
        others = np.arange(len(graph)) != j
        above = [graph.names[k] for k in np.flatnonzero(reached[j] & others)]
        below = [graph.names[k] for k in np.flatnonzero(reached[:, j] & others)]
        assert graph.parents_of(name) == graph.find(name).parents
        assert set(graph.parents_of(name)) == {graph.names[k] for k in np.flatnonzero(mask[j])}
        assert list(graph.ancestors(name)) == above
        assert list(graph.descendants(name)) == below


def test_a_name_the_graph_does_not_have() -> None:
    with pytest.raises(GraphError, match=r"no property 'tpo' \(did you mean \"top\"\?\)"):
        DIAMOND.parents_of("tpo")


def test_prior_means_stand_where_the_links_are() -> None:
    lindemann = PropertyGraph(
        (
            Property(
                "melting_point",
                parents=("volume", "debye_temperature", "unrelated"),
                prior={"debye_temperature": 2.0, "volume": 2 / 3},
            ),
            Property("debye_temperature"),
            Property("volume"),
            Property("unrelated"),
        )
    )
    expected = np.zeros((4, 4))
    expected[0, 1], expected[0, 2] = 2.0, 2 / 3
    np.testing.assert_array_equal(lindemann.prior_means(), expected)


def test_graphs_are_values() -> None:
    same = graph_of(bottom="left right", left="top", right="top", top="", apart="")
    assert same == DIAMOND
    assert hash(same) == hash(DIAMOND)
    assert copy.deepcopy(DIAMOND) == DIAMOND
    assert [each.name for each in DIAMOND] == list(DIAMOND.names)


def test_describe_lists_parents_before_children() -> None:
    graph = PropertyGraph(
        (
            Property(
                "melting_point_K",
                transform="log",
                parents=("debye_temperature_K", "porosity"),
                prior={"debye_temperature_K": 2},
            ),
            Property("debye_temperature_K"),
            Property("porosity", transform="logit", lower=0, upper=0.5),
        )
    )
    assert graph.describe().splitlines() == [
        "debye_temperature_K (auto)",
        "porosity (logit between 0 and 0.5)",
        "melting_point_K (log) ← debye_temperature_K [prior 2], porosity",
    ]


def test_describe_does_not_repeat_long_lists() -> None:
    lines = PropertyGraph.ladder(*"abcdefg", all_below=True).describe().splitlines()
    assert lines[4] == "e (auto) ← a, b, c, d"
    assert lines[6] == "g (auto) ← all 6 above"


def test_describe_tells_links_that_are_not_linear_and_formulas() -> None:
    graph = PropertyGraph(
        (
            Property("theta", transform="log"),
            Property("structure", transform="category"),
            Property(
                "melting_point",
                parents=("theta", "structure"),
                link={"theta": "smooth"},
                prior={"theta": 2},
            ),
            Property("boiling_point", parents=("melting_point",), formula="a * melting_point"),
        )
    )
    assert graph.describe().splitlines() == [
        "theta (log)",
        "structure (category)",
        "melting_point (auto) ← theta [smooth link, prior 2], structure",
        "boiling_point (auto) ← melting_point, as a * melting_point",
    ]


def test_units_of_formulas_are_checked_with_those_of_the_table() -> None:
    graph = PropertyGraph(
        (
            Property("mass"),
            Property("volume", unit="cm3/mol"),
            Property("density", parents=("mass", "volume"), formula="mass / volume"),
        )
    )
    assert graph.check_units({"mass": "g/mol", "volume": "GPa", "density": "g/cm3"}) == []
    assert graph.check_units({"mass": "g/mol", "density": None}) == []
    assert graph.check_units({"density": "g/cm3"}) == [
        "property 'density': the unit of 'mass' is not known, so it is not checked"
    ]
    with pytest.raises(GraphError, match="property 'density': the units of the formula mass / "):
        graph.check_units({"mass": "g/mol", "density": "K"})


# --- graphs nobody has to write -------------------------------------------------------------


def test_a_ladder_links_each_level_to_the_one_below() -> None:
    ladder = PropertyGraph.ladder("gap_pbe", "gap_hse06", "gap_expt", transform="log")
    assert ladder.names == ("gap_pbe", "gap_hse06", "gap_expt")
    assert ladder.edges == (("gap_pbe", "gap_hse06"), ("gap_hse06", "gap_expt"))
    assert {each.transform for each in ladder} == {"log"}


def test_a_ladder_may_link_all_levels_below() -> None:
    ladder = PropertyGraph.ladder("a", "b", "c", all_below=True)
    np.testing.assert_array_equal(ladder.parent_mask(), np.tri(3, k=-1, dtype=bool))


@pytest.mark.parametrize("link", ["auto", "smooth", "joint"])
def test_a_ladder_may_have_links_that_are_not_linear(link: str) -> None:
    ladder = PropertyGraph.ladder("a", "b", "c", all_below=True, link=link)
    assert {ladder.find(child).link_of(parent) for parent, child in ladder.edges} == {link}


def test_links_of_ladders_and_learned_graphs_are_linear_unless_told() -> None:
    for graph in (PropertyGraph.ladder("a", "b"), PropertyGraph.learned(["a", "b"], [2, 1])):
        assert graph.find("b").link_of("a") == "linear"


def test_a_ladder_of_band_gaps_in_one_line() -> None:
    ladder = PropertyGraph.ladder("gap_pbe", "gap_hse06", "gap_expt", floor=0)
    assert [each.floor for each in ladder] == [0.0, 0.0, 0.0]
    assert {each.transform for each in ladder} == {"identity"}
    assert ladder.describe().splitlines() == [
        "gap_pbe (identity, never below 0)",
        "gap_hse06 (identity, never below 0) ← gap_pbe",
        "gap_expt (identity, never below 0) ← gap_hse06",
    ]


def test_two_stage_cokriging_in_one_line() -> None:
    """The first level is a Gaussian process whatever the others add to it."""
    ladder = PropertyGraph.ladder("low", "middle", "high", discrepancy="linear")
    assert [each.discrepancy for each in ladder] == ["gaussian process", "linear", "linear"]


@pytest.mark.parametrize("error", [0.1, "learned"])
def test_one_measurement_error_is_that_of_every_level(error: float | str) -> None:
    ladder = PropertyGraph.ladder("low", "high", measurement_error=error)
    assert [each.measurement_error for each in ladder] == [error, error]


def test_measurement_errors_may_be_given_level_by_level() -> None:
    ladder = PropertyGraph.ladder(
        "pbe", "hse06", "experiment", measurement_error={"experiment": 0.1, "pbe": "learned"}
    )
    assert [each.measurement_error for each in ladder] == ["learned", "given", 0.1]


def test_a_ladder_names_what_it_cannot_use() -> None:
    with pytest.raises(GraphError, match=r"names 'expt', which is no level .*mean \"expt_gap\""):
        PropertyGraph.ladder("pbe_gap", "expt_gap", measurement_error={"expt": 0.1})
    with pytest.raises(GraphError, match="property 'high': measurement_error must be positive"):
        PropertyGraph.ladder("low", "high", measurement_error={"high": -1})
    with pytest.raises(GraphError, match="property 'high': discrepancy"):
        PropertyGraph.ladder("low", "high", discrepancy="lienar")
    with pytest.raises(GraphError, match="property 'low': floor"):
        PropertyGraph.ladder("low", "high", floor="ground")


def test_a_learned_graph_goes_from_most_to_least_observed() -> None:
    graph = PropertyGraph.learned(["few", "many", "some"], [3, 90, 40])
    assert graph.names == ("many", "some", "few")
    np.testing.assert_array_equal(graph.parent_mask(), np.tri(3, k=-1, dtype=bool))


@settings(deadline=None)
@given(
    columns=st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 3), min_size=1).flatmap(
        lambda counts: st.permutations(list(counts.items())).map(lambda moved: (counts, moved))
    )
)
def test_a_learned_graph_does_not_depend_on_the_order_of_columns(
    columns: tuple[dict[str, int], list[tuple[str, int]]],
) -> None:
    counts, moved = columns
    assert PropertyGraph.learned(
        [name for name, _ in moved], [count for _, count in moved]
    ) == PropertyGraph.learned(list(counts), list(counts.values()))


def test_a_learned_graph_takes_counts_as_numpy_gives_them() -> None:
    graph = PropertyGraph.learned(("a", "b"), np.array([1, 2], dtype=np.uint8))
    assert graph.names == ("b", "a")


def test_every_property_needs_its_count() -> None:
    with pytest.raises(GraphError, match="found 2 names and 1 counts"):
        PropertyGraph.learned(["a", "b"], [1])


# --- against a table ------------------------------------------------------------------------


@settings(deadline=None)
@given(graph=graphs(), data=st.data())
def test_reordering_keeps_all_but_the_order(graph: PropertyGraph, data: st.DataObject) -> None:
    wanted = tuple(data.draw(st.permutations(graph.names)))
    moved = graph.reordered(wanted)
    assert moved.names == wanted
    assert set(moved.edges) == set(graph.edges)
    assert moved.reordered(graph.names) == graph


@pytest.mark.parametrize("names", [(), ("bottom",), (*DIAMOND.names, "top"), "abcde"])
def test_reordering_needs_every_name_once(names: tuple[str, ...]) -> None:
    with pytest.raises(GraphError, match="every property of the graph once"):
        DIAMOND.reordered(names)


def test_a_table_may_have_more_than_the_graph() -> None:
    table = ("apart", "extra", "bottom", "left", "more", "right", "top")
    DIAMOND.check_against(table)
    assert DIAMOND.missing_from(table) == ()
    assert DIAMOND.unused(table) == ("extra", "more")


def test_a_table_that_lacks_properties_is_refused_with_all_of_them() -> None:
    graph = PropertyGraph.ladder("boiling_point_K", "melting_point_K", "hardness")
    table = ("melting_point_K", "boiling_pt_K", "density")
    assert graph.missing_from(table) == ("boiling_point_K", "hardness")
    with pytest.raises(GraphError) as caught:
        graph.check_against(table, "oxides.csv")
    assert str(caught.value) == (
        "oxides.csv has no property 'boiling_point_K' (did you mean \"boiling_pt_K\"?), "
        "'hardness', which the graph names; the properties of the table are "
        "'melting_point_K', 'boiling_pt_K', 'density'"
    )
