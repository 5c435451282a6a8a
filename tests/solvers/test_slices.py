"""Slices of tables: their vertices, what their sums imply, and how three tables cut a joint."""

import numpy as np
import pytest
from scipy.optimize import linprog

from interplay.solvers.identified_set import linear_system, solve
from interplay.solvers.slices import all_labels, slice_vertices, tighten, two_labels
from solvers.families import FAMILIES, batch


def test_slices_of_boxes_have_the_vertices_of_their_definition():
    """Every point of a slice is a mixture of them: each linear function has its extremes there."""
    rng = np.random.default_rng(4)
    lo = rng.random((4, 4))
    hi = lo + rng.random((4, 4)) * (np.arange(4) >= np.array([0, 1, 2, 4])[:, None])  # so many cells are fixed
    total = rng.uniform(lo.sum(axis=1), hi.sum(axis=1))
    found = slice_vertices(lo, hi, total)
    for v, low, high, mass in zip(
        (v[real] for v, real in zip(found.v, found.real, strict=True)), lo, hi, total, strict=True
    ):
        np.testing.assert_allclose(v.sum(axis=1), mass, atol=1e-12)
        assert (v >= low - 1e-12).all()
        assert (v <= high + 1e-12).all()
        for cost in rng.normal(size=(20, 4)):
            best = linprog(cost, A_eq=np.ones((1, 4)), b_eq=[mass], bounds=np.stack([low, high], axis=1)).fun
            assert float((v @ cost).min()) == pytest.approx(best, abs=1e-9)


def test_a_slice_whose_sum_no_point_has_has_no_vertex():
    found = slice_vertices(np.zeros((2, 2)), np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([0.5, 0.5]))
    assert found.real.any(axis=1).tolist() == [False, True]


def nothing(values, capacities):
    return 0 * values


def margins(joint):
    return joint.sum(2), joint.sum(1), joint.sum(0)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", [(4, 3, 2), (3, 4, 5)], ids=str)
def test_every_joint_has_the_sums_of_its_slices_and_lies_within_the_bounds_they_imply(family, shape):
    joint = batch(family, shape, 1, seed=3)[0]
    cut = [(all_labels, joint.ravel())] + [(two_labels, joint[:, :, 0].ravel())] * (shape[2] == 2)
    for make, cells in cut:
        problem = make(*margins(joint), nothing)
        for f in problem.families:
            np.testing.assert_array_equal(np.sort(f.cells.ravel()), np.arange(len(cells)))
            np.testing.assert_allclose(cells[f.cells].sum(axis=1), f.total, atol=1e-12)
        low, high = tighten(problem.families, np.zeros(len(cells)), problem.hi)
        assert (low <= cells + 1e-12).all()
        assert (cells <= high + 1e-12).all()


def test_no_cell_can_leave_the_bounds_that_sums_imply():
    """Linear programs over the identified set are the second answer."""
    joint = batch("sparse", (4, 3, 3), 1, seed=2)[0]
    problem, system = all_labels(*margins(joint), nothing), linear_system(*margins(joint))
    low, high = (b.reshape(joint.shape) for b in tighten(problem.families, np.zeros(joint.size), problem.hi))
    for cell, place in enumerate(zip(system.rows, system.cols, system.labels, strict=True)):
        for sign in (1, -1):
            cost = sign * (np.arange(len(system.rows)) == cell)
            end = sign * solve(cost, A_eq=system.matrix, b_eq=system.target, bounds=(0, None)).fun
            assert low[place] - 1e-9 <= end <= high[place] + 1e-9


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", [(4, 5, 2), (6, 3, 4), (9, 8, 3)], ids=str)
def test_halving_again_and_again_never_loses_a_point_to_rounding(family, shape):
    """Bounds that meet cross by 1e-16, and each pass over the slices could make that more."""
    rng = np.random.default_rng(7)
    for joint in batch(family, shape, 3, seed=8):
        cut = [(all_labels, joint.ravel())] + [(two_labels, joint[:, :, 0].ravel())] * (shape[2] == 2)
        for make, cells in cut:
            problem = make(*margins(joint), nothing)
            low, high = np.zeros(len(cells)), problem.hi
            for _ in range(25):
                low, high = tighten(problem.families, low, high)
                assert (low <= high + 1e-12).all()
                assert (low <= cells + 1e-10).all()
                assert (cells <= high + 1e-10).all()
                high = np.maximum(low, high)
                open_ = np.flatnonzero(high - low > 1e-12)
                if not len(open_):
                    break
                k = rng.choice(open_)
                at = rng.uniform(low[k], high[k])
                low[k], high[k] = (low[k], at) if cells[k] <= at else (at, high[k])
