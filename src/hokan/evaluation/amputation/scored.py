"""Holes by chance, by other values that stay in view, or by the hidden values themselves.

All three hide a cell where ``strength * score + e`` is above a threshold, e logistic noise, which
makes the probability of a hole a logistic function of the score; the threshold is where the share
is met. The score is 0 (MCAR), made of other values of the row (MAR), or the value's own (MNAR).
Schouten, Lugtig & Vink, J. Stat. Comput. Simul. 88, 2909 (2018), from whom scores and types come,
give holes to whole patterns of a row; here each property has its own share.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hokan.errors import TableError
from hokan.evaluation.amputation.compositions import (
    FEWEST_LEFT,
    BoolArray,
    Compositions,
    FloatArray,
    IntArray,
    normal_scores,
)

#: What a score means for the chance of a hole: the larger, the smaller, the further from the
#: middle, the nearer to it.
TAILS = ("right", "left", "tail", "mid")


def by_chance(
    compositions: Compositions, targets: Mapping[int, int], rng: np.random.Generator
) -> BoolArray:
    """Return which compositions to hide of each property, each as likely as any other.

    Parameters
    ----------
    compositions : Compositions
        The table.
    targets : mapping of int to int
        How many cells to hide, by the position of the property.
    rng : Generator
        What draws.

    Raises
    ------
    TableError
        If a property would keep too few values.
    """
    hidden = np.zeros(compositions.counts.shape, dtype=np.bool_)
    for column, target in targets.items():
        candidates = np.flatnonzero(compositions.counts[:, column])
        scores = np.zeros(len(candidates))
        _hide(compositions, hidden, column, target, candidates, scores, rng)
    compositions.check_left(hidden, "MCAR")
    return hidden


def by_own_value(
    compositions: Compositions,
    targets: Mapping[int, int],
    rng: np.random.Generator,
    *,
    strength: float,
    tail: str,
) -> BoolArray:
    """Return which compositions to hide of each property, by the values to be hidden.

    Parameters and errors as for :func:`by_others`.
    """
    hidden = np.zeros(compositions.counts.shape, dtype=np.bool_)
    for column, target in targets.items():
        known = compositions.counts[:, column] > 0
        candidates = np.flatnonzero(known)
        scores = normal_scores(compositions.means[:, column], known)[candidates]
        steep = strength * _turned(_standardised(scores), tail)
        _hide(compositions, hidden, column, target, candidates, steep, rng)
    compositions.check_left(hidden, "MNAR")
    return hidden


def by_others(
    compositions: Compositions,
    targets: Mapping[int, int],
    rng: np.random.Generator,
    *,
    share: float,
    strength: float,
    tail: str,
) -> BoolArray:
    """Return which compositions to hide of each property, by values that stay in view.

    First, by lot, some properties of each composition become candidates for holes; those that do
    not are never hidden there, and they alone make its score. So what decides about a hole can
    still be seen when the hole is there, which is what missing at random means (Rubin, Biometrika
    63, 581 (1976)).

    Parameters
    ----------
    compositions : Compositions
        The table.
    targets : mapping of int to int
        How many cells to hide, by the position of the property.
    rng : Generator
        What draws.
    share : float
        Of known cells to hide.
    strength : float
        By how much the log odds of a hole rise with one standard deviation of the score.
    tail : {"right", "left", "tail", "mid"}
        Where on the score holes are.

    Raises
    ------
    TableError
        If there are not enough cells with another value in view, or a property would keep too few.
    """
    known = compositions.counts > 0
    may_be_hidden = _candidates(compositions, known, share, rng)
    scores = _scores_of_others(compositions, known & ~may_be_hidden)
    hidden = np.zeros(known.shape, dtype=np.bool_)
    for column, target in targets.items():
        candidates = np.flatnonzero(may_be_hidden[:, column])
        room = int(compositions.counts[candidates, column].sum())
        if room < target:
            raise TableError(
                f"{compositions.source}: MAR holes in {target} values of "
                f"{compositions.names[column]!r} were asked for, and {room} have another value of "
                "their row that stays in view and can decide. Hide a smaller share, or name fewer "
                "properties to make holes in."
            )
        steep = strength * _turned(_standardised(scores[candidates]), tail)
        _hide(compositions, hidden, column, target, candidates, steep, rng)
    compositions.check_left(hidden, "MAR")
    return hidden


def _candidates(
    compositions: Compositions, known: BoolArray, share: float, rng: np.random.Generator
) -> BoolArray:
    """Draw which cells may be hidden; every composition keeps at least one other value in view."""
    wanted = np.zeros(known.shape[1], dtype=np.bool_)
    wanted[compositions.columns] = True
    in_view_anyway: BoolArray = np.any(known[:, ~wanted], axis=1)
    may_be_hidden = np.zeros(known.shape, dtype=np.bool_)
    for group in range(len(known)):
        possible = np.flatnonzero(known[group] & wanted)
        if in_view_anyway[group]:
            may_be_hidden[group, possible] = True
            continue
        # Half of the cells that stay known beyond those hidden are needed to leave a choice.
        number = int(np.floor(0.5 * (1.0 + share) * len(possible) + rng.random()))
        number = min(number, len(possible) - 1)
        if number > 0:
            may_be_hidden[group, rng.permutation(possible)[:number]] = True
    return may_be_hidden


def _scores_of_others(compositions: Compositions, in_view: BoolArray) -> FloatArray:
    """Return the mean normal score of the values in view of each composition, shape (g,).

    Ranks too are among values in view, so that no hidden value has a say in them.
    """
    scores = np.column_stack(
        [
            normal_scores(compositions.means[:, column], in_view[:, column])
            for column in range(in_view.shape[1])
        ]
    )
    number = np.maximum(in_view.sum(axis=1), 1)
    return np.asarray(np.nansum(scores, axis=1) / number)


def _standardised(scores: FloatArray) -> FloatArray:
    spread = scores.std() if len(scores) else 0.0
    return (scores - scores.mean()) / spread if spread > 0 else np.zeros(len(scores))


def _turned(scores: FloatArray, tail: str) -> FloatArray:
    """Return scores that are large where holes are to be."""
    return {"right": scores, "left": -scores, "tail": np.abs(scores), "mid": -np.abs(scores)}[tail]


def _hide(
    compositions: Compositions,
    hidden: BoolArray,
    column: int,
    target: int,
    candidates: IntArray,
    scores: FloatArray,
    rng: np.random.Generator,
) -> None:
    """Hide the compositions with the largest scores and noise, until enough cells are hidden."""
    counts = compositions.counts[candidates, column]
    order = np.argsort(-(scores + rng.logistic(size=len(candidates))), kind="stable")
    before = np.cumsum(counts[order]) - counts[order]
    # The last composition may go beyond the target, but not so far that nothing is left.
    most = int(compositions.counts[:, column].sum()) - FEWEST_LEFT
    taken = (before < target) & ((before + counts[order] <= most) | (target > most))
    hidden[candidates[order[taken]], column] = True
