"""What usual methods see of a table: properties on customary scales, materials as numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hokan.descriptors import composition_statistics, element_fractions
from hokan.graph import Identity, Log, Transform
from hokan.table import PropertyTable

FloatArray = NDArray[np.float64]


def usual_transforms(table: PropertyTable) -> tuple[Transform, ...]:
    """Return the customary scale of each property: log where all known values are positive."""
    return tuple(
        Log() if (known := values[~np.isnan(values)]).size and (known > 0).all() else Identity()
        for values in table.values.T
    )


def descriptor_matrix(table: PropertyTable, fractions: bool = True) -> FloatArray:
    """Return everything known of a table's materials besides their properties.

    Composition statistics, the user's descriptors and (if asked for) element fractions, each with
    mean 0 and variance 1; constant columns are left out. Shape (n, d); d = 0 if there is nothing.
    """
    parts = [_statistics(table)]
    if table.descriptors is not None:
        parts.append(table.descriptors.to_numpy(dtype=np.float64))
    if table.compositions is not None and fractions:
        parts.append(element_fractions(table.compositions))
    columns = np.hstack(parts)
    mean, spread, varies = _spread(columns)
    return np.asarray((columns - mean)[:, varies] / spread[varies])


@dataclass(frozen=True, eq=False)
class CompositionComponents:
    """Compositions in a few numbers: principal components of their statistics.

    The statistics are standardised and projected on the directions in which they vary most
    (Jolliffe, Principal Component Analysis, 2002). A regression on all 132 of them would be
    hopeless in a table of a few hundred rows; one on ten components is not.

    Attributes
    ----------
    mean, spread : ndarray of shape (d,)
        What standardises the statistics; the spread of constant ones is infinite.
    directions : ndarray of shape (d, k)
        Orthonormal.
    """

    mean: FloatArray
    spread: FloatArray
    directions: FloatArray

    @classmethod
    def fit(cls, table: PropertyTable, n_components: int) -> CompositionComponents:
        """Find the directions: at most ``n_components``, none without compositions."""
        statistics = _statistics(table)
        mean, spread, varies = _spread(statistics)
        spread = np.where(varies, spread, np.inf)
        _, singular, right = np.linalg.svd((statistics - mean) / spread, full_matrices=False)
        n_told = int((singular > 1e-8 * singular.max(initial=0.0)).sum())
        return cls(mean, spread, right[: min(n_components, n_told)].T)

    @property
    def n_components(self) -> int:
        """Number of components, k."""
        return int(self.directions.shape[1])

    def of(self, table: PropertyTable) -> FloatArray:
        """Return the components of a table's rows, of shape (n, k)."""
        if not self.n_components:
            return np.empty((table.n_rows, 0))
        return np.asarray(((_statistics(table) - self.mean) / self.spread) @ self.directions)


def _statistics(table: PropertyTable) -> FloatArray:
    if table.compositions is None:
        return np.empty((table.n_rows, 0))
    return composition_statistics(table.compositions)


def _spread(columns: FloatArray) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """Return the mean and standard deviation of each column, and which ones vary."""
    spread = columns.std(axis=0)
    varies = spread > 1e-9 * np.maximum(1.0, np.abs(columns).max(axis=0, initial=0.0))
    return columns.mean(axis=0), spread, varies
