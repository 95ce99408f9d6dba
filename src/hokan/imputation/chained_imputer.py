"""Multiple imputation by chained equations, of tables: what most people use, to compare with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from numbers import Integral
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hokan.estimators import constraints as must
from hokan.estimators.training_rows import training_positions
from hokan.gp.kernels import FloatArray
from hokan.graph import Identity, Log
from hokan.imputation.chained import CHAINED_METHODS, Chain, ChainedEquations
from hokan.imputation.imputations import Imputations, ImputedColumn
from hokan.imputation.imputer import Imputer
from hokan.imputation.usual_inputs import CompositionComponents, usual_transforms
from hokan.table import PropertyTable

#: On what scale properties are imputed.
LOG_WHERE_POSITIVE = "log where positive"
RAW = "raw"
#: Rounds over the holes of new rows, whose conditionals are those of the training table.
MOST_ROUNDS_FOR_NEW_ROWS = 5

_N_JOBS = must.Constraint(
    "a whole number of processes, 1 or more, or -1 for all cores",
    lambda value: (
        must.whole_number(1).holds(value) or (isinstance(value, Integral) and value == -1)
    ),
)


class ChainedImputer(Imputer):
    """Fill the holes of a table many times over, each property regressed on all others in turn.

    Chained equations, known as MICE, with the methods that people use; the alternative to the joint
    model of :class:`~hokan.MultipleImputer`. It knows nothing of links, measurement errors or
    limits.

    Parameters
    ----------
    method : str
        How a property is imputed given all others: ``"predictive mean matching"``,
        ``"bayesian linear"``, ``"forest"`` (the methods pmm, norm and rf of R mice) or
        ``"gaussian process"``.
    composition : str, optional
        Name of the column of formulas. By default a text column called ``formula``,
        ``composition`` or alike.
    descriptors : list of str
        Numeric columns, known in every row, that describe a material.
    ignore : list of str
        Columns to leave unread.
    properties : list of str, optional
        Columns that are properties; by default all other numeric ones.
    scale : {"log where positive", "raw"}
        Whether properties whose known values are all positive are imputed as logarithms.
    n_components : int
        Compositions predict through so many principal components of their statistics.
    n_imputations : int
        Chains, each of which ends in one completed table.
    n_rounds : int
        Rounds of a chain over all properties with holes.
    n_jobs : int
        Processes to run chains in; -1: as many as there are cores. Results are the same.
    random_state : int, RandomState or None
        Same number, same tables.
    progress : callable, optional
        Called with the number of finished chains and of all.

    Attributes
    ----------
    chains_ : list of Chain
        One for each imputation: values on the scale of ``transforms_``.
    transforms_ : tuple of Transform
        Scale of each property.
    components_ : CompositionComponents
        What compositions are reduced to.
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
    S. van Buuren, K. Groothuis-Oudshoorn, J. Stat. Softw. 45(3) (2011). Columns are visited by
    number of holes, the fewest first; holes start from random known values. Holes of new rows are
    imputed in five rounds with the regressions drawn last in each chain. Categories are neither
    imputed nor used.

    Examples
    --------
    >>> import numpy as np
    >>> from hokan import ChainedImputer
    >>> rng = np.random.default_rng(0)
    >>> X = rng.multivariate_normal([0, 0], [[1, 0.9], [0.9, 1]], size=60)
    >>> X[::3, 1] = np.nan
    >>> imputations = ChainedImputer("bayesian linear", n_imputations=5).fit(X).impute()
    >>> len(imputations), imputations[0].isna().to_numpy().any()
    (5, np.False_)
    """

    _reading: ClassVar[tuple[str, ...]] = ("composition", "descriptors", "ignore", "properties")
    _constraints: ClassVar[Mapping[str, must.Constraint]] = {
        "method": must.one_of(*CHAINED_METHODS),
        "composition": must.instance_of(str, "the name of a column").or_none(),
        "descriptors": must.NAMES,
        "ignore": must.NAMES,
        "properties": must.NAMES.or_none(),
        "scale": must.one_of(LOG_WHERE_POSITIVE, RAW),
        "n_components": must.whole_number(0),
        "n_imputations": must.whole_number(1),
        "n_rounds": must.whole_number(1),
        "n_jobs": _N_JOBS,
        "random_state": must.SEED,
        "progress": must.CALLABLE.or_none(),
    }

    def __init__(
        self,
        method: str = "predictive mean matching",
        *,
        composition: str | None = None,
        descriptors: Iterable[str] = (),
        ignore: Iterable[str] = (),
        properties: Iterable[str] | None = None,
        scale: str = LOG_WHERE_POSITIVE,
        n_components: int = 10,
        n_imputations: int = 20,
        n_rounds: int = 10,
        n_jobs: int = 1,
        random_state: int | np.random.RandomState | None = 0,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.method = method
        self.composition = composition
        self.descriptors = descriptors
        self.ignore = ignore
        self.properties = properties
        self.scale = scale
        self.n_components = n_components
        self.n_imputations = n_imputations
        self.n_rounds = n_rounds
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.progress = progress

    def _fit_table(self, table: PropertyTable, seed: int) -> None:
        self.transforms_ = usual_transforms(table)
        if self.scale == RAW:
            self.transforms_ = tuple(Identity() for _ in self.transforms_)
        self.components_ = CompositionComponents.fit(table, int(self.n_components))
        self.notes_ = tuple(self._notes(table))
        self.chains_ = self._run(table, self.n_imputations, seed)

    def _filled(self, table: PropertyTable) -> FloatArray:
        completed, *_ = self._completed(table, self.n_imputations, self._fitted_seed)
        names = self.table_.property_names
        filled = table.values.copy()
        for column, name in enumerate(table.property_names):
            holes = ~table.observed[:, column]
            if name in names and holes.any():
                filled[holes, column] = np.median(completed[:, holes, names.index(name)], axis=0)
        return filled

    def _impute_table(self, table: PropertyTable, m: int, seed: int) -> Imputations:
        completed, chains, draws = self._completed(table, m, seed)
        names = self.table_.property_names
        columns = {}
        for column, name in enumerate(table.property_names):
            rows = np.flatnonzero(~table.observed[:, column])
            if name in names and len(rows):
                columns[name] = ImputedColumn(rows, completed[:, rows, names.index(name)])
        trace = self._trace() if table is self.table_ and seed == self._fitted_seed else None
        return Imputations(table.frame, columns, chains, draws, trace)

    def _completed(
        self, table: PropertyTable, m: int, seed: int
    ) -> tuple[FloatArray, NDArray[np.int64], NDArray[np.int64]]:
        """Return m completed tables of shape (n, p) on the raw scale, and their chains and draws.

        Rows of the training table, which are recognised, have what the chains ended with; new rows
        are drawn from the chains' last regressions, more than once if there are too few chains.
        """
        values = self._scaled(table)
        positions = training_positions(table, self.table_, self.table_.property_names)
        known, new = positions >= 0, positions < 0
        completed = np.empty((m, *values.shape))
        chains, draws = np.arange(m), np.zeros(m, dtype=np.int64)
        if known.any():
            ends = np.array([chain.completed for chain in self._chains_for(m, seed)])
            completed[:, known] = ends[:, positions[known]]
        else:
            draws, chains = np.divmod(chains, len(self.chains_))
        if new.any():
            predictors = self._predictors(table)[new]
            n_rounds = min(int(self.n_rounds), MOST_ROUNDS_FOR_NEW_ROWS)
            for k, child in enumerate(np.random.SeedSequence([seed, 1]).spawn(m)):
                chain = self.chains_[k % len(self.chains_)]
                completed[k, new] = chain.complete(
                    values[new], predictors, n_rounds, np.random.default_rng(child)
                )
        return self._on_raw_scale(completed), chains, draws

    def _chains_for(self, m: int, seed: int) -> list[Chain]:
        """Return m chains on the training table, running those that are not there yet."""
        if seed != self._fitted_seed:
            return self._run(self.table_, m, seed)
        there: list[Chain] = self.chains_[:m]
        if m > len(there):
            return there + self._run(self.table_, m - len(there), seed, first=len(there))
        return there

    def _run(self, table: PropertyTable, m: int, seed: int, *, first: int = 0) -> list[Chain]:
        equations = ChainedEquations(self.method, int(self.n_rounds), seed, int(self.n_jobs))
        return equations.run(
            self._scaled(table),
            self._predictors(table),
            int(m),
            first=first,
            progress=self.progress,
        )

    def _scaled(self, table: PropertyTable) -> FloatArray:
        """Return the properties of the training table, those of some rows, as they are imputed."""
        names = getattr(self, "table_", table).property_names
        values = np.full((table.n_rows, len(names)), np.nan)
        for column, (name, transform) in enumerate(zip(names, self.transforms_, strict=True)):
            if name in table.property_names:
                raw = table.values[:, table.property_names.index(name)]
                transform.check(raw, name, table.source)
                values[:, column] = transform.forward(raw)
        return values

    def _on_raw_scale(self, completed: FloatArray) -> FloatArray:
        """Return completed tables on the raw scale, values of donors to the last bit."""
        raw = np.empty_like(completed)
        for column, transform in enumerate(self.transforms_):
            found = transform.inverse(completed[:, :, column])
            donors = self.table_.values[self.table_.observed[:, column], column]
            raw[:, :, column] = _rounding_undone(found, np.unique(donors))
        return raw

    def _predictors(self, table: PropertyTable) -> FloatArray:
        """Return what describes the materials: components, then the user's descriptors."""
        parts = [self.components_.of(table)]
        if table.descriptors is not None:
            parts.append(table.descriptors.to_numpy(dtype=np.float64))
        return np.hstack(parts)

    def _trace(self) -> pd.DataFrame | None:
        """Return mean and spread of the imputed values of every column, round by round."""
        n_rounds = int(self.n_rounds)
        parts = [
            pd.DataFrame(
                {
                    "column": name,
                    "chain": number,
                    "step": np.arange(n_rounds),
                    "mean": chain.means[:, column],
                    "std": chain.stds[:, column],
                }
            )
            for column, name in enumerate(self.table_.property_names)
            if not self.table_.observed[:, column].all()
            for number, chain in enumerate(self.chains_)
        ]
        return pd.concat(parts, ignore_index=True) if parts else None

    def _notes(self, table: PropertyTable) -> Iterator[str]:
        for name, transform in zip(table.property_names, self.transforms_, strict=True):
            if isinstance(transform, Log):
                yield f"{name}: imputed on the logarithmic scale, as all known values are positive."
        if self.components_.n_components:
            yield (
                f"Compositions predict through {self.components_.n_components} principal "
                "components of their statistics."
            )
        for name, limits in zip(table.property_names, table.has_limits.T, strict=True):
            if limits.any():
                yield (
                    f"{name}: {limits.sum()} limits are taken as holes; chained equations know "
                    "nothing of them."
                )
        for name in table.category_names:
            yield f"{name}: a category, neither imputed nor used by chained equations."


def _rounding_undone(found: FloatArray, known: FloatArray) -> FloatArray:
    """Replace what differs from a known value in its last digits by that value.

    There and back, logarithms change these.
    """
    after = np.clip(np.searchsorted(known, found), 0, len(known) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(
        np.abs(known[after] - found) < np.abs(known[before] - found), known[after], known[before]
    )
    return np.where(np.abs(nearest - found) <= 1e-12 * np.abs(nearest), nearest, found)
