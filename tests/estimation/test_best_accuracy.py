"""Upper limits of the best classifier's accuracy, more than two labels: they hold, and are sharper than cells allow."""

import numpy as np
import pytest

from interplay.solvers.accuracy_max import highest_accuracy
from interplay.table_quantification import quantify_tables
from interplay.tables import PairTables

VIEW = np.array([[0.7, 0.2, 0.1], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7]])
THIRDS = np.full(3, 1 / 3)


def noisy_copies():
    copies = np.zeros((3, 3, 3))
    copies[np.arange(3), np.arange(3)] = np.einsum("k,ki->ik", THIRDS, VIEW)
    return 0.9 * copies + 0.1 / 27


@pytest.mark.parametrize(
    ("joint", "beyond"),
    [  # by how much the limits of cells one by one exceed the end: .16 and .048
        pytest.param(np.einsum("k,ki,kj->ijk", THIRDS, VIEW, VIEW), 0.13, id="views"),
        pytest.param(noisy_copies(), 0.035, id="noisy copies"),
    ],
)
def test_upper_limits_hold_and_are_sharper_than_what_cells_allow_one_by_one(joint, beyond):
    margins = joint.sum(2), joint.sum(1), joint.sum(0)
    top = highest_accuracy(*margins).bound
    rng = np.random.default_rng(3)
    limits = []
    for _ in range(20):
        tables = [rng.multinomial(1000, t.ravel()).reshape(t.shape) for t in margins]
        r = quantify_tables(PairTables(pairs=tables[0], first=tables[1], second=tables[2]), replicates=60)
        limits.append(r.accuracy.ci[1])
    assert np.sum(np.array(limits) >= top) >= 17  # 97.5% of 20 runs, less three standard errors
    assert np.mean(limits) - top < beyond


def test_where_any_joint_may_be_perfect_no_upper_limit_is_below_one():
    """Independent modalities that tell nothing: half of all samples would say less, were no room left for noise."""
    flat = np.full((3, 3), 1 / 9)
    rng = np.random.default_rng(1)
    for _ in range(10):
        tables = [rng.multinomial(300, flat.ravel()).reshape(3, 3) for _ in range(3)]
        r = quantify_tables(PairTables(pairs=tables[0], first=tables[1], second=tables[2]), replicates=60)
        assert r.accuracy.ci[1] >= 1 - 1e-9
