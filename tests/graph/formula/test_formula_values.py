from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hokan.errors import GraphError
from hokan.graph.formula import Formula

LINDEMANN = Formula.parse("c * mass * theta**2 * volume**(2/3)", ["mass", "theta", "volume"])


def test_a_formula_is_worked_out_row_by_row() -> None:
    values = {
        "mass": np.array([27.0, 63.5]),
        "theta": np.array([428.0, 343.0]),
        "volume": np.array([10.0, 7.1]),
    }
    expected = 3e-5 * values["mass"] * values["theta"] ** 2 * values["volume"] ** (2 / 3)
    np.testing.assert_allclose(LINDEMANN.value(values, {"c": 3e-5}), expected, rtol=1e-14)


def test_inputs_broadcast_and_constants_may_be_draws() -> None:
    law = Formula.parse("c * a + d", ["a"])
    draws = np.array([[1.0], [2.0]])
    value, by_name, by_constant = law.value_and_derivatives(
        {"a": [1.0, 2.0, 3.0]}, {"c": draws, "d": 5}
    )
    np.testing.assert_array_equal(value, [[6, 7, 8], [7, 9, 11]])
    np.testing.assert_array_equal(by_name["a"], [[1, 1, 1], [2, 2, 2]])
    np.testing.assert_array_equal(by_constant["c"], [[1, 2, 3], [1, 2, 3]])
    np.testing.assert_array_equal(by_constant["d"], np.ones((2, 3)))


def test_results_are_new_arrays() -> None:
    given_values = np.array([1.0, 2.0])
    result = Formula.parse("a").value({"a": given_values})
    result[0] = 7
    assert given_values[0] == 1


