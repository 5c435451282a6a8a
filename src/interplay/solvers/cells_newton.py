"""One Newton system of the interior point for cell problems, free of cancellation.

A cell's block is diagonal plus rank two and is eliminated in closed form; rows are eliminated next (K-1 x K-1
blocks), and one dense system of (K-1) n2 unknowns remains per instance. See `cells_interior` for the problem.
"""

from dataclasses import dataclass

import numpy as np

from interplay.information import Array
from interplay.solvers.cells_layout import Layout, Point, Problem, by_cell


@dataclass(frozen=True, kw_only=True, eq=False)
class Blocks:
    """Per-cell elimination: d(share) = h + M v with M = diag(e) + f f'/g - b b'/total (all B,C,K or B,C,1)."""

    e: Array
    f: Array
    inverse: Array
    g: Array
    b: Array
    total: Array


def blocks(point: Point, live: Array, z: Array, w: Array, *, top: bool) -> Blocks:
    """The closed-form elimination of shares, slacks, top and the cell's own multiplier."""
    dq = point.q / z
    if not top:
        total = by_cell(dq)
        one = np.ones_like(total)
        return Blocks(e=dq, f=0 * dq, inverse=0 * dq, g=one, b=dq, total=np.where(total > 0, total, 1))
    ds = point.s / w
    inverse = live / (dq + ds + (1 - live))
    g = by_cell(inverse)
    g = np.where(g > 0, g, 1.0)
    f = dq * inverse
    e = f * ds
    b = e + f * (by_cell(f) / g)
    total = by_cell(b)
    return Blocks(e=e, f=f, inverse=inverse, g=g, b=b, total=np.where(total > 0, total, 1))


def curvature(block: Blocks) -> Array:
    """M without the last class: (B, C, K-1, K-1), free of cancellation.

    Off the diagonal -M_yk total = e_y e_k + (F (e_y f_k + e_k f_y) - f_y f_k E) / g with F, E the sums of f, e:
    the large parts of f f'/g and b b'/total cancel on paper. Rows of M sum to zero over all K classes, which
    gives the diagonal without subtracting large numbers either (a label that holds nearly all of its cell).
    """
    e, f = block.e, block.f
    minus = e[..., None] * e[:, :, None, :]
    if f.any():
        cross = e[..., None] * f[:, :, None, :]
        cross += cross.swapaxes(2, 3)
        cross *= by_cell(f)[..., None]
        cross -= (f * by_cell(e))[..., None] * f[:, :, None, :]
        minus += cross / block.g[..., None]
    minus /= block.total[..., None]
    K = minus.shape[2]
    minus[:, :, range(K), range(K)] = 0.0
    M = -minus[:, :, :-1, :-1]
    M[:, :, range(K - 1), range(K - 1)] = np.einsum("bcyk->bcy", minus[:, :, :-1, :])
    return M


@dataclass(frozen=True, kw_only=True, eq=False)
class Factor:
    """Schur system of an instance, rows eliminated: A (B,n1,k,k) inverted, coupling (B,n1 k,n2 k), S inverted."""

    a: Array
    a_inverse: Array
    coupling: Array
    reduced: Array
    c: Array
    s_inverse: Array


_PROXIMAL = 1e-5  # relative to costs of order one
_DAMPING = 1e-8
_RIDGE = 1e-14  # relative; only the free gauge directions feel it


def factorise(M: Array, layout: Layout, theta1: Array, theta2: Array) -> Factor:
    """Assemble and invert; M (B,C,k,k) times mass, theta (B,n,k) the curvature of the violations."""
    pair = layout.by_pair(M)  # (B, n1, n2, k, k)
    B, n1, n2, k, _ = pair.shape
    a, c = np.einsum("bijkl->bikl", pair), np.einsum("bijkl->bjkl", pair)
    diagonal = range(k)
    a[:, :, diagonal, diagonal] += theta1
    c[:, :, diagonal, diagonal] += theta2
    a_inverse = _inverse(a)
    by_row = pair.transpose(0, 1, 3, 2, 4).reshape(B, n1, k, n2 * k)
    reduced = (a_inverse @ by_row).reshape(B, n1 * k, n2 * k)
    coupling = by_row.reshape(B, n1 * k, n2 * k)
    S = -(coupling.transpose(0, 2, 1) @ reduced)
    S = S.reshape(B, n2, k, n2, k)
    for j in range(n2):
        S[:, j, :, j, :] += c[:, j]
    S = S.reshape(B, n2 * k, n2 * k)
    s_inverse = _inverse(S)
    return Factor(a=a, a_inverse=a_inverse, coupling=coupling, reduced=reduced, c=c, s_inverse=s_inverse)


