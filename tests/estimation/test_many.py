"""Cells of two and more modalities: tables that agree, maximum entropy, an unlabelled modality."""

import numpy as np
import pytest

from interplay.estimation.many import (
    ManyTables,
    PairLabels,
    draw_many,
    largest_entropy,
    tables_of,
)
from interplay.estimation.set_accuracy import set_accuracy
from interplay.reconciliation import maximum_likelihood_tables
from interplay.solvers.maxent import maximum_entropy
from samplers import many_counts, noisy_views, random_joints


def exact(joint):
    *sizes, k = joint.shape
    axes = range(len(sizes))
    margins = tuple(joint.sum(tuple(a for a in axes if a != i))[None] for i in axes)
    return ManyTables(mass=joint.sum(-1).reshape(1, -1), margins=margins, joint=joint.reshape(1, -1, k))


def test_two_modalities_are_the_tables_of_the_pair():
    counts = many_counts(noisy_views(), 400, 0)
    t = tables_of(counts)
    flat = [s.count() for s in (counts.pairs, *counts.labeled)]
    other = maximum_likelihood_tables(flat[0].reshape(1, 4, 4), flat[1].reshape(1, 4, 2), flat[2].reshape(1, 4, 2))
    np.testing.assert_allclose(t.margins[0], other.p1y, atol=2e-3)
    np.testing.assert_allclose(t.margins[1], other.p2y, atol=2e-3)
    np.testing.assert_allclose(t.mass.reshape(4, 4), other.p12[0], atol=2e-3)


def test_tables_of_three_modalities_agree_with_each_other():
    counts = many_counts(random_joints(0, (3, 2, 3, 2), count=1)[0], 300, 1)
    t = tables_of(counts)
    for i, margin in enumerate(t.margins):
        np.testing.assert_allclose(np.bincount(counts.codes[:, i], weights=t.mass[0]), margin[0].sum(1), atol=1e-12)
        np.testing.assert_allclose(margin.sum(1), t.margins[0].sum(1), atol=1e-12)


def test_largest_entropy_is_that_of_the_solver_for_two_modalities():
    joint = random_joints(2, (3, 4, 2), count=1)[0]
    ours = largest_entropy(np.indices((3, 4)).reshape(2, -1).T, exact(joint), tolerance=1e-10)[0]
    other = maximum_entropy(joint.sum(2), joint.sum(1), joint.sum(0)).joint
    np.testing.assert_allclose(ours.reshape(3, 4, 2), other, atol=1e-6)


def test_labels_of_all_pairs_leave_their_own_shares():
    joint = random_joints(3, (2, 2, 2), count=1)[0]
    counts = many_counts(joint, 20000, 4)
    shares = joint.reshape(4, 2) / joint.sum(2).reshape(4, 1)
    labels = PairLabels(part=np.ones(4), shares=(shares[None], shares[None]))
    draws = draw_many(counts, 2, np.random.default_rng(0), labels)
    got = draws.plain[0]
    np.testing.assert_allclose(got.joint[0] / got.mass[0][:, None], shares, atol=0.02)


def test_a_copy_adds_nothing_and_an_independent_view_does():
    one = noisy_views().sum(1)  # (4, 2)
    copy = np.zeros((4, 4, 2))
    copy[np.arange(4), np.arange(4)] = one
    levels = {"confidence": 0.95, "looks": 1, "replicates": 20}
    same = set_accuracy(many_counts(copy, 3000, 5), rng=np.random.default_rng(0), **levels)
    new = set_accuracy(many_counts(noisy_views(), 3000, 5), rng=np.random.default_rng(0), **levels)
    assert same.gain.limits[1] < 0.06
    assert new.likely_gain > 0.03 > same.likely_gain
    assert same.accuracy.ci[0] <= one.max(1).sum() <= same.accuracy.ci[1]
    assert new.accuracy.ci[0] <= noisy_views().max(2).sum() <= new.accuracy.ci[1]


def test_xor_is_worth_nothing_for_sure_and_everything_perhaps():
    joint = np.zeros((2, 2, 2))
    i, j = np.indices((2, 2))
    joint[i, j, i ^ j] = 0.25
    s = set_accuracy(many_counts(joint, 2000, 6), confidence=0.95, looks=1, replicates=20, rng=np.random.default_rng(0))
    assert s.gain.limits[0] < 0.05
    assert s.gain.high > 0.45
    assert abs(s.likely_gain) < 0.05


def test_an_unlabelled_modality_promises_nothing_and_bounds_what_it_can_add():
    useless = np.einsum("ik,j->ijk", noisy_views().sum(1), [1.0])  # one code: it cannot tell anything apart
    levels = {"confidence": 0.95, "looks": 1, "replicates": 20}
    s = set_accuracy(many_counts(useless, 2000, 7, labeled=1), rng=np.random.default_rng(0), **levels)
    assert s.gain.high == pytest.approx(0, abs=0.02)
    s = set_accuracy(many_counts(noisy_views(), 2000, 7, labeled=1), rng=np.random.default_rng(0), **levels)
    assert s.gain.low == pytest.approx(0, abs=1e-6)
    assert s.gain.high > 0.05


def test_a_single_modality_is_a_point():
    counts = many_counts(noisy_views().sum(1), 1000, 8)
    s = set_accuracy(counts, confidence=0.95, looks=1, replicates=20, rng=np.random.default_rng(0))
    assert s.accuracy.low == pytest.approx(s.accuracy.high)
    assert s.accuracy.ci[0] <= noisy_views().sum(1).max(1).sum() <= s.accuracy.ci[1]
