"""The best classifier's accuracy when some pairs have labels: cells with enough of them leave the unknown."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.confidence import KINK, Replicated, estimate
from interplay.estimation.labelled_cells import LabelledCells
from interplay.estimation.many import ManyCounts, ManyDraws, ManyTables, PairLabels, draw_many
from interplay.information import Array
from interplay.results import Estimate
from interplay.solvers.cell_program import Known, largest_best_accuracy, smallest_best_accuracy

Ints = NDArray[np.intp]
LARGE = 2000  # variables of a program beyond which few replicates are solved
FEW = 16
Hits = tuple[Array, Array]  # how often the answers of known cells are right: in the sample (1,C), in replicates (B,C)


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelledDraws:
    """Likeliest tables given all samples and the labels. shown (C,): hits in the sample's own; hits: in the shrunk
    ones, for lower limits."""

    tables: ManyDraws
    shown: Array
    hits: Hits


def draw_with_labels(counts: ManyCounts, cells: LabelledCells, priors: Array, seed: int) -> LabelledDraws:
    """Tables and hits of the sample and of its replicates; priors (B,C,K): of the replicates, at maximum entropy.

    Each half of the labels judges, together with all samples, the answers that the other half chose: what the samples
    say of a code's labels need not be learned again from the few labels of its cells.
    """
    shares = cells.shares[:, None], cells.drawn(len(priors), seed)
    answers = cells.answers(shares[0], cells.prior[None]), cells.answers(shares[1], priors)

    def likeliest(sizes: Array) -> ManyDraws:
        labels = _labels(counts, sizes, shares)
        return draw_many(counts, len(priors), np.random.default_rng(seed), labels)

    tables = likeliest(cells.sizes)
    judges = [likeliest(cells.sizes * side[:, None]) for side in np.eye(2)] if cells.count.any() else [tables] * 2
    part = cells.sizes / np.maximum(cells.count, 1)

    def hits(two: Sequence[ManyTables], said: Ints) -> Array:
        return np.asarray(part[0] * _right(two[0], said[0]) + part[1] * _right(two[1], said[1]))

    sample, drawn = (hits([j.shrunk[at] for j in judges], answers[at]) for at in (0, 1))
    return LabelledDraws(tables=tables, shown=hits([j.plain[0] for j in judges], answers[0])[0], hits=(sample, drawn))


def _labels(counts: ManyCounts, sizes: Array, shares: tuple[Array, Array]) -> PairLabels:
    """So many labels (2,C) of each half, with class shares (2,1,C,K) in the sample and (2,B,C,K) in replicates."""
    rows = np.maximum(np.bincount(counts.pairs.cells, minlength=counts.pairs.cell_count), 1)
    total = sizes.sum(0)
    weights = np.where(total > 0, sizes / np.maximum(total, 1), 0.5)
    mixed = [np.maximum(np.einsum("hc,hbck->bck", weights, s), 0.0) for s in shares]
    sample, drawn = (m / m.sum(2, keepdims=True) for m in mixed)
    return PairLabels(part=total / rows, shares=(sample, drawn))


def _right(judge: ManyTables, answers: Ints) -> Array:
    """How often the answers (B,C) are right, (B,C); 0 in cells without mass."""
    hits = np.take_along_axis(judge.joint, answers[:, :, None], axis=2)[:, :, 0]
    return np.divide(hits, judge.mass, out=np.zeros_like(hits), where=judge.mass > 0)


def accuracy_with_labels(
    counts: ManyCounts, cells: LabelledCells, draws: LabelledDraws, *, confidence: float, looks: int
) -> tuple[Estimate, Estimate]:
    """Range of the best classifier's accuracy and of its gain over the best single modality.

    Low end: in known cells the classifier answers what half of the labels say, and is right as often as the other half
    and all samples say; in the others as badly as the tables and the known cells' likeliest shares allow. High end: in
    known cells the best answer to their likeliest shares, which a sample makes look better than it is; in the others,
    relaxed, the best that is possible, so that no classifier which labels have yet to teach is left out. looks: times
    that the answer is asked for, of which each may be the one acted on (Bonferroni).
    """
    tables = draws.tables
    low, gain_low = _replicated(counts, cells, tables.shrunk, draws.hits, lowest=True)
    high, gain_high = _replicated(counts, cells, tables.plain, _best(tables.plain), lowest=False)
    least = _end(counts, cells, tables.plain[0], 0, draws.shown, lowest=True)
    shown = min(least, high.value), high.value
    single = best_single(tables.plain[0], 0)
    accuracy, gain = (
        estimate(a, b, confidence=confidence, unit="probability", looks=looks, shown=(shown[0] - s, shown[1] - s))
        for a, b, s in ((low, high, 0.0), (gain_low, gain_high, single))
    )
    return accuracy, gain


def _best(tables: tuple[ManyTables, ManyTables]) -> Hits:
    """How often the best answers are right."""
    sample, drawn = (_right(t, t.joint.argmax(2)) for t in tables)
    return sample, drawn


def best_single(tables: ManyTables, at: int) -> float:
    """Accuracy of the best single modality's best rule on codes."""
    return max(float(m[at].max(1).sum()) for m in tables.margins)


def _replicated(
    counts: ManyCounts, cells: LabelledCells, tables: tuple[ManyTables, ManyTables], hits: Hits, *, lowest: bool
) -> tuple[Replicated, Replicated]:
    """One end of the accuracy and of the gain."""
    point, batch = tables
    number = len(batch.mass) if (~cells.known).sum() * counts.classes <= LARGE else min(FEW, len(batch.mass))
    value = _end(counts, cells, point, 0, hits[0][0], lowest=lowest)
    drawn = np.array([_end(counts, cells, batch, b, hits[1][b], lowest=lowest) for b in range(number)])
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