def test_what_is_missing_is_named() -> None:
    with pytest.raises(GraphError, match="needs a value of the parent 'volume'"):
        LINDEMANN.value({"mass": 1.0, "theta": 1.0}, {"c": 1.0})
    with pytest.raises(GraphError, match="needs a value of the constant 'c'"):
        LINDEMANN.value({"mass": 1.0, "theta": 1.0, "volume": 1.0})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sqrt(a)", -1),
        ("log(a)", 0),
        ("log10(a)", -2),
        ("1 / a", 0),
        ("a**0.5", -1),
        ("exp(a)", 1e4),
        ("sqrt(0 - 1) + a", 1),
        ("1 / 0 + a", 1),
        ("1e308 * 10 * a", 1),
    ],
)
def test_outside_its_domain_a_formula_is_a_hole_without_a_warning(text: str, value: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result, by_name, _ = Formula.parse(text).value_and_derivatives({"a": [value, 1.0]})
    assert np.isnan(result[0])
    assert np.isnan(by_name["a"][0])


@pytest.mark.parametrize("text", ["a**0", "1**a", "min(a, 0)", "max(0, a)", "0 * a", "abs(a)"])
def test_a_hole_stays_a_hole(text: str) -> None:
    """Also where IEEE arithmetic has NaN**0 = 1."""
    formula = Formula.parse(text)
    assert np.isnan(formula.value({"a": np.nan}))
    _, by_name, _ = formula.value_and_derivatives({"a": [np.nan, 1.0]})
    np.testing.assert_array_equal(np.isnan(by_name["a"]), [True, False])


@pytest.mark.parametrize(
    ("text", "at", "slope"),
    [
        ("abs(a)", 0, 0),
        ("max(a, 0)", 0, 1),
        ("min(0, a)", 0, 0),
        ("a**2", 0, 0),
        ("a**2", -3, -6),
        ("a**1", 0, 1),
        ("a**0", 0, 0),
        ("a - a", 2, 0),
        ("a / a", 2, 0),
        ("sqrt(a)", 0, np.nan),
    ],
)
def test_slopes_at_the_edges(text: str, at: float, slope: float) -> None:
    value, by_name, _ = Formula.parse(text).value_and_derivatives({"a": at})
    assert np.isfinite(value)
    np.testing.assert_array_equal(by_name["a"], slope)


def test_a_fitted_exponent_has_a_slope_at_zero() -> None:
    _, _, by_constant = Formula.parse("a**n", ["a"]).value_and_derivatives({"a": 0.0}, {"n": 2.0})
    assert by_constant["n"] == 0


# Expressions that are smooth and of moderate size for arguments between 0.5 and 2.
SMOOTH = st.recursive(
    st.sampled_from(["a", "b", "c", "2", "0.5", "1.5"]),
    lambda part: st.one_of(
        st.tuples(part, st.sampled_from(["+", "-", "*", "/"]), part).map(
            lambda given: f"({given[0]}) {given[1]} ({given[2]})"
        ),
        part.map(lambda inner: f"-({inner})"),
        part.map(lambda inner: f"sqrt(abs({inner}) + 1)"),
        part.map(lambda inner: f"log(({inner})**2 + 1)"),
        part.map(lambda inner: f"log10(exp({inner} / 4))"),
        part.map(lambda inner: f"(abs({inner}) + 0.5)**(c / 2)"),
        st.tuples(part, part).map(lambda given: f"max({given[0]}, {given[1]}, 0.1)"),
        st.tuples(part, part).map(lambda given: f"min({given[0]}, {given[1]})"),
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=200)
@given(text=SMOOTH, seed=st.integers(0, 2**16))
def test_derivatives_are_those_of_central_differences(text: str, seed: int) -> None:
    formula = Formula.parse(text, parents=["a", "b"])
    at = dict(zip("abc", np.random.default_rng(seed).uniform(0.5, 2, (3, 4)), strict=True))

    def value(**moved: np.ndarray) -> np.ndarray:
        inputs = at | moved
        return formula.value(inputs, {"c": inputs["c"]})

    centre, by_name, by_constant = formula.value_and_derivatives(at, {"c": at["c"]})
    np.testing.assert_array_equal(centre, value())
    slopes = by_name | by_constant
    assert set(slopes) == {*formula.names, *formula.constants}
    step = 1e-5
    for name, slope in slopes.items():
        up, down = value(**{name: at[name] + step}), value(**{name: at[name] - step})
        right, left = (up - centre) / step, (centre - down) / step
        # Where the two sides differ there is a kink, or too steep a slope for differences.
        plain = np.abs(right - left) < 1e-3 * (1 + np.abs(right))
        assume(plain.any())
        differences = (right + left) / 2
        scale = 1 + np.abs(differences[plain]) + np.abs(centre[plain])
        assert slope.shape == centre.shape
        assert np.all(np.abs(slope[plain] - differences[plain]) < 1e-4 * scale)


# --- power laws -----------------------------------------------------------------------------


def test_a_product_of_powers_is_linear_in_logarithms() -> None:
    law = LINDEMANN.as_power_law()
    assert law is not None
    assert law.coefficient == 1
    assert law.exponents == {"mass": 1, "theta": 2, "volume": pytest.approx(2 / 3, rel=1e-15)}
    assert law.constant_powers == {"c": 1}
    assert law.prefactor == "c"


@pytest.mark.parametrize(
    ("text", "coefficient", "exponents"),
    [
        ("a", 1, {"a": 1}),
        ("2 * a / b", 2, {"a": 1, "b": -1}),
        ("sqrt(4 * a * b**3)", 2, {"a": 0.5, "b": 1.5}),
        ("(a / b)**(1 + 1)", 1, {"a": 2, "b": -2}),
        ("a / (b * a**2)", 1, {"a": -1, "b": -1}),
        ("a * exp(0) * max(2, 3)", 3, {"a": 1}),
        ("a**-2 * (2 + 2)", 4, {"a": -2}),
        ("-(-3) * a", 3, {"a": 1}),
        ("(-2)**2 * a", 4, {"a": 1}),
        ("a / a", 1, {"a": 0}),
    ],
)
def test_forms_of_power_laws(text: str, coefficient: float, exponents: dict[str, float]) -> None:
    law = Formula.parse(text).as_power_law()
    assert law is not None
    assert law.coefficient == pytest.approx(coefficient, rel=1e-15)
    assert law.exponents == pytest.approx(exponents)
    assert law.prefactor is None


@pytest.mark.parametrize(
    "text",
    [
        "a + b",
        "c * a + 1",
        "c * a**n",
        "2**a",
        "exp(a)",
        "abs(a)",
        "-a",
        "0 * a",
        "a / 0",
        "(-2)**0.5 * a",
        "max(a, b)",
        "1e300**2 * a",
    ],
)
def test_what_is_no_power_law(text: str) -> None:
    assert Formula.parse(text, ["a", "b"]).as_power_law() is None


def test_of_several_constants_only_their_product_counts() -> None:
    law = Formula.parse("c * d**2 * a", ["a"]).as_power_law()
    assert law is not None
    assert law.constant_powers == {"c": 1, "d": 2}
    assert law.prefactor is None


@settings(deadline=None)
@given(
    exponents=st.dictionaries(st.sampled_from("abc"), st.floats(-3, 3), min_size=1),
    logarithms=st.lists(st.floats(-2, 2), min_size=4, max_size=4),
)
def test_a_power_law_gives_the_value_of_its_formula(
    exponents: dict[str, float], logarithms: list[float]
) -> None:
    parts = [f"{name}**({exponent!r})" for name, exponent in exponents.items()]
    formula = Formula.parse(" * ".join(["k", "1.5", *parts]), parents="abc")
    law = formula.as_power_law()
    assert law is not None
    logs = dict(zip("abck", logarithms, strict=True))
    linear = np.log(law.coefficient) + logs["k"]
    linear += sum(exponent * logs[name] for name, exponent in law.exponents.items())
    raw = {name: np.exp(value) for name, value in logs.items()}
    assert np.log(formula.value(raw, raw)) == pytest.approx(linear, abs=1e-12)
