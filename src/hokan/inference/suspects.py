"""Finding the values that may be wrong, and what stands for them.

Only values that the others do not expect carry sites; all others condition the model as they are.
Bad values hide one another: once the worst count for little, others stand out, so that the search
is repeated until it finds no more.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hokan.gp.kernels import FloatArray
from hokan.inference.cells import Cells, DoubtfulValues
from hokan.inference.conditioning import condition
from hokan.inference.gross_errors import (
    SUSPICION,
    learned_share,
    sites_for_values,
    wrong_probability,
)
from hokan.inference.limits import propagate
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.inference.posterior import CellDistribution

_MOST_SEARCHES = 8
#: Values as improbable as this under the spread of their property alone start as suspects.
_TOO_FAR = 0.5
#: Of a prediction of a left-out value; rounding can leave less.
LEAST_VARIANCE = 1e-12


def place_sites(cells: Cells, layout: ParameterLayout, parameters: HierarchyParameters) -> Cells:
    """Return cells with sites where only limits are known and where values look wrong.

    Found from the sites that the cells have; the share of wrong values is learned where it is not
    given.

    Raises
    ------
    NotPositiveDefiniteError
        The parameters give no valid covariance.
    """
    cells = propagate(cells, layout, parameters)
    doubts = cells.doubts
    if doubts is None:
        return cells
    for _ in range(_MOST_SEARCHES):
        left_out = condition(cells, layout, parameters).leave_one_out()
        probability = probability_of_being_wrong(cells, left_out)
        new = _worst_of_rows((probability > SUSPICION) & ~doubts.suspect, doubts, left_out)
        doubts = replace(doubts, suspect=doubts.suspect | new, share=_shares(doubts, probability))
        cells = _with_first_sites(cells, doubts, new, left_out)
        if not new.any():
            break
        cells = propagate(cells, layout, parameters)
    return cells


def _worst_of_rows(
    suspicious: NDArray[np.bool_], doubts: DoubtfulValues, left_out: CellDistribution
) -> NDArray[np.bool_]:
    """Keep of each row the value that lies furthest from what the others predict.

    A wrong value makes those beside it look wrong, since these are predicted from it.
    """
    surprise = np.zeros(suspicious.shape)
    variance = np.maximum(left_out.variance[suspicious], LEAST_VARIANCE)
    distance = doubts.values[suspicious] - left_out.mean[suspicious]
    surprise[suspicious] = np.abs(distance) / np.sqrt(variance)
    return np.asarray(suspicious & (surprise == surprise.max(axis=1, keepdims=True)))


def _shares(doubts: DoubtfulValues, probability: FloatArray) -> FloatArray:
    share = doubts.share.copy()
    for j in np.flatnonzero(doubts.learned & (doubts.share > 0)):
        share[j] = learned_share(probability[np.isfinite(probability[:, j]), j])
    return share


def with_robust_start(cells: Cells) -> Cells:
    """Return cells in which values too far from all others of their property are suspects.

    Parameters learned with them in place may be so far off that they look right.
    """
    doubts = cells.doubts
    if doubts is None:
        return cells
    alone = CellDistribution(np.zeros(doubts.values.shape), np.ones(doubts.values.shape))
    far = probability_of_being_wrong(cells, alone) > _TOO_FAR
    doubts = replace(doubts, suspect=doubts.suspect | far)
    return _with_first_sites(cells, doubts, far, alone)


def _with_first_sites(
    cells: Cells, doubts: DoubtfulValues, new: NDArray[np.bool_], left_out: CellDistribution
) -> Cells:
    """Give new suspects the sites that suit what the others predict, bad ones among these."""
    where = np.nonzero(new)
    sites = sites_for_values(
        left_out.mean[where],
        np.maximum(left_out.variance[where], LEAST_VARIANCE),
        doubts.values[where],
        doubts.share[where[1]],
    )
    values, noise = cells.values.copy(), cells.noise_variance.copy()
    values[where] = sites.mean
    noise[where] += sites.variance
    return replace(cells, values=values, noise_variance=noise, doubts=doubts)


def probability_of_being_wrong(cells: Cells, left_out: CellDistribution) -> FloatArray:
    """Return the probability that each value is grossly wrong, shape (n, p); NaN where none is.

    Parameters
    ----------
    cells : Cells
        With their sites.
    left_out : CellDistribution
        Each cell as the others predict it.
    """
    doubts = cells.doubts
    if doubts is None:
        return np.full(cells.values.shape, np.nan)
    here = np.isfinite(doubts.values) & np.isfinite(left_out.mean)
    probability = np.full(cells.values.shape, np.nan)
    variance = np.maximum(left_out.variance[here], LEAST_VARIANCE)
    surprise = doubts.values[here] - left_out.mean[here]
    share = np.broadcast_to(doubts.share, cells.values.shape)[here]
    probability[here] = wrong_probability(surprise, variance, share)
    return probability
