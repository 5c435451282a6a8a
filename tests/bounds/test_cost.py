"""Expected cost and balanced accuracy: accuracy as a cost, dense programmes, every choice of decisions, laws."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import linprog

from cases import ALL, NAMED, joints_of_set, random_joint
from interplay.bounds.accuracy import bound_accuracy
from interplay.bounds.cost import bound_balanced_accuracy, bound_cost
from interplay.errors import InputError, MarginsError, ShapeError
from interplay.solvers.accuracy import lowest_cost
from interplay.tables import PairTables
from strategies import tables as drawn_tables


def best(joint, cost):
    return (joint @ cost.T).min(-1).sum()


def equations(tables):
    shape = tables.shape
    index = np.arange(np.prod(shape)).reshape(shape)
    groups = [np.moveaxis(index, a, -1).reshape(-1, shape[a]) for a in (2, 1, 0)]
    A = np.array([np.isin(index.ravel(), cells) for g in groups for cells in g], dtype=float)
    return A, np.concatenate([m.ravel() for m in tables.margins])


def largest(tables, cost):
    """max over D of the best decisions' cost, by the rule instead of the joint: the dual, written out.

    Least b1 lam + b2 mu + p12 nu over rules w with w @ cost <= lam + mu + nu in every cell and label.
    """
    A, b = equations(tables)
    n1, n2, k = tables.shape
    cells, m = n1 * n2, len(cost)
    prices = np.kron(np.eye(cells), cost.T)  # (cells * k, cells * m)
    found = linprog(
        np.concatenate([np.zeros(cells * m), b]),
        A_ub=np.hstack([prices, -A.T]),
        b_ub=np.zeros(cells * k),
        A_eq=np.hstack([np.kron(np.eye(cells), np.ones((1, m))), np.zeros((cells, len(b)))]),
        b_eq=np.ones(cells),
        bounds=[(0, None)] * (cells * m) + [(None, None)] * len(b),
        method="highs-ipm",
    )
    return found.fun


def smallest(tables, cost):
    """min over D, by trying every choice of decisions."""
    A, b = equations(tables)
    cells = int(np.prod(tables.shape[:2]))
    prices = [cost[list(d)].ravel() for d in itertools.product(range(len(cost)), repeat=cells)]
    return min(linprog(p, A_eq=A, b_eq=b).fun for p in prices)


def costs(seed, classes, decisions=None):
    """Costs of a random problem: none for the right class, and a decision to abstain."""
    rng = np.random.default_rng(seed)
    price = rng.exponential(size=(classes, classes)) * (1 - np.eye(classes))
    return np.vstack([price, np.full((1, classes), 0.3)])[:decisions]


def check(found, joint, cost, tolerance=1e-8):
    """What every answer must keep."""
    tables = PairTables.from_joint(joint)
    assert found.low - tolerance <= best(joint, cost) <= found.high + tolerance
    assert found.low - tolerance <= found.attained
    assert found.high <= min(found.unimodal)
    assert found.rule.min() >= 0
    np.testing.assert_allclose(found.rule.sum(2), 1, atol=1e-12)
    assert -lowest_cost(*tables.margins, -(found.rule @ cost)) <= found.high + 1e-7 * max(1, np.abs(cost).max())


@pytest.mark.parametrize("name", [*NAMED, *list(ALL)[19::8]])
def test_high_equals_its_dual_and_the_rule_keeps_it(name):
    joint = ALL[name]
    tables, cost = PairTables.from_joint(joint), costs(len(name), joint.shape[2])
    found = bound_cost(tables, cost, time_limit=2)
    assert found.high == pytest.approx(largest(tables, cost), abs=1e-7)
    assert found.certificates[1].gap <= 1e-7
    check(found, joint, cost)
    for other in joints_of_set(tables, joint, 10, seed=1):
        assert found.low - 1e-8 <= best(other, cost) <= found.high + 1e-8


@pytest.mark.parametrize("shape", [(2, 2, 2), (2, 3, 2), (2, 2, 3)], ids=str)
@pytest.mark.parametrize("zeros", [0.0, 0.5])
def test_low_equals_the_best_of_all_choices(shape, zeros):
    joint = random_joint(np.random.default_rng(4), shape, zeros)
    tables, cost = PairTables.from_joint(joint), costs(1, shape[2])
    truth = smallest(tables, cost)
    found = bound_cost(tables, cost)
    assert found.low == pytest.approx(truth, abs=1e-6)
    assert found.attained == pytest.approx(truth, abs=1e-6)


@pytest.mark.parametrize("name", [*NAMED, *list(ALL)[20::12]])
def test_errors_that_cost_one_are_accuracy(name):
    tables = PairTables.from_joint(ALL[name])
    k = tables.shape[2]
    found, wanted = bound_cost(tables, 1 - np.eye(k), time_limit=2), bound_accuracy(tables, time_limit=2)
    assert 1 - found.high == pytest.approx(wanted.low, abs=1e-7)
    assert 1 - found.low == pytest.approx(wanted.methods["sharp"].high, abs=1e-5)
    assert 1 - np.array(found.unimodal) == pytest.approx(np.array(wanted.unimodal))


@pytest.mark.parametrize("name", [n for n in ALL if "5x4x3" not in n][::15])
def test_scale_shift_and_order_of_the_costs(name):
    tables = PairTables.from_joint(ALL[name])
    cost = costs(3, tables.shape[2])
    found = bound_cost(tables, cost, time_limit=2)
    scaled = bound_cost(tables, 1000 * cost - 50, time_limit=2)
    order = bound_cost(tables, cost[::-1], time_limit=2)
    for end in ("low", "high"):
        value = getattr(found, end)
        assert getattr(scaled, end) == pytest.approx(1000 * value - 50, abs=1e-3)
        assert getattr(order, end) == pytest.approx(value, abs=2e-6)


def test_more_decisions_never_cost_more_and_one_is_no_choice():
    tables = PairTables.from_joint(random_joint(np.random.default_rng(0), (3, 4, 3)))
    ends = [bound_cost(tables, costs(2, 3, m)) for m in (1, 2, 3, 4)]
    for fewer, more in itertools.pairwise(ends):
        assert more.high <= fewer.high + 1e-8
        assert more.low <= fewer.low + 1e-6
    alone = tables.margins[1].sum(0) @ costs(2, 3, 1)[0]
    assert (ends[0].low, ends[0].high) == pytest.approx((alone, alone), abs=1e-6)


def test_to_abstain_is_worth_its_price():
    """XOR: nothing is promised, so the guaranteed rule abstains; under XOR itself nothing is paid."""
    found = bound_cost(PairTables.from_joint(NAMED["INDEPENDENT"]), [[0, 1], [1, 0], [0.1, 0.1]])
    assert found.high == pytest.approx(0.1)
    assert found.rule[..., 2].min() == pytest.approx(1)


def balanced(joint):
    share = joint.sum((0, 1))
    return (joint / np.where(share > 0, share, 1)).max(2).sum() / (share > 0).sum()


def mean_recall(joint, rule):
    share = joint.sum((0, 1))
    recall = (joint * rule).sum((0, 1)) / np.where(share > 0, share, 1)
    return recall.sum() / (share > 0).sum()


@pytest.mark.parametrize("name", [*NAMED, *list(ALL)[19::8]])
def test_balanced_accuracy(name):
    joint = ALL[name]
    tables = PairTables.from_joint(joint)
    found = bound_balanced_accuracy(tables, time_limit=2)
    assert max(found.unimodal) <= found.low <= found.high + 1e-12
    assert found.unit == "probability"
    tolerance = 1e-6
    for other in [joint, *joints_of_set(tables, joint, 10, seed=2)]:
        assert found.low - tolerance <= balanced(other) <= found.high + tolerance
        assert mean_recall(other, found.rule) >= found.low - tolerance


def test_equal_classes_make_both_accuracies_one():
    joint = random_joint(np.random.default_rng(5), (3, 4, 3))
    joint /= 3 * joint.sum((0, 1))
    tables = PairTables.from_joint(joint)
    found, wanted = bound_balanced_accuracy(tables), bound_accuracy(tables)
    assert found.low == pytest.approx(wanted.low, abs=1e-8)
    assert found.high == pytest.approx(wanted.methods["sharp"].high, abs=1e-5)


def test_a_rare_class_counts_as_much_as_a_common_one():
    joint = np.zeros((2, 2, 2))
    joint[0, 0, 0], joint[0, 1, 0], joint[1, 0, 1], joint[1, 1, 0] = 0.6, 0.299, 0.001, 0.1
    found = bound_balanced_accuracy(PairTables.from_joint(joint))
    assert found.low == pytest.approx(balanced(joint), abs=1e-7)  # x2 = 1 excludes the rare class: all is known


@settings(max_examples=40, deadline=None)
@given(drawn_tables(largest=3))
def test_laws_on_any_tables(tables):
    cost = costs(0, tables.shape[2])
    found = bound_cost(tables, cost, time_limit=1)
    assert found.low <= found.high <= min(found.unimodal)
    assert found.certificates[1].gap <= 1e-6
    assert 0 <= bound_balanced_accuracy(tables, time_limit=1).low <= 1 + 1e-9


@pytest.mark.parametrize(
    ("cost", "error"),
    [([[0, 1, 2]], ShapeError), ([0, 1], ShapeError), (np.zeros((0, 2)), ShapeError), ([[0, np.inf]], InputError)],
    ids=["classes", "one axis", "no decision", "infinite"],
)
def test_bad_costs(cost, error):
    with pytest.raises(error):
        bound_cost(PairTables.from_joint(NAMED["AND"]), cost)


def test_margins_that_disagree_are_refused():
    tables = PairTables(pairs=np.eye(2) / 2, first=np.array([[0.9, 0], [0, 0.1]]), second=np.eye(2) / 2)
    with pytest.raises(MarginsError):
        bound_cost(tables, 1 - np.eye(2))
