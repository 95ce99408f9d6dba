from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.integrate import quad

from hokan.errors import GraphError, TableError
from hokan.graph import (
    Identity,
    Log,
    Logit,
    Property,
    StandardisedTransform,
    Transform,
    get_transform,
)

TRANSFORMS = [
    Identity(),
    Log(),
    Logit(0.0, 1.0),
    Logit(-20.0, 300.0),
    StandardisedTransform(Identity(), 3.0, 2.0),
    StandardisedTransform(Log(), 7.0, 0.4),
    StandardisedTransform(Logit(0.0, 1.0), -0.5, 1.5),
]
every_transform = pytest.mark.parametrize("transform", TRANSFORMS, ids=repr)


def inside(transform: Transform, size: int = 50) -> np.ndarray:
    """Raw values in the domain, from transformed ones spread over a few standard deviations."""
    return transform.inverse(np.random.default_rng(0).normal(0.0, 1.5, size))


@every_transform
def test_inverse_undoes_forward(transform: Transform) -> None:
    raw = inside(transform)
    np.testing.assert_allclose(transform.inverse(transform.forward(raw)), raw, rtol=1e-12)


@every_transform
@settings(deadline=None)
@given(z=st.floats(-10, 10))
def test_forward_undoes_inverse(transform: Transform, z: float) -> None:
    assert transform.forward(transform.inverse(z)) == pytest.approx(z, rel=1e-9, abs=1e-9)


@every_transform
@settings(deadline=None)
@given(z=st.floats(allow_nan=False))
def test_inverse_stays_inside_the_domain_whatever_it_is_given(
    transform: Transform, z: float
) -> None:
    assert transform.is_allowed(transform.inverse(z))


@every_transform
def test_transforms_increase(transform: Transform) -> None:
    raw = np.sort(inside(transform))
    assert (np.diff(transform.forward(raw)) > 0).all()


@every_transform
def test_derivative_agrees_with_finite_differences(transform: Transform) -> None:
    raw = inside(transform)
    step = 1e-5 / transform.derivative(raw)
    slope = (transform.forward(raw + step) - transform.forward(raw - step)) / (2 * step)
    np.testing.assert_allclose(transform.derivative(raw), slope, rtol=1e-6)
    np.testing.assert_allclose(transform.log_derivative(raw), np.log(slope), atol=1e-6)
    np.testing.assert_array_equal(transform.log_abs_derivative(raw), transform.log_derivative(raw))


@every_transform
@given(data=st.data())
@settings(deadline=None, max_examples=20)
def test_holes_and_shapes_pass_through(transform: Transform, data: st.DataObject) -> None:
    shape = data.draw(array_shapes(min_dims=0, max_dims=3, max_side=3))
    z = data.draw(arrays(np.float64, shape, elements=st.floats(-3, 3) | st.just(np.nan)))
    raw = np.array(transform.inverse(z))
    raw.flags.writeable = False
    for result in (raw, transform.forward(raw), transform.derivative(raw)):
        assert np.shape(result) == shape
        np.testing.assert_array_equal(np.isnan(result), np.isnan(z))
    for moment in transform.moments(z, np.where(np.isnan(z), np.nan, 0.5)):
        assert np.shape(moment) == shape
        np.testing.assert_array_equal(np.isnan(moment), np.isnan(z))
    assert transform.is_allowed(raw)


@every_transform
@pytest.mark.parametrize(("mean", "variance"), [(0.0, 1.0), (-1.3, 0.2), (1.1, 2.0)])
def test_moments_agree_with_numerical_integration(
    transform: Transform, mean: float, variance: float
) -> None:
    gaussian = scipy.stats.norm(mean, np.sqrt(variance))

    def expectation(power: int, about: float) -> float:
        width = 12 * gaussian.std()
        return float(
            quad(
                lambda z: float((transform.inverse(z) - about) ** power * gaussian.pdf(z)),
                mean - width,
                mean + width,
                epsabs=1e-12,
                epsrel=1e-11,
                limit=400,
            )[0]
        )

    raw_mean, raw_std = transform.moments(mean, variance)
    expected_mean = expectation(1, 0.0)
    assert raw_mean == pytest.approx(expected_mean, rel=1e-7)
    assert raw_std == pytest.approx(np.sqrt(expectation(2, expected_mean)), rel=1e-6)


