"""The best classifier's accuracy when some pairs have labels: cells with enough of them leave the unknown."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.confidence import KINK, Replicated, estimate
from interplay.estimation.many import ManyCounts, ManyDraws, ManyTables, PairLabels, draw_many
from interplay.information import Array
from interplay.results import Estimate
from interplay.solvers.cell_program import Known, largest_best_accuracy, smallest_best_accuracy

Ints = NDArray[np.intp]
LEAST = 3  # labels with which a cell leaves the unknown
PRIOR = 2.0  # labels that the maximum-entropy shares count for when a cell's answer is chosen
LARGE = 2000  # variables of a program beyond which few replicates are solved
FEW = 16


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelledCells:
    """Labels by cell. halves (2,C,K): counts of two halves of the labels, each of which judges the answers that the
    other one chooses. prior (C,K): class shares at maximum entropy. design: variance of the labels over that of
    independent ones; above 1 where labels of one group resemble each other."""

    halves: Array
    prior: Array
    design: float = 1.0

    @property
    def seen(self) -> Array:
        """Counts (C,K)."""
        return np.asarray(self.halves.sum(0))

    @property
    def count(self) -> Array:
        """Labels in each cell, (C,)."""
        return np.asarray(self.seen.sum(1))

    @property
    def known(self) -> NDArray[np.bool_]:
        """Cells with at least LEAST labels, (C,)."""
        return np.asarray(self.count >= LEAST)

    @property
    def right(self) -> Array:
        """(2,C,K): whether a label y of a half is what the other half and the prior answer."""
        answers = (self.halves[::-1] + PRIOR * self.prior).argmax(2)
        return np.eye(self.prior.shape[1])[answers]

    @property
    def shares(self) -> Array:
        """Class shares of the labels, (C,K); those at maximum entropy where there is none."""
        n = self.count[:, None]
        return np.where(n > 0, self.seen / np.maximum(n, 1), self.prior)

    @property
    def hits(self) -> Array:
        """How often the answers are right, (C,)."""
        return np.asarray((self.halves * self.right).sum((0, 2)) / np.maximum(self.count, 1))

    def drawn(self, count: int, seed: int) -> tuple[Array, Array]:
        """Shares (B,C,K) and hits (B,C) of labels drawn again, about those that were seen, for the same answers.

        The error is that of shares with a further label spread over the classes, so that a cell with equal
        labels is not taken to be certain.
        """
        rng = np.random.default_rng(seed)
        shares, hits = np.repeat(self.shares[None], count, axis=0), np.repeat(self.hits[None], count, axis=0)
        right, k = self.right, self.prior.shape[1]
        for c in np.flatnonzero(self.count):
            n = self.count[c]
            smooth = (self.seen[c] + 1 / k) / (n + 1)
            for half in (0, 1):
                rows = int(self.halves[half, c].sum())
                error = np.sqrt(self.design) * (rng.multinomial(rows, smooth, size=count) - rows * smooth)
                shares[:, c] += error / n
                hits[:, c] += error @ right[half, c] / n
        return shares, hits


def label_cells(cells: Ints, labels: Ints, prior: Array, mass: Array, groups: NDArray | None) -> LabelledCells:
    """Labels (r,) of rows in cells (r,), in the order of labelling. prior (C,K); mass (C,): shares of the cells.
    groups (r,): rows that belong together, always in one half, for the other half is to judge what it never saw."""
    side = _sides(cells, groups)
    halves = np.zeros((2, *prior.shape))
    np.add.at(halves, (side, cells, labels), 1)
    plain = LabelledCells(halves=halves, prior=prior)
    if groups is None or not len(cells):
        return plain
    off = plain.right[side, cells, labels] - plain.hits[cells]
    weight = mass[cells] / plain.count[cells]
    return LabelledCells(halves=halves, prior=prior, design=_design(off * weight, weight, groups))


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


def draw_with_labels(counts: ManyCounts, cells: LabelledCells, replicates: int, seed: int) -> tuple[ManyDraws, Array]:
    """Likeliest tables given all samples and the labels, and the hits (B,C) of labels drawn again."""
    rows = np.bincount(counts.pairs.cells, minlength=counts.pairs.cell_count)
    drawn, hits = cells.drawn(replicates, seed)
    inside = np.maximum(drawn, 0.0)
    labels = PairLabels(
        part=cells.count / np.maximum(rows, 1),
        shares=(cells.shares[None], inside / inside.sum(2, keepdims=True)),
    )
    return draw_many(counts, replicates, np.random.default_rng(seed), labels), hits


def accuracy_with_labels(
    counts: ManyCounts,
    cells: LabelledCells,
    draws: ManyDraws,
    again: Array,
    *,
    confidence: float,
    looks: int,
) -> tuple[Estimate, Estimate]:
    """Range of the best classifier's accuracy and of its gain over the best single modality.

    In known cells the classifier answers what the labels say, and is right as often as on the half of them that it was
    not chosen by; in the
    others between the worst and, relaxed, the best that the tables and the known cells' likeliest shares allow.
    looks: times that the answer is asked for, of which each may be the one acted on (Bonferroni).
    """
    low, gain_low = _replicated(counts, cells, draws.shrunk, again, lowest=True)
    high, gain_high = _replicated(counts, cells, draws.plain, again, lowest=False)
    shown = _end(counts, cells, draws.plain[0], 0, cells.hits, lowest=True), high.value
    single = best_single(draws.plain[0], 0)
    accuracy, gain = (
        estimate(a, b, confidence=confidence, unit="probability", looks=looks, shown=(shown[0] - s, shown[1] - s))
        for a, b, s in ((low, high, 0.0), (gain_low, gain_high, single))
    )
    return accuracy, gain


def best_single(tables: ManyTables, at: int) -> float:
    """Accuracy of the best single modality's best rule on codes."""
    return max(float(m[at].max(1).sum()) for m in tables.margins)


def _replicated(
    counts: ManyCounts, cells: LabelledCells, tables: tuple[ManyTables, ManyTables], hits: Array, *, lowest: bool
) -> tuple[Replicated, Replicated]:
    """One end of the accuracy and of the gain."""
    point, batch = tables
    number = len(batch.mass) if (~cells.known).sum() * counts.classes <= LARGE else min(FEW, len(batch.mass))
    value = _end(counts, cells, point, 0, cells.hits, lowest=lowest)
    drawn = np.array([_end(counts, cells, batch, b, hits[b], lowest=lowest) for b in range(number)])
    single = best_single(point, 0), np.array([best_single(batch, b) for b in range(number)])
    factor = KINK if lowest else 1.0
    return (
        Replicated(value=value, replicates=drawn, factor=factor, proportion=True),
        Replicated(value=value - single[0], replicates=drawn - single[1], factor=1.0),
    )


def _end(counts: ManyCounts, cells: LabelledCells, tables: ManyTables, at: int, hits: Array, *, lowest: bool) -> float:
    """The end on one sample; hits (C,) judge the known cells, their likeliest shares bind the others."""
    mass, joint = tables.mass[at], tables.joint[at]
    known = Known(
        which=cells.known,
        shares=np.divide(joint, mass[:, None], out=cells.prior.copy(), where=mass[:, None] > 0),
        hits=hits,
    )
    end = smallest_best_accuracy if lowest else largest_best_accuracy
    return end(counts.codes, mass, [m[at] for m in tables.margins], known).value
