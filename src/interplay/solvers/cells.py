"""Linear and best-classifier accuracy over cell lists: what a replicate of the bootstrap has to solve.

A cell c is a set of pairs with the codes (rows[c], cols[c]); several cells may share both codes, for example
one per prediction of a multimodal model. r (C,K) spreads its mass over the labels; its row and column sums
are p1y (n1,K) and p2y (n2,K). Minimised is sum_c <cost_c, r_c>, or sum_c max_y r_cy where cost is None.
"""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from interplay.errors import MarginsError
from interplay.information import Array
from interplay.solvers.arrays import over
from interplay.solvers.cells_dual import certified_value as certified_value
from interplay.solvers.cells_dual import extended
from interplay.solvers.cells_dual import label_price as label_price
from interplay.solvers.cells_interior import advance
from interplay.solvers.cells_layout import Layout, Point, Problem, by_cell, start
from interplay.solvers.cells_two import solve_two
from interplay.solvers.identified_set import solve

Ints = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class CellBatch:
    """Certified minima of B instances.

    value: (B,) lower bound, recomputed from lam (B,n1,K) and mu (B,n2,K) alone. primal: (B,) value of the
    best point found, what it misses of the margins paid at the price of the box; r: (B,C,K) that point, it
    meets the masses exactly. gap: primal - value.
    """

    value: Array
    primal: Array
    gap: Array
    lam: Array
    mu: Array
    r: Array


def cell_minimum_by_simplex(
    rows: Ints, cols: Ints, mass: Array, p1y: Array, p2y: Array, *, cost: Array | None
) -> tuple[Array, Array, Array]:
    """One instance by HiGHS: r (C,K), lam (n1,K), mu (n2,K); mass (C,). `MarginsError` if nothing fits."""
    C, (n1, K), n2 = len(rows), p1y.shape, len(p2y)
    cell, label = np.nonzero((p1y[rows] > 0) & (p2y[cols] > 0) & (mass > 0)[:, None])
    n = len(cell)
    equations = np.concatenate([cell, C + rows[cell] * K + label, C + (n1 + cols[cell]) * K + label])
    matrix = sp.csr_matrix((np.ones(3 * n), (equations, np.tile(np.arange(n), 3))), shape=(C + (n1 + n2) * K, n))
    target = np.concatenate([mass, p1y.ravel(), p2y.ravel()])
    if cost is not None:
        result = solve(cost[cell, label], A_eq=matrix, b_eq=target, bounds=(0, None))
    else:
        top = sp.csr_matrix((np.ones(n), (np.arange(n), cell)), shape=(n, C))
        result = solve(
            np.repeat([0.0, 1.0], [n, C]),
            A_ub=sp.hstack([sp.identity(n), -top]).tocsr(),
            b_ub=np.zeros(n),
            A_eq=sp.hstack([matrix, sp.csr_matrix((len(target), C))]).tocsr(),
            b_eq=target,
            bounds=(0, None),
        )
    r = np.zeros((C, K))
    r[cell, label] = np.maximum(result.x[:n], 0.0)
    duals = np.asarray(result.eqlin.marginals, dtype=float)[C:].reshape(n1 + n2, K)
    return r, np.where(p1y > 0, duals[:n1], 0.0), np.where(p2y > 0, duals[n1:], 0.0)


