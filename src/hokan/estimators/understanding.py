"""What a fitted estimator learned, and which values it finds suspicious."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from hokan.errors import HokanError
from hokan.estimators.constraints import PROBABILITY
from hokan.estimators.inputs import InputForm
from hokan.estimators.results import check_interval, each_known_cell
from hokan.graph import PropertyGraph
from hokan.graph.link_curve import LinkCurve
from hokan.model import (
    CellPrediction,
    HierarchyModel,
    learned_constants,
    learned_deviations,
    learned_links,
    link_curves,
)
from hokan.table import PropertyTable


class Understanding:
    """What can be asked of a fitted estimator besides predictions.

    The estimator has, once it is fitted: ``model_``, ``table_``, ``graph_`` and ``level``.
    """

    model_: HierarchyModel
    table_: PropertyTable
    graph_: PropertyGraph
    level: float
    _form: InputForm
    _cells: Callable[[PropertyTable, float | None, tuple[str, ...]], CellPrediction]

    @property
    def links_(self) -> pd.DataFrame:
        """The coefficient of every link; see :func:`hokan.model.learned_links`."""
        check_is_fitted(self)
        return learned_links(self.model_)

    @property
    def constants_(self) -> pd.DataFrame:
        """The fitted constants of formulas; see :func:`hokan.model.learned_constants`."""
        check_is_fitted(self)
        return learned_constants(self.model_)

    @property
    def deviations_(self) -> pd.DataFrame:
        """How far materials lie from what parents and descriptors say of them.

        See :func:`hokan.model.learned_deviations`.
        """
        check_is_fitted(self)
        return learned_deviations(self.model_)

    def link_curves(self, *, level: float | None = None) -> list[LinkCurve]:
        """Return every link as a curve with its band, for :func:`hokan.plots.links`.

        Parameters
        ----------
        level : float, optional
            Probability of the bands, instead of the estimator's.

        Returns
        -------
        list of LinkCurve
            See :func:`hokan.model.link_curves`.
        """
        check_is_fitted(self)
        level = check_interval(self.level if level is None else level)
        return link_curves(self.model_, self.table_, level)

    def quantiles(
        self,
        probabilities: Iterable[float] = (0.05, 0.25, 0.5, 0.75, 0.95),
        table: pd.DataFrame | PropertyTable | None = None,
    ) -> dict[float, pd.DataFrame]:
        """Return quantiles of every cell, where a median and an interval say too little.

        Distributions may be skewed; those that the sampling engine draws may have two humps.

        Parameters
        ----------
        probabilities : iterable of float
            Each between 0 and 1.
        table : DataFrame or PropertyTable, optional
            New rows, as for ``fill``; by default the training table.

        Returns
        -------
        dict of float to DataFrame
            For each probability a column for each modelled property, on the raw scale, with the
            index of the rows. A value known without error is its own quantile.
        """
        check_is_fitted(self)
        table = self.table_ if table is None else self._form.read_rows(table, add_missing=True)
        names = tuple(name for name in table.property_names if name in self.graph_.names)
        found = {}
        by_level: dict[float, CellPrediction] = {}
        for probability in probabilities:
            if not PROBABILITY.holds(probability):
                expected = PROBABILITY.expected
                raise HokanError(f"probabilities must each be {expected}; found {probability!r}")
            # The ends of the central interval that leaves this much, or as much beyond it, out.
            level = abs(1.0 - 2.0 * probability)
            # Both ends of an interval come from one prediction.
            cells = by_level.get(round(level, 12))
            if cells is None:
                cells = by_level[round(level, 12)] = self._cells(table, level or 0.5, names)
            end = cells.median
            if level:
                end = cells.lower if probability < 0.5 else cells.upper
            found[float(probability)] = pd.DataFrame(
                end, columns=list(names), index=table.frame.index
            )
        return found

    def leave_one_out(self, *, level: float | None = None) -> pd.DataFrame:
        """Predict each known value of the training table from all the others, without refitting.

        Parameters
        ----------
        level : float, optional
            Probability of the intervals, instead of the estimator's.

        Returns
        -------
        DataFrame
            A line for each known value of a modelled property: ``row`` (label in the index of the
            table), the composition column if there is one, ``property``, ``observed``,
            ``predicted``, ``std``, ``lower``, ``upper``, and ``surprise``: by how many standard
            deviations the observed value lies above its prediction, on the transformed scale.
            Where model and data agree, surprises are standard normal.
        """
        check_is_fitted(self)
        found = self.model_.leave_one_out(check_interval(self.level if level is None else level))
        return each_known_cell(self.table_, found, self.graph_.names)

    def suspicious_values(self, threshold: float = 3.5) -> pd.DataFrame:
        """Return the known values that look wrong, the most surprising first.

        A surprise says that a value disagrees with all others: the value may be wrong, one of its
        relatives may be, or the material may be special. Look them up before you remove any.

        Parameters
        ----------
        threshold : float
            Smallest surprise, in standard deviations either way, that is listed. Of 2000 sound
            values, about one is expected beyond 3.5.

        Returns
        -------
        DataFrame
            Lines of :meth:`leave_one_out`.
        """
        if not threshold >= 0:
            raise HokanError(f"threshold must be 0 or more; found {threshold!r}")
        every = self.leave_one_out()
        size = every["surprise"].abs()
        order = np.argsort(-size.to_numpy(), kind="stable")
        return every.iloc[order][(size >= threshold).iloc[order]].reset_index(drop=True)
