"""Certificate of one union solution of two codes, two codes and two labels in plain Python: a twin of certificate.py.

There a call into numpy takes longer than the arithmetic. Tables are nested lists: p1y[x1][y], p2y[x2][y],
joint[x1][x2][y], lam[x1][y], mu[x2][y]. Duals in nats, values in bits. Like its twins it knows no solver.
"""

from math import exp, inf, isnan, log, nan

from interplay.information import to_bits

Table = list[list[float]]
LARGE = 200.0  # nats; exponentials of smaller duals, and their products, keep all digits


def _xlogx(*numbers: float) -> float:
    """sum x log x, of those that are not zero."""
    return sum([x * log(x) for x in numbers if x > 0.0])


def information(joint: list[Table]) -> float:
    """I({X1,X2};Y) in bits, as a sum of entropies."""
    ((a, b), (c, d)), ((e, f), (g, h)) = joint
    first, second = a + c + e + g, b + d + f + h
    cells = _xlogx(a, b, c, d, e, f, g, h) - _xlogx(a + b, c + d, e + f, g + h)
    return to_bits(cells - _xlogx(first, second) + _xlogx(first + second))


def margin_residual(joint: list[Table], p1y: Table, p2y: Table) -> float:
    """Largest absolute violation of a labelled margin; a negative cell counts as a violation."""
    ((a, b), (c, d)), ((e, f), (g, h)) = joint
    (s, t), (u, v) = p1y
    (w, x), (y, z) = p2y
    off = a + c - s, b + d - t, e + g - u, f + h - v, a + e - w, b + f - x, c + g - y, d + h - z
    return max(max(off), -min(off), -min(a, b, c, d, e, f, g, h), 0.0)


def union_lower_bound(p1y: Table, p2y: Table, lam: Table, mu: Table) -> tuple[float, float]:
    """Lower bound in bits on the union information, and the violation (nats) repaired by a shift."""
    inner, powers = 0.0, []
    for p, dual in zip((*p1y[0], *p1y[1], *p2y[0], *p2y[1]), (*lam[0], *lam[1], *mu[0], *mu[1]), strict=True):
        if p > 0.0:
            inner += p * dual
            powers.append(exp(dual) if -LARGE < dual < LARGE else nan)
        else:
            powers.append(0.0)
    a, b, c, d, e, f, g, h = powers
    worst = max(a * e + b * f, a * g + b * h, c * e + d * f, c * g + d * h)
    if any(map(isnan, powers)):
        shift = _worst_of_large(p1y, p2y, lam, mu)
    else:
        shift = log(worst) if worst > 0.0 else -inf
    shift = max(shift, -1e300)
    first, second = p1y[0][0] + p1y[1][0], p1y[0][1] + p1y[1][1]
    nats = inner - shift * (first + second) - _xlogx(first, second) + _xlogx(first + second)
    return to_bits(nats), max(shift, 0.0)


def _worst_of_large(p1y: Table, p2y: Table, lam: Table, mu: Table) -> float:
    """Largest logsumexp_y(lam + mu) of a cell, with the largest term taken out of each."""
    worst = -inf
    for p, a in zip(p1y, lam, strict=True):
        for q, b in zip(p2y, mu, strict=True):
            worst = max(worst, _logsumexp([a[y] + b[y] for y in range(2) if p[y] > 0.0 and q[y] > 0.0]))
    return worst


def _logsumexp(terms: list[float]) -> float:
    top = max(terms, default=-inf)
    return top + log(sum([exp(t - top) for t in terms])) if top > -inf else -inf
