"""What three tables allow each cell of a joint, and the information that no joint within such limits exceeds.

A joint r refines each table: the mass p12[i,j] is spread over the labels, p1y[i,y] over the codes of the second
modality, p2y[j,y] over those of the first. Limits L <= r <= U bound each part, so r is majorized not only by the
tables but by the tables cut up as unequally as the limits allow, and hence by the meet of these three (see
`solvers.coupling`).
"""

import numpy as np

from interplay.information import Array, entropy
from interplay.solvers.coupling import meet_many

Room = tuple[Array, Array, Array]
SWEEPS = 2  # of limits from limits; further ones hardly change them


def cell_limits(p12: Array, p1y: Array, p2y: Array, room: Room | None = None) -> tuple[Array, Array]:
    """L <= r <= U (B,n1,n2,K) for every joint of (B,n1,n2), (B,n1,K), (B,n2,K) tables with equal margins.

    room: by how much each number of the three tables may be off, shaped like one of each, (n1,n2), (n1,K), (n2,K).
    """
    off = room or (np.zeros(p12.shape[1:]), np.zeros(p1y.shape[1:]), np.zeros(p2y.shape[1:]))
    tables = [(axis, np.expand_dims(t, axis)) for axis, t in ((3, p12), (2, p1y), (1, p2y))]
    spare = [np.expand_dims(o, axis - 1) for o, (axis, _) in zip(off, tables, strict=True)]
    most = [t + o for (_, t), o in zip(tables, spare, strict=True)]
    high = np.minimum(np.minimum(most[0], most[1]), most[2])
    low = np.zeros_like(high)
    for _ in range(SWEEPS):
        for (axis, table), o in zip(tables, spare, strict=True):
            low = np.maximum(low, table - o - (high.sum(axis, keepdims=True) - high))
        for (axis, table), o in zip(tables, spare, strict=True):
            high = np.minimum(high, table + o - (low.sum(axis, keepdims=True) - low))
        high = np.maximum(high, low)  # rounding
    return low, high


def most_unequal(total: Array, high: Array) -> Array:
    """Parts (..., K) of totals (...,) that majorize all parts which stay below high (..., K): the largest first."""
    high = -np.sort(-high, axis=-1)
    before = np.cumsum(high, axis=-1) - high
    return np.asarray(np.clip(total[..., None] - before, 0.0, high))


def information_ceiling_many(p12: Array, p1y: Array, p2y: Array, room: Room | None = None) -> Array:
    """Upper bound in bits on max I_r({X1,X2};Y) over the identified set, for (B, ...) tables: (B,).

    Never above the coupling bound. room: as in `cell_limits`, for tables of a sample, whose noise can only take away
    from what cells may hold. I_r = H(X1,X2) + H(Y) - H(r), and H(r) is at least that of the meet of the three
    tables cut up most unequally.
    """
    _, high = cell_limits(p12, p1y, p2y, room)
    parts = (most_unequal(t, np.moveaxis(high, axis, 3)) for t, axis in ((p12, 3), (p1y, 2), (p2y, 1)))
    lowest = entropy(meet_many(*parts), batch=1)
    h12, hy = entropy(p12, batch=1), entropy(p1y.sum(1), batch=1)
    # the minimum only removes rounding above H(Y)
    return np.asarray(np.minimum(h12 + hy - lowest, np.minimum(hy, h12)))


def information_ceiling(p12: Array, p1y: Array, p2y: Array) -> float:
    """`information_ceiling_many` for one instance: p12 (n1,n2), p1y (n1,K), p2y (n2,K); bits."""
    return float(information_ceiling_many(p12[None], p1y[None], p2y[None])[0])
