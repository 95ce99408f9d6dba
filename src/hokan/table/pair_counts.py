"""What two properties know of each other: rows with both, one or none, and shares of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class PairCounts:
    """In how many rows two properties are known, one of them, or none.

    As ``md.pairs`` of the R package mice; the letters stand for response and missing. Each count is
    a DataFrame of shape (p, p), row property first, and the four add up to the number of rows.

    Attributes
    ----------
    rr : DataFrame
        Both are known. The diagonal says how often each property is.
    rm : DataFrame
        The row's property is known, the column's is not.
    mr : DataFrame
        The row's property is not known, the column's is.
    mm : DataFrame
        Neither is known.

    References
    ----------
    S. van Buuren, *Flexible Imputation of Missing Data*, 2nd ed., CRC Press (2018), section 4.1.2.
    """

    rr: pd.DataFrame
    rm: pd.DataFrame
    mr: pd.DataFrame
    mm: pd.DataFrame

    @classmethod
    def of(cls, together: NDArray[np.int64], n_rows: int, names: Sequence[str]) -> PairCounts:
        """Return the counts, from those of rows where both are known, shape (p, p)."""
        rm = np.diag(together)[:, None] - together
        four = (together, rm, rm.T, n_rows - together - rm - rm.T)
        return cls(*(pd.DataFrame(one, index=list(names), columns=list(names)) for one in four))

    def inbound(self) -> pd.DataFrame:
        """Of the holes of the row's property, the share that the column's property is known beside.

        The proportion of usable cases; nan where there is no hole.
        """
        return self.mr / (self.mr + self.mm)

    def outbound(self) -> pd.DataFrame:
        """Of the known values of the row's property, the share beside a hole of the column's.

        nan where nothing is known.
        """
        return self.rm / (self.rm + self.rr)


def flux(
    together: NDArray[np.int64],
    n_rows: int,
    known_in_incomplete: NDArray[np.int64],
    names: Sequence[str],
) -> pd.DataFrame:
    """Return influx, outflux and their relatives; see :meth:`hokan.table.MissingPattern.flux`.

    Parameters
    ----------
    together : array of shape (p, p)
        Rows where both properties are known.
    n_rows : int
    known_in_incomplete : array of shape (p,)
        Rows with a hole somewhere where the property is known.
    names : sequence of str
    """
    known = np.diag(together)
    missing = n_rows - known
    outward = (known[:, None] - together).sum(axis=1)  # its known values beside holes of others
    inward = (known[None, :] - together).sum(axis=1)  # its holes beside known values of others
    others = len(names) - 1
    return pd.DataFrame(
        {
            "pobs": _share(known, np.full_like(known, n_rows)),
            "influx": _share(inward, np.full_like(known, known.sum())),
            "outflux": _share(outward, np.full_like(known, missing.sum())),
            "ainb": _share(inward, missing * others, of_nothing=0.0),
            "aout": _share(outward, known * others, of_nothing=0.0),
            "fico": _share(known_in_incomplete, known),
        },
        index=list(names),
    )


def _share(
    part: NDArray[np.int64], whole: NDArray[np.int64], of_nothing: float = np.nan
) -> NDArray[np.float64]:
    shares = np.full(part.shape, of_nothing)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares
