"""A quantity observed as max(floor, latent): a band gap, which is 0 for every metal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from hokan.errors import GraphError, TableError
from hokan.graph import Floored, Identity, Property, StandardisedTransform, get_transform

anything = st.floats(allow_nan=False)


@given(floor=st.floats(-1e6, 1e6), latent=anything)
@settings(deadline=None)
def test_what_is_predicted_is_never_below_the_floor(floor: float, latent: float) -> None:
    observed = Floored(floor).inverse(latent)
    assert observed >= floor
    assert np.isfinite(observed)
    assert Floored(floor).is_allowed(observed)


@given(
    floor=st.floats(-1e3, 1e3),
    location=st.floats(-1e3, 1e3),
    scale=st.floats(1e-3, 1e3),
    latent=anything,
)
@settings(deadline=None)
def test_nor_after_standardising(
    floor: float, location: float, scale: float, latent: float
) -> None:
    assert StandardisedTransform(Floored(floor), location, scale).inverse(latent) >= floor


def test_above_the_floor_it_is_the_identity() -> None:
    raw = np.array([0.0, 1e-12, 0.3, 12.0, np.nan])
    np.testing.assert_array_equal(Floored(0.0).forward(raw), raw)
    np.testing.assert_array_equal(Floored(0.0).inverse(raw), raw)
    np.testing.assert_array_equal(Floored(0.0).derivative(raw), [1.0, 1.0, 1.0, 1.0, np.nan])


def test_only_values_at_the_floor_stand_for_anything_below() -> None:
    raw = [0.0, -0.0, 1e-300, 2.0, np.nan]
    expected = [True, True, False, False, False]
    for transform in (Floored(0.0), StandardisedTransform(Floored(0.0), 3.0, 2.0)):
        np.testing.assert_array_equal(transform.at_floor(raw), expected)
    assert not Identity().at_floor(raw).any()


@settings(deadline=None, max_examples=60)
@given(
    floor=st.floats(-3, 3),
    mean=st.floats(-6, 6),
    deviation=st.floats(0.05, 5),
)
def test_moments_agree_with_numerical_integration(
    floor: float, mean: float, deviation: float
) -> None:
    end = (floor - mean) / deviation

    def expectation(power: int, about: float) -> float:
        at_floor = norm.cdf(end) * (floor - about) ** power
        above = quad(
            lambda z: (mean + deviation * z - about) ** power * norm.pdf(z),
            np.clip(end, -12, 12),
            12,
            epsabs=1e-13,
        )[0]
        return float(at_floor + above)

    found_mean, found_deviation = Floored(floor).moments(mean, deviation**2)
    expected = expectation(1, 0.0)
    assert found_mean == pytest.approx(expected, abs=1e-9)
    assert found_deviation == pytest.approx(np.sqrt(expectation(2, expected)), rel=1e-5, abs=1e-8)


def test_moments_agree_with_draws() -> None:
    latent = np.random.default_rng(0).normal(-0.3, 1.2, 1_000_000)
    observed = Floored(0.0).inverse(latent)
    mean, deviation = Floored(0.0).moments(-0.3, 1.2**2)
    assert mean == pytest.approx(observed.mean(), rel=5e-3)
    assert deviation == pytest.approx(observed.std(), rel=5e-3)


@pytest.mark.parametrize("deviation", [1e-160, 1e-9, 1e-3])
def test_a_value_nearly_known_keeps_its_small_spread(deviation: float) -> None:
    mean, spread = Floored(0.0).moments([2.0, -2.0], deviation**2)
    np.testing.assert_allclose(mean, [2.0, 0.0], atol=1e-300)
    np.testing.assert_allclose(spread, [np.sqrt(deviation**2), 0.0], rtol=1e-9, atol=1e-300)


def test_a_value_known_exactly_has_no_spread_and_holes_stay() -> None:
    mean, deviation = Floored(1.0).moments([3.0, 1.0, -4.0, np.nan], [0.0, 0.0, 0.0, np.nan])
    np.testing.assert_array_equal(mean, [3.0, 1.0, 1.0, np.nan])
    np.testing.assert_array_equal(deviation, [0.0, 0.0, 0.0, np.nan])


def test_a_value_below_the_floor_is_refused_by_row_and_column() -> None:
    with pytest.raises(TableError) as caught:
        Floored(0.0).check([0.0, 1.1, np.nan, -0.2, 3.0, -1.0], "gap_eV", "gaps.csv")
    assert str(caught.value) == (
        "gaps.csv, row 4, column 'gap_eV': -0.2 lies below the floor of 0; correct the value or "
        'give another floor (floor = "none": there is none) (also row 6)'
    )


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinities_are_called_what_they_are(value: float) -> None:
    with pytest.raises(TableError, match=r"row 1, column 'gap_eV': -?inf is not a finite number"):
        Floored(0.0).check([value], "gap_eV")


def test_a_property_with_a_floor_gives_this_transform() -> None:
    assert get_transform(Property("gap_eV", floor=-1)) == Floored(-1.0)
    assert get_transform(Property("gap_eV", transform="identity", floor="none")) == Identity()
    assert get_transform(Property("gap_eV", transform="identity")) == Identity()
    with pytest.raises(GraphError, match="is chosen when a model is fitted"):
        get_transform(Property("gap_eV", floor="none"))
