"""Values that may be grossly wrong, found while chains move.

As in the exact engine, a value that everything else does not expect is stood for by a vaguer
observation, a site; see :mod:`hokan.inference.gross_errors`. What everything else expects of a cell
is taken to second order, chain by chain, around where the chains are: from the property's own model
and from those of its children.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hokan.gp.kernels import FloatArray
from hokan.inference.cells import Cells
from hokan.inference.gross_errors import (
    SUSPICION,
    learned_share,
    sites_for_values,
    wrong_probability,
)
from hokan.sampling.energy import Energy


def expected_cells(
    energy: Energy, tables: FloatArray, weights: list[FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Return what everything but its own value says of every cell that takes part.

    Parameters
    ----------
    energy : Energy
    tables : ndarray of shape (p, n, c)
        Complete rows.
    weights : list of ndarray of shape (r, c)
        Of the links of every property.

    Returns
    -------
    mean, variance : ndarray of shape (p, n, c)
        NaN where a cell takes no part.
    """
    hierarchy = energy.hierarchy
    unknowns = hierarchy.unknowns
    slope, curvature = np.zeros_like(tables), np.zeros_like(tables)
    for j, node in enumerate(hierarchy.nodes):
        rows = unknowns.rows[j]
        links, _, force = energy.residual_and_force(j, tables, weights[j])
        precision = np.diagonal(energy.precisions[j])[:, None]
        slope[j][rows] += force
        curvature[j][rows] += precision
        for at, link, part in zip(links, node.links, node.weight_slices, strict=True):
            for parent, by_parent in zip(link.parents, at.slopes(weights[j][part]), strict=True):
                slope[parent][rows] -= force * by_parent
                curvature[parent][rows] += precision * by_parent**2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(curvature > 0, tables - slope / curvature, np.nan), 1.0 / curvature


def gross_error_probability(
    cells: Cells, mean: FloatArray, variance: FloatArray
) -> FloatArray | None:
    """Return the probability that each value is grossly wrong, shape (n, p).

    Parameters
    ----------
    cells : Cells
    mean, variance : ndarray of shape (n, p, c)
        What everything else says of each cell, in several draws.

    Returns
    -------
    ndarray or None
        NaN where there is no value that may be wrong; ``None`` where there are no doubts at all.
    """
    doubts = cells.doubts
    if doubts is None:
        return None
    here = np.isfinite(doubts.values) & (doubts.share > 0) & np.isfinite(mean[:, :, 0])
    value = np.where(here, doubts.values, 0.0)[:, :, None]
    noise = np.where(here, doubts.noise_variance, 0.0)[:, :, None]
    share = np.broadcast_to(doubts.share[None, :, None], mean.shape)
    wrong = np.full(here.shape, np.nan)
    surprise, total = (value - mean)[here], (variance + noise)[here]
    wrong[here] = wrong_probability(surprise, total, share[here]).mean(axis=1)
    return wrong


def reconsidered(cells: Cells, energy: Energy, states: FloatArray) -> Cells:
    """Return cells in which sites stand for the values that look wrong now.

    Of each row, only the value that looks worst becomes a suspect: it makes those beside it look
    wrong too. Suspects that turn out right count in full again.

    Parameters
    ----------
    cells : Cells
        With doubts.
    energy : Energy
    states : ndarray of shape (d, c)
        Where the chains are.
    """
    doubts = cells.doubts
    if doubts is None:
        return cells
    unknowns = energy.hierarchy.unknowns
    tables = unknowns.complete(unknowns.bounds.to_cells(states[: unknowns.n_drawn]))
    weights = [states[part] for part in energy.weight_slices]
    found = expected_cells(energy, tables, weights)
    mean, variance = (each.transpose(1, 0, 2) for each in found)
    wrong = gross_error_probability(cells, mean, variance)
    if wrong is None:
        return cells
    here = np.isfinite(wrong)
    suspicious = np.nan_to_num(wrong) > SUSPICION
    worst = np.nan_to_num(wrong).max(axis=1, keepdims=True)
    suspect = suspicious & ((wrong == worst) | doubts.suspect)
    learned = doubts.share.copy()
    for j in np.flatnonzero(doubts.learned & (doubts.share > 0)):
        learned[j] = learned_share(wrong[here[:, j], j])
    around = mean.mean(axis=2), variance.mean(axis=2) + mean.var(axis=2)
    sites = sites_for_values(
        around[0][suspect],
        around[1][suspect] + doubts.noise_variance[suspect],
        doubts.values[suspect],
        np.broadcast_to(learned, suspect.shape)[suspect],
    )
    values, variances = cells.values.copy(), cells.noise_variance.copy()
    values[here], variances[here] = doubts.values[here], doubts.noise_variance[here]
    values[suspect] = sites.mean
    variances[suspect] += sites.variance
    return replace(
        cells,
        values=values,
        noise_variance=variances,
        doubts=replace(doubts, suspect=suspect, share=learned),
    )
