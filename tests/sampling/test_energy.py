"""How probable a state is, the slope of that, and its curvature."""

from __future__ import annotations

import numpy as np
import pytest
from hierarchies import (
    Model,
    column_features,
    limits_of,
    masked,
    numerical_gradient,
    product_link,
    without,
)
from scipy.stats import multivariate_normal, norm

from hokan.inference.cells import Cells
from hokan.sampling.energy import Energy

N = 8
CHAIN = masked(3, [(1, 0), (2, 0), (2, 1)])
MODELS = {
    "linear": Model.of(column_features(np.random.default_rng(0), N), CHAIN),
    "smooth": Model.of(
        column_features(np.random.default_rng(1), N), CHAIN, {(1, 0): "smooth", (2, 1): "smooth"}
    ),
    "joint": Model.of(
        column_features(np.random.default_rng(2), N), CHAIN, {(2, 0): "joint", (2, 1): "smooth"}
    ),
    "formula": Model.of(
        column_features(np.random.default_rng(3), N),
        CHAIN,
        {(1, 0): "smooth"},
        {2: product_link((0, 1), "c * a**e / b + d")},
    ),
    "no descriptors": Model.of(
        column_features(np.random.default_rng(4), N, 0), CHAIN, {(2, 0): "joint"}
    ),
}


def table_of(model: Model) -> Cells:
    """Holes, measurement errors, and limits of every kind, with an error and without."""
    rng = np.random.default_rng(5)
    values = model.draw_prior(rng)[0][0]
    values[0] = np.nan, values[0, 1], np.nan
    values[1] = np.nan, np.nan, values[1, 2]
    noise = np.zeros(values.shape)
    noise[5:7, 0] = 0.05
    noise[6, 2] = 0.2
    lower, upper = np.full(values.shape, -np.inf), np.full(values.shape, np.inf)
    lower[2, 0] = 0.4
    upper[3, 1] = -0.2
    lower[4, 2], upper[4, 2] = -1.0, 1.0
    lower[2, 2] = 0.1
    lower[3, 0], upper[3, 0] = 0.1, 0.3  # narrower than the error
    upper[7, 2] = 0.3
    error = np.zeros(values.shape)
    error[[2, 3, 7], [2, 0, 2]] = 0.1
    limits = limits_of(values, lower, upper, error)
    values = np.where(limits.here, np.nan, values)
    return model.cells(values, noise, limits)


def log_density(energy: Energy, cells: Cells, state: np.ndarray) -> float:
    """The same, from its definition, with SciPy's densities."""
    setting = energy.hierarchy
    unknowns = setting.unknowns
    drawn = unknowns.bounds.to_cells(state[: unknowns.n_drawn, None])[:, 0]
    table = unknowns.complete(drawn[:, None])[:, :, 0].T
    total = 0.0
    assert cells.limits is not None
    for j, node in enumerate(setting.nodes):
        rows = unknowns.rows[j]
        weights = state[energy.weight_slices[j]]
        links = node.links_at(table[rows].T[:, :, None], setting.directions[rows])
        mean = node.total(links, weights[:, None], (len(rows), 1))[:, 0]
        covariance = np.linalg.inv(energy.precisions[j])
        total += multivariate_normal(mean, covariance).logpdf(table[rows, j])
        deviation = np.sqrt(node.weight_variance(energy.parameters[j])[0])
        total += norm(node.weight_mean, deviation).logpdf(weights).sum()
    for i, j in np.argwhere(np.isfinite(cells.values) & (cells.noise_variance > 0)):
        deviation = np.sqrt(cells.noise_variance[i, j])
        total += norm(table[i, j], deviation).logpdf(cells.values[i, j])
    limits = cells.limits
    for i, j in np.argwhere(limits.here & (limits.noise_variance > 0)):
        around = norm(table[i, j], np.sqrt(limits.noise_variance[i, j]))
        total += np.log(around.cdf(limits.upper[i, j]) - around.cdf(limits.lower[i, j]))
    return float(total + unknowns.bounds.slopes(state[: unknowns.n_drawn, None])[1].sum())


