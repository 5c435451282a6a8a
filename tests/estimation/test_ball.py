"""Balls of relative entropy: they hold the truth as often as they say, and their minima are minima."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import rel_entr

from interplay.estimation.ball import ball_radius, cell_ranges, smallest_mean

FREQUENCIES = {
    "dense": np.array([0.1, 0.2, 0.3, 0.4]),
    "zeros": np.array([0.0, 0.7, 0.0, 0.3]),
    "one": np.array([0.0, 0.0, 1.0, 0.0]),
}


@pytest.mark.parametrize(
    "truth", [np.full(2, 0.5), np.array([0.9, 0.1, 0.0]), np.full(8, 1 / 8), np.arange(1, 13) / 78]
)
@pytest.mark.parametrize("rows", [5, 40, 1000])
@pytest.mark.parametrize("miss", [0.3, 0.05])
def test_the_ball_holds_the_truth(truth, rows, miss):
    counts = np.random.default_rng(rows).multinomial(rows, truth, size=4000)
    outside = rel_entr(counts / rows, truth).sum(1) > ball_radius(len(truth), rows, miss)
    assert outside.mean() <= miss + 3 * np.sqrt(miss / 4000)


def test_the_radius_shrinks_with_rows_and_grows_with_cells_and_confidence():
    assert ball_radius(1, 10, 0.05) == 0
    assert ball_radius(4, 1000, 0.05) == pytest.approx(ball_radius(4, 10, 0.05) / 100)
    assert ball_radius(8, 10, 0.05) > ball_radius(4, 10, 0.05) > ball_radius(4, 10, 0.5)


def in_ball(f, radius, count, seed):
    """Tables in the ball: random ones, moved towards the frequencies until they are inside."""
    for p in np.random.default_rng(seed).dirichlet(np.ones(f.size), size=count):
        share = 1.0
        while rel_entr(f, (1 - share) * f + share * p).sum() > radius:
            share *= 0.8
        yield (1 - share) * f + share * p


@pytest.mark.parametrize("name", FREQUENCIES)
@pytest.mark.parametrize("radius", [1e-4, 0.05, 1.0])
def test_no_table_of_the_ball_is_below_the_minimum_or_outside_the_ranges(name, radius):
    f = FREQUENCIES[name]
    low, high = cell_ranges(f, radius)
    for seed in range(5):
        values = np.random.default_rng(seed).normal(size=f.size)
        least = smallest_mean(f, values, radius)[0]
        for p in in_ball(f, radius, 40, seed):
            assert p @ values >= least - 1e-9
            assert (low <= p + 1e-9).all()
            assert (p <= high + 1e-9).all()


@pytest.mark.parametrize("radius", [0.01, 0.3])
def test_the_minimum_is_that_of_a_general_solver(radius):
    f, values = FREQUENCIES["dense"], np.array([0.3, -1.0, 0.2, 0.9])
    found = minimize(
        lambda p: p @ values,
        f,
        jac=lambda p: values,
        constraints=[
            {"type": "eq", "fun": lambda p: p.sum() - 1},
            {"type": "ineq", "fun": lambda p: radius - rel_entr(f, np.maximum(p, 1e-12)).sum()},
        ],
        bounds=[(1e-9, 1)] * 4,
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    least, at = smallest_mean(f, values, radius)
    assert least == pytest.approx(found.fun, abs=1e-5)
    assert at @ values == pytest.approx(least, abs=1e-6)
    assert rel_entr(f, at).sum() == pytest.approx(radius, rel=1e-3)


def test_a_cell_without_rows_takes_what_the_ball_allows():
    """One cell seen: p of the other is at most 1 - exp(-radius)."""
    least, at = smallest_mean(np.array([1.0, 0.0]), np.array([1.0, 0.0]), 0.2)
    assert least == pytest.approx(np.exp(-0.2), abs=1e-6)
    assert at == pytest.approx([np.exp(-0.2), 1 - np.exp(-0.2)], abs=1e-5)


def test_equal_values_and_no_radius_leave_nothing_to_choose():
    f = FREQUENCIES["dense"]
    assert smallest_mean(f, np.full(4, 2.5), 0.3)[0] == pytest.approx(2.5)
    assert smallest_mean(f, np.arange(4.0), 0.0)[0] == pytest.approx(f @ np.arange(4.0))
