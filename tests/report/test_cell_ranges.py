"""What one cell's own margins allow for p(class | cell) contains the truth, and is sharp where it must be."""

import numpy as np
import pytest

from interplay.report.heat import cell_ranges

SHAPES = [(2, 2, 2), (3, 4, 2), (2, 5, 3), (4, 4, 5)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("sparse", [False, True])
def test_contains_the_joint(shape, sparse):
    rng = np.random.default_rng(7)
    for _ in range(50):
        joint = rng.dirichlet(np.full(np.prod(shape), 0.1 if sparse else 1.0)).reshape(shape)
        low, high = cell_ranges(joint.sum(2), joint.sum(1), joint.sum(0))
        total = joint.sum(2, keepdims=True)
        seen = (total > 1e-12)[..., 0]
        truth = (joint / np.where(total > 0, total, 1))[seen]
        assert (low[seen] <= truth + 1e-6).all()
        assert (truth <= high[seen] + 1e-6).all()


def test_a_label_told_by_one_modality_is_known_in_every_cell():
    joint = np.zeros((2, 2, 2))
    joint[0, :, 0] = joint[1, :, 1] = 0.25
    low, high = cell_ranges(joint.sum(2), joint.sum(1), joint.sum(0))
    truth = joint / joint.sum(2, keepdims=True)
    np.testing.assert_allclose(low, truth, atol=1e-12)
    np.testing.assert_allclose(high, truth, atol=1e-12)


def test_exclusive_or_is_open_in_every_cell():
    joint = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]]]) / 4
    low, high = cell_ranges(joint.sum(2), joint.sum(1), joint.sum(0))
    assert np.all(low == 0)
    assert np.all(high == 1)


def test_cells_without_pairs_are_unknown():
    low, high = cell_ranges(np.diag([0.5, 0.5]), np.diag([0.5, 0.5]), np.diag([0.5, 0.5]))
    assert np.isnan(low[0, 1]).all()
    assert np.isnan(high[1, 0]).all()
