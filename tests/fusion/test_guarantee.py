"""Rules and their guarantees: worst joints of the set, honest limits, single modalities never beaten by chance."""

import numpy as np
import pytest

from interplay.estimation.coding import CodeFacts
from interplay.estimation.counts import CodedSet, PairCounts
from interplay.estimation.drawn import draw_tables
from interplay.estimation.solved import Solved
from interplay.fusion.guarantee import choose_rule, guarantee_estimate
from interplay.fusion.rules import coarse_rules, guarantees, minimax_rules, rule_accuracy, single_rule
from samplers import noisy_views, random_joints, tables_of


def facts_of(joint):
    """Each modality answers its most probable class; coarser codes join neighbours."""
    return tuple(CodeFacts(answers=m.argmax(1), coarser=np.arange(len(m)) // 2) for m in (joint.sum(1), joint.sum(0)))


def test_a_guarantee_is_the_worst_joint_of_the_set():
    """2x2x2: the set is the segment p + t (-1)^(x1+x2+y), so the worst accuracy is at one of its ends."""
    p = random_joints(1, (2, 2, 2), 1)[0]
    sign = (-1.0) ** np.indices((2, 2, 2)).sum(0)
    decisions = np.array([[0, 1], [1, 1]])
    ends = [
        np.take_along_axis(p + t * sign, decisions[..., None], axis=2).sum()
        for t in (-p[sign > 0].min(), p[sign < 0].min())
    ]
    found = guarantees(decisions[None], tables_of(p[None]), tolerance=1e-10)[0]
    assert found == pytest.approx(min(ends), abs=1e-8)


@pytest.mark.parametrize("shape", [(2, 2, 2), (4, 4, 2), (4, 3, 3)])
def test_every_rule_keeps_its_guarantee(shape):
    joints = random_joints(0, shape)
    solved = Solved(tables=tables_of(joints), tolerance=1e-9)
    facts, seen = facts_of(joints[0]), np.ones(shape[:2], dtype=bool)
    for rules in (minimax_rules(solved, seen, facts), coarse_rules(solved.tables, seen, facts)):
        right = np.take_along_axis(joints, rules[..., None], axis=3).sum((1, 2, 3))
        promised = guarantees(rules, solved.tables)
        assert np.all(promised <= right + 1e-9)
        assert np.all(promised <= solved.lowest.primal + 1e-6)


def test_a_single_modality_is_known_exactly():
    p = random_joints(5, (3, 4, 3), 1)
    tables = tables_of(p)
    for modality, margin in enumerate((p[0].sum(1), p[0].sum(0))):
        rule = single_rule(modality, facts_of(p[0]))
        assert rule_accuracy(rule, tables, modality)[0] == pytest.approx(margin.max(1).sum())
        assert guarantees(rule[None], tables)[0] == pytest.approx(margin.max(1).sum(), abs=1e-4)


def _judged(joint, rows, rng, replicates=100):
    """The chosen rule on a sample, and its estimate."""
    sets = []
    for axis in (2, 1, 0):
        margin = joint.sum(axis).ravel()
        cells = rng.choice(margin.size, size=rows, p=margin / margin.sum())
        sets.append(CodedSet(cells=cells, cell_count=margin.size, weights=None, groups=None))
    draws = draw_tables(sets, joint.shape, replicates, rng)
    counts = PairCounts(names=("a", "b"), shape=joint.shape, pairs=sets[0], first=sets[1], second=sets[2])
    rule = choose_rule(draws.half, counts.tables()[0] > 0, facts_of(joint))
    return rule, guarantee_estimate(rule, draws, counts, confidence=0.95, looks=1)


def test_plug_in_ends_are_ordered_and_the_interval_contains_them():
    _, e = _judged(noisy_views(), 500, np.random.default_rng(0))
    assert e.ci[0] <= e.limits[0] <= e.low <= e.high <= e.limits[1] <= e.ci[1]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["independent", "views", "random", "near 1"])
def test_the_limit_covers_the_accuracy(kind):
    """A one-sided 95% limit lies below the true accuracy of its own rule in 95% of samples.

    60 runs of 300 rows a set: at least 53 (a right limit fails this in fewer than 2 of 100 seeds).
    """
    joint = {
        "independent": np.full((4, 4, 2), 1 / 32),
        "views": noisy_views(),
        "random": random_joints(7, (4, 4, 2), 1)[0],
        "near 1": 0.97 * noisy_views(6.0) + 0.03 / 32,
    }[kind]
    rng = np.random.default_rng(11)
    kept = 0
    for _ in range(60):
        rule, e = _judged(joint, 300, rng)
        kept += e.limits[0] <= np.take_along_axis(joint, rule.decisions[..., None], axis=2).sum()
    assert kept >= 53
