"""The usual ways to fill a table, for comparison: scikit-learn's, used as people use them.

Every peer sees what hokan sees: Magpie statistics and element fractions of the compositions, the
user's descriptors, and all known values. Properties are modelled on a scale given for each, by
default logarithmic where all known values are positive, so that no method is ahead by its scale
alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer
from sklearn.linear_model import BayesianRidge

from hokan.evaluation.holdout import composition_groups
from hokan.graph import StandardisedTransform, Transform
from hokan.imputation.usual_inputs import descriptor_matrix, usual_transforms
from hokan.model.prediction import CellPrediction
from hokan.table import PropertyTable

FloatArray = NDArray[np.float64]

#: Trees of a single regression, and of each regression of an imputer, which makes many.
N_TREES = 300
N_TREES_IN_IMPUTER = 100
MAX_ROUNDS = 10
_N_FOLDS = 5


def extra_trees_on_descriptors(
    table: PropertyTable,
    targets: npt.ArrayLike,
    *,
    random_state: int = 0,
    transforms: Sequence[Transform] | None = None,
    level: float | None = None,
    fractions: bool = True,
) -> CellPrediction:
    """Predict each property from descriptors alone, with 300 extremely randomised trees.

    Geurts, Ernst & Wehenkel, Mach. Learn. 63, 3 (2006), as in scikit-learn with its defaults.

    Parameters
    ----------
    table : PropertyTable
        What is known.
    targets : array_like of shape (n, p) of bool
        Holes to predict.
    random_state : int
        Seed.
    transforms : sequence of Transform, optional
        Scale of each property; by default :func:`usual_transforms`.
    level : float, optional
        Probability of the intervals, which are the prediction plus quantiles of the residuals of
        five-fold cross-validation (rows of equal composition in one fold). By default none are
        made, which saves five sixths of the time.
    fractions : bool
        Whether element fractions stand beside the composition statistics.

    Returns
    -------
    CellPrediction
        On the raw scale; NaN outside ``targets``, where there is nothing to predict from, and where
        the method gives no such number (``std`` always).
    """
    inputs = descriptor_matrix(table, fractions)
    return _extra_trees(table, targets, random_state, transforms, level, inputs, False)


def extra_trees_on_descriptors_and_properties(
    table: PropertyTable,
    targets: npt.ArrayLike,
    *,
    random_state: int = 0,
    transforms: Sequence[Transform] | None = None,
    level: float | None = None,
) -> CellPrediction:
    """Predict each property from descriptors and the other properties, with 300 trees.

    Holes in the other properties are filled with medians, and marked in columns of their own.
    Parameters and returns as for :func:`extra_trees_on_descriptors`.
    """
    inputs = descriptor_matrix(table)
    return _extra_trees(table, targets, random_state, transforms, level, inputs, True)


def iterative_imputer(
    table: PropertyTable,
    targets: npt.ArrayLike,
    *,
    random_state: int = 0,
    transforms: Sequence[Transform] | None = None,
    level: float | None = None,
    fractions: bool = True,
    skip_complete: bool = True,
) -> CellPrediction:
    """Fill all holes with scikit-learn's ``IterativeImputer`` of Bayesian ridge regressions.

    Chained equations (van Buuren & Groothuis-Oudshoorn, J. Stat. Softw. 45(3) (2011)) on one matrix
    of properties and descriptors, all standardised, in ten rounds.

    Parameters
    ----------
    table, targets, random_state, transforms
        As for :func:`extra_trees_on_descriptors`.
    level : float, optional
        Probability of the intervals. They and ``std`` are those of each property's last
        regression, which takes imputed values as if they were known, and cost nothing.
    fractions : bool
        Whether element fractions stand beside the composition statistics.
    skip_complete : bool
        Whether to leave out regressions for columns without holes, that is, for descriptors. The
        imputer makes them by default, which changes no imputed value and takes far longer.

    Returns
    -------
    CellPrediction
        As from :func:`extra_trees_on_descriptors`.
    """
    matrix = _ImputationMatrix.build(table, transforms, fractions)
    imputer = _imputer(BayesianRidge(), random_state, skip_complete)
    completed = matrix.impute(imputer)
    mean, std = completed.copy(), np.full(completed.shape, np.nan)
    for column in range(completed.shape[1]):
        holes = np.isnan(matrix.properties[:, column])
        steps = [step for step in imputer.imputation_sequence_ if step.feat_idx == column]
        if steps and holes.any():
            neighbours = matrix.joined(completed)[:, steps[-1].neighbor_feat_idx]
            _, std[holes, column] = steps[-1].estimator.predict(neighbours[holes], return_std=True)
    reach = np.nan if level is None else norm.ppf(0.5 + 0.5 * level) * std
    return matrix.on_raw_scale(targets, mean, mean - reach, mean + reach, std, level)


def iterative_imputer_with_extra_trees(
    table: PropertyTable,
    targets: npt.ArrayLike,
    *,
    random_state: int = 0,
    transforms: Sequence[Transform] | None = None,
    level: float | None = None,
) -> CellPrediction:
    """Fill all holes with scikit-learn's ``IterativeImputer`` of extremely randomised trees.

    As :func:`iterative_imputer`, with 100 trees in each regression; the nearest relative of
    missForest (Stekhoven & Bühlmann, Bioinformatics 28, 112 (2012)). It has no intervals.
    """
    matrix = _ImputationMatrix.build(table, transforms)
    trees = ExtraTreesRegressor(n_estimators=N_TREES_IN_IMPUTER, random_state=random_state)
    completed = matrix.impute(_imputer(trees, random_state))
    unknown = np.full(completed.shape, np.nan)
    return matrix.on_raw_scale(targets, completed, unknown, unknown, unknown, level)


def _extra_trees(
    table: PropertyTable,
    targets: npt.ArrayLike,
    random_state: int,
    transforms: Sequence[Transform] | None,
    level: float | None,
    descriptors: FloatArray,
    with_properties: bool,
) -> CellPrediction:
    wanted = np.asarray(targets, dtype=np.bool_)
    groups = composition_groups(table)
    median, lower, upper = (np.full(wanted.shape, np.nan) for _ in range(3))
    scales = usual_transforms(table) if transforms is None else transforms
    for column in np.flatnonzero(wanted.any(axis=0)).tolist():
        inputs = descriptors
        if with_properties:
            inputs = np.hstack([inputs, _filled_with_medians(table, column)])
        known, rows = table.observed[:, column], wanted[:, column]
        if not inputs.shape[1] or not known.any():
            continue
        scale = scales[column]
        values = scale.forward(table.values[known, column])
        trees = ExtraTreesRegressor(n_estimators=N_TREES, random_state=random_state)
        predicted = trees.fit(inputs[known], values).predict(inputs[rows])
        median[rows, column] = scale.inverse(predicted)
        if level is None or len(np.unique(groups[known])) < _N_FOLDS:
            continue
        residuals = _residuals(inputs[known], values, groups[known], random_state)
        low, high = np.quantile(residuals, [0.5 - 0.5 * level, 0.5 + 0.5 * level])
        lower[rows, column] = scale.inverse(predicted + low)
        upper[rows, column] = scale.inverse(predicted + high)
    return CellPrediction(
        median, np.full(wanted.shape, np.nan), lower, upper, np.nan if level is None else level
    )


def _filled_with_medians(table: PropertyTable, left_out: int) -> FloatArray:
    """Return all other properties, holes filled with medians, then marks of the holes."""
    others = np.delete(table.values, left_out, axis=1)
    others = others[:, ~np.isnan(others).all(axis=0)]
    holes = np.isnan(others)
    return np.hstack([np.where(holes, np.nanmedian(others, axis=0), others), holes.astype(float)])


def _residuals(
    inputs: FloatArray, values: FloatArray, groups: NDArray[np.intp], random_state: int
) -> FloatArray:
    """Return what cross-validation leaves of the values, rows of one group in one fold."""
    rng = np.random.default_rng(random_state)
    shuffled = rng.permutation(np.unique(groups))
    fold = np.empty(int(groups.max()) + 1, dtype=np.intp)
    fold[shuffled] = np.arange(len(shuffled)) % _N_FOLDS
    residuals = np.empty(len(values))
    for number in range(_N_FOLDS):
        out = fold[groups] == number
        trees = ExtraTreesRegressor(n_estimators=N_TREES, random_state=random_state)
        residuals[out] = values[out] - trees.fit(inputs[~out], values[~out]).predict(inputs[out])
    return residuals


def _imputer(
    regression: BayesianRidge | ExtraTreesRegressor, random_state: int, skip_complete: bool = True
) -> IterativeImputer:
    return IterativeImputer(
        regression, max_iter=MAX_ROUNDS, skip_complete=skip_complete, random_state=random_state
    )


@dataclass(frozen=True)
class _ImputationMatrix:
    """Standardised properties beside descriptors, and the way back to the raw scale."""

    properties: FloatArray
    descriptors: FloatArray
    columns: NDArray[np.intp]
    transforms: tuple[StandardisedTransform, ...]

    @classmethod
    def build(
        cls,
        table: PropertyTable,
        transforms: Sequence[Transform] | None,
        fractions: bool = True,
    ) -> _ImputationMatrix:
        scales = usual_transforms(table) if transforms is None else transforms
        columns = np.flatnonzero(table.observed.any(axis=0))  # the imputer drops empty columns
        fitted = tuple(
            StandardisedTransform.fit(scales[column], table.values[:, column])
            for column in columns.tolist()
        )
        properties = np.column_stack(
            [
                transform.forward(table.values[:, column])
                for column, transform in zip(columns, fitted, strict=True)
            ]
        )
        return cls(properties, descriptor_matrix(table, fractions), columns, fitted)

    def joined(self, properties: FloatArray) -> FloatArray:
        return np.hstack([properties, self.descriptors])

    def impute(self, imputer: IterativeImputer) -> FloatArray:
        """Fill the properties' holes."""
        with warnings.catch_warnings():
            # Ten rounds are what people run, whether or not the last changes are small.
            warnings.simplefilter("ignore", ConvergenceWarning)
            completed = imputer.fit_transform(self.joined(self.properties))
        return np.asarray(completed[:, : self.properties.shape[1]])

    def on_raw_scale(
        self,
        targets: npt.ArrayLike,
        mean: FloatArray,
        lower: FloatArray,
        upper: FloatArray,
        std: FloatArray,
        level: float | None,
    ) -> CellPrediction:
        """Return standardised predictions on the raw scale, NaN outside the targets."""
        wanted = np.asarray(targets, dtype=np.bool_)
        results = [np.full(wanted.shape, np.nan) for _ in range(4)]
        for k, (column, transform) in enumerate(zip(self.columns, self.transforms, strict=True)):
            rows = wanted[:, column]
            for result, found in zip(results, (mean, lower, upper), strict=False):
                result[rows, column] = transform.inverse(found[rows, k])
            _, results[3][rows, column] = transform.moments(mean[rows, k], std[rows, k] ** 2)
        median, low, high, spread = results
        return CellPrediction(median, spread, low, high, np.nan if level is None else level)
