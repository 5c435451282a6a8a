"""Accuracy when both labelled tables may move: a linear programme with the allowed move on its right-hand side.

A move of the tables q1y (n1,K) and q2y (n2,K) away from p1y and p2y is measured by total variation, and each may
move by at most the slack; p12 (n1,n2) stays. The least value over all joints that fit is a convex, falling,
piecewise linear function of the slack. Every solution's duals are a line below the whole curve, so the curve is
the highest of the lines found, and a slack whose value two solved neighbours settle needs no programme.
"""

from collections.abc import Iterable

import numpy as np
import scipy.sparse as sp

from interplay.errors import MarginsError
from interplay.information import Array
from interplay.solvers.cells_dual import slack_line
from interplay.solvers.identified_set import solve

CLOSED = 1e-10  # gap at which a slack needs no further programme
NUDGES = (0.0, 1e-9, 1e-7)  # a slack on the edge of what fits is moved inside by this much
STEPS = 500  # of the search for a level: every step meets another linear piece


class SlackCurve:
    """Least value of sum r * cost, or of the best accuracy where cost is None, against the slack.

    cost (n1,n2,K) or None. `smallest` is a slack below which provably no joint fits, and at which one does, to
    1e-9. `low` is certified: the highest known line, whoever found it.
    """

    def __init__(self, p12: Array, p1y: Array, p2y: Array, cost: Array | None):
        self._tables = p12, p1y, p2y
        self._cost = cost
        self._matrix, self._target, self._limits, self._price, self._margins = _programme(p12, p1y, cost)
        self._target[len(self._target) - self._margins :] = np.concatenate([p1y.ravel(), p2y.ravel()])
        self.heights: list[float] = []
        self.slopes: list[float] = []
        self._solved: dict[float, float] = {}
        self.smallest = self._smallest()

    def low(self, slack: float) -> float:
        """Certified lower bound at this slack: the highest line."""
        return max((h + k * slack for h, k in zip(self.heights, self.slopes, strict=True)), default=-np.inf)

    def gap(self, slack: float) -> float:
        """How far `low` can be below the curve: to the chord of the solved neighbours; inf where there are none."""
        left = max((s for s in self._solved if s <= slack), default=None)
        right = min((s for s in self._solved if s >= slack), default=None)
        if left is None or right is None:
            return np.inf if left is None else self._solved[left] - self.low(slack)
        share = 0.0 if right == left else (slack - left) / (right - left)
        return (1 - share) * self._solved[left] + share * self._solved[right] - self.low(slack)

    def visit(self, slacks: Iterable[float]) -> None:
        """Close the gap at every slack, the outermost first, then halves."""
        order = sorted(set(slacks))
        ranges = [(0, len(order) - 1)]
        for end in (0, -1):
            if order:
                self._close(order[end])
        for first, last in ranges:
            if last - first >= 2:
                middle = (first + last) // 2
                self._close(order[middle])
                ranges += [(first, middle), (middle, last)]

    def falls_to(self, level: float) -> float:
        """Smallest feasible slack at which the value is at most `level`; inf if it never is.

        Newton's method from the left: the value is certified to be above the level at every smaller slack, and
        each step meets a new linear piece, so the steps end.
        """
        self._close(self.smallest)
        slack = self.smallest
        for _ in range(STEPS):
            root = max((_root(h, k, level) for h, k in zip(self.heights, self.slopes, strict=True)), default=-np.inf)
            if root <= slack + CLOSED or root == np.inf:
                return max(slack, root)
            slack = root
            self._close(slack)
        return slack

    def _close(self, slack: float) -> None:
        if slack not in self._solved and self.gap(slack) > CLOSED:
            self._solve(slack)

    def _solve(self, slack: float) -> None:
        """One programme: a value of the curve and a line below it."""
        for nudge in NUDGES:
            try:
                limits = np.concatenate([np.full(2, 2 * (slack + nudge)), np.zeros(self._limits.shape[0] - 2)])
                found = solve(
                    self._price,
                    A_ub=self._limits,
                    b_ub=limits,
                    A_eq=self._matrix,
                    b_eq=self._target,
                    bounds=(0, None),
                )
                break
            except MarginsError:
                if nudge == NUDGES[-1]:
                    raise
        self._solved[slack] = float(found.fun)
        height, slope = slack_line(*self._tables, *self._duals(found.eqlin.marginals), self._cost)
        self.heights.append(height)
        self.slopes.append(slope)

    def _duals(self, marginals: Array) -> tuple[Array, Array]:
        _, p1y, p2y = self._tables
        duals = np.asarray(marginals, dtype=float)[-self._margins :]
        return duals[: p1y.size].reshape(p1y.shape), duals[p1y.size :].reshape(p2y.shape)

    def _smallest(self) -> float:
        """Least slack that lets a joint fit; the dual says that no smaller one does."""
        rows = sp.hstack([self._limits[:2], np.full((2, 1), -2.0)]).tocsr()
        price = np.zeros(rows.shape[1])
        price[-1] = 1.0
        matrix = sp.hstack([self._matrix, sp.csr_matrix((self._matrix.shape[0], 1))]).tocsr()
        found = solve(price, A_ub=rows, b_ub=np.zeros(2), A_eq=matrix, b_eq=self._target, bounds=(0, None))
        p12, p1y, _ = self._tables
        height, slope = slack_line(
            *self._tables, *self._duals(found.eqlin.marginals), np.zeros((*p12.shape, p1y.shape[1]))
        )
        certified = -height / slope if slope < 0 else 0.0
        return certified if certified > 10 * CLOSED else 0.0


