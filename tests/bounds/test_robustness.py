"""Accuracy against slack: laws, a dense linear programme written another way, and joints drawn inside the slack."""

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import linprog

from cases import ALL, NAMED, random_joint
from interplay.bounds.robustness import accuracy_against_slack
from interplay.errors import InputError, ShapeError
from interplay.solvers.accuracy import lowest_accuracy, rule_range, smallest_slack
from interplay.solvers.cells_dual import slack_line
from interplay.tables import PairTables
from strategies import counts

GRID = [0.0, 0.003, 0.02, 0.1, 0.3, 1.0]


def naive(tables, slack, rule=None):
    """Least value, unknowns r, t and |change| of each margin; None if nothing fits."""
    p12, p1y, p2y = tables.normalised
    (n1, n2), k = p12.shape, p1y.shape[1]
    n, c, a, b = n1 * n2 * k, n1 * n2, n1 * k, n2 * k
    one, two, y = np.eye(n1), np.eye(n2), np.eye(k)
    pairs = np.kron(np.kron(one, two), np.ones((1, k)))
    first, second = np.kron(np.kron(one, np.ones((1, n2))), y), np.kron(np.kron(np.ones((1, n1)), two), y)
    zero = np.zeros

    def row(r, t=None, u=None, v=None):
        m = len(r)
        return np.hstack([r, *(zero((m, w)) if x is None else x for x, w in ((t, c), (u, a), (v, b)))])

    upper = np.vstack(
        [
            row(np.eye(n), t=-np.repeat(np.eye(c), k, axis=0)),
            row(first, u=-np.eye(a)),
            row(-first, u=-np.eye(a)),
            row(second, v=-np.eye(b)),
            row(-second, v=-np.eye(b)),
            row(zero((1, n)), u=np.ones((1, a))),
            row(zero((1, n)), v=np.ones((1, b))),
        ]
    )
    right = np.concatenate([zero(n), p1y.ravel(), -p1y.ravel(), p2y.ravel(), -p2y.ravel(), [2 * slack] * 2])
    price = np.concatenate([zero(n) if rule is None else rule.ravel(), np.full(c, rule is None, float), zero(a + b)])
    found = linprog(price, A_ub=upper, b_ub=right, A_eq=row(pairs), b_eq=p12.ravel(), method="highs-ipm")
    return found.fun if found.status == 0 else None


def contradictory(seed, shape=(3, 4, 2)):
    """Three unrelated tables."""
    rng = np.random.default_rng(seed)
    n1, n2, k = shape
    parts = [rng.dirichlet(np.ones(a * b)).reshape(a, b) for a, b in ((n1, n2), (n1, k), (n2, k))]
    return PairTables(pairs=parts[0], first=parts[1], second=parts[2])


@pytest.mark.parametrize("name", [*NAMED, *list(ALL)[19::11]])
def test_equals_the_dense_programme(name):
    tables = PairTables.from_joint(ALL[name])
    curve = accuracy_against_slack(tables, GRID)
    assert curve.smallest == 0
    assert np.abs(curve.gaps[0]).max() <= 1e-9
    for slack, low in zip(GRID, curve.low, strict=True):
        assert low == pytest.approx(naive(tables, slack), abs=1e-7)
    assert curve.low[0] == pytest.approx(lowest_accuracy(*tables.margins).lower, abs=1e-8)
    assert np.isnan(curve.high).all()


@pytest.mark.parametrize("name", list(ALL)[::9])
def test_falls_and_is_convex_to_the_share_of_the_classes(name):
    tables = PairTables.from_joint(ALL[name])
    slacks = np.linspace(0, 1, 41)
    low = accuracy_against_slack(tables, slacks).low
    assert (np.diff(low) <= 1e-9).all()
    assert (np.diff(low, 2) >= -1e-9).all()
    assert low[-1] == pytest.approx(1 / tables.shape[2], abs=1e-9)


@pytest.mark.parametrize("name", [*NAMED, *list(ALL)[20::11]])
def test_the_breakdown_is_where_the_conclusion_flips(name):
    tables = PairTables.from_joint(ALL[name])
    curve = accuracy_against_slack(tables, [])
    assert curve.reference == max(tables.margins[1].max(1).sum(), tables.margins[2].max(1).sum())
    at = curve.breakdown
    assert naive(tables, at) == pytest.approx(curve.reference, abs=1e-7)
    if at > 1e-6:
        assert naive(tables, at * 0.9) > curve.reference + 1e-9
    assert accuracy_against_slack(tables, [at + 1e-3]).low[0] <= curve.reference + 1e-9


def test_known_breakdowns():
    """AND: one modality has 3/4, both 1; the low end falls by three for each unit of slack."""
    tables = PairTables.from_joint(NAMED["AND"])
    curve = accuracy_against_slack(tables, [0.05])
    assert curve.low[0] == pytest.approx(0.85, abs=1e-9)
    assert curve.breakdown == pytest.approx(1 / 12, abs=1e-9)
    assert accuracy_against_slack(tables, [], reference=0.9).breakdown == pytest.approx(0.1 / 3, abs=1e-9)
    assert accuracy_against_slack(tables, [], reference=0.4).breakdown == np.inf
    assert accuracy_against_slack(PairTables.from_joint(NAMED["ONE_CLASS"]), []).breakdown == 0


