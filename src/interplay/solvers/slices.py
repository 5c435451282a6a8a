"""Slices of a table: cells with a fixed sum, each between bounds, and the vertices of what they allow.

The three tables cut a joint into slices in three ways: p12[i,j] is the sum over labels, p1y[i,y] over the second
modality's codes, p2y[j,y] over the first's. With two labels r(., ., 0) says all, and its rows and columns do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from interplay.information import Array
from interplay.solvers.arrays import Index

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


def slice_vertices(lo: Array, hi: Array, total: float) -> Array:
    """Vertices (m, n) of {lo <= v <= hi, sum v = total}: one coordinate between its bounds, the others at them.

    One with every coordinate at a bound may be there more than once.
    """
    free = np.flatnonzero(hi > lo)
    if not len(free):
        return lo[None] if abs(total - lo.sum()) <= len(lo) * ROUNDING else lo[None][:0]
    width, left = (hi - lo)[free], total - lo.sum()
    steps = _corners(len(free)) * width  # (j, choices, n)
    last = left - steps.sum(axis=2)
    keep = (last >= -ROUNDING) & (last <= width[:, None] + ROUNDING)
    at, choice = np.nonzero(keep)
    v = steps[at, choice]
    v[np.arange(len(at)), at] = np.clip(last[keep], 0.0, width[at])
    vertices = np.repeat(lo[None], len(at), axis=0)
    vertices[:, free] += v
    return vertices


def tighten(families: tuple[Family, ...], lo: Array, hi: Array) -> tuple[Array, Array]:
    """Bounds (C,) that the sums of slices imply; lo above hi beyond rounding: nothing is allowed."""
    lo, hi = lo.copy(), hi.copy()
    for _ in range(ROUNDS):
        for family in families:
            low, high, total = lo[family.cells], hi[family.cells], family.total[:, None]
            least, most = low.sum(axis=1, keepdims=True), high.sum(axis=1, keepdims=True)
            lo[family.cells] = np.maximum(low, total - (most - high))
            hi[family.cells] = np.minimum(high, total - (least - low))
    return lo, np.where((hi < lo) & (hi > lo - ROUNDING), lo, hi)
