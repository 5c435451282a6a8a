"""What no classifier on codes exceeds: one label wins each pair of codes, whose mass is cut up within cells' limits.

For any multipliers lam (n1,K) and mu (n2,K), with v running over the ways to cut the mass of pair (i,j) into K parts
that stay within the limits of their cells (`solvers.cell_limits`),

    max over D of sum_ij max_y r_ijy  <=  <lam, p1y> + <mu, p2y> + sum_ij max_{k,v} (v_k - sum_y (lam_iy + mu_jy) v_y).

The inner maximum fills the most valuable parts first. The best multipliers, found by cutting planes, make it a linear
program over mixtures of such cuts of every pair: the hull of what one pair allows.
"""

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from interplay.information import Array
from interplay.solvers.cell_limits import Room, cell_limits

Duals = tuple[Array, Array]
ROUNDS = 20  # of cutting planes; three to seven are the rule
AT_ONCE = 2_000_000  # numbers of a batch's cuts held at a time
LARGEST = 1_500  # cuts of one round up to which its linear program takes a second


def accuracy_ceiling_many(p12: Array, p1y: Array, p2y: Array, lam: Array, mu: Array, room: Room | None = None) -> Array:
    """Upper bound (B,) on the highest accuracy over the identified sets of (B,n1,n2), (B,n1,K), (B,n2,K) tables.

    Valid for any lam (n1,K) and mu (n2,K), the same for all tables. room: as in `cell_limits`.
    """
    batch = max(1, AT_ONCE // (p12[0].size * lam.shape[1] ** 2))
    bounds = []
    for start in range(0, len(p12), batch):
        pairs, first, second = (a[start : start + batch] for a in (p12, p1y, p2y))
        _, worth = _cuts(pairs, *cell_limits(pairs, first, second, room), lam, mu)
        linear = np.einsum("bik,ik->b", first, lam) + np.einsum("bjk,jk->b", second, mu)
        bounds.append(linear + worth.max(3).sum((1, 2)))
    return np.concatenate(bounds)


def tight_multipliers(
    p12: Array, p1y: Array, p2y: Array, room: Room | None = None, *, tolerance: float = 1e-4
) -> Duals:
    """Multipliers lam (n1,K), mu (n2,K) whose bound on one instance is within `tolerance` of the best.

    p12 (n1,n2), p1y (n1,K), p2y (n2,K). Zeros, whose bound is what the limits of cells allow one by one, for joints of
    more than LARGEST numbers.
    """
    (n1, n2), k = p12.shape, p1y.shape[1]
    lam, mu = np.zeros((n1, k)), np.zeros((n2, k))
    if n1 * n2 * k > LARGEST:
        return lam, mu
    low, high = cell_limits(p12[None], p1y[None], p2y[None], room)
    scale = n1 * n2 / max(float(p12.sum()), 1e-300)  # the solver's tolerances are absolute
    slopes, heights = np.zeros((0, (n1 + n2) * k)), np.zeros(0)
    tilt, owner = np.concatenate([p1y.ravel(), p2y.ravel()]), np.zeros(0, dtype=np.intp)
    best, found = np.inf, (lam, mu)
    for _ in range(ROUNDS):
        cuts, worth = _cuts(p12[None], low, high, lam, mu)
        bound = float((p1y * lam).sum() + (p2y * mu).sum() + worth.max(3).sum())
        if bound < best:
            best, found = bound, (lam, mu)
        slopes = np.concatenate([slopes, _slopes(cuts[0])])
        heights = np.concatenate([heights, np.einsum("ijkk->ijk", cuts[0]).ravel()])
        owner = np.concatenate([owner, np.repeat(np.arange(n1 * n2), k)])
        result = linprog(
            scale * np.concatenate([tilt, np.full(n1 * n2, 1 / scale)]),
            A_ub=sp.hstack([sp.csr_matrix(-scale * slopes), -sp.identity(n1 * n2, format="csr")[owner]]).tocsr(),
            b_ub=-scale * heights,
            bounds=[(-1.0, 1.0)] * len(tilt) + [(None, None)] * (n1 * n2),
            method="highs",
        )
        if result.status != 0 or best - result.fun / scale <= tolerance:
            break
        lam, mu = result.x[: n1 * k].reshape(n1, k), result.x[n1 * k : (n1 + n2) * k].reshape(n2, k)
    return found


def _cuts(p12: Array, low: Array, high: Array, lam: Array, mu: Array) -> tuple[Array, Array]:
    """For each pair and each label that may win: the best cut (B,n1,n2,K,K) and its worth (B,n1,n2,K)."""
    value = np.eye(lam.shape[1]) - (lam[:, None] + mu[None])[:, :, None, :]  # (n1,n2,winner,label)
    order = np.argsort(-value, axis=3)[None]
    room = np.take_along_axis((high - low)[:, :, :, None, :], order, axis=4)
    left = (p12 - low.sum(3))[:, :, :, None, None] - (np.cumsum(room, axis=4) - room)
    filled = np.empty_like(room)
    np.put_along_axis(filled, np.broadcast_to(order, room.shape), np.clip(left, 0.0, room), axis=4)
    cuts = low[:, :, :, None, :] + filled
    return cuts, (value * cuts).sum(4)


def _slopes(cuts: Array) -> Array:
    """(n1 n2 K, (n1+n2) K): what each cut (n1,n2,K,K) puts into the cells of p1y and of p2y."""
    n1, n2, k, _ = cuts.shape
    first, second = np.zeros((n1, n2, k, n1, k)), np.zeros((n1, n2, k, n2, k))
    first[np.arange(n1), :, :, np.arange(n1)] = cuts
    second[:, np.arange(n2), :, np.arange(n2)] = cuts.swapaxes(0, 1)
    return np.concatenate([first.reshape(-1, n1 * k), second.reshape(-1, n2 * k)], axis=1)
