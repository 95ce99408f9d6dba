"""Nested holes: a composition that knows a property knows all before it."""

from __future__ import annotations

import numpy as np

from hokan.errors import TableError
from hokan.evaluation.amputation.compositions import FEWEST_LEFT, BoolArray, Compositions, IntArray
from hokan.table import MissingPattern


def nested(compositions: Compositions, share: float, rng: np.random.Generator) -> BoolArray:
    """Return which compositions to hide of each property, so that what is left is monotone.

    Where all properties are equally known, their order is drawn by lot; else it is that which
    drops the fewest values, and those are hidden first. Then compositions, drawn by lot, lose all
    properties behind a place drawn by lot, until the share is met. The first property is hidden
    nowhere beyond what nesting drops.

    Parameters
    ----------
    compositions : Compositions
        The table.
    share : float
        Of the known cells of all these properties together; later ones lose more.
    rng : Generator
        What draws.

    Raises
    ------
    TableError
        If nesting alone drops more than the share, the share cannot be reached, or a property would
        keep too few values.
    """
    order = compositions.columns[_order(compositions, rng)]
    counts = compositions.counts[:, order]
    depth = _depth(compositions, order)
    hidden = np.arange(counts.shape[1]) >= depth[:, None]
    target = round(share * compositions.n_known)
    dropped = int(counts[hidden].sum())
    if dropped > target:
        raise TableError(
            f"{compositions.source}: the holes it has are not nested, and hiding what has to be to "
            f"make them so takes {dropped} of {compositions.n_known} known cells, more than the "
            f"{target} asked for. Hide a larger share, or name other properties to make holes in."
        )
    missing = _cut(counts, depth, target - dropped, rng)
    if missing > 0:
        raise TableError(
            f"{compositions.source}: nested holes in {target} of {compositions.n_known} known "
            f"cells were asked for, and {target - missing} is the most that leaves the first "
            f"property as known as it is and {FEWEST_LEFT} values of each other. Hide a smaller "
            "share."
        )
    result = np.zeros(compositions.counts.shape, dtype=np.bool_)
    result[:, order] = np.arange(counts.shape[1]) >= depth[:, None]
    result &= compositions.counts > 0
    compositions.check_left(result, "nesting")
    return result


def _order(compositions: Compositions, rng: np.random.Generator) -> IntArray:
    known = compositions.observed[:, compositions.columns]
    drawn: IntArray = rng.permutation(known.shape[1])
    if (known == known[:, :1]).all():
        return drawn
    names = [compositions.names[column] for column in compositions.columns]
    best = MissingPattern(tuple(names), known, compositions.source).best_nesting().order
    return np.array([names.index(name) for name in best], dtype=np.intp)


def _depth(compositions: Compositions, order: IntArray) -> IntArray:
    """Return how many properties of each composition can stay, all of its rows being nested."""
    known = compositions.observed[:, order]
    behind_a_hole = known & ~np.logical_and.accumulate(known, axis=1)
    places = np.arange(known.shape[1])
    # Of a row, all can stay before the first value behind a hole; there is nothing after the last.
    first = np.where(behind_a_hole, places, known.shape[1]).min(axis=1)
    last = np.where(known, places + 1, 0).max(axis=1)
    depth = np.full(len(compositions.counts), known.shape[1])
    reach = np.zeros(len(compositions.counts), dtype=np.intp)
    np.minimum.at(depth, compositions.groups, first)
    np.maximum.at(reach, compositions.groups, last)
    return np.asarray(np.minimum(depth, reach))


def _cut(counts: IntArray, depth: IntArray, wanted: int, rng: np.random.Generator) -> int:
    """Make compositions known less far, in place; return how many cells more were wanted."""
    left = np.where(np.arange(counts.shape[1]) < depth[:, None], counts, 0).sum(axis=0)
    while wanted > 0:
        before = wanted
        for group in rng.permutation(len(depth)):
            if wanted <= 0 or depth[group] < 2:
                continue
            new = int(rng.integers(1, depth[group]))
            # Not further than what is wanted, but for the last property, and never to the end.
            while new < depth[group] and (
                (new < depth[group] - 1 and counts[group, new : depth[group]].sum() > wanted)
                or (left - counts[group] < FEWEST_LEFT)[new : depth[group]].any()
            ):
                new += 1
            lost = counts[group, new : depth[group]]
            left[new : depth[group]] -= lost
            depth[group] = new
            wanted -= int(lost.sum())
        if wanted == before:
            break
    return wanted