@settings(deadline=None)
@given(mean=st.floats(-5, 5), variance=st.floats(1e-8, 4.0))
def test_log_moments_are_those_of_the_log_normal_distribution(mean: float, variance: float) -> None:
    known = scipy.stats.lognorm(s=np.sqrt(variance), scale=np.exp(mean))
    raw_mean, raw_std = Log().moments(mean, variance)
    assert raw_mean == pytest.approx(known.mean(), rel=1e-10)
    # scipy loses digits for small variances, where the standard deviation is close to
    # sqrt(variance) times the mean.
    assert raw_std == pytest.approx(known.std(), rel=1e-6)


@pytest.mark.parametrize("transform", [Logit(0.0, 1.0), Logit(-20.0, 300.0)], ids=repr)
@pytest.mark.parametrize("spread", [0.3, 1.0, 3.0, 10.0, 100.0])
def test_logit_moments_are_as_accurate_as_they_say(transform: Logit, spread: float) -> None:
    # Equally likely values, finer than any feature of the integrand.
    probabilities = (np.arange(2_000_000) + 0.5) / 2_000_000
    width = transform.upper - transform.lower
    tolerance = width * (1e-6 if spread <= 3.0 else 0.01)
    for mean in (0.0, 0.7, -2.0):
        raw = transform.inverse(scipy.stats.norm.ppf(probabilities, mean, spread))
        raw_mean, raw_std = transform.moments(mean, spread**2)
        assert raw_mean == pytest.approx(raw.mean(), abs=tolerance)
        assert raw_std == pytest.approx(raw.std(), abs=tolerance)


@every_transform
def test_a_value_known_exactly_has_no_spread(transform: Transform) -> None:
    raw = inside(transform)
    raw_mean, raw_std = transform.moments(transform.forward(raw), 0.0)
    np.testing.assert_allclose(raw_mean, raw, rtol=1e-12)
    np.testing.assert_array_less(raw_std, 1e-13 * np.ptp(raw))
    assert Log().moments(0.0, 0.0)[1] == 0.0


def test_log_moments_beyond_double_precision_are_kept_finite() -> None:
    raw_mean, raw_std = Log().moments([700.0, 0.0, -800.0], [1e3, 1e5, 1.0])
    assert np.isfinite(raw_mean).all()
    assert np.isfinite(raw_std).all()
    assert (raw_mean > 0).all()


# --- values a transform refuses -------------------------------------------------------------


def test_check_names_source_row_and_column_and_the_remedy() -> None:
    melting_point = [300.0, np.nan, 1200.0, 5.0, 40.0, np.nan, -3.0, 2.0]
    with pytest.raises(TableError) as caught:
        Log().check(melting_point, "melting_point_K", "oxides.csv")
    assert str(caught.value) == (
        "oxides.csv, row 7, column 'melting_point_K': -3 cannot be log-transformed, which needs "
        'positive values; use transform = "identity" or correct the value'
    )


def test_check_lists_further_rows_but_not_endlessly() -> None:
    with pytest.raises(TableError, match=r"row 1, .*: 0 cannot .*\(also row 3\)$"):
        Log().check([0.0, 1.0, -1.0], "x")
    with pytest.raises(TableError, match=r"row 1, .*\(also rows 2, 3, 4, 5 and 3 more\)$"):
        Log().check(np.zeros(8), "x")


