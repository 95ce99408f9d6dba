"""Predictions of cells of which limits are known keep to them.

The exact engine holds such a cell as a Gaussian with the right mean and variance, which reaches a
little beyond the limit. What is reported is the truncated Gaussian behind it. A limit with a
measurement error is one on the erroneous value, and the value itself may lie beyond.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from hokan.gp.kernels import FloatArray
from hokan.graph import StandardisedTransform
from hokan.inference.cells import Cells, Limits
from hokan.inference.truncation import truncated_moments, truncated_quantile
from hokan.model.prediction import CellPrediction

#: Without its limits, a cell varies at most by so many times more than with them. Rounding leaves
#: nothing of a difference between precisions that are closer.
_MOST_WIDENING = 1e4
#: Where truncation does not give back the moments of the cell to so many of its standard
#: deviations, its quantiles are those of the Gaussian, cut at the limits.
_AGREEMENT = 0.3
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)
_SHARES, _SHARE_WEIGHTS = 0.5 * (_NODES + 1.0), 0.5 * _WEIGHTS


@dataclass(frozen=True)
class LimitedCells:
    """Cells with limits among predicted ones, in standardised transformed units.

    Attributes
    ----------
    where : tuple of ndarray
        Rows and columns, each of shape (m,): where a limit holds for the value itself.
    mean, variance : ndarray of shape (m,)
        Of the Gaussian that the engine holds.
    free_mean, free_variance : ndarray of shape (m,)
        Of the Gaussian that the limits truncate.
    lower, upper : ndarray of shape (m,)
        The limits.
    """

    where: tuple[NDArray[np.int64], NDArray[np.int64]]
    mean: FloatArray
    variance: FloatArray
    free_mean: FloatArray
    free_variance: FloatArray
    lower: FloatArray
    upper: FloatArray

    @classmethod
    def among(
        cls,
        mean: FloatArray,
        variance: FloatArray,
        limits: Limits,
        site_mean: FloatArray,
        site_variance: FloatArray,
    ) -> LimitedCells:
        """Take the limited cells out of predictions, arrays of shape (n, p).

        Parameters
        ----------
        mean, variance : ndarray
            Predictions given everything.
        limits : Limits
            With all measurement error in their noise variance, given and learned.
        site_mean, site_variance : ndarray
            The Gaussian observations that stand for limits; read only where there are some.
        """
        rows, columns = np.nonzero(limits.here & (limits.noise_variance == 0))
        where = rows.astype(np.int64), columns.astype(np.int64)
        m, v = mean[where], np.maximum(variance[where], 1e-300)
        seen, noise = site_mean[where], site_variance[where]
        precision = np.maximum(1.0 / v - 1.0 / noise, 1.0 / (_MOST_WIDENING * v))
        free = (m / v - seen / noise) / precision
        return cls(where, m, v, free, 1.0 / precision, limits.lower[where], limits.upper[where])

    @classmethod
    def of_cells(cls, mean: FloatArray, variance: FloatArray, cells: Cells) -> LimitedCells | None:
        """Take the limited cells out of predictions of shape (n, p); None if no limit is known.

        Parameters
        ----------
        mean, variance : ndarray
            Predictions given everything.
        cells : Cells
            What is known, with all measurement error, and with what stands for limits.
        """
        if cells.limits is None:
            return None
        return cls.among(mean, variance, cells.limits, cells.values, cells.noise_variance)

    def quantile(self, share: FloatArray | float) -> FloatArray:
        """Return quantiles between the limits; ``share`` has shape (..., m) or is a number."""
        exact = truncated_quantile(
            share, self.free_mean, self.free_variance, self.lower, self.upper
        )
        unlimited = np.full(self.mean.shape, np.inf)
        rough = truncated_quantile(share, self.mean, self.variance, -unlimited, unlimited)
        return np.where(self._agrees, exact, np.clip(rough, self.lower, self.upper))

    @property
    def _agrees(self) -> NDArray[np.bool_]:
        mean, left = truncated_moments(self.free_mean, self.free_variance, self.lower, self.upper)
        moved = np.abs(mean - self.mean) / np.sqrt(self.variance)
        scaled = np.abs(0.5 * np.log(left * self.free_variance / self.variance))
        return np.asarray((moved < _AGREEMENT) & (scaled < _AGREEMENT))

    def written_into(
        self,
        prediction: CellPrediction,
        transforms: tuple[StandardisedTransform, ...],
    ) -> CellPrediction:
        """Return predictions on the raw scale in which these cells keep to their limits."""
        arrays = {
            name: getattr(prediction, name).copy() for name in ("median", "std", "lower", "upper")
        }
        tail = 0.5 * (1.0 - prediction.level)
        ends = {"median": 0.5, "lower": tail, "upper": 1.0 - tail}
        standardised = {name: self.quantile(share) for name, share in ends.items()}
        spread = self.quantile(_SHARES[:, None])
        rows, columns = self.where
        for j in np.unique(columns):
            here = columns == j
            place = rows[here], j
            for name, quantiles in standardised.items():
                arrays[name][place] = transforms[j].inverse(quantiles[here])
            raw = transforms[j].inverse(spread[:, here])
            centre = _SHARE_WEIGHTS @ raw
            arrays["std"][place] = np.sqrt(_SHARE_WEIGHTS @ (raw - centre) ** 2)
        return CellPrediction(**arrays, level=prediction.level, zero=prediction.zero)

    def move_draws(self, draws: FloatArray) -> None:
        """Move draws of completed tables, shape (n_samples, n, p), between the limits, in place.

        A draw keeps its rank: the more it lay above its mean, the more it does afterwards.
        """
        drawn = draws[:, self.where[0], self.where[1]]
        share = ndtr((drawn - self.mean) / np.sqrt(self.variance))
        draws[:, self.where[0], self.where[1]] = self.quantile(share)
