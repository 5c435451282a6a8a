"""Accuracy over the identified set: its guaranteed low end, the rule that attains it, and fixed rules.

acc(r) = sum_{x1,x2} max_y r(x1,x2,y). Its minimum over D is a linear programme; its multipliers are a
randomised classifier whose accuracy is at least that minimum under every joint in D (minimax). Shapes:
p12 (n1,n2), p1y (n1,K), p2y (n2,K). Values are probabilities.
"""

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp

from interplay.information import Array
from interplay.results import Certificate
from interplay.solvers.accuracy_max import HighestAccuracy as HighestAccuracy
from interplay.solvers.accuracy_max import highest_accuracy as highest_accuracy
from interplay.solvers.cells import CellBatch as CellBatch
from interplay.solvers.cells import cell_minimum_many as cell_minimum_many
from interplay.solvers.certificate import accuracy_certificate, accuracy_lower_bound
from interplay.solvers.identified_set import LinearSystem, linear_system, solve, support_mask


@dataclass(frozen=True, kw_only=True)
class LowestAccuracy:
    """Smallest accuracy of the best classifier over D.

    value: attained by `joint` (n1,n2,K). lower: certified by the duals lam (n1,K), mu (n2,K) through
    `certificate.accuracy_lower_bound`. rule (n1,n2,K): rows sum to one; predicting y with probability
    rule[x1,x2,y] has accuracy at least `lower` under every joint in D.
    """

    value: float
    lower: float
    joint: Array = field(repr=False)
    lam: Array = field(repr=False)
    mu: Array = field(repr=False)
    rule: Array = field(repr=False)
    certificate: Certificate


def lowest_accuracy(p12: Array, p1y: Array, p2y: Array, *, tolerance: float = 1e-7) -> LowestAccuracy:
    """Minimise sum_c max_y r_cy over D, with certificate and guaranteed rule.

    Zero margins forbid their cells; pairs without mass get a rule too. `MarginsError` if D is empty.
    """
    joint, lam, mu = _lowest_by_highs(p12, p1y, p2y, tolerance)
    return LowestAccuracy(
        value=float(joint.max(axis=2).sum()),
        lower=accuracy_lower_bound(p12, p1y, p2y, lam, mu),
        joint=joint,
        lam=lam,
        mu=mu,
        rule=guaranteed_rule(p1y, p2y, lam, mu),
        certificate=accuracy_certificate(p12, p1y, p2y, joint, lam, mu),
    )


def guaranteed_rule(p1y: Array, p2y: Array, lam: Array, mu: Array) -> Array:
    """Randomised rule (n1,n2,K) whose accuracy on D is at least `accuracy_lower_bound(.., lam, mu)`.

    Per pair w_y = max(v_y + nu, 0), v = lam + mu, with nu chosen so that w sums to one: then w - v >= nu in
    every label, and sum r w >= <p1y,lam> + <p2y,mu> + <p12,nu> for every r in D. Labels that a zero margin
    forbids get no weight; a pair where all are forbidden takes all labels.
    """
    allowed = (p1y > 0)[:, None, :] & (p2y > 0)[None, :, :]
    allowed |= ~allowed.any(axis=2, keepdims=True)
    v = np.where(allowed, lam[:, None, :] + mu[None, :, :], -np.inf)
    top = -np.sort(-v, axis=2)
    with np.errstate(invalid="ignore"):
        nu = np.min((1.0 - np.cumsum(top, axis=2)) / np.arange(1, v.shape[2] + 1), axis=2)
    weight = np.maximum(v + nu[:, :, None], 0.0)
    return weight / weight.sum(axis=2, keepdims=True)


def rule_range(p12: Array, p1y: Array, p2y: Array, rule: Array) -> tuple[float, float]:
    """Smallest and largest accuracy sum r * rule over r in D of a fixed, possibly randomised rule (n1,n2,K).

    Both ends are certified from outside: recomputed from the duals of the two linear programmes.
    """
    return _linear_lower_bound(p12, p1y, p2y, rule), -_linear_lower_bound(p12, p1y, p2y, -rule)


def _duals(system: LinearSystem, p1y: Array, p2y: Array, marginals: Array) -> tuple[Array, Array]:
    n1, _, K = system.shape
    start = len(system.cells)
    lam = np.asarray(marginals[start : start + n1 * K], dtype=float).reshape(n1, K)
    mu = np.asarray(marginals[start + n1 * K :], dtype=float).reshape(-1, K)
    return np.where(p1y > 0, lam, 0.0), np.where(p2y > 0, mu, 0.0)


def _lowest_by_highs(p12: Array, p1y: Array, p2y: Array, tolerance: float) -> tuple[Array, Array, Array]:
    """Joint and duals by simplex: variables r on the support, t per pair; t >= r."""
    system = linear_system(p12, p1y, p2y)
    n, cells = len(system.rows), len(system.cells)
    below = sp.hstack([sp.identity(n), -sp.csr_matrix((np.ones(n), (np.arange(n), system.cell)), shape=(n, cells))])
    result = solve(
        np.concatenate([np.zeros(n), np.ones(cells)]),
        A_ub=below.tocsr(),
        b_ub=np.zeros(n),
        A_eq=sp.hstack([system.matrix, sp.csr_matrix((len(system.target), cells))]).tocsr(),
        b_eq=system.target,
        bounds=(0, None),
    )
    lam, mu = _duals(system, p1y, p2y, result.eqlin.marginals)
    return system.joint(result.x[:n]), lam, mu


def _linear_lower_bound(p12: Array, p1y: Array, p2y: Array, cost: Array) -> float:
    """Certified lower bound on min sum r * cost over D."""
    system = linear_system(p12, p1y, p2y)
    c = cost[system.rows, system.cols, system.labels]
    result = solve(c, A_eq=system.matrix, b_eq=system.target, bounds=(0, None))
    lam, mu = _duals(system, p1y, p2y, result.eqlin.marginals)
    reduced = np.where(support_mask(p12, p1y, p2y), cost - lam[:, None, :] - mu[None, :, :], np.inf)
    best = reduced.min(axis=2)
    mass = p12 > 0
    return float((p1y * lam).sum() + (p2y * mu).sum() + p12[mass] @ best[mass])
