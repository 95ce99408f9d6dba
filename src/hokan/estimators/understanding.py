"""What a fitted estimator learned, and which values it finds suspicious."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from hokan.errors import HokanError
from hokan.estimators.results import check_interval, each_known_cell
from hokan.graph import PropertyGraph
from hokan.graph.link_curve import LinkCurve
from hokan.model import (
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
