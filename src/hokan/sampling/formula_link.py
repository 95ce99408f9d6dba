"""Parents that act together, by a formula on the raw scale with constants to be fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from hokan.gp.kernels import FloatArray, LogNormalPrior
from hokan.graph import Formula, StandardisedTransform

#: Constants are looked for from so many starts, at magnitudes over so many powers of ten.
_STARTS, _POWERS_OF_TEN = 60, 10.0
_REFINED = 4
#: A result further than this from the known values of the child, in their standard deviations, is
#: taken to be there: a formula can go anywhere far from the data.
_FARTHEST = 30.0


@dataclass(frozen=True)
class FormulaLink:
    """A formula as a link: constants are the weights, ``c = centre (1 + w)`` with ``w ~ N(0, 1)``.

    Parameters
    ----------
    parents : tuple of int
        Numbers of the properties of the formula, in the order of its names.
    formula : Formula
    transforms : tuple of StandardisedTransform
        Of these properties.
    child : StandardisedTransform
        Of the property that follows.
    centres : tuple of float
        Where each constant is expected, in the order of the formula.
    """

    parents: tuple[int, ...]
    formula: Formula
    transforms: tuple[StandardisedTransform, ...]
    child: StandardisedTransform
    centres: tuple[float, ...]
    kind: str = "formula"

    @property
    def depends_on_material(self) -> bool:
        """A formula is the same for all materials."""
        return False

    @property
    def hyperparameter_priors(self) -> tuple[LogNormalPrior, ...]:
        """None."""
        return ()

    @property
    def n_weights(self) -> int:
        """Number of constants."""
        return len(self.centres)

    @property
    def prior_mean(self) -> FloatArray:
        """Zeros."""
        return np.zeros(self.n_weights)

    def prior_variance(self, log_hyperparameters: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return ones, shape (r,), and no derivatives, shape (0, r)."""
        return np.ones(self.n_weights), np.zeros((0, self.n_weights))

    def turns_back(self, weights: FloatArray) -> bool:
        """Formulas are taken to go one way in each parent."""
        return False

    def constants(self, weights: FloatArray) -> dict[str, FloatArray]:
        """Return the constants that weights (r, c) stand for, each of shape (c,)."""
        return {
            name: centre * (1.0 + weight)
            for name, centre, weight in zip(
                self.formula.constants, self.centres, weights, strict=True
            )
        }

    def at(self, values: Sequence[FloatArray], directions: FloatArray) -> FormulaLinkAt:
        """Return the link at parent values, each of shape (n, c)."""
        raw = [transform.inverse(z) for transform, z in zip(self.transforms, values, strict=True)]
        return FormulaLinkAt(self, tuple(raw))


@dataclass(frozen=True)
class FormulaLinkAt:
    """A formula at given parent values.

    Attributes
    ----------
    link : FormulaLink
    raw : tuple of ndarray of shape (n, c)
        Values of the parents on the raw scale.
    """

    link: FormulaLink
    raw: tuple[FloatArray, ...]

    def value(self, weights: FloatArray) -> FloatArray:
        """Return the standardised result with weights (r, c), shape (n, c)."""
        raw = self.link.formula.value(self._named(), self.link.constants(weights))
        return _standardised(self.link.child, raw)[0]

    def slopes(self, weights: FloatArray) -> tuple[FloatArray, ...]:
        """Return the derivative with respect to each parent, each of shape (n, c)."""
        scale, by_name, _ = self._derivatives(weights)
        return tuple(
            scale * by_name[name] / transform.derivative(raw)
            for name, transform, raw in zip(
                self.link.formula.names, self.link.transforms, self.raw, strict=True
            )
        )

    def project(self, weights: FloatArray, forces: FloatArray) -> FloatArray:
        """Return the derivatives by the weights, times forces (n, c), summed: (r, c)."""
        scale, _, by_constant = self._derivatives(weights)
        return np.array(
            [
                np.einsum("nc,nc->c", scale * by_constant[name] * centre, forces)
                for name, centre in zip(self.link.formula.constants, self.link.centres, strict=True)
            ]
        ).reshape(weights.shape)

    def basis(self, weights: FloatArray) -> FloatArray:
        """Return the derivatives by the weights in the first chain, shape (n, r)."""
        scale, _, by_constant = self._derivatives(weights)
        columns = [
            (scale * by_constant[name] * centre)[:, :1]
            for name, centre in zip(self.link.formula.constants, self.link.centres, strict=True)
        ]
        return np.concatenate([np.zeros((len(scale), 0)), *columns], axis=1)

    def _named(self) -> dict[str, FloatArray]:
        return dict(zip(self.link.formula.names, self.raw, strict=True))

    def _derivatives(
        self, weights: FloatArray
    ) -> tuple[FloatArray, dict[str, FloatArray], dict[str, FloatArray]]:
        """Return d child / d raw result, and the formula's own derivatives; 0 beyond reason."""
        raw, by_name, by_constant = self.link.formula.value_and_derivatives(
            self._named(), self.link.constants(weights)
        )
        _, scale = _standardised(self.link.child, raw)
        finite = {name: np.nan_to_num(d, posinf=0.0, neginf=0.0) for name, d in by_name.items()}
        of_constants = {
            name: np.nan_to_num(d, posinf=0.0, neginf=0.0) for name, d in by_constant.items()
        }
        return scale, finite, of_constants


def _standardised(child: StandardisedTransform, raw: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return standardised values and slopes of raw results, kept within reason."""
    lowest, highest = child.inverse(np.array([-_FARTHEST, _FARTHEST]))
    inside = np.where(np.isnan(raw), lowest, np.clip(raw, lowest, highest))
    moved = ~(inside == raw)
    return child.forward(inside), np.where(moved, 0.0, child.derivative(inside))


def fitted_constants(
    formula: Formula,
    values: dict[str, FloatArray],
    result: FloatArray,
    child: StandardisedTransform,
    random_state: np.random.Generator,
) -> tuple[float, ...]:
    """Return the constants with which a formula fits complete rows best, by least squares.

    Parameters
    ----------
    formula : Formula
    values : dict of str to ndarray of shape (n,)
        Of its parents, raw scale.
    result : ndarray of shape (n,)
        Of the child, raw scale.
    child : StandardisedTransform
        On whose scale distances count; far ones count less than their square.
    random_state : Generator
        Draws the starts.
    """
    names = formula.constants
    if not names:
        return ()
    target = child.forward(result)

    def errors(constants: FloatArray) -> FloatArray:
        found = formula.value(values, dict(zip(names, constants, strict=True)))
        return _standardised(child, found)[0] - target

    powers = random_state.uniform(-_POWERS_OF_TEN, _POWERS_OF_TEN, (_STARTS, len(names)))
    starts = [np.ones(len(names)), *(10.0**powers)]
    starts += [-start for start in starts]
    costs = [float(np.sum(np.log1p(errors(start) ** 2))) for start in starts]
    found = [
        least_squares(errors, starts[i], x_scale=np.abs(starts[i]), loss="soft_l1", max_nfev=200)
        for i in np.argsort(costs, kind="stable")[:_REFINED]
    ]
    best = min(found, key=lambda each: float(each.cost)).x
    return tuple(float(c) if c != 0 else 1e-12 for c in best)
