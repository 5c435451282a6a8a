"""The identified set D as a sparse linear system on its support, for HiGHS and for vertex enumeration.

D = {r >= 0 : sum_y r = p12, sum_x2 r = p1y, sum_x1 r = p2y}. Cells that a zero margin forbids leave the
system, so they can never receive mass. Shapes: p12 (n1,n2), p1y (n1,K), p2y (n2,K).
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, linprog

from interplay.errors import MarginsError
from interplay.information import Array

Ints = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class LinearSystem:
    """matrix @ r[support] = target; rows ordered as the cells with mass, the p1y entries, the p2y entries.

    rows, cols, labels: (N,) coordinates of the N cells of the support. shape: (n1, n2, K).
    cells: (C, 2) the pairs (x1, x2) with mass; cell: (N,) the position of a variable's pair in it.
    """

    matrix: sp.csr_matrix
    target: Array
    rows: Ints
    cols: Ints
    labels: Ints
    cells: Ints
    cell: Ints
    shape: tuple[int, int, int]

    def joint(self, values: Array) -> Array:
        """Values of the support as a full (n1, n2, K) table, zero elsewhere; rounding below zero is cut."""
        table = np.zeros(self.shape)
        table[self.rows, self.cols, self.labels] = np.maximum(values, 0.0)
        return table


def support_mask(p12: Array, p1y: Array, p2y: Array) -> NDArray[np.bool_]:
    """(n1, n2, K): where no zero margin forbids mass."""
    return (p12 > 0)[:, :, None] & (p1y > 0)[:, None, :] & (p2y > 0)[None, :, :]


def linear_system(p12: Array, p1y: Array, p2y: Array) -> LinearSystem:
    """Equations of D on its support; zero rows of the margins stay in the system and read 0 = 0."""
    n1, n2, K = p12.shape[0], p12.shape[1], p1y.shape[1]
    rows, cols, labels = np.nonzero(support_mask(p12, p1y, p2y))
    cells = np.argwhere(p12 > 0)
    position = np.full((n1, n2), -1)
    position[cells[:, 0], cells[:, 1]] = np.arange(len(cells))
    cell = position[rows, cols]
    first, second = len(cells) + rows * K + labels, len(cells) + (n1 + cols) * K + labels
    n = len(rows)
    matrix = sp.csr_matrix(
        (np.ones(3 * n), (np.concatenate([cell, first, second]), np.tile(np.arange(n), 3))),
        shape=(len(cells) + (n1 + n2) * K, n),
    )
    target = np.concatenate([p12[p12 > 0], p1y.ravel(), p2y.ravel()])
    return LinearSystem(
        matrix=matrix,
        target=target,
        rows=rows,
        cols=cols,
        labels=labels,
        cells=cells,
        cell=cell,
        shape=(n1, n2, K),
    )


# of HiGHS, whose own tolerances of 1e-7 are many times what a joint may miss its margins by
TIGHT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


def solve(cost: Array, *, presolve: bool = True, **system: object) -> OptimizeResult:
    """HiGHS with tight tolerances; an empty D becomes a `MarginsError`. presolve does not pay on networks."""
    tight = {**TIGHT, "presolve": presolve}
    # widely ranging masses can look infeasible to presolve, or at tight tolerances
    for method, options in (("highs-ds", tight), ("highs-ds", tight | {"presolve": False}), ("highs", {})):
        result = linprog(cost, method=method, options=options, **system)
        if result.status not in (2, 4):
            break
    if result.status != 0:
        raise MarginsError(
            f"no joint agrees with the three tables (linear programme: {result.message})",
            expected="p12, p1y and p2y that are margins of one joint",
            next_step="use smallest_slack to see how far apart they are",
        )
    return result


def feasible_joint(system: LinearSystem) -> Array:
    """A vertex of D as a joint (n1,n2,K); `MarginsError` if D is empty."""
    result = solve(np.zeros(len(system.rows)), A_eq=system.matrix, b_eq=system.target, bounds=(0, None))
    return system.joint(result.x)


_SIGNS = np.array([1.0, -1.0])
PARITY = _SIGNS[:, None, None] * _SIGNS[None, :, None] * _SIGNS[None, None, :]  # (-1)^(x1+x2+y)


def segment_ends(p12: Array, p1y: Array, p2y: Array) -> tuple[Array, Array]:
    """Both ends of D for 2x2x2 tables: the segment r + t (-1)^(x1+x2+y), r any table with the margins.

    An empty D gives the two clipped tables in the middle.
    """
    r = np.zeros((2, 2, 2))  # the table with r(0,0,0) = 0, negative cells allowed
    r[0, 0, 1], r[0, 1, 0], r[1, 0, 0] = p12[0, 0], p1y[0, 0], p2y[0, 0]
    r[0, 1, 1] = p12[0, 1] - r[0, 1, 0]
    r[1, 0, 1] = p12[1, 0] - r[1, 0, 0]
    r[1, 1, 0] = p1y[1, 0] - r[1, 0, 0]
    r[1, 1, 1] = p12[1, 1] - r[1, 1, 0]
    low, high = -r[PARITY > 0].min(), r[PARITY < 0].min()
    if low > high:
        low = high = (low + high) / 2
    return np.maximum(r + low * PARITY, 0.0), np.maximum(r + high * PARITY, 0.0)
