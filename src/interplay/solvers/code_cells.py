"""Cells of k codes that the zeros of the known tables allow, and how duals of those tables add up on them.

Known are the labelled tables p(x_i,y) and any tables of codes p(x_S). A dual has one number per entry of each
table: `labelled` (all p(x_i,y) after each other, U) and `coded` (all p(x_S), V). N cells, K labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
import scipy.sparse as sp

from interplay.information import Array
from interplay.solvers.arrays import Flags, Index

Codes = Sequence[tuple[tuple[int, ...], Array]]  # (axes, table): which modalities, in rising order, and p(x_S)


@dataclass(frozen=True, kw_only=True)
class Cells:
    """codes (N,k) of the cells, and the labels that each allows (N,K).

    labels: 0/1 (N K,U), joint entry to labelled entry; tables: 0/1 (N,V), cell to coded entry. first (U,),
    second (V,): the known tables themselves.
    """

    codes: Index
    allowed: Flags
    labels: sp.csr_matrix
    tables: sp.csr_matrix
    first: Array
    second: Array

    @property
    def count(self) -> int:
        """Number of labels K."""
        return self.allowed.shape[1]

    @cached_property
    def possible(self) -> Flags:
        """Labelled entries (U,) above zero."""
        return self.first > 0

    @cached_property
    def known(self) -> sp.csr_matrix:
        """0/1 (N K,U+V): joint entry to the entries of all known tables."""
        sums = sp.kron(self.tables, np.ones((self.count, 1)), format="csr")
        return sp.hstack([self.labels, sums], format="csr")

    def only(self, allowed: Flags, joint: Array) -> "Cells":
        """The cells that keep a label when only these (N,K) are allowed, with the tables that joint (N,K) has there."""
        kept = np.flatnonzero(allowed.any(axis=1))
        entries = (kept[:, None] * self.count + np.arange(self.count)).ravel()
        q = np.where(allowed, joint, 0.0)
        return Cells(
            codes=self.codes[kept],
            allowed=allowed[kept],
            labels=self.labels[entries],
            tables=self.tables[kept],
            first=self.labels.T @ q.ravel(),
            second=self.tables.T @ q.sum(axis=1),
        )

    def softmax(self, lam: Array) -> tuple[Array, Array]:
        """softmax_y of the summed labelled duals (N,K) and their logsumexp (N,)."""
        v = (self.labels @ np.where(self.possible, lam, 0.0)).reshape(self.allowed.shape)
        v = np.where(self.allowed, v, -np.inf)
        peak = v.max(axis=1, initial=-np.inf)
        e = np.exp(v - peak[:, None])
        total = e.sum(axis=1)
        return e / total[:, None], np.log(total) + peak

    def blocks(self, curved: Array) -> sp.csr_matrix:
        """A' diag(blocks) A (U,U) for blocks (N,K,K) over the labels of every cell."""
        n, k, _ = curved.shape
        indices = np.repeat(np.arange(n * k).reshape(n, 1, k), k, axis=1).ravel()
        middle = sp.csr_matrix((curved.ravel(), indices, np.arange(0, n * k * k + 1, k)), shape=(n * k, n * k))
        return self.labels.T @ (middle @ self.labels)


def cells_of(margins: Sequence[Array], codes: Codes) -> Cells:
    """Cells in which every known table has mass and some label is possible; margins: p(x_i,y) as (n_i,K)."""
    sizes = tuple(len(p) for p in margins)
    possible = reduce(np.logical_and, (_spread(p > 0, (i,), len(sizes)) for i, p in enumerate(margins)))
    alive = possible.any(axis=-1)
    for axes, table in codes:
        alive &= _spread((table > 0)[..., None], axes, len(sizes))[..., 0]
    at = np.argwhere(alive)
    k, width, entries, places = margins[0].shape[1], 0, [], []
    for i, p in enumerate(margins):
        entries.append(width + at[:, i, None] * k + np.arange(k))
        width += p.size
    offset = 0
    for axes, table in codes:
        places.append(offset + np.ravel_multi_index(tuple(at[:, a] for a in axes), table.shape))
        offset += table.size
    return Cells(
        codes=at,
        allowed=possible[alive],
        labels=_incidence(np.stack(entries, axis=2).reshape(-1, len(sizes)), width),
        tables=_incidence(np.array(places, dtype=np.intp).reshape(len(codes), len(at)).T, offset),
        first=np.concatenate([p.ravel() for p in margins]),
        second=np.concatenate([np.zeros(0), *(table.ravel() for _, table in codes)]),
    )


def _spread(table: Flags, axes: tuple[int, ...], sources: int) -> Flags:
    """A table of some modalities, with one more axis at its end, shaped to broadcast over all of them."""
    return table.reshape([table.shape[axes.index(i)] if i in axes else 1 for i in range(sources)] + [table.shape[-1]])


def _incidence(entries: Index, width: int) -> sp.csr_matrix:
    """0/1 matrix whose row r has ones at entries[r]."""
    rows, each = entries.shape
    at = np.repeat(np.arange(rows), each)
    return sp.csr_matrix((np.ones(entries.size), (at, entries.ravel())), shape=(rows, width))


def curvature(q: Array, s: Array) -> Array:
    """q (diag(s) - s s') per cell (N,K,K); 1 - s is summed from the other labels, where it could cancel."""
    before = np.cumsum(s, axis=1) - s
    after = np.cumsum(s[:, ::-1], axis=1)[:, ::-1] - s
    blocks = -q[:, :, None] * s[:, None, :]
    np.einsum("nkk->nk", blocks)[...] = q * (before + after)
    return blocks
