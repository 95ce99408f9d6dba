"""Fitted models of every kind that a file must hold, and a comparison that overlooks nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hokan import HierarchicalRegressor, Property, PropertyGraph
from hokan.datasets.synthetic import make_hierarchy
from hokan.graph import Formula
from hokan.sampling.setting import Setting

_QUICK: dict[str, Any] = {"n_restarts": 0, "max_iterations": 8}


def _composed() -> pd.DataFrame:
    formulas = ["LiF", "NaF", "KF", "LiCl", "NaCl", "KCl", "LiBr", "NaBr", "SiO2", "SiO2"]
    draw = np.random.default_rng(0)
    values = draw.uniform(1.0, 9.0, (10, 2))
    values[[2, 5], 1] = np.nan
    return pd.DataFrame(values, columns=["hardness", "gap_eV"]).assign(formula=formulas)


def joint() -> HierarchicalRegressor:
    """Holes anywhere, measurement errors, one weight per descriptor."""
    drawn = make_hierarchy(20, 3, n_descriptors=2, measurement_error=0.1, random_state=1)
    most_probable = {"n_parameter_draws": 0}
    return HierarchicalRegressor(descriptors=["x1", "x2"], **most_probable, **_QUICK).fit(
        drawn.table.frame
    )


def nested() -> HierarchicalRegressor:
    """A pattern that takes the recursive path; many descriptors."""
    drawn = make_hierarchy(20, 2, pattern="monotone", n_descriptors=12, random_state=1)
    names = [f"x{number}" for number in range(1, 13)]
    most_probable = {"n_parameter_draws": 0}
    # A value in doubt is one with measurement error, and then data are no longer nested.
    sure = PropertyGraph(tuple(replace(p, gross_errors="none") for p in drawn.graph.properties))
    return HierarchicalRegressor(sure, descriptors=names, **most_probable, **_QUICK).fit(
        drawn.table.frame
    )


def one_material() -> HierarchicalRegressor:
    """Repeated compositions are measurements of one material, whose noise is learned."""
    options = {"same_composition": "same material", "learn_noise": True}
    return HierarchicalRegressor(**options, **_QUICK).fit(_composed())


def bounded() -> HierarchicalRegressor:
    """A graph with bounds and priors; composition and descriptors; columns of other kinds."""
    frame = _composed().assign(
        pressure_GPa=np.arange(10),
        note=["a", None, "μ ¼ \n", "", "x", "007", "y", "z", "q", "w"],
        seen=pd.date_range("2020-01-01", periods=10),
        flag=[True, False] * 5,
    )
    graph = PropertyGraph(
        (
            Property("gap_eV", transform="logit", lower=0.0, upper=12.0),
            Property("hardness", "GPa", "log", parents=("gap_eV",), prior={"gap_eV": 0.5}),
        )
    )
    frame.index = pd.MultiIndex.from_product([["a", "b"], range(5)], names=["batch", None])
    return HierarchicalRegressor(graph, descriptors=["pressure_GPa"], **_QUICK).fit(frame)


def alone() -> HierarchicalRegressor:
    """Properties alone: no composition, no descriptors; a random state that is no number."""
    frame = _composed()[["gap_eV", "hardness"]].astype({"gap_eV": "Float64"})
    state = np.random.RandomState(3)
    return HierarchicalRegressor(random_state=state, **_QUICK).fit(frame)


def arrays() -> HierarchicalRegressor:
    """X and y apart, one target."""
    drawn = make_hierarchy(15, 1, n_descriptors=2, missing=0.2, random_state=2).table.frame
    X = drawn[["x1", "x2"]].set_axis(["a", "b"], axis=1)
    return HierarchicalRegressor(**_QUICK).fit(X, drawn["property_1"].to_numpy())


def sampled() -> HierarchicalRegressor:
    """Links that are not straight: a curve, one that differs by material, and a formula."""
    drawn = make_hierarchy(24, 3, n_descriptors=2, missing=0.2, random_state=4).table.frame
    graph = PropertyGraph(
        (
            Property("property_1"),
            Property("property_2", parents=("property_1",), link="joint"),
            Property(
                "property_3",
                parents=("property_1", "property_2"),
                link={"property_2": "smooth"},
                formula="a + b * property_1",
            ),
        )
    )
    return HierarchicalRegressor(
        graph, descriptors=["x1", "x2"], n_chains=2, n_draws=10, **_QUICK
    ).fit(drawn)


def pooled() -> HierarchicalRegressor:
    """Draws at parameters that are drawn too."""
    drawn = make_hierarchy(12, 2, n_descriptors=2, missing=0.2, random_state=5).table.frame
    return HierarchicalRegressor(
        descriptors=["x1", "x2"], sample_parameters=True, n_chains=2, n_draws=50, **_QUICK
    ).fit(drawn)


PROBLEMS: tuple[Callable[[], HierarchicalRegressor], ...] = (
    joint,
    nested,
    one_material,
    bounded,
    alone,
    arrays,
    sampled,
    pooled,
)


@pytest.fixture(scope="session", params=PROBLEMS, ids=lambda problem: problem.__name__)
def problem(request: pytest.FixtureRequest) -> HierarchicalRegressor:
    """Return a fitted estimator, one of each kind."""
    make: Callable[[], HierarchicalRegressor] = request.param
    return make()


@pytest.fixture
def fit_joint() -> Callable[[], HierarchicalRegressor]:
    """Return a function that fits one and the same estimator anew."""
    return joint


@pytest.fixture(scope="session")
def differences() -> Callable[..., list[str]]:
    """Return a function that lists where two objects differ, in any attribute of any part."""
    return _differences


def _differences(one: Any, other: Any, path: str = "") -> list[str]:
    if isinstance(one, np.generic) and not isinstance(other, np.generic):
        one = one.item()
    if type(one) is not type(other):
        return [f"{path}: {type(one).__name__} is not {type(other).__name__}"]
    if isinstance(one, np.ndarray):
        if "_factor" in path:  # below the diagonal stands what was in memory before
            one, other = np.triu(one), np.triu(other)
        if one.dtype == object:
            return _differences(one.tolist(), other.tolist(), path)
        same = one.dtype == other.dtype and one.shape == other.shape
        same = same and one.flags.f_contiguous == other.flags.f_contiguous
        return [] if same and one.tobytes() == other.tobytes() else [f"{path}: arrays differ"]
    if isinstance(one, pd.DataFrame):
        try:
            pd.testing.assert_frame_equal(one, other, check_exact=True)
        except AssertionError as error:
            return [f"{path}: {error}"]
        return []
    if isinstance(one, tuple | list):
        if len(one) != len(other):
            return [f"{path}: {len(one)} entries are not {len(other)}"]
        pairs = [(f"[{n}]", a, b) for n, (a, b) in enumerate(zip(one, other, strict=True))]
    elif isinstance(one, dict):
        if list(one) != list(other):
            return [f"{path}: keys differ"]
        pairs = [(f"[{key!r}]", one[key], other[key]) for key in one]
    elif isinstance(
        one, PropertyGraph | Formula | Setting
    ):  # which also keep what they were asked for
        names = [field.name for field in fields(one)]
        pairs = [(f".{name}", getattr(one, name), getattr(other, name)) for name in names]
    elif hasattr(one, "__dict__") and not isinstance(one, type):
        if set(vars(one)) != set(vars(other)):
            return [f"{path}: attributes {set(vars(one)) ^ set(vars(other))}"]
        pairs = [(f".{name}", vars(one)[name], vars(other)[name]) for name in vars(one)]
    else:
        return [] if repr(one) == repr(other) else [f"{path}: {one!r} is not {other!r}"]
    return [found for name, a, b in pairs for found in _differences(a, b, path + name)]