def cell_minimum_many(
    rows: Ints,
    cols: Ints,
    mass: Array,
    p1y: Array,
    p2y: Array,
    *,
    cost: Array | None,
    tolerance: float = 1e-5,
    box: float = 3.0,
    max_iterations: int = 60,
) -> CellBatch:
    """Certified minima of B instances by a batched interior point.

    rows, cols (C,) code positions; mass (B,C); p1y (B,n1,K); p2y (B,n2,K); cost (C,K), one for all, or (B,C,K);
    None for the best classifier. Zero masses and zero margins are handled per instance. tolerance: gap at which an
    instance stops. box: duals stay within +-box (up to a shift per row and column that changes nothing): any boxed
    dual is valid, and 3 has lost nothing on probability-scale costs; contradictory margins get the finite
    value of the penalised problem. An instance that stalls returns its best bound and that bound's gap; with two
    labels (`cells_two`) only after the iteration for any number of them has tried too.
    """
    cost = None if cost is None else np.asarray(cost, dtype=float)
    if p2y.shape[1] > p1y.shape[1]:  # rows are eliminated: let them be the longer side
        swapped = cell_minimum_many(
            cols, rows, mass, p2y, p1y, cost=cost, tolerance=tolerance, box=box, max_iterations=max_iterations
        )
        return replace(swapped, lam=swapped.mu, mu=swapped.lam)
    asked = _Asked(
        rows=np.asarray(rows), cols=np.asarray(cols), mass=mass, p1y=p1y, p2y=p2y, cost=cost,
        tolerance=tolerance, limit=2 * box, most=max_iterations,
    )  # fmt: skip
    minimise = _two_labels if p1y.shape[2] == 2 else _minimise
    size = _chunk(len(rows), p1y.shape[1], p2y.shape[1], p1y.shape[2])
    parts = [minimise(asked.take(slice(b, b + size))) for b in range(0, max(len(mass), 1), size)]
    return CellBatch(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(CellBatch)})


def cell_minimum(
    rows: Ints,
    cols: Ints,
    mass: Array,
    p1y: Array,
    p2y: Array,
    *,
    cost: Array | None = None,
    tolerance: float = 1e-9,
    box: float = 3.0,
) -> CellBatch:
    """One instance, mass (C,), p1y (n1,K), p2y (n2,K): a batch of one, by simplex where the gap stays open."""
    batch = cell_minimum_many(rows, cols, mass[None], p1y[None], p2y[None], cost=cost, tolerance=tolerance, box=box)
    if batch.gap[0] <= tolerance or p1y.shape[1] * len(rows) > _SIMPLEX:
        return batch
    try:
        r, lam, mu = cell_minimum_by_simplex(rows, cols, mass, p1y, p2y, cost=cost)
    except MarginsError:
        return batch  # the penalised problem has an answer even so
    value = certified_value(rows, cols, mass[None], p1y[None], p2y[None], lam[None], mu[None], cost)
    if value[0] <= batch.value[0]:
        return batch
    primal = np.array([r.max(axis=1).sum() if cost is None else (r * cost).sum()])
    return CellBatch(value=value, primal=primal, gap=primal - value, lam=lam[None], mu=mu[None], r=r[None])


_SIMPLEX = 5000  # unknowns beyond which simplex may take minutes


def _chunk(C: int, n1: int, n2: int, K: int) -> int:
    """Instances at once: about 150 MB of work arrays."""
    k = max(K - 1, 1)
    numbers = 60 * C * K + 3 * C * k * k + 3 * n1 * n2 * k * k + 5 * (n2 * k) ** 2
    return max(1, int(2e7 / numbers))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Asked:
    """B instances, as in `cell_minimum_many`, and how well they are to be solved. limit: of duals, in the gauge where
    one label of each code has dual 0; most: iterations."""

    rows: Ints
    cols: Ints
    mass: Array
    p1y: Array
    p2y: Array
    cost: Array | None
    tolerance: float
    limit: float
    most: int

    def take(self, which: Any) -> "_Asked":
        """Some instances."""
        return replace(self, mass=self.mass[which], p1y=self.p1y[which], p2y=self.p2y[which], cost=self._cost_of(which))

    def _cost_of(self, which: Any) -> Array | None:
        return self.cost[which] if self.cost is not None and self.cost.ndim == 3 else self.cost

    @cached_property
    def layout(self) -> Layout:
        """Which cells share a row or a column."""
        return Layout.of(self.rows, self.cols, self.p1y.shape[1], self.p2y.shape[1])

    @property
    def tiny(self) -> float:
        """Mass too little to matter, and too little to be well scaled."""
        return 1e-3 * self.tolerance / max(len(self.rows), 1)

    @cached_property
    def _live(self) -> tuple[Mask, Mask]:
        return self.p1y > self.tiny, self.p2y > self.tiny

    @cached_property
    def _left_out(self) -> bool:
        """Whether there are tiny margins, which the iteration leaves out."""
        return any(bool(((p > 0) & ~live).any()) for p, live in zip((self.p1y, self.p2y), self._live, strict=True))

    def bound(self, index: Ints, lam: Array, mu: Array, *, extend: bool = False) -> tuple[Array, Array, Array]:
        """Certified value (B',), lam, mu of the instances in index; tiny margins are extended and paid for."""
        cost = self._cost_of(index)
        if extend or self._left_out:
            lam, mu = extended(self.rows, self.cols, lam, mu, cost, *(live[index] for live in self._live))
        tables = self.mass[index], self.p1y[index], self.p2y[index]
        return certified_value(self.rows, self.cols, *tables, lam, mu, cost), lam, mu


