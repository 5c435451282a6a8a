"""The interior point of union_interior.py for any number of sources: one dense matrix, one problem at a time.

Cells are the product of all codes: arrays (n1,...,nk) and (n1,...,nk,K); duals are one (n_i,K) per source.
"""

from dataclasses import dataclass
from functools import reduce
from itertools import combinations

import numpy as np
from scipy.special import xlogy

from interplay.information import Array, to_nats
from interplay.solvers.arrays import Flags
from interplay.solvers.dense import DenseFactor

Sources = list[Array]

SLACK, FLOOR, CAP, BOUNDARY, CENTRE = 0.05, 1e-12, 5.0, 0.99, 0.1  # as in union_interior.py
STEPS = 80


def lift(dual: Array, i: int, sources: int) -> Array:
    """(n_i,K) shaped to broadcast over the cells of all sources."""
    return dual.reshape(*(len(dual) if j == i else 1 for j in range(sources)), dual.shape[1])


def drop(cells: Array, i: int) -> Array:
    """Margin (n_i,K) of source i of a table (n1,...,nk,K)."""
    return cells.sum(axis=tuple(j for j in range(cells.ndim - 1) if j != i))


def logsums(duals: Sources) -> Array:
    """logsumexp_y of the sum of all duals, (n1,...,nk); -inf where no label is possible."""
    return np.logaddexp.reduce(sum(lift(d, i, len(duals)) for i, d in enumerate(duals)), axis=-1)


def round_all(joint: Array, tables: Sources) -> Array:
    """`rounding.round_to_margins` for every margin: shrink what is too much, add a product of what is missing."""
    for i, p in enumerate(tables):
        have = drop(joint, i)
        joint = joint * lift(np.where(have > p, p / np.where(have > 0, have, 1.0), 1.0), i, len(tables))
    missing = [np.maximum(p - drop(joint, i), 0.0) for i, p in enumerate(tables)]
    total = np.max([m.sum(axis=0) for m in missing], axis=0)
    scaled = [missing[0], *(m / np.where(total > 0, total, 1.0) for m in missing[1:])]
    return joint + reduce(np.multiply, [lift(m, i, len(tables)) for i, m in enumerate(scaled)])


@dataclass
class Point:
    duals: Sources
    w: Array  # (n1,...,nk) mass of a cell
    z: Array  # slack of a cell
    q: Array  # (n1,...,nk,K) linearised joint


def _start(tables: Sources) -> Point:
    labels = tables[0].sum(axis=0)
    safe = np.where(labels > 0, labels, 1.0)
    shares = [tables[0], *(p / safe for p in tables[1:])]
    q = reduce(np.multiply, [lift(p, i, len(tables)) for i, p in enumerate(shares)])
    duals = []
    for i, p in enumerate(tables):
        mass = np.maximum(p.sum(axis=1, keepdims=True), 1e-300)
        with np.errstate(divide="ignore"):
            duals.append(np.log(p / mass) - (np.log(safe) if i else 0.0))
    z = np.maximum(-np.where(q.any(axis=-1), logsums(duals), -1.0), SLACK)
    return Point(duals=duals, w=q.sum(axis=-1), z=np.where(q.any(axis=-1), z, 1.0), q=q)


class _System:
    """One linearisation and its factor."""

    def __init__(self, tables: Sources, point: Point, s: Array, lse: Array):
        self.point, self.s, self.sources = point, s, len(tables)
        w, z = point.w, point.z
        self.q = w[..., None] * s
        self.right = [p - drop(self.q, i) for i, p in enumerate(tables)]
        self.slack = -(lse + z)
        self.sizes = [p.shape for p in tables]
        matrix = self._matrix((w * (1.0 - z) / z)[..., None] * s)
        held = np.concatenate([_held(p, gauge=i > 0).ravel() for i, p in enumerate(tables)])
        self.factor = DenseFactor(matrix, held)

    def _matrix(self, curved: Array) -> Array:
        k = self.s.shape[-1]
        outer = curved[..., :, None] * self.s[..., None, :]
        np.einsum("...kk->...k", outer)[...] += self.q
        starts = np.cumsum([0, *(n * k for n, _ in self.sizes)])
        matrix = np.zeros((starts[-1], starts[-1]))
        axes = range(self.sources)
        for i in axes:
            block = outer.sum(axis=tuple(j for j in axes if j != i))  # (n_i,K,K)
            view = matrix[starts[i] : starts[i + 1], starts[i] : starts[i + 1]]
            for x, b in enumerate(block):
                view[x * k : (x + 1) * k, x * k : (x + 1) * k] = b
        for i, j in combinations(axes, 2):
            block = outer.sum(axis=tuple(a for a in axes if a not in (i, j)))  # (n_i,n_j,K,K)
            flat = block.transpose(0, 2, 1, 3).reshape(starts[i + 1] - starts[i], -1)
            matrix[starts[i] : starts[i + 1], starts[j] : starts[j + 1]] = flat
        return matrix  # upper triangle

    def direction(self, complement: Array) -> tuple[Sources, Array, Array, Array]:
        """Changes of duals, logsumexp, w and z."""
        w, z = self.point.w, self.point.z
        t = (complement - w * self.slack) / z
        ts = t[..., None] * self.s
        right = np.concatenate([(r - drop(ts, i)).ravel() for i, r in enumerate(self.right)])
        parts = np.split(self.factor.solve(right), np.cumsum([n * k for n, k in self.sizes])[:-1])
        duals = [part.reshape(size) for part, size in zip(parts, self.sizes, strict=True)]
        change = (self.s * sum(lift(d, i, self.sources) for i, d in enumerate(duals))).sum(axis=-1)
        return duals, change, t + w * change / z, self.slack - change


