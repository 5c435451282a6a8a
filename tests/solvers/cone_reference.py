"""Second independent answers: both problems as exponential cone programmes for Clarabel. Slow and plain."""

import clarabel
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Array = NDArray[np.float64]


def _solve(cost: Array, equalities: sparse.csc_matrix, values: Array, cones: sparse.csc_matrix, ones: Array) -> Array:
    """min cost x, equalities x = values, cones x + ones in the exponential cone, triple by triple."""
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-10
    a = sparse.vstack([equalities, -cones]).tocsc()
    b = np.concatenate([values, ones])
    kinds = [clarabel.ZeroConeT(len(values))] + [clarabel.ExponentialConeT() for _ in range(len(ones) // 3)]
    n = len(cost)
    solution = clarabel.DefaultSolver(sparse.csc_matrix((n, n)), cost, a, b, kinds, settings).solve()
    return np.asarray(solution.x)


def _margins(p1y: Array, p2y: Array, p12: Array | None) -> tuple[list[tuple[int, int, int]], Array, Array]:
    """Cells that the zeros allow, the margin equations on them and their right sides."""
    n1, n2, k = len(p1y), len(p2y), p1y.shape[1]
    allowed = (p1y[:, None] > 0) & (p2y[None] > 0)
    if p12 is not None:
        allowed &= p12[:, :, None] > 0
    cells = [tuple(int(i) for i in c) for c in np.argwhere(allowed)]
    table = np.zeros((n1 * k + n2 * k + (n1 * n2 if p12 is not None else 0), len(cells)))
    for at, (i, j, y) in enumerate(cells):
        table[i * k + y, at] = table[n1 * k + j * k + y, at] = 1.0
        if p12 is not None:
            table[(n1 + n2) * k + i * n2 + j, at] = 1.0
    right = np.concatenate([p1y.ravel(), p2y.ravel(), [] if p12 is None else p12.ravel()])
    keep = table.any(axis=1)
    return cells, table[keep], right[keep]


def union_joint(p1y: Array, p2y: Array) -> Array:
    """Joint of least information with both labelled margins: q exp(-t/q) <= q(x1,x2) in every cell."""
    cells, table, right = _margins(p1y, p2y, None)
    n = len(cells)
    pairs = np.array([i * len(p2y) + j for i, j, _ in cells])
    equalities = sparse.hstack([sparse.csc_matrix(table), sparse.csc_matrix((len(right), n))]).tocsc()
    cones = sparse.lil_matrix((3 * n, 2 * n))
    for at in range(n):
        cones[3 * at, n + at] = -1.0
        cones[3 * at + 1, at] = 1.0
        cones[3 * at + 2, np.flatnonzero(pairs == pairs[at])] = 1.0
    cost = np.concatenate([np.zeros(n), np.ones(n)])
    return _joint(cells, _solve(cost, equalities, right, cones.tocsc(), np.zeros(3 * n)), (len(p1y), len(p2y)), p1y)


def maxent_joint(p12: Array, p1y: Array, p2y: Array) -> Array:
    """Joint of largest entropy with all three tables: r exp(-t/r) <= 1 in every cell."""
    cells, table, right = _margins(p1y, p2y, p12)
    n = len(cells)
    equalities = sparse.hstack([sparse.csc_matrix(table), sparse.csc_matrix((len(right), n))]).tocsc()
    cones = sparse.lil_matrix((3 * n, 2 * n))
    for at in range(n):
        cones[3 * at, n + at] = -1.0
        cones[3 * at + 1, at] = 1.0
    ones = np.tile([0.0, 0.0, 1.0], n)
    cost = np.concatenate([np.zeros(n), np.ones(n)])
    return _joint(cells, _solve(cost, equalities, right, cones.tocsc(), ones), p12.shape, p1y)


def _joint(cells: list[tuple[int, int, int]], x: Array, codes: tuple[int, int], p1y: Array) -> Array:
    joint = np.zeros((*codes, p1y.shape[1]))
    joint[tuple(np.array(cells).T)] = np.maximum(x[: len(cells)], 0.0)
    return joint
