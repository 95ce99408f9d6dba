"""Few columns of the user's own: functions of them, or more than that, chosen by leave-one-out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hokan.datasets import MULTIFIDELITY_FUNCTIONS
from hokan.graph import PropertyGraph
from hokan.inference.parameters import ParameterLayout
from hokan.model import HierarchyModel
from hokan.model.kernel_choice import candidate_families
from hokan.model.kernel_evidence import starting_points
from hokan.table import PropertyTable

LADDER = PropertyGraph.ladder("low", "high", transform="identity")
FORRESTER = MULTIFIDELITY_FUNCTIONS["Forrester"]


def fitted(frame: pd.DataFrame) -> HierarchyModel:
    return HierarchyModel.from_table(PropertyTable.from_frame(frame, descriptors=["x1"]), LADDER)


def error(model: HierarchyModel) -> float:
    points = np.linspace(0.0, 1.0, 101)[:, None]
    frame = pd.DataFrame(points, columns=["x1"])
    table = PropertyTable.from_frame(frame, descriptors=["x1"], allow_empty_properties=True)
    found = model.predict(table).median[:, 1]
    return float(np.sqrt(np.mean((found - FORRESTER.high(points)) ** 2)))


@pytest.mark.parametrize("nested", [True, False])
def test_values_of_a_function_are_taken_as_such_and_hardly_missed(nested):
    model = fitted(FORRESTER.table(14, 7, nested=nested))
    assert model.layout.material_variance_prior is None
    assert "smooth functions of your columns" in " ".join(model.notes)
    assert error(model) < 0.02  # of values between -6 and 16


def test_values_with_noise_are_not_taken_as_functions():
    frame = FORRESTER.table(40, 20)
    noise = np.random.default_rng(0).standard_normal((len(frame), 2))
    frame[["low", "high"]] += noise * [0.6, 1.0]
    model = fitted(frame)
    assert model.layout.material_variance_prior is not None
    assert "more than functions of your columns" in " ".join(model.notes)
    assert error(model) < 1.0


def test_rows_that_agree_in_every_column_but_not_in_values_are_no_function():
    frame = FORRESTER.table(12, 6)
    frame = pd.concat([frame, frame.assign(low=frame["low"] + 1.0)], ignore_index=True)
    assert fitted(frame).layout.material_variance_prior is not None


@pytest.mark.parametrize("n_properties", [1, 3])
def test_families_describe_themselves_consistently(n_properties):
    table = PropertyTable.from_frame(FORRESTER.table(9, 4), descriptors=["x1"])
    features = HierarchyModel.from_table(table, LADDER).posterior.cells.features
    families = candidate_families(features, n_properties)
    assert len({family.description for family in families}) == len(families) > 1
    for family in families:
        assert family.component_mask.shape == (len(family.kernels) + 1, n_properties)
        shape = (n_properties, n_properties)
        layout = ParameterLayout(
            np.tril(np.ones(shape, dtype=bool), -1),
            family.kernels,
            np.zeros(shape),
            np.ones(shape),
            component_mask=family.component_mask,
            material_variance_prior=family.material_variance_prior,
        )
        lower, upper = layout.bound_arrays
        for start in starting_points(layout):
            assert start.shape == (len(layout),)
            assert ((start >= lower) & (start <= upper)).all()
