"""All that can be told of imputations, in one object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hokan.imputation.diagnostics.balance import compare_by_propensity
from hokan.imputation.diagnostics.convergence import ChainVerdict, judge_chains
from hokan.imputation.diagnostics.overimputation import overimpute, summarise_overimputation
from hokan.imputation.diagnostics.propensity import propensities
from hokan.imputation.imputations import Imputations


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What there is to look at before imputations are analysed.

    Made with :func:`diagnose`.

    Attributes
    ----------
    chains : ChainVerdict
        Whether the chains have converged.
    propensity : DataFrame
        Observed and imputed values with the probability of their cell to be missing.
    balance : DataFrame
        Whether both agree where that is equal, by property.
    overimputed : DataFrame or None
        Known values predicted as if missing; None where that takes a joint model.
    overimputation : DataFrame or None
        The same by property.
    level : float
        Probability of the intervals of overimputed values.
    """

    chains: ChainVerdict
    propensity: pd.DataFrame
    balance: pd.DataFrame
    overimputed: pd.DataFrame | None
    overimputation: pd.DataFrame | None
    level: float

    def verdicts(self) -> list[str]:
        """Return one or two sentences about each of them, what is wrong first in each."""
        told = [self.chains.verdict, _of_balance(self.balance)]
        if self.overimputation is not None and self.overimputed is not None:
            told.append(_of_overimputation(self.overimputation, self.overimputed, self.level))
        return told


def diagnose(
    imputations: Imputations,
    imputer: Any = None,
    *,
    level: float = 0.9,
    logarithmic: Sequence[str] = (),
    warm_up: int = 0,
) -> Diagnosis:
    """Look at imputations from every side.

    Parameters
    ----------
    imputations : Imputations
    imputer : MultipleImputer, optional
        Fitted; known values are then predicted from each other too.
    level : float
        Probability that an interval of a predicted value is meant to hold.
    logarithmic : sequence of str
        Properties, above zero, to compare on a logarithmic scale.
    warm_up : int
        Steps at the start of each chain to leave out.
    """
    cells = propensities(imputations)
    left_out = None if imputer is None else overimpute(imputer, level=level)
    return Diagnosis(
        chains=judge_chains(imputations, warm_up=warm_up),
        propensity=cells,
        balance=compare_by_propensity(cells, logarithmic=logarithmic),
        overimputed=left_out,
        overimputation=(
            None if left_out is None else summarise_overimputation(left_out, level=level)
        ),
        level=level,
    )


def _of_balance(balance: pd.DataFrame) -> str:
    compared = balance[balance["difference"].notna()]
    rest = balance[balance["difference"].isna()]
    left = ""
    if compared.empty:
        return (
            "Imputed values cannot be compared with observed ones of cells that were as likely to "
            f"be missing: there are too few ({_listed(rest['property'])})."
            if len(rest)
            else "No imputed number is there to be compared with observed ones."
        )
    if len(rest):
        left = f" Too few to compare: {_listed(rest['property'])}."
    apart = compared[compared["differs"]]
    if apart.empty:
        return (
            "Imputed values resemble observed ones of cells that were as likely to be missing"
            f".{left}"
        )
    told = [
        f"{line.property} ({line.difference:+.2f} standard deviations)"
        for line in apart.itertuples()
    ]
    return (
        "Imputed values differ in the mean from observed ones of cells that were as likely to be "
        f"missing: {_listed(told)}. Look whether these values make sense: the model may be wrong "
        f"there, or know better from a relation that propensity does not tell.{left}"
    )


def _of_overimputation(summary: pd.DataFrame, cells: pd.DataFrame, level: float) -> str:
    inside = cells["observed"].between(cells["lower"], cells["upper"]).mean()
    told = (
        f"Of {len(cells)} known values, predicted as if missing, {100.0 * inside:.0f} % lie in "
        f"their {100.0 * level:g} % interval."
    )
    narrow = summary.loc[summary["too_narrow"], "property"]
    if len(narrow):
        told += (
            f" Those of {_listed(narrow)} hold clearly less often than they should: imputed values "
            "of these are surer of themselves than they may be."
        )
    return told


def _listed(names: Any, most: int = 6) -> str:
    names = list(names)
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(str, names[:most])) + rest
