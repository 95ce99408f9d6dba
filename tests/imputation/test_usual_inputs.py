"""Properties on customary scales, and materials as numbers or in a few components of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from hokan.descriptors import composition_statistics
from hokan.graph import Identity, Log
from hokan.imputation.usual_inputs import (
    CompositionComponents,
    descriptor_matrix,
    usual_transforms,
)
from hokan.table import PropertyTable


@pytest.fixture
def table():
    metals = ["Li", "Na", "K", "Mg", "Ca", "Ti", "Zr", "Al", "Fe", "Zn", "Cu", "Y"]
    frame = pd.DataFrame(
        {
            "formula": [f"{metal}{k % 3 + 1}O2" for k, metal in enumerate(metals)],
            "positive": np.arange(1.0, 13.0),
            "any": np.arange(-3.0, 9.0),
            "width": np.arange(12.0) ** 2,
        }
    )
    frame.loc[3, ["positive", "any"]] = np.nan
    return PropertyTable.from_frame(frame, descriptors=["width"])


def test_customary_scales_are_logarithms_of_positive_properties(table):
    assert usual_transforms(table) == (Log(), Identity())


def test_descriptors_are_standardised_without_constant_columns(table):
    matrix = descriptor_matrix(table)
    np.testing.assert_allclose(matrix.mean(axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(matrix.std(axis=0), 1.0)
    assert descriptor_matrix(table, fractions=False).shape[1] < matrix.shape[1]


def test_components_are_those_of_scikit_learn(table):
    statistics = composition_statistics(table.compositions)
    scaled = StandardScaler().fit_transform(statistics)
    expected = PCA(4).fit_transform(scaled)
    found = CompositionComponents.fit(table, 4).of(table)
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-8)


def test_components_of_some_rows_are_those_of_the_table(table):
    components = CompositionComponents.fit(table, 5)
    rows = [2, 7]
    np.testing.assert_allclose(components.of(table.select(rows)), components.of(table)[rows])


def test_there_are_no_more_components_than_directions(table):
    assert CompositionComponents.fit(table, 100).n_components == 11
    assert CompositionComponents.fit(table, 0).of(table).shape == (12, 0)
    plain = PropertyTable.from_frame(pd.DataFrame({"a": [1.0, 2.0, 4.0]}))
    assert CompositionComponents.fit(plain, 10).of(plain).shape == (3, 0)
