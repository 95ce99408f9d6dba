"""Small nonlinear models against importance sampling of the exact model.

The tables are drawn from the prior, given what is known of parents without children known, and
weighed with the density of the rest: right whatever the links are, and useless for more than a few
rows.
"""

from __future__ import annotations

import numpy as np
import pytest
from hierarchies import Model, column_features, independent, masked, new_rows, product_link
from scipy.stats import norm

N_DRAWS = 1500
N_PROPOSED = 150_000
PAIR = masked(2, [(1, 0)])
FEATURES = column_features(np.random.default_rng(2), 5)
MODELS = {
    "linear": Model.of(FEATURES, PAIR),
    "smooth": Model.of(FEATURES, PAIR, {(1, 0): "smooth"}),
    "joint": Model.of(FEATURES, PAIR, {(1, 0): "joint"}),
    "formula": Model.of(FEATURES, PAIR, formulas={1: product_link((0,), "c * a**2 + d")}),
}
#: In rows 1 and 3 the parent is unknown, in row 4 the child; row 0 is measured with an error.
HIDDEN = ((1, 0), (3, 0), (4, 1))
ERROR = 0.2


def true_table(model: Model) -> np.ndarray:
    return model.draw_prior(np.random.default_rng(4))[0][0]


class Weighed:
    """The posterior as weighed draws from the prior."""

    def __init__(self, model: Model, values: np.ndarray, noise: np.ndarray) -> None:
        rng = np.random.default_rng(5)
        known = np.isfinite(values[:, 0])
        parents, children = model.covariance(0), model.covariance(1)
        gain = np.linalg.solve(parents[np.ix_(known, known)], parents[known]).T
        around = parents - gain @ parents[known]
        root = np.linalg.cholesky(around[np.ix_(~known, ~known)])
        first = np.repeat((gain @ values[known, 0])[:, None], N_PROPOSED, axis=1)
        first[~known] += root @ rng.standard_normal((int((~known).sum()), N_PROPOSED))
        first[known] = values[known, 0][:, None]
        node = model.nodes[1]
        deviation = np.sqrt(node.weight_variance(node.unpack(model.vectors[1]))[0])[:, None]
        noise_of_weights = rng.standard_normal((node.n_weights, N_PROPOSED))
        self.weights = node.weight_mean[:, None] + deviation * noise_of_weights
        tables = np.array([first, np.zeros_like(first)])
        links = node.links_at(tables, model.directions.of(model.features))
        total = node.total(links, self.weights, first.shape)
        seen = np.isfinite(values[:, 1])
        covariance = children[np.ix_(seen, seen)] + np.diag(noise[seen, 1])
        miss = values[seen, 1][:, None] - total[seen]
        log = -0.5 * np.einsum("nc,nc->c", miss, np.linalg.solve(covariance, miss))
        weight = np.exp(log - log.max())
        self.share = weight / weight.sum()
        # The child's cells given each proposal: their mean, which is all that is compared.
        gain = np.linalg.solve(covariance, children[seen]).T
        self.tables = np.array([first, total + gain @ miss])
        self.left = np.diag(children - gain @ children[seen])
        assert 1.0 / (self.share**2).sum() > 3000

    def mean(self, values: np.ndarray) -> float:
        return float(values @ self.share)

    def deviation(self, values: np.ndarray, besides: float = 0.0) -> float:
        return float(np.sqrt(values**2 @ self.share - self.mean(values) ** 2 + besides))


