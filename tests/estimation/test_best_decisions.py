"""Limits of the best decisions from small samples: never beyond what decisions can earn."""

import numpy as np
import pytest

from interplay.estimation.best_decisions import best_decisions_estimate
from interplay.estimation.ceilings import decisions_ceiling, room_of
from interplay.estimation.counts import CodedSet
from interplay.estimation.drawn import draw_tables
from interplay.solvers.decisions_ceiling import decisions_ceiling_many

PRICES = np.abs(np.arange(4)[:, None] - np.arange(3)).astype(float)


def drawn(rows, seed):
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.full(27, 0.7)).reshape(3, 3, 3)
    sets = []
    for axis in (2, 1, 0):
        cells = rng.choice(9, size=rows, p=joint.sum(axis).ravel())
        sets.append(CodedSet(cells=cells, cell_count=9, weights=None, groups=None))
    return draw_tables(sets, (3, 3, 3), 40, rng)


def worth(shares):
    return -PRICES


@pytest.mark.parametrize(("rows", "seed"), [(12, 1), (30, 1), (100, 2)])
def test_no_limit_of_a_cost_is_below_zero(rows, seed):
    found = best_decisions_estimate(drawn(rows, seed), worth, unit="cost", proportion=False, confidence=0.95, looks=1)
    assert max(found.ci[1], found.ci_point[1], found.limits[1]) <= 0
    assert found.ci[0] <= found.low <= found.high <= found.ci[1]


@pytest.mark.parametrize(("rows", "seed"), [(12, 1), (30, 1), (100, 2), (1000, 3)])
def test_the_samples_multipliers_serve_replicates_only_where_they_are_better_than_none(rows, seed):
    draws = drawn(rows, seed)
    t, room = draws.plain.batch.tables, room_of(draws.plain.batch.tables)
    none = decisions_ceiling_many(t.p12, t.p1y, t.p2y, -PRICES, room=room)
    assert (decisions_ceiling(draws, worth).fixed <= none + 1e-12).all()
