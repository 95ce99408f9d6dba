"""Drawing from densities that are nearly Gaussian: split Hamiltonian Monte Carlo.

With a Gaussian reference ``N(centre, H^-1)`` the motion splits into one under the reference, which
is a rotation and is followed exactly, and kicks by what the density has besides (Shahbaba, Lan,
Johnson and Neal, Statistics and Computing 24, 2014). Where the density *is* the reference, a
quarter turn gives an independent draw and is always accepted; where it is not, the number of kicks
per turn is what decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.linalg import solve_triangular

from hokan.gp.factorisation import cholesky_in_place
from hokan.gp.kernels import FloatArray

EnergyFunction = Callable[[FloatArray], tuple[FloatArray, FloatArray]]

#: The angle of a turn varies around a quarter, so that no direction can come back to itself.
_LEAST_TURN, _MOST_TURN = 0.3 * np.pi, 0.6 * np.pi
#: Wanted share of accepted turns, and the most kicks to get there.
_ACCEPTANCE = 0.85
MOST_KICKS = 64


class Whitening(Protocol):
    """A Gaussian that chains move around, as a change of coordinates."""

    def state(self, whitened: FloatArray) -> FloatArray:
        """Return states (d, c) of whitened ones."""

    def whitened(self, state: FloatArray) -> FloatArray:
        """Return whitened states (d, c)."""

    def gradient(self, by_state: FloatArray) -> FloatArray:
        """Return derivatives with respect to whitened states (d, c)."""


@dataclass(frozen=True)
class Reference:
    """One Gaussian for all chains.

    Attributes
    ----------
    centre : ndarray of shape (d,)
    factor : ndarray of shape (d, d)
        Upper triangular Cholesky factor ``U`` of its precision, ``U'U``.
    """

    centre: FloatArray
    factor: FloatArray

    @classmethod
    def of_precision(cls, centre: FloatArray, precision: FloatArray) -> Reference:
        """Return the Gaussian of a precision matrix, which is overwritten."""
        cholesky_in_place(precision)
        return cls(centre, precision)

    def state(self, whitened: FloatArray) -> FloatArray:
        """Return states (d, c) of whitened ones."""
        return np.asarray(
            self.centre[:, None] + solve_triangular(self.factor, whitened, check_finite=False)
        )

    def whitened(self, state: FloatArray) -> FloatArray:
        """Return whitened states (d, c)."""
        return np.asarray(np.triu(self.factor) @ (state - self.centre[:, None]))

    def gradient(self, by_state: FloatArray) -> FloatArray:
        """Return derivatives with respect to whitened states (d, c)."""
        return np.asarray(solve_triangular(self.factor, by_state, trans="T", check_finite=False))


class SplitHamiltonian:
    """Chains side by side, each with its own decision to accept.

    Parameters
    ----------
    energy : callable
        Returns minus the log density (c,) of states (d, c), and its gradient (d, c).
    reference : Whitening
    state : ndarray of shape (d, c)
        Where the chains start.
    n_kicks : int
        Kicks per turn.
    random_state : Generator

    Attributes
    ----------
    state : ndarray of shape (d, c)
    accepted : ndarray of shape (c,)
        Probability with which the last turn was accepted.
    """

    def __init__(
        self,
        energy: EnergyFunction,
        reference: Whitening,
        state: FloatArray,
        n_kicks: int,
        random_state: np.random.Generator,
    ) -> None:
        self._energy = energy
        self._reference = reference
        self._random_state = random_state
        self.n_kicks = n_kicks
        self._whitened = reference.whitened(state)
        self.state = state
        self._value, self._kick = self._beyond_reference(state, self._whitened)
        self.accepted = np.zeros(state.shape[1])

    def _beyond_reference(
        self, state: FloatArray, whitened: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return energies, and gradients of what is not the reference's, by whitened state."""
        value, gradient = self._energy(state)
        return value, self._reference.gradient(gradient) - whitened

    def turn(self) -> None:
        """Move every chain once."""
        random_state = self._random_state
        position, kick = self._whitened, self._kick
        momentum = random_state.standard_normal(position.shape)
        before = self._value + 0.5 * np.einsum("dc,dc->c", momentum, momentum)
        angle = random_state.uniform(_LEAST_TURN, _MOST_TURN) / self.n_kicks
        cosine, sine = np.cos(angle), np.sin(angle)
        state, value = self.state, self._value
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(self.n_kicks):
                momentum = momentum - 0.5 * angle * kick
                position, momentum = (
                    cosine * position + sine * momentum,
                    cosine * momentum - sine * position,
                )
                state = self._reference.state(position)
                value, kick = self._beyond_reference(state, position)
                momentum = momentum - 0.5 * angle * kick
            after = value + 0.5 * np.einsum("dc,dc->c", momentum, momentum)
            log_ratio = np.where(np.isfinite(after), before - after, -np.inf)
        self.accepted = np.exp(np.minimum(log_ratio, 0.0))
        taken = random_state.uniform(size=len(log_ratio)) < self.accepted
        self._whitened = np.where(taken, position, self._whitened)
        self.state = np.where(taken, state, self.state)
        self._value = np.where(taken, value, self._value)
        self._kick = np.where(taken, kick, self._kick)

    def put(self, state: FloatArray) -> None:
        """Continue from other states (d, c)."""
        if state is self.state:
            return
        self._whitened = self._reference.whitened(state)
        self.state = state
        self._value, self._kick = self._beyond_reference(state, self._whitened)

    def adapt(self) -> None:
        """Change the number of kicks after a turn, while the chains are warming up."""
        if self.accepted.mean() < _ACCEPTANCE - 0.08:
            self.n_kicks = min(self.n_kicks + max(1, self.n_kicks // 4), MOST_KICKS)
        elif self.accepted.mean() > _ACCEPTANCE + 0.08 and self.n_kicks > 1:
            self.n_kicks -= 1
