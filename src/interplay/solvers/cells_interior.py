"""Batched structured primal-dual interior point for cell problems: the numerical core of `cells`.

Primal, per instance, with q_cy the share of label y in cell c and e+, e- >= 0 a paid violation of the margins:
    min sum_c mass_c phi(q_c) + L sum (e+ + e-),   sum_y q_cy = 1,   sum_{c in row i} mass_c q_cy + e+ - e- = p1y,
and columns alike; phi(q) = <cost, q> or max_y q (then t_c = q_cy + s_cy with s >= 0, multipliers w_c in the
simplex). The violation is exact penalisation: its dual is the box |lam|, |mu| <= L. It gives every instance an
interior, whatever its zeros and even if its margins contradict each other. One class is dropped from the
margins (it follows), which fixes most of the gauge. Every iterate is primal and dual feasible.

Newton: a cell's block is diagonal plus rank two and is eliminated in closed form; rows are eliminated next
(K-1 x K-1 blocks), and one dense system of (K-1) n2 unknowns remains per instance. Mehrotra's predictor and
corrector; the barrier of a cell is weighted by its mass, so tiny cells are as well scaled as large ones.
"""

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from interplay.information import Array

Ints = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """Which cells lie in which row and column: rows, cols (C,), sizes n1, n2, and the order by pair."""

    rows: Ints
    cols: Ints
    n1: int
    n2: int
    order: Ints
    starts: Ints
    pairs: Ints
    dense: bool

    @classmethod
    def of(cls, rows: Ints, cols: Ints, n1: int, n2: int) -> Self:
        pair = rows * n2 + cols
        order = np.argsort(pair, kind="stable")
        pairs, starts = np.unique(pair[order], return_index=True)
        dense = len(pair) == n1 * n2 and bool((pair == np.arange(n1 * n2)).all())
        return cls(rows=rows, cols=cols, n1=n1, n2=n2, order=order, starts=starts, pairs=pairs, dense=dense)

    def by_pair(self, x: Array) -> Array:
        """Sum (B, C, ...) over the cells of each pair: (B, n1, n2, ...)."""
        tail = x.shape[2:]
        if not self.dense:
            total = np.zeros((len(x), self.n1 * self.n2, *tail))
            if len(self.pairs):
                total[:, self.pairs] = np.add.reduceat(x[:, self.order], self.starts, axis=1)
            x = total
        return x.reshape(len(x), self.n1, self.n2, *tail)

    def sums(self, x: Array) -> tuple[Array, Array]:
        """Row sums (B, n1, ...) and column sums (B, n2, ...)."""
        table = self.by_pair(x)
        return table.sum(axis=2), table.sum(axis=1)

    def spread(self, first: Array, second: Array) -> Array:
        """first[row] + second[col] for every cell: (B, n1, k), (B, n2, k) -> (B, C, k)."""
        if self.dense:
            both = first[:, :, None, :] + second[:, None, :, :]
            return both.reshape(len(first), self.n1 * self.n2, -1)
        return first[:, self.rows] + second[:, self.cols]


class Batch:
    """A dataclass of arrays that share the leading axis; `take` keeps some instances."""

    def take(self, keep: Mask) -> Self:
        return replace(self, **{f.name: getattr(self, f.name)[keep] for f in fields(self)})  # type: ignore[type-var, arg-type]


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem(Batch):
    """Instances as the iteration sees them; weight (B,n,K-1) scales the barrier of the violations.

    mass (B,C), p1, p2 (B,n,K-1) margins without the last class, cost (B,C,K), live (B,C,K) labels in play.
    """

    mass: Array
    p1: Array
    p2: Array
    cost: Array
    live: Array
    weight1: Array
    weight2: Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Point(Batch):
    """q, z (B,C,K) shares and reduced costs; s, w (B,C,K) slack below the top and its multipliers.

    lam, mu (B,n,K-1) multipliers; over, under: the paid violations e+ and e- of rows (1) and columns (2).
    """

    q: Array
    z: Array
    s: Array
    w: Array
    lam: Array
    mu: Array
    over1: Array
    under1: Array
    over2: Array
    under2: Array


