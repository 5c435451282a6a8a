"""The best classifier's accuracy from samples, and its gain over the better single modality."""

from dataclasses import replace

import numpy as np

from interplay.bounds.accuracy import highest_accuracy_given_entropy
from interplay.estimation.ceilings import decisions_ceiling
from interplay.estimation.confidence import KINK, Replicated, estimate
from interplay.estimation.drawn import Draws
from interplay.estimation.highest import ACCURACY, highest, is_sharp
from interplay.estimation.proofs import UPPER_GAP
from interplay.estimation.solved import Solved, envelope
from interplay.information import Array
from interplay.results import Estimate
from interplay.solvers.accuracy import highest_accuracy
from interplay.solvers.cell_limits import Room, information_ceiling_many
from interplay.solvers.decisions_ceiling import decisions_ceiling_many


def best_accuracy_estimates(
    draws: Draws,
    *,
    confidence: float,
    looks: int,
    search: bool = True,
    unseen: tuple[float, float] = (0.0, 0.0),
) -> tuple[Estimate, Estimate]:
    """Range of the best classifier's accuracy, and range of its gain over the better single modality.

    search: for the sharp high end, where the joint is small enough (`Solved.branchings`), and for its sampling error
    where `highest.is_sharp`; without, it is a ceiling (`estimation.ceilings`, Fano's). unseen: variance of each
    modality's accuracy that the tables do not show.
    """
    point, batch, plain, free = draws.half.point, draws.half.batch, draws.plain, draws.freedom
    duals = {"lam": point.lowest.lam[0], "mu": point.lowest.mu[0]}
    fixed = envelope(*batch.cells, batch.tables, cost=None, **duals)
    value = float(point.lowest.value[0])
    low = Replicated(
        value=value,
        replicates=batch.lowest.value,
        envelope=fixed,
        factor=KINK,
        proportion=True,
        freedom=free,
        unseen=max(unseen),
    )
    better_unseen = unseen[0 if _first_is_better(point) else 1]
    top, t = None, plain.point.tables
    loose = decisions_ceiling_many(t.p12, t.p1y, t.p2y, _right(t.p1y[0, 0]))[0], _fano(plain.point)[0]
    shown, gap = (float(plain.point.lowest.value[0]), float(min(*loose, 1.0))), {}
    if search and plain.point.searchable:
        sharp = highest_accuracy(
            t.p12[0], t.p1y[0], t.p2y[0], steps=plain.point.branchings, relaxed=not is_sharp(draws)
        )
        shown = shown[0], min(sharp.bound, shown[1])
        gap = {UPPER_GAP: max(shown[1] - sharp.attained, 0.0)}
        if is_sharp(draws):
            top = highest(draws, ACCURACY, sharp.joint, shown[1])
    top = top or decisions_ceiling(draws, _right, _fano)
    high = Replicated(
        value=top.value,
        replicates=top.replicates,
        envelope=top.fixed,
        factor=top.factor,
        proportion=True,
        freedom=free,
        unseen=better_unseen,
    )
    accuracy = estimate(low, high, confidence=confidence, unit="probability", looks=looks, shown=shown)
    accuracy = replace(accuracy, details={**accuracy.details, **gap})
    gain_low = Replicated(
        value=value - float(best_single(point)[0]),
        replicates=low.replicates - best_single(batch),
        envelope=fixed - _fixed_single(point, batch),
        freedom=free,
    )
    single = float(best_single(plain.point)[0])
    alone = float(best_single(point)[0]), best_single(batch)
    excess = top.less(*alone)
    gain_high = Replicated(
        value=excess.value,
        replicates=excess.replicates,
        envelope=excess.fixed,
        factor=excess.factor,
        optimism=top.optimism(*alone),
        floor=0.0,
        freedom=free,
        unseen=better_unseen,
    )
    gain = estimate(
        gain_low,
        gain_high,
        confidence=confidence,
        unit="probability",
        looks=looks,
        shown=(shown[0] - single, shown[1] - single),
    )
    return accuracy, gain


def best_single(s: Solved) -> Array:
    """Accuracy (B,) of the better single modality's best rule on codes."""
    return np.maximum(s.tables.p1y.max(2).sum(1), s.tables.p2y.max(2).sum(1))


def _first_is_better(point: Solved) -> bool:
    """Whether the first modality's best rule is right at least as often as the second's, on the sample."""
    return bool(point.tables.p1y[0].max(1).sum() >= point.tables.p2y[0].max(1).sum())


def _fixed_single(point: Solved, batch: Solved) -> Array:
    """The sample's best single-modality rule, on each replicate: linear in the margins."""
    first = _first_is_better(point)
    at, drawn = (point.tables.p1y, batch.tables.p1y) if first else (point.tables.p2y, batch.tables.p2y)
    best = at[0].argmax(1)
    return drawn[:, np.arange(len(best)), best].sum(1)


def _right(shares: Array) -> Array:
    """Worth (K,K) of answers: accuracy."""
    return np.eye(len(shares))


def _fano(s: Solved, room: Room | None = None) -> Array:
    """Upper bound (B,) on any classifier's accuracy, at the largest information that cells' limits allow."""
    t = s.tables
    told = information_ceiling_many(t.p12, t.p1y, t.p2y, room)
    return np.array([highest_accuracy_given_entropy(float(h), t.p1y.shape[2]) for h in s.label - told])
