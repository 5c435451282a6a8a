"""A walk over vertices of a capacitated transport polytope by pivots, for a sum of concave functions.

With s = r(.,.,0) two labels are {0 <= s <= hi : row sums a, column sums b}. A basis has at most n1 + n2 - 1 cells, all
others are at a bound, so the tableau of a bounded simplex is small and its entries are 0, 1 and -1.
"""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from interplay.information import Array
from interplay.solvers import annealing
from interplay.solvers.arrays import Index
from interplay.solvers.slices import Concave

RELAX = 1e-13  # of the largest capacity: degenerate vertices need strict ratio tests


class TransportWalk:
    """A vertex and its tableau: cells in `basis` move by -table per unit of a nonbasic cell in `free`."""

    def __init__(self, hi: Array, f: Concave, vertex: Array):
        rows, cols = np.nonzero(hi > 0)
        self.at, self.shape, self.f = (rows, cols), hi.shape, f
        self.hi = hi[rows, cols]
        self.x = np.clip(vertex[rows, cols], 0.0, self.hi)
        order = np.argsort(-np.minimum(self.x, self.hi - self.x), kind="stable")
        incidence = np.zeros((sum(self.shape), len(rows)))
        incidence[rows, np.arange(len(rows))] = incidence[len(hi) + cols, np.arange(len(rows))] = 1.0
        self.basis, self.free, self.table = _basis(incidence, order)
        inside = RELAX * float(self.hi.max(initial=0.0)) * np.random.default_rng(0).uniform(0.5, 1, len(self.basis))
        held = self.x[self.basis]
        self.upper = self.x[self.free] > 0.5 * self.hi[self.free]
        self.x[self.free] = np.where(self.upper, self.hi[self.free], 0.0)
        self.relaxed = self.x.copy()
        self.relaxed[self.basis] += np.where(2 * held < self.hi[self.basis], inside, -inside)
        self.value = float(self.f(self.x, self.hi).sum())

    def point(self) -> Array:
        """The vertex as a table (n1,n2)."""
        table = np.zeros(self.shape)
        table[self.at] = np.clip(self.x, 0.0, self.hi)
        return table

    def neighbours(self) -> tuple[Array, Index, Array]:
        """Values (d,) of all neighbours, what blocks each (a row of the basis, or -1: its own other bound), lengths."""
        basis, free = self.basis, self.free
        sign = np.where(self.upper, -1.0, 1.0)
        change = self.table * -sign
        room, width = self.hi[basis] - self.relaxed[basis], self.hi[free]
        limit = np.where(change > 0.5, room[:, None], np.where(change < -0.5, self.relaxed[basis][:, None], np.inf))
        block = limit.argmin(axis=0)
        d = np.arange(len(free))
        flips = limit[block, d] >= width
        held = self.x[basis]
        left = np.where(change[block, d] > 0, (self.hi[basis] - held)[block], held[block])
        length = np.where(flips, width, left)  # a hair below zero where the vertex is degenerate: sums stay exact
        top = self.hi[basis][:, None]
        moved = self.f(np.clip(held[:, None] + change * length, 0.0, top), top).sum(axis=0)
        own = self.x[free]
        values = self.value + moved - self.f(held, self.hi[basis]).sum()
        values += self.f(np.clip(own + sign * length, 0.0, width), width) - self.f(own, width)
        return values, np.where(flips, -1, block), length

    def step(self, k: int, block: int, length: float) -> None:
        """Move nonbasic cell k until it is blocked."""
        sign = -1.0 if self.upper[k] else 1.0
        entering, column = self.free[k], self.table[:, k].copy()
        relaxed = self.hi[entering] if block < 0 else self._relaxed_length(block, -sign * column[block])
        self.x[self.basis] -= sign * length * column
        self.relaxed[self.basis] -= sign * relaxed * column
        self.x[entering] += sign * length
        self.relaxed[entering] += sign * relaxed
        if block < 0:
            self.upper[k] = not self.upper[k]
            self.x[entering] = self.relaxed[entering] = self.hi[entering] if self.upper[k] else 0.0
        else:
            leaving = self.basis[block]
            self.upper[k] = -sign * column[block] > 0
            self.x[leaving] = self.relaxed[leaving] = self.hi[leaving] if self.upper[k] else 0.0
            self._pivot(k, block, column)
        self.value = float(self.f(np.clip(self.x, 0.0, self.hi), self.hi).sum())

    def _relaxed_length(self, block: int, direction: float) -> float:
        cell = self.basis[block]
        return float(self.hi[cell] - self.relaxed[cell] if direction > 0 else self.relaxed[cell])

    def _pivot(self, k: int, block: int, column: Array) -> None:
        pivot = column[block]
        row = self.table[block] / pivot
        row[k] = 1.0 / pivot
        column[block] = 0.0
        self.table -= column[:, None] * row
        self.table[:, k] = -column / pivot
        self.table[block] = row
        self.basis[block], self.free[k] = self.free[k], self.basis[block]


def _basis(incidence: Array, order: Index) -> tuple[Index, Index, Array]:
    """Basic and other cells, and the tableau, by Gauss-Jordan on (equations, cells); the first in order come first."""
    A = incidence.copy()
    basic: list[int] = []
    for cell in order:
        rank = len(basic)
        if rank == len(A):
            break
        row = rank + int(np.abs(A[rank:, cell]).argmax())
        if abs(A[row, cell]) < 0.5:
            continue
        A[[rank, row]] = A[[row, rank]]
        A[rank] /= A[rank, cell]
        factor = A[:, cell].copy()
        factor[rank] = 0.0
        A -= factor[:, None] * A[rank]
        basic.append(int(cell))
    free = np.setdiff1d(np.arange(A.shape[1]), basic)
    return np.array(basic, dtype=np.intp), free, np.ascontiguousarray(A[: len(basic)][:, free])


def anneal(
    hi: Array,
    f: Concave,
    vertex: Array,
    *,
    cold: float,
    deadline: Callable[[], bool],
    rng: Generator,
    target: float = -np.inf,
) -> Array:
    """The best s (n1,n2) met on a walk from a vertex, until the deadline or a value at most the target.

    hi (n1,n2): capacities of s; f: the concave function of each cell. cold: temperature at the end of a cycle, in units
    of the mean capacity.
    """
    walk = TransportWalk(hi, f, vertex)
    unit = float(walk.hi.mean()) if len(walk.hi) else 0.0
    return annealing.anneal(walk, unit=unit, cold=cold, deadline=deadline, rng=rng, target=target)
