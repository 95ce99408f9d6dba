"""Functions known at a low and a high fidelity: where the answer is known, errors can be measured.

The usual examples of the literature on cokriging, as collected in the Virtual Library of Simulation
Experiments (Surjanovic & Bingham, https://www.sfu.ca/~ssurjano) and in the papers named with each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import qmc

from hokan.errors import TableError

FloatArray = NDArray[np.float64]
#: Inputs are the rows of an array of shape (d, n): one row for each coordinate.
_Formula = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class MultiFidelityFunction:
    """A function of d numbers at two fidelities.

    Attributes
    ----------
    name : str
        As the literature calls it.
    bounds : tuple of (float, float)
        Where each coordinate lies.
    source : str
        Where the two forms are from.
    """

    name: str
    bounds: tuple[tuple[float, float], ...]
    source: str
    _low: _Formula
    _high: _Formula

    @property
    def n_dim(self) -> int:
        """Number of coordinates, d."""
        return len(self.bounds)

    def low(self, points: ArrayLike) -> FloatArray:
        """Return the values of the cheap form at points of shape (n, d)."""
        return self._low(self._coordinates(points))

    def high(self, points: ArrayLike) -> FloatArray:
        """Return the values of the costly form at points of shape (n, d)."""
        return self._high(self._coordinates(points))

    def _coordinates(self, points: ArrayLike) -> FloatArray:
        found = np.asarray(points, dtype=np.float64)
        if found.ndim != 2 or found.shape[1] != self.n_dim:
            raise TableError(
                f"{self.name} takes points as an array of shape (n, {self.n_dim}); "
                f"got shape {found.shape}"
            )
        return found.T

    def design(self, n_points: int, random_state: int | np.random.Generator = 0) -> FloatArray:
        """Return points of a Latin hypercube within the bounds, shape (n_points, d)."""
        lower, upper = zip(*self.bounds, strict=True)
        unit = qmc.LatinHypercube(self.n_dim, rng=np.random.default_rng(random_state))
        return np.asarray(qmc.scale(unit.random(n_points), lower, upper))

    def table(
        self,
        n_low: int,
        n_high: int,
        *,
        nested: bool = True,
        random_state: int | np.random.Generator = 0,
    ) -> pd.DataFrame:
        """Return values at both fidelities, with holes.

        Parameters
        ----------
        n_low, n_high : int
            Number of values at each fidelity.
        nested : bool
            Whether the high values are at points where the low one is known as well. Then each
            point of a Latin hypercube of high values takes the place of the nearest point of one of
            low values (no two of the same). Otherwise there are two hypercubes, and no point has
            both values.
        random_state : int or Generator
            Same number, same table.

        Returns
        -------
        DataFrame
            Columns ``x1`` … ``xd``, ``low`` and ``high``; NaN where a value is not known.

        Raises
        ------
        TableError
            A count is below 1, or there are more high values than low ones in a nested table.
        """
        if min(n_low, n_high) < 1:
            raise TableError(
                f"n_low and n_high must be at least 1; got n_low = {n_low}, n_high = {n_high}"
            )
        if nested and n_high > n_low:
            raise TableError(
                f"a nested table has at least as many low values as high ones; got n_low = {n_low},"
                f" n_high = {n_high}"
            )
        rng = np.random.default_rng(random_state)
        high_points, low_points = self.design(n_high, rng), self.design(n_low, rng)
        if nested:
            widths = np.ptp(np.array(self.bounds), axis=1)
            _, replaced = linear_sum_assignment(cdist(high_points / widths, low_points / widths))
            low_points[replaced] = high_points
            points = low_points
            has_low, has_high = np.ones(n_low, dtype=bool), np.zeros(n_low, dtype=bool)
            has_high[replaced] = True
        else:
            points = np.concatenate([low_points, high_points])
            has_low = np.arange(n_low + n_high) < n_low
            has_high = ~has_low
        frame = pd.DataFrame(points, columns=[f"x{k + 1}" for k in range(self.n_dim)])
        frame["low"] = np.where(has_low, self.low(points), np.nan)
        frame["high"] = np.where(has_high, self.high(points), np.nan)
        return frame


def _forrester_high(x: FloatArray) -> FloatArray:
    return np.asarray((6.0 * x[0] - 2.0) ** 2 * np.sin(12.0 * x[0] - 4.0))


def _forrester_low(x: FloatArray) -> FloatArray:
    return np.asarray(0.5 * _forrester_high(x) + 10.0 * (x[0] - 0.5) - 5.0)


def _borehole(x: FloatArray, factor: float, offset: float) -> FloatArray:
    (
        borehole_radius,
        radius_of_influence,
        upper_transmissivity,
        upper_head,
        lower_transmissivity,
        lower_head,
        length,
        conductivity,
    ) = x
    logarithm = np.log(radius_of_influence / borehole_radius)
    resistance = 2.0 * length * upper_transmissivity
    resistance = resistance / (logarithm * borehole_radius**2 * conductivity)
    denominator = offset + resistance + upper_transmissivity / lower_transmissivity
    flow = factor * upper_transmissivity * (upper_head - lower_head)
    return np.asarray(flow / (logarithm * denominator))


def _currin_high(x: FloatArray) -> FloatArray:
    x1, x2 = x
    with np.errstate(divide="ignore"):
        falling = 1.0 - np.exp(-0.5 / x2)  # 1 at x2 = 0, its limit
    numerator = 2300.0 * x1**3 + 1900.0 * x1**2 + 2092.0 * x1 + 60.0
    return np.asarray(falling * numerator / (100.0 * x1**3 + 500.0 * x1**2 + 4.0 * x1 + 20.0))


def _currin_low(x: FloatArray) -> FloatArray:
    x1, x2 = x
    above, below = x2 + 0.05, np.maximum(0.0, x2 - 0.05)
    corners = [(x1 + 0.05, above), (x1 + 0.05, below), (x1 - 0.05, above), (x1 - 0.05, below)]
    return np.asarray(np.mean([_currin_high(np.array(corner)) for corner in corners], axis=0))


def _park1_high(x: FloatArray) -> FloatArray:
    x1, x2, x3, x4 = x
    # x1/2 (sqrt(1 + s / x1^2) - 1), written so that it has its limit at x1 = 0.
    root = 0.5 * (np.sqrt(x1**2 + (x2 + x3**2) * x4) - x1)
    return np.asarray(root + (x1 + 3.0 * x4) * np.exp(1.0 + np.sin(x3)))


def _park1_low(x: FloatArray) -> FloatArray:
    x1, x2, x3, _ = x
    stretched = (1.0 + 0.1 * np.sin(x1)) * _park1_high(x)
    return np.asarray(stretched - 2.0 * x1 + x2**2 + x3**2 + 0.5)


def _park2_high(x: FloatArray) -> FloatArray:
    x1, x2, x3, x4 = x
    return np.asarray(2.0 / 3.0 * np.exp(x1 + x2) - x4 * np.sin(x3) + x3)


def _park2_low(x: FloatArray) -> FloatArray:
    return 1.2 * _park2_high(x) - 1.0


def _branin_high(x: FloatArray) -> FloatArray:
    x1, x2 = x
    parabola = x2 - 5.1 / (4.0 * np.pi**2) * x1**2 + 5.0 / np.pi * x1 - 6.0
    return np.asarray(parabola**2 + 10.0 * (1.0 - 1.0 / (8.0 * np.pi)) * np.cos(x1) + 10.0)


def _branin_low(x: FloatArray) -> FloatArray:
    x1, x2 = x
    root = 10.0 * np.sqrt(_branin_high(x - 2.0))
    return np.asarray(root + 2.0 * (x1 - 0.5) - 3.0 * (3.0 * x2 - 1.0) - 1.0)


_UNIT = (0.0, 1.0)

#: ``(6x - 2)^2 sin(12x - 4)``; low: half of it and a straight line.
FORRESTER = MultiFidelityFunction(
    "Forrester",
    (_UNIT,),
    "Forrester, Sobester & Keane (2007), Proc. R. Soc. A 463, 3251, section 5",
    _forrester_low,
    _forrester_high,
)
#: Flow through a borehole, in m³/yr, from its radius, the radius of influence (m), transmissivity
#: (m²/yr) and head (m) of the upper and of the lower aquifer, its length (m) and its conductivity
#: (m/yr).
BOREHOLE = MultiFidelityFunction(
    "Borehole",
    (
        (0.05, 0.15),
        (100.0, 50_000.0),
        (63_070.0, 115_600.0),
        (990.0, 1110.0),
        (63.1, 116.0),
        (700.0, 820.0),
        (1120.0, 1680.0),
        (9855.0, 12_045.0),
    ),
    "Morris, Mitchell & Ylvisaker (1993); low form Xiong, Qian & Wu (2013), Technometrics 55, 37",
    lambda x: _borehole(x, 5.0, 1.5),
    lambda x: _borehole(x, 2.0 * np.pi, 1.0),
)
#: An exponential times a ratio of cubics; low: its mean over four points around.
CURRIN = MultiFidelityFunction(
    "Currin",
    (_UNIT, _UNIT),
    "Currin, Mitchell, Morris & Ylvisaker (1988); low form Xiong, Qian & Wu (2013)",
    _currin_low,
    _currin_high,
)
#: A square root and an exponential; low: stretched by up to 8 %, and a quadratic function.
PARK1 = MultiFidelityFunction(
    "Park 1",
    (_UNIT,) * 4,
    "Park (1991), Cox, Park & Singer (2001); low form Xiong, Qian & Wu (2013)",
    _park1_low,
    _park1_high,
)
#: ``2/3 exp(x1 + x2) - x4 sin(x3) + x3``; low: 1.2 times that, less 1.
PARK2 = MultiFidelityFunction(
    "Park 2",
    (_UNIT,) * 4,
    "Park (1991), Cox, Park & Singer (2001); low form Xiong, Qian & Wu (2013)",
    _park2_low,
    _park2_high,
)
#: Branin's function; low: ten times the square root of it two units off, and a plane, so that no
#: straight line leads from low to high.
BRANIN = MultiFidelityFunction(
    "Branin",
    ((-5.0, 10.0), (0.0, 15.0)),
    "Branin (1972), Dixon & Szego (1978); low form the medium level of Perdikaris, Raissi, "
    "Damianou, Lawrence & Karniadakis (2017), Proc. R. Soc. A 473, 20160751",
    _branin_low,
    _branin_high,
)

#: All of them, by name.
MULTIFIDELITY_FUNCTIONS = {
    function.name: function for function in (FORRESTER, CURRIN, BRANIN, PARK1, PARK2, BOREHOLE)
}
