"""Certificates bound a rule's accuracy on any tables; the cross-fitted guarantee is honest."""

import numpy as np
import pytest
from test_rules import random_joints, tables_of

from interplay.estimation.counts import CodedSet, PairCounts
from interplay.fusion.certified_rules import certify_rules, single_rules
from interplay.fusion.guarantee import choose_part_rules, guarantee_estimate
from interplay.reconciliation import as_batch, maximum_likelihood_tables
from samplers import noisy_views

SIZES = (100.0, 300.0, 200.0)


def _value(c, p, t=0):
    return (c.nu[t] * p.sum(2)).sum() + (c.lam[t] * p.sum(1)).sum() + (c.mu[t] * p.sum(0)).sum()


@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 4, 2), (4, 3, 3)])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_certificate_is_valid_for_every_joint(shape, sign):
    fitted, others = random_joints(0, shape, 3), random_joints(1, shape, 50)
    decisions = np.random.default_rng(2).integers(shape[2], size=(3, *shape[:2]))
    c = certify_rules(decisions, tables_of(fitted), sign=sign, sizes=SIZES)
    for t in range(3):
        for p in [*others, *fitted]:
            right = np.take_along_axis(p, decisions[t][..., None], axis=2).sum()
            assert _value(c, p, t) <= sign * right + 1e-9


def test_on_its_own_tables_it_is_the_worst_joint_of_the_set():
    """2x2x2: the set is the segment p + t (-1)^(x1+x2+y), so the worst accuracy is at one of its ends."""
    p = random_joints(1, (2, 2, 2), 1)[0]
    sign = (-1.0) ** np.indices((2, 2, 2)).sum(0)
    decisions = np.array([[0, 1], [1, 1]])
    ends = [
        np.take_along_axis(p + t * sign, decisions[..., None], axis=2).sum()
        for t in (-p[sign > 0].min(), p[sign < 0].min())
    ]
    c = certify_rules(decisions[None], tables_of(p[None]), sign=1.0, sizes=SIZES)
    assert _value(c, p) == pytest.approx(min(ends), abs=1e-5)


def test_a_single_modality_is_certified_exactly():
    p = random_joints(5, (3, 4, 3), 1)
    like = certify_rules(np.zeros((1, 3, 4), dtype=int), tables_of(p), sign=1.0, sizes=SIZES)
    for modality, margin in enumerate((p[0].sum(1), p[0].sum(0))):
        rule = single_rules(margin.argmax(1), modality, like)
        assert _value(rule, p[0]) == pytest.approx(margin.max(1).sum())


def _counts(joint, rows, rng, parts=5, groups=None):
    sets = []
    for axis in (2, 1, 0):
        margin = joint.sum(axis).ravel()
        cells = rng.choice(margin.size, size=rows, p=margin / margin.sum())
        part = rng.permutation(rows) % parts
        if groups:
            cells, part = np.repeat(cells[: rows // groups], groups), np.repeat(part[: rows // groups], groups)
        names = np.repeat(np.arange(rows // groups), groups) if groups else None
        sets.append(CodedSet(cells=cells, cell_count=margin.size, parts=part, weights=None, groups=names))
    return PairCounts(names=("a", "b"), shape=joint.shape, pairs=sets[0], first=sets[1], second=sets[2])


def _answers(joint):
    return joint.sum(1).argmax(1), joint.sum(0).argmax(1)


def _estimate(counts, rules):
    tables = maximum_likelihood_tables(*as_batch(*counts.tables()))
    return guarantee_estimate(rules, counts, tables, confidence=0.95, looks=1)


def _accuracy(joint, rules):
    return np.mean([np.take_along_axis(joint, d[..., None], axis=2).sum() for d in rules.decisions])


def test_repeated_rows_in_groups_do_not_narrow_the_interval():
    rng = np.random.default_rng(0)
    counts = _counts(noisy_views(), 500, rng, groups=5)
    alone = PairCounts(
        names=counts.names,
        shape=counts.shape,
        **{
            key: CodedSet(cells=s.cells[::5], cell_count=s.cell_count, parts=s.parts[::5], weights=None, groups=None)
            for key, s in zip(("pairs", "first", "second"), counts.sets, strict=True)
        },
    )
    a, b = (_estimate(c, choose_part_rules(c, 5, _answers(noisy_views()))) for c in (counts, alone))
    assert a.ci[1] - a.ci[0] > 0.8 * (b.ci[1] - b.ci[0])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["independent", "views", "random"])
def test_the_limit_covers_the_accuracy(kind):
    """A one-sided 95% limit lies below the true accuracy of its own rules in 95% of samples: 100 runs of 300
    rows a set, at least 90."""
    joint = {
        "independent": np.full((4, 4, 2), 1 / 32),
        "views": noisy_views(),
        "random": random_joints(7, (4, 4, 2), 1)[0],
    }[kind]
    rng = np.random.default_rng(11)
    kept = 0
    for _ in range(100):
        counts = _counts(joint, 300, rng)
        rules = choose_part_rules(counts, 5, _answers(joint))
        limit = _estimate(counts, rules).limits[0]
        kept += limit <= _accuracy(joint, rules)
    assert kept >= 90
