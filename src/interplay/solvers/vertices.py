"""Vertices of a polytope {x >= 0 : A x = b}: all of them (small cases), or a walk over good ones.

A concave function has its minimum at a vertex, so a complete enumeration is exact. Degenerate vertices have
many bases; the walk between bases needs strict ratio tests, so the bounds of the first basis are relaxed by a
tiny random amount. The relaxed polytope contains the true one, and every basis is evaluated at its unrelaxed
solution, which is feasible up to `Enumeration.infeasibility`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.information import Array
from interplay.solvers.annealing import anneal

Ints = NDArray[np.intp]
Objective = Callable[[Array], Array]  # (F, n) non-negative points -> (F,) values of a concave function

_RELAX = 1e-13  # times the largest coordinate
_PIVOT = 1e-9


@dataclass(frozen=True, kw_only=True)
class Start:
    """A first basis: x = base + lines @ u, u >= 0 the nonbasic coordinates free (d,), lines (n, d)."""

    base: Array
    relaxed: Array
    lines: Array
    free: Ints


def start_at(matrix: Array, vertex: Array, rng: np.random.Generator) -> Start:
    """Basis of a vertex (n,) of the dense system matrix (m, n): positive coordinates are basic.

    Gauss-Jordan with the columns in falling order of the coordinates; for 0/1 matrices of tables the entries
    stay small integers.
    """
    n = len(vertex)
    order = np.argsort(-vertex, kind="stable")
    A = matrix[:, order].astype(float)
    basic: list[int] = []
    for column in range(n):
        if len(basic) == len(A):
            break
        row = len(basic) + int(np.abs(A[len(basic) :, column]).argmax())
        if abs(A[row, column]) < _PIVOT:
            continue
        A[[len(basic), row]] = A[[row, len(basic)]]
        A[len(basic)] /= A[len(basic), column]
        factor = A[:, column].copy()
        factor[len(basic)] = 0.0
        A -= factor[:, None] * A[len(basic)]
        basic.append(column)
    others = np.setdiff1d(np.arange(n), basic)
    lines = np.zeros((n, len(others)))
    lines[order[basic]] = -A[: len(basic)][:, others]
    lines[order[others], np.arange(len(others))] = 1.0
    base = vertex.copy()
    base[order[others]] = 0.0  # rounding of the solver that found the vertex
    relaxed = base.copy()
    relaxed[order[basic]] += _RELAX * max(float(vertex.max(initial=0)), 1e-300) * rng.uniform(0.5, 1, len(basic))
    return Start(base=base, relaxed=relaxed, lines=lines, free=order[others])


@dataclass(frozen=True, kw_only=True)
class Enumeration:
    """The best vertex found. complete: every vertex was seen. infeasibility: most negative coordinate seen."""

    point: Array
    value: float
    count: int
    complete: bool
    infeasibility: float


def enumerate_vertices(start: Start, objective: Objective, *, limit: int, block: int = 4096) -> Enumeration:
    """Minimum of a concave objective over all vertices, breadth first over the bases; at most 64 coordinates.

    limit: number of bases after which it gives up (`complete` is then False).
    """
    n, d = start.lines.shape
    bits = np.uint64(1) << np.arange(n, dtype=np.uint64)
    frontier = start.free[None, :]
    seen = _mask(frontier, bits)
    best, point, worst, count = np.inf, start.base, 0.0, 0
    while len(frontier):
        found: list[Ints] = []
        for i in range(0, len(frontier), block):
            basis = frontier[i : i + block]
            x, following = _visit(start, basis)
            worst = min(worst, float(x.min(initial=0.0)))
            x = np.maximum(x, 0.0)
            value = objective(x)
            k = int(value.argmin())
            if value[k] < best:
                best, point = float(value[k]), x[k]
            found.append(following)
        count += len(frontier)
        if count >= limit or d == 0:
            return Enumeration(point=point, value=best, count=count, complete=d == 0, infeasibility=-worst)
        frontier, seen = _unseen(np.concatenate(found), seen, bits)
    return Enumeration(point=point, value=best, count=count, complete=True, infeasibility=-worst)


def _mask(bases: Ints, bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return np.bitwise_or.reduce(bits[bases], axis=1)


def _unseen(bases: Ints, seen: NDArray[np.uint64], bits: NDArray[np.uint64]) -> tuple[Ints, NDArray[np.uint64]]:
    """New bases, each once, and the sorted masks of all bases seen."""
    masks, first = np.unique(_mask(bases, bits), return_index=True)
    place = np.minimum(np.searchsorted(seen, masks), len(seen) - 1)
    new = seen[place] != masks
    return bases[first[new]], np.sort(np.concatenate([seen, masks[new]]))


def _visit(start: Start, basis: Ints) -> tuple[Array, Ints]:
    """Unrelaxed solutions (F, n) of bases given by their nonbasic coordinates (F, d), and all neighbours."""
    inverse = np.linalg.inv(start.lines[basis])  # (F, d, d): coordinates of the start per unit nonbasic
    lines = start.lines @ inverse  # (F, n, d): change of x per unit of each nonbasic coordinate
    x = start.base - (lines @ start.base[basis][..., None])[..., 0]
    relaxed = start.relaxed - (lines @ start.relaxed[basis][..., None])[..., 0]
    np.put_along_axis(x, basis, 0.0, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(lines < -_PIVOT, -relaxed[..., None] / lines, np.inf)  # (F, n, d)
    leaving = ratio.argmin(axis=1)  # (F, d)
    F, d = basis.shape
    bounded = np.isfinite(np.take_along_axis(ratio, leaving[:, None, :], axis=1)[:, 0])
    following = np.broadcast_to(basis[:, None, :], (F, d, d)).copy()
    following[:, range(d), range(d)] = leaving  # entering coordinate k is replaced by the leaving one
    return x, following[bounded]


def walk(
    start: Start,
    objective: Objective,
    *,
    unit: float,
    cold: float,
    deadline: Callable[[], bool],
    rng: np.random.Generator,
    target: float = -np.inf,
) -> Array:
    """A vertex (n,) of small objective; arguments as in `annealing.anneal`."""
    return anneal(_Walk(start, objective), unit=unit, cold=cold, deadline=deadline, rng=rng, target=target)


class _Walk:
    """A tableau that moves: x (n,), relaxed (n,) and lines (n, d) as in `Start`; rebuilt by pivots only."""

    def __init__(self, start: Start, objective: Objective):
        self.x, self.relaxed, self.lines = start.base.copy(), start.relaxed.copy(), start.lines.copy()
        self.objective = objective
        self.value = float(objective(self.point()[None])[0])

    def point(self) -> Array:
        """The vertex (n,)."""
        return np.maximum(self.x, 0.0)

    def neighbours(self) -> tuple[Array, Ints, Array]:
        """Values (d,) of all neighbours, the coordinate that blocks the way to each, and how far it is."""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(self.lines < -_PIVOT, -self.relaxed[:, None] / self.lines, np.inf)
        leaving = ratio.argmin(axis=0)
        length = np.maximum(self.x[leaving], 0.0) / -self.lines[leaving, range(len(leaving))]
        points = np.maximum(self.x + length[:, None] * self.lines.T, 0.0)
        return self.objective(points), leaving, length

    def step(self, k: int, block: int, length: float) -> None:
        """Let the k-th nonbasic coordinate enter and `block` leave."""
        line = self.lines[:, k] / -self.lines[block, k]
        self.x, self.relaxed = self.x + length * self.lines[:, k], self.relaxed + self.relaxed[block] * line
        row = self.lines[block].copy()
        self.lines += line[:, None] * row
        self.lines[:, k] = -line
        self.lines[block] = 0.0
        self.lines[block, k] = 1.0
        self.x[block] = self.relaxed[block] = 0.0
        self.value = float(self.objective(self.point()[None])[0])
