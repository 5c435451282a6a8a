"""Branch and bound: minimise a sum of concave functions of a table's cells, which slices bind (`solvers.slices`).

Each slice is a convex combination of the vertices that the bounds lo <= s <= hi of its cells allow, and all families
of slices are tied to the same s; a concave f_c lies above the combination of its values at them. Minimising sum t_c,
where t_c >= the combination of f_c in each family, is a linear programme and a lower bound. Plain chords would give
nothing at the root. Every bound is recomputed from clipped multipliers: for any pi that cancel between the families and
shares w in [0,1] that sum to one over them, the sum over all slices of min_v <w f(v) + pi v>.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from interplay.information import Array
from interplay.solvers.slices import ROUNDING, Sliced, slice_vertices, tighten

LISTED = 50_000  # vertices of all slices up to which a linear programme takes seconds
WIDEST = 9  # codes of a modality up to which two labels never have more: n 2^(n-1) a slice


@dataclass(frozen=True, kw_only=True)
class Searched:
    """lower: certified lower bound on the minimum; value, point (C,): the best s found; nodes solved."""

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
    cell: int = field(compare=False)
    at: float = field(compare=False)


def search(
    problem: Sliced, point: Array, *, tolerance: float, deadline: Callable[[], bool], listed: int = LISTED
) -> Searched:
    """Best-first branch and bound from a first point (C,); stops at the tolerance or the deadline.

    listed: vertices of all slices up to which a linear programme is solved; with more at the root there is no bound.
    """
    value = float(problem.f(point, problem.hi).sum())
    root = _relax(problem, *tighten(problem.families, np.zeros_like(problem.hi), problem.hi), listed)
    if root is None:
        return Searched(lower=-np.inf, value=value, point=point, nodes=0)
    heap, nodes = [_node(root, 1)], 1
    if root.value < value:
        value, point = root.value, root.point
    floor = np.inf  # lowest bound among the nodes that were cut off
    while heap and heap[0].lower < min(value - tolerance, floor) and not deadline():
        node = heapq.heappop(heap)
        for child in _children(node):
            lo, hi = tighten(problem.families, *child)
            if (lo > hi + ROUNDING).any():
                continue
            solved = _relax(problem, lo, np.maximum(lo, hi), listed)
            nodes += 1
            if solved is None:  # too many vertices, or numerical trouble: the parent's bound holds
                floor = min(floor, node.lower)
                continue
            if solved.value < value:
                value, point = solved.value, solved.point
            new = _node(solved, nodes, at_least=node.lower)
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


def _node(solved: _Relaxed, number: int, at_least: float = -np.inf) -> _Node:
    """Branch on the cell with the largest f(s) - t, at s, kept off the bounds."""
    cell = int(solved.gap.argmax())
    low, high = solved.lo[cell], solved.hi[cell]
    at = float(np.clip(solved.point[cell], low + 0.1 * (high - low), high - 0.1 * (high - low)))
    return _Node(max(solved.lower, at_least), number, solved.lo, solved.hi, cell, at)


@dataclass(frozen=True, kw_only=True)
class _Slice:
    """cells (n,) of one slice, its vertices v (m,n) and the functions' values f (m,n) there."""

    family: int
    cells: Array
    v: Array
    f: Array


def _slices(problem: Sliced, lo: Array, hi: Array, listed: int) -> list[_Slice] | None:
    """Every slice of the box, family by family; None where one allows nothing or there are too many vertices."""
    found, count = [], 0
    for at, family in enumerate(problem.families):
        for cells, total in zip(family.cells, family.total, strict=True):
            v = slice_vertices(lo[cells], hi[cells], total)
            count += len(v)
            if not len(v) or count > listed:
                return None
            found.append(_Slice(family=at, cells=cells, v=v, f=problem.f(v, problem.hi[cells])))
    return found


def _relax(problem: Sliced, lo: Array, hi: Array, listed: int) -> _Relaxed | None:
    """The linear programme of a box; None if it fails."""
    slices = _slices(problem, lo, hi, listed)
    if slices is None:
        return None
    cells, families = len(lo), len(problem.families)
    scale = float(problem.hi.mean()) or 1.0
    below, same = _matrices(slices, cells, families, scale)
    n = below.shape[1] - cells
    result = linprog(
        np.repeat([0.0, 1.0], [n, cells]),
        A_ub=below,
        b_ub=np.zeros(families * cells),
        A_eq=same,
        b_eq=np.repeat([0.0, 1.0], [(families - 1) * cells, len(slices)]),
        bounds=np.repeat([[0.0, np.inf], [-np.inf, np.inf]], [n, cells], axis=0),
        method="highs-ds",
        options={"presolve": False},  # takes longer than it saves
    )
    if result.status != 0:
        return None
    w = -result.ineqlin.marginals.reshape(families, cells)
    pi = -result.eqlin.marginals[: (families - 1) * cells].reshape(families - 1, cells)
    lower = _certified(slices, w, pi)
    point = np.zeros(cells)
    start = 0
    for s in slices:
        if s.family == 0:
            point[s.cells] = result.x[start : start + len(s.v)] @ s.v
        start += len(s.v)
    point = np.clip(point, lo, hi)
    value = problem.f(point, problem.hi)
    return _Relaxed(lower=lower, value=float(value.sum()), point=point, gap=value - result.x[n:] * scale, lo=lo, hi=hi)


def _matrices(slices: list[_Slice], cells: int, families: int, scale: float) -> tuple[sp.csc_matrix, sp.csc_matrix]:
    """Inequalities (values of the combinations less t) and equalities (same point, and shares that sum to one)."""
    family = np.concatenate([np.full(s.v.size, s.family) for s in slices])
    place = np.concatenate([np.tile(s.cells, len(s.v)) for s in slices])
    count = np.array([len(s.v) for s in slices])
    n = int(count.sum())
    column = np.repeat(np.arange(n), np.repeat([len(s.cells) for s in slices], count))
    f = np.concatenate([s.f.ravel() for s in slices]) / scale
    v = np.concatenate([s.v.ravel() for s in slices]) / scale
    t = np.arange(families * cells)
    below = sp.csc_matrix(
        (
            np.concatenate([f, -np.ones(len(t))]),
            (np.concatenate([family * cells + place, t]), np.concatenate([column, n + t % cells])),
        ),
        shape=(families * cells, n + cells),
    )
    # each later family has the first one's point
    first = family == 0
    entries = [(v[first], k * cells + place[first], column[first]) for k in range(families - 1)]
    entries += [(-v[~first], (family[~first] - 1) * cells + place[~first], column[~first])]
    entries += [(np.ones(n), (families - 1) * cells + np.repeat(np.arange(len(slices)), count), np.arange(n))]
    values, rows, columns = (np.concatenate(x) for x in zip(*entries, strict=True))
    same = sp.csc_matrix((values, (rows, columns)), shape=((families - 1) * cells + len(slices), n + cells))
    return below, same


def _certified(slices: list[_Slice], w: Array, pi: Array) -> float:
    """The bound of the module docstring, for any w (F,C) and multipliers pi (F-1,C) of the later families."""
    w = np.maximum(w, 0.0)
    w = np.where(w.sum(axis=0) > 0, w, 1.0)
    w /= w.sum(axis=0)
    pi = np.concatenate([pi.sum(axis=0)[None], -pi])
    return float(sum((s.f @ w[s.family, s.cells] + s.v @ pi[s.family, s.cells]).min() for s in slices))
