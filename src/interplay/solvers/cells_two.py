"""Cell problems with two labels: a linear program over boxes, at a half to a third of the time of `cells_interior`.

A cell of mass m holds s of the first label. A linear cost is d s with 0 <= s <= m; the best classifier is right on
m/2 + x + y where s = m/2 + x - y and 0 <= x, y <= m/2. So a cell has one or two parts, each with a sign, a cost and a
cap, tied by sums over rows and columns; what violates them is paid for, as there. All complementary pairs of an
instance stand in two vectors: (parts, what is left to their caps, violations over and under the sums) and their
multipliers. Every iterate is feasible, so the products add up to the duality gap. Mehrotra's predictor and corrector;
rows are eliminated, and a system of n2 unknowns remains. Its diagonal is what the others in a row add up to and more,
which is how it is computed: nothing cancels.

Inside, instances are the last axis: sums and smallest entries over short axes are then sums of whole rows.
"""

from dataclasses import dataclass, fields

import numpy as np

from interplay.information import Array
from interplay.solvers.arrays import Flags
from interplay.solvers.cells_layout import Layout

_STEP = 0.995  # of the way to the boundary
_PROXIMAL = 1e-5  # relative to costs of order one: caps part / multiplier, beyond which sums lose their last digits
_DAMPING = 1e-9  # of a sum's multiplier, relative to its mass
_ELIMINATED = 12  # unknowns up to which elimination by whole rows beats LAPACK's, instance by instance


@dataclass(frozen=True, kw_only=True, eq=False)
class Halves:
    """first (B,C): mass of the first label; u (B,n1), v (B,n2): its multipliers, those of the second label are 0."""

    first: Array
    u: Array
    v: Array


@dataclass(frozen=True, kw_only=True, eq=False)
class _State:
    """primal, dual (2N + 2n, B) of N parts and n sums; weight: of each product, 0 where it is not in play. fixed (n,B):
    what the sums have to be, less what does not move."""

    primal: Array
    dual: Array
    weight: Array
    fixed: Array

    def take(self, keep: Flags) -> "_State":
        """Some instances."""
        at = np.flatnonzero(keep)
        return _State(**{f.name: getattr(self, f.name).take(at, axis=1) for f in fields(self)})


def solve_two(
    layout: Layout,
    mass: Array,
    p1y: Array,
    p2y: Array,
    *,
    price: Array | None,
    limit: float,
    tiny: float,
    tolerance: float,
    most: int,
) -> Halves:
    """Minima of B instances: mass (B,C), p1y (B,n1,2), p2y (B,n2,2).

    price (C,) or (B,C): of the first label over the second's; None for the best classifier. limit: of multipliers.
    tiny: mass that is left out. most: iterations; instances whose gap stays above the tolerance come as they are.
    """
    top, n1 = price is None, layout.n1
    live, held = _live(layout, mass, p1y, p2y, tiny)
    state = _start(layout, mass, p1y, p2y, price, live, held, limit)
    first, both = held.copy(), np.zeros((len(mass), n1 + layout.n2))
    index = np.arange(len(mass))
    for turn in range(most + 1):
        gap = (state.primal * (state.weight > 0) * state.dual).sum(axis=0)
        done = ~(gap > tolerance) | (turn == most)
        if done.any() or not len(index):
            out, ended = index[done], state.take(done)
            first[out] = np.where(live[out], _first(ended, layout, mass[out].T, top=top).T, held[out])
            both[out] = _multipliers(ended, layout, limit).T
            if done.all():
                break
            if done.mean() > 0.2:  # else they go on beside the others, and their last state counts
                state, index = state.take(~done), index[~done]
        with np.errstate(all="ignore"):
            state = _advance(state, layout, top=top)
    first = np.minimum(np.maximum(first, 0.0), mass)  # rounding
    return Halves(first=first, u=both[:, :n1], v=both[:, n1:])


def _live(layout: Layout, mass: Array, p1y: Array, p2y: Array, tiny: float) -> tuple[Flags, Array]:
    """Cells (B,C) that may hold both labels, and what the others hold of the first; one that may hold neither by its
    margins may hold both."""
    may = (p1y[:, layout.rows] > tiny) & (p2y[:, layout.cols] > tiny)
    first, second = may[..., 0], may[..., 1]
    live = (first == second) & (mass > tiny)
    return live, np.where(live, 0.0, mass * np.where(first == second, 0.5, first))


