"""Newton's method for the maximum entropy joint: the convex problem in a(x1,y), b(x2,y) of maxent.py.

Per cell the matrix is p12 (diag(s) - s s') with s = softmax_y(a + b). The last label is the reference (its a and b
stay as the start left them), so two labels have n1 + n2 unknowns. Shapes inside: batch axis last.
"""

from dataclasses import dataclass, fields

import numpy as np

from interplay.information import Array, to_nats
from interplay.solvers import certificate_batch
from interplay.solvers.arrays import Flags, Index
from interplay.solvers.block_newton import SMALL, Factor, factorise

SWEEPS = 3
STEPS = 100
POLISH = 3
STRETCH = (1.0, 4.0, 16.0)  # lengths of Newton's step that are tried: long ones pay at the boundary only
LANES = 160_000
REST = 1e-14  # added curvature (probability): keeps what only decided cells could determine at rest
REACH = 20.0  # largest change of a + b in one step, in nats


@dataclass
class State:
    p12: Array  # (n1,n2,B)
    p1: Array
    p2: Array
    free1: Flags  # (n1,K-1,B) unknowns that are determined: not impossible, not a constant nobody sees
    free2: Flags  # (n2,K-1,B)
    a: Array
    b: Array
    index: Index

    def keep(self, kept: Index) -> None:
        """Drop the other instances."""
        for f in fields(self):
            setattr(self, f.name, np.ascontiguousarray(getattr(self, f.name)[..., kept]))


@dataclass
class Best:
    """Best joint and duals so far, batch axis first; gap in bits, off: largest violation of a margin."""

    joint: Array
    a: Array
    b: Array
    c: Array
    gap: Array
    off: Array


def _log(p: Array) -> Array:
    return np.where(p > 0, np.log(np.where(p > 0, p, 1.0)), -np.inf)


def start(p12: Array, p1y: Array, p2y: Array) -> State:
    """Conditional independence given the label, then a few fitting sweeps; inputs batch first."""
    p12, p1, p2 = (np.ascontiguousarray(np.moveaxis(p, 0, -1)) for p in (p12, p1y, p2y))
    labels = p1.sum(axis=0)
    b = _log(p2) - np.where(labels > 0, np.log(np.where(labels > 0, labels, 1.0)), 0.0)
    state = State(
        p12=p12,
        p1=p1,
        p2=p2,
        free1=_free(p1),
        free2=_free(p2) & ~_gauge(p2),
        a=_log(p1),
        b=b,
        index=np.arange(p1.shape[-1]),
    )
    for _ in range(SWEEPS):
        rows = (state.p12[:, :, None] * _softmax(state, state.a, state.b)[0]).sum(axis=1)
        state.a = state.a + _ratio(p1, rows)
        cols = (state.p12[:, :, None] * _softmax(state, state.a, state.b)[0]).sum(axis=0)
        state.b = state.b + _ratio(p2, cols)
    return state


def _free(p: Array) -> Flags:
    """Labels before the last that are possible; a code without the last label has its likeliest as reference."""
    reference = (np.arange(p.shape[1])[:, None] == p.argmax(axis=1)[:, None]) & (p[:, -1:] <= 0)
    return ((p > 0) & ~reference)[:, :-1]


def _gauge(p2: Array) -> Flags:
    """One column per label before the last: adding to a(.,y) what is taken from b(.,y) changes nothing."""
    column = np.where(p2[:, -1:] > 0, p2, p2 * 1e-9).argmax(axis=0)
    return (np.arange(len(p2))[:, None, None] == column)[:, :-1]


def _ratio(target: Array, have: Array) -> Array:
    usable = (target > 0) & (have > 0)
    return np.where(usable, np.log(np.where(usable, target, 1.0) / np.where(usable, have, 1.0)), 0.0)


def _softmax(state: State, a: Array, b: Array) -> tuple[Array, Array]:
    """softmax_y(a + b) (n1,n2,K,B) and logsumexp (n1,n2,B); zeros where no label is allowed or p12 is 0."""
    v = a[:, None] + b[None]
    peak = v.max(axis=2)
    usable = (state.p12 > 0) & (peak > -np.inf)
    peak = np.where(peak > -np.inf, peak, 0.0)
    v -= peak[:, :, None]
    np.exp(v, out=v)
    total = v.sum(axis=2)
    total = np.where(usable, total, 1.0)
    v /= total[:, :, None]
    v *= usable[:, :, None]
    return v, np.where(usable, np.log(total) + peak, 0.0)


