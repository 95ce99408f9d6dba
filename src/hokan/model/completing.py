"""Completed tables drawn from a fitted model, and which chain and draw each is from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hokan.gp.kernels import FloatArray
from hokan.inference.cells import Cells, DoubtfulValues
from hokan.inference.gaussian_draws import draw_gaussians
from hokan.inference.posterior import Posterior
from hokan.model.limited import LimitedCells
from hokan.sampling.posterior import SampledPosterior
from hokan.table import PropertyTable

if TYPE_CHECKING:
    from hokan.model.hierarchy_model import HierarchyModel

IntArray = NDArray[np.int64]

#: Streams of random numbers, apart from those of a fit and of predictions.
_TRAINING, _NEW_ROWS = 2, 6


@dataclass(frozen=True)
class CompletedDraws:
    """Draws of whole tables.

    Attributes
    ----------
    values : ndarray of shape (m, n, p)
        On the raw scale, columns as in the graph of the model.
    chains, draws : ndarray of shape (m,) of int
        Which chain each table is from, and which of its draws it is, from 0. The exact engine draws
        independently: a chain is there a draw of the parameters, or the only one.
    """

    values: FloatArray
    chains: IntArray
    draws: IntArray


def complete_training(model: HierarchyModel, n_draws: int, seed: int) -> CompletedDraws:
    """Draw completed training tables, jointly over all cells.

    Parameters
    ----------
    model : HierarchyModel
    n_draws : int
        Number of tables, m.
    seed : int

    Notes
    -----
    The exact engine goes through the draws of the parameters in turn, so that as many tables as
    there are of these have parameters of their own: imputations that ignore what is uncertain about
    the parameters are not proper (Rubin, Multiple Imputation for Nonresponse in Surveys, 1987,
    chapter 4).
    """
    random_state = np.random.default_rng([seed, _TRAINING])
    posterior = model.posterior
    if isinstance(posterior, SampledPosterior):
        return _of_chains(model, posterior, n_draws, lambda: posterior.training_draws(random_state))
    members = posterior.members
    chains, numbers = _in_turn(n_draws, len(members))
    values = np.empty((n_draws, *posterior.cells.values.shape))
    known = model.with_learned_errors(posterior.cells)
    for number in np.unique(chains):
        here, member = chains == number, members[number]
        values[here] = member.sample_training_cells(int(here.sum()), random_state)
        if known.limits is not None:  # what it takes to keep to them is long to work out
            found = member.training_cells()
            _keep_to_limits(values, here, found.mean, found.variance, known)
    return _on_raw_scale(model, values, chains, numbers)


def complete_new_rows(
    model: HierarchyModel, table: PropertyTable, n_draws: int, seed: int
) -> CompletedDraws:
    """Draw completed tables of new materials, given training and whatever is known of them.

    The properties of a row are drawn jointly; rows are drawn apart from each other.

    Parameters
    ----------
    model : HierarchyModel
    table : PropertyTable
        Rows described as the training rows were.
    n_draws : int
        Number of tables, m.
    seed : int
    """
    random_state = np.random.default_rng([seed, _NEW_ROWS])
    known = model.with_learned_errors(model.standardise(table))
    posterior = model.posterior
    if isinstance(posterior, SampledPosterior):
        known = model.less_trusted(posterior, known)
        return _of_chains(
            model, posterior, n_draws, lambda: posterior.new_rows_draws(known, random_state)
        )
    members = posterior.members
    chains, numbers = _in_turn(n_draws, len(members))
    values = np.empty((n_draws, *known.values.shape))
    doubts = model.doubts_of(known)
    for number in np.unique(chains):
        here = chains == number
        _draw_rows(members[number], known, doubts, values, here, random_state)
    return _on_raw_scale(model, values, chains, numbers)


def _draw_rows(
    member: Posterior,
    known: Cells,
    doubts: DoubtfulValues | None,
    values: FloatArray,
    here: NDArray[np.bool_],
    random_state: np.random.Generator,
) -> None:
    """Draw new rows at one setting of the parameters into some of the tables, in place."""
    rows = member.new_rows(known.features)
    placed, noise = rows.with_sites(known.values, known.noise_variance, known.limits, doubts)
    rows = rows.given(placed, noise)
    values[here] = draw_gaussians(rows.mean, rows.covariance, int(here.sum()), random_state)
    stand_ins = replace(known, values=placed, noise_variance=noise)
    _keep_to_limits(values, here, rows.mean, rows.variance, stand_ins)


def _keep_to_limits(
    values: FloatArray,
    here: NDArray[np.bool_],
    mean: FloatArray,
    variance: FloatArray,
    known: Cells,
) -> None:
    """Move draws of some of the tables between the limits that are known, in place."""
    if limited := LimitedCells.of_cells(mean, variance, known):
        drawn = values[here]
        limited.move_draws(drawn)
        values[here] = drawn


def _in_turn(n_draws: int, n_members: int) -> tuple[IntArray, IntArray]:
    """Return the member that each of so many draws is from, and its number among those of it."""
    numbers = np.arange(n_draws, dtype=np.int64)
    return numbers % n_members, numbers // n_members


def _of_chains(
    model: HierarchyModel,
    posterior: SampledPosterior,
    n_draws: int,
    draw_all: Callable[[], FloatArray],
) -> CompletedDraws:
    """Pick draws evenly over those of all chains, which come one after the other.

    Where they are too few, what the chains need not visit is drawn again: ``draw_all`` returns a
    table for each draw of the chains, (s, n, p).
    """
    available = posterior.n_draws
    repeats = -(-n_draws // available)
    chosen = np.linspace(0, repeats * available - 1, n_draws).round().astype(np.int64)
    values = np.concatenate([draw_all() for _ in range(repeats)])[chosen]
    within, per_chain = chosen % available, available // posterior.convergence.n_chains
    return _on_raw_scale(model, values, within // per_chain, within % per_chain)


def _on_raw_scale(
    model: HierarchyModel, values: FloatArray, chains: IntArray, numbers: IntArray
) -> CompletedDraws:
    for j, transform in enumerate(model.transforms):
        values[:, :, j] = transform.inverse(values[:, :, j])
    return CompletedDraws(values, chains, numbers)