def start(problem: Problem, layout: Layout, guess: Array, box: float, *, top: bool) -> Point:
    """A strictly feasible point from a guess of the shares (B,C,K); half of it is uniform."""
    live = problem.live
    count = np.maximum(live.sum(axis=2, keepdims=True), 1)
    guess = guess * live
    total = guess.sum(axis=2, keepdims=True)
    q = live * (0.5 / count + np.where(total > 0, 0.5 * guess / np.where(total > 0, total, 1), 0.5 / count))
    if top:
        w = np.where(live > 0, 1 / count, 1.0)
        s = live * (q.max(axis=2, keepdims=True) + 0.5 / count - q)
        z = np.where(live > 0, w + 1 / count, 1.0)
    else:
        w, s = np.ones_like(q), np.zeros_like(q)
        z = np.where(live > 0, problem.cost - np.where(live > 0, problem.cost, np.inf).min(2, keepdims=True) + 1, 1)
        z = np.where(np.isfinite(z), z, 1.0)
    sums = layout.sums((problem.mass[:, :, None] * q)[:, :, :-1])
    over, under = [], []
    for margin, reached, weight in zip((problem.p1, problem.p2), sums, (problem.weight1, problem.weight2), strict=True):
        missing = margin - reached
        over.append((np.maximum(missing, 0) + weight / box) * (weight > 0))
        under.append((np.maximum(-missing, 0) + weight / box) * (weight > 0))
    return Point(
        q=q, z=z, s=s, w=w, lam=np.zeros_like(problem.p1), mu=np.zeros_like(problem.p2),
        over1=over[0], under1=under[0], over2=over[1], under2=under[1],
    )  # fmt: skip


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
        total = dq.sum(axis=2, keepdims=True)
        one = np.ones_like(total)
        return Blocks(e=dq, f=0 * dq, inverse=0 * dq, g=one, b=dq, total=np.where(total > 0, total, 1))
    ds = point.s / w
    inverse = live / (dq + ds + (1 - live))
    g = inverse.sum(axis=2, keepdims=True)
    g = np.where(g > 0, g, 1.0)
    f = dq * inverse
    e = f * ds
    b = e + f * (f.sum(axis=2, keepdims=True) / g)
    total = b.sum(axis=2, keepdims=True)
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
        cross *= f.sum(axis=2)[..., None, None]
        cross -= (f * e.sum(axis=2, keepdims=True))[..., None] * f[:, :, None, :]
        minus += cross / block.g[..., None]
    minus /= block.total[..., None]
    K = minus.shape[2]
    minus[:, :, range(K), range(K)] = 0.0
    M = -minus[:, :, :-1, :-1]
    M[:, :, range(K - 1), range(K - 1)] = minus[:, :, :-1, :].sum(axis=3)
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
    a, c = pair.sum(axis=2), pair.sum(axis=1)
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
    """Inverse of positive semidefinite matrices (..., k, k), scaled to a unit diagonal first."""
    k = range(a.shape[-1])
    scale = np.maximum(a[..., k, k], 1e-300) ** -0.5
    scale = scale[..., :, None] * scale[..., None, :]
    unit = a * scale
    unit[..., k, k] += _RIDGE
    return np.asarray((1 / unit if len(k) == 1 else np.linalg.inv(unit)) * scale)


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


