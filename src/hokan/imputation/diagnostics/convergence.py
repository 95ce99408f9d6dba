"""Whether the chains that imputed have forgotten where they started."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import f as f_distribution

from hokan.errors import HokanError
from hokan.imputation.imputations import Imputations
from hokan.inference.chain_statistics import FEWEST_DRAWS, judge
from hokan.inference.convergence import LARGEST_R_HAT

FloatArray = NDArray[np.float64]

#: The two traces of each property.
TRACES = ("mean", "std")
_COLUMNS = ("column", "chain", "step", *TRACES)
# Chains whose steps are independent exceed the limit, for any of all traces, in one table of 100.
_FALSE_ALARMS = 0.01
# Below this, chained equations are often taken as converged; here it is not quite.
_FAR_APART = 1.2


@dataclass(frozen=True, eq=False)
class ChainVerdict:
    """How far the chains of an imputer agree.

    Attributes
    ----------
    table : DataFrame
        A line for each property: ``property``, ``r_hat`` (the larger of the next two),
        ``r_hat_mean`` and ``r_hat_std`` of the mean and the standard deviation of the imputed
        values, ``bulk_size`` and ``tail_size``, the smaller effective sample sizes of the two.
        NaN where it cannot be told. Empty for independent draws.
    n_chains, n_steps : int
        Chains, and steps of each that were judged; 0 for independent draws.
    limit : float
        An R-hat above this is more than chance: 1.05, or what independent steps would stay below
        if chains are short.
    converged : bool or None
        None: it cannot be told.
    verdict : str
        The same for people.
    """

    table: pd.DataFrame
    n_chains: int
    n_steps: int
    limit: float
    converged: bool | None
    verdict: str


def judge_chains(imputations: Imputations, *, warm_up: int = 0) -> ChainVerdict:
    """Judge from their trace whether the imputer's chains have converged.

    R-hat and effective sample sizes are the rank-normalised ones of Vehtari et al., Bayesian
    Analysis 16, 667 (2021), of the mean and the standard deviation of each property's imputed
    values. That both agree is necessary, not sufficient: look at the traces too.

    Parameters
    ----------
    imputations : Imputations
        Without a trace, they are taken to be independent draws, as those of the exact engine are.
    warm_up : int
        Steps at the start of each chain to leave out.

    Raises
    ------
    HokanError
        If the trace lacks a column, or chains differ in length.
    """
    trace = imputations.trace
    if trace is None or trace.empty:
        return _independent()
    traces, names = _traces(trace, warm_up)
    n_chains, n_steps = traces.shape[:2]
    r_hat, bulk, tail = judge(traces)  # each of shape (properties, 2)
    table = pd.DataFrame(
        {
            "property": names,
            "r_hat": _worst(r_hat, np.fmax),
            "r_hat_mean": r_hat[:, 0],
            "r_hat_std": r_hat[:, 1],
            "bulk_size": _worst(bulk, np.fmin),
            "tail_size": _worst(tail, np.fmin),
        }
    )
    limit = largest_by_chance(n_chains, n_steps, traces[0, 0].size)
    converged, verdict = _verdict(table, imputations, n_chains, n_steps, limit)
    return ChainVerdict(table, n_chains, n_steps, limit, converged, verdict)


def largest_by_chance(n_chains: int, n_steps: int, n_traces: int) -> float:
    """Return the R-hat that is more than chance, at least 1.05.

    Of independent normal steps, the variance between the halves of chains over that within follows
    an F distribution; for few chains and steps its upper end is far above 1.05.

    Parameters
    ----------
    n_chains, n_steps : int
    n_traces : int
        How many are judged at once; each has two R-hats, of its location and of its spread.
    """
    half, groups = n_steps // 2, 2 * n_chains
    if half < 2:
        return np.inf
    tail = _FALSE_ALARMS / max(2 * n_traces, 1)
    ratio = f_distribution.isf(tail, groups - 1, groups * (half - 1))
    return max(LARGEST_R_HAT, float(np.sqrt((ratio + half - 1.0) / half)))


def _independent() -> ChainVerdict:
    columns = ("r_hat", "r_hat_mean", "r_hat_std", "bulk_size", "tail_size")
    table = pd.DataFrame(
        {
            "property": pd.Series(dtype=object),
            **{column: pd.Series(dtype=np.float64) for column in columns},
        }
    )
    return ChainVerdict(
        table,
        n_chains=0,
        n_steps=0,
        limit=LARGEST_R_HAT,
        converged=True,
        verdict="The completed tables are independent draws: there is nothing to converge.",
    )


def _traces(trace: pd.DataFrame, warm_up: int) -> tuple[FloatArray, list[str]]:
    """Return the traces, of shape (chains, steps, properties, 2), and the properties' names."""
    missing = [name for name in _COLUMNS if name not in trace.columns]
    if missing:
        raise HokanError(
            f"trace: expected the columns {', '.join(_COLUMNS)}; {', '.join(missing)} not found"
        )
    names = list(dict.fromkeys(trace["column"]))
    numbers = trace.groupby(["column", "chain"]).cumcount()
    kept = trace.assign(place=numbers)[numbers.to_numpy() >= warm_up]
    chains = sorted(set(trace["chain"]))
    lengths = kept.groupby(["column", "chain"]).size()
    n_steps = int(lengths.max()) if len(lengths) else 0
    if len(lengths) and (len(lengths) != len(names) * len(chains) or lengths.min() != n_steps):
        raise HokanError("trace: expected as many steps of each column in every chain")
    ordered = kept.sort_values(["chain", "place"], kind="stable")
    parts = [
        ordered.loc[ordered["column"] == name, list(TRACES)]
        .to_numpy(np.float64)
        .reshape(len(chains), n_steps, len(TRACES))
        for name in names
    ]
    return np.stack(parts, axis=2), names


