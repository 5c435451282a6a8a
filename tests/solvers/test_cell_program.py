"""Accuracy programs over cells: against the two-modality solvers, on segments known by hand, with known cells."""

from itertools import pairwise

import numpy as np
import pytest

from cases import NAMED
from interplay.solvers.accuracy import highest_accuracy, lowest_accuracy
from interplay.solvers.cell_program import (
    Known,
    cell_ranges,
    fixed_low_end,
    largest_best_accuracy,
    nothing_known,
    smallest_best_accuracy,
)
from samplers import random_joints


def problem(joint):
    """codes, mass, margins of a joint over any number of modalities and a label."""
    *sizes, _ = joint.shape
    axes = range(len(sizes))
    codes = np.indices(sizes).reshape(len(sizes), -1).T
    margins = [joint.sum(tuple(a for a in axes if a != i)) for i in axes]
    return codes, joint.sum(-1).ravel(), margins


@pytest.mark.parametrize("name", NAMED)
def test_both_ends_enclose_the_truth_and_the_low_one_is_that_of_the_two_modality_solver(name):
    joint = np.asarray(NAMED[name], dtype=float)
    joint = joint / joint.sum()
    codes, mass, margins = problem(joint)
    none = nothing_known(len(codes), joint.shape[2])
    low = smallest_best_accuracy(codes, mass, margins, none)
    high = largest_best_accuracy(codes, mass, margins, none)
    p12, p1y, p2y = joint.sum(2), joint.sum(1), joint.sum(0)
    assert low.value == pytest.approx(lowest_accuracy(p12, p1y, p2y).lower, abs=1e-6)
    assert low.value <= joint.max(2).sum() + 1e-7
    assert high.value >= joint.max(2).sum() - 1e-7
    assert high.value <= 1 + 1e-9


@pytest.mark.parametrize("shape", [(3, 3, 2), (2, 4, 3)])
def test_the_high_end_is_never_below_the_exact_one(shape):
    for joint in random_joints(1, shape):
        p12, p1y, p2y = joint.sum(2), joint.sum(1), joint.sum(0)
        codes, mass, margins = problem(joint)
        bound = largest_best_accuracy(codes, mass, margins, nothing_known(len(codes), shape[2])).value
        assert bound >= highest_accuracy(p12, p1y, p2y, time_limit=5).attained - 1e-7


def test_a_modality_more_never_lowers_what_is_guaranteed():
    joint = random_joints(2, (2, 3, 2, 2), count=1)[0]
    whole = smallest_best_accuracy(*problem(joint), nothing_known(12, 2)).value
    for axis in range(3):
        fewer = joint.sum(axis)
        cells = int(np.prod(fewer.shape[:2]))
        assert smallest_best_accuracy(*problem(fewer), nothing_known(cells, 2)).value <= whole + 1e-7
    assert whole <= joint.max(3).sum() + 1e-7


def test_known_cells_narrow_the_range_until_the_truth_is_left():
    joint = random_joints(3, (3, 3, 2), count=1)[0]
    codes, mass, margins = problem(joint)
    flat = joint.reshape(-1, 2)
    shares, truth = flat / mass[:, None], joint.max(2).sum()
    widths = []
    for count in range(10):
        known = Known(which=np.arange(9) < count, shares=shares, hits=shares.max(1))
        low = smallest_best_accuracy(codes, mass, margins, known).value
        high = largest_best_accuracy(codes, mass, margins, known).value
        assert low - 1e-7 <= truth <= high + 1e-7
        widths.append(high - low)
    assert all(b <= a + 1e-7 for a, b in pairwise(widths))
    assert widths[0] > 0.1
    assert widths[-1] == pytest.approx(0, abs=1e-7)


def test_any_multipliers_prove_a_bound():
    joint = random_joints(4, (3, 3, 2), count=1)[0]
    codes, mass, margins = problem(joint)
    none = nothing_known(9, 2)
    best = smallest_best_accuracy(codes, mass, margins, none)
    rng = np.random.default_rng(0)
    for _ in range(20):
        other = [m + 0.3 * rng.standard_normal(m.shape) for m in best.multipliers]
        assert fixed_low_end(codes, mass, margins, none, other) <= best.value + 1e-7
    assert best.joint.max(1).sum() == pytest.approx(best.value, abs=1e-6)


def test_ranges_of_cells_hold_the_joint_and_known_cells_are_points():
    joint = random_joints(5, (3, 2, 3), count=1)[0]
    codes, mass, margins = problem(joint)
    shares = joint.reshape(-1, 3) / mass[:, None]
    known = Known(which=np.arange(6) == 2, shares=shares, hits=shares.max(1))
    low, high = cell_ranges(codes, mass, margins, known)
    assert (low <= joint.reshape(-1, 3) + 1e-12).all()
    assert (high >= joint.reshape(-1, 3) - 1e-12).all()
    np.testing.assert_allclose(low[2], high[2])


def test_tables_that_contradict_each_other_still_have_an_answer():
    margins = [np.array([[0.5, 0.0], [0.0, 0.5]]), np.array([[0.0, 0.5], [0.5, 0.0]])]
    codes, mass = np.array([[0, 0], [1, 1]]), np.array([0.5, 0.5])
    low = smallest_best_accuracy(codes, mass, margins, nothing_known(2, 2)).value
    assert np.isfinite(low)


def test_where_every_cell_is_known_hits_count_and_what_the_tables_miss_costs_the_same_as_with_one_cell_unknown():
    """An unknown cell without mass changes nothing, but makes the program one that is solved."""
    joint = random_joints(6, (2, 3, 2), count=1)[0]
    codes, mass, margins = problem(joint)
    margins[0] = margins[0] + np.array([[0.01, -0.01], [0.0, 0.0]])  # estimated shares miss it
    shares, hits = joint.reshape(-1, 2) / mass[:, None], np.linspace(0.5, 1, 6)
    known = Known(which=np.ones(6, dtype=bool), shares=shares, hits=hits)
    more = [np.vstack([codes, [[0, 0]]]), np.append(mass, 0.0), margins]
    solved = Known(which=np.arange(7) < 6, shares=np.vstack([shares, [[0.5, 0.5]]]), hits=np.append(hits, 0.0))
    for end, sign in ((smallest_best_accuracy, 1), (largest_best_accuracy, -1)):
        value = end(codes, mass, margins, known).value
        assert value == pytest.approx(mass @ hits + sign * 3.0 * 0.02)
        assert value == pytest.approx(end(*more, solved).value, abs=1e-7)


def test_cells_that_the_others_determine_stay_determined_when_tables_are_rounded():
    """With the cells off the diagonal known, the diagonal has no freedom; estimates agree to some digits only."""
    joint = random_joints(7, (3, 3, 2), count=1)[0]
    codes, mass, margins = problem(joint)
    shares = joint.reshape(9, 2) / mass[:, None]
    which = codes[:, 0] != codes[:, 1]
    known = Known(which=which, shares=shares, hits=shares.max(1))
    rng = np.random.default_rng(0)
    rounded = [m + 1e-7 * rng.uniform(-1, 1, m.shape) for m in margins]
    low, high = cell_ranges(codes, mass, rounded, known)
    assert (high - low)[~which].max() < 1e-5
    ends = [f(codes, mass, rounded, known).value for f in (smallest_best_accuracy, largest_best_accuracy)]
    assert ends == pytest.approx([joint.max(2).sum()] * 2, abs=1e-5)