def _problem(asked: _Asked) -> Problem:
    """Labels in play per cell, and what follows from the mass; a cell that may hold no label may hold all."""
    rows, cols, mass, p1y, p2y = asked.rows, asked.cols, asked.mass, asked.p1y, asked.p2y
    live = (p1y[:, rows] > asked.tiny) & (p2y[:, cols] > asked.tiny)
    live |= ~live.any(axis=2, keepdims=True)
    live &= (mass > asked.tiny)[:, :, None]
    K = p1y.shape[2]
    weights = []
    for codes, margin in ((rows, p1y), (cols, p2y)):
        member = np.eye(margin.shape[1])[codes]  # (C, n)
        used = np.einsum("cn,bck->bnk", member, live.astype(float)) > 0
        weights.append(np.maximum(margin.sum(axis=2, keepdims=True), 1e-300) * _free(used))
    full = np.zeros((len(rows), K)) if asked.cost is None else asked.cost
    full = np.broadcast_to(full, (len(mass), *full.shape[-2:]))
    return Problem(
        mass=mass,
        p1=p1y[:, :, :-1],
        p2=p2y[:, :, :-1],
        cost=full,
        live=live.astype(float),
        weight1=weights[0],
        weight2=weights[1],
    )


def _free(used: Mask) -> Mask:
    """Which of the first K-1 labels (B,n,K-1) keep their equation: one used label per code follows from the rest.

    It is the last class; where that class is impossible, the first possible one.
    """
    follows = np.where(used[:, :, -1], used.shape[2] - 1, used.argmax(axis=2))
    return (used & (np.arange(used.shape[2]) != follows[:, :, None]))[:, :, :-1]


def _guess(p1y: Array, p2y: Array, rows: Ints, cols: Ints) -> Array:
    """Shares if the two codes were independent given the label, up to a factor: (B, C, K)."""
    label = p1y.sum(axis=1)[:, None, :]
    return p1y[:, rows] * p2y[:, cols] / np.where(label > 0, label, 1.0)


def _widen(dual: Array) -> Array:
    """(B, n, K-1) with the last class put back as 0: (B, n, K)."""
    return np.concatenate([dual, np.zeros_like(dual[:, :, :1])], axis=2)


_PATIENCE = 15  # iterations without progress before an instance is given up


class _Best:
    """The best certified bound and the best primal value seen so far, per instance."""

    def __init__(self, p1y: Array, p2y: Array, cells: int):
        B = len(p1y)
        self.value, self.primal = np.full(B, -np.inf), np.full(B, np.inf)
        self.lam, self.mu, self.r = np.zeros_like(p1y), np.zeros_like(p2y), np.zeros((B, cells, p1y.shape[2]))
        self.age = np.zeros(B, dtype=int)

    def update(self, index: Ints, value: Array, primal: Array, r: Array, lam: Array, mu: Array) -> None:
        """Keep what is better; the age counts iterations since the gap last fell by a hundredth."""
        value = np.where(np.isfinite(value), value, -np.inf)
        primal = np.where(np.isfinite(primal), primal, np.inf)
        gap = self.primal[index] - self.value[index]
        up = value > self.value[index]
        chosen = index[up]
        self.value[chosen], self.lam[chosen], self.mu[chosen] = value[up], lam[up], mu[up]
        lower = primal < self.primal[index]
        self.primal[index[lower]], self.r[index[lower]] = primal[lower], r[lower]
        better = self.primal[index] - self.value[index] < 0.99 * gap
        self.age[index] = np.where(better, 0, self.age[index] + 1)


