from __future__ import annotations

import math
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.errors import GraphError
from hokan.graph.formula import Formula
from hokan.graph.formula.expression import (
    FUNCTIONS,
    Call,
    Name,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Sum,
)

# --- reading --------------------------------------------------------------------------------


def number_of(text: str) -> float:
    return float(Formula.parse(text).value({}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("2 - 3 - 4", -5),
        ("24 / 3 / 4", 2),
        ("24 / 3 * 4", 32),
        ("2**3**2", 512),
        ("2^3^2", 512),
        ("-2**2", -4),
        ("(-2)**2", 4),
        ("2**-1", 0.5),
        ("2 * -3", -6),
        ("2 - -3", 5),
        ("--2", 2),
        ("+2", 2),
        ("8**(2/3)", 4),
        (".5 + 5. + 1.5e1 + 2E-1", 20.7),
        ("sqrt(16) + exp(0) + log(exp(2)) + log10(1000) + abs(-3)", 13),
        ("min(3, 1, 2) + max(3, 1, 2)", 4),
        ("pi", math.pi),
        ("π", math.pi),
        ("6 · 2 × 3 − 1", 35),
    ],
)
def test_arithmetic_means_what_it_means_in_mathematics(text: str, expected: float) -> None:
    assert number_of(text) == pytest.approx(expected, rel=1e-15)


def test_names_are_parents_or_constants() -> None:
    formula = Formula.parse(
        "c * molar_mass * θ_D**2 * volume**(2/3) + d * molar_mass",
        parents=["θ_D", "molar_mass", "volume", "hardness"],
    )
    assert formula.names == ("molar_mass", "θ_D", "volume")
    assert formula.constants == ("c", "d")


def test_without_a_list_every_name_is_a_parent() -> None:
    formula = Formula.parse("b * a")
    assert formula.names == ("b", "a")
    assert formula.constants == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("`gap [eV]`", "gap [eV]"),
        ('"gap [eV]"', "gap [eV]"),
        ("'gap [eV]'", "gap [eV]"),
        ("`log`", "log"),
        ("`pi`", "pi"),
        ("`2nd`", "2nd"),
        ("`a``b`", "a`b"),
        ("'it''s'", "it's"),
        ("`two\nlines`", "two\nlines"),
    ],
)
def test_any_name_can_be_written_in_quotes(text: str, name: str) -> None:
    assert Formula.parse(f"2 * {text}").names == (name,)
    assert Formula.parse(str(Formula.parse(f"2 * {text}"))).names == (name,)


@pytest.mark.parametrize(
    ("text", "problem", "column"),
    [
        ("", "is empty", 0),
        ("  ", "is empty", 2),
        ("a +", 'should go on with a number, a name, a function or "(", found its end', 3),
        ("a * / b", "should go on with a number, a name, a function or \"(\", found '/'", 4),
        ("a b", "should go on with an operator (+ - * / **) or its end, found 'b'", 2),
        ("a, b", "should go on with an operator (+ - * / **) or its end, found ','", 1),
        ("2a", "has a name right after a number: write * between them", 1),
        ("(a + b", 'has a "(" that is not closed', 0),
        ("(a b)", "should go on with an operator (+ - * / **) or \")\", found 'b'", 3),
        ("a + b)", "should go on with an operator (+ - * / **) or its end, found ')'", 5),
        ("()", "should go on with a number, a name, a function or \"(\", found ')'", 1),
        ("sqrt a", "should go on with \"(\" after the function sqrt, found 'a'", 5),
        ("1 + log(a, b)", "gives log 2: it has one argument", 4),
        ("min(a)", "gives min 1: it has 2 arguments or more", 0),
        ("sqr(a)", "has 'sqr' before a parenthesis, which is no function (did you mean", 0),
        ("c (a + b)", "and a product is written with *", 0),
        ("a²", "has a raised ²: write powers with **", 1),
        ("`a", "has a ` that is not closed by another", 0),
        ("a * ``", "has quotes with no name between them", 4),
        ("a = b", "has a sign it cannot have, '='; a name with other signs", 2),
        ("gap [eV]", "has a sign it cannot have, '['; a name with other signs than letters", 4),
        ("a.b", "has a sign it cannot have, '.'", 1),
        ("1e999", "has a number too large to compute with, 1e999", 0),
        ("__import__('os')", "has '__import__' before a parenthesis, which is no function", 0),
        ("a if b else c", "should go on with an operator", 2),
    ],
)
def test_a_message_points_at_what_is_wrong(text: str, problem: str, column: int) -> None:
    with pytest.raises(GraphError) as caught:
        Formula.parse(text)
    told, line, caret = str(caught.value).split("\n")
    assert told.startswith("the formula ")
    assert problem in told
    assert line == f"    {text}"
    assert caret == " " * (4 + column) + "^"


