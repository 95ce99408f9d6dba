"""Parameters are stored as given, checked when used, and told when wrong."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from hokan import HierarchicalRegressor, HokanError, PropertyGraph

Quick = Callable[..., HierarchicalRegressor]


def test_every_parameter_has_a_condition() -> None:
    names = set(inspect.signature(HierarchicalRegressor).parameters)
    assert set(HierarchicalRegressor._constraints) == names
    for name, constraint in HierarchicalRegressor._constraints.items():
        assert constraint.holds(getattr(HierarchicalRegressor(), name)), name


@pytest.mark.parametrize(
    ("parameter", "value", "message"),
    [
        ("graph", "graph.toml", "graph must be a PropertyGraph .*from_toml.* found 'graph.toml'"),
        ("composition", 3, "composition must be the name of a column, or None; found 3"),
        ("descriptors", None, "descriptors must be a list of column names; found None"),
        ("descriptors", [1, 2], r"descriptors must be .* found \[1, 2\]"),
        ("ignore", iter(["a"]), "ignore must be a list of column names"),
        ("properties", {"a": 1}, "properties must be a list of column names, or None"),
        ("same_composition", "same", "'separate' or 'same material'; found 'same'"),
        ("weigh_descriptors", "yes", "weigh_descriptors must be True or False; found 'yes'"),
        ("learn_noise", 1, "learn_noise must be True or False; found 1"),
        ("n_restarts", -1, "n_restarts must be a whole number, 0 or more; found -1"),
        ("max_iterations", 2.5, "max_iterations must be a whole number, 1 or more; found 2.5"),
        ("most_cells", True, "most_cells must be a whole number, 2 or more; found True"),
        ("level", 1.0, "level must be a number between 0 and 1, as 0.9; found 1.0"),
        ("level", np.nan, "level must be .* found nan"),
        ("random_state", "seed", "random_state must be .* found 'seed'"),
        ("verbose", 2, "verbose must be True or False; found 2"),
        ("progress", True, "progress must be a function, or None; found True"),
    ],
)
def test_parameters_are_checked_in_fit(
    frame: pd.DataFrame, parameter: str, value: object, message: str
) -> None:
    estimator = HierarchicalRegressor(**{parameter: value})
    assert getattr(estimator, parameter) is value
    with pytest.raises(HokanError, match=message):
        estimator.fit(frame)


def test_clones_keep_parameters(frame: pd.DataFrame) -> None:
    graph = PropertyGraph.ladder("a", "b")
    estimator = HierarchicalRegressor(graph, descriptors=["x1"], level=0.8)
    copy = clone(estimator)
    assert copy.get_params() == estimator.get_params()
    assert copy.set_params(level=0.5).level == 0.5


def test_the_level_of_methods_is_checked(fitted: HierarchicalRegressor) -> None:
    for method in (fitted.fill, fitted.leave_one_out):
        with pytest.raises(HokanError, match=r"level must be .* found 90"):
            method(level=90)
    with pytest.raises(HokanError, match=r"n_samples must be .* found 0"):
        fitted.sample(0)
    with pytest.raises(HokanError, match=r"random_state must be .* found -1"):
        fitted.sample(1, random_state=-1)


def test_nothing_works_before_a_fit(frame: pd.DataFrame) -> None:
    estimator = HierarchicalRegressor()
    for use in (
        estimator.fill,
        estimator.leave_one_out,
        estimator.suspicious_values,
        estimator.sample,
        estimator.score,
        lambda: estimator.predict(frame),
    ):
        with pytest.raises(NotFittedError):
            use()


def test_an_interrupted_fit_leaves_nothing_behind(
    fitted: HierarchicalRegressor, frame: pd.DataFrame
) -> None:
    def interrupt(evaluations: int, value: float) -> None:
        raise KeyboardInterrupt

    fitted.set_params(progress=interrupt)
    for data in ((frame,), (frame[["x1", "x2"]], frame[["property_1"]])):
        with pytest.raises(KeyboardInterrupt):
            fitted.fit(*data)
        assert not [name for name in vars(fitted) if name.endswith("_")]
        with pytest.raises(NotFittedError):
            check_is_fitted(fitted)


def test_it_is_silent_unless_asked(
    quick: Quick, frame: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[int] = []
    quick(progress=lambda count, _: seen.append(count)).fit(frame[["property_1", "property_2"]])
    assert seen == sorted(seen)
    assert len(seen) > 2
    assert capsys.readouterr() == ("", "")
    estimator = quick(verbose=True).fit(frame[["property_1", "property_2"]])
    printed = capsys.readouterr().out
    assert all(note in printed for note in estimator.notes_)
    assert "evaluations" in printed
