"""Nesting: what is left when a value may only stay where all before it are known."""

from __future__ import annotations

from itertools import pairwise, permutations, product
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from hokan.errors import TableError
from hokan.table import MissingPattern, PropertyTable, nested_subset
from hokan.table.best_order import MOST_EXACT, _by_moves, _exactly, _kept

NAN = np.nan

observed_arrays = arrays(
    np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=5), elements=st.booleans()
)


def names_of(observed: np.ndarray) -> list[str]:
    return [f"p{j}" for j in range(observed.shape[1])]


def table_of(observed: np.ndarray) -> PropertyTable:
    n, p = observed.shape
    values = np.where(observed, 1.0 + np.arange(n * p).reshape(n, p), NAN)
    frame = pd.DataFrame(values, columns=names_of(observed)).assign(label="x")
    return PropertyTable.from_frame(
        frame, properties=names_of(observed), allow_empty_properties=True
    )


@pytest.fixture
def gaps() -> PropertyTable:
    """PBE, hybrid and experiment; one hybrid and one measured gap stand without what is below."""
    frame = pd.DataFrame(
        {
            "formula": ["AlN", "GaN", "InN", "ZnO", "CdO"],
            "gap_pbe": [4.1, 1.7, NAN, 0.8, NAN],
            "gap_expt": [6.2, NAN, 0.7, 3.4, NAN],
            "gap_hse": [5.5, 3.0, 0.6, NAN, NAN],
            "melting_point_K": [NAN, NAN, 1373.0, NAN, 1773.0],
        }
    )
    return PropertyTable.from_frame(frame, source="gaps.csv")


LADDER = ("gap_pbe", "gap_hse", "gap_expt")


class TestNesting:
    def test_each_row_keeps_its_values_up_to_the_first_hole(self, gaps: PropertyTable) -> None:
        nesting = MissingPattern.from_table(gaps).nesting(LADDER)
        assert nesting.order == LADDER
        assert nesting.kept.astype(int).tolist() == [
            [1, 1, 1],
            [1, 1, 0],
            [0, 0, 0],
            [1, 0, 0],
            [0, 0, 0],
        ]
        assert (nesting.n_known, nesting.n_kept, nesting.n_dropped) == (9, 6, 3)
        assert nesting.known_by_property == {"gap_pbe": 3, "gap_hse": 3, "gap_expt": 3}
        assert nesting.kept_by_property == {"gap_pbe": 3, "gap_hse": 2, "gap_expt": 1}
        assert nesting.dropped_by_property == {"gap_pbe": 0, "gap_hse": 1, "gap_expt": 2}
        assert nesting.share_dropped == pytest.approx(1 / 3)

    @settings(deadline=None)
    @given(observed_arrays)
    def test_nothing_larger_is_monotone(self, observed: np.ndarray) -> None:
        """Against all subsets of the known cells of each row: what is kept is the one largest."""
        names = names_of(observed)
        kept = MissingPattern(tuple(names), observed).nesting(names).kept
        for row, row_kept in zip(observed, kept, strict=True):
            monotone = [
                choice
                for choice in product(*[(False, True) if known else (False,) for known in row])
                if not any(late and not early for early, late in pairwise(choice))
            ]
            largest = max(map(sum, monotone))
            assert [c for c in monotone if sum(c) == largest] == [tuple(row_kept)]

    def test_where_nothing_is_known(self) -> None:
        nesting = MissingPattern(("a", "b"), np.zeros((2, 2), dtype=bool)).nesting(["b"])
        assert nesting.share_dropped == 0.0
        assert nesting.dropped_by_property == {"b": 0}


class TestNestedSubset:
    def test_values_behind_a_hole_become_holes(self, gaps: PropertyTable) -> None:
        nested = nested_subset(gaps, LADDER)
        expected = [
            [4.1, 6.2, 5.5, NAN],
            [1.7, NAN, 3.0, NAN],
            [NAN, NAN, NAN, 1373.0],
            [0.8, NAN, NAN, NAN],
            [NAN, NAN, NAN, 1773.0],
        ]
        np.testing.assert_array_equal(nested.values, expected)
        assert nested.property_names == gaps.property_names
        assert nested.compositions == gaps.compositions
        np.testing.assert_array_equal(nested.frame["gap_expt"], nested.values[:, 1])
        assert gaps.observed.sum() == 11  # the table that was given is as it was

    @settings(deadline=None)
    @given(observed_arrays, st.data())
    def test_it_is_monotone_and_nothing_else_changes(
        self, observed: np.ndarray, data: st.DataObject
    ) -> None:
        table = table_of(observed)
        order = data.draw(
            st.lists(st.sampled_from(table.property_names), min_size=1, unique=True), label="order"
        )
        nested = nested_subset(table, order)
        columns = [table.property_names.index(name) for name in order]
        ordered = nested.observed[:, columns]
        assert not np.any(ordered[:, 1:] & ~ordered[:, :-1])
        np.testing.assert_array_equal(nested.values[nested.observed], table.values[nested.observed])
        assert not np.any(nested.observed & ~table.observed)
        others = [j for j in range(table.n_properties) if j not in columns]
        np.testing.assert_array_equal(nested.values[:, others], table.values[:, others])
        again = nested_subset(nested, order)
        np.testing.assert_array_equal(again.values, nested.values)
        kept = MissingPattern.from_table(table).nesting(order).n_kept
        assert nested.observed[:, columns].sum() == kept

    def test_a_nested_table_stays_as_it_is(self, gaps: PropertyTable) -> None:
        nested = nested_subset(gaps.select([0, 1]), ["gap_pbe", "gap_hse", "gap_expt"])
        np.testing.assert_array_equal(nested.values, gaps.values[:2])


