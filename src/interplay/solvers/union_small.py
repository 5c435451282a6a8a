"""Union information of two codes and two labels in closed form, vectorised over a batch.

The ROC curve of a source with two codes has one vertex: the table row h of the code that speaks more for the
second label (the other row is l). Either one vertex lies under the other source's curve: that source is a
garbling of the other, h2 = alpha h1 + beta l1, and q(h1,h2,y) = alpha h1(y). Or both are vertices of the join: with
h1 the steeper one its codes are h1, h2 - h1 and l2, and q(h1,h2,y) = h1(y). One number per label fixes q.

Dual (roc.py): for a dominating source 1, lam = log p(y|x1), mu = 0. Otherwise, with the bridge b = p(y|h2 - h1),
lam(h1) = log p(y|h1)/b, lam(l1) = 0, mu(h2) = log b, mu(l2) = log p(y|l2).

A vertex that lies on the other curve to within rounding may be sorted into the wrong case: the caller looks at the
certificate and passes such problems to roc.py. Shapes inside: label first, batch last.
"""

import numpy as np

from interplay.information import Array
from interplay.solvers.arrays import Flags


def _cross(u: Array, v: Array) -> Array:
    """Positive if v speaks more for the second label than u; u and v are (2,B)."""
    return u[0] * v[1] - u[1] * v[0]


def _ordered(p: Array) -> tuple[Array, Array, Flags]:
    """Rows of p (B,2,2): the one that speaks more for the second label, the other, and whether that is a swap."""
    first, second = np.ascontiguousarray(p[:, 0].T), np.ascontiguousarray(p[:, 1].T)
    swap = _cross(first, second) > 0
    return np.where(swap, second, first), np.where(swap, first, second), swap


def _share(part: Array, whole: Array) -> Array:
    return np.clip(part / np.where(whole > 0, whole, 1.0), 0.0, 1.0)


def _log_odds(p: Array) -> Array:
    """log p(y|code) of rows (2,B); about -700 where it would be -inf: below every other, and it can be subtracted."""
    return np.log(np.maximum(p / np.maximum(p.sum(axis=0), 1e-300), 1e-300))


def solve(p1: Array, p2: Array) -> tuple[Array, Array, Array]:
    """Joint (B,2,2,2), lam (B,2,2) and mu (B,2,2) for p1 (B,2,2) and p2 (B,2,2) with one p(y)."""
    h1, l1, swap1 = _ordered(p1)
    h2, l2, swap2 = _ordered(p2)
    steeper = _cross(h2, h1) > 0  # the first vertex of the joint hull is the one of source 1
    early, late = np.where(steeper, h1, h2), np.where(steeper, h2, h1)
    rest, last = np.where(steeper, l1, l2), np.where(steeper, l2, l1)  # the other rows of these two sources
    bridge = late - early
    # late's vertex is above the line from early's to the end: then both are vertices of the join
    both = (_cross(rest, bridge) > 0) & (bridge >= 0).all(axis=0)
    both &= (_cross(rest, early) > 0) & (_cross(last, late) > 0)  # a source that says nothing has no vertex
    early_on_top = _cross(early, rest) ** 2 >= _cross(late, last) ** 2  # the larger triangle dominates
    top, top_rest = np.where(early_on_top, early, late), np.where(early_on_top, rest, last)
    under = np.where(early_on_top, late, early)
    area = -_cross(top, top_rest)
    mass = np.maximum(p1.sum(axis=(1, 2)), 1e-300)
    alpha = np.where(area > 0, _share(-_cross(under, top_rest), area), under.sum(axis=0) / mass)
    common = np.where(both, early, alpha * top)
    total = h2 + l2
    common = np.minimum(np.maximum(common, np.maximum(h1 + h2 - total, 0.0)), np.minimum(h1, h2))
    joint = _place(common, (h1, l1, swap1), (h2, l2, swap2))
    duals = _duals(both, early_on_top == steeper, steeper, (h1, l1, h2, l2), bridge)
    return joint, _unswap(*duals[:2], swap1), _unswap(*duals[2:], swap2)


def _place(common: Array, one: tuple[Array, Array, Flags], two: tuple[Array, Array, Flags]) -> Array:
    """The joint from q(h1,h2,y): the other cells follow from the margins; codes back in the caller's order."""
    (h1, l1, swap1), (h2, _, swap2) = one, two
    low = np.maximum(h2 - common, 0.0)
    cells = ((common, np.maximum(h1 - common, 0.0)), (low, np.maximum(l1 - low, 0.0)))
    joint = np.empty((len(swap1), 2, 2, 2))
    for i in (0, 1):
        for j in (0, 1):
            row = [np.where(swap2, cells[a][1 - j], cells[a][j]) for a in (0, 1)]
            joint[:, i, j] = np.where(swap1, row[1 - i], row[i]).T
    return joint


def _duals(
    both: Flags, one_on_top: Flags, one_steeper: Flags, rows: tuple[Array, Array, Array, Array], bridge: Array
) -> tuple[Array, Array, Array, Array]:
    """lam(h1), lam(l1), mu(h2), mu(l2), each (2,B)."""
    a, b, c, d = (_log_odds(r) for r in rows)
    # between the two outer posteriors the bridge is feasible whatever rounding did to it
    outer1, outer2 = np.where(one_steeper, a, c), np.where(one_steeper, d, b)
    middle = np.clip(_log_odds(bridge), np.minimum(outer1, outer2), np.maximum(outer1, outer2))
    middle = np.where(middle < -690.0, 0.0, middle)  # a label that the bridge lacks: lam and mu share it either way
    zero = np.zeros_like(a)
    first = both & one_steeper
    second = both & ~one_steeper
    lam_h = np.where(first, a - middle, np.where(second, middle, np.where(one_on_top, a, zero)))
    lam_l = np.where(first, zero, np.where(second | one_on_top, b, zero))
    mu_h = np.where(first, middle, np.where(second, c - middle, np.where(one_on_top, zero, c)))
    mu_l = np.where(second, zero, np.where(first | ~one_on_top, d, zero))
    return lam_h, lam_l, mu_h, mu_l


def _unswap(high: Array, low: Array, swap: Flags) -> Array:
    """(B,2,2) in the caller's order of codes."""
    out = np.empty((len(swap), 2, 2))
    out[:, 0] = np.where(swap, low, high).T
    out[:, 1] = np.where(swap, high, low).T
    return out
