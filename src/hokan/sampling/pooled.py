"""Draws at many settings of the parameters, as one posterior."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from hokan.gp.kernels import FloatArray
from hokan.inference.cells import Cells
from hokan.inference.convergence import Convergence
from hokan.sampling.posterior import SampledPosterior
from hokan.sampling.setting import Setting


class PooledPosterior(SampledPosterior):
    """An equal mixture of sampled posteriors, each at parameters that were drawn.

    Parameters
    ----------
    setting : Setting
        The table and its nodes.
    noises : ndarray of shape (k, p)
        Learned variances of measurement errors, of every one of k settings of the parameters.
    vectors : tuple of k tuples of ndarray
        Parameter vector of every node.
    drawn_cells : ndarray of shape (k, s, m)
    drawn_weights : ndarray of shape (k, s, r)
    convergence : Convergence
        Whether the draws can be relied on.

    Attributes
    ----------
    members : tuple of k SampledPosterior
    """

    def __init__(
        self,
        setting: Setting,
        noises: FloatArray,
        vectors: tuple[tuple[FloatArray, ...], ...],
        drawn_cells: FloatArray,
        drawn_weights: FloatArray,
        convergence: Convergence,
    ) -> None:
        # Not that of the class above: everything is asked of the members.
        self.setting = setting
        self.noises = noises
        self.vectors = vectors  # type: ignore[assignment]
        self.drawn_cells = np.ascontiguousarray(drawn_cells)
        self.drawn_weights = np.ascontiguousarray(drawn_weights)
        self.convergence = convergence
        self.members = tuple(
            SampledPosterior(
                setting if np.array_equal(noise, setting.noise) else setting.with_noise(noise),
                found,
                cells,
                weights,
                convergence,
            )
            for noise, found, cells, weights in zip(
                noises, vectors, self.drawn_cells, self.drawn_weights, strict=True
            )
        )

    @property
    def noise_variances(self) -> FloatArray:
        """Mean variances of the measurement errors learned, shape (p,)."""
        return np.asarray(self.noises.mean(axis=0))

    @property
    def n_draws(self) -> int:
        """Number of draws, of all chains together."""
        return int(np.prod(self.drawn_cells.shape[:2]))

    def _pooled(self, found: Callable[[SampledPosterior], FloatArray], axis: int) -> FloatArray:
        return np.concatenate([found(member) for member in self.members], axis=axis)

    def expected_cells(self) -> tuple[FloatArray, FloatArray]:
        """Return what everything but its own value says of every cell, in every draw."""
        means, variances = zip(*(member.expected_cells() for member in self.members), strict=True)
        return np.concatenate(means, axis=2), np.concatenate(variances, axis=2)

    def formula_constants(self) -> dict[tuple[int, str], FloatArray]:
        """Return the draws of every constant of a formula, by property and name."""
        found = [member.formula_constants() for member in self.members]
        return {key: np.concatenate([each[key] for each in found]) for key in found[0]}

    def mean_slopes(self) -> FloatArray:
        """Return the slope of every link, its mean over training materials, (p, p, s)."""
        return self._pooled(lambda member: member.mean_slopes(), 2)

    def along_link(
        self, child: int, parent: int, values: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return a property along one of its parents with all else typical."""
        found = [member.along_link(child, parent, values) for member in self.members]
        curves, points = zip(*found, strict=True)
        return np.concatenate(curves, axis=1), np.mean(points, axis=0)

    def material_variances(self) -> FloatArray:
        """Return the mean variance that belongs to the material, of every property, (p,)."""
        return np.asarray(np.mean([each.material_variances() for each in self.members], axis=0))

    def training_draws(
        self, random_state: np.random.Generator, *, jointly: bool = True
    ) -> FloatArray:
        """Return completed training tables, shape (s, n, p)."""
        return self._pooled(lambda member: member.training_draws(random_state, jointly=jointly), 0)

    def new_rows_draws(self, known: Cells, random_state: np.random.Generator) -> FloatArray:
        """Draw new materials given the training table and what is known of them, (s, n, p).

        Parameters
        ----------
        known : Cells
            Measurement errors given, and as learned in the mean: each member has its own.
        random_state : Generator
        """
        return self._pooled(
            lambda member: member.new_rows_draws(
                _with_noise(known, member.noise_variances - self.noise_variances), random_state
            ),
            0,
        )


def _with_noise(known: Cells, more: FloatArray) -> Cells:
    """Return cells with other learned variances of measurement errors, more by (p,)."""
    if not more.any():
        return known
    limits = known.limits
    if limits is not None:
        limits = replace(limits, noise_variance=np.maximum(limits.noise_variance + more, 0.0))
    noise = np.maximum(known.noise_variance + more, 0.0)
    return replace(known, noise_variance=noise, limits=limits)
