"""Which cells are drawn, and how a drawn number becomes a cell.

A cell takes part where it is known, or where a descendant of it is known in its row: only then does
the data say anything about it beyond what its own model predicts ("barren" cells are drawn when
predictions are asked for). Of those that take part, cells known without error are given; all others
are drawn. A cell with limits is drawn on a scale without any.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from hokan.gp.kernels import FloatArray
from hokan.inference.truncation import log_probability_between

IndexArray = NDArray[np.int64]

#: Near a limit, a cell is drawn on a logarithmic scale; further away than this, on its own.
_BEND = 0.3
#: A first guess keeps this distance from a limit, or a quarter of the interval between two.
_INSIDE = 0.1


@dataclass(frozen=True)
class Bounds:
    """A map from all numbers to those within limits, element by element.

    With one limit, ``z = limit +- b softplus(u/b)``; with two, a logistic function between them.

    Parameters
    ----------
    lower, upper : ndarray of shape (m,)
        Minus or plus infinity where there is no limit.
    """

    lower: FloatArray
    upper: FloatArray

    def _cases(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        below, above = np.isfinite(self.lower), np.isfinite(self.upper)
        return below & ~above, above & ~below, below & above

    def to_cells(self, free: FloatArray) -> FloatArray:
        """Return cells (m, c) of free numbers (m, c)."""
        cells = free.copy()
        only_lower, only_upper, both = self._cases()
        lower, upper = self.lower[:, None], self.upper[:, None]
        cells[only_lower] = lower[only_lower] + _BEND * _softplus(free[only_lower] / _BEND)
        cells[only_upper] = upper[only_upper] - _BEND * _softplus(-free[only_upper] / _BEND)
        cells[both] = lower[both] + (upper - lower)[both] * expit(free[both])
        return cells

    def to_free(self, cells: FloatArray) -> FloatArray:
        """Return free numbers (m, c) of cells (m, c), which are moved inside their limits."""
        free = cells.copy()
        only_lower, only_upper, both = self._cases()
        lower, upper = self.lower[:, None], self.upper[:, None]
        free[only_lower] = _BEND * _inverse_softplus((cells - lower)[only_lower] / _BEND)
        free[only_upper] = -_BEND * _inverse_softplus((upper - cells)[only_upper] / _BEND)
        share = np.clip((cells - lower)[both] / (upper - lower)[both], 1e-3, 1.0 - 1e-3)
        free[both] = np.log(share) - np.log1p(-share)
        return free

    def slopes(self, free: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return what the change of scale does to a density, each of shape (m, c).

        Returns
        -------
        slope : ndarray
            Of the map.
        log_slope, gradient, curvature : ndarray
            Logarithm of the slope, its derivative, and its second derivative with the sign turned,
            which is never negative.
        """
        slope, log_slope = np.ones_like(free), np.zeros_like(free)
        gradient, curvature = np.zeros_like(free), np.zeros_like(free)
        only_lower, only_upper, both = self._cases()
        for rows, sign in ((only_lower, 1.0), (only_upper, -1.0)):
            scaled = sign * free[rows] / _BEND
            share = expit(scaled)
            slope[rows], log_slope[rows] = share, -_softplus(-scaled)
            gradient[rows] = sign * (1.0 - share) / _BEND
            curvature[rows] = share * (1.0 - share) / _BEND**2
        share = expit(free[both])
        width = (self.upper - self.lower)[both][:, None]
        slope[both] = width * share * (1.0 - share)
        log_slope[both] = np.log(width) - _softplus(free[both]) - _softplus(-free[both])
        gradient[both] = 1.0 - 2.0 * share
        curvature[both] = 2.0 * share * (1.0 - share)
        return slope, log_slope, gradient, curvature


