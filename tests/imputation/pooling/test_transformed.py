"""Correlations and shares of explained variance, pooled on Fisher's scale."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hokan.errors import HokanError
from hokan.imputation.pooling import pool, pool_correlation, pool_r_squared


class TestCorrelations:
    def test_they_are_pooled_as_inverse_hyperbolic_tangents(self) -> None:
        correlations = np.array([0.5, 0.6, 0.8])
        pooled = pool_correlation(correlations, [20, 30, 40])
        scale = pool(np.arctanh(correlations), 1.0 / np.array([17, 27, 37]))
        assert pooled.estimate[0] == pytest.approx(np.tanh(scale.estimate[0]))
        ends = np.tanh(np.array(scale.interval()))[:, 0]
        assert (pooled.lower[0], pooled.upper[0]) == pytest.approx(tuple(ends))

    def test_without_holes_the_interval_is_fishers(self) -> None:
        """Known from textbooks: r = 0.6 and n = 28 give 0.291 to 0.796."""
        pooled = pool_correlation([0.6] * 5, 28)
        assert pooled.estimate[0] == pytest.approx(0.6)
        z = np.arctanh(0.6) + np.array([-1.0, 1.0]) * 1.959964 / 5.0
        assert (pooled.lower[0], pooled.upper[0]) == pytest.approx(tuple(np.tanh(z)), rel=1e-6)

    def test_sign_is_kept_and_columns_are_names(self) -> None:
        each = pd.DataFrame({"a": [0.5, 0.6], "b": [-0.5, -0.6]})
        pooled = pool_correlation(each, 30)
        assert pooled.names == ("a", "b")
        assert pooled.estimate[0] == -pooled.estimate[1]
        assert pooled.to_frame().loc["b", "upper"] == pytest.approx(-pooled.lower[0])
        assert "Pooled over 2 imputations" in repr(pooled)

    @pytest.mark.parametrize("wrong", [1.0, -1.0, 1.5, np.nan])
    def test_limits_are_refused(self, wrong: float) -> None:
        with pytest.raises(HokanError, match="the correlation in imputation 2 is"):
            pool_correlation([0.5, wrong], 30)


class TestShares:
    def test_the_interval_stays_between_0_and_1(self) -> None:
        pooled = pool_r_squared([0.01, 0.3], 8)
        assert pooled.lower[0] == 0.0
        assert pooled.estimate[0] < pooled.upper[0] < 1.0

    def test_columns_are_names(self) -> None:
        assert pool_r_squared(pd.DataFrame({"of Tm": [0.2, 0.3]}), 30).names == ("of Tm",)

    def test_negative_ones_are_refused(self) -> None:
        with pytest.raises(HokanError, match=r"imputation 1 is -0\.1"):
            pool_r_squared([-0.1, 0.2], 30)


@pytest.mark.parametrize("n_rows", [3, [20, 20, 20], [20, 2]])
def test_too_few_rows_are_refused(n_rows: object) -> None:
    with pytest.raises(HokanError, match="4 or more"):
        pool_correlation([0.2, 0.3], n_rows)  # type: ignore[arg-type]