@pytest.mark.parametrize(
    ("transform", "value"),
    [(Log(), 0.0), (Log(), -1.0), (Logit(0.0, 1.0), 0.0), (Logit(0.0, 1.0), 1.0)]
    + [(transform, infinity) for transform in TRANSFORMS for infinity in (np.inf, -np.inf)],
    ids=repr,
)
def test_values_outside_the_domain_are_refused_everywhere(
    transform: Transform, value: float
) -> None:
    raw = np.append(inside(transform, 3), value)
    assert not transform.is_allowed(raw)
    with pytest.raises(TableError, match="row 4, column 'x'"):
        transform.check(raw, "x")
    with pytest.raises(TableError):
        transform.forward(raw)


def test_messages_say_what_is_needed() -> None:
    with pytest.raises(TableError, match=r"1\.5 cannot be logit-transformed, which needs values "):
        Logit(0.0, 1.0).forward(1.5)
    with pytest.raises(TableError, match="above -20 and below 300"):
        Logit(-20.0, 300.0).forward(1000.0)
    with pytest.raises(TableError, match="inf is not a finite number"):
        Identity().check([np.inf], "x")
    standardised = StandardisedTransform(Log(), 0.0, 1.0)
    with pytest.raises(TableError, match="-1 cannot be log-transformed"):
        standardised.check([-1.0], "x")


@pytest.mark.parametrize("bounds", [(1.0, 0.0), (1.0, 1.0), (0.0, np.inf), (np.nan, 1.0)])
def test_logit_needs_bounds_in_order(bounds: tuple[float, float]) -> None:
    with pytest.raises(GraphError, match="lower < upper"):
        Logit(*bounds)


# --- standardising --------------------------------------------------------------------------


@pytest.mark.parametrize("transform", [Identity(), Log(), Logit(0.0, 1.0)], ids=repr)
def test_fitting_standardises_the_observed_values(transform: Transform) -> None:
    raw = inside(transform)
    raw[::7] = np.nan
    standardised = StandardisedTransform.fit(transform, raw).forward(raw)
    assert np.nanmean(standardised) == pytest.approx(0.0, abs=1e-12)
    assert np.nanstd(standardised) == pytest.approx(1.0, rel=1e-12)


@settings(deadline=None)
@given(
    raw=arrays(np.float64, st.integers(1, 6), elements=st.floats(allow_nan=False, width=64)),
)
def test_fitting_works_for_any_finite_values(raw: np.ndarray) -> None:
    raw = raw[np.isfinite(raw)]
    if raw.size == 0:
        return
    fitted = StandardisedTransform.fit(Identity(), raw)
    assert np.isfinite(fitted.location)
    assert 0 < fitted.scale < np.inf


def test_values_that_agree_get_a_scale_of_one() -> None:
    # 0.1 has no exact form: the mean of ten of them differs from it by rounding.
    assert StandardisedTransform.fit(Identity(), np.full(10, 0.1)).scale == 1.0
    assert StandardisedTransform.fit(Log(), [np.nan, 2.0]).location == pytest.approx(np.log(2))


def test_fitting_needs_an_observed_value() -> None:
    with pytest.raises(TableError, match="no observed value"):
        StandardisedTransform.fit(Identity(), [np.nan, np.nan])


@pytest.mark.parametrize("scale", [0.0, -1.0, np.inf, np.nan])
def test_scale_is_positive(scale: float) -> None:
    with pytest.raises(GraphError, match="positive scale"):
        StandardisedTransform(Identity(), 0.0, scale)


# --- from a property ------------------------------------------------------------------------


def test_a_property_gives_its_transform() -> None:
    assert get_transform(Property("a", transform="identity")) == Identity()
    assert get_transform(Property("a", transform="log")) == Log()
    bounded = Property("a", transform="logit", lower=-1, upper=3)
    assert get_transform(bounded) == Logit(-1.0, 3.0)


def test_a_transform_still_to_be_chosen_cannot_be_had() -> None:
    with pytest.raises(GraphError, match="property 'a': transform = \"auto\" is chosen when"):
        get_transform(Property("a"))


def test_a_category_has_no_scale() -> None:
    with pytest.raises(GraphError, match="property 'phase' is a category: it has levels and no"):
        get_transform(Property("phase", transform="category"))
