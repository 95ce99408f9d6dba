"""New materials whose known child belongs to several values of its parent: against quadrature."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hierarchies import Model, column_features, limits_of, masked, new_rows

from hokan.graph import Formula, Identity, StandardisedTransform
from hokan.inference.convergence import Convergence
from hokan.sampling.formula_link import FormulaLink
from hokan.sampling.posterior import SampledPosterior

PLAIN = StandardisedTransform(Identity(), 0.0, 1.0)
NEW = column_features(np.random.default_rng(5), 1)
N_DRAWS = 3000
GRID = np.linspace(-6, 6, 12001)
CHAIN = masked(3, [(1, 0), (2, 1)])


def link(text: str, parent: int = 0) -> FormulaLink:
    """A formula without constants, so that every draw says the same of a new row."""
    return FormulaLink((parent,), Formula.parse(text, ["a"]), (PLAIN,), PLAIN, ())


@cache
def posterior(first: str) -> SampledPosterior:
    """Three properties in a chain, all known of the training materials."""
    features = column_features(np.random.default_rng(0), 3)
    model = Model.of(features, CHAIN, formulas={1: link(first), 2: link("a", 1)})
    cells = model.cells(model.draw_prior(np.random.default_rng(1))[0][0])
    nothing = np.zeros((N_DRAWS, 0))
    convergence = Convergence.of(nothing[None])
    return SampledPosterior(model.setting(cells), model.vectors, nothing, nothing, convergence)


def own_parts(first: str) -> list[tuple[float, float]]:
    found = [conditional.own_part(NEW) for conditional in posterior(first)._conditionals]
    return [(float(mean[0, 0]), float(variance[0])) for mean, variance in found]


def log_normal(x: np.ndarray | float, mean: np.ndarray | float, variance: float) -> np.ndarray:
    return -0.5 * (np.asarray(x) - mean) ** 2 / variance


def curve(first: str) -> np.ndarray:
    return link(first).formula.value({"a": GRID})


def assert_density(draws: np.ndarray, log_density: np.ndarray) -> None:
    density = np.exp(log_density - log_density.max())
    density /= density.sum()
    mean = density @ GRID
    deviation = np.sqrt(density @ GRID**2 - mean**2)
    assert abs(draws.mean() - mean) < 4.0 * deviation / np.sqrt(N_DRAWS)
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        quantile = GRID[np.searchsorted(np.cumsum(density), share)]
        assert (draws < quantile).mean() == pytest.approx(share, abs=0.04)


#: The last is so steep that its humps are narrower than the steps of any grid.
@pytest.mark.parametrize(
    "first", ["a**2 - 2", "a**2 + 0.4 * a", "a**2 + 1.2 * a", "10 * (a**2 - 2) + 5 * a"]
)
class TestTheParentOfAKnownChild:
    @pytest.mark.parametrize("child", [-0.5, 1.0, 2.5])
    def test_known_exactly(self, first: str, child: float) -> None:
        known = np.array([[np.nan, child, np.nan]])
        draws = new_rows(
            posterior(first), NEW, known, np.zeros((1, 3)), None, np.random.default_rng(3)
        )[:, 0]
        (m0, v0), (m1, v1), (m2, v2) = own_parts(first)
        assert_density(
            draws[:, 0], log_normal(GRID, m0, v0) + log_normal(child, curve(first) + m1, v1)
        )
        # What hangs on the child does not care.
        assert draws[:, 2].mean() == pytest.approx(child + m2, abs=4 * np.sqrt(v2 / N_DRAWS))

    def test_known_with_an_error(self, first: str) -> None:
        known, noise = np.array([[np.nan, 2.5, np.nan]]), np.array([[0.0, 0.4, 0.0]])
        draws = new_rows(posterior(first), NEW, known, noise, None, np.random.default_rng(3))[:, 0]
        (m0, v0), (m1, v1), _ = own_parts(first)
        assert_density(
            draws[:, 0], log_normal(GRID, m0, v0) + log_normal(2.5, curve(first) + m1, v1 + 0.4)
        )

    def test_a_grandchild_is_known(self, first: str) -> None:
        """Two cells move: one alone could not leave its hump."""
        known = np.array([[np.nan, np.nan, 2.5]])
        draws = new_rows(
            posterior(first), NEW, known, np.zeros((1, 3)), None, np.random.default_rng(3)
        )[:, 0]
        (m0, v0), (m1, v1), (m2, v2) = own_parts(first)
        middle = curve(first) + m1
        assert_density(
            draws[:, 0], log_normal(GRID, m0, v0) + log_normal(2.5, middle + m2, v1 + v2)
        )

    def test_a_limit_shuts_out_part(self, first: str) -> None:
        known = np.array([[np.nan, 2.5, np.nan]])
        lower, upper = np.full((1, 3), -np.inf), np.full((1, 3), np.inf)
        upper[0, 0] = 1.0
        draws = new_rows(
            posterior(first),
            NEW,
            known,
            np.zeros((1, 3)),
            limits_of(known, lower, upper),
            np.random.default_rng(3),
        )[:, 0]
        (m0, v0), (m1, v1), _ = own_parts(first)
        density = log_normal(GRID, m0, v0) + log_normal(2.5, curve(first) + m1, v1)
        assert (draws[:, 0] <= 1.0).all()
        assert_density(draws[:, 0], np.where(GRID <= 1.0, density, -np.inf))
