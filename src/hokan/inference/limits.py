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
from hokan.inference.cells import Cells, Limits
from hokan.inference.joint import JointLikelihood
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.inference.sites import Sites, find_sites, sites_for


def with_first_sites(cells: Cells) -> Cells:
    """Return cells whose limits are sites for a cell of mean 0 and variance 1."""
    limits = cells.limits
    if limits is None:
        return cells
    here = limits.here
    variance = 1.0 + limits.noise_variance[here]
    sites = sites_for(np.zeros(len(variance)), variance, limits.lower[here], limits.upper[here])
    return _with_sites(cells, limits, here, sites)


def propagate(cells: Cells, layout: ParameterLayout, parameters: HierarchyParameters) -> Cells:
    """Return cells with the sites that belong to some parameters, found from those they have.

    The values condition the limited cells once; sweeps then take the cube of the number of limited
    cells alone.

    Raises
    ------
    NotPositiveDefiniteError
        The parameters give no valid covariance.
    """
    limits = cells.limits
    if limits is None or not limits.here.any():
        return cells
    here = limits.here
    without_sites = np.where(here, limits.noise_variance, cells.noise_variance)
    likelihood = JointLikelihood(replace(cells, noise_variance=without_sites), layout)
    order = likelihood.order
    covariance, _ = likelihood.covariance(parameters)
    limited = here[order.row, order.property]
    expected, covariance = _given_values(covariance, order.values, limited)

    def from_others(sites: Sites) -> tuple[FloatArray, FloatArray]:
        # Leave-one-out predictions; Rasmussen & Williams (2006), eqs 5.10-5.12.
        inverse = covariance.copy()
        np.einsum("ii->i", inverse)[:] += sites.variance
        cholesky_in_place(inverse)
        alpha = solve_factored(inverse, sites.mean - expected)
        invert_in_place(inverse)
        variance = 1.0 / np.diagonal(inverse)
        return sites.mean - alpha * variance, variance - sites.variance

    where = order.row[limited], order.property[limited]
    present = Sites(cells.values[where], cells.noise_variance[where] - limits.noise_variance[where])
    sites = find_sites(present, from_others, limits.lower[where], limits.upper[where])
    return _with_sites(cells, limits, where, sites)


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


def _with_sites(
    cells: Cells,
    limits: Limits,
    where: NDArray[np.bool_] | tuple[NDArray[np.int64], NDArray[np.int64]],
    sites: Sites,
) -> Cells:
    values, noise = cells.values.copy(), cells.noise_variance.copy()
    values[where] = sites.mean
    noise[where] = sites.variance + limits.noise_variance[where]
    return replace(cells, values=values, noise_variance=noise)
