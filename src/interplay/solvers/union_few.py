"""Union information of one small problem without zeros: the interior point of union_interior.py on a dense design.

For a few dozen cells the calls into NumPy cost more than the arithmetic, so this has as few of them as possible, and no
care for hard cases: what is not certified after a few steps is left to the caller. Names as there.
"""

from functools import lru_cache

import numpy as np
from scipy.linalg import lapack

from interplay.information import Array, to_nats
from interplay.solvers import certificate_batch
from interplay.solvers.rounding import round_to_margins

CELLS = 150  # cells times labels up to which this pays
STEPS = 14
SLACK = 0.05  # smallest slack at the start, in nats
FLOOR = 1e-12  # smallest slack used
CAP = 5.0  # largest change of lam + mu in one step, nats
BOUNDARY = 0.99  # share of the way to the boundary that a step may go


@lru_cache(maxsize=32)
def _design(n1: int, n2: int, k: int) -> tuple[Array, Array]:
    """0/1 (N,K,U): which unknowns a cell's logit adds up, and the same as a matrix (N K,U); mu of code 0 is held."""
    design = np.zeros((n1, n2, k, n1 + n2 - 1, k))
    for y in range(k):
        for i in range(n1):
            design[i, :, y, i, y] = 1.0
        for j in range(1, n2):
            design[:, j, y, n1 + j - 1, y] = 1.0
    table = design.reshape(n1 * n2, k, -1)
    table.setflags(write=False)
    return table, table.reshape(n1 * n2 * k, -1)


def fits(p1: Array, p2: Array) -> bool:
    """Whether this solver is meant for these tables: few cells, no zero."""
    return len(p1) * p2.size <= CELLS and min(p1.min(), p2.min()) > 0.0


def _longest(x: Array, dx: Array) -> float:
    return 1.0 / max(float((-dx / x).max()), 1.0)


class _System:
    """One linearisation, factorised: directions for given changes of the products w z."""

    def __init__(self, w: Array, z: Array, s: Array, lse: Array, design: tuple[Array, Array], target: Array):
        table, matrix = design
        self.w, self.z, self.s, self.inner = w, z, s, w[:, None] * s
        self.slack, self.off = -(lse + z), target - self.inner.ravel() @ matrix
        self.gradient = (s[:, None] @ table)[:, 0]
        curved = (w * (1.0 - z) / z)[:, None] * self.gradient
        hessian = (self.inner.reshape(-1, 1) * matrix).T @ matrix + curved.T @ self.gradient
        self.factor, self.info = lapack.dpotrf(hessian, lower=1, clean=0)

    def direction(self, complement: Array) -> tuple[Array, Array, Array, Array]:
        """Changes of the unknowns, of logsumexp, of w and of z."""
        t = (complement - self.w * self.slack) / self.z
        du, _ = lapack.dpotrs(self.factor, self.off - t @ self.gradient, lower=1)
        change = self.gradient @ du
        return du, change, t + self.w * change / self.z, self.slack - change

    def corrected(self, weight: Array, least: float) -> tuple[Array, Array, Array, Array]:
        """Mehrotra's corrector after a predictor; the barrier is at least `least` nats in total."""
        product = self.w * self.z
        _, _, dw, dz = self.direction(-product)
        aw, az = _longest(self.w, dw), _longest(self.z, dz)
        now = float(product.sum())
        after = float(((self.w + aw * dw) * (self.z + az * dz)).sum()) / now
        return self.direction(weight * max(after**3 * now, least) - product - aw * az * dw * dz)


def solve(p1: Array, p2: Array, *, tolerance: float) -> tuple[Array, Array, Array] | None:
    """Joint (n1,n2,K), lam (n1,K), mu (n2,K) with a certified gap of at most `tolerance` bits; None if not reached."""
    (n1, k), n2 = p1.shape, len(p2)
    design = _design(n1, n2, k)
    nats, labels = float(to_nats(tolerance)), p1.sum(axis=0)
    lam, mu = np.log(p1 / p1.sum(axis=1, keepdims=True)), np.log(p2 / p2.sum(axis=1, keepdims=True) / labels)
    v = (lam[:, None] + mu[None]).reshape(-1, k)
    q = (p1[:, None] * (p2 / labels)[None]).reshape(-1, k)
    w = q.sum(axis=1)
    weight, z = w / w.sum(), np.zeros(0)
    target = np.concatenate([p1.ravel(), p2[1:].ravel()])
    for _ in range(STEPS):
        e = np.exp(v)
        total = e.sum(axis=1)
        lse = np.log(total)
        z = z if len(z) else np.maximum(-lse, SLACK)
        if float((w * z).sum()) + max(float(lse.max()), 0.0) < 2.0 * nats:
            joint = round_to_margins(np.maximum(q, 0.0).reshape(n1, n2, k), p1, p2)
            lower, _ = certificate_batch.union_lower_bound(p1[None], p2[None], lam[None], mu[None])
            if float(certificate_batch.information(joint[None])[0] - lower[0]) <= tolerance:
                return joint, lam, mu
        system = _System(w, z, e / total[:, None], lse, design, target)
        if system.info:
            return None
        du, change, dw, dz = system.corrected(weight, 0.1 * nats)
        aw, az = (x if x == 1.0 else BOUNDARY * x for x in (_longest(w, dw), _longest(z, dz)))
        d = (design[1] @ du).reshape(-1, k)
        az = min(az, CAP / max(float(np.abs(d).max()), CAP))
        q = system.inner * (d - change[:, None]) + (w + dw)[:, None] * system.s
        v += az * d
        lam += az * du[: n1 * k].reshape(n1, k)
        mu[1:] += az * du[n1 * k :].reshape(n2 - 1, k)
        w, z = np.maximum(w + aw * dw, 1e-300), np.maximum(z + az * dz, FLOOR)
    return None
