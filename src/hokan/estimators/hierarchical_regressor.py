"""The joint model in scikit-learn manners."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from hokan.descriptors.space import SameComposition
from hokan.errors import HokanError, TableError
from hokan.estimators import constraints as must
from hokan.estimators.inputs import (
    InputForm,
    categories_to_read,
    read_training_table,
    rows_of_array,
    table_of_arrays,
)
from hokan.estimators.options import options_of
from hokan.estimators.results import (
    check_interval,
    completed_frames,
    describe_fit,
    level_frames,
    mean_r2,
    values_known_exactly,
    within_limits,
    zero_where_some_are,
)
from hokan.estimators.training_rows import predict_cells, predict_from_others
from hokan.estimators.understanding import Understanding
from hokan.gp.kernels import FloatArray
from hokan.graph import PropertyGraph
from hokan.inference.fitting import FitOptions
from hokan.model import (
    CellPrediction,
    HierarchyModel,
    in_columns,
)
from hokan.sampling.fitting import SamplingOptions
from hokan.table import PropertyTable, filled_frame


class HierarchicalRegressor(Understanding, RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Learn all properties of a table jointly, and fill its holes with error bars.

    Data can come in two ways. As **one table with holes**, ``fit(table)``: a DataFrame (or
    PropertyTable) whose columns are properties, a composition, descriptors. Everything is then
    predicted from everything known in the row. Or apart, as scikit-learn has it, ``fit(X, y)``: X
    holds descriptors, and a composition column if there is one; y holds one or more properties,
    which may be missing in part (NaN). ``predict(X)`` then knows nothing of the properties of new
    rows.

    Parameters
    ----------
    graph : PropertyGraph, optional
        How properties depend on each other. By default every property, ordered from most to least
        observed, linked to all before it with shrinking priors. Where y is given apart, properties
        have the names of its columns, or ``y0``, ``y1``, … if it has none.
    composition : str, optional
        Name of the column of formulas. By default a text column called ``formula``,
        ``composition`` or alike.
    descriptors : list of str
        Numeric columns, known in every row, that describe a material. Where X is given apart, all
        its columns but the composition, unless some are named here.
    ignore : list of str
        Columns to leave unread.
    properties : list of str, optional
        Columns that are properties; by default all other numeric ones. Only for one table.
    categories : list of str or dict of str to list of str, optional
        Columns that are categories (crystal system, metal or insulator), perhaps with their levels;
        by default those that look like it. Only for one table. A category takes part in the model
        where the graph names it, with ``transform="category"``.
    same_composition : {"separate", "same material"}
        Whether rows of equal composition are different materials (polymorphs) or repeated
        measurements of one.
    weigh_descriptors : bool
        Whether to learn how much each descriptor matters before the fit.
    learn_noise : bool
        Whether to learn, per property, a measurement error beside those given.
    gross_errors : {"auto", "none"}
        Whether values that nothing else expects count for little, in properties of which the graph
        does not say; "none": all values are taken at their word.
    n_restarts : int
        Searches for parameters beyond the first.
    max_iterations : int
        Iterations of each search.
    most_cells : int
        Parameters are learned from at most this many known values; predictions use all of them.
    n_parameter_draws : int
        Where at most 1500 values are known, predictions are averaged over so many draws of the
        parameters, which widens intervals by what is uncertain about these; 0: the most probable
        parameters alone.
    engine : {"auto", "exact", "sampling"}
        How to infer: exactly, which straight links allow, or by drawing what is unknown many times,
        which any link allows. ``"auto"``: exactly where all links are straight.
    n_chains, n_draws : int
        Chains of the sampling engine, and draws kept of each.
    sample_parameters : bool
        Whether to sample the parameters too, of tables of up to 400 rows, instead of learning one
        set of them: from few values, intervals are too narrow without. Takes a minute or a few, and
        the sampling engine for links of any kind.
    level : float
        Probability that an interval is meant to hold.
    random_state : int, RandomState or None
        Same number, same answer.
    verbose : bool
        Whether to print what was decided and how the fit went.
    progress : callable, optional
        Called during the fit with the number of likelihood evaluations and the current objective.

    Attributes
    ----------
    model_ : HierarchyModel
        The fitted model.
    graph_ : PropertyGraph
        As fitted, every transform decided. In the place of a category stand its utilities: one for
        the second of two levels, else one for each level, called ``NAME = LEVEL``.
    notes_ : tuple of str
        What was decided on your behalf, in sentences.
    table_ : PropertyTable
        The training table as it was read.
    n_features_in_ : int
        Number of columns of X, where X and y were given apart.
    feature_names_in_ : ndarray of str
        Their names, where they have names.

    Notes
    -----
    A predicted value is the median on the raw scale, a std the standard deviation there. Rows
    given to :meth:`fill`, :meth:`predict` and :meth:`score` that equal a training row in
    everything the model reads (composition as written, descriptors, known values and their
    errors) are taken to be that row, in any order; all others are new materials.

    A fit that fails or is interrupted leaves the estimator unfitted.

    Examples
    --------
    >>> import pandas as pd
    >>> from hokan import HierarchicalRegressor
    >>> table = pd.DataFrame({
    ...     "formula": ["LiF", "NaF", "KF", "LiCl", "NaCl", "KCl"],
    ...     "melting_point_K": [1121, 1269, 1131, 883, 1074, 1044],
    ...     "boiling_point_K": [1946, 1977, 1775, None, 1738, None],
    ... })
    >>> filled = HierarchicalRegressor(random_state=0).fit(table).fill()
    >>> filled.columns[3:].tolist()[-3:]
    ['boiling_point_K__std', 'boiling_point_K__lower', 'boiling_point_K__upper']
    """

    _constraints: ClassVar[dict[str, must.Constraint]] = {
        "graph": must.instance_of(
            PropertyGraph, "a PropertyGraph (read a file with PropertyGraph.from_toml)"
        ).or_none(),
        "composition": must.instance_of(str, "the name of a column").or_none(),
        "descriptors": must.NAMES,
        "ignore": must.NAMES,
        "properties": must.NAMES.or_none(),
        "categories": must.NAMES_OR_LEVELS.or_none(),
        "same_composition": must.one_of("separate", "same material"),
        "weigh_descriptors": must.TRUTH,
        "learn_noise": must.TRUTH,
        "gross_errors": must.one_of("auto", "none"),
        "n_restarts": must.whole_number(0),
        "max_iterations": must.whole_number(1),
        "most_cells": must.whole_number(2),
        "n_parameter_draws": must.whole_number(0),
        "engine": must.one_of("auto", "exact", "sampling"),
        "n_chains": must.whole_number(2),
        "n_draws": must.whole_number(10),
        "sample_parameters": must.TRUTH,
        "level": must.PROBABILITY,
        "random_state": must.SEED,
        "verbose": must.TRUTH,
        "progress": must.CALLABLE.or_none(),
    }

    def __init__(
        self,
        graph: PropertyGraph | None = None,
        *,
        composition: str | None = None,
        descriptors: Iterable[str] = (),
        ignore: Iterable[str] = (),
        properties: Iterable[str] | None = None,
        categories: Iterable[str] | Mapping[str, Sequence[str]] | None = None,
        same_composition: SameComposition = "separate",
        weigh_descriptors: bool = True,
        learn_noise: bool = False,
        gross_errors: str = "auto",
        n_restarts: int = FitOptions.n_restarts,
        max_iterations: int = FitOptions.max_iterations,
        most_cells: int = FitOptions.most_cells,
        n_parameter_draws: int = FitOptions.n_parameter_draws,
        engine: str = "auto",
        n_chains: int = SamplingOptions.n_chains,
        n_draws: int = SamplingOptions.n_draws,
        sample_parameters: bool = False,
        level: float = 0.9,
        random_state: int | np.random.RandomState | None = 0,
        verbose: bool = False,
        progress: Callable[[int, float], None] | None = None,
    ) -> None:
        self.graph = graph
        self.composition = composition
        self.descriptors = descriptors
        self.ignore = ignore
        self.properties = properties
        self.categories = categories
        self.same_composition = same_composition
        self.weigh_descriptors = weigh_descriptors
        self.learn_noise = learn_noise
        self.gross_errors = gross_errors
        self.n_restarts = n_restarts
        self.max_iterations = max_iterations
        self.most_cells = most_cells
        self.n_parameter_draws = n_parameter_draws
        self.engine = engine
        self.n_chains = n_chains
        self.n_draws = n_draws
        self.sample_parameters = sample_parameters
        self.level = level
        self.random_state = random_state
        self.verbose = verbose
        self.progress = progress

    # --- fitting ------------------------------------------------------------------------------

    def fit(self, X: Any, y: Any = None) -> HierarchicalRegressor:
        """Fit one table with holes, or descriptors X and partly missing targets y.

        Parameters
        ----------
        X : DataFrame or PropertyTable; or array-like of shape (n, d), with y
            The whole table; or descriptors without holes, with names and a composition column if
            it is a DataFrame.
        y : array-like of shape (n,) or (n, p), optional
            Property values on the raw scale, NaN where unknown; at least one known in each column.

        Raises
        ------
        HokanError
            A parameter, the table, a formula or the graph cannot be used as it is; the message
            says where and what to do.
        """
        self._forget()
        try:
            must.check(self, self._constraints)
            table, form = self._read(X, y)
            model = HierarchyModel.from_table(table, self.graph, options_of(self), self.progress)
            self._remember(model, table, form.with_categories(model.categories))
        except BaseException:  # an interrupt too must not leave half a fit
            self._forget()
            raise
        if self.verbose:
            print("\n".join([*self.notes_, describe_fit(model)]))
        return self

    def _read(self, X: Any, y: Any) -> tuple[PropertyTable, InputForm]:
        options = {
            "composition": self.composition,
            "descriptors": self.descriptors,
            "ignore": self.ignore,
            "properties": self.properties,
            "categories": categories_to_read(self.categories, self.graph),
        }
        if isinstance(X, PropertyTable) or y is not None:
            options["categories"] = self.categories
        if y is None and isinstance(X, PropertyTable | pd.DataFrame):
            table = read_training_table(X, options)
            return table, InputForm.of(table)
        if y is None:
            raise HokanError(
                f"fit({type(X).__name__}) requires y to be passed, but the target y is None. "
                "One table with holes, without y, is given as a pandas DataFrame"
            )
        if isinstance(X, PropertyTable):
            raise TableError("a PropertyTable holds its targets; fit it without y")
        return table_of_arrays(self, X, y, options)

    def _remember(self, model: HierarchyModel, table: PropertyTable, form: InputForm) -> None:
        self.model_ = model
        self.graph_ = model.graph
        self.notes_ = model.notes
        self.table_ = table
        self._form = form

    def _forget(self) -> None:
        for name in [name for name in vars(self) if name.endswith("_") or name == "_form"]:
            delattr(self, name)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    # --- predicting ---------------------------------------------------------------------------

    def predict(
        self,
        X: Any,
        return_std: bool = False,
        return_interval: bool = False,
        *,
        level: float | None = None,
    ) -> Any:
        """Predict the properties of rows, given whatever is known of them.

        Parameters
        ----------
        X : DataFrame or PropertyTable; or array-like of shape (n, d)
            As in :meth:`fit`. Of a table, property columns may be absent or have holes.
        return_std : bool
            Whether to return standard deviations too.
        return_interval : bool
            Whether to return the ends of intervals too.
        level : float, optional
            Probability of the intervals, instead of the estimator's.

        Returns
        -------
        median : DataFrame of shape (n, p), or ndarray of shape (n,) or (n, p)
            After one table: a column for each modelled property, with the index of the rows; a
            value known without error is its own prediction. After X and y: an array shaped like y.
        std : like median
            If ``return_std``.
        lower, upper : like median
            If ``return_interval``.

        Returned as a tuple where there is more than the median.
        """
        check_is_fitted(self)
        if self._form.targets_apart and not isinstance(X, PropertyTable):
            table = rows_of_array(self, X, self._form)
        else:
            table = self._form.read_rows(X)
        names = tuple(name for name in self._form.properties if name in self.graph_.names)
        cells = self._cells(table, level, names)
        found = values_known_exactly(cells, table, self.model_, names)
        wanted = [found.median]
        if return_std:
            wanted.append(found.std)
        if return_interval:
            wanted += [found.lower, found.upper]
        shaped = tuple(self._shaped(array, table, names) for array in wanted)
        return shaped if len(shaped) > 1 else shaped[0]

    def fill(
        self, table: pd.DataFrame | PropertyTable | None = None, *, level: float | None = None
    ) -> pd.DataFrame:
        """Fill the holes of the training table, or of another one with the same columns.

        Parameters
        ----------
        table : DataFrame or PropertyTable, optional
            By default the training table.
        level : float, optional
            Probability of the intervals, instead of the estimator's.

        Returns
        -------
        DataFrame
            The same rows and columns, observed cells unchanged. For each property ``P``, three
            columns ``P__std``, ``P__lower`` and ``P__upper`` follow, NaN where P is observed.
            Properties that another table lacks are appended. Of each category ``C`` of the graph,
            the most probable level stands in the holes, and ``C__probability`` and
            ``C__probability_LEVEL`` follow, NaN where C is known.
        """
        check_is_fitted(self)
        table = self.table_ if table is None else self._form.read_rows(table, add_missing=True)
        found = self._cells(table, level, table.property_names)
        return filled_frame(
            table,
            found.median,
            found.std,
            found.lower,
            found.upper,
            zero=zero_where_some_are(found, table, self.model_, self.table_),
            categories=found.categories,
        )

    def category_probabilities(
        self, table: pd.DataFrame | PropertyTable | None = None, *, left_out: bool = False
    ) -> dict[str, pd.DataFrame]:
        """Predict the categories of the graph, given whatever is known of each row.

        Parameters
        ----------
        table : DataFrame or PropertyTable, optional
            By default the training table.
        left_out : bool
            Of the training table, predict each known level from everything else, without refitting:
            a level that is improbable then deserves a look. Rows whose level is not known are NaN.

        Returns
        -------
        dict of str to DataFrame
            By category: a line for each row, with its index, and a column for each level. A level
            that is known has probability 1.
        """
        check_is_fitted(self)
        if left_out and table is not None:
            raise HokanError("left_out=True is about the training table; call it without a table")
        table = self.table_ if table is None else self._form.read_rows(table)
        if left_out:
            found = self.model_.leave_one_out(self.level).prediction
        else:
            found = predict_cells(self.model_, self.table_, table, self.level)
        return level_frames(found, self.model_, table.frame.index)

    def sample(
        self, n_samples: int = 1, random_state: int | np.random.RandomState | None = None
    ) -> list[pd.DataFrame]:
        """Draw completed training tables from the posterior.

        Each is a plausible whole: holes are drawn jointly, so that relations between properties
        and between materials are kept. Running an analysis on each and looking at the spread of
        its results shows what the holes cost (multiple imputation).

        Parameters
        ----------
        n_samples : int
            Number of tables.
        random_state : int, RandomState or None
            By default that of the fit, so that the same tables come again.

        Returns
        -------
        list of DataFrame
            Observed cells are unchanged.
        """
        check_is_fitted(self)
        if not must.whole_number(1).holds(n_samples):
            raise HokanError(f"n_samples must be a whole number, 1 or more; found {n_samples!r}")
        if not must.SEED.holds(random_state):
            raise HokanError(f"random_state must be {must.SEED.expected}; found {random_state!r}")
        if isinstance(random_state, np.random.RandomState):
            random_state = int(random_state.randint(2**31 - 1))
        draws = self.model_.sample(int(n_samples), random_state)
        return completed_frames(self.table_, draws, self.model_)

    def _cells(
        self, table: PropertyTable, level: float | None, columns: tuple[str, ...]
    ) -> CellPrediction:
        level = check_interval(self.level if level is None else level)
        found = predict_cells(self.model_, self.table_, table, level)
        found = in_columns(found, self.graph_.names, columns)
        return within_limits(found, table, self.model_, columns)

    def _shaped(
        self, array: FloatArray, table: PropertyTable, names: tuple[str, ...]
    ) -> pd.DataFrame | FloatArray:
        if not self._form.targets_apart:
            return pd.DataFrame(array, columns=list(names), index=table.frame.index)
        return array[:, 0] if self._form.flat_targets else array

    # --- judging ------------------------------------------------------------------------------

    def score(self, X: Any = None, y: Any = None) -> float:
        """Return R², averaged over the properties.

        Parameters
        ----------
        X : DataFrame or PropertyTable, optional; or array-like of shape (n, d), with y
            As in :meth:`fit`; by default the training table.
        y : array-like of shape (n,) or (n, p), optional
            Values to compare with, where they were given apart; missing ones are left out.

        Returns
        -------
        float
            After X and y: of predictions from X alone. After one table: each known value is
            predicted from all *other* known values of its row; for rows of the training table,
            also from all other rows (leave-one-out). A property with fewer than two values to
            compare with is left out.
        """
        check_is_fitted(self)
        names = tuple(name for name in self._form.properties if name in self.graph_.names)
        if self._form.targets_apart and X is not None:
            if y is None:
                raise HokanError("score(X) requires y to be passed, but the target y is None")
            predicted = np.asarray(self.predict(X), dtype=np.float64)
            return mean_r2(y, predicted.reshape(len(predicted), -1), names)
        if y is not None:
            raise HokanError("the table holds its own targets; call score(table) without y")
        table = self.table_ if X is None else self._form.read_rows(X, add_missing=True)
        columns = [table.property_names.index(name) for name in names]
        predicted = predict_from_others(self.model_, self.table_, table, names)
        return mean_r2(table.values[:, columns], predicted, names)
