"""The walk over vertices of a transport polytope: feasible, at a vertex, never above its start, best of small sets."""

import itertools

import numpy as np
import pytest

from cases import random_joint
from interplay.information import mutual_information
from interplay.solvers.identified_set import feasible_joint, linear_system
from interplay.solvers.synergy_max import largest_information
from interplay.solvers.transport_walk import anneal
from solvers.families import FAMILIES, batch


def mistakes(s, hi):
    return np.minimum(s, hi - s)


def spread(s, hi):
    return s * (hi - s)


def steps(count):
    asked = itertools.count(1)
    return lambda: next(asked) > count


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("f", [mistakes, spread])
@pytest.mark.parametrize("shape", [(2, 2, 2), (1, 4, 2), (6, 5, 2), (12, 10, 2)], ids=str)
def test_it_stays_in_the_set_at_a_vertex_and_never_ends_above_its_start(family, f, shape):
    joint = batch(family, shape, 1, seed=4)[0]
    tables = joint.sum(2), joint.sum(1), joint.sum(0)
    start = feasible_joint(linear_system(*tables))[:, :, 0]
    hi = joint.sum(2)
    s = anneal(hi, f, start, cold=0.02, deadline=steps(400), rng=np.random.default_rng(0))
    assert np.abs(s.sum(1) - tables[1][:, 0]).max() <= 1e-11
    assert np.abs(s.sum(0) - tables[2][:, 0]).max() <= 1e-11
    assert s.min() >= 0
    assert (hi - s).min() >= 0
    between = (s > 1e-9) & (hi - s > 1e-9)
    assert between.sum() <= sum(shape[:2]) - 1
    assert f(s, hi).sum() <= f(start, hi).sum() + 1e-11


@pytest.mark.parametrize("seed", range(5))
def test_it_finds_the_best_vertex_of_small_sets(seed):
    """The listing of all vertices is the second answer."""
    joint = random_joint(np.random.default_rng(seed), (3, 4, 2))
    tables = joint.sum(2), joint.sum(1), joint.sum(0)
    truth = largest_information(*tables, time_limit=5.0)
    assert truth.exact

    def entropy(s, hi):
        parts = np.stack([s, hi - s])
        return -(parts * np.log(np.where(parts > 0, parts, 1.0))).sum(0)

    start = feasible_joint(linear_system(*tables))[:, :, 0]
    s = anneal(joint.sum(2), entropy, start, cold=0.1, deadline=steps(3000), rng=np.random.default_rng(0))
    found = np.stack([s, tables[0] - s], axis=2)
    assert mutual_information(found) == pytest.approx(truth.attained, abs=1e-9)


def test_the_same_seed_and_steps_give_the_same_vertex():
    joint = batch("uniform", (8, 8, 2), 1, seed=5)[0]
    tables = joint.sum(2), joint.sum(1), joint.sum(0)
    start = feasible_joint(linear_system(*tables))[:, :, 0]
    ends = [
        anneal(joint.sum(2), mistakes, start, cold=0.02, deadline=steps(300), rng=np.random.default_rng(1))
        for _ in range(2)
    ]
    np.testing.assert_array_equal(*ends)