def _value(state: State, lse: Array, a: Array, b: Array) -> Array:
    """The dual objective (B,), nats."""
    inner = (state.p1 * np.where(state.p1 > 0, a, 0.0)).sum(axis=(0, 1))
    inner += (state.p2 * np.where(state.p2 > 0, b, 0.0)).sum(axis=(0, 1))
    return (state.p12 * lse).sum(axis=(0, 1)) - inner


def _factor(state: State, r: Array, s: Array) -> Factor:
    """Factor of the Hessian in the labels before the last; r = p12 s (n1,n2,K,B).

    1 - s is summed from the other labels: in a nearly decided cell the difference would be rounding.
    """
    before = np.cumsum(s, axis=2) - s
    after = np.cumsum(s[:, :, ::-1], axis=2)[:, :, ::-1]
    spread = r[:, :, :-1] * (before[:, :, :-1] + after[:, :, 1:])
    rr, ss = r[:, :, :-1], s[:, :, :-1]
    free1, free2 = state.free1[:, None], state.free2[None]
    rr1, ss1, rr2, ss2 = rr * free1, ss * free1, rr * free2, ss * free2
    d1 = -np.einsum("ijkb,ijlb->iklb", rr1, ss1)
    d2 = -np.einsum("ijkb,ijlb->jklb", rr2, ss2)
    k = np.arange(rr.shape[2])
    d1[:, k, k] = np.where(state.free1, spread.sum(axis=1) + REST, 1.0)
    d2[:, k, k] = np.where(state.free2, spread.sum(axis=0) + REST, 1.0)
    c = -rr1.transpose(0, 2, 1, 3)[:, :, :, None] * ss2[:, None]
    for label in k:
        c[:, label, :, label] = (spread * free1 * free2)[:, :, label]
    return factorise(d1, c, d2, ~state.free2)


def _direction(state: State, factor: Factor, r: Array) -> tuple[Array, Array]:
    """Newton's change of a and b for the margins that the joint r (n1,n2,K,B) misses."""
    off1, off2 = state.p1 - r.sum(axis=1), state.p2 - r.sum(axis=0)
    u1, u2 = factor.solve(np.where(state.free1, off1[:, :-1], 0.0), np.where(state.free2, off2[:, :-1], 0.0))
    da, db = np.zeros_like(state.a), np.zeros_like(state.b)
    da[:, :-1] = np.where(state.free1, u1, 0.0)
    db[:, :-1] = np.where(state.free2, u2, 0.0)
    return da, db


def _moved(r: Array, s: Array, da: Array, db: Array) -> Array:
    """Linear change of the joint: r (d - <s,d>) with d = da + db."""
    d = da[:, None] + db[None]
    return r * (d - (s * d).sum(axis=2)[:, :, None])


def _primal(state: State, factor: Factor, r: Array, s: Array, da: Array, db: Array) -> Array:
    """A joint with all three margins: the linearised step, made non-negative and corrected a few times."""
    joint = np.maximum(r + _moved(r, s, da, db), 0.0)
    for _ in range(POLISH):
        joint = np.maximum(joint + _moved(r, s, *_direction(state, factor, joint)), 0.0)
    return joint


