"""The closed form of union_small.py for one problem of two codes, two codes and two labels, in plain Python.

The same cases and names as there; tables are nested lists p[code][label] that share p(y). A vertex on the other
curve to within rounding may be sorted into the wrong case: the caller looks at the certificate.
"""

from math import log

from interplay.solvers.certificate_small import Table

Row = list[float]


def _cross(u: Row, v: Row) -> float:
    return u[0] * v[1] - u[1] * v[0]


def _log_odds(p: Row) -> Row:
    mass = max(p[0] + p[1], 1e-300)
    return [log(max(p[0] / mass, 1e-300)), log(max(p[1] / mass, 1e-300))]


def share_labels(p1: Table, p2: Table) -> Table:
    """p2 with its columns rescaled so that p(y) is that of p1, to rounding."""
    ((a, b), (c, d)), ((e, f), (g, h)) = p1, p2
    first, second = (a + c) / (e + g) if e + g > 0.0 else 1.0, (b + d) / (f + h) if f + h > 0.0 else 1.0
    return [[e * first, f * second], [g * first, h * second]]


def solve(p1: Table, p2: Table) -> tuple[list[Table], Table, Table]:
    """Joint [x1][x2][y] and duals lam [x1][y], mu [x2][y] in nats."""
    swap1, swap2 = _cross(*p1) > 0.0, _cross(*p2) > 0.0
    h1, l1 = p1[::-1] if swap1 else p1
    h2, l2 = p2[::-1] if swap2 else p2
    steeper = _cross(h2, h1) > 0.0  # the first vertex of the joint hull is the one of source 1
    early, late, rest, last = (h1, h2, l1, l2) if steeper else (h2, h1, l2, l1)
    bridge = [late[0] - early[0], late[1] - early[1]]
    both = _cross(rest, bridge) > 0.0 and bridge[0] >= 0.0 and bridge[1] >= 0.0
    both = both and _cross(rest, early) > 0.0 and _cross(last, late) > 0.0
    early_on_top = _cross(early, rest) ** 2 >= _cross(late, last) ** 2  # the larger triangle dominates
    if both:
        common = early
    else:
        top, top_rest, under = (early, rest, late) if early_on_top else (late, last, early)
        area = -_cross(top, top_rest)
        if area > 0.0:
            alpha = min(max(-_cross(under, top_rest) / area, 0.0), 1.0)
        else:
            alpha = (under[0] + under[1]) / (h1[0] + h1[1] + l1[0] + l1[1])
        common = [alpha * top[0], alpha * top[1]]
    cells = _cells(common, h1, l1, h2, l2)
    if swap2:
        cells = [row[::-1] for row in cells]
    lam, mu = _duals(both, early_on_top == steeper, steeper, (h1, l1, h2, l2), bridge)
    return (cells[::-1] if swap1 else cells), (lam[::-1] if swap1 else lam), (mu[::-1] if swap2 else mu)


def _cells(common: Row, h1: Row, l1: Row, h2: Row, l2: Row) -> list[Table]:
    """The joint from q(h1,h2,y): the other cells follow from the margins."""
    hh, hl, lh, ll = [], [], [], []
    for q, a, b, c, d in zip(common, h1, l1, h2, l2, strict=True):
        fixed = min(max(q, a - d, 0.0), a, c)  # at most a and c: what is left of them is not negative
        low = c - fixed
        hh.append(fixed)
        hl.append(a - fixed)
        lh.append(low)
        ll.append(b - low if b > low else 0.0)
    return [[hh, hl], [lh, ll]]


def _duals(
    both: bool, one_on_top: bool, one_steeper: bool, rows: tuple[Row, Row, Row, Row], bridge: Row
) -> tuple[Table, Table]:
    """lam (high code, low code) and mu likewise."""
    h1, l1, h2, l2 = rows
    zero = [0.0, 0.0]
    if not both:
        if one_on_top:
            return [_log_odds(h1), _log_odds(l1)], [zero, zero]
        return [zero, zero], [_log_odds(h2), _log_odds(l2)]
    high, low = (h1, l2) if one_steeper else (h2, l1)
    outer, other = _log_odds(high), _log_odds(low)
    # between the two outer posteriors the bridge is feasible whatever rounding did to it
    middle = [min(max(m, min(a, b)), max(a, b)) for m, a, b in zip(_log_odds(bridge), outer, other, strict=True)]
    middle = [m if m >= -690.0 else 0.0 for m in middle]  # a label that the bridge lacks: both share it either way
    above = [outer[0] - middle[0], outer[1] - middle[1]]
    if one_steeper:
        return [above, zero], [middle, other]
    return [middle, other], [above, zero]
