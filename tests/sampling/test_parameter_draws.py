"""Parameters drawn beside cells and weights: their distribution, and what it does to intervals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hierarchies import REACH, Model, column_features, masked, new_rows
from scipy.stats import kstest

from hokan.errors import HokanError
from hokan.sampling.engine import fit_by_sampling
from hokan.sampling.fitting import SamplingOptions
from hokan.sampling.parameter_draws import (
    MOST_ROWS,
    _Chain,
    draw_with_parameters,
)
from hokan.sampling.pooled import PooledPosterior
from hokan.sampling.posterior import SampledPosterior
from hokan.sampling.setting import LinkPlan

PAIR = masked(2, [(1, 0)])


def pair(n: int, kind: str = "smooth", **others) -> Model:
    features = column_features(np.random.default_rng(0), n)
    return Model.of(features, PAIR, {(1, 0): kind}, **others)


def observed(model: Model, seed: int, holes: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    """Draw a table, and hide some of it."""
    rng = np.random.default_rng(seed)
    table = model.draw_prior(rng)[0][0]
    return table, np.where(rng.random(table.shape) < holes, np.nan, table)


def test_parameters_of_a_known_table_follow_their_posterior() -> None:
    """Against importance sampling from the prior."""
    model = pair(10)
    table, _ = observed(model, 1)
    learned = model.chains(model.cells(table), np.random.default_rng(2), 4)
    options = SamplingOptions(n_chains=4, n_draws=25)
    rng = np.random.default_rng(3)
    found = []
    for seed in range(2):
        draws = draw_with_parameters(learned, options, np.random.default_rng(seed))
        found += [vectors[1] for vectors in draws.vectors]
    found = np.array(found)
    node = model.nodes[1]
    likelihood = learned.setting.likelihoods()[1]
    at = model.directions.of(model.features)
    offset, basis = node.linearised(table, at, node.weight_mean)
    prior = node.prior_mean + node.prior_spread * rng.standard_normal((8_000, len(found.T)))
    energy = np.array(
        [
            likelihood.value(vector, table[:, 1] - offset, basis)
            - node.negative_log_prior(vector)[0]
            for vector in prior
        ]
    )
    shares = np.exp(energy.min() - energy)
    shares /= shares.sum()
    assert 1.0 / np.sum(shares**2) > 100
    mean = shares @ prior
    spread = np.sqrt(shares @ (prior - mean) ** 2)
    np.testing.assert_allclose(found.mean(axis=0), mean, atol=0.2 * spread.max())
    np.testing.assert_allclose(found.std(axis=0), spread, rtol=0.15)


@pytest.mark.parametrize("kind", ["smooth", "joint"])
def test_one_round_leaves_the_joint_distribution_as_it_is(kind: str) -> None:
    """Parameters, cells and weights drawn together with the data are still that after a round.

    So parameters of many chains that start at the truth follow the prior, their data together
    (Geweke, Journal of the American Statistical Association 99, 2004).
    """
    rng = np.random.default_rng(0)
    start = pair(8, kind, slope=(0.0, 1.0), learn_noise=np.array([False, True]))
    before, after = [], []
    for _ in range(100):
        truth = tuple(
            node.prior_mean + node.prior_spread * rng.standard_normal(len(node.prior_mean))
            for node in start.nodes
        )
        noise = np.exp(rng.normal(-4.605, 1.5))
        model = replace(start, vectors=truth)
        tables, weights = model.draw_prior(rng)
        table = tables[0]
        data = table + np.array([0.0, np.sqrt(noise)]) * rng.standard_normal(table.shape)
        data[rng.random(table.shape) < 0.25] = np.nan
        if not np.isfinite(data).any(axis=0).all():
            continue
        learned = start.chains(start.cells(data), rng, 2)
        # With a plan and reaches of its own, so that it can be made again with other errors.
        plan = LinkPlan(((1, 0, kind),))
        setting = replace(learned.setting, plan=plan, reaches=np.full(2, REACH))
        chain = _Chain(replace(learned, setting=setting), 0, setting.likelihoods(), rng)
        chain.vectors = list(truth)
        chain.setting = setting.with_noise(np.array([0.0, noise]))
        unknowns = chain.setting.hierarchy.unknowns
        cells = table[unknowns.drawn_rows, unknowns.drawn_properties]
        chain._state = np.concatenate([cells, np.concatenate(weights)[:, 0]])[:, None]
        for _ in range(2):
            chain.move_parameters()
            chain.draw(0)
        scaled = [
            (vector - node.prior_mean) / node.prior_spread
            for vector, node in zip(chain.vectors, start.nodes, strict=True)
        ]
        own_noise = (np.log(chain.setting.noise[1]) + 4.605) / 1.5
        after.append(np.concatenate([*scaled, [own_noise]]))
        first = [
            (vector - node.prior_mean) / node.prior_spread
            for vector, node in zip(truth, start.nodes, strict=True)
        ]
        before.append(np.concatenate([*first, [(np.log(noise) + 4.605) / 1.5]]))
    moved, kept = np.array(after), np.array(before)
    assert (np.abs(moved - kept).mean(axis=0) > 0.3).all()
    p_values = [kstest(column, "norm").pvalue for column in moved.T]
    assert min(p_values) > 0.001


QUICK = SamplingOptions(n_chains=2, n_draws=10, n_rounds=4, sample_parameters=True)


def fitted(model: Model, values: np.ndarray, options: SamplingOptions) -> SampledPosterior:
    plan = LinkPlan(((1, 0, "smooth"),))
    rng = np.random.default_rng(5)
    return fit_by_sampling(model.cells(values), model.layout, plan, options, rng).posterior


def test_intervals_of_a_small_table_are_no_narrower() -> None:
    model = pair(16)
    widths = []
    for seed in range(2):
        _, values = observed(model, seed)
        found = (
            fitted(model, values, replace(QUICK, sample_parameters=drawn))
            for drawn in (False, True)
        )
        draws = [each.training_draws(np.random.default_rng(0)) for each in found]
        widths.append([each.std(axis=0)[np.isnan(values)].mean() for each in draws])
    learned, drawn = np.mean(widths, axis=0)
    assert drawn > learned


def test_a_pooled_posterior_is_the_mixture_of_its_members() -> None:
    model = pair(12)
    _, values = observed(model, 4)
    pooled = fitted(model, values, QUICK)
    assert isinstance(pooled, PooledPosterior)
    assert (len(pooled.members), pooled.n_draws) == (20, 20)
    draws = pooled.training_draws(np.random.default_rng(0))
    known = np.isfinite(values)
    assert draws.shape == (20, 12, 2)
    np.testing.assert_array_equal(
        draws[:, known], np.broadcast_to(values[known], (20, known.sum()))
    )
    variances = [member.material_variances() for member in pooled.members]
    assert np.ptp(variances, axis=0).min() > 0
    np.testing.assert_allclose(pooled.material_variances(), np.mean(variances, axis=0))
    assert pooled.mean_slopes().shape == (2, 2, 20)
    assert pooled.kinds_of_links() == {(1, 0): "smooth"}
    assert all(each.shape == (12, 2, 20) for each in pooled.expected_cells())
    rows = np.array([[0.5, np.nan], [np.nan, np.nan], [np.nan, -0.5]])
    features = column_features(np.random.default_rng(7), 3)
    there = new_rows(pooled, features, rows, np.zeros((3, 2)), None, np.random.default_rng(0))
    assert there.shape == (20, 3, 2)
    assert (there[:, 0, 0] == 0.5).all()


def test_every_member_has_its_own_measurement_error() -> None:
    model = pair(12, learn_noise=np.array([False, True]))
    _, values = observed(model, 4)
    pooled = fitted(model, values, QUICK)
    assert isinstance(pooled, PooledPosterior)
    own = np.array([member.noise_variances for member in pooled.members])
    assert (own[:, 0] == 0).all()
    assert np.ptp(own[:, 1]) > 0
    np.testing.assert_allclose(pooled.noise_variances, own.mean(axis=0))


def test_the_same_seed_gives_the_same_draws() -> None:
    model = pair(10)
    _, values = observed(model, 4)
    one, other = (fitted(model, values, QUICK).drawn_weights for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_a_large_table_is_refused_before_anything_is_learned() -> None:
    model = pair(MOST_ROWS + 1, "linear")
    values = np.zeros((MOST_ROWS + 1, 2))
    with pytest.raises(HokanError, match=f"up to {MOST_ROWS} rows; here {MOST_ROWS + 1}"):
        fit_by_sampling(
            model.cells(values), model.layout, LinkPlan(), QUICK, np.random.default_rng(0)
        )
