"""What is at stake in a cell: ranges of its part of the answer, against points of what it may be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interplay.advice.stakes import entropy_ranges, gain_ranges, stakes
from interplay.information import entropy
from interplay.solvers.cell_program import nothing_known
from samplers import random_joints


def _box(seed, classes):
    """A cell's mass and limits that leave room for it."""
    rng = np.random.default_rng(seed)
    r = rng.dirichlet(np.ones(classes)) * rng.uniform(0.05, 1)
    return r.sum(), np.maximum(r - rng.uniform(0, 0.3, classes), 0.0), r + rng.uniform(0, 0.3, classes)


def _points(mass, low, high, rng, count=4000):
    """Shares of the mass inside the limits."""
    inside = low + rng.random((count, len(low))) * (np.minimum(high, mass) - low)
    r = np.column_stack([inside[:, :-1], mass - inside[:, :-1].sum(1)])
    return r[(r[:, -1] >= low[-1]) & (r[:, -1] <= high[-1])]


@given(st.integers(0, 10_000), st.sampled_from([2, 3]))
def test_no_point_of_a_cell_moves_its_entropy_by_more(seed, classes):
    mass, low, high = _box(seed, classes)
    r = _points(mass, low, high, np.random.default_rng(seed))
    if len(r) < 2:
        return
    values = mass * entropy(r / mass, batch=1)
    spread = values.max() - values.min()
    found = entropy_ranges(low[None], high[None], np.array([mass]))[0]
    if classes == 2:
        assert found >= spread - 1e-9
        assert found == pytest.approx(spread, abs=0.05 * mass)
    else:  # the smallest is a guess: at most what three labels allow
        assert found <= mass * np.log2(3) + 1e-9
        assert found >= 0.5 * spread - 1e-9


@given(st.integers(0, 10_000))
def test_no_point_of_a_cell_moves_its_gain_by_more(seed):
    mass, low, high = _box(seed, 3)
    r = _points(mass, low, high, np.random.default_rng(seed))
    if len(r) < 2:
        return
    values = r.max(1) - r[:, 0]
    found = gain_ranges(low[None], high[None], np.array([mass]), np.array([0]))[0]
    assert found >= values.max() - values.min() - 1e-9


@pytest.mark.parametrize("target", ["accuracy", "synergy"])
def test_known_cells_have_nothing_at_stake_and_no_spread_exceeds_the_largest(target):
    joint = random_joints(0, (3, 3, 2), count=1)[0]
    known = nothing_known(9, 2)
    known.which[4] = True
    codes = np.indices((3, 3)).reshape(2, -1).T
    shares = np.vstack([np.linspace(0, 1, 9), np.linspace(1, 0, 9)]).T
    at = stakes(target, codes, joint.sum(2).ravel(), [joint.sum(1), joint.sum(0)], known, shares)
    assert at.unsure[4] == 0
    assert at.unsure.max() > 0
    assert (at.spread <= at.most).all()
    assert (at.spread > 0).all()
