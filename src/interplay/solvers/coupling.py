"""Couplings of given distributions: greedy joint of small entropy, and what no coupling can go below.

A coupling of p and q is a joint table with these margins. Its entropy is never below that of the greatest
lower bound of p and q in the majorization order, their *meet* (Cicalese, Gargano & Vaccaro 2019); the greedy
coupling is never more than log2(e)/e < 0.531 bits above it (two marginals; Compton 2022). The first gives
valid upper bounds on information, the second does not: it lies above the minimum.
"""

import heapq

import numpy as np
from numpy.typing import NDArray

from interplay.information import Array, entropy
from interplay.solvers.vertices import enumerate_vertices, start_at

Ints = NDArray[np.intp]


def _descending(p: Array, length: int) -> Array:
    """(B, ...) -> (B, length): cells of each table in falling order, padded with zeros."""
    flat = -np.sort(-p.reshape(len(p), -1), axis=1)
    return np.pad(flat, ((0, 0), (0, length - flat.shape[1])))


def meet_many(*tables: Array) -> Array:
    """Majorization meet of k distributions for each of B instances: (B, ...) tables -> (B, longest).

    Its partial sums are the smallest of the partial sums of the sorted tables. Tables of one instance have
    the same total; zero cells change nothing.
    """
    length = max(int(np.prod(p.shape[1:])) for p in tables)
    sums = [np.cumsum(_descending(p, length), axis=1) for p in tables]
    lowest = np.minimum.reduce(sums)
    return np.maximum(np.diff(lowest, axis=1, prepend=0.0), 0.0)


def meet_entropy(*tables: Array) -> float:
    """Entropy in bits of the meet of the tables (any shapes): no coupling of them has less."""
    batched = [np.asarray(p, dtype=float).reshape(1, -1) for p in tables]
    return float(entropy(meet_many(*batched), batch=1)[0])


def coupling_upper_bound_many(p12: Array, p1y: Array, p2y: Array) -> Array:
    """Upper bound in bits on max I_r({X1,X2};Y) over the identified set, for (B, ...) tables: shape (B,).

    I_r = H(X1,X2) + H(Y) - H(r), and r is majorized by each of the three tables, hence by their meet. The
    meet of all three is never above those of the pairings (12|y), (1y|2), (2y|1), so it is the best of them.
    """
    lowest = entropy(meet_many(p12, p1y, p2y), batch=1)
    h12, hy = entropy(p12, batch=1), entropy(p1y.sum(1), batch=1)
    # H(r) >= each table's own entropy follows from the meet; the minimum only removes rounding above H(Y)
    return np.asarray(np.minimum(h12 + hy - lowest, np.minimum(hy, h12)))


def coupling_upper_bound(p12: Array, p1y: Array, p2y: Array) -> float:
    """`coupling_upper_bound_many` for one instance: p12 (n1,n2), p1y (n1,K), p2y (n2,K); bits."""
    return float(coupling_upper_bound_many(p12[None], p1y[None], p2y[None])[0])


def greedy_coupling_of(marginals: list[Array]) -> tuple[Ints, Array]:
    """Greedy coupling of k marginals: codes (m, k) and mass (m,), at most sum(len) - k + 1 cells.

    Every step joins the largest remaining piece of each marginal (Kocaoglu et al. 2017); a heap per marginal
    makes it O(m k log n). Marginals have equal totals; rounding left at the end joins the last cell.
    """
    heaps = [[(-float(x), int(i)) for i, x in enumerate(p) if x > 0] for p in marginals]
    for heap in heaps:
        heapq.heapify(heap)
    codes: list[list[int]] = []
    mass: list[float] = []
    while all(heaps):
        step = min(-heap[0][0] for heap in heaps)
        codes.append([heap[0][1] for heap in heaps])
        mass.append(step)
        for heap in heaps:
            left, i = heap[0]
            if -left > step:
                heapq.heapreplace(heap, (left + step, i))
            else:
                heapq.heappop(heap)
    return np.array(codes, dtype=np.intp).reshape(-1, len(marginals)), np.array(mass)


def greedy_coupling(p: Array, q: Array) -> tuple[Ints, Ints, Array]:
    """Greedy coupling of two distributions as sparse cells: rows, cols, mass, each (m,), m <= n + n' - 1."""
    codes, mass = greedy_coupling_of([np.ravel(p), np.ravel(q)])
    return codes[:, 0], codes[:, 1], mass


def smallest_coupling(*marginals: Array, limit: int = 100_000) -> tuple[float, Array] | None:
    """Least entropy in bits of a coupling of distributions (n_i,), and that coupling (n_1,...,n_k); None if too large.

    Entropy is concave, so the least lies at a vertex of the transport polytope; all are listed, up to `limit`
    bases and 64 cells with mass. Marginals have equal totals; empty codes stay empty.
    """
    full = [np.ravel(p) for p in marginals]
    kept = [np.flatnonzero(p > 0) for p in full]
    sizes = tuple(len(at) for at in kept)
    if int(np.prod(sizes, dtype=object)) > 64:
        return None
    codes = np.indices(sizes).reshape(len(sizes), -1)
    matrix = np.concatenate([(row == np.arange(n)[:, None]).astype(float) for row, n in zip(codes, sizes, strict=True)])
    corner = _corner([p[at] for p, at in zip(full, kept, strict=True)])
    start = start_at(matrix, corner.ravel(), np.random.default_rng(0))
    found = enumerate_vertices(start, lambda x: np.asarray(entropy(x, batch=1)), limit=limit)
    if not found.complete:
        return None
    table = np.zeros([len(p) for p in full])
    table[np.ix_(*kept)] = found.point.reshape(sizes)
    return found.value, table


def _corner(marginals: list[Array]) -> Array:
    """The north-west corner coupling: a vertex, because every next cell has a code that no earlier one has."""
    corner = np.zeros([len(p) for p in marginals])
    left, at = [p.copy() for p in marginals], [0] * len(marginals)
    while all(i < len(p) for i, p in zip(at, left, strict=True)):
        heads = [p[i] for i, p in zip(at, left, strict=True)]
        corner[tuple(at)] = min(heads)
        for p, i in zip(left, at, strict=True):
            p[i] -= min(heads)
        at[int(np.argmin(heads))] += 1
    return corner
