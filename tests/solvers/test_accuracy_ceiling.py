"""What no classifier exceeds: any multipliers bound every joint, the best ones are those of the hull of all cuts."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from interplay.solvers.accuracy_ceiling import LARGEST, accuracy_ceiling_many, tight_multipliers
from interplay.solvers.cell_limits import cell_limits
from interplay.solvers.slices import slice_vertices
from solvers.families import FAMILIES, batch


def margins(joints):
    return joints.sum(3), joints.sum(2), joints.sum(1)


def accuracy(joints):
    return joints.max(3).sum((1, 2))


def by_listing(p12, p1y, p2y):
    """The largest mixture of listed cuts of every pair that has the tables' margins."""
    n1, n2, k = *p12.shape, p1y.shape[1]
    low, high = (a[0] for a in cell_limits(p12[None], p1y[None], p2y[None]))
    columns, gains = [], []
    for i, j in np.ndindex(n1, n2):
        for v in slice_vertices(low[i, j], high[i, j], p12[i, j]):
            first, second, one = np.zeros((n1, k)), np.zeros((n2, k)), np.zeros((n1, n2))
            first[i], second[j], one[i, j] = v, v, 1
            columns.append(np.concatenate([first.ravel(), second.ravel(), one.ravel()]))
            gains.append(v.max())
    system, target = np.array(columns).T, np.concatenate([p1y.ravel(), p2y.ravel(), np.ones(n1 * n2)])
    return -linprog(-np.array(gains), A_eq=sp.csr_matrix(system), b_eq=target, method="highs").fun


@given(st.integers(0, 10**6), st.sampled_from(sorted(FAMILIES)), st.sampled_from([(2, 2, 2), (3, 2, 4), (2, 5, 3)]))
def test_any_multipliers_bound_every_joint(seed, family, shape):
    joints = batch(family, shape, 4, seed=seed % 997)
    rng = np.random.default_rng(seed)
    lam, mu = (rng.normal(size=(n, shape[2])) for n in shape[:2])
    bound = accuracy_ceiling_many(*margins(joints), lam, mu)
    assert (bound >= accuracy(joints) - 1e-9).all()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", [(3, 3, 3), (4, 2, 5), (4, 4, 2)], ids=str)
def test_the_best_multipliers_give_the_hull_of_all_cuts(family, shape):
    joint = batch(family, shape, 1, seed=3)
    tables = margins(joint)
    bound = accuracy_ceiling_many(*tables, *tight_multipliers(*(t[0] for t in tables)))[0]
    exact = by_listing(*(t[0] for t in tables))
    assert exact - 1e-7 <= bound <= exact + 2e-4


def test_it_is_tighter_than_cells_one_by_one_and_room_loosens_it():
    joints = batch("empirical", (5, 5, 5), 3, seed=21)
    tables = margins(joints)
    for at in range(3):
        one = tuple(t[at : at + 1] for t in tables)
        plain = tight_multipliers(*(t[0] for t in one))
        room = tuple(np.full(t[0].shape, 0.01) for t in one)
        roomy = tight_multipliers(*(t[0] for t in one), room)
        bounds = [
            accuracy_ceiling_many(*one, *plain)[0],
            accuracy_ceiling_many(*one, *roomy, room)[0],
            accuracy_ceiling_many(*one, np.zeros((5, 5)), np.zeros((5, 5)))[0],
        ]
        assert accuracy(joints)[at] <= bounds[0] < bounds[2] - 0.03
        assert bounds[0] < bounds[1]


def test_a_batch_in_parts_is_its_tables_one_by_one():
    tables = margins(batch("uniform", (3, 4, 3), 7, seed=1))
    lam, mu = tight_multipliers(*(t[0] for t in tables))
    alone = [accuracy_ceiling_many(*(t[b : b + 1] for t in tables), lam, mu)[0] for b in range(7)]
    np.testing.assert_allclose(accuracy_ceiling_many(*tables, lam, mu), alone, atol=1e-15)


def test_tables_too_large_for_a_program_have_multipliers_of_zero():
    tables = margins(batch("uniform", (20, 20, 4), 1, seed=0))
    assert LARGEST < 20 * 20 * 4
    assert not any(m.any() for m in tight_multipliers(*(t[0] for t in tables)))
