"""Certified values of duals of cell problems: weak duality in arrays, by code that knows no solver.

Shapes: rows, cols (C,) codes of the cells, mass (B,C), lam, p1y (B,n1,K), mu, p2y (B,n2,K), cost (C,K) or
(B,C,K), or None for the best classifier. Any finite duals give a valid lower bound.
"""

import numpy as np
from numpy.typing import NDArray

from interplay.information import Array

Ints = NDArray[np.intp]
Mask = NDArray[np.bool_]


def label_price(v: Array, cost: Array | None, allowed: Mask) -> Array:
    """Largest nu (..., C) with nu + v <= w for some w that the primal permits: the dual of one unit of mass.

    v, allowed (..., C, K). With a cost nu = min_y (cost - v); without, w is any distribution over the labels
    and nu = min_k (1 - sum of the k largest v) / k. Only allowed labels count; a cell without one gets 0.
    """
    if cost is not None:
        nu = np.where(allowed, cost - v, np.inf).min(axis=-1)
    else:
        top = -np.sort(np.where(allowed, -v, np.inf), axis=-1)
        with np.errstate(invalid="ignore"):
            nu = np.min((1.0 - np.cumsum(top, axis=-1)) / np.arange(1, v.shape[-1] + 1), axis=-1)
    return np.where(allowed.any(axis=-1), nu, 0.0)


def certified_value(
    rows: Ints, cols: Ints, mass: Array, p1y: Array, p2y: Array, lam: Array, mu: Array, cost: Array | None
) -> Array:
    """Lower bound (B,) from any lam (B,n1,K), mu (B,n2,K), mass (B,C): weak duality."""
    allowed = (p1y[:, rows] > 0) & (p2y[:, cols] > 0)
    nu = label_price(lam[:, rows] + mu[:, cols], cost, allowed)
    linear = (p1y * lam).sum(axis=(1, 2)) + (p2y * mu).sum(axis=(1, 2))
    return np.asarray(linear + (mass * nu).sum(axis=1))


def extended(
    rows: Ints, cols: Ints, lam: Array, mu: Array, cost: Array | None, live1: Mask, live2: Mask
) -> tuple[Array, Array]:
    """Duals lam (B,n1,K), mu (B,n2,K) with the entries of dead labels set as high as costs nothing.

    live1 (B,n1,K), live2 (B,n2,K): labels that were in play. A dead label's dual is the largest that leaves
    every cell's price as the live labels set it, so the certified value needs no mask, and a small margin
    in another table is not punished by a dual of minus infinity.
    """
    nu = label_price(lam[:, rows] + mu[:, cols], cost, live1[:, rows] & live2[:, cols])
    ceiling = (0.0 if cost is None else cost) - nu[:, :, None]  # (B, C, K): what v may reach
    room = np.where(live2[:, cols], ceiling - mu[:, cols], np.inf)
    lam = np.where(live1, lam, _lowest_by_code(room, rows, lam))
    mu = np.where(live2, mu, _lowest_by_code(ceiling - lam[:, rows], cols, mu))
    return lam, mu


def _lowest_by_code(room: Array, codes: Ints, dual: Array) -> Array:
    """Minimum of room (B,C,K) over the cells of each code: (B,n,K); 0 where nothing bounds it."""
    lowest = np.zeros_like(dual)
    for i in np.unique(codes):
        found = room[:, codes == i].min(axis=1)
        lowest[:, i] = np.where(np.isfinite(found), found, 0.0)
    return lowest


def slack_line(p12: Array, p1y: Array, p2y: Array, lam: Array, mu: Array, cost: Array | None) -> tuple[float, float]:
    """(height, slope) of a line in the slack below the least value when both labelled tables may move.

    p12 (n1,n2) stays; p1y, lam (n1,K) and p2y, mu (n2,K); cost (n1,n2,K) or None. A table that moves by a total
    variation of at most s changes <table, dual> by at most s times the dual's range. Zero margins may receive
    mass, so every label counts. Any finite duals give a valid line.
    """
    rows, cols = np.nonzero(p12 > 0)
    v = lam[rows] + mu[cols]
    nu = label_price(v, None if cost is None else cost[rows, cols], np.ones(v.shape, dtype=bool))
    height = (p1y * lam).sum() + (p2y * mu).sum() + p12[rows, cols] @ nu
    return float(height), -float(np.ptp(lam) + np.ptp(mu))
