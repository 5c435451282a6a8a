"""Two labels: the lowest accuracy or cost over the identified set as a flow through a network.

With s = r(.,.,0) every cell with mass p is an arc from its row to its column that carries 0 <= s <= p, and D is the
flows with the row and column sums of label 0. The best accuracy of a cell is max(s, p - s): two arcs of capacity p/2,
the first of slope -1. A linear cost is one arc. n1 + n2 equations instead of one for every cell and label.
"""

import numpy as np
import scipy.sparse as sp

from interplay.information import Array
from interplay.solvers.arrays import Index
from interplay.solvers.identified_set import solve


def two_label_minimum(
    rows: Index, cols: Index, mass: Array, p1y: Array, p2y: Array, *, cost: Array | None
) -> tuple[Array, Array, Array]:
    """r (C,2), lam (n1,2), mu (n2,2) at the least sum of cost (C,2), or of the larger label where it is None.

    rows, cols (C,): codes of the cells; mass (C,) > 0. Duals of label 1 are 0. `MarginsError` if nothing fits.
    """
    C, n1, n2 = len(rows), len(p1y), len(p2y)
    if cost is None:
        slope, room = np.repeat([-1.0, 1.0], C), np.tile(mass / 2, 2)
    else:
        slope, room = cost[:, 0] - cost[:, 1], mass
    arcs = len(slope)
    ends = np.stack([np.resize(rows, arcs), n1 + np.resize(cols, arcs)], axis=1)
    network = sp.csc_matrix((np.ones(2 * arcs), ends.ravel(), np.arange(0, 2 * arcs + 1, 2)), shape=(n1 + n2, arcs))
    scale = C / float(mass.sum())  # the tolerances of the linear programme are absolute
    found = solve(
        slope,
        presolve=False,
        A_eq=network,
        b_eq=np.concatenate([p1y[:, 0], p2y[:, 0]]) * scale,
        bounds=np.stack([np.zeros(arcs), room * scale], axis=1),
    )
    s = np.clip(found.x.reshape(-1, C).sum(axis=0) / scale, 0.0, mass)
    duals = np.zeros((n1 + n2, 2))
    duals[:, 0] = found.eqlin.marginals
    return np.stack([s, mass - s], axis=1), duals[:n1], duals[n1:]