def test_of_a_long_text_the_message_shows_the_line_and_a_part_of_it() -> None:
    with pytest.raises(GraphError) as caught:
        Formula.parse("a +\n b ? c\n + d")
    assert str(caught.value).endswith("\n     b ? c\n       ^")
    with pytest.raises(GraphError) as caught:
        Formula.parse("alpha + " * 60 + "? + " + "beta + " * 60)
    _, line, caret = str(caught.value).split("\n")
    assert len(line) <= 4 + 120
    assert line[caret.index("^")] == "?"


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1000 + "a" + ")" * 1000,
        "-" * 400 + "a",
        "a" + "**a" * 200,
        "sqrt(" * 60 + "a" + ")" * 60,
    ],
    ids=lambda text: text[:6],
)
def test_nesting_has_a_limit(text: str) -> None:
    with pytest.raises(GraphError, match=r"nested more than 40 deep|longer than 500"):
        Formula.parse(text)


def test_length_has_a_limit() -> None:
    longest = "+".join(["a"] * 250)
    assert number_of(longest.replace("a", "2")) == 500
    with pytest.raises(GraphError, match="longer than 500 numbers, names and signs"):
        Formula.parse(longest + "+a")


# --- writing --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a+b*c", "a + b * c"),
        ("(a*b)/c", "(a * b) / c"),
        ("a^2", "a**2"),
        ("((a))", "a"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a+b)**2", "(a + b)**2"),
        ("(a**b)**c", "(a**b)**c"),
        ("a**b**c", "a**b**c"),
        ("a**-b", "a**-b"),
        ("-(a+b)", "-(a + b)"),
        ("(-a)**2", "(-a)**2"),
        ('"x" + "x y"', "x + `x y`"),
        ("2.50e3", "2500"),
        ("MIN", "MIN"),
    ],
)
def test_there_is_one_way_of_writing_a_formula(text: str, canonical: str) -> None:
    assert str(Formula.parse(text)) == canonical


NAMES = st.sampled_from(["a", "b", "T_m", "θ", "gap [eV]", "log", "pi", "it`s", "²"])


def compound(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    def chain(signs: str) -> st.SearchStrategy[tuple[tuple[str, Node], ...]]:
        rest = st.lists(st.tuples(st.sampled_from(signs), parts), min_size=1, max_size=3)
        return st.tuples(parts, rest).map(lambda pair: ((signs[0], pair[0]), *pair[1]))

    def call(function: str) -> st.SearchStrategy[Node]:
        least, greatest = FUNCTIONS[function]
        arguments = st.lists(parts, min_size=least, max_size=greatest or 3)
        return arguments.map(lambda given: Call(function, tuple(given)))

    return st.one_of(
        parts.map(Negative),
        chain("+-").map(Sum),
        chain("*/").map(Product),
        st.tuples(parts, parts).map(lambda pair: Power(*pair)),
        st.sampled_from(list(FUNCTIONS)).flatmap(call),
    )


EXPRESSIONS: st.SearchStrategy[Node] = st.recursive(
    st.floats(0, allow_infinity=False, allow_nan=False).map(lambda value: Number(abs(value)))
    | NAMES.map(Name),
    compound,
    max_leaves=12,
)


@settings(deadline=None)
@given(root=EXPRESSIONS, parents=st.sets(NAMES))
def test_what_is_written_parses_to_an_equal_formula(root: Node, parents: set[str]) -> None:
    formula = Formula.parse(str(Formula(root, (), ())), parents)
    assert formula.root == root
    again = Formula.parse(str(formula), parents)
    assert again == formula
    assert hash(again) == hash(formula)
    assert set(formula.names) <= parents
    assert parents.isdisjoint(formula.constants)


@settings(deadline=None)
@given(text=st.text(alphabet="ab12.+-*/^()`'\", \nlogsqrtmin\u00b2e$_", max_size=40))
def test_any_text_is_a_formula_or_is_told_why_not(text: str) -> None:
    try:
        formula = Formula.parse(text)
    except GraphError as error:
        refused = str(error)
    else:
        refused = ""
        assert Formula.parse(str(formula)) == formula
    assert not refused or (refused.startswith("the formula ") and refused.endswith("^"))


def test_formulas_are_values() -> None:
    one = Formula.parse("c*a", parents=["a"])
    assert one == Formula.parse("(c) * a", parents=("a", "unused"))
    assert one != Formula.parse("c*a")
    assert one.value({"a": 2.0}, {"c": 3.0}) == 6
    assert pickle.loads(pickle.dumps(one)) == one


# --- other names ----------------------------------------------------------------------------


def test_names_can_be_those_of_a_table() -> None:
    law = Formula.parse("c * mass * theta**2", parents=["mass", "theta"])
    renamed = law.renamed({"theta": "Debye temperature [K]", "mass": "theta"})
    assert str(renamed) == "c * theta * `Debye temperature [K]`**2"
    assert renamed.names == ("theta", "Debye temperature [K]")
    assert renamed.constants == ("c",)


def test_new_names_are_for_names_there_are_and_stay_apart() -> None:
    law = Formula.parse("c * mass * theta**2", parents=["mass", "theta"])
    with pytest.raises(GraphError, match=r"has no name 'thta' \(did you mean \"theta\"\?\)"):
        law.renamed({"thta": "x"})
    with pytest.raises(GraphError, match=r"two names of the formula .* would become one"):
        law.renamed({"theta": "c"})