def _inverse(a: Array) -> Array:
    """Inverse of positive semidefinite matrices (..., k, k), scaled to a unit diagonal first.

    A diagonal that rounding has left at or below zero holds nothing: zero there, that unknown takes no step.
    """
    k = range(a.shape[-1])
    diagonal = a[..., k, k]
    held = diagonal > 0
    scale = np.where(held, np.where(held, diagonal, 1.0) ** -0.5, 0.0)
    scale = scale[..., :, None] * scale[..., None, :]
    unit = a * scale
    unit[..., k, k] = np.where(held, unit[..., k, k], 1.0)
    unit[..., k, k] += _RIDGE
    return np.asarray((1 / unit if len(k) == 1 else _inverted(unit)) * scale)


def _inverted(a: Array) -> Array:
    """Inverses of (..., k, k), one by one only if a pivot was rounded to zero exactly, as in free gauge directions."""
    try:
        return np.asarray(np.linalg.inv(a))
    except np.linalg.LinAlgError:
        each = [_inverted_with_ridge(m) for m in a.reshape(-1, *a.shape[-2:])]
        return np.stack(each).reshape(a.shape)


def _inverted_with_ridge(a: Array) -> Array:
    """The inverse (k, k) with as small a ridge as gives one; zeros if none does: without a step the instance stops at
    its best bound."""
    for ridge in (0.0, 1e-11, 1e-8):
        try:
            return np.asarray(np.linalg.inv(a + ridge * np.eye(len(a))))
        except np.linalg.LinAlgError:
            continue
    return np.zeros_like(a)


def _once(factor: Factor, r1: Array, r2: Array) -> tuple[Array, Array]:
    B, n1, k = r1.shape
    t = factor.a_inverse @ r1[..., None]  # (B, n1, k, 1)
    right = r2.reshape(B, -1, 1) - factor.coupling.transpose(0, 2, 1) @ r1_of(t)
    x2 = factor.s_inverse @ right
    x1 = r1_of(t) - factor.reduced @ x2
    return x1.reshape(B, n1, k), x2.reshape(r2.shape)


def r1_of(t: Array) -> Array:
    return t.reshape(len(t), -1, 1)


def solve_schur(factor: Factor, r1: Array, r2: Array) -> tuple[Array, Array]:
    """Solve with one step of refinement against the blocks themselves."""
    x1, x2 = _once(factor, r1, r2)
    flat1, flat2 = r1_of(x1), r1_of(x2)
    back1 = (factor.a @ x1[..., None])[..., 0] + (factor.coupling @ flat2).reshape(x1.shape)
    back2 = (factor.c @ x2[..., None])[..., 0] + (factor.coupling.transpose(0, 2, 1) @ flat1).reshape(x2.shape)
    d1, d2 = _once(factor, r1 - back1, r2 - back2)
    return x1 + d1, x2 + d2


@dataclass(frozen=True, kw_only=True, eq=False)
class Targets:
    """Right-hand sides of the complementarity equations: for q z, s w and the four violations."""

    q: Array
    s: Array
    over1: Array
    under1: Array
    over2: Array
    under2: Array


def complementarity(
    point: Point, box: float, aim: float | Array, weights: Problem, step: Point | None, trust: Array | None = None
) -> Targets:
    """aim - product (- second-order term of a predictor step); aim is per unit of weight, (B,) or 0."""
    cell = aim if isinstance(aim, float) else aim[:, None, None]
    live = weights.live
    q, s = cell * live - point.q * point.z * live, cell * live - point.s * point.w * live
    over1 = cell * weights.weight1 - point.over1 * (box - point.lam)
    under1 = cell * weights.weight1 - point.under1 * (box + point.lam)
    over2 = cell * weights.weight2 - point.over2 * (box - point.mu)
    under2 = cell * weights.weight2 - point.under2 * (box + point.mu)
    if step is not None and trust is not None:
        f = trust[:, None, None]
        q, s = q - f * step.q * step.z * live, s - f * step.s * step.w * live
        over1, under1 = over1 + f * step.over1 * step.lam, under1 - f * step.under1 * step.lam
        over2, under2 = over2 + f * step.over2 * step.mu, under2 - f * step.under2 * step.mu
    return Targets(q=q, s=s, over1=over1, under1=under1, over2=over2, under2=under2)


