from __future__ import annotations

import copy
import pickle

import pytest

from hokan.errors import GraphError
from hokan.graph import Property


def test_a_property_needs_only_a_name() -> None:
    plain = Property("density_g_cm3")
    assert plain.transform == "auto"
    assert plain.link == "auto"
    assert plain.parents == ()
    assert plain.prior == ()
    assert plain.floor == "auto"
    assert plain.discrepancy == "gaussian process"
    assert plain.measurement_error == "given"
    assert plain.formula is None
    assert plain.gross_errors == "auto"
    assert not plain.is_category


def test_properties_are_values() -> None:
    one = Property("t", parents=["a", "b"], prior={"b": 2, "a": -1})
    other = Property("t", parents=("a", "b"), prior=(("a", -1.0), ("b", 2.0)))
    assert one == other
    assert hash(one) == hash(other)
    assert one.prior == (("a", -1.0), ("b", 2.0))
    assert copy.deepcopy(one) == one
    # Worker processes receive properties by pickle; hokan's own files do without.
    assert pickle.loads(pickle.dumps(one)) == one


def test_one_kind_of_link_is_that_of_every_parent() -> None:
    smooth = Property("t", parents=("a", "b"), link="smooth")
    assert [smooth.link_of(parent) for parent in smooth.parents] == ["smooth", "smooth"]


def test_links_may_be_given_parent_by_parent() -> None:
    """Parents that are not named have their link chosen by evidence."""
    mixed = Property("t", parents=("a", "b", "c"), link={"c": "linear", "a": "joint"})
    assert [mixed.link_of(parent) for parent in mixed.parents] == ["joint", "auto", "linear"]
    assert mixed.link == (("a", "joint"), ("c", "linear"))
    assert mixed == Property("t", parents=("a", "b", "c"), link=mixed.link)
    assert hash(mixed) == hash(copy.deepcopy(mixed))
    assert Property("t", parents=("a",), link={}) == Property("t", parents=("a",), link="auto")


def test_parents_that_the_formula_uses_act_by_it_and_others_by_their_link() -> None:
    lindemann = Property(
        "melting_point",
        parents=("volume", "theta", "boiling_point"),
        formula="c * theta**2 * volume**(2/3)",
        link={"boiling_point": "smooth"},
    )
    assert [lindemann.link_of(parent) for parent in lindemann.parents] == [
        "formula",
        "formula",
        "smooth",
    ]
    assert lindemann.parsed_formula is not None
    assert lindemann.parsed_formula.names == ("theta", "volume")
    assert lindemann.parsed_formula.constants == ("c",)
    assert Property("density").parsed_formula is None
    again = pickle.loads(pickle.dumps(lindemann))
    assert again == lindemann
    assert again.parsed_formula == lindemann.parsed_formula


def test_only_parents_have_a_link() -> None:
    with pytest.raises(GraphError, match=r"property 't' has no parent 'densty' \(did you mean"):
        Property("t", parents=("density",)).link_of("densty")


def test_a_category_has_levels_and_no_scale() -> None:
    system = Property(
        "crystal_system", transform="category", parents=("radius_ratio",), link="joint"
    )
    assert system.is_category
    assert not Property("radius_ratio").is_category


@pytest.mark.parametrize(
    "of_numbers",
    [
        {"unit": "K"},
        {"prior": {"radius_ratio": 1.0}},
        {"floor": "none"},
        {"measurement_error": "learned"},
        {"gross_errors": "none"},
        {"formula": "2 * radius_ratio"},
    ],
    ids=lambda value: str(*value),
)
def test_what_is_said_of_numbers_is_not_said_of_a_category(of_numbers: dict[str, object]) -> None:
    (key,) = of_numbers
    with pytest.raises(GraphError) as caught:
        Property("phase", transform="category", parents=("radius_ratio",), **of_numbers)  # type: ignore[arg-type]
    assert str(caught.value) == (
        f"property 'phase': {key} is for numbers, and transform = \"category\" has levels; "
        f"remove {key}"
    )


def test_a_category_has_no_bounds() -> None:
    with pytest.raises(GraphError, match='lower = 0 belongs to transform = "logit"'):
        Property("phase", transform="category", lower=0)
    with pytest.raises(GraphError, match=r'floor = 0\.0 belongs to transform = "identity"'):
        Property("phase", transform="category", floor=0)


@pytest.mark.parametrize("transform", ["auto", "identity"])
def test_a_floor_makes_the_scale_plain(transform: str) -> None:
    floored = Property("gap_eV", transform=transform, floor=0)
    assert floored == Property("gap_eV", transform="identity", floor=0.0)
    assert isinstance(floored.floor, float)


