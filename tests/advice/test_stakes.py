"""What is at stake in a cell: ranges of its part of the answer, against points of what it may be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interplay.advice.stakes import gain_range, information_range, stakes
from interplay.information import entropy, mutual_information
from interplay.solvers.cell_program import Known
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
    values = -mass * entropy(r / mass, batch=1)
    least, most = (v[0] for v in information_range(low[None], high[None], np.array([mass])))
    assert least <= values.min() + 1e-9
    if classes == 2:
        assert most >= values.max() - 1e-9
        assert most - least == pytest.approx(values.max() - values.min(), abs=0.05 * mass)
    else:  # the largest is a guess: at most what three labels allow
        assert most - least <= mass * np.log2(3) + 1e-9
        assert most - least >= 0.5 * (values.max() - values.min()) - 1e-9


@given(st.integers(0, 10_000))
def test_no_point_of_a_cell_moves_its_gain_by_more(seed):
    mass, low, high = _box(seed, 3)
    r = _points(mass, low, high, np.random.default_rng(seed))
    if len(r) < 2:
        return
    values = r.max(1) - r[:, 0]
    least, most = (v[0] for v in gain_range(low[None], high[None], np.array([mass]), np.array([0])))
    assert least <= values.min() + 1e-9
    assert most >= values.max() - 1e-9


def _held(target, shares, labels=0):
    """Of a random joint on 3x3 codes, its fifth cell known; shares (9,2): what the next label meets."""
    joint = random_joints(0, (3, 3, 2), count=1)[0]
    r = joint.reshape(9, 2)
    which = np.arange(9) == 4
    known = Known(which=which, shares=r / r.sum(1, keepdims=True), hits=r.sum(1))
    codes = np.indices((3, 3)).reshape(2, -1).T
    margins = [joint.sum(1), joint.sum(0)]
    return joint, stakes(target, codes, r.sum(1), margins, known, shares, np.full(9, labels))


@pytest.mark.parametrize("target", ["accuracy", "synergy"])
def test_known_cells_have_nothing_at_stake_and_no_spread_exceeds_the_largest(target):
    _, at = _held(target, np.vstack([np.linspace(0, 1, 9), np.linspace(1, 0, 9)]).T)
    assert at.most[4] == at.least[4] == at.likely[4]
    assert (at.most - at.least).max() > 0
    assert (at.least <= at.likely).all()
    assert (at.likely <= at.most).all()
    assert (at.spread <= at.largest).all()
    assert (at.spread > 0).all()


def test_what_cells_likely_add_is_the_gain_and_the_information_of_the_likeliest_joint():
    even = np.full((9, 2), 0.5)
    joint, at = _held("accuracy", even)
    single = max(joint.sum(i).max(1).sum() for i in (0, 1))
    assert at.likely.sum() == pytest.approx(joint.max(2).sum() - single)
    joint, at = _held("synergy", even)
    assert at.likely.sum() + entropy(joint.sum((0, 1))) == pytest.approx(mutual_information(joint))


def test_labels_are_worth_most_where_they_may_turn_the_answer_and_least_where_they_will_not():
    """By the same share of wrong answers: where the single modality is right, and where it is wrong, more labels make
    its answer surer, or the other one's; even shares stay open."""
    sure = np.tile([0.95, 0.05], (9, 1))
    joint, _ = _held("accuracy", sure)
    best = max((0, 1), key=lambda i: joint.sum(1 - i).max(1).sum())
    single = joint.sum(1 - best).argmax(1)[np.indices((3, 3)).reshape(2, -1).T[:, best]]
    few, many = (_held("accuracy", sure, n)[1].turning for n in (0, 50))
    agrees = single == 0
    assert 0 < agrees.sum() < 9
    assert few[agrees].max() < few[~agrees].min()
    assert (many[agrees] <= few[agrees]).all()
    assert (many[~agrees] >= few[~agrees]).all()
