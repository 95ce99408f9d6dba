"""A cell is a number, or it is refused with a hint that fits it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.table.hints import TextKind, explain_text, text_kind
from hokan.table.numbers import parse_number, parse_numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0),
        ("-1.5", -1.5),
        ("+3", 3.0),
        ("1e3", 1000.0),
        ("1.2E-05", 1.2e-5),
        (".5", 0.5),
        ("5.", 5.0),
        (" 7 ", 7.0),
        ("007", 7.0),
        ("0.1", 0.1),
    ],
)
def test_numbers_are_read(text: str, value: float) -> None:
    assert parse_number(text) == value
    assert text_kind(text) is TextKind.NUMBER


@pytest.mark.parametrize("text", ["", "  ", "nan", "NaN"])
def test_empty_cells_and_nan_are_holes(text: str) -> None:
    value = parse_number(text)
    assert value is not None
    assert math.isnan(value)


@pytest.mark.parametrize("text", ["inf", "-inf", "Infinity", "1e999", "-1e999"])
def test_infinite_numbers_are_read_as_such_to_be_refused_later(text: str) -> None:
    value = parse_number(text)
    assert value is not None
    assert math.isinf(value)


@pytest.mark.parametrize(
    ("text", "kind", "hint"),
    [
        ("12,5", TextKind.ALMOST, "write 12.5"),
        ("1,5e3", TextKind.ALMOST, "write 1.5e3"),
        ("1,200", TextKind.ALMOST, "write 1200 if it parts thousands, 1.200 if it is decimal"),
        ("1,234,567.8", TextKind.ALMOST, "write 1234567.8"),
        ("1.234,5", TextKind.ALMOST, "write 1234.5"),
        ("1 200", TextKind.ALMOST, "write 1200"),
        ("1\u202f200", TextKind.ALMOST, "write 1200"),
        ("1_200", TextKind.OTHER, "write 1200"),
        ("> 3000", TextKind.ALMOST, "is a limit, where only a number can be used"),
        ("≥ 5 GPa", TextKind.ALMOST, "limit with a unit; write > 5 and put [GPa] in the column"),
        ("at most 5 %", TextKind.ALMOST, "limit with a unit; write < 5 and put [%]"),
        ("> 12,5", TextKind.ALMOST, "limit, and its number has a decimal comma; use a point"),
        ("> 5*", TextKind.ALMOST, "limit that cannot be read; write it like > 3000"),
        ("~5", TextKind.ALMOST, "write 5, and how uncertain it is in a column 'gap__error'"),
        ("ca. 5", TextKind.ALMOST, "write 5,"),
        ("1.2(3)", TextKind.ALMOST, "write 1.2 here and 0.3 in a column 'gap__error'"),
        ("12.34(56)", TextKind.ALMOST, "write 12.34 here and 0.56 in"),
        ("150(12)", TextKind.ALMOST, "write 150 here and 12 in"),
        ("1.2 ± 0.3", TextKind.ALMOST, "write 1.2 here and 0.3 in a column 'gap__error'"),
        ("3.2 GPa", TextKind.ALMOST, "write 3.2 and put [GPa] in the column name"),
        ("300 K", TextKind.ALMOST, "write 300 and put [K]"),
        ("5 %", TextKind.ALMOST, "write 5 and put [%]"),
        ("−5", TextKind.ALMOST, "write -5"),
        ("1.2×10^3", TextKind.ALMOST, "write 1.2e3"),
        ("2 x 10−3", TextKind.ALMOST, "write 2e-3"),
        ("10^-6", TextKind.ALMOST, "write 1e-6"),
        ("1.5D+03", TextKind.ALMOST, "write 1.5e+03"),
        ("n/a", TextKind.UNKNOWN_MARK, "leave the cell empty"),
        ("N/A", TextKind.UNKNOWN_MARK, "leave the cell empty"),
        ("-", TextKind.UNKNOWN_MARK, "leave the cell empty"),
        ("--", TextKind.UNKNOWN_MARK, "leave the cell empty"),
        ("?", TextKind.UNKNOWN_MARK, "leave the cell empty"),
        ("None", TextKind.UNKNOWN_MARK, "leave the cell empty"),
        ("unknown", TextKind.UNKNOWN_MARK, "leave the cell empty"),
        ("TBD", TextKind.UNKNOWN_MARK, "leave the cell empty"),
        ("#DIV/0!", TextKind.OTHER, "an error of the spreadsheet"),
        ("300-400", TextKind.OTHER, "is a limit, where only a number can be used"),
        ("400-300", TextKind.OTHER, "looks like a range, but can mean something else"),
        ("1e-3-5", TextKind.OTHER, "looks like a range"),
        ("5*", TextKind.OTHER, "write 5"),
        ("(5)", TextKind.OTHER, "write 5"),
        ("2H", TextKind.OTHER, "has a unit"),  # or a polytype: not taken as nearly a number
        ("٣", TextKind.OTHER, "write a number"),
        ("fcc", TextKind.OTHER, "write a number"),
    ],
)
def test_what_is_no_number_gets_a_hint_that_fits(text: str, kind: TextKind, hint: str) -> None:
    assert parse_number(text) is None
    assert text_kind(text) is kind
    assert hint in explain_text(text, "gap")


@pytest.mark.parametrize("text", ["Fe2O3", "mp-149", "P6_3/mmc", "7440-06-4", "2H-MoS2", "a(3)"])
def test_names_are_not_mistaken_for_numbers(text: str) -> None:
    assert text_kind(text) is TextKind.OTHER


@settings(deadline=None)
@given(st.lists(st.one_of(st.floats(allow_infinity=False).map(repr), st.just("")), max_size=20))
def test_a_column_of_numbers_is_read_to_the_last_bit(texts: list[str]) -> None:
    values = parse_numbers(texts)
    assert values is not None
    expected = np.array([float(text or "nan") for text in texts], dtype=float)
    np.testing.assert_array_equal(values, expected)


@settings(deadline=None)
@given(st.lists(st.text(max_size=8), max_size=8))
def test_a_column_is_read_as_its_cells_are(texts: list[str]) -> None:
    one_by_one = [parse_number(text) for text in texts]
    together = parse_numbers(texts)
    if None in one_by_one:
        assert together is None
    else:
        assert together is not None
        np.testing.assert_array_equal(together, np.array(one_by_one, dtype=float))


@settings(deadline=None)
@given(st.text(max_size=15))
def test_every_text_can_be_explained(text: str) -> None:
    text_kind(text)
    assert explain_text(text, "{column}")
