"""A loaded model is the saved one: every part, and every prediction to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hokan
from hokan import HierarchicalRegressor
from hokan.gp import kernels
from hokan.inference.averaged_posterior import AveragedPosterior
from hokan.inference.joint_posterior import JointPosterior
from hokan.inference.recursive_posterior import RecursivePosterior
from hokan.model import HierarchyModel
from hokan.sampling.pooled import PooledPosterior
from hokan.sampling.posterior import SampledPosterior
from hokan.store import load_model, save_model
from hokan.store.forms import FORM_OF_KIND
from hokan.table import read_table

Fitted = tuple[HierarchicalRegressor, HierarchicalRegressor, Path]
Differences = Callable[..., list[str]]


@pytest.fixture
def fitted(problem: HierarchicalRegressor, tmp_path: Path) -> Fitted:
    """Return an estimator, the same saved and loaded, and the file."""
    save_model(problem, tmp_path / "model.hokan")
    loaded = load_model(tmp_path / "model.hokan")
    assert isinstance(loaded, HierarchicalRegressor)
    return problem, loaded, tmp_path / "model.hokan"


def test_nothing_is_lost(fitted: Fitted, differences: Differences) -> None:
    estimator, loaded, _ = fitted
    given = {**vars(estimator)}
    # What a file holds by design in another form: see save_model.
    for name, value in given.items():
        if isinstance(value, np.random.RandomState):
            given[name] = loaded.get_params()[name]
            assert given[name] == estimator.model_.options.random_state
    assert set(given) == set(vars(loaded))
    for name in sorted(given):
        if name != "table_":
            assert differences(given[name], vars(loaded)[name], name) == []


def test_the_table_is_kept(fitted: Fitted, differences: Differences) -> None:
    one, other = fitted[0].table_, fitted[1].table_
    for name in vars(one):
        if name != "_frame":
            assert differences(getattr(one, name), getattr(other, name), name) == []
    pd.testing.assert_frame_equal(one.frame, other.frame, check_dtype=False, check_exact=True)
    assert not other.values.flags.writeable
    assert not other.measurement_error.flags.writeable


def test_predictions_are_equal_to_the_last_bit(fitted: Fitted, differences: Differences) -> None:
    estimator, loaded, _ = fitted
    table = estimator.table_
    exact = {"check_exact": True, "check_dtype": False}
    pd.testing.assert_frame_equal(estimator.fill(), loaded.fill(), **exact)
    pd.testing.assert_frame_equal(loaded.fill(table.frame), loaded.fill(), **exact)
    pd.testing.assert_frame_equal(estimator.leave_one_out(), loaded.leave_one_out())
    assert differences(estimator.model_.leave_one_out(), loaded.model_.leave_one_out()) == []
    assert estimator.score() == loaded.score()
    np.testing.assert_array_equal(estimator.model_.sample(3), loaded.model_.sample(3))
    hidden = table.values.copy()
    hidden[::2, 0] = np.nan
    new = table.with_values(hidden)
    for rows in (new, new.select([0])):
        assert differences(estimator.model_.predict(rows), loaded.model_.predict(rows)) == []
    if hasattr(estimator, "feature_names_in_"):
        X = table.frame[estimator.feature_names_in_] + 0.1
        for one, other in zip(
            estimator.predict(X, return_std=True), loaded.predict(X, return_std=True), strict=True
        ):
            np.testing.assert_array_equal(one, other)


def test_one_model_gives_one_file(fitted: Fitted, tmp_path: Path) -> None:
    estimator, loaded, path = fitted
    save_model(estimator, tmp_path / "again.hokan")
    assert (tmp_path / "again.hokan").read_bytes() == path.read_bytes()
    save_model(loaded.model_, tmp_path / "one.hokan")
    save_model(estimator.model_, tmp_path / "other.hokan")
    assert (tmp_path / "one.hokan").read_bytes() == (tmp_path / "other.hokan").read_bytes()


def test_a_model_without_its_estimator(
    fitted: Fitted, tmp_path: Path, differences: Differences
) -> None:
    model = fitted[0].model_
    save_model(model, tmp_path / "model.hokan")
    loaded = load_model(tmp_path / "model.hokan")
    assert isinstance(loaded, HierarchyModel)
    assert differences(model, loaded) == []


def test_arrays_can_be_looked_at_with_numpy(fitted: Fitted) -> None:
    with np.load(fitted[2], allow_pickle=False) as archive:
        names = [name for name in archive.files if name.endswith("cells.values")]
        assert len(names) == 1
        stored = archive[names[0]]
    np.testing.assert_array_equal(stored, fitted[0].model_.posterior.cells.values)


def test_the_posterior_is_rebuilt_the_same_way(
    fitted: Fitted, request: pytest.FixtureRequest
) -> None:
    one, other = fitted[0].model_.posterior, fitted[1].model_.posterior
    assert type(one) is type(other)
    # Were all problems to take one path, the others would go untested.
    expected = {
        "joint": JointPosterior,
        "nested": RecursivePosterior,
        "sampled": SampledPosterior,
        "pooled": PooledPosterior,
    }
    assert type(one) is expected.get(request.node.callspec.id, AveragedPosterior)


def test_every_kernel_can_be_stored() -> None:
    kinds = {value for value in vars(kernels).values() if isinstance(value, type)}
    every = {kind for kind in kinds if issubclass(kind, kernels.Kernel)} - {kernels.Kernel}
    assert len(every) >= 4
    assert every <= set(FORM_OF_KIND)


def test_the_comparison_sees_what_differs(
    fit_joint: Callable[[], HierarchicalRegressor], differences: Differences
) -> None:
    one, other = fit_joint(), fit_joint()
    assert differences(one.model_, other.model_) == []
    other.model_.posterior.parameters.links.flags.writeable = True
    other.model_.posterior.parameters.links[1, 0] += 1e-15
    assert differences(one.model_, other.model_) == [
        ".fit.posterior.parameters.links: arrays differ"
    ]
    object.__setattr__(other.model_.fit, "added", 1)
    assert any("added" in found for found in differences(one.model_, other.model_))


def test_a_table_from_a_file_is_written_back_as_it_was(tmp_path: Path) -> None:
    text = (
        "formula,id,T_K,p_Pa\nNaCl,007,1074.0,\nKCl,008,1.044e3,2\nLiF,009,,3.50\nKF,010,1131,5\n"
    )
    (tmp_path / "table.csv").write_text(text)
    table = read_table(tmp_path / "table.csv")
    estimator = HierarchicalRegressor(n_restarts=0, max_iterations=5).fit(table)
    save_model(estimator, tmp_path / "model.hokan")
    loaded = load_model(tmp_path / "model.hokan")
    assert isinstance(loaded, HierarchicalRegressor)
    written = []
    for fitted in (estimator, loaded):
        hokan.table.write_frame(fitted.fill(), tmp_path / "out.csv", like=fitted.table_)
        written.append((tmp_path / "out.csv").read_text())
    assert written[0] == written[1]
    assert "KCl,008,1.044e3,2," in written[1]


def test_other_kinds_of_columns_become_text(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "T": [1.0, 2.0, 3.0, None],
            "kind": pd.Categorical(["a", "b", "a", None]),
            "mixed": [1, "x", None, (2, 3)],
        }
    )
    estimator = HierarchicalRegressor(ignore=["kind", "mixed"], max_iterations=3).fit(frame)
    save_model(estimator, tmp_path / "model.hokan")
    loaded = load_model(tmp_path / "model.hokan")
    assert isinstance(loaded, HierarchicalRegressor)
    filled = loaded.fill()
    assert filled["kind"].tolist() == ["a", "b", "a", None]
    assert filled["mixed"].tolist() == ["1", "x", None, "(2, 3)"]
    pd.testing.assert_series_equal(filled["T"], estimator.fill()["T"], check_exact=True)
