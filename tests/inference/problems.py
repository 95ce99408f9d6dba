"""Small random problems that the tests of inference share."""

from __future__ import annotations

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels import (
    ConstantKernel,
    ElementSimilarityKernel,
    Kernel,
    LaplacianKernel,
    LinearKernel,
    MaternKernel,
)
from hokan.inference.cells import Cells
from hokan.inference.parameters import HierarchyParameters, ParameterLayout


def random_features(
    rng: np.random.Generator, n_rows: int, *, repeated: bool = False
) -> MaterialFeatures:
    fractions = rng.dirichlet(np.ones(4), size=n_rows)
    return MaterialFeatures(
        standardised=rng.standard_normal((n_rows, 3)),
        weighted_linear=rng.standard_normal((n_rows, 3)) / np.sqrt(3),
        weighted_ranks=rng.uniform(-1, 1, (n_rows, 3)) / 3,
        element_vectors=fractions * 2,
        identity=rng.integers(0, n_rows // 2, n_rows) if repeated else np.full(n_rows, -1),
    )


def all_kernels() -> tuple[Kernel, ...]:
    return (
        LaplacianKernel(),
        MaternKernel(3),
        LinearKernel(),
        ElementSimilarityKernel(),
        ConstantKernel(),
    )


def chain_mask(n_properties: int) -> np.ndarray:
    """Every property has all before it as parents."""
    return np.tril(np.ones((n_properties, n_properties), dtype=bool), -1)


def make_layout(
    parent_mask: np.ndarray,
    kernels: tuple[Kernel, ...] | None = None,
    learn_noise: np.ndarray | None = None,
    component_mask: np.ndarray | None = None,
) -> ParameterLayout:
    shape = parent_mask.shape
    return ParameterLayout(
        parent_mask,
        kernels or all_kernels(),
        np.zeros(shape),
        np.ones(shape),
        learn_noise,
        component_mask,
    )


def mixed_components() -> np.ndarray:
    """Of three properties, one of all components, one of two of them, one without a mean."""
    mask = np.ones((len(all_kernels()) + 1, 3), dtype=bool)
    mask[:, 1] = [True, False, False, False, True, True]
    mask[:, 2] = [False, True, True, True, False, True]
    return mask


def random_parameters(rng: np.random.Generator, layout: ParameterLayout) -> HierarchyParameters:
    return layout.unpack(layout.prior_mean + 0.5 * rng.standard_normal(len(layout)))


def random_cells(
    rng: np.random.Generator,
    n_rows: int,
    n_properties: int,
    *,
    pattern: str = "random",
    noisy: bool = False,
    repeated: bool = False,
) -> Cells:
    values = rng.standard_normal((n_rows, n_properties))
    if pattern == "random":
        values[rng.random(values.shape) < 0.4] = np.nan
        values[rng.integers(n_rows), :] = 0.3
    elif pattern == "nested":
        for j in range(n_properties):
            values[n_rows - 3 * j :, j] = np.nan
    noise = rng.uniform(0.05, 0.2, values.shape) if noisy else np.zeros(values.shape)
    return Cells(
        values,
        np.where(np.isfinite(values), noise, 0.0),
        random_features(rng, n_rows, repeated=repeated),
    )
