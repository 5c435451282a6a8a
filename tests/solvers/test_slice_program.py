"""Relaxations of boxes, and what they cut off: a general linear program is the second answer."""

import numpy as np
import pytest
import scipy.sparse as sp

from interplay.solvers import slice_program
from interplay.solvers.identified_set import solve
from interplay.solvers.slice_limits import better_limits
from interplay.solvers.slice_program import relax
from interplay.solvers.slices import all_labels, slice_vertices, tighten, two_labels
from solvers.concave import both_parts, entropies, mistakes
from solvers.families import FAMILIES, batch

PROBLEMS = [
    (two_labels, both_parts, (4, 3, 2)),
    (two_labels, mistakes, (4, 3, 2)),
    (all_labels, entropies, (3, 4, 3)),
    (all_labels, entropies, (1, 3, 4)),
]
cases = pytest.mark.parametrize(("cut", "f", "shape"), PROBLEMS, ids=lambda x: getattr(x, "__name__", str(x)))


def cut_of(cut, f, joint):
    """The problem, and the joint as a point of it."""
    problem = cut(joint.sum(2), joint.sum(1), joint.sum(0), f)
    return problem, joint.ravel() if cut is all_labels else joint[:, :, 0].ravel()


def boxes_around(problem, point, count, seed=0):
    """The root, and boxes (B,C) of all sizes that the point lies in."""
    rng = np.random.default_rng(seed)
    size = rng.random((count, 1)) ** 3
    lo = np.maximum(point - size * rng.random((count, len(point))) * point, 0.0)
    hi = point + size * rng.random((count, len(point))) * (problem.hi - point)
    lo[0], hi[0] = 0.0, problem.hi
    lo, hi = tighten(problem.families, lo, hi)
    return lo, np.maximum(lo, hi)


def by_linear_program(problem, lo, hi):
    """Least sum of t over mixtures of vertices: unknowns are all mixtures, the point and t."""
    cells, scale = len(lo), float(problem.hi.mean())
    start, mixtures = 2 * cells, []
    for family in problem.families:
        for places, total in zip(family.cells, family.total, strict=True):
            found = slice_vertices(lo[places][None], hi[places][None], total[None])
            mixtures.append((places, found.v[0][found.real[0]], start))
            start += int(found.real.sum())
    equal, right, below = [], [], []
    for places, v, first in mixtures:
        at = first + np.arange(len(v))
        equal.append(sp.csr_matrix((np.ones(len(v)), (np.zeros(len(v)), at)), shape=(1, start)))
        right.append(1.0)
        f, v = problem.f(v, problem.hi[places]) / scale, v / scale
        for k, cell in enumerate(places):
            point = sp.csr_matrix(([-1.0], ([0], [cell])), shape=(1, start))
            above = sp.csr_matrix(([-1.0], ([0], [cells + cell])), shape=(1, start))
            equal.append(point + sp.csr_matrix((v[:, k], (np.zeros(len(v)), at)), shape=(1, start)))
            right.append(0.0)
            below.append(above + sp.csr_matrix((f[:, k], (np.zeros(len(v)), at)), shape=(1, start)))
    cost = np.zeros(start)
    cost[cells : 2 * cells] = 1.0
    found = solve(
        cost,
        A_eq=sp.vstack(equal),
        b_eq=right,
        A_ub=sp.vstack(below),
        b_ub=np.zeros(len(below)),
        bounds=[(None, None)] * (2 * cells) + [(0, None)] * (start - 2 * cells),
    )
    return found.fun * scale


@cases
@pytest.mark.parametrize("family", ["uniform", "sparse", "empirical", "near_deterministic"])
def test_a_relaxation_is_the_least_mixture_in_every_box_and_never_above_it(family, cut, f, shape):
    problem, point = cut_of(cut, f, batch(family, shape, 1, seed=5)[0])
    lo, hi = boxes_around(problem, point, 6)
    far = float(problem.hi.sum()) * 10  # a cutoff far away ends the iteration early, one at the optimum does not
    loose = relax(problem, lo, hi, far)
    for box in range(len(lo)):
        other = by_linear_program(problem, lo[box], hi[box])
        assert loose.lower[box] <= other + 1e-9
        sharp = relax(problem, lo[[box]], hi[[box]], other + 1e-9)
        assert sharp.lower[0] == pytest.approx(other, abs=1e-8)


@cases
@pytest.mark.parametrize("family", FAMILIES)
def test_no_point_of_a_box_costs_less_than_its_bound_and_better_ones_keep_the_limits(family, cut, f, shape):
    problem, point = cut_of(cut, f, batch(family, shape, 1, seed=6)[0])
    lo, hi = boxes_around(problem, point, 12, seed=1)
    cost = float(f(point, problem.hi).sum())
    for cutoff in (cost + 1e-3, cost + 1e-9):
        found = relax(problem, lo, hi, cutoff)
        assert (found.lower <= cost + 1e-9).all()
        low, high = better_limits(problem, found, lo, hi, cost + 1e-9)
        assert (low <= point + 1e-9).all()
        assert (point <= high + 1e-9).all()


def test_limits_cut_off_what_costs_too_much():
    """Points that cost .02 nats more than the bound: several cells lose half of their range and more."""
    problem, point = cut_of(two_labels, both_parts, batch("uniform", (5, 5, 2), 1, seed=21)[0])
    lo, hi = boxes_around(problem, point, 1)
    found = relax(problem, lo, hi, 1e9)
    low, high = better_limits(problem, found, lo, hi, float(found.lower[0]) + 0.02)
    assert ((high - low) < 0.5 * (hi - lo)).sum() >= 3
    assert (high <= hi + 1e-11).all()
    assert (low >= lo - 1e-11).all()


def test_boxes_do_not_disturb_each_other():
    """A box alone and among others, one of which allows nothing: the same bound, and none for that one."""
    problem, point = cut_of(two_labels, both_parts, batch("uniform", (4, 4, 2), 1, seed=2)[0])
    lo, hi = boxes_around(problem, point, 5)
    hi[2, :4] *= 0.01  # a row that cannot have its sum any more
    lo = np.minimum(lo, hi)
    together = relax(problem, lo, hi, 10.0)
    assert np.isposinf(together.lower).tolist() == [False, False, True, False, False]
    for box in range(5):
        alone = relax(problem, lo[[box]], hi[[box]], 10.0)
        assert alone.lower[0] == pytest.approx(together.lower[box], abs=1e-9)


def test_boxes_that_are_cut_off_are_left_at_once(monkeypatch):
    """Below the best bound a cutoff is reached before that bound is found: no step is for nothing."""
    problem, _ = cut_of(two_labels, both_parts, batch("uniform", (5, 5, 2), 1, seed=21)[0])
    lo, hi = np.zeros((1, problem.hi.size)), problem.hi[None]
    best = by_linear_program(problem, lo[0], hi[0])
    advance, steps, taken = slice_program._advance, [], []
    monkeypatch.setattr(slice_program, "_advance", lambda *given: steps.append(given) or advance(*given))
    for cutoff in (0.0, 0.99 * best, best + 1e-9):
        steps.clear()
        found = relax(problem, lo, hi, cutoff).lower[0]
        assert min(cutoff, best - 1e-8) <= found <= best + 1e-9
        taken.append(len(steps))
    assert taken[0] == 0 < taken[1] < taken[2] - 3
