"""The linear algebra of union_interior.py: its iterate, the product point it starts from, and one Newton system.

Shapes: batch axis last, p1 (n1,K,B), p2 (n2,K,B), cells (n1,n2,B). Natural logarithms.
"""

from dataclasses import dataclass, fields

import numpy as np

from interplay.information import Array
from interplay.solvers.arrays import Flags, Index
from interplay.solvers.block_newton import factorise

Move = tuple[Array, Array, Array, Array, Array]  # changes of lam, mu, logsumexp, w, z

SLACK = 0.05  # smallest slack at the start, in nats


@dataclass
class State:
    """Active instances: fixed data, iterate, and which of the caller's instances they are."""

    p1: Array
    p2: Array
    cell: Flags  # (n1,n2,B) cells that any label allows; elsewhere w = 0, z = 1, s = 0
    weight: Array  # (n1,n2,B) barrier weights, sum to one
    held: Flags  # (n2,K,B) unknowns fixed by the gauge
    lam: Array
    mu: Array
    w: Array
    z: Array
    q: Array  # (n1,n2,K,B) joint of the last linearised step: its margins are exact
    index: Index

    def keep(self, kept: Index) -> None:
        """Drop the other instances."""
        for f in fields(self):
            setattr(self, f.name, np.ascontiguousarray(getattr(self, f.name)[..., kept]))


def _safe_log(p: Array) -> Array:
    return np.log(np.where(p > 0, p, 1.0))


def start(p1y: Array, p2y: Array) -> State:
    """The product point and its softmax duals, for p1y (B,n1,K) and p2y (B,n2,K) with one p(y)."""
    p1 = np.ascontiguousarray(p1y.transpose(1, 2, 0))
    p2 = np.ascontiguousarray(p2y.transpose(1, 2, 0))
    labels = p1.sum(axis=0)
    inverse = np.where(labels > 0, 1.0 / np.where(labels > 0, labels, 1.0), 0.0)
    w = np.einsum("ikb,jkb->ijb", p1 * inverse, p2)
    lam = _safe_log(p1) - _safe_log(p1.sum(axis=1))[:, None]
    mu = _safe_log(p2) - _safe_log(p2.sum(axis=1))[:, None] - _safe_log(labels)
    state = State(
        p1=p1,
        p2=p2,
        cell=w > 0,
        weight=w / np.maximum(w.sum(axis=(0, 1)), 1e-300),
        held=(np.arange(len(p2))[:, None, None] == p2.argmax(axis=0)) | (p2 <= 0),
        lam=np.where(p1 > 0, lam, -np.inf),
        mu=np.where(p2 > 0, mu, -np.inf),
        w=w,
        z=np.ones_like(w),
        q=(p1 * inverse)[:, None] * p2[None],
        index=np.arange(p1.shape[-1]),
    )
    state.z = np.where(state.cell, np.maximum(-softmax(state)[1], SLACK), 1.0)
    return state


def softmax(state: State) -> tuple[Array, Array]:
    """softmax_y(lam + mu) (n1,n2,K,B) and logsumexp (n1,n2,B); zero and -1 in cells that do not exist."""
    v = state.lam[:, None] + state.mu[None]
    peak = np.where(state.cell, v.max(axis=2), 0.0)
    v -= peak[:, :, None]
    np.exp(v, out=v)
    total = v.sum(axis=2)
    total[~state.cell] = 1.0
    v /= total[:, :, None]
    return v, np.where(state.cell, np.log(total) + peak, -1.0)


class System:
    """One linearisation: its factor, and directions for given right sides."""

    def __init__(self, state: State, s: Array, lse: Array, *, refined: bool):
        self.state, self.s, self.refined = state, s, refined
        w, z = state.w, state.z
        self.q = w[:, :, None] * s
        rows, cols = self.q.sum(axis=1), self.q.sum(axis=0)
        self.r1, self.r2 = state.p1 - rows, state.p2 - cols
        self.slack = -(lse + z)
        self.curved = curved = (w * (1.0 - z) / z)[:, :, None] * s
        d1, d2 = _blocks(curved, s)
        _diagonal(d1)[...] += np.where(state.p1 > 0, rows, 1.0)
        _diagonal(d2)[...] += np.where(state.p2 > 0, cols, 1.0)
        n1, n2, k, batch = s.shape
        c = np.empty((n1, k, n2, k, batch), dtype=s.dtype)  # in the order in which it will be read
        np.multiply(curved.transpose(0, 2, 1, 3)[:, :, :, None], s[:, None], out=c)
        np.einsum("ikjkb->ijkb", c)[...] += self.q
        self.factor = factorise(d1, c, d2, state.held)

    def direction(self, complement: Array) -> Move:
        """(dlam, dmu, change of logsumexp, dw, dz) for both margins and slacks; changes w z by `complement`."""
        w, z, s = self.state.w, self.state.z, self.s
        t = (complement - w * self.slack) / z
        ts = t[:, :, None] * s
        g1, g2 = self.r1 - ts.sum(axis=1), self.r2 - ts.sum(axis=0)
        dlam, dmu = self.factor.solve(g1, g2)
        if self.refined:
            dlam, dmu = self._refine(g1, g2, dlam, dmu)
        change = np.einsum("ijkb,ikb->ijb", s, dlam) + np.einsum("ijkb,jkb->ijb", s, dmu)
        return dlam, dmu, change, t + w * change / z, self.slack - change

    def _refine(self, g1: Array, g2: Array, dlam: Array, dmu: Array) -> tuple[Array, Array]:
        """Once more for what rounding left of the right side."""
        d = dlam[:, None] + dmu[None]
        done = self.q * d + self.curved * (self.s * d).sum(axis=2)[:, :, None]
        more1, more2 = self.factor.solve(g1 - done.sum(axis=1), g2 - done.sum(axis=0))
        return dlam + more1, dmu + more2


def _blocks(curved: Array, s: Array) -> tuple[Array, Array]:
    """sum over columns and over rows of curved s', (n1,K,K,B) and (n2,K,K,B)."""
    if s.shape[-1] > 1:
        return np.einsum("ijkb,ijlb->iklb", curved, s), np.einsum("ijkb,ijlb->jklb", curved, s)
    u, v = curved[..., 0], s[..., 0]  # (n1,n2,K)
    rows = u.transpose(0, 2, 1) @ v
    cols = u.transpose(1, 2, 0) @ v.transpose(1, 0, 2)
    return rows[..., None], cols[..., None]


def _diagonal(d: Array) -> Array:
    """Writable view (n,K,B) of the diagonals of d (n,K,K,B)."""
    return np.einsum("nkkb->nkb", d)
