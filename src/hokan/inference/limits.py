"""Values that are only known to lie beyond a limit or between two, by expectation propagation.

A band gap of 0 says that the latent quantity behind it is 0 *or less*. Given everything else, such
a cell has a truncated Gaussian, which the exact engine cannot hold; a Gaussian observation (a
"site") that changes the mean and variance of the cell just as the limit does stands for it. What
comes out is an ordinary table with one more measurement error, so that everything else stays exact.

Source: Minka (2001), Expectation propagation for approximate Bayesian inference; Rasmussen &
Williams (2006), section 3.6. The gradient of the Gaussian evidence at fixed, converged sites is
that of the evidence of expectation propagation (Seeger 2005), so parameters and sites take turns.

A limited value with a measurement error is a limit on the erroneous value: site and error add up.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hokan.gp.factorisation import cholesky_in_place, invert_in_place, solve_factored, whiten
from hokan.gp.kernels import FloatArray
from hokan.inference.cells import Cells
from hokan.inference.gross_errors import log_density
from hokan.inference.joint import JointLikelihood
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.inference.posterior import CellDistribution
from hokan.inference.sites import Sites, find_sites, sites_for
from hokan.inference.truncation import log_probability_between
from hokan.inference.wanted_sites import Where, sites_wanted

#: Of a prediction of a left-out value; rounding can leave less.
_LEAST_VARIANCE = 1e-12


def with_first_sites(cells: Cells) -> Cells:
    """Return cells whose limits are sites for a cell of mean 0 and variance 1."""
    limits = cells.limits
    if limits is None:
        return cells
    rows, columns = np.nonzero(limits.here)
    where = rows, columns
    variance = 1.0 + limits.noise_variance[where]
    sites = sites_for(np.zeros(len(variance)), variance, limits.lower[where], limits.upper[where])
    return _with_sites(cells, where, sites)


def propagate(cells: Cells, layout: ParameterLayout, parameters: HierarchyParameters) -> Cells:
    """Return cells with the sites that belong to some parameters, found from those they have.

    The values in no doubt condition the other cells once; sweeps then take the cube of the number
    of these alone.

    Raises
    ------
    NotPositiveDefiniteError
        The parameters give no valid covariance.
    """
    here = cells.with_sites
    if not here.any():
        return cells
    likelihood = JointLikelihood(replace(cells, noise_variance=cells.given_noise_variance), layout)
    order = likelihood.order
    covariance, _ = likelihood.covariance(parameters)
    placed = here[order.row, order.property]
    expected, covariance = _given_values(covariance, order.values, placed)

    def from_others(sites: Sites) -> tuple[FloatArray, FloatArray]:
        # Leave-one-out predictions; Rasmussen & Williams (2006), eqs 5.10-5.12.
        inverse = covariance.copy()
        np.einsum("ii->i", inverse)[:] += sites.variance
        cholesky_in_place(inverse)
        alpha = solve_factored(inverse, sites.mean - expected)
        invert_in_place(inverse)
        variance = 1.0 / np.diagonal(inverse)
        return sites.mean - alpha * variance, variance - sites.variance

    where = order.row[placed], order.property[placed]
    present = Sites(cells.values[where], np.maximum(cells.site_variance[where], _LEAST_VARIANCE))
    sites = find_sites(present, from_others, sites_wanted(cells.limits, cells.doubts, where))
    return _with_sites(cells, where, sites)


def site_evidence(cells: Cells, left_out: CellDistribution) -> float:
    """Return what to add to the Gaussian log evidence of a table where there are sites.

    Parameters
    ----------
    cells : Cells
        With their sites.
    left_out : CellDistribution
        Each cell as the others predict it, at the same parameters.

    Notes
    -----
    Rasmussen & Williams (2006), eq. 3.65: for each site, the log probability of what it stands for,
    less the log density that the Gaussian evidence has in its place.
    """
    here = cells.with_sites
    mean, variance = left_out.mean[here], np.maximum(left_out.variance[here], _LEAST_VARIANCE)
    both = variance + cells.site_variance[here]
    gaussian = -0.5 * (np.log(2.0 * np.pi * both) + (cells.values[here] - mean) ** 2 / both)
    rows, columns = np.nonzero(here)
    limited = np.zeros(len(rows), dtype=bool)
    total = -gaussian.sum()
    if cells.limits is not None:
        limited = cells.limits.here[here]
        ends = cells.limits.lower[here][limited], cells.limits.upper[here][limited]
        total += log_probability_between(mean[limited], variance[limited], *ends).sum()
    if cells.doubts is not None:
        surprise = (cells.doubts.values[here] - mean)[~limited]
        share = cells.doubts.share[columns[~limited]]
        total += log_density(surprise, variance[~limited], share).sum()
        # The others are right, which they are with less than certainty.
        clean = np.isfinite(cells.doubts.values) & ~cells.doubts.suspect
        total += (clean.sum(axis=0) * np.log1p(-cells.doubts.share)).sum()
    return float(total)


def _given_values(
    covariance: FloatArray, values: FloatArray, limited: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """Return mean and covariance of the limited cells given those with values.

    Only upper triangles are read, and only that of the result is to be.
    """
    known, wanted = np.flatnonzero(~limited), np.flatnonzero(limited)
    result = np.triu(covariance[np.ix_(wanted, wanted)])
    if not len(known):
        return np.zeros(len(wanted)), result
    above = known[:, None] < wanted
    cross = np.where(above, covariance[np.ix_(known, wanted)], covariance[np.ix_(wanted, known)].T)
    factor = covariance[np.ix_(known, known)]
    cholesky_in_place(factor)
    explained = whiten(factor, cross)
    result -= explained.T @ explained
    return cross.T @ solve_factored(factor, values[known]), result


def _with_sites(cells: Cells, where: Where, sites: Sites) -> Cells:
    given = cells.given_noise_variance
    values, noise = cells.values.copy(), cells.noise_variance.copy()
    values[where] = sites.mean
    noise[where] = sites.variance + given[where]
    return replace(cells, values=values, noise_variance=noise)
