"""Cell problems with two labels: against simplex, and against the iteration for any number of labels."""

import numpy as np
import pytest

from interplay.solvers import cells
from interplay.solvers.cells import cell_minimum_by_simplex, cell_minimum_many
from solvers.families import FAMILIES, batch


def tables(joints):
    """rows, cols, mass, p1y, p2y of joints (B,n1,n2,2)."""
    rows, cols = np.indices(joints.shape[1:3]).reshape(2, -1)
    return rows, cols, joints.sum(3).reshape(len(joints), -1), joints.sum(2), joints.sum(1)


@pytest.fixture
def no_other(monkeypatch):
    """Nothing is left to the other iteration."""

    def other(*_):
        raise AssertionError("left to the iteration for any number of labels")

    monkeypatch.setattr(cells, "_minimise", other)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 6, 2), (14, 13, 2)], ids=str)
def test_it_finds_what_simplex_finds(family, shape, no_other):
    joints = batch(family, shape, 4, seed=8)
    rows, cols, mass, p1y, p2y = tables(joints)
    costs = np.random.default_rng(4).normal(size=(4, len(rows), 2)).clip(-1, 1)
    for cost in (None, costs):
        found = cell_minimum_many(rows, cols, mass, p1y, p2y, cost=cost, tolerance=1e-6)
        assert found.gap.max() <= 1e-6
        np.testing.assert_allclose(found.r.sum(2), mass, atol=1e-15)
        for i, joint in enumerate(joints):
            price = None if cost is None else costs[i]
            r, *_ = cell_minimum_by_simplex(rows, cols, mass[i], joint.sum(1), joint.sum(0), cost=price)
            truth = r.max(1).sum() if price is None else (r * price).sum()
            assert found.value[i] - 1e-7 <= truth <= found.primal[i] + 1e-7


@pytest.mark.parametrize("family", ["rank_one", "empirical"])
def test_no_mass_is_below_zero_by_rounding(family):
    problem = tables(batch(family, (9, 8, 2), 200, seed=1))
    cost = np.random.default_rng(0).normal(size=(200, 72, 2)).clip(-1, 1)
    assert cell_minimum_many(*problem, cost=cost, tolerance=1e-8).r.min() >= 0


def test_tables_that_contradict_each_other_cost_the_same_either_way():
    rng = np.random.default_rng(0)
    rows, cols, mass, p1y, _ = tables(rng.dirichlet(np.ones(24), size=5).reshape(5, 3, 4, 2))
    p2y = tables(rng.dirichlet(np.ones(24), size=5).reshape(5, 3, 4, 2))[4]
    for cost in (None, rng.random((12, 2))):
        ours = cell_minimum_many(rows, cols, mass, p1y, p2y, cost=cost, tolerance=1e-7)
        asked = cells._Asked(
            rows=rows, cols=cols, mass=mass, p1y=p1y, p2y=p2y, cost=cost, tolerance=1e-7, limit=6.0, most=60
        )
        other = cells._minimise(asked)
        assert ours.gap.max() <= 1e-7
        np.testing.assert_allclose(ours.value, other.value, atol=2e-7)


def test_what_it_leaves_open_is_closed_by_the_other_iteration(monkeypatch):
    problem = tables(batch("uniform", (4, 4, 2), 6, seed=3))
    solved = cell_minimum_many(*problem, cost=None, tolerance=1e-8)
    early = cells.solve_two
    monkeypatch.setattr(cells, "solve_two", lambda *a, **k: early(*a, **(k | {"most": 3})))
    again = cell_minimum_many(*problem, cost=None, tolerance=1e-8)
    assert again.gap.max() <= 1e-8
    np.testing.assert_allclose(again.value, solved.value, atol=2e-8)


def test_yes_and_no_are_costs_and_a_batch_may_be_empty():
    rows, cols, mass, p1y, p2y = tables(batch("uniform", (3, 4, 2), 2, seed=5))
    wrong = np.random.default_rng(1).random((12, 2)) < 0.5
    said, numbers = (cell_minimum_many(rows, cols, mass, p1y, p2y, cost=c) for c in (wrong, wrong.astype(float)))
    np.testing.assert_array_equal(said.value, numbers.value)
    for cost in (None, wrong):
        assert cell_minimum_many(rows, cols, mass[:0], p1y[:0], p2y[:0], cost=cost).value.shape == (0,)


def test_equal_costs_are_met_exactly():
    problem = tables(batch("empirical", (5, 6, 2), 8, seed=6))
    for price in (0.0, 0.25):
        found = cell_minimum_many(*problem, cost=np.full((30, 2), price))
        np.testing.assert_allclose(found.value, price, rtol=0, atol=1e-15)
