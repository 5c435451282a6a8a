"""The best classifier's accuracy when some pairs have labels: cells with enough of them leave the unknown."""

import numpy as np

from interplay.estimation.confidence import KINK, Replicated, estimate
from interplay.estimation.labelled_draws import Hits, LabelledDraws, right
from interplay.estimation.many import ManyTables
from interplay.information import Array
from interplay.results import Estimate
from interplay.solvers.cell_program import Known, largest_best_accuracy, smallest_best_accuracy

LARGE = 2000  # variables of a program beyond which few replicates are solved
FEW = 16


def accuracy_with_labels(draws: LabelledDraws, *, confidence: float, looks: int) -> tuple[Estimate, Estimate]:
    """Range of the best classifier's accuracy and of its gain over the best single modality.

    Low end: in known cells the classifier answers what half of the labels say, and is right as often as the other half
    and all samples say; in the others as badly as the tables and the known cells' likeliest shares allow. High end: in
    known cells the best answer to their likeliest shares, which a sample makes look better than it is; in the others,
    relaxed, the best that is possible, so that no classifier which labels have yet to teach is left out. looks: times
    that the answer is asked for, of which each may be the one acted on (Bonferroni).
    """
    tables = draws.tables
    low, gain_low = _replicated(draws, tables.shrunk, draws.hits, lowest=True)
    high, gain_high = _replicated(draws, tables.plain, _best(tables.plain), lowest=False)
    least = _end(draws, tables.plain[0], 0, draws.shown, lowest=True)
    shown = min(least, high.value), high.value
    single = best_single(tables.plain[0], 0)
    accuracy, gain = (
        estimate(a, b, confidence=confidence, unit="probability", looks=looks, shown=(shown[0] - s, shown[1] - s))
        for a, b, s in ((low, high, 0.0), (gain_low, gain_high, single))
    )
    return accuracy, gain


def _best(tables: tuple[ManyTables, ManyTables]) -> Hits:
    """How often the best answers are right."""
    sample, drawn = (right(t, t.joint.argmax(2)) for t in tables)
    return sample, drawn


def best_single(tables: ManyTables, at: int) -> float:
    """Accuracy of the best single modality's best rule on codes."""
    return max(float(m[at].max(1).sum()) for m in tables.margins)


def _replicated(
    draws: LabelledDraws, tables: tuple[ManyTables, ManyTables], hits: Hits, *, lowest: bool
) -> tuple[Replicated, Replicated]:
    """One end of the accuracy and of the gain."""
    (point, batch), counts = tables, draws.counts
    number = len(batch.mass) if (~draws.cells.known).sum() * counts.classes <= LARGE else min(FEW, len(batch.mass))
    value = _end(draws, point, 0, hits[0][0], lowest=lowest)
    drawn = np.array([_end(draws, batch, b, hits[1][b], lowest=lowest) for b in range(number)])
    if lowest:
        drawn += _unlearned(draws, tables, hits, number)
    single = best_single(point, 0), np.array([best_single(batch, b) for b in range(number)])
    left = float(point.mass[0][~draws.cells.known].sum())  # known cells lean on their own labels
    free, unseen = draws.tables.freedom, left**2 * max(counts.unseen, default=0.0)
    factor = KINK if lowest else 1.0
    return (
        Replicated(value=value, replicates=drawn, factor=factor, proportion=True, freedom=free, unseen=unseen),
        Replicated(
            value=value - single[0],
            replicates=drawn - single[1],
            factor=1.0,
            freedom=free,
            unseen=0.0 if lowest else unseen,
        ),
    )


def _unlearned(draws: LabelledDraws, tables: tuple[ManyTables, ManyTables], hits: Hits, number: int) -> float:
    """By how much less so many replicates learn in known cells, because they draw labels from labels: what one half of
    the labels teaches is not judged by itself, so this is not taken from it."""
    known = draws.cells.known
    once, again = ((t.mass * h)[:number, known].sum(1).mean() for t, h in zip(tables, hits, strict=True))
    return max(float(once - again), 0.0)


def _end(draws: LabelledDraws, tables: ManyTables, at: int, hits: Array, *, lowest: bool) -> float:
    """The end on one sample; hits (C,) judge the known cells, their likeliest shares bind the others."""
    cells, mass, joint = draws.cells, tables.mass[at], tables.joint[at]
    known = Known(
        which=cells.known,
        shares=np.divide(joint, mass[:, None], out=cells.prior.copy(), where=mass[:, None] > 0),
        hits=hits,
    )
    end = smallest_best_accuracy if lowest else largest_best_accuracy
    return end(draws.counts.codes, mass, [m[at] for m in tables.margins], known).value
