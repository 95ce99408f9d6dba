"""How likely each cell was to be missing, from what else is in its row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression

from hokan.errors import HokanError
from hokan.imputation.diagnostics.values import numeric_properties, observed_and_imputed
from hokan.imputation.imputations import Imputations

FloatArray = NDArray[np.float64]

#: Propensities are means over this many completed tables, and so many of them are compared.
MOST_IMPUTATIONS = 10
#: A column of text with more levels than this tells rows apart, not groups of rows.
_MOST_LEVELS = 12
#: Of the log-odds, as the penalty expects it: most propensities between 2 and 98 %.
_VARIANCE = 4.0


def propensities(
    imputations: Imputations,
    properties: Sequence[str] | None = None,
    *,
    n_imputations: int = MOST_IMPUTATIONS,
) -> pd.DataFrame:
    """List observed and imputed values with the probability of their cell to be missing.

    Of a property, cells with holes and cells without may differ by right: holes may be more common
    in materials of one kind. Among cells equally likely to be missing they should not, if holes
    depend on nothing but what is in the table (T. E. Raghunathan and I. Bondarenko, "Diagnostics
    for multiple imputations", SSRN 1031750 (2007); S. van Buuren, Flexible Imputation of Missing
    Data, 2nd ed. (2018), section 6.6).

    The probability is that of a logistic regression of "is a hole" on normal scores of all other
    columns, averaged over completed tables. A slight penalty keeps it finite, and many columns from
    telling every hole apart. Columns of text take part if they have at most 12 levels.

    Parameters
    ----------
    imputations : Imputations
    properties : sequence of str, optional
        By default all that were imputed, categories aside.
    n_imputations : int
        At most this many completed tables are used, evenly spaced.

    Returns
    -------
    DataFrame
        As :func:`observed_and_imputed` returns it, of the imputations used, with a column
        ``propensity``; NaN where all cells of a property are holes.

    Raises
    ------
    HokanError
        If a property was not imputed.
    """
    names = numeric_properties(imputations)
    unknown = [name for name in properties or () if name not in names]
    if unknown:
        raise HokanError(
            f"{', '.join(map(repr, unknown))}: not imputed as numbers; those that were are "
            f"{', '.join(map(repr, names)) or 'none'}"
        )
    names = names if properties is None else list(properties)
    chosen = np.unique(
        np.linspace(0, len(imputations) - 1, min(n_imputations, len(imputations))).astype(int)
    )
    cells = observed_and_imputed(imputations)
    cells = cells[cells["property"].isin(names) & cells["imputation"].isin([0, *(chosen + 1)])]
    tables = [_scores(imputations[int(number)]) for number in chosen]
    found = {name: _propensity(name, imputations, tables) for name in names}
    cells = cells.reset_index(drop=True)
    rows = cells["row"].to_numpy()
    values = np.full(len(cells), np.nan)
    for name, propensity in found.items():
        here = (cells["property"] == name).to_numpy()
        values[here] = propensity[rows[here]]
    return cells.assign(propensity=values)


def _scores(frame: pd.DataFrame) -> dict[str, FloatArray]:
    """Return each column as numbers of similar size: one array of shape (n, k) for each.

    Normal scores of ranks leave no outlier, whatever the scale.
    """
    found = {}
    for position, name in enumerate(frame.columns):
        column = frame.iloc[:, position]
        if pd.api.types.is_numeric_dtype(column.dtype):
            values = column.to_numpy(np.float64, na_value=np.nan)
            if np.isnan(values).any() or np.ptp(values) == 0.0:
                continue
            ranks = (rankdata(values) - 0.5) / len(values)
            found[name] = np.asarray(ndtri(ranks)).reshape(-1, 1)
        elif column.nunique() <= _MOST_LEVELS:
            found[name] = pd.get_dummies(column.astype(str), dtype=float).to_numpy()
    return found


def _propensity(
    name: str, imputations: Imputations, tables: Sequence[dict[str, FloatArray]]
) -> FloatArray:
    """Return the probability of every row to have a hole in this column, of shape (n,)."""
    hole = np.zeros(len(imputations.frame), dtype=bool)
    hole[imputations.columns[name].rows] = True
    if hole.all() or not hole.any():
        return np.full(len(hole), np.nan)
    parts = []
    for table in tables:
        others = [scores for other, scores in table.items() if other != name]
        if not others:
            parts.append(np.full(len(hole), hole.mean()))
            continue
        x = np.concatenate(others, axis=1)
        penalty = min(1.0, _VARIANCE / x.shape[1])
        model = LogisticRegression(C=penalty, max_iter=1000).fit(x, hole)
        parts.append(model.predict_proba(x)[:, 1])
    return np.asarray(np.mean(parts, axis=0))
