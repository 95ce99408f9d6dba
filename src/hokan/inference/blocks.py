"""The geometry of all observed cells, one dense block for each pair of properties.

With cells ordered by property, the covariance of the cells of properties j and k is a weighted sum
of kernel matrices with *scalar* weights ``W_c[j, k]``. What does not change during a fit
(distances, inner products, which cells share a material) is computed once per pair of materials and
gathered once per block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels import FloatArray, Kernel
from hokan.inference.cells import Cells
from hokan.inference.parameters import HierarchyParameters, ParameterLayout

IndexArray = NDArray[np.int64]
Pairs = tuple[NDArray[np.integer[Any]], NDArray[np.integer[Any]]]


class CellOrder:
    """Observed cells in the order of the covariance: property after property, row after row."""

    def __init__(self, cells: Cells) -> None:
        self.row_lists = [cells.rows_of(j) for j in range(cells.values.shape[1])]
        counts = [len(rows) for rows in self.row_lists]
        stops = np.cumsum(counts)
        self.slices = [
            slice(int(stop) - count, int(stop)) for stop, count in zip(stops, counts, strict=True)
        ]
        self.size = int(stops[-1])
        self.row = np.concatenate(self.row_lists)
        self.property = np.repeat(np.arange(len(counts)), counts)
        self.values = cells.values[self.row, self.property]
        self.noise_variance = cells.noise_variance[self.row, self.property]

    def noise(self, parameters: HierarchyParameters) -> FloatArray:
        """Return the variance of the measurement error of every cell, given and learned."""
        return np.asarray(self.noise_variance + parameters.noise_variances[self.property])

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Pairs of properties (first <= second) that both have observed cells."""
        known = [j for j, rows in enumerate(self.row_lists) if len(rows)]
        for position, second in enumerate(known):
            for first in known[: position + 1]:
                yield first, second


@dataclass(frozen=True)
class Block:
    """Cells of property ``first`` (rows) against cells of property ``second >= first`` (columns).

    ``shared`` lists the positions (row, column) of pairs of cells of one material.
    """

    first: int
    second: int
    rows: slice
    columns: slice
    geometries: tuple[FloatArray, ...]
    shared: Pairs

    @property
    def is_diagonal(self) -> bool:
        """Whether both sides are the same property."""
        return self.first == self.second

    def kernel_matrices(
        self, layout: ParameterLayout, parameters: HierarchyParameters
    ) -> tuple[FloatArray, ...]:
        """Return the matrix of each kernel between the two lists of cells."""
        return kernel_matrices(layout, parameters, self.geometries)


def kernel_matrices(
    layout: ParameterLayout,
    parameters: HierarchyParameters,
    geometries: tuple[FloatArray, ...],
) -> tuple[FloatArray, ...]:
    """Return the matrix of each kernel of a layout for its geometry."""
    return tuple(
        kernel.matrix(geometry, parameters.log_hyperparameters[part])
        for kernel, geometry, part in zip(
            layout.kernels, geometries, layout.hyperparameter_slices(), strict=True
        )
    )


def geometries_between(
    kernels: tuple[Kernel, ...], left: MaterialFeatures, right: MaterialFeatures
) -> tuple[FloatArray, ...]:
    """Return the geometry of each kernel between two sets of materials."""
    return tuple(kernel.geometry(left, right) for kernel in kernels)


def pairs_of_one_material(
    left: MaterialFeatures, right: MaterialFeatures, left_rows: IndexArray, right_rows: IndexArray
) -> Pairs:
    """Return positions of pairs of rows that are one material.

    Parameters
    ----------
    left, right : MaterialFeatures
        Features of the two lists of rows.
    left_rows, right_rows : ndarray of int
        Numbers of the rows in the training table; -1 for rows that are not in it.
    """
    pairs = left.same_material(right) > 0
    pairs |= (left_rows[:, None] == right_rows[None, :]) & (left_rows[:, None] >= 0)
    rows, columns = np.nonzero(pairs)
    return rows, columns


def build_blocks(
    cells: Cells,
    order: CellOrder,
    kernels: tuple[Kernel, ...],
    pairs: list[tuple[int, int]],
) -> list[Block]:
    """Gather the geometry of the blocks of some pairs of properties."""
    features = cells.features
    everywhere = geometries_between(kernels, features, features)
    blocks = []
    for first, second in pairs:
        left, right = order.row_lists[first], order.row_lists[second]
        gathered = tuple(gather(geometry, left, right) for geometry in everywhere)
        shared = pairs_of_one_material(features.rows(left), features.rows(right), left, right)
        blocks.append(
            Block(first, second, order.slices[first], order.slices[second], gathered, shared)
        )
    return blocks


def gather(matrix: FloatArray, rows: IndexArray, columns: IndexArray) -> FloatArray:
    """Return ``matrix[..., rows, columns]`` as a contiguous array."""
    return np.ascontiguousarray(matrix[..., rows[:, None], columns])


def weigh_block(
    target: FloatArray,
    matrices: tuple[FloatArray, ...],
    weights: FloatArray,
    shared: Pairs,
) -> None:
    """Write ``sum_c weights[c] * matrices[c]``, and the material's own share, into ``target``."""
    np.multiply(matrices[0], weights[0], out=target)
    scratch = np.empty_like(matrices[0])
    for weight, matrix in zip(weights[1:], matrices[1:], strict=False):
        np.multiply(matrix, weight, out=scratch)
        target += scratch
    target[shared] += weights[-1]
