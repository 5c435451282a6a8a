"""Largest information over the identified set: known answers, brute-force vertices, laws."""

import itertools
import time
from types import SimpleNamespace

import numpy as np
import pytest

from cases import NAMED, joints_of_set
from interplay.information import mutual_information
from interplay.solvers import clock, synergy_max
from interplay.solvers.accuracy_max import highest_accuracy
from interplay.solvers.cell_limits import information_ceiling
from interplay.solvers.coupling import coupling_upper_bound
from interplay.solvers.synergy_max import largest_information, largest_information_2x2x2
from interplay.tables import PairTables
from solvers.families import FAMILIES, batch


def margins(joint):
    return joint.sum(2), joint.sum(1), joint.sum(0)


def brute_force(tables):
    """All basic feasible solutions of the margins' equations, by trying every basis."""
    p12, p1y, p2y = tables
    shape = (*p12.shape, p1y.shape[1])
    index = np.arange(np.prod(shape)).reshape(shape)
    groups = [np.moveaxis(index, a, -1).reshape(-1, shape[a]) for a in (2, 1, 0)]
    A = np.array([np.isin(index.ravel(), cells) for g in groups for cells in g], dtype=float)
    b = np.concatenate([p12.ravel(), p1y.ravel(), p2y.ravel()])
    rank, best = np.linalg.matrix_rank(A), 0.0
    for basis in itertools.combinations(range(A.shape[1]), rank):
        x = np.zeros(A.shape[1])
        x[list(basis)] = np.linalg.lstsq(A[:, basis], b, rcond=None)[0]
        if x.min() >= -1e-12 and np.abs(A @ x - b).max() < 1e-12:
            best = max(best, float(mutual_information(np.maximum(x, 0).reshape(shape))))
    return best


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", [(2, 2, 2), (2, 3, 2), (2, 2, 3)], ids=str)
def test_small_tables_equal_brute_force(family, shape):
    tables = margins(batch(family, shape, 1, seed=11)[0])
    found = largest_information(*tables)
    assert found.exact
    assert found.attained == pytest.approx(brute_force(tables), abs=1e-9)


@pytest.mark.parametrize("name", NAMED)
def test_bound_holds_for_joints_of_the_set(name):
    joint = NAMED[name]
    tables = margins(joint)
    found = largest_information(*tables, time_limit=2)
    assert found.attained <= found.bound <= coupling_upper_bound(*tables) + 1e-9
    assert mutual_information(found.joint) == pytest.approx(found.attained, abs=1e-12)
    for got, wanted in zip(margins(found.joint), tables, strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-9)
    for other in joints_of_set(PairTables.from_joint(joint), joint, 20, seed=2):
        assert mutual_information(other) <= found.bound + 1e-9


def test_known_answers():
    assert largest_information(*margins(NAMED["XOR"])).bound == pytest.approx(1.0, abs=1e-12)
    assert largest_information(*margins(NAMED["FORCED_ZEROS"])).exact
    assert largest_information(*margins(NAMED["ONE_CLASS"])).bound == pytest.approx(0.0, abs=1e-12)


def test_closed_form_batch_equals_single_and_a_fine_grid():
    joints = np.concatenate([batch(family, (2, 2, 2), 20, seed=3) for family in FAMILIES])
    value, ends = largest_information_2x2x2(joints)
    signs = np.array([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]], dtype=float)
    for joint, bits, end in zip(joints, value, ends, strict=True):
        assert largest_information(*margins(joint)).bound == pytest.approx(bits, abs=1e-12)
        for got, wanted in zip(margins(end), margins(joint), strict=True):
            np.testing.assert_allclose(got, wanted, atol=1e-15)
        t = np.linspace(-joint[signs > 0].min(), joint[signs < 0].min(), 50)
        segment = np.maximum(joint + t[:, None, None, None] * signs, 0)
        assert mutual_information(segment, batch=1).max() <= bits + 1e-12


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", [(3, 3, 2), (4, 4, 2), (3, 3, 3)], ids=str)
def test_listed_sizes_are_exact(family, shape):
    joint = batch(family, shape, 1, seed=5)[0]
    found = largest_information(*margins(joint))
    assert found.exact
    assert found.bound - found.attained <= 1e-9
    assert mutual_information(joint) <= found.bound + 1e-9


@pytest.fixture
def processor_time(monkeypatch):
    """Limits count the time of the processor, so that a busy machine does not shorten a search."""
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=time.process_time))


@pytest.mark.parametrize("family", ["uniform", "empirical", "sparse"])
@pytest.mark.parametrize("shape", [(4, 4, 2), (3, 3, 3), (3, 2, 4)], ids=str)
def test_branch_and_bound_agrees_with_the_list_of_vertices(family, shape, monkeypatch, processor_time):
    tables = margins(batch(family, shape, 1, seed=6)[0])
    listed = largest_information(*tables)
    monkeypatch.setattr(synergy_max, "_DEEPEST", -1)
    branched = largest_information(*tables, time_limit=3, tolerance=1e-6)
    assert branched.bound == pytest.approx(listed.bound, abs=2e-6)
    assert branched.bound >= listed.attained - 1e-9
    assert branched.attained <= listed.attained + 1e-9


def test_five_by_five_within_a_hundredth_in_three_seconds(processor_time):
    found = largest_information(*margins(batch("uniform", (5, 5, 2), 1, seed=7)[0]), time_limit=3)
    assert found.bound - found.attained <= 0.01


@pytest.mark.parametrize("family", FAMILIES)
def test_three_labels_within_a_twelfth_of_a_bit_and_far_below_the_ceiling_of_cells(family, processor_time):
    joint = batch(family, (4, 4, 3), 1, seed=7)[0]
    found = largest_information(*margins(joint), time_limit=3)
    assert found.attained <= found.bound <= found.attained + 1 / 12
    assert mutual_information(joint) <= found.bound + 1e-9
    assert mutual_information(found.joint) == pytest.approx(found.attained, abs=1e-12)
    for got, wanted in zip(margins(found.joint), margins(joint), strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-9)
    if family == "uniform":
        assert found.bound < information_ceiling(*margins(joint)) - 0.1


@pytest.mark.parametrize("shape", [(4, 4, 30), (3, 3, 70), (2, 14, 2)], ids=str)
def test_slices_too_long_to_list_leave_the_ceiling(shape):
    tables = margins(np.random.default_rng(0).dirichlet(np.ones(np.prod(shape))).reshape(shape))
    found = largest_information(*tables, time_limit=0.2)
    assert found.attained <= found.bound <= information_ceiling(*tables) + 1e-12


@pytest.mark.parametrize("shape", [(12, 11, 2), (10, 10, 3)], ids=str)
def test_beyond_the_branching_the_coupling_bound_stands(shape):
    tables = margins(batch("uniform", shape, 1, seed=8)[0])
    started = time.process_time()
    found = largest_information(*tables, time_limit=1)
    assert time.process_time() - started < 4
    assert found.attained <= found.bound <= coupling_upper_bound(*tables) + 1e-12


@pytest.mark.parametrize("shape", [(5, 5, 2), (4, 4, 3)], ids=str)
def test_a_budget_in_steps_gives_the_same_bits_twice(shape):
    tables = margins(batch("uniform", shape, 1, seed=9)[0])
    one, two = (largest_information(*tables, steps=4) for _ in range(2))
    assert (one.bound, one.attained, one.nodes) == (two.bound, two.attained, two.nodes)
    accuracies = [highest_accuracy(*tables, steps=4) for _ in range(2)]
    assert accuracies[0].bound == accuracies[1].bound
    assert accuracies[0].attained <= accuracies[0].bound
