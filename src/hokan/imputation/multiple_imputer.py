"""Multiple imputation by the joint model: many completed tables, each a plausible whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar

import numpy as np

from hokan.descriptors.space import SameComposition
from hokan.estimators import HierarchicalRegressor
from hokan.estimators import constraints as must
from hokan.estimators.results import completed_frames
from hokan.estimators.training_rows import complete_rows
from hokan.gp.kernels import FloatArray
from hokan.graph import PropertyGraph
from hokan.imputation.imputations import Imputations, ImputedColumn
from hokan.imputation.imputer import Imputer
from hokan.imputation.traces import trace_of_draws
from hokan.inference.fitting import FitOptions
from hokan.sampling.fitting import SamplingOptions
from hokan.table import PropertyTable

#: Each holds a square matrix over the known values: 40 of 1500 take 720 MB.
MOST_PARAMETER_DRAWS = 40
#: Handed on to the joint model as they are.
_HANDED_ON = (
    "graph",
    "composition",
    "descriptors",
    "ignore",
    "properties",
    "categories",
    "same_composition",
    "gross_errors",
    "weigh_descriptors",
    "n_restarts",
    "max_iterations",
    "most_cells",
    "engine",
    "n_chains",
    "n_draws",
    "sample_parameters",
    "verbose",
    "progress",
)


class MultipleImputer(Imputer):
    """Fill the holes of a table many times over, from the joint model of all its columns.

    One fit serves all: :meth:`transform` fills the holes of the training table or of new rows once,
    with medians; :meth:`impute` returns completed tables that differ by what is not known, for
    analyses whose error bars are to hold what the holes cost.

    Parameters
    ----------
    graph : PropertyGraph, optional
        How properties depend on each other. By default every property, ordered from most to least
        observed, linked to all before it with shrinking priors.
    composition : str, optional
        Name of the column of formulas. By default a text column called ``formula``,
        ``composition`` or alike.
    descriptors : list of str
        Numeric columns, known in every row, that describe a material.
    ignore : list of str
        Columns to leave unread.
    properties : list of str, optional
        Columns that are properties; by default all other numeric ones.
    categories : list of str or dict of str to list of str, optional
        Columns that are categories, perhaps with their levels; by default those that look like it.
    same_composition : {"separate", "same material"}
        Whether rows of equal composition are different materials or measurements of one.
    n_imputations : int
        Completed tables that :meth:`impute` returns unless told otherwise, and (up to 40) draws of
        the parameters that they are made from: each table has its own where at most 1500 values
        are known and the exact engine is used.
    engine : {"auto", "exact", "sampling"}
        See :class:`~hokan.HierarchicalRegressor`, as for the parameters below.
    n_chains, n_draws : int
        Chains of the sampling engine, and draws kept of each.
    sample_parameters : bool
        Whether the sampling engine draws the parameters too, of tables of up to 400 rows.
        Imputations of small tables vary too little without.
    gross_errors : {"none", "auto"}
        Whether values that nothing else expects count for little, in properties of which the graph
        does not say. Not by default, unlike :class:`~hokan.HierarchicalRegressor`: an analysis of
        the completed tables takes known values at their word, and so must the imputations. Where
        they were made with less regard for some values, pooled slopes of the others came out
        biased. Wrong values should be found (``suspicious_values``) and mended before.
    weigh_descriptors : bool
        Whether to learn how much each descriptor matters before the fit.
    n_restarts, max_iterations, most_cells : int
        How hard to search for parameters, and from how many known values at most.
    random_state : int, RandomState or None
        Same number, same tables.
    verbose : bool
        Whether to print what was decided and how the fit went.
    progress : callable, optional
        Called during the fit with the number of likelihood evaluations and the current objective.

    Attributes
    ----------
    regressor_ : HierarchicalRegressor
        The fitted joint model, which also tells links, suspicious values, error bars.
    table_ : PropertyTable
        The training table as it was read.
    notes_ : tuple of str
        What was decided on your behalf, in sentences.
    n_features_in_ : int
        Number of columns of X.
    feature_names_in_ : ndarray of str
        Their names, where they have names.

    Notes
    -----
    Rows that equal a training row in everything the model reads are taken to be that row. Holes of
    training rows are drawn jointly over all materials; new rows apart from each other. Known cells
    are never changed. Imputations are proper in the sense of Rubin (Multiple Imputation for
    Nonresponse in Surveys, Wiley, 1987, chapter 4) as far as parameters are drawn, see
    ``n_imputations`` and ``sample_parameters``.

    Examples
    --------
    >>> import numpy as np
    >>> from hokan import MultipleImputer
    >>> rng = np.random.default_rng(0)
    >>> X = rng.multivariate_normal([0, 0], [[1, 0.9], [0.9, 1]], size=60)
    >>> X[::3, 1] = np.nan
    >>> imputations = MultipleImputer(n_imputations=5).fit(X).impute()
    >>> len(imputations), imputations[0].isna().to_numpy().any()
    (5, np.False_)
    """

    _constraints: ClassVar[Mapping[str, must.Constraint]] = {
        "n_imputations": must.whole_number(1),
        **{
            name: constraint
            for name, constraint in HierarchicalRegressor._constraints.items()
            if name in (*_HANDED_ON, "random_state")
        },
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
        n_imputations: int = 20,
        engine: str = "auto",
        n_chains: int = SamplingOptions.n_chains,
        n_draws: int = SamplingOptions.n_draws,
        sample_parameters: bool = False,
        gross_errors: str = "none",
        weigh_descriptors: bool = True,
        n_restarts: int = FitOptions.n_restarts,
        max_iterations: int = FitOptions.max_iterations,
        most_cells: int = FitOptions.most_cells,
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
        self.n_imputations = n_imputations
        self.engine = engine
        self.n_chains = n_chains
        self.n_draws = n_draws
        self.sample_parameters = sample_parameters
        self.gross_errors = gross_errors
        self.weigh_descriptors = weigh_descriptors
        self.n_restarts = n_restarts
        self.max_iterations = max_iterations
        self.most_cells = most_cells
        self.random_state = random_state
        self.verbose = verbose
        self.progress = progress

    def _fit_table(self, table: PropertyTable, seed: int) -> None:
        handed_on = {name: getattr(self, name) for name in _HANDED_ON}
        # The table has been read already.
        handed_on |= dict.fromkeys(("composition", "properties", "categories"))
        handed_on |= {"descriptors": (), "ignore": ()}
        regressor = HierarchicalRegressor(
            **handed_on,
            n_parameter_draws=min(self.n_imputations, MOST_PARAMETER_DRAWS),
            random_state=seed,
        )
        self.regressor_ = regressor.fit(table)
        self.notes_ = self.regressor_.notes_

    def _levels(self) -> Mapping[str, tuple[str, ...]]:
        return {known.name: known.levels for known in self.regressor_.model_.categories}

    def _filled(self, table: PropertyTable) -> FloatArray:
        filled = self.regressor_.fill(table)
        return filled[list(table.property_names)].to_numpy(dtype=np.float64)

    def _impute_table(self, table: PropertyTable, m: int, seed: int) -> Imputations:
        model, training = self.regressor_.model_, self.regressor_.table_
        found = complete_rows(model, training, table, m, seed)
        columns = {}
        for column, name in enumerate(table.property_names):
            rows = np.flatnonzero(~table.observed[:, column])
            if name in model.graph.names and len(rows):
                values = found.values[:, rows, model.graph.index(name)]
                columns[name] = ImputedColumn(rows, values)
        if model.categories:
            frames = completed_frames(table, found.values, model)
        for known in model.categories:
            rows = np.flatnonzero(known.codes_in(table) < 0)
            if len(rows):
                position = table.column_position(known.name)
                levels = [frame.iloc[rows, position].to_numpy() for frame in frames]
                columns[known.name] = ImputedColumn(rows, np.array(levels))
        trace = trace_of_draws(model, seed) if table is training else None
        return Imputations(table.frame, columns, found.chains, found.draws, trace)
