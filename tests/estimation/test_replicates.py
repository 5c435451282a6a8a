"""Replicates have the right mean and spread: multinomial for rows, clustered for groups, weighted for weights."""

import numpy as np
import pytest

from interplay.estimation.counts import CodedSet
from interplay.estimation.replicates import replicate_counts

DRAWS = 4000


def _set(cells, count, weights=None, groups=None):
    cells = np.asarray(cells)
    return CodedSet(cells=cells, cell_count=count, weights=weights, groups=groups)


def test_rows_are_multinomial():
    s = _set([0] * 30 + [1] * 50 + [2] * 20, 4)
    (b,) = replicate_counts([s], DRAWS, np.random.default_rng(0))
    assert np.all(b.sum(1) == 100)
    assert b.mean(0) == pytest.approx([30, 50, 20, 0], abs=0.5)
    assert b.var(0)[:3] == pytest.approx([21, 25, 16], rel=0.1)


def test_weighted_rows_agree_with_rows_at_equal_weights():
    cells = [0] * 30 + [1] * 70
    (plain,) = replicate_counts([_set(cells, 2)], DRAWS, np.random.default_rng(0))
    (double,) = replicate_counts([_set(cells, 2, weights=np.full(100, 2.0))], DRAWS, np.random.default_rng(1))
    assert double.mean(0) == pytest.approx(2 * plain.mean(0), rel=0.02)
    assert double.std(0) == pytest.approx(2 * plain.std(0), rel=0.06)


def test_groups_carry_their_rows_together():
    cells = np.repeat([0, 1] * 10, 5)  # twenty groups of five equal rows: a fifth of the information
    groups = np.repeat(np.arange(20), 5)
    (b,) = replicate_counts([_set(cells, 2, groups=groups)], DRAWS, np.random.default_rng(0))
    assert b.std(0) == pytest.approx([5 * np.sqrt(20 / 4)] * 2, rel=0.06)


def test_a_group_in_two_sets_is_drawn_for_both():
    groups = np.arange(30)
    sets = [_set(np.arange(30), 30, groups=groups), _set(np.arange(30), 30, groups=groups)]
    a, b = replicate_counts(sets, 50, np.random.default_rng(0))
    assert np.array_equal(a, b)