def test_whether_there_is_a_floor_says_nothing_about_the_scale() -> None:
    assert Property("gap_eV", floor="none").transform == "auto"
    assert Property("gap_eV", transform="log", floor="none").transform == "log"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": ""}, "a property needs a name, found ''"),
        ({"name": 3}, "a property needs a name, found 3"),
        ({"unit": 3}, "property 't': unit must be a text, found 3"),
        (
            {"transform": "lgo"},
            'property \'t\': transform = "lgo" is not known (did you mean "log"?); '
            'choose from "auto", "identity", "log", "logit", "category"',
        ),
        ({"transform": 3}, "transform = 3 is not known; choose from"),
        ({"link": "Linear"}, 'link = "Linear" is not known (did you mean "linear"?)'),
        (
            {"link": "formula"},
            'link = "formula" is no kind of link; write the formula itself: formula = "..."',
        ),
        (
            {"link": 3},
            'link must be one of "auto", "linear", "smooth", "joint", or a table of parent = one '
            "of these, found 3",
        ),
        ({"link": ("ab", "c")}, "link must be pairs of a parent and a kind of link"),
        (
            {"parents": ("density",), "link": {"densty": "smooth"}},
            "link names 'densty', which is not among its parents (did you mean \"density\"?)",
        ),
        (
            {"parents": ("a",), "link": {"a": "smoth"}},
            'link of \'a\' = "smoth" is not known (did you mean "smooth"?); choose from',
        ),
        ({"parents": ("a",), "link": {"a": 2}}, "link of 'a' = 2 is not known; choose from"),
        ({"parents": ("a",), "link": (("a", "auto"), ("a", "joint"))}, "link names a parent twice"),
        ({"formula": 3}, "property 't': formula must be a text, found 3"),
        (
            {"formula": "c * (theta", "parents": ("theta",)},
            "property 't': the formula has a \"(\" that is not closed\n    c * (theta\n        ^",
        ),
        (
            {"formula": "c * theta"},
            "property 't': formula uses none of its parents, only 'c', 'theta'; names that stand "
            "for properties are among the parents",
        ),
        ({"formula": "2", "parents": ("a",)}, "formula uses none of its parents: it is a number"),
        ({"formula": "a + t", "parents": ("a",)}, "formula uses 't' itself"),
        (
            {"formula": "c * a", "parents": ("a", "b"), "link": {"a": "smooth"}},
            "link names 'a', which acts by the formula; remove it",
        ),
        (
            {"formula": "c * a", "parents": ("a",), "prior": {"a": 1}},
            "prior names 'a', which acts by the formula",
        ),
        (
            {"gross_errors": 0.5},
            "property 't': gross_errors must be a share of the values above 0 and below 0.5, "
            'found 0.5; "none" means that all are trusted',
        ),
        ({"gross_errors": 0}, "gross_errors must be a share of the values"),
        ({"gross_errors": float("nan")}, "gross_errors must be a finite number"),
        ({"gross_errors": True}, "gross_errors must be a finite number, found True"),
        (
            {"gross_errors": "nnoe"},
            'gross_errors = "nnoe" is not known (did you mean "none"?); '
            'choose from "auto", "none", or give a number',
        ),
        ({"parents": "abc"}, 'parents must be a list of names: write ["abc"]'),
        ({"parents": None}, "parents must be a list of names, found None"),
        ({"parents": ("a", 3)}, "parents must be a list of names, found 3 in it"),
        ({"parents": ("a", "t")}, "property 't': parents names 't' itself"),
        ({"parents": ("a", "b", "a")}, "property 't': parents names 'a' twice"),
        ({"transform": "logit"}, "lower is missing"),
        ({"transform": "logit", "lower": 0}, "upper is missing"),
        ({"transform": "logit", "lower": 1, "upper": 1}, "lower < upper, found lower = 1 and"),
        ({"transform": "logit", "lower": "0", "upper": 1}, "lower must be a finite number"),
        ({"transform": "logit", "lower": 0, "upper": True}, "upper must be a finite number"),
        ({"transform": "logit", "lower": 0, "upper": float("inf")}, "upper must be a finite"),
        ({"transform": "log", "lower": 0.0}, 'lower = 0.0 belongs to transform = "logit"'),
        (
            {"floor": "nnoe"},
            'property \'t\': floor = "nnoe" is not known (did you mean "none"?); '
            'choose from "auto", "none", or give a number',
        ),
        ({"floor": "0"}, 'floor = "0" is not known; choose from "auto", "none", or give a number'),
        ({"floor": None}, "floor = None is not known; choose from"),
        ({"floor": True}, "floor must be a finite number, found True"),
        ({"floor": float("-inf")}, "floor must be a finite number, found -inf"),
        (
            {"floor": 0, "transform": "log"},
            'property \'t\': floor = 0.0 belongs to transform = "identity", found "log"; '
            "remove one",
        ),
        (
            {"floor": 0.5, "transform": "logit", "lower": 0, "upper": 1},
            'floor = 0.5 belongs to transform = "identity", found "logit"',
        ),
        (
            {"discrepancy": "linaer"},
            'property \'t\': discrepancy = "linaer" is not known (did you mean "linear"?); '
            'choose from "gaussian process", "linear", "none"',
        ),
        ({"discrepancy": None}, "discrepancy = None is not known; choose from"),
        (
            {"measurement_error": -0.1},
            "property 't': measurement_error must be positive, found -0.1; "
            '"given" means none but those of the table',
        ),
        ({"measurement_error": 0}, "measurement_error must be positive, found 0.0"),
        ({"measurement_error": float("nan")}, "measurement_error must be a finite number"),
        (
            {"measurement_error": "learn"},
            'measurement_error = "learn" is not known (did you mean "learned"?); '
            'choose from "given", "learned", or give a number',
        ),
        ({"prior": 2.0}, "prior must be a table of parent = number, found 2.0"),
        ({"prior": ("ab", "c")}, "prior must be pairs of a parent and a number"),
        ({"parents": ("a",), "prior": {"b": 1.0}}, "'b', which is not among its parents"),
        (
            {"parents": ("bulk_modulus",), "prior": {"bulk_modulsu": 1.0}},
            'parents (did you mean "bulk_modulus"?)',
        ),
        ({"parents": ("a",), "prior": (("a", 1), ("a", 2))}, "prior names a parent twice"),
        ({"parents": ("a",), "prior": {"a": "2"}}, "prior of 'a' must be a finite number"),
        ({"parents": ("a",), "prior": {"a": float("nan")}}, "prior of 'a' must be a finite"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_what_makes_no_sense_is_refused_at_once(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(GraphError) as caught:
        Property(**{"name": "t", **arguments})  # type: ignore[arg-type]
    assert message in str(caught.value)