def _start(
    layout: Layout, mass: Array, p1y: Array, p2y: Array, price: Array | None, live: Flags, held: Array, limit: float
) -> _State:
    """Shares half even, half as if the codes were independent given the label; no sum has a multiplier."""
    both = p1y[:, layout.rows] * p2y[:, layout.cols] / np.maximum(p1y.sum(axis=1), 1e-300)[:, None]
    total = both.sum(axis=2)
    mass, live = mass.T, live.T
    s = mass * (0.25 + 0.5 * np.where(total > 0, both[..., 0] / np.where(total > 0, total, 1.0), 0.5).T) * live
    fixed = np.concatenate([p1y[..., 0].T, p2y[..., 0].T]) - _sums(layout, held.T)
    missing = fixed - _sums(layout, s)
    if price is None:
        half = 0.5 * mass
        parts = np.concatenate([np.maximum(s - half, 0.0), np.maximum(half - s, 0.0)]) + np.tile(mass / 8, (2, 1))
        caps, cost, open_ = np.tile(half, (2, 1)), np.ones(parts.shape), np.tile(live, (2, 1))
        fixed = fixed - _sums(layout, half * live)
    else:
        parts, caps, cost, open_ = s, mass, np.broadcast_to(price, mass.T.shape).T, live
    size = np.concatenate([p1y.sum(axis=2).T, p2y.sum(axis=2).T]) * (_sums(layout, live.astype(float)) > 0)
    over, under = (np.maximum(x, 0.0) + size / limit for x in (missing, -missing))
    weight, room = np.concatenate([caps * open_, caps * open_, size, size]), np.full(over.shape, limit)
    return _State(
        primal=np.where(weight > 0, np.concatenate([parts, caps - parts, over, under]), 1.0),
        dual=np.concatenate([np.maximum(cost, 0.0) + 0.5, np.maximum(-cost, 0.0) + 0.5, room, room]),
        weight=weight,
        fixed=fixed,
    )


def _table(layout: Layout, x: Array) -> Array:
    """Sums (n1,n2,B) over the cells (C,B) of each pair."""
    if layout.dense:
        return x.reshape(layout.n1, layout.n2, -1)
    return np.moveaxis(layout.by_pair(x.T), 0, 2)


def _sums(layout: Layout, x: Array) -> Array:
    """Row and column sums (n1 + n2, B) of cells (C,B)."""
    table = _table(layout, x)
    return np.concatenate([table.sum(axis=1), table.sum(axis=0)])


def _split(v: Array, sums: int) -> tuple[Array, Array, Array, Array]:
    """Parts, what is left, over and under."""
    at = len(v) // 2 - sums
    return v[:at], v[at : 2 * at], v[2 * at : 2 * at + sums], v[2 * at + sums :]


def _by_cell(parts: Array, *, top: bool, sign: int = 1) -> Array:
    """Sum (C,B) over the parts of each cell; sign: of the second ones."""
    if not top:
        return parts
    first, second = np.split(parts, 2)
    return np.asarray(first + second if sign > 0 else first - second)


def _first(state: _State, layout: Layout, mass: Array, *, top: bool) -> Array:
    """Mass (C,B) of the first label; only where both are possible."""
    parts = _split(state.primal, layout.n1 + layout.n2)[0]
    return _by_cell(parts, top=top, sign=-1) + (0.5 * mass if top else 0.0)


def _multipliers(state: _State, layout: Layout, limit: float) -> Array:
    n = layout.n1 + layout.n2
    return np.where(_split(state.weight, n)[2] > 0, limit - _split(state.dual, n)[2], 0.0)


def _advance(state: _State, layout: Layout, *, top: bool) -> _State:
    """One predictor-corrector iteration."""
    newton = _Newton(state, layout, top=top)
    product = state.primal * state.dual
    product *= state.weight > 0
    primal, dual = newton.step(-product)
    p, d = (np.minimum(x, 1.0) for x in newton.longest(primal, dual))
    now, bent = product.sum(axis=0), primal * dual
    then = now + p * _inner(primal, state.dual) + d * _inner(state.primal, dual) + p * d * bent.sum(axis=0)
    aim = now / state.weight.sum(axis=0) * np.clip(then / now, 0.0, 1.0) ** 3
    bent *= np.minimum(p, d)
    primal, dual = newton.step(aim * state.weight - product - bent)
    p, d = (np.minimum(_STEP * x, 1.0) for x in newton.longest(primal, dual))
    primal *= p
    dual *= d
    return _State(primal=state.primal + primal, dual=state.dual + dual, weight=state.weight, fixed=state.fixed)


def _inner(a: Array, b: Array) -> Array:
    return np.asarray(np.einsum("ib,ib->b", a, b))


