"""Certificate of one small union solution in plain Python: the twin of certificate.py for tables of a few cells.

There a call into numpy takes longer than the arithmetic. Tables are nested lists: p1y[x1][y], p2y[x2][y],
joint[x1][x2][y], lam[x1][y], mu[x2][y]. Duals in nats, values in bits. Like its twins it knows no solver.
"""

from math import exp, inf, log

from interplay.information import to_bits

Table = list[list[float]]


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
    """Largest absolute violation of a labelled margin; a negative cell counts as a violation."""
    labels = range(len(p1y[0]))
    worst = -min(0.0, *(q for row in joint for cell in row for q in cell))
    for row, target in zip(joint, p1y, strict=True):
        for y in labels:
            worst = max(worst, abs(sum([cell[y] for cell in row]) - target[y]))
    for j, target in enumerate(p2y):
        for y in labels:
            worst = max(worst, abs(sum([row[j][y] for row in joint]) - target[y]))
    return worst


def _logsumexp(terms: list[float]) -> float:
    top = max(terms, default=-inf)
    return top + log(sum([exp(t - top) for t in terms])) if top > -inf else -inf


def union_lower_bound(p1y: Table, p2y: Table, lam: Table, mu: Table) -> tuple[float, float]:
    """Lower bound in bits on the union information, and the violation (nats) repaired by a shift."""
    labels = range(len(p1y[0]))
    rows = [
        [(y, v) for y, (p, v) in enumerate(zip(t, d, strict=True)) if p > 0.0] for t, d in zip(p1y, lam, strict=True)
    ]
    worst = -inf
    for row in rows:
        for target, dual in zip(p2y, mu, strict=True):
            worst = max(worst, _logsumexp([v + dual[y] for y, v in row if target[y] > 0.0]))
    shift = max(worst, -1e300)
    inner = sum([t[y] * v for t, row in zip(p1y, rows, strict=True) for y, v in row])
    inner += sum([p * v for t, d in zip(p2y, mu, strict=True) for p, v in zip(t, d, strict=True) if p > 0.0])
    mass = [sum([t[y] for t in p1y]) for y in labels]
    total = sum(mass)
    nats = inner - shift * total - sum(map(_xlogx, mass)) + _xlogx(total)
    return to_bits(nats), max(shift, 0.0)
