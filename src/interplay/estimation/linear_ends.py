"""Accuracy ends for a batch of consistent tables: certified linear programs and their fixed-dual envelope."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.information import Array
from interplay.reconciliation import Repaired
from interplay.solvers.accuracy import cell_minimum_many

Ints = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearEnd:
    """A certified lower bound for each of B tables (B,), and the duals lam (B,n1,K), mu (B,n2,K)."""

    value: Array
    lam: Array
    mu: Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """Cells of pairs: code positions rows, cols (C,) and, for a fixed classifier, its prediction (C,)."""

    rows: Ints
    cols: Ints
    predictions: Ints | None = None

    def cost(self, class_count: int, sign: float) -> Array | None:
        """sign * [prediction == y] (C, K), or None for the best classifier."""
        if self.predictions is None:
            return None
        return sign * np.eye(class_count)[self.predictions]


def accuracy_end(cells: Cells, mass: Array, tables: Repaired, *, sign: float, tolerance: float) -> LinearEnd:
    """Smallest (sign 1) accuracy over the set, or minus the largest (sign -1, fixed classifier only)."""
    cost = cells.cost(tables.p1y.shape[2], sign)
    solved = cell_minimum_many(cells.rows, cells.cols, mass, tables.p1y, tables.p2y, cost=cost, tolerance=tolerance)
    return LinearEnd(value=solved.value, lam=solved.lam, mu=solved.mu)


def envelope(cells: Cells, mass: Array, tables: Repaired, *, sign: float, lam: Array, mu: Array) -> Array:
    """Value (B,) of one fixed dual lam (n1,K), mu (n2,K) on each of B tables: linear in the margins."""
    k = lam.shape[1]
    v = lam[cells.rows] + mu[cells.cols]  # (C, K)
    cost = cells.cost(k, sign)
    if cost is None:
        ordered = -np.sort(-v, axis=1)
        best = ((1 - np.cumsum(ordered, axis=1)) / np.arange(1, k + 1)).min(axis=1)
    else:
        best = (cost - v).min(axis=1)
    linear = np.einsum("bik,ik->b", tables.p1y, lam) + np.einsum("bjk,jk->b", tables.p2y, mu)
    return linear + mass @ best
