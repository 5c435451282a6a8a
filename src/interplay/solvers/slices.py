"""Slices of a table: cells with a fixed sum, each between bounds, and the vertices of what they allow.

The three tables cut a joint into slices in three ways: p12[i,j] is the sum over labels, p1y[i,y] over the second
modality's codes, p2y[j,y] over the first's. With two labels r(., ., 0) says all, and its rows and columns do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from interplay.information import Array
from interplay.solvers.arrays import Flags, Index

Concave = Callable[[Array, Array], Array]  # (values, capacities) -> values, elementwise concave in the first
ROUNDING = 1e-12  # of probabilities: a slice that is a point must not lose it
ROUNDS = 2  # of bounds from bounds; further ones hardly change them


@dataclass(frozen=True, kw_only=True, eq=False)
class Family:
    """Slices that hold every cell once: cells (S,n) their positions, total (S,) their sums."""

    cells: Index
    total: Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Sliced:
    """Cells of capacities hi (C,), the concave function f of each, and the families of slices that bind them."""

    hi: Array
    f: Concave
    families: tuple[Family, ...]


def two_labels(p12: Array, p1y: Array, p2y: Array, f: Concave) -> Sliced:
    """The cells of s = r(., ., 0): rows and columns."""
    cells = np.arange(p12.size).reshape(p12.shape)
    families = (Family(cells=cells, total=p1y[:, 0]), Family(cells=cells.T, total=p2y[:, 0]))
    return Sliced(hi=p12.ravel(), f=f, families=families)


def all_labels(p12: Array, p1y: Array, p2y: Array, f: Concave) -> Sliced:
    """The cells of r: what is spread over labels, over the second modality's codes and over the first's."""
    n1, n2, K = *p12.shape, p1y.shape[1]
    cells = np.arange(n1 * n2 * K).reshape(n1, n2, K)
    most = np.minimum(np.minimum(p12[:, :, None], p1y[:, None, :]), p2y[None, :, :])
    families = (
        Family(cells=cells.reshape(-1, K), total=p12.ravel()),
        Family(cells=cells.transpose(0, 2, 1).reshape(-1, n2), total=p1y.ravel()),
        Family(cells=cells.transpose(1, 2, 0).reshape(-1, n1), total=p2y.ravel()),
    )
    return Sliced(hi=most.ravel(), f=f, families=families)


@lru_cache(maxsize=16)
def _corners(n: int) -> Array:
    """(n, 2^(n-1), n): for each coordinate j, every choice of 0 or 1 of the others; 0 at j."""
    pattern = (np.arange(2 ** (n - 1))[:, None] >> np.arange(n - 1)) & 1
    corners = np.stack([np.insert(pattern, j, 0, axis=1) for j in range(n)]).astype(np.float64)
    corners.setflags(write=False)
    return corners


@dataclass(frozen=True, kw_only=True, eq=False)
class Vertices:
    """Of R slices: v (R,m,n), of which those that are real (R,m) count."""

    v: Array
    real: Flags


def slice_vertices(lo: Array, hi: Array, total: Array) -> Vertices:
    """Vertices of {lo <= v <= hi, sum v = total}, lo and hi (R,n), total (R,).

    One coordinate is between its bounds, the others at them; one with all at bounds may be there more than once.
    """
    free = hi > lo
    order = np.argsort(~free, axis=1, kind="stable")  # those that are free first
    width, left, count = np.take_along_axis(hi - lo, order, axis=1), total - lo.sum(axis=1), free.sum(axis=1)
    found = []
    for n in np.unique(count):
        at = np.flatnonzero(count == n)
        found.append((at, n, *_over_free(width[at, :n], left[at], lo.shape[1])))
    most = max([1, *(int(real.sum(axis=1).max()) for _, _, _, real in found)])
    v, real = np.zeros((len(lo), most, lo.shape[1])), np.zeros((len(lo), most), dtype=bool)
    for at, n, steps, kept in found:
        first = np.argsort(~kept, axis=1, kind="stable")[:, :most]
        m = first.shape[1]
        real[at, :m] = np.take_along_axis(kept, first, axis=1)
        v[at, :m, :n] = np.take_along_axis(steps, first[..., None], axis=1)
    back = np.empty_like(order)
    np.put_along_axis(back, order, np.arange(lo.shape[1])[None], axis=1)
    return Vertices(v=np.take_along_axis(v, back[:, None], axis=2) + lo[:, None], real=real)


def vertices_in(families: tuple[Family, ...], lo: Array, hi: Array) -> int:
    """How many vertices the slices of a box (C,) have; 0 if one of them allows nothing."""
    real = [slice_vertices(lo[f.cells], hi[f.cells], f.total).real.sum(axis=1) for f in families]
    return int(sum(r.sum() for r in real)) if all(r.all() for r in real) else 0


def _over_free(width: Array, left: Array, n: int) -> tuple[Array, Flags]:
    """Steps (R,m,k) from the lower bounds of k free coordinates, and whether they lead to a vertex."""
    k = width.shape[1]
    if not k:
        return np.zeros((len(left), 1, 0)), (np.abs(left) <= n * ROUNDING)[:, None]
    steps = _corners(k) * width[:, None, None, :]  # (R, j, choices, k)
    last = left[:, None, None] - steps.sum(axis=3)
    real = (last >= -ROUNDING) & (last <= width[:, :, None] + ROUNDING)
    j = np.arange(k)
    steps[:, j, :, j] = np.clip(last, 0.0, width[:, :, None]).transpose(1, 0, 2)
    return steps.reshape(len(left), -1, k), real.reshape(len(left), -1)


def tighten(families: tuple[Family, ...], lo: Array, hi: Array) -> tuple[Array, Array]:
    """Bounds (...,C) that the sums of slices imply; lo above hi beyond rounding: nothing is allowed.

    Bounds that cross by rounding meet at once, between those before: in the next family each cell would get the
    crossings of all others in its slice, and a few passes would make a box that holds a point look empty.
    """
    lo, hi = lo.copy(), hi.copy()
    for _ in range(ROUNDS):
        for family in families:
            low, high, total = lo[..., family.cells], hi[..., family.cells], family.total[:, None]
            least, most = low.sum(axis=-1, keepdims=True), high.sum(axis=-1, keepdims=True)
            above, below = np.maximum(low, total - (most - high)), np.minimum(high, total - (least - low))
            crossed = (below < above) & (below > above - ROUNDING)
            middle = np.clip((above + below) / 2, low, np.maximum(low, high))
            lo[..., family.cells] = np.where(crossed, middle, above)
            hi[..., family.cells] = np.where(crossed, middle, below)
    return lo, hi
