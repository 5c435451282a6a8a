"""The mixed-integer program against every choice of a decision for every pair."""

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

from interplay.solvers.decision_program import REGIONS, branch
from interplay.solvers.identified_set import linear_system
from solvers.families import FAMILIES, batch

COSTS = {
    "accuracy": 1 - np.eye(3),
    "own": np.array([[0.0, 0.3, 1.0], [0.6, 0.0, 0.1], [0.2, 0.5, 0.0]]),
    "a way out": np.vstack([1 - np.eye(3), np.full((1, 3), 0.4)]),
    "more decisions than regions": np.vstack([1 - np.eye(3), np.linspace(0, 1, 3 * REGIONS).reshape(REGIONS, 3)]),
}


def every_choice(system, cost):
    """Smallest cost of all choices, each completed by a linear program."""
    least = np.inf
    for chosen in itertools.product(range(len(cost)), repeat=len(system.cells)):
        price = cost[np.array(chosen)[system.cell], system.labels]
        found = linprog(price, A_eq=system.matrix, b_eq=system.target, bounds=(0, None))
        least = min(least, found.fun if found.status == 0 else np.inf)
    return least


@pytest.mark.parametrize("name", [n for n in COSTS if n != "more decisions than regions"])
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_it_finds_the_best_of_all_choices(family, name):
    joint, cost = batch(family, (2, 2, 3), 1, seed=4)[0], COSTS[name]
    tables = joint.sum(2), joint.sum(1), joint.sum(0)
    system = linear_system(*tables)
    bound, found, _ = branch(system, tables, cost, 10.0, steps=None, tolerance=1e-9)
    least = every_choice(system, cost)
    assert least - 1e-6 <= bound <= least + 1e-9
    assert np.abs(found.sum(2) - tables[0]).max() < 1e-6
    assert (found @ cost.T).min(2).sum() == pytest.approx(least, abs=1e-6)


@pytest.mark.parametrize("name", COSTS)
@pytest.mark.parametrize("mass", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("steps", [1, None])
def test_no_joint_costs_less_than_the_bound(name, steps, mass):
    rng, cost = np.random.default_rng(0), COSTS[name]
    for joint in mass * batch("uniform", (4, 3, 3), 3, seed=5):
        tables = joint.sum(2), joint.sum(1), joint.sum(0)
        system = linear_system(*tables)
        bound, _, _ = branch(system, tables, cost, 1.0, steps=steps, tolerance=1e-6)
        others = [linprog(rng.normal(size=len(system.rows)), A_eq=system.matrix, b_eq=system.target) for _ in range(20)]
        costs = [(system.joint(o.x) @ cost.T).min(2).sum() for o in others]
        assert bound <= min(costs) + 1e-9 * mass
        assert bound <= (joint @ cost.T).min(2).sum() + 1e-9 * mass
