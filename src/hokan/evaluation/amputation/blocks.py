"""Holes in blocks, as where tables were put together and one source lacks a column."""

from __future__ import annotations

import numpy as np

from hokan.errors import TableError
from hokan.evaluation.amputation.compositions import BoolArray, Compositions


def blocks(
    compositions: Compositions, share: float, n_sources: int, rng: np.random.Generator
) -> BoolArray:
    """Return which compositions to hide of each property, in whole blocks.

    Compositions are dealt by lot to sources. One source, that of all compositions left over, lacks
    nothing; each of the others lacks some properties altogether, and all of them lose about the
    same number of cells. Properties take turns in being lacked.

    Parameters
    ----------
    compositions : Compositions
        The table.
    share : float
        Of the known cells of all these properties together.
    n_sources : int
        Sources that lack something.
    rng : Generator
        What draws.

    Raises
    ------
    TableError
        If there is a single property, too few compositions, or a property would keep too few
        values.
    """
    n_columns = len(compositions.columns)
    if n_columns < 2:
        raise TableError(
            f"{compositions.source}: a source lacks some of several properties, and one alone was "
            "named to make holes in; name two or more, or take another mechanism."
        )
    # A source that lacked no larger part than the share would leave no row for the complete one.
    width = min(int(np.floor(share * n_columns)) + 1, n_columns - 1)
    turns = compositions.columns[rng.permutation(n_columns)]
    order = rng.permutation(len(compositions.counts))
    wanted = share * compositions.n_known
    hidden = np.zeros(compositions.counts.shape, dtype=np.bool_)
    done = taken = 0
    for source in range(n_sources):
        lacked = turns[(source * width + np.arange(width)) % n_columns]
        enough = round(wanted * (source + 1) / n_sources)
        while done < enough and taken < len(order):
            group = order[taken]
            hidden[group, lacked] = compositions.counts[group, lacked] > 0
            done += int(compositions.counts[group, lacked].sum())
            taken += 1
    if done < round(wanted):
        raise TableError(
            f"{compositions.source}: blocks of {width} of {n_columns} properties in all rows hide "
            f"{done} known cells, fewer than the {round(wanted)} asked for. Hide a smaller share."
        )
    compositions.check_left(hidden, "blocks")
    return hidden
