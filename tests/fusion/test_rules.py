"""Candidate rules and their probabilities."""

import numpy as np
import pytest

from interplay.estimation.coding import CodeFacts
from interplay.estimation.solved import Solved
from interplay.fusion.rules import agree_with_decisions, class_probabilities, minimax_rules, product_of_experts
from samplers import random_joints, tables_of


def test_unseen_codes_get_the_better_modality():
    p = random_joints(2, (3, 3, 2), 1)
    seen = np.ones((3, 3), dtype=bool)
    seen[1, 2] = False
    p1y, p2y = p[0].sum(1), p[0].sum(0)
    facts = tuple(CodeFacts(answers=m.argmax(1), coarser=np.arange(3)) for m in (p1y, p2y))
    best = p1y[1].argmax() if p1y.max(1).sum() >= p2y.max(1).sum() else p2y[2].argmax()
    assert minimax_rules(Solved(tables=tables_of(p), tolerance=1e-8), seen, facts)[0, 1, 2] == best


def test_product_of_experts_is_a_joint_with_both_labelled_margins():
    p = random_joints(3, (3, 4, 3))
    q = product_of_experts(p.sum(2), p.sum(1))
    assert q.sum(2) == pytest.approx(p.sum(2))
    assert q.sum(1) == pytest.approx(p.sum(1))


def test_probabilities_sum_to_one_and_agree_with_decisions():
    p = random_joints(4, (3, 3, 3), 1)
    solved = Solved(tables=tables_of(p), tolerance=1e-8)
    seen = np.ones((3, 3), dtype=bool)
    seen[0, 0] = False
    probabilities = class_probabilities(solved, seen).reshape(-1, 3)
    decisions = np.arange(9) % 3
    mixed = agree_with_decisions(probabilities, decisions)
    assert mixed.sum(1) == pytest.approx(np.ones(9))
    assert np.array_equal(mixed.argmax(1), decisions)
    kept = probabilities.argmax(1) == decisions
    assert mixed[kept] == pytest.approx(probabilities[kept])
