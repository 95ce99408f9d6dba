"""Learning parameters while cells are drawn, then drawing cells at the parameters learned.

Stochastic expectation maximisation (Celeux and Diebolt, Computational Statistics Quarterly 2,
1985): draw the cells given the parameters, take a few quasi-Newton steps on the completed rows of
every property, and again. The parameters kept are the mean over the later rounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize_scalar

from hokan.gp.kernels import FloatArray
from hokan.inference.convergence import Convergence, r_hat
from hokan.inference.parameters import NOISE_VARIANCE_PRIOR
from hokan.sampling.doubts import reconsidered
from hokan.sampling.energy import Energy, Hierarchy
from hokan.sampling.hamiltonian import Reference, SplitHamiltonian
from hokan.sampling.jumps import Jumps
from hokan.sampling.node import Node, NodeLikelihood
from hokan.sampling.setting import Setting
from hokan.sampling.start import first_guess, learn_node, sample_rows

#: Chains start at draws from their Gaussian reference, widened by this factor.
_APART = 1.5
_FIRST_KICKS = 4
#: Where a vague observation stands for a value, its cell starts within this.
_FAR = 3.0
_ITERATIONS_PER_ROUND = 6
#: R-hat of a cell, beyond which it is proposed anew, too.
_DIFFERENT = 1.02
#: Damped Newton steps towards the most probable state before chains start, and halvings of each.
_NEWTON_STEPS, _MOST_HALVINGS = 4, 6


@dataclass(frozen=True)
class SamplingOptions:
    """How to draw.

    Attributes
    ----------
    n_chains : int
    n_draws : int
        Kept per chain.
    n_rounds : int
        Of learning parameters.
    turns_per_round : int
        Moves of the chains in each.
    warm_up : int
        Moves of every chain at the final parameters before any is kept.
    most_thinning : int
        Moves per draw, at most, where draws one move apart are not reliable yet.
    sample_parameters : bool
        Whether parameters are drawn too, by slice sampling, instead of learned once: intervals then
        hold what is uncertain about them. For small tables.
    """

    n_chains: int = 4
    n_draws: int = 100
    n_rounds: int = 8
    turns_per_round: int = 10
    warm_up: int = 20
    most_thinning: int = 16
    sample_parameters: bool = False


SamplingProgress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Learned:
    """Parameters, and chains that move at them.

    Attributes
    ----------
    setting : Setting
        With the measurement errors learned.
    vectors : list of ndarray
        Parameter vector of every node.
    states : ndarray of shape (d, c)
        Where the chains are.
    n_kicks : int
    humped : set of (int, int)
        Row and property of cells that were seen with several humps.
    """

    setting: Setting
    vectors: list[FloatArray]
    states: FloatArray
    n_kicks: int
    humped: set[tuple[int, int]]


def learn(
    setting: Setting,
    options: SamplingOptions,
    random_state: np.random.Generator,
    progress: SamplingProgress | None = None,
) -> Learned:
    """Learn parameters while the cells are drawn."""
    hierarchy, features = setting.hierarchy, setting.cells.features
    vectors, table = first_guess(
        hierarchy.nodes,
        setting.order,
        features,
        hierarchy.directions,
        hierarchy.unknowns,
        random_state,
    )
    likelihoods = setting.likelihoods()
    energy = energy_of(setting, likelihoods, vectors)
    centre = _most_probable(energy, _first_state(hierarchy, table, energy))
    reference = Reference.of_precision(centre, energy.curvature(centre))
    apart = random_state.standard_normal((energy.size, options.n_chains))
    states, n_kicks, kept = reference.state(_APART * apart), _FIRST_KICKS, []
    humped: set[tuple[int, int]] = set()
    for number in range(options.n_rounds):
        if number:
            energy = energy_of(setting, likelihoods, vectors)
            reference = around_chains(energy, states)
        chains = SplitHamiltonian(
            energy.value_and_gradient, reference, states, n_kicks, random_state
        )
        # Humps are looked for everywhere at the start and half-way; then where some were seen.
        everywhere = number in (0, options.n_rounds // 2)
        jumps = Jumps(energy, setting.order, random_state, None if everywhere else humped)
        for _ in range(options.turns_per_round):
            chains.turn()
            chains.adapt()
        for together in (True, False):
            chains.put(jumps.sweep(chains.state, together=together))
        humped |= jumps.humped
        states, n_kicks = chains.state, chains.n_kicks
        chain = number % options.n_chains
        unknowns = setting.hierarchy.unknowns
        drawn = unknowns.bounds.to_cells(states[: unknowns.n_drawn, [chain]])
        table = unknowns.complete(drawn)[:, :, 0].T
        vectors = [
            _learn_again(node, vector, setting, table, states[part, chain], j, random_state)
            for j, (node, vector, part) in enumerate(
                zip(hierarchy.nodes, vectors, energy.weight_slices, strict=True)
            )
        ]
        noise = _learn_noise(setting, table)
        kept.append((vectors, noise))
        cells = setting.cells
        if number < options.n_rounds - 2:
            cells = reconsidered(cells, energy, states)
        before = setting.hierarchy
        setting = replace(setting, cells=cells, noise=noise)
        states = carried_over(states, before, setting.hierarchy)
        if progress is not None:
            progress("learning parameters", number + 1, options.n_rounds)
    later = kept[len(kept) // 2 :]
    vectors = [np.mean([found[0][j] for found in later], axis=0) for j in range(len(vectors))]
    noise = np.mean([found[1] for found in later], axis=0)
    return Learned(setting.with_noise(noise), vectors, states, n_kicks, humped)


def carried_over(states: FloatArray, before: Hierarchy, after: Hierarchy) -> FloatArray:
    """Return states (d, c) for a hierarchy of which other cells are drawn than before.

    A cell that was given starts at what stands for it now; what is given now is no longer drawn.
    """
    old, new = before.unknowns, after.unknowns
    tables = old.complete(old.bounds.to_cells(states[: old.n_drawn]))
    was_drawn = np.zeros(old.shape, dtype=bool)
    was_drawn[old.drawn_rows, old.drawn_properties] = True
    here = new.drawn_rows, new.drawn_properties
    cells = tables[new.drawn_properties, new.drawn_rows]
    begin = np.clip(new.measured_table[here], -_FAR, _FAR)
    cells = np.where(was_drawn[here][:, None], cells, begin[:, None])
    return np.concatenate([new.bounds.to_free(cells), states[old.n_drawn :]])


def energy_of(
    setting: Setting, likelihoods: list[NodeLikelihood], vectors: list[FloatArray]
) -> Energy:
    """Return the energy of states at some parameters."""
    nodes = setting.hierarchy.nodes
    parameters = [node.unpack(vector) for node, vector in zip(nodes, vectors, strict=True)]
    return Energy(setting.hierarchy, likelihoods, parameters)


def _learn_again(
    node: Node,
    vector: FloatArray,
    setting: Setting,
    table: FloatArray,
    weights: FloatArray,
    j: int,
    random_state: np.random.Generator,
) -> FloatArray:
    rows = sample_rows(setting.hierarchy.unknowns.rows[j], random_state)
    if not len(rows):
        return vector
    directions, features = setting.hierarchy.directions[rows], setting.cells.features.rows(rows)
    offset, basis = node.linearised(table[rows], directions, weights)
    target = table[rows, j] - offset
    found, _ = learn_node(node, features, target, basis, vector, _ITERATIONS_PER_ROUND)
    return found


def _learn_noise(setting: Setting, table: FloatArray) -> FloatArray:
    """Return the most probable variance of the measurement error of every property."""
    learned = np.zeros(table.shape[1])
    for j in np.flatnonzero(setting.layout.learn_noise):
        known = np.isfinite(setting.hierarchy.unknowns.measured_table[:, j])
        errors = setting.hierarchy.unknowns.measured_table[known, j] - table[known, j]
        given = setting.cells.noise_variance[known, j]
        middle, reach = NOISE_VARIANCE_PRIOR.log_mean, 6.0 * NOISE_VARIANCE_PRIOR.spread
        found = minimize_scalar(
            _noise_energy,
            args=(errors, given),
            bounds=(middle - reach, middle + reach),
            method="bounded",
        )
        learned[j] = np.exp(found.x)
    return learned


def _noise_energy(log_variance: float, errors: FloatArray, given: FloatArray) -> float:
    """Return minus the log posterior of a learned variance of measurement errors."""
    variance = given + np.exp(log_variance)
    residual = (log_variance - NOISE_VARIANCE_PRIOR.log_mean) / NOISE_VARIANCE_PRIOR.spread
    return float(0.5 * np.sum(errors**2 / variance + np.log(variance)) + 0.5 * residual**2)


def around_chains(energy: Energy, states: FloatArray) -> Reference:
    """Return a Gaussian around chains: their mean, and the mean of the curvatures where they are.

    At the mean itself, a cell with two humps may have hardly any curvature.
    """
    curvature = np.mean([energy.curvature(state) for state in states.T], axis=0)
    return Reference.of_precision(states.mean(axis=1), curvature)


def _first_state(hierarchy: Hierarchy, table: FloatArray, energy: Energy) -> FloatArray:
    """Return the state of a completed table, with the weights that it makes most probable."""
    unknowns = hierarchy.unknowns
    state = np.zeros(energy.size)
    cells = table[unknowns.drawn_rows, unknowns.drawn_properties]
    state[: unknowns.n_drawn] = unknowns.bounds.to_free(cells[:, None])[:, 0]
    for j, (node, part) in enumerate(zip(hierarchy.nodes, energy.weight_slices, strict=True)):
        rows = unknowns.rows[j]
        offset, basis = node.linearised(table[rows], hierarchy.directions[rows], node.weight_mean)
        projected = energy.precisions[j] @ basis
        precision = basis.T @ projected + np.diag(energy.weight_precisions[j])
        residual = table[rows, j] - offset - basis @ node.weight_mean
        state[part] = node.weight_mean + np.linalg.solve(precision, projected.T @ residual)
    return state


def _most_probable(energy: Energy, state: FloatArray) -> FloatArray:
    """Move a state uphill by damped Gauss-Newton steps."""
    value, gradient = energy.value_and_gradient(state[:, None])
    for _ in range(_NEWTON_STEPS):
        reference = Reference.of_precision(state, energy.curvature(state))
        step = reference.state(-reference.gradient(gradient))[:, 0] - state
        for _ in range(_MOST_HALVINGS):
            tried, tried_gradient = energy.value_and_gradient((state + step)[:, None])
            if tried[0] < value[0]:
                break
            step = 0.5 * step
        else:
            return state
        gained = value[0] - tried[0]
        state, value, gradient = state + step, tried, tried_gradient
        if gained < 0.1:
            return state
    return state


@dataclass(frozen=True)
class Draws:
    """What chains visited at the parameters learned.

    Attributes
    ----------
    cells : ndarray of shape (chains, draws, m)
        The drawn cells.
    weights : ndarray of shape (chains, draws, r)
        Of the links of all properties, one after the other.
    convergence : Convergence
        Whether they can be relied on.
    acceptance : float
        Mean share of accepted moves.
    n_kicks : int
        Per move.
    thinning : int
        Moves per draw kept.
    """

    cells: FloatArray
    weights: FloatArray
    convergence: Convergence
    acceptance: float
    n_kicks: int
    thinning: int


def draw(
    learned: Learned,
    options: SamplingOptions,
    random_state: np.random.Generator,
    progress: SamplingProgress | None = None,
) -> Draws:
    """Move the chains at the parameters learned, and keep what they visit.

    While the draws are not reliable, chains go on with twice as many moves per draw, up to the most
    allowed.
    """
    setting = learned.setting
    energy = energy_of(setting, setting.likelihoods(), learned.vectors)
    n_drawn = setting.hierarchy.unknowns.n_drawn
    reference = around_chains(energy, learned.states)
    chains = SplitHamiltonian(
        energy.value_and_gradient, reference, learned.states, learned.n_kicks, random_state
    )
    jumps = Jumps(energy, setting.order, random_state, learned.humped)

    def move(times: int) -> None:
        for _ in range(times):
            chains.turn()
            chains.put(jumps.sweep(chains.state, together=bool(random_state.integers(2))))

    def cells_of(states: FloatArray) -> FloatArray:
        """Return the drawn cells of states (chains, draws, d)."""
        n_states = states.shape[0] * states.shape[1]
        free = states[..., :n_drawn].reshape(n_states, n_drawn).T
        cells = setting.hierarchy.unknowns.bounds.to_cells(free)
        return cells.T.reshape(*states.shape[:2], n_drawn)

    everywhere = Jumps(energy, setting.order, random_state)
    for number in range(options.warm_up):
        move(1)
        chains.adapt()
        if number % max(1, options.warm_up // 4) == 0:
            chains.put(everywhere.sweep(chains.state, together=bool(number % 2)))
    humped = learned.humped | everywhere.humped
    jumps = Jumps(energy, setting.order, random_state, humped)
    kept: list[FloatArray] = []
    accepted: list[float] = []
    thinning = 1
    while True:
        while len(kept) < options.n_draws:
            move(thinning)
            kept.append(chains.state)
            accepted.append(float(chains.accepted.mean()))
            if progress is not None:
                progress("drawing", len(kept), options.n_draws)
        states = np.array(kept).transpose(2, 0, 1)
        cells, weights = cells_of(states), states[..., n_drawn:]
        convergence = Convergence.of(np.concatenate([cells, weights], axis=2))
        if convergence.reliable or thinning >= options.most_thinning:
            break
        if thinning == 1:
            # Where chains differ most, cells are proposed anew, too; what was drawn before does
            # not count.
            slow = np.flatnonzero(r_hat(cells) > _DIFFERENT)
            unknowns = setting.hierarchy.unknowns
            rows, properties = unknowns.drawn_rows[slow], unknowns.drawn_properties[slow]
            also = set(zip(rows.tolist(), properties.tolist(), strict=True))
            jumps = Jumps(energy, setting.order, random_state, humped | also)
            kept = []
        kept, thinning = kept[1::2], 2 * thinning
    acceptance = float(np.mean(accepted))
    return Draws(cells, weights, convergence, acceptance, chains.n_kicks, thinning)
