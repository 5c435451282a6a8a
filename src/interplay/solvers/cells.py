"""Linear and best-classifier accuracy over cell lists: what a replicate of the bootstrap has to solve.

A cell c is a set of pairs with the codes (rows[c], cols[c]); several cells may share both codes, for example
one per prediction of a multimodal model. r (C,K) spreads its mass over the labels; its row and column sums
are p1y (n1,K) and p2y (n2,K). Minimised is sum_c <cost_c, r_c>, or sum_c max_y r_cy where cost is None.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from interplay.information import Array
from interplay.solvers.identified_set import solve

Ints = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class CellBatch:
    """Certified minima of B instances.

    value: (B,) lower bound, recomputed from lam (B,n1,K) and mu (B,n2,K) alone. primal: (B,) value of the
    best point found. gap: primal - value.
    """

    value: Array
    primal: Array
    gap: Array
    lam: Array
    mu: Array


def label_price(v: Array, cost: Array | None, allowed: NDArray[np.bool_]) -> Array:
    """Largest nu (..., C) with nu + v <= w for some w that the primal permits: the dual of one unit of mass.

    v, allowed (..., C, K). With a cost nu = min_y (cost - v); without, w is any distribution over the labels
    and nu = min_k (1 - sum of the k largest v) / k. Only allowed labels count; a cell without one gets 0.
    """
    if cost is not None:
        nu = np.where(allowed, cost - v, np.inf).min(axis=-1)
    else:
        top = -np.sort(np.where(allowed, -v, np.inf), axis=-1)
        with np.errstate(invalid="ignore"):
            nu = np.min((1.0 - np.cumsum(top, axis=-1)) / np.arange(1, v.shape[-1] + 1), axis=-1)
    return np.where(allowed.any(axis=-1), nu, 0.0)


def certified_value(
    rows: Ints, cols: Ints, mass: Array, p1y: Array, p2y: Array, lam: Array, mu: Array, cost: Array | None
) -> Array:
    """Lower bound (B,) from any lam (B,n1,K), mu (B,n2,K), mass (B,C): weak duality."""
    allowed = (p1y[:, rows] > 0) & (p2y[:, cols] > 0)
    nu = label_price(lam[:, rows] + mu[:, cols], cost, allowed)
    linear = (p1y * lam).sum(axis=(1, 2)) + (p2y * mu).sum(axis=(1, 2))
    return np.asarray(linear + (mass * nu).sum(axis=1))


def cell_minimum_by_simplex(
    rows: Ints, cols: Ints, mass: Array, p1y: Array, p2y: Array, *, cost: Array | None
) -> tuple[Array, Array, Array]:
    """One instance by HiGHS: r (C,K), lam (n1,K), mu (n2,K); mass (C,). `MarginsError` if nothing fits."""
    C, (n1, K), n2 = len(rows), p1y.shape, len(p2y)
    cell, label = np.nonzero((p1y[rows] > 0) & (p2y[cols] > 0) & (mass > 0)[:, None])
    n = len(cell)
    equations = np.concatenate([cell, C + rows[cell] * K + label, C + (n1 + cols[cell]) * K + label])
    matrix = sp.csr_matrix((np.ones(3 * n), (equations, np.tile(np.arange(n), 3))), shape=(C + (n1 + n2) * K, n))
    target = np.concatenate([mass, p1y.ravel(), p2y.ravel()])
    if cost is not None:
        result = solve(cost[cell, label], A_eq=matrix, b_eq=target, bounds=(0, None))
    else:
        top = sp.csr_matrix((np.ones(n), (np.arange(n), cell)), shape=(n, C))
        result = solve(
            np.repeat([0.0, 1.0], [n, C]),
            A_ub=sp.hstack([sp.identity(n), -top]).tocsr(),
            b_ub=np.zeros(n),
            A_eq=sp.hstack([matrix, sp.csr_matrix((len(target), C))]).tocsr(),
            b_eq=target,
            bounds=(0, None),
        )
    r = np.zeros((C, K))
    r[cell, label] = np.maximum(result.x[:n], 0.0)
    duals = np.asarray(result.eqlin.marginals, dtype=float)[C:].reshape(n1 + n2, K)
    return r, np.where(p1y > 0, duals[:n1], 0.0), np.where(p2y > 0, duals[n1:], 0.0)


def cell_minimum_many(
    rows: Ints, cols: Ints, mass: Array, p1y: Array, p2y: Array, *, cost: Array | None, tolerance: float = 1e-5
) -> CellBatch:
    """Minimise over every instance's cells: rows, cols (C,), mass (B,C), p1y (B,n1,K), p2y (B,n2,K)."""
    lam, mu, primal = np.zeros_like(p1y), np.zeros_like(p2y), np.zeros(len(mass))
    for b in range(len(mass)):
        r, lam[b], mu[b] = cell_minimum_by_simplex(rows, cols, mass[b], p1y[b], p2y[b], cost=cost)
        primal[b] = r.max(axis=1).sum() if cost is None else (r * cost).sum()
    value = certified_value(rows, cols, mass, p1y, p2y, lam, mu, cost)
    return CellBatch(value=value, primal=primal, gap=primal - value, lam=lam, mu=mu)
