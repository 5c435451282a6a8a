"""Three samples of different people never agree on shared margins: maximum-likelihood tables that do."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import identity, kron, vstack
from scipy.special import xlogy

from interplay.information import Array
from interplay.results import freeze

DUST = 1e-12  # far below what any sample can tell from zero


@dataclass(frozen=True, kw_only=True)
class Repaired:
    """Consistent probability tables, batched: p12 (B,n1,n2), p1y (B,n1,K), p2y (B,n2,K).

    moved: (B, 3) total variation between each raw table and its repaired version (pairs, first, second).
    """

    p12: Array
    p1y: Array
    p2y: Array
    moved: Array
    iterations: int

    def __post_init__(self) -> None:
        freeze(self.p12, self.p1y, self.p2y, self.moved)

    def first(self, count: int) -> "Repaired":
        """The first tables of the batch."""
        return replace(self, **{n: getattr(self, n)[:count] for n in ("p12", "p1y", "p2y", "moved")})


def have_a_joint(p12: Array, p1y: Array, p2y: Array, *, tolerance: float = 1e-9) -> bool:
    """Whether some joint has these three probability tables as its margins (linear program).

    Then they are their own likeliest fit, and EM would only come close to them, slowly where they have zeros.
    """
    shared = ((p12.sum(1), p1y.sum(1)), (p12.sum(0), p2y.sum(1)), (p1y.sum(0), p2y.sum(0)))
    if any(np.abs(a - b).max() > tolerance for a, b in shared):
        return False
    n1, n2, k = *p12.shape, p1y.shape[1]
    one, two, labels = identity(n1), identity(n2), identity(k)
    margins = vstack(
        [
            kron(kron(one, two), np.ones((1, k))),
            kron(kron(one, np.ones((1, n2))), labels),
            kron(np.ones((1, n1)), kron(two, labels)),
        ]
    )
    values = np.concatenate([p12.ravel(), p1y.ravel(), p2y.ravel()])
    return linprog(np.zeros(n1 * n2 * k), A_eq=margins, b_eq=values, method="highs").status == 0


def unmoved(p12: Array, p1y: Array, p2y: Array) -> Repaired:
    """Tables that have a joint, as the fit of themselves."""
    return Repaired(p12=p12[None], p1y=p1y[None], p2y=p2y[None], moved=np.zeros((1, 3)), iterations=0)


def _normalised(n: Array) -> Array:
    return n / n.sum(axis=(1, 2), keepdims=True)


def _ratio(n: Array, r: Array) -> Array:
    """n / r with 0 / 0 = 0; r > 0 wherever n > 0 by the choice of the start."""
    return np.asarray(n / np.where(n > 0, r, 1.0))


def maximum_likelihood_tables(
    pairs: Array,
    first: Array,
    second: Array,
    *,
    tolerance: float = 1e-7,
    max_iterations: int = 2000,
) -> Repaired:
    """Fit one joint to three count tables by maximum likelihood (EM) and return its margins.

    pairs (B,n1,n2), first (B,n1,K), second (B,n2,K): counts or weights, each with positive total; zero
    cells are allowed. Every sample is the joint with one variable missing, so each EM step imputes the
    missing one. Any iterate is a joint, so its margins are consistent and their identified set is never
    empty; a step counts as the last when no table moved by more than `tolerance` (total variation).
    """
    joint, iterations = _expectation_maximisation(
        (pairs, first, second), _start(pairs, first, second), tolerance, max_iterations
    )
    joint = np.where(joint < DUST, 0.0, joint)  # cells that EM is still emptying
    joint /= joint.sum((1, 2, 3), keepdims=True)
    p12, p1y, p2y = joint.sum(3), joint.sum(2), joint.sum(1)
    raw = (_normalised(pairs), _normalised(first), _normalised(second))
    moved = [0.5 * np.abs(a - b).sum((1, 2)) for a, b in zip(raw, (p12, p1y, p2y), strict=True)]
    return Repaired(p12=p12, p1y=p1y, p2y=p2y, moved=np.stack(moved, 1), iterations=iterations)


def shrink(table: Array, rows_per_cell: float) -> Array:
    """Counts (B,n,m) with rows added that are spread like the product of the table's own margins: so many a cell,
    at most the root of the sample size in all.

    The margins keep their proportions; dependence, which small samples overstate, is understated a little.
    """
    n = table.sum((1, 2), keepdims=True)
    product = table.sum(2, keepdims=True) * table.sum(1, keepdims=True) / n**2
    return table + np.minimum(rows_per_cell * table[0].size, np.sqrt(n)) * product


def _expectation_maximisation(
    counts: tuple[Array, Array, Array], joint: Array, tolerance: float, max_iterations: int
) -> tuple[Array, int]:
    """Iterate until no table of an instance moves; instances that have settled leave the batch.

    Inside, labels are the second axis: there are few of them, and loops over a short last axis are slow.
    """
    pairs, first, second = (np.ascontiguousarray(n) for n in (counts[0], *(n.swapaxes(1, 2) for n in counts[1:])))
    joint = np.ascontiguousarray(np.moveaxis(joint, 3, 1))
    settled, active, iterations = joint.copy(), np.arange(len(joint)), 0
    while len(active) and iterations < max_iterations:
        iterations += 3
        counts = pairs, first, second
        one = _expected(counts, joint)
        two = _expected(counts, one)
        moved = np.max([np.abs(a - b).sum((1, 2)) for a, b in zip(_margins(one), _margins(joint), strict=True)], axis=0)
        joint, going = _expected(counts, _extrapolated(counts, joint, one, two)), moved >= 2 * tolerance
        if going.mean() < 0.8:
            settled[active[~going]] = joint[~going]
            active, joint = active[going], joint[going]
            pairs, first, second = (n[going] for n in counts)
    settled[active] = joint
    return np.ascontiguousarray(np.moveaxis(settled, 1, 3)), iterations


def _margins(joint: Array) -> tuple[Array, Array, Array]:
    """Tables (B,n1,n2), (B,K,n1), (B,K,n2) of joints (B,K,n1,n2)."""
    # np.sum adds the numbers of short last axes one by one
    return joint.sum(1), np.einsum("bkij->bki", joint), np.einsum("bkij->bkj", joint)


def _each(v: Array) -> Array:
    """One number an instance (B,), for joints."""
    return v[:, None, None, None]


def _as_shares(joint: Array) -> Array:
    """The joints, in place, with a sum of one."""
    joint /= _each(joint.reshape(len(joint), -1).sum(1))
    return joint


def _expected(counts: tuple[Array, Array, Array], joint: Array) -> Array:
    """One EM step: expected counts of the complete data, as shares."""
    one, two, three = (_ratio(n, p) for n, p in zip(counts, _margins(joint), strict=True))
    new = one[:, None] + two[:, :, :, None]
    new += three[:, :, None]
    new *= joint
    return _as_shares(new)


def _extrapolated(counts: tuple[Array, Array, Array], joint: Array, one: Array, two: Array) -> Array:
    """Two EM steps carried on along their curve (SQUAREM, Varadhan and Roland 2008), if that is likelier."""
    r = one - joint
    v = two - one - r
    length, bend = (np.einsum("bkij,bkij->b", x, x) for x in (r, v))
    alpha = _each(np.clip(np.sqrt(length / np.maximum(bend, 1e-300)), 1.0, 1e6))
    far = _as_shares(np.maximum(joint + 2 * alpha * r + alpha**2 * v, 0.01 * two))
    likelier = _log_likelihood(counts, far) > _log_likelihood(counts, two)
    return np.where(likelier[:, None, None, None], far, two)


def _log_likelihood(counts: tuple[Array, Array, Array], joint: Array) -> Array:
    return np.sum([xlogy(n, p).sum((1, 2)) for n, p in zip(counts, _margins(joint), strict=True)], axis=0)


def _start(pairs: Array, first: Array, second: Array) -> Array:
    """A joint that is positive wherever any of the three tables could need mass.

    The product of raw conditionals, mixed with a little of every table's own product, so that a code seen
    in one sample only keeps a way to be explained.
    """
    p12, p1y, p2y = _normalised(pairs), _normalised(first), _normalised(second)
    x1 = (p12.sum(2) + p1y.sum(2)) / 2
    x2 = (p12.sum(1) + p2y.sum(2)) / 2
    y = (p1y.sum(1) + p2y.sum(1)) / 2
    flat = x1[:, :, None, None] * x2[:, None, :, None] * y[:, None, None, :]
    y_given_1 = _ratio(p1y, p1y.sum(2, keepdims=True) + (p1y == 0))
    y_given_2 = _ratio(p2y, p2y.sum(2, keepdims=True) + (p2y == 0))
    vote = y_given_1[:, :, None, :] * y_given_2[:, None, :, :] / np.where(y > 0, y, 1)[:, None, None, :]
    close = p12[:, :, :, None] * vote
    total = close.sum((1, 2, 3), keepdims=True)
    close = np.divide(close, total, out=np.array(flat), where=total > 0)
    return 0.9 * close + 0.1 * flat


def repair_rounding(p12: Array, p1y: Array, p2y: Array, sweeps: int = 50) -> tuple[Array, Array, Array]:
    """Tables that agree to rounding made to agree exactly: p1y and p2y raked to p12's margins and one p(y)."""
    y = (p1y.sum(0) + p2y.sum(0)) / 2
    y = y / y.sum()
    return p12, _rake(p1y, p12.sum(1), y, sweeps), _rake(p2y, p12.sum(0), y, sweeps)


def _rake(table: Array, rows: Array, columns: Array, sweeps: int) -> Array:
    for _ in range(sweeps):
        table = table * _factor(columns, table.sum(0))[None, :]
        table = table * _factor(rows, table.sum(1))[:, None]
        if np.abs(table.sum(0) - columns).max() < 1e-17:
            break
    return table


def _factor(want: Array, have: Array) -> Array:
    return np.divide(want, have, out=np.zeros_like(want), where=have > 0)


def as_batch(*tables: Any) -> tuple[Array, ...]:
    """Add a batch axis of length one."""
    return tuple(np.asarray(t, dtype=float)[None] for t in tables)
