"""Accuracy over the identified set: laws, a naive linear programme, and every labelling as the second answer."""

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

from cases import ALL, NAMED, joints_of_set, random_joint
from interplay.errors import MarginsError
from interplay.solvers.accuracy import (
    cell_minimum,
    cell_minimum_many,
    highest_accuracy,
    lowest_accuracy,
    lowest_cost,
    rule_range,
    smallest_slack,
)
from interplay.solvers.accuracy_network import two_label_minimum
from interplay.solvers.cells_newton import _inverse
from interplay.solvers.certificate import accuracy_lower_bound
from interplay.tables import PairTables
from solvers.families import FAMILIES, batch

SHAPES = [(2, 2, 2), (3, 4, 2), (4, 3, 3), (2, 5, 4), (1, 3, 2), (6, 6, 2)]
INTERIOR = [(20, 20, 2), (12, 9, 5), (7, 13, 4)]  # too large for the simplex shortcut


def margins(joint):
    return joint.sum(2), joint.sum(1), joint.sum(0)


def best(joint):
    return joint.max(-1).sum((-1, -2))


def equations(shape):
    """Dense matrix of all three margins."""
    index = np.arange(np.prod(shape)).reshape(shape)
    groups = [np.moveaxis(index, a, -1).reshape(-1, shape[a]) for a in (2, 1, 0)]
    return np.array([np.isin(index.ravel(), cells) for g in groups for cells in g], dtype=float)


def naive(tables, cost):
    """Least <cost, r>, or least best accuracy, over D by a dense linear programme."""
    p12, p1y, p2y = tables
    shape = (*p12.shape, p1y.shape[1])
    n, cells = int(np.prod(shape)), p12.size
    A, b = equations(shape), np.concatenate([p12.ravel(), p1y.ravel(), p2y.ravel()])
    if cost is not None:
        return linprog(cost.ravel(), A_eq=A, b_eq=b).fun
    top = -np.repeat(np.eye(cells), shape[2], axis=0)
    found = linprog(
        np.repeat([0.0, 1.0], [n, cells]),
        A_ub=np.hstack([np.eye(n), top]),
        b_ub=np.zeros(n),
        A_eq=np.hstack([A, np.zeros((len(A), cells))]),
        b_eq=b,
    )
    return found.fun


def by_labellings(tables):
    """Largest accuracy: for every choice of labels the best joint."""
    p12, p1y, p2y = tables
    shape = (*p12.shape, p1y.shape[1])
    A, b = equations(shape), np.concatenate([p12.ravel(), p1y.ravel(), p2y.ravel()])
    values = []
    for labels in itertools.product(range(shape[2]), repeat=p12.size):
        value = linprog(-np.eye(shape[2])[list(labels)].ravel(), A_eq=A, b_eq=b).fun
        values.append(-value)
    return max(values)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", SHAPES + INTERIOR, ids=str)
def test_lowest_is_certified_and_its_rule_keeps_the_promise(family, shape):
    joint = batch(family, shape, 1, seed=3)[0]
    tables = margins(joint)
    found = lowest_accuracy(*tables)
    gap = 1e-9 if family == "uniform" else 1e-7
    assert -1e-9 <= found.certificate.gap <= gap
    assert found.certificate.primal_residual <= 1e-7
    assert found.lower == accuracy_lower_bound(*tables, found.lam, found.mu)
    assert found.lower <= best(joint) + 1e-9
    assert found.rule.shape == shape
    np.testing.assert_allclose(found.rule.sum(2), 1, atol=1e-12)
    assert found.rule.min() >= 0
    low, high = rule_range(*tables, found.rule)
    assert low >= found.lower - 2e-9
    assert low - 1e-9 <= (joint * found.rule).sum() <= high + 1e-9


@pytest.mark.parametrize("name", list(ALL)[::3])
def test_lowest_equals_the_naive_programme(name):
    tables = margins(ALL[name])
    assert lowest_accuracy(*tables).lower == pytest.approx(naive(tables, None), abs=1e-7)


@pytest.mark.parametrize("name", NAMED)
def test_ends_hold_for_joints_of_the_set(name):
    joint = NAMED[name]
    tables = margins(joint)
    low, high = lowest_accuracy(*tables), highest_accuracy(*tables, time_limit=2)
    for other in joints_of_set(PairTables.from_joint(joint), joint, 20, seed=1):
        assert low.lower - 1e-8 <= best(other) <= high.bound + 1e-8
        assert (other * low.rule).sum() >= low.lower - 1e-8
    assert high.attained <= high.bound
    assert best(high.joint) == pytest.approx(high.attained, abs=1e-8)
    for got, wanted in zip(margins(high.joint), tables, strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-8)


