"""Certificates: how far a returned point can be off, by code that knows no solver.

Shapes: p12 (n1,n2), p1y (n1,K), p2y (n2,K), joint (n1,n2,K), lam (n1,K), mu (n2,K). Duals are in
nats; gaps are in bits for information and in probability for accuracy. Every dual is repaired
before it is believed, so any array of finite numbers gives a valid (perhaps loose) bound.
"""

import numpy as np
from scipy.special import logsumexp, rel_entr

from interplay.information import Array, entropy, mutual_information, to_bits
from interplay.results import Certificate


def margin_residual(joint: Array, *margins: tuple[Array, int]) -> float:
    """Largest absolute difference between joint.sum(axis) and each (margin, axis); counts negative cells."""
    off = [float(np.abs(joint.sum(axis=axis) - m).max(initial=0.0)) for m, axis in margins]
    return max([*off, float(-joint.min(initial=0.0))])


def _inner(p: Array, dual: Array) -> float:
    """<p, dual> over the support of p only: a dual may be -inf where p is 0."""
    return float(np.sum(p[p > 0] * dual[p > 0]))


def union_lower_bound(p1y: Array, p2y: Array, lam: Array, mu: Array) -> tuple[float, float]:
    """Lower bound in bits on the union information I*, and the violation that was repaired (nats).

    Weak duality: H(Y) + <p1y, lam> + <p2y, mu> with logsumexp_y(lam + mu) <= 0 in every cell
    whose row and column have mass; a violation v is repaired by the shift -v. Labels that are
    impossible in a row or a column leave the problem (lam = -inf there).
    """
    lam = np.where(p1y > 0, lam, -np.inf)
    mu = np.where(p2y > 0, mu, -np.inf)
    rows, cols = p1y.sum(1) > 0, p2y.sum(1) > 0
    with np.errstate(divide="ignore"):
        worst = logsumexp(lam[rows][:, None, :] + mu[cols][None, :, :], axis=2)
    shift = max(float(worst.max(initial=-np.inf)), -1e300)
    total = float(p1y.sum())
    value = _inner(p1y, lam) + _inner(p2y, mu) - shift * total
    return float(entropy(p1y.sum(0))) + to_bits(value), max(shift, 0.0)


def union_certificate(p1y: Array, p2y: Array, joint: Array, lam: Array, mu: Array) -> Certificate:
    """Certificate for a joint that should minimise I_q({X1,X2};Y) given p1y and p2y; gap in bits."""
    lower, repaired = union_lower_bound(p1y, p2y, lam, mu)
    return Certificate(
        gap=float(mutual_information(joint)) - lower,
        primal_residual=margin_residual(joint, (p1y, 1), (p2y, 0)),
        dual_residual=repaired,
        unit="bits",
    )


def entropy_upper_bound(p12: Array, p1y: Array, p2y: Array, a: Array, b: Array, c: Array) -> float:
    """Upper bound in bits on max H(r) over the identified set, from any a(x1,y), b(x2,y), c(x1,x2).

    sum exp(a+b+c) - 1 - <p1y,a> - <p2y,b> - <p12,c> >= H(r) for every r in the set (theory: log-linear
    dual). Cells that a zero margin forbids leave the sum.
    """
    support = (p12 > 0)[:, :, None] & (p1y > 0)[:, None, :] & (p2y > 0)[None, :, :]
    exponent = (a[:, None, :] + b[None, :, :] + c[:, :, None])[support]
    top = exponent.max(initial=-np.inf)
    # the best constant shift of c: sum exp(s) = 1 exactly
    norm = float(top + np.log(np.exp(exponent - top).sum())) if len(exponent) and np.isfinite(top) else 0.0
    inner = _inner(p1y, a) + _inner(p2y, b) + _inner(p12, c)
    return to_bits(norm - inner)


def maxent_certificate(p12: Array, p1y: Array, p2y: Array, joint: Array, a: Array, b: Array, c: Array) -> Certificate:
    """Certificate for a joint that should maximise H(r) over the identified set; gap in bits."""
    upper = entropy_upper_bound(p12, p1y, p2y, a, b, c)
    return Certificate(
        gap=upper - float(entropy(joint)),
        primal_residual=margin_residual(joint, (p12, 2), (p1y, 1), (p2y, 0)),
        dual_residual=0.0,
        unit="bits",
    )


def accuracy_lower_bound(p12: Array, p1y: Array, p2y: Array, lam: Array, mu: Array) -> float:
    """Lower bound on min over the identified set of sum_c max_y r_cy, from any lam(x1,y), mu(x2,y).

    <p1y,lam> + <p2y,mu> + sum_c p_c min_k (1 - sum of the k largest of (lam+mu)_c) / k, where c runs over
    cells with mass and y over labels that the zeros of p1y and p2y allow there.
    """
    rows, cols = np.nonzero(p12 > 0)
    allowed = (p1y[rows] > 0) & (p2y[cols] > 0)
    v = np.where(allowed, lam[rows] + mu[cols], -np.inf)
    v = -np.sort(-v, axis=1)
    count = np.arange(1, v.shape[1] + 1)
    with np.errstate(invalid="ignore"):
        best = np.min((1.0 - np.cumsum(v, axis=1)) / count, axis=1)
    return _inner(p1y, lam) + _inner(p2y, mu) + float(p12[rows, cols] @ best)


def accuracy_certificate(p12: Array, p1y: Array, p2y: Array, joint: Array, lam: Array, mu: Array) -> Certificate:
    """Certificate for a joint that should minimise the best accuracy over the identified set."""
    lower = accuracy_lower_bound(p12, p1y, p2y, lam, mu)
    return Certificate(
        gap=float(joint.max(axis=2).sum()) - lower,
        primal_residual=margin_residual(joint, (p12, 2), (p1y, 1), (p2y, 0)),
        dual_residual=0.0,
        unit="probability",
    )


def total_divergence(joint: Array, reference: Array) -> float:
    """KL(joint || reference) in nats; inf where the reference is zero on the joint's support."""
    return float(rel_entr(joint, reference).sum())
