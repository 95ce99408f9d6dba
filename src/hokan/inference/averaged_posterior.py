"""Predictions averaged over parameters that the data cannot tell apart.

From few values, the most probable parameters are only one choice among many, and intervals that
take them for granted are too narrow. Averaging over draws of the parameters adds what is uncertain
about them.
"""

from __future__ import annotations

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels import FloatArray
from hokan.inference.cells import Cells
from hokan.inference.conditioning import condition
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.inference.posterior import CellDistribution, Posterior
from hokan.inference.rows import RowDistribution


class AveragedPosterior:
    """An equal mixture of the posteriors of several draws of the parameters.

    Means and variances are those of the mixture: variances are the mean variance plus the variance
    of the means (law of total variance). Functions without noise are the exception: their means are
    those at the most probable parameters, about which draws are spread. A draw that is
    hardly less probable may be far off between the values, and so would the mean of a few draws.

    Parameters
    ----------
    cells : Cells
        The standardised training table.
    layout : ParameterLayout
        Kernels and graph.
    parameters : HierarchyParameters
        The most probable parameters, to be told; not one of the draws.
    draws : tuple of HierarchyParameters
        At least one.

    Attributes
    ----------
    members : tuple of Posterior
        The posterior at each of the draws.
    """

    def __init__(
        self,
        cells: Cells,
        layout: ParameterLayout,
        parameters: HierarchyParameters,
        draws: tuple[HierarchyParameters, ...],
    ) -> None:
        if not draws:
            raise ValueError("an average needs at least one draw of the parameters")
        self.cells = cells
        self.layout = layout
        self.parameters = parameters
        self.draws = tuple(draws)
        self.members: tuple[Posterior, ...] = tuple(
            condition(cells, layout, draw) for draw in self.draws
        )
        functions = layout.material_variance_prior is None
        self._centre = condition(cells, layout, parameters) if functions else None

    @property
    def noise_variances(self) -> FloatArray:
        """Variances of the measurement errors learned, shape (p,)."""
        return self.parameters.noise_variances

    def training_cells(self) -> CellDistribution:
        """Every cell of the training table given all observed ones."""
        centre = self._centre.training_cells() if self._centre else None
        return _average([member.training_cells() for member in self.members], centre)

    def leave_one_out(self) -> CellDistribution:
        """Each observed cell from all others."""
        centre = self._centre.leave_one_out() if self._centre else None
        return _average([member.leave_one_out() for member in self.members], centre)

    def new_rows(self, features: MaterialFeatures) -> RowDistribution:
        """Predict new materials given the training table, before their own values."""
        rows = [member.new_rows(features) for member in self.members]
        means = np.array([row.mean for row in rows])
        mean = self._centre.new_rows(features).mean if self._centre else means.mean(axis=0)
        between = np.einsum("dnj,dnk->njk", means - mean, means - mean) / len(rows)
        within = np.mean([row.covariance for row in rows], axis=0)
        return RowDistribution(mean, within + between)

    def sample_training_cells(
        self, n_samples: int, random_state: np.random.Generator
    ) -> FloatArray:
        """Draw completed tables jointly, shape (n_samples, n, p); each from one draw at random."""
        members = random_state.integers(len(self.members), size=n_samples)
        samples = np.empty((n_samples, *self.cells.values.shape))
        for number in np.unique(members):
            chosen = members == number
            samples[chosen] = self.members[number].sample_training_cells(
                int(chosen.sum()), random_state
            )
        return samples


def _average(
    cells: list[CellDistribution], centre: CellDistribution | None = None
) -> CellDistribution:
    means = np.array([cell.mean for cell in cells])
    # As it is written, the common value comes out exactly where all agree.
    average = means[0] + (means - means[0]).mean(axis=0)
    mean = average if centre is None else centre.mean
    within = np.mean([cell.variance for cell in cells], axis=0)
    return CellDistribution(mean, within + np.mean((means - mean) ** 2, axis=0))
