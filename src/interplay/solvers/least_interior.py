"""Least information when only some tables of codes are known: the interior point of union_interior.py with them.

Maximise <p(x_i,y), lam_i> + <p(x_S), c_S> subject to logsumexp_y(sum lam_i) + sum c_S + z = 0, z >= 0 in
every cell. The multiplier of a cell is w = r(x1..xk), and r(y|x) = softmax_y(sum lam_i). Unlike the union
information the set may have no interior: then duals grow without end, and the certificate decides when to stop.
"""

import numpy as np

from interplay.information import Array
from interplay.solvers.code_cells import Cells
from interplay.solvers.dense import DenseFactor
from interplay.solvers.least_point import Best
from interplay.solvers.least_system import State, System, independent

SLACK, FLOOR, CAP, BOUNDARY = 0.05, 1e-13, 5.0, 0.99  # as in union_interior.py
STEPS = 120
NEAR = 1e-6  # complementarity in nats from which a joint is made and certified
SWEEPS = 5
POLISH = 4


def solve(cells: Cells, lam: Array, best: Best, *, tolerance: float) -> None:
    """Put into `best` what is found from the labelled duals lam (U,); stops at a gap of `tolerance` nats."""
    weight = _fitted(cells)
    state = State(lam=lam, c=np.zeros(len(cells.second)), w=weight, z=np.maximum(-cells.softmax(lam)[1], SLACK))
    basis = independent(cells)
    for _ in range(STEPS):
        s, lse = cells.softmax(state.lam)
        q = _step(System(cells, basis, state, s, lse), weight, target=0.1 * tolerance)
        if float(state.w @ state.z) < NEAR:
            best.keep(polished(cells, q), state.lam, state.c)
        if best.gap <= tolerance:
            return


def _fitted(cells: Cells) -> Array:
    """Masses (N,) of the cells after a few fitting sweeps over the tables of codes."""
    w = np.full(len(cells.codes), 1.0 / max(len(cells.codes), 1))
    for _ in range(SWEEPS):
        have = cells.tables.T @ w
        ratio = np.log(np.where(cells.second > 0, cells.second, 1.0) / np.where(have > 0, have, 1.0))
        each = max(cells.tables.shape[1] and int(cells.tables.indptr[1]), 1)
        w = w * np.exp((cells.tables @ ratio) / each)
    return np.maximum(w / w.sum(), 1e-30)


def _longest(x: Array, dx: Array) -> float:
    return float(1.0 / max(1.0, float((-dx / np.maximum(x, 1e-300)).max(initial=0.0))))


def _inside(length: float) -> float:
    return BOUNDARY * length if length < 1.0 else 1.0


def _step(system: System, weight: Array, *, target: float) -> Array:
    """One predictor-corrector step of the state in place; the linearised joint (N,K)."""
    cells, state, s = system.cells, system.state, system.s
    product = state.w * state.z
    *_, dw, dz = system.direction(-product)
    aw, az = _longest(state.w, dw), _longest(state.z, dz)
    after = float(((state.w + aw * dw) * (state.z + az * dz)).sum() / product.sum())
    barrier = weight * max(after**3 * float(product.sum()), target)
    lam, c, change, dw, dz = system.direction(barrier - product - dw * dz)
    aw, az = _inside(_longest(state.w, dw)), _inside(_longest(state.z, dz))
    az = min(az, CAP / max(CAP, float(np.abs(cells.labels @ lam).max(initial=0.0))))
    relative = (cells.labels @ lam).reshape(s.shape) - change[:, None]
    q = np.maximum(system.q * (1.0 + relative) + dw[:, None] * s, 0.0)
    state.lam, state.c = state.lam + az * lam, state.c + az * c
    state.w = np.maximum(state.w + aw * dw, 1e-300)
    state.z = np.maximum(state.z + az * dz, FLOOR)
    return q


def polished(cells: Cells, q: Array) -> Array:
    """q (N,K) moved onto all tables: weighted least squares, made non-negative, a few times."""
    known = cells.known
    target = np.concatenate([cells.first, cells.second])
    for _ in range(POLISH):
        missing = target - known.T @ q.ravel()
        if float(np.abs(missing).max()) < 1e-15:
            break
        matrix = (known.T @ known.multiply(q.reshape(-1, 1)).tocsr()).toarray()
        u = DenseFactor(matrix, np.diag(matrix) <= 0).solve(missing)
        q = np.maximum(q * (1.0 + (known @ u).reshape(q.shape)), 0.0)
    return q