def _worst(values: FloatArray, of_two: np.ufunc) -> FloatArray:
    """Return the worse of two statistics, or the one there is."""
    return np.asarray(of_two(values[:, 0], values[:, 1]))


def _verdict(
    table: pd.DataFrame, imputations: Imputations, n_chains: int, n_steps: int, limit: float
) -> tuple[bool | None, str]:
    ratios = table.set_index("property")["r_hat"].dropna()
    steps = f"{n_chains} {'chain' if n_chains == 1 else 'chains'} of {n_steps} steps"
    if n_steps < FEWEST_DRAWS or ratios.empty:
        return None, f"Whether the chains have converged cannot be told from {steps}."
    apart = ratios[ratios >= limit].sort_values(ascending=False)
    worst = f"R-hat at most {ratios.max():.2f}"
    if len(apart):
        listed = ", ".join(f"{name} ({_ratio(value)})" for name, value in apart.head(5).items())
        rest = f" and {len(apart) - 5} more" if len(apart) > 5 else ""
        how = "do not agree" if ratios.max() >= _FAR_APART else "do not quite agree yet"
        return False, (
            f"The chains {how} on {listed}{rest}: R-hat should be below {limit:.2f} for "
            f"{steps}. Run more steps, and look at the traces: lines that still rise or fall need "
            "longer; lines that stay apart mean a model that the table does not determine."
        )
    if n_chains < len(imputations):
        sizes = table.set_index("property")["bulk_size"].dropna()
        if sizes.min() < len(imputations):
            return False, (
                f"The chains agree ({worst}), but all steps are worth only {sizes.min():.0f} "
                f"independent ones for {sizes.idxmin()}, fewer than the {len(imputations)} "
                "completed tables taken from them, which are therefore too much alike. Run more "
                "steps."
            )
    if limit > LARGEST_R_HAT:
        return True, (
            f"The chains agree as far as {steps} can tell ({worst}; by chance alone it may reach "
            f"{limit:.2f})."
        )
    return True, f"The chains agree ({worst}, below {limit:.2f}; {steps})."


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value < 100 else "over 100"
