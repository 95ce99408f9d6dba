"""Means over repeats of what a study found, with standard errors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hokan.evaluation.imputation_studies.pooled_estimates import COEFFICIENT, MEAN
from hokan.evaluation.imputation_studies.running import ImputationStudy

#: What a part is besides its repeat.
SETTING = ("mechanism", "share", "n_rows", "n_columns", "method", "scale")
_SCORES = ("error", "crps", "coverage", "width", "impossible", "seconds")


def summarise_imputation(study: ImputationStudy) -> pd.DataFrame:
    """Return one line for each setting and method.

    Parameters
    ----------
    study : ImputationStudy
        As :func:`study_missingness` or :func:`study_size` returns it.

    Returns
    -------
    DataFrame
        The columns of the setting; ``repeats``, those that were done without failing; means of the
        scores, each with its standard error over repeats in a column ending in ``_se`` (NaN for a
        single one); and for the two kinds of pooled estimates, ``mean`` and ``coefficient``:

        - ``KIND_bias``: mean over estimates of the absolute value of their bias, which is the mean
          over repeats of the difference from the estimate without holes, in standard errors of
          that one; from few repeats chance makes it somewhat too large;
        - ``KIND_off``: root mean square of this difference over estimates and repeats;
        - ``KIND_covered``: share of 95 % intervals that hold the value of the population;
        - ``KIND_width``: median width of these over that without holes, since those that rest on
          next to no values have no end.
    """
    keys = list(SETTING)
    grouped = study.scores.groupby(keys, sort=False)
    found = grouped[list(_SCORES)].mean()
    done = grouped["failed"].agg(lambda texts: int((texts == "").sum()))
    found.insert(0, "repeats", done)
    for name in ("error", "crps", "coverage", "width"):
        found[f"{name}_se"] = grouped[name].std(ddof=1) / np.sqrt(grouped[name].count())
    for kind in (MEAN, COEFFICIENT):
        lines = study.estimates[study.estimates["kind"] == kind]
        lines = lines.astype({"bias": float, "covered": float, "width": float})
        by_estimate = lines.groupby([*keys, "property"], sort=False)["bias"].mean().abs()
        pooled = lines.groupby(keys, sort=False)
        found[f"{kind}_bias"] = by_estimate.groupby(keys, sort=False).mean()
        found[f"{kind}_off"] = pooled["bias"].agg(lambda bias: float(np.sqrt((bias**2).mean())))
        found[f"{kind}_covered"] = pooled["covered"].mean()
        found[f"{kind}_width"] = pooled["width"].median()
    return found.reset_index()


def imputation_differences(
    study: ImputationStudy,
    column: str,
    one: object,
    other: object,
    score: str = "error",
    by: Sequence[str] = (),
) -> pd.DataFrame:
    """Return by how much a score differs between two values of one column, in the same draws.

    Parameters
    ----------
    study : ImputationStudy
        As above.
    column : str
        ``"method"``, ``"scale"``, ``"mechanism"``, ``"n_rows"``, …
    one, other : object
        Values of it.
    score : str
        A column of the scores.
    by : sequence of str
        Columns of the setting to tell apart; by default all are taken together.

    Returns
    -------
    DataFrame
        The columns of ``by``, ``difference`` (that of `one` minus that of `other`, mean over what
        both have), ``standard_error`` over repeats, and ``repeats``.
    """
    rest = [name for name in (*SETTING, "repeat") if name != column]
    wide = study.scores.pivot_table(index=rest, columns=column, values=score, dropna=False)
    if one not in wide or other not in wide:
        return pd.DataFrame(columns=[*by, "difference", "standard_error", "repeats"])
    differences = (wide[one] - wide[other]).dropna().rename("difference").reset_index()
    # Parts of one repeat share their rows: the repeats are what is independent.
    means = differences.groupby([*by, "repeat"], sort=False)["difference"].mean().reset_index()
    grouped = means.assign(all=0).groupby(list(by) or ["all"], sort=False)["difference"]
    found = pd.DataFrame(
        {
            "difference": grouped.mean(),
            "standard_error": grouped.std(ddof=1) / np.sqrt(grouped.count()),
            "repeats": grouped.count(),
        }
    )
    return found.reset_index(drop=not by)
