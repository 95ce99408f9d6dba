"""The sites that cells should have: of their limits, or of values that may be wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hokan.gp.kernels import FloatArray
from hokan.inference.cells import DoubtfulValues, Limits
from hokan.inference.gross_errors import sites_for_values
from hokan.inference.sites import Sites, sites_for

#: Rows and columns of cells.
Where = tuple[NDArray[np.integer[Any]], NDArray[np.integer[Any]]]


def sites_wanted(
    limits: Limits | None, doubts: DoubtfulValues | None, where: Where
) -> Callable[[FloatArray, FloatArray], Sites]:
    """Return the function that gives some cells the sites of their limits or doubtful values.

    Parameters
    ----------
    limits, doubts
        Of a table.
    where : tuple of ndarray
        Rows and columns of its cells that have sites.
    """
    limited = np.zeros(len(where[0]), dtype=bool) if limits is None else limits.here[where]
    between = where[0][limited], where[1][limited]
    doubted = where[0][~limited], where[1][~limited]

    def wanted(mean: FloatArray, variance: FloatArray) -> Sites:
        found = Sites(np.empty_like(mean), np.empty_like(mean))
        parts = []
        if limits is not None:
            ends = limits.lower[between], limits.upper[between]
            parts.append((limited, sites_for(mean[limited], variance[limited], *ends)))
        if doubts is not None:
            value, share = doubts.values[doubted], doubts.share[doubted[1]]
            sites = sites_for_values(mean[~limited], variance[~limited], value, share)
            parts.append((~limited, sites))
        for here, sites in parts:
            found.mean[here], found.variance[here] = sites.mean, sites.variance
        return found

    return wanted
