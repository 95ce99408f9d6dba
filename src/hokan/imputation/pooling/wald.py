"""A test of several pooled quantities at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.stats import chi2
from scipy.stats import f as fisher_f

from hokan.errors import HokanError
from hokan.imputation.pooling.checking import FloatArray


@dataclass(frozen=True)
class WaldTest:
    """Whether several quantities can all have their values under a hypothesis.

    Attributes
    ----------
    names : tuple of str of length k
        The quantities.
    statistic : float
        D₁, to be compared with Fisher's F.
    degrees_of_freedom : tuple of float
        k and ν, of the numerator and of the denominator.
    p_value : float
        Probability of a statistic as large as this one under the hypothesis.
    relative_increase : float
        r, by which the holes increase the variance, mean over the quantities.
    """

    names: tuple[str, ...]
    statistic: float
    degrees_of_freedom: tuple[float, float]
    p_value: float
    relative_increase: float


def wald_test(
    names: tuple[str, ...],
    difference: FloatArray,
    within: FloatArray,
    between: FloatArray,
    n_imputations: int,
    complete_degrees_of_freedom: float,
) -> WaldTest:
    """Test that all differences are 0; ``D1`` of mice and mitml.

    ``D₁ = dᵀ Ū⁻¹ d / (k (1 + r))`` with ``r = (1 + 1/m) tr(B Ū⁻¹) / k``: the holes are taken to
    increase all variances alike, because B of few imputations says little about covariances (Li,
    Raghunathan & Rubin, J. Am. Stat. Assoc. 86, 1065 (1991)).

    Parameters
    ----------
    names : tuple of str of length k
    difference : ndarray of shape (k,)
        Pooled estimates minus their values under the hypothesis.
    within, between : ndarray of shape (k, k)
        Ū and B.
    n_imputations : int
    complete_degrees_of_freedom : float

    Raises
    ------
    HokanError
        If Ū is singular.
    """
    k, m = len(difference), n_imputations
    scale = np.sqrt(np.diag(within))
    try:
        if not (scale > 0.0).all():
            raise LinAlgError("a variance is 0")
        factor = cho_factor(within / np.outer(scale, scale))
    except LinAlgError as error:
        raise HokanError(
            f"the quantities {list(names)} cannot be tested together: within the imputations their "
            f"covariance matrix is singular ({error}); leave out quantities that follow from others"
        ) from error
    scaled = difference / scale
    share = np.trace(cho_solve(factor, between / np.outer(scale, scale)))
    increase = float((1.0 + 1.0 / m) * share / k)
    statistic = float(scaled @ cho_solve(factor, scaled) / (k * (1.0 + increase)))
    degrees = _denominator(increase, k, m, complete_degrees_of_freedom)
    if np.isinf(degrees):
        p_value = float(chi2.sf(k * statistic, k))
    else:
        p_value = float(fisher_f.sf(statistic, k, degrees))
    return WaldTest(names, statistic, (float(k), degrees), p_value, increase)


def _denominator(increase: float, k: int, m: int, complete: float) -> float:
    """Degrees of freedom ν of the denominator.

    Reiter (Biometrika 94, 502 (2007)) where the table is finite and k (m - 1) > 4. His expansion
    supposes that ν_com is large against the increase, and there is none for fewer imputations: in
    both cases Li, Raghunathan & Rubin's ν for endless tables is joined with that of the known cells
    as Barnard & Rubin (1999) join theirs, whose ν it then is for one quantity and few imputations.
    """
    t = float(k * (m - 1))
    endless = _endless_denominator(increase, k, t)
    if np.isinf(complete):
        return endless
    known = complete * (complete + 1.0) / (complete + 3.0)
    if t > 4.0:
        a = increase * t / (t - 2.0)
        c1, c2 = known - 2.0 * (1.0 + a), known - 4.0 * (1.0 + a)
        if c2 > 0.0:
            terms = (
                a**2 * c1 / ((1.0 + a) ** 2 * c2)
                + 8.0 * a**2 * c1 / ((1.0 + a) * c2**2)
                + 4.0 * a**2 / ((1.0 + a) * c2)
                + 4.0 * a**2 / (c2 * c1)
                + 16.0 * a**2 * c1 / c2**3
                + 8.0 * a**2 / c2**2
            )
            return 4.0 + 1.0 / (1.0 / c2 + terms / (t - 4.0))
    return 1.0 / (1.0 / endless + (1.0 + increase) / known)


def _endless_denominator(increase: float, k: int, t: float) -> float:
    """Return ν of Li, Raghunathan & Rubin (1991) for a table of endless length."""
    if increase == 0.0:
        return np.inf
    if t > 4.0:
        return 4.0 + (t - 4.0) * (1.0 + (1.0 - 2.0 / t) / increase) ** 2
    return 0.5 * t * (1.0 + 1.0 / k) * (1.0 + 1.0 / increase) ** 2
