"""What an analysis of completed tables gives, against the table without holes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student_t

from hokan.imputation.pooling import pool

FloatArray = NDArray[np.float64]

MEAN, COEFFICIENT = "mean", "coefficient"
#: Of the confidence intervals of estimates.
CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class Analysis:
    """Estimates of one table: the mean of each property, and the last regressed on the others.

    Attributes
    ----------
    estimates, variances : ndarray of shape (q,)
        And their squared standard errors.
    degrees_of_freedom : ndarray of shape (q,)
        Rows minus what was estimated with each.
    """

    estimates: FloatArray
    variances: FloatArray
    degrees_of_freedom: FloatArray

    @classmethod
    def of(cls, values: FloatArray) -> Analysis | None:
        """Analyse a complete table of shape (n, k); None if it has too few rows or is singular."""
        n, k = values.shape
        if n < k + 2:
            return None
        design = np.column_stack([np.ones(n), values[:, :-1]])
        if np.linalg.matrix_rank(design) < k:
            return None
        inverse = np.linalg.inv(design.T @ design)
        coefficients = inverse @ design.T @ values[:, -1]
        residuals = values[:, -1] - design @ coefficients
        noise = residuals @ residuals / (n - k)
        return cls(
            np.concatenate([values.mean(axis=0), coefficients[1:]]),
            np.concatenate([values.var(axis=0, ddof=1) / n, noise * np.diag(inverse)[1:]]),
            np.concatenate([np.full(k, n - 1.0), np.full(k - 1, float(n - k))]),
        )


def names_of_estimates(properties: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return kind and property of each estimate, in the order of :class:`Analysis`."""
    return [(MEAN, name) for name in properties] + [(COEFFICIENT, name) for name in properties[:-1]]


def compare_estimates(
    properties: tuple[str, ...],
    completed: FloatArray,
    complete: FloatArray,
    everything: FloatArray,
) -> list[dict[str, Any]]:
    """Pool the estimates of completed tables and compare them with those without holes.

    Several completed tables are pooled by Rubin's rules; a single one is analysed as if it had
    been known, which is what those who fill holes once do.

    Parameters
    ----------
    properties : tuple of str of length k
        Names of the columns.
    completed : ndarray of shape (m, r, k)
        Filled tables, or the rows left without holes (m = 1); on the scale of the analysis.
    complete : ndarray of shape (n, k)
        The same rows without holes.
    everything : ndarray of shape (N, k)
        All rows without holes of the table that these were drawn from: the population.

    Returns
    -------
    list of dict
        For each estimate ``kind`` (``"mean"`` or ``"coefficient"``), ``property``, and

        - ``bias``: difference from the estimate without holes, in standard errors of the latter;
        - ``covered``: whether the 95 % interval holds the value of the population;
        - ``width``: that of the interval over that without holes.

        Empty if the table without holes cannot be analysed. NaN where what is left cannot be.
    """
    reference, population = Analysis.of(complete), Analysis.of(everything)
    if reference is None or population is None:
        return []
    names = names_of_estimates(properties)
    found = _pooled(completed)
    reach = np.sqrt(reference.variances)
    records: list[dict[str, Any]] = [
        {"kind": kind, "property": name, "bias": np.nan, "covered": np.nan, "width": np.nan}
        for kind, name in names
    ]
    if found is None:
        return records
    estimates, half_widths = found
    whole = reach * student_t.ppf(0.5 + 0.5 * CONFIDENCE, reference.degrees_of_freedom)
    for position, record in enumerate(records):
        estimate, half = estimates[position], half_widths[position]
        record["bias"] = float((estimate - reference.estimates[position]) / reach[position])
        record["covered"] = float(abs(estimate - population.estimates[position]) <= half)
        record["width"] = float(half / whole[position])
    return records


def _pooled(completed: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Return estimates and half widths of their intervals; None if there is a table without."""
    analyses = [Analysis.of(values) for values in completed]
    found = [analysis for analysis in analyses if analysis is not None]
    if len(found) < len(analyses):
        return None
    degrees = found[0].degrees_of_freedom
    if len(found) == 1:
        error = np.sqrt(found[0].variances)
        return found[0].estimates, error * student_t.ppf(0.5 + 0.5 * CONFIDENCE, degrees)
    estimates = np.array([analysis.estimates for analysis in found])
    variances = np.array([analysis.variances for analysis in found])
    pooled, half_widths = np.empty_like(degrees), np.empty_like(degrees)
    for number in np.unique(degrees):
        here = degrees == number
        together = pool(
            estimates[:, here],
            variances[:, here],
            complete_degrees_of_freedom=float(number),
            level=CONFIDENCE,
        )
        lower, upper = together.interval()
        pooled[here], half_widths[here] = together.estimate, 0.5 * (upper - lower)
    return pooled, half_widths
