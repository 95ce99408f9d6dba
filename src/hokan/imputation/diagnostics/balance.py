"""Whether imputed values resemble observed ones of cells equally likely to be missing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hokan.imputation.diagnostics.values import OBSERVED

FloatArray = NDArray[np.float64]

#: Fewer cells, of either kind, are not compared.
FEWEST_CELLS = 5
#: A difference of means of so many standard deviations is worth a look (E. A. Stuart, Statistical
#: Science 25, 1 (2010), section 4.1), if it is also this many of its own standard errors.
LARGE_DIFFERENCE, CLEAR_DIFFERENCE = 0.25, 2.5
_COLUMNS = (
    "observed",
    "imputed",
    "difference_overall",
    "strata",
    "share_compared",
    "difference",
    "standard_error",
    "differs",
    "note",
)


def compare_by_propensity(
    cells: pd.DataFrame, *, n_strata: int = 5, logarithmic: Sequence[str] = ()
) -> pd.DataFrame:
    """Compare means of imputed and observed values within strata of equal propensity.

    Differences are in standard deviations of the observed values. Each stratum counts by its holes.
    Those of all completed tables are averaged, and the standard error holds both the variance
    within tables and that between them (Rubin's rules).

    Parameters
    ----------
    cells : DataFrame
        As :func:`~hokan.imputation.diagnostics.propensities` returns it.
    n_strata : int
        Strata, at most: each is to have 5 holes and 5 observed values on average.
    logarithmic : sequence of str
        Properties, above zero, to compare on a logarithmic scale.

    Returns
    -------
    DataFrame
        A line for each property: ``property``, number of ``observed`` and ``imputed`` cells,
        ``difference_overall`` (imputed less observed, all cells: it may differ by right),
        ``strata``, ``share_compared`` of the holes (strata with fewer than 5 cells of either kind
        are left out), ``difference`` within strata, its ``standard_error``, ``differs`` (larger
        than 0.25 and than 2.5 standard errors) and ``note``, why a comparison is weak or absent.
    """
    lines = []
    for name, of_property in cells.groupby("property", sort=False):
        values = of_property["value"].to_numpy(np.float64)
        if name in logarithmic and (values > 0.0).all():
            of_property = of_property.assign(value=np.log(values))
        lines.append({"property": name, **_compare(of_property, n_strata)})
    return pd.DataFrame(lines, columns=["property", *_COLUMNS])


def _compare(cells: pd.DataFrame, n_strata: int) -> dict[str, object]:
    observed = cells[cells["imputation"] == OBSERVED]
    imputed = cells[cells["imputation"] != OBSERVED]
    n_holes = imputed["row"].nunique()
    found: dict[str, object] = dict.fromkeys(_COLUMNS, np.nan)
    found |= {"observed": len(observed), "imputed": n_holes, "strata": 0, "share_compared": 0.0}
    found |= {"differs": False, "note": ""}
    spread = float(observed["value"].std()) if len(observed) > 1 else 0.0
    if min(n_holes, len(observed)) < FEWEST_CELLS or not spread > 0.0:
        few = f"fewer than {FEWEST_CELLS}"
        why = f"{few} holes" if n_holes < FEWEST_CELLS else f"{few} different observed values"
        return found | {"note": f"not compared: {why}"}
    overall = (imputed["value"].mean() - observed["value"].mean()) / spread
    edges = _edges(imputed, len(observed), n_holes, n_strata)
    parts = [
        _difference(observed, of_table, edges, spread)
        for _, of_table in imputed.groupby("imputation")
    ]
    differences, variances, counts = map(np.asarray, zip(*parts, strict=True))
    compared = float(counts[0].sum() / n_holes)
    found |= {"difference_overall": overall, "strata": int((counts[0] > 0).sum())}
    found |= {"share_compared": compared}
    if not compared:
        return found | {"note": "not compared: where holes are likely, next to nothing is observed"}
    m = len(parts)
    between = float(np.var(differences, ddof=1)) if m > 1 else 0.0
    difference = float(differences.mean())
    error = float(np.sqrt(variances.mean() + (1.0 + 1.0 / m) * between))
    note = "" if compared >= 0.5 else "weak: fewer than half of the holes have observed like them"
    return found | {
        "difference": difference,
        "standard_error": error,
        "differs": abs(difference) > max(LARGE_DIFFERENCE, CLEAR_DIFFERENCE * error),
        "note": note,
    }


def _edges(imputed: pd.DataFrame, n_observed: int, n_holes: int, n_strata: int) -> FloatArray:
    """Return the propensities between strata, each with about as many holes."""
    strata = max(min(n_strata, n_holes // FEWEST_CELLS, n_observed // FEWEST_CELLS), 1)
    of_holes = imputed.drop_duplicates("row")["propensity"]
    return np.asarray(np.quantile(of_holes, np.linspace(0.0, 1.0, strata + 1)[1:-1]))


def _difference(
    observed: pd.DataFrame, imputed: pd.DataFrame, edges: FloatArray, spread: float
) -> tuple[float, float, NDArray[np.int64]]:
    """Return difference, its variance, and the holes of each stratum that were compared."""
    places = [np.searchsorted(edges, part["propensity"]) for part in (observed, imputed)]
    counts = np.zeros(len(edges) + 1, dtype=np.int64)
    differences, variances = np.zeros(len(counts)), np.zeros(len(counts))
    for stratum in range(len(counts)):
        known = observed["value"].to_numpy()[places[0] == stratum] / spread
        filled = imputed["value"].to_numpy()[places[1] == stratum] / spread
        if min(len(known), len(filled)) < FEWEST_CELLS:
            continue
        counts[stratum] = len(filled)
        differences[stratum] = filled.mean() - known.mean()
        variances[stratum] = filled.var(ddof=1) / len(filled) + known.var(ddof=1) / len(known)
    shares = counts / max(counts.sum(), 1)
    return float(shares @ differences), float(shares**2 @ variances), counts
