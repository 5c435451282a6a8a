"""Largest accuracy of the best classifier over the identified set: a mixed-integer programme.

max_{r in D} sum_c max_y r_cy chooses a winning label z_c per pair. `bound` is the solver's dual bound (or
better), valid at any time limit; `attained` is the accuracy of a joint in D that was found.
"""

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from interplay.information import Array
from interplay.solvers.identified_set import LinearSystem, feasible_joint, linear_system


@dataclass(frozen=True, kw_only=True)
class HighestAccuracy:
    """bound: certified upper end. attained <= bound: accuracy of `joint` (n1,n2,K) in D. nodes: branchings."""

    bound: float
    attained: float
    joint: Array = field(repr=False)
    nodes: int


def highest_accuracy(
    p12: Array, p1y: Array, p2y: Array, *, time_limit: float = 10.0, tolerance: float = 1e-6
) -> HighestAccuracy:
    """Largest sum_c max_y r_cy over D: certified bound and attained value; seconds in `time_limit`."""
    system = linear_system(p12, p1y, p2y)
    cap = np.minimum(p12[system.rows, system.cols], p1y[system.rows, system.labels])
    cap = np.minimum(cap, p2y[system.cols, system.labels])
    result = _milp(system, cap, time_limit, tolerance)
    if result.x is None:
        joint = feasible_joint(system)
    else:
        joint = system.joint(result.x[: len(cap)])
    attained = float(joint.max(axis=2).sum())
    dual = 1.0 if result.mip_dual_bound is None else -float(result.mip_dual_bound)
    trivial = float(p12.sum())
    bound = min(max(dual + 1e-9, attained), trivial)
    return HighestAccuracy(
        bound=bound, attained=min(attained, bound), joint=joint, nodes=int(result.mip_node_count or 0)
    )


def _milp(system: LinearSystem, cap: Array, time_limit: float, tolerance: float):  # type: ignore[no-untyped-def]
    """max sum w with w <= r, w <= cap z, sum_y z = 1 per pair; variables (r, w, z)."""
    n, cells = len(cap), len(system.cells)
    one, zero = sp.identity(n, format="csr"), sp.csr_matrix((n, n))
    margins = sp.hstack([system.matrix, sp.csr_matrix((len(system.target), 2 * n))])
    choice = sp.csr_matrix((np.ones(n), (system.cell, 2 * n + np.arange(n))), shape=(cells, 3 * n))
    below = sp.vstack([sp.hstack([-one, one, zero]), sp.hstack([zero, one, -sp.diags(cap)])])
    return milp(
        np.concatenate([np.zeros(n), -np.ones(n), np.zeros(n)]),
        integrality=np.repeat([0, 0, 1], n),
        bounds=Bounds(0, np.concatenate([cap, cap, np.ones(n)])),
        constraints=[
            LinearConstraint(margins.tocsr(), system.target, system.target),
            LinearConstraint(choice, 1, 1),
            LinearConstraint(below.tocsr(), -np.inf, 0),
        ],
        options={"time_limit": time_limit, "mip_rel_gap": tolerance},
    )
