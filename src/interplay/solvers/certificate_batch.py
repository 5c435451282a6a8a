"""Certificates of many solutions at once: the twin of certificate.py, and like it blind to every solver.

Shapes: p1y (B,n1,K), p2y (B,n2,K), joint (B,n1,n2,K), lam (B,n1,K), mu (B,n2,K). Duals in nats, values and
gaps in bits. Any array of numbers below +inf gives a valid lower bound; -inf is fine where the margin is zero.
"""

import numpy as np
from scipy.special import entr, xlogy

from interplay.information import Array, to_bits
from interplay.solvers.arrays import Flags, over

LARGE = 200.0  # nats; exponentials of smaller duals, and their products, keep all digits
TINY = 1e-200  # a sum of products of exponentials below this may have lost terms to underflow


def information(joint: Array) -> Array:
    """I({X1,X2};Y) in bits (B,) of joints (B,n1,n2,K), as a sum of entropies; rounding error about 1e-15."""
    cells = over(joint, np.add, 3)
    labels = over(joint, np.add, 1, 2)
    total = over(labels, np.add, 1)
    nats = over(xlogy(joint, joint), np.add, 1, 2, 3) - over(xlogy(cells, cells), np.add, 1, 2)
    return to_bits(nats - over(xlogy(labels, labels), np.add, 1) + xlogy(total, total))


def entropy(joint: Array) -> Array:
    """Entropy in bits (B,) of joints (B,n1,n2,K)."""
    return to_bits(over(entr(joint), np.add, 1, 2, 3))


def margin_residual(joint: Array, p1y: Array, p2y: Array) -> Array:
    """Largest absolute violation (B,) of a labelled margin; a negative cell counts as a violation."""
    rows = over(np.abs(over(joint, np.add, 2) - p1y), np.maximum, 1, 2)
    cols = over(np.abs(over(joint, np.add, 1) - p2y), np.maximum, 1, 2)
    return np.maximum(np.maximum(rows, cols), -over(joint, np.minimum, 1, 2, 3))


def _peaks(p: Array, dual: Array) -> tuple[Array, Array]:
    """exp(dual - peak) (B,n,K), zero where p is zero, and the peak of each code (B,n); -inf without mass."""
    allowed = p > 0
    peak = np.where(allowed, dual, -np.inf).max(axis=2, initial=-np.inf)
    finite = np.where(peak > -np.inf, peak, 0.0)
    exponent = np.where(allowed, dual - finite[:, :, None], -np.inf)
    return np.exp(exponent), peak


def log_sums(p1y: Array, p2y: Array, lam: Array, mu: Array, needed: Flags) -> Array:
    """logsumexp_y(lam + mu) of every cell, (B,n1,n2), -inf where no label is possible.

    One matrix product instead of an exponential per cell; instances in which it could have underflowed in a
    cell marked in `needed` (B,n1,n2) are redone with the largest term taken out of each cell.
    """
    left, peak1 = _peaks(p1y, lam)
    right, peak2 = _peaks(p2y, mu)
    product = left @ right.swapaxes(1, 2)
    with np.errstate(divide="ignore"):
        cells = np.log(product) + (peak1[:, :, None] + peak2[:, None, :])
    for b in np.flatnonzero((needed & (product < TINY)).any(axis=(1, 2))):
        masked1 = np.where(p1y[b] > 0, lam[b], -np.inf)
        masked2 = np.where(p2y[b] > 0, mu[b], -np.inf)
        cells[b] = np.logaddexp.reduce(masked1[:, None] + masked2[None], axis=2)
    return cells


def worst_cell(p1y: Array, p2y: Array, lam: Array, mu: Array) -> Array:
    """max over the cells of logsumexp_y(lam + mu), (B,) in nats; cells without mass do not count.

    Exponentials of small duals can neither underflow nor overflow: one logarithm per instance is enough for them.
    """
    one, two = (np.where(p > 0, dual, 0.0) for p, dual in ((p1y, lam), (p2y, mu)))
    size = over(np.abs(one), np.maximum, 1, 2) + over(np.abs(two), np.maximum, 1, 2)
    large = size > LARGE
    if not large.any():
        sums = (np.exp(one) * (p1y > 0)) @ (np.exp(two) * (p2y > 0)).swapaxes(1, 2)
        with np.errstate(divide="ignore"):
            return np.log(over(sums, np.maximum, 1, 2))
    worst = np.empty(len(p1y))
    if not large.all():
        worst[~large] = worst_cell(*(a[~large] for a in (p1y, p2y, lam, mu)))
    hard = [a[large] for a in (p1y, p2y, lam, mu)]
    needed = np.ones((len(hard[0]), p1y.shape[1], p2y.shape[1]), dtype=bool)
    worst[large] = log_sums(hard[0], hard[1], hard[2], hard[3], needed).max(axis=(1, 2), initial=-np.inf)
    return worst


def union_lower_bound(p1y: Array, p2y: Array, lam: Array, mu: Array) -> tuple[Array, Array]:
    """Lower bounds (B,) in bits on the union information, and the violations (B,) repaired by a shift."""
    labels = over(p1y, np.add, 1)
    total = over(labels, np.add, 1)
    shift = np.maximum(worst_cell(p1y, p2y, lam, mu), -1e300)
    inner1 = over(p1y * np.where(p1y > 0, lam, 0.0), np.add, 1, 2)
    inner2 = over(p2y * np.where(p2y > 0, mu, 0.0), np.add, 1, 2)
    nats = inner1 + inner2 - shift * total - over(xlogy(labels, labels), np.add, 1)
    return to_bits(nats + xlogy(total, total)), np.maximum(shift, 0.0)


def entropy_upper_bound(p12: Array, p1y: Array, p2y: Array, a: Array, b: Array, c: Array) -> Array:
    """Upper bounds (B,) in bits on max H(r) given p12 (B,n1,n2), p1y and p2y, from any a, b and c (B,n1,n2).

    The best constant shift is taken: log sum exp(a + b + c) over the cells that the zeros allow.
    """
    cells = log_sums(p1y, p2y, a, b, p12 > 0)
    cells = np.where(p12 > 0, cells + np.where(p12 > 0, c, 0.0), -np.inf)
    top = cells.max(axis=(1, 2), initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0.0)
    norm = top + np.log(np.maximum(np.exp(cells - top[:, None, None]).sum(axis=(1, 2)), 1e-300))
    inner = sum(over(p * np.where(p > 0, dual, 0.0), np.add, 1, 2) for p, dual in ((p1y, a), (p2y, b), (p12, c)))
    return to_bits(norm - inner)
