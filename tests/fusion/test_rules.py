"""Rules: the chosen one has the best guarantee, single modalities are candidates, unseen codes fall back."""

import numpy as np
import pytest

from interplay.estimation.solved import solve_tables
from interplay.fusion.rules import (
    agree_with_decisions,
    choose_rules,
    class_probabilities,
    guarantees,
    product_of_experts,
)
from interplay.reconciliation import Repaired


def _tables(joints):
    p = np.asarray(joints)
    return Repaired(
        p12=p.sum(3), p1y=p.sum(2), p2y=p.sum(1), moved=np.zeros((len(p), 3)), iterations=0
    )


def _random(seed, shape, count=4):
    return np.random.default_rng(seed).dirichlet(np.ones(np.prod(shape)), size=count).reshape(count, *shape)


@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 4, 2), (4, 3, 3)])
def test_the_guarantee_holds_and_beats_single_modalities(shape):
    joints = _random(0, shape)
    solved = solve_tables(_tables(joints), tolerance=1e-9)
    rules = choose_rules(solved, np.ones(shape[:2], dtype=bool))
    right = np.take_along_axis(joints, rules.decisions[..., None], axis=3).sum((1, 2, 3))
    single = np.maximum(joints.sum(2).max(2).sum(1), joints.sum(1).max(2).sum(1))
    assert np.all(rules.guarantee <= right + 1e-9)
    assert np.all(rules.guarantee >= single - 1e-9)
    assert np.all(rules.guarantee <= solved.lowest.primal + 1e-9)


def test_a_guarantee_is_the_worst_joint_of_the_set():
    """2x2x2: the set is the segment p + t (-1)^(x1+x2+y), so the worst accuracy is at one of its ends."""
    p = _random(1, (2, 2, 2), 1)[0]
    sign = (-1.0) ** np.indices((2, 2, 2)).sum(0)
    low, high = -p[sign > 0].min(), p[sign < 0].min()
    decisions = np.array([[0, 1], [1, 1]])
    ends = [np.take_along_axis(p + t * sign, decisions[..., None], axis=2).sum() for t in (low, high)]
    found = guarantees(decisions[None], _tables(p[None]), tolerance=1e-10)[0]
    assert found == pytest.approx(min(ends), abs=1e-8)


def test_unseen_codes_get_the_better_modality():
    p = _random(2, (3, 3, 2), 1)
    seen = np.ones((3, 3), dtype=bool)
    seen[1, 2] = False
    rules = choose_rules(solve_tables(_tables(p), tolerance=1e-8), seen)
    p1y, p2y = p[0].sum(1), p[0].sum(0)
    best = p1y[1].argmax() if p1y.max(1).sum() >= p2y.max(1).sum() else p2y[2].argmax()
    alone = {"first alone": p1y[1].argmax(), "second alone": p2y[2].argmax()}
    assert rules.decisions[0, 1, 2] == alone.get(rules.names[0], best)


def test_product_of_experts_is_a_joint_with_both_labelled_margins():
    p = _random(3, (3, 4, 3))
    q = product_of_experts(p.sum(2), p.sum(1))
    assert q.sum(2) == pytest.approx(p.sum(2))
    assert q.sum(1) == pytest.approx(p.sum(1))


def test_probabilities_sum_to_one_and_agree_with_decisions():
    p = _random(4, (3, 3, 3), 1)
    solved = solve_tables(_tables(p), tolerance=1e-8)
    seen = np.ones((3, 3), dtype=bool)
    seen[0, 0] = False
    probabilities = class_probabilities(solved, seen).reshape(-1, 3)
    decisions = np.arange(9) % 3
    mixed = agree_with_decisions(probabilities, decisions)
    assert mixed.sum(1) == pytest.approx(np.ones(9))
    assert np.array_equal(mixed.argmax(1), decisions)
    kept = probabilities.argmax(1) == decisions
    assert mixed[kept] == pytest.approx(probabilities[kept])
