"""Move a nearly feasible joint onto its margins exactly (to one rounding), without leaving its support."""

import numpy as np

from interplay.information import Array
from interplay.solvers.arrays import over


def _shrink(sums: Array, target: Array) -> Array:
    return np.where(sums > target, target / np.where(sums > 0, sums, 1.0), 1.0)


def round_to_margins(joint: Array, p1y: Array, p2y: Array) -> Array:
    """joint (..., n1,n2,K) >= 0 with margins p1y (..., n1,K) and p2y (..., n2,K), which share p(y).

    For each label: scale down rows, then columns, that have too much; what is missing is a product of the
    two missing margins (Altschuler, Weed and Rigollet 2017). The change is at most twice the error.
    """
    joint = joint * _shrink(joint.sum(axis=-2), p1y)[..., :, None, :]
    joint *= _shrink(joint.sum(axis=-3), p2y)[..., None, :, :]
    rows = np.maximum(p1y - joint.sum(axis=-2), 0.0)
    cols = np.maximum(p2y - joint.sum(axis=-3), 0.0)
    total = np.maximum(rows.sum(axis=-2), cols.sum(axis=-2))[..., None, :]
    joint += rows[..., :, None, :] * (cols / np.where(total > 0, total, 1.0))[..., None, :, :]
    return joint


def share_labels(p1y: Array, p2y: Array) -> Array:
    """p2y with its columns rescaled so that p(y) is that of p1y, to rounding; shapes (..., n, K)."""
    mine, theirs = over(p2y, np.add, -2), over(p1y, np.add, -2)
    return p2y * np.where(mine > 0, theirs / np.where(mine > 0, mine, 1.0), 1.0)[..., None, :]
