"""Holes are as many as asked for, and made by the mechanism asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from hokan.errors import TableError
from hokan.evaluation import composition_groups
from hokan.evaluation.amputation import MECHANISMS, ampute
from hokan.table import MissingPattern, PropertyTable

FORMULAS = ["NaCl", "Cl2Na2", "SiO2", "O4Si2", "MgO", "CaO", "Fe2O3", "Al2O3", "ZnS", "NiO", "TiO2"]
EACH_PROPERTY_ITS_SHARE = ("MCAR", "MAR", "MNAR")


def correlated(n_rows: int, n_columns: int = 4, seed: int = 0) -> np.ndarray:
    """Positive values that go together."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(n_rows, 1))
    return np.exp(0.8 * common + 0.6 * rng.normal(size=(n_rows, n_columns)))


def table_with_compositions(formulas, holes=0.15, seed=0):
    rng = np.random.default_rng(seed)
    values = correlated(len(formulas), seed=seed)
    values[rng.random(values.shape) < holes] = np.nan
    values[:3] = correlated(3, seed=seed + 1)
    columns = dict(zip("abcd", values.T, strict=True))
    return PropertyTable.from_frame(pd.DataFrame({"formula": formulas} | columns))


compositions = st.lists(st.sampled_from(FORMULAS), min_size=25, max_size=60)
mechanisms = st.sampled_from(MECHANISMS)


def try_to_ampute(*arguments, **options):
    """Make holes, or give up this case where that is refused: refusals have tests of their own."""
    try:
        return ampute(*arguments, **options)
    except TableError:
        assume(False)


class TestHowMany:
    @pytest.mark.parametrize("mechanism", MECHANISMS)
    @pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
    def test_the_share_is_met_to_the_cell(self, mechanism, share):
        found = ampute(correlated(500), share, mechanism, random_state=1)
        # A block is cut between rows, of which each loses up to three cells.
        assert abs(int(found.hidden.sum()) - round(share * 2000)) <= 2 * (mechanism == "block")
        if mechanism in EACH_PROPERTY_ITS_SHARE:
            assert found.hidden.sum(axis=0).tolist() == [round(share * 500)] * 4

    @given(formulas=compositions, share=st.floats(0.1, 0.4), mechanism=mechanisms)
    @settings(deadline=None, max_examples=60)
    def test_of_a_table_with_holes_and_equal_compositions_to_within_one(
        self, formulas, share, mechanism
    ):
        table = table_with_compositions(formulas)
        found = try_to_ampute(table, share, mechanism, random_state=0)
        known, largest = table.observed.sum(axis=0), np.bincount(composition_groups(table)).max()
        if mechanism in EACH_PROPERTY_ITS_SHARE:
            missed = np.abs(found.hidden.sum(axis=0) - share * known)
            assert (missed < largest + 1).all()
        else:
            most = largest * (1 if mechanism == "monotone" else 3)
            assert abs(int(found.hidden.sum()) - share * known.sum()) < most + 1
        assert (found.table.observed.sum(axis=0) >= 2).all()

    @pytest.mark.parametrize("mechanism", MECHANISMS)
    def test_only_chosen_properties_get_holes(self, mechanism):
        values = correlated(200)
        found = ampute(values, 0.25, mechanism, properties=["x1", "x3"], random_state=0)
        assert not found.hidden[:, [0, 2]].any()
        assert int(found.hidden.sum()) == 100


class TestWhatStays:
    @given(formulas=compositions, mechanism=mechanisms, seed=st.integers(0, 1000))
    @settings(deadline=None, max_examples=60)
    def test_known_cells_never_change_and_no_composition_is_on_both_sides(
        self, formulas, mechanism, seed
    ):
        table = table_with_compositions(formulas)
        found = try_to_ampute(table, 0.3, mechanism, random_state=seed)
        left, hidden = found.table.observed, found.hidden
        assert not (hidden & ~table.observed).any()
        np.testing.assert_array_equal(left, table.observed & ~hidden)
        np.testing.assert_array_equal(found.table.values[left], table.values[left])
        np.testing.assert_array_equal(found.truth[hidden], table.values[hidden])
        groups = composition_groups(table)
        for column in range(table.n_properties):
            assert not set(groups[hidden[:, column]]) & set(groups[left[:, column]])

    @pytest.mark.parametrize("mechanism", MECHANISMS)
    def test_the_same_seed_makes_the_same_holes(self, mechanism):
        values = correlated(100)
        first, again, other = (
            ampute(values, 0.3, mechanism, random_state=seed).hidden for seed in (5, 5, 6)
        )
        np.testing.assert_array_equal(first, again)
        assert (first != other).any()

    def test_a_frame_and_a_table_get_the_same_holes(self):
        table = table_with_compositions(FORMULAS * 3)
        found = ampute(table, 0.3, "MAR", random_state=[1, 2])
        again = ampute(table.frame, 0.3, "MAR", random_state=[1, 2])
        np.testing.assert_array_equal(found.hidden, again.hidden)


