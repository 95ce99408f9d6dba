"""Chained equations of tables: the same verbs as the joint model, on customary scales."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from hokan import HokanError
from hokan.imputation.chained import CHAINED_METHODS, ChainedEquations
from hokan.imputation.chained_imputer import ChainedImputer
from hokan.table import PropertyTable

QUICK = {"n_imputations": 3, "n_rounds": 2}


@parametrize_with_checks(
    [ChainedImputer(method, **QUICK) for method in ("bayesian linear", "predictive mean matching")]
)
def test_scikit_learn_manners(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)


def materials(n=40, seed=0):
    rng = np.random.default_rng(seed)
    metals = np.array(["Li", "Na", "K", "Mg", "Ca", "Ti", "Zr", "Al", "Fe", "Zn"])
    first = rng.integers(len(metals), size=n)
    modulus = np.exp(0.3 * first + 0.2 * rng.standard_normal(n))
    return pd.DataFrame(
        {
            "formula": [f"{metals[k]}{1 + i % 3}O{2 + i % 4}" for i, k in enumerate(first)],
            "modulus": np.where(rng.random(n) < 0.3, np.nan, modulus),
            "shift": np.where(rng.random(n) < 0.3, np.nan, np.log(modulus) - 1.0),
            "count": rng.integers(1, 9, n),
            "comment": "made up",
        },
        index=[f"m{k}" for k in range(n)],
    )


@pytest.mark.parametrize("method", CHAINED_METHODS)
def test_completes_tables_and_changes_no_known_cell(method):
    frame = materials()
    imputations = ChainedImputer(method, **QUICK).fit(frame).impute()
    assert len(imputations) == 3
    for completed in imputations:
        assert not completed.isna().to_numpy().any()
        pd.testing.assert_frame_equal(completed.where(frame.notna()), frame, check_dtype=False)
        assert (completed["modulus"] > 0).all()
    assert imputations.chains.tolist() == [0, 1, 2]
    assert not imputations[0].equals(imputations[1])


def test_it_is_chained_equations_of_logarithms():
    frame = materials()[["modulus", "shift"]]
    imputations = (
        ChainedImputer("bayesian linear", n_imputations=2, random_state=5).fit(frame).impute()
    )
    scaled = frame.assign(modulus=np.log(frame["modulus"]))
    chains = ChainedEquations("bayesian linear", seed=5).run(scaled, n_chains=2)
    for chain, completed in zip(chains, imputations, strict=True):
        np.testing.assert_allclose(np.log(completed["modulus"]), chain.completed[:, 0])
        np.testing.assert_allclose(completed["shift"], chain.completed[:, 1])
    trace = imputations.trace
    assert set(trace.columns) == {"column", "chain", "step", "mean", "std"}
    last = trace[(trace["column"] == "modulus") & (trace["chain"] == 1)].iloc[-1]
    assert last["step"] == 9
    assert last["mean"] == pytest.approx(
        np.log(imputations[1]["modulus"][frame["modulus"].isna()]).mean()
    )


def test_on_the_raw_scale_a_linear_method_may_leave_the_positive_numbers():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"a": rng.lognormal(0, 1.5, 60), "b": rng.standard_normal(60)})
    frame.loc[:29, "a"] = np.nan
    lowest = {
        scale: ChainedImputer("bayesian linear", scale=scale, **QUICK)
        .fit(frame)
        .impute()
        .stacked()["a"]
        .min()
        for scale in ("raw", "log where positive")
    }
    assert lowest["raw"] < 0 < lowest["log where positive"]


@pytest.mark.parametrize("method", ["predictive mean matching", "forest"])
def test_donors_values_survive_the_logarithm_to_the_last_bit(method):
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(np.round(rng.lognormal(1, 1, (60, 2)), 2), columns=["a", "b"])
    frame = frame.mask(rng.random(frame.shape) < 0.3)
    stacked = ChainedImputer(method, **QUICK).fit(frame).impute().stacked()
    for name in frame:
        assert set(stacked[name]) <= set(frame[name].dropna())


def test_compositions_predict_through_components():
    frame = materials(80)
    hidden = frame["modulus"].isna()
    truth = 0.3 * frame["formula"].str.extract("^([A-Z][a-z]?)")[0].map(
        {m: k for k, m in enumerate(["Li", "Na", "K", "Mg", "Ca", "Ti", "Zr", "Al", "Fe", "Zn"])}
    )
    frame = frame[["formula", "modulus"]]
    errors = {}
    for n_components in (0, 10):
        imputer = ChainedImputer("gaussian process", n_components=n_components, n_imputations=10)
        filled = imputer.fit(frame).transform(frame)[:, 0]
        errors[n_components] = np.abs(np.log(filled) - truth)[hidden].mean()
    assert errors[10] < 0.6 * errors[0]


def test_descriptors_predict_as_they_are():
    rng = np.random.default_rng(3)
    x = rng.standard_normal(60)
    frame = pd.DataFrame({"x": x, "y": 2 * x + 0.01 * rng.standard_normal(60)})
    frame.loc[:19, "y"] = np.nan
    imputer = ChainedImputer("bayesian linear", descriptors=["x"], **QUICK).fit(frame)
    np.testing.assert_allclose(imputer.transform(frame)[:20, 1], 2 * x[:20], atol=0.1)


def test_new_rows_are_imputed_without_a_fit_and_training_rows_are_recognised(monkeypatch):
    frame = materials()
    imputer = ChainedImputer("bayesian linear", **QUICK).fit(frame)
    monkeypatch.setattr(ChainedEquations, "run", None)
    new = materials(5, seed=9).set_axis([f"n{k}" for k in range(5)])
    new.loc[["n0", "n3"], "shift"] = np.nan
    both = pd.concat([new, frame.iloc[10:20]])
    completed = imputer.impute(X=both)
    assert not completed[0].isna().to_numpy().any()
    pd.testing.assert_frame_equal(completed[1].iloc[5:], imputer.impute()[1].iloc[10:20])
    more = imputer.impute(7, X=new)
    assert more.chains.tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert more.draws.tolist() == [0, 0, 0, 1, 1, 1, 2]
    assert len({table["shift"].sum() for table in more}) == 7


def test_more_imputations_than_chains_run_further_chains():
    frame = materials()
    few = ChainedImputer(n_imputations=2, n_rounds=2).fit(frame).impute(4)
    many = ChainedImputer(n_imputations=4, n_rounds=2).fit(frame).impute()
    for first, second in zip(few, many, strict=True):
        pd.testing.assert_frame_equal(first, second)


def test_same_seed_same_tables_another_seed_others():
    frame = materials()
    imputer = ChainedImputer(**QUICK).fit(frame)
    pd.testing.assert_frame_equal(imputer.impute()[2], imputer.impute()[2])
    again = ChainedImputer(**QUICK).fit(frame)
    pd.testing.assert_frame_equal(imputer.impute()[2], again.impute()[2])
    assert not imputer.impute(random_state=3)[2].equals(imputer.impute()[2])
    pd.testing.assert_frame_equal(
        imputer.impute(random_state=3)[2],
        ChainedImputer(random_state=3, **QUICK).fit(frame).impute()[2],
    )


def test_a_frame_already_read_and_pandas_output():
    frame = materials()
    imputer = ChainedImputer(**QUICK).set_output(transform="pandas")
    filled = imputer.fit(PropertyTable.from_frame(frame)).transform(frame)
    assert list(filled.columns) == ["modulus", "shift", "count"]
    np.testing.assert_array_equal(filled["count"], frame["count"])
    assert list(imputer.get_feature_names_out()) == list(filled.columns)


def test_says_what_was_decided():
    frame = materials().astype({"modulus": object})
    frame.loc["m3", "modulus"] = "> 5"
    frame["phase"] = np.where(np.arange(40) % 2, "cubic", "hexagonal")
    notes = " ".join(ChainedImputer(**QUICK).fit(frame).notes_)
    assert "modulus: imputed on the logarithmic scale" in notes
    assert "through 10 principal components" in notes
    assert "modulus: 1 limits are taken as holes" in notes
    assert "shift: imputed" not in notes


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"method": "magic"}, "method must be 'bayesian linear', .* found 'magic'"),
        ({"scale": "log"}, "scale must be 'log where positive' or 'raw'"),
        ({"n_components": -1}, "n_components must be a whole number, 0 or more"),
        ({"n_jobs": 0}, "n_jobs must be a whole number of processes"),
    ],
)
def test_says_which_parameter_is_wrong(parameters, message):
    with pytest.raises(HokanError, match=message):
        ChainedImputer(**parameters).fit(materials())


def test_refuses_values_that_have_no_logarithm_in_new_rows():
    imputer = ChainedImputer(**QUICK).fit(materials())
    new = materials(3).assign(modulus=[1.0, -2.0, 3.0])
    with pytest.raises(HokanError, match=r"modulus.*-2"):
        imputer.transform(new)


def test_refuses_a_property_that_is_never_known():
    with pytest.raises(HokanError, match="empty"):
        ChainedImputer().fit(pd.DataFrame({"a": [1.0, 2.0], "empty": [np.nan, np.nan]}))
