"""The order of properties in which nesting drops the fewest known values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

#: Up to so many properties that differ in where they are known, all orders are compared. The time
#: for it doubles with each.
MOST_EXACT = 18
#: Beyond, columns are moved one at a time until nothing is gained, or until so many cells have been
#: looked at: about a second.
_MOST_CELLS_LOOKED_AT = 1e9


def best_order(patterns: NDArray[np.bool_], counts: NDArray[np.int64]) -> tuple[int, ...]:
    """Return the order that keeps the most values, best-known properties first where it is equal.

    In the order P1, P2, … the values that nesting keeps are Σ_k r({P1 … Pk}), where r(S) counts the
    rows that know all of S. So a complete property may come first, and one that is known in the
    same rows as another right behind it; both cost nothing. For the rest, the best order of each
    set of properties follows from those of its subsets (dynamic programming, as M. Held and R. M.
    Karp, *J. SIAM* 10, 196 (1962), order the cities of a tour).

    Parameters
    ----------
    patterns : array of shape (m, p)
        Distinct rows, True where a property is known.
    counts : array of shape (m,)
        How often each occurs.

    Returns
    -------
    tuple of int
        The columns of ``patterns``, in order.
    """
    known = counts @ patterns
    by_count = np.argsort(-known, kind="stable").tolist()
    groups: dict[bytes, list[int]] = {}
    for column in by_count:
        groups.setdefault(patterns[:, column].tobytes(), []).append(column)
    # A complete group is the first one, if there is one.
    members = list(groups.values())
    representative = patterns[:, [group[0] for group in members]]
    sizes = np.array([len(group) for group in members], dtype=np.int64)
    complete = representative.all(axis=0)
    first = np.flatnonzero(complete).tolist()
    rest = np.flatnonzero(~complete)
    ordered = (_exactly if len(rest) <= MOST_EXACT else _by_moves)(
        representative[:, rest], counts, sizes[rest]
    )
    return tuple(j for group in [*first, *rest[ordered]] for j in members[group])


def _exactly(
    patterns: NDArray[np.bool_], counts: NDArray[np.int64], sizes: NDArray[np.int64]
) -> list[int]:
    """Compare all orders. Sets of columns are written as numbers, column j as 2^j."""
    p = patterns.shape[1]
    bits = np.int64(1) << np.arange(p, dtype=np.int64)
    rows_with_all = np.bincount(patterns @ bits, weights=counts, minlength=1 << p).astype(np.int64)
    for j in range(p):
        # From the rows that know exactly a set to those that know it and perhaps more.
        without_and_with = rows_with_all.reshape(-1, 2, 1 << j)
        without_and_with[:, 0] += without_and_with[:, 1]
    sets = np.arange(1 << p, dtype=np.int64)
    size_of = sum((sets >> j & 1 for j in range(p)), start=np.zeros_like(sets))
    by_size = np.split(np.argsort(size_of, kind="stable"), np.cumsum(np.bincount(size_of))[:-1])
    kept = np.zeros(1 << p, dtype=np.int64)
    last = np.zeros(1 << p, dtype=np.int64)
    for layer in by_size[1:]:
        best = np.full(len(layer), -1, dtype=np.int64)
        for j in range(p):
            inside = np.flatnonzero(layer >> j & 1)
            of = layer[inside]
            value = kept[of ^ bits[j]] + sizes[j] * rows_with_all[of]
            # Columns are sorted by how much is known of them: of equals, the later comes last.
            better = value >= best[inside]
            best[inside[better]] = value[better]
            last[of[better]] = j
        kept[layer] = best
    order: list[int] = []
    left = (1 << p) - 1
    while left:
        order.append(int(last[left]))
        left ^= 1 << order[-1]
    return order[::-1]


def _by_moves(
    patterns: NDArray[np.bool_], counts: NDArray[np.int64], sizes: NDArray[np.int64]
) -> list[int]:
    """Move one column at a time to where it helps most, until none does; the better of two starts.

    The starts are the columns by how much is known of them, and the order in which each next column
    shares the most rows with all before it.
    """
    p = patterns.shape[1]
    starts = (list(range(p)), _greedily(patterns, counts))
    found = [_improved(patterns, counts, sizes, start) for start in starts]
    return max(found, key=lambda order: _kept(patterns, counts, sizes, order))


def _greedily(patterns: NDArray[np.bool_], counts: NDArray[np.int64]) -> list[int]:
    order: list[int] = []
    weights = counts.astype(np.float64)
    left = list(range(patterns.shape[1]))
    while left:
        shared = weights @ patterns[:, left]
        order.append(left.pop(int(np.argmax(shared))))
        weights = weights * patterns[:, order[-1]]
    return order


def _improved(
    patterns: NDArray[np.bool_],
    counts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    order: Sequence[int],
) -> list[int]:
    order = list(order)
    cells_in_a_round = max(patterns.size * len(order), 1)
    for _ in range(int(_MOST_CELLS_LOOKED_AT // cells_in_a_round)):
        before = list(order)
        for column in before:
            others = [k for k in order if k != column]
            values = _kept_by_place(patterns, counts, sizes, others, column)
            place = int(np.argmax(values))
            if values[place] > values[order.index(column)]:
                order = [*others[:place], column, *others[place:]]
        if order == before:
            break
    return order


def _kept_by_place(
    patterns: NDArray[np.bool_],
    counts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    others: Sequence[int],
    column: int,
) -> NDArray[np.int64]:
    """Return what is kept if a column stands before the others' 1st, 2nd, … or behind their last.

    Only how many of the others a row knows from the first on, and whether it knows the column,
    make a difference, so all places are judged in one pass over the rows.
    """
    run = np.logical_and.accumulate(patterns[:, others], axis=1).sum(axis=1)
    knows = patterns[:, column]
    all_rows = _at_least(run, counts, len(others))
    knowing = _at_least(run[knows], counts[knows], len(others))
    weights = sizes[list(others)]
    kept: NDArray[np.int64] = sizes[column] * knowing
    kept[1:] += np.cumsum(weights * all_rows[1:])
    kept[:-1] += np.cumsum((weights * knowing[1:])[::-1])[::-1]
    return kept


def _at_least(run: NDArray[np.int64], counts: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return how many rows have a run of 0, 1, … ``most`` or longer."""
    histogram = np.bincount(run, weights=counts, minlength=most + 1)
    at_least: NDArray[np.int64] = np.cumsum(histogram[::-1], dtype=np.int64)[::-1]
    return at_least


def _kept(
    patterns: NDArray[np.bool_],
    counts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    order: Iterable[int],
) -> int:
    columns = list(order)
    kept = np.logical_and.accumulate(patterns[:, columns], axis=1)
    return int(counts @ kept @ sizes[columns])
