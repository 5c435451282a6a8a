"""What no decisions on codes are worth: each pair takes one decision, its mass is cut up within its cells' limits.

worth (M,K) is earned by decision d when the label is y; the unit matrix earns accuracy. For any multipliers lam (n1,K)
and mu (n2,K), with v running over the ways to cut the mass of pair (i,j) into K parts within the limits of their cells
(`solvers.cell_limits`),

    max over D of sum_ij max_d <worth_d, r_ij>
        <=  <lam, p1y> + <mu, p2y> + sum_ij max_{d,v} <worth_d - lam_i - mu_j, v>.

The inner maximum fills the most valuable parts first. The best multipliers, found by cutting planes, make it a linear
program over mixtures of such cuts of every pair: the hull of what one pair allows.
"""

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from interplay.information import Array
from interplay.solvers.cell_limits import Room, cell_limits

Duals = tuple[Array, Array]
ROUNDS = 15  # of cutting planes; three to seven are the rule for few labels
AT_ONCE = 2_000_000  # numbers of a batch's cuts held at a time
LARGEST, LABELS = 1_000, 10  # cuts of one round, and labels, up to which all rounds take a second, or five if long
SQUARE, MORE = 40_000, 18  # numbers in one round's cuts, and labels, up to which tables that are not long take a few
STEEPEST = 2.0  # multipliers, in units of the largest worth


def decisions_ceiling_many(
    p12: Array, p1y: Array, p2y: Array, worth: Array, duals: Duals | None = None, room: Room | None = None
) -> Array:
    """Upper bound (B,) on the worth of the best decisions over the identified sets of (B, ...) tables.

    p12 (B,n1,n2), p1y (B,n1,K), p2y (B,n2,K); worth (M,K), or (B,M,K) for each table its own. Valid for any duals
    lam (n1,K) and mu (n2,K), the same for all tables; None: what the limits of cells allow pair by pair. room: as in
    `cell_limits`.
    """
    (count, n1, n2), k = p12.shape, p1y.shape[2]
    lam, mu = duals or (np.zeros((n1, k)), np.zeros((n2, k)))
    each = np.broadcast_to(worth, (count, *worth.shape[-2:]))
    step = max(1, AT_ONCE // (n1 * n2 * each[0].size))
    bounds = []
    for start in range(0, count, step):
        pairs, first, second, earned = (a[start : start + step] for a in (p12, p1y, p2y, each))
        _, value = _cuts(pairs, *cell_limits(pairs, first, second, room), earned, lam, mu)
        linear = np.einsum("bik,ik->b", first, lam) + np.einsum("bjk,jk->b", second, mu)
        bounds.append(linear + value.max(3).sum((1, 2)))
    return np.concatenate(bounds)


def tight_duals(
    p12: Array, p1y: Array, p2y: Array, worth: Array, room: Room | None = None, *, tolerance: float = 1e-4
) -> Duals | None:
    """Multipliers whose bound on one instance is within `tolerance` of the best, in units of what the best decision for
    each label is worth, unless ROUNDS are over before.

    p12 (n1,n2), p1y (n1,K), p2y (n2,K), worth (M,K). None for tables that are too large (`_affordable`).
    """
    (n1, n2), k, m = p12.shape, p1y.shape[1], len(worth)
    if not _affordable(n1, n2, k, m):
        return None
    most = float(np.abs(worth).max()) or 1.0
    close = tolerance * float(p1y.sum(0) @ np.abs(worth).max(0)) / most
    low, high = cell_limits(p12[None], p1y[None], p2y[None], room)
    scale = n1 * n2 / max(float(p12.sum()), 1e-300)  # the solver's tolerances are absolute
    prices, shares = np.concatenate([p1y.ravel(), p2y.ravel()]), np.full(n1 * n2, 1 / scale)
    duals = lam, mu = np.zeros((n1, k)), np.zeros((n2, k))
    slopes, heights, owner = np.zeros((0, len(prices))), np.zeros(0), np.zeros(0, dtype=np.intp)
    best = np.inf
    for _ in range(ROUNDS):
        cuts, value = _cuts(p12[None], low, high, worth[None] / most, lam, mu)
        bound = float((p1y * lam).sum() + (p2y * mu).sum() + value.max(3).sum())
        if bound < best:
            best, duals = bound, (most * lam, most * mu)
        slopes = np.concatenate([slopes, _slopes(cuts[0])])
        heights = np.concatenate([heights, np.einsum("ijmk,mk->ijm", cuts[0], worth / most).ravel()])
        owner = np.concatenate([owner, np.repeat(np.arange(n1 * n2), m)])
        result = linprog(
            scale * np.concatenate([prices, shares]),
            A_ub=sp.hstack([sp.csr_matrix(-scale * slopes), -sp.identity(n1 * n2, format="csr")[owner]]).tocsr(),
            b_ub=-scale * heights,
            bounds=[(-STEEPEST, STEEPEST)] * len(prices) + [(None, None)] * (n1 * n2),
            method="highs-ipm",  # twice as fast here as the simplex method
        )
        if result.status != 0 or best - result.fun / scale <= close:
            break
        lam, mu = result.x[: n1 * k].reshape(n1, k), result.x[n1 * k : (n1 + n2) * k].reshape(n2, k)
    return duals


def _affordable(n1: int, n2: int, k: int, m: int) -> bool:
    """Long tables have programs that take ten times as long as square ones of as many cuts."""
    cuts, square = n1 * n2 * m, max(n1, n2) <= 2 * min(n1, n2)
    return (cuts <= LARGEST and k <= LABELS) or (square and cuts * k <= SQUARE and k <= MORE)


def _cuts(p12: Array, low: Array, high: Array, worth: Array, lam: Array, mu: Array) -> tuple[Array, Array]:
    """For each pair and each decision (worth (B,M,K)): the best cut (B,n1,n2,M,K) and its value (B,n1,n2,M)."""
    price = lam[:, None] + mu[None]  # (n1,n2,K)
    gain = worth[:, None, None] - price[None, :, :, None, :]
    order = np.argsort(-gain, axis=4)
    room = np.take_along_axis((high - low)[:, :, :, None, :], order, axis=4)
    left = (p12 - low.sum(3))[:, :, :, None, None] - (np.cumsum(room, axis=4) - room)
    filled = np.empty_like(room)
    np.put_along_axis(filled, order, np.clip(left, 0.0, room), axis=4)
    cuts = low[:, :, :, None, :] + filled
    return cuts, (gain * cuts).sum(4)


def _slopes(cuts: Array) -> Array:
    """(n1 n2 M, (n1+n2) K): what each cut (n1,n2,M,K) puts into the cells of p1y and of p2y."""
    n1, n2, m, k = cuts.shape
    first, second = np.zeros((n1, n2, m, n1, k)), np.zeros((n1, n2, m, n2, k))
    first[np.arange(n1), :, :, np.arange(n1)] = cuts
    second[:, np.arange(n2), :, np.arange(n2)] = cuts.swapaxes(0, 1)
    return np.concatenate([first.reshape(-1, n1 * k), second.reshape(-1, n2 * k)], axis=1)
