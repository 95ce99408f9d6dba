"""Whether the answer of several chains is reliable yet, judged over many quantities, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from hokan.errors import HokanError
from hokan.inference.chain_statistics import (
    FEWEST_DRAWS,
    as_draws,
    bulk_effective_sample_size,
    is_constant,
    judge,
    mean_effective_sample_size,
    r_hat,
    standard_error_of_mean,
    standard_error_of_quantile,
    tail_effective_sample_size,
)

__all__ = [
    "LARGEST_R_HAT",
    "SMALLEST_SIZE",
    "Convergence",
    "bulk_effective_sample_size",
    "judge",
    "mean_effective_sample_size",
    "r_hat",
    "standard_error_of_mean",
    "standard_error_of_quantile",
    "tail_effective_sample_size",
]

FloatArray = NDArray[np.float64]

#: Reliable: R-hat of every quantity is below this. For one quantity, Vehtari et al. (2021) advise
#: 1.01; the largest of thousands exceeds that by chance alone.
LARGEST_R_HAT = 1.05
#: Reliable: bulk and tail of every quantity are worth at least so many independent draws. With 100,
#: the end of a 90 % interval leaves out 5 ± 2 %.
SMALLEST_SIZE = 100.0
# Nobody is told to draw more than this many times as much: something else is wrong then.
_MOST_TIMES = 10


@dataclass(frozen=True)
class Convergence:
    """How far the draws of many quantities can be trusted.

    Made with :meth:`of`. Quantities that do not vary count as converged; those with draws that are
    not finite are counted in ``n_undefined`` and left out of everything else.

    Attributes
    ----------
    n_chains, n_draws : int
        Chains, and draws of each.
    n_quantities : int
        All that were judged, whether or not they vary.
    n_constant : int
        Those that have one value in all draws.
    n_undefined : int
        Those with a draw that is not a finite number.
    largest_r_hat : float
        Of all quantities; NaN if there is none that can be judged (so are the others then).
    share_above_1_05, share_above_1_01 : float
        Shares of the quantities that can be judged whose R-hat is above 1.05 and above 1.01.
    smallest_bulk_size, smallest_tail_size : float
        Smallest effective sample sizes, see
        :func:`~hokan.inference.chain_statistics.bulk_effective_sample_size`.
    worst_r_hat, worst_bulk_size, worst_tail_size : str
        Names of the quantities with these three; empty if there is none.
    worst_r_hat_index, worst_bulk_size_index, worst_tail_size_index : tuple of int or None
        Their places in the array ``...``.
    """

    n_chains: int
    n_draws: int
    n_quantities: int
    n_constant: int
    n_undefined: int
    largest_r_hat: float
    share_above_1_05: float
    share_above_1_01: float
    smallest_bulk_size: float
    smallest_tail_size: float
    worst_r_hat: str
    worst_bulk_size: str
    worst_tail_size: str
    worst_r_hat_index: tuple[int, ...] | None
    worst_bulk_size_index: tuple[int, ...] | None
    worst_tail_size_index: tuple[int, ...] | None

    @classmethod
    def of(cls, draws: npt.ArrayLike, names: Sequence[str] | None = None) -> Convergence:
        """Judge draws.

        Parameters
        ----------
        draws : array_like of shape (chains, draws, ...)
            In the order drawn, warm-up left out, on any scale: ranks are what counts.
        names : sequence of str, optional
            One for each quantity, in the order of the array (last index fastest), as people are to
            read it: ``"melting point in row 7"``. By default the index.

        Raises
        ------
        HokanError
            If the draws have fewer than two dimensions, or the names are not as many as the
            quantities.
        """
        chains = as_draws(draws)
        n_chains, n_draws, *shape = chains.shape
        n_quantities = math.prod(shape)
        if names is not None and len(names) != n_quantities:
            raise HokanError(
                f"expected a name for each of {n_quantities} quantities, found {len(names)}"
            )
        ratios, bulk, tail = judge(chains)
        finite = np.isfinite(chains).all(axis=(0, 1))
        judged = ratios[~np.isnan(ratios)]
        r_index = _place(-ratios)
        bulk_index, tail_index = _place(bulk), _place(tail)
        return cls(
            n_chains=n_chains,
            n_draws=n_draws,
            n_quantities=n_quantities,
            n_constant=int((is_constant(chains) & finite).sum()),
            n_undefined=int((~finite).sum()),
            largest_r_hat=_at(ratios, r_index),
            share_above_1_05=float((judged > 1.05).mean()) if judged.size else np.nan,
            share_above_1_01=float((judged > 1.01).mean()) if judged.size else np.nan,
            smallest_bulk_size=_at(bulk, bulk_index),
            smallest_tail_size=_at(tail, tail_index),
            worst_r_hat=_name(r_index, names, shape),
            worst_bulk_size=_name(bulk_index, names, shape),
            worst_tail_size=_name(tail_index, names, shape),
            worst_r_hat_index=r_index,
            worst_bulk_size_index=bulk_index,
            worst_tail_size_index=tail_index,
        )

    @property
    def reliable(self) -> bool:
        """Whether all quantities have converged and have draws enough.

        Every R-hat below 1.05, every bulk and tail effective sample size at least 100, and every
        draw a finite number. True where there is no quantity at all.
        """
        if not self.n_quantities:
            return True
        return (
            self.n_undefined == 0
            and self.largest_r_hat < LARGEST_R_HAT
            and self._smallest_size >= SMALLEST_SIZE
        )

    def warning(self) -> str:
        """Return one or two sentences for people, or an empty text if the answer is reliable."""
        if self.reliable:
            return ""
        if self.n_draws < FEWEST_DRAWS:
            return (
                "It cannot be told yet whether the answer is reliable: chains of "
                f"{_count(self.n_draws, 'draw')} are too short. "
                "Run more draws, a few hundred a chain."
            )
        if self.n_undefined:
            return (
                f"The answer is not reliable: for {self.n_undefined} of "
                f"{_count(self.n_quantities, 'quantity', 'quantities')} some draws are not finite "
                "numbers. Look for values in the table that lie far outside the usual range."
            )
        if not self.largest_r_hat < LARGEST_R_HAT:
            many = math.ceil(self.share_above_1_05 * self.n_quantities - 1e-6)
            where = f", most for {self.worst_r_hat}" if self.n_quantities > 1 else ""
            who = f"{self.n_chains} chains" if self.n_chains > 1 else "two halves of the chain"
            return (
                f"The answer is not reliable yet: the {who} do not agree on "
                f"{max(many, 1)} of {_count(self.n_quantities, 'quantity', 'quantities')}{where} "
                f"(R-hat {_ratio(self.largest_r_hat)}, should be below {LARGEST_R_HAT:g}). "
                f"Run more draws{self._how_many(2)}."
            )
        in_tail = self.smallest_tail_size < self.smallest_bulk_size
        name = self.worst_tail_size if in_tail else self.worst_bulk_size
        where = f" for {name}" if self.n_quantities > 1 else ""
        what = "ends of the interval rest" if in_tail else "answer rests"
        return (
            f"The {what} on too few draws{where}: {self.n_chains * self.n_draws} draws are worth "
            f"only {self._smallest_size:.0f} independent ones (at least {SMALLEST_SIZE:g} are "
            f"needed). Run more draws{self._how_many(1)}."
        )

    @property
    def _smallest_size(self) -> float:
        return min(self.smallest_bulk_size, self.smallest_tail_size)

    def _how_many(self, fewest_times: int) -> str:
        """Return how many times as many draws are needed, in words."""
        times = max(math.ceil(1.2 * SMALLEST_SIZE / self._smallest_size), fewest_times)
        if times < 2:
            return ""
        if times > _MOST_TIMES:
            return (
                f", more than {_MOST_TIMES} times as many; if that does not help, simplify the "
                "graph or check the table for gross errors"
            )
        return f", about {times} times as many"


def _place(values: FloatArray) -> tuple[int, ...] | None:
    """Return the index of the smallest value that is not NaN."""
    if np.isnan(values).all():
        return None
    return tuple(int(k) for k in np.unravel_index(np.nanargmin(values), values.shape))


def _at(values: FloatArray, index: tuple[int, ...] | None) -> float:
    return np.nan if index is None else float(values[index])


def _name(index: tuple[int, ...] | None, names: Sequence[str] | None, shape: list[int]) -> str:
    if index is None:
        return ""
    if names is not None:
        return names[int(np.ravel_multi_index(index, shape)) if shape else 0]
    return "quantity " + ", ".join(str(k) for k in index) if index else "the quantity"


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value < 100 else "over 100"


def _count(number: int, one: str, more: str | None = None) -> str:
    return f"{number} {one if number == 1 else more or one + 's'}"
