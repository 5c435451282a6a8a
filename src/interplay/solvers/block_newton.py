"""Symmetric systems of two-way margins: [[D1, C], [C', D2]] with D1 block diagonal over x1, D2 over x2.

Both information problems lead to it: unknowns u1(x1,y) and u2(x2,y), and a cell (x1,x2) couples the K labels
of its row with the K labels of its column. The rows are eliminated block by block (K x K), which leaves one
dense system in the columns. Shapes, with a batch axis last: D1 (n1,K,K,B), C (n1,K,n2,K,B), D2 (n2,K,K,B).

Two versions of the same elimination: one by LAPACK for a single large system, and one by vectorised loops over
the pivots for many small ones (LAPACK's overhead per call is larger than a 3x3 system).
"""

from typing import Protocol

import numpy as np
from scipy.linalg import lapack
from scipy.linalg.blas import dsyrk

from interplay.information import Array
from interplay.solvers.arrays import Flags

# both in units of rounding and relative to the diagonal
RIDGE = 50.0  # keeps directions that nothing determines (gauges, emptied cells) at rest
PIVOT = 5.0  # a pivot that cancels down to this is noise: its unknown stays put
EPS = float(np.finfo(np.float64).eps)
SMALL = 120  # column unknowns up to which instances are worked on side by side


class Factor(Protocol):
    def solve(self, g1: Array, g2: Array) -> tuple[Array, Array]:
        """Solutions u1 (n1,K,B), u2 (n2,K,B) for right sides of the same shapes."""


def factorise(d1: Array, c: Array, d2: Array, held: Flags) -> Factor:
    """Factor the system; unknowns (n2,K,B) marked in `held` are kept at zero (the gauge)."""
    batch = d1.shape[-1]
    if batch > d2.shape[0] * d2.shape[1] // 4 or d1.dtype != np.float64:  # LAPACK knows no extended precision
        return LoopFactor(d1, c, d2, held)
    return Stack([LapackFactor(d1[..., i], c[..., i], d2[..., i], held[..., i]) for i in range(batch)])


class Stack:
    """A few systems, each factored by LAPACK."""

    def __init__(self, factors: list["LapackFactor"]):
        self.factors = factors

    def solve(self, g1: Array, g2: Array) -> tuple[Array, Array]:
        pairs = [f.solve(g1[..., i], g2[..., i]) for i, f in enumerate(self.factors)]
        if len(pairs) == 1:
            return pairs[0]
        return np.concatenate([p[0] for p in pairs], axis=-1), np.concatenate([p[1] for p in pairs], axis=-1)


class LapackFactor:
    """One system; arrays without the batch axis. Unknowns that are held are left out."""

    def __init__(self, d1: Array, c: Array, d2: Array, held: Flags):
        n1, k, n2, _ = c.shape
        self.shape = (n1, k, n2)
        diagonal = np.einsum("ikk->ik", d1)
        diagonal *= 1.0 + RIDGE * EPS
        self.inverse = _inverse_lower(d1)  # (n1,K,K)
        if held.all():  # LAPACK knows no empty system
            held = np.arange(held.size).reshape(held.shape) > 0
        self.free = np.flatnonzero(~held)
        x = self.inverse @ c.reshape(n1, k, n2 * k).take(self.free, axis=2)
        self.x = x.reshape(n1 * k, len(self.free))
        place = np.cumsum(~held).reshape(n2, k) - 1
        j, row, col = np.nonzero(~held[:, :, None] & ~held[:, None])
        self.blocks = place[j, row], place[j, col], d2[j, row, col]
        scale = np.einsum("jkk->jk", d2)[~held]
        ridge = RIDGE * EPS * scale
        self.factor, info = self._cholesky(ridge)
        for _ in range(len(ridge)):  # an unknown whose pivot is rounding (not positive) is held at zero
            if not info:
                break
            ridge[info - 1] = 1e30 * max(scale.max(), 1e-200)  # its own may be far below what stands beside it
            self.factor, info = self._cholesky(ridge)

    def _cholesky(self, ridge: Array) -> tuple[Array, int]:
        """Lower factor of what is left for the columns, in its own place; and LAPACK's first bad pivot, counted from
        1, or 0."""
        schur = dsyrk(-1.0, self.x.T, lower=1)  # -C'D1^-1C, lower triangle; Fortran order
        row, col, value = self.blocks
        schur[row, col] += value
        np.einsum("ii->i", schur)[...] += ridge
        factor, info = lapack.dpotrf(schur, lower=1, clean=0, overwrite_a=1)
        return factor, info

    def solve(self, g1: Array, g2: Array) -> tuple[Array, Array]:
        n1, k, n2 = self.shape
        y = (self.inverse @ g1.reshape(n1, k, 1)).reshape(n1 * k)
        free, _ = lapack.dpotrs(self.factor, g2.reshape(n2 * k)[self.free] - self.x.T @ y, lower=1)
        u1 = self.inverse.transpose(0, 2, 1) @ (y - self.x @ free).reshape(n1, k, 1)
        u2 = np.zeros(n2 * k)
        u2[self.free] = free
        return u1.reshape(n1, k, 1), u2.reshape(n2, k, 1)


