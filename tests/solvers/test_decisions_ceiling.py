"""What no decisions are worth: any multipliers bound every joint, the best ones are those of the hull of all cuts."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from interplay.solvers import decisions_ceiling
from interplay.solvers.cell_limits import cell_limits
from interplay.solvers.decisions_ceiling import decisions_ceiling_many, tight_duals
from interplay.solvers.slices import slice_vertices
from solvers.families import FAMILIES, batch


def margins(joints):
    return joints.sum(3), joints.sum(2), joints.sum(1)


def earned(joints, worth):
    """Of the best decisions under each joint."""
    return (joints @ worth.T).max(3).sum((1, 2))


def by_listing(p12, p1y, p2y, worth):
    """The largest mixture of listed cuts of every pair that has the tables' margins."""
    n1, n2, k = *p12.shape, p1y.shape[1]
    low, high = (a[0] for a in cell_limits(p12[None], p1y[None], p2y[None]))
    columns, gains = [], []
    for i, j in np.ndindex(n1, n2):
        found = slice_vertices(low[i, j][None], high[i, j][None], p12[i, j][None])
        for v in found.v[found.real]:
            first, second, one = np.zeros((n1, k)), np.zeros((n2, k)), np.zeros((n1, n2))
            first[i], second[j], one[i, j] = v, v, 1
            columns.append(np.concatenate([first.ravel(), second.ravel(), one.ravel()]))
            gains.append((worth @ v).max())
    system, target = np.array(columns).T, np.concatenate([p1y.ravel(), p2y.ravel(), np.ones(n1 * n2)])
    return -linprog(-np.array(gains), A_eq=sp.csr_matrix(system), b_eq=target, method="highs").fun


def worths(k):
    """Accuracy, recalls of unequal classes, costs of three decisions."""
    costs = -np.random.default_rng(k).random((3, k)) * 5
    return {"accuracy": np.eye(k), "recalls": np.diag(1.0 / np.arange(1, k + 1)), "costs": costs}


@given(
    st.integers(0, 10**6),
    st.sampled_from(sorted(FAMILIES)),
    st.sampled_from([(2, 2, 2), (3, 2, 4), (2, 5, 3)]),
    st.sampled_from(["accuracy", "recalls", "costs"]),
)
def test_any_multipliers_bound_every_joint(seed, family, shape, kind):
    joints = batch(family, shape, 4, seed=seed % 997)
    rng = np.random.default_rng(seed)
    duals = tuple(rng.normal(size=(n, shape[2])) for n in shape[:2])
    worth = worths(shape[2])[kind]
    for bound in (decisions_ceiling_many(*margins(joints), worth, d) for d in (duals, None)):
        assert (bound >= earned(joints, worth) - 1e-9).all()


@pytest.mark.parametrize("kind", ["accuracy", "recalls", "costs"])
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", [(3, 3, 3), (4, 2, 5), (4, 4, 2)], ids=str)
def test_the_best_multipliers_give_the_hull_of_all_cuts(family, shape, kind):
    tables = margins(batch(family, shape, 1, seed=3))
    one, worth = tuple(t[0] for t in tables), worths(shape[2])[kind]
    bound = decisions_ceiling_many(*tables, worth, tight_duals(*one, worth))[0]
    exact = by_listing(*one, worth)
    assert exact - 1e-7 <= bound <= exact + 2e-4 * np.abs(worth).max()


def test_it_is_tighter_than_cells_one_by_one_and_room_loosens_it():
    joints, right = batch("empirical", (5, 5, 5), 3, seed=21), np.eye(5)
    tables = margins(joints)
    for at in range(3):
        one = tuple(t[at : at + 1] for t in tables)
        inner = tuple(t[0] for t in one)
        room = tuple(np.full(t.shape, 0.01) for t in inner)
        plain, roomy, loose = (
            decisions_ceiling_many(*one, right, tight_duals(*inner, right))[0],
            decisions_ceiling_many(*one, right, tight_duals(*inner, right, room), room)[0],
            decisions_ceiling_many(*one, right)[0],
        )
        assert earned(joints, right)[at] <= plain < loose - 0.03
        assert plain < roomy


def test_a_batch_in_parts_is_its_tables_one_by_one(monkeypatch):
    tables, right = margins(batch("uniform", (3, 4, 3), 7, seed=1)), np.eye(3)
    worth = np.stack([right * (1 + b) for b in range(7)])
    duals = tight_duals(*(t[0] for t in tables), right)
    alone = [decisions_ceiling_many(*(t[b : b + 1] for t in tables), worth[b], duals)[0] for b in range(7)]
    monkeypatch.setattr(decisions_ceiling, "AT_ONCE", 3 * 4 * 9 * 2)
    np.testing.assert_allclose(decisions_ceiling_many(*tables, worth, duals), alone, atol=1e-14)


@pytest.mark.parametrize(
    ("shape", "solved"),
    [((40, 40, 6), False), ((3, 3, 21), False), ((4, 100, 10), False), ((2, 60, 10), False), ((8, 8, 12), True)],
    ids=str,
)
def test_only_tables_of_quick_programs_have_multipliers(shape, solved):
    tables = margins(batch("uniform", shape, 1, seed=0))
    assert (tight_duals(*(t[0] for t in tables), np.eye(shape[2])) is not None) == solved


def test_a_rare_class_keeps_the_bound_tight():
    """Recalls weigh it by a thousand; in units of that no tolerance would be met."""
    rng = np.random.default_rng(2)
    joint = rng.dirichlet(np.full(9, 0.5), size=3).T.reshape(3, 3, 3) * np.array([0.6, 0.399, 0.001])
    tables, worth = margins(joint[None]), np.diag(1 / joint.sum((0, 1))) / 3
    one = tuple(t[0] for t in tables)
    bound = decisions_ceiling_many(*tables, worth, tight_duals(*one, worth))[0]
    assert by_listing(*one, worth) - 1e-7 <= bound <= by_listing(*one, worth) + 1e-3
