"""From the Blackwell join of two sources to a joint with both labelled margins that carries no more.

A source whose ROC curve lies below the join's is a garbling of it: there is a channel from the join's codes z to
its codes x. Given z the two sources may be drawn independently: then Y - Z - (X1,X2) is a Markov chain, so the
joint's information is at most that of Z, which is the smallest possible.

The channel is found greedily: a code x at posterior t is filled from the two remaining codes of the join next
to t on either side, mixed to the mean t, until x is full or one of them is empty. Between two neighbours nothing
of the join remains, so this never destroys dominance, and every step finishes one code.
"""

import numpy as np

from interplay.information import Array
from interplay.solvers.roc import posteriors

FULL = 1e-18  # probability left over that counts as nothing


def channel(p: Array, atoms: Array, odds: Array) -> Array:
    """Mass (n,M) moved from the join's codes, atoms (M,2) at odds (M,2) in order of t, to the codes p (n,2)."""
    moves: list[tuple[int, int, float]] = []
    place = posteriors(p)
    order = np.lexsort((-place[:, 0], place[:, 1]))
    t_z, s_z = odds[:, 1].tolist(), odds[:, 0].tolist()
    left = atoms.sum(axis=1).tolist()
    above = [z for z in range(len(left) - 1, -1, -1) if left[z] > FULL]  # next one last
    below: list[int] = []
    for x in order.tolist():
        need, s, t = float(p[x, 0] + p[x, 1]), float(place[x, 0]), float(place[x, 1])
        while above and (t_z[above[-1]] < t or s_z[above[-1]] >= s):
            below.append(above.pop())
        while need > FULL and (above or below):
            low, high = (below[-1] if below else -1), (above[-1] if above else -1)
            if low >= 0 and (high < 0 or t_z[low] >= t):
                share = 1.0  # the same posterior, or nothing is left above
            elif low < 0:
                share = 0.0
            elif t > 0.5:
                share = _mixture(s - s_z[high], s_z[low] - s_z[high])
            else:
                share = _mixture(t_z[high] - t, t_z[high] - t_z[low])
            amount = need
            if share > 0:
                amount = min(amount, left[low] / share)
            if share < 1:
                amount = min(amount, left[high] / (1.0 - share))
            need -= amount
            if share > 0:
                moves.append((x, low, amount * share))
                left[low] -= amount * share
                if left[low] <= FULL:
                    below.pop()
            if share < 1:
                moves.append((x, high, amount * (1.0 - share)))
                left[high] -= amount * (1.0 - share)
                if left[high] <= FULL:
                    above.pop()
    flow = np.zeros((len(p), len(atoms)))
    if moves:
        codes, places, amounts = zip(*moves, strict=True)
        np.add.at(flow, (codes, places), amounts)
    return flow


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
