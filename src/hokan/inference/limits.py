"""Values that are only known to lie on one side of a limit, by expectation propagation.

A band gap of 0 says that the latent quantity behind it is 0 *or less*. Given everything else, such
a cell has a truncated Gaussian, which the exact engine cannot hold; a Gaussian observation (a
"site") that changes the mean and variance of the cell just as the limit does stands for it. What
comes out is an ordinary table with one more measurement error, so that everything else stays exact.

Source: Minka (2001), Expectation propagation for approximate Bayesian inference; Rasmussen &
Williams (2006), section 3.6. The gradient of the Gaussian evidence at fixed, converged sites is
that of the evidence of expectation propagation (Seeger 2005), so parameters and sites take turns.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hokan.gp.factorisation import cholesky_in_place, invert_in_place, solve_factored
from hokan.inference.cells import Cells
from hokan.inference.joint import JointLikelihood
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.inference.sites import Sites, sites_for

_DAMPING = 0.8
_MOST_SWEEPS = 40
_TOLERANCE = 1e-3


def with_first_sites(cells: Cells) -> Cells:
    """Return cells whose limits are sites for a cell of mean 0 and variance 1."""
    if cells.limits is None:
        return cells
    here = cells.limits.here
    side, limit = cells.limits.side[here], cells.limits.value[here]
    return _with_sites(cells, sites_for(np.zeros(len(limit)), np.ones(len(limit)), side, limit))


def propagate(cells: Cells, layout: ParameterLayout, parameters: HierarchyParameters) -> Cells:
    """Return cells with the sites that belong to some parameters, found from those they have.

    Raises
    ------
    NotPositiveDefiniteError
        The parameters give no valid covariance.
    """
    if cells.limits is None:
        return cells
    likelihood = JointLikelihood(cells, layout)
    order = likelihood.order
    covariance, _ = likelihood.covariance(parameters)
    learned = parameters.noise_variances[order.property]
    diagonal = np.diagonal(covariance) - order.noise(parameters)
    values, noise = order.values.copy(), order.noise_variance.copy()
    limited = cells.limits.here[order.row, order.property]
    where = order.row[limited], order.property[limited]
    side, limit = cells.limits.side[where], cells.limits.value[where]
    sites = Sites(values[limited], noise[limited])
    for _ in range(_MOST_SWEEPS):
        inverse = covariance.copy()
        np.einsum("ii->i", inverse)[:] = diagonal + noise + learned
        cholesky_in_place(inverse)
        alpha = solve_factored(inverse, values)
        invert_in_place(inverse)
        variance = 1.0 / np.diagonal(inverse)
        mean = values - alpha * variance
        wanted = sites_for(mean[limited], variance[limited] - sites.variance, side, limit)
        moved = sites.towards(wanted, _DAMPING)
        change = moved.change(sites)
        sites = moved
        values[limited], noise[limited] = sites.mean, sites.variance
        if change < _TOLERANCE:
            break
    in_place = np.empty(cells.values.shape), np.empty(cells.values.shape)
    in_place[0][where], in_place[1][where] = sites.mean, sites.variance
    here = cells.limits.here
    return _with_sites(cells, Sites(in_place[0][here], in_place[1][here]))


def _with_sites(cells: Cells, sites: Sites) -> Cells:
    if cells.limits is None:
        return cells
    values, noise = cells.values.copy(), cells.noise_variance.copy()
    values[cells.limits.here], noise[cells.limits.here] = sites.mean, sites.variance
    return replace(cells, values=values, noise_variance=noise)
