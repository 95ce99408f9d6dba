"""Predictions of a model that was fitted to every completed table."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.linear_model import BayesianRidge, LogisticRegression
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from hokan.errors import HokanError
from hokan.imputation.pooling.checking import FloatArray
from hokan.imputation.pooling.tables import features_and_target, tables_of_new_rows


class _PooledModel(BaseEstimator):  # type: ignore[misc]
    """What pooled regressors and classifiers share: one clone per completed table."""

    estimator: Any

    def _default(self) -> Any:
        raise NotImplementedError

    def fit(
        self,
        X: Iterable[pd.DataFrame] | Iterable[npt.ArrayLike],
        y: str | npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
    ) -> Any:
        """Fit a clone of the model to every completed table.

        Parameters
        ----------
        X : iterable of DataFrame or array_like of shape (n, d)
            The completed tables, such as :class:`hokan.imputation.Imputations`. All columns but the
            target are features; choose them with ``[table[columns] for table in imputations]``.
        y : str, array_like of shape (n,), or array_like of shape (m, n)
            The column to predict; or its values, if known in every row; or completed ones, a line
            per table.
        sample_weight : array_like of shape (n,), optional
            Passed on.

        Returns
        -------
        self

        Raises
        ------
        HokanError
            If there is no table, the tables differ in their columns, or the target is not there.
        """
        given = self._default() if self.estimator is None else self.estimator
        parts = features_and_target(X, y)
        options = {}
        if sample_weight is not None:
            if not has_fit_parameter(given, "sample_weight"):
                raise HokanError(f"{type(given).__name__} takes no sample_weight")
            options["sample_weight"] = sample_weight
        self.estimators_ = [clone(given).fit(*part, **options) for part in parts]
        features = parts[0][0]
        self.n_imputations_ = len(parts)
        self.n_features_in_ = int(features.shape[1])
        if isinstance(features, pd.DataFrame):
            self.feature_names_in_ = np.array([str(c) for c in features.columns], dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        return self

    def _rows(self, X: Any) -> list[Any]:
        """Return the rows for each model."""
        check_is_fitted(self)
        names = getattr(self, "feature_names_in_", None)
        names = None if names is None else [str(name) for name in names]
        return tables_of_new_rows(X, self.n_imputations_, names, self.n_features_in_)


class PooledRegressor(RegressorMixin, _PooledModel):  # type: ignore[misc]
    """A scikit-learn regressor on m completed tables: one prediction, one error bar.

    A clone is fitted to every table. The prediction is the mean of theirs, Q̄, and its variance, by
    Rubin's rules, ``T = Ū + (1 + 1/m) B``: the mean of the models' own predictive variances, and
    what they differ by because the holes could be filled in many ways.

    Parameters
    ----------
    estimator : regressor, optional
        ``BayesianRidge()`` if not given. For standard deviations its ``predict`` must know
        ``return_std``, as those of BayesianRidge, ARDRegression and GaussianProcessRegressor do.

    Attributes
    ----------
    estimators_ : list
        The fitted clones.
    n_imputations_ : int
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        If the tables were DataFrames.
    """

    def __init__(self, estimator: Any = None) -> None:
        self.estimator = estimator

    def _default(self) -> Any:
        return BayesianRidge()

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict new rows.

        Parameters
        ----------
        X : DataFrame or array_like of shape (n, d), or sequence of m of them
            New rows without holes; or completed tables of new rows with holes, imputed by the same
            imputer, as many as the model was fitted to: model k predicts from table k.
        return_std : bool, optional
            Also return standard deviations.

        Returns
        -------
        mean : ndarray of shape (n,)
        std : ndarray of shape (n,)
            If asked for: of a new value, as far as the models' own are.

        Raises
        ------
        HokanError
            If the rows do not fit, or the model gives no standard deviations.
        """
        rows = self._rows(X)
        if not return_std:
            return self._each(rows).mean(axis=0)
        if not _gives_std(self.estimators_[0]):
            raise HokanError(
                f"{type(self.estimators_[0]).__name__} gives no standard deviations, and what the "
                "imputations differ by is only a part of the error (predict_each shows it); use a "
                "model that does, such as BayesianRidge or GaussianProcessRegressor"
            )
        both = [
            model.predict(part, return_std=True)
            for model, part in zip(self.estimators_, rows, strict=True)
        ]
        means = np.array([mean for mean, _ in both], dtype=np.float64)
        own = np.array([std for _, std in both], dtype=np.float64)
        return means.mean(axis=0), np.sqrt((own**2).mean(axis=0) + _between(means))

    def predict_each(self, X: Any) -> FloatArray:
        """Return the predictions of every model, shape (m, n)."""
        return self._each(self._rows(X))

    def _each(self, rows: Sequence[Any]) -> FloatArray:
        each = [model.predict(part) for model, part in zip(self.estimators_, rows, strict=True)]
        return np.array(each, dtype=np.float64)


class PooledClassifier(ClassifierMixin, _PooledModel):  # type: ignore[misc]
    """A scikit-learn classifier on m completed tables: probabilities are averaged.

    Parameters
    ----------
    estimator : classifier, optional
        With ``predict_proba``; ``LogisticRegression(max_iter=1000)`` if not given.

    Attributes
    ----------
    classes_ : ndarray
        All classes, sorted. In a table where one of them does not occur it has probability 0.
    estimators_, n_imputations_, n_features_in_, feature_names_in_
        As of :class:`PooledRegressor`.
    """

    def __init__(self, estimator: Any = None) -> None:
        self.estimator = estimator

    def _default(self) -> Any:
        return LogisticRegression(max_iter=1000)

    def fit(
        self,
        X: Iterable[pd.DataFrame] | Iterable[npt.ArrayLike],
        y: str | npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
    ) -> PooledClassifier:
        """Fit as a :class:`PooledRegressor` does."""
        super().fit(X, y, sample_weight)
        lacking = [e for e in self.estimators_ if not hasattr(e, "predict_proba")]
        if lacking:
            raise HokanError(
                f"{type(lacking[0]).__name__} gives no probabilities to average; use a classifier "
                "with predict_proba"
            )
        self.classes_ = np.unique(np.concatenate([model.classes_ for model in self.estimators_]))
        return self

    def predict_proba(self, X: Any) -> FloatArray:
        """Return the mean probability of every class, shape (n, n_classes).

        Parameters
        ----------
        X
            As in :meth:`PooledRegressor.predict`.
        """
        return np.asarray(self.predict_proba_each(X).mean(axis=0))

    def predict_proba_each(self, X: Any) -> FloatArray:
        """Return the probabilities of every model, shape (m, n, n_classes)."""
        each = []
        for model, part in zip(self.estimators_, self._rows(X), strict=True):
            found = np.asarray(model.predict_proba(part), dtype=np.float64)
            probabilities = np.zeros((len(found), len(self.classes_)))
            probabilities[:, np.searchsorted(self.classes_, model.classes_)] = found
            each.append(probabilities)
        return np.array(each)

    def predict(self, X: Any) -> Any:
        """Return the most probable class of every row; X as in :meth:`PooledRegressor.predict`."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def _gives_std(model: Any) -> bool:
    steps = getattr(model, "steps", None)  # a pipeline passes options on to its last step
    last = steps[-1][1] if steps else model
    return "return_std" in inspect.signature(last.predict).parameters


def _between(means: FloatArray) -> FloatArray:
    m = len(means)
    if m < 2:
        return np.zeros(means.shape[1:])
    return np.asarray((1.0 + 1.0 / m) * means.var(axis=0, ddof=1))