@pytest.mark.parametrize("name", MODELS)
class TestEnergy:
    @staticmethod
    def states(energy: Energy, n: int) -> np.ndarray:
        rng = np.random.default_rng(6)
        state = 0.3 * rng.standard_normal((energy.size, n))
        state[: energy.hierarchy.unknowns.n_drawn] *= 2.0
        return state

    def test_there_is_something_of_everything(self, name: str) -> None:
        unknowns = MODELS[name].energy(table_of(MODELS[name])).hierarchy.unknowns
        assert unknowns.n_drawn >= 11
        assert len(unknowns.measured) == 3
        assert len(unknowns.softly_limited) == 3
        assert np.isfinite(unknowns.bounds.lower).sum() == 2
        assert np.isfinite(unknowns.bounds.upper).sum() == 2
        assert unknowns.free.sum() >= 3

    def test_differences_are_those_of_the_log_density(self, name: str) -> None:
        cells = table_of(MODELS[name])
        energy = MODELS[name].energy(cells)
        states = self.states(energy, 4)
        value = energy.value_and_gradient(states)[0]
        wanted = np.array([-log_density(energy, cells, state) for state in states.T])
        assert np.ptp(wanted) > 1.0
        np.testing.assert_allclose(value - value[0], wanted - wanted[0], atol=1e-6)

    def test_gradient(self, name: str) -> None:
        energy = MODELS[name].energy(table_of(MODELS[name]))
        states = self.states(energy, 2)
        _, gradient = energy.value_and_gradient(states)
        for c in range(2):
            found = numerical_gradient(
                lambda s: energy.value_and_gradient(s[:, None])[0][0], states[:, c]
            )
            np.testing.assert_allclose(gradient[:, c], found, atol=2e-5, rtol=1e-5)

    def test_curvature_is_symmetric_and_positive_definite(self, name: str) -> None:
        energy = MODELS[name].energy(table_of(MODELS[name]))
        for state in self.states(energy, 3).T:
            curvature = energy.curvature(state)
            np.testing.assert_allclose(curvature, curvature.T, atol=1e-9)
            assert np.linalg.eigvalsh(curvature).min() > 0


class TestLinearLinks:
    """With linear links and values that are measured, the density is a Gaussian in the cells."""

    def test_curvature_is_the_hessian_at_the_most_probable_state(self) -> None:
        """Products of a drawn parent and a weight bend even straight lines: with the residuals."""
        model = MODELS["linear"]
        values = without(model.draw_prior(np.random.default_rng(1))[0][0], (0, 1), (3, 0), (4, 2))
        noise = np.zeros(values.shape)
        noise[5, 1] = 0.1
        energy = model.energy(model.cells(values, noise))
        state = np.random.default_rng(2).standard_normal(energy.size)
        found = numerical_gradient(lambda s: energy.value_and_gradient(s[:, None])[1][:, 0], state)
        curvature = energy.curvature(state)
        cells = slice(0, energy.hierarchy.unknowns.n_drawn)
        weights = slice(cells.stop, None)
        np.testing.assert_allclose(curvature[cells, cells], found[cells, cells], atol=1e-6)
        np.testing.assert_allclose(curvature[weights, weights], found[weights, weights], atol=1e-6)

    def test_all_of_it_where_the_links_are_known(self) -> None:
        model = Model.of(column_features(np.random.default_rng(0), N), CHAIN, slope=(0.5, 1e-4))
        values = without(model.draw_prior(np.random.default_rng(1))[0][0], (0, 1), (3, 0), (4, 2))
        energy = model.energy(model.cells(values))
        state = np.random.default_rng(2).standard_normal(energy.size)
        cells = energy.hierarchy.unknowns.n_drawn
        state[cells:] = 0.5
        found = numerical_gradient(
            lambda s: energy.value_and_gradient(s[:, None])[1][:cells, 0], state
        )
        np.testing.assert_allclose(
            energy.curvature(state)[:, :cells][:cells], found[:cells], atol=1e-6
        )