@pytest.mark.parametrize("shape", [(2, 2, 2), (2, 4, 2), (2, 2, 3)], ids=str)
@pytest.mark.parametrize("zeros", [0.0, 0.5])
def test_highest_equals_the_best_labelling(shape, zeros):
    joint = random_joint(np.random.default_rng(4), shape, zeros)
    tables = margins(joint)
    truth = by_labellings(tables)
    found = highest_accuracy(*tables)
    assert found.bound == pytest.approx(truth, abs=1e-6)
    assert found.attained == pytest.approx(truth, abs=1e-6)


@pytest.mark.parametrize("shape", [(4, 5, 2), (3, 4, 4), (12, 12, 2)], ids=str)
def test_relaxed_bound_and_a_short_limit_stay_valid(shape):
    joint = batch("uniform", shape, 1, seed=8)[0]
    tables = margins(joint)
    exact = highest_accuracy(*tables, time_limit=1.5)
    relaxed = highest_accuracy(*tables, relaxed=True)
    hasty = highest_accuracy(*tables, time_limit=0.1)
    for found in (exact, relaxed, hasty):
        assert found.attained <= found.bound <= 1 + 1e-12
        assert found.bound >= exact.attained - 1e-9
        assert found.bound >= best(joint) - 1e-9
    assert relaxed.bound >= exact.bound - 1e-6


def test_masses_over_many_scales_keep_the_bound_valid():
    joint = np.random.default_rng(7).dirichlet(np.full(20 * 20 * 2, 0.05)).reshape(20, 20, 2)
    found = highest_accuracy(*margins(joint), time_limit=1)
    assert best(joint) - 1e-9 <= found.bound


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", [(5, 5, 2), (3, 4, 3)], ids=str)
def test_batches_of_cells_are_valid_and_tight(family, shape):
    joints = batch(family, shape, 12, seed=5)
    n1, n2, k = shape
    rng = np.random.default_rng(0)
    rows, cols, predictions = (np.repeat(i.ravel(), 2) for i in (*np.indices((n1, n2)), rng.integers(k, size=(n1, n2))))
    predictions[::2] = rng.integers(k, size=n1 * n2)
    share = rng.random((12, n1 * n2))
    mass = joints.sum(3).reshape(12, -1)
    mass = np.stack([mass * share, mass * (1 - share)], axis=2).reshape(12, -1)
    right = np.eye(k)[predictions]
    for cost in (None, right, -right):
        found = cell_minimum_many(rows, cols, mass, joints.sum(2), joints.sum(1), cost=cost)
        assert found.gap.max() <= 1e-5
        assert found.gap.min() >= -1e-9
        for i in range(0, 12, 6):
            one = cell_minimum(rows, cols, mass[i], joints[i].sum(1), joints[i].sum(0), cost=cost)
            assert one.gap[0] <= 1e-6
            assert found.value[i] == pytest.approx(one.value[0], abs=2e-5)


def test_cells_with_one_pair_each_are_the_tables():
    joints = batch("sparse", (4, 5, 3), 10, seed=2)
    rows, cols = (i.ravel() for i in np.indices((4, 5)))
    mass = joints.sum(3).reshape(10, -1)
    found = cell_minimum_many(rows, cols, mass, joints.sum(2), joints.sum(1), cost=None, tolerance=1e-8)
    for i, joint in enumerate(joints):
        assert found.value[i] == pytest.approx(lowest_accuracy(*margins(joint)).lower, abs=1e-7)
        assert found.value[i] <= naive(margins(joint), None) + 1e-9
    order = np.random.default_rng(1).permutation(20)
    moved = cell_minimum_many(
        rows[order], cols[order], mass[:, order], joints.sum(2), joints.sum(1), cost=None, tolerance=1e-8
    )
    np.testing.assert_allclose(moved.value, found.value, atol=2e-8)


def test_one_cost_per_instance_and_swapped_modalities():
    joints = batch("uniform", (3, 5, 3), 6, seed=9)
    rows, cols = (i.ravel() for i in np.indices((3, 5)))
    mass, p1y, p2y = joints.sum(3).reshape(6, -1), joints.sum(2), joints.sum(1)
    costs = np.random.default_rng(3).random((6, 15, 3))
    together = cell_minimum_many(rows, cols, mass, p1y, p2y, cost=costs, tolerance=1e-8)
    swapped = cell_minimum_many(cols, rows, mass, p2y, p1y, cost=costs, tolerance=1e-8)
    for i in range(6):
        truth = naive(margins(joints[i]), costs[i].reshape(3, 5, 3))
        assert together.value[i] == pytest.approx(truth, abs=2e-8)
        assert swapped.value[i] == pytest.approx(truth, abs=2e-8)