def _inverse_lower(d: Array) -> Array:
    """L^-1 (n,K,K) with d = L L'; an unknown whose pivot is rounding stays put."""
    k = d.shape[-1]
    try:
        return np.linalg.inv(np.linalg.cholesky(d))
    except np.linalg.LinAlgError:
        unit = np.broadcast_to(np.eye(k)[:, :, None], (len(d), k, k, 1))
        _, x = _eliminate(d[..., None], unit.copy())
        return x[..., 0]


class LoopFactor:
    """Many small systems at once, batch axis last and contiguous."""

    def __init__(self, d1: Array, c: Array, d2: Array, held: Flags):
        n1, k, n2, _, batch = c.shape
        self.shape = (n1, k, n2, batch)
        self.low1, self.x = _eliminate(d1, c.reshape(n1, k, n2 * k, batch))
        s = np.zeros((n2 * k, n2 * k, batch), dtype=c.dtype)
        for j in range(n2):
            s[j * k : (j + 1) * k, j * k : (j + 1) * k] = d2[j]
        x = self.x.reshape(n1 * k, n2 * k, batch)
        scale = np.einsum("jkkb->jkb", d2).reshape(n2 * k, batch)
        for r in range(n2 * k):
            s[r, : r + 1] -= np.einsum("ib,isb->sb", x[:, r], x[:, : r + 1])
        s[np.arange(n2 * k), np.arange(n2 * k)] += (
            np.where(held.reshape(n2 * k, batch), 1e30, RIDGE * np.finfo(c.dtype).eps) * scale
        )
        self.low2 = _loop_cholesky(s, scale)

    def solve(self, g1: Array, g2: Array) -> tuple[Array, Array]:
        _, k, n2, batch = self.shape
        y = g1.copy()
        for i in range(k):  # forward through all row blocks together
            y[:, i] -= np.einsum("njb,njb->nb", self.low1[:, i, :i], y[:, :i])
            y[:, i] *= self.low1[:, i, i]
        u2 = g2.reshape(n2 * k, batch) - np.einsum("nisb,nib->sb", self.x, y)
        low = self.low2
        for r in range(n2 * k):
            u2[r] = (u2[r] - np.einsum("sb,sb->b", low[r, :r], u2[:r])) * low[r, r]
        for r in range(n2 * k - 1, -1, -1):
            u2[r] = (u2[r] - np.einsum("sb,sb->b", low[r + 1 :, r], u2[r + 1 :])) * low[r, r]
        y -= np.einsum("nisb,sb->nib", self.x, u2)
        for i in range(k - 1, -1, -1):
            y[:, i] -= np.einsum("njb,njb->nb", self.low1[:, i + 1 :, i], y[:, i + 1 :])
            y[:, i] *= self.low1[:, i, i]
        return y, u2.reshape(n2, k, batch)


def _inverse_root(pivot: Array, scale: Array) -> Array:
    usable = pivot > PIVOT * np.finfo(pivot.dtype).eps * scale
    return np.where(usable, 1.0 / np.sqrt(np.where(usable, pivot, 1.0)), 0.0)


def _eliminate(d1: Array, c: Array) -> tuple[Array, Array]:
    """Lower factors of the blocks (diagonal stored inverted) and L^-1 C."""
    low, x = d1.copy(), c
    k = d1.shape[1]
    for i in range(k):
        for j in range(i):
            low[:, i, i] -= low[:, i, j] ** 2
            x[:, i] -= low[:, i, j, None] * x[:, j]
        root = _inverse_root(low[:, i, i], d1[:, i, i])
        low[:, i, i] = root
        x[:, i] *= root[:, None]
        for r in range(i + 1, k):
            low[:, r, i] -= np.einsum("njb,njb->nb", low[:, r, :i], low[:, i, :i])
            low[:, r, i] *= root
    return low, x


def _loop_cholesky(s: Array, scale: Array) -> Array:
    """Lower factor in place, column by column (diagonal stored inverted); reads the lower triangle."""
    n = len(s)
    for i in range(n):
        s[i, i] -= np.einsum("jb,jb->b", s[i, :i], s[i, :i])
        root = _inverse_root(s[i, i], scale[i])
        s[i, i] = root
        if i + 1 < n:
            s[i + 1 :, i] -= np.einsum("rjb,jb->rb", s[i + 1 :, :i], s[i, :i])
            s[i + 1 :, i] *= root
    return s
