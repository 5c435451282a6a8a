"""Cell problems as arrays: which cells share a row or a column, the instances of a batch, and a first point."""

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
        return np.einsum("bij...->bi...", table), np.einsum("bij...->bj...", table)

    def spread(self, first: Array, second: Array) -> Array:
        """first[row] + second[col] for every cell: (B, n1, k), (B, n2, k) -> (B, C, k)."""
        if self.dense:
            both = first[:, :, None, :] + second[:, None, :, :]
            return both.reshape(len(first), self.n1 * self.n2, -1)
        return first[:, self.rows] + second[:, self.cols]


def by_cell(x: Array) -> Array:
    """Sum (B, C, 1) over the labels of (B, C, K); np.sum, which adds number by number, is several times slower."""
    return np.einsum("bck->bc", x)[:, :, None]


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
    count = np.maximum(by_cell(live), 1)
    guess = guess * live
    total = by_cell(guess)
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
