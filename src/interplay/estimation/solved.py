"""What every answer needs from a batch of consistent tables, solved once and only if asked for."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from interplay.information import Array, entropy
from interplay.reconciliation import Repaired
from interplay.solvers.cells import CellBatch, cell_minimum_many, label_price
from interplay.solvers.coupling import coupling_upper_bound_many
from interplay.solvers.maxent import MaxentBatch, maximum_entropy_many
from interplay.solvers.union import UnionBatch, union_information_many

Ints = NDArray[np.intp]
SEARCHED = 1500  # numbers of a joint up to which sharp upper ends are searched for
BRANCHINGS = 20  # of such a search at most; what is certified by then is reported
VERTICES = 40_000  # of slices (see solvers.slices) in all its relaxations, about: half a second
VERTICES_OF_TWO = 700  # the same with two labels, where limits do not hang on branching: hundredths of a second


@dataclass(frozen=True, kw_only=True, eq=False)
class Solved:
    """B consistent tables and, when first asked for, their solutions; bits where not said otherwise.

    tolerance: gap of the accuracy program (probability).
    """

    tables: Repaired
    tolerance: float

    @cached_property
    def cells(self) -> tuple[Ints, Ints, Array]:
        """Row (C,), column (C,) and mass (B,C) of every pair of codes."""
        p12 = self.tables.p12
        return *code_pairs(p12.shape[1:]), p12.reshape(len(p12), -1)

    @property
    def information_gap(self) -> float:
        """Gap asked of both information programs, bits; they come close in fewer steps than linear programs."""
        return 0.1 * self.tolerance

    @property
    def searchable(self) -> bool:
        """Whether sharp upper ends may be searched for; beyond that they are those of `solvers.cell_limits`."""
        return self.tables.p12[0].size * self.tables.p1y.shape[2] <= SEARCHED

    @property
    def branchings(self) -> int:
        """Branchings that a search for sharp upper ends may take: fewer where its relaxations are large. With more
        than two labels plug-in ends come from it alone; with two, the first bound and the joints that climbs find say
        almost as much (docs/benchmarks.md)."""
        n1, n2, k = *self.tables.p12.shape[1:], self.tables.p1y.shape[2]
        slices = ((n1, n2), (n2, n1)) if k == 2 else ((n1 * n2, k), (n1 * k, n2), (n2 * k, n1))
        vertices = sum(count * cells * 2 ** min(cells - 1, 30) for count, cells in slices)
        return min(BRANCHINGS, (VERTICES_OF_TWO if k == 2 else VERTICES) // vertices)

    @cached_property
    def label(self) -> Array:
        """H(Y), (B,)."""
        return np.asarray(entropy(self.tables.p1y.sum(1), batch=1))

    @cached_property
    def _union(self) -> UnionBatch:
        return union_information_many(self.tables.p1y, self.tables.p2y, tolerance=self.information_gap)

    @property
    def union(self) -> Array:
        """Union information I*, (B,)."""
        return self._union.value

    @cached_property
    def _largest_entropy(self) -> MaxentBatch:
        return maximum_entropy_many(self.tables.p12, self.tables.p1y, self.tables.p2y, tolerance=self.information_gap)

    @property
    def maxent(self) -> Array:
        """Joints of largest entropy (B,n1,n2,K)."""
        return self._largest_entropy.joint

    @cached_property
    def total_low(self) -> Array:
        """Certified smallest I({X1,X2};Y) over the set, (B,)."""
        low = entropy(self.tables.p12, batch=1) + self.label - self._largest_entropy.upper
        return np.asarray(np.maximum(low, self.union))  # the union is a minimum over a larger set

    @cached_property
    def total_high(self) -> Array:
        """Upper bound on I({X1,X2};Y) by couplings, (B,)."""
        t = self.tables
        return np.asarray(np.minimum(coupling_upper_bound_many(t.p12, t.p1y, t.p2y), self.label))

    @cached_property
    def lowest(self) -> CellBatch:
        """The best classifier's smallest accuracy, with its duals."""
        t = self.tables
        return cell_minimum_many(*self.cells, t.p1y, t.p2y, cost=None, tolerance=self.tolerance)

    def gaps(self, program: str) -> Array:
        """Certified gaps (B,) of "union", "entropy" or "accuracy", if an answer has asked for it; else empty."""
        found = vars(self).get({"union": "_union", "entropy": "_largest_entropy", "accuracy": "lowest"}[program])
        return np.zeros(0) if found is None else found.gap

    @property
    def lam_mu(self) -> Array:
        """lam + mu (B,n1,n2,K) of the smallest accuracy: its largest entry is the minimax rule's answer."""
        return self.lowest.lam[:, :, None, :] + self.lowest.mu[:, None, :, :]


def code_pairs(shape: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Row and column (n1 n2,) of each cell of an (n1, n2) table in C order."""
    rows, cols = np.indices(shape).reshape(2, -1)
    return rows, cols


def envelope(
    rows: Ints, cols: Ints, mass: Array, tables: Repaired, *, cost: Array | None, lam: Array, mu: Array
) -> Array:
    """Value (B,) of one fixed dual lam (n1,K), mu (n2,K) on each of B tables: linear in the margins.

    cost: (C,K), (B,C,K), or None for the best classifier.
    """
    v = lam[rows] + mu[cols]  # (C, K)
    price = label_price(v, cost, np.ones(v.shape, dtype=bool))
    linear = np.einsum("bik,ik->b", tables.p1y, lam) + np.einsum("bjk,jk->b", tables.p2y, mu)
    return np.asarray(linear + (mass * price).sum(axis=1))