@pytest.mark.parametrize("seed", range(20))
def test_joints_whose_tables_are_near_keep_the_promise(seed):
    rng = np.random.default_rng(seed)
    joint, other = (random_joint(rng, (3, 3, 3), 0.4 * (seed % 2)) for _ in range(2))
    pairs = joint.sum(2, keepdims=True)
    shares = other / np.where(other.sum(2, keepdims=True) > 0, other.sum(2, keepdims=True), 1.0)
    shares = np.where(shares.sum(2, keepdims=True) > 0, shares, 1 / 3)
    near = 0.9 * joint + 0.1 * pairs * shares  # the same pairs
    moved = max(np.abs(near.sum(a) - joint.sum(a)).sum() / 2 for a in (0, 1))
    curve = accuracy_against_slack(PairTables.from_joint(joint), [moved])
    assert near.max(2).sum() >= curve.low[0] - 1e-9


@pytest.mark.parametrize("seed", range(12))
def test_contradictory_tables(seed):
    tables = contradictory(seed)
    slacks = np.linspace(0, 1, 21)
    curve = accuracy_against_slack(tables, slacks)
    total = smallest_slack(*tables.normalised)[0]
    assert total / 4 - 1e-9 <= curve.smallest <= total / 2 + 1e-9
    assert naive(tables, curve.smallest - 1e-5) is None
    assert naive(tables, curve.smallest + 1e-6) is not None
    np.testing.assert_array_equal(np.isnan(curve.low), slacks < curve.smallest)
    for slack, low in zip(slacks, curve.low, strict=True):
        if slack > curve.smallest:
            assert low == pytest.approx(naive(tables, slack), abs=1e-7)
    assert curve.breakdown >= curve.smallest
    assert np.isfinite(accuracy_against_slack(tables, [curve.smallest]).low[0])


@pytest.mark.parametrize("name", [*NAMED, *list(ALL)[20::17]])
def test_a_fixed_rule_has_both_ends(name):
    joint = ALL[name]
    tables = PairTables.from_joint(joint)
    rule = np.random.default_rng(0).dirichlet(np.ones(joint.shape[2]), size=joint.shape[:2])
    curve = accuracy_against_slack(tables, GRID, rule=rule)
    low, high = rule_range(*tables.margins, rule)
    assert curve.low[0] == pytest.approx(low, abs=1e-7)
    assert curve.high[0] == pytest.approx(high, abs=1e-7)
    assert (np.diff(curve.high) >= -1e-9).all()
    for slack, least, most in zip(GRID, curve.low, curve.high, strict=True):
        assert least == pytest.approx(naive(tables, slack, rule), abs=1e-7)
        assert most == pytest.approx(-naive(tables, slack, -rule), abs=1e-7)


@pytest.mark.parametrize("seed", range(10))
def test_any_duals_give_a_line_below(seed):
    rng = np.random.default_rng(seed)
    tables = contradictory(seed)
    curve = accuracy_against_slack(tables, np.linspace(0, 1, 11))
    for scale in (0.1, 1.0, 30.0):
        lam, mu = scale * rng.normal(size=(3, 2)), scale * rng.normal(size=(4, 2))
        height, slope = slack_line(*tables.normalised, lam, mu, None)
        fits = np.isfinite(curve.low)
        assert (height + slope * curve.slack[fits] <= curve.low[fits] + 1e-9).all()


@settings(max_examples=60, deadline=None)
@given(counts())
def test_any_three_samples_have_a_curve(tables):
    curve = accuracy_against_slack(tables, [0.0, 0.1, 0.5, 1.0])
    assert 0 <= curve.smallest <= 1 + 1e-9
    fits = curve.slack >= curve.smallest
    assert np.isfinite(curve.low[fits]).all()
    assert np.abs(curve.gaps[0][fits]).max(initial=0.0) <= 1e-7
    assert curve.low[-1] == pytest.approx(1 / tables.shape[2], abs=1e-7)
    assert curve.smallest <= curve.breakdown + 1e-12


@pytest.mark.parametrize(
    ("slacks", "rule", "error"),
    [
        ([[0.1]], None, ShapeError),
        ([-0.1], None, InputError),
        ([np.nan], None, InputError),
        ([0.1], np.ones((2, 2, 3)), ShapeError),
        ([0.1], np.ones((2, 2, 2)), InputError),
    ],
    ids=["two axes", "negative", "nan", "shape of the rule", "no distribution"],
)
def test_bad_input(slacks, rule, error):
    with pytest.raises(error):
        accuracy_against_slack(PairTables.from_joint(NAMED["AND"]), slacks, rule=rule)
