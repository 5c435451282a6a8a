"""Couplings: margins, bounds from both sides, and exact small cases."""

import math

import numpy as np
import pytest

from cases import ALL, NAMED
from interplay.information import entropy, mutual_information
from interplay.solvers.coupling import (
    coupling_upper_bound,
    coupling_upper_bound_many,
    greedy_coupling,
    greedy_coupling_of,
    meet_entropy,
    smallest_coupling,
)

GREEDY_GAP = math.log2(math.e) / math.e  # bits, two marginals


def random_pair(seed, n, m, zeros=0.0):
    rng = np.random.default_rng(seed)
    pair = [rng.dirichlet(np.ones(k)) * (rng.random(k) >= zeros) for k in (n, m)]
    return [p / p.sum() if p.sum() else np.eye(len(p))[0] for p in pair]


@pytest.mark.parametrize("seed", range(40))
def test_meet_exact_and_greedy_are_ordered(seed):
    p, q = random_pair(seed, 2 + seed % 3, 2 + seed % 4, zeros=0.3 * (seed % 2))
    exact, table = smallest_coupling(p, q)
    np.testing.assert_allclose(table.sum(1), p, atol=1e-12)
    np.testing.assert_allclose(table.sum(0), q, atol=1e-12)
    rows, cols, mass = greedy_coupling(p, q)
    greedy = float(entropy(mass))
    assert max(float(entropy(p)), float(entropy(q))) - 1e-12 <= meet_entropy(p, q)
    assert meet_entropy(p, q) <= exact + 1e-9 <= greedy + 2e-9
    assert greedy <= meet_entropy(p, q) + GREEDY_GAP + 1e-9
    assert len(mass) <= len(p) + len(q) - 1
    found = np.zeros((len(p), len(q)))
    np.add.at(found, (rows, cols), mass)
    np.testing.assert_allclose(found.sum(1), p, atol=1e-12)
    np.testing.assert_allclose(found.sum(0), q, atol=1e-12)


def test_known_couplings():
    assert smallest_coupling(np.full(4, 0.25), np.full(2, 0.5))[0] == pytest.approx(2.0)
    assert smallest_coupling(np.array([1.0]), np.array([0.5, 0.5]))[0] == pytest.approx(1.0)
    assert smallest_coupling(np.full(10, 0.1), np.full(10, 0.1)) is None
    value, _ = smallest_coupling(np.array([0.5, 0.5]), np.array([0.6, 0.4]))
    assert value == pytest.approx(float(entropy([0.5, 0.1, 0.4])))


@pytest.mark.parametrize("k", [2, 3, 5])
def test_many_marginals(k):
    rng = np.random.default_rng(k)
    marginals = [rng.dirichlet(np.ones(3 + i)) for i in range(k)]
    codes, mass = greedy_coupling_of(marginals)
    for i, p in enumerate(marginals):
        np.testing.assert_allclose(np.bincount(codes[:, i], weights=mass, minlength=len(p)), p, atol=1e-12)
    assert meet_entropy(*marginals) <= float(entropy(mass)) + 1e-12


@pytest.mark.parametrize("name", ALL)
def test_information_is_below_the_coupling_bound(name):
    joint = ALL[name]
    tables = joint.sum(2), joint.sum(1), joint.sum(0)
    bound = coupling_upper_bound(*tables)
    assert mutual_information(joint) <= bound + 1e-12
    assert bound <= float(entropy(tables[1].sum(0))) + 1e-12
    assert bound <= float(entropy(tables[0])) + 1e-12


def test_meet_of_three_is_never_worse_than_the_pairings():
    for joint in ALL.values():
        p12, p1y, p2y = joint.sum(2), joint.sum(1), joint.sum(0)
        p1, p2, py = p12.sum(1), p12.sum(0), p1y.sum(0)
        pairings = max(meet_entropy(p12, py), meet_entropy(p1y, p2), meet_entropy(p2y, p1))
        assert meet_entropy(p12, p1y, p2y) >= pairings - 1e-12


def test_batch_equals_singles():
    joints = np.stack([j for j in ALL.values() if j.shape == (3, 3, 2)])
    tables = joints.sum(3), joints.sum(2), joints.sum(1)
    many = coupling_upper_bound_many(*tables)
    singles = [coupling_upper_bound(*(t[i] for t in tables)) for i in range(len(joints))]
    np.testing.assert_allclose(many, singles, atol=1e-15)


def test_deterministic_pairs_leave_nothing_open():
    joint = NAMED["REDUNDANT"]
    assert coupling_upper_bound(joint.sum(2), joint.sum(1), joint.sum(0)) == pytest.approx(1.0)


def test_three_marginals_exact():
    """Between the meet and the greedy coupling; two of three the same add nothing; a coin of each kind is known."""
    rng = np.random.default_rng(3)
    for _ in range(10):
        marginals = [rng.dirichlet(np.ones(n)) for n in (3, 2, 3)]
        exact, table = smallest_coupling(*marginals)
        for i, p in enumerate(marginals):
            np.testing.assert_allclose(table.sum(axis=tuple(j for j in range(3) if j != i)), p, atol=1e-12)
        _, mass = greedy_coupling_of(marginals)
        assert meet_entropy(*marginals) - 1e-9 <= exact <= float(entropy(mass)) + 1e-9
        assert exact == pytest.approx(float(entropy(table)), abs=1e-12)
        pair = smallest_coupling(*marginals[:2])[0]
        assert smallest_coupling(*marginals[:2], marginals[0])[0] == pytest.approx(pair, abs=1e-9)
        assert exact >= pair - 1e-9
    assert smallest_coupling(*[np.full(2, 0.5)] * 5)[0] == pytest.approx(1.0)
    assert smallest_coupling(*[np.full(2, 0.5)] * 7) is None
