"""Parameters drawn beside cells and weights, where a small table leaves them uncertain.

Every chain has parameters of its own. Again and again they move, by slice sampling, given the
completed table, with the weights of the links integrated out; the weights are drawn given them; and
cells and weights move together, as at learned parameters. What follows the parameters is settled a
little before it is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cholesky, solve_triangular

from hokan.errors import HokanError
from hokan.gp.factorisation import NotPositiveDefiniteError
from hokan.gp.kernels import FloatArray
from hokan.inference.convergence import Convergence
from hokan.inference.parameters import NOISE_VARIANCE_PRIOR
from hokan.inference.truncation import log_probability_between
from hokan.sampling.energy import Energy
from hokan.sampling.fitting import (
    Learned,
    SamplingOptions,
    SamplingProgress,
    around_chains,
    energy_of,
)
from hokan.sampling.formula_link import FormulaLink
from hokan.sampling.hamiltonian import SplitHamiltonian
from hokan.sampling.jumps import Jumps
from hokan.sampling.node import NodeLikelihood
from hokan.sampling.setting import Setting
from hokan.sampling.slice import slice_sample
from hokan.sampling.unknowns import Unknowns

#: Each of some thousand evaluations factors a matrix over the rows of a property, and every setting
#: of the parameters that is kept holds its inverse.
MOST_ROWS = 400
#: Settings of the parameters kept of every chain, and those before that are dropped.
_KEPT, _DROPPED = 25, 6
#: While draws are not reliable, every second setting is dropped and chains go on with twice as many
#: between those kept, up to so many.
_MOST_BETWEEN = 4
#: Slice moves of a property's parameters from one setting to the next: so many for each of them, at
#: least and at most so many in all.
_MOVES_EACH, _FEWEST_MOVES, _MOST_MOVES = 3, 8, 24
#: Moves of cells and weights after the parameters, before one is kept.
_SETTLING = 3
#: Chains start this far from the learned parameters, in standard deviations of their prior.
_APART = 0.5


@dataclass(frozen=True)
class ParameterDraws:
    """What chains visited; k counts the settings of the parameters, chain after chain.

    Attributes
    ----------
    noises : ndarray of shape (k, p)
        Learned variances of measurement errors.
    vectors : tuple of k tuples of ndarray
        Parameter vector of every node.
    cells : ndarray of shape (k, s, m)
        Drawn cells.
    weights : ndarray of shape (k, s, r)
        Of the links of all properties, one after the other.
    convergence : Convergence
        Of cells and weights.
    acceptance : float
        Mean share of accepted moves.
    """

    noises: FloatArray
    vectors: tuple[tuple[FloatArray, ...], ...]
    cells: FloatArray
    weights: FloatArray
    convergence: Convergence
    acceptance: float


def check_small_enough(setting: Setting) -> None:
    """Refuse tables for which drawing parameters would take hours.

    Raises
    ------
    HokanError
    """
    largest = max(len(rows) for rows in setting.hierarchy.unknowns.rows)
    if largest > MOST_ROWS:
        raise HokanError(
            f"sample_parameters=True is for small tables, of up to {MOST_ROWS} rows; here "
            f"{largest} take part. Leave it out: so many rows tell the parameters well enough"
        )


def draw_with_parameters(
    learned: Learned,
    options: SamplingOptions,
    random_state: np.random.Generator,
    progress: SamplingProgress | None = None,
) -> ParameterDraws:
    """Draw parameters, cells and weights, from where learning has ended."""
    n_settings = min(_KEPT, options.n_draws)
    per_setting = -(-options.n_draws // n_settings)
    likelihoods = learned.setting.likelihoods()
    chains = [
        _Chain(learned, number, likelihoods, random_state) for number in range(options.n_chains)
    ]
    for _ in range(_DROPPED):
        for chain in chains:
            chain.move_parameters()
            chain.draw(0, adapt=True)
    kept: list[list[_Visited]] = []
    between = 1
    while True:
        while len(kept) < n_settings:
            for chain in chains * (between - 1):
                chain.move_parameters()
                chain.draw(0)
            for chain in chains:
                chain.move_parameters()
            kept.append([chain.draw(per_setting) for chain in chains])
            if progress is not None:
                progress("drawing parameters", len(kept), n_settings)
        found = _gathered(learned.setting.hierarchy.unknowns, kept)
        if found.convergence.reliable or between >= _MOST_BETWEEN:
            return found
        kept, between = kept[1::2], 2 * between


@dataclass(frozen=True)
class _Visited:
    """A setting of the parameters, the states (s, d) visited there, and the share accepted."""

    noise: FloatArray
    vectors: tuple[FloatArray, ...]
    states: FloatArray
    acceptance: float


def _gathered(unknowns: Unknowns, kept: list[list[_Visited]]) -> ParameterDraws:
    """Put what was visited together, chain after chain."""
    n_settings, n_chains = len(kept), len(kept[0])
    visited = [kept[number][chain] for chain in range(n_chains) for number in range(n_settings)]
    states = np.array([each.states for each in visited])
    n_states = states.shape[0] * states.shape[1]
    free = states[..., : unknowns.n_drawn].reshape(n_states, unknowns.n_drawn)
    cells = unknowns.bounds.to_cells(free.T).T.reshape(*states.shape[:2], unknowns.n_drawn)
    weights = states[..., unknowns.n_drawn :]
    both = np.concatenate([cells, weights], axis=2)
    return ParameterDraws(
        np.array([each.noise for each in visited]),
        tuple(each.vectors for each in visited),
        cells,
        weights,
        Convergence.of(both.reshape(n_chains, n_states // n_chains, both.shape[2])),
        float(np.mean([each.acceptance for each in visited])),
    )


class _Chain:
    """One chain: its parameters, and its cells and weights."""

    def __init__(
        self,
        learned: Learned,
        number: int,
        likelihoods: list[NodeLikelihood],
        random_state: np.random.Generator,
    ) -> None:
        self.setting = learned.setting
        self._learned = learned
        self._likelihoods = likelihoods
        self._random_state = random_state
        self._state = learned.states[:, [number]]
        self._n_kicks = learned.n_kicks
        self.vectors = []
        for node, vector in zip(self.setting.hierarchy.nodes, learned.vectors, strict=True):
            lower, upper = _bounds(node.bounds)
            apart = _APART * node.prior_spread * random_state.standard_normal(len(vector))
            self.vectors.append(np.clip(vector + apart, lower, upper))

    def move_parameters(self) -> None:
        """Move the parameters of every property, and its learned measurement error."""
        hierarchy = self.setting.hierarchy
        unknowns = hierarchy.unknowns
        drawn = unknowns.bounds.to_cells(self._state[: unknowns.n_drawn])
        table = unknowns.complete(drawn)[:, :, 0].T
        slices = hierarchy.weight_slices()
        for j, (node, likelihood) in enumerate(
            zip(hierarchy.nodes, self._likelihoods, strict=True)
        ):
            rows = unknowns.rows[j]
            values, basis = _without_formulas(
                self.setting, j, table[rows], self._state[slices[j], 0]
            )
            log_density = _log_density(likelihood, values, basis)
            moves = int(np.clip(_MOVES_EACH * len(self.vectors[j]), _FEWEST_MOVES, _MOST_MOVES))
            self.vectors[j] = slice_sample(
                log_density, self.vectors[j], node.prior_spread, moves, self._random_state
            )
        self._move_noise(table)

    def _move_noise(self, table: FloatArray) -> None:
        learned = np.flatnonzero(self.setting.layout.learn_noise)
        if not len(learned):
            return
        noise = self.setting.noise.copy()
        for j in learned:
            found = slice_sample(
                _noise_log_density(self.setting, table[:, j], int(j)),
                np.log(noise[[j]]),
                np.array([NOISE_VARIANCE_PRIOR.spread]),
                _FEWEST_MOVES,
                self._random_state,
            )
            noise[j] = np.exp(found[0])
        self.setting = self.setting.with_noise(noise)

    def draw(self, n_draws: int, *, adapt: bool = False) -> _Visited:
        """Draw weights at the new parameters, then move cells and weights together."""
        energy = energy_of(self.setting, self._likelihoods, self.vectors)
        # The Gaussian to move around is chosen from states of the past, never from that of now.
        reference = around_chains(energy, self._learned.states)
        chain = SplitHamiltonian(
            energy.value_and_gradient,
            reference,
            _with_new_weights(energy, self._state, self._random_state),
            self._n_kicks,
            self._random_state,
        )
        jumps = Jumps(energy, self.setting.order, self._random_state, self._learned.humped)
        states, accepted = [], []
        for number in range(_SETTLING + n_draws):
            chain.turn()
            accepted.append(float(chain.accepted.mean()))
            if adapt:
                chain.adapt()
            if number >= _SETTLING:
                together = bool(self._random_state.integers(2))
                chain.put(jumps.sweep(chain.state, together=together))
                states.append(chain.state[:, 0])
        self._state, self._n_kicks = chain.state, chain.n_kicks
        found = np.array(states).reshape(n_draws, energy.size)
        return _Visited(self.setting.noise, tuple(self.vectors), found, float(np.mean(accepted)))


def _bounds(
    pairs: list[tuple[float | None, float | None]],
) -> tuple[FloatArray, FloatArray]:
    lower = np.array([-np.inf if low is None else low for low, _ in pairs])
    upper = np.array([np.inf if high is None else high for _, high in pairs])
    return lower, upper


def _log_density(
    likelihood: NodeLikelihood, values: FloatArray, basis: FloatArray
) -> Callable[[FloatArray], float]:
    """Return the log posterior of a property's parameters given its completed rows."""
    lower, upper = _bounds(likelihood.node.bounds)

    def log_density(vector: FloatArray) -> float:
        if (vector < lower).any() or (vector > upper).any():
            return -np.inf
        try:
            return -likelihood.value(vector, values, basis)
        except NotPositiveDefiniteError:
            return -np.inf

    return log_density