@pytest.mark.parametrize("name", MODELS)
def test_draws_are_those_of_the_exact_model(name: str) -> None:
    model = MODELS[name]
    values = true_table(model)
    for cell in HIDDEN:
        values[cell] = np.nan
    noise = np.zeros(values.shape)
    noise[0, 1] = ERROR
    wanted = Weighed(model, values, noise)
    found = model.posterior(
        model.cells(values, noise), np.random.default_rng(6), independent(N_DRAWS, warm_up=20)
    )
    draws = found.training_draws(np.random.default_rng(7))
    cells = [(1, 0), (3, 0), (4, 1), (0, 1)]
    compared = [
        (draws[:, i, j], wanted.tables[j, i], wanted.left[i] if j else 0.0) for i, j in cells
    ]
    compared += [
        (found.drawn_weights[:, r], wanted.weights[r], 0.0)
        for r in range(min(model.nodes[1].n_weights, 4))
    ]
    for drawn, proposed, besides in compared:
        deviation = wanted.deviation(proposed, besides)
        allowed = 4.0 / np.sqrt(N_DRAWS) + 0.03
        assert abs(drawn.mean() - wanted.mean(proposed)) < allowed * deviation
        assert drawn.std() == pytest.approx(deviation, rel=0.13)
    # Whole distributions of the unknown parents, not moments only.
    for i in (1, 3):
        order = np.argsort(wanted.tables[0, i])
        cumulative = np.cumsum(wanted.share[order])
        for share in (0.05, 0.25, 0.5, 0.75, 0.95):
            quantile = wanted.tables[0, i][order][np.searchsorted(cumulative, share)]
            assert (draws[:, i, 0] < quantile).mean() == pytest.approx(share, abs=0.05)


class TestNewRows:
    """Given the draws of weights and training cells, each new row has its own density."""

    NEW = column_features(np.random.default_rng(9), 2)

    @pytest.mark.parametrize("name", MODELS)
    @pytest.mark.parametrize("noise", [0.0, 0.3])
    def test_parents_of_known_children_against_quadrature(self, name: str, noise: float) -> None:
        model = MODELS[name]
        found = model.posterior(
            model.cells(true_table(model)), np.random.default_rng(6), independent(400, 10)
        )
        child = 0.6
        known = np.array([[np.nan, child]] * 2)
        errors = np.array([[0.0, noise]] * 2)
        draws = np.concatenate(
            [
                new_rows(found, self.NEW, known, errors, None, np.random.default_rng(seed))
                for seed in range(5)
            ]
        )
        grid = np.linspace(-5, 5, 601)
        own = [conditional.own_part(self.NEW) for conditional in found._conditionals]
        at = model.directions.of(self.NEW)
        node = model.nodes[1]
        for i in range(2):
            # All draws of the weights side by side; a mixture of their densities.
            tables = np.repeat(grid[None, :, None], found.n_draws, axis=2)
            links = node.links_at(np.concatenate([tables, tables]), np.repeat(at[[i]], 601, axis=0))
            total = node.total(links, found._weights[1], tables[0].shape)
            (m0, v0), (m1, v1) = own
            density = norm(m0[i], np.sqrt(v0[i])).pdf(tables[0])
            density *= norm(total + m1[i], np.sqrt(v1[i] + noise)).pdf(child)
            mixture = (density / density.sum(axis=0)).mean(axis=1)
            mean = mixture @ grid
            deviation = np.sqrt(mixture @ grid**2 - mean**2)
            assert abs(draws[:, i, 0].mean() - mean) < 0.13 * deviation
            assert draws[:, i, 0].std() == pytest.approx(deviation, rel=0.1)

    @pytest.mark.parametrize("name", MODELS)
    def test_children_of_known_parents(self, name: str) -> None:
        """What the links give, and what is left."""
        model = MODELS[name]
        found = model.posterior(
            model.cells(true_table(model)), np.random.default_rng(6), independent(N_DRAWS, 10)
        )
        known = np.array([[0.9, np.nan], [-0.7, np.nan]])
        draws = new_rows(found, self.NEW, known, np.zeros((2, 2)), None, np.random.default_rng(1))
        np.testing.assert_array_equal(draws[..., 0], np.broadcast_to(known[:, 0], (N_DRAWS, 2)))
        node, at = model.nodes[1], model.directions.of(self.NEW)
        tables = np.repeat(known.T[:, :, None], N_DRAWS, axis=2)
        total = node.total(node.links_at(tables, at), found._weights[1], (2, N_DRAWS))
        own, variance = found._conditionals[1].own_part(self.NEW)
        left_out = found._conditionals[1].left_out_variance(tables, at)
        np.testing.assert_allclose(left_out > 0, np.full((2, N_DRAWS), name == "joint"))
        centred = (draws[..., 1].T - total - own) / np.sqrt(variance[:, None] + left_out)
        assert abs(centred.mean()) < 4.0 / np.sqrt(centred.size)
        assert centred.var() == pytest.approx(1.0, abs=0.1)