def _targets(
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
        h = constant - block.b * (constant.sum(axis=2, keepdims=True) / block.total)
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
        mean = (block.inverse * lift).sum(axis=2, keepdims=True) / block.g
        return direct - block.f * (lift - mean), lift

    def _cells(self, t: Targets, h: Array, constant: Array, lift: Array, v: Array) -> tuple[Array, Array, Array, Array]:
        """Steps of q, z, s, w for the change v (B,C,K-1) of lam + mu."""
        point, block, live = self.point, self.block, self.problem.live
        # through M, not through e * g: where e is huge, g is a difference of nearly equal numbers
        moved = (self.M @ v[..., None])[..., 0]
        q = (h + np.concatenate([moved, -moved.sum(axis=2, keepdims=True)], axis=2)) * live
        g = np.concatenate([v, np.zeros_like(v[:, :, :1])], axis=2)
        g -= (constant + block.b * g).sum(axis=2, keepdims=True) / block.total
        g *= live
        if not self.top:
            return q, -g, np.zeros_like(g), np.zeros_like(g)
        target = point.q / self.z * g + lift
        top = (block.inverse * target).sum(axis=2, keepdims=True) / block.g
        w = block.inverse * (target - top)
        return q, (w - g) * live, (t.s - point.s * w) / self.w, w


def _longest(values: tuple[Array, ...], steps: tuple[Array, ...]) -> Array:
    """Largest step (B,) in [0, 1/..] that keeps every value non-negative; inf where nothing falls."""
    best = np.full(len(values[0]), np.inf)
    for x, d in zip(values, steps, strict=True):
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(d < 0, -x / d, np.inf)
        best = np.minimum(best, ratio.min(axis=(1, 2), initial=np.inf))
    return best


def step_lengths(point: Point, d: Point, box: float) -> tuple[Array, Array]:
    """Longest primal and dual steps (B,)."""
    primal = _longest(
        (point.q, point.s, point.over1, point.under1, point.over2, point.under2),
        (d.q, d.s, d.over1, d.under1, d.over2, d.under2),
    )
    dual = _longest(
        (point.z, point.w, box - point.lam, box + point.lam, box - point.mu, box + point.mu),
        (d.z, d.w, -d.lam, d.lam, -d.mu, d.mu),
    )
    return primal, dual


def move(point: Point, d: Point, primal: Array, dual: Array) -> Point:
    """The point after steps of lengths primal, dual (B,)."""
    p, u = primal[:, None, None], dual[:, None, None]
    return Point(
        q=point.q + p * d.q, s=point.s + p * d.s, z=point.z + u * d.z, w=point.w + u * d.w,
        lam=point.lam + u * d.lam, mu=point.mu + u * d.mu,
        over1=point.over1 + p * d.over1, under1=point.under1 + p * d.under1,
        over2=point.over2 + p * d.over2, under2=point.under2 + p * d.under2,
    )  # fmt: skip


def mean_product(point: Point, problem: Problem, box: float) -> Array:
    """Complementarity (B,): duality gap per unit of barrier weight."""
    per_cell = ((point.q * point.z + point.s * point.w) * problem.live).sum(axis=2)
    gap = (problem.mass * per_cell).sum(axis=1)
    gap += (point.over1 * (box - point.lam) + point.under1 * (box + point.lam)).sum(axis=(1, 2))
    gap += (point.over2 * (box - point.mu) + point.under2 * (box + point.mu)).sum(axis=(1, 2))
    return np.asarray(gap / weight_total(point, problem))


def weight_total(point: Point, problem: Problem) -> Array:
    """Total barrier weight (B,)."""
    per_cell = (problem.live * (1.0 + (point.s > 0))).sum(axis=2)
    weight = (problem.mass * per_cell).sum(axis=1)
    weight = weight + 2 * (problem.weight1.sum(axis=(1, 2)) + problem.weight2.sum(axis=(1, 2)))
    return np.asarray(np.maximum(weight, 1e-300))


def advance(
    point: Point, problem: Problem, layout: Layout, box: float, short: Array, age: Array, *, top: bool
) -> tuple[Point, Array]:
    """One predictor-corrector iteration; short (B,) is the shorter step of the last one.

    age (B,) counts iterations without progress: regularisation, which slows the last digits of degenerate
    instances, is lowered then. After a short step the aim is centrality, and the second-order term, which
    misled, is left out.
    """
    newton = Newton(point, problem, layout, box, 0.1 ** np.minimum(2.0 * np.maximum(age - 1, 0), 4.0), top=top)
    predictor = newton.step(_targets(point, box, 0.0, problem, None))
    primal, dual = (np.minimum(x, 1.0) for x in step_lengths(point, predictor, box))
    now = mean_product(point, problem, box)
    then = mean_product(move(point, predictor, primal, dual), problem, box)
    centring = np.clip(then / np.maximum(now, 1e-300), 0, 1) ** 3
    centring = np.where(short < 0.2, np.maximum(centring, 0.5), centring)
    trust = np.where(short < 0.2, 0.0, np.minimum(primal, dual))
    aim = now * centring
    targets = _targets(point, box, aim, problem, predictor, trust)
    step = newton.step(targets)
    lengths = step_lengths(point, step, box)
    for _ in range(_CORRECTORS if problem.live.shape[2] > 3 else 0):
        targets = _centred(targets, point, step, problem, box, aim, lengths)
        other = newton.step(targets)
        step, lengths = _longer(step, lengths, other, step_lengths(point, other, box))
    primal, dual = np.minimum(0.995 * lengths[0], 1.0), np.minimum(0.995 * lengths[1], 1.0)
    return move(point, step, primal, dual), np.minimum(primal, dual)


_CORRECTORS = 2  # where factorising costs more than solving: more than three classes


def _centred(
    t: Targets, point: Point, step: Point, problem: Problem, box: float, aim: Array, lengths: tuple[Array, Array]
) -> Targets:
    """Targets corrected by what a longer step would do to the outlying products (Gondzio 1996)."""
    primal, dual = (np.minimum(1.5 * x + 0.3, 1.0) for x in lengths)
    trial = move(point, step, primal, dual)
    reached = _targets(trial, box, 0.0, problem, None)  # minus the products
    a = aim[:, None, None]

    def pull(product: Array, weight: Array) -> Array:
        low, high = 0.1 * a * weight, 10 * a * weight
        return np.maximum(np.clip(product, low, high) - product, -high)

    return Targets(
        q=t.q + pull(-reached.q, problem.live),
        s=t.s + pull(-reached.s, problem.live) * (point.s > 0),
        over1=t.over1 + pull(-reached.over1, problem.weight1),
        under1=t.under1 + pull(-reached.under1, problem.weight1),
        over2=t.over2 + pull(-reached.over2, problem.weight2),
        under2=t.under2 + pull(-reached.under2, problem.weight2),
    )


def _longer(
    step: Point, lengths: tuple[Array, Array], other: Point, others: tuple[Array, Array]
) -> tuple[Point, tuple[Array, Array]]:
    """Per instance the direction that allows the longer steps."""
    before, after = (np.minimum(x, 1.0) + np.minimum(y, 1.0) for x, y in (lengths, others))
    better = after > before + 0.01
    pick = {
        f.name: np.where(better[:, None, None], getattr(other, f.name), getattr(step, f.name)) for f in fields(Point)
    }
    return Point(**pick), (np.where(better, others[0], lengths[0]), np.where(better, others[1], lengths[1]))
