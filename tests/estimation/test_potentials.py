"""The fixed dual of the smallest information: below it everywhere, and what makes lower limits of near-copies hold."""

import numpy as np
import pytest

from interplay.estimation.drawn import Drawn
from interplay.estimation.potentials import fixed_information
from interplay.estimation.solved import Solved
from interplay.reconciliation import Repaired
from interplay.table_quantification import quantify_tables
from interplay.tables import PairTables
from samplers import random_joints


def solved(joints):
    t = Repaired(
        p12=joints.sum(3), p1y=joints.sum(2), p2y=joints.sum(1), moved=np.zeros((len(joints), 3)), iterations=0
    )
    return Solved(tables=t, tolerance=1e-9)


@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 4, 2), (4, 3, 3)])
def test_it_touches_the_sample_and_lies_below_all_other_tables(shape):
    joints = random_joints(12, shape) + 0.02
    joints /= joints.sum(axis=(1, 2, 3), keepdims=True)
    others = 0.9 * joints[:1] + 0.1 * joints
    drawn = Drawn(point=solved(joints[:1]), batch=solved(np.concatenate([joints[:1], others])))
    fixed = fixed_information(drawn)
    excess = (drawn.batch.total_low - fixed) - (drawn.batch.total_low - fixed)[0]
    assert np.all(excess >= -1e-5)
    assert excess[2:].max() > 1e-4  # and not the same function


def test_lower_limits_hold_where_modalities_are_nearly_copies():
    """A tenth of the pairs disagree: tables of 300 rows contradict each other, and solutions jump to their middle.

    Without the fixed dual the total's limit held in 65% of such samples, that of synergy in 57%.
    """
    codes = np.exp(-((np.arange(3)[None] - np.arange(3)[:, None]) ** 2) / 3.0)
    one = (codes / codes.sum(axis=1, keepdims=True)).T / 3
    joint = 0.9 * np.eye(3)[:, :, None] * one[:, None, :] + 0.1 / 27
    low = solved(joint[None])
    total = float(low.total_low[0])
    synergy = total - float(low.union[0])
    rng = np.random.default_rng(5)
    held = []
    for _ in range(16):
        tables = [rng.multinomial(300, joint.sum(axis).ravel()).reshape(3, 3) for axis in (2, 1, 0)]
        r = quantify_tables(PairTables(pairs=tables[0], first=tables[1], second=tables[2]), replicates=60)
        held.append((r.total.limits[0] <= total, r.synergy.limits[0] <= synergy))
    assert np.sum(held, axis=0).min() >= 13  # 95% of 16, less three standard errors
