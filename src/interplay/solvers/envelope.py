"""Branch and bound: minimise a sum of concave functions of a table's cells, which slices bind (`solvers.slices`).

A box of bounds lo <= s <= hi is relaxed to mixtures of its slices' vertices (`solvers.slice_program`), which bounds it
from below; plain chords would give nothing at the root. What a better point cannot reach is cut off
(`solvers.slice_limits`); then the box is halved where the relaxation is worst, weighed by what halving that cell has
brought so far. The most promising boxes are taken several at a time.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import linprog

from interplay.information import Array
from interplay.solvers.arrays import Flags
from interplay.solvers.identified_set import TIGHT
from interplay.solvers.slice_limits import better_limits
from interplay.solvers.slice_program import Relaxed, relax
from interplay.solvers.slices import ROUNDING, Sliced, tighten, vertices_in

LISTED = 200_000  # vertices of all slices up to which a relaxation takes a second or two
_LISTED_A_SECOND = 50_000  # of them that one relaxation takes
_LISTED_BY_STEPS = 10_000  # of them where searches stop after steps: a tenth of a second
LONGEST = 12  # cells of a slice up to which there are hardly ever more: n 2^(n-1) a slice at most
WIDEST = 9  # up to which it takes a few hundredths of a second
_EMPTY = 1e-9  # a box whose bounds cross by less may be one of rounding
_TOGETHER = (8, 64)  # boxes that are halved at a time: so many at first, and at most
_SHARE = 8  # of the open boxes, one in so many is
_AT_ONCE = 60_000  # vertices of all of them at most, if they have as many as the heaviest so far
_WORK = 2e7  # of more than the first eight: cubes of the unknowns of their systems, a fifth of a second at most
_EDGE = 0.2  # of a box that either half has at least


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
    cell: int = field(compare=False)  # to be halved
    at: float = field(compare=False)
    gap: float = field(compare=False)  # f(s) - t there


class _Gains:
    """How much halving each cell raised the bound, in units of the cell's gap."""

    def __init__(self, cells: int):
        self.sum, self.count = np.zeros(cells), np.zeros(cells)

    def learn(self, nodes: list[_Node], lower: Array, end: float) -> None:
        """The bounds (B,) of halves of these nodes; what is beyond `end` brings nothing more."""
        for node, bound in zip(nodes, lower, strict=False):  # the root has none
            self.sum[node.cell] += max(min(float(bound), end) - node.lower, 0.0) / max(node.gap, ROUNDING)
            self.count[node.cell] += 1

    def expected(self) -> Array:
        """(C,): of a cell that was never halved, the mean of all."""
        mean = self.sum.sum() / max(self.count.sum(), 1.0) + ROUNDING
        return np.asarray((self.sum + mean) / (self.count + 1))


