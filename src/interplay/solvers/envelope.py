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

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from interplay.information import Array

Concave = Callable[[Array, Array], Array]  # (values, capacities) -> values, elementwise concave in the first


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


def slice_vertices(lo: Array, hi: Array, total: float) -> Array:
    """Vertices (m, n) of {lo <= v <= hi, sum v = total}: one coordinate between its bounds, the others at them."""
    n = len(lo)
    pattern = (np.arange(2 ** (n - 1))[:, None] >> np.arange(n - 1)) & 1  # (2^(n-1), n-1)
    found = []
    for j in range(n):
        rest = np.delete(np.arange(n), j)
        others = np.where(pattern == 1, hi[rest], lo[rest])
        last = total - others.sum(axis=1)
        keep = (last >= lo[j] - _ROUNDING) & (last <= hi[j] + _ROUNDING)
        v = np.empty((int(keep.sum()), n))
        v[:, rest], v[:, j] = others[keep], np.clip(last[keep], lo[j], hi[j])
        found.append(v)
    return np.unique(np.concatenate(found), axis=0)


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
    matrix_v, matrix_fr, matrix_fc, ones = _matrices(rows, cols, f_rows, f_cols, n1, n2)
    n, cells = matrix_v.shape[1], n1 * n2
    eye = sp.identity(cells, format="csr")
    scale = float(problem.hi.mean()) or 1.0
    result = linprog(
        np.repeat([0.0, 1.0], [n, cells]),
        A_ub=sp.vstack([sp.hstack([matrix_fr / scale, -eye]), sp.hstack([matrix_fc / scale, -eye])]).tocsr(),
        b_ub=np.zeros(2 * cells),
        A_eq=sp.vstack(
            [
                sp.hstack([matrix_v / scale, sp.csr_matrix((cells, cells))]),
                sp.hstack([ones, sp.csr_matrix((n1 + n2, cells))]),
            ]
        ).tocsr(),
        b_eq=np.concatenate([np.zeros(cells), np.ones(n1 + n2)]),
        bounds=[(0, None)] * n + [(None, None)] * cells,
        method="highs-ds",
    )
    if result.status != 0:
        return None
    w = np.clip(-result.ineqlin.marginals[:cells].reshape(n1, n2), 0, 1)
    pi = -result.eqlin.marginals[:cells].reshape(n1, n2)
    lower = _certified(rows, cols, f_rows, f_cols, w, pi)
    count = sum(len(v) for v in rows)
    row_part = sp.csr_matrix(matrix_v)[:, :count] @ result.x[:count]
    point = np.clip(row_part.reshape(n1, n2), lo, hi)
    value = problem.f(point, problem.hi)
    below = result.x[n:].reshape(n1, n2) * scale
    return _Relaxed(lower=lower, value=float(value.sum()), point=point, gap=value - below, lo=lo, hi=hi)


def _matrices(
    rows: list[Array], cols: list[Array], f_rows: list[Array], f_cols: list[Array], n1: int, n2: int
) -> tuple[sp.csr_matrix, sp.csr_matrix, sp.csr_matrix, sp.csr_matrix]:
    """Cells by combinations: row minus column coordinates, row values, column values; and the convexity rows."""
    cells = np.arange(n1 * n2).reshape(n1, n2)
    place = [np.tile(cells[i], len(v)) for i, v in enumerate(rows)]
    place += [np.tile(cells[:, j], len(v)) for j, v in enumerate(cols)]
    width = [n2] * sum(len(v) for v in rows) + [n1] * sum(len(v) for v in cols)
    column = np.repeat(np.arange(len(width)), width)
    where = np.concatenate(place)
    first = sum(v.size for v in rows)
    shape = (n1 * n2, len(width))

    def build(values: Array) -> sp.csr_matrix:
        return sp.csr_matrix((values, (where, column)), shape=shape)

    v = np.concatenate([*(x.ravel() for x in rows), *(-x.ravel() for x in cols)])
    f = np.concatenate([x.ravel() for x in (*f_rows, *f_cols)])
    is_row = np.arange(len(v)) < first
    group = np.repeat(np.arange(n1 + n2), [len(x) for x in (*rows, *cols)])
    ones = sp.csr_matrix((np.ones(len(group)), (group, np.arange(len(group)))), shape=(n1 + n2, len(group)))
    return build(v), build(np.where(is_row, f, 0.0)), build(np.where(is_row, 0.0, f)), ones


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
