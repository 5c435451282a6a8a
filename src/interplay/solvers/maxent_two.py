"""Maximum entropy of one problem with two labels: maxent_newton.py with one number a cell, its log odds.

A cell's share of the first label is s = 1 / (1 + exp(-a - b)), so Newton's method for the dual is a logistic regression
on two factors. Labels that a table rules out are out before it begins. As there, the linearised step is the joint that
is returned, and steps may be stretched, which pays where tables force further zeros; what does not converge soon is
left to the caller.
"""

import numpy as np
from scipy.linalg import lapack
from scipy.special import expit

from interplay.information import Array, to_nats
from interplay.solvers.arrays import Flags

STEPS = 40
POLISH = 3
EXACT = 1e-16  # violation of a margin that a step cannot better
STRETCH = (1.0, 4.0, 16.0)
REACH = 20.0  # largest change of log odds in one step
REST = 1e-14  # added curvature (probability): keeps what only decided cells could determine at rest


def solve(p12: Array, p1y: Array, p2y: Array, *, tolerance: float) -> tuple[Array, Array, Array, Array] | None:
    """Joint (n1,n2,2) and duals a, b, c, for tables whose margins agree to rounding; None if it does not converge to
    the tolerance in bits."""
    may = (p1y[:, None] > 0) & (p2y[None] > 0)
    free = may.all(axis=2) & (p12 > 0)
    held = np.where(free, 0.0, p12 * may[:, :, 0])
    problem = _Logistic(np.where(free, p12, 0.0), p1y[:, 0] - held.sum(axis=1), p2y[:, 0] - held.sum(axis=0))
    a, b = _log_odds(p1y), _log_odds(p2y) - _log_odds(p1y.sum(axis=0, keepdims=True))
    found = problem.maximise(a, b, float(to_nats(tolerance)))
    if found is None:
        return None
    first, a, b = found
    first = np.where(free, first, held)
    log12 = np.log(np.where(p12 > 0, p12, 1.0))
    odds = a[:, None] + b
    high = np.where(free, np.logaddexp(odds, 0.0), np.where(may[:, :, 0], odds, 0.0))
    return (
        np.stack([first, np.maximum(p12 - first, 0.0)], axis=2),
        _duals(a, p1y),
        _duals(b, p2y),
        np.where(p12 > 0, log12 - high, -np.inf),
    )


def _log_odds(table: Array) -> Array:
    """Of the first label (n,); 0 where one is impossible."""
    both = (table > 0).all(axis=1)
    return np.where(both, np.log(np.where(both, table[:, 0], 1.0) / np.where(both, table[:, 1], 1.0)), 0.0)


def _duals(odds: Array, table: Array) -> Array:
    """(n,2): the second label's are 0, those of impossible labels minus infinity."""
    return np.where(table > 0, np.stack([odds, np.zeros_like(odds)], axis=1), -np.inf)


class _Logistic:
    """Cells of mass p (n1,n2) whose first label's sums are rows (n1,) and cols (n2,)."""

    def __init__(self, p: Array, rows: Array, cols: Array):
        self.p, self.rows, self.cols = p, rows, cols
        self.live1: Flags = p.sum(axis=1) > 0
        gauge = np.arange(p.shape[1]) == int(p.sum(axis=0).argmax())  # adding to a is taking from b
        self.live2: Flags = (p.sum(axis=0) > 0) & ~gauge

    def maximise(self, a: Array, b: Array, nats: float) -> tuple[Array, Array, Array] | None:
        """Masses (n1,n2) of the first label, and the log odds a, b that certify them."""
        for _ in range(STEPS):
            odds = a[:, None] + b
            s = expit(odds)
            r = self.p * s
            w = r * expit(-odds)
            steps = _Steps(w, self.live1, self.live2)
            off1, off2 = self.rows - r.sum(axis=1), self.cols - r.sum(axis=0)
            found = steps.towards(off1, off2)
            if found is None:
                return None
            da, db = found
            slope = float(off1 @ da + off2 @ db)
            if slope < 0.5 * nats:
                return self._joint(steps, r, w, da, db), a, b
            reach = float(np.abs(da).max() + np.abs(db).max())
            length = self._length(a, b, da, db, slope, min(1.0, REACH / max(reach, REACH)))
            if length == 0.0:
                return None
            a, b = a + length * da, b + length * db
        return None

    def _value(self, a: Array, b: Array) -> float:
        """The dual objective, nats."""
        return float((self.p * np.logaddexp(a[:, None] + b, 0.0)).sum() - self.rows @ a - self.cols @ b)

    def _length(self, a: Array, b: Array, da: Array, db: Array, slope: float, shrink: float) -> float:
        """The best of the stretched steps, else halves until the objective falls."""
        now, best, chosen = self._value(a, b), np.inf, 0.0
        for stretch in STRETCH:
            value = self._value(a + shrink * stretch * da, b + shrink * stretch * db)
            if not value < best:
                break
            best, chosen = value, shrink * stretch
        while best > now - 1e-7 * chosen * slope and chosen > 1e-3:
            chosen *= 0.5
            best = self._value(a + chosen * da, b + chosen * db)
        return chosen if best <= now else shrink if slope < 1e-6 else 0.0

    def _joint(self, steps: "_Steps", r: Array, w: Array, da: Array, db: Array) -> Array:
        """The linearised step, between no mass and all, corrected a few times."""
        r = np.clip(r + w * (da[:, None] + db), 0.0, self.p)
        for _ in range(POLISH):
            off1, off2 = self.rows - r.sum(axis=1), self.cols - r.sum(axis=0)
            if max(np.abs(off1).max(), np.abs(off2).max()) <= EXACT:
                break
            found = steps.towards(off1, off2)
            if found is None:
                break
            r = np.clip(r + w * (found[0][:, None] + found[1]), 0.0, self.p)
        return r


class _Steps:
    """Newton's system for curvatures w (n1,n2) of the cells, rows eliminated."""

    def __init__(self, w: Array, live1: Flags, live2: Flags):
        self.live1, self.live2 = live1, live2
        self.rows = np.where(live1, w.sum(axis=1) + REST, 1.0)
        self.w = w * live2
        self.reduced = self.w / self.rows[:, None]
        schur = -(self.w.T @ self.reduced)
        # a row's sum is known without cancellation: what the gauge takes away and what is at rest
        np.fill_diagonal(schur, 0.0)
        kept = self.w.T @ (1.0 - self.reduced.sum(axis=1))
        np.fill_diagonal(schur, np.where(live2, kept - schur.sum(axis=1) + REST, 1.0))
        self.factor, self.failed = lapack.dpotrf(schur)

    def towards(self, off1: Array, off2: Array) -> tuple[Array, Array] | None:
        """Changes of a and b for sums of the first label that are off by so much."""
        if self.failed:
            return None
        g1, g2 = np.where(self.live1, off1, 0.0), np.where(self.live2, off2, 0.0)
        db, _ = lapack.dpotrs(self.factor, g2 - self.reduced.T @ g1)
        return (g1 - self.w @ db) / self.rows, np.where(self.live2, db, 0.0)
