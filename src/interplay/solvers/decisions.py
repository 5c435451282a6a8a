"""Expected cost of the best decisions over the identified set: its guaranteed high end and its relaxed low end.

cost (M,K) is paid for decision d when the label is y; the best classifier pays C(r) = sum_c min_d <cost_d, r_c>.
Its largest value over D is a linear programme, whose multipliers are a randomised rule that never pays more. Its
smallest value is a choice of a decision per pair: a mixed-integer programme, whose dual bound is valid at any time.
Shapes: p12 (n1,n2), p1y (n1,K), p2y (n2,K).
"""

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp

from interplay.information import Array
from interplay.solvers.cells_dual import certified_value
from interplay.solvers.decision_program import SAFETY, branch
from interplay.solvers.identified_set import LinearSystem, feasible_joint, linear_system, solve
from interplay.solvers.vertices import enumerate_vertices, start_at

CLIMBS = 30
GAP = 1e-6  # relative, at which branching stops
LISTED = (64, 10)  # coordinates and dimensions of D up to which all vertices are listed


@dataclass(frozen=True, kw_only=True)
class WorstCost:
    """Largest C(r) over D: `value` of `joint` (n1,n2,K), `upper` certified.

    rule (n1,n2,M): rows sum to one; its expected cost is at most `upper` under every joint in D.
    """

    value: float
    upper: float
    joint: Array = field(repr=False)
    rule: Array = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class BestCost:
    """Smallest C(r) over D: `lower` is a valid bound, `attained` >= lower the value of `joint` (n1,n2,K) in D."""

    lower: float
    attained: float
    joint: Array = field(repr=False)


def best_decisions_cost(joint: Array, cost: Array) -> float:
    """C(r) of a table (..., K): every cell decides for itself."""
    return float((joint @ cost.T).min(axis=-1).sum())


def worst_cost(p12: Array, p1y: Array, p2y: Array, cost: Array) -> WorstCost:
    """Maximise sum_c min_d <cost_d, r_c> over D; `MarginsError` if D is empty. Pairs without mass: `rule` is 0."""
    scale = float(np.abs(cost).max(initial=0.0)) or 1.0
    system = linear_system(p12, p1y, p2y)
    N, C, M = len(system.rows), len(system.cells), len(cost)
    rows = system.cell[:, None] * M + np.arange(M)  # t_c <= <cost_d, r_c>
    taken = sp.csr_matrix(
        (-(cost / scale)[:, system.labels].T.ravel(), (rows.ravel(), np.repeat(np.arange(N), M))), shape=(C * M, N)
    )
    tops = sp.csr_matrix((np.ones(C * M), (np.arange(C * M), np.repeat(np.arange(C), M))), shape=(C * M, C))
    found = solve(
        np.repeat([0.0, -1.0], [N, C]),
        A_ub=sp.hstack([taken, tops]).tocsr(),
        b_ub=np.zeros(C * M),
        A_eq=sp.hstack([system.matrix, sp.csr_matrix((len(system.target), C))]).tocsr(),
        b_eq=system.target,
        bounds=[(0, None)] * N + [(None, None)] * C,
    )
    weights = np.maximum(-np.asarray(found.ineqlin.marginals, dtype=float).reshape(C, M), 0.0)
    weights[weights.sum(axis=1) == 0] = 1.0
    weights /= weights.sum(axis=1, keepdims=True)
    duals = np.asarray(found.eqlin.marginals, dtype=float)[C:]
    lam, mu = duals[: p1y.size].reshape(p1y.shape), duals[p1y.size :].reshape(p2y.shape)
    at = system.cells[:, 0], system.cells[:, 1]
    least = certified_value(*at, p12[at][None], p1y[None], p2y[None], lam[None], mu[None], -(weights @ cost) / scale)
    rule = np.zeros((*p12.shape, M))
    rule[at] = weights
    joint = system.joint(found.x[:N])
    return WorstCost(value=best_decisions_cost(joint, cost), upper=-float(least[0]) * scale, joint=joint, rule=rule)


def best_cost(
    p12: Array, p1y: Array, p2y: Array, cost: Array, *, time_limit: float = 10.0, steps: int | None = None
) -> BestCost:
    """Minimise sum_c min_d <cost_d, r_c> over D: a bound (in `time_limit` seconds or `steps` branchings), a joint."""
    clairvoyant = float(p1y.sum(axis=0) @ cost.min(axis=0))  # whoever knows the label
    regret = cost - cost.min(axis=0)
    scale = float(regret.max(initial=0.0)) or 1.0
    system = linear_system(p12, p1y, p2y)
    vertex = feasible_joint(system)
    joint, bound = _listed(system, vertex, regret / scale), np.inf
    if joint is None:
        joint, bound = _climb(system, vertex, regret / scale), 0.0
        if best_decisions_cost(joint, regret) > SAFETY * scale:
            bound, start, _ = branch(system, (p12, p1y, p2y), regret / scale, time_limit, steps=steps, tolerance=GAP)
            if start is not None:
                joint = min(joint, _climb(system, start, regret / scale), key=lambda r: best_decisions_cost(r, cost))
    attained = best_decisions_cost(joint, cost)
    lower = clairvoyant + scale * max(min(bound, best_decisions_cost(joint, regret / scale) - SAFETY), 0.0)
    return BestCost(lower=min(lower, attained), attained=attained, joint=joint)


def _listed(system: LinearSystem, vertex: Array, cost: Array) -> Array | None:
    """The best of all vertices of D: the cost is concave. None where there are too many."""
    if len(system.rows) > LISTED[0]:
        return None
    values = vertex[system.rows, system.cols, system.labels]
    start = start_at(system.matrix.toarray(), values, np.random.default_rng(0))
    if start.lines.shape[1] > LISTED[1]:
        return None
    first = np.flatnonzero(np.diff(system.cell, prepend=-1))  # variables of a pair are neighbours

    def loss(points: Array) -> Array:
        paid = [np.add.reduceat(points * price[system.labels], first, axis=1) for price in cost]
        return np.asarray(np.min(paid, axis=0).sum(axis=1))

    found = enumerate_vertices(start, loss, limit=60_000)
    if not found.complete or found.infeasibility * len(system.rows) > SAFETY:
        return None
    return system.joint(found.point)


def _climb(system: LinearSystem, joint: Array, cost: Array) -> Array:
    """Alternate between the decisions that are best for the joint and the joint that is best for the decisions. It ends
    at a vertex of D, wherever it starts."""
    best = np.inf
    for _ in range(CLIMBS):
        decided = (joint @ cost.T).argmin(axis=2)
        price = cost[decided[system.rows, system.cols], system.labels]
        found = solve(price, A_eq=system.matrix, b_eq=system.target, bounds=(0, None))
        new = system.joint(found.x)
        value = best_decisions_cost(new, cost)
        if value >= best - 1e-12:
            break
        joint, best = new, value
    return joint
