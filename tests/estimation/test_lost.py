"""What codes lose: known where they merge symbols, and enough to make up for what the codes of a pair do not tell."""

import numpy as np
import pytest

from interplay.estimation.atoms import atom_estimates
from interplay.estimation.counts import CodedSet
from interplay.estimation.drawn import draw_tables
from interplay.estimation.lost import information_lost
from interplay.information import mutual_information
from interplay.solvers.union import union_information
from samplers import random_joints

SIX = np.array([0.05, 0.2, 0.4, 0.6, 0.8, 0.95])  # p(second class) of six symbols


def _rows(codes_of_symbol, rows=20000, seed=0):
    """Labels, codes and posteriors of rows whose symbols are equally frequent."""
    rng = np.random.default_rng(seed)
    symbol = rng.integers(6, size=rows)
    labels = (rng.random(rows) < SIX[symbol]).astype(int)
    posteriors = np.stack([1 - SIX[symbol], SIX[symbol]], axis=1)
    return labels, np.asarray(codes_of_symbol)[symbol], posteriors, posteriors[: rows // 2]


@pytest.mark.parametrize("codes", [[0, 1, 2, 3, 4, 5], [0, 0, 1, 1, 2, 2], [0, 0, 0, 0, 0, 0]])
def test_what_merging_loses_is_found(codes):
    table = np.stack([1 - SIX, SIX], axis=1) / 6
    merged = np.stack([table[np.array(codes) == c].sum(0) for c in np.unique(codes)])
    true = mutual_information(table) - mutual_information(merged)
    off = information_lost(*_rows(codes), None) - true
    assert abs(off) < 0.015  # three standard errors of the information itself


def test_weights_count_like_rows():
    labels, codes, posteriors, reference = _rows([0, 0, 1, 1, 2, 2])
    once = information_lost(labels, codes, posteriors, reference, None)
    assert information_lost(labels, codes, posteriors, reference, np.full(len(labels), 2.0)) == pytest.approx(once)


def test_more_classes_and_few_rows():
    rng = np.random.default_rng(1)
    posteriors = rng.dirichlet(np.ones(3), size=3000)
    labels = np.array([rng.choice(3, p=p) for p in posteriors])
    nothing, all_of_it = np.zeros(3000, dtype=int), posteriors.argmax(1)
    one_code = information_lost(labels, nothing, posteriors, posteriors, None)
    assert one_code > information_lost(labels, all_of_it, posteriors, posteriors, None) > 0
    assert information_lost(labels[:30], nothing[:30], posteriors[:30], posteriors, None) == 0


@pytest.mark.parametrize("seed", range(20))
def test_the_union_exceeds_that_of_codes_by_no_more_than_both_lose(seed):
    """The inequality behind the limits of synergy and of unique parts, on random joints of 6 x 6 symbols."""
    joint = random_joints(seed, (6, 6, 2), 1)[0]
    merge = np.eye(3)[np.random.default_rng(seed).integers(3, size=6)]  # (6, 3)
    first, second = joint.sum(1), joint.sum(0)
    codes = [merge.T @ t for t in (first, second)]
    lost = sum(mutual_information(t) - mutual_information(c) for t, c in zip((first, second), codes, strict=True))
    raw, coded = union_information(first, second).value, union_information(*codes).value
    assert coded - 1e-9 <= raw <= coded + lost + 1e-9


@pytest.mark.parametrize("rows", [300, 1000, 5000])
def test_copies_have_no_synergy(rows):
    """Shrinking tables to independence would make a copy two noisy views, which together tell more than one."""
    p = 1 / (1 + np.exp(-np.linspace(-2.5, 2.5, 8)))
    joint = np.zeros((8, 8, 2))
    joint[np.arange(8), np.arange(8)] = np.stack([1 - p, p], axis=1) / 8
    rng = np.random.default_rng(rows)
    found = []
    for _ in range(20):
        sets = []
        for axis in (2, 1, 0):
            margin = joint.sum(axis).ravel()
            cells = rng.choice(margin.size, size=rows, p=margin)
            sets.append(CodedSet(cells=cells, cell_count=margin.size, weights=None, groups=None))
        draws = draw_tables(sets, joint.shape, 50, rng)
        found.append(atom_estimates(("a", "b"), draws, confidence=0.95, looks=1, search=False)["synergy"])
    assert sum(e.exceeds(0) or e.p_value < 0.05 for e in found) <= 2