def _held(p: Array, *, gauge: bool) -> Flags:
    """Impossible labels, and (for all sources but the first) one code per label: constants can move between sources."""
    held = p <= 0
    if gauge:
        held[p.argmax(axis=0), np.arange(p.shape[1])] = True
    return held


def _longest(x: Array, dx: Array) -> float:
    return float(1.0 / max(1.0, float((-dx / np.maximum(x, 1e-300)).max())))


def _inside(length: float) -> float:
    return BOUNDARY * length if length < 1.0 else 1.0


def _step(tables: Sources, point: Point, weight: Array, s: Array, lse: Array, *, target: float, sturdy: bool) -> None:
    """One predictor-corrector step in place (see union_interior.step)."""
    system = _System(tables, point, s, lse)
    product = point.w * point.z
    _, _, dw, dz = system.direction(-product)
    aw, az = _longest(point.w, dw), _longest(point.z, dz)
    after = float(((point.w + aw * dw) * (point.z + az * dz)).sum() / product.sum())
    barrier = weight * max(max(after**3, CENTRE if sturdy else 0.0) * float(product.sum()), target)
    duals, change, dw, dz = system.direction(barrier - product - (aw * az if sturdy else 1.0) * dw * dz)
    aw, az = _inside(_longest(point.w, dw)), _inside(_longest(point.z, dz))
    az = min(az, CAP / max(CAP, sum(float(np.abs(d).max()) for d in duals)))
    relative = sum(lift(d, i, len(duals)) for i, d in enumerate(duals)) - change[..., None]
    point.q = np.maximum(system.q * (1.0 + relative) + dw[..., None] * s, 0.0)
    point.duals = [old + az * new for old, new in zip(point.duals, duals, strict=True)]
    cell = weight > 0
    point.w = np.where(cell, np.maximum(point.w + aw * dw, 1e-300), 0.0)
    point.z = np.where(cell, np.maximum(point.z + az * dz, FLOOR), 1.0)


def _softmax(duals: Sources, cell: Flags) -> tuple[Array, Array]:
    lse = np.where(cell, logsums(duals), 0.0)
    total = sum(lift(d, i, len(duals)) for i, d in enumerate(duals))
    return np.exp(np.where(cell[..., None], total - lse[..., None], -np.inf)), np.where(cell, lse, -1.0)


def solve(tables: Sources, *, tolerance: float) -> tuple[Array, Sources]:
    """Joint (n1,...,nk,K) and duals whose values are within `tolerance` bits, or the best found."""
    nats = float(to_nats(tolerance))
    best: tuple[float, Array, float, Sources] = (np.inf, np.zeros(0), -np.inf, [])
    for sturdy in (False, True):
        point = _start(tables)
        cell, weight = point.w > 0, point.w / point.w.sum()
        for _ in range(STEPS):
            s, lse = _softmax(point.duals, cell)
            best = _better(best, tables, point, lse)
            if best[0] - best[2] <= nats:
                return best[1], best[3]
            _step(
                tables,
                point,
                weight,
                s,
                lse,
                target=(0.4 if sturdy else 0.1) * float(to_nats(tolerance)),
                sturdy=sturdy,
            )
    return best[1], best[3]


def _better(
    best: tuple[float, Array, float, Sources], tables: Sources, point: Point, lse: Array
) -> tuple[float, Array, float, Sources]:
    """Best primal value and joint, best dual value and duals so far (nats, without the entropy of the label)."""
    q = round_all(point.q, tables)
    cells = q.sum(axis=-1)
    high = float(xlogy(q, q).sum() - xlogy(cells, cells).sum())
    inner = [float(np.sum(p[p > 0] * d[p > 0])) for p, d in zip(tables, point.duals, strict=True)]
    low = sum(inner) - float(lse[point.w > 0].max()) * float(tables[0].sum())
    primal = (high, q) if high < best[0] else best[:2]
    dual = (low, point.duals) if low > best[2] else best[2:]
    return *primal, *dual
