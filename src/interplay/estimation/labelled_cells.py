"""Labels of pairs by cell, in two halves that judge each other's answers."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from interplay.information import Array

Ints = NDArray[np.intp]
LEAST = 3  # labels with which a cell leaves the unknown
PRIOR = 2.0  # labels that the maximum-entropy shares count for


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelledCells:
    """Labels by cell. halves (2,C,K): two halves of the labels, each of which judges the answers that the other one
    chooses; how many labels of equal weight they are worth. rows (C,): labels given. prior (C,K): class shares at
    maximum entropy. design: variance of the labels over that of independent ones; above 1 where labels of one group
    resemble each other."""

    halves: Array
    rows: Ints
    prior: Array
    design: float = 1.0

    @property
    def seen(self) -> Array:
        """What the labels are worth by class, (C,K)."""
        return np.asarray(self.halves.sum(0))

    @property
    def count(self) -> Array:
        """What they are worth, (C,)."""
        return np.asarray(self.seen.sum(1))

    @property
    def known(self) -> NDArray[np.bool_]:
        """Cells with at least LEAST labels, (C,)."""
        return np.asarray(self.rows >= LEAST)

    @property
    def sizes(self) -> Array:
        """What each half is worth in each cell, (2,C)."""
        return np.asarray(self.halves.sum(2))

    @property
    def shares(self) -> Array:
        """Class shares of each half, (2,C,K); those at maximum entropy where it has no label."""
        n = self.sizes[:, :, None]
        return np.where(n > 0, self.halves / np.maximum(n, 1), self.prior)

    def answers(self, shares: Array, prior: Array) -> Ints:
        """(2,B,C): what the other half and the prior answer, for each half to judge; shares (2,B,C,K) of the halves,
        prior (B,C,K)."""
        return np.asarray((self.sizes[::-1, None, :, None] * shares[::-1] + PRIOR * prior).argmax(3))

    def drawn(self, count: int, seed: int) -> Array:
        """Class shares (2,B,C,K) of the halves' labels drawn again, about those that were seen.

        The error is that of shares with a further label spread over the classes, so that a cell with equal
        labels is not taken to be certain.
        """
        rng, k = np.random.default_rng([seed, 1]), self.prior.shape[1]  # apart from the rows, drawn with `seed`
        shares = np.repeat(self.shares[:, None], count, axis=1)
        for c in np.flatnonzero(self.count):
            smooth = (self.seen[c] + 1 / k) / (self.count[c] + 1)
            for half in (0, 1):
                rows = round(self.halves[half, c].sum())
                error = rng.multinomial(rows, smooth, size=count) - rows * smooth
                shares[half, :, c] += np.sqrt(self.design) * error / max(rows, 1)
        return shares


def label_cells(
    cells: Ints, labels: Ints, prior: Array, mass: Array, groups: NDArray | None, weights: Array | None
) -> LabelledCells:
    """Labels (r,) of rows in cells (r,), in the order of labelling. prior (C,K); mass (C,): shares of the cells.
    groups (r,): rows that belong together, always in one half, for the other half is to judge what it never saw.
    weights (r,): of the rows; labels of unequal weight are worth fewer (Kish)."""
    side, w = _sides(cells, groups), np.ones(len(cells)) if weights is None else weights
    total, squares = np.zeros((2, *prior.shape)), np.zeros((2, len(prior)))
    np.add.at(total, (side, cells, labels), w)
    np.add.at(squares, (side, cells), w**2)
    worth = np.divide(total.sum(2), squares, out=np.zeros_like(squares), where=squares > 0)
    rows = np.bincount(cells, minlength=len(prior))
    plain = LabelledCells(halves=total * worth[:, :, None], rows=rows, prior=prior)
    if groups is None or not len(cells):
        return plain
    right = labels == plain.answers(plain.shares[:, None], prior[None])[side, 0, cells]
    share = w / np.bincount(cells, weights=w, minlength=len(mass))[cells]
    off = right - np.bincount(cells, weights=right * share, minlength=len(mass))[cells]
    weight = mass[cells] * share
    return replace(plain, design=_design(off * weight, weight, groups))


def _sides(cells: Ints, groups: NDArray | None) -> Ints:
    """Half (r,) of each label: by turns within its cell, or whole groups by turns."""
    if groups is not None:
        _, first, group = np.unique(groups, return_index=True, return_inverse=True)
        return np.asarray(first.argsort().argsort()[group] % 2)
    order = np.argsort(cells, kind="stable")
    started = np.searchsorted(cells[order], cells[order])
    side = np.empty(len(cells), dtype=np.intp)
    side[order] = (np.arange(len(cells)) - started) % 2
    return side


def _design(off: Array, weight: Array, groups: NDArray) -> float:
    """Squares of sums over groups to squares: 1 for independent rows, the size of groups if their rows are alike.

    Where no row is off, nothing tells, and rows of a group are taken to be alike.
    """
    group = np.unique(groups, return_inverse=True)[1]
    values = off if np.any(off) else weight
    together = np.bincount(group, weights=values)
    return max(float((together**2).sum() / (values**2).sum()), 1.0)