class TestOrdersThatAreRefused:
    @pytest.mark.parametrize(
        ("order", "message"),
        [
            ([], "gaps.csv: an order needs at least one property; there are 'gap_pbe'"),
            (["gap_pbe", "gap_hsee"], r"names 'gap_hsee', .* Did you mean 'gap_hse'.*\? The prop"),
            (["gap_pbe", "formula"], "names 'formula', which is no property here"),
            (["gap_pbe", "gap_hse", "gap_pbe"], "names 'gap_pbe' twice"),
            ("gap_pbe", r"found the single text 'gap_pbe'; write \['gap_pbe', …\]"),
        ],
    )
    def test_with_what_is_wrong(
        self, gaps: PropertyTable, order: list[str] | str, message: str
    ) -> None:
        pattern = MissingPattern.from_table(gaps)
        for use in (pattern.nesting, pattern.best_nesting, lambda o: nested_subset(gaps, o)):
            with pytest.raises(TableError, match=message):
                use(order)


class TestBestNesting:
    @settings(deadline=None, max_examples=200)
    @given(observed_arrays)
    def test_no_order_keeps_more(self, observed: np.ndarray) -> None:
        names = names_of(observed)
        pattern = MissingPattern(tuple(names), observed)
        best = pattern.best_nesting()
        assert sorted(best.order) == sorted(names)
        assert best.n_kept == max(pattern.nesting(order).n_kept for order in permutations(names))

    def test_the_best_known_is_not_always_first(self) -> None:
        """Forty rows know only a; of those that know more, all know b and c."""
        rows = [[1, 0, 0]] * 40 + [[0, 1, 1]] * 35 + [[1, 1, 1]] * 1
        pattern = MissingPattern(("a", "b", "c"), np.array(rows, dtype=bool))
        assert pattern.best_known_first == ("a", "b", "c")
        assert pattern.nesting(("a", "b", "c")).n_dropped == 70
        best = pattern.best_nesting()
        assert best.order == ("b", "c", "a")
        assert best.n_dropped == 40

    def test_of_equals_the_best_known_comes_first_then_the_order_given(self) -> None:
        observed = np.array([[1, 1, 1, 0], [1, 1, 1, 1], [1, 0, 1, 1]], dtype=bool)
        pattern = MissingPattern(("a", "b", "c", "d"), observed)
        assert pattern.best_nesting().order == ("a", "c", "b", "d")
        assert pattern.best_nesting(["c", "d", "a"]).order == ("c", "a", "d")

    def test_among_some_only(self, gaps: PropertyTable) -> None:
        best = MissingPattern.from_table(gaps).best_nesting(["gap_expt", "gap_pbe"])
        assert set(best.order) == {"gap_expt", "gap_pbe"}
        assert best.n_dropped == 1

    def test_complete_and_equal_columns_do_not_count_towards_the_limit(self) -> None:
        """With forty columns, only four differ; the answer is exact."""
        random = np.random.default_rng(3)
        few = random.random((60, 4)) < [0.8, 0.6, 0.5, 0.3]
        observed = np.hstack([np.ones((60, 20), dtype=bool), np.repeat(few, 5, axis=1)])
        names = tuple(f"p{j}" for j in range(40))
        best = MissingPattern(names, observed).best_nesting()
        groups = [range(20 + 5 * k, 25 + 5 * k) for k in range(4)]
        orders = [
            [*range(20), *(j for k in order for j in groups[k])] for order in permutations(range(4))
        ]
        most = max(np.logical_and.accumulate(observed[:, o], axis=1).sum() for o in orders)
        assert best.n_kept == most

    def test_many_columns_are_ordered_by_moves(self) -> None:
        """A hidden nested order of more columns than are compared exactly is found."""
        random = np.random.default_rng(0)
        p = 2 * MOST_EXACT
        depth = random.integers(1, p + 1, 500)
        shuffled = random.permutation(p)
        observed = (np.arange(p) < depth[:, None])[:, shuffled]
        pattern = named(observed)
        assert pattern.best_nesting().n_dropped == 0
        # Ten rows that break it cost little more than themselves.
        observed[:10] = random.random((10, p)) < 0.5
        assert named(observed).best_nesting().n_dropped <= observed[:10].sum()

    def test_moves_come_near_the_best(self) -> None:
        random = np.random.default_rng(1)
        shares = []
        for _ in range(30):
            observed = random.random((100, 9)) < random.random(9)
            pattern = named(observed)
            known_first = np.argsort(-pattern.known_counts, kind="stable")
            patterns, counts = pattern.patterns[:, known_first], pattern.counts
            sizes = random.integers(1, 3, 9)
            exact, moved = (
                _kept(patterns, counts, sizes, find(patterns, counts, sizes))
                for find in (_exactly, _by_moves)
            )
            assert moved <= exact
            shares.append(moved / exact)
        assert min(shares) > 0.9
        assert np.mean(shares) > 0.99

    def test_large_tables_take_no_time_to_speak_of(self) -> None:
        """Limits are far above what is needed (some 30 ms), and far below what would be felt."""
        observed = np.random.default_rng(0).random((20_000, 15)) < np.linspace(0.9, 0.1, 15)
        started = perf_counter()
        pattern = named(observed)
        pattern.distinct()
        pattern.pairs()
        pattern.flux()
        pattern.best_nesting()
        assert perf_counter() - started < 3.0


def named(observed: np.ndarray) -> MissingPattern:
    return MissingPattern(tuple(names_of(observed)), observed)
