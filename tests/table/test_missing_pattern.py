"""The pattern of holes, against figures published for the R package mice and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from hokan.errors import TableError
from hokan.table import MissingPattern, PropertyTable

NAN = np.nan


def from_counts(names: str, patterns: dict[str, int]) -> MissingPattern:
    """Return a pattern from rows such as "110", each so many times."""
    rows = [[sign == "1" for sign in row] for row, n in patterns.items() for _ in range(n)]
    return MissingPattern(tuple(names.split()), np.array(rows))


#: Data ``nhanes`` of mice, its holes rebuilt from what ``md.pattern`` prints: S. van Buuren and
#: K. Groothuis-Oudshoorn, J. Stat. Softw. 45, no. 3 (2011), section 2.4.
NHANES = from_counts("age bmi hyp chl", {"1111": 13, "1110": 3, "1011": 1, "1001": 1, "1000": 7})
#: Data ``pattern4`` of mice: S. van Buuren, Flexible Imputation of Missing Data, 2nd ed. (2018),
#: section 4.1.2.
PATTERN4 = from_counts("A B C", {"111": 2, "110": 3, "101": 1, "001": 2})

observed_arrays = arrays(
    np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=7), elements=st.booleans()
)


def named(observed: np.ndarray) -> MissingPattern:
    return MissingPattern(tuple(f"p{j}" for j in range(observed.shape[1])), observed)


class TestAgainstMice:
    def test_pairs_of_nhanes(self) -> None:
        """As printed in the article, section 2.4 (``md.pairs(nhanes)``)."""
        pairs = NHANES.pairs()
        printed = {
            "rr": [[25, 16, 17, 15], [16, 16, 16, 13], [17, 16, 17, 14], [15, 13, 14, 15]],
            "rm": [[0, 9, 8, 10], [0, 0, 0, 3], [0, 1, 0, 3], [0, 2, 1, 0]],
            "mr": [[0, 0, 0, 0], [9, 0, 1, 2], [8, 0, 0, 1], [10, 3, 3, 0]],
            "mm": [[0, 0, 0, 0], [0, 9, 8, 7], [0, 8, 8, 7], [0, 7, 7, 10]],
        }
        for kind, counts in printed.items():
            found = getattr(pairs, kind)
            assert found.to_numpy().tolist() == counts, kind
            assert list(found.index) == list(found.columns) == ["age", "bmi", "hyp", "chl"]

    def test_usable_cases_of_nhanes(self) -> None:
        """As printed in the article, section 3.3 (``round(p$mr/(p$mr+p$mm), 3)``)."""
        printed = [
            [NAN, NAN, NAN, NAN],
            [1, 0.0, 0.111, 0.222],
            [1, 0.0, 0.000, 0.125],
            [1, 0.3, 0.300, 0.000],
        ]
        np.testing.assert_allclose(NHANES.pairs().inbound(), printed, atol=5e-4)

    def test_distinct_patterns_of_nhanes(self) -> None:
        """``md.pattern(nhanes)`` prints the same rows and, below them, the holes of each column."""
        found = NHANES.distinct()
        assert found["count"].tolist() == [13, 7, 3, 1, 1]
        assert found["missing"].tolist() == [0, 3, 1, 1, 2]
        assert found.loc[1, ["age", "bmi", "hyp", "chl"]].tolist() == [True, False, False, False]
        holes = found["count"] @ ~found[["age", "hyp", "bmi", "chl"]]
        assert holes.tolist() == [0, 8, 9, 10]
        assert found["count"] @ found["missing"] == 27

    def test_pairs_of_pattern4(self) -> None:
        pairs = PATTERN4.pairs()
        assert pairs.rr.to_numpy().tolist() == [[6, 5, 3], [5, 5, 2], [3, 2, 5]]
        assert pairs.rm.to_numpy().tolist() == [[0, 1, 3], [0, 0, 3], [2, 3, 0]]
        assert pairs.mr.to_numpy().tolist() == [[0, 0, 2], [1, 0, 3], [3, 3, 0]]
        assert pairs.mm.to_numpy().tolist() == [[2, 2, 0], [2, 3, 0], [0, 0, 3]]

    def test_inbound_and_outbound_of_pattern4(self) -> None:
        pairs = PATTERN4.pairs()
        inbound = [[0, 0, 1], [0.333, 0, 1], [1, 1, 0]]
        outbound = [[0, 0.167, 0.5], [0, 0, 0.6], [0.4, 0.6, 0]]
        np.testing.assert_allclose(pairs.inbound(), inbound, atol=5e-4)
        np.testing.assert_allclose(pairs.outbound(), outbound, atol=5e-4)

    def test_flux_of_pattern4(self) -> None:
        """As printed in the book, section 4.1.3 (``flux(pattern4)[, 1:3]``)."""
        flux = PATTERN4.flux()
        assert flux.loc["A", ["pobs", "influx", "outflux"]].tolist() == [0.75, 0.125, 0.5]
        assert flux.loc["B", ["pobs", "influx", "outflux"]].tolist() == [0.625, 0.25, 0.375]
        assert flux.loc["C", ["pobs", "influx", "outflux"]].tolist() == [0.625, 0.375, 0.625]


class TestFlux:
    def test_of_nhanes_by_hand(self) -> None:
        """From the printed pairs: 73 values known, 27 holes, 12 rows with a hole."""
        flux = NHANES.flux()
        bmi = flux.loc["bmi"]
        assert bmi["pobs"] == 16 / 25
        assert bmi["influx"] == pytest.approx((9 + 1 + 2) / 73)
        assert bmi["outflux"] == pytest.approx(3 / 27)
        assert bmi["ainb"] == pytest.approx((9 / 9 + 1 / 9 + 2 / 9) / 3)
        assert bmi["aout"] == pytest.approx((0 / 16 + 0 / 16 + 3 / 16) / 3)
        assert bmi["fico"] == pytest.approx(3 / 16)
        assert flux.loc["age"].tolist() == pytest.approx(
            [1, 0, 1, 0, (9 / 25 + 8 / 25 + 10 / 25) / 3, 12 / 25]
        )

    @settings(deadline=None)
    @given(observed_arrays)
    def test_is_what_its_definition_says(self, observed: np.ndarray) -> None:
        """Counted cell by cell, with the formulas of section 4.1.3 of the book."""
        flux = named(observed).flux()
        n, p = observed.shape
        pairs = [(i, k) for i in range(n) for k in range(p)]
        n_known, n_holes = int(observed.sum()), int((~observed).sum())
        for j in range(p):
            inward = sum(bool(~observed[i, j] & observed[i, k]) for i, k in pairs)
            outward = sum(bool(observed[i, j] & ~observed[i, k]) for i, k in pairs)
            row = flux.iloc[j]
            assert row["pobs"] == observed[:, j].mean()
            assert row["influx"] == pytest.approx(inward / n_known if n_known else NAN, nan_ok=True)
            assert row["outflux"] == pytest.approx(
                outward / n_holes if n_holes else NAN, nan_ok=True
            )
            others = [k for k in range(p) if k != j]
            if others and not observed[:, j].all():
                usable = [observed[~observed[:, j], k].mean() for k in others]
                assert row["ainb"] == pytest.approx(np.mean(usable))
            if others and observed[:, j].any():
                beside = [(~observed[observed[:, j], k]).mean() for k in others]
                assert row["aout"] == pytest.approx(np.mean(beside))
                incomplete = (~observed[observed[:, j]]).any(axis=1)
                assert row["fico"] == pytest.approx(incomplete.mean())

    @settings(deadline=None)
    @given(observed_arrays)
    def test_lies_between_0_and_1(self, observed: np.ndarray) -> None:
        flux = named(observed).flux().to_numpy()
        assert np.all((flux >= 0) & (flux <= 1) | np.isnan(flux))
        if observed.any(axis=0).all() and not observed.all():
            assert np.isfinite(flux).all()

    def test_of_complete_and_empty_properties(self) -> None:
        flux = from_counts("all none some", {"101": 3, "100": 2}).flux()
        assert flux.loc["all", ["influx", "outflux"]].tolist() == [0, 1]
        assert flux.loc["none", ["influx", "outflux"]].tolist() == [1, 0]

    def test_where_there_is_nothing_to_take_a_share_of(self) -> None:
        complete = from_counts("a b", {"11": 4}).flux()
        assert complete["outflux"].isna().all()
        assert complete["influx"].tolist() == [0, 0]
        assert MissingPattern(("a",), np.zeros((0, 1), dtype=bool)).flux().isna().sum().sum() >= 3


class TestPairs:
    @settings(deadline=None)
    @given(observed_arrays)
    def test_the_four_add_up_to_the_rows(self, observed: np.ndarray) -> None:
        pairs = named(observed).pairs()
        assert (pairs.rr + pairs.rm + pairs.mr + pairs.mm == len(observed)).all(axis=None)
        both = observed.astype(int).T @ observed.astype(int)
        np.testing.assert_array_equal(pairs.rr, both)
        np.testing.assert_array_equal(pairs.rm, pairs.mr.T)
        np.testing.assert_array_equal(pairs.mm, pairs.mm.T)


class TestDistinct:
    @settings(deadline=None)
    @given(observed_arrays)
    def test_every_row_is_counted_once(self, observed: np.ndarray) -> None:
        pattern = named(observed)
        listed = [tuple(row) for row in observed.tolist()]
        found = {
            tuple(row): n
            for row, n in zip(pattern.patterns.tolist(), pattern.counts.tolist(), strict=True)
        }
        assert found == {row: listed.count(row) for row in listed}
        assert len(found) == len(pattern.counts)
        assert pattern.counts.tolist() == sorted(pattern.counts.tolist(), reverse=True)

    def test_more_columns_than_bits_of_a_byte(self) -> None:
        observed = np.random.default_rng(0).random((40, 19)) < 0.5
        observed[20:] = observed[:20]
        pattern = named(observed)
        assert pattern.counts.tolist() == [2] * 20
        assert {tuple(row) for row in pattern.patterns} == {tuple(row) for row in observed}

    @settings(deadline=None)
    @given(observed_arrays, st.randoms(use_true_random=False))
    def test_the_order_of_rows_makes_no_difference(
        self, observed: np.ndarray, random: object
    ) -> None:
        rows = list(range(len(observed)))
        random.shuffle(rows)  # type: ignore[attr-defined]
        one, other = named(observed), named(observed[rows])
        pd.testing.assert_frame_equal(one.distinct(), other.distinct())
        pd.testing.assert_frame_equal(one.flux(), other.flux())
        pd.testing.assert_frame_equal(one.pairs().rm, other.pairs().rm)
        assert one.monotone_order == other.monotone_order
        assert one.best_nesting().order == other.best_nesting().order

    def test_a_property_called_count_keeps_its_column(self) -> None:
        found = from_counts("count missing_ missing", {"110": 2, "011": 1}).distinct()
        assert list(found) == ["count", "missing_", "missing", "count_", "missing__"]
        assert found["count"].tolist() == [True, False]
        assert found["count_"].tolist() == [2, 1]


class TestMonotone:
    def test_in_the_order_from_best_to_least_known(self) -> None:
        ladder = from_counts("expt pbe hse", {"010": 5, "011": 3, "111": 2})
        assert ladder.is_monotone
        assert ladder.monotone_order == ("pbe", "hse", "expt")

    def test_equally_known_ones_stay_in_column_order(self) -> None:
        assert from_counts("b a", {"11": 3, "00": 1}).monotone_order == ("b", "a")

    def test_one_row_out_of_line_is_enough(self) -> None:
        assert not NHANES.is_monotone
        assert NHANES.monotone_order is None
        assert from_counts("pbe hse", {"11": 50, "10": 30, "01": 1}).monotone_order is None

    def test_equally_often_is_not_in_the_same_rows(self) -> None:
        assert not from_counts("a b", {"10": 1, "01": 1}).is_monotone

    @settings(deadline=None)
    @given(observed_arrays)
    def test_is_what_its_definition_says(self, observed: np.ndarray) -> None:
        pattern = named(observed)
        # Nested: of any two properties one is known wherever the other is.
        nested = all(
            not (a & ~b).any() or not (b & ~a).any() for a in observed.T for b in observed.T
        )
        assert pattern.is_monotone == nested
        assert pattern.is_monotone == (pattern.best_nesting().n_dropped == 0)
        if pattern.monotone_order:
            assert pattern.nesting(pattern.monotone_order).n_dropped == 0


class TestMaking:
    def test_from_a_table(self) -> None:
        frame = pd.DataFrame(
            {"formula": ["LiF", "KF", "LiCl"], "a": [1.0, NAN, 2.0], "b": [2.0, 3.0, 4.0]}
        )
        pattern = MissingPattern.from_table(PropertyTable.from_frame(frame, source="t.csv"))
        assert pattern.names == ("a", "b")
        assert pattern.observed.tolist() == [[True, True], [False, True], [True, True]]
        assert (pattern.n_rows, pattern.n_properties, pattern.n_known) == (3, 2, 5)
        assert pattern.known_counts.tolist() == [2, 3]
        assert pattern.best_known_first == ("b", "a")
        assert "MissingPattern of t.csv: 3 rows, 2 distinct, monotone" in repr(pattern)

    def test_it_cannot_be_changed(self) -> None:
        given_array = np.array([[True]])
        pattern = MissingPattern(("a",), given_array)
        given_array[0, 0] = False
        assert pattern.observed[0, 0]
        for array in (pattern.observed, pattern.patterns, pattern.counts, pattern.known_counts):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0

    @pytest.mark.parametrize(
        ("names", "observed", "message"),
        [
            (("a", "b"), [[True]], r"shape \(1, 1\) for 2 properties"),
            (("a",), [True, False], r"shape \(2,\) for 1 properties"),
            (("a", "a"), [[True, False]], "found twice: 'a'"),
            (("a",), [[1.0], [NAN]], r"float64; of values with holes, give ~numpy.isnan"),
        ],
    )
    def test_what_is_no_pattern_is_refused(
        self, names: tuple[str, ...], observed: list[object], message: str
    ) -> None:
        with pytest.raises(TableError, match=message):
            MissingPattern(names, np.array(observed))

    def test_tables_without_rows_or_properties(self) -> None:
        for shape in ((0, 2), (0, 0), (3, 0)):
            pattern = named(np.zeros(shape, dtype=bool))
            assert pattern.is_monotone
            assert pattern.pairs().rr.shape == (shape[1], shape[1])
            assert len(pattern.flux()) == shape[1]
            assert pattern.distinct()["count"].sum() == shape[0]


def test_a_frame_is_read_as_a_table():
    frame = pd.DataFrame({"a": [1.0, np.nan, 3.0], "b": [1.0, 2.0, 4.0]})
    assert MissingPattern.from_table(frame).monotone_order == ("b", "a")
