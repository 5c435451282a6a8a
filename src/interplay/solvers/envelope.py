"""Branch and bound for two labels: minimise a sum of concave functions over a capacitated transport polytope.

With s = r(.,.,0), D is {lo <= s <= hi : row sums a, column sums b}, lo = 0 and hi = p12 at the root. Each row
is a convex combination of the vertices of its knapsack slice (all coordinates at a bound but one), each column
too, both tied to the same s; a concave f_c lies above the combination of its values at them. Minimising
sum t_c, t_c >= sum lambda f_c(v), t_c >= sum kappa f_c(v), is a linear programme and a lower bound. Plain chords
would give nothing at the root. Every bound is recomputed from clipped multipliers: for any pi (n1,n2) and w
in [0,1],  sum_rows min_v <w f(v) + pi v> + sum_columns min_v <(1-w) f(v) - pi v>.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from interplay.information import Array

Concave = Callable[[Array, Array], Array]  # (values, capacities) -> values, elementwise concave in the first


WIDEST = 9  # codes of a modality up to which its slices are listed: n 2^(n-1) vertices each


@dataclass(frozen=True, kw_only=True)
class TwoLabels:
    """hi (n1,n2) capacities, a (n1,), b (n2,) sums of s, f the concave function of each cell."""

    hi: Array
    a: Array
    b: Array
    f: Concave


@dataclass(frozen=True, kw_only=True)
class Searched:
    """lower: certified lower bound on the minimum; value, point: the best s found; nodes solved."""

    lower: float
    value: float
    point: Array
    nodes: int


@dataclass(order=True)
class _Node:
    lower: float
    number: int
    lo: Array = field(compare=False)
    hi: Array = field(compare=False)
    cell: tuple[int, int] = field(compare=False)
    at: float = field(compare=False)


_ROUNDING = 1e-12  # of probabilities: a slice that is a point must not lose it


@lru_cache(maxsize=16)
def _corners(n: int) -> Array:
    """(n, 2^(n-1), n): for each coordinate j, every choice of 0 or 1 of the others; 0 at j."""
    pattern = (np.arange(2 ** (n - 1))[:, None] >> np.arange(n - 1)) & 1
    corners = np.stack([np.insert(pattern, j, 0, axis=1) for j in range(n)]).astype(np.float64)
    corners.setflags(write=False)
    return corners


def slice_vertices(lo: Array, hi: Array, total: float) -> Array:
    """Vertices (m, n) of {lo <= v <= hi, sum v = total}: one coordinate between its bounds, the others at them.

    One with every coordinate at a bound may be there more than once.
    """
    free = np.flatnonzero(hi > lo)
    if not len(free):
        return lo[None] if abs(total - lo.sum()) <= len(lo) * _ROUNDING else lo[None][:0]
    width, left = (hi - lo)[free], total - lo.sum()
    steps = _corners(len(free)) * width  # (j, choices, n)
    last = left - steps.sum(axis=2)
    keep = (last >= -_ROUNDING) & (last <= width[:, None] + _ROUNDING)
    at, choice = np.nonzero(keep)
    v = steps[at, choice]
    v[np.arange(len(at)), at] = np.clip(last[keep], 0.0, width[at])
    vertices = np.repeat(lo[None], len(at), axis=0)
    vertices[:, free] += v
    return vertices


def tighten(lo: Array, hi: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """Bounds (n1,n2) that the sums of rows and columns imply, two rounds."""
    for _ in range(2):
        for axis, total in ((1, a[:, None]), (0, b[None, :])):
            lower, upper = lo.sum(axis=axis, keepdims=True), hi.sum(axis=axis, keepdims=True)
            lo, hi = np.maximum(lo, total - (upper - hi)), np.minimum(hi, total - (lower - lo))
    return lo, np.where(hi < lo, np.where(hi > lo - _ROUNDING, lo, hi), hi)


def search(problem: TwoLabels, point: Array, *, tolerance: float, deadline: Callable[[], bool]) -> Searched:
    """Best-first branch and bound from a first point (n1,n2); stops at the tolerance or the deadline."""
    value = float(problem.f(point, problem.hi).sum())
    root = _relax(problem, *tighten(np.zeros_like(problem.hi), problem.hi, problem.a, problem.b))
    if root is None:
        return Searched(lower=-np.inf, value=value, point=point, nodes=0)
    heap, nodes = [_node(problem, root, 1)], 1
    if root.value < value:
        value, point = root.value, root.point
    floor = np.inf  # lowest bound among the nodes that were cut off
    while heap and heap[0].lower < value - tolerance and not deadline():
        node = heapq.heappop(heap)
        for child in _children(node):
            bounds = tighten(*child, problem.a, problem.b)
            if (bounds[0] > bounds[1] + 1e-12).any():
                continue
            solved = _relax(problem, bounds[0], np.maximum(bounds[0], bounds[1]))
            nodes += 1
            if solved is None:  # numerical trouble: the parent's bound holds
                floor = min(floor, node.lower)
                continue
            if solved.value < value:
                value, point = solved.value, solved.point
            new = _node(problem, solved, nodes, at_least=node.lower)
            if new.lower < value - tolerance:
                heapq.heappush(heap, new)
            else:
                floor = min(floor, new.lower)
    lower = min([floor, value, *(node.lower for node in heap)])
    return Searched(lower=lower, value=value, point=point, nodes=nodes)


def _children(node: _Node) -> list[tuple[Array, Array]]:
    left, right = node.hi.copy(), node.lo.copy()
    left[node.cell] = right[node.cell] = node.at
    return [(node.lo, left), (right, node.hi)]


@dataclass(frozen=True, kw_only=True)
class _Relaxed:
    lower: float
    value: float
    point: Array
    gap: Array
    lo: Array
    hi: Array


def _node(problem: TwoLabels, solved: _Relaxed, number: int, at_least: float = -np.inf) -> _Node:
    """Branch on the cell with the largest f(s) - t, at s, kept off the bounds."""
    cell = np.unravel_index(int(solved.gap.argmax()), solved.gap.shape)
    i, j = int(cell[0]), int(cell[1])
    low, high = solved.lo[i, j], solved.hi[i, j]
    at = float(np.clip(solved.point[i, j], low + 0.1 * (high - low), high - 0.1 * (high - low)))
    return _Node(max(solved.lower, at_least), number, solved.lo, solved.hi, (i, j), at)


def _relax(problem: TwoLabels, lo: Array, hi: Array) -> _Relaxed | None:
    """The linear programme of a box; None if it fails."""
    n1, n2 = lo.shape
    rows = [slice_vertices(lo[i], hi[i], problem.a[i]) for i in range(n1)]
    cols = [slice_vertices(lo[:, j], hi[:, j], problem.b[j]) for j in range(n2)]
    if not all(len(v) for v in (*rows, *cols)):
        return None
    f_rows = [problem.f(v, problem.hi[i]) for i, v in enumerate(rows)]
    f_cols = [problem.f(v, problem.hi[:, j]) for j, v in enumerate(cols)]
    scale = float(problem.hi.mean()) or 1.0
    below, same = _matrices(rows, cols, f_rows, f_cols, scale)
    cells = n1 * n2
    n = below.shape[1] - cells
    result = linprog(
        np.repeat([0.0, 1.0], [n, cells]),
        A_ub=below,
        b_ub=np.zeros(2 * cells),
        A_eq=same,
        b_eq=np.concatenate([np.zeros(cells), np.ones(n1 + n2)]),
        bounds=np.repeat([[0.0, np.inf], [-np.inf, np.inf]], [n, cells], axis=0),
        method="highs-ds",
        options={"presolve": False},  # takes longer than it saves
    )
    if result.status != 0:
        return None
    w = np.clip(-result.ineqlin.marginals[:cells].reshape(n1, n2), 0, 1)
    pi = -result.eqlin.marginals[:cells].reshape(n1, n2)
    lower = _certified(rows, cols, f_rows, f_cols, w, pi)
    shares = np.split(result.x[: sum(len(v) for v in rows)], np.cumsum([len(v) for v in rows])[:-1])
    point = np.clip(np.stack([share @ v for share, v in zip(shares, rows, strict=True)]), lo, hi)
    value = problem.f(point, problem.hi)
    under = result.x[n:].reshape(n1, n2) * scale
    return _Relaxed(lower=lower, value=float(value.sum()), point=point, gap=value - under, lo=lo, hi=hi)


def _matrices(
    rows: list[Array], cols: list[Array], f_rows: list[Array], f_cols: list[Array], scale: float
) -> tuple[sp.csc_matrix, sp.csc_matrix]:
    """Inequalities (values of the combinations less t) and equalities (same point, and shares that sum to one)."""
    n1, n2 = len(rows), len(cols)
    cells = np.arange(n1 * n2).reshape(n1, n2)
    place = np.concatenate(
        [
            *(np.tile(cells[i], len(v)) for i, v in enumerate(rows)),
            *(np.tile(c, len(v)) for c, v in zip(cells.T, cols, strict=True)),
        ]
    )
    many_rows, many_cols = sum(len(v) for v in rows), sum(len(v) for v in cols)
    n = many_rows + many_cols
    column = np.repeat(np.arange(n), np.repeat([n2, n1], [many_rows, many_cols]))
    side = np.where(column < many_rows, 0, n1 * n2)
    f = np.concatenate([x.ravel() for x in (*f_rows, *f_cols)]) / scale
    v = np.concatenate([*(x.ravel() for x in rows), *(-x.ravel() for x in cols)]) / scale
    t = np.arange(2 * n1 * n2)
    below = sp.csc_matrix(
        (
            np.concatenate([f, -np.ones(len(t))]),
            (np.concatenate([place + side, t]), np.concatenate([column, n + t % (n1 * n2)])),
        ),
        shape=(2 * n1 * n2, n + n1 * n2),
    )
    group = n1 * n2 + np.repeat(np.arange(n1 + n2), [len(x) for x in (*rows, *cols)])
    same = sp.csc_matrix(
        (
            np.concatenate([v, np.ones(n)]),
            (np.concatenate([place, group]), np.concatenate([column, np.arange(n)])),
        ),
        shape=(n1 * n2 + n1 + n2, n + n1 * n2),
    )
    return below, same


def _certified(
    rows: list[Array], cols: list[Array], f_rows: list[Array], f_cols: list[Array], w: Array, pi: Array
) -> float:
    """The bound of the module docstring for any w in [0,1] and pi."""
    total = 0.0
    for i, v in enumerate(rows):
        total += float((f_rows[i] @ w[i] + v @ pi[i]).min())
    for j, v in enumerate(cols):
        total += float((f_cols[j] @ (1 - w[:, j]) - v @ pi[:, j]).min())
    return total
