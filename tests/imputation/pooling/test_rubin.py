"""Rubin's rules: what holds for any results, and that intervals cover."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import f as fisher_f
from scipy.stats import t as student_t

from hokan.errors import HokanError
from hokan.imputation.pooling import PooledEstimates, pool

numbers = st.floats(-1e3, 1e3, allow_subnormal=False)
variances = st.floats(1e-3, 1e3)
degrees = st.one_of(st.just(np.inf), st.floats(0.5, 1e4))


@st.composite
def results(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(st.tuples(st.integers(2, 6), st.integers(1, 3)))
    return draw(arrays(float, shape, elements=numbers)), draw(
        arrays(float, shape, elements=variances)
    )


def table(pooled: PooledEstimates) -> pd.DataFrame:
    return pooled.to_frame()


class TestAnyResults:
    @given(numbers, variances, degrees, st.integers(2, 30))
    def test_equal_analyses_pool_to_that_analysis(
        self, estimate: float, variance: float, complete: float, m: int
    ) -> None:
        pooled = pool([estimate] * m, [variance] * m, complete_degrees_of_freedom=complete)
        assert pooled.estimate[0] == estimate
        assert pooled.total_variance[0] == variance
        assert pooled.relative_increase[0] == pooled.lambda_[0] == 0.0
        assert pooled.monte_carlo_error[0] == 0.0
        # Barnard & Rubin's degrees of freedom without holes, but for mice's smallest lambda.
        if np.isfinite(complete):
            known = complete * (complete + 1.0) / (complete + 3.0)
            assert pooled.degrees_of_freedom[0] == pytest.approx(known, rel=2e-4)
        else:
            assert pooled.degrees_of_freedom[0] == pytest.approx((m - 1) * 1e8)

    @given(results(), degrees, st.randoms(use_true_random=False))
    def test_the_order_of_imputations_does_not_matter(
        self, given_results: tuple[np.ndarray, np.ndarray], complete: float, random: object
    ) -> None:
        estimates, spreads = given_results
        order = list(range(len(estimates)))
        random.shuffle(order)  # type: ignore[attr-defined]
        one = pool(estimates, spreads, complete_degrees_of_freedom=complete)
        other = pool(estimates[order], spreads[order], complete_degrees_of_freedom=complete)
        np.testing.assert_allclose(one.estimate, other.estimate, rtol=1e-9, atol=1e-9)
        for name in ("total_variance", "degrees_of_freedom", "fraction_missing_information"):
            np.testing.assert_allclose(
                getattr(one, name), getattr(other, name), rtol=1e-6, atol=1e-12
            )

    @given(results(), degrees)
    def test_holes_never_add_information(
        self, given_results: tuple[np.ndarray, np.ndarray], complete: float
    ) -> None:
        pooled = pool(*given_results, complete_degrees_of_freedom=complete)
        assert (pooled.total_variance >= pooled.within_variance).all()
        assert (pooled.degrees_of_freedom <= complete).all()
        for share in (pooled.lambda_, pooled.fraction_missing_information):
            assert ((share >= 0.0) & (share <= 1.0)).all()

    @given(results(), degrees, st.sampled_from([-2.0, 0.125, 1024.0]))
    def test_another_unit_changes_no_share(
        self, given_results: tuple[np.ndarray, np.ndarray], complete: float, unit: float
    ) -> None:
        estimates, spreads = given_results
        one = pool(estimates, spreads, complete_degrees_of_freedom=complete)
        other = pool(unit * estimates, unit**2 * spreads, complete_degrees_of_freedom=complete)
        np.testing.assert_allclose(other.estimate, unit * one.estimate)
        np.testing.assert_allclose(other.std_error, abs(unit) * one.std_error)
        np.testing.assert_allclose(other.degrees_of_freedom, one.degrees_of_freedom)
        np.testing.assert_allclose(other.p_value, one.p_value)

    @given(results())
    def test_quantities_do_not_touch_each_other(
        self, given_results: tuple[np.ndarray, np.ndarray]
    ) -> None:
        estimates, spreads = given_results
        together = table(pool(estimates, spreads, complete_degrees_of_freedom=20))
        for place in range(estimates.shape[1]):
            alone = table(
                pool(estimates[:, place], spreads[:, place], complete_degrees_of_freedom=20)
            )
            np.testing.assert_allclose(alone.iloc[0], together.iloc[place], rtol=1e-9, atol=1e-12)


class TestLimits:
    def test_known_exactly_within_each_table(self) -> None:
        """Without an error of its own, only the imputations differ: m numbers, m - 1 degrees."""
        pooled = pool([1.0, 2.0, 4.0], [0.0, 0.0, 0.0], complete_degrees_of_freedom=30)
        assert pooled.total_variance[0] == pytest.approx(4.0 / 3.0 * np.var([1, 2, 4], ddof=1))
        assert pooled.relative_increase[0] == np.inf
        assert pooled.lambda_[0] == pooled.fraction_missing_information[0] == 1.0
        assert pooled.degrees_of_freedom[0] == pytest.approx(2.0)

    def test_known_exactly_and_the_same_in_all(self) -> None:
        pooled = pool([[0.0, 3.0]] * 4, np.zeros((4, 2)))
        assert pooled.std_error.tolist() == [0.0, 0.0]
        assert pooled.p_value.tolist() == [1.0, 0.0]
        lower, upper = pooled.interval()
        assert lower.tolist() == upper.tolist() == [0.0, 3.0]
        assert not pooled.to_frame().isna().any(axis=None)

    def test_many_imputations_leave_no_monte_carlo_error(self) -> None:
        draws = np.random.default_rng(0).normal(size=4000)
        pooled = pool(draws, np.full(4000, 1.0))
        assert pooled.monte_carlo_error[0] == pytest.approx(1.0 / np.sqrt(4000), rel=0.05)
        assert pooled.fraction_missing_information[0] == pytest.approx(0.5, abs=0.03)


class TestIntervals:
    def test_they_are_those_of_student(self) -> None:
        pooled = pool([1.0, 2.0, 2.5], [0.5, 0.4, 0.6], complete_degrees_of_freedom=12)
        for level in (0.5, 0.9, 0.99):
            lower, upper = pooled.interval(level)
            shares = student_t.cdf(
                (np.array([lower[0], upper[0]]) - pooled.estimate) / pooled.std_error,
                pooled.degrees_of_freedom,
            )
            assert shares == pytest.approx([0.5 - level / 2, 0.5 + level / 2])

    def test_they_cover_and_those_of_one_imputation_do_not(self) -> None:
        """The mean of 40 numbers of which 40 % are unknown, imputed from their posterior."""
        rng = np.random.default_rng(5)
        n, n_known, m, repetitions = 40, 24, 8, 6000
        known = rng.normal(size=(repetitions, n_known))
        mean, variance = known.mean(axis=1), known.var(axis=1, ddof=1)
        sigma2 = (n_known - 1) * variance / rng.chisquare(n_known - 1, size=(m, repetitions))
        mu = mean + np.sqrt(sigma2 / n_known) * rng.normal(size=(m, repetitions))
        noise = rng.normal(size=(m, repetitions, n - n_known))
        imputed = mu[..., None] + np.sqrt(sigma2)[..., None] * noise
        all_known = np.broadcast_to(known, (m, *known.shape))
        tables = np.concatenate([all_known, imputed], axis=2)
        estimates, spreads = tables.mean(axis=2), tables.var(axis=2, ddof=1) / n

        lower, upper = pool(estimates, spreads, complete_degrees_of_freedom=n - 1).interval()
        coverage = np.mean((lower <= 0.0) & (upper >= 0.0))
        assert coverage == pytest.approx(0.95, abs=0.012)  # four standard errors

        half = student_t.ppf(0.975, n - 1) * np.sqrt(spreads[0])
        assert np.mean(np.abs(estimates[0]) <= half) < 0.88


class TestSeveralAtOnce:
    @staticmethod
    def pooled(m: int = 5, complete: float = 40.0, increase: float = 1.0) -> PooledEstimates:
        rng = np.random.default_rng(2)
        root = rng.normal(size=(3, 3))
        covariances = np.broadcast_to(root @ root.T, (m, 3, 3))
        estimates = 1.0 + increase * rng.normal(size=(m, 3))
        return pool(estimates, covariances, complete_degrees_of_freedom=complete, names=list("abc"))

    def test_without_holes_it_is_the_test_of_complete_data(self) -> None:
        pooled = self.pooled(increase=0.0, complete=np.inf)
        covariance = pooled.within_covariance
        assert covariance is not None
        wald = float(pooled.estimate @ np.linalg.solve(covariance, pooled.estimate)) / 3
        test = pooled.wald_test()
        assert test.statistic == pytest.approx(wald)
        assert test.p_value == pytest.approx(fisher_f.sf(wald, 3, 1e12), rel=1e-5)
        assert test.relative_increase == 0.0

    def test_the_hypothesis_can_be_another_than_zero(self) -> None:
        pooled = self.pooled()
        test = pooled.wald_test(["a", "c"], pooled.estimate[[0, 2]])
        assert test.statistic == pytest.approx(0.0, abs=1e-20)
        assert test.p_value == pytest.approx(1.0)

    def test_one_quantity_and_few_imputations_are_barnard_and_rubin(self) -> None:
        pooled = self.pooled(m=4)
        test = pooled.wald_test(["b"])
        assert test.statistic == pytest.approx(pooled.statistic[1] ** 2)
        assert test.degrees_of_freedom == pytest.approx((1.0, pooled.degrees_of_freedom[1]))
        assert test.p_value == pytest.approx(pooled.p_value[1])

    def test_a_long_table_is_an_endless_one(self) -> None:
        one, other = self.pooled(complete=1e9).wald_test(), self.pooled(complete=np.inf).wald_test()
        assert one.degrees_of_freedom == pytest.approx(other.degrees_of_freedom, rel=1e-6)

    @pytest.mark.parametrize("complete", [1.0, 3.0, 6.0, 10.0])
    def test_a_short_table_has_degrees_of_freedom_too(self, complete: float) -> None:
        degrees = self.pooled(complete=complete, increase=3.0).wald_test().degrees_of_freedom[1]
        assert 0.0 < degrees < 12.0

    def test_it_needs_covariances(self) -> None:
        with pytest.raises(HokanError, match="gave variances only"):
            pool(np.ones((3, 2)), np.ones((3, 2))).wald_test()

    def test_it_refuses_what_follows_from_others(self) -> None:
        singular = np.broadcast_to(np.ones((2, 2)), (3, 2, 2))
        with pytest.raises(HokanError, match="singular"):
            pool(np.ones((3, 2)), singular).wald_test()

    @pytest.mark.parametrize("names", [["d"], [], ["a", "a"]])
    def test_it_refuses_names_that_are_not_there(self, names: list[str]) -> None:
        with pytest.raises(HokanError, match="expected different names among"):
            self.pooled().wald_test(names)


class TestForms:
    def test_columns_of_a_table_are_names(self) -> None:
        estimates = pd.DataFrame({"slope": [1.0, 2.0], "constant": [0.0, 0.5]})
        pooled = pool(estimates, estimates * 0 + 1)
        assert pooled.names == ("slope", "constant")
        assert len(pooled) == 2

    def test_names_without_any_given(self) -> None:
        assert pool([1, 2], [1, 1]).names == ("estimate",)
        assert pool(np.ones((3, 2)), np.ones((3, 2))).names == ("estimate 1", "estimate 2")

    def test_covariances_have_the_variances_on_their_diagonal(self) -> None:
        covariances = np.array([[[2.0, 0.5], [0.5, 1.0]], [[3.0, 0.0], [0.0, 2.0]]])
        estimates = np.array([[1.0, 2.0], [2.0, 2.5]])
        full = pool(estimates, covariances)
        diagonal = pool(estimates, np.diagonal(covariances, axis1=1, axis2=2))
        pd.testing.assert_frame_equal(table(full), table(diagonal))
        total = full.total_covariance
        assert total is not None
        np.testing.assert_allclose(np.diag(total), full.total_variance)
        np.testing.assert_allclose(total[0, 1], 0.25 + 1.5 * np.cov(estimates.T)[0, 1])
        assert diagonal.total_covariance is None

    def test_it_shows_what_a_reader_wants_first(self) -> None:
        shown = repr(pool([1.0, 2.0], [1.0, 1.0], names=["slope"], complete_degrees_of_freedom=9))
        assert "Pooled over 2 imputations" in shown
        for word in ("slope", "estimate", "std_error", "95%", "missing_information", "freedom: 9"):
            assert word in shown


class TestRefused:
    @pytest.mark.parametrize(
        ("estimates", "spreads", "message"),
        [
            ([[1.0, 2.0]], [[1.0, 1.0]], "at least 2 imputations, found 1"),
            ([1.0], [1.0], "at least 2 imputations, found 1"),
            ([], [], r"found shape \(0,\)"),
            (np.ones((2, 2, 2)), np.ones((2, 2)), "expected estimates of shape"),
            ([1.0, 2.0], [1.0, 2.0, 3.0], r"found shape \(3,\)"),
            (np.ones((2, 3)), np.ones((2, 2)), "expected variances of the same shape"),
            ([[1, 2], [3, np.nan]], np.ones((2, 2)), "estimate of 'estimate 2' in imputation 2 is"),
            ([[1, 2], [3, 4]], [[1, np.inf], [1, 1]], "variance of 'estimate 2' in imputation 1"),
            ([1.0, 2.0, 3.0], [1.0, 1.0, -0.5], "in imputation 3 is -0.5"),
            ([1.0, "a"], [1.0, 1.0], "must be numbers"),
            ([[1.0, 2.0], [1.0]], [[1.0, 1.0], [1.0]], "as many in each imputation"),
            (
                np.ones((2, 2)),
                [np.eye(2), [[1.0, 0.5], [0.0, 1.0]]],
                "imputation 2 is not symmetric",
            ),
            (
                np.ones((2, 2)),
                [np.eye(2), [[1.0, np.nan], [0.0, 1.0]]],
                "of 'estimate 1' and 'estimate 2' in imputation 2 is nan",
            ),
        ],
    )
    def test_with_the_place_and_the_reason(
        self, estimates: object, spreads: object, message: str
    ) -> None:
        with pytest.raises(HokanError, match=message):
            pool(estimates, spreads)  # type: ignore[arg-type]

    @pytest.mark.parametrize("complete", [0.0, -3.0, np.nan])
    def test_no_degrees_of_freedom(self, complete: float) -> None:
        with pytest.raises(HokanError, match="must be more than 0"):
            pool([1, 2], [1, 1], complete_degrees_of_freedom=complete)

    @pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
    def test_no_probability(self, level: float) -> None:
        with pytest.raises(HokanError, match="between 0 and 1"):
            pool([1, 2], [1, 1], level=level)
        with pytest.raises(HokanError, match="between 0 and 1"):
            pool([1, 2], [1, 1]).interval(level)

    @pytest.mark.parametrize("names", [["a"], ["a", "a"], "a"])
    def test_names_that_do_not_fit(self, names: list[str]) -> None:
        with pytest.raises(HokanError, match="expected 2 different names"):
            pool(np.ones((2, 2)), np.ones((2, 2)), names=names)
