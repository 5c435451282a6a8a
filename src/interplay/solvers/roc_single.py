"""roc.py for one problem: the Blackwell join of two ROC curves and its dual, without a batch axis.

The same steps and names as there, label first and code last so that every array is contiguous. Work that only
crossings of the two curves need is done at the crossings only.
"""

from dataclasses import dataclass

import numpy as np

from interplay.information import Array
from interplay.solvers.arrays import Flags, Index
from interplay.solvers.garbling import FULL
from interplay.solvers.roc import TIE


@dataclass(frozen=True, kw_only=True)
class JoinOfOne:
    """atoms, odds (2,M): p(z,y) and (1-t, t) of the join's codes with mass, in order of t. lam (n1,2), mu (n2,2).

    order (n1+n2,): codes of both sources in order of t, those of source 2 from n1 on; places (2,n1+n2): their (1-t, t).
    """

    atoms: Array
    odds: Array
    lam: Array
    mu: Array
    order: Index
    places: Array


def join_one(p1: Array, p2: Array) -> JoinOfOne:
    """Blackwell join of p1 (n1,2) and p2 (n2,2), which share p(y)."""
    n1 = len(p1)
    table = np.concatenate((p1, p2)).T
    mass = table[0] + table[1]
    if not mass.all():
        table, mass = np.where(mass > 0, table, 0.5), np.where(mass > 0, mass, 1.0)
    odds = table / mass
    with np.errstate(divide="ignore"):  # t loses digits near one, 1-t near zero; this key keeps both
        ratio = odds[1] / odds[0]
        order = (ratio - 1.0 / ratio).argsort()
        odds = odds[:, order]
        logs = np.log(odds)
    return _joined(np.concatenate((p1, p2))[order].T, odds, logs, order, n1)


def _joined(table: Array, odds: Array, logs: Array, order: Index, n1: int) -> JoinOfOne:
    """The join of codes that are sorted already: table, odds and logs of the odds (2,N)."""
    mine = order < n1
    signed = np.where(mine, table, -table)[:, ::-1].cumsum(axis=1)[:, ::-1]
    difference = odds[0] * signed[1] - odds[1] * signed[0]  # h1 - h2 at each code
    difference[np.abs(difference) <= TIE] = 0.0
    left, right = difference[:-1], difference[1:]
    at = (left * right < 0).nonzero()[0]
    starts1 = (left > 0) | ((left == 0) & (right >= 0))  # source 1 on top at the interval's left end
    ends1 = starts1.copy()
    ends1[at] = ~starts1[at]
    ahead, behind = left[at], right[at]
    middle = (ahead * odds[:, at + 1] - behind * odds[:, at]) / (ahead - behind)  # where the curves cross
    gap = signed[0] + signed[1]  # P1(T >= t_j) - P2(T >= t_j)
    after, before = np.concatenate((starts1, ends1[-1:])), np.concatenate((starts1[:1], ends1))
    atoms, places = np.zeros((2, 2 * len(order) - 1)), np.empty((2, 2 * len(order) - 1))
    atoms[:, ::2] = table * ((after == mine) & (before == mine))
    atoms[:, 2 * at + 1] = np.abs(gap[at + 1]) * middle
    places[:, ::2], places[:, 2 * at + 1] = odds, middle
    for j in (after != before).nonzero()[0]:  # the leader changes at a code: its mass is the jump of the slope there
        own = table[0, j] + table[1, j] if mine[j] == after[j] else 0.0
        atoms[:, 2 * j] = max((gap[j] if before[j] else -gap[j]) + own, 0.0) * odds[:, j]
    kept = (atoms[0] + atoms[1] > FULL).nonzero()[0]
    lam, mu = _duals(order, logs, middle, at, starts1, n1)
    return JoinOfOne(atoms=atoms[:, kept], odds=places[:, kept], lam=lam, mu=mu, order=order, places=odds)


def _duals(order: Index, logs: Array, middle: Array, at: Index, starts1: Flags, n1: int) -> tuple[Array, Array]:
    """lam and mu: running sums of differences of log posteriors over the intervals that each source leads."""
    finite = np.isfinite(logs)
    safe = np.where(finite, logs, 0.0)
    usable = finite[:, 1:] & finite[:, :-1]
    both = np.where(usable, safe[:, 1:] - safe[:, :-1], 0.0)
    lead1 = both * starts1
    if len(at):
        with np.errstate(divide="ignore"):
            mids = np.log(middle)
        # an infinite piece is only ever met by codes for which that label is impossible: leave it out
        first, second = _step(mids, logs[:, at]), _step(logs[:, at + 1], mids)
        lead1[:, at] = np.where(starts1[at], first, second)
        both[:, at] = first + second
    origin = safe[[0, 1], finite.argmax(axis=1)]
    sums = np.empty((2, 2, len(order)))
    sums[0, :, order[0]], sums[1, :, order[0]] = 0.0, origin
    sums[0][:, order[1:]] = lead1.cumsum(axis=1)
    sums[1][:, order[1:]] = (both - lead1).cumsum(axis=1) + origin[:, None]
    return sums[0, :, :n1].T, sums[1, :, n1:].T


def _step(high: Array, low: Array) -> Array:
    usable = np.isfinite(high) & np.isfinite(low)
    return np.where(usable, np.where(usable, high, 0.0) - np.where(usable, low, 0.0), 0.0)
