"""Entries of the joint that the known tables force to zero although no table is zero there, and why they do.

Then no optimal duals exist and an interior point creeps. One linear programme finds all of them: the largest
number of entries t <= r, t <= 1 with A r = s b, r, s >= 0. Its multipliers y expose the face: A'y >= 1 on the
forced entries, A'y >= 0 on all, and <b,y> = 0, so moving the duals along -y costs nothing and closes them.
"""

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from interplay.information import Array
from interplay.solvers.arrays import Flags
from interplay.solvers.code_cells import Cells

CLOSED = 45.0  # nats below zero at which a forced entry no longer counts


def forced_zeros(cells: Cells) -> tuple[Flags, Array]:
    """Entries (N,K) that no joint of the set can use, and the exposing vector (U+V,); nothing where the LP fails."""
    use = np.flatnonzero(cells.allowed.ravel())
    known = cells.known[use].T.tocsr()
    target = np.concatenate([cells.first, cells.second])
    rows = np.flatnonzero(np.diff(known.indptr))
    n, m = len(use), len(rows)
    eye = sp.identity(n, format="csr")
    result = linprog(
        np.concatenate([np.zeros(n), -np.ones(n), [0.0]]),
        A_ub=sp.hstack([-eye, eye, sp.csr_matrix((n, 1))], format="csr"),
        b_ub=np.zeros(n),
        A_eq=sp.hstack([known[rows], sp.csr_matrix((m, n)), sp.csr_matrix(-target[rows, None])], format="csr"),
        b_eq=np.zeros(m),
        bounds=[(0, None)] * n + [(0, 1)] * n + [(0, None)],
        method="highs-ds",
    )
    forced = np.zeros(cells.allowed.size, dtype=bool)
    exposing = np.zeros(len(target))
    if result.status == 0:
        forced[use] = result.x[n : 2 * n] < 0.5
        exposing[rows] = -np.round(result.eqlin.marginals, 6)  # simple fractions; 1e-10 times 45 nats would show
    return forced.reshape(cells.allowed.shape), exposing


def close(cells: Cells, forced: Flags, exposing: Array, lam: Array, c: Array) -> tuple[Array, Array]:
    """Duals (U,) and (V,) moved along the exposing vector until every forced entry is closed."""
    duals = np.concatenate([np.where(cells.possible, lam, 0.0), c])
    open_by = (cells.known @ duals)[forced.ravel()]
    slope = (cells.known @ exposing)[forced.ravel()]
    moved = duals - max(float(((open_by + CLOSED) / np.maximum(slope, 0.5)).max(initial=0.0)), 0.0) * exposing
    return moved[: len(lam)], moved[len(lam) :]
