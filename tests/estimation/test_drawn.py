"""How often tables are drawn again."""

import numpy as np
import pytest

from interplay.estimation.counts import CodedSet
from interplay.estimation.drawn import FEWEST, affordable, draw_tables
from interplay.reconciliation import maximum_likelihood_tables
from interplay.solvers.identified_set import feasible_joint, linear_system


@pytest.mark.parametrize(
    ("shape", "replicates", "drawn"),
    [
        ((5, 5, 2), 200, 200),
        ((10, 10, 10), 200, 200),
        ((50, 3, 2), 200, 200),
        ((16, 16, 16), 200, 78),  # (150 / 240)^2 of 200
        ((20, 20, 20), 200, FEWEST),
        ((50, 50, 50), 1000, FEWEST),
        ((50, 50, 50), 20, 20),
        ((1, 1, 1), 200, 200),
    ],
)
def test_large_tables_are_drawn_less_often(shape, replicates, drawn):
    assert affordable(shape, replicates) == drawn


def test_that_many_are_drawn():
    rng = np.random.default_rng(0)
    shape = (16, 16, 16)
    sets = [CodedSet(cells=rng.integers(256, size=900), cell_count=256, weights=None, groups=None) for _ in range(3)]
    draws = draw_tables(sets, shape, 200, rng)
    assert [len(c) for c in draws.counts] == [78] * 3
    assert len(draws.plain.batch.tables.p12) == 78
    assert not draws.plain.point.searchable


@pytest.mark.parametrize("seed", [2043, 2852])
def test_likeliest_tables_with_tiny_masses_have_a_joint_for_the_solver_too(seed):
    """Masses of 1e-11 beside those of .1: HiGHS's presolve called these tables infeasible."""
    at = np.linspace(0, 4, 5)
    first, second = (np.exp(-sharp * (np.arange(5) - at[:, None]) ** 2 / 5) for sharp in (8.0, 6.0))
    channels = [c / c.sum(axis=1, keepdims=True) for c in (first, second)]
    joint = 0.97 * np.einsum("k,ki,kj->ijk", np.full(5, 0.2), *channels) + 0.03 / 125
    rng = np.random.default_rng(seed)
    counts = [rng.multinomial(200, joint.sum(axis).ravel() / joint.sum()) for axis in (2, 1, 0)]
    tables = (c.reshape(1, 5, 5).astype(float) for c in counts)
    t = maximum_likelihood_tables(*tables, tolerance=1e-8)
    found = feasible_joint(linear_system(t.p12[0], t.p1y[0], t.p2y[0]))
    assert np.abs(found.sum(axis=2) - t.p12[0]).max() < 1e-9
