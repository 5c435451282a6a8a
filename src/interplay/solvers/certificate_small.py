"""Certificate of one small union solution in plain Python: the twin of certificate.py for tables of a few cells.

There a call into numpy takes longer than the arithmetic. Tables are nested lists: p1y[x1][y], p2y[x2][y],
joint[x1][x2][y], lam[x1][y], mu[x2][y]. Duals in nats, values in bits. Like its twins it knows no solver.
"""

from math import exp, inf, log
from operator import mul

from interplay.information import to_bits

Table = list[list[float]]
LARGE = 200.0  # nats; exponentials of smaller duals, and their products, keep all digits


def _xlogx(x: float) -> float:
    return x * log(x) if x > 0.0 else 0.0


def information(joint: list[Table]) -> float:
    """I({X1,X2};Y) in bits, as a sum of entropies."""
    labels = [0.0] * len(joint[0][0])
    nats = 0.0
    for row in joint:
        for cell in row:
            mass = 0.0
            for y, q in enumerate(cell):
                if q > 0.0:
                    nats += q * log(q)
                    mass += q
                    labels[y] += q
            nats -= _xlogx(mass)
    return to_bits(nats - sum(map(_xlogx, labels)) + _xlogx(sum(labels)))


def margin_residual(joint: list[Table], p1y: Table, p2y: Table) -> float:
    """Largest absolute violation of a labelled margin, two codes, two codes and two labels; a negative cell counts as a
    violation."""
    ((a, b), (c, d)), ((e, f), (g, h)) = joint
    (s, t), (u, v) = p1y
    (w, x), (y, z) = p2y
    off = a + c - s, b + d - t, e + g - u, f + h - v, a + e - w, b + f - x, c + g - y, d + h - z
    return max(max(off), -min(off), -min(a, b, c, d, e, f, g, h), 0.0)


def _logsumexp(terms: list[float]) -> float:
    top = max(terms, default=-inf)
    return top + log(sum([exp(t - top) for t in terms])) if top > -inf else -inf


def union_lower_bound(p1y: Table, p2y: Table, lam: Table, mu: Table) -> tuple[float, float]:
    """Lower bound in bits on the union information, and the violation (nats) repaired by a shift."""
    inner, moderate = 0.0, True
    powers: list[Table] = []
    for table, dual in ((p1y, lam), (p2y, mu)):
        rows: Table = []
        for row, duals in zip(table, dual, strict=True):
            power = [0.0] * len(row)
            for y, p in enumerate(row):
                if p > 0.0:
                    d = duals[y]
                    inner += p * d
                    if -LARGE < d < LARGE:
                        power[y] = exp(d)
                    else:
                        moderate = False
            rows.append(power)
        powers.append(rows)
    if moderate:
        worst = max([sum(map(mul, u, v)) for u in powers[0] for v in powers[1]])
        worst = log(worst) if worst > 0.0 else -inf
    else:
        worst = _worst_of_large(p1y, p2y, lam, mu)
    shift = max(worst, -1e300)
    mass = [sum(column) for column in zip(*p1y, strict=True)]
    total = sum(mass)
    nats = inner - shift * total - sum(map(_xlogx, mass)) + _xlogx(total)
    return to_bits(nats), max(shift, 0.0)


def _worst_of_large(p1y: Table, p2y: Table, lam: Table, mu: Table) -> float:
    """Largest logsumexp_y(lam + mu) of a cell, with the largest term taken out of each."""
    worst = -inf
    for p, a in zip(p1y, lam, strict=True):
        for q, b in zip(p2y, mu, strict=True):
            worst = max(worst, _logsumexp([a[y] + b[y] for y in range(len(p)) if p[y] > 0.0 and q[y] > 0.0]))
    return worst
