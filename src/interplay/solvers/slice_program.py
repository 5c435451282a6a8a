"""Linear programs of slices: how little a sum of concave functions can be within boxes, many boxes at once.

In each family of slices the cells' point is a mixture of the vertices of every slice, and a value t_c lies above the
mixture of f_c in each family. Least sum t_c, over mixtures with the same point in all families. Its dual: shares w of
the families, which sum to one in every cell, and multipliers pi, which sum to zero; whatever they are, the sum over
all slices of the least w f(v) + pi v over their vertices is a lower bound.

Mehrotra's predictor and corrector. The mixtures of each slice are eliminated; what remains is a symmetric system of a
share and a multiplier for each cell and family but the last. A bound is wanted, not an optimum: a box is left as soon
as it can be cut off, or its gap is a small part of what is open.
"""

from dataclasses import dataclass

import numpy as np

from interplay.information import Array
from interplay.solvers.arrays import Flags, Index
from interplay.solvers.dense import DenseFactor
from interplay.solvers.slices import Sliced, slice_vertices

_ITERATIONS = 40
_ENOUGH = 0.1  # of what is open: a smaller gap would not change what is done next
_CLOSED = 1e-11  # gap, in units of the mean capacity
_STEP = 0.99  # of the way to the boundary
_RIDGE = 1e-10  # on shares and multipliers of slices that hardly leave a choice
_INSIDE = 0.2  # slacks at the start, in units of the mean capacity


@dataclass(frozen=True, kw_only=True, eq=False)
class Priced:
    """Vertices (B,S,m,n) of a family's slices in B boxes, and w f(v) + pi v (B,S,m) of each; infinite: not a vertex."""

    v: Array
    price: Array

    def take(self, keep: Flags) -> "Priced":
        """Some boxes."""
        return Priced(v=self.v[keep], price=self.price[keep])


@dataclass(frozen=True, kw_only=True, eq=False)
class Relaxed:
    """lower (B,): certified bounds, the sums of all slices' least prices; infinite where a slice has no vertex. point,
    values (B,C): where the relaxation is least, and its t there. priced: of each family."""

    lower: Array
    point: Array
    values: Array
    priced: tuple[Priced, ...]

    def take(self, keep: Flags) -> "Relaxed":
        """Some boxes."""
        priced = tuple(p.take(keep) for p in self.priced)
        return Relaxed(lower=self.lower[keep], point=self.point[keep], values=self.values[keep], priced=priced)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Family:
    """at (S,2n): where the sides of its slices stand among 2C numbers; sides (B,S,2n,m): f and v of each vertex, in
    units of the mean capacity; real (B,S,m): whether it is one."""

    at: Index
    sides: Array
    real: Flags

    def take(self, keep: Flags) -> "_Family":
        return _Family(at=self.at, sides=self.sides[keep], real=self.real[keep])

    def prices(self, y: Array) -> Array:
        """(B,S,m) by shares and multipliers y (B,2C)."""
        return np.asarray(np.matmul(y[:, self.at][:, :, None], self.sides)[:, :, 0])

    def spread(self, x: Array) -> Array:
        """Sides (B,S,2n) of all slices, cell by cell: (B,2C)."""
        out = np.empty((len(x), self.at.size))
        out[:, self.at] = x
        return out

    def mixed(self, shares: Array) -> Array:
        """Sides (B,2C) of mixtures with shares (B,S,m)."""
        return self.spread(_times(self.sides, shares))


