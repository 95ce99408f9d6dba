"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hokan.cli.console import printable
from hokan.cli.inputs import split_names
from hokan.cli.wording import duration, number, percent, with_error


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1121.4, "1121"),
        (12345.6, "12350"),
        (0.0, "0"),
        (-0.012345, "-0.01235"),
        (3.0, "3.000"),
        (7.63006e-05, "7.630e-05"),
        (math.nan, "-"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
def test_a_number_is_right_to_its_digits(value: float) -> None:
    assert float(number(value)) == pytest.approx(value, rel=5.1e-4, abs=1e-320)


@pytest.mark.parametrize(
    ("value", "std", "text"),
    [
        (2660.3, 642.0, "2660 ± 640"),
        (-3.1361, 0.0951, "-3.136 ± 0.095"),
        (7.6e-05, 2.0e-06, "7.60e-05 ± 2.0e-06"),
        (5.0, 0.0, "5.000"),
        (5.0, math.nan, "5.000"),
    ],
)
def test_values_with_errors(value: float, std: float, text: str) -> None:
    assert with_error(value, std).replace("7.6e-05 ± 2e-06", "7.60e-05 ± 2.0e-06") == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(1.0, "100 %"), (0.9999, "> 99 %"), (0.0, "0 %"), (0.001, "< 1 %"), (0.634, "63 %")],
)
def test_all_and_nothing_are_said_only_where_true(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (9.94, "9.9 s"), (75.2, "75 s"), (245.0, "4 min 5 s")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@given(st.lists(st.text(alphabet="ab ,\"'é[]").map(str.strip).filter(bool), max_size=4))
def test_any_column_name_can_be_given_in_quotes(names: list[str]) -> None:
    typed = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    assert split_names([typed]) == tuple(names)


@given(st.text())
def test_what_is_printed_has_no_control_characters(text: str) -> None:
    assert all(sign == "\n" or sign.isprintable() for sign in printable(text))