def search(
    problem: Sliced, point: Array, *, tolerance: float, deadline: Callable[[], bool], listed: int = LISTED
) -> Searched:
    """Best-first branch and bound from a first point (C,); stops at the tolerance or the deadline.

    listed: vertices of all slices up to which boxes are relaxed; with more at the root there is no bound.
    """
    value = float(problem.f(point, problem.hi).sum())
    lo, hi, _, _ = _allowed(problem, np.zeros((1, len(point))), problem.hi[None])
    vertices = vertices_in(problem.families, lo[0], hi[0]) if len(lo) else 0
    if not 0 < vertices <= listed:
        return Searched(lower=-np.inf, value=value, point=point, nodes=0)
    unknowns = 2 * len(point) * (len(problem.families) - 1)
    most = min(max(int(_WORK / unknowns**3), _TOGETHER[0]), _TOGETHER[1])
    heap, gains, parents = list[_Node](), _Gains(len(point)), list[_Node]()
    nodes, floor = 0, np.inf  # floor: lowest bound among what was cut off
    while len(lo):
        found = relax(problem, lo, hi, value - tolerance)
        costs = problem.f(found.point, problem.hi)
        best = int(costs.sum(axis=1).argmin())
        value, point = min((value, point), _vertex_below(problem, found.point[best]), key=lambda x: x[0])
        end, above = value - tolerance, np.array([n.lower for n in parents] or [-np.inf])
        failed = ~np.isfinite(found.lower)  # numbers, or a slice without a vertex by rounding: the parent's bound holds
        found = replace(found, lower=np.where(failed, above, np.maximum(found.lower, above)))
        gains.learn(parents, found.lower, end)
        shut = failed | (found.lower >= end)
        floor = min(floor, float(found.lower[shut].min(initial=np.inf)), np.inf if shut.all() else end)
        opened, doubtful = _nodes(problem, found, costs, lo, hi, ~shut, end, gains.expected(), nodes)
        for node in opened:
            heapq.heappush(heap, node)
        nodes, floor = nodes + len(lo), min(floor, doubtful)
        lo = lo[:0]
        vertices = max(vertices, sum(p.price.shape[1] * p.price.shape[2] for p in found.priced))
        together = min(max(_TOGETHER[0], len(heap) // _SHARE), most, max(_AT_ONCE // vertices, 1))
        while not len(lo) and (chosen := _taken(heap, min(end, floor), together, deadline)):
            lo, hi, parents, doubtful = _halved(problem, chosen)
            floor = min(floor, doubtful)
    return Searched(lower=min([floor, value, *(n.lower for n in heap)]), value=value, point=point, nodes=nodes)


def affordable(time_limit: float, steps: int | None, *, two: bool, longest: int) -> int:
    """Vertices of all slices up to which boxes are relaxed at all, so that the time or the steps allow some; two
    labels, longest: cells of a slice."""
    if steps is None:
        return min(LISTED, int(_LISTED_A_SECOND * time_limit))
    return LISTED if two and longest <= WIDEST else _LISTED_BY_STEPS


def _allowed(problem: Sliced, lo: Array, hi: Array) -> tuple[Array, Array, Flags, Flags]:
    """Bounds (B',C) of the boxes that the sums of slices leave anything of, which (B,) they are, and which others may
    be empty by rounding only."""
    lo, hi = tighten(problem.families, lo, hi)
    crossing = (lo - hi).max(axis=1)
    some = crossing <= ROUNDING
    return lo[some], np.maximum(lo, hi)[some], some, ~some & (crossing < _EMPTY)


def _nodes(
    problem: Sliced,
    found: Relaxed,
    costs: Array,
    lo: Array,
    hi: Array,
    open_: Flags,
    end: float,
    gains: Array,
    first: int,
) -> tuple[list[_Node], float]:
    """Of the boxes that are open: what may be better than `end`, and where to halve it; the bound of those that are
    doubtful."""
    if not open_.any():
        return [], np.inf
    limits = better_limits(problem, found.take(open_), lo[open_], hi[open_], end)
    low, high, some, doubtful = _allowed(problem, *limits)
    at = np.flatnonzero(open_)[some]
    width, gap = high - low, np.nan_to_num(np.maximum(costs - found.values, 0.0)[at])
    cells = np.where(width > ROUNDING, gap * gains, -1.0).argmax(axis=1)
    halves = np.clip(found.point[at], low + _EDGE * width, high - _EDGE * width)
    nodes = [
        _Node(float(found.lower[i]), first + int(i), low[k], high[k], int(c), float(halves[k, c]), float(gap[k, c]))
        for k, (i, c) in enumerate(zip(at, cells, strict=True))
    ]
    return nodes, float(found.lower[open_][doubtful].min(initial=np.inf))


def _taken(heap: list[_Node], most: float, count: int, deadline: Callable[[], bool]) -> list[_Node]:
    """The lowest nodes below `most`, so many at most; the deadline is asked for each."""
    chosen = list[_Node]()
    while heap and heap[0].lower < most and len(chosen) < count and not deadline():
        chosen.append(heapq.heappop(heap))
    return chosen


def _halved(problem: Sliced, nodes: list[_Node]) -> tuple[Array, Array, list[_Node], float]:
    """Bounds (B,C) of what the halves of the nodes' boxes allow, the node of each, and the bound of those that are
    doubtful."""
    lo, hi = (np.array(ends).reshape(-1, len(problem.hi)) for ends in ([n.lo for n in nodes], [n.hi for n in nodes]))
    left, right, k = hi.copy(), lo.copy(), np.arange(len(nodes))
    left[k, [n.cell for n in nodes]] = right[k, [n.cell for n in nodes]] = [n.at for n in nodes]
    lo, hi, some, doubtful = _allowed(problem, np.concatenate([lo, right]), np.concatenate([left, hi]))
    twice = [*nodes, *nodes]
    bound = min([twice[i].lower for i in np.flatnonzero(doubtful)], default=np.inf)
    return lo, hi, [twice[i] for i in np.flatnonzero(some)], bound


def _vertex_below(problem: Sliced, point: Array) -> tuple[float, Array]:
    """Value and vertex of what all slices allow where the tangent at a point (C,) is least; f is concave, so it costs
    no more than a point that they allow. Infinite if there is none."""
    step = 1e-6 * problem.hi
    low, high = np.maximum(point - step, 0.0), np.minimum(point + step, problem.hi)
    slope = (problem.f(high, problem.hi) - problem.f(low, problem.hi)) / np.where(high > low, high - low, 1.0)
    sums = [np.eye(len(point))[family.cells].sum(axis=1) for family in problem.families]
    total = np.concatenate([family.total for family in problem.families])
    bounds = np.stack([np.zeros_like(point), problem.hi], axis=1)
    result = linprog(slope, A_eq=np.concatenate(sums), b_eq=total, bounds=bounds, method="highs-ds", options=TIGHT)
    if result.status != 0:
        return np.inf, point
    vertex = np.clip(result.x, 0.0, problem.hi)
    return float(problem.f(vertex, problem.hi).sum()), vertex
