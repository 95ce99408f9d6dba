"""Links: what they give, their slopes, and the prior of their weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hierarchies import LINK_LOGS, REACH, column_features, numerical_gradient, product_link

from hokan.gp.kernels import LaplacianKernel
from hokan.graph import Formula, Identity, Log, StandardisedTransform
from hokan.sampling.directions import Directions
from hokan.sampling.formula_link import FormulaLink, fitted_constants
from hokan.sampling.links import N_SINES, Link
from hokan.sampling.node import AnyLink

RNG = np.random.default_rng(0)
FEATURES = column_features(RNG, 7)
DIRECTIONS = Directions.fit(FEATURES, np.ones((7, 1), dtype=bool), RNG)
AT = DIRECTIONS.of(FEATURES)
LINKS: dict[str, AnyLink] = {
    "linear": Link(0, "linear", 0.5, 0.6, REACH),
    "smooth": Link(0, "smooth", 0.5, 0.6, REACH),
    "joint": Link(0, "joint", 0.5, 0.6, REACH, len(DIRECTIONS)),
    "formula": product_link((0,), "c * a**e + d"),
    "formula of two": product_link((0, 1), "c * a / (b + d)"),
    "formula without constants": product_link((0, 1), "a * b"),
}
MATERNS = ("smooth", "joint")


def parent_values(link: AnyLink, chains: int = 3, n: int = 7) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [rng.uniform(-0.9, 0.9, (n, chains)) * REACH for _ in link.parents]


def weights_of(link: AnyLink, chains: int = 3) -> np.ndarray:
    spread = 0.2 if link.kind == "formula" else 1.0
    return spread * np.random.default_rng(2).standard_normal((link.n_weights, chains))


@pytest.mark.parametrize("name", LINKS)
class TestEveryLink:
    def test_slopes_are_derivatives_by_the_parents(self, name: str) -> None:
        link = LINKS[name]
        values, weights = parent_values(link), weights_of(link)
        slopes = link.at(values, AT).slopes(weights)
        assert len(slopes) == len(link.parents)
        for number, slope in enumerate(slopes):
            either = [
                link.at(
                    [v + (step if k == number else 0.0) for k, v in enumerate(values)], AT
                ).value(weights)
                for step in (1e-6, -1e-6)
            ]
            assert slope.shape == values[0].shape
            np.testing.assert_allclose(slope, (either[0] - either[1]) / 2e-6, atol=1e-6)

    def test_basis_holds_the_derivatives_by_the_weights(self, name: str) -> None:
        link = LINKS[name]
        at = link.at([v[:, :1] for v in parent_values(link)], AT)
        weights = weights_of(link, 1)
        found = numerical_gradient(lambda w: at.value(w[:, None])[:, 0], weights[:, 0])
        basis = at.basis(weights)
        assert basis.shape == (7, link.n_weights)
        np.testing.assert_allclose(basis, found.reshape(link.n_weights, 7).T, atol=1e-7)

    def test_forces_are_projected_on_the_basis(self, name: str) -> None:
        link = LINKS[name]
        values, weights = parent_values(link), weights_of(link)
        forces = RNG.standard_normal((7, 3))
        projected = link.at(values, AT).project(weights, forces)
        assert projected.shape == weights.shape
        for c in range(3):
            basis = link.at([v[:, [c]] for v in values], AT).basis(weights[:, [c]])
            np.testing.assert_allclose(projected[:, c], basis.T @ forces[:, c], atol=1e-10)

    def test_chains_do_not_mix(self, name: str) -> None:
        link = LINKS[name]
        values, weights = parent_values(link), weights_of(link)
        together = link.at(values, AT).value(weights)
        for c in range(3):
            alone = link.at([v[:, [c]] for v in values], AT).value(weights[:, [c]])
            np.testing.assert_allclose(together[:, [c]], alone, atol=1e-12)

    def test_derivatives_of_the_prior_variance(self, name: str) -> None:
        link = LINKS[name]
        logs = LINK_LOGS[link.kind]
        variance, derivatives = link.prior_variance(logs)
        assert (variance > 0).all()
        assert derivatives.shape == (len(logs), link.n_weights)
        found = numerical_gradient(lambda x: link.prior_variance(x)[0], logs)
        np.testing.assert_allclose(
            derivatives, found.reshape(derivatives.shape), atol=1e-8, rtol=1e-6
        )

    def test_as_many_priors_as_hyperparameters_and_a_mean_for_each_weight(self, name: str) -> None:
        link = LINKS[name]
        assert len(link.hyperparameter_priors) == len(LINK_LOGS[link.kind])
        assert link.prior_mean.shape == (link.n_weights,)


class TestLinks:
    @pytest.mark.parametrize("kind", ["linear", "smooth", "joint"])
    def test_they_are_linear_in_their_weights(self, kind: str) -> None:
        link = LINKS[kind]
        at = link.at(parent_values(link), AT)
        one, other = weights_of(link), RNG.standard_normal((link.n_weights, 3))
        np.testing.assert_allclose(
            at.value(one + 2.0 * other), at.value(one) + 2.0 * at.value(other), atol=1e-12
        )

    def test_few_and_many_values_give_the_same_sines(self) -> None:
        """Many are computed by recurrence."""
        link = LINKS["smooth"]
        values = np.linspace(-4, 4, 900)[:, None]
        nowhere = np.zeros((len(values), 0))
        weights = weights_of(link, 1)
        many = link.at([values], nowhere).value(weights)
        few = [link.at([values[[i]]], nowhere[:1]).value(weights)[0, 0] for i in range(0, 900, 60)]
        np.testing.assert_allclose(many[::60, 0], few, atol=1e-12)

    @pytest.mark.parametrize("lengthscale", [0.7, 1.0, 2.0])
    def test_curves_have_the_covariance_of_a_matern_kernel(self, lengthscale: float) -> None:
        link = LINKS["smooth"]
        values = np.linspace(-2.5, 2.5, 31)[:, None]
        basis = link.at([values], np.zeros((31, 0))).basis(np.zeros((link.n_weights, 1)))[:, 1:]
        variance = link.prior_variance(np.log([0.3, lengthscale]))[0][1:]
        scaled = np.sqrt(5.0) * np.abs(values - values.T) / lengthscale
        wanted = 0.3 * (1.0 + scaled + scaled**2 / 3.0) * np.exp(-scaled)
        error = np.abs((basis * variance) @ basis.T - wanted)
        # Sixteen sines resolve most of the variance; the ends of the interval take some of it.
        assert error[5:-5, 5:-5].max() < 0.1 * 0.3
        assert error.max() < 0.25 * 0.3

    @pytest.mark.parametrize("kind", MATERNS)
    def test_beyond_the_reach_the_straight_line_goes_on(self, kind: str) -> None:
        link = LINKS[kind]
        weights = weights_of(link, 1)
        values = np.array([[REACH], [REACH + 1.0], [REACH + 3.0]])
        # The same material three times.
        at = link.at([values], np.repeat(AT[:1], 3, axis=0))
        found, slope = at.value(weights)[:, 0], at.slopes(weights)[0][1:, 0]
        np.testing.assert_allclose(slope, slope[0])
        np.testing.assert_allclose(np.diff(found), slope[0] * np.array([1.0, 2.0]))

    def test_the_reach_covers_known_values_within_bounds(self) -> None:
        assert Link.reach_of(np.array([np.nan, 3.0, -4.0])) == pytest.approx(4.2)
        assert Link.reach_of(np.array([0.1])) == 2.5
        assert Link.reach_of(np.array([np.nan])) == 2.5
        assert Link.reach_of(np.array([50.0, 1.0])) == 6.0

    def test_a_joint_link_turns_with_the_material(self) -> None:
        link = LINKS["joint"]
        weights = np.zeros((link.n_weights, 1))
        weights[0] = 1.0
        weights[1 + N_SINES] = 2.0
        slopes = link.at([np.ones((7, 1))], AT).slopes(weights)[0][:, 0]
        np.testing.assert_allclose(slopes, 1.0 + 2.0 * AT[:, 0])
        assert np.ptp(slopes) > 0.1

    def test_a_link_turns_back_where_its_slope_changes_sign(self) -> None:
        link = LINKS["smooth"]
        weights = np.zeros((link.n_weights, 2))
        weights[0] = 1.0
        assert not link.turns_back(weights)
        weights[1, 1] = 10.0  # half a wave, in the second chain only
        assert link.turns_back(weights)
        assert not LINKS["linear"].turns_back(np.array([[-1.0]]))


class TestFormulas:
    def test_weights_are_relative_changes_of_the_constants(self) -> None:
        link = product_link((0,), "c * a + d")
        z = np.array([[0.4], [-1.0]])
        raw = np.exp(0.3 + 0.4 * z)
        weights = np.array([[0.1], [-0.2]])
        c, d = (centre * (1.0 + w) for centre, w in zip(link.centres, weights[:, 0], strict=True))
        wanted = (c * raw + d - 1.0) / 1.5
        np.testing.assert_allclose(link.at([z], np.zeros((2, 0))).value(weights), wanted)

    def test_a_result_the_child_cannot_have_is_taken_to_be_far_off(self) -> None:
        link = replace(product_link((0,), "c * a"), child=StandardisedTransform(Log(), 0.0, 1.0))
        weights = np.array([[-3.0, 0.0]])  # a negative constant in the first chain
        at = link.at([np.zeros((1, 2))], np.zeros((1, 0)))
        value, slope = at.value(weights), at.slopes(weights)[0]
        assert value[0, 0] == pytest.approx(-30.0)
        assert slope[0, 0] == 0.0
        assert slope[0, 1] == pytest.approx(0.4)
        np.testing.assert_array_equal(at.project(weights, np.ones((1, 2)))[0, 0], 0.0)

    def test_a_result_that_is_no_number_has_no_slope(self) -> None:
        link = product_link((0,), "sqrt(a - c)")
        at = link.at([np.array([[-5.0]])], np.zeros((1, 0)))
        weights = np.zeros((1, 1))
        assert np.isfinite(at.value(weights)).all()
        assert at.slopes(weights)[0][0, 0] == 0.0

    @pytest.mark.parametrize("scale", [1.0, 1e-7, -3e5])
    def test_constants_of_any_magnitude_are_found(self, scale: float) -> None:
        formula = Formula.parse("c * a**2 + d", ["a"])
        rng = np.random.default_rng(3)
        a = rng.uniform(0.5, 3.0, 20)
        result = scale * (2.0 * a**2 + 1.0)
        child = StandardisedTransform(Identity(), float(result.mean()), float(result.std()))
        found = fitted_constants(formula, {"a": a}, result, child, rng)
        np.testing.assert_allclose(found, [2.0 * scale, scale], rtol=1e-4)

    def test_a_formula_without_constants_has_none_to_fit(self) -> None:
        formula = Formula.parse("a * 2", ["a"])
        child = StandardisedTransform(Identity(), 0.0, 1.0)
        assert fitted_constants(formula, {"a": np.ones(3)}, np.ones(3), child, RNG) == ()

    def test_it_is_the_same_for_all_materials_and_has_no_hyperparameters(self) -> None:
        link = FormulaLink(
            (0,), Formula.parse("a", ["a"]), (), StandardisedTransform(Identity(), 0.0, 1.0), ()
        )
        assert not link.depends_on_material
        assert not link.turns_back(np.zeros((0, 1)))


class TestDirections:
    def test_they_reproduce_the_kernel_between_training_materials(self) -> None:
        kernel = LaplacianKernel()
        wanted = kernel.matrix(kernel.geometry(FEATURES, FEATURES), np.zeros(1))
        np.testing.assert_allclose(AT @ AT.T, wanted, atol=1e-6)

    def test_they_fade_away_from_the_training_materials(self) -> None:
        others = column_features(np.random.default_rng(8), 30)
        norms = np.einsum("nm,nm->n", DIRECTIONS.of(others), DIRECTIONS.of(others))
        assert (norms <= 1.0 + 1e-9).all()
        assert norms.min() < 0.9

    def test_without_descriptors_or_joint_links_there_are_none(self) -> None:
        bare = column_features(RNG, 4, 0)
        found = Directions.fit(bare, np.ones((4, 1), dtype=bool), RNG)
        assert len(found) == 0
        assert found.of(bare).shape == (4, 0)
        assert len(Directions.fit(FEATURES, np.ones((7, 0), dtype=bool), RNG)) == 0

    def test_materials_whose_children_are_known_carry_them(self) -> None:
        """Of many, an even share for each child, all where there are few."""
        many = column_features(np.random.default_rng(4), 450)
        known = np.zeros((450, 3), dtype=bool)
        known[:300, 0] = known[300:320, 1] = known[200:420, 2] = True
        found = Directions.fit(many, known, np.random.default_rng(0))
        rows = [
            int(np.flatnonzero((many.standardised == each).all(axis=1))[0])
            for each in found.landmarks.standardised
        ]
        assert len(set(rows)) == 150
        assert max(rows) < 420
        assert sum(300 <= row < 320 for row in rows) == 20
        assert sum(row < 200 for row in rows) > 30
        assert sum(row >= 320 for row in rows) > 15
        again = Directions.fit(many, known, np.random.default_rng(0))
        np.testing.assert_array_equal(found.projection, again.projection)
