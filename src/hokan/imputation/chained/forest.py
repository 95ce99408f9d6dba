"""The method rf of mice: values of rows that end in the same leaves of a small forest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.tree import DecisionTreeRegressor

from hokan.imputation.chained.donors import Donors
from hokan.imputation.chained.regression import DrawnConditional, FloatArray, standardisation

N_TREES = 10
#: Nodes of fewer rows are not split.
LEAST_SPLIT = 6


class Forest:
    """Each value is a known one, from a row in the same leaf of one of ten trees.

    Doove, van Buuren & Dusseldorp, Comput. Stat. Data Anal. 72, 92 (2014): trees are grown on
    bootstrap samples; a hole's donors are the known values in its leaves, of all trees together. As
    ``mice.impute.rf`` with ranger: a node of up to five rows is not split, and each split looks at
    the square root of the number of columns. One thing differs, as trees are scikit-learn's: where
    all of these are constant in a node, others are looked at, while R leaves the node unsplit. With
    two or three columns of few levels, as in ``nhanes``, this follows relations more closely.

    Parameters
    ----------
    n_trees : int
    """

    def __init__(self, n_trees: int = N_TREES) -> None:
        self.n_trees = n_trees

    def fit_draw(self, X: FloatArray, y: FloatArray, rng: np.random.Generator) -> DrawnConditional:
        """Grow the trees."""
        centre, scale = standardisation(X)
        if not np.isfinite(scale).any():
            return Donors.resampled(y, rng)
        inputs = ((X - centre) / scale).astype(np.float32)
        trees = []
        state = np.random.RandomState(rng.integers(2**31))
        with config_context(skip_parameter_validation=True):  # as long as growing the tree
            for _ in range(self.n_trees):
                rows = rng.integers(len(y), size=len(y))
                tree = DecisionTreeRegressor(
                    max_features="sqrt", min_samples_split=LEAST_SPLIT, random_state=state
                )
                tree.fit(inputs[rows], y[rows], check_input=False)
                trees.append(_Leaves.of(tree.tree_, inputs, y))
        return DrawnForest(centre, scale, tuple(trees))


@dataclass(frozen=True, eq=False)
class DrawnForest:
    """Trees with the known values in their leaves."""

    centre: FloatArray
    scale: FloatArray
    trees: tuple[_Leaves, ...]

    def impute(self, X: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Draw one of the donors of each row, all trees together."""
        inputs = ((X - self.centre) / self.scale).astype(np.float32)
        leaves = np.column_stack([each.tree.apply(inputs) for each in self.trees])
        sizes = np.column_stack(
            [each.sizes[leaf] for each, leaf in zip(self.trees, leaves.T, strict=True)]
        )
        ends = sizes.cumsum(axis=1)
        place = rng.integers(ends[:, -1])
        chosen = (place[:, None] >= ends).sum(axis=1)
        values = np.empty(len(X))
        for number, each in enumerate(self.trees):
            rows = chosen == number
            within = place[rows] - (ends[rows, number] - sizes[rows, number])
            values[rows] = each.values[each.starts[leaves[rows, number]] + within]
        return values


@dataclass(frozen=True, eq=False)
class _Leaves:
    """A tree, and the known values sorted by leaf: those of a leaf are next to each other."""

    tree: DecisionTreeRegressor
    values: FloatArray
    starts: NDArray[np.intp]
    sizes: NDArray[np.intp]

    @classmethod
    def of(cls, tree: DecisionTreeRegressor, inputs: NDArray[np.float32], y: FloatArray) -> _Leaves:
        leaf = tree.apply(inputs)
        sizes = np.bincount(leaf, minlength=tree.node_count)
        return cls(tree, y[np.argsort(leaf, kind="stable")], sizes.cumsum() - sizes, sizes)
