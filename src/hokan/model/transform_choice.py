"""Choosing the scale of a property by evidence.

Skewness is a poor judge: a log transform helps some tables and ruins others. What is compared here
is how probable the *raw* values are under a Gaussian process on each scale, so the Jacobian of the
transform is part of the evidence (Snelson, Rasmussen & Ghahramani 2004).

Linked properties of one unit (a quantity at several fidelities, two temperatures) share a scale: a
straight line between them is one on both scales or on neither. Choosing for each alone put measured
band gaps on a logarithmic scale and calculated ones, some of them zero, on a plain one, and raised
the error of the measured from 0.50 to 0.59 eV (four splits of band_gap_ladder.csv, 80 known).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels import FloatArray
from hokan.graph import Identity, Log, StandardisedTransform, Transform
from hokan.inference.cells import Cells, DoubtfulValues
from hokan.inference.fitting import FitOptions, fit_parameters
from hokan.inference.gross_errors import USUAL_SHARE
from hokan.inference.parameters import ParameterLayout
from hokan.model.kernel_choice import KernelFamily
from hokan.model.kernel_evidence import starting_points

_MOST_ROWS = 200
_OPTIONS = FitOptions(n_restarts=0, max_iterations=30, n_parameter_draws=0)


@dataclass(frozen=True)
class TransformChoice:
    """The scale chosen for properties that share one, and why.

    Attributes
    ----------
    transform : Transform
        The winner.
    log_evidence : dict of str to float
        Log evidence of every candidate, per compared value in nats; empty if there was no choice.
    n_values : int
        Number of values compared.
    """

    transform: Transform
    log_evidence: dict[str, float]
    n_values: int

    def describe(self) -> str:
        """Return the choice in a short sentence."""
        if not self.log_evidence:
            return f"{self.transform.name} (some values are not positive)"
        ranked = sorted(self.log_evidence, key=self.log_evidence.__getitem__, reverse=True)
        lead = self.log_evidence[ranked[0]] - self.log_evidence[ranked[1]]
        return (
            f"{ranked[0]} (by evidence: {lead:.2f} nats per value over {ranked[1]}, "
            f"{self.n_values} values)"
        )


def choose_transform(
    raw: FloatArray,
    features: MaterialFeatures,
    families: Sequence[KernelFamily],
    random_state: np.random.Generator,
    *,
    doubtful: bool = False,
) -> TransformChoice:
    """Choose between the raw and the logarithmic scale, one for all properties given.

    Parameters
    ----------
    raw : ndarray of shape (n, p)
        Raw values of properties that share a scale, NaN where unknown.
    features : MaterialFeatures
        Of the n rows.
    families : sequence of KernelFamily
        Of one property: what the process may be made of. Each scale is judged by the family that
        suits it best.
    random_state : Generator
        Draws the values to compare on where there are many.
    doubtful : bool
        Whether some values may be grossly wrong. One value times ten is so improbable on a plain
        scale that it alone would decide for a logarithm.
    """
    candidates = [t for t in (Identity(), Log()) if t.is_allowed(raw)]
    if len(candidates) == 1:
        return TransformChoice(candidates[0], {}, 0)
    evidence = {transform.name: 0.0 for transform in candidates}
    n_values = 0
    for column in raw.T:
        known = np.flatnonzero(np.isfinite(column))
        if len(known) > _MOST_ROWS:
            known = np.sort(random_state.choice(known, _MOST_ROWS, replace=False))
        n_values += len(known)
        here = features.rows(known)
        for transform in candidates:
            evidence[transform.name] += max(
                _log_evidence(transform, column[known], here, family, random_state, doubtful)
                for family in families
            )
    best = max(candidates, key=lambda transform: evidence[transform.name])
    per_value = {name: total / n_values for name, total in evidence.items()}
    return TransformChoice(best, per_value, n_values)


def _log_evidence(
    transform: Transform,
    raw: FloatArray,
    features: MaterialFeatures,
    family: KernelFamily,
    random_state: np.random.Generator,
    doubtful: bool,
) -> float:
    standardised = StandardisedTransform.fit(transform, raw, robust=doubtful)
    values, noise = standardised.forward(raw)[:, None], np.zeros((len(raw), 1))
    usual = (np.array([USUAL_SHARE]), np.array([True]))
    nothing = np.zeros(values.shape, dtype=bool)
    doubts = DoubtfulValues(values, noise, nothing, *usual) if doubtful else None
    cells = Cells(values, noise, features, doubts=doubts)
    alone = np.zeros((1, 1))
    layout = ParameterLayout(
        alone.astype(bool),
        family.kernels,
        alone,
        alone + 1.0,
        component_mask=family.component_mask,
        material_variance_prior=family.material_variance_prior,
    )
    starts = starting_points(layout)[:1]
    _, optimum, evidence = fit_parameters(cells, layout, _OPTIONS, random_state, starts=starts)
    penalty, _ = layout.negative_log_prior(optimum.vector)
    return float(standardised.log_abs_derivative(raw).sum() + evidence - penalty)
