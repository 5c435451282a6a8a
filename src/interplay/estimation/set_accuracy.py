"""The best classifier on a set of modalities, from samples: its range, its growth over a smaller set, its likeliest."""

from dataclasses import dataclass, replace

import numpy as np

from interplay.bounds.accuracy import highest_accuracy_given_entropy
from interplay.estimation.confidence import KINK, Replicated, estimate
from interplay.estimation.many import Ints, ManyCounts, ManyTables, draw_many, largest_entropy
from interplay.information import Array, entropy
from interplay.results import Estimate
from interplay.solvers.accuracy import cell_minimum_many
from interplay.solvers.cell_program import (
    fixed_low_end,
    largest_best_accuracy,
    nothing_known,
    smallest_best_accuracy,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class SetAccuracy:
    """accuracy: range of the best classifier on all modalities. gain: over what all but the last one guarantee.
    likely: its accuracy at maximum entropy, corrected for bias; likely_gain: over that of all but the last one."""

    accuracy: Estimate
    gain: Estimate
    likely: float
    likely_gain: float


def set_accuracy(
    counts: ManyCounts, *, confidence: float, looks: int, replicates: int, rng: np.random.Generator
) -> SetAccuracy:
    """Answers about a set of one or more modalities; the last one is what is added to the others.

    With a single modality both ends are the accuracy of its best rule on codes, and the gain is that over
    answering the most frequent class.
    """
    draws = draw_many(counts, replicates, rng)
    plain = draws.plain[0]
    free, unseen = draws.freedom, max(counts.unseen, default=0.0)
    low, base_low = (replace(end, freedom=free, unseen=unseen) for end in _low_ends(counts, *draws.shrunk))
    high = Replicated(
        value=_ceiling(counts, plain)[0],
        replicates=_ceiling(counts, draws.plain[1]),
        proportion=True,
        freedom=free,
        unseen=unseen,
    )
    shown = _smallest(counts.codes, plain, 0), min(_largest(counts.codes, plain), high.value)
    base = _base(counts, plain)
    gain_low = Replicated(
        value=low.value - base_low.value,
        replicates=low.replicates - base_low.replicates,
        envelope=_difference(low.envelope, base_low.envelope),
        factor=KINK if len(counts.names) > 2 else 1.0,
        freedom=free,
    )
    gain_high = Replicated(
        value=high.value - base, replicates=high.replicates - base_low.replicates, freedom=free, unseen=unseen
    )
    (likely, fewer), (likely_again, fewer_again) = (_likely(counts, t) for t in draws.plain)
    return SetAccuracy(
        accuracy=estimate(low, high, confidence=confidence, unit="probability", looks=looks, shown=shown),
        gain=estimate(
            gain_low,
            gain_high,
            confidence=confidence,
            unit="probability",
            looks=looks,
            shown=(shown[0] - base, shown[1] - base),
        ),
        likely=_corrected(float(likely[0]), likely_again),
        likely_gain=_corrected(float(likely[0] - fewer[0]), likely_again - fewer_again),
    )


def _low_ends(counts: ManyCounts, point: ManyTables, batch: ManyTables) -> tuple[Replicated, Replicated]:
    """Guaranteed accuracy of the whole set, and of all but its last modality."""
    whole = _replicated_low(counts.codes, point, batch)
    if len(counts.names) == 1:
        label = [t.margins[0].sum(1).max(1) for t in (point, batch)]
        return whole, Replicated(value=float(label[0][0]), replicates=label[1], proportion=True)
    return whole, _replicated_low(*_without_last(counts, point, batch))


def _without_last(counts: ManyCounts, *tables: ManyTables) -> tuple[Ints, ManyTables, ManyTables]:
    """The cells of all modalities but the last, with the mass that falls on them."""
    codes, position = np.unique(counts.codes[:, :-1], axis=0, return_inverse=True)
    member = np.eye(len(codes))[position.ravel()]
    point, batch = (_merged(t, member, codes.shape[1]) for t in tables)
    return codes, point, batch


def _merged(t: ManyTables, member: Array, modalities: int) -> ManyTables:
    joint = np.einsum("bck,cd->bdk", t.joint, member)
    return ManyTables(mass=t.mass @ member, margins=t.margins[:modalities], joint=joint)


def _replicated_low(codes: Ints, point: ManyTables, batch: ManyTables) -> Replicated:
    none = nothing_known(len(codes), point.margins[0].shape[2])
    if len(point.margins) == 1:  # one labelled modality is identified, and another may tell nothing
        alone = [t.margins[0].max(2).sum(1) for t in (point, batch)]
        return Replicated(value=float(alone[0][0]), replicates=alone[1], factor=KINK, proportion=True)
    best = smallest_best_accuracy(codes, point.mass[0], [m[0] for m in point.margins], none)
    count = len(batch.mass)
    if codes.shape[1] == 2:  # two modalities: all replicates at once
        again = cell_minimum_many(codes[:, 0], codes[:, 1], batch.mass, *batch.margins, cost=None).value
    else:
        again = np.array([_smallest(codes, batch, b) for b in range(count)])
    return Replicated(
        value=best.value,
        replicates=again,
        envelope=np.array(
            [
                fixed_low_end(codes, batch.mass[b], [m[b] for m in batch.margins], none, best.multipliers)
                for b in range(count)
            ]
        ),
        factor=KINK,
        proportion=True,
    )


def _smallest(codes: Ints, tables: ManyTables, at: int) -> float:
    margins = [m[at] for m in tables.margins]
    if len(margins) == 1:  # one labelled modality is identified, and another may tell nothing
        return float(margins[0].max(1).sum())
    none = nothing_known(len(codes), margins[0].shape[1])
    return smallest_best_accuracy(codes, tables.mass[at], margins, none).value


def _largest(codes: Ints, tables: ManyTables) -> float:
    margins = [m[0] for m in tables.margins]
    if codes.shape[1] == 1:
        return float(margins[0].max(1).sum())
    none = nothing_known(len(codes), margins[0].shape[1])
    return largest_best_accuracy(codes, tables.mass[0], margins, none).value


def _base(counts: ManyCounts, plain: ManyTables) -> float:
    if len(counts.names) == 1:
        return float(plain.margins[0][0].sum(0).max())
    codes, tables, _ = _without_last(counts, plain, plain)
    return _smallest(codes, tables, 0)


def _ceiling(counts: ManyCounts, tables: ManyTables) -> Array:
    """Upper bound (B,): no cell holds more of a class than its mass and the tables allow; Fano at what the
    modalities' own information and the entropy of the others allow."""
    if len(counts.names) == 1:
        return np.asarray(tables.margins[0].max(2).sum(1))
    allowed = np.repeat(tables.mass[:, :, None], counts.classes, axis=2)
    for i, margin in enumerate(tables.margins):
        allowed = np.minimum(allowed, margin[:, counts.codes[:, i]])
    label = entropy(tables.margins[0].sum(1), batch=1)
    cells = entropy(tables.mass, batch=1)
    # H(Y|all) >= H(Y|X_i) - H(all|X_i)
    left = [
        entropy(m, batch=1) - entropy(m.sum(2), batch=1) - (cells - entropy(m.sum(2), batch=1)) for m in tables.margins
    ]
    unknown = np.clip(np.max(left, axis=0), 0.0, label)
    fano = [highest_accuracy_given_entropy(float(h), counts.classes) for h in unknown]
    return np.minimum(np.minimum(allowed.max(2).sum(1), fano), 1.0)


def _likely(counts: ManyCounts, tables: ManyTables) -> tuple[Array, Array]:
    """Accuracy (B,) at maximum entropy of the whole set and of all but its last modality."""
    if len(counts.names) == 1:
        table = tables.margins[0]
        return table.max(2).sum(1), table.sum(1).max(1)
    whole = largest_entropy(counts.codes, tables).max(2).sum(1)
    codes, fewer, _ = _without_last(counts, tables, tables)
    if codes.shape[1] == 1:
        return whole, fewer.margins[0].max(2).sum(1)
    return whole, largest_entropy(codes, fewer).max(2).sum(1)


def _corrected(value: float, again: Array) -> float:
    """A plug-in value less what chance adds to it: two modalities that nearly copy each other seem to disagree
    where their labelled samples do, and the bootstrap sees a part of that bias."""
    return value - KINK * max(float(again.mean()) - value, 0.0)


def _difference(a: Array | None, b: Array | None) -> Array | None:
    return None if a is None or b is None else a - b
