"""How one parent acts on its child: a straight line, a curve, or a line that chemistry bends.

These links are linear in their weights: ``g(z, x) = basis(z, x) w``. The first weight is the slope
of a straight line. A smooth link adds a curve, a Gaussian process of the parent's value in its
reduced-rank form: sines whose prior variances follow from the spectral density of a Matern-5/2
kernel (Solin and Sarkka, Statistics and Computing 30, 2020), so that its hyperparameters never
change the basis. A joint link adds to both a slope that depends on the material,
``z b(x)`` with ``b`` a Gaussian process over the descriptors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hokan.gp.kernels import FloatArray, LogNormalPrior

LINK_KINDS = ("linear", "smooth", "joint")

#: Sines of a curve. They resolve lengthscales down to about ``reach / 6``.
N_SINES = 16
#: The sines live on an interval longer than the values by this factor: they vanish at its ends.
_MARGIN = 1.4
#: Beyond the reach the curve stays what it is there, and the straight line goes on.
_LEAST_REACH, _MOST_REACH = 2.5, 6.0

#: So few are computed one by one faster than by recurrence.
_FEW_ANGLES = 400

_CURVE_VARIANCE = LogNormalPrior(median=0.05, spread=1.5)
_CURVE_LENGTHSCALE = LogNormalPrior(median=1.0, spread=0.7)
_CHEMISTRY_VARIANCE = LogNormalPrior(median=0.05, spread=1.5)


@dataclass(frozen=True)
class Link:
    """A link and the prior of its weights, in standardised transformed units.

    Parameters
    ----------
    parent : int
        Number of the property that acts.
    kind : {"linear", "smooth", "joint"}
    mean, spread : float
        Normal prior of the slope of the straight line.
    reach : float
        The curve is one of parent values within plus or minus this.
    n_directions : int
        How many functions of the descriptors a joint link bends along; 0 for others.
    """

    parent: int
    kind: str
    mean: float
    spread: float
    reach: float = _LEAST_REACH
    n_directions: int = 0

    @property
    def parents(self) -> tuple[int, ...]:
        """The property that acts."""
        return (self.parent,)

    @staticmethod
    def reach_of(values: FloatArray) -> float:
        """Return the reach that suits known values of a parent."""
        known = values[np.isfinite(values)]
        largest = float(np.abs(known).max(initial=0.0))
        return float(np.clip(1.05 * largest, _LEAST_REACH, _MOST_REACH))

    @property
    def is_curved(self) -> bool:
        """Whether there is more than a straight line."""
        return self.kind != "linear"

    @property
    def depends_on_material(self) -> bool:
        """Whether materials differ in how the parent acts."""
        return self.kind == "joint"

    @property
    def hyperparameter_priors(self) -> tuple[LogNormalPrior, ...]:
        """Priors of variance and lengthscale of the curve, and variance of the slope's share."""
        if self.kind == "linear":
            return ()
        curve = (_CURVE_VARIANCE, _CURVE_LENGTHSCALE)
        return (*curve, _CHEMISTRY_VARIANCE) if self.depends_on_material else curve

    @property
    def n_weights(self) -> int:
        """Number of weights."""
        return 1 + (N_SINES if self.is_curved else 0) + self.n_directions

    @property
    def prior_mean(self) -> FloatArray:
        """Prior mean of the weights, shape (r,)."""
        mean = np.zeros(self.n_weights)
        mean[0] = self.mean
        return mean

    @property
    def _half_width(self) -> float:
        return _MARGIN * self.reach

    @property
    def amplitude(self) -> float:
        """What sines are multiplied with, so that they are orthonormal."""
        return float(1.0 / np.sqrt(self._half_width))

    @property
    def frequencies(self) -> FloatArray:
        """Angular frequency of every sine, shape (b,)."""
        return np.asarray(np.pi * np.arange(1, N_SINES + 1) / (2.0 * self._half_width))

    def prior_variance(self, log_hyperparameters: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the prior variance of every weight, and its derivatives.

        Returns
        -------
        variance : ndarray of shape (r,)
        derivatives : ndarray of shape (h, r)
            With respect to each logarithm.

        Notes
        -----
        Spectral density of the Matern-5/2 kernel in one dimension (Rasmussen & Williams 2006,
        eq. 4.15): ``v 16/3 k^5 / (k^2 + w^2)^3`` with ``k = sqrt(5)/l``.
        """
        variance = np.zeros(self.n_weights)
        derivatives = np.zeros((len(self.hyperparameter_priors), self.n_weights))
        variance[0] = self.spread**2
        if not self.is_curved:
            return variance, derivatives
        sines = slice(1, 1 + N_SINES)
        rate = np.sqrt(5.0) * np.exp(-log_hyperparameters[1])
        total = rate**2 + self.frequencies**2
        variance[sines] = np.exp(log_hyperparameters[0]) * 16.0 / 3.0 * rate**5 / total**3
        derivatives[0, sines] = variance[sines]
        derivatives[1, sines] = variance[sines] * (6.0 * rate**2 / total - 5.0)
        if self.depends_on_material:
            along = slice(1 + N_SINES, None)
            variance[along] = np.exp(log_hyperparameters[2])
            derivatives[2, along] = variance[along]
        return variance, derivatives

    def at(self, values: Sequence[FloatArray], directions: FloatArray) -> LinkAt:
        """Return the link at parent values.

        Parameters
        ----------
        values : sequence of one ndarray of shape (n, c)
            Of n materials in c chains.
        directions : ndarray of shape (n, m)
            Of the materials; read by joint links only.
        """
        return self._at(values[0], directions)

    def _at(self, values: FloatArray, directions: FloatArray) -> LinkAt:
        none = np.zeros((0, *values.shape))
        if not self.is_curved:
            return LinkAt(self, values, directions, none, none)
        clipped = np.clip(values, -self.reach, self.reach)
        angle = np.pi * (clipped + self._half_width) / (2.0 * self._half_width)
        sines, cosines = _sines_and_cosines(angle)
        cosines *= clipped == values
        return LinkAt(self, values, directions, sines, cosines)

    def turns_back(self, weights: FloatArray) -> bool:
        """Whether one value of the child may belong to several of the parent, in some chain.

        Looked for along the curve; of a joint link, for the material in the middle.
        """
        if not self.is_curved:
            return False
        values = np.linspace(-self.reach, self.reach, 80)[:, None]
        nowhere = np.zeros((len(values), self.n_directions))
        repeated = np.repeat(values, weights.shape[1], axis=1)
        slope = self._at(repeated, nowhere).slopes(weights)[0]
        return bool(((slope.min(axis=0) < 0) & (slope.max(axis=0) > 0)).any())


@dataclass(frozen=True)
class LinkAt:
    """A link at given parent values.

    Attributes
    ----------
    link : Link
    values : ndarray of shape (n, c)
    directions : ndarray of shape (n, m)
    sines, cosines : ndarray of shape (b, n, c)
        Of the multiples of the angle of each value; none where the link is straight.
    """

    link: Link
    values: FloatArray
    directions: FloatArray
    sines: FloatArray
    cosines: FloatArray

    def _line(self, weights: FloatArray) -> FloatArray:
        """Return the slope of the straight line, shape (1, c) or (n, c)."""
        if not self.link.depends_on_material:
            return weights[:1]
        return np.asarray(weights[0] + self.directions @ weights[1 + N_SINES :])

    def value(self, weights: FloatArray) -> FloatArray:
        """Return what the link gives with weights (r, c), shape (n, c)."""
        result = self.values * self._line(weights)
        if self.link.is_curved:
            amplitudes = weights[1 : 1 + N_SINES] * self.link.amplitude
            result += np.einsum("bnc,bc->nc", self.sines, amplitudes)
        return np.asarray(result)

    def slopes(self, weights: FloatArray) -> tuple[FloatArray, ...]:
        """Return the derivative with respect to the parent, shape (n, c)."""
        slope = self._line(weights)
        if self.link.is_curved:
            amplitudes = weights[1 : 1 + N_SINES] * self.link.amplitude
            amplitudes = amplitudes * self.link.frequencies[:, None]
            slope = slope + np.einsum("bnc,bc->nc", self.cosines, amplitudes)
        return (np.broadcast_to(slope, self.values.shape),)

    def project(self, weights: FloatArray, forces: FloatArray) -> FloatArray:
        """Return ``basis' forces`` of every chain, shape (r, c), for forces (n, c)."""
        rows = [np.einsum("nc,nc->c", self.values, forces)[None]]
        if self.link.is_curved:
            rows.append(np.einsum("bnc,nc->bc", self.sines, forces) * self.link.amplitude)
        if self.link.depends_on_material:
            rows.append(self.directions.T @ (self.values * forces))
        return np.concatenate(rows)

    def basis(self, weights: FloatArray) -> FloatArray:
        """Return the derivatives by the weights in the first chain, shape (n, r)."""
        columns = [self.values[:, :1]]
        if self.link.is_curved:
            columns.append(self.sines[:, :, 0].T * self.link.amplitude)
        if self.link.depends_on_material:
            columns.append(self.values[:, :1] * self.directions)
        return np.concatenate(columns, axis=1)


def _sines_and_cosines(angle: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return sines and cosines of the multiples of angles, each of shape (b, *shape)."""
    if angle.size < _FEW_ANGLES:
        multiples = np.multiply.outer(np.arange(1.0, N_SINES + 1), angle)
        return np.sin(multiples), np.cos(multiples)
    sines = np.empty((N_SINES, *angle.shape))
    cosines = np.empty_like(sines)
    np.sin(angle, out=sines[0])
    np.cos(angle, out=cosines[0])
    # By the rule for the sum of two angles: nothing but products after the first.
    for b in range(1, N_SINES):
        sines[b] = sines[b - 1] * cosines[0] + cosines[b - 1] * sines[0]
        cosines[b] = cosines[b - 1] * cosines[0] - sines[b - 1] * sines[0]
    return sines, cosines
