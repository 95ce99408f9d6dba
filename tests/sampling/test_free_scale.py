"""Drawn cells: which there are, and the scale without limits on which they are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hierarchies import masked, numerical_gradient
from hypothesis import given, settings
from hypothesis import strategies as st

from hokan.sampling.unknowns import Bounds, Unknowns, takes_part

INF = np.inf
ENDS = [(-INF, INF), (-0.5, INF), (-INF, 1.2), (-0.5, 1.2), (3.0, 3.01)]


def bounds(lower: float, upper: float) -> Bounds:
    return Bounds(np.array([lower]), np.array([upper]))


@pytest.mark.parametrize(("lower", "upper"), ENDS)
class TestBounds:
    @given(free=st.floats(-6.0, 6.0))
    @settings(deadline=None, max_examples=60)
    def test_cells_lie_inside_and_come_back(self, lower: float, upper: float, free: float) -> None:
        within = bounds(lower, upper)
        cell = within.to_cells(np.array([[free]]))
        assert lower <= cell[0, 0] <= upper
        back = within.to_free(cell)
        # Very close to a limit a cell is moved inside.
        if within.to_cells(back)[0, 0] == pytest.approx(cell[0, 0], abs=1e-12):
            assert back[0, 0] == pytest.approx(free, abs=1e-6)
        else:
            width = min(upper - lower, 1.0)
            assert min(cell[0, 0] - lower, upper - cell[0, 0]) < 0.01 * width

    @given(cell=st.floats(-40.0, 40.0))
    @settings(deadline=None, max_examples=60)
    def test_any_number_is_taken_to_a_cell_inside(
        self, lower: float, upper: float, cell: float
    ) -> None:
        within = bounds(lower, upper)
        free = within.to_free(np.array([[cell]]))
        assert np.isfinite(free).all()
        found = within.to_cells(free)[0, 0]
        assert lower <= found <= upper
        width = min(upper - lower, 1.0)
        if lower + 0.01 * width < cell < upper - 0.01 * width:
            assert found == pytest.approx(cell, abs=1e-9)

    def test_slopes_are_derivatives(self, lower: float, upper: float) -> None:
        within = bounds(lower, upper)
        free = np.linspace(-4, 4, 41)
        slope, log_slope, gradient, curvature = (each[0] for each in within.slopes(free[None]))
        for at in range(len(free)):
            here = free[at : at + 1]
            by_cell = numerical_gradient(lambda u: within.to_cells(u[None])[0, 0], here)[0]
            by_log = numerical_gradient(lambda u: within.slopes(u[None])[1][0, 0], here)[0]
            by_gradient = numerical_gradient(lambda u: within.slopes(u[None])[2][0, 0], here)[0]
            assert slope[at] == pytest.approx(by_cell, rel=1e-5, abs=1e-9)
            assert gradient[at] == pytest.approx(by_log, rel=1e-5, abs=1e-7)
            assert curvature[at] == pytest.approx(-by_gradient, rel=1e-5, abs=1e-6)
        np.testing.assert_allclose(np.exp(log_slope), slope, rtol=1e-10)
        assert (curvature >= 0).all()

    def test_it_is_increasing(self, lower: float, upper: float) -> None:
        free = np.linspace(-8, 8, 100)[None]
        assert (np.diff(bounds(lower, upper).to_cells(free)[0]) > 0).all()


class TestTakingPart:
    def test_known_cells_and_all_their_ancestors_do(self) -> None:
        mask = masked(4, [(1, 0), (2, 1), (3, 1)])
        known = np.array([[0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0], [1, 0, 1, 0]], dtype=bool)
        wanted = [[1, 1, 0, 1], [1, 1, 0, 0], [0, 0, 0, 0], [1, 1, 1, 0]]
        np.testing.assert_array_equal(takes_part(known, mask), np.array(wanted, dtype=bool))

    def test_what_is_known_exactly_is_given_all_else_is_drawn(self) -> None:
        values = np.array([[1.0, np.nan], [2.0, 3.0], [np.nan, 4.0], [np.nan, np.nan]])
        noise = np.zeros(values.shape)
        noise[1, 1] = 0.2
        lower, upper = np.full(values.shape, -INF), np.full(values.shape, INF)
        lower[3, 1] = 0.5
        found = Unknowns(values, noise, lower, upper, np.zeros(values.shape), masked(2, [(1, 0)]))
        cells = list(zip(found.drawn_rows, found.drawn_properties, strict=True))
        assert sorted(cells) == [(1, 1), (2, 0), (3, 0), (3, 1)]
        assert [list(rows) for rows in found.rows] == [[0, 1, 2, 3], [1, 2, 3]]
        assert found.measured_values.tolist() == [3.0]
        assert found.measured_variance.tolist() == [0.2]
        free = {cell for cell, is_free in zip(cells, found.free, strict=True) if is_free}
        assert free == {(2, 0), (3, 0)}

    def test_completed_tables_hold_given_and_drawn_cells(self) -> None:
        values = np.array([[1.0, np.nan], [np.nan, 4.0]])
        zeros, wide = np.zeros(values.shape), np.full(values.shape, INF)
        found = Unknowns(values, zeros, -wide, wide, zeros, masked(2, [(1, 0)]))
        assert found.n_drawn == 1
        tables = found.complete(np.array([[7.0, 8.0]]))
        assert tables[:, :, 0].T.tolist() == [[1.0, 0.0], [7.0, 4.0]]
        assert tables[:, :, 1].T.tolist() == [[1.0, 0.0], [8.0, 4.0]]

    def test_a_limit_with_an_error_is_none_for_the_cell_itself(self) -> None:
        values = np.array([[np.nan]])
        wide, error = np.full((1, 1), INF), np.array([[0.04]])
        found = Unknowns(values, 0 * error, np.ones((1, 1)), wide, error, masked(1, []))
        assert np.isinf(found.bounds.lower).all()
        assert found.soft_lower.tolist() == [1.0]
        assert found.soft_deviation.tolist() == [0.2]
        assert not found.free.any()
