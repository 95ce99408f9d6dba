"""What every engine offers once it is fitted: one interface for exact and sampled posteriors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels import FloatArray
from hokan.inference.cells import Cells
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.inference.rows import RowDistribution


@dataclass(frozen=True)
class CellDistribution:
    """Independent Gaussians of every cell of a table, in standardised transformed units.

    Attributes
    ----------
    mean, variance : ndarray of shape (n, p)
    """

    mean: FloatArray
    variance: FloatArray


class Posterior(Protocol):
    """A fitted model of a table.

    All values are in standardised transformed units, and are those of the material: measurement
    error is not in them.
    """

    cells: Cells
    layout: ParameterLayout
    parameters: HierarchyParameters

    @property
    def noise_variances(self) -> FloatArray:
        """Variances of the measurement errors learned, shape (p,)."""

    @property
    def members(self) -> tuple[Posterior, ...]:
        """The posteriors, each at parameters of its own, of which this is an equal mixture.

        Itself alone, where the parameters are taken for known.
        """

    def training_cells(self) -> CellDistribution:
        """Every cell of the training table given all observed ones.

        A cell observed without measurement error has its own value, with variance 0.
        """

    def new_rows(self, features: MaterialFeatures) -> RowDistribution:
        """Predict new materials given the training table, before their own values."""

    def leave_one_out(self) -> CellDistribution:
        """Each observed cell predicted from all others, its measurement error included.

        NaN where nothing is observed.
        """

    def sample_training_cells(
        self, n_samples: int, random_state: np.random.Generator
    ) -> FloatArray:
        """Draw completed tables jointly, shape (n_samples, n, p)."""