def soft_limits(
    cells: FloatArray, variance: FloatArray, lower: FloatArray, upper: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return what it says of cells that, with an error of some variance, they lie between limits.

    Parameters
    ----------
    cells, variance, lower, upper : ndarray
        Of shapes that broadcast; infinite where there is no limit.

    Returns
    -------
    energy, gradient : ndarray
        Minus the log probability, and its derivative.
    """
    inside = log_probability_between(cells, variance, lower, upper)
    deviation = np.sqrt(variance)
    gradient = np.zeros_like(cells)
    for limit, sign in ((lower, 1.0), (upper, -1.0)):
        distance = (limit - cells) / deviation
        density = np.exp(-0.5 * distance**2 - inside) / np.sqrt(2.0 * np.pi)
        gradient -= sign * density / deviation
    return -inside, gradient


def well_inside(cells: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Return cells moved away from their limits, to where the free scale is neither flat nor steep.

    Parameters
    ----------
    cells, lower, upper : ndarray
        Of shapes that broadcast; infinite where there is no limit.
    """
    margin = np.minimum(_INSIDE, 0.25 * (upper - lower))
    return np.asarray(np.clip(cells, lower + margin, upper - margin))


def _softplus(x: FloatArray) -> FloatArray:
    return np.asarray(np.logaddexp(0.0, x))


def _inverse_softplus(y: FloatArray) -> FloatArray:
    y = np.maximum(y, 1e-2)
    return np.asarray(y + np.log(-np.expm1(-y)))


def takes_part(known: NDArray[np.bool_], parent_mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which cells take part: known ones and all their ancestors, shape (n, p)."""
    needed = known.copy()
    for _ in range(len(parent_mask)):
        needed |= needed @ parent_mask
    return needed


class Unknowns:
    """The cells of a table that are drawn, and those that are given.

    Parameters
    ----------
    values : ndarray of shape (n, p)
        Known values, NaN elsewhere and where only limits are known.
    noise_variance : ndarray of shape (n, p)
        Of their measurement errors; 0: known exactly.
    lower, upper : ndarray of shape (n, p)
        Limits, infinite where there is none.
    limit_noise_variance : ndarray of shape (n, p)
        Variance of the error of what is limited.
    parent_mask : ndarray of shape (p, p) of bool

    Attributes
    ----------
    rows : list of ndarray
        For each property, the rows where it takes part, in order.
    drawn_rows, drawn_properties : ndarray of shape (m,)
        The drawn cells, property after property.
    """

    def __init__(
        self,
        values: FloatArray,
        noise_variance: FloatArray,
        lower: FloatArray,
        upper: FloatArray,
        limit_noise_variance: FloatArray,
        parent_mask: NDArray[np.bool_],
    ) -> None:
        limited = np.isfinite(lower) | np.isfinite(upper)
        measured = np.isfinite(values)
        part = takes_part(measured | limited, parent_mask)
        exact = measured & (noise_variance == 0)
        self.shape = values.shape
        self.given = np.where(exact, values, 0.0)
        #: Measured values, NaN elsewhere, the variance of their errors, and limits, infinite where
        #: there is none, each (n, p).
        self.measured_table = values
        self.noise_table = noise_variance
        self.lower, self.upper = lower, upper
        self.rows = [np.flatnonzero(column) for column in part.T]
        drawn = part & ~exact
        where = np.nonzero(drawn.T)
        self.drawn_properties, self.drawn_rows = where[0], where[1]
        here = self.drawn_rows, self.drawn_properties
        noisy = measured[here]
        #: Which drawn cells have a measured value, the values, and the variance of their errors.
        self.measured = np.flatnonzero(noisy)
        self.measured_values = values[here][noisy]
        self.measured_variance = noise_variance[here][noisy]
        erroneous = limited[here] & (limit_noise_variance[here] > 0)
        #: Drawn cells whose limits hold for what was measured, error included.
        self.softly_limited = np.flatnonzero(erroneous)
        self.soft_lower = lower[here][erroneous]
        self.soft_upper = upper[here][erroneous]
        self.soft_deviation = np.sqrt(limit_noise_variance[here][erroneous])
        self.bounds = Bounds(
            np.where(erroneous, -np.inf, lower[here]), np.where(erroneous, np.inf, upper[here])
        )

    @property
    def free(self) -> NDArray[np.bool_]:
        """Which drawn cells nothing but their model speaks for: no value, no limit; shape (m,)."""
        free = ~(np.isfinite(self.bounds.lower) | np.isfinite(self.bounds.upper))
        free[self.measured] = False
        free[self.softly_limited] = False
        return free

    @property
    def n_drawn(self) -> int:
        """Number of drawn cells."""
        return len(self.drawn_rows)

    def complete(self, cells: FloatArray) -> FloatArray:
        """Put drawn cells (m, c) into tables (p, n, c), 0 where a cell takes no part."""
        tables = np.repeat(self.given.T[:, :, None], cells.shape[1], axis=2)
        tables[self.drawn_properties, self.drawn_rows] = cells
        return tables
