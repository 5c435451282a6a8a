"""Limits of single cells hold for every joint, and no joint tells more than the ceiling they give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import ALL
from interplay.information import mutual_information
from interplay.solvers.cell_limits import cell_limits, information_ceiling, information_ceiling_many, most_unequal
from interplay.solvers.coupling import coupling_upper_bound
from interplay.solvers.identified_set import PARITY
from interplay.solvers.synergy_max import largest_information
from samplers import random_joints


def _tables(joint):
    return joint.sum(2), joint.sum(1), joint.sum(0)


@pytest.mark.parametrize("name", ALL)
def test_every_joint_is_within_its_limits_and_below_the_ceiling(name):
    joint = ALL[name]
    low, high = (b[0] for b in cell_limits(*(t[None] for t in _tables(joint))))
    assert (low <= joint + 1e-12).all()
    assert (joint <= high + 1e-12).all()
    ceiling = information_ceiling(*_tables(joint))
    assert mutual_information(joint) <= ceiling + 1e-12
    assert ceiling <= coupling_upper_bound(*_tables(joint)) + 1e-12


def _elsewhere(joint, rng, moves=200):
    """Another joint of the same tables: as far as it goes along signed 2x2x2 blocks, which change no table."""
    r = joint.copy()
    for _ in range(moves):
        block = np.ix_(*(rng.choice(n, 2, replace=False) for n in r.shape))
        ends = [(r[block][PARITY * side < 0]).min() for side in (1, -1)]
        r[block] = np.maximum(r[block] + PARITY * rng.choice([ends[0], -ends[1]]), 0.0)
    return r


@given(st.integers(0, 100_000), st.sampled_from([(2, 3, 2), (3, 3, 3), (4, 2, 5), (2, 2, 2)]))
def test_other_joints_of_the_same_tables_are_within_them_too(seed, shape):
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.full(np.prod(shape), 0.3)).reshape(shape)
    low, high = (b[0] for b in cell_limits(*(t[None] for t in _tables(joint))))
    ceiling = information_ceiling(*_tables(joint))
    for _ in range(3):
        r = _elsewhere(joint, rng)
        np.testing.assert_allclose(r.sum(2), joint.sum(2), atol=1e-12)
        assert (low <= r + 1e-12).all()
        assert (r <= high + 1e-12).all()
        assert mutual_information(r) <= ceiling + 1e-10


def test_the_sharp_end_is_never_above_and_the_coupling_bound_is_far_above():
    """Mean of 20 uniform 3x3x2 tables: .97 by coupling, .74 within cells' limits, .57 sharp."""
    joints = random_joints(0, (3, 3, 2), count=20)
    tables = [_tables(j) for j in joints]
    ceilings = [information_ceiling(*t) for t in tables]
    sharp = [largest_information(*t) for t in tables]
    assert all(s.attained <= c + 1e-9 for s, c in zip(sharp, ceilings, strict=True))
    assert np.mean(ceilings) < np.mean([coupling_upper_bound(*t) for t in tables]) - 0.2


def test_batch_equals_singles():
    joints = random_joints(1, (3, 4, 3), count=5)
    many = information_ceiling_many(joints.sum(3), joints.sum(2), joints.sum(1))
    np.testing.assert_allclose(many, [information_ceiling(*_tables(j)) for j in joints], atol=1e-14)


def test_cells_that_the_tables_determine_leave_nothing_open():
    """A diagonal pair table: the label of each cell is that of its row."""
    share = np.random.default_rng(0).dirichlet(np.ones(3), size=4)
    joint = np.zeros((4, 4, 3))
    joint[np.arange(4), np.arange(4)] = share / 4
    low, high = cell_limits(*(t[None] for t in _tables(joint)))
    np.testing.assert_allclose(low[0], joint, atol=1e-15)
    np.testing.assert_allclose(high[0], joint, atol=1e-15)
    assert information_ceiling(*_tables(joint)) == pytest.approx(mutual_information(joint), abs=1e-12)


@given(st.integers(0, 100_000), st.integers(1, 6))
def test_the_most_unequal_parts_majorize_all_others(seed, classes):
    rng = np.random.default_rng(seed)
    parts = rng.dirichlet(np.ones(classes))
    high = parts + rng.uniform(0, 0.5, classes)
    most = most_unequal(np.array(1.0), high)
    assert most.sum() == pytest.approx(1.0)
    assert (np.cumsum(most) >= np.cumsum(-np.sort(-parts)) - 1e-12).all()