def test_hard_instances_do_not_hold_up_easy_ones():
    easy = batch("uniform", (5, 5, 2), 5, seed=1)
    hard = np.random.default_rng(0).dirichlet(np.full(50, 0.02), size=5).reshape(5, 5, 5, 2)
    both = np.concatenate([easy, hard, np.zeros((1, 5, 5, 2))])
    both[-1, 0, 0, 0] = 1.0
    rows, cols = (i.ravel() for i in np.indices((5, 5)))
    found = cell_minimum_many(rows, cols, both.sum(3).reshape(11, -1), both.sum(2), both.sum(1), cost=None)
    assert found.gap[:5].max() <= 1e-5
    assert np.isfinite(found.value).all()
    assert (found.value <= best(both) + 1e-9).all()


def test_expected_cost_scales():
    joint = batch("uniform", (4, 4, 3), 1, seed=6)[0]
    cost = np.random.default_rng(2).random((4, 4, 3)) * 250
    tables = margins(joint)
    assert lowest_cost(*tables, cost) == pytest.approx(naive(tables, cost), rel=1e-8)
    assert lowest_cost(*tables, 0 * cost) == pytest.approx(0, abs=1e-9)


def test_contradictory_margins_are_refused_and_repaired():
    joint = batch("uniform", (4, 3, 2), 1, seed=4)[0]
    p12, p1y, p2y = margins(joint)
    assert smallest_slack(p12, p1y, p2y)[0] <= 1e-9
    wrong = p1y.copy()
    wrong[0] = p1y[0].sum() * np.array([1.0, 0.0])
    wrong[1] = p1y[1].sum() * np.array([1.0, 0.0])
    other = p2y[:, ::-1]
    with pytest.raises(MarginsError):
        lowest_accuracy(p12, wrong, other)
    slack, first, second = smallest_slack(p12, wrong, other)
    assert slack > 0.01
    assert np.abs(first - wrong).sum() + np.abs(second - other).sum() == pytest.approx(slack, abs=1e-8)
    assert lowest_accuracy(p12, first, second).certificate.gap <= 1e-7


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("linear", [False, True])
def test_the_network_of_two_labels_agrees_with_the_interior_point(family, linear):
    """Two solvers that share no code, 15 x 12 codes."""
    tables = margins(batch(family, (15, 12, 2), 1, seed=8)[0])
    rows, cols = np.nonzero(tables[0] > 0)
    mass = tables[0][rows, cols]
    cost = np.random.default_rng(0).random((len(rows), 2)) if linear else None
    r, lam, mu = two_label_minimum(rows, cols, mass, *tables[1:], cost=cost)
    value = float((r * cost).sum() if linear else r.max(axis=1).sum())
    other = cell_minimum_many(rows, cols, mass[None], tables[1][None], tables[2][None], cost=cost, tolerance=1e-9)
    assert other.value[0] - 1e-9 <= value <= other.value[0] + max(1e-7, other.gap[0])
    if not linear:
        assert accuracy_lower_bound(*tables, lam, mu) == pytest.approx(value, abs=1e-10)


def test_a_singular_matrix_does_not_change_what_is_beside_it():
    good, flat = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([[1.0, 1 + 1e-14], [1 + 1e-14, 1.0]])
    both = _inverse(np.stack([good, flat]))
    assert (both[0] == _inverse(good[None])[0]).all()
    assert np.isfinite(both).all()


def test_a_matrix_that_rounding_made_indefinite_is_inverted_on_what_it_holds():
    """Two unknowns that cancellation left with the same negative curvature: they take no step, the others do."""
    with np.errstate(all="raise"):
        inverse = _inverse(np.array([[[4.0, 0, 0], [0, -2000, -2000], [0, -2000, -2000]]]))
    assert inverse[0] == pytest.approx(np.diag([0.25, 0, 0]))


@pytest.mark.parametrize("family", ["uniform", "empirical", "tiny_masses"])
def test_the_joint_that_attains_the_highest_accuracy_has_the_tables(family):
    """Mixed-integer programming alone misses them by 1e-7."""
    joint = batch(family, (4, 4, 3), 1, seed=9)[0]
    found = highest_accuracy(joint.sum(2), joint.sum(1), joint.sum(0), time_limit=0.5)
    for axis in range(3):
        np.testing.assert_allclose(found.joint.sum(axis), joint.sum(axis), atol=1e-9)
