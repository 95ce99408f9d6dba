"""A table and a graph become a fitted model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from hokan.descriptors.space import DescriptorSpace, RawDescriptors, raw_descriptors
from hokan.errors import TableError
from hokan.gp.kernels import FloatArray
from hokan.gp.optimise import Progress
from hokan.graph import PropertyGraph, StandardisedTransform
from hokan.inference.cells import Cells, DoubtfulValues
from hokan.inference.fitting import FitResult, fit
from hokan.inference.parameters import ParameterLayout
from hokan.inference.posterior import Posterior
from hokan.model.categories import (
    ModelledCategory,
    probabilities_of_draws,
    probabilities_of_gaussians,
    with_known_levels,
    with_limits_of_utilities,
)
from hokan.model.completing import CompletedDraws, complete_new_rows, complete_training
from hokan.model.limited import LimitedCells
from hokan.model.options import ModelOptions
from hokan.model.prediction import CellPrediction, to_raw_scale
from hokan.model.preparation import PreparedTable, prepare
from hokan.model.sampled import draws_to_raw_scale, left_out_of_draws, rows_of_draws
from hokan.model.scaling import standardised_cells
from hokan.model.suspicious import notes_on_suspicious_values
from hokan.sampling.engine import SampledFit, fit_by_sampling
from hokan.sampling.posterior import SampledPosterior
from hokan.table import PropertyTable

#: An exact fit holds a square matrix over all observed cells; this many take 3 GB.
MOST_CELLS = 20_000


@dataclass(frozen=True)
class LeaveOneOut:
    """Each observed cell as all the others predict it, on the raw scale; NaN at holes.

    Attributes
    ----------
    prediction : CellPrediction
        Predictions of the observed values, measurement error included.
    surprise : ndarray of shape (n, p)
        How many standard deviations the observed value lies from its prediction, on the
        transformed scale. Standard normal where model and data agree.
    """

    prediction: CellPrediction
    surprise: FloatArray


@dataclass(frozen=True)
class HierarchyModel:
    """A joint model of the properties of a graph, fitted to a table.

    Attributes
    ----------
    graph : PropertyGraph
        With every transform decided.
    transforms : tuple of StandardisedTransform
        One per property of the graph.
    space : DescriptorSpace
        How materials are described.
    fit : FitResult or SampledFit
        The posterior and how it was found.
    notes : tuple of str
        What was decided on the user's behalf, in sentences.
    options : ModelOptions
        As fitted.
    categories : tuple of ModelledCategory
        In the graph, utilities stand for them.
    """

    graph: PropertyGraph
    transforms: tuple[StandardisedTransform, ...]
    space: DescriptorSpace
    fit: FitResult | SampledFit
    notes: tuple[str, ...]
    options: ModelOptions
    categories: tuple[ModelledCategory, ...] = ()

    @classmethod
    def from_table(
        cls,
        table: PropertyTable,
        graph: PropertyGraph | None = None,
        options: ModelOptions | None = None,
        progress: Progress | None = None,
    ) -> HierarchyModel:
        """Fit a table.

        Parameters
        ----------
        table : PropertyTable
            At least one known value per property of the graph.
        graph : PropertyGraph, optional
            How properties depend on each other. By default every property, ordered from most to
            least observed, linked to all before it with shrinking priors.
        options : ModelOptions, optional
            Choices about the fit.
        progress : callable, optional
            Called with the number of likelihood evaluations and the current objective; by the
            sampling engine with the number of its steps and NaN.

        Raises
        ------
        TableError, FormulaError, GraphError
            The table or graph cannot be used as they are; see the message.
        """
        options = options or ModelOptions()
        _check_size(table)
        prepared = prepare(table, graph, options)
        result = _fit(prepared, options, progress)
        wrong = notes_on_suspicious_values(prepared.graph.names, result.gross_error_probability)
        return cls(
            prepared.graph,
            prepared.transforms,
            prepared.space,
            result,
            (*prepared.notes, *wrong, *_reservations(result)),
            options,
            prepared.categories,
        )

    @property
    def posterior(self) -> Posterior | SampledPosterior:
        """The fitted posterior, in standardised transformed units."""
        return self.fit.posterior

    @property
    def layout(self) -> ParameterLayout:
        """Kernels and parameters."""
        return self.posterior.layout

    def fill(self, level: float = 0.9) -> CellPrediction:
        """Predict every cell of the training table given all observed ones.

        An observed cell without measurement error is its own prediction, unless it looks grossly
        wrong. Columns are those of the graph.
        """
        if isinstance(self.posterior, SampledPosterior):
            draws = self.posterior.training_draws(self._random_state(3), jointly=False)
            return self._of_draws(draws, self.posterior.cells, level)
        found, cells = self.posterior.training_cells(), self.posterior.cells
        known = self.with_learned_errors(cells)
        return self._to_raw_scale(found.mean, found.variance, known, level)

    def predict(self, table: PropertyTable, level: float = 0.9) -> CellPrediction:
        """Predict every property of new materials, given whatever is known of them.

        Parameters
        ----------
        table : PropertyTable
            Rows described as the training rows were; property columns may be absent or have holes.
        level : float
            Probability of the intervals.
        """
        known = self.with_learned_errors(self.standardise(table))
        if isinstance(self.posterior, SampledPosterior):
            known = self.less_trusted(self.posterior, known)
            draws = self.posterior.new_rows_draws(known, self._random_state(4))
            return self._of_draws(draws, known, level)
        rows = self.posterior.new_rows(known.features)
        values, noise = rows.with_sites(
            known.values, known.noise_variance, known.limits, self.doubts_of(known)
        )
        known = replace(known, values=values, noise_variance=noise)
        rows = rows.given(values, noise)
        return self._to_raw_scale(rows.mean, rows.variance, known, level)

    def leave_one_out(self, level: float = 0.9) -> LeaveOneOut:
        """Predict each observed cell from all the others, without refitting."""
        if isinstance(self.posterior, SampledPosterior):
            found = left_out_of_draws(self.posterior)
        else:
            found = self.posterior.leave_one_out()
        cells = self.posterior.cells
        values = cells.values
        if cells.doubts is not None:
            values = np.where(cells.doubts.suspect, cells.doubts.values, values)
        surprise = (values - found.mean) / np.sqrt(found.variance)
        if cells.limits is not None:
            # Only what lies on the wrong side of its limit is a surprise.
            nearest = np.clip(found.mean, cells.limits.lower, cells.limits.upper)
            beyond = (nearest - found.mean) / np.sqrt(found.variance)
            surprise = np.where(cells.limits.here, beyond, surprise)
        prediction = to_raw_scale(found.mean, found.variance, self.transforms, level)
        if self.categories:
            chances = self._probabilities(found.mean, found.variance)
            prediction = replace(prediction, categories=chances)
        return LeaveOneOut(prediction, surprise)

    def sample(self, n_samples: int, random_state: int | None = None) -> FloatArray:
        """Draw completed training tables from the posterior, on the raw scale.

        Parameters
        ----------
        n_samples : int
            Number of tables.
        random_state : int, optional
            Seed; by default that of the fit.

        Returns
        -------
        ndarray of shape (n_samples, n, p)
            Drawn jointly over all cells; see :func:`hokan.model.completing.complete_training`.
        """
        return self.completed(n_samples, random_state=random_state).values

    def completed(
        self,
        n_draws: int,
        table: PropertyTable | None = None,
        random_state: int | None = None,
    ) -> CompletedDraws:
        """Draw completed tables, and tell which chain and draw each is from.

        Parameters
        ----------
        n_draws : int
            Number of tables.
        table : PropertyTable, optional
            New materials, as for :meth:`predict`; by default the training table.
        random_state : int, optional
            Seed; by default that of the fit.
        """
        seed = self.options.random_state if random_state is None else random_state
        if table is None:
            return complete_training(self, n_draws, seed)
        return complete_new_rows(self, table, n_draws, seed)

    def _random_state(self, stream: int) -> np.random.Generator:
        return np.random.default_rng([self.options.random_state, stream])

    def standardise(self, table: PropertyTable) -> Cells:
        """Return what is known of some rows as the model sees it.

        Properties of the graph that the table lacks are holes everywhere.
        """
        features = self.space.transform(self._raw_descriptors(table))
        table = with_limits_of_utilities(table, self.categories)
        return standardised_cells(table, self.graph, self.transforms, features)

    def less_trusted(self, posterior: SampledPosterior, known: Cells) -> Cells:
        """Return new rows in which something vaguer stands for implausible values.

        What is expected of a row before anything of it is known is taken as Gaussian for that.
        """
        doubts = self.doubts_of(known)
        if doubts is None or not np.isfinite(doubts.values).any():
            return known
        nothing = replace(known, values=np.full(known.values.shape, np.nan), limits=None)
        rows = rows_of_draws(posterior.new_rows_draws(nothing, self._random_state(5)))
        limited = np.zeros(known.values.shape, dtype=bool)
        if known.limits is not None:
            limited = known.limits.here
        values = np.where(limited, np.nan, known.values)
        placed, noise = rows.with_sites(values, known.noise_variance, None, doubts)
        return replace(
            known,
            values=np.where(limited, known.values, placed),
            noise_variance=np.where(limited, known.noise_variance, noise),
        )

    def with_learned_errors(self, cells: Cells) -> Cells:
        """Return cells with the measurement errors that were learned beside those given."""
        learned = self.posterior.noise_variances
        limits = cells.limits
        if limits is not None:
            limits = replace(limits, noise_variance=limits.noise_variance + learned)
        return replace(cells, noise_variance=cells.noise_variance + learned, limits=limits)

    def doubts_of(self, cells: Cells) -> DoubtfulValues | None:
        """Return which values of new rows may be wrong: as many of them as of the training rows."""
        fitted = self.posterior.cells.doubts
        if fitted is None or cells.doubts is None:
            return None
        return replace(cells.doubts, share=fitted.share)

    def _to_raw_scale(
        self, mean: FloatArray, variance: FloatArray, known: Cells, level: float
    ) -> CellPrediction:
        """As the function of this name; cells keep to their limits.

        A value at its floor is its own prediction, as what lies below is never seen.
        """
        prediction = to_raw_scale(mean, variance, self.transforms, level)
        limited = LimitedCells.of_cells(mean, variance, known)
        if limited:
            prediction = limited.written_into(prediction, self.transforms)
        return self._with_categories(prediction, self._probabilities(mean, variance), known)

    def _of_draws(self, draws: FloatArray, known: Cells, level: float) -> CellPrediction:
        prediction = draws_to_raw_scale(draws, self.transforms, level)
        found = probabilities_of_draws(draws, self.categories, self.graph.names)
        return self._with_categories(prediction, found, known)

    def _probabilities(self, mean: FloatArray, variance: FloatArray) -> dict[str, FloatArray]:
        return probabilities_of_gaussians(mean, variance, self.categories, self.graph.names)

    def _with_categories(
        self, prediction: CellPrediction, found: dict[str, FloatArray], known: Cells
    ) -> CellPrediction:
        """Add the probabilities of levels to a prediction; known levels are their own."""
        if known.limits is not None:
            limits = known.limits
            signs = np.isfinite(limits.lower).astype(float) - np.isfinite(limits.upper)
            found = with_known_levels(found, signs, self.categories, self.graph.names)
        return replace(prediction, categories=found)

    def _raw_descriptors(self, table: PropertyTable) -> RawDescriptors:
        return raw_descriptors(
            table.compositions,
            table.descriptors,
            table.n_rows,
            table.source,
            table.composition_column,
        )


def _fit(
    prepared: PreparedTable, options: ModelOptions, progress: Progress | None
) -> FitResult | SampledFit:
    """Fit with the engine that the options and the links ask for."""
    random_state = np.random.default_rng([options.random_state, 1])
    if prepared.plan.is_linear and not options.must_sample:
        return fit(
            prepared.cells,
            prepared.layout,
            options.fit,
            random_state,
            progress,
            prepared.starts,
        )
    steps = count(1)
    return fit_by_sampling(
        prepared.cells,
        prepared.layout,
        prepared.plan,
        options.sampling,
        random_state,
        None if progress is None else lambda *_: progress(next(steps), np.nan),
    )


def _reservations(result: FitResult | SampledFit) -> tuple[str, ...]:
    """Return a plain warning where draws are not reliable yet."""
    if isinstance(result, FitResult):
        return ()
    warning = result.posterior.convergence.warning()
    return (warning,) if warning else ()


def _check_size(table: PropertyTable) -> None:
    n_cells = int(table.observed.sum())
    if n_cells > MOST_CELLS:
        raise TableError(
            f"{table.source}: {n_cells} values are known, and an exact joint model holds a square "
            f"matrix over all of them ({8e-9 * n_cells**2:.0f} GB). Up to {MOST_CELLS} can be "
            "used: keep the rows nearest to your question, or fewer of the properties that are "
            "known everywhere"
        )
