"""Which texts are limits and ranges, and which may be something else."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.table.limit_texts import format_limit, parse_limit

NAN = np.nan


@pytest.mark.parametrize(
    ("text", "lower", "upper"),
    [
        ("> 3000", 3000, NAN),
        ("<0.1", NAN, 0.1),
        (" >= 5 ", 5, NAN),
        ("=> 5", 5, NAN),
        ("≥5", 5, NAN),
        ("≤ 2", NAN, 2),
        ("=< 2", NAN, 2),
        ("≫ 1e3", 1000, NAN),
        ("at least 3", 3, NAN),
        ("At most 3", NAN, 3),
        ("more than 3", 3, NAN),
        ("greater than 3", 3, NAN),
        ("less than -3.5", NAN, -3.5),
        ("below 3", NAN, 3),
        ("above 3", 3, NAN),
        ("up to 3", NAN, 3),
        ("3-5", 3, 5),
        ("3 - 5", 3, 5),
        ("3 – 5", 3, 5),
        ("1.25–1.5", 1.25, 1.5),
        ("3 to 5", 3, 5),
        ("-5 to -3", -5, -3),
        ("1e-3 to 2e-3", 1e-3, 2e-3),
    ],
)
def test_limits_and_ranges_are_read(text: str, lower: float, upper: float) -> None:
    np.testing.assert_array_equal(parse_limit(text), (lower, upper))


@pytest.mark.parametrize(
    "text",
    [
        *("", "3000", "fcc", ">", "> ", "> x", "<>3", "> 5 GPa", "> 12,5", "> 5*", "~ 3"),
        *("5-3", "3-3", "5 to 3"),  # the wrong way round, or no range
        *("-5--3", "1e-3-5", "-3-5"),  # what the sign belongs to is open
        "0.123-101",  # 0.123e-101 as Fortran writes it
        *("12-05", "2026-11-23", "7440-06-4", "3-5-7"),  # dates, numbers of substances
        *("3...5", "3…5", "3-5 GPa", "3/5"),
    ],
)
def test_what_may_be_something_else_is_not(text: str) -> None:
    assert parse_limit(text) is None


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(st.none() | NUMBERS, st.none() | NUMBERS)
def test_what_is_written_is_read_back_to_the_last_bit(
    lower: float | None, upper: float | None
) -> None:
    limit = (NAN if lower is None else lower, NAN if upper is None else upper)
    if all(map(math.isnan, limit)):
        with pytest.raises(ValueError, match="neither"):
            format_limit(*limit)
    elif not limit[0] >= limit[1]:
        np.testing.assert_array_equal(parse_limit(format_limit(*limit)), limit)
