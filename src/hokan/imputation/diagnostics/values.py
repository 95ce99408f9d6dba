"""Observed and imputed values one below the other, as pictures and comparisons need them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hokan.imputation.imputations import Imputations

#: What stands in the column ``imputation`` beside an observed value.
OBSERVED = 0


def observed_and_imputed(imputations: Imputations) -> pd.DataFrame:
    """List the observed and all imputed values of every imputed property.

    Columns of text (categories) are left out; a limit such as ``> 3000`` is no observed value.

    Parameters
    ----------
    imputations : Imputations

    Returns
    -------
    DataFrame
        Columns ``property``, ``row`` (position, from 0), ``imputation`` (0: observed, else from 1)
        and ``value``.
    """
    parts = []
    m = len(imputations)
    for name in numeric_properties(imputations):
        column = imputations.columns[name]
        known = pd.to_numeric(imputations.frame[name], errors="coerce").to_numpy(np.float64)
        known[column.rows] = np.nan
        rows = np.flatnonzero(~np.isnan(known))
        parts.append(
            pd.DataFrame(
                {
                    "property": name,
                    "row": np.concatenate([rows, np.tile(column.rows, m)]),
                    "imputation": np.concatenate(
                        [
                            np.full(len(rows), OBSERVED),
                            np.repeat(np.arange(1, m + 1), len(column.rows)),
                        ]
                    ),
                    "value": np.concatenate([known[rows], column.values.ravel()]).astype(
                        np.float64
                    ),
                }
            )
        )
    if not parts:
        return pd.DataFrame(
            {
                "property": pd.Series(dtype=object),
                "row": pd.Series(dtype=np.int64),
                "imputation": pd.Series(dtype=np.int64),
                "value": pd.Series(dtype=np.float64),
            }
        )
    return pd.concat(parts, ignore_index=True)


def numeric_properties(imputations: Imputations) -> list[str]:
    """Return the imputed columns that hold numbers and had a hole."""
    return [
        name
        for name, column in imputations.columns.items()
        if len(column.rows) and np.issubdtype(column.values.dtype, np.number)
    ]
