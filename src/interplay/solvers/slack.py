"""Margins that contradict each other: the least change of the labelled tables that lets one joint fit."""

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from interplay.errors import SolverError
from interplay.information import Array


def smallest_slack(p12: Array, p1y: Array, p2y: Array) -> tuple[float, Array, Array]:
    """Least total |change| of p1y (n1,K) and p2y (n2,K) after which D is not empty, and both changed tables.

    p12 (n1,n2) is kept. Zero margins may receive mass, since it may be them that are wrong. The result is in
    units of probability mass: half of it is a total variation distance. 0 (to rounding) if D is not empty.
    """
    n1, n2, K = p12.shape[0], p12.shape[1], p1y.shape[1]
    rows, cols = np.nonzero(p12 > 0)
    cells = len(rows)
    cell, label = np.repeat(np.arange(cells), K), np.tile(np.arange(K), cells)
    first, second = cells + rows[cell] * K + label, cells + (n1 + cols[cell]) * K + label
    n, margins = cells * K, (n1 + n2) * K
    fit = sp.csr_matrix(
        (np.ones(3 * n), (np.concatenate([cell, first, second]), np.tile(np.arange(n), 3))),
        shape=(cells + margins, n),
    )
    change = sp.vstack([sp.csr_matrix((cells, margins)), sp.identity(margins)])
    target = np.concatenate([p12[rows, cols], p1y.ravel(), p2y.ravel()])
    result = linprog(
        np.repeat([0.0, 1.0], [n, 2 * margins]),
        A_eq=sp.hstack([fit, change, -change]).tocsr(),
        b_eq=target,
        bounds=(0, None),
        method="highs-ds",
    )
    if result.status != 0:
        raise SolverError(
            f"the least change of the margins was not found ({result.message})",
            expected="finite non-negative tables",
            next_step="check the tables for negative or non-finite cells",
        )
    joint = np.zeros((n1, n2, K))
    joint[rows[cell], cols[cell], label] = np.maximum(result.x[:n], 0.0)
    return float(max(result.fun, 0.0)), joint.sum(axis=1), joint.sum(axis=0)
