"""Synergy with labelled pairs: the identified set at no label, the truth at many, covered between."""

import numpy as np
import pytest

import interplay as ip
from interplay.estimation.labelled_cells import LabelledCells
from interplay.estimation.labelled_draws import LabelledDraws
from interplay.estimation.labelled_synergy import synergy_with_labels
from interplay.estimation.many import largest_entropy, tables_of
from samplers import many_counts, noisy_views, random_joints

EVERY = 1_000_000
LEVELS = {"confidence": 0.95, "looks": 1, "lost": (0.0, 0.0)}


def _drawn(joint, rows, seed, given):
    """Samples of so many rows, and labels (C,) drawn in each cell, at most those of its pairs; priors at maximum
    entropy."""
    counts = many_counts(joint, rows, seed)
    given = np.minimum(given, counts.pairs.count().astype(int))
    share = joint.reshape(-1, joint.shape[2]) / joint.reshape(-1, joint.shape[2]).sum(1, keepdims=True)
    rng = np.random.default_rng(100 + seed)
    halves = np.stack([rng.multinomial(n, share).astype(float) for n in (given // 2, given - given // 2)])
    fitted = largest_entropy(counts.codes, tables_of(counts))[0]
    prior = fitted / fitted.sum(1, keepdims=True)
    cells = LabelledCells(halves=halves, rows=given, prior=prior)
    return LabelledDraws(counts=counts, cells=cells, priors=np.repeat(prior[None], 20, axis=0), seed=seed)


@pytest.mark.parametrize("joint", [noisy_views(), random_joints(5, (3, 3, 3), count=1)[0]], ids=["views", "random"])
def test_without_labels_it_is_the_range_of_the_tables(joint):
    draws = _drawn(joint, 5000, 0, np.zeros(joint[:, :, 0].size, dtype=int))
    t = draws.tables.plain[0]
    n1, n2, _ = joint.shape
    tables = ip.PairTables(pairs=t.mass[0].reshape(n1, n2), first=t.margins[0][0], second=t.margins[1][0])
    found, other = synergy_with_labels(draws, **LEVELS), ip.bound_synergy(tables)
    assert found.low == pytest.approx(other.low, abs=2e-4)
    assert found.high >= other.high - 1e-6
    assert found.ci[0] <= found.low <= found.high <= found.ci[1]


def test_with_every_cell_known_it_is_the_synergy_of_the_likeliest_joint():
    joint = random_joints(6, (3, 3, 2), count=1)[0]
    draws = _drawn(joint, 100_000, 1, np.full(9, EVERY))
    found = synergy_with_labels(draws, **LEVELS)
    assert found.low == pytest.approx(found.high, abs=1e-3)
    assert found.high == pytest.approx(ip.decompose(joint).synergy, abs=5e-3)


def test_one_known_cell_settles_what_it_decides():
    """2x2x2 has one free number, so one cell tells all of it."""
    joint = random_joints(7, (2, 2, 2), count=1)[0]
    none, one = (_drawn(joint, 200_000, 2, np.array([n, 0, 0, 0])) for n in (0, EVERY))
    open_set, settled = (synergy_with_labels(d, **LEVELS) for d in (none, one))
    assert settled.high - settled.low < 0.1 * (open_set.high - open_set.low)
    assert settled.ci[0] <= ip.decompose(joint).synergy <= settled.ci[1]


@pytest.mark.slow
@pytest.mark.parametrize("given", [3, 12])
@pytest.mark.parametrize("kind", ["one", "random"])
def test_intervals_cover(kind, given):
    """60 samples of 400 rows, 3 or 12 labels a cell; 51 of 60 is the 0.5% quantile at 95%."""
    held = 0
    for seed in range(60):
        joint = random_joints(seed, (3, 3, 2), count=1)[0]
        if kind == "one":  # the first modality tells, the second nothing
            tells = np.linspace(0.15, 0.85, 3)[:, None, None]
            joint = np.concatenate([1 - tells, tells], axis=2).repeat(3, axis=1) / 9
        found = synergy_with_labels(_drawn(joint, 400, seed, np.full(9, given)), **LEVELS)
        held += found.ci[0] <= ip.decompose(joint).synergy <= found.ci[1]
    assert held >= 51
