"""Branch and bound by slices: no joint of the tables is ever excluded, whatever the first point."""

import numpy as np
import pytest

from interplay.solvers import envelope
from interplay.solvers.clock import clock_of
from interplay.solvers.envelope import search
from interplay.solvers.slices import all_labels, two_labels
from interplay.solvers.synergy_max import largest_information
from solvers.concave import both_parts, entropies, mistakes
from solvers.families import FAMILIES, batch


def tells_all(shape, seed):
    """Y is a function of both codes: the joint of least entropy that its tables could have."""
    rng = np.random.default_rng(seed)
    mass = rng.dirichlet(np.ones(shape[0] * shape[1])).reshape(shape[:2])
    return mass[..., None] * np.eye(shape[2])[rng.integers(shape[2], size=shape[:2])]


PROBLEMS = [
    (all_labels, entropies, (4, 4, 3)),
    (all_labels, entropies, (3, 5, 4)),
    (all_labels, entropies, (1, 4, 3)),
    (two_labels, both_parts, (5, 4, 2)),
    (two_labels, mistakes, (5, 4, 2)),
]


@pytest.mark.parametrize("nodes", [0, 6])
@pytest.mark.parametrize(("cut", "f", "shape"), PROBLEMS)
@pytest.mark.parametrize("family", [*FAMILIES, "tells all"])
def test_no_joint_with_these_tables_is_below_the_bound(family, cut, f, shape, nodes):
    """The first point is far worse than the joint, so that nothing but the programmes' bounds count."""
    joint = tells_all(shape, 1) if family == "tells all" else batch(family, shape, 1, seed=12)[0]
    problem = cut(joint.sum(2), joint.sum(1), joint.sum(0), f)
    own = joint.ravel() if cut is all_labels else joint[:, :, 0].ravel()
    worst = np.full(len(own), 0.5 * problem.hi.max(initial=0.0))
    found = search(problem, worst, tolerance=1e-12, deadline=clock_of(0, nodes))
    assert found.lower <= f(own, problem.hi).sum() + 1e-9
    assert found.lower <= found.value + 1e-12


def test_more_nodes_raise_the_bound():
    joint = batch("uniform", (4, 4, 3), 1, seed=12)[0]
    problem = all_labels(joint.sum(2), joint.sum(1), joint.sum(0), entropies)
    lower = [search(problem, joint.ravel(), tolerance=0, deadline=clock_of(0, n)).lower for n in (0, 10, 30)]
    assert lower[0] < lower[1] < lower[2]


def test_too_many_vertices_give_no_bound():
    joint = batch("uniform", (4, 4, 3), 1, seed=12)[0]
    problem = all_labels(joint.sum(2), joint.sum(1), joint.sum(0), entropies)
    found = search(problem, joint.ravel(), tolerance=0, deadline=clock_of(0, 5), listed=10)
    assert found.lower == -np.inf
    assert found.nodes == 0


@pytest.mark.parametrize(("shape", "seed"), [((6, 3, 4), 689328), ((6, 6, 5), 477212)], ids=str)
def test_a_half_that_holds_the_joint_is_not_thrown_away(shape, seed):
    """On these tables bounds that cross by rounding once grew until the joint's own box looked empty."""
    joint = batch("sparse", shape, 1, seed=seed)[0]
    problem = all_labels(joint.sum(2), joint.sum(1), joint.sum(0), entropies)
    worst = np.full(joint.size, 0.5 * problem.hi.max())
    found = search(problem, worst, tolerance=1e-12, deadline=clock_of(0, 15))
    assert found.lower <= entropies(joint, None).sum() + 1e-9


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_the_bound_is_not_above_what_a_walk_attains(seed):
    """Larger tables of counts, where a wrong cut would show; the search itself starts from a far worse point."""
    counts = np.random.default_rng(seed).multinomial(300, np.full(6 * 6 * 3, 1 / 108)).reshape(6, 6, 3) / 300
    tables = counts.sum(2), counts.sum(1), counts.sum(0)
    problem = all_labels(*tables, entropies)
    attained = entropies(largest_information(*tables, steps=0).joint, None).sum()
    worst = np.full(counts.size, 0.5 * problem.hi.max())
    lower = [search(problem, worst, tolerance=1e-12, deadline=clock_of(0, n)).lower for n in (0, 15)]
    assert lower[0] <= lower[1] <= attained + 1e-9


def test_boxes_that_got_heavier_are_taken_fewer_at_a_time(monkeypatch):
    """One label is rare: cells have room that the root's sums do not use, so halves have many more vertices."""
    rng = np.random.default_rng(1)
    p12 = rng.dirichlet(np.full(64, 20.0)).reshape(8, 8)
    rare = p12 * 0.02 * rng.uniform(0.2, 1, p12.shape)
    problem = two_labels(
        p12,
        np.stack([rare.sum(1), (p12 - rare).sum(1)], 1),
        np.stack([rare.sum(0), (p12 - rare).sum(0)], 1),
        both_parts,
    )
    batches, relax = [], envelope.relax

    def watched(problem, lo, hi, cutoff):
        found = relax(problem, lo, hi, cutoff)
        batches.append((len(lo), sum(p.price.shape[1] * p.price.shape[2] for p in found.priced)))
        return found

    monkeypatch.setattr(envelope, "relax", watched)
    monkeypatch.setattr(envelope, "_AT_ONCE", 4_000)
    search(problem, rare.ravel(), tolerance=1e-12, deadline=clock_of(0, 30))
    weights = np.array([weight for _, weight in batches])
    assert weights.max() > 1.5 * weights[0]
    for (boxes, _), heaviest in zip(batches[1:], np.maximum.accumulate(weights), strict=False):
        assert boxes <= 2 * max(4_000 // heaviest, 1)
