"""What m analyses say together: estimates, errors, and what of these is due to holes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import t as student_t

from hokan.errors import HokanError
from hokan.imputation.pooling.checking import FloatArray, check_level
from hokan.imputation.pooling.wald import WaldTest, wald_test

#: mice counts at least this share of the variance as due to holes when it works out degrees of
#: freedom, which keeps them finite where the imputations agree.
SMALLEST_LAMBDA = 1e-4
#: Fewest degrees of freedom in p-values and intervals, as in mice.
FEWEST_DEGREES = 1e-3


@dataclass(frozen=True, eq=False)
class PooledEstimates:
    """What m analyses say together of q quantities, by Rubin's rules.

    Below, Q̂ₗ and Uₗ are the estimate and its variance in completed table l = 1…m. Numbers are those
    of R mice 3.15, ``summary(pool(fits), type="all")``.

    Attributes
    ----------
    names : tuple of str
        What the quantities are called.
    estimate : ndarray of shape (q,)
        Q̄, the mean of the Q̂ₗ.
    within_variance : ndarray of shape (q,)
        Ū, the mean of the Uₗ: the variance there would be without holes.
    between_variance : ndarray of shape (q,)
        B, the variance of the Q̂ₗ, with the divisor m - 1: what the holes add.
    n_imputations : int
        m.
    complete_degrees_of_freedom : float
        ν_com, those of the analysis of one completed table; infinite if it has a normal reference.
    level : float
        Probability of the intervals.
    within_covariance, between_covariance : ndarray of shape (q, q) or None
        The same as matrices, if the analyses gave full covariances.

    References
    ----------
    D. B. Rubin, Multiple Imputation for Nonresponse in Surveys, Wiley (1987), chapter 3.
    J. Barnard, D. B. Rubin, Biometrika 86, 948 (1999).
    S. van Buuren, Flexible Imputation of Missing Data, 2nd ed., CRC Press (2018), section 2.3.
    """

    names: tuple[str, ...]
    estimate: FloatArray
    within_variance: FloatArray
    between_variance: FloatArray
    n_imputations: int
    complete_degrees_of_freedom: float
    level: float
    within_covariance: FloatArray | None = None
    between_covariance: FloatArray | None = None

    @property
    def total_variance(self) -> FloatArray:
        """T = Ū + (1 + 1/m) B; the part B/m is there because m is not endless."""
        return self.within_variance + self._inflated_between

    @property
    def total_covariance(self) -> FloatArray | None:
        """The same as a matrix, or None if the analyses gave variances only."""
        if self.within_covariance is None or self.between_covariance is None:
            return None
        return self.within_covariance + (1.0 + 1.0 / self.n_imputations) * self.between_covariance

    @property
    def std_error(self) -> FloatArray:
        """√T, the standard error of the pooled estimate."""
        return np.sqrt(self.total_variance)

    @property
    def monte_carlo_error(self) -> FloatArray:
        """√(B/m): by how much the pooled estimate would differ with other draws of imputations."""
        return np.sqrt(self.between_variance / self.n_imputations)

    @property
    def relative_increase(self) -> FloatArray:
        """Increase of the variance by holes, r = (1 + 1/m) B / Ū; 0 if both parts are 0."""
        return _ratio(self._inflated_between, self.within_variance)

    @property
    def lambda_(self) -> FloatArray:
        """λ = (1 + 1/m) B / T, the share of the variance that is due to holes."""
        return _ratio(self._inflated_between, self.total_variance)

    @property
    def degrees_of_freedom(self) -> FloatArray:
        """Degrees of freedom ν of Barnard & Rubin (1999).

        ``1/ν = 1/ν_old + 1/ν_obs`` with ``ν_old = (m - 1) / λ²`` and
        ``ν_obs = ν_com (ν_com + 1) / (ν_com + 3) (1 - λ)``; ν_old alone where ν_com is infinite, or
        where the analyses say that they know the quantity exactly (Ū = 0 and B > 0: complete tables
        would leave nothing to learn). As in mice, λ is at least 0.0001.
        """
        lambda_ = np.maximum(self.lambda_, SMALLEST_LAMBDA)
        old = (self.n_imputations - 1) / lambda_**2
        complete = self.complete_degrees_of_freedom
        if np.isinf(complete):
            return old
        observed = (complete + 1.0) / (complete + 3.0) * complete * (1.0 - lambda_)
        exact = (self.within_variance == 0.0) & (self.between_variance > 0.0)
        return np.where(exact, old, old * observed / (old + observed))

    @property
    def fraction_missing_information(self) -> FloatArray:
        """γ = (r + 2 / (ν + 3)) / (r + 1), the share of the information that the holes cost."""
        degrees, increase = self.degrees_of_freedom, self.relative_increase
        finite = np.where(np.isinf(increase), 0.0, increase)
        gamma = (finite + 2.0 / (degrees + 3.0)) / (finite + 1.0)
        return np.where(np.isinf(increase), 1.0, gamma)

    @property
    def statistic(self) -> FloatArray:
        """Estimate over standard error, to be compared with Student's t of ν degrees of freedom."""
        return _ratio(self.estimate, self.std_error)

    @property
    def p_value(self) -> FloatArray:
        """Two-sided probability of a statistic as large as this one if the quantity were 0."""
        return np.asarray(2.0 * student_t.sf(np.abs(self.statistic), self._reference_degrees))

    def interval(self, level: float | None = None) -> tuple[FloatArray, FloatArray]:
        """Return the ends of the intervals, Q̄ ± t_ν √T.

        Parameters
        ----------
        level : float, optional
            Probability, between 0 and 1; that of the pooled estimates if not given.

        Returns
        -------
        lower, upper : ndarray of shape (q,)
        """
        probability = self.level if level is None else check_level(level)
        quantile = student_t.ppf(0.5 + 0.5 * probability, self._reference_degrees)
        # Where nothing is uncertain the interval is a point, however wide Student's t is.
        error = self.std_error
        half = np.multiply(quantile, error, out=np.zeros_like(error), where=error > 0.0)
        return self.estimate - half, self.estimate + half

    def wald_test(self, names: Sequence[str] | None = None, null: npt.ArrayLike = 0.0) -> WaldTest:
        """Test several quantities at once; ``D1`` of mice.

        Parameters
        ----------
        names : sequence of str, optional
            Which quantities; all if not given.
        null : array_like, optional
            Their values under the hypothesis to be tested.

        Raises
        ------
        HokanError
            If the analyses gave variances only, a name is not known, or the quantities depend on
            each other linearly.
        """
        if self.within_covariance is None or self.between_covariance is None:
            raise HokanError(
                "a test of several quantities at once needs their covariances, and the analyses "
                "gave variances only; return covariance matrices of shape (q, q) from them"
            )
        chosen = self.names if names is None else tuple(names)
        unknown = [name for name in chosen if name not in self.names]
        if unknown or not chosen or len(set(chosen)) < len(chosen):
            raise HokanError(
                f"expected different names among {list(self.names)} to test, found {list(chosen)}"
            )
        places = np.array([self.names.index(name) for name in chosen])
        block = np.ix_(places, places)
        values = np.broadcast_to(np.asarray(null, dtype=np.float64), (len(places),))
        return wald_test(
            chosen,
            self.estimate[places] - values,
            self.within_covariance[block],
            self.between_covariance[block],
            self.n_imputations,
            self.complete_degrees_of_freedom,
        )

    def to_frame(self, level: float | None = None) -> pd.DataFrame:
        """Return everything as a table, one row per quantity.

        Parameters
        ----------
        level : float, optional
            Probability of the intervals; that of the pooled estimates if not given.

        Returns
        -------
        DataFrame
            Index ``term``; columns ``estimate``, ``std_error``, ``statistic``, ``df``, ``p_value``,
            ``lower``, ``upper``, ``fraction_missing_information``, ``lambda``,
            ``relative_increase``, ``within_variance``, ``between_variance``, ``total_variance``.
        """
        lower, upper = self.interval(level)
        return pd.DataFrame(
            {
                "estimate": self.estimate,
                "std_error": self.std_error,
                "statistic": self.statistic,
                "df": self.degrees_of_freedom,
                "p_value": self.p_value,
                "lower": lower,
                "upper": upper,
                "fraction_missing_information": self.fraction_missing_information,
                "lambda": self.lambda_,
                "relative_increase": self.relative_increase,
                "within_variance": self.within_variance,
                "between_variance": self.between_variance,
                "total_variance": self.total_variance,
            },
            index=pd.Index(self.names, name="term"),
        )

    @property
    def _inflated_between(self) -> FloatArray:
        return (1.0 + 1.0 / self.n_imputations) * self.between_variance

    @property
    def _reference_degrees(self) -> FloatArray:
        return np.maximum(self.degrees_of_freedom, FEWEST_DEGREES)

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        columns = ["estimate", "std_error", "df", "p_value", "lower", "upper"]
        table = self.to_frame()[[*columns, "fraction_missing_information"]]
        table = table.rename(columns={"fraction_missing_information": "missing_information"})
        shown = table.to_string(float_format=lambda value: f"{value:.4g}", index_names=False)
        return (
            f"Pooled over {self.n_imputations} imputations; intervals of {self.level:.0%}; "
            f"complete-data degrees of freedom: {self.complete_degrees_of_freedom:g}\n{shown}"
        )


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """Divide; 0 / 0 is 0, since nothing is nothing of nothing, and x / 0 is infinite."""
    safe = np.where(below > 0.0, below, 1.0)
    return np.where(
        below > 0.0, above / safe, np.where(above == 0.0, 0.0, np.copysign(np.inf, above))
    )
