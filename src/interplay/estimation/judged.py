"""Fixed answers on the pairs, judged without a label: the range of every number that is linear in the unseen joint."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.classified import (
    ClassifiedPairs,
    ClassifiedTables,
    classify_pairs,
    consistent_tables,
    fixed_end,
)
from interplay.estimation.confidence import Replicated, estimate
from interplay.estimation.counts import count_pair
from interplay.estimation.preparation import Prepared
from interplay.estimation.replicates import freedom, replicate_counts
from interplay.information import Array
from interplay.results import Estimate, Unit

Ints = NDArray[np.intp]
Names = tuple[str, str]
Seeds = list[tuple[Names, np.random.SeedSequence]]
Score = Callable[[Array, Array], Array]  # shares of labels (B,K) and of answers (B,L) -> worth (B,L,K)


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """Answers beside the codes of two modalities. plain, half: the sample's tables and those of its replicates, for
    high and for low ends (see `drawn.Draws`). freedom: of their spread."""

    cells: ClassifiedPairs
    plain: tuple[ClassifiedTables, ClassifiedTables]
    half: tuple[ClassifiedTables, ClassifiedTables]
    freedom: float

    def range(
        self, score: Score, *, confidence: float, looks: int, unit: Unit = "probability", proportion: bool = True
    ) -> Estimate:
        """Range of E[score of (answer, label)] over all joints that agree with the samples.

        Each end is a linear program, with the bias-corrected bootstrap. looks: intervals from which one is picked.
        """

        def end(sign: float, tables: tuple[ClassifiedTables, ClassifiedTables]) -> Replicated:
            at, drawn = (self._least(score, t, sign) for t in tables)
            return fixed_end(
                self.cells.rows,
                self.cells.cols,
                at[0],
                *tables,
                sign=sign,
                freedom=self.freedom,
                drawn_cost=drawn,
                proportion=proportion,
            )

        low, high = end(1.0, self.half), end(-1.0, self.plain)
        return estimate(low, high, confidence=confidence, unit=unit, looks=looks)

    def one_against_rest(self, answer: int, label: int) -> "Judged":
        """The same with two answers (1 is `answer`) and two labels (1 is `label`).

        Far fewer unknowns; the ranges are valid, and no narrower than with all labels told apart.
        """
        cells, n2 = self.cells, self.cells.shape[1]
        merged = np.where(cells.answers == cells.answer_count, 2, cells.answers == answer)
        kept, position = np.unique((cells.rows * n2 + cells.cols) * 3 + merged, return_inverse=True)
        joined = replace(
            cells,
            rows=kept // 3 // n2,
            cols=kept // 3 % n2,
            answers=kept % 3,
            answer_count=2,
            shape=(*cells.shape[:2], 2),
        )
        sums = np.eye(len(kept))[position]  # (C, C')
        plain, half = (
            (_one_label(at, label, at.mass @ sums), _one_label(drawn, label, drawn.mass @ sums))
            for at, drawn in (self.plain, self.half)
        )
        return Judged(cells=joined, plain=plain, half=half, freedom=self.freedom)

    def _least(self, score: Score, tables: ClassifiedTables, sign: float) -> Array:
        """sign * score (B,C,K) of each cell and label; the least possible where nothing is known of the answer."""
        count = self.cells.answer_count
        said = np.eye(count + 1)[self.cells.answers][:, :count]  # (C, L)
        values = sign * score(tables.tables.p1y.sum(1), tables.mass @ said)
        values = np.broadcast_to(values, (len(tables.mass), count, self.cells.shape[2]))
        return np.concatenate([values, values.min(axis=1, keepdims=True)], axis=1)[:, self.cells.answers]


def _one_label(tables: ClassifiedTables, label: int, mass: Array) -> ClassifiedTables:
    t = tables.tables
    p1y, p2y = (np.stack([p.sum(2) - p[:, :, label], p[:, :, label]], axis=2) for p in (t.p1y, t.p2y))
    return ClassifiedTables(tables=replace(t, p1y=np.maximum(p1y, 0), p2y=np.maximum(p2y, 0)), mass=mass)


def judge(
    prepared: Prepared, names: Names, answers: Ints, answer_count: int, *, replicates: int, stream: np.random.Generator
) -> Judged:
    """Answers (m,) on the pairs, symbols 0..answer_count-1, beside the codes of two modalities."""
    counts = count_pair(prepared.coded, names, prepared.weights)
    cells = classify_pairs(counts.pairs, answers, answer_count, counts.shape)
    sets = (cells.set, counts.first, counts.second)
    sample, drawn = [s.count()[None] for s in sets], replicate_counts(sets, replicates, stream)
    plain, half = (
        (consistent_tables(sample, cells, added=added), consistent_tables(drawn, cells, added=added))
        for added in (0.0, 0.5)
    )
    return Judged(cells=cells, plain=plain, half=half, freedom=freedom(sets))


def combinations(prepared: Prepared) -> Seeds:
    """Every two modalities, each with a seed of its own; call it once."""
    found = list(itertools.combinations(prepared.coded.samples.names, 2))
    return list(zip(found, prepared.stream.spawn(len(found)), strict=True))


def width(estimate: Estimate) -> float:
    """Of the confidence interval."""
    return estimate.ci[1] - estimate.ci[0]


def fixed(worth: Array) -> Score:
    """What each answer (L, rows) is worth for each label (K, columns)."""
    return lambda labels, answers: worth


def right(classes: int) -> Score:
    """1 where the answer is the label: accuracy."""
    return fixed(np.eye(classes))


def balanced(classes: int) -> Score:
    """The mean of the classes' recalls."""
    return lambda labels, answers: np.eye(classes) * _reciprocal(labels)[:, None, :] / classes


def both(labels: Array, answers: Array) -> Array:
    """Of one against the rest: share of pairs with this answer and this label."""
    return np.diag([0.0, 1.0])


def recall(labels: Array, answers: Array) -> Array:
    """Of one against the rest: how often rows with this label get this answer."""
    return np.diag([0.0, 1.0]) * _reciprocal(labels[:, 1])[:, None, None]


def precision(labels: Array, answers: Array) -> Array:
    """Of one against the rest: how often rows with this answer have this label."""
    return np.diag([0.0, 1.0]) * _reciprocal(answers[:, 1])[:, None, None]


def _reciprocal(shares: Array) -> Array:
    return np.divide(1.0, shares, out=np.zeros_like(shares), where=shares > 0)
