"""Chains that follow a Gaussian exactly and are kicked by what a density has besides."""

from __future__ import annotations

import numpy as np
import pytest

from hokan.sampling.hamiltonian import MOST_KICKS, Reference, SplitHamiltonian


def gaussian(centre: np.ndarray, precision: np.ndarray):
    def energy(state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        offset = state - centre[:, None]
        force = precision @ offset
        return 0.5 * np.einsum("dc,dc->c", offset, force), force

    return energy


def run(energy, reference: Reference, *, kicks: int, turns: int, seed: int, chains: int = 200):
    rng = np.random.default_rng(seed)
    start = reference.state(1.5 * rng.standard_normal((len(reference.centre), chains)))
    found = SplitHamiltonian(energy, reference, start, kicks, rng)
    visited, accepted = [], []
    for turn in range(turns):
        found.turn()
        if turn >= 30:
            visited.append(found.state)
            accepted.append(found.accepted)
    return np.array(visited), np.array(accepted)


def moments_by_chain(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over chains of the mean over turns, and its standard error; chains are independent."""
    each = values.mean(axis=0)
    return each.mean(axis=-1), each.std(axis=-1) / np.sqrt(each.shape[-1])


class TestReference:
    def test_whitening_and_back(self) -> None:
        rng = np.random.default_rng(0)
        root = rng.standard_normal((4, 4))
        precision = root @ root.T + np.eye(4)
        centre, state = rng.standard_normal(4), rng.standard_normal((4, 3))
        reference = Reference.of_precision(centre, precision.copy())
        whitened = reference.whitened(state)
        np.testing.assert_allclose(reference.state(whitened), state)
        offset = state - centre[:, None]
        np.testing.assert_allclose(
            (whitened**2).sum(axis=0), np.einsum("dc,de,ec->c", offset, precision, offset)
        )

    def test_gradients_by_whitened_states(self) -> None:
        rng = np.random.default_rng(1)
        precision = np.array([[2.0, 0.4], [0.4, 0.5]])
        reference = Reference.of_precision(np.ones(2), precision.copy())
        whitened = rng.standard_normal((2, 1))
        energy = gaussian(np.zeros(2), np.diag([3.0, 1.0]))
        found = reference.gradient(energy(reference.state(whitened))[1])
        for d in range(2):
            step = 1e-6 * np.eye(2)[:, [d]]
            high, low = (energy(reference.state(whitened + s))[0] for s in (step, -step))
            assert found[d, 0] == pytest.approx(((high - low) / 2e-6)[0], abs=1e-6)


class TestGaussians:
    CENTRE = np.array([1.0, -2.0, 0.5])
    PRECISION = np.array([[2.0, 0.9, 0.0], [0.9, 1.0, -0.2], [0.0, -0.2, 0.5]])

    def test_with_itself_as_reference_every_turn_is_accepted(self) -> None:
        reference = Reference.of_precision(self.CENTRE, self.PRECISION.copy())
        visited, accepted = run(
            gaussian(self.CENTRE, self.PRECISION), reference, kicks=1, turns=60, seed=0
        )
        np.testing.assert_allclose(accepted, 1.0, atol=1e-9)
        mean, error = moments_by_chain(visited)
        assert (np.abs(mean - self.CENTRE) < 4 * error).all()
        covariance = np.linalg.inv(self.PRECISION)
        offset = visited - self.CENTRE[:, None]
        products = np.einsum("tdc,tec->tdec", offset, offset)
        mean, error = moments_by_chain(products)
        assert (np.abs(mean - covariance) < 4 * error).all()
        assert (error < 0.05 * np.abs(covariance).max()).all()

    def test_with_another_reference_it_is_the_same_gaussian(self) -> None:
        reference = Reference.of_precision(np.zeros(3), np.diag([1.0, 2.0, 1.0]))
        visited, accepted = run(
            gaussian(self.CENTRE, self.PRECISION), reference, kicks=6, turns=120, seed=1
        )
        assert 0.5 < accepted.mean() < 0.9999
        mean, error = moments_by_chain(visited)
        assert (np.abs(mean - self.CENTRE) < 4 * error).all()
        mean, error = moments_by_chain((visited - self.CENTRE[:, None]) ** 2)
        assert (np.abs(mean - np.diag(np.linalg.inv(self.PRECISION))) < 4 * error).all()

    def test_successive_draws_have_nothing_in_common(self) -> None:
        """A turn is a quarter turn on average."""
        reference = Reference.of_precision(self.CENTRE, self.PRECISION.copy())
        visited, _ = run(
            gaussian(self.CENTRE, self.PRECISION), reference, kicks=1, turns=80, seed=2
        )
        first = visited[:, 0]
        together = np.corrcoef(first[:-1].ravel(), first[1:].ravel())[0, 1]
        assert abs(together) < 0.2


class TestOtherDensities:
    """Moments from quadrature."""

    def test_skewed(self) -> None:
        """The logarithm of a gamma variable with shape 2: exp(2x - e^x)."""

        def energy(state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return (np.exp(state) - 2.0 * state)[0], np.exp(state) - 2.0

        reference = Reference.of_precision(np.array([np.log(2.0)]), np.array([[2.0]]))
        visited, accepted = run(energy, reference, kicks=3, turns=130, seed=3)
        assert accepted.mean() < 0.9999
        grid = np.linspace(-12, 4, 4001)
        density = np.exp(2.0 * grid - np.exp(grid))
        density /= density.sum()
        for power in (1, 2, 3):
            mean, error = moments_by_chain(visited[:, 0] ** power)
            assert abs(mean - density @ grid**power) < 4 * error
        assert density @ (grid - density @ grid) ** 3 < -0.3

    def test_banana(self) -> None:
        """x ~ N(0, 1) and y | x ~ N(x^2, 0.25)."""

        def energy(state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            x, y = state
            miss = y - x**2
            gradient = np.array([x - 8.0 * x * miss, 4.0 * miss])
            return 0.5 * x**2 + 2.0 * miss**2, gradient

        reference = Reference.of_precision(np.array([0.0, 0.5]), np.diag([1.5, 1.0]))
        visited, _ = run(energy, reference, kicks=12, turns=430, seed=4)
        x, y = visited[:, 0], visited[:, 1]
        for values, wanted in ((x, 0.0), (x**2, 1.0), (y, 1.0), (y**2, 3.25), (x**2 * y, 3.0)):
            mean, error = moments_by_chain(values)
            assert error < 0.1 * max(wanted, 1.0)
            assert abs(mean - wanted) < 4 * error


class TestTurns:
    @staticmethod
    def skewed() -> tuple:
        def energy(state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return (np.exp(state) - 2.0 * state).sum(axis=0), np.exp(state) - 2.0

        return energy, Reference.of_precision(np.full(2, 0.5), np.diag([2.0, 1.0]))

    def test_they_can_be_taken_back(self) -> None:
        """From where a turn ends, with the momentum turned round, it leads back."""
        energy, reference = self.skewed()
        momentum = np.array([[0.7], [-1.1]])

        class Fixed:
            """Gives a momentum, an angle, and always accepts."""

            def __init__(self, momentum: np.ndarray) -> None:
                self.momentum = momentum

            def standard_normal(self, shape: tuple[int, ...]) -> np.ndarray:
                return self.momentum

            def uniform(self, low: float = 0.0, high: float = 1.0, size: int | None = None):
                return 1.2 if size is None else np.full(size, -1.0)

        start = np.array([[0.2], [1.0]])
        there = SplitHamiltonian(energy, reference, start, 4, Fixed(momentum))
        there.turn()
        assert np.abs(there.state - start).max() > 0.1
        assert (there.accepted < 1.0 - 1e-6).all() or (there.accepted == 1.0).all()
        # The momentum at the end, from the same steps written out.
        position, moving = reference.whitened(start), momentum
        angle = 1.2 / 4

        def kick(at: np.ndarray) -> np.ndarray:
            return reference.gradient(energy(reference.state(at))[1]) - at

        for _ in range(4):
            moving = moving - 0.5 * angle * kick(position)
            position, moving = (
                np.cos(angle) * position + np.sin(angle) * moving,
                np.cos(angle) * moving - np.sin(angle) * position,
            )
            moving = moving - 0.5 * angle * kick(position)
        np.testing.assert_allclose(reference.state(position), there.state)
        back = SplitHamiltonian(energy, reference, there.state, 4, Fixed(-moving))
        back.turn()
        np.testing.assert_allclose(back.state, start, atol=1e-12)

    def test_a_turn_that_leads_nowhere_is_refused(self) -> None:
        def wall(state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            outside = np.abs(state[0] - 1.0) > 1e-9
            return np.where(outside, np.nan, 0.0), np.zeros_like(state)

        reference = Reference.of_precision(np.zeros(1), np.eye(1))
        chains = SplitHamiltonian(wall, reference, np.ones((1, 3)), 1, np.random.default_rng(0))
        chains.turn()
        np.testing.assert_array_equal(chains.state, 1.0)
        np.testing.assert_array_equal(chains.accepted, 0.0)

    def test_continuing_from_other_states(self) -> None:
        energy, reference = self.skewed()
        chains = SplitHamiltonian(energy, reference, np.zeros((2, 2)), 2, np.random.default_rng(0))
        other = np.array([[0.3, 1.0], [0.0, 2.0]])
        chains.put(other)
        fresh = SplitHamiltonian(energy, reference, other, 2, np.random.default_rng(5))
        chains._random_state = np.random.default_rng(5)
        chains.turn()
        fresh.turn()
        np.testing.assert_array_equal(chains.state, fresh.state)

    def test_kicks_follow_the_share_of_accepted_turns(self) -> None:
        energy, reference = self.skewed()
        chains = SplitHamiltonian(energy, reference, np.zeros((2, 2)), 8, np.random.default_rng(0))
        chains.accepted = np.array([1.0, 1.0])
        chains.adapt()
        assert chains.n_kicks == 7
        chains.accepted = np.array([0.3, 0.3])
        chains.adapt()
        assert chains.n_kicks == 8
        chains.accepted = np.array([0.85, 0.85])
        chains.adapt()
        assert chains.n_kicks == 8
        chains.n_kicks, chains.accepted = MOST_KICKS, np.zeros(2)
        chains.adapt()
        assert chains.n_kicks == MOST_KICKS
        chains.n_kicks, chains.accepted = 1, np.ones(2)
        chains.adapt()
        assert chains.n_kicks == 1
