"""What usual methods see of a table: properties on customary scales, materials as numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hokan.descriptors import composition_statistics, element_fractions
from hokan.errors import HokanError
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
    columns = _descriptor_columns(table, fractions)
    mean, spread, varies = _spread(columns)
    return np.asarray((columns - mean)[:, varies] / spread[varies])


@dataclass(frozen=True, eq=False)
class PrincipalComponents:
    """Descriptors in fewer numbers: what varies most in them.

    Composition statistics and the user's descriptors are standardised and projected on the
    directions of most variance (Jolliffe, Principal Component Analysis, 2002); a regression on 132
    statistics of a few hundred rows would be hopeless, one on ten components is not.

    Attributes
    ----------
    mean, spread : ndarray of shape (d,)
        What standardises descriptors; the spread of constant ones is infinite.
    directions : ndarray of shape (d, k)
        Orthonormal.
    """

    mean: FloatArray
    spread: FloatArray
    directions: FloatArray

    @classmethod
    def fit(cls, table: PropertyTable, n_components: int) -> PrincipalComponents:
        """Find the directions; no more than there are rows or varying descriptors.

        Raises
        ------
        HokanError
            If ``n_components`` is negative.
        """
        if n_components < 0:
            raise HokanError(f"n_components must be at least 0; found {n_components}")
        columns = _descriptor_columns(table, fractions=False)
        mean, spread, varies = _spread(columns)
        spread = np.where(varies, spread, np.inf)
        _, singular, right = np.linalg.svd((columns - mean) / spread, full_matrices=False)
        n_told = int((singular > 1e-8 * singular.max(initial=0.0)).sum())
        return cls(mean, spread, right[: min(n_components, n_told)].T)

    def of(self, table: PropertyTable) -> FloatArray:
        """Return the components of a table's rows, of shape (n, k)."""
        columns = _descriptor_columns(table, fractions=False)
        return np.asarray(((columns - self.mean) / self.spread) @ self.directions)


def _descriptor_columns(table: PropertyTable, fractions: bool) -> FloatArray:
    parts = [np.empty((table.n_rows, 0))]
    if table.compositions is not None:
        parts.append(composition_statistics(table.compositions))
    if table.descriptors is not None:
        parts.append(table.descriptors.to_numpy(dtype=np.float64))
    if table.compositions is not None and fractions:
        parts.append(element_fractions(table.compositions))
    return np.hstack(parts)


def _spread(columns: FloatArray) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """Return the mean and standard deviation of each column, and which ones vary."""
    spread = columns.std(axis=0)
    varies = spread > 1e-9 * np.maximum(1.0, np.abs(columns).max(axis=0, initial=0.0))
    return columns.mean(axis=0), spread, varies
