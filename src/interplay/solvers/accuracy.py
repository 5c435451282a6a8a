"""Accuracy over the identified set: its guaranteed low end, the rule that attains it, and fixed rules.

acc(r) = sum_{x1,x2} max_y r(x1,x2,y). Its minimum over D is a linear programme; its multipliers are a
randomised classifier whose accuracy is at least that minimum under every joint in D (minimax). Shapes:
p12 (n1,n2), p1y (n1,K), p2y (n2,K). Values are probabilities.
"""

from dataclasses import dataclass, field

import numpy as np

from interplay.errors import MarginsError
from interplay.information import Array
from interplay.results import Certificate
from interplay.solvers.accuracy_max import HighestAccuracy as HighestAccuracy
from interplay.solvers.accuracy_max import highest_accuracy as highest_accuracy
from interplay.solvers.accuracy_network import two_label_minimum
from interplay.solvers.cells import CellBatch as CellBatch
from interplay.solvers.cells import Ints, cell_minimum_by_simplex, certified_value
from interplay.solvers.cells import cell_minimum as cell_minimum
from interplay.solvers.cells import cell_minimum_many as cell_minimum_many
from interplay.solvers.certificate import accuracy_certificate, accuracy_lower_bound, margin_residual
from interplay.solvers.slack import smallest_slack as smallest_slack


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
    joint, lam, mu = _minimum(p12, p1y, p2y, None, tolerance)
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
    return lowest_cost(p12, p1y, p2y, rule), -lowest_cost(p12, p1y, p2y, -rule)


def lowest_cost(p12: Array, p1y: Array, p2y: Array, cost: Array) -> float:
    """Certified lower bound on the expected cost sum r * cost over r in D; cost (n1,n2,K).

    It is 1e-9 below the minimum, 1e-7 on the hardest tables.
    Minus the cost gives the largest expected cost. Balanced accuracy and a class's recall of a fixed rule are
    costs too, once divided by the label's known probability.
    """
    scale = float(np.abs(cost).max(initial=0.0)) or 1.0  # the solver is made for costs of order one
    rows, cols = np.nonzero(p12 > 0)
    _, lam, mu = _minimum(p12, p1y, p2y, cost / scale, 1e-7)
    value = certified_value(
        rows, cols, p12[rows, cols][None], p1y[None], p2y[None], lam[None], mu[None], cost[rows, cols] / scale
    )
    return float(value[0]) * scale


_TOLERANCE = 1e-9  # what the interior point aims at
_SMALL = 400  # unknowns up to which simplex is as fast
_LARGE = 5000  # unknowns from which simplex may take minutes: the interior point's certified gap is taken
_NETWORK = 20_000  # the same for two labels, where simplex runs on a network


def _minimum(p12: Array, p1y: Array, p2y: Array, cost: Array | None, accepted: float) -> tuple[Array, Array, Array]:
    """Joint (n1,n2,K) and duals at the minimum of cost, or of the best accuracy: interior point, else simplex.

    Two labels: simplex on a network, up to a size.
    A result of the interior point is kept when its certified gap is at most `accepted`. A box that binds
    shows as a joint that misses the margins: then it is widened once.
    """
    rows, cols = np.nonzero(p12 > 0)
    price = None if cost is None else cost[rows, cols]
    mass, joint = p12[rows, cols], np.zeros((*p12.shape, p1y.shape[1]))
    if p1y.shape[1] == 2 and joint.size <= _NETWORK:
        try:
            joint[rows, cols], lam, mu = two_label_minimum(rows, cols, mass, p1y, p2y, cost=price)
            return joint, lam, mu
        except MarginsError:
            pass  # an empty set is told from masses that simplex scales badly below
    if joint.size <= _SMALL:
        joint[rows, cols], lam, mu = cell_minimum_by_simplex(rows, cols, mass, p1y, p2y, cost=price)
        return joint, lam, mu
    batch, missed = _interior(rows, cols, mass, p1y, p2y, price, joint, 3.0)
    if missed > _MISSED:
        batch, missed = _interior(rows, cols, mass, p1y, p2y, price, joint, 30.0)
    if missed <= _MISSED and (batch.gap[0] <= accepted or joint.size > _LARGE):
        return joint, batch.lam[0], batch.mu[0]
    try:
        joint[rows, cols], lam, mu = cell_minimum_by_simplex(rows, cols, mass, p1y, p2y, cost=price)
    except MarginsError:
        if missed > _MISSED:
            raise
        return joint, batch.lam[0], batch.mu[0]  # masses that simplex scales badly; the gap tells
    return joint, lam, mu


_MISSED = 1e-7


def _interior(
    rows: Ints,
    cols: Ints,
    mass: Array,
    p1y: Array,
    p2y: Array,
    price: Array | None,
    joint: Array,
    box: float,
) -> tuple[CellBatch, float]:
    """Solve with the given box, write the joint, and return how far it is from the margins."""
    batch = cell_minimum_many(rows, cols, mass[None], p1y[None], p2y[None], cost=price, tolerance=_TOLERANCE, box=box)
    joint[rows, cols] = batch.r[0]
    return batch, margin_residual(joint, (p1y, 1), (p2y, 0))
