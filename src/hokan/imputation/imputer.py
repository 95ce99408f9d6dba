"""What imputers share: scikit-learn's manners, reading tables and arrays, completed tables."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from hokan.errors import HokanError, TableError
from hokan.estimators import InputForm
from hokan.estimators import constraints as must
from hokan.estimators.inputs import read_training_table
from hokan.estimators.options import whole_seed
from hokan.gp.kernels import FloatArray
from hokan.imputation.imputations import Imputations
from hokan.table import PropertyTable


class Imputer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A scikit-learn transformer that fills holes once, and imputes them many times.

    A class derived from it has parameters of the names in ``_reading``, ``n_imputations`` and
    ``random_state``, conditions on all of its parameters in ``_constraints``, and the three methods
    :meth:`_fit_table`, :meth:`_filled` and :meth:`_impute_table`.
    """

    _constraints: ClassVar[Mapping[str, must.Constraint]]
    #: Parameters that say how a DataFrame is read, as in ``PropertyTable.from_frame``.
    _reading: ClassVar[tuple[str, ...]] = (
        "composition",
        "descriptors",
        "ignore",
        "properties",
        "categories",
    )

    n_imputations: int
    random_state: int | np.random.RandomState | None

    @abstractmethod
    def _fit_table(self, table: PropertyTable, seed: int) -> None:
        """Learn from a table; sets attributes."""

    @abstractmethod
    def _filled(self, table: PropertyTable) -> FloatArray:
        """Return values of shape (n, p) on the raw scale in which every hole is filled."""

    @abstractmethod
    def _impute_table(self, table: PropertyTable, m: int, seed: int) -> Imputations:
        """Complete a table m times."""

    def _levels(self) -> Mapping[str, tuple[str, ...]]:
        """Return the categories that are imputed, and their levels."""
        return {}

    def fit(self, X: Any, y: Any = None) -> Any:
        """Learn how the columns of a table depend on each other.

        Parameters
        ----------
        X : DataFrame, PropertyTable, or array-like of shape (n, d)
            A table with holes. A DataFrame is read as by :class:`~hokan.HierarchicalRegressor`: a
            column of formulas describes the materials, numeric columns are properties unless they
            are named as descriptors. All columns of an array are properties, but those without
            holes that never vary.
        y : None
            Not used; there because scikit-learn has it.

        Raises
        ------
        HokanError
            A parameter or the table cannot be used as it is; the message says where and what to do.
        """
        self._forget()
        try:
            must.check(self, self._constraints)
            table = self._read_training(X)
            self._fitted_seed = whole_seed(self.random_state)
            self._fit_table(table, self._fitted_seed)
            self.table_ = table
            levels = tuple(self._levels().items())
            self._form = replace(InputForm.of(table), categories=levels)
        except BaseException:  # an interrupt too must not leave half a fit
            self._forget()
            raise
        return self

    def transform(self, X: Any) -> Any:
        """Fill every hole once, with the median of what it may be.

        For a model that wants one complete table, as in a pipeline. What the holes cost is not seen
        in one table; see :meth:`impute`.

        Parameters
        ----------
        X : DataFrame, PropertyTable, or array-like of shape (n, d)
            The training table or new rows, with the columns that were given to :meth:`fit`.

        Returns
        -------
        ndarray of shape (n, k), or DataFrame after ``set_output(transform="pandas")``
            The columns of numbers: properties and descriptors, in the order of the table
            (:meth:`get_feature_names_out`). Known values are as they were.
        """
        check_is_fitted(self)
        table = self._read_rows(X)
        filled = self._filled(table)
        columns = []
        for name in self._numeric_columns():
            if name in table.property_names:
                columns.append(filled[:, table.property_names.index(name)])
            else:
                columns.append(table.descriptors[name].to_numpy(dtype=np.float64))  # type: ignore[index]
        return np.column_stack(columns)

    def impute(
        self,
        m: int | None = None,
        X: Any = None,
        *,
        random_state: int | np.random.RandomState | None = None,
    ) -> Imputations:
        """Complete a table many times, each time with other values that it may have.

        Run an analysis on each completed table, and pool what comes out
        (:func:`hokan.imputation.pool_analyses`): its error bars then hold what the holes cost.

        Parameters
        ----------
        m : int, optional
            Number of completed tables, instead of ``n_imputations``.
        X : DataFrame, PropertyTable, or array-like of shape (n, d), optional
            New rows, or training rows in any order; by default the training table. Nothing is
            learned from them. A DataFrame may lack properties: they are imputed in all of its
            rows, in columns after all others.
        random_state : int, RandomState or None
            Seed; by default that of the imputer, so that the same tables come again.

        Returns
        -------
        Imputations
            The completed tables, with all their columns, and where each imputed cell came from.
        """
        check_is_fitted(self)
        m = self.n_imputations if m is None else m
        if not must.whole_number(1).holds(m):
            raise HokanError(f"m must be {must.whole_number(1).expected}; found {m!r}")
        if not must.SEED.holds(random_state):
            raise HokanError(f"random_state must be {must.SEED.expected}; found {random_state!r}")
        seed = self._fitted_seed if random_state is None else whole_seed(random_state)
        table = self.table_ if X is None else self._read_rows(X, strict=False)
        return self._impute_table(table, int(m), seed)

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Return the names of the columns that :meth:`transform` returns.

        Parameters
        ----------
        input_features : array-like of str, optional
            Names of the columns of an array; of a table, they must be those it was fitted with.

        Returns
        -------
        ndarray of str
        """
        check_is_fitted(self)
        names = self._numeric_columns()
        if input_features is None:
            return np.array(names, dtype=object)
        given = np.asarray(input_features, dtype=object)
        fitted = getattr(self, "feature_names_in_", None)
        if fitted is not None and not np.array_equal(given, fitted):
            raise HokanError("input_features is not equal to feature_names_in_")
        if len(given) != self.n_features_in_:
            raise HokanError(
                "input_features should have length equal to number of features "
                f"({self.n_features_in_}), got {len(given)}"
            )
        return np.array(names, dtype=object) if fitted is not None else given

    # --- reading ------------------------------------------------------------------------------

    def _options(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._reading}

    def _read_training(self, X: Any) -> PropertyTable:
        if isinstance(X, PropertyTable):
            table = read_training_table(X, self._options())
            validate_data(self, table.frame, skip_check_array=True)
            self._from_array = False
            return table
        self._from_array = not isinstance(X, pd.DataFrame)
        if not self._from_array:
            validate_data(self, X, skip_check_array=True)
            if len(X) < 2:
                raise TableError(
                    f"X: expected at least 2 rows (samples), found n_samples = {len(X)}"
                )
            return PropertyTable.from_frame(X, **self._options())
        frame = self._frame_of_array(X, reset=True)
        constant = [
            name
            for name in frame.columns
            if frame[name].notna().all() and frame[name].nunique() == 1
        ]
        options = self._options()
        options["descriptors"] = (*options["descriptors"], *constant)
        return PropertyTable.from_frame(frame, source="X", **options)

    def _read_rows(self, X: Any, *, strict: bool = True) -> PropertyTable:
        """Read rows; strictly: with the columns that were given to fit, as scikit-learn has it."""
        whole = isinstance(X, PropertyTable)
        if whole or (isinstance(X, pd.DataFrame) and not self._from_array):
            if strict:
                frame = X.frame if whole else X
                validate_data(self, frame, reset=False, skip_check_array=True)
            return self._form.read_rows(X, add_missing=whole)
        return self._form.read_rows(self._frame_of_array(X, reset=False))

    def _frame_of_array(self, X: Any, *, reset: bool) -> pd.DataFrame:
        array = validate_data(
            self,
            X,
            reset=reset,
            dtype=np.float64,
            ensure_all_finite="allow-nan",
            ensure_min_samples=2 if reset else 1,
        )
        names = [f"x{number}" for number in range(array.shape[1])]
        if not self._from_array:
            names = list(self._form_columns())
        return pd.DataFrame(array, columns=names)

    def _form_columns(self) -> tuple[str, ...]:
        return tuple(reading.name for reading in self.table_.readings)

    def _numeric_columns(self) -> list[str]:
        wanted = {*self._form.properties, *self._form.descriptors}
        return [name for name in self._form_columns() if name in wanted]

    # --- scikit-learn -------------------------------------------------------------------------

    def _forget(self) -> None:
        for name in list(vars(self)):
            if name.endswith("_") or name in ("_form", "_from_array", "_fitted_seed"):
                delattr(self, name)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_form")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64"]
        return tags