def _advance(state: State, s: Array, lse: Array, da: Array, db: Array, slope: Array) -> None:
    """Line search in place: the best of the stretched steps, else halve until the objective falls."""
    reach = np.abs(da).max(axis=(0, 1)) + np.abs(db).max(axis=(0, 1))
    shrink = REACH / np.maximum(reach, REACH)
    da, db, slope = da * shrink, db * shrink, slope * shrink
    now = _value(state, lse, state.a, state.b)
    best, chosen = now - 1e-4 * slope * 1e-3, np.zeros_like(now)
    for length in STRETCH:
        a, b = state.a + length * da, state.b + length * db
        value = _value(state, _softmax(state, a, b)[1], a, b)
        chosen = np.where(value < best, length, chosen)
        best = np.minimum(best, value)
    length = 0.5
    while (chosen == 0).any() and length > 1e-3:
        a, b = state.a + length * da, state.b + length * db
        value = _value(state, _softmax(state, a, b)[1], a, b)
        chosen = np.where((chosen == 0) & (value < now - 1e-4 * length * slope), length, chosen)
        length *= 0.5
    chosen = np.where(chosen == 0, np.where(slope < 1e-6, 1.0, 1e-3), chosen)
    state.a = state.a + chosen * da
    state.b = state.b + chosen * db


def _record(best: Best, state: State, joint: Array, lse: Array, chosen: Index) -> Array:
    """Certify the chosen active instances and keep what improves; their gaps (bits), inf if not feasible."""
    at = state.index[chosen]
    q = np.moveaxis(joint[..., chosen], -1, 0)
    p12, p1, p2, a, b, c = (
        np.moveaxis(x[..., chosen], -1, 0)
        for x in (state.p12, state.p1, state.p2, state.a, state.b, _log(state.p12) - lse)
    )
    upper = certificate_batch.entropy_upper_bound(p12, p1, p2, a, b, c)
    off = np.maximum(certificate_batch.margin_residual(q, p1, p2), np.abs(q.sum(axis=3) - p12).max(axis=(1, 2)))
    gap = upper - certificate_batch.entropy(q)
    better = (off + np.abs(gap) < best.off[at] + np.abs(best.gap[at])) | ((off < 1e-12) & (best.off[at] >= 1e-12))
    take, put = np.flatnonzero(better), at[better]
    for name, array in (("joint", q), ("a", a), ("b", b), ("c", c), ("gap", gap), ("off", off)):
        getattr(best, name)[put] = array[take]
    return np.where(off < 1e-12, gap, np.inf)


def solve(p12: Array, p1y: Array, p2y: Array, *, tolerance: float) -> Best:
    """Best certified answers (batch axis first) for tables whose margins agree; stops at gaps <= tolerance."""
    batch, n1, k = p1y.shape
    n2 = p2y.shape[1]
    best = Best(
        joint=np.zeros((batch, n1, n2, k)),
        a=np.zeros_like(p1y),
        b=np.zeros_like(p2y),
        c=np.zeros_like(p12),
        gap=np.full(batch, np.inf),
        off=np.full(batch, np.inf),
    )
    nats = float(to_nats(tolerance))
    state = start(p12, p1y, p2y)
    for count in range(STEPS if batch else 0):
        s, lse = _softmax(state, state.a, state.b)
        r = state.p12[:, :, None] * s
        if k == 1:
            _record(best, state, r, lse, np.arange(batch))
            break
        factor = _factor(state, r, s)
        da, db = _direction(state, factor, r)
        slope = ((state.p1 - r.sum(axis=1)) * da).sum(axis=(0, 1)) + ((state.p2 - r.sum(axis=0)) * db).sum(axis=(0, 1))
        hopeful = (slope < 2.0 * nats) | (count % 16 == 15)
        done = np.zeros(len(state.index), dtype=bool)
        if hopeful.any():
            joint = _primal(state, factor, r, s, da, db)
            chosen = np.flatnonzero(hopeful)
            done[chosen] = _record(best, state, joint, lse, chosen) <= tolerance
            if done.all():
                break
        _advance(state, s, lse, da, db, slope)
        if done.any():
            state.keep(np.flatnonzero(~done))
    return best


def solve_many(p12: Array, p1y: Array, p2y: Array, *, tolerance: float) -> Best:
    """`solve` in chunks that suit the size: small problems side by side, large ones one by one."""
    batch, n1, k = p1y.shape
    n2 = p2y.shape[1]
    size = max(1, LANES // (n1 * n2 * k * k)) if n2 * (k - 1) <= SMALL else 1
    parts = [
        solve(p12[i : i + size], p1y[i : i + size], p2y[i : i + size], tolerance=tolerance)
        for i in range(0, max(batch, 1), size)
    ]
    return Best(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Best)})
