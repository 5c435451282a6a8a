"""How often tables are drawn again."""

import numpy as np
import pytest

from interplay.estimation.counts import CodedSet
from interplay.estimation.drawn import FEWEST, affordable, draw_tables


@pytest.mark.parametrize(
    ("shape", "replicates", "drawn"),
    [
        ((5, 5, 2), 200, 200),
        ((10, 10, 10), 200, 200),
        ((50, 3, 2), 200, 200),
        ((16, 16, 16), 200, 78),  # (150 / 240)^2 of 200
        ((20, 20, 20), 200, FEWEST),
        ((50, 50, 50), 1000, FEWEST),
        ((50, 50, 50), 20, 20),
        ((1, 1, 1), 200, 200),
    ],
)
def test_large_tables_are_drawn_less_often(shape, replicates, drawn):
    assert affordable(shape, replicates) == drawn


def test_that_many_are_drawn():
    rng = np.random.default_rng(0)
    shape = (16, 16, 16)
    sets = [CodedSet(cells=rng.integers(256, size=900), cell_count=256, weights=None, groups=None) for _ in range(3)]
    draws = draw_tables(sets, shape, 200, rng)
    assert [len(c) for c in draws.counts] == [78] * 3
    assert len(draws.plain.batch.tables.p12) == 78
    assert not draws.plain.point.searchable
