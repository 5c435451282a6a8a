"""Union information for two labels in closed form: the Blackwell join of two ROC curves.

For a code x let t = p(y=1|x), and for a source let h(t) = sum_x (p(x,1) - t p(x))^+, its support function
(the ROC curve's concave hull, seen from the direction t). With phi(u) = u log u + (1-u) log(1-u),
I(X;Y) = H(Y) + sum_x p(x) phi(u_x), and phi is linear plus the integral of phi''(t) (u-t)^+. So I(X;Y) is an
integral of h against phi'', a source is more informative than another for every decision exactly if its h is
larger everywhere (Blackwell 1953), and the join of two sources has h = max(h1, h2): the upper concave hull of
both curves together. The union information (Bertschinger et al. 2014) is the information of the join.

Dual certificate. Let A be the set of t with h1 >= h2. With
    lam(x1,y) = log p(y) + int_{A, from t0 to u1} phi''(t) (1[y=1] - t) dt,   mu likewise over the complement,
every cell has sum_y pi_y (lam+mu)_y <= phi(pi) for every pi (each t contributes at most phi'' (pi-t)^+), which
is logsumexp_y(lam+mu) <= 0: feasible for *any* A, and tight for this one. The integrals are differences of
log t and log(1-t), so nothing here divides by a small number.

Shapes: a leading batch axis B everywhere; N = n1 + n2 codes sorted by t.
"""

from dataclasses import dataclass

import numpy as np

from interplay.information import Array
from interplay.solvers.arrays import Flags, Index

TIE = 1e-15  # support functions that differ by less are the same: rounding of sums of probabilities


@dataclass(frozen=True, kw_only=True)
class Join:
    """The join of two sources and the dual that proves it.

    atoms: (B, 2N-1, 2), p(z,y) of the join's codes in order of t, zero rows where there is none.
    odds: (B, 2N-1, 2), (1-t, t) of each code. lam (B,n1,2), mu (B,n2,2): dual in nats.
    """

    atoms: Array
    odds: Array
    lam: Array
    mu: Array


def posteriors(p: Array) -> Array:
    """(1-t, t) of each code, shape of p; one half each for a code without mass."""
    mass = p.sum(axis=-1, keepdims=True)
    return np.where(mass > 0, p / np.where(mass > 0, mass, 1.0), 0.5)


def _sorted_codes(p1y: Array, p2y: Array) -> tuple[Index, Array, Array, Array]:
    """Codes of both sources in order of t: order (B,N), table (B,N,2), posteriors (B,N,2), sign (B,N)."""
    table = np.concatenate([p1y, p2y], axis=1)
    odds = posteriors(table)
    sign = np.ones(table.shape[1])
    sign[p1y.shape[1] :] = -1.0
    with np.errstate(divide="ignore"):  # t loses digits near one, 1-t near zero; this key keeps both
        key = odds[..., 1] / odds[..., 0] - odds[..., 0] / odds[..., 1]
    order = np.argsort(key, axis=1)
    index = order[..., None]
    return order, np.take_along_axis(table, index, 1), np.take_along_axis(odds, index, 1), sign[order]


def _tail(values: Array) -> Array:
    """Sums over this code and all later ones, along axis 1."""
    return np.cumsum(values[:, ::-1], axis=1)[:, ::-1]


def join(p1y: Array, p2y: Array) -> Join:
    """Blackwell join of p1y (B,n1,2) and p2y (B,n2,2), which must share p(y)."""
    order, table, odds, sign = _sorted_codes(p1y, p2y)
    signed = _tail(table * sign[..., None])  # (B,N,2): source 1 minus source 2
    difference = odds[..., 0] * signed[..., 1] - odds[..., 1] * signed[..., 0]  # h1 - h2 at each code
    difference[np.abs(difference) <= TIE] = 0.0
    left, right = difference[:, :-1], difference[:, 1:]
    crosses = left * right < 0
    span = np.where(crosses, left - right, 1.0)
    weight = np.where(crosses, left / span, 1.0)[..., None]
    rest = np.where(crosses, -right / span, 0.0)[..., None]
    middle = rest * odds[:, :-1] + weight * odds[:, 1:]  # (B,N-1,2): the crossing, or the right end
    starts1 = (left > 0) | ((left == 0) & (right >= 0))  # source 1 on top at the interval's left end
    ends1 = np.where(crosses, ~starts1, starts1)
    atoms = _atoms(table, odds, sign, signed, middle, starts1, ends1, crosses)
    lam, mu = _duals(order, odds, middle, starts1, ends1, p1y.shape[1])
    places = np.empty_like(atoms)
    places[:, ::2], places[:, 1::2] = odds, middle
    return Join(atoms=atoms, odds=places, lam=lam, mu=mu)


def _atoms(
    table: Array,
    odds: Array,
    sign: Array,
    signed: Array,
    middle: Array,
    starts1: Flags,
    ends1: Flags,
    crosses: Flags,
) -> Array:
    """p(z,y) of the join: its mass at t is the jump of the slope of max(h1, h2) there."""
    gap = signed.sum(axis=2)  # (B,N): P1(T >= t_j) - P2(T >= t_j)
    batch, n = sign.shape
    atoms = np.zeros((batch, 2 * n - 1, 2))
    atoms[:, 1::2] = np.where(crosses, np.abs(gap[:, 1:]), 0.0)[..., None] * middle
    after = np.concatenate([starts1, ends1[:, -1:]], axis=1)
    before = np.concatenate([starts1[:, :1], ends1], axis=1)
    own = np.where(after, sign > 0, sign < 0) & (after == before)
    # where the leader changes at a code: slope of the new leader after it minus slope of the old one before
    mass = table.sum(axis=2)
    tail1 = np.where(sign > 0, mass, 0.0)
    jump = np.where(before, gap, -gap) + np.where(sign > 0, np.where(after, tail1, 0.0), np.where(after, 0.0, mass))
    switch = np.where(after != before, np.maximum(jump, 0.0), 0.0)
    atoms[:, ::2] = np.where(own[..., None], table, switch[..., None] * odds)
    return atoms


def _duals(order: Index, odds: Array, middle: Array, starts1: Flags, ends1: Flags, n1: int) -> tuple[Array, Array]:
    """lam and mu: running sums of differences of log posteriors over the intervals that each source leads."""
    with np.errstate(divide="ignore"):
        logs, mids = np.log(odds), np.log(middle)
    # an infinite piece is only ever met by codes for which that label is impossible: leave it out
    finite = np.isfinite(logs)
    first = _step(mids, logs[:, :-1])
    second = _step(logs[:, 1:], mids)
    lead1 = np.where(starts1[..., None], first, 0.0) + np.where(ends1[..., None], second, 0.0)
    both = first + second
    origin = np.take_along_axis(logs, np.argmax(finite, axis=1)[:, None], axis=1)
    origin = np.where(np.isfinite(origin), origin, 0.0)
    zero = np.zeros((len(order), 1, 2))
    sum1 = np.concatenate([zero, np.cumsum(lead1, axis=1)], axis=1)
    sum2 = np.concatenate([zero, np.cumsum(both - lead1, axis=1)], axis=1) + origin
    back = np.argsort(order, axis=1)[..., None]
    return np.take_along_axis(sum1, back[:, :n1], 1), np.take_along_axis(sum2, back[:, n1:], 1)


def _step(high: Array, low: Array) -> Array:
    usable = np.isfinite(high) & np.isfinite(low)
    return np.where(usable, np.where(usable, high, 0.0) - np.where(usable, low, 0.0), 0.0)
