"""Functions of two fidelities against published values, and the tables made of them.

Values at single points are those of the test suite of QUEENS (queens-py), which implements the same
formulas on its own; extremes are those of the Virtual Library of Simulation Experiments.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from hokan.datasets import MULTIFIDELITY_FUNCTIONS
from hokan.errors import TableError
from hokan.table import PropertyTable

FUNCTIONS = list(MULTIFIDELITY_FUNCTIONS.values())
PARK_POINT = [0.3, 0.6, 0.5, 0.1]
PUBLISHED = {
    "Borehole": (
        [0.1, 500, 70_000, 1000, 80, 750, 1550, 11_100],
        44.58779860979928,
        56.03080181188316,
    ),
    "Branin": ([-4, 5], 125.49860898539086, 92.70795679406056),
    "Currin": ([0.6, 0.1], 10.964538831722423, 11.06777716201019),
    "Park 1": (PARK_POINT, 3.2830146685714103, 2.6934187033863846),
    "Park 2": (PARK_POINT, 1.510151424293055, 2.091792853577546),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_values_are_those_that_others_find(name):
    point, low, high = PUBLISHED[name]
    function = MULTIFIDELITY_FUNCTIONS[name]
    assert function.low([point])[0] == pytest.approx(low, rel=1e-12)
    assert function.high([point])[0] == pytest.approx(high, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "at", "value"),
    [
        ("Forrester", [0.757249], -6.020740),
        ("Branin", [-np.pi, 12.275], 0.397887),
        ("Branin", [np.pi, 2.275], 0.397887),
        ("Branin", [9.42478, 2.475], 0.397887),
    ],
)
def test_minima_are_where_the_literature_has_them(name, at, value):
    function = MULTIFIDELITY_FUNCTIONS[name]
    assert function.high([at])[0] == pytest.approx(value, abs=2e-6)
    found = minimize(lambda x: function.high([x])[0], np.array(at) + 0.01, method="Nelder-Mead")
    np.testing.assert_allclose(found.x, at, atol=1e-3)
    assert found.fun == pytest.approx(value, abs=2e-6)


def test_the_low_form_of_forrester_is_half_the_high_one_and_a_line():
    function = MULTIFIDELITY_FUNCTIONS["Forrester"]
    assert function.high([[0.0], [1 / 3]]) == pytest.approx([4 * np.sin(-4), 0.0])
    assert function.low([[0.0], [1 / 3]]) == pytest.approx([2 * np.sin(-4) - 10, -5 - 10 / 6])


def test_limits_at_the_edge_of_the_domain_are_finite():
    assert MULTIFIDELITY_FUNCTIONS["Currin"].high([[0.0, 0.0]]) == pytest.approx([3.0])
    edge = MULTIFIDELITY_FUNCTIONS["Park 1"].high([[0.0, 1.0, 0.0, 1.0]])
    assert edge == pytest.approx([0.5 + 3 * np.e])


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
@given(seed=st.integers(0, 2**31), fraction=st.floats(0.1, 1.0))
@settings(max_examples=10, deadline=None)
def test_a_nested_table_knows_the_low_value_wherever_it_knows_the_high_one(
    function, seed, fraction
):
    n_high = max(1, int(20 * fraction))
    frame = function.table(20, n_high, nested=True, random_state=seed)
    assert len(frame) == 20
    assert frame["low"].notna().all()
    assert frame["high"].notna().sum() == n_high
    check_values(function, frame)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_other_tables_know_one_value_at_each_point(function):
    frame = function.table(12, 5, nested=False, random_state=1)
    assert frame["low"].notna().sum() == 12
    assert frame["high"].notna().sum() == 5
    assert (frame[["low", "high"]].notna().sum(axis=1) == 1).all()
    check_values(function, frame)


def check_values(function, frame):
    points = frame.filter(like="x").to_numpy()
    lower, upper = np.array(function.bounds).T
    assert points.shape[1] == function.n_dim
    assert ((points >= lower) & (points <= upper)).all()
    for name, values in {"low": function.low(points), "high": function.high(points)}.items():
        known = frame[name].notna()
        np.testing.assert_array_equal(frame.loc[known, name], values[known])


def test_high_points_are_a_latin_hypercube_in_both_kinds_of_table():
    function = MULTIFIDELITY_FUNCTIONS["Park 1"]
    for nested in (True, False):
        frame = function.table(30, 10, nested=nested, random_state=3)
        points = frame.loc[frame["high"].notna()].filter(like="x").to_numpy()
        for column in points.T:
            assert sorted((column * 10).astype(int)) == list(range(10))


def test_a_table_is_read_as_descriptors_and_two_properties():
    frame = MULTIFIDELITY_FUNCTIONS["Currin"].table(8, 4)
    table = PropertyTable.from_frame(frame, descriptors=["x1", "x2"])
    assert table.property_names == ("low", "high")
    assert list(table.descriptors.columns) == ["x1", "x2"]


def test_one_number_gives_one_table():
    function = MULTIFIDELITY_FUNCTIONS["Branin"]
    assert function.table(9, 4, random_state=5).equals(function.table(9, 4, random_state=5))
    assert not function.table(9, 4, random_state=5).equals(function.table(9, 4, random_state=6))


def test_refusals_say_what_was_expected():
    function = MULTIFIDELITY_FUNCTIONS["Currin"]
    with pytest.raises(TableError, match=r"shape \(n, 2\); got shape \(3,\)"):
        function.high([1.0, 2.0, 3.0])
    with pytest.raises(TableError, match="n_low = 4, n_high = 5"):
        function.table(4, 5)
    with pytest.raises(TableError, match="at least 1"):
        function.table(4, 0)
