"""Finite-sample bounds: below the sharp ends, closing in on them, and covering at any sample size."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import rel_entr

import interplay as ip
from cases import NAMED
from interplay.estimation.ball import ball_radius
from interplay.estimation.solved import Solved
from samplers import noisy_views, tables_of


def counted(joint, rows):
    """Counts that are as close to the exact shares as whole numbers are."""
    return ip.PairTables.from_joint(np.round(joint * rows))


def lowest(joint):
    solved = Solved(tables=tables_of([joint]), tolerance=1e-9)
    return float(solved.lowest.value[0]), float(solved.total_low[0])


@pytest.mark.parametrize("name", ["XOR", "AND", "UNIQUE", "REDUNDANT_NOISY", "ZERO_ROWS", "TIED", "INDEPENDENT"])
def test_low_ends_are_below_the_sharp_ones_and_close_in_on_them(name):
    joint = NAMED[name]
    sharp, before = np.array(lowest(joint)), np.array([-1.0, -1.0])
    for rows in (100, 10_000, 100_000_000):
        b = ip.bound_finite_sample(counted(joint, rows))
        now = np.array([b.accuracy.low, b.total.low])
        assert (now <= sharp + 1e-4).all()
        assert (now >= before - 1e-4).all()
        assert b.accuracy.high >= sharp[0] - 1e-6
        assert b.total.high >= sharp[1] - 1e-6
        before = now
    assert now == pytest.approx(sharp, abs=0.01)


def test_one_code_and_one_class():
    one = ip.bound_finite_sample(counted(NAMED["ONE_CODE"], 1000))
    assert 0 <= one.total.low <= one.total.high
    sure = ip.bound_finite_sample(counted(NAMED["ONE_CLASS"], 600))
    assert (sure.accuracy.low, sure.total.low, sure.total.high) == pytest.approx((1, 0, 0), abs=1e-9)


def test_more_confidence_is_wider():
    t = counted(noisy_views(), 500)
    loose, tight = ip.bound_finite_sample(t, confidence=0.6), ip.bound_finite_sample(t, confidence=0.99)
    assert loose.accuracy.low > tight.accuracy.low
    assert loose.total.low > tight.total.low
    assert loose.accuracy.high <= tight.accuracy.high


def test_the_dual_reaches_the_smallest_accuracy_over_the_balls():
    """A second answer: the primal by a general solver, smallest sum_c max_y r over joints whose tables fit."""
    counts = ip.PairTables(pairs=[[60, 40], [30, 70]], first=[[90, 10], [20, 80]], second=[[70, 20], [30, 80]])
    tables = (counts.pairs, counts.first, counts.second)
    radii = [ball_radius(4, float(t.sum()), 0.05 / 4) for t in tables]

    def inside(x):
        r = x[:8].reshape(2, 2, 2)
        return [
            radius - rel_entr(t / t.sum(), np.maximum(r.sum(axis), 1e-12)).sum()
            for t, axis, radius in zip(tables, (2, 1, 0), radii, strict=True)
        ]

    start = np.concatenate([np.full(8, 1 / 8), np.full(4, 1 / 4)])
    found = minimize(
        lambda x: x[8:].sum(),
        start,
        constraints=[
            {"type": "eq", "fun": lambda x: x[:8].sum() - 1},
            {"type": "ineq", "fun": lambda x: (x[8:, None] - x[:8].reshape(4, 2)).ravel()},
            {"type": "ineq", "fun": inside},
        ],
        bounds=[(0, 1)] * 12,
        method="SLSQP",
        options={"ftol": 1e-10, "maxiter": 1000},
    )
    assert found.success
    low = ip.bound_finite_sample(counts).accuracy.low
    assert low <= found.fun + 1e-5
    assert low == pytest.approx(found.fun, abs=2e-3)


def test_refusals():
    t = counted(noisy_views(), 100)
    with pytest.raises(ValueError, match="confidence=2"):
        ip.bound_finite_sample(t, confidence=2)
    with pytest.raises(ValueError, match="counts of rows"):
        ip.bound_finite_sample(ip.PairTables.from_joint(noisy_views()))


@pytest.mark.slow
def test_it_covers_where_large_samples_are_far_away():
    """90% bounds, 18 runs at 20 and at 150 rows: both low ends below the sharp ones in all but chance misses."""
    rng = np.random.default_rng(0)
    for rows in (20, 150):
        missed = 0
        for joint in (noisy_views(), NAMED["XOR"], rng.dirichlet(np.ones(18)).reshape(3, 3, 2)):
            sharp = lowest(joint)
            for _ in range(6):
                parts = [rng.multinomial(rows, m.ravel()).reshape(m.shape) for m in (joint.sum(a) for a in (2, 1, 0))]
                t = ip.PairTables(pairs=parts[0], first=parts[1], second=parts[2], counts=True)
                b = ip.bound_finite_sample(t, confidence=0.9)
                missed += b.accuracy.low > sharp[0] + 1e-9 or b.total.low > sharp[1] + 1e-9
        assert missed <= 5  # 1.8 expected at worst; 6 or more have probability 0.006
