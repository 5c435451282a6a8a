"""Maximum entropy of one small problem without zeros: Newton's method of maxent_newton.py on a dense 0/1 design.

For a few dozen cells the calls into NumPy cost more than the arithmetic, so this has as few of them as possible,
and neither line search nor boundary: what does not converge in a few steps is left to the caller.
"""

from functools import lru_cache

import numpy as np
from scipy.linalg import lapack

from interplay.information import Array

CELLS = 300  # cells times labels up to which this pays
STEPS = 12
EXACT = 2e-15  # largest violation of a margin at which it stops
REACH = 4.0  # nats; a longer step means that the start is far off: not for here


@lru_cache(maxsize=32)
def _design(n1: int, n2: int, k: int) -> tuple[Array, Array]:
    """0/1 (N,K-1,U): which unknowns a cell's logit adds up, and the same as a matrix (N (K-1),U).

    Unknowns: a(x1,y) and b(x2,y) for the labels before the last, without b of the first code (it moves freely).
    """
    design = np.zeros((n1, n2, k - 1, n1 + n2 - 1, k - 1))
    for y in range(k - 1):
        for i in range(n1):
            design[i, :, y, i, y] = 1.0
        for j in range(1, n2):
            design[:, j, y, n1 + j - 1, y] = 1.0
    table = design.reshape(n1 * n2, k - 1, -1)
    table.setflags(write=False)
    return table, table.reshape(n1 * n2 * (k - 1), -1)


def fits(p12: Array, p1y: Array, p2y: Array) -> bool:
    """Whether this solver is meant for these tables: few cells, two labels or more, no zero."""
    small = p12.size * p1y.shape[1] <= CELLS and p1y.shape[1] > 1
    return bool(small and min(p12.min(), p1y.min(), p2y.min()) > 0.0)


def solve(p12: Array, p1y: Array, p2y: Array) -> tuple[Array, Array, Array, Array] | None:
    """Joint (n1,n2,K) and duals a, b, c, for tables whose margins agree to rounding; None if it does not converge."""
    (n1, n2), k = p12.shape, p1y.shape[1]
    table, matrix = _design(n1, n2, k)
    mass = p12.reshape(-1, 1)
    a, b = np.log(p1y), np.log(p2y) - np.log(p1y.sum(axis=0))
    v = (a[:, None] + b[None]).reshape(-1, k)
    target = np.concatenate([p1y[:, :-1].ravel(), p2y[1:, :-1].ravel()])
    u = np.zeros(len(target))
    for _ in range(STEPS):
        e = np.exp(v)  # sums of log probabilities: the start can overflow nowhere, and steps are short
        s = e / e.sum(axis=1, keepdims=True)
        r = mass * s
        inner = r[:, :-1].reshape(-1, 1)
        missing = target - (inner.T @ matrix)[0]
        if np.abs(missing).max() <= EXACT:
            break
        gradient = (s[:, None, :-1] @ table)[:, 0]
        hessian = (inner * matrix).T @ matrix - (mass * gradient).T @ gradient
        _, step, info = lapack.dposv(hessian, missing)
        if info or not np.abs(step).max() <= REACH:
            return None
        u += step
        v[:, :-1] += (table @ step).reshape(-1, k - 1)
    else:
        return None
    a[:, :-1] += u[: n1 * (k - 1)].reshape(n1, k - 1)
    b[1:, :-1] += u[n1 * (k - 1) :].reshape(n2 - 1, k - 1)
    c = np.log(mass / e.sum(axis=1, keepdims=True)).reshape(n1, n2)
    return r.reshape(n1, n2, k), a, b, c
