"""From the Blackwell join of two sources to a joint with both labelled margins that carries no more.

A source whose ROC curve lies below the join's is a garbling of it: there is a channel from the join's codes z to
its codes x. Given z the two sources may be drawn independently: then Y - Z - (X1,X2) is a Markov chain, so the
joint's information is at most that of Z, which is the smallest possible.

The channel is found greedily: a code x at posterior t is filled from the two remaining codes of the join next
to t on either side, mixed to the mean t, until x is full or one of them is empty. Between two neighbours nothing
of the join remains, so this never destroys dominance, and every step finishes one code.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from interplay.information import Array
from interplay.solvers.arrays import Index
from interplay.solvers.roc import posteriors

FULL = 1e-18  # probability left over that counts as nothing


class Moves(NamedTuple):
    """A channel by its entries that are not zero: amounts[i] of the mass of z = places[i] goes to x = codes[i]."""

    codes: Index
    places: Index
    amounts: Array


@dataclass(frozen=True)
class Garblings:
    """A joint given by two channels from one code z: q(x1,x2,y) = sum_z p(z,y) p(x1|z) p(x2|z). atoms (2,M): p(z,y)."""

    atoms: Array
    one: Moves
    two: Moves

    def joint(self, n1: int, n2: int) -> Array:
        """The joint as a table (n1,n2,2)."""
        count = self.atoms.shape[1]
        return joint_through(dense(self.one, n1, count), dense(self.two, n2, count), self.atoms.T)


def channel(p: Array, atoms: Array, odds: Array) -> Array:
    """Mass (n,M) moved from the join's codes, atoms (M,2) at odds (M,2) in order of t, to the codes p (n,2)."""
    place = posteriors(p)
    order = np.lexsort((-place[:, 0], place[:, 1]))
    return dense(moves(p[order].T, place[order].T, order, atoms.T, odds.T), len(p), len(atoms))


def dense(found: Moves, n: int, m: int) -> Array:
    """The channel as a table (n,M)."""
    flat: Array = np.zeros(n * m)
    np.add.at(flat, found.codes * m + found.places, found.amounts)
    return flat.reshape(n, m)


def moves(p: Array, place: Array, order: Index, atoms: Array, odds: Array) -> Moves:
    """The greedy channel. p, place (2,n): masses and posteriors of the codes, in order of t; order (n,): their names.

    atoms, odds (2,M): the join's codes in order of t.
    """
    codes: list[int] = []
    places: list[int] = []
    amounts: list[float] = []
    s_z, t_z = odds.tolist()
    left = (atoms[0] + atoms[1]).tolist()
    below: list[int] = []
    high, end = _next(left, 0), len(left)
    for x, need, s, t in zip(order.tolist(), (p[0] + p[1]).tolist(), *place.tolist(), strict=True):
        while high < end and (t_z[high] < t or s_z[high] >= s):
            below.append(high)
            high = _next(left, high + 1)
        while need > FULL:
            share = 1.0  # the same posterior, or nothing is left above
            if not below:
                if high == end:
                    break
                share = 0.0
            elif high < end and t_z[below[-1]] < t:
                low = below[-1]
                if t > 0.5:
                    share = _mixture(s - s_z[high], s_z[low] - s_z[high])
                else:
                    share = _mixture(t_z[high] - t, t_z[high] - t_z[low])
            amount = need
            if share > 0.0:
                amount = min(amount, left[below[-1]] / share)
            if share < 1.0:
                amount = min(amount, left[high] / (1.0 - share))
            need -= amount
            if share > 0.0:
                low = below[-1]
                part = amount * share
                codes.append(x)
                places.append(low)
                amounts.append(part)
                left[low] -= part
                if left[low] <= FULL:
                    below.pop()
            if share < 1.0:
                part = amount * (1.0 - share)
                codes.append(x)
                places.append(high)
                amounts.append(part)
                left[high] -= part
                if left[high] <= FULL:
                    high = _next(left, high + 1)
    return Moves(np.array(codes, dtype=np.intp), np.array(places, dtype=np.intp), np.array(amounts))


