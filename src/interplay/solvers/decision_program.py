"""Which decision each pair takes, as a mixed-integer program: the smallest expected cost of the best decisions.

Every decision d has a share s_d of each pair's masses r = sum_d s_d, all of them or nothing: with z_d in {0, 1} and
sum_d z_d = 1, each s_d lies within z_d times the limits of its cells and adds up to z_d times the pair's mass. This is
larger than one share a pair, but so much tighter that few branchings are left: what 1,400 of them left open in seven
seconds takes 300 and fourteen seconds to settle (5x5x5 tables of clustered rows).
"""

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from interplay.information import Array
from interplay.solvers.cell_limits import cell_limits
from interplay.solvers.identified_set import LinearSystem

SAFETY = 1e-7  # of the mass, at least one, per unit of cost: what the solver's own tolerances may add to a bound
REGIONS = 6  # decisions up to which regions of preference enter the programme
SLACK = 1e-9  # of limits: they are computed
LOOSE = 1e-6  # widely ranging masses can look infeasible to the solver: relax, which is valid


def branch(
    system: LinearSystem,
    tables: tuple[Array, Array, Array],
    cost: Array,
    seconds: float,
    *,
    steps: int | None,
    tolerance: float,
) -> tuple[float, Array | None, int]:
    """Lower bound on sum_c min_d <cost_d, r_c> over D, a joint in D to climb from, branchings.

    tables: p12 (n1,n2), p1y (n1,K), p2y (n2,K); cost (M,K) of at most 1. seconds, or steps: so many branchings.
    tolerance: relative gap at which it stops. Variables (s, z), s ordered by decision; masses are scaled to a mean of
    one a pair, because the solver's tolerances are absolute.
    """
    N, C, M = len(system.rows), len(system.cells), len(cost)
    mass = float(system.target[:C].sum())
    scale = C / max(mass, 1e-300)
    p12, p1y, p2y = tables
    limits = cell_limits(p12[None], p1y[None], p2y[None])
    low, high = (scale * limit[0][system.rows, system.cols, system.labels] for limit in limits)
    low, high, target = low * (1 - SLACK), high * (1 + SLACK), system.target * scale
    several = sp.identity(M, format="csr")
    member = sp.csr_matrix((np.ones(N), (system.cell, np.arange(N))), shape=(C, N))
    margins = sp.hstack([sp.hstack([system.matrix] * M), sp.csr_matrix((len(target), M * C))])
    floors = np.flatnonzero(low > 0)
    bounded = [
        sp.hstack([sp.identity(M * N), -sp.kron(several, sp.diags(high) @ member.T)]),
        sp.hstack(
            [
                -sp.kron(several, sp.identity(N, format="csr")[floors]),
                sp.kron(several, (sp.diags(low) @ member.T).tocsr()[floors]),
            ]
        ),
    ]
    prefers = [
        sp.kron(sp.csr_matrix(np.eye(M)[[d]]), member @ sp.diags((cost[d] - cost[e])[system.labels]))
        for d in range(M)
        for e in range(M)
        if d != e and M <= REGIONS
    ]  # what is decided d is best decided d
    if prefers:
        bounded.append(sp.hstack([sp.vstack(prefers), sp.csr_matrix((len(prefers) * C, M * C))]))
    below = sp.vstack(bounded).tocsr()
    whole = sp.hstack([sp.kron(several, member), -sp.kron(several, sp.diags(target[:C]))]).tocsr()
    choice = sp.hstack([sp.csr_matrix((C, M * N)), sp.hstack([sp.identity(C)] * M)]).tocsr()
    budget = {"time_limit": seconds} if steps is None else {"node_limit": steps}
    for loose in (0.0, LOOSE):
        result = milp(
            np.concatenate([cost[:, system.labels].ravel(), np.zeros(M * C)]),
            integrality=np.repeat([0, 1], [M * N, M * C]),
            bounds=Bounds(0, np.concatenate([np.tile(high, M), np.ones(M * C)]) + loose),
            constraints=[
                LinearConstraint(margins.tocsr(), target - loose, target + loose),
                LinearConstraint(below, -np.inf, loose),
                LinearConstraint(whole, -loose, loose),
                LinearConstraint(choice, 1, 1),
            ],
            options=budget | {"mip_rel_gap": tolerance},
        )
        if result.status in (0, 1):
            break
    dual = result.mip_dual_bound
    bound = -np.inf if dual is None else float(dual) / scale - SAFETY * max(mass, 1.0)
    joint = None if result.x is None else system.joint(result.x[: M * N].reshape(M, N).sum(axis=0) / scale)
    return bound, joint, int(result.mip_node_count or 0)