class Newton:
    """The linearised optimality conditions at a point, factorised once and solved for several targets."""

    def __init__(self, point: Point, problem: Problem, layout: Layout, box: float, ease: Array, *, top: bool):
        self.point, self.problem, self.layout, self.top = point, problem, layout, top
        self.low1, self.high1 = box + point.lam, box - point.lam
        self.low2, self.high2 = box + point.mu, box - point.mu
        damping1, damping2 = (_DAMPING * ease[:, None, None] * w for w in (problem.weight1, problem.weight2))
        theta1 = point.over1 / self.high1 + point.under1 / self.low1 + damping1 + (problem.weight1 == 0)
        theta2 = point.over2 / self.high2 + point.under2 / self.low2 + damping2 + (problem.weight2 == 0)
        # a proximal term in the shares caps q / z: beyond that, lam + mu cancels to rounding times q / z
        proximal = _PROXIMAL * ease[:, None, None]
        self.z, self.w = point.z + proximal * point.q, point.w + proximal * point.s
        self.block = blocks(point, problem.live, self.z, self.w, top=top)
        self.M = curvature(self.block)
        self.factor = factorise(self.M * problem.mass[:, :, None, None], layout, theta1, theta2)
        reached1, reached2 = layout.sums((problem.mass[:, :, None] * point.q)[:, :, :-1])
        self.missing1 = (problem.p1 - reached1 - point.over1 + point.under1) * (problem.weight1 > 0)
        self.missing2 = (problem.p2 - reached2 - point.over2 + point.under2) * (problem.weight2 > 0)

    def step(self, t: Targets) -> Point:
        """The direction that meets the targets to first order and keeps every linear equation."""
        point, block = self.point, self.block
        constant, lift = self._cell_constant(t)
        h = constant - block.b * (by_cell(constant) / block.total)
        sum1, sum2 = self.layout.sums((self.problem.mass[:, :, None] * h)[:, :, :-1])
        r1 = self.missing1 - sum1 - t.over1 / self.high1 + t.under1 / self.low1
        r2 = self.missing2 - sum2 - t.over2 / self.high2 + t.under2 / self.low2
        lam, mu = solve_schur(self.factor, r1 * (self.problem.weight1 > 0), r2 * (self.problem.weight2 > 0))
        q, z, s, w = self._cells(t, h, constant, lift, self.layout.spread(lam, mu))
        return Point(
            q=q, z=z, s=s, w=w, lam=lam, mu=mu,
            over1=(t.over1 + point.over1 * lam) / self.high1,
            under1=(t.under1 - point.under1 * lam) / self.low1,
            over2=(t.over2 + point.over2 * mu) / self.high2,
            under2=(t.under2 - point.under2 * mu) / self.low2,
        )  # fmt: skip

    def _cell_constant(self, t: Targets) -> tuple[Array, Array]:
        """Change of the shares when no multiplier moves, and the slack equation's right-hand side."""
        direct = t.q / self.z
        if not self.top:
            return direct, direct
        block = self.block
        lift = direct + t.s / self.w
        mean = by_cell(block.inverse * lift) / block.g
        return direct - block.f * (lift - mean), lift

    def _cells(self, t: Targets, h: Array, constant: Array, lift: Array, v: Array) -> tuple[Array, Array, Array, Array]:
        """Steps of q, z, s, w for the change v (B,C,K-1) of lam + mu."""
        point, block, live = self.point, self.block, self.problem.live
        # through M, not through e * g: where e is huge, g is a difference of nearly equal numbers
        moved = (self.M @ v[..., None])[..., 0]
        q = (h + np.concatenate([moved, -by_cell(moved)], axis=2)) * live
        g = np.concatenate([v, np.zeros_like(v[:, :, :1])], axis=2)
        g -= by_cell(constant + block.b * g) / block.total
        g *= live
        if not self.top:
            return q, -g, np.zeros_like(g), np.zeros_like(g)
        target = point.q / self.z * g + lift
        top = by_cell(block.inverse * target) / block.g
        w = block.inverse * (target - top)
        return q, (w - g) * live, (t.s - point.s * w) / self.w, w
