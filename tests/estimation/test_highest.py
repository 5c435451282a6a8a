"""Sharp upper ends: climbs find what branch and bound proves, tangents lie below, limits are sharper and still hold."""

import numpy as np
import pytest

from interplay.estimation.counts import CodedSet
from interplay.estimation.drawn import draw_tables
from interplay.estimation.highest import ACCURACY, INFORMATION, climb, highest, is_sharp
from interplay.information import mutual_information, to_bits
from interplay.reconciliation import Repaired
from interplay.solvers.accuracy_max import highest_accuracy
from interplay.solvers.synergy_max import largest_information
from interplay.table_quantification import quantify_tables
from interplay.tables import PairTables
from samplers import random_joints

BOTH = {"information": (INFORMATION, largest_information), "accuracy": (ACCURACY, highest_accuracy)}


def exact(joint):
    p = joint[None]
    return Repaired(p12=p.sum(3), p1y=p.sum(2), p2y=p.sum(1), moved=np.zeros((1, 3)), iterations=0)


def margins(joint):
    return joint.sum(2), joint.sum(1), joint.sum(0)


@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 3, 2), (4, 3, 2), (3, 3, 3)])
@pytest.mark.parametrize("what", BOTH)
def test_climbs_keep_the_proved_maximum_and_never_pass_it(what, shape):
    convex, search = BOTH[what]
    for joint in random_joints(5, shape):
        proved = search(*margins(joint), time_limit=5.0)
        for start, least in ((joint, 0.0), (proved.joint, proved.attained - 2e-3)):
            reached = convex.worth(climb(exact(joint), convex, start.reshape(-1, shape[2])))
            assert reached[0] == reached.max()
            assert least <= reached[0] <= proved.bound + 1e-3  # joints meet margins to a tolerance


@pytest.mark.parametrize("what", BOTH)
def test_the_function_lies_above_its_tangents(what):
    convex = BOTH[what][0]
    mass = np.random.default_rng(0).dirichlet(np.ones(6))
    shares = np.random.default_rng(1).dirichlet(np.ones(2), size=(50, 6)) * 0.9 + 0.05
    joints = shares * mass[None, :, None]
    unit = float(to_bits(-np.log(1e-3))) if what == "information" else 1.0
    at, others = joints[:1], joints[1:]
    gain = unit * (convex.slope(at) * (others - at)).sum(axis=(1, 2))

    def value(r):  # less what the labels' own distribution tells, which is the same within one set
        return convex.worth(r) - (label_entropy(r) if what == "information" else 0.0)

    assert np.all(value(others) >= value(at) + gain - 1e-9)


def label_entropy(joints):
    p = joints.sum(axis=1)
    return to_bits(-(p * np.log(p)).sum(axis=1))


def coded(joint, rows, seed):
    rng = np.random.default_rng(seed)
    tables = margins(joint)
    cells = [rng.choice(t.size, size=rows, p=t.ravel() / t.sum()) for t in tables]
    return [CodedSet(cells=c, cell_count=t.size, weights=None, groups=None) for c, t in zip(cells, tables, strict=True)]


@pytest.mark.parametrize("what", BOTH)
def test_the_end_is_never_below_what_was_proved_and_the_same_again(what):
    convex, search = BOTH[what]
    joint = random_joints(1, (3, 4, 2))[0]
    draws = draw_tables(coded(joint, 500, 0), joint.shape, 60, np.random.default_rng(0))
    assert is_sharp(draws)
    t = draws.plain.point.tables
    found = search(t.p12[0], t.p1y[0], t.p2y[0], steps=20)
    ends = [highest(draws, convex, found.joint, found.bound) for _ in range(2)]
    assert ends[0].value >= found.bound - 1e-12
    assert ends[0].value == ends[1].value
    assert np.array_equal(ends[0].replicates, ends[1].replicates)
    shifted = ends[0].less(0.1, np.full(60, 0.1))
    assert shifted.value == pytest.approx(ends[0].value - 0.1)
    assert shifted.replicates == pytest.approx(ends[0].replicates - 0.1)


@pytest.mark.parametrize(("shape", "sharp"), [((9, 2, 2), True), ((10, 2, 2), False), ((3, 3, 3), False)])
def test_only_two_labels_and_few_codes_are_searched_again(shape, sharp):
    joint = np.full(shape, 1 / np.prod(shape))
    draws = draw_tables(coded(joint, 300, 0), shape, 40, np.random.default_rng(0))
    assert is_sharp(draws) == sharp


def test_upper_limits_hold_and_are_sharper_than_ceilings():
    """Views of one label: the best accuracy is below one, and a thousand rows are enough to say so."""
    rng = np.random.default_rng(3)
    view = np.array([[0.5, 0.3, 0.15, 0.05], [0.05, 0.15, 0.3, 0.5]])
    joint = np.einsum("k,ki,kj->ijk", [0.5, 0.5], view, view)
    top = highest_accuracy(*margins(joint)).bound, largest_information(*margins(joint)).bound
    held, limits = [], []
    for _ in range(20):
        tables = [rng.multinomial(1000, t.ravel()).reshape(t.shape) for t in margins(joint)]
        r = quantify_tables(PairTables(pairs=tables[0], first=tables[1], second=tables[2]), replicates=60)
        held.append((r.accuracy.ci[1] >= top[0], r.total.ci[1] >= top[1]))
        limits.append((r.accuracy.ci[1], r.total.ci[1]))
    assert np.sum(held, axis=0).min() >= 17  # 97.5% of 20 runs, less three standard errors
    assert np.mean(limits, axis=0)[0] < 0.99
    assert np.mean(limits, axis=0)[1] < 0.97


def test_copies_have_an_accuracy_that_is_known():
    """What both tell is one of them: the upper limit is that of a proportion, not a ceiling."""
    table = np.array([[300, 100], [100, 300], [100, 100]])
    r = quantify_tables(PairTables(pairs=np.diag(table.sum(1)), first=table, second=table))
    assert mutual_information(table / table.sum()) <= r.total.ci[1] < 0.3
    assert 0.7 <= r.accuracy.ci[1] < 0.75