def slopes(values, hidden):
    """Coefficients of the log odds of a hole on standardised logarithms, by maximum likelihood."""
    logs = np.log(values)
    z = (logs - logs.mean(axis=0)) / logs.std(axis=0)
    return LogisticRegression(C=np.inf).fit(z, hidden).coef_[0]


class TestByChance:
    def test_holes_know_nothing_of_any_value(self):
        values = correlated(20_000)
        found = ampute(values, 0.3, "MCAR", random_state=0)
        # Standard errors of these slopes are about 0.02.
        assert np.abs(slopes(values, found.hidden[:, 0])).max() < 0.09


class TestByOtherValues:
    def test_given_what_stays_in_view_a_hole_knows_nothing_of_the_hidden_value(self):
        values = correlated(20_000)
        found = ampute(values, 0.3, "MAR", properties=["x0"], random_state=0)
        own, *others = slopes(values, found.hidden[:, 0])
        assert abs(own) < 0.12  # three standard errors, as repeated draws show
        assert min(others) > 0.5
        logs, hidden = np.log(values[:, 0]), found.hidden[:, 0]
        assert logs[hidden].mean() > logs[~hidden].mean() + 0.5  # without them, it does

    @given(
        formulas=compositions,
        seed=st.integers(0, 1000),
        tail=st.sampled_from(["right", "left", "tail", "mid"]),
        chosen=st.sampled_from([None, ("a",), ("a", "b"), ("b", "c", "d")]),
    )
    @settings(deadline=None, max_examples=80)
    def test_other_hidden_values_would_have_been_hidden_as_well(self, formulas, seed, tail, chosen):
        """What is hidden had no say in it: that is missing at random, for any table."""
        table = table_with_compositions(formulas)
        options = {"properties": chosen, "tail": tail, "strength": 3.0, "random_state": seed}
        found = try_to_ampute(table, 0.3, "MAR", **options)
        rng = np.random.default_rng(seed)
        others = np.where(found.hidden, 1e6 * rng.random(found.hidden.shape), table.values)
        again = ampute(table.with_values(others), 0.3, "MAR", **options)
        np.testing.assert_array_equal(found.hidden, again.hidden)

    def test_the_same_cannot_be_said_of_holes_by_the_values_themselves(self):
        values = correlated(200)
        found = ampute(values, 0.3, "MNAR", random_state=0)
        others = np.where(found.hidden, 1e-6, values)
        assert (ampute(others, 0.3, "MNAR", random_state=0).hidden != found.hidden).any()

    def test_every_row_keeps_a_value_that_decided(self):
        found = ampute(correlated(300), 0.5, "MAR", random_state=0)
        assert found.table.observed.any(axis=1).all()

    def test_strength_is_the_slope_of_the_log_odds(self):
        values = correlated(30_000, 2)
        for strength in (0.0, 1.0, 3.0):
            found = ampute(values, 0.3, "MAR", properties=["x0"], strength=strength, random_state=0)
            own, other = slopes(values, found.hidden[:, 0])
            assert other == pytest.approx(strength, abs=0.1)
            assert own == pytest.approx(0.0, abs=0.1)


class TestByTheValueItself:
    @pytest.mark.parametrize(("tail", "sign"), [("right", 1.0), ("left", -1.0)])
    def test_large_or_small_values_are_hidden_more(self, tail, sign):
        values = correlated(2000)
        found = ampute(values, 0.3, "MNAR", tail=tail, random_state=0)
        logs = np.log(values)
        for column, hidden in zip(logs.T, found.hidden.T, strict=True):
            shift = column[hidden].mean() - column[~hidden].mean()
            assert sign * shift > 0.8 * column.std()

    @pytest.mark.parametrize(("tail", "wider"), [("tail", True), ("mid", False)])
    def test_extreme_or_common_values_are_hidden_more(self, tail, wider):
        values = correlated(2000)
        found = ampute(values, 0.3, "MNAR", tail=tail, random_state=0)
        logs = np.log(values)
        for column, hidden in zip(logs.T, found.hidden.T, strict=True):
            assert (column[hidden].std() > 1.3 * column[~hidden].std()) is np.bool_(wider)
            assert abs(column[hidden].mean() - column[~hidden].mean()) < 0.15 * column.std()

    def test_the_scale_of_a_property_makes_no_difference(self):
        values = correlated(200)
        for mechanism in ("MAR", "MNAR"):
            raw, logs = (
                ampute(scale, 0.3, mechanism, random_state=0).hidden
                for scale in (values, np.log(values))
            )
            np.testing.assert_array_equal(raw, logs)