def relax(problem: Sliced, lo: Array, hi: Array, cutoff: float) -> Relaxed:
    """Bounds of the boxes lo <= s <= hi (B,C); those that reach the cutoff are not made better."""
    boxes, cells = lo.shape
    scale = float(problem.hi.mean()) or 1.0
    families, vertices = [], []
    for family in problem.families:
        slices, n = family.cells.shape
        low, high = (x[:, family.cells].reshape(-1, n) for x in (lo, hi))
        found = slice_vertices(low, high, np.tile(family.total, boxes))
        v = found.v.reshape(boxes, slices, -1, n)
        f = problem.f(v, problem.hi[family.cells][:, None])
        sides = np.concatenate([f, v], axis=3).swapaxes(2, 3) / scale
        at = np.concatenate([family.cells, cells + family.cells], axis=1)
        families.append(_Family(at=at, sides=sides, real=found.real.reshape(boxes, slices, -1)))
        vertices.append(v)
    with np.errstate(all="ignore"):
        best, mixtures = _minimise(families, boxes, np.flatnonzero(problem.hi > 0), cutoff / scale)
        mixed = scale * np.stack([k.mixed(x) for k, x in zip(families, mixtures, strict=True)])
    price = [np.where(k.real, scale * k.prices(best[:, i]), np.inf) for i, k in enumerate(families)]
    point = mixed[:, :, cells:].mean(axis=0)
    return Relaxed(
        lower=sum(p.min(axis=2).sum(axis=1) for p in price),
        point=np.clip(np.where(np.isfinite(point), point, (lo + hi) / 2), lo, hi),
        values=mixed[:, :, :cells].max(axis=0),
        priced=tuple(Priced(v=v, price=p) for v, p in zip(vertices, price, strict=True)),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _State:
    """free (B,F-1,2C): shares and multipliers of all families but the last. Complementary pairs: mixtures of each
    family (B,S,m) and how far the prices are above the slice's; last, room of t above f and shares w, (B,F,C)."""

    free: Array
    primal: tuple[Array, ...]
    dual: tuple[Array, ...]

    def take(self, keep: Flags) -> "_State":
        primal, dual = (tuple(x[keep] for x in side) for side in (self.primal, self.dual))
        return _State(free=self.free[keep], primal=primal, dual=dual)


def _minimise(families: list[_Family], boxes: int, live: Index, cutoff: float) -> tuple[Array, list[Array]]:
    """Shares and multipliers (B,F,2C) of the best bounds, and the last mixtures (B,S,m) of each family. live: the
    cells that can hold anything."""
    state = _start(families, boxes)
    best, lower = every(state.free), np.full(boxes, -np.inf)
    mixtures = [x.copy() for x in state.primal[:-1]]
    index = np.arange(boxes)
    for turn in range(_ITERATIONS + 1):
        now = every(state.free)
        low = _bound(families, now)
        better = low > lower[index]
        lower[index[better]], best[index[better]] = low[better], now[better]
        gap = sum(_sum(x * s) for x, s in zip(state.primal, state.dual, strict=True))
        room = cutoff - lower[index]
        open_ = np.isfinite(low) & (room > 0) & (gap > np.maximum(_CLOSED, _ENOUGH * room))
        if turn == _ITERATIONS or not open_.all():
            ended = ~open_ | (turn == _ITERATIONS)
            for x, last in zip(mixtures, state.primal, strict=False):
                x[index[ended]] = last[ended]
            if ended.all():
                break
            state, families, index = state.take(open_), [k.take(open_) for k in families], index[open_]
        state = _advance(state, families, live)
    return best, mixtures


def every(free: Array) -> Array:
    """(B,F,2C): the last family's shares are what is left to one, its multipliers what is left to zero."""
    last = -free.sum(axis=1, keepdims=True)
    last[:, :, : free.shape[2] // 2] += 1.0
    return np.concatenate([free, last], axis=1)


def _bound(families: list[_Family], y: Array) -> Array:
    low = (np.where(k.real, k.prices(y[:, i]), np.inf).min(axis=2).sum(axis=1) for i, k in enumerate(families))
    return np.asarray(sum(low))


def _start(families: list[_Family], boxes: int) -> _State:
    """Even mixtures, even shares, no multipliers."""
    cells = families[0].at.size // 2
    free = np.zeros((boxes, len(families) - 1, 2 * cells))
    free[:, :, :cells] = 1 / len(families)
    y = every(free)
    mixtures = [k.real / np.maximum(k.real.sum(axis=2, keepdims=True), 1) for k in families]
    prices = [np.where(k.real, k.prices(y[:, i]), np.inf) for i, k in enumerate(families)]
    slacks = [np.where(np.isfinite(p), p - p.min(axis=2, keepdims=True) + _INSIDE, 1.0) for p in prices]
    values = np.stack([k.mixed(x)[:, :cells] for k, x in zip(families, mixtures, strict=True)], axis=1)
    room = values.max(axis=1, keepdims=True) + _INSIDE - values
    return _State(free=free, primal=(*mixtures, room), dual=(*slacks, y[:, :, :cells].copy()))


def _advance(state: _State, families: list[_Family], live: Index) -> _State:
    """One predictor-corrector iteration."""
    newton = _Newton(state, families, live)
    pairs = list(zip(state.primal, state.dual, strict=True))
    products = [x * s for x, s in pairs]
    now = np.add.reduce([_sum(p) for p in products])
    real = [*(k.real.astype(float) for k in families), np.ones(state.dual[-1].shape)]
    _, primal, dual = newton.step([-p for p in products])
    p, d = (np.minimum(a, 1.0) for a in newton.longest(primal, dual))
    moved = [(x + _wide(p, dx) * dx, s + _wide(d, ds) * ds) for (x, s), dx, ds in zip(pairs, primal, dual, strict=True)]
    then = np.add.reduce([_sum(x * s) for x, s in moved])
    aim = now / sum(_sum(x) for x in real) * np.clip(then / now, 0.0, 1.0) ** 3
    bent = [dx * ds for dx, ds in zip(primal, dual, strict=True)]
    free, primal, dual = newton.step(
        [_wide(aim, c) * on - p - c for on, p, c in zip(real, products, bent, strict=True)]
    )
    p, d = (np.minimum(_STEP * a, 1.0) for a in newton.longest(primal, dual))
    return _State(
        free=state.free + _wide(d, free) * free,
        primal=tuple(x + _wide(p, dx) * dx for x, dx in zip(state.primal, primal, strict=True)),
        dual=tuple(s + _wide(d, ds) * ds for s, ds in zip(state.dual, dual, strict=True)),
    )


class _Newton:
    """The linearised optimality conditions at a state, factorised once and solved for several products."""

    def __init__(self, state: _State, families: list[_Family], live: Index):
        self.state, self.families = state, families
        self.cells = families[0].at.size // 2
        self.give = [x / s for x, s in zip(state.primal, state.dual, strict=True)]  # of a pair, to its price
        for i, k in enumerate(families):
            self.give[i] = self.give[i] * k.real
        self.total = [g.sum(axis=2) for g in self.give[:-1]]
        self.middle = [
            _times(k.sides, g) / t[..., None] for k, g, t in zip(families, self.give, self.total, strict=False)
        ]
        self.missing = [1 - x.sum(axis=2) for x in state.primal[:-1]]
        reached = np.stack([k.mixed(x) for k, x in zip(families, state.primal, strict=False)], axis=1)
        reached[:, :, : self.cells] += state.primal[-1]
        self.apart = reached[:, :-1] - reached[:, -1:]
        unknowns = np.arange(len(families) - 1)[:, None, None] * 2 + np.arange(2)[:, None]
        self.unknowns = (unknowns * self.cells + live).ravel()
        none = np.zeros(len(self.unknowns), dtype=bool)
        self.factors = [DenseFactor(m.T, none) for m in self._system()]

    def _system(self) -> Array:
        """(B,U,U): each family's own matrix on the diagonal, the last one's everywhere."""
        boxes, blocks, size = len(self.apart), len(self.families) - 1, 2 * self.cells
        system = np.zeros((boxes, blocks, size, blocks, size))
        for i, k in enumerate(self.families):
            away = (k.sides - self.middle[i][..., None]) * np.sqrt(self.give[i])[:, :, None]
            among, room = np.matmul(away, away.swapaxes(2, 3)), self.give[-1][:, i]
            both = [(i, i)] if i < blocks else np.ndindex(blocks, blocks)
            for row, column in both:
                block = system[:, row, :, column]
                block[:, k.at[:, :, None], k.at[:, None, :]] += among
                np.einsum("bii->bi", block)[:, : self.cells] += room
        flat = system.reshape(boxes, blocks * size, blocks * size)
        if len(self.unknowns) < blocks * size:
            flat = flat[:, self.unknowns[:, None], self.unknowns]
        np.einsum("bii->bi", flat)[:] += _RIDGE
        return flat

    def step(self, products: list[Array]) -> tuple[Array, list[Array], list[Array]]:
        """Steps of free, primal and dual that change the products by so much to first order and keep every equation."""
        alone = [t / s for t, s in zip(products, self.state.dual, strict=True)]
        short = [m - a.sum(axis=2) for m, a in zip(self.missing, alone, strict=False)]
        moved = np.stack(
            [
                k.spread(_times(k.sides, a) + m * s[..., None])
                for k, a, m, s in zip(self.families, alone, self.middle, short, strict=False)
            ],
            axis=1,
        )
        moved[:, :, : self.cells] += alone[-1]
        right = (moved[:, :-1] - moved[:, -1:] + self.apart).reshape(len(moved), -1)[:, self.unknowns]
        free = np.zeros_like(self.apart)
        free.reshape(len(moved), -1)[:, self.unknowns] = [f.solve(r) for f, r in zip(self.factors, right, strict=True)]
        y = np.concatenate([free, -free.sum(axis=1, keepdims=True)], axis=1)
        primal, dual = [], []
        for i, k in enumerate(self.families):
            price = k.prices(y[:, i])
            theta = (short[i] + (self.give[i] * price).sum(axis=2)) / self.total[i]
            dual.append((price - theta[..., None]) * k.real)
            primal.append(alone[i] - self.give[i] * dual[i])
        dual.append(y[:, :, : self.cells])
        primal.append(alone[-1] - self.give[-1] * dual[-1])
        return free, primal, dual

    def longest(self, primal: list[Array], dual: list[Array]) -> tuple[Array, Array]:
        """Largest primal and dual steps (B,) that keep every value non-negative."""
        held = [np.where(x > 0, x, 1.0) for x in self.state.primal]  # what is no vertex stays at zero
        sides = ((primal, held), (dual, self.state.dual))
        first, second = (
            np.min([1 / np.maximum((-dx / x).max(axis=(1, 2)), 1e-300) for dx, x in pairs], axis=0)
            for pairs in (zip(*side, strict=True) for side in sides)
        )
        return first, second


def _times(sides: Array, shares: Array) -> Array:
    return np.asarray(np.matmul(sides, shares[..., None])[..., 0])


def _sum(x: Array) -> Array:
    return np.asarray(x.sum(axis=(1, 2)))


def _wide(step: Array, like: Array) -> Array:
    return step.reshape(-1, *[1] * (like.ndim - 1))