def _root(height: float, slope: float, level: float) -> float:
    """Where a falling line meets the level; a flat one is above it everywhere or nowhere."""
    if height <= level + CLOSED and slope > -CLOSED:
        return -np.inf
    return (level - height) / slope if slope < -CLOSED else np.inf


def _programme(p12: Array, p1y: Array, cost: Array | None) -> tuple[sp.csr_matrix, Array, sp.csr_matrix, Array, int]:
    """Equations, their right sides (margins still 0), limits (two for the moves first), prices, count of margins.

    Unknowns: r per cell with mass and label, what each margin gains, what it loses, and the largest r per cell.
    """
    (n1, n2), K = p12.shape, p1y.shape[1]
    rows, cols = np.nonzero(p12 > 0)
    C, margins = len(rows), (n1 + n2) * K
    n = C * K
    cell, label = np.repeat(np.arange(C), K), np.tile(np.arange(K), C)
    equations = np.concatenate([cell, C + rows[cell] * K + label, C + (n1 + cols[cell]) * K + label])
    fit = sp.csr_matrix((np.ones(3 * n), (equations, np.tile(np.arange(n), 3))), shape=(C + margins, n))
    change = sp.vstack([sp.csr_matrix((C, margins)), sp.identity(margins)])
    tops = C if cost is None else 0
    matrix = sp.hstack([fit, -change, change, sp.csr_matrix((C + margins, tops))]).tocsr()
    table = np.repeat([0.0, 1.0], [n1 * K, n2 * K])
    sides = np.tile(np.stack([1 - table, table]), 2)
    limits = sp.hstack([sp.csr_matrix((2, n)), sp.csr_matrix(sides), sp.csr_matrix((2, tops))])
    price = np.zeros(matrix.shape[1])
    if cost is None:
        largest = sp.csr_matrix((np.ones(n), (np.arange(n), cell)), shape=(n, C))
        limits = sp.vstack([limits, sp.hstack([sp.identity(n), sp.csr_matrix((n, 2 * margins)), -largest])])
        price[n + 2 * margins :] = 1.0
    else:
        price[:n] = cost[rows, cols].ravel()
    target = np.concatenate([p12[rows, cols], np.zeros(margins)])
    return matrix, target, limits.tocsr(), price, margins