class TestNestedHoles:
    @given(formulas=compositions, seed=st.integers(0, 1000), share=st.floats(0.3, 0.6))
    @settings(deadline=None, max_examples=60)
    def test_a_row_that_knows_a_property_knows_all_before_it(self, formulas, seed, share):
        table = table_with_compositions(formulas, holes=0.05, seed=seed)
        found = try_to_ampute(table, share, "monotone", random_state=seed)
        assert MissingPattern.from_table(found.table).is_monotone

    def test_one_property_stays_and_others_lose_more_and_more(self):
        found = ampute(correlated(400), 0.4, "monotone", random_state=0)
        lost = np.sort(found.hidden.sum(axis=0))
        assert lost[0] == 0
        assert (np.diff(lost) > 20).all()

    def test_only_chosen_properties_are_nested(self):
        table = table_with_compositions(FORMULAS * 4, holes=0.1)
        found = ampute(table, 0.4, "monotone", properties=["a", "b", "c"], random_state=0)
        observed = found.table.observed
        assert MissingPattern(("a", "b", "c"), observed[:, :3]).is_monotone
        np.testing.assert_array_equal(observed[:, 3], table.observed[:, 3])

    def test_a_table_whose_holes_take_more_to_nest_is_refused(self):
        table = table_with_compositions(FORMULAS * 4, holes=0.3)
        with pytest.raises(TableError, match=r"not nested.*takes \d+ of \d+ known cells"):
            ampute(table, 0.05, "monotone", random_state=0)


class TestBlocks:
    def test_each_source_lacks_whole_columns_and_one_lacks_none(self):
        found = ampute(correlated(300, 5), 0.3, "block", n_sources=4, random_state=0)
        lacked, counts = np.unique(found.hidden, axis=0, return_counts=True)
        complete = lacked.sum(axis=1) == 0
        assert complete.sum() == 1
        assert counts[complete][0] >= 30
        assert len(lacked) <= 5
        assert (lacked.sum(axis=1)[~complete] == 2).all()
        assert found.hidden.any(axis=0).all()

    def test_sources_lose_about_the_same_number_of_cells(self):
        found = ampute(correlated(300, 6), 0.3, "block", n_sources=3, random_state=0)
        lacked, counts = np.unique(found.hidden, axis=0, return_counts=True)
        lost = (lacked.sum(axis=1) * counts)[lacked.any(axis=1)]
        assert lost.sum() == 540
        assert np.ptp(lost) <= 4


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ({"share": 0.0}, "between 0 and 1, found 0.0"),
            ({"share": 1.0}, "between 0 and 1, found 1.0"),
            ({"mechanism": "mcar"}, r"one of MCAR, MAR, .*did you mean"),
            ({"mechanism": "MAR", "tail": "up"}, "right, left, tail, mid; found 'up'"),
            ({"strength": -1.0}, "strength .* found -1.0"),
            ({"mechanism": "block", "n_sources": 0}, "at least 1 source"),
            ({"properties": ["x9"]}, r"no property 'x9'.*there are 'x0', 'x1'"),
            ({"properties": []}, "at least one property"),
            ({"share": 0.99}, "keep [01] of its 40 known values"),
            ({"share": 0.99, "mechanism": "MAR"}, "stays in view"),
            ({"share": 0.99, "mechanism": "MNAR"}, "keep [01] of its 40"),
            ({"share": 0.9, "mechanism": "monotone"}, r"\d+ is the most"),
            ({"share": 0.9, "mechanism": "block"}, "fewer than the"),
            ({"mechanism": "block", "properties": ["x0"]}, "one alone"),
        ],
    )
    def test_what_cannot_be(self, options, told):
        with pytest.raises(TableError, match=told):
            ampute(correlated(40), random_state=0, **options)

    def test_holes_by_other_values_where_there_are_none(self):
        with pytest.raises(TableError, match=r"0 have another value of their row"):
            ampute(correlated(40, 1), 0.3, "MAR", random_state=0)

    def test_an_array_that_is_no_table(self):
        with pytest.raises(TableError, match="1 dimensions"):
            ampute([1.0, 2.0], random_state=0)
