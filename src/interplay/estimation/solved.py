"""What every answer needs from a batch of consistent tables, solved once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.information import Array, entropy
from interplay.reconciliation import Repaired
from interplay.solvers.cells import CellBatch, cell_minimum_many, label_price
from interplay.solvers.coupling import coupling_upper_bound_many
from interplay.solvers.maxent import maximum_entropy_many
from interplay.solvers.union import union_information_many

Ints = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class Solved:
    """Solutions for B tables; bits where not said otherwise.

    rows, cols (C,): every pair of codes, mass (B,C). union: I* (B,). maxent: joints
    (B,n1,n2,K). total_low, total_high (B,): certified I({X1,X2};Y) over the set, the high end by the coupling
    bound. lowest: best classifier's smallest accuracy, with its duals. label: H(Y) (B,).
    """

    tables: Repaired
    rows: Ints
    cols: Ints
    mass: Array
    union: Array
    maxent: Array
    total_low: Array
    total_high: Array
    label: Array
    lowest: CellBatch

    @property
    def lam_mu(self) -> Array:
        """lam + mu (B,n1,n2,K) of the smallest accuracy: its largest entry is the minimax rule's answer."""
        return self.lowest.lam[:, :, None, :] + self.lowest.mu[:, None, :, :]


def solve_tables(tables: Repaired, *, tolerance: float) -> Solved:
    """Solve each batch of problems once; tolerance: gap of the accuracy program (probability)."""
    p12, p1y, p2y = tables.p12, tables.p1y, tables.p2y
    rows, cols = code_pairs(p12.shape[1:])
    mass = p12.reshape(len(p12), -1)
    label = entropy(p1y.sum(1), batch=1)
    union = union_information_many(p1y, p2y).value
    maxent = maximum_entropy_many(p12, p1y, p2y)
    total_low = entropy(p12, batch=1) + label - maxent.upper
    return Solved(
        tables=tables,
        rows=rows,
        cols=cols,
        mass=mass,
        union=union,
        maxent=maxent.joint,
        total_low=np.maximum(total_low, union),  # the union is a minimum over a larger set
        total_high=np.minimum(coupling_upper_bound_many(p12, p1y, p2y), label),
        label=label,
        lowest=cell_minimum_many(rows, cols, mass, p1y, p2y, cost=None, tolerance=tolerance),
    )


def code_pairs(shape: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Row and column (n1 n2,) of each cell of an (n1, n2) table in C order."""
    rows, cols = np.indices(shape).reshape(2, -1)
    return rows, cols


def envelope(
    rows: Ints, cols: Ints, mass: Array, tables: Repaired, *, cost: Array | None, lam: Array, mu: Array
) -> Array:
    """Value (B,) of one fixed dual lam (n1,K), mu (n2,K) on each of B tables: linear in the margins."""
    v = lam[rows] + mu[cols]  # (C, K)
    price = label_price(v, cost, np.ones(v.shape, dtype=bool))
    linear = np.einsum("bik,ik->b", tables.p1y, lam) + np.einsum("bjk,jk->b", tables.p2y, mu)
    return np.asarray(linear + mass @ price)
