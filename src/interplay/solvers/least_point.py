"""The best joint and the best duals that a search for least information has seen, and what both start from."""

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from interplay.information import Array
from interplay.solvers.arrays import Flags
from interplay.solvers.code_cells import Cells

FEASIBLE = 1e-12  # a joint that misses a table by more is kept only while there is no better


@dataclass(kw_only=True)
class Point:
    """joint (N,K) on the cells; labelled duals lam (U,) and coded duals c (V,), in nats."""

    joint: Array
    lam: Array
    c: Array


@dataclass(kw_only=True)
class Best:
    """Values are -H(Y|X1..Xk) in nats. off: largest violation of a table by the joint."""

    cells: Cells
    point: Point
    high: float = np.inf
    low: float = -np.inf
    off: float = np.inf

    @property
    def gap(self) -> float:
        """Nats; inf while no joint has the tables."""
        return self.high - self.low if self.off <= FEASIBLE else np.inf

    def keep(self, joint: Array, lam: Array, c: Array) -> None:
        """Take over what is better: the joint (N,K), the duals (U,) and (V,)."""
        cells = self.cells
        sums = joint.sum(axis=1)
        off = max(
            float(np.abs(cells.first - cells.labels.T @ joint.ravel()).max(initial=0.0)),
            float(np.abs(cells.second - cells.tables.T @ sums).max(initial=0.0)),
        )
        high = float(xlogy(joint, joint).sum() - xlogy(sums, sums).sum())
        if (max(off, FEASIBLE), high) < (max(self.off, FEASIBLE), self.high):
            self.high, self.off, self.point.joint = high, off, joint
        inner = float(cells.first @ np.where(cells.possible, lam, 0.0) + cells.second @ c)
        shift = float((cells.softmax(lam)[1] + cells.tables @ c).max(initial=-np.inf))
        low = inner - shift * float(joint.sum())
        if low > self.low:
            self.low, self.point.lam, self.point.c = low, lam, c


def start(cells: Cells, labels: Array) -> Array:
    """Labelled duals (U,) of conditional independence given the label; labels (K,): p(y)."""
    k = cells.count
    table = cells.first.reshape(-1, k)
    code = np.maximum(table.sum(axis=1, keepdims=True), 1e-300)
    own = np.log(np.where(table > 0, table, 1.0) / code)
    prior = np.log(np.where(labels > 0, labels, 1.0))
    sources = cells.codes.shape[1]
    lam = own - prior * (1.0 - 1.0 / sources)
    return np.asarray(np.where(table > 0, lam, 0.0).ravel())


def hold_gauge(cells: Cells, sizes: tuple[int, ...]) -> Flags:
    """Unknowns (U,) to hold: impossible ones, the likeliest label of every code, and one code per label but in the
    first modality. Constants move freely between them and change nothing."""
    held = []
    begin = 0
    for i, n in enumerate(sizes):
        table = cells.first[begin : begin + n * cells.count].reshape(n, cells.count)
        mine = table <= 0
        mine[np.arange(n), table.argmax(axis=1)] = True
        if i:
            mine[table.argmax(axis=0), np.arange(cells.count)] = True
        held.append(mine.ravel())
        begin += n * cells.count
    return np.concatenate(held)
