"""One population? Groups and weights respected, pairs out of line found."""

import numpy as np
import pytest

from interplay.estimation.counts import CodedSet
from interplay.estimation.drawn import draw_tables
from interplay.estimation.population import compare_samples
from samplers import noisy_views

NAMES = ("image", "text")


def coded(joint, rows, rng, *, groups=None, each=1, aligned=True):
    """Three coded sets; with groups, every row of a group repeats one draw `each` times."""
    sets = []
    for axis in (2, 1, 0):
        margin = joint.sum(axis)
        if axis == 2 and not aligned:
            margin = np.outer(margin.sum(1), margin.sum(0))
        cells = np.repeat(rng.choice(margin.size, rows // each, p=margin.ravel() / margin.sum()), each)
        names = np.repeat([f"{axis}-{i}" for i in range(rows // each)], each) if groups else None
        sets.append(CodedSet(cells=cells, cell_count=margin.size, weights=None, groups=names))
    return sets


def compared(joint, rng, rows=400, **how):
    sets = coded(joint, rows, rng, **how)
    return compare_samples(sets, draw_tables(sets, joint.shape, 100, rng), NAMES, rng)


@pytest.mark.slow
def test_groups_raise_no_false_alarm():
    """Ten equal rows a group: tests of rows would alarm most of the time, tests of groups in about 5%."""
    rng = np.random.default_rng(1)
    found = [compared(noisy_views(), rng, groups=True, each=10) for _ in range(40)]
    assert np.mean([m.p_value < 0.05 for m in found]) <= 0.12
    assert np.mean([m.fit < 0.05 for m in found]) <= 0.12
    rows = [compared(noisy_views(), rng, each=10) for _ in range(20)]
    assert np.mean([m.p_value < 0.05 for m in rows]) > 0.5


def test_pairs_out_of_line_are_found_although_all_margins_agree():
    joint = noisy_views(6.0)
    rng = np.random.default_rng(2)
    found = [compared(joint, rng, rows=2000, aligned=False) for _ in range(10)]
    assert sum(m.fit <= 0.01 for m in found) >= 9
    assert "no joint" in {m.cause() for m in found}
    assert all(compared(joint, rng, rows=2000).fit > 0.01 for _ in range(5))


def test_many_groups_of_one_row_are_rows():
    rng = np.random.default_rng(4)
    sets = coded(noisy_views(), 1000, rng, groups=True)
    plain = [CodedSet(cells=s.cells, cell_count=s.cell_count, weights=None, groups=None) for s in sets]
    shape = noisy_views().shape
    a, b = (
        compare_samples(s, draw_tables(s, shape, 400, np.random.default_rng(0)), NAMES, np.random.default_rng(0))
        for s in (sets, plain)
    )
    for name in a.p_values:
        assert a.p_values[name] == pytest.approx(b.p_values[name], abs=0.12)