def _two_labels(asked: _Asked) -> CellBatch:
    """By `cells_two`, and where a gap stays open by the iteration for any number of labels."""
    mass, p1y, p2y, cost = asked.mass, asked.p1y, asked.p2y, asked.cost
    found = solve_two(
        asked.layout, mass, p1y, p2y, price=None if cost is None else cost[..., 0] - cost[..., 1],
        limit=asked.limit, tiny=asked.tiny, tolerance=0.5 * asked.tolerance, most=asked.most,
    )  # fmt: skip
    every = np.arange(len(mass))
    value, lam, mu = asked.bound(every, _widen(found.u[:, :, None]), _widen(found.v[:, :, None]), extend=True)
    if cost is not None:  # without multipliers equal costs are met exactly
        plain = certified_value(asked.rows, asked.cols, mass, p1y, p2y, np.zeros_like(lam), np.zeros_like(mu), cost)
        kept = (value > plain)[:, None, None]
        value, lam, mu = np.fmax(value, plain), np.where(kept, lam, 0.0), np.where(kept, mu, 0.0)
    r = np.stack([found.first, mass - found.first], axis=2)
    paid = over(r, np.maximum, 2).sum(axis=1) if cost is None else (r * cost).sum(axis=(1, 2))
    sums = asked.layout.sums(found.first)
    off = [np.abs(m[:, :, 0] - reached).sum(axis=1) for m, reached in zip((p1y, p2y), sums, strict=True)]
    primal = paid + asked.limit * (off[0] + off[1])
    batch = CellBatch(value=value, primal=primal, gap=primal - value, lam=lam, mu=mu, r=r)
    still = np.flatnonzero(~(batch.gap <= asked.tolerance))
    if len(still):
        again = _minimise(asked.take(still))
        closer = ~(batch.gap[still] <= again.gap)
        for f in fields(CellBatch):
            getattr(batch, f.name)[still[closer]] = getattr(again, f.name)[closer]
    return batch


def _minimise(asked: _Asked) -> CellBatch:
    """By `cells_interior`, for any number of labels."""
    top, limit, layout = asked.cost is None, asked.limit, asked.layout
    problem = _problem(asked)
    point = start(problem, layout, _guess(asked.p1y, asked.p2y, asked.rows, asked.cols), limit, top=top)
    every = index = np.arange(len(asked.mass))
    best, short = _Best(asked.p1y, asked.p2y, len(asked.rows)), np.ones(len(every))
    for _ in range(asked.most):
        value, lam, mu = asked.bound(index, _widen(point.lam), _widen(point.mu))
        best.update(index, value, *_primal(point, problem, layout, limit, top=top), lam, mu)
        going = (best.primal[index] - best.value[index] > asked.tolerance) & (best.age[index] < _PATIENCE)
        if not going.any():
            break
        if going.mean() < 0.8:
            point, problem, index, short = point.take(going), problem.take(going), index[going], short[going]
        with np.errstate(all="ignore"):
            point, short = advance(point, problem, layout, limit, short, best.age[index], top=top)
    value, lam, mu = asked.bound(every, best.lam, best.mu, extend=True)
    return CellBatch(value=value, primal=best.primal, gap=best.primal - value, lam=lam, mu=mu, r=best.r)


def _primal(point: Point, problem: Problem, layout: Layout, limit: float, *, top: bool) -> tuple[Array, Array]:
    """Value (B,) of the shares in the penalised problem, what violates a margin paid at the price limit, and r."""
    total = by_cell(point.q)
    q = point.q / np.where(total > 0, total, 1.0)
    per_cell = over(q, np.maximum, 2) if top else np.einsum("bck,bck->bc", q, problem.cost)
    r = problem.mass[:, :, None] * q
    sum1, sum2 = layout.sums(r[:, :, :-1])
    off = np.abs(problem.p1 - sum1).sum(axis=(1, 2)) + np.abs(problem.p2 - sum2).sum(axis=(1, 2))
    return np.asarray((problem.mass * per_cell).sum(axis=1) + limit * off), r