class _Newton:
    """The linearised optimality conditions at a state, factorised once and solved for several products."""

    def __init__(self, state: _State, layout: Layout, *, top: bool):
        self.layout, self.top = layout, top
        n1, n = layout.n1, layout.n1 + layout.n2
        self.per_primal, self.per_dual = 1 / state.primal, 1 / state.dual
        parts, _, over, under = _split(state.primal, n)
        weight, _, size, _ = _split(state.weight, n)
        violations = 2 * n
        self.steep = (state.dual * self.per_primal)[:-violations]  # of a part, and of what is left to its cap
        self.easy = (state.primal * self.per_dual)[-violations:]  # of violations over and under
        held, cut = weight > 0, len(parts)
        self.proximal = _PROXIMAL / np.where(held, weight, 1.0)
        self.give = held / (self.steep[:cut] + self.steep[cut:] + self.proximal)  # of a part to its price
        theta = self.easy[:n] + self.easy[n:] + _DAMPING * size + (size == 0)
        self.table = _table(layout, _by_cell(self.give, top=top))
        self.rows = self.table.sum(axis=1) + theta[:n1]
        self.cols = self.table.sum(axis=0) + theta[n1:]
        self.reduced = self.table / self.rows[:, None]
        schur = -np.einsum("ijb,ikb->jkb", self.table, self.reduced)
        j = np.arange(layout.n2)
        schur[j, j] = 0.0
        schur[j, j] = theta[n1:] + (self.reduced * theta[:n1, None]).sum(axis=0) - schur.sum(axis=1)
        self.inverse = _inverse(schur)
        reached = _sums(layout, _by_cell(parts * held, top=top, sign=-1)) + over - under
        self.missing = (state.fixed - reached) * (size > 0)

    def step(self, t: Array) -> tuple[Array, Array]:
        """Steps of primal and dual that change the products by t to first order and keep every equation."""
        n1, n, cut = self.layout.n1, len(self.missing), len(self.give)
        alone = t[: 2 * cut] * self.per_primal[: 2 * cut]
        violated = t[2 * cut :] * self.per_dual[2 * cut :]
        pull = alone[:cut] - alone[cut:]
        moved = _by_cell(self.give * pull, top=self.top, sign=-1)
        right = self.missing - _sums(self.layout, moved) + violated[n:] - violated[:n]
        u, v = self._once(right[:n1], right[n1:])
        off1 = right[:n1] - self.rows * u - (self.table * v).sum(axis=1)
        off2 = right[n1:] - self.cols * v - (self.table * u[:, None]).sum(axis=0)
        du, dv = self._once(off1, off2)  # refined against the table itself
        u, v = u + du, v + dv
        both, price = np.concatenate([u, v]), self._spread(u, v)
        x = self.give * (pull + (np.concatenate([price, -price]) if self.top else price))
        half = 0.5 * self.proximal * x  # which keeps the dual feasible
        primal = np.concatenate([x, -x, violated[:n] + self.easy[:n] * both, violated[n:] - self.easy[n:] * both])
        dual = np.concatenate([alone, -both, both])
        dual[:cut] -= self.steep[:cut] * x + half
        dual[cut : 2 * cut] += self.steep[cut:] * x + half
        return primal, dual

    def longest(self, primal: Array, dual: Array) -> tuple[Array, Array]:
        """Largest primal and dual steps (B,) that keep every value non-negative."""
        pairs = (primal, self.per_primal), (dual, self.per_dual)
        first, second = (np.asarray(-1 / np.minimum((step * per).min(axis=0), -1e-300)) for step, per in pairs)
        return first, second

    def _once(self, first: Array, second: Array) -> tuple[Array, Array]:
        back = second - (self.reduced * first[:, None]).sum(axis=0)
        v = (self.inverse * back).sum(axis=1)
        return first / self.rows - (self.reduced * v).sum(axis=1), v

    def _spread(self, u: Array, v: Array) -> Array:
        """u[row] + v[col] for every cell (C,B)."""
        if self.layout.dense:
            return (u[:, None] + v).reshape(-1, u.shape[1])
        return u[self.layout.rows] + v[self.layout.cols]


def _inverse(a: Array) -> Array:
    """Inverses of diagonally dominant matrices (n,n,B), by Gauss and Jordan without pivoting."""
    n = len(a)
    if n > _ELIMINATED:
        return np.moveaxis(_by_lapack(np.moveaxis(a, 2, 0)), 0, 2)
    a = a.copy()
    for k in range(n):
        pivot, row, column = 1 / a[k, k], a[k].copy(), a[:, k].copy()
        row *= pivot
        row[k], column[k] = pivot, 0.0
        a[:, k] = 0.0
        a[k] = 0.0
        a -= column[:, None] * row
        a[k] = row
    return a


def _by_lapack(a: Array) -> Array:
    """Inverses (B,n,n); not a number, which ends the batch, if rounding has left one of them none."""
    try:
        return np.asarray(np.linalg.inv(a))
    except np.linalg.LinAlgError:
        return np.full_like(a, np.nan)
