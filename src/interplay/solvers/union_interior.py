"""Union information for any number of labels: a primal-dual interior point on the dual.

Maximise <p1y,lam> + <p2y,mu> subject to logsumexp_y(lam + mu) + z = 0, z >= 0 in every cell. The multiplier
of a cell is w = q(x1,x2) and q(y|x1,x2) = softmax_y(lam + mu), so the optimality conditions are the margins,
the slack equation and w z = 0. There are K(n1+n2) unknowns; a cell adds diag(q) + (w/z - w) s s' to the matrix.

The product p1y p2y / p(y) is a strictly feasible start. The barrier is weighted by its masses: with equal
weights a row of mass 1e-12 would have to move its dual by 1e8 before anything else could converge. Slacks are
variables of their own (no line search through logsumexp); what they miss is repaired by the final shift.
Mehrotra's predictor and corrector share one factorisation. 5 to 13 iterations on ordinary tables.

Shapes inside: batch axis last, p1 (n1,K,B), p2 (n2,K,B), cells (n1,n2,B). Natural logarithms.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from interplay.information import Array, to_nats
from interplay.solvers import certificate_batch
from interplay.solvers.arrays import Flags, Index
from interplay.solvers.block_newton import SMALL
from interplay.solvers.rounding import round_to_margins
from interplay.solvers.union_system import Move, State, System, softmax, start

FLOOR = 1e-12  # smallest slack used: below it only rounding is left to win
CAP = 5.0  # largest change of lam + mu in one step; beyond it the linear model means nothing
BOUNDARY = 0.99  # share of the way to the boundary that a step may go
STEPS = 80
CENTRE = 0.1  # smallest share of the barrier that a sturdy step keeps
CORRECTIONS = 3  # extra corrector steps of a large problem, where factoring costs far more than solving
LARGE = 40  # dual unknowns of the columns from which that pays
LANES = 160_000  # cells times labels squared that are worked on side by side (cache)
EXTENDED = 40  # numbers of a table up to which a second try in extended precision takes a moment


@dataclass
class Best:
    """Best certified answers so far; batch axis first. Values and gaps in bits."""

    value: Array
    lower: Array
    joint: Array
    lam: Array
    mu: Array

    def merge(self, other: "Best", at: Index) -> None:
        """Take over what another run did better on the instances `at`."""
        primal, dual = other.value < self.value[at], other.lower > self.lower[at]
        self.value[at[primal]], self.joint[at[primal]] = other.value[primal], other.joint[primal]
        self.lower[at[dual]] = other.lower[dual]
        self.lam[at[dual]], self.mu[at[dual]] = other.lam[dual], other.mu[dual]


def _longest(x: Array, dx: Array) -> Array:
    """Largest step in [0, 1] (B,) that keeps x + step dx >= 0."""
    shrink = (-dx / np.maximum(x, 1e-300)).max(axis=(0, 1))
    return 1.0 / np.maximum(shrink, 1.0)


def _lengths(state: State, move: Move) -> tuple[Array, Array]:
    """Step lengths (B,) for w and for the dual: short of the boundary, unless it is not met."""
    lengths = _longest(state.w, move[3]), _longest(state.z, move[4])
    return np.where(lengths[0] < 1.0, BOUNDARY * lengths[0], 1.0), np.where(
        lengths[1] < 1.0, BOUNDARY * lengths[1], 1.0
    )


def _total(a: Array) -> Array:
    return a.sum(axis=(0, 1))


def _choose(better: Flags, new: Move, old: Move) -> Move:
    a, b, c, d, e = (np.where(better, x, y) for x, y in zip(new, old, strict=True))
    return a, b, c, d, e


def step(state: State, s: Array, lse: Array, *, target: float, sturdy: bool) -> None:
    """One predictor-corrector step in place; the barrier never goes below `target` nats in total."""
    system = System(state, s, lse, refined=sturdy)
    w, z = state.w, state.z
    product = w * z
    _, _, _, dw, dz = system.direction(-product)
    aw, az = _longest(w, dw), _longest(z, dz)
    now = _total(product)
    after = _total((w + aw * dw) * (z + az * dz)) / now
    barrier = state.weight * np.maximum(np.maximum(after**3, CENTRE if sturdy else 0.0) * now, target)
    second = (aw * az if sturdy else 1.0) * dw * dz
    move = system.direction(barrier - product - second)
    aw, az = _lengths(state, move)
    for _ in range(
        0 if sturdy or state.p2.shape[2] > 1 or state.p2.size < LARGE else CORRECTIONS
    ):  # the same factor again, with the second-order term of a better step
        other = system.direction(barrier - product - move[3] * move[4])
        ow, oz = _lengths(state, other)
        better = ow * oz > aw * az
        if not better.any():
            break
        move = _choose(better, other, move)
        aw, az = np.where(better, ow, aw), np.where(better, oz, az)
    dlam, dmu, change, dw, dz = move
    reach = np.abs(dlam).max(axis=(0, 1)) + np.abs(dmu).max(axis=(0, 1))
    az = np.minimum(az, CAP / np.maximum(reach, CAP))
    q = system.q * (dlam[:, None] + dmu[None] - change[:, :, None])
    q += (w + dw)[:, :, None] * s
    state.q = np.maximum(q, 0.0, out=q)
    state.lam += az * dlam
    state.mu += az * dmu
    state.w = np.where(state.cell, np.maximum(w + aw * dw, 1e-300), 0.0)
    state.z = np.where(state.cell, np.maximum(z + az * dz, FLOOR), 1.0)


def _record(best: Best, state: State, chosen: Index) -> Array:
    """Round and certify the chosen active instances, keep what improves; their gaps (bits)."""
    at = state.index[chosen]
    q = np.ascontiguousarray(state.q[..., chosen].transpose(3, 0, 1, 2), dtype=np.float64)
    p1, p2, lam, mu = (
        np.moveaxis(a[..., chosen], -1, 0).astype(np.float64) for a in (state.p1, state.p2, state.lam, state.mu)
    )
    q = round_to_margins(q, p1, p2)
    value = certificate_batch.information(q)
    lower, _ = certificate_batch.union_lower_bound(p1, p2, lam, mu)
    better = value < best.value[at]
    best.value[at[better]] = value[better]
    best.joint[at[better]] = q[better]
    higher = lower > best.lower[at]
    best.lower[at[higher]] = lower[higher]
    best.lam[at[higher]], best.mu[at[higher]] = lam[higher], mu[higher]
    return best.value[at] - best.lower[at]


def solve(p1y: Array, p2y: Array, *, tolerance: float, sturdy: bool = False) -> Best:
    """Best certified answers for p1y (B,n1,K), p2y (B,n2,K) with the same p(y); stops at gaps <= tolerance.

    Finished instances leave, so a hard one costs the others nothing. sturdy: shorter, better centred steps.
    """
    batch, n1, k = p1y.shape
    n2 = p2y.shape[1]
    best = Best(
        value=np.full(batch, np.inf),
        lower=np.full(batch, -np.inf),
        joint=np.zeros((batch, n1, n2, k)),
        lam=np.zeros(p1y.shape),
        mu=np.zeros(p2y.shape),
    )
    nats = float(to_nats(tolerance))
    state = start(p1y, p2y)
    for count in range(STEPS):
        s, lse = softmax(state)
        hopeful = _looks_done(state, lse, nats) | (count % 8 == 7) | (count == STEPS - 1)
        if hopeful.any():
            done = np.zeros(len(state.index), dtype=bool)
            done[hopeful] = _record(best, state, np.flatnonzero(hopeful)) <= tolerance
            if done.all():
                break
            if done.any():
                kept = np.flatnonzero(~done)
                state.keep(kept)
                s, lse = np.ascontiguousarray(s[..., kept]), np.ascontiguousarray(lse[..., kept])
        step(state, s, lse, target=(0.4 if sturdy else 0.1) * nats, sturdy=sturdy)
    return best


def solve_many(p1y: Array, p2y: Array, *, tolerance: float, sturdy: bool = False) -> Best:
    """`solve` in chunks that suit the size: small problems side by side, large ones one by one."""
    batch, n1, k = p1y.shape
    size = max(1, LANES // (n1 * p2y.shape[1] * k * k)) if p2y.shape[1] * k <= SMALL else 1
    parts = [
        solve(p1y[i : i + size], p2y[i : i + size], tolerance=tolerance, sturdy=sturdy) for i in range(0, batch, size)
    ]
    return Best(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Best)})


def solve_surely(p1y: Array, p2y: Array, *, tolerance: float) -> Best:
    """`solve_many`, then again for what is left: with sturdy steps, then, if small, also in extended precision."""
    best = solve_many(p1y, p2y, tolerance=tolerance)
    for extended in (False, True):
        hard = np.flatnonzero(~(best.value - best.lower <= tolerance))
        if not len(hard) or (extended and p2y[0].size > EXTENDED):
            break
        p1, p2 = p1y[hard], p2y[hard]
        if extended:
            p1, p2 = _extended(p1), _extended(p2)
            # margins that agree in double precision only would be a contradiction here
            p1 = p1 * (p2.sum(axis=1, keepdims=True) / np.maximum(p1.sum(axis=1, keepdims=True), 1e-300))
        best.merge(solve_many(p1, p2, tolerance=tolerance, sturdy=True), hard)
    return best


def _extended(p: Array) -> Array:
    """As long doubles (where the machine has none: as they are); every array of the iteration follows its input."""
    longer: Any = p.astype(np.longdouble)
    return longer


def _looks_done(state: State, lse: Array, nats: float) -> Flags:
    """Cheap test (B,) whether a certificate is worth computing: complementarity and what the shift will cost."""
    return _total(state.w * state.z) + np.maximum(lse.max(axis=(0, 1)), 0.0) < 2.0 * nats