def _next(left: list[float], at: int) -> int:
    """The first code from `at` on that has mass left."""
    while at < len(left) and left[at] <= FULL:
        at += 1
    return at


def _mixture(top: float, span: float) -> float:
    """top / span within [0, 1]: two codes that agree to rounding must not be extrapolated from."""
    return min(max(top / span, 0.0), 1.0) if span > 0 else 1.0


def channels(p: Array, atoms: Array, odds: Array) -> Array:
    """`channel` for a batch: p (B,n,2), atoms (B,M,2), odds (B,M,2) give flows (B,n,M)."""
    batch, n, _ = p.shape
    rows = np.arange(batch)
    place, mass = posteriors(p), p.sum(axis=2)
    order = np.argsort(place[..., 1] - place[..., 0], axis=1)
    left = atoms.sum(axis=2)
    flow = np.zeros((batch, n, atoms.shape[1]))
    for x in order.T:
        s, t = place[rows, x].T
        need = mass[rows, x].copy()
        # t loses digits near one, 1-t near zero: either may tell that z is not above x
        low_side = (odds[..., 1] <= t[:, None]) & (odds[..., 0] >= s[:, None])
        active = rows
        while True:
            active = active[need[active] > FULL]
            active = active[(left[active] > FULL).any(axis=1)]
            if not len(active):
                break
            _mix(flow, left, need, low_side, odds, s, t, x, active)
    return flow


def _mix(
    flow: Array,
    left: Array,
    need: Array,
    low_side: Array,
    odds: Array,
    s: Array,
    t: Array,
    x: Array,
    at: Array,
) -> None:
    """Fill code x[b] from its two neighbours among what is left, for the instances `at`, until one is used up."""
    has = left[at] > FULL
    under, over = has & low_side[at], has & ~low_side[at]
    low, high = under.shape[1] - 1 - under[:, ::-1].argmax(axis=1), over.argmax(axis=1)
    any_low, any_high = under[np.arange(len(at)), low], over[np.arange(len(at)), high]
    (s_low, t_low), (s_high, t_high) = odds[at, low].T, odds[at, high].T
    late = t[at] > 0.5
    top = np.where(late, s[at] - s_high, t_high - t[at])
    span = np.where(late, s_low - s_high, t_high - t_low)
    share = np.clip(np.where(span > 0, top / np.where(span > 0, span, 1.0), 1.0), 0.0, 1.0)
    share = np.where(any_high, np.where(any_low, share, 0.0), 1.0)
    from_low = np.where(share > 0, left[at, low] / np.where(share > 0, share, 1.0), np.inf)
    from_high = np.where(share < 1, left[at, high] / np.where(share < 1, 1.0 - share, 1.0), np.inf)
    amount = np.minimum(need[at], np.minimum(from_low, from_high))
    need[at] -= amount
    for z, part in ((low, amount * share), (high, amount * (1.0 - share))):
        flow[at, x[at], z] += part
        left[at, z] -= part
    # rounding must not leave a crumb of whatever limited the step
    left[at, low] = np.where((amount == from_low), 0.0, left[at, low])
    left[at, high] = np.where((amount == from_high), 0.0, left[at, high])


def joint_through(flow1: Array, flow2: Array, atoms: Array) -> Array:
    """q(x1,x2,y) = sum_z p(z,y) p(x1|z) p(x2|z), (..., n1,n2,2), of flows (..., n,M) and atoms (..., M,2)."""
    mass = atoms.sum(axis=-1, keepdims=True)
    safe = np.where(mass > FULL, mass, np.inf)
    weight = atoms / safe / safe
    out = [(flow1 * weight[..., None, :, y]) @ flow2.swapaxes(-1, -2) for y in (0, 1)]
    return np.stack(out, axis=-1)