def _without_formulas(
    setting: Setting, j: int, table: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return a property less what formulas give, (n,), and the basis of its other links, (n, r).

    Links that are linear in their weights have them integrated out. The constants of a formula are
    held, and its columns are zero.
    """
    node, unknowns = setting.hierarchy.nodes[j], setting.hierarchy.unknowns
    directions = setting.hierarchy.directions[unknowns.rows[j]]
    _, basis = node.linearised(table, directions, weights)
    values = table[:, j].copy()
    links = node.links_at(table.T[:, :, None], directions)
    for link, at, part in zip(node.links, links, node.weight_slices, strict=True):
        if isinstance(link, FormulaLink):
            values -= at.value(weights[part, None])[:, 0]
            basis[:, part] = 0.0
    return values, basis


def _with_new_weights(
    energy: Energy, state: FloatArray, random_state: np.random.Generator
) -> FloatArray:
    """Return a state (d, 1) with the weights of all links but formulas drawn given the rest."""
    hierarchy, unknowns = energy.hierarchy, energy.hierarchy.unknowns
    state = state.copy()
    tables = unknowns.complete(unknowns.bounds.to_cells(state[: unknowns.n_drawn]))
    for j, (node, part) in enumerate(zip(hierarchy.nodes, energy.weight_slices, strict=True)):
        rows = unknowns.rows[j]
        here, weights = tables[:, rows, 0].T, state[part, 0]
        offset, basis = node.linearised(here, hierarchy.directions[rows], weights)
        drawn = np.ones(len(weights), dtype=bool)
        for link, within in zip(node.links, node.weight_slices, strict=True):
            drawn[within] = not isinstance(link, FormulaLink)
        if not drawn.any():
            continue
        left = here[:, j] - offset - basis[:, ~drawn] @ weights[~drawn]
        basis, mean = basis[:, drawn], energy.weight_means[j][drawn]
        projected = energy.precisions[j] @ basis
        precision = basis.T @ projected + np.diag(energy.weight_precisions[j][drawn])
        factor = cholesky(precision, lower=True)
        centre = mean + np.linalg.solve(precision, projected.T @ (left - basis @ mean))
        around = solve_triangular(factor.T, random_state.standard_normal(len(mean)), lower=False)
        weights = weights.copy()
        weights[drawn] = centre + around
        state[part, 0] = weights
    return state


def _noise_log_density(
    setting: Setting, cells: FloatArray, j: int
) -> Callable[[FloatArray], float]:
    """Return the log posterior of the log variance of a learned measurement error, given cells."""
    unknowns, given = setting.hierarchy.unknowns, setting.cells.noise_variance[:, j]
    measured = unknowns.measured_table[:, j]
    known = np.isfinite(measured)
    errors = measured[known] - cells[known]
    limits = setting.cells.limits
    limited = np.zeros(len(cells), dtype=bool) if limits is None else limits.here[:, j]
    ends = unknowns.lower[limited, j], unknowns.upper[limited, j]
    of_limits = np.zeros(0) if limits is None else limits.noise_variance[limited, j]

    def log_density(log_variance: FloatArray) -> float:
        added = float(np.exp(log_variance[0]))
        variance = given[known] + added
        distance = (log_variance[0] - NOISE_VARIANCE_PRIOR.log_mean) / NOISE_VARIANCE_PRIOR.spread
        if abs(distance) > 6.0:
            return -np.inf
        value = -0.5 * np.sum(errors**2 / variance + np.log(variance)) - 0.5 * distance**2
        if limited.any():
            inside = log_probability_between(cells[limited], of_limits + added, *ends)
            value += inside.sum()
        return float(value)

    return log_density
